//! Owns the finding of a text file's encoding and delimiter from its first bytes.
//!
//! Decision worth knowing: the order is BOM, the NUL pattern of UTF-16 where zeros are many, strict UTF-8, strict GB18030. Strict UTF-8
//! before GB18030 because it refuses GBK text; a stray NUL says nothing; a sample may end inside a character, so a fault in its last bytes proves nothing.

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

/// How a text file's bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextEncoding {
    /// UTF-8, with this many bytes of BOM before it.
    Utf8(usize),
    /// So far ASCII only: the first other byte decides between UTF-8 and GB18030.
    Undecided,
    /// GB18030, which contains GBK and GB2312.
    Gb18030,
    /// UTF-16, little end first, after a BOM of so many bytes.
    Utf16Le(usize),
    /// UTF-16, big end first, after a BOM of so many bytes.
    Utf16Be(usize),
}

/// Finds the encoding; `None`: no text in any encoding that is known here. `whole`: the sample is the whole file.
pub(super) fn detect(sample: &[u8], whole: bool) -> Option<TextEncoding> {
    if sample.starts_with(b"\xEF\xBB\xBF") {
        return Some(TextEncoding::Utf8(3));
    }
    if sample.starts_with(b"\xFF\xFE") {
        return Some(TextEncoding::Utf16Le(2));
    }
    if sample.starts_with(b"\xFE\xFF") {
        return Some(TextEncoding::Utf16Be(2));
    }
    let zeros: usize = sample.iter().map(|byte| usize::from(*byte == 0)).sum();
    // UTF-16 has a zero in every delimiter, digit and line break; a lone one is a stray sign, which reading takes out.
    if zeros >= 3 && zeros.saturating_mul(100) >= sample.len() && !(zeros.saturating_mul(8) < sample.len() && utf8_faults(sample) == 0) {
        return utf16_by_zeros(sample);
    }
    if sample.is_ascii() {
        return Some(if whole { TextEncoding::Utf8(0) } else { TextEncoding::Undecided });
    }
    let faults = [utf8_faults(sample), gb18030_faults(sample)];
    match faults {
        [0, _] => Some(TextEncoding::Utf8(0)),
        [_, 0] => Some(TextEncoding::Gb18030),
        // A few broken bytes do not make a table unreadable: they are reported at their cells.
        [utf8, gb18030] if utf8 <= gb18030 && utf8 <= 8 => Some(TextEncoding::Utf8(0)),
        [_, gb18030] if gb18030 <= 8 => Some(TextEncoding::Gb18030),
        _ => None,
    }
}

/// Latin digits and signs of a UTF-16 text have their zero on one side of each pair.
fn utf16_by_zeros(sample: &[u8]) -> Option<TextEncoding> {
    let (mut even, mut odd) = (0_usize, 0_usize);
    for pair in sample.chunks_exact(2) {
        even += usize::from(pair.first() == Some(&0));
        odd += usize::from(pair.last() == Some(&0));
    }
    let (encoding, decoder) = if odd > even.saturating_mul(4) {
        (TextEncoding::Utf16Le(0), UTF_16LE)
    } else if even > odd.saturating_mul(4) {
        (TextEncoding::Utf16Be(0), UTF_16BE)
    } else {
        return None;
    };
    let even_length = sample.get(..sample.len() - sample.len() % 2).unwrap_or_default();
    let (text, _) = decoder.decode_without_bom_handling(even_length);
    let strange = text.chars().filter(|&character| character == '\u{FFFD}' || (character < ' ' && !"\t\r\n".contains(character))).count();
    (strange <= 1 + text.len() / 1000).then_some(encoding)
}

fn utf8_faults(mut sample: &[u8]) -> usize {
    let mut faults = 0;
    while let Err(error) = std::str::from_utf8(sample) {
        // `None`: the sample ends inside a character.
        let Some(length) = error.error_len() else { return faults };
        faults += 1;
        sample = sample.get(error.valid_up_to() + length..).unwrap_or_default();
    }
    faults
}

fn gb18030_faults(sample: &[u8]) -> usize {
    // The longest character has four bytes: what is wrong in the last three may be a cut.
    let (text, _) = GB18030.decode_without_bom_handling(sample);
    let tail = text.chars().rev().take(3).filter(|&character| character == '\u{FFFD}').count();
    text.chars().filter(|&character| character == '\u{FFFD}').count() - tail
}

/// The delimiter that cuts the sample's records into the most columns most evenly.
pub(super) fn delimiter(sample: &[u8]) -> u8 {
    let score = |delimiter: u8| -> usize {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(sample);
        let mut counts: Vec<usize> = Vec::new();
        let mut record = csv::ByteRecord::new();
        while counts.len() < 200 && matches!(reader.read_byte_record(&mut record), Ok(true)) {
            counts.push(record.len());
        }
        counts.sort_unstable();
        counts.chunk_by(|one, other| one == other).map(|run| run.len() * (run.first().copied().unwrap_or(1) - 1)).max().unwrap_or(0)
    };
    // The first of equals wins: a comma unless another is better.
    let mut best = (b',', score(b','));
    for candidate in [b'\t', b';'] {
        let found = score(candidate);
        if found > best.1 {
            best = (candidate, found);
        }
    }
    best.0
}
