//! Owns how one [`Listing`] looks on a terminal: which columns are shown, how wide, and where texts break. The texts themselves are in
//! `output::grid`, the lines are drawn by `output::lines`. Widths and line breaks are ours, because Chinese breaks anywhere but before a
//! closing mark, and numbers must never break.
//!
//! Decision worth knowing: no vertical lines and one rule under the titles. Box drawing characters are two columns wide on a Chinese
//! Windows console, so the fewer the better, and `--ascii` draws none. Columns without any value are left out. A table that would be
//! wider than the terminal first loses the columns that its listing marks for that, and names them under it; then it is wrapped; where
//! that leaves some column less than three Chinese characters, each row becomes a block of “列名：值” lines.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::grid::{Column, Grid, Shape};
use super::lines;
use super::ui::Terminal;
use crate::domain::listing::{Listing, Narrow};

/// Columns between two columns of a table.
pub(super) const GAP: usize = 2;
/// A wrapped column narrower than this is unreadable.
const NARROWEST: usize = 6;
/// A title up to this width is not wrapped to save room: 作品编号.
const SHORT_TITLE: usize = 8;
/// The widest column where the terminal sets no limit; comfy-table counts in `u16`.
const WIDEST: usize = 2000;

/// Writes a listing with its title and notes; ends in a line break.
///
/// # Errors
/// The stream cannot be written.
pub fn write(listing: &Listing, timezone: &TimeZone, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let coloured = terminal.stdout && terminal.colour;
    if !listing.title.is_empty() {
        let (bold, plain) = if coloured { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        writeln!(out, "{bold}{}{plain}", clean(&listing.title))?;
    }
    if listing.rows.is_empty() {
        writeln!(out, "{}", clean(&listing.when_empty))?;
    } else {
        let grid = Grid::of(listing, timezone);
        let shape = shape(&grid, terminal.width);
        let widths = terminal.width.map_or_else(|| Some(natural_widths(&shape)), |width| fit(&shape, width));
        if let Some(widths) = widths {
            lines::write(&grid, &shape, &widths, terminal, out)?;
            if !shape.omitted.is_empty() {
                writeln!(out, "（未列：{}；加宽窗口或用 --format csv 可见）", shape.omitted.join("、"))?;
            }
        } else {
            blocks(&grid, terminal.width.unwrap_or(WIDEST), out)?;
            out.write_all(if listing.notes.is_empty() { b"" } else { b"\n" })?;
        }
    }
    for note in &listing.notes {
        writeln!(out, "{}", clean(note))?;
    }
    Ok(())
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
pub fn clean(text: &str) -> Cow<'_, str> {
    // What would have to go is below the blank, DEL, or begins with C2 or E2.
    if text.bytes().all(|byte| byte >= b' ' && !matches!(byte, 0x7F | 0xC2 | 0xE2)) {
        return Cow::Borrowed(text);
    }
    let harmless = |character: char| {
        !character.is_control() && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
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

/// The grid with headings and without minor columns, as far as it needs to be to fit into `width`.
fn shape(grid: &Grid, width: Option<usize>) -> Shape<'_> {
    let mut shape = Shape { columns: grid.columns().collect(), heading: None, omitted: Vec::new() };
    let fits = |shape: &Shape<'_>| {
        let wanted: usize = natural_widths(shape).iter().sum();
        width.is_none_or(|width| wanted + GAP * shape.columns.len().saturating_sub(1) <= width)
    };
    if !fits(&shape)
        && let Some(heading) = shape.columns.iter().position(|column| column.narrow == Narrow::Heading)
        && shape.columns.len() > 1
    {
        shape.heading = Some(shape.columns.remove(heading).place);
    }
    while !fits(&shape)
        && let Some(minor) = shape.columns.iter().rposition(|column| column.narrow == Narrow::Omit)
    {
        let column = shape.columns.remove(minor);
        shape.omitted.push(&column.title);
    }
    shape.omitted.reverse();
    shape
}

fn natural_widths(shape: &Shape<'_>) -> Vec<usize> {
    shape.columns.iter().map(|column| column.title.width().max(column.content).clamp(1, WIDEST)).collect()
}

/// Widths that fit into `width`, or nothing where some column would become unreadable.
fn fit(shape: &Shape<'_>, width: usize) -> Option<Vec<usize>> {
    let available = width.checked_sub(GAP * shape.columns.len().saturating_sub(1))?;
    let natural = natural_widths(shape);
    if natural.iter().sum::<usize>() <= available {
        return Some(natural);
    }
    // Long titles over short cells wrap first: “是否可以获奖” over “是” takes eight columns, not twelve.
    let wish = |(column, natural): (&&Column, usize)| column.title.width().div_ceil(2).max(SHORT_TITLE).max(column.content).min(natural);
    let wanted: Vec<usize> = shape.columns.iter().zip(natural).map(wish).collect();
    let columns = || shape.columns.iter().zip(&wanted);
    let rigid: usize = columns().filter(|(column, _)| column.numeric).map(|(_, width)| *width).sum();
    let flexible: Vec<usize> = columns().filter(|(column, _)| !column.numeric).map(|(_, width)| *width).collect();
    let mut shared = share(&flexible, available.checked_sub(rigid)?)?.into_iter();
    Some(columns().map(|(column, width)| if column.numeric { *width } else { shared.next().unwrap_or(*width) }).collect())
}

/// Each row as lines of “列名：值”, with an empty line between rows; empty cells are left out.
fn blocks(grid: &Grid, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for place in 0..grid.rows() {
        if place > 0 {
            out.write_all(b"\n")?;
        }
        for column in grid.columns() {
            let text = grid.text(place, column.place);
            if !text.is_empty() {
                out.write_all(labelled(&column.title, text, Some(width)).as_bytes())?;
            }
        }
    }
    Ok(())
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
