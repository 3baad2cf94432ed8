//! Owns what a file is by its bytes, never by its ending, and what can be seen cheaply of its soundness: empty, cut short, locked by a
//! password. Refuses to know what a file is for, and to read what is in it.
//!
//! Decision worth knowing: nothing is inflated and no more than a few pages are read, whatever the file's size: the first bytes, an
//! archive's directory, the end of a PDF, the heads of a film's boxes.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use super::container::HEAD;
use super::encoding;
use crate::domain::attachment::{Condition, FileType};

/// The end of a PDF lies within so many bytes of the file's end; junk behind it is usual.
const PDF_END: u64 = 4 << 10;
/// A film has a handful of boxes; one with more than this is not looked through.
const MOST_BOXES: u32 = 10_000;
/// Some programs put a line or two before a PDF's first; so far the standard allows.
const PDF_START: usize = 1024;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inspected {
    /// By its content.
    pub file_type: FileType,
    /// Whether anything is wrong with it.
    pub condition: Condition,
}

impl Inspected {
    fn sound(file_type: FileType) -> Self {
        Self { file_type, condition: Condition::Sound }
    }

    fn with(file_type: FileType, condition: Condition) -> Self {
        Self { file_type, condition }
    }
}

/// What an opened file is. The place to read from is at the start afterwards.
///
/// # Errors
/// The file cannot be read.
pub fn inspect<R: Read + Seek>(file: &mut R) -> io::Result<Inspected> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(u64::try_from(HEAD).unwrap_or(u64::MAX)).read_to_end(&mut head)?;
    let found = recognise(&head, file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(found)
}

/// What a file in memory is: a part of a mail, for one.
#[must_use]
pub fn inspect_bytes(bytes: &[u8]) -> Inspected {
    // Memory does not fail.
    inspect(&mut Cursor::new(bytes)).unwrap_or_default()
}

/// Decides what a file is; `head` is its first [`HEAD`] bytes, all of them if it is shorter.
fn recognise<R: Read + Seek>(head: &[u8], file: &mut R) -> io::Result<Inspected> {
    if head.is_empty() {
        return Ok(Inspected::with(FileType::Unknown, Condition::Empty));
    }
    if let Some(file_type) = by_magic(head) {
        return if file_type == FileType::Pdf {
            pdf(file)
        } else if matches!(file_type, FileType::Mp4 | FileType::Mov | FileType::ThreeGp | FileType::M4a) {
            film(file_type, file)
        } else {
            Ok(Inspected::sound(file_type))
        };
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(archive(head, file));
    }
    if head.starts_with(b"PK\x05\x06") {
        return Ok(Inspected::with(FileType::Zip, Condition::Empty));
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return compound(head, file);
    }
    Ok(Inspected::sound(text(head)))
}

/// Types that the first bytes alone decide.
fn by_magic(head: &[u8]) -> Option<FileType> {
    let at = |start: usize, magic: &[u8]| head.get(start..).is_some_and(|rest| rest.starts_with(magic));
    for (magic, file_type) in [
        (b"\xFF\xD8\xFF".as_slice(), FileType::Jpg),
        (b"\x89PNG\r\n", FileType::Png),
        (b"GIF8", FileType::Gif),
        (b"II*\x00", FileType::Tiff),
        (b"MM\x00*", FileType::Tiff),
        (b"8BPS", FileType::Psd),
        (b"%!PS", FileType::Eps),
        (b"\xC5\xD0\xD3\xC6", FileType::Eps),
        (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", FileType::Wmv),
        (b"FLV\x01", FileType::Flv),
        (b".RMF", FileType::Rmvb),
        (b"\x00\x00\x01\xBA", FileType::Mpg),
        (b"\x00\x00\x01\xB3", FileType::Mpg),
        (b"ID3", FileType::Mp3),
        (b"Rar!\x1A\x07", FileType::Rar),
        (b"7z\xBC\xAF\x27\x1C", FileType::SevenZip),
        (b"\x1F\x8B\x08", FileType::Gzip),
        (b"{\\rtf", FileType::Rtf),
        (b"SQLite format 3\x00", FileType::Contest),
    ] {
        if head.starts_with(magic) {
            return Some(file_type);
        }
    }
    if at(4, b"ftyp") {
        return brand(head.get(8..12).unwrap_or_default());
    }
    // Films of before the brands.
    if [b"moov".as_slice(), b"mdat", b"wide", b"free", b"skip"].iter().any(|name| at(4, name)) && head.starts_with(b"\x00") {
        return Some(FileType::Mov);
    }
    if at(0, b"RIFF") {
        return [(b"AVI ".as_slice(), FileType::Avi), (b"WAVE", FileType::Wav), (b"WEBP", FileType::Webp)]
            .into_iter()
            .find_map(|(form, file_type)| at(8, form).then_some(file_type));
    }
    if at(0, b"\x1A\x45\xDF\xA3") {
        let start = head.get(..4096).unwrap_or(head);
        return Some(if contains(start, b"webm") { FileType::Webm } else { FileType::Mkv });
    }
    if [0, 188, 376].into_iter().all(|start| at(start, b"\x47")) || [4, 196, 388].into_iter().all(|start| at(start, b"\x47")) {
        return Some(FileType::Ts);
    }
    // A bitmap says how long its header is; two letters alone may begin any text.
    let header = head.get(14..18).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    if at(0, b"BM") && at(6, b"\x00\x00\x00\x00") && matches!(header, 12 | 40 | 52 | 56 | 64 | 108 | 124) {
        return Some(FileType::Bmp);
    }
    // A frame of layer III with a possible bit rate.
    if let [0xFF, second, third, ..] = head
        && second & 0xE6 == 0xE2
        && third & 0xF0 != 0xF0
    {
        return Some(FileType::Mp3);
    }
    contains(head.get(..PDF_START).unwrap_or(head), b"%PDF-").then_some(FileType::Pdf)
}

fn brand(brand: &[u8]) -> Option<FileType> {
    match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => Some(FileType::Heic),
        b"avif" | b"avis" => None,
        b"qt  " => Some(FileType::Mov),
        b"M4A " | b"M4B " => Some(FileType::M4a),
        _ if brand.starts_with(b"3g") => Some(FileType::ThreeGp),
        _ => Some(FileType::Mp4),
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Reads so many bytes from a place on; fewer at the end.
fn read_at<R: Read + Seek>(file: &mut R, place: u64, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(place))?;
    file.by_ref().take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A PDF without its end mark was cut short; one whose last trailer names a cipher is locked.
fn pdf<R: Read + Seek>(file: &mut R) -> io::Result<Inspected> {
    let size = file.seek(SeekFrom::End(0))?;
    let end = read_at(file, size.saturating_sub(PDF_END), PDF_END)?;
    let Some(mark) = end.windows(9).rposition(|window| window == b"startxref") else {
        return Ok(Inspected::with(FileType::Pdf, Condition::Broken));
    };
    let rest = end.get(mark + 9..).unwrap_or_default();
    if !contains(rest, b"%%EOF") {
        return Ok(Inspected::with(FileType::Pdf, Condition::Broken));
    }
    let digits: Vec<u8> = rest.iter().copied().skip_while(u8::is_ascii_whitespace).take_while(u8::is_ascii_digit).take(15).collect();
    let table = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse::<u64>().ok()).unwrap_or(size);
    // The trailer stands before the mark, or is the dictionary of the table that the mark points to.
    let is_locked = contains(&end, b"/Encrypt") || contains(&read_at(file, table, PDF_END)?, b"/Encrypt");
    Ok(Inspected::with(FileType::Pdf, if is_locked { Condition::Encrypted } else { Condition::Sound }))
}

/// A film is a row of boxes; the last must not reach beyond the file's end, and one must be the index.
fn film<R: Read + Seek>(file_type: FileType, file: &mut R) -> io::Result<Inspected> {
    let size = file.seek(SeekFrom::End(0))?;
    let (mut place, mut has_index) = (0_u64, false);
    let mut is_whole = true;
    for _ in 0..MOST_BOXES {
        if place >= size {
            break;
        }
        let head = read_at(file, place, 16)?;
        let number =
            |range: std::ops::Range<usize>| head.get(range).map(|bytes| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)));
        let Some(short) = number(0..4).filter(|_| head.len() >= 8) else {
            // A few bytes of padding.
            break;
        };
        has_index |= head.get(4..8).is_some_and(|name| name == b"moov" || name == b"moof");
        let length = match short {
            // The rest of the file.
            0 => size - place,
            1 => number(8..16).unwrap_or_default(),
            length => length,
        };
        if length < 8 {
            break;
        }
        place = place.saturating_add(length);
        is_whole = place <= size;
    }
    let condition = if is_whole && has_index { Condition::Sound } else { Condition::Broken };
    Ok(Inspected::with(file_type, condition))
}

/// An archive is what its directory says; without a directory it was cut short.
fn archive<R: Read + Seek>(head: &[u8], file: &mut R) -> Inspected {
    let mimetype = head.get(30..110).unwrap_or_default();
    let of_open_document = [
        (b"opendocument.text".as_slice(), FileType::Odt),
        (b"opendocument.spreadsheet", FileType::Ods),
        (b"opendocument.presentation", FileType::Odp),
    ];
    let guess = |names: &[String]| {
        let holds = |name: &str| names.iter().any(|candidate| candidate == name);
        let under = |folder: &str| names.iter().any(|candidate| candidate.starts_with(folder));
        if holds("word/document.xml") || (under("word/") && holds("[content_types].xml")) {
            FileType::Docx
        } else if holds("xl/workbook.bin") {
            FileType::Xlsb
        } else if names.iter().any(|name| name.starts_with("xl/") && name.contains("workbook") && name.contains(".xml")) {
            FileType::Xlsx
        } else if under("ppt/") {
            FileType::Pptx
        } else if holds("ofd.xml") {
            FileType::Ofd
        } else if let Some((_, file_type)) = of_open_document.iter().find(|(name, _)| contains(mimetype, name)) {
            *file_type
        } else if holds("content.xml") && holds("mimetype") {
            FileType::Ods
        } else {
            FileType::Zip
        }
    };
    if let Ok(archive) = zip::ZipArchive::new(&mut *file) {
        let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(|name| name.to_lowercase()).collect();
        return Inspected::sound(guess(&names));
    }
    // What is left of it may still tell what it was.
    let folders = [b"word/".as_slice(), b"xl/", b"ppt/"];
    let types = [FileType::Docx, FileType::Xlsx, FileType::Pptx];
    let found = folders.iter().zip(types).find(|(folder, _)| contains(head, folder));
    Inspected::with(found.map_or(FileType::Zip, |(_, file_type)| file_type), Condition::Broken)
}

/// A compound file: old office files, encrypted new ones, messages. Its directory names its streams in UTF-16.
fn compound<R: Read + Seek>(head: &[u8], file: &mut R) -> io::Result<Inspected> {
    let shift = head.get(30..32).and_then(|bytes| bytes.try_into().ok()).map_or(9, u16::from_le_bytes).clamp(7, 16);
    let first = head.get(48..52).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    let place = (u64::from(first) + 1) << shift;
    let mut directory = read_at(file, place, 64 << 10)?;
    let known = |bytes: &[u8]| {
        let holds = |name: &str| {
            let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            bytes.windows(wide.len()).step_by(2).any(|window| window == wide)
        };
        if holds("EncryptedPackage") {
            Some(Inspected::with(FileType::Office, Condition::Encrypted))
        } else if holds("WordDocument") {
            Some(Inspected::sound(FileType::Doc))
        } else if holds("Workbook") || holds("Book") {
            Some(Inspected::sound(FileType::Xls))
        } else if holds("PowerPoint Document") {
            Some(Inspected::sound(FileType::Ppt))
        } else if holds("__properties_version1.0") {
            Some(Inspected::sound(FileType::Msg))
        } else {
            None
        }
    };
    let is_cut = directory.is_empty();
    if let Some(found) = known(&directory) {
        return Ok(found);
    }
    // A directory in pieces: the names stand somewhere near the start.
    directory = read_at(file, 0, 4 << 20)?;
    let condition = if is_cut { Condition::Broken } else { Condition::Sound };
    Ok(match known(&directory) {
        Some(found) if found.condition == Condition::Sound => Inspected::with(found.file_type, condition),
        Some(found) => found,
        None => Inspected::with(FileType::Office, condition),
    })
}

/// What has no magic: marked-up text, mails, plain text, or nothing known.
fn text(head: &[u8]) -> FileType {
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let start: Vec<u8> = start.iter().take(2048).map(u8::to_ascii_lowercase).collect();
    let begins = |tags: &[&[u8]]| tags.iter().any(|tag| start.starts_with(tag));
    if begins(&[b"<svg"]) || (begins(&[b"<?xml", b"<!doctype"]) && contains(&start, b"<svg")) {
        return FileType::Svg;
    }
    if begins(&[b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<style"]) {
        return FileType::Html;
    }
    let mail_lines = [b"\nfrom:".as_slice(), b"\nto:", b"\ndate:", b"\nsubject:", b"\nmime-version:", b"\nmessage-id:", b"\nreceived:"];
    let is_header = start.iter().position(|byte| *byte == b':').is_some_and(|colon| {
        start.get(..colon).is_some_and(|name| !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-'))
    });
    if is_header && mail_lines.iter().filter(|line| contains(&start, line)).count() >= 2 {
        return FileType::Eml;
    }
    match encoding::detect(head, head.len() < HEAD) {
        Some(_) => FileType::Txt,
        None => FileType::Unknown,
    }
}

#[cfg(test)]
#[path = "file_type_tests.rs"]
mod tests;
