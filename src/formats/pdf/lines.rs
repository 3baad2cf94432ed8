//! Owns the breaking of text into lines: the letters of a text, where a line may end, and which letters each line has. Refuses to know
//! where lines stand on a page.
//!
//! Decision worth knowing: UAX #14 holds the punctuation where Chinese wants it (no 。 at a line's begin, no （ at its end), but for the
//! quotation marks “”, which it leaves open for languages that turn them round. They are given to it as the brackets 「」, which do
//! the same in Chinese text and have as many bytes.

use unicode_linebreak::{BreakOpportunity, linebreaks};

use super::faces::{Faces, Font, Shape};
use super::{Grain, Missing};
use crate::domain::paper::{Span, is_line_end};

/// Stands for a character that no font has.
const STAND_IN: char = '〓';
/// Characters of the text around a missing one, to each side.
const AROUND: usize = 8;

/// What a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Ink.
    Ink,
    /// White space, which a line does not end with.
    Space,
    /// A box with this in it: ☐ ☑ ☒.
    Box(char),
}

/// A letter in its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    /// What it says.
    pub(super) character: char,
    /// What it is.
    pub(super) sort: Sort,
    /// Its font.
    pub(super) font: Font,
    /// Its glyph.
    pub(super) glyph: u32,
    /// Whether it is made bold by a thicker edge.
    pub(super) is_thickened: bool,
    /// Its width.
    pub(super) advance: Grain,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line {
    /// Its letters, without spaces at its end.
    pub(super) letters: Vec<Letter>,
    /// Their width.
    pub(super) width: Grain,
    /// Whether a paragraph or a forced line ends here.
    pub(super) is_last: bool,
}

/// A text to be broken.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    /// The fonts.
    pub(super) faces: &'a Faces,
    /// The size of type.
    pub(super) size: Grain,
    /// Whether all of it is bold.
    pub(super) is_bold: bool,
    /// The widths of the first line and of all others.
    pub(super) widths: (Grain, Grain),
    /// What the text is about.
    pub(super) subject: &'a str,
}

/// What may be between two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    Firm,
    Open,
    /// A line ends here.
    Forced,
}

/// Breaks a text into lines, at least one.
pub(super) fn set(spans: &[Span], setting: Setting<'_>, missing: &mut Missing) -> Vec<Line> {
    let text: String = spans.iter().map(|span| span.text.as_str()).collect();
    let bold: Vec<(usize, bool)> = spans
        .iter()
        .scan(0, |end, span| {
            *end += span.text.len();
            Some((*end, span.is_bold))
        })
        .collect();
    let (letters, joints) = letters(&text, &bold, setting, missing);
    break_lines(&letters, &joints, setting.widths)
}

/// The letters of a text, and what is before each of them; one joint more is at the end.
fn letters(text: &str, bold: &[(usize, bool)], setting: Setting<'_>, missing: &mut Missing) -> (Vec<Letter>, Vec<Joint>) {
    let mut letters = Vec::with_capacity(text.len() / 3);
    let mut joints = Vec::with_capacity(text.len() / 3 + 1);
    let stood_for = quotes_as_brackets(text);
    let mut breaks = linebreaks(&stood_for).peekable();
    let mut spans = bold.iter().peekable();
    // A character that is not printed leaves its joint to the next.
    let mut joint = Joint::Firm;
    for (at, character) in text.char_indices() {
        while let Some((_, opportunity)) = breaks.next_if(|(place, _)| *place <= at) {
            joint = if opportunity == BreakOpportunity::Mandatory { Joint::Forced } else { stronger(joint, Joint::Open) };
        }
        while spans.next_if(|(end, _)| *end <= at).is_some() {}
        let is_bold = setting.is_bold || spans.peek().is_some_and(|(_, is_bold)| *is_bold);
        if is_line_end(character) || is_invisible(character) {
            continue;
        }
        let Some(letter) = letter(character, is_bold, setting, || missing.add(character, setting.subject, || excerpt(text, at))) else {
            continue;
        };
        letters.push(letter);
        joints.push(std::mem::replace(&mut joint, Joint::Firm));
    }
    joints.push(Joint::Forced);
    (letters, joints)
}

fn stronger(one: Joint, other: Joint) -> Joint {
    if one == Joint::Forced { one } else { other }
}

/// The letter of a character; what no font has is reported.
fn letter(character: char, is_bold: bool, setting: Setting<'_>, report: impl FnOnce()) -> Option<Letter> {
    let of = |shape: Shape, sort: Sort, advance: Grain| Letter {
        character,
        sort,
        font: shape.font,
        glyph: shape.glyph,
        is_thickened: is_bold && shape.font == Font::Regular && sort != Sort::Space,
        advance: advance * setting.size / 1000,
    };
    let shape = |wanted: char| setting.faces.shape(wanted, is_bold);
    if character.is_whitespace() {
        // A tabulator and the rarer spaces are as wide as the common one.
        let shape = shape(character).or_else(|| shape(' '))?;
        let letter = of(shape, Sort::Space, if character == '\t' { shape.advance * 4 } else { shape.advance });
        return Some(Letter { character: if character == '\u{3000}' { character } else { ' ' }, ..letter });
    }
    if matches!(character, '☐' | '☑' | '☒')
        && let Some(shape) = shape('□')
    {
        return Some(of(shape, Sort::Box(character), shape.advance));
    }
    if let Some(shape) = shape(character) {
        return Some(of(shape, Sort::Ink, shape.advance));
    }
    report();
    let shape = shape(STAND_IN)?;
    let letter = of(shape, Sort::Ink, shape.advance);
    // A control character would spoil the text of the page.
    Some(Letter { character: if character.is_control() { STAND_IN } else { character }, ..letter })
}

/// Whether a character shows nothing by its nature: joiners, marks of direction, variants of signs.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// The same text with brackets for quotation marks in Chinese text, byte for byte as long.
fn quotes_as_brackets(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let is_apostrophe = before.is_ascii_alphanumeric() && rest.peek().is_some_and(char::is_ascii_alphanumeric);
        result.push(match character {
            '“' => '「',
            '”' => '」',
            '‘' => '『',
            '’' if !is_apostrophe => '』',
            other => other,
        });
        before = character;
    }
    result
}

/// The words around a place of a text.
fn excerpt(text: &str, at: usize) -> String {
    let (before, from) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(start, _)| start);
    let words = before.get(start..).unwrap_or_default().chars().chain(from.chars().take(AROUND + 1));
    words.map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// How far from its end a line that has no place for a break is parted, at most.
const BACK: usize = 12;

/// Where a run of letters that may be parted nowhere is parted all the same: near its end, and not so that a mark stands on the wrong
/// side, if that can be.
fn parted(letters: &[Letter], start: usize, end: usize) -> usize {
    const CLOSING: &str = "。，、；：！？）》〉”’」』】〕…—·.,;:!?)]}%％‰℃";
    const OPENING: &str = "（《〈“‘「『【〔([{$¥￥";
    let is_of = |place: usize, marks: &str| letters.get(place).is_some_and(|letter| marks.contains(letter.character));
    let sound = |place: &usize| !is_of(*place, CLOSING) && !is_of(place - 1, OPENING);
    (start + 1..=end).rev().take(BACK).find(sound).unwrap_or(end)
}

/// Fills lines. Where nothing may be parted in a whole line, it is parted near its end.
fn break_lines(letters: &[Letter], joints: &[Joint], (first, others): (Grain, Grain)) -> Vec<Line> {
    let joint = |place: usize| joints.get(place).copied().unwrap_or(Joint::Forced);
    let mut lines = Vec::new();
    let mut start = 0;
    while start < letters.len() {
        let room = if lines.is_empty() { first } else { others };
        let mut width = 0;
        let mut open = None;
        let mut end = start;
        while let Some(letter) = letters.get(end) {
            if end > start && joint(end) != Joint::Firm {
                open = Some(end);
                if joint(end) == Joint::Forced {
                    break;
                }
            }
            let fits = width + letter.advance <= room || letter.sort == Sort::Space;
            if !fits && end > start {
                break;
            }
            width += letter.advance;
            end += 1;
        }
        let is_whole = end >= letters.len() || (open == Some(end) && joint(end) == Joint::Forced);
        let cut = if is_whole { end } else { open.unwrap_or_else(|| parted(letters, start, end)) };
        lines.push(line(letters.get(start..cut).unwrap_or_default(), is_whole));
        start = cut;
    }
    if lines.is_empty() {
        lines.push(Line { is_last: true, ..Line::default() });
    }
    lines
}

fn line(letters: &[Letter], is_last: bool) -> Line {
    let filled = letters.iter().rposition(|letter| letter.sort != Sort::Space).map_or(0, |last| last + 1);
    let letters = letters.get(..filled).unwrap_or_default().to_vec();
    let width = letters.iter().map(|letter| letter.advance).sum();
    Line { letters, width, is_last }
}
