//! Tests of what files are by their bytes: a head for every type, and what is wrong with broken ones.

use std::io::Write as _;

use proptest::prelude::*;

use super::*;

fn zipped(names: &[&str]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut archive = zip::ZipWriter::new(&mut bytes);
    for name in names {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(b"content").unwrap();
    }
    archive.finish().unwrap();
    bytes.into_inner()
}

/// A compound file of a header and one sector of directory.
fn compound_of(stream: &str) -> Vec<u8> {
    let mut bytes = vec![0_u8; 1024];
    bytes[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    bytes[30] = 9;
    for (place, byte) in stream.encode_utf16().flat_map(u16::to_le_bytes).enumerate() {
        bytes[512 + 128 + place] = byte;
    }
    bytes
}

fn film_of(brand: &[u8]) -> Vec<u8> {
    [b"\0\0\0\x10ftyp".as_slice(), brand, b"\0\0\0\0", b"\0\0\0\x0Cmoov1234", b"\0\0\0\x0Cmdat5678"].concat()
}

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<</Size 1>>\nstartxref\n31\n%%EOF\n";

#[test]
fn every_type_is_known_by_its_head() {
    let padded = |head: &[u8]| [head, &[0_u8; 600]].concat();
    let mut stream = vec![0_u8; 600];
    for place in [0, 188, 376] {
        stream[place] = 0x47;
    }
    let heads: Vec<(Vec<u8>, FileType)> = vec![
        (PDF.to_vec(), FileType::Pdf),
        (padded(b"\xFF\xD8\xFF\xE0\0\x10JFIF"), FileType::Jpg),
        (padded(b"\x89PNG\r\n\x1A\n"), FileType::Png),
        (padded(b"GIF89a"), FileType::Gif),
        (padded(b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), FileType::Bmp),
        (padded(b"II*\0"), FileType::Tiff),
        (padded(b"8BPS\0\x01"), FileType::Psd),
        (padded(b"RIFF\x10\0\0\0WEBPVP8 "), FileType::Webp),
        (b"<?xml version=\"1.0\"?><svg xmlns=\"\"></svg>".to_vec(), FileType::Svg),
        (padded(b"%!PS-Adobe"), FileType::Eps),
        (film_of(b"isom"), FileType::Mp4),
        (film_of(b"qt  "), FileType::Mov),
        (film_of(b"3gp5"), FileType::ThreeGp),
        (film_of(b"heic"), FileType::Heic),
        (film_of(b"M4A "), FileType::M4a),
        (b"\0\0\0\x0Cmoov1234\0\0\0\x0Cmdat5678".to_vec(), FileType::Mov),
        (padded(b"RIFF\x10\0\0\0AVI LIST"), FileType::Avi),
        (padded(b"RIFF\x10\0\0\0WAVEfmt "), FileType::Wav),
        (padded(b"\x30\x26\xB2\x75\x8E\x66\xCF\x11"), FileType::Wmv),
        (padded(b"\x1A\x45\xDF\xA3\x42\x82\x88matroska"), FileType::Mkv),
        (padded(b"\x1A\x45\xDF\xA3\x42\x82\x84webm"), FileType::Webm),
        (padded(b"FLV\x01"), FileType::Flv),
        (padded(b".RMF"), FileType::Rmvb),
        (padded(b"\0\0\x01\xBA"), FileType::Mpg),
        (stream, FileType::Ts),
        (padded(b"ID3\x03"), FileType::Mp3),
        (padded(b"\xFF\xFB\x90\x44"), FileType::Mp3),
        (compound_of("WordDocument"), FileType::Doc),
        (compound_of("Workbook"), FileType::Xls),
        (compound_of("PowerPoint Document"), FileType::Ppt),
        (compound_of("__properties_version1.0"), FileType::Msg),
        (compound_of("EncryptedPackage"), FileType::Office),
        (zipped(&["[Content_Types].xml", "word/document.xml"]), FileType::Docx),
        (zipped(&["xl/workbook.xml"]), FileType::Xlsx),
        (zipped(&["xl/workbook.bin"]), FileType::Xlsb),
        (zipped(&["ppt/presentation.xml"]), FileType::Pptx),
        (zipped(&["OFD.xml"]), FileType::Ofd),
        (zipped(&["甲.docx"]), FileType::Zip),
        (b"{\\rtf1\\ansi".to_vec(), FileType::Rtf),
        (b"From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\n\r\n".to_vec(), FileType::Eml),
        (b"\xEF\xBB\xBF<html>".to_vec(), FileType::Html),
        ("单位,作品\n".as_bytes().to_vec(), FileType::Txt),
        // The same words in GBK.
        (b"\xB5\xA5\xCE\xBB,\xD7\xF7\xC6\xB7".to_vec(), FileType::Txt),
        (padded(b"Rar!\x1A\x07\x01\0"), FileType::Rar),
        (padded(b"7z\xBC\xAF\x27\x1C"), FileType::SevenZip),
        (padded(b"\x1F\x8B\x08"), FileType::Gzip),
        (padded(b"SQLite format 3\0"), FileType::Contest),
        (padded(b"\x01\x02\x03"), FileType::Unknown),
    ];
    for (bytes, expected) in heads {
        assert_eq!(inspect_bytes(&bytes).file_type, expected, "{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(40)]));
    }
}

#[test]
fn what_is_wrong_is_seen() {
    let condition = |bytes: &[u8]| inspect_bytes(bytes).condition;
    assert_eq!(condition(b""), Condition::Empty);
    assert_eq!(condition(PDF), Condition::Sound);
    assert_eq!(condition(&PDF[..PDF.len() - 8]), Condition::Broken);
    assert_eq!(condition(&PDF[..40]), Condition::Broken);
    let locked = String::from_utf8_lossy(PDF).replace("/Size 1", "/Size 1/Encrypt 2 0 R");
    assert_eq!(condition(locked.as_bytes()), Condition::Encrypted);
    // The cipher may stand in the table that the mark points to, far before the end.
    let stream = format!("%PDF-1.7\n1 0 obj<</Type/XRef/Encrypt 3 0 R>>\n{}\nstartxref\n9\n%%EOF\n", "%\n".repeat(5000));
    assert_eq!(condition(stream.as_bytes()), Condition::Encrypted);
    let film = film_of(b"isom");
    assert_eq!(condition(&film), Condition::Sound);
    assert_eq!(condition(&film[..film.len() - 2]), Condition::Broken);
    assert_eq!(condition(&film[..16]), Condition::Broken);
    let document = zipped(&["word/document.xml"]);
    assert_eq!(condition(&document), Condition::Sound);
    let cut = inspect_bytes(&document[..document.len() / 2]);
    assert_eq!((cut.file_type, cut.condition), (FileType::Docx, Condition::Broken));
    assert_eq!(condition(&compound_of("EncryptedPackage")), Condition::Encrypted);
    assert_eq!(condition(&compound_of("WordDocument")[..512]), Condition::Broken);
}

#[test]
fn keys_lead_back_to_their_types() {
    for file_type in FileType::ALL {
        assert_eq!(FileType::from_key(file_type.key()), Some(*file_type));
        assert!(file_type.endings().is_empty() || file_type.may_end(file_type.endings()[0]));
    }
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..2000), head in 0_usize..6) {
        let heads: [&[u8]; 6] =
            [b"", b"%PDF-", b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"\0\0\0\x08ftypisom", b"\0\0\0\x01moov"];
        let bytes = [heads[head], &bytes].concat();
        prop_assert_eq!(bytes.is_empty(), inspect_bytes(&bytes).condition == Condition::Empty);
    }
}
