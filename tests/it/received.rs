//! The row as received: whole again from the contest, whatever the table was, and whatever became of the work since.

use std::collections::BTreeMap;
use std::path::Path;

use dasai::domain::values::EntryId;
use dasai::formats::sheet::read_tables;
use dasai::store::db::Db;
use dasai::store::entries;
use rusqlite::Connection;
use serde_json::{Map, Value};

use crate::world::World;

const TABLE: &str = "单位名称,参赛类型,作品名称,内容简介,备注,,简介\n\
    上海甲乙有限公司,演讲,一颗螺丝钉,\"说\"\"一\"\"句，\n再说一句\",,,\n\
    上海甲乙有限公司,演讲,两颗螺丝钉,平常的简介,,,另一份\n\
    上海甲乙有限公司,演讲,三颗螺丝钉, 前后有空 ,无,没有列名,\n\
    上海甲乙有限公司,演讲,四颗螺丝钉,null,0,,\n";

/// The whole rows as the contest gives them back, by work.
fn received(contest: &Path) -> BTreeMap<EntryId, (String, u32, Map<String, Value>)> {
    let db = Db::open(contest).unwrap();
    let reader = db.reader().unwrap();
    let mut rows = BTreeMap::new();
    for entry in entries::list(&reader).unwrap() {
        let whole = entries::received(&reader, entry.id).unwrap().unwrap();
        let origin = entry.provenance.unwrap();
        rows.insert(entry.id, (origin.sheet, origin.row, serde_json::from_str(&whole).unwrap()));
    }
    rows
}

/// Every cell of the table stands in the row of its work, in the table's order. How many works there are.
fn holds_every_cell(contest: &Path, table: &Path) -> usize {
    let tables = read_tables(table).unwrap();
    let rows = received(contest);
    for (sheet, number, columns) in rows.values() {
        let table = tables.iter().find(|table| table.info.name == *sheet).unwrap();
        let row = table.rows.iter().find(|row| row.number() == *number).unwrap();
        let cells: Vec<&str> = row.cells().map(|cell| cell.text).collect();
        let texts: Vec<&str> = columns.values().map(|text| text.as_str().unwrap()).collect();
        assert_eq!(texts, cells, "{sheet} {number}");
    }
    rows.len()
}

#[test]
fn every_row_of_every_fixture_comes_back_whole() {
    let mut works = 0;
    for folder in ["import", "demo"] {
        for file in std::fs::read_dir(Path::new("fixtures").join(folder)).unwrap() {
            let table = std::fs::canonicalize(file.unwrap().path()).unwrap();
            if table.is_file() {
                let world = World::init();
                let output = world.run(["import", table.to_str().unwrap()]);
                if output.code == 0 || output.code == 3 {
                    works += holds_every_cell(&world.contest(), &table);
                }
            }
        }
    }
    assert!(works > 20, "{works} works");
}

#[test]
fn a_row_stays_when_its_work_changes() {
    let world = World::init();
    let table = world.write("a.csv", TABLE);
    world.run(["import", "a.csv"]);
    assert_eq!(holds_every_cell(&world.contest(), &table), 4);
    let before = received(&world.contest());
    let kept = |sql: &str| -> String { Connection::open(world.contest()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(
        kept("SELECT received FROM entry WHERE title = '两颗螺丝钉'"),
        r#"["上海甲乙有限公司","演讲","两颗螺丝钉",0,null,"另一份"]"#
    );
    for number in ["Y001", "Y002", "Y003", "Y004"] {
        world.run(["entry", "set", number, "summary=后来的简介"]).done();
    }
    assert_eq!(received(&world.contest()), before);
    // Staff see that the summary changed, and nothing of how the row is kept.
    let shown = world.run(["log", "--operation", "4", "--format", "json"]).done().stdout;
    assert!(shown.contains("summary") && !shown.contains("received"), "{shown}");
    // The same row again is no news.
    // (Not read as JSON: a quotation mark in it is escaped, and the harness turns every backslash.)
    let again = world.run(["import", "a.csv", "--update", "--format", "json"]).text();
    assert!(again.contains("\"unchanged\": 4,"), "{again}");
    for _ in 0..4 {
        world.run(["undo"]).done();
    }
    assert_eq!(received(&world.contest()), before);
    world.run(["redo"]).done();
    assert_eq!(received(&world.contest()), before);
    // The import is undone and done again, titles and all.
    world.run(["undo"]).done();
    world.run(["undo"]).done();
    assert!(received(&world.contest()).is_empty());
    world.run(["redo"]).done();
    assert_eq!(received(&world.contest()), before);
}

#[test]
fn rows_that_an_earlier_version_kept_as_objects_read_the_same() {
    let world = World::init();
    world.write("a.csv", TABLE);
    world.run(["import", "a.csv"]);
    let before = received(&world.contest());
    // What a migrated file of version 1 holds: every row whole, no titles.
    let db = Db::open(&world.contest()).unwrap();
    let whole: Vec<(i64, String)> =
        before.keys().map(|id| (id.0, entries::received(&db.reader().unwrap(), *id).unwrap().unwrap())).collect();
    drop(db);
    let raw = Connection::open(world.contest()).unwrap();
    let triggers: Vec<String> = raw
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('entry', 'sheet_header')")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let sql = triggers.iter().map(|name| raw.query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0)).unwrap());
    let sql: Vec<String> = sql.collect();
    for name in &triggers {
        raw.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    raw.execute("DELETE FROM sheet_header", []).unwrap();
    for (id, whole) in &whole {
        raw.execute("UPDATE entry SET received = ?2 WHERE id = ?1", rusqlite::params![id, whole]).unwrap();
    }
    raw.execute_batch(&sql.join(";")).unwrap();
    raw.close().unwrap();
    assert_eq!(received(&world.contest()), before);
    world.run(["entry", "set", "Y002", "summary=后来的简介", "title=新题"]).done();
    assert_eq!(received(&world.contest()), before);
    let again = world.run(["import", "a.csv", "--update", "--format", "json"]).text();
    assert!(again.contains("\"unchanged\": 4,") && again.contains("I518"), "{again}");
}
