//! A whole contest through the real program, as a script would do it, under both presets: every step's JSON is read and its counts add
//! up; nothing is counted twice; two runs give the same bytes; everything can be taken back and done again; and what goes out to the
//! public names no contact.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};
use std::path::Path;

use serde_json::Value;

use super::undo::dump;
use super::world::World;

/// What `export` can export, and the endings it writes.
const EXPORTS: [&str; 5] = ["rankings", "awards", "entries", "scores", "findings"];
const ENDINGS: [&str; 4] = ["xlsx", "csv", "json", "md"];

/// The JSON of a command that must succeed (findings are allowed).
#[track_caller]
fn json(world: &World, line: &str) -> Value {
    let output = world.run(line.split(' ').chain(["--format", "json"]));
    assert!([0, 3].contains(&output.code), "{line}: {}", output.text());
    output.json()
}

#[track_caller]
fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no count: {value}"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("no list {key}: {value}"))
}

/// Rows of an import are all accounted for; how many were added.
#[track_caller]
fn imported(report: &Value) -> u64 {
    let totals = &report["totals"];
    let kinds = ["added", "updated", "unchanged", "changed", "quarantined"];
    assert_eq!(count(&totals["rows"]), kinds.iter().map(|kind| count(&totals[*kind])).sum::<u64>(), "{totals}");
    for key in kinds.iter().chain(&["rows"]) {
        assert_eq!(count(&totals[*key]), list(report, "files").iter().map(|file| count(&file[*key])).sum::<u64>(), "{key}");
    }
    count(&totals["added"])
}

/// Every file of an export, by name.
fn export_all(world: &World, folder: &str) -> BTreeMap<String, Vec<u8>> {
    std::fs::create_dir(world.path(folder)).unwrap();
    let mut files = BTreeMap::new();
    for what in EXPORTS {
        for ending in ENDINGS {
            let name = format!("{what}.{ending}");
            world.run(["export", what, "--out", &format!("{folder}/{name}")]).done();
            files.insert(name.clone(), std::fs::read(world.path(folder).join(&name)).unwrap());
        }
    }
    files
}

/// What a file says: itself, and for a workbook all its parts, unpacked.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    if let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) {
        for index in 0..archive.len() {
            archive.by_index(index).unwrap().read_to_end(&mut all).unwrap();
        }
    }
    all
}

/// The award list holds every accepted work exactly once with a level; special awards come on top. How many works there are.
fn awards_add_up(world: &World) -> usize {
    let entries = json(world, "entry list");
    let works: BTreeSet<&str> = list(&entries, "entries").iter().map(|work| work["number"].as_str().unwrap()).collect();
    let proposal = json(world, "award propose");
    let awards = json(world, "award list");
    let mut levels: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut level_of: BTreeMap<&str, u64> = BTreeMap::new();
    for award in list(&awards, "awards") {
        let of = |key: &str| award[key].as_str().unwrap().to_owned();
        *levels.entry((of("category"), of("award"))).or_default() += 1;
        let work = award["entry"].as_str().unwrap();
        assert!(works.contains(work), "{work}");
        if award["level"].is_string() {
            *level_of.entry(work).or_default() += 1;
        }
    }
    for level in list(&proposal, "levels") {
        let key = (level["category"].as_str().unwrap().to_owned(), level["award"].as_str().unwrap().to_owned());
        assert_eq!(levels.get(&key).copied().unwrap_or_default(), count(&level["granted"]), "{key:?}");
        assert_eq!(count(&level["open"]), 0, "{key:?}");
    }
    assert_eq!(level_of.keys().copied().collect::<BTreeSet<_>>(), works);
    assert!(level_of.values().all(|levels| *levels == 1));
    works.len()
}

/// Taking everything back leaves the contest as it was just made; doing it again, as it was.
fn back_and_forth(world: &World, database: &str, fresh: &str) {
    let path = world.path(database);
    let done = dump(&path);
    let operations = list(&json(world, &format!("--db {database} log")), "operations").len();
    world.run(["--db", database, "undo", &(operations - 1).to_string()]).done();
    assert_eq!(dump(&path), fresh);
    assert_eq!(list(&json(world, &format!("--db {database} entry list")), "entries").len(), 0);
    world.run(["--db", database, "redo", &(operations - 1).to_string()]).done();
    assert_eq!(dump(&path), done);
    world.run(["--db", database, "log", "--verify"]).done();
}

/// The national contest's categories: name, prefix, id, a column that it needs, its criteria with their highest marks.
const NATIONAL: [(&str, &str, &str, &str, &[(&str, u32)]); 4] = [
    ("品牌故事演讲", "Y", "speech", "6:30", &[("主题内容", 50), ("语言表达", 30), ("形象风度", 20)]),
    ("品牌故事征文", "Z", "essay", "2000", &[("主题立意", 40), ("内容结构", 30), ("语言文字", 30)]),
    ("品牌故事微电影", "W", "film", "4:00", &[("主题内容", 40), ("画面制作", 25), ("创意构思", 20), ("叙事连贯", 15)]),
    ("品牌故事短视频", "D", "short", "0:60", &[]),
];
/// Works and judges of each category.
const WORKS: usize = 12;
const JUDGES: usize = 5;

/// A table of marks that differ from work to work and judge to judge.
fn marks(prefix: &str, works: &[String], criteria: &[(String, u32)]) -> String {
    let head: String = criteria.iter().map(|(name, _)| format!(",{name}")).collect();
    let mut table = format!("作品编号,评委{head}\n");
    for (place, work) in works.iter().enumerate() {
        for judge in 0..JUDGES {
            let marks: String = criteria
                .iter()
                .enumerate()
                .map(|(criterion, (_, max))| {
                    let lost = u32::try_from((place * 7 + judge * (criterion + 1)) % 13).unwrap();
                    format!(",{}.5", (max - 1).saturating_sub(lost))
                })
                .collect();
            table += &format!("{work},{prefix}评委{judge}{marks}\n");
        }
    }
    table
}

/// Runs a whole national contest; gives what it exported.
fn national() -> (World, BTreeMap<String, Vec<u8>>) {
    let world = World::new();
    json(&world, "init 2025.dasai --rules national-2025");
    let fresh = dump(&world.path("2025.dasai"));
    let mut works = "单位名称,参赛类型,作品名称,作品时长,作品篇幅,主创者,联系人,联系手机,电子邮箱,内容简介\n".to_owned();
    let mut judges = "姓名,单位,类别,轮次\n".to_owned();
    for (name, prefix, _, measure, _) in NATIONAL {
        for work in 0..WORKS {
            let (duration, length) = if prefix == "Z" { ("", measure) } else { (measure, "") };
            works += &format!(
                "{prefix}第{work}示例公司,{name},{prefix}第{work}个故事,{duration},{length},主创{work},联系人{prefix}{work},138000{work:02}{:03},{prefix}{work}@example.com,简介\n",
                work * 7
            );
        }
        for judge in 0..JUDGES {
            judges += &format!("{prefix}评委{judge},{prefix}{judge}研究院,{name},初赛、决赛\n");
        }
    }
    world.write("申报.csv", works);
    world.write("评委.csv", judges);
    assert_eq!(imported(&json(&world, "import 申报.csv")), (WORKS * 4) as u64);
    json(&world, "check");
    json(&world, "judge import 评委.csv");
    assert_eq!(list(&json(&world, "judge list"), "judges").len(), JUDGES * 4);
    for round in ["preliminary", "final"] {
        for (_, prefix, category, ..) in NATIONAL {
            let rules = json(&world, "rules show");
            let found = list(&rules, "categories").iter().find(|found| found["id"] == category).unwrap();
            let found = list(found, "rounds").iter().find(|found| found["id"] == round).unwrap();
            let criteria: Vec<(String, u32)> = list(&found["judges"], "criteria")
                .iter()
                .map(|criterion| (criterion["name"].as_str().unwrap().to_owned(), criterion["max"].as_str().unwrap().parse().unwrap()))
                .collect();
            let numbers: Vec<String> = if round == "preliminary" {
                (1..=WORKS).map(|number| format!("{prefix}{number:03}")).collect()
            } else {
                let ahead = json(&world, &format!("advance {category} --round preliminary --include-ties"));
                list(&ahead, "advanced").iter().map(|work| work["entry"].as_str().unwrap().to_owned()).collect()
            };
            let file = format!("{category}-{round}.csv");
            world.write(&file, marks(prefix, &numbers, &criteria));
            let line = format!("score import {file} --category {category} --round {round}");
            let first = json(&world, &line);
            assert_eq!(count(&first["totals"]["added"]), (numbers.len() * JUDGES) as u64, "{first:#}");
            let before = dump(&world.path("2025.dasai"));
            assert_eq!(json(&world, &line)["totals"]["unchanged"], first["totals"]["added"]);
            assert_eq!(dump(&world.path("2025.dasai")), before);
            let ranking = json(&world, &format!("rank {category} --round {round}"));
            assert_eq!(ranking["complete"], true);
            assert_eq!(list(&ranking, "ranking").len(), numbers.len());
        }
    }
    json(&world, "award confirm --expand");
    assert_eq!(awards_add_up(&world), WORKS * 4);
    let before = dump(&world.path("2025.dasai"));
    let again = json(&world, "import 申报.csv");
    assert_eq!((imported(&again), count(&again["totals"]["unchanged"])), (0, (WORKS * 4) as u64));
    json(&world, "judge import 评委.csv");
    assert_eq!(dump(&world.path("2025.dasai")), before);
    let files = export_all(&world, "发布");
    back_and_forth(&world, "2025.dasai", &fresh);
    (world, files)
}

#[test]
fn a_national_contest_twice_is_the_same_contest() {
    let (world, files) = national();
    let (_, again) = national();
    for (name, bytes) in &files {
        if name.ends_with(".csv") || name.ends_with(".json") || name.ends_with(".md") {
            assert!(again.get(name) == Some(bytes), "{name} differs from run to run");
        }
    }
    let contacts = (0..WORKS).flat_map(|work| NATIONAL.map(|(_, prefix, ..)| (work, prefix)));
    let contacts = contacts.flat_map(|(work, prefix)| {
        [format!("138000{work:02}{:03}", work * 7), format!("{prefix}{work}@example.com"), format!("联系人{prefix}{work}")]
    });
    name_no_contact(&files, contacts);
    // For staff, with the flag, the same table carries them.
    world.run(["export", "entries", "--contacts", "--out", "联系.csv"]).done();
    assert!(std::fs::read_to_string(world.path("联系.csv")).unwrap().contains("Y0@example.com"));
}

#[track_caller]
fn name_no_contact(files: &BTreeMap<String, Vec<u8>>, contacts: impl Iterator<Item = String>) {
    let contacts: BTreeSet<String> = contacts.collect();
    for (name, bytes) in files {
        let text = String::from_utf8_lossy(&unpacked(bytes)).into_owned();
        for contact in &contacts {
            assert!(!text.contains(contact.as_str()), "{name} names {contact}");
        }
    }
}

/// Phones and mails of the sample, and the contacts who are not also a work's creator, from the contest file.
fn contacts(path: &Path) -> Vec<String> {
    let sql = rusqlite::Connection::open(path).unwrap();
    let columns = |table: &str| -> Vec<String> {
        let mut statement = sql.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let mut found = Vec::new();
    for table in ["entry", "registration"] {
        for column in columns(table).iter().filter(|column| column.starts_with("contact_") && !column.ends_with("department")) {
            let mut statement =
                sql.prepare(&format!("SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL AND {column} <> ''")).unwrap();
            let values: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
            found.extend(values);
        }
    }
    let creators: Vec<String> = sql
        .prepare("SELECT DISTINCT creators FROM entry")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    found.retain(|contact| !creators.iter().any(|creator| creator.contains(contact.as_str())));
    found
}

#[test]
fn the_demonstration_adds_up_and_can_be_taken_back() {
    let world = World::new();
    world.run(["init", "空.dasai", "--rules", "shanghai-2024"]).done();
    let fresh = dump(&world.path("空.dasai"));
    std::fs::remove_file(world.path("空.dasai")).unwrap();
    world.run(["demo", "演示"]).done();
    std::fs::rename(world.path("演示/2024演示.dasai"), world.path("2024.dasai")).unwrap();
    assert_eq!(awards_add_up(&world), 260);
    let before = dump(&world.contest());
    let again = json(&world, "import 演示/收件");
    assert_eq!((imported(&again), count(&again["totals"]["unchanged"])), (0, 374));
    json(&world, "judge import 演示/评委名单.xlsx");
    json(&world, "score import 演示/评分/演讲-初赛 --category speech --round preliminary");
    json(&world, "advance speech --round preliminary --include-ties");
    json(&world, "award confirm --expand");
    let unchanged = |before: &str| assert!(dump(&world.contest()) == before, "doing it again changed something");
    unchanged(&before);
    let files = export_all(&world, "发布");
    let contacts = contacts(&world.contest());
    assert!(contacts.len() > 400, "{}", contacts.len());
    name_no_contact(&files, contacts.into_iter());
    back_and_forth(&world, "2024.dasai", &fresh);
}
