//! Owns the header of a mail and of each of its parts: fields, names of files in every way that mailers write them, addresses, dates.
//! Refuses to know how a mail is cut into parts.
//!
//! Decision worth knowing: everything is done on bytes, and characters are made last. Mailers cut words and continuations inside a
//! character of several bytes, and write GBK without saying so; decoded piece by piece both would be lost.

use encoding_rs::{Encoding, GB18030, UTF_8};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The longest name that is kept, in characters.
const NAME_LIMIT: usize = 200;
/// The longest encoded word, in bytes. The standard has 75; some mailers write the whole field as one.
const WORD_LIMIT: usize = 4096;
/// How many continuations of one parameter are joined.
const CONTINUATIONS: usize = 100;

/// The fields of a header, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    /// Reads the lines of a header, up to its end or an empty line.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            if line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
                if let Some((_, value)) = fields.last_mut() {
                    value.extend_from_slice(line);
                }
            } else if let Some((name, value)) = split_once(line, b':')
                && is_field_name(name)
            {
                fields.push((String::from_utf8_lossy(name).trim().to_ascii_lowercase(), value.trim_ascii().to_vec()));
            }
        }
        Self(fields)
    }

    /// The first field of this name.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_slice())
    }

    /// The same as text.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).map(|value| clean(&decode_words(value))).unwrap_or_default()
    }

    /// The names, for telling a mail from any other text.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

fn is_field_name(name: &[u8]) -> bool {
    let name = name.trim_ascii_end();
    !name.is_empty() && name.len() <= 76 && name.iter().all(u8::is_ascii_graphic)
}

fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let index = bytes.iter().position(|byte| *byte == at)?;
    Some((bytes.get(..index)?, bytes.get(index + 1..)?))
}

/// A field of the form `value; name=value; …`.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters {
    /// What stands before the first `;`, in lower case.
    pub(super) value: String,
    parameters: Vec<(String, Vec<u8>)>,
}

impl Parameters {
    /// Reads a field.
    pub(super) fn parse(field: &[u8]) -> Self {
        let mut pieces = pieces(field).into_iter();
        let value = pieces.next().map(|piece| String::from_utf8_lossy(piece.trim_ascii()).to_ascii_lowercase()).unwrap_or_default();
        let parameters = pieces
            .filter_map(|piece| {
                let (name, value) = split_once(&piece, b'=')?;
                Some((String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase(), value.trim_ascii().to_vec()))
            })
            .collect();
        Self { value, parameters }
    }

    /// A parameter's bytes as they stand.
    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|(parameter, _)| parameter == name).map(|(_, value)| value.as_slice())
    }

    /// A parameter as text, from continuations (RFC 2231), encoded words (RFC 2047, which mailers use here too), or raw bytes.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        if let Some(value) = self.bytes(&format!("{name}*")) {
            let (charset, value) = charset_of(value);
            return Some(decode(charset, &percent_decoded(value)));
        }
        let mut charset = None;
        let mut is_extended = false;
        let mut joined = Vec::new();
        for number in 0..CONTINUATIONS {
            if let Some(value) = self.bytes(&format!("{name}*{number}*")) {
                let value = if number == 0 {
                    let (found, value) = charset_of(value);
                    charset = found;
                    value
                } else {
                    value
                };
                is_extended = true;
                joined.extend(percent_decoded(value));
            } else if let Some(value) = self.bytes(&format!("{name}*{number}")) {
                joined.extend_from_slice(value);
            } else {
                break;
            }
        }
        if joined.is_empty() {
            return self.bytes(name).map(decode_words);
        }
        Some(if is_extended { decode(charset, &joined) } else { decode_words(&joined) })
    }
}

/// Cuts a field at its semicolons, those in quotation marks left alone, and takes the quotation marks away.
fn pieces(field: &[u8]) -> Vec<Vec<u8>> {
    // In GBK the second byte of a character may be a backslash.
    let is_gbk = std::str::from_utf8(field).is_err();
    let mut pieces = vec![Vec::new()];
    let mut is_quoted = false;
    let mut bytes = field.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let Some(piece) = pieces.last_mut() else { break };
        match byte {
            b'"' => is_quoted = !is_quoted,
            b';' if !is_quoted => pieces.push(Vec::new()),
            b'\\' if is_quoted && matches!(bytes.peek(), Some(b'"' | b'\\')) => piece.extend(bytes.next()),
            0x81..=0xFE if is_gbk => {
                piece.push(byte);
                if bytes.peek().is_some_and(|next| *next >= 0x40) {
                    piece.extend(bytes.next());
                }
            }
            _ => piece.push(byte),
        }
    }
    pieces
}

/// `charset'language'rest`.
fn charset_of(value: &[u8]) -> (Option<&'static Encoding>, &[u8]) {
    match split_once(value, b'\'').and_then(|(charset, rest)| Some((charset, split_once(rest, b'\'')?.1))) {
        Some((charset, rest)) => (encoding(charset), rest),
        None => (None, value),
    }
}

fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((byte, after)) = rest.split_first() {
        let escaped = if *byte == b'%' { hexadecimal(after) } else { None };
        decoded.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    decoded
}

/// The byte that two hexadecimal digits mean.
pub(super) fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |index: usize| digits.get(index).and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(0)? << 4 | digit(1)?)
}

/// Encodings as mails name them; GBK and GB2312 are read as what contains them.
fn encoding(label: &[u8]) -> Option<&'static Encoding> {
    let label = split_once(label, b'*').map_or(label, |(label, _)| label);
    let found = Encoding::for_label(label)?;
    Some(if found == encoding_rs::GBK { GB18030 } else { found })
}

/// Bytes as text: as the encoding says, if they fit it; else strictly UTF-8 or GB18030; else with U+FFFD for what is lost.
pub(super) fn decode(said: Option<&'static Encoding>, bytes: &[u8]) -> String {
    [said, Some(UTF_8), Some(GB18030)]
        .into_iter()
        .flatten()
        .find_map(|encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes))
        .unwrap_or_else(|| said.unwrap_or(UTF_8).decode_without_bom_handling(bytes).0)
        .into_owned()
}

/// One encoded word: `=?charset?B|Q?text?=`.
struct Word<'a> {
    encoding: Option<&'static Encoding>,
    bytes: Vec<u8>,
    rest: &'a [u8],
}

fn word(bytes: &[u8]) -> Option<Word<'_>> {
    let start = bytes.strip_prefix(b"=?")?;
    let start = start.get(..WORD_LIMIT.min(start.len()))?;
    let (charset, text) = split_once(start, b'?')?;
    let (method, text) = split_once(text, b'?')?;
    // A word that begins before this one ends makes it none: each would be looked through to the limit.
    let begins = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(b"=?") && !rest.starts_with(b"=?="));
    let end = text.windows(2).enumerate().find(|(at, pair)| *pair == b"?=" || begins(*at))?.0;
    let text = text.get(..end).filter(|_| !begins(end))?;
    let rest = bytes.get(b"=???".len() + charset.len() + method.len() + end + b"?=".len()..)?;
    if charset.is_empty() || !charset.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let bytes = match method {
        b"B" | b"b" => {
            let mut decoder = Base64::default();
            let mut bytes = Vec::new();
            decoder.decode(text, &mut bytes);
            bytes
        }
        b"Q" | b"q" => {
            let text: Vec<u8> = text.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
            quoted(&text)
        }
        _ => return None,
    };
    Some(Word { encoding: encoding(charset), bytes, rest })
}

/// The text of a field: encoded words, neighbours of one encoding joined before they become characters, and raw bytes between them.
pub(super) fn decode_words(field: &[u8]) -> String {
    let mut text = String::new();
    let mut raw: Vec<u8> = Vec::new();
    let mut held: Option<(Option<&'static Encoding>, Vec<u8>)> = None;
    let mut rest = field;
    loop {
        if let Some(found) = word(rest) {
            if let Some((encoding, bytes)) = &mut held
                && raw.iter().all(u8::is_ascii_whitespace)
            {
                raw.clear();
                if *encoding == found.encoding {
                    bytes.extend(found.bytes);
                } else {
                    text.push_str(&decode(*encoding, bytes));
                    held = Some((found.encoding, found.bytes));
                }
            } else {
                if let Some((encoding, bytes)) = held.take() {
                    text.push_str(&decode(encoding, &bytes));
                }
                text.push_str(&decode(None, &std::mem::take(&mut raw)));
                held = Some((found.encoding, found.bytes));
            }
            rest = found.rest;
            continue;
        }
        let Some((byte, after)) = rest.split_first() else { break };
        raw.push(*byte);
        rest = after;
    }
    if let Some((encoding, bytes)) = held {
        text.push_str(&decode(encoding, &bytes));
    }
    text.push_str(&decode(None, &raw));
    text
}

/// Base64 that comes in pieces; anything that is no digit of it is passed over.
#[derive(Debug, Default)]
pub(super) struct Base64 {
    bits: u32,
    count: u8,
}

impl Base64 {
    /// Decodes a piece.
    pub(super) fn decode(&mut self, text: &[u8], decoded: &mut Vec<u8>) {
        for byte in text {
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                // Padding ends a run; some mailers go on after it.
                b'=' => {
                    *self = Self::default();
                    continue;
                }
                _ => continue,
            };
            self.bits = (self.bits << 6 | u32::from(digit)) & 0x00FF_FFFF;
            self.count += 6;
            if self.count >= 8 {
                self.count -= 8;
                let [.., byte] = (self.bits >> self.count).to_be_bytes();
                decoded.push(byte);
            }
        }
    }
}

/// Quoted-printable text without its line ends decoded.
pub(super) fn quoted(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        let escaped = if *byte == b'=' { hexadecimal(after) } else { None };
        decoded.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    decoded
}

/// A moment as mails write it; a wrong weekday and a comment behind it are passed over.
pub(super) fn moment(text: &[u8]) -> Option<Timestamp> {
    let text = String::from_utf8_lossy(text);
    let text = text.split('(').next().unwrap_or_default().trim();
    let parser = DateTimeParser::new().relaxed_weekday(true);
    parser.parse_timestamp(text).ok().or_else(|| text.parse().ok())
}

/// A text without what could lead a terminal or a reader astray: control signs and signs that turn the direction of writing.
pub(super) fn clean(text: &str) -> String {
    text.trim()
        .chars()
        .map(
            |letter| {
                if letter.is_control() || matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') { '\u{FFFD}' } else { letter }
            },
        )
        .collect()
}

/// The name of a file without the folders before it; empty where there is none.
pub(super) fn file_name(name: &str) -> String {
    let name = clean(name.rsplit(['/', '\\']).next().unwrap_or_default());
    if name.chars().all(|letter| letter == '.') { String::new() } else { cut_name(&name) }
}

/// A name no longer than can be shown, its ending kept.
pub(super) fn cut_name(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME_LIMIT {
        return name.to_owned();
    }
    let head: String = name.chars().take(NAME_LIMIT - 30).collect();
    let tail: String = name.chars().skip(length - 29).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(field: &[u8], parameter: &str) -> Option<String> {
        Parameters::parse(field).text(parameter)
    }

    #[test]
    fn words_are_joined_before_they_become_characters() {
        // 质量 in UTF-8, cut inside its second character; in GBK, cut inside its first.
        assert_eq!(decode_words("=?UTF-8?B?6LSo6Yc=?= =?UTF-8?B?jw==?=".as_bytes()), "质量");
        assert_eq!(decode_words(b"=?gb2312?Q?=D6?=\t=?GB2312?Q?=CA=C1=BF?= end"), "质量 end");
        assert_eq!(decode_words(b"a =?utf-8?q?b_c?= d"), "a b c d");
        assert_eq!(decode_words(b"=?utf-8?q?not closed"), "=?utf-8?q?not closed");
        assert_eq!(decode_words(b"=?gbk?B?1srBvw?= =?utf-8?Q?=E9=87=8F?="), "质量量");
        assert_eq!(decode_words(b"\xD6\xCA\xC1\xBF"), "质量");
        assert_eq!(decode_words("质量".as_bytes()), "质量");
    }

    #[test]
    fn words_that_never_end_are_looked_through_once() {
        let start = std::time::Instant::now();
        for piece in ["=?x=?x", "=?x?B?a", "=?x?Q?=", "=?"] {
            let field = piece.repeat(200_000);
            assert_eq!(decode_words(field.as_bytes()), field);
        }
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
        assert_eq!(decode_words(b"=?utf-8?B?5Lq=?x?= =?utf-8?B?6LSoYQ==?="), "=?utf-8?B?5Lq=?x?= 质a");
    }

    #[test]
    fn names_in_every_way_of_writing() {
        assert_eq!(name(b"attachment; filename*=UTF-8''%E8%B4%A8%E9%87%8F.xlsx", "filename").as_deref(), Some("质量.xlsx"));
        let continued = b"attachment; filename*0*=gbk''%D6%CA%C1; filename*1*=%BF; filename*2=\".xlsx\"";
        assert_eq!(name(continued, "filename").as_deref(), Some("质量.xlsx"));
        assert_eq!(name(b"application/x; name=\"=?gbk?B?1srBvw==?=.xlsx\"", "name").as_deref(), Some("质量.xlsx"));
        // A raw GBK name whose second byte is a backslash (誠), and one with a semicolon in quotation marks.
        assert_eq!(name(b"attachment; filename=\"\xD5\x5C.xlsx\"", "filename").as_deref(), Some("誠.xlsx"));
        assert_eq!(name(b"attachment; filename=\"a;b \\\"c\\\".csv\"; size=3", "filename").as_deref(), Some("a;b \"c\".csv"));
        assert_eq!(name(b"attachment; filename=a.csv", "filename").as_deref(), Some("a.csv"));
        assert_eq!(name(b"attachment", "filename"), None);
        assert_eq!(file_name("C:\\表\\..\\甲.xlsx"), "甲.xlsx");
        assert_eq!(file_name("../.."), "");
        assert_eq!(file_name("a\u{202e}b\u{1b}.csv"), "a\u{fffd}b\u{fffd}.csv");
    }

    #[test]
    fn moments_as_mailers_write_them() {
        let expected = "2024-07-05T08:30:00Z".parse().ok();
        for text in ["Fri, 5 Jul 2024 16:30:00 +0800", "Mon, 05 Jul 2024 16:30:00 +0800 (CST)", "5 Jul 2024 08:30:00 GMT"] {
            assert_eq!(moment(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(moment("昨天".as_bytes()), None);
    }

    #[test]
    fn a_header_is_unfolded() {
        let fields = Fields::parse(b"Subject: a\r\n b\r\nFROM : c\nno field\n\nBody: d");
        assert_eq!((fields.text("subject"), fields.text("from")), ("a b".to_owned(), "c".to_owned()));
        assert_eq!(fields.get("body"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_header(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let fields = Fields::parse(&bytes);
            for name in fields.names() {
                let _ = fields.text(name);
                let _ = fields.get(name).map(|field| Parameters::parse(field).text("filename"));
            }
            let _ = (decode_words(&bytes), moment(&bytes), quoted(&bytes));
        }

        #[test]
        fn base64_comes_back_however_it_is_cut(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 1_usize..9) {
            const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            let mut text = Vec::new();
            for piece in bytes.chunks(3) {
                let bits = piece.iter().chain([&0, &0]).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
                text.extend([18, 12, 6, 0].iter().take(piece.len() + 1).map(|shift| DIGITS[(bits >> shift & 63) as usize]));
                text.extend(std::iter::repeat_n(b'=', 3 - piece.len()));
            }
            let (mut decoder, mut decoded) = (Base64::default(), Vec::new());
            text.chunks(cut).for_each(|piece| decoder.decode(piece, &mut decoded));
            prop_assert_eq!(decoded, bytes);
        }
    }
}
