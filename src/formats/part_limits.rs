//! Owns what a part of an office archive may cost the parser that reads it: its size inflated, the longest piece of its markup, how many
//! shared texts and styles it has. Refuses to know which parts there are and what they mean.
//!
//! Decision worth knowing: a part is inflated once into nothing and counted. A parser holds a piece (a text, a tag, a comment) whole,
//! several times over; where a part is large enough for that to hurt, its markup is followed as the parser will follow it.

use std::io::{BufReader, Read};

use quick_xml::events::Event;

use super::xml;
use crate::domain::threads::{HandOver, Stopped, ahead};

/// The longest piece of markup: a cell holds 32,767 characters.
const LONGEST_PIECE: u64 = 8 << 20;
/// Parts smaller than this, packed, inflate to 64 MiB at most (deflate packs at most 1032 to 1): not followed.
const FOLLOWED_FROM: u64 = 64 << 10;
/// Parts of so many bytes, packed, are inflated by one thread and followed by another.
const LARGE: u64 = 1 << 20;
/// The most texts that cells may share. One takes some fifty bytes beside itself.
const MOST_TEXTS: u64 = 5_000_000;
/// The most bytes that styles may take in calamine's memory: one of each record, with copies of its font's and its format's names.
const MOST_FOR_STYLES: u64 = 160 << 20;
/// What a style takes beside its names.
const STYLE_COST: u64 = 300;

/// How many bytes a part has, inflated. `None` for more than `limit`, for a piece that is too long, and for more shared texts than a
/// table has. A part that breaks off counts as far as it goes.
pub(super) fn inflated(part: impl Read + Send, name: &str, packed: u64, limit: u64) -> Option<u64> {
    let pieces = (is_markup(name) && packed > FOLLOWED_FROM).then(Pieces::default);
    let texts = name.ends_with("sharedstrings.xml").then(Texts::default);
    let mut measure = Measure { pieces, texts, sum: 0, limit };
    if packed < LARGE {
        chunks(part, &mut |chunk| measure.look(chunk)).ok()?;
    } else {
        let inflate = |hand_over: HandOver<'_, Vec<u8>>| chunks(part, &mut |chunk| hand_over(chunk.to_vec()));
        ahead(Vec::len, inflate, &mut |chunk| measure.look(&chunk)).ok()?;
    }
    Some(measure.sum)
}

/// What is counted of a part.
#[derive(Debug)]
pub(super) struct Measure {
    pieces: Option<Pieces>,
    texts: Option<Texts>,
    sum: u64,
    limit: u64,
}

impl Measure {
    /// For a part of markup that may have so many bytes.
    pub(super) fn of_markup(limit: u64) -> Self {
        Self { pieces: Some(Pieces::default()), texts: None, sum: 0, limit }
    }

    /// Takes what comes next.
    ///
    /// # Errors
    /// It is more than a parser should see.
    pub(super) fn look(&mut self, chunk: &[u8]) -> Result<(), Stopped> {
        self.sum = self.sum.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        let is_bearable = self.sum <= self.limit
            && self.pieces.as_mut().is_none_or(|pieces| pieces.follow(chunk))
            && self.texts.as_mut().is_none_or(|texts| texts.count(chunk));
        if is_bearable { Ok(()) } else { Err(Stopped) }
    }
}

/// Hands over a part bit by bit, as far as it goes.
fn chunks(mut part: impl Read, hand_over: &mut dyn FnMut(&[u8]) -> Result<(), Stopped>) -> Result<(), Stopped> {
    let mut buffer = vec![0; 64 << 10];
    while let Some(chunk) = part.read(&mut buffer).ok().and_then(|count| buffer.get(..count)).filter(|chunk| !chunk.is_empty()) {
        hand_over(chunk)?;
    }
    Ok(())
}

/// Whether a part is markup, by its name in lower case.
pub(super) fn is_markup(name: &str) -> bool {
    [".xml", ".rels"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a workbook's part with this name, in lower case, would take more memory than any table's.
pub(super) fn costs_too_much(name: &str, part: impl Read) -> bool {
    if name.ends_with("sharedstrings.xml") {
        declared_texts(part) > MOST_TEXTS
    } else {
        name.ends_with("styles.xml") && has_too_many_styles(part)
    }
}

/// The largest number in the first element `sst` of a part: calamine makes room for as many texts before it reads one.
fn declared_texts(part: impl Read) -> u64 {
    let mut reader = xml::reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) if xml::local(&element) == "sst" => {
                let numbers = element.split(|character: char| !character.is_ascii_digit()).filter(|digits| !digits.is_empty());
                return numbers.map(|digits| digits.parse().unwrap_or(u64::MAX)).max().unwrap_or(0);
            }
            Ok(Event::Eof) | Err(_) => return 0,
            Ok(_) => {}
        }
    }
}

fn has_too_many_styles(part: impl Read) -> bool {
    let mut reader = xml::reader(BufReader::new(part));
    let mut buffer = Vec::new();
    let (mut records, mut longest) = (0_u64, 0_u64);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => {
                let name = xml::local(&element);
                // These two hold the names of vocabularies, which no style copies.
                if name == "styleSheet" || name == "ext" {
                    continue;
                }
                records += u64::from(matches!(name, "xf" | "font" | "fill" | "border" | "numFmt"));
                longest = longest.max(u64::try_from(element.len()).unwrap_or(u64::MAX));
                if records.saturating_mul(longest.saturating_add(STYLE_COST)) > MOST_FOR_STYLES {
                    return true;
                }
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// Counts the elements `si`, whatever their prefix.
#[derive(Debug, Default)]
struct Texts {
    /// The end of what came before, and what came.
    joined: Vec<u8>,
    count: u64,
}

impl Texts {
    /// Whether there are not too many yet.
    fn count(&mut self, chunk: &[u8]) -> bool {
        self.joined.drain(..self.joined.len().saturating_sub(3));
        self.joined.extend_from_slice(chunk);
        let begins = |four: &&[u8]| matches!(four, [b'<' | b':', b's', b'i', b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r']);
        self.count += u64::try_from(self.joined.windows(4).filter(begins).count()).unwrap_or(u64::MAX);
        self.count <= MOST_TEXTS
    }
}

/// Where in its markup a part stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    #[default]
    Text,
    /// Behind `<`, `<!` and `<!-`.
    Opened,
    Declared,
    Dash,
    /// In an element's tag, and in a value of it between such marks.
    Tag,
    Value(u8),
    Closing,
    Comment,
    Data,
    Instruction,
}

/// Follows the markup of a part.
#[derive(Debug, Default)]
struct Pieces {
    at: At,
    /// How long the piece at hand is.
    length: u64,
    last: [u8; 2],
}

impl Pieces {
    /// Whether no piece is too long yet, and nothing stands there that parsers may take differently.
    fn follow(&mut self, chunk: &[u8]) -> bool {
        let mut rest = chunk;
        while let Some(first) = rest.first() {
            let found = match self.at {
                At::Text => rest.iter().position(|byte| *byte == b'<'),
                At::Tag => rest.iter().position(|byte| matches!(byte, b'>' | b'"' | b'\'')),
                At::Value(mark) => rest.iter().position(|byte| *byte == mark),
                At::Closing => rest.iter().position(|byte| *byte == b'>'),
                At::Opened if !matches!(first, b'!' | b'?' | b'/') => {
                    self.at = At::Tag;
                    continue;
                }
                At::Opened | At::Declared | At::Dash | At::Comment | At::Data | At::Instruction => Some(0),
            };
            let step = found.map_or(rest.len(), |found| found + 1);
            self.length = self.length.saturating_add(u64::try_from(step).unwrap_or(u64::MAX));
            if self.length > LONGEST_PIECE {
                return false;
            }
            if let Some(byte) = found.and_then(|found| rest.get(found))
                && !self.step(*byte)
            {
                return false;
            }
            rest = rest.get(step..).unwrap_or_default();
        }
        true
    }

    /// Takes the byte that was looked for.
    fn step(&mut self, byte: u8) -> bool {
        let next = match (self.at, byte) {
            (At::Text, _) => {
                self.length = 0;
                At::Opened
            }
            (At::Opened, b'!') => At::Declared,
            (At::Opened, b'?') => At::Instruction,
            (At::Opened, _) => At::Closing,
            (At::Declared, b'-') => At::Dash,
            (At::Declared, b'[') => At::Data,
            (At::Dash, b'-') => At::Comment,
            // A document type of its own, or no markup at all.
            (At::Declared | At::Dash, _) => return false,
            (At::Tag, b'"' | b'\'') => At::Value(byte),
            (At::Value(_), _) => At::Tag,
            (At::Tag | At::Closing, _) => At::Text,
            (At::Comment | At::Data | At::Instruction, b'>') => {
                let ends = if self.at == At::Comment {
                    self.last == *b"--"
                } else if self.at == At::Data {
                    self.last == *b"]]"
                } else {
                    self.last[1] == b'?'
                };
                // `<!-->`, `<!--->` and `<?>`.
                if !ends && self.last[0] == 0 && matches!(self.last[1], 0 | b'-') {
                    return false;
                }
                if ends { At::Text } else { self.at }
            }
            (At::Comment | At::Data | At::Instruction, _) => self.at,
        };
        self.last = if next == self.at { [self.last[1], byte] } else { [0; 2] };
        if next == At::Text {
            self.length = 0;
        }
        self.at = next;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a part that repeats `piece` between a head and a tail passes.
    fn passes(head: &str, piece: &str, tail: &str) -> bool {
        let whole = [head, &piece.repeat((9 << 20) / piece.len()), tail].concat();
        inflated(whole.as_bytes(), "content.xml", u64::MAX, u64::MAX).is_some()
    }

    #[test]
    fn a_piece_that_a_parser_holds_whole_is_bounded() {
        for (head, piece, tail) in [
            ("<a>", "质量", "</a>"),
            ("<a b=\"", "<c>'", "\"/>"),
            ("<a b='", "<c d=\"e\">", "'/>"),
            ("<a ", "b='>' ", "/>"),
            ("<!--", "<a>", "-->"),
            ("<![CDATA[", "<a>--></a>", "]]>"),
            ("<?p ", "<a>", "?>"),
            ("</a \"", "b", ">"),
            ("<!DOCTYPE a [", "<b>", "]>"),
            ("<!-->", "<a>", "-->"),
        ] {
            assert!(!passes(head, piece, tail), "{head}");
        }
        for (head, piece, tail) in [
            ("<?xml version='1.0'?><a>", "<b c=\"1\" d='\"'>质量's > 1<!-- - -- x --><![CDATA[<]>]]></b\n>", "</a>"),
            ("<a b='\"'/>", "<c/>", "<d"),
            ("<!-- --><?a?>", "</e><!-- > -->", ""),
        ] {
            assert!(passes(head, piece, tail), "{head}");
        }
    }

    #[test]
    fn shared_texts_are_counted_over_the_ends_of_chunks() {
        let mut texts = Texts::default();
        for byte in b"<sst><si/><x:si><t/></x:si><si ><side/></si>" {
            assert!(texts.count(&[*byte]));
        }
        assert_eq!(texts.count, 4);
    }

    #[test]
    fn styles_may_be_many_or_long_but_not_both() {
        let styles = |count: usize, length: usize| {
            let font = format!("<font><name val=\"{}\"/></font>", "a".repeat(length));
            format!("<styleSheet>{font}<cellXfs>{}</cellXfs></styleSheet>", "<xf fontId=\"0\"/>".repeat(count))
        };
        assert!(!has_too_many_styles(styles(65_490 * 2, 200).as_bytes()));
        assert!(has_too_many_styles(styles(2_000, 1 << 20).as_bytes()));
        assert!(has_too_many_styles(styles(600_000, 1).as_bytes()));
    }
}
