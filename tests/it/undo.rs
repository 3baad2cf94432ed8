//! Undo and redo: a model test over random operations, and what people read when later work stands in the way.

use std::fmt::Write as _;
use std::path::Path;

use dasai::domain::entry::OrganizationProfile;
use dasai::domain::status::Status;
use dasai::domain::values::{EntryId, OrganizationId};
use dasai::store::db::{Db, Tx};
use dasai::store::undo::{Choice, Refusal, UndoError, take_back};
use dasai::store::{chain, entries, oplog, organizations};
use insta::assert_snapshot;
use proptest::prelude::*;

use super::fill;
use super::world::World;

/// The whole contest but its log, as one text.
pub(crate) fn dump(path: &Path) -> String {
    let sql = rusqlite::Connection::open(path).unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT IN ('operation', 'change') ORDER BY name";
    let tables: Vec<String> = sql.prepare(tables).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let mut text = String::new();
    for table in tables {
        let mut statement = sql.prepare(&format!("SELECT * FROM {table} ORDER BY 1")).unwrap();
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> = (0..width).map(|column| format!("{:?}", row.get_ref(column).unwrap())).collect();
            writeln!(text, "{table}: {}", cells.join(" | ")).unwrap();
        }
    }
    text
}

fn take(db: &mut Db, choice: Choice) -> Result<usize, UndoError> {
    Ok(take_back(db, &fill::header("dasai undo"), choice, |target| format!("撤销{}", target.id.0))?
        .commit()
        .map(|targets| targets.len())?)
}

/// A random write; what cannot be done in the present state is left out.
#[derive(Debug, Clone)]
enum Write {
    Insert(i64),
    Retell(i64, u8),
    Decide(i64, bool),
    Rename(i64, u8),
    Alias(i64, u8),
    Unalias(i64, u8),
    Absorb(i64, i64),
    Unit(i64),
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        3 => (1..12_i64).prop_map(Write::Insert),
        3 => (1..12_i64, any::<u8>()).prop_map(|(id, theme)| Write::Retell(id, theme)),
        2 => (1..12_i64, any::<bool>()).prop_map(|(id, yes)| Write::Decide(id, yes)),
        2 => (1..6_i64, 0..3_u8).prop_map(|(id, name)| Write::Rename(id, name)),
        2 => (1..6_i64, 0..4_u8).prop_map(|(id, name)| Write::Alias(id, name)),
        2 => (1..6_i64, 0..4_u8).prop_map(|(id, name)| Write::Unalias(id, name)),
        1 => (1..6_i64, 1..6_i64).prop_map(|(from, into)| Write::Absorb(from, into)),
        1 => (1..6_i64).prop_map(Write::Unit),
    ]
}

/// Does it; a broken constraint only fails its own statement.
fn perform(tx: &Tx<'_>, write: &Write) {
    let unit = |id: i64| OrganizationId(fill::UNITS + id);
    let _ = match *write {
        Write::Insert(id) => {
            let mut work = fill::work(id);
            work.organization = unit(id % 5 + 1);
            entries::insert(tx, &work, &format!("作品{id}"), "{}")
        }
        Write::Retell(id, theme) => {
            entries::update_declaration(tx, EntryId(id), &fill::declaration(id, &theme.to_string()), &format!("作品{}", theme % 7))
        }
        Write::Decide(id, true) => entries::set_status(tx, EntryId(id), Status::Accepted),
        Write::Decide(id, false) => entries::set_award_eligibility(tx, EntryId(id), false, "主办单位"),
        Write::Rename(id, name) => organizations::rename(tx, unit(id), &format!("改名{name}"), &format!("改名{name}")),
        Write::Alias(id, name) => organizations::add_alias(tx, unit(id), &format!("别名{name}"), &format!("别名{name}")),
        Write::Unalias(id, name) => organizations::remove_alias(tx, unit(id), &format!("别名{name}")).map(|_| ()),
        Write::Absorb(from, into) if from != into => organizations::absorb(tx, unit(from), unit(into)),
        Write::Absorb(..) => Ok(()),
        Write::Unit(id) => {
            organizations::insert(tx, unit(id), &format!("新单位{id}"), &format!("新单位{id}"), &OrganizationProfile::default())
        }
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever was done: undoing all gives the beginning, redoing all gives the end, and every state between comes back too.
    #[test]
    fn undo_and_redo_walk_through_the_same_states(operations in prop::collection::vec(prop::collection::vec(write(), 1..8), 1..10)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.dasai");
        let mut db = fill::contest(&path);
        let mut states = vec![dump(&path)];
        for writes in &operations {
            let tx = db.operation(&fill::header("dasai test")).unwrap();
            for write in writes {
                perform(&tx, write);
            }
            // A statement that left a key without its row fails the whole operation: nothing is kept of it.
            if tx.finish("随机").is_ok() {
                states.push(dump(&path));
            }
        }
        let count = states.len() - 1;
        for expected in states.iter().rev().skip(1) {
            prop_assert_eq!(take(&mut db, Choice::Undo(1)).unwrap(), 1);
            prop_assert_eq!(&dump(&path), expected);
        }
        for expected in states.iter().skip(1) {
            prop_assert_eq!(take(&mut db, Choice::Redo(1)).unwrap(), 1);
            prop_assert_eq!(&dump(&path), expected);
        }
        if count > 0 {
            prop_assert_eq!(take(&mut db, Choice::Undo(count)).unwrap(), count);
            prop_assert_eq!(Some(&dump(&path)), states.first());
            prop_assert_eq!(take(&mut db, Choice::Redo(count)).unwrap(), count);
            prop_assert_eq!(Some(&dump(&path)), states.last());
        }
        let reader = db.reader().unwrap();
        let operations = oplog::operations(&reader).unwrap().len();
        prop_assert_eq!(chain::verify(&reader).unwrap(), chain::ChainState::Intact { operations });
    }

    /// In any order: an undo either changes exactly what it should or nothing at all, and what it refuses can be undone after those
    /// that it names.
    #[test]
    fn undo_out_of_order_is_exact_or_refused(operations in prop::collection::vec(prop::collection::vec(write(), 1..5), 1..8), order in prop::collection::vec(0..8_usize, 1..16)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.dasai");
        let mut db = fill::contest(&path);
        let before = dump(&path);
        for writes in &operations {
            let tx = db.operation(&fill::header("dasai test")).unwrap();
            for write in writes {
                perform(&tx, write);
            }
            let _ = tx.finish("随机");
        }
        for pick in order {
            let standing = oplog::operations(&db.reader().unwrap()).unwrap();
            let standing: Vec<_> = standing.iter().filter(|operation| operation.undone_by.is_none() && operation.id.0 > 1).collect();
            let Some(target) = standing.get(pick % standing.len().max(1)) else { break };
            let now = dump(&path);
            match take(&mut db, Choice::Operation(target.id)) {
                Ok(_) => {}
                Err(UndoError::Refused(refusal)) => {
                    prop_assert_eq!(dump(&path), now);
                    prop_assert!(!matches!(refusal, Refusal::Altered(..) | Refusal::Nothing | Refusal::Unknown(_)), "{:?}", refusal);
                }
                Err(UndoError::Store(error)) => prop_assert!(false, "{:?}", error),
            }
        }
        // Newest first, everything that still stands can always go.
        while take(&mut db, Choice::Undo(1)).is_ok() {}
        let undone_all = oplog::operations(&db.reader().unwrap()).unwrap().iter().all(|operation| {
            operation.id.0 == 1 || operation.undone_by.is_some() || operation.kind.target().is_some()
        });
        if undone_all {
            prop_assert_eq!(dump(&path), before);
        }
    }
}

#[test]
fn later_work_is_named_with_what_to_undo_first() {
    let world = World::init();
    let mut db = Db::open(&world.contest()).unwrap();
    let tx = db.operation(&fill::header("dasai import 汇总表.xlsx")).unwrap();
    organizations::insert(&tx, OrganizationId(1), "上海测试有限公司", "测试", &OrganizationProfile::default()).unwrap();
    let mut work = fill::work(1);
    work.organization = OrganizationId(1);
    entries::insert(&tx, &work, "一", "{}").unwrap();
    tx.finish("导入 1 件作品").unwrap();
    let tx = db.operation(&fill::header("dasai entry set Y001 contact_phone=13800005678")).unwrap();
    let mut told = fill::declaration(1, "匠心");
    told.contact_phone = dasai::domain::privacy::Phone::new("13800005678");
    entries::update_declaration(&tx, EntryId(1), &told, "一").unwrap();
    tx.finish("修改 Y001 的联系手机").unwrap();
    drop(db);
    assert_snapshot!(world.run(["undo", "--operation", "2"]).text(), @r#"
    --- stderr
    错误：第 2 号操作（2024-07-06 09:00，测试员：导入 1 件作品）不能撤销：它改动的数据后来又被改过，例如作品 Y001
      → 第 3 号操作（2024-07-06 09:00，测试员：修改 Y001 的联系手机）改了同样的数据，先撤销它：dasai undo --operation 3
      → 再撤销：dasai undo --operation 2
    --- exit 1
    "#);
    assert_snapshot!(world.run(["log", "--operation", "3"]).text(), @r#"
    编号：3
    时间：2024-07-06 09:00
    操作人：测试员
    命令：dasai entry set Y001 contact_phone=138****5678
    内容：修改 Y001 的联系手机
    类型：操作
    已撤销：否
    行数：1

    改动的数据
    数据  对象  变化  字段      原来         现在
    ────────────────────────────────────────────────────
    作品  Y001  修改  联系手机  138****1234  138****5678
    --- exit 0
    "#);
    assert_snapshot!(world.run(["undo", "2", "--dry-run"]).text(), @r#"
    将撤销这些操作
    编号  时间              操作人  内容                  行数
    ──────────────────────────────────────────────────────────
       3  2024-07-06 09:00  测试员  修改 Y001 的联系手机     1
       2  2024-07-06 09:00  测试员  导入 1 件作品            2
    --- stderr
    只是预演，没有改动大赛文件
    --- exit 0
    "#);
    assert_snapshot!(world.run(["undo", "2"]).text(), @r#"
    撤销了这些操作
    编号  时间              操作人  内容                  行数
    ──────────────────────────────────────────────────────────
       3  2024-07-06 09:00  测试员  修改 Y001 的联系手机     1
       2  2024-07-06 09:00  测试员  导入 1 件作品            2
    --- stderr
    已撤销；取消撤销：dasai redo
    --- exit 0
    "#);
    assert_snapshot!(world.run(["undo"]).text(), @r#"
    --- stderr
    错误：第 1 号操作（2024-07-06 09:00，测试员：建立“2024年上海市质量品牌故事大赛”，规则：shanghai-2024）不能撤销：它建立了大赛的规则，没有规则就没有大赛
      → 要从头再来，请另建一个大赛文件：dasai init 文件名
    --- exit 1
    "#);
    assert_snapshot!(world.run(["undo", "--operation", "3"]).text(), @r#"
    --- stderr
    错误：第 3 号操作（2024-07-06 09:00，测试员：修改 Y001 的联系手机）已经撤销过，不能再撤销
      → 撤销它的是第 4 号操作（2024-07-06 09:00，测试员：撤销第 3 号操作：修改 Y001 的联系手机）；要恢复，请输入：dasai undo --operation 4
    --- exit 1
    "#);
    assert_snapshot!(world.run(["redo", "2"]).text(), @r#"
    取消了这些撤销
    编号  时间              操作人  内容                                   行数
    ───────────────────────────────────────────────────────────────────────────
       5  2024-07-06 09:00  测试员  撤销第 2 号操作：导入 1 件作品            2
       4  2024-07-06 09:00  测试员  撤销第 3 号操作：修改 Y001 的联系手机     1
    --- stderr
    已重做；取消重做：dasai undo
    --- exit 0
    "#);
    assert_snapshot!(world.run(["redo"]).text(), @r#"
    --- stderr
    错误：没有可以重做的操作
      → 查看操作日志：dasai log
    --- exit 1
    "#);
    assert_snapshot!(world.run(["undo", "--operation", "77"]).text(), @r#"
    --- stderr
    错误：没有第 77 号操作
      → 查看操作日志：dasai log
    --- exit 1
    "#);
    assert_snapshot!(world.run(["undo", "0"]).text(), @r#"
    --- stderr
    错误：参数“[次数]”的内容“0”不合要求（“0”不是次数，请写 1 以上的整数）
      → 用法和示例：dasai undo --help
    --- exit 2
    "#);
    assert_snapshot!(world.run(["log"]).text(), @"
    操作日志
    编号  时间              操作人  内容                                                     已撤销
    ───────────────────────────────────────────────────────────────────────────────────────────────
       7  2024-07-06 09:00  测试员  重做第 3 号操作：修改 Y001 的联系手机                    否
       6  2024-07-06 09:00  测试员  重做第 2 号操作：导入 1 件作品                           否
       5  2024-07-06 09:00  测试员  撤销第 2 号操作：导入 1 件作品                           是
       4  2024-07-06 09:00  测试员  撤销第 3 号操作：修改 Y001 的联系手机                    是
       3  2024-07-06 09:00  测试员  修改 Y001 的联系手机                                     否
       2  2024-07-06 09:00  测试员  导入 1 件作品                                            否
       1  2024-07-06 09:00  测试员  建立“2024年上海市质量品牌故事大赛”，规则：shanghai-2024  否
    （未列：类型、针对、行数；加宽窗口或用 --format csv 可见）
    --- exit 0
    ");
    assert_snapshot!(world.run(["log", "--verify"]).text(), @r#"
    日志完整：7 次操作的哈希链全部相符
    --- exit 0
    "#);
    let json = world.run(["log", "--limit", "1", "--actor", "测试员", "--since", "2024-07-06", "--format", "json"]).json();
    assert_snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r#"
    {
      "operations": [
        {
          "id": 7,
          "at": "2024-07-06T09:00:00+08:00",
          "actor": "测试员",
          "command": "dasai redo 2",
          "summary": "重做第 3 号操作：修改 Y001 的联系手机",
          "kind": "redo",
          "target": 4,
          "undone": false,
          "changes": 1
        }
      ]
    }
    "#);
    assert_eq!(world.run(["log", "--actor", "别人", "--format", "json"]).json()["operations"].as_array().unwrap().len(), 0);
}

#[test]
fn a_row_that_later_rows_refer_to_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = fill::contest(&folder.path().join("keys.dasai"));
    let unit = OrganizationId(fill::UNITS + 1);
    let tx = db.operation(&fill::header("one")).unwrap();
    organizations::insert(&tx, unit, "甲", "甲", &OrganizationProfile::default()).unwrap();
    let unit_added = tx.finish("").unwrap();
    let tx = db.operation(&fill::header("two")).unwrap();
    let mut work = fill::work(1);
    work.organization = unit;
    entries::insert(&tx, &work, "一", "{}").unwrap();
    let work_added = tx.finish("").unwrap();
    let Err(UndoError::Refused(refusal)) = take(&mut db, Choice::Operation(unit_added)) else { panic!("not refused") };
    assert!(matches!(refusal, Refusal::Referred(target, Some(by), _) if target == unit_added && by == work_added), "{refusal:?}");
    take(&mut db, Choice::Operation(work_added)).unwrap();
    take(&mut db, Choice::Operation(unit_added)).unwrap();
    // Redoing the work first would refer to a unit that is gone.
    let undo_of_work = dasai::domain::values::OperationId(unit_added.0 + 2);
    let Err(UndoError::Refused(refusal)) = take(&mut db, Choice::Operation(undo_of_work)) else { panic!("not refused") };
    assert!(matches!(refusal, Refusal::Referred(_, Some(_), _)), "{refusal:?}");
}

#[test]
fn a_name_that_was_taken_since_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = fill::contest(&folder.path().join("names.dasai"));
    let add = |db: &mut Db, unit: i64| {
        let tx = db.operation(&fill::header("alias")).unwrap();
        organizations::add_alias(&tx, OrganizationId(unit), "简称", "简称").unwrap();
        tx.finish("").unwrap()
    };
    add(&mut db, 1);
    let tx = db.operation(&fill::header("unalias")).unwrap();
    assert!(organizations::remove_alias(&tx, OrganizationId(1), "简称").unwrap());
    let removed = tx.finish("").unwrap();
    let again = add(&mut db, 2);
    let Err(UndoError::Refused(refusal)) = take(&mut db, Choice::Operation(removed)) else { panic!("not refused") };
    let names_it = matches!(&refusal, Refusal::Taken(_, Some(by), _) if *by == again)
        || matches!(&refusal, Refusal::ChangedLater(_, later, _) if later.contains(&again));
    assert!(names_it, "{refusal:?}");
}
