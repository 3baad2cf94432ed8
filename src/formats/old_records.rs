//! Owns the records of an old workbook's stream (BIFF5 and BIFF8): cutting it into records, and the texts in them, with their code
//! pages and their continuations. Refuses to know what sheets and cells are.

use encoding_rs::Encoding;

use super::compound::{long_at, short_at};

/// One record: what it is, where it begins in its stream, and its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    pub(super) at: usize,
    pub(super) bytes: &'a [u8],
}

/// The records of a stream from a place on; ends where a record is not whole.
#[derive(Debug, Clone)]
pub(super) struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn from(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let rest = self.stream.get(self.at..).filter(|rest| rest.len() >= 4)?;
        let length = usize::from(short_at(rest, 2));
        let bytes = rest.get(4..4 + length)?;
        let record = Record { kind: short_at(rest, 0), at: self.at, bytes };
        self.at += 4 + length;
        Some(record)
    }
}

/// The encoding of a workbook's texts of single bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum CodePage {
    /// It says which, and that is believed.
    Known(&'static Encoding),
    /// It says none, or the western one, which Chinese programs write whatever they put there: each text is looked at.
    Guessed,
}

impl CodePage {
    /// The encoding with Windows' number for it.
    pub(super) fn from_number(number: u16) -> Self {
        Self::Known(match number {
            936 | 54936 | 10008 => encoding_rs::GB18030,
            950 | 10002 => encoding_rs::BIG5,
            932 | 10001 => encoding_rs::SHIFT_JIS,
            949 | 10003 => encoding_rs::EUC_KR,
            65001 => encoding_rs::UTF_8,
            1250 => encoding_rs::WINDOWS_1250,
            1251 => encoding_rs::WINDOWS_1251,
            1253 => encoding_rs::WINDOWS_1253,
            _ => return Self::Guessed,
        })
    }

    /// Text of bytes.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        if bytes.is_ascii() {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        let known = match self {
            Self::Known(encoding) => encoding,
            Self::Guessed if std::str::from_utf8(bytes).is_ok() => encoding_rs::UTF_8,
            Self::Guessed => {
                let (_, broken) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
                if broken { encoding_rs::WINDOWS_1252 } else { encoding_rs::GB18030 }
            }
        };
        known.decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// Appends characters of one byte (the lower half of Unicode) or of two.
fn push_characters(target: &mut String, bytes: &[u8], is_wide: bool) {
    if !is_wide {
        target.extend(bytes.iter().map(|byte| char::from(*byte)));
        return;
    }
    let units = bytes.chunks_exact(2).map(|pair| short_at(pair, 0));
    target.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

/// A text with its length in front. BIFF8 tells how wide its characters are; older ones have bytes of the code page.
pub(super) fn text(bytes: &[u8], is_biff8: bool, page: CodePage) -> String {
    let count = usize::from(short_at(bytes, 0));
    let rest = bytes.get(2..).unwrap_or_default();
    text_of(rest, count, is_biff8, page)
}

/// A text whose length was told elsewhere.
pub(super) fn text_of(bytes: &[u8], count: usize, is_biff8: bool, page: CodePage) -> String {
    if !is_biff8 {
        return page.decode(bytes.get(..count).unwrap_or(bytes));
    }
    let Some((flags, rest)) = bytes.split_first() else { return String::new() };
    let is_wide = flags & 1 != 0;
    let length = if is_wide { count.saturating_mul(2) } else { count };
    let mut text = String::new();
    push_characters(&mut text, rest.get(..length).unwrap_or(rest), is_wide);
    text
}

/// The texts that cells share, one after another in one string.
#[derive(Debug, Default)]
pub(super) struct SharedTexts {
    text: String,
    ends: Vec<usize>,
}

impl SharedTexts {
    /// The text with this number.
    pub(super) fn get(&self, index: u32) -> Option<&str> {
        let index = usize::try_from(index).ok()?;
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }

    /// Adds a text.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// How many bytes the texts take.
    pub(super) fn len(&self) -> usize {
        self.text.len() + self.ends.len() * size_of::<usize>()
    }

    /// Reads the record of shared texts with its continuations. What is cut short is left out.
    pub(super) fn read(parts: Vec<&[u8]>) -> Self {
        let mut shared = Self::default();
        let mut parts = Parts { records: parts, index: 0, at: 8 };
        while parts.read_text(&mut shared.text).is_some() {
            shared.ends.push(shared.text.len());
        }
        shared
    }
}

/// Bytes over several records.
struct Parts<'a> {
    records: Vec<&'a [u8]>,
    index: usize,
    at: usize,
}

impl<'a> Parts<'a> {
    /// What is left of the part at hand; the next part where nothing is.
    fn rest(&mut self) -> Option<&'a [u8]> {
        loop {
            let part = *self.records.get(self.index)?;
            if let Some(rest) = part.get(self.at..).filter(|rest| !rest.is_empty()) {
                return Some(rest);
            }
            self.index += 1;
            self.at = 0;
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.rest()?.first()?;
        self.at += 1;
        Some(byte)
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            let step = self.rest()?.len().min(count);
            self.at += step;
            count -= step;
        }
        Some(())
    }

    /// Reads one text with its runs of fonts and its phonetic guide, which are no text. Characters may go on in the next record, which
    /// then says anew how wide they are.
    fn read_text(&mut self, target: &mut String) -> Option<()> {
        let mut count = usize::from(self.short()?);
        let flags = self.byte()?;
        let runs = if flags & 8 == 0 { 0 } else { usize::from(self.short()?) };
        let guide = if flags & 4 == 0 {
            0
        } else {
            let (low, high) = (self.short()?, self.short()?);
            usize::from(low) | usize::from(high) << 16
        };
        let mut is_wide = flags & 1 != 0;
        while count > 0 {
            let size = if is_wide { 2 } else { 1 };
            let part = self.index;
            let rest = self.rest()?;
            if self.index != part {
                is_wide = self.byte()? & 1 != 0;
                continue;
            }
            let whole = (rest.len() / size).min(count);
            if whole == 0 {
                return None;
            }
            push_characters(target, rest.get(..whole * size).unwrap_or_default(), is_wide);
            self.at += whole * size;
            count -= whole;
        }
        self.skip(runs * 4)?;
        self.skip(guide)
    }
}

/// Whether bytes begin as an old workbook's stream does without its container: BOF with the number that BIFF5 and BIFF8 have.
pub(super) fn is_bare_stream(head: &[u8]) -> bool {
    head.starts_with(b"\x09\x08") && matches!(short_at(head, 2), 4..=16) && matches!(short_at(head, 6), 0x0005 | 0x0010)
}

/// What a workbook's first record says of its version: whether it is BIFF8, and whether it begins with a sheet at once. `None` for
/// versions that are too old.
pub(super) fn version(record: &Record<'_>) -> Option<(bool, bool)> {
    let is_sheet = short_at(record.bytes, 2) == 0x0010;
    match (record.kind, short_at(record.bytes, 0)) {
        (0x0809, 0x0600) => Some((true, is_sheet)),
        (0x0809, 0x0500 | 0x0000) => Some((false, is_sheet)),
        _ => None,
    }
}

/// Four bytes at a place of a record.
pub(super) fn number_at(bytes: &[u8], at: usize) -> f64 {
    f64::from_bits(u64::from(long_at(bytes, at)) | u64::from(long_at(bytes, at + 4)) << 32)
}
