//! Owns how one [`Listing`] looks on a terminal: widths, wrapping, alignment, colour. comfy-table draws; the widths and the line breaks
//! are ours, because Chinese breaks anywhere but before a closing mark, and numbers must never break.
//!
//! Decision worth knowing: no vertical lines and one rule under the titles. Box drawing characters are two columns wide on a Chinese
//! Windows console, so the fewer the better, and `--ascii` draws none. Columns without any value are left out. A table that would be
//! wider than the terminal first loses the columns that its listing marks for that, and names them under it; then it is wrapped; where
//! that leaves some column less than three Chinese characters, each row becomes a block of “列名：值” lines.

use comfy_table::{Attribute, CellAlignment, Color, ContentLineStyle, LineStyle, Table, TableStyle};
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::ui::Terminal;
use crate::domain::listing::{Cell, Listing, Narrow};

/// Columns between two columns of a table.
const GAP: usize = 2;
/// A wrapped column narrower than this is unreadable.
const NARROWEST: usize = 6;
/// A title up to this width is not wrapped to save room: 作品编号.
const SHORT_TITLE: usize = 8;
/// Decimals that a screen shows of a number without fixed decimals; a longer one ends in “…”.
const SHOWN_DECIMALS: usize = 4;
/// The widest column where the terminal sets no limit; comfy-table counts in `u16`.
const WIDEST: usize = 2000;

/// Renders a listing with its title and notes; ends in a line break.
#[must_use]
pub fn render(listing: &Listing, timezone: &TimeZone, terminal: &Terminal) -> String {
    let coloured = terminal.stdout && terminal.colour;
    let mut text = String::new();
    if !listing.title.is_empty() {
        let title = clean(&listing.title);
        let (bold, plain) = if coloured { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        text.extend([bold, &title, plain, "\n"]);
    }
    if listing.rows.is_empty() {
        text.push_str(&clean(&listing.when_empty));
        text.push('\n');
    } else {
        let grid = Grid::of(listing, timezone);
        let (narrowed, omitted) = grid.narrowed(terminal.width);
        let widths = terminal.width.map_or_else(|| Some(narrowed.natural_widths()), |width| narrowed.fit(width));
        if let Some(widths) = widths {
            text.push_str(&narrowed.draw(&widths, terminal, coloured));
            if !omitted.is_empty() {
                text.extend(["（未列：", &omitted.join("、"), "；加宽窗口或用 --format csv 可见）\n"]);
            }
        } else {
            text.push_str(&grid.blocks(terminal.width.unwrap_or(WIDEST)));
            text.push_str(if listing.notes.is_empty() { "" } else { "\n" });
        }
    }
    for note in &listing.notes {
        text.push_str(&clean(note));
        text.push('\n');
    }
    text
}

/// `title：text` with a line break at the end; later lines are indented under the text where there is room.
#[must_use]
pub fn labelled(title: &str, text: &str, width: Option<usize>) -> String {
    let title = format!("{}：", clean(title));
    let lead = title.width();
    let (indent, room) = match width {
        None => (lead, usize::MAX),
        Some(width) if width >= lead + 2 * NARROWEST => (lead, width - lead),
        Some(width) => {
            let lines = wrap(&format!("{title}{text}"), width.max(2));
            return lines.join("\n") + "\n";
        }
    };
    let lines = wrap(text, room);
    format!("{title}{}\n", lines.join(&format!("\n{}", " ".repeat(indent))))
}

/// A text fit for a terminal: what would move the cursor, change colours or reverse the order of reading is taken out.
#[must_use]
pub fn clean(text: &str) -> String {
    let harmless = |character: char| {
        !character.is_control() && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().all(harmless) {
        return text.to_owned();
    }
    let text = text.replace("\r\n", "\n");
    text.chars()
        .filter_map(|character| match character {
            '\n' | '\r' => Some('\n'),
            '\t' => Some(' '),
            _ if harmless(character) => Some(character),
            _ if character.is_control() => Some('\u{fffd}'),
            _ => None,
        })
        .collect()
}

/// What people see of a listing, as clean texts; columns without any value are not in it.
#[derive(Default)]
struct Grid {
    titles: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Colours of the cells that carry a severity: row, column, colour.
    colours: Vec<(usize, usize, Color)>,
    /// Columns of numbers: right-aligned and never wrapped.
    numeric: Vec<bool>,
    /// The widest line of each column's cells, without its title.
    content: Vec<usize>,
    /// What becomes of each column where there is no room.
    narrow: Vec<Narrow>,
    /// The heading that each row stands under; empty where headings are a column.
    headings: Vec<String>,
}

impl Grid {
    fn of(listing: &Listing, timezone: &TimeZone) -> Self {
        let filled = |index: usize| listing.rows.iter().any(|row| row.get(index).is_some_and(|cell| !is_blank(cell)));
        let shown: Vec<_> = listing.people_columns().filter(|(index, _)| filled(*index)).collect();
        let columns: Vec<usize> = shown.iter().map(|(index, _)| *index).collect();
        let titles: Vec<String> = shown.iter().map(|(_, column)| clean(&column.title)).collect();
        let narrow = shown.iter().map(|(_, column)| column.narrow).collect();
        let mut numeric = vec![None; columns.len()];
        let mut content = vec![0; columns.len()];
        let mut colours = Vec::new();
        let mut rows = Vec::with_capacity(listing.rows.len());
        for (place, row) in listing.rows.iter().enumerate() {
            let mut texts = Vec::with_capacity(columns.len());
            for (column, (&index, (numeric, content))) in columns.iter().zip(numeric.iter_mut().zip(&mut content)).enumerate() {
                let cell = row.get(index).unwrap_or(&Cell::Empty);
                let text = clean(&short(cell, timezone));
                *content = text.split('\n').map(str::width).max().unwrap_or(0).max(*content);
                if *cell != Cell::Empty {
                    *numeric = Some(numeric.unwrap_or(true) && cell.is_number());
                }
                if let Some(colour) = colour_of(cell) {
                    colours.push((place, column, colour));
                }
                texts.push(text);
            }
            rows.push(texts);
        }
        let numeric = numeric.into_iter().map(|numeric: Option<bool>| numeric.unwrap_or(false)).collect();
        Self { titles, rows, colours, numeric, content, narrow, headings: Vec::new() }
    }

    /// The grid with headings and without minor columns, as far as it needs to be to fit into `width`; and the titles left out.
    fn narrowed(&self, width: Option<usize>) -> (Self, Vec<&str>) {
        let natural = self.natural_widths();
        let mut kept: Vec<usize> = (0..natural.len()).collect();
        let mut headings = Vec::new();
        let mut omitted = Vec::new();
        let fits = |kept: &[usize]| {
            let wanted: usize = kept.iter().filter_map(|column| natural.get(*column)).sum();
            width.is_none_or(|width| wanted + GAP * kept.len().saturating_sub(1) <= width)
        };
        let is = |column: usize, what: Narrow| self.narrow.get(column) == Some(&what);
        if !fits(&kept)
            && let Some(heading) = kept.iter().position(|column| is(*column, Narrow::Heading)).filter(|_| kept.len() > 1)
        {
            let heading = kept.remove(heading);
            headings = self.rows.iter().map(|row| row.get(heading).cloned().unwrap_or_default()).collect();
        }
        while !fits(&kept)
            && let Some(minor) = kept.iter().rposition(|column| is(*column, Narrow::Omit))
        {
            omitted.extend(self.titles.get(kept.remove(minor)).map(String::as_str));
        }
        omitted.reverse();
        let pick = |texts: &Vec<String>| kept.iter().filter_map(|column| texts.get(*column).cloned()).collect();
        let place = |column: usize| kept.iter().position(|kept| *kept == column);
        let grid = Self {
            titles: pick(&self.titles),
            rows: self.rows.iter().map(pick).collect(),
            colours: self.colours.iter().filter_map(|&(row, column, colour)| Some((row, place(column)?, colour))).collect(),
            numeric: kept.iter().filter_map(|column| self.numeric.get(*column).copied()).collect(),
            content: kept.iter().filter_map(|column| self.content.get(*column).copied()).collect(),
            narrow: kept.iter().filter_map(|column| self.narrow.get(*column).copied()).collect(),
            headings,
        };
        (grid, omitted)
    }

    fn natural_widths(&self) -> Vec<usize> {
        self.titles.iter().zip(&self.content).map(|(title, content)| title.width().max(*content).clamp(1, WIDEST)).collect()
    }

    /// Widths that fit into `width`, or nothing where some column would become unreadable.
    fn fit(&self, width: usize) -> Option<Vec<usize>> {
        let available = width.checked_sub(GAP * self.titles.len().saturating_sub(1))?;
        let natural = self.natural_widths();
        if natural.iter().sum::<usize>() <= available {
            return Some(natural);
        }
        // Long titles over short cells wrap first: “是否可以获奖” over “是” takes eight columns, not twelve.
        let wanted: Vec<usize> = self
            .titles
            .iter()
            .zip(self.content.iter().zip(&natural))
            .map(|(title, (content, natural))| title.width().div_ceil(2).max(SHORT_TITLE).max(*content).min(*natural))
            .collect();
        let rigid: usize = wanted.iter().zip(&self.numeric).filter(|(_, numeric)| **numeric).map(|(width, _)| *width).sum();
        let flexible: Vec<usize> = wanted.iter().zip(&self.numeric).filter(|(_, numeric)| !**numeric).map(|(width, _)| *width).collect();
        let mut shared = share(&flexible, available.checked_sub(rigid)?)?.into_iter();
        Some(
            wanted
                .iter()
                .zip(&self.numeric)
                .map(|(width, numeric)| if *numeric { *width } else { shared.next().unwrap_or(*width) })
                .collect(),
        )
    }

    fn draw(&self, widths: &[usize], terminal: &Terminal, coloured: bool) -> String {
        let rule = if terminal.ascii { '-' } else { '─' };
        let style = TableStyle::new()
            .header_lines(ContentLineStyle::none())
            .header_separator(LineStyle::none().fill(rule))
            .content_lines(ContentLineStyle::none());
        let mut table = Table::new();
        table.load_style(style);
        if coloured {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(self.titles.iter().zip(widths).map(|(title, width)| {
            let cell = comfy_table::Cell::new_owned(wrap(title, *width).join("\n"));
            if coloured { cell.add_attribute(Attribute::Bold) } else { cell }
        }));
        let mut colours = self.colours.iter().peekable();
        for (place, row) in self.rows.iter().enumerate() {
            table.add_row(row.iter().zip(widths).enumerate().map(|(column, (text, width))| {
                let cell = comfy_table::Cell::new_owned(wrap(text, *width).join("\n"));
                match colours.next_if(|(at, of, _)| (*at, *of) == (place, column)) {
                    Some((_, _, colour)) if coloured => cell.fg(*colour),
                    Some(_) | None => cell,
                }
            }));
        }
        let last = widths.len().saturating_sub(1);
        for (column, numeric) in self.numeric.iter().enumerate() {
            if let Some(drawn) = table.column_mut(column) {
                drawn.set_padding((0, if column == last { 0 } else { 2 }));
                if *numeric {
                    drawn.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        let mut text = String::new();
        let mut lines = table.lines();
        let mut take = |text: &mut String, count: usize| {
            for line in lines.by_ref().take(count) {
                text.push_str(line.trim_end());
                text.push('\n');
            }
        };
        if self.headings.is_empty() {
            take(&mut text, usize::MAX);
            return text;
        }
        let height = |texts: &[String]| texts.iter().zip(widths).map(|(text, width)| wrap(text, *width).len()).max().unwrap_or(1);
        take(&mut text, height(&self.titles) + 1);
        let (bold, plain) = if coloured { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        let mut above: Option<&String> = None;
        for (row, heading) in self.rows.iter().zip(&self.headings) {
            if above != Some(heading) {
                text.extend([bold, "【", if heading.is_empty() { "其他" } else { heading }, "】", plain, "\n"]);
            }
            above = Some(heading);
            take(&mut text, height(row));
        }
        text
    }

    /// Each row as lines of “列名：值”, with an empty line between rows; empty cells are left out.
    fn blocks(&self, width: usize) -> String {
        let block = |row: &Vec<String>| -> String {
            self.titles
                .iter()
                .zip(row)
                .filter(|(_, text)| !text.is_empty())
                .map(|(title, text)| labelled(title, text, Some(width)))
                .collect()
        };
        self.rows.iter().map(block).collect::<Vec<_>>().join("\n")
    }
}

/// Whether a cell says nothing.
fn is_blank(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) | Cell::Keyed { label: text, .. } => text.is_empty(),
        Cell::List(cells) => cells.is_empty(),
        Cell::Integer(_) | Cell::Points(..) | Cell::Moment(_) | Cell::Flag(_) | Cell::Record(_) => false,
    }
}

/// What a cell says on a screen: numbers that the rules do not round are cut, not rounded, and say so.
fn short(cell: &Cell, timezone: &TimeZone) -> String {
    let mut text = cell.plain(timezone);
    if let Cell::Points(_, None) = cell
        && let Some((whole, fraction)) = text.split_once('.')
        && fraction.len() > SHOWN_DECIMALS
    {
        text.truncate(whole.len() + 1 + SHOWN_DECIMALS);
        text.push('…');
    }
    text
}

fn colour_of(cell: &Cell) -> Option<Color> {
    match cell {
        Cell::Keyed { key, .. } => match key.as_str() {
            "error" => Some(Color::Red),
            "warning" => Some(Color::Yellow),
            "info" => Some(Color::Cyan),
            _ => None,
        },
        Cell::Empty
        | Cell::Text(_)
        | Cell::Integer(_)
        | Cell::Points(..)
        | Cell::Moment(_)
        | Cell::Flag(_)
        | Cell::List(_)
        | Cell::Record(_) => None,
    }
}

/// Shares `available` columns: all get what they want up to one common limit; what is left over goes to the first that want more.
fn share(wanted: &[usize], available: usize) -> Option<Vec<usize>> {
    let taken = |limit: usize| wanted.iter().map(|width| (*width).min(limit)).sum::<usize>();
    let (mut low, mut high) = (0, WIDEST + 1);
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if taken(middle) <= available { low = middle } else { high = middle }
    }
    let limit = low;
    if limit < NARROWEST && wanted.iter().any(|width| *width > limit) {
        return None;
    }
    let mut left = available - taken(limit);
    Some(
        wanted
            .iter()
            .map(|width| {
                let more = usize::from(*width > limit && left > 0);
                left -= more;
                (*width).min(limit) + more
            })
            .collect(),
    )
}

/// Breaks a text into lines of at most `width` columns (one wide character may pass a width of one). Line breaks of the text stay.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        if line.width() <= width {
            lines.push(line.to_owned());
        } else {
            wrap_line(line, width, &mut lines);
        }
    }
    lines
}

fn wrap_line(line: &str, width: usize, lines: &mut Vec<String>) {
    let clusters = clusters(line);
    let mut start = 0;
    while start < clusters.len() {
        let mut taken = 0;
        let mut end = start;
        while let Some(cluster) = clusters.get(end) {
            taken += cluster.width();
            if taken > width && end > start {
                break;
            }
            end += 1;
        }
        let rest = clusters.get(start..).unwrap_or_default();
        let mut cut = end - start;
        if end < clusters.len() {
            let breakable = |at: &usize| matches!(rest.get(at - 1..=*at), Some([before, after]) if may_break(before, after));
            cut = (1..=cut).rev().find(breakable).unwrap_or(cut);
        }
        let (taken, remaining) = rest.split_at(cut);
        lines.push(taken.concat().trim_end().to_owned());
        start += cut + remaining.iter().take_while(|cluster| **cluster == " ").count();
    }
}

/// A text as what a reader sees as characters: a base with its marks, joined emoji, flags.
fn clusters(line: &str) -> Vec<&str> {
    let mut clusters = Vec::with_capacity(line.len() / 2);
    let mut start = 0;
    let mut previous: Option<char> = None;
    let mut flags = 0_usize;
    for (at, character) in line.char_indices() {
        let is_flag = matches!(character, '\u{1f1e6}'..='\u{1f1ff}');
        let joins = character.width().unwrap_or(0) == 0
            || matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
            || previous == Some('\u{200d}')
            || (is_flag && flags % 2 == 1);
        if at > start && !joins {
            clusters.push(line.get(start..at).unwrap_or_default());
            start = at;
        }
        flags = if is_flag { flags + 1 } else { 0 };
        previous = Some(character);
    }
    clusters.push(line.get(start..).unwrap_or_default());
    clusters
}

/// Whether a line may end between two characters: at blanks, and around wide characters except before a closing and after an opening mark.
fn may_break(before: &str, after: &str) -> bool {
    const CLOSING: &str = "，。、；：！？）》」』】〕〉”’…％%,.;:!?)]}·ー—";
    const OPENING: &str = "（《「『【〔〈“‘([{￥$#";
    if before == " " || after == " " {
        return true;
    }
    if CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before.width() > 1 || after.width() > 1 || before == "/"
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
