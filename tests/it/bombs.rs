//! Mails and archives made to hurt: bombs, lies about sizes, endless nesting, names that lead outside. Each gets its message, the parts
//! beside it are read, nothing is written outside, and no folder is left behind.

use std::io::Write as _;

use serde_json::Value;

use super::world::World;

const TABLE: &[u8] = "参赛单位,参赛类型,参赛作品名称\n甲公司,演讲,故事\n".as_bytes();

/// What stands in an archive.
struct Packed {
    name: Vec<u8>,
    /// Deflated.
    bytes: Vec<u8>,
    crc: u32,
    size: u32,
}

fn packed(name: &str, pieces: impl Iterator<Item = Vec<u8>>) -> Packed {
    let (mut crc, mut deflate) = (flate2::Crc::new(), flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast()));
    for piece in pieces {
        crc.update(&piece);
        deflate.write_all(&piece).unwrap();
    }
    Packed { name: name.as_bytes().to_vec(), bytes: deflate.finish().unwrap(), crc: crc.sum(), size: crc.amount() }
}

fn file(name: &str, content: &[u8]) -> Packed {
    packed(name, std::iter::once(content.to_vec()))
}

/// An archive; with `shared`, every entry points to the first one's bytes.
fn archive(files: &[Packed], shared: bool) -> Vec<u8> {
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let length = |length: usize| u32::try_from(length).unwrap().to_le_bytes();
        let offset = if shared { length(0) } else { length(body.len()) };
        let mut fixed = vec![0, 0, 8, 0, 0, 0, 0, 0];
        fixed.extend(file.crc.to_le_bytes());
        fixed.extend(length(file.bytes.len()));
        fixed.extend(file.size.to_le_bytes());
        fixed.extend(u16::try_from(file.name.len()).unwrap().to_le_bytes());
        fixed.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\0\x14\0");
        directory.extend(&fixed);
        directory.extend([0; 10]);
        directory.extend(offset);
        directory.extend(&file.name);
        if !shared || body.is_empty() {
            body.extend(b"PK\x03\x04\x14\0");
            body.extend(&fixed);
            body.extend(&file.name);
            body.extend(&file.bytes);
        }
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let (size, start) = (u32::try_from(directory.len()).unwrap(), u32::try_from(body.len()).unwrap());
    body.extend(directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend([count, count].concat());
    body.extend(size.to_le_bytes());
    body.extend(start.to_le_bytes());
    body.extend([0, 0]);
    body
}

/// A mail with these parts, each with its header.
fn mail(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut text =
        b"Date: Fri, 5 Jul 2024 16:30:00 +0800\r\nFrom: a@example.com\r\nContent-Type: multipart/mixed; boundary=next\r\n".to_vec();
    for (header, content) in parts {
        text.extend(format!("\r\n--next\r\n{header}\r\n\r\n").as_bytes());
        text.extend(*content);
    }
    text.extend(b"\r\n--next--\r\n");
    text
}

const CSV: &str = "Content-Type: text/csv; name=table.csv";
const ZIP: &str = "Content-Type: application/zip; name=a.zip";

/// Imports one file from a folder; the codes of each line, by what follows the last “ › ”.
#[track_caller]
fn imported(name: &str, content: &[u8]) -> Vec<(String, Vec<String>)> {
    let world = World::init();
    world.write(&format!("收件/{name}"), content);
    let temporary = world.path("临时");
    std::fs::create_dir(&temporary).unwrap();
    let mut command = world.command();
    let output = world.finish(command.env("TMPDIR", &temporary).env("TMP", &temporary).args(["import", "收件", "--format", "json"]));
    assert!([0, 1, 3].contains(&output.code), "{}", output.text());
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "temporary files are left");
    assert_eq!(world.names(), ["2024.dasai", "临时", "收件"]);
    let line = |file: &Value| {
        let codes = file["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap().to_owned()).collect();
        (file["path"].as_str().unwrap().rsplit(" › ").next().unwrap().to_owned(), codes)
    };
    output.json()["files"].as_array().unwrap().iter().map(line).collect()
}

/// The codes of a line.
fn codes<'a>(lines: &'a [(String, Vec<String>)], name: &str) -> Vec<&'a str> {
    let line = lines.iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("no line {name}: {lines:?}"));
    line.1.iter().map(String::as_str).collect()
}

fn zeros(name: &str, megabytes: usize) -> Packed {
    packed(name, std::iter::repeat_n(vec![0; 1 << 20], megabytes))
}

#[test]
fn a_flat_bomb_is_refused_and_its_neighbour_read() {
    let lines = imported("a.zip", &archive(&[zeros("bomb.csv", 300), file("table.csv", TABLE)], false));
    assert_eq!(codes(&lines, "bomb.csv"), ["I144"]);
    assert_eq!(codes(&lines, "table.csv"), [""; 0]);
}

#[test]
fn many_small_bombs_end_with_the_budget() {
    let bombs: Vec<Packed> = (0..40).map(|number| zeros(&format!("{number}.bin"), 15)).chain([file("table.csv", TABLE)]).collect();
    let lines = imported("a.zip", &archive(&bombs, false));
    assert_eq!(codes(&lines, "39.bin"), ["I143"]);
    assert_eq!(codes(&lines, "table.csv"), [""; 0], "what is small enough is still read");
}

#[test]
fn nested_bombs_share_one_budget() {
    let inner = archive(&[zeros("a.bin", 15), zeros("b.bin", 15)], false);
    let middle = archive(&(0..9).map(|number| file(&format!("{number}.zip"), &inner)).collect::<Vec<_>>(), false);
    let lines = imported("a.eml", &mail(&[(ZIP, &middle), (CSV, TABLE)]));
    assert!(lines.iter().any(|(_, codes)| codes.contains(&"I143".to_owned())), "{lines:?}");
    assert_eq!(codes(&lines, "table.csv"), [""; 0]);
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    let shared: Vec<Packed> = (0..50).map(|number| file(&format!("{number}.csv"), TABLE)).collect();
    assert_eq!(codes(&imported("a.zip", &archive(&shared, true)), "收件/a.zip"), ["I144"]);
}

#[test]
fn lies_about_sizes_and_check_sums_are_found() {
    let (mut small, mut wrong) = (file("small.csv", TABLE), file("wrong.csv", TABLE));
    small.size -= 5;
    wrong.crc ^= 1;
    let lines = imported("a.zip", &archive(&[small, wrong, file("table.csv", TABLE)], false));
    assert_eq!((codes(&lines, "small.csv"), codes(&lines, "wrong.csv")), (vec!["I136"], vec!["I136"]));
    assert_eq!(codes(&lines, "table.csv"), [""; 0]);
    // A directory that promises more than the file has.
    let mut whole = archive(&[file("table.csv", TABLE)], false);
    let end = whole.len() - 22;
    whole[end + 10] = 200;
    assert_eq!(codes(&imported("a.zip", &whole), "收件/a.zip"), ["I136"]);
    whole[end + 10] = 0xFE;
    whole[end + 11] = 0xFE;
    assert_eq!(codes(&imported("a.zip", &whole), "收件/a.zip"), ["I142"]);
    assert_eq!(codes(&imported("a.zip", &whole[..whole.len() - 30]), "收件/a.zip"), ["I136"]);
}

#[test]
fn nesting_ends() {
    let mut whole = archive(&[file("table.csv", TABLE)], false);
    for _ in 0..12 {
        whole = archive(&[file("inner.zip", &whole)], false);
    }
    let lines = imported("a.zip", &whole);
    assert_eq!((lines.len(), lines.last().unwrap().1.as_slice()), (10, ["I140".to_owned()].as_slice()));
    let mut inner = mail(&[(CSV, TABLE)]);
    for _ in 0..12 {
        // A mail in a mail has a boundary of its own, or the outer one would end it.
        let boundary = format!("next{}", inner.len());
        let outer = String::from_utf8(mail(&[("Content-Type: message/rfc822", b"INNER")])).unwrap().replace("next", &boundary);
        inner = outer.replace("INNER", &String::from_utf8(inner).unwrap()).into_bytes();
    }
    let lines = imported("a.eml", &inner);
    assert_eq!((lines.len(), lines.last().unwrap().1.as_slice()), (10, ["I140".to_owned()].as_slice()));
}

#[test]
fn multiparts_without_end_cost_nothing() {
    let mut text = "From: a@example.com\r\nSubject: a\r\nDate: Fri, 5 Jul 2024 16:30:00 +0800\r\n".to_owned();
    for number in 0..20_000 {
        text.push_str(&format!("Content-Type: multipart/mixed; boundary=\"b{number}\"\r\n\r\n--b{number}\r\n"));
    }
    assert_eq!(codes(&imported("a.eml", text.as_bytes()), "收件/a.eml"), ["I142"]);
    let parts = vec![("Content-Type: application/x", b"".as_slice()); 10_050];
    let lines = imported("a.eml", &mail(&parts));
    assert!(codes(&lines, "收件/a.eml").contains(&"I142"));
}

#[test]
fn a_mail_that_is_none_is_said() {
    assert_eq!(codes(&imported("a.eml", b"\xff\xfe\0\0nothing"), "收件/a.eml"), ["I133"]);
    assert_eq!(codes(&imported("a.msg", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 outlook"), "收件/a.msg"), ["I139"]);
    assert_eq!(
        codes(&imported("a.eml", b"From: a\r\nSubject: b\r\nContent-Type: multipart/mixed\r\n\r\nx"), "收件/a.eml"),
        ["I131", "I133"]
    );
}
