//! Mails and archives: every file of `fixtures/mail` with what `import` makes of it beside it (`UPDATE_DOCS=1` writes that anew), and
//! what a mail means for receipt and order. Files that nobody meant well are in `bombs.rs`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::world::{Output, World};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail")
}

/// The mails and archives of the folder.
fn names() -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| [".eml", ".zip"].iter().any(|ending| name.ends_with(ending)));
    names.sort();
    names
}

/// What an import said of each file and part, without the words.
fn lines(output: &Output) -> Vec<Value> {
    let line = |file: &Value| {
        let codes: Vec<&Value> = file["problems"].as_array().unwrap().iter().map(|problem| &problem["code"]).collect();
        let counts = ["rows", "added", "updated", "unchanged", "changed", "quarantined"].map(|key| file[key].as_u64().unwrap());
        assert_eq!(counts[0], counts[1..].iter().sum::<u64>(), "{file}");
        let mut line = json!({"path": file["path"], "kind": file["kind"], "outcome": file["outcome"]});
        for (key, value) in
            [("entry", file["entry"].clone()), ("rows", json!(counts[0])), ("added", json!(counts[1])), ("problems", json!(codes))]
        {
            if ![json!(null), json!(0), json!([])].contains(&value) {
                line[key] = value;
            }
        }
        line
    };
    output.json()["files"].as_array().unwrap().iter().map(line).collect()
}

/// Every work: what its form says, and when and in what it came.
fn works(world: &World) -> Vec<Value> {
    let list = world.run(["entry", "list", "--format", "json"]).json();
    let numbers: Vec<&str> = list["entries"].as_array().unwrap().iter().map(|entry| entry["number"].as_str().unwrap()).collect();
    let show = |number: &&str| {
        let entry = world.run(["entry", "show", number, "--format", "json"]).json()["entry"].clone();
        json!({"number": number, "title": entry["title"], "creators": entry["creators"], "received_at": entry["received_at"], "file": entry["source"]["file"]})
    };
    numbers.iter().map(show).collect()
}

/// A list of objects, one a line.
fn written(value: &Value) -> String {
    let list = |key: &str| {
        let lines: Vec<String> = value[key].as_array().unwrap().iter().map(|line| format!("    {line}")).collect();
        format!("  \"{key}\": [\n{}\n  ]", lines.join(",\n"))
    };
    format!("{{\n{},\n{}\n}}\n", list("files"), list("works"))
}

#[test]
fn every_fixture_becomes_what_stands_beside_it() {
    #[expect(clippy::disallowed_methods, reason = "the test's own environment")]
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let names = names();
    assert!(names.len() >= 14);
    for name in names {
        let world = World::init();
        world.write(&format!("收件/{name}"), std::fs::read(fixtures().join(&name)).unwrap());
        let output = world.run(["import", "收件", "--format", "json"]);
        let found = written(&json!({"files": lines(&output), "works": works(&world)}));
        let beside = fixtures().join(format!("{name}.json"));
        if update {
            std::fs::write(&beside, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_else(|_| panic!("{name}: nothing stands beside it"));
        assert_eq!(found, expected, "{name}\n{}", output.stderr);
        let log = world.run(["log", "--format", "json"]).stdout;
        let before = works(&world);
        world.run(["import", "收件", "--format", "json"]);
        assert_eq!(
            (world.run(["log", "--format", "json"]).stdout, works(&world)),
            (log, before),
            "{name}: the second import changed something"
        );
        let names = world.names();
        assert_eq!(names, ["2024.dasai", "收件"], "{name} wrote somewhere");
    }
}

#[test]
fn all_of_them_together_change_nothing_the_second_time() {
    let world = World::init();
    for name in names() {
        world.write(&format!("收件/{name}"), std::fs::read(fixtures().join(&name)).unwrap());
    }
    let dry = world.run(["import", "收件", "--dry-run", "--format", "json"]);
    let first = world.run(["import", "收件", "--format", "json"]);
    assert_eq!(dry.stdout, first.stdout, "a dry run says what the import does");
    let log = world.run(["log", "--format", "json"]).stdout;
    let second = world.run(["import", "收件", "--format", "json"]);
    assert_eq!(world.run(["log", "--format", "json"]).stdout, log);
    assert_eq!(second.json()["totals"]["added"], 0);
    world.run(["undo"]).done();
    assert!(works(&world).is_empty());
    let (ok, log) = (world.run(["log", "--verify", "--format", "json"]), world.run(["log", "--format", "json"]));
    assert_eq!(ok.json()["verified"], true, "{}", log.stdout);
}

/// A table that gives its work a number.
pub(crate) const NUMBERED: &str = "参赛单位,参赛类型,参赛作品名称,作品编号\n上海示例信件有限公司,演讲,来信,Y900\n";

const HEAD: &str = "参赛单位,参赛类型,参赛作品名称,主创者姓名\n";

/// A mail with tables and other files attached.
pub(crate) fn mail(date: &str, subject: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut text = format!(
        "Date: {date}\r\nFrom: a@example.com\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=next\r\n"
    )
    .into_bytes();
    for (name, content) in parts {
        let head =
            format!("\r\n--next\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n");
        text.extend(head.as_bytes());
        text.extend(*content);
    }
    text.extend(b"\r\n--next--\r\n");
    text
}

fn row(creator: &str) -> Vec<u8> {
    format!("{HEAD}甲公司,演讲,故事,{creator}").into_bytes()
}

#[test]
fn the_later_mail_comes_last_whatever_its_name() {
    let world = World::init();
    world.write("收件/a.eml", mail("Thu, 4 Jul 2024 09:00:00 +0800", "later", &[("表.csv", &row("乙"))]));
    world.write("收件/b.eml", mail("Mon, 1 Jul 2024 09:00:00 +0800", "earlier", &[("表.csv", &row("甲"))]));
    world.run(["import", "收件", "--update"]).done();
    let work = &works(&world)[0];
    assert_eq!((&work["creators"], &work["received_at"]), (&json!("乙"), &json!("2024-07-01T09:00:00+08:00")), "{work}");
}

#[test]
fn a_work_says_in_which_mail_it_came() {
    let world = World::init();
    let inner = mail("Mon, 1 Jul 2024 09:00:00 +0800", "entry form", &[("表.csv", &row("甲"))]);
    let inner = String::from_utf8(inner).unwrap().replace("next", "inner");
    world.write("收件/a.eml", mail("Thu, 4 Jul 2024 09:00:00 +0800", "Fwd", &[("inner.eml", inner.as_bytes())]));
    world.run(["import", "收件"]).done();
    let shown =
        |reveal: &[&str]| world.run([&["entry", "show", "Y001", "--format", "json"], reveal].concat()).json()["entry"]["mail"].clone();
    let mail = shown(&[]);
    assert_eq!((&mail["sender"], &mail["subject"]), (&json!("a***@example.com"), &json!("entry form")), "{mail}");
    assert_eq!(shown(&["--reveal"])["sender"], "a@example.com");
    assert!(world.run(["entry", "show", "Y001"]).stdout.contains("来自邮件：entry form，发件人 a***@example.com"));
}

#[test]
fn a_given_time_of_receipt_wins() {
    let world = World::init();
    world.write("收件/a.eml", mail("Thu, 4 Jul 2024 09:00:00 +0800", "s", &[("表.csv", &row("乙"))]));
    world.run(["import", "收件", "--received-at", "2024-07-02"]).done();
    assert_eq!(works(&world)[0]["received_at"], "2024-07-02T00:00:00+08:00");
}

/// The recorded files: name, work, how it was found.
fn attachments(world: &World) -> Vec<Value> {
    let list = world.run(["attachment", "list", "--format", "json"]).json();
    let line = |file: &Value| json!([file["path"], file["entry"], file["matched"]]);
    list["attachments"].as_array().unwrap().iter().map(line).collect()
}

const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";

#[test]
fn a_scan_belongs_to_the_work_it_is_named_after_or_came_with_and_is_recorded_once() {
    let world = World::init();
    let form = row("甲");
    let late = "Thu, 4 Jul 2024 09:00:00 +0800";
    // A scan under a name that says nothing, with its form; the same again in a later mail; one that its subject names; one of nobody.
    world.write("收件/a.eml", mail("Mon, 1 Jul 2024 09:00:00 +0800", "a", &[("form.csv", &form), ("scan.pdf", PDF)]));
    world.write("收件/b.eml", mail(late, "b", &[("form.csv", &form), ("scan.pdf", PDF)]));
    world.write("收件/c.eml", mail(late, "=?utf-8?B?55Sy5YWs5Y+4K+aVheS6iw==?=", &[("script.pdf", &[PDF, b"2"].concat())]));
    world.write("收件/d.eml", mail(late, "d", &[("other.pdf", &[PDF, b"3"].concat())]));
    let output = world.run(["import", "收件", "--format", "json"]).done();
    let expected = [json!(["scan.pdf", "Y001", "mail"]), json!(["script.pdf", "Y001", "name"]), json!(["other.pdf", null, null])];
    assert_eq!(attachments(&world), expected, "{}", output.text());
    let log = world.run(["log", "--format", "json"]).stdout;
    world.run(["import", "收件"]).done();
    assert_eq!((attachments(&world).as_slice(), world.run(["log", "--format", "json"]).stdout), (expected.as_slice(), log));
    world.run(["undo"]).done();
    assert!(attachments(&world).is_empty());
}

#[test]
fn a_file_finds_its_work_once_the_form_has_come() {
    let world = World::init();
    let date = "Thu, 4 Jul 2024 09:00:00 +0800";
    world.write("a.eml", mail(date, "a", &[("甲公司+故事.pdf", PDF)]));
    world.write("b.eml", mail(date, "b", &[("form.csv", &row("甲"))]));
    world.run(["import", "a.eml"]).done();
    assert_eq!(attachments(&world), [json!(["甲公司+故事.pdf", null, null])]);
    world.run(["import", "b.eml", "a.eml"]).done();
    assert_eq!(attachments(&world), [json!(["甲公司+故事.pdf", "Y001", "name"])]);
}
