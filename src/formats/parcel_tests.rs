//! Tests of `mail` and `archive`: no bytes make them panic, whatever happened to them on their way.

use std::io::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;

use super::archive::{Archive, EntryKind};
use super::mail::{self, PartKind};
use super::spool::{Budget, SpoolFolder};

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail").join(name);
    std::fs::read(path).expect("a fixture")
}

/// Takes a file apart in both ways.
fn take_apart(bytes: &[u8]) {
    let folder = SpoolFolder::new().expect("a folder");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    drop(mail::envelope(bytes));
    drop(mail::unpack(file.path(), &folder, &mut Budget::of(0)));
    if let Ok(Some(mut archive)) = Archive::open(file.path()) {
        for entry in archive.entries().to_vec() {
            drop(archive.head(&entry));
            drop(archive.extract(&entry, &folder, &mut Budget::of(0)));
        }
    }
}

#[test]
fn parts_come_whole_and_in_order() {
    let folder = SpoolFolder::new().expect("a folder");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&fixture("alternative_related.eml")).expect("written");
    let mail = mail::unpack(file.path(), &folder, &mut Budget::of(0)).expect("readable");
    let parts: Vec<(&str, PartKind)> = mail.parts.iter().map(|part| (part.name.as_str(), part.kind)).collect();
    let expected = [
        ("image001.png", PartKind::Inline),
        ("汇总表.csv", PartKind::Attachment),
        ("上海甲精密机械有限公司+一颗螺丝钉的旅程.pdf", PartKind::Attachment),
        ("单位标志.png", PartKind::Attachment),
    ];
    assert_eq!(parts, expected);
    assert_eq!((mail.envelope.sender.as_str(), mail.envelope.subject.as_str()), ("联系人 <a@example.com>", "质量品牌故事申报（一）"));
    let table = mail.parts.get(1).expect("a table");
    assert_eq!(std::fs::read(table.content.path()).expect("there"), table.content.head);
    assert!(table.content.head.ends_with("13800000001\n".as_bytes()));
}

#[test]
fn names_of_archives_are_read_in_every_encoding() {
    let names = |name: &str| -> Vec<(String, EntryKind)> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&fixture(name)).expect("written");
        let archive = Archive::open(file.path()).expect("readable").expect("an archive");
        archive.entries().iter().map(|entry| (entry.name.clone(), entry.kind)).collect()
    };
    let (gbk, utf8) = (names("names_gbk.zip"), names("names_utf8.zip"));
    assert_eq!(gbk.first(), Some(&("申报材料/汇总表.csv".to_owned(), EntryKind::File)));
    assert_eq!(gbk, utf8.into_iter().filter(|(_, kind)| *kind != EntryKind::Folder).collect::<Vec<_>>());
    assert_eq!(names("names_unicode_field.zip"), [("汇总表龑.csv".to_owned(), EntryKind::File)]);
    assert_eq!(names("link.zip"), [("table.csv".to_owned(), EntryKind::Link)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_them_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        take_apart(&bytes);
    }

    #[test]
    fn no_damage_makes_them_panic(
        name in prop::sample::select(vec![
            "alternative_related.eml", "forwarded.eml", "raw_gbk.eml", "rfc2231_gbk.eml", "quoted_printable.eml", "names_gbk.zip",
            "names_utf8.zip", "names_unicode_field.zip", "nested.zip", "system_files.zip",
        ]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = fixture(name);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        take_apart(&bytes);
    }
}
