//! Owns where everything stands: blocks become lines, lines and rows are put on pages. Refuses to know bytes and fonts.
//!
//! Decision worth knowing: everything is broken into lines first, so that the height of every block is known before any is placed: a
//! heading can then stay with what follows it, and a signature on one page, without placing anything twice. A row taller than half a page
//! is cut between lines where it does not fit; nothing is ever left out, and every page takes at least one line.

use super::faces::Faces;
use super::lines::{self, Letter, Line, Setting};
use super::{Grain, Missing, TWENTIETH};
use crate::domain::paper::{Alignment, Block, Face, Length, Look, Paper, Paragraph, Span, Table, TypeSize};

/// Empty width and height inside a cell, to each side.
const PADDING: (Grain, Grain) = (80 * TWENTIETH, 50 * TWENTIETH);
/// Height of a line in a table, in hundredths of the size of type.
const CELL_LEADING: Grain = 135;
/// Letters are not put farther apart than this to fill a line, in hundredths of the size of type.
const MOST_EXTRA: Grain = 8;
/// A piece of a row that is cut has at least so many lines at the end of a page.
const FEWEST_LINES: usize = 3;
/// From its upper edge down to the line on which letters stand, in hundredths of the size of type.
const BASE: Grain = 88;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sheet {
    /// What is on it.
    pub(super) marks: Vec<Mark>,
}

/// Something on a page. Places are counted from its upper left corner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// A straight line.
    Rule {
        /// Its one end.
        from: (Grain, Grain),
        /// Its other end.
        to: (Grain, Grain),
    },
    /// Letters beside one another.
    Letters {
        /// The letters.
        letters: Vec<Letter>,
        /// Where the first stands.
        at: (Grain, Grain),
        /// The size of type.
        size: Grain,
        /// How much farther than usual they are apart.
        extra: Grain,
    },
}

/// A block broken into lines.
enum Laid {
    Lines(LaidLines),
    Table(LaidTable),
    Together(Vec<Laid>),
    Space(Grain),
    PageBreak,
}

struct LaidLines {
    lines: Vec<Line>,
    size: Grain,
    line_height: Grain,
    before: Grain,
    after: Grain,
    keeps: bool,
    left: Grain,
    first: Grain,
    width: Grain,
    alignment: Alignment,
}

struct LaidTable {
    /// The right edges of the columns, from the left edge of the table.
    edges: Vec<Grain>,
    alignments: Vec<Alignment>,
    header: Option<LaidRow>,
    rows: Vec<LaidRow>,
    size: Grain,
    line_height: Grain,
}

struct LaidRow {
    cells: Vec<Vec<Line>>,
    height: Grain,
    is_header: bool,
}

const fn grains(length: Length) -> Grain {
    length.0 as Grain * TWENTIETH
}

/// Puts a document on pages, at least one.
pub(super) fn lay_out(paper: &Paper, faces: &Faces, missing: &mut Missing) -> Vec<Sheet> {
    let (width, height) = paper.room();
    let mut setter = Setter { faces, missing, width: grains(width), whole: width };
    let laid: Vec<Laid> = paper.blocks.iter().map(|block| setter.block(block)).collect();
    let (top, left) = (grains(paper.margins.top), grains(paper.margins.left));
    let mut flow = Flow { sheets: vec![Sheet::default()], y: top, top, left, bottom: top + grains(height) };
    flow.place_all(&laid);
    let mut sheets = flow.sheets;
    if paper.is_numbered {
        let pages = sheets.len();
        let size = grains(TypeSize::SmallFive.length());
        let (page_width, page_height) = (grains(paper.size().0), grains(paper.size().1));
        let y = page_height - grains(paper.margins.bottom) / 2;
        for (serial, sheet) in (1..).zip(&mut sheets) {
            let words = [Span::plain(format!("第 {serial} 页  共 {pages} 页"))];
            let setting = Setting { faces, size, is_bold: false, widths: (page_width, page_width), subject: "" };
            for line in lines::set(&words, setting, setter.missing) {
                let at = ((page_width - line.width) / 2, y);
                sheet.marks.push(Mark::Letters { letters: line.letters, at, size, extra: 0 });
            }
        }
    }
    sheets
}

/// Breaks blocks into lines.
struct Setter<'a> {
    faces: &'a Faces,
    missing: &'a mut Missing,
    width: Grain,
    whole: Length,
}

impl Setter<'_> {
    fn block(&mut self, block: &Block) -> Laid {
        match block {
            Block::Paragraph(paragraph) => Laid::Lines(self.paragraph(paragraph)),
            Block::Table(table) => Laid::Table(self.table(table)),
            Block::Together(blocks) => Laid::Together(blocks.iter().map(|block| self.block(block)).collect()),
            Block::Space(height) => Laid::Space(grains(*height)),
            Block::PageBreak => Laid::PageBreak,
        }
    }

    fn lines(&mut self, spans: &[Span], look: Look, is_bold: bool, widths: (Grain, Grain), subject: &str) -> Vec<Line> {
        let is_bold = is_bold || look.face == Face::Hei;
        let setting = Setting { faces: self.faces, size: grains(look.size.length()), is_bold, widths, subject };
        lines::set(spans, setting, self.missing)
    }

    fn paragraph(&mut self, paragraph: &Paragraph) -> LaidLines {
        let size = grains(paragraph.look.size.length());
        let (left, right) = (size * Grain::from(paragraph.left), size * Grain::from(paragraph.right));
        let width = (self.width - left - right).max(size);
        let first = (size * Grain::from(paragraph.first_line)).min(width - size);
        LaidLines {
            lines: self.lines(&paragraph.spans, paragraph.look, false, (width - first, width), &paragraph.subject),
            size,
            line_height: size * Grain::from(paragraph.leading.clamp(100, 400)) / 100,
            before: grains(paragraph.before),
            after: grains(paragraph.after),
            keeps: paragraph.keeps_with_next,
            left,
            first,
            width,
            alignment: paragraph.alignment,
        }
    }

    fn table(&mut self, table: &Table) -> LaidTable {
        let size = grains(table.look.size.length());
        let line_height = size * CELL_LEADING / 100;
        let widths: Vec<Grain> = table.widths(self.whole).into_iter().map(grains).collect();
        let least = grains(table.row_height);
        let row = |setter: &mut Self, cells: &[&[Span]], subject: &str, is_header: bool| {
            let cells = widths.iter().enumerate().map(|(place, width)| {
                let inner = (*width - 2 * PADDING.0).max(1);
                setter.lines(cells.get(place).copied().unwrap_or_default(), table.look, is_header, (inner, inner), subject)
            });
            let cells: Vec<Vec<Line>> = cells.collect();
            let most = cells.iter().map(Vec::len).max().unwrap_or(1);
            LaidRow { height: (rows_high(most, line_height) + 2 * PADDING.1).max(least), cells, is_header }
        };
        let titles: Vec<[Span; 1]> = table.header.iter().map(|title| [Span::plain(title.as_str())]).collect();
        let titles: Vec<&[Span]> = titles.iter().map(<[Span; 1]>::as_slice).collect();
        let header = (!titles.is_empty()).then(|| row(self, &titles, "", true));
        let rows = table.rows.iter().map(|of| {
            let cells: Vec<&[Span]> = of.cells.iter().map(|cell| cell.spans.as_slice()).collect();
            row(self, &cells, &of.subject, false)
        });
        let rows = rows.collect();
        let edges = widths.iter().scan(0, |edge, width| {
            *edge += width;
            Some(*edge)
        });
        let alignments = table.columns.iter().map(|column| column.alignment).collect();
        LaidTable { edges: edges.collect(), alignments, header, rows, size, line_height }
    }
}

fn rows_high(lines: usize, line_height: Grain) -> Grain {
    Grain::try_from(lines).unwrap_or(Grain::MAX).saturating_mul(line_height)
}

impl LaidLines {
    fn height(&self) -> Grain {
        self.before + rows_high(self.lines.len(), self.line_height) + self.after
    }
}

impl LaidTable {
    /// The height of what begins the table: its header and its first row, or the first lines of one that may be cut.
    fn head(&self, room: Grain) -> Grain {
        let header = self.header.as_ref().map_or(0, |header| header.height);
        let fewest = rows_high(FEWEST_LINES, self.line_height) + 2 * PADDING.1;
        header + self.rows.first().map_or(0, |row| if row.height <= (room - header) / 2 { row.height } else { fewest })
    }
}

impl Laid {
    /// The height of all of it.
    fn height(&self) -> Grain {
        match self {
            Self::Lines(lines) => lines.height(),
            Self::Table(table) => table.header.iter().chain(&table.rows).map(|row| row.height).sum(),
            Self::Together(blocks) => blocks.iter().map(Self::height).sum(),
            Self::Space(height) => *height,
            Self::PageBreak => 0,
        }
    }

    /// The height of the part that a heading above stays with.
    fn head(&self, room: Grain) -> Grain {
        match self {
            Self::Lines(lines) => lines.before + rows_high(lines.lines.len().min(2), lines.line_height),
            Self::Table(table) => table.head(room),
            Self::Together(_) => self.height(),
            Self::Space(_) | Self::PageBreak => 0,
        }
    }

    fn keeps(&self) -> bool {
        matches!(self, Self::Lines(lines) if lines.keeps)
    }
}

/// Pages being filled.
struct Flow {
    sheets: Vec<Sheet>,
    /// How far the last page is filled.
    y: Grain,
    top: Grain,
    bottom: Grain,
    left: Grain,
}

impl Flow {
    fn turn(&mut self) {
        self.sheets.push(Sheet::default());
        self.y = self.top;
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.marks.push(mark);
        }
    }

    fn is_at_top(&self) -> bool {
        self.y <= self.top
    }

    fn fits(&self, height: Grain) -> bool {
        self.y + height <= self.bottom
    }

    /// Begins a page where a height does not fit on this one but on another.
    fn make_room(&mut self, height: Grain) {
        if !self.fits(height) && !self.is_at_top() && height <= self.bottom - self.top {
            self.turn();
        }
    }

    fn place_all(&mut self, blocks: &[Laid]) {
        let mut was_kept = false;
        for (place, block) in blocks.iter().enumerate() {
            if block.keeps() && !was_kept {
                let rest = blocks.get(place..).unwrap_or_default();
                let kept: Vec<&Laid> = rest.iter().take_while(|block| block.keeps()).collect();
                let next = rest.get(kept.len()).map_or(0, |block| block.head(self.bottom - self.top));
                self.make_room(kept.iter().map(|block| block.height()).sum::<Grain>() + next);
            }
            was_kept = block.keeps();
            match block {
                Laid::Lines(lines) => self.place_lines(lines),
                Laid::Table(table) => self.place_table(table),
                Laid::Together(inner) => {
                    self.make_room(block.height());
                    self.place_all(inner);
                }
                Laid::Space(height) => {
                    if !self.is_at_top() {
                        self.y = (self.y + height).min(self.bottom);
                    }
                }
                Laid::PageBreak => self.turn(),
            }
        }
    }

    fn place_lines(&mut self, of: &LaidLines) {
        if !self.is_at_top() {
            self.y += of.before;
            // No first line alone at the end of a page.
            self.make_room(rows_high(of.lines.len().min(2), of.line_height));
        }
        for (serial, line) in of.lines.iter().enumerate() {
            if !self.fits(of.line_height) && !self.is_at_top() {
                self.turn();
            }
            let indent = if serial == 0 { of.first } else { 0 };
            let (x, width) = (self.left + of.left + indent, of.width - indent);
            self.letters(line, (x, width), of.alignment, (of.size, of.line_height));
            self.y += of.line_height;
        }
        self.y = (self.y + of.after).min(self.bottom.max(self.y));
    }

    /// Puts the letters of a line at the height reached.
    fn letters(&mut self, line: &Line, (x, width): (Grain, Grain), alignment: Alignment, (size, line_height): (Grain, Grain)) {
        if line.letters.is_empty() {
            return;
        }
        let slack = (width - line.width).max(0);
        let gaps = Grain::try_from(line.letters.len().saturating_sub(1)).unwrap_or(Grain::MAX).max(1);
        let (shift, extra) = match alignment {
            Alignment::Left => (0, 0),
            Alignment::Centre => (slack / 2, 0),
            Alignment::Right => (slack, 0),
            Alignment::Justified if line.is_last || slack / gaps > size * MOST_EXTRA / 100 => (0, 0),
            Alignment::Justified => (0, slack / gaps),
        };
        let base = self.y + (line_height - size) / 2 + size * BASE / 100;
        self.mark(Mark::Letters { letters: line.letters.clone(), at: (x + shift, base), size, extra });
    }

    fn place_table(&mut self, table: &LaidTable) {
        let room = self.bottom - self.top;
        // A header of half a page is not worth repeating.
        let repeated = table.header.as_ref().filter(|header| header.height <= room / 2);
        let repeated_height = repeated.map_or(0, |header| header.height);
        self.make_room(table.head(room));
        let rows = table.header.iter().chain(&table.rows);
        let mut is_first = true;
        for row in rows {
            let is_kept_whole = row.is_header || row.height <= (room - repeated_height) / 2;
            if !self.fits(row.height) && !self.is_at_top() && is_kept_whole {
                self.turn();
                is_first = true;
                if let Some(header) = repeated.filter(|_| !row.is_header) {
                    self.place_row(header, table, is_first);
                    is_first = false;
                }
            }
            if self.fits(row.height) {
                self.place_row(row, table, is_first);
                is_first = false;
            } else {
                self.place_cut(row, table, if row.is_header { None } else { repeated }, is_first);
                is_first = false;
            }
        }
    }

    /// Puts a row that fits on the page.
    fn place_row(&mut self, row: &LaidRow, table: &LaidTable, is_first: bool) {
        let (top, bottom) = (self.y, self.y + row.height);
        for (place, lines) in row.cells.iter().enumerate() {
            self.y = top + (row.height - rows_high(lines.len(), table.line_height)) / 2;
            self.cell(lines, place, table, row.is_header);
        }
        self.frame(table, (top, bottom), is_first);
        self.y = bottom;
    }

    /// Puts a row that is taller than a page, a piece on each.
    fn place_cut(&mut self, row: &LaidRow, table: &LaidTable, repeated: Option<&LaidRow>, mut is_first: bool) {
        let most = row.cells.iter().map(Vec::len).max().unwrap_or(0);
        let mut done = 0;
        // A page that holds nothing of this row yet takes at least one line, whatever room there is.
        let mut is_fresh = self.is_at_top();
        while done < most {
            let space = self.bottom - self.y - 2 * PADDING.1;
            let fitting = usize::try_from(space / table.line_height.max(1)).unwrap_or(0);
            if fitting < FEWEST_LINES.min(most - done) && !is_fresh {
                self.turn();
                (is_first, is_fresh) = (true, true);
                if let Some(header) = repeated {
                    self.place_row(header, table, true);
                    is_first = false;
                }
                continue;
            }
            let taken = fitting.max(1).min(most - done);
            let (top, height) = (self.y, rows_high(taken, table.line_height) + 2 * PADDING.1);
            for (place, lines) in row.cells.iter().enumerate() {
                self.y = top + PADDING.1;
                let end = (done + taken).min(lines.len());
                self.cell(lines.get(done.min(end)..end).unwrap_or_default(), place, table, row.is_header);
            }
            self.frame(table, (top, top + height), is_first);
            self.y = top + height;
            (is_first, is_fresh) = (false, false);
            done += taken;
        }
    }

    /// Puts the lines of a cell from the height reached.
    fn cell(&mut self, lines: &[Line], place: usize, table: &LaidTable, is_header: bool) {
        let start = place.checked_sub(1).and_then(|left| table.edges.get(left)).copied().unwrap_or(0);
        let end = table.edges.get(place).copied().unwrap_or(start);
        let alignment = if is_header { Alignment::Centre } else { table.alignments.get(place).copied().unwrap_or_default() };
        let (x, width) = (self.left + start + PADDING.0, (end - start - 2 * PADDING.0).max(0));
        for line in lines {
            self.letters(line, (x, width), alignment, (table.size, table.line_height));
            self.y += table.line_height;
        }
    }

    /// Draws the lines around the cells of a row.
    fn frame(&mut self, table: &LaidTable, (top, bottom): (Grain, Grain), is_first: bool) {
        let right = self.left + table.edges.last().copied().unwrap_or(0);
        let left = self.left;
        let mut rule = |from, to| self.mark(Mark::Rule { from, to });
        if is_first {
            rule((left, top), (right, top));
        }
        rule((left, bottom), (right, bottom));
        for x in std::iter::once(left).chain(table.edges.iter().map(|edge| left + edge)) {
            rule((x, top), (x, bottom));
        }
    }
}
