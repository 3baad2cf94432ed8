//! Owns a printed document as data: pages of A4 with paragraphs and tables, before anyone has said Word, PDF or workbook. Refuses to know
//! what a document is about and how it is written; `formats` renders it.
//!
//! Decision worth knowing: lengths are whole twentieths of a point, the unit of Word, so that a document is the same everywhere and two
//! papers can be compared. What is printed about a work carries that work's name as its `subject`: a character that cannot be printed
//! can so be reported with the work it belongs to.

/// A length in twentieths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Length(pub u32);

impl Length {
    /// So many whole points.
    #[must_use]
    pub const fn points(points: u16) -> Self {
        Self(points as u32 * 20)
    }

    /// So many whole millimetres.
    #[must_use]
    pub const fn millimetres(millimetres: u16) -> Self {
        Self(millimetres as u32 * 7200 / 127)
    }
}

/// How a page of A4 lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Orientation {
    /// 210 × 297 mm.
    #[default]
    Portrait,
    /// 297 × 210 mm.
    Landscape,
}

/// What stays empty around a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Margins {
    /// Above.
    pub top: Length,
    /// Right.
    pub right: Length,
    /// Below; the page number stands in it.
    pub bottom: Length,
    /// Left.
    pub left: Length,
}

impl Default for Margins {
    fn default() -> Self {
        let (high, wide) = (Length::millimetres(25), Length::millimetres(22));
        Self { top: high, right: wide, bottom: high, left: wide }
    }
}

/// A printed document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paper {
    /// Its title, in its properties.
    pub title: String,
    /// Its author, in its properties; may be empty.
    pub author: String,
    /// How its pages lie.
    pub orientation: Orientation,
    /// What stays empty around them.
    pub margins: Margins,
    /// Whether each page says 第 N 页 共 M 页.
    pub is_numbered: bool,
    /// What is on it, from the top.
    pub blocks: Vec<Block>,
}

/// Width and height of an upright A4 page.
pub const A4: (Length, Length) = (Length(11906), Length(16838));

impl Paper {
    /// Width and height of a page.
    #[must_use]
    pub const fn size(&self) -> (Length, Length) {
        match self.orientation {
            Orientation::Portrait => A4,
            Orientation::Landscape => (A4.1, A4.0),
        }
    }

    /// Width and height between the margins; margins that leave nothing leave a fifth of the page.
    #[must_use]
    pub fn room(&self) -> (Length, Length) {
        let ((width, height), margins) = (self.size(), self.margins);
        let left =
            |whole: Length, one: Length, other: Length| Length(whole.0.saturating_sub(one.0).saturating_sub(other.0).max(whole.0 / 5));
        (left(width, margins.left, margins.right), left(height, margins.top, margins.bottom))
    }
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
    /// Blocks that stay on one page as long as they fit on one: a signature with its date.
    Together(Vec<Block>),
    /// Empty height.
    Space(Length),
    /// What follows begins a page.
    PageBreak,
}

impl From<Paragraph> for Block {
    fn from(paragraph: Paragraph) -> Self {
        Self::Paragraph(paragraph)
    }
}

impl From<Table> for Block {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

/// A family of type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Face {
    /// 宋体: tables, titles.
    #[default]
    Song,
    /// 黑体: headings.
    Hei,
    /// 仿宋: running text of official letters.
    FangSong,
}

/// A size of type, by its Chinese name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TypeSize {
    /// 二号, 22 points.
    Two,
    /// 三号, 16 points.
    Three,
    /// 四号, 14 points.
    Four,
    /// 小四, 12 points.
    #[default]
    SmallFour,
    /// 五号, 10.5 points.
    Five,
    /// 小五, 9 points.
    SmallFive,
}

impl TypeSize {
    /// The height of its square.
    #[must_use]
    pub const fn length(self) -> Length {
        Length(match self {
            Self::Two => 440,
            Self::Three => 320,
            Self::Four => 280,
            Self::SmallFour => 240,
            Self::Five => 210,
            Self::SmallFive => 180,
        })
    }
}

/// How letters look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Look {
    /// Their family.
    pub face: Face,
    /// Their size.
    pub size: TypeSize,
}

/// Where lines stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alignment {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
    /// At both sides, but for the last line of a paragraph.
    Justified,
}

/// Text in one look. What [`is_line_end`] knows begins a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Span {
    /// The text.
    pub text: String,
    /// Whether it is bold.
    pub is_bold: bool,
}

impl Span {
    /// Text as it is.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_bold: false }
    }

    /// Bold text.
    #[must_use]
    pub fn bold(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_bold: true }
    }
}

/// Whether a character ends a line. A carriage return does alone, or together with the line feed behind it.
#[must_use]
pub const fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A paragraph. Indents are counted in characters of its own size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// Its text.
    pub spans: Vec<Span>,
    /// How its letters look.
    pub look: Look,
    /// Where its lines stand.
    pub alignment: Alignment,
    /// How far its first line is indented, beside `left`.
    pub first_line: u8,
    /// How far all its lines are indented.
    pub left: u8,
    /// How far its lines end before the right margin.
    pub right: u8,
    /// Height of a line, in hundredths of the size of type.
    pub leading: u16,
    /// Empty height above it.
    pub before: Length,
    /// Empty height below it.
    pub after: Length,
    /// Whether it stays on the page of the block that follows: headings.
    pub keeps_with_next: bool,
    /// What it is about: a work's number and title. Not printed; may be empty.
    pub subject: String,
}

impl Default for Paragraph {
    fn default() -> Self {
        Self {
            spans: Vec::new(),
            look: Look::default(),
            alignment: Alignment::Left,
            first_line: 0,
            left: 0,
            right: 0,
            leading: 160,
            before: Length(0),
            after: Length(0),
            keeps_with_next: false,
            subject: String::new(),
        }
    }
}

impl Paragraph {
    /// A plain line or text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { spans: vec![Span::plain(text)], ..Self::default() }
    }

    /// The document's title: 宋体 二号 bold, in the middle.
    #[must_use]
    pub fn title(text: impl Into<String>) -> Self {
        Self {
            spans: vec![Span::bold(text)],
            look: Look { face: Face::Song, size: TypeSize::Two },
            alignment: Alignment::Centre,
            leading: 140,
            after: Length::points(14),
            keeps_with_next: true,
            ..Self::default()
        }
    }

    /// What stands above or below a title: 宋体 三号, in the middle.
    #[must_use]
    pub fn subtitle(text: impl Into<String>) -> Self {
        Self {
            look: Look { face: Face::Song, size: TypeSize::Three },
            alignment: Alignment::Centre,
            leading: 140,
            after: Length::points(4),
            keeps_with_next: true,
            ..Self::text(text)
        }
    }

    /// A heading: 黑体 四号.
    #[must_use]
    pub fn heading(text: impl Into<String>) -> Self {
        Self {
            look: Look { face: Face::Hei, size: TypeSize::Four },
            before: Length::points(8),
            after: Length::points(4),
            keeps_with_next: true,
            ..Self::text(text)
        }
    }

    /// Running text: justified, the first line indented by two characters.
    #[must_use]
    pub fn body(text: impl Into<String>) -> Self {
        Self { alignment: Alignment::Justified, first_line: 2, ..Self::text(text) }
    }

    /// The same in another look.
    #[must_use]
    pub fn in_look(mut self, face: Face, size: TypeSize) -> Self {
        self.look = Look { face, size };
        self
    }

    /// The same, standing elsewhere.
    #[must_use]
    pub fn aligned(mut self, alignment: Alignment) -> Self {
        self.alignment = alignment;
        self
    }

    /// The same with empty height above and below.
    #[must_use]
    pub fn spaced(mut self, before: Length, after: Length) -> Self {
        (self.before, self.after) = (before, after);
        self
    }

    /// The whole text.
    #[must_use]
    pub fn words(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableColumn {
    /// Its share of the table's width.
    pub share: u16,
    /// Where its texts stand.
    pub alignment: Alignment,
}

impl TableColumn {
    /// A column of so many shares.
    #[must_use]
    pub const fn new(share: u16, alignment: Alignment) -> Self {
        Self { share, alignment }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableCell {
    /// Its text.
    pub spans: Vec<Span>,
}

impl<Text: Into<String>> From<Text> for TableCell {
    fn from(text: Text) -> Self {
        Self { spans: vec![Span::plain(text)] }
    }
}

/// A row of a table. It grows with its texts and is cut only where it is taller than half a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableRow {
    /// Its cells from the left; missing ones are empty, more than there are columns are not allowed.
    pub cells: Vec<TableCell>,
    /// What it is about: a work's number and title. Not printed; may be empty.
    pub subject: String,
}

impl TableRow {
    /// A row of plain texts.
    pub fn of<Text: Into<TableCell>>(cells: impl IntoIterator<Item = Text>) -> Self {
        Self { cells: cells.into_iter().map(Into::into).collect(), subject: String::new() }
    }

    /// The same about a work.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }
}

/// A table as wide as the text, with lines around every cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Its columns from the left, at least one.
    pub columns: Vec<TableColumn>,
    /// The titles of its columns, on every page; empty: none.
    pub header: Vec<String>,
    /// Its rows.
    pub rows: Vec<TableRow>,
    /// How its letters look; titles are bold.
    pub look: Look,
    /// The least height of a row.
    pub row_height: Length,
}

impl Table {
    /// The widths of its columns, which add up to the whole. None is less than a hundredth of the widest.
    #[must_use]
    pub fn widths(&self, whole: Length) -> Vec<Length> {
        let least = self.columns.iter().map(|column| column.share / 100).max().unwrap_or(0).max(1);
        let shares: Vec<u64> = self.columns.iter().map(|column| u64::from(column.share.max(least))).collect();
        let all: u64 = shares.iter().sum();
        let edges = shares.iter().scan(0, |sum, share| {
            *sum += share;
            Some(u32::try_from(u64::from(whole.0) * *sum / all.max(1)).unwrap_or(whole.0))
        });
        let edges: Vec<u32> = edges.collect();
        let starts = std::iter::once(0).chain(edges.iter().copied());
        edges.iter().zip(starts).map(|(end, start)| Length(end - start)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_add_up_and_none_vanishes() {
        let columns = [1, 2, 60_000].map(|share| TableColumn::new(share, Alignment::Left));
        let widths = Table { columns: columns.to_vec(), ..Table::default() }.widths(Length(9411));
        assert_eq!(widths.iter().map(|width| width.0).sum::<u32>(), 9411);
        assert!(widths.iter().all(|width| width.0 >= 90), "{widths:?}");
        assert_eq!(Table::default().widths(Length(9411)), []);
    }

    #[test]
    fn a_page_always_has_room() {
        let margins = Margins { top: Length(u32::MAX), right: Length(9), bottom: Length(u32::MAX), left: Length(9) };
        let paper = Paper { margins, orientation: Orientation::Landscape, ..Paper::default() };
        assert_eq!(paper.room(), (Length(16_838 - 18), Length(11_906 / 5)));
        assert_eq!((Length::millimetres(210), Length::points(12)), (Length(11_905), Length(240)));
    }
}
