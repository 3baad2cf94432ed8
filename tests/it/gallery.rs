//! A file for every finding code: what a unit sends, and what `check` says of it. A code without a picture here fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use dasai::domain::check_catalogue::CATALOGUE;

use crate::attachments;
use crate::world::World;

const HEAD: &str =
    "单位名称,参赛类型,作品名称,作品类别,作品时长,案例篇幅,主创者姓名,联系人,联系手机,电子邮箱,邮编,推荐单位,内容简介,提交时间";
const SUMMARY: &str = "退货的那批产品至今摆在展柜里班组轮流担任质量讲师每周复盘一个真实缺陷我们把关键控制点编成口诀贴在每个工位上方供应商被邀请参加联合改进来料不良率连续下降\
                       如今产品一次交验合格率保持在行业前列年轻人接过量具也接过了那句口诀故事还在继续标尺一直向前";

/// A work as a row of the table; every value can be set by the title of its column.
struct Row(Vec<(&'static str, String)>);

impl Row {
    fn new(serial: u32) -> Self {
        // Each work is its own: a title and a summary that share little with the others'.
        let marks: String = (0..40).map(|step| char::from_u32(0x4E00 + (serial * 977 + step * 131) % 20_000).unwrap()).collect();
        let values = [
            ("单位名称", format!("上海示例{}有限公司", marks.chars().take(3).collect::<String>())),
            ("参赛类型", "演讲".to_owned()),
            ("作品名称", marks.chars().skip(4).take(9).collect()),
            ("作品类别", "上海制造".to_owned()),
            ("作品时长", "6:30".to_owned()),
            ("案例篇幅", String::new()),
            ("主创者姓名", "赵示一".to_owned()),
            ("联系人", "钱样二".to_owned()),
            ("联系手机", "13800001234".to_owned()),
            ("电子邮箱", "contact@example.com".to_owned()),
            ("邮编", "200000".to_owned()),
            ("推荐单位", "黄浦区市场监督管理局".to_owned()),
            ("内容简介", marks.chars().cycle().take(150).collect()),
            ("提交时间", "2024-07-01 10:00".to_owned()),
        ];
        Self(values.to_vec())
    }

    fn with(mut self, title: &str, value: &str) -> Self {
        let slot = self.0.iter_mut().find(|(name, _)| *name == title).unwrap();
        value.clone_into(&mut slot.1);
        self
    }

    fn csv(&self) -> String {
        self.0.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(",")
    }
}

/// Imports the rows and gives the codes that `check` finds, with the works they are about.
fn findings(world: &World, rows: &[Row]) -> Vec<(String, String, String)> {
    let text = std::iter::once(HEAD.to_owned()).chain(rows.iter().map(Row::csv)).collect::<Vec<_>>().join("\n");
    world.write("申报.csv", text);
    let imported = world.run(["import", "申报.csv", "--format", "json"]).json();
    assert_eq!(imported["totals"]["added"], rows.len(), "{imported:#}");
    let checked = world.run(["check", "--format", "json", "--except", "C101"]);
    let checked = checked.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let findings = checked["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(&finding["code"]), text(&finding["severity"]), text(&finding["entry"]))).collect()
}

/// A gallery's picture: the code, its severity there, the rows, and the work that it is about.
fn pictures() -> Vec<(&'static str, &'static str, Vec<Row>, &'static str)> {
    let row = Row::new;
    vec![
        ("C102", "error", vec![row(1).with("内容简介", "只有六个字吗")], "Y001"),
        ("C103", "warning", vec![row(2).with("联系手机", "1380000")], "Y001"),
        ("C104", "warning", vec![row(3).with("电子邮箱", "contact.example.com")], "Y001"),
        ("C105", "warning", vec![row(4).with("邮编", "20001")], "Y001"),
        ("C106", "error", vec![row(5).with("作品类别", "上海质量")], "Y001"),
        ("C106", "error", vec![row(6).with("作品类别", "上海制造、上海服务")], "Y001"),
        ("C107", "error", vec![row(7).with("作品时长", "12分30秒")], "Y001"),
        ("C107", "error", vec![row(8).with("作品时长", "")], "Y001"),
        ("C108", "warning", vec![row(9).with("主创者姓名", "刘?巍")], "Y001"),
        ("D201", "error", vec![row(10).with("提交时间", "2024-07-06 00:00:00")], "Y001"),
        ("L301", "warning", (20..26).map(|serial| row(serial).with("单位名称", "上海示例甲有限公司")).collect(), "Y006"),
        (
            "L302",
            "error",
            (30..32)
                .map(|serial| {
                    row(serial)
                        .with("单位名称", "上海示例乙有限公司")
                        .with("参赛类型", "创新案例")
                        .with("作品时长", "")
                        .with("案例篇幅", "2000")
                })
                .collect(),
            "A002",
        ),
        (
            "S401",
            "error",
            vec![row(40).with("作品名称", "《一颗螺丝的承诺》"), row(41).with("参赛类型", "微电影").with("作品名称", "一颗螺丝的承诺")],
            "Y001",
        ),
        (
            "S402",
            "warning",
            vec![row(42).with("作品名称", "守护产线的一颗螺丝的承诺"), row(43).with("作品名称", "守护产线的一颗螺丝的承诺书")],
            "Y002",
        ),
        (
            "S403",
            "warning",
            vec![row(44).with("内容简介", SUMMARY), row(45).with("内容简介", &SUMMARY.replace("连续下降", "逐年下降"))],
            "Y001",
        ),
        (
            "S403",
            "error",
            vec![
                row(46).with("单位名称", "上海示例丙有限公司").with("内容简介", SUMMARY),
                row(47).with("单位名称", "上海示例丙有限公司").with("参赛类型", "微电影").with("内容简介", SUMMARY),
            ],
            "W001",
        ),
        (
            "S404",
            "error",
            vec![
                row(48).with("单位名称", "上海示例丁有限公司").with("内容简介", SUMMARY),
                row(49).with("单位名称", "上海示例丁有限公司").with("内容简介", SUMMARY),
            ],
            "Y002",
        ),
    ]
}

/// What `check` says of a work that an earlier contest had under another name, with the rest as it was left.
fn earlier_findings() -> Vec<(String, String, String)> {
    let world = World::init();
    world.run(["init", "2023.dasai", "--rules", "shanghai-2024"]).done();
    let old = Row::new(90).with("作品名称", "守护产线——一颗螺丝的承诺");
    world.write("往届.csv", format!("{HEAD}\n{}", old.csv()));
    world.run(["--db", "2023.dasai", "import", "往届.csv"]).done();
    world.write("申报.csv", format!("{HEAD}\n{}", Row::new(91).with("作品名称", "一颗螺丝的承诺：守护产线（修改版）").csv()));
    world.run(["--db", "2024.dasai", "import", "申报.csv"]).done();
    let before = fs::read(world.path("2023.dasai")).unwrap();
    let checked =
        world.run(["--db", "2024.dasai", "check", "--except", "C101", "--against", "2023.dasai", "--format", "json"]).done().json();
    assert!(before == fs::read(world.path("2023.dasai")).unwrap(), "the earlier contest was written to");
    assert_eq!(world.names().iter().filter(|name| name.starts_with("2023")).count(), 1, "{:?}", world.names());
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let found = checked["findings"].as_array().unwrap();
    found.iter().map(|finding| (text(&finding["code"]), text(&finding["severity"]), text(&finding["entry"]))).collect()
}

/// What is changed in a folder that holds all files of two works as they should be.
type Change = fn(&mut BTreeMap<String, Vec<u8>>);

/// The files of one of the two works, by what its name ends with.
fn file_of<'a>(files: &'a mut BTreeMap<String, Vec<u8>>, unit: &str, ending: &str) -> &'a mut Vec<u8> {
    files.iter_mut().find(|(name, _)| name.starts_with(unit) && name.ends_with(ending)).unwrap().1
}

/// The codes about files: what is changed, and what is then found.
fn file_pictures() -> Vec<(&'static str, &'static str, Change, &'static str)> {
    vec![
        (
            "F601",
            "error",
            |files| files.retain(|name, _| !(name.starts_with("上海示例甲有限公司") && name.ends_with("申报表.pdf"))),
            "Y001",
        ),
        (
            "F602",
            "warning",
            |files| {
                let bytes = files.remove("上海示例乙有限公司+单位简介.doc").unwrap();
                files.insert("上海示例乙有限公司/简介.doc".to_owned(), bytes);
            },
            "Y002",
        ),
        ("F603", "error", |files| file_of(files, "上海示例甲有限公司", "申报表.pdf").splice(9..9, [b'%'; 2000]).for_each(drop), "Y001"),
        ("F604", "error", |files| *file_of(files, "上海示例甲有限公司", ".jpg") = attachments::PNG.to_vec(), "Y001"),
        (
            "F604",
            "warning",
            |files| {
                let bytes = files.remove("上海示例甲有限公司+单位LOGO.jpg").unwrap();
                files.insert("上海示例甲有限公司+单位LOGO.png".to_owned(), bytes);
            },
            "Y001",
        ),
        ("F605", "error", |files| file_of(files, "上海示例乙有限公司", "申报表.pdf").clear(), "Y002"),
        ("F605", "error", |files| file_of(files, "上海示例乙有限公司", "申报表.pdf").truncate(60), "Y002"),
        (
            "F606",
            "warning",
            |files| {
                let same = file_of(files, "上海示例甲有限公司", "守护.doc").clone();
                *file_of(files, "上海示例乙有限公司", "远行.doc") = same;
            },
            "Y001",
        ),
    ]
}

fn file_findings(change: Change) -> Vec<(String, String, String)> {
    let world = World::init();
    let source = world.run(["rules", "show", "--source"]).done().stdout;
    world.write("小.toml", source.replace("types = [\"pdf\"] }", "types = [\"pdf\"], max_size = \"1KB\" }"));
    world.run(["rules", "apply", "小.toml", "--yes"]).done();
    let works = [("上海示例甲有限公司", "守护"), ("上海示例乙有限公司", "远行")];
    let rows: Vec<Row> =
        works.iter().zip(90..).map(|((unit, title), serial)| Row::new(serial).with("单位名称", unit).with("作品名称", title)).collect();
    findings(&world, &rows);
    let mut files = BTreeMap::new();
    for (unit, title) in works {
        files.insert(format!("{unit}+{title}+申报表.pdf"), attachments::pdf(unit));
        files.insert(format!("{unit}+单位LOGO.jpg"), [attachments::JPG, unit.as_bytes()].concat());
        files.insert(format!("{unit}+单位简介.doc"), attachments::word(unit));
        files.insert(format!("{unit}+{title}.doc"), attachments::word(title));
    }
    change(&mut files);
    for (name, bytes) in files {
        world.write(&format!("材料/{name}"), bytes);
    }
    world.run(["attachment", "scan", "材料"]);
    let checked = world.run(["check", "--only", "F", "--format", "json"]).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let found = checked["findings"].as_array().unwrap();
    found.iter().map(|finding| (text(&finding["code"]), text(&finding["severity"]), text(&finding["entry"]))).collect()
}

const CONFIRMED: &str = "recommend confirm 黄浦区市场监督管理局 --sheet 扫描.pdf --at 2024-07-10T23:59:59";

/// The codes about recommendation: the work's recommender, what staff type, and what is then found.
fn recommendation_pictures() -> Vec<(&'static str, &'static str, &'static str, &'static [&'static str], &'static str)> {
    let direct = "其它—市质协会员与质量推进部";
    let own = "黄浦区市场监督管理局";
    vec![
        ("R501", "error", "", &[], "Y001"),
        ("R501", "error", "上海某某商会", &[], "Y001"),
        ("R502", "error", direct, &["org set 1 nature=国有 member=否 focus_area=制造"], "Y001"),
        ("R502", "warning", direct, &[], "Y001"),
        ("R503", "error", own, &["recommend set Y001 --opinion 同意", CONFIRMED, "recommend withdraw Y001 --reason 来函"], "Y001"),
        ("R504", "error", own, &["recommend set Y001 --opinion 同意"], "Y001"),
        (
            "D202",
            "error",
            own,
            &["recommend set Y001 --opinion 同意", "recommend confirm 黄浦区市场监督管理局 --sheet 扫描.pdf --at 2024-07-11"],
            "Y001",
        ),
    ]
}

fn recommendation_findings(recommender: &str, commands: &[&str]) -> Vec<(String, String, String)> {
    let world = World::init();
    world.write("扫描.pdf", attachments::PDF);
    findings(&world, &[Row::new(95).with("推荐单位", recommender)]);
    for command in commands {
        world.run(command.split(' ')).done();
    }
    let checked = world.run(["check", "--only", "R,D202", "--format", "json"]).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let found = checked["findings"].as_array().unwrap();
    found.iter().map(|finding| (text(&finding["code"]), text(&finding["severity"]), text(&finding["entry"]))).collect()
}

#[test]
fn every_code_has_its_picture() {
    // C101 and D203 have tests of their own below; E701 needs decisions, and has its picture in `screening`.
    let mut shown: BTreeSet<&str> = BTreeSet::from(["C101", "D203", "E701"]);
    for (code, severity, rows, entry) in pictures() {
        let world = World::init();
        let found = findings(&world, &rows);
        let wanted = (code.to_owned(), severity.to_owned(), entry.to_owned());
        assert!(found.contains(&wanted), "{code}: found {found:?}");
        // Nothing else is wrong with the works of the picture, so a code cannot hide behind another.
        assert!(found.iter().all(|(other, ..)| other == code), "{code}: found {found:?}");
        shown.insert(code);
    }
    for (code, severity, change, entry) in file_pictures() {
        let found = file_findings(change);
        let wanted = (code.to_owned(), severity.to_owned(), entry.to_owned());
        assert!(found.contains(&wanted) && found.iter().all(|(other, ..)| other == code), "{code}: found {found:?}");
        shown.insert(code);
    }
    assert_eq!(file_findings(|_| {}), []);
    for (code, severity, direct, commands, entry) in recommendation_pictures() {
        let found = recommendation_findings(direct, commands);
        let wanted = (code.to_owned(), severity.to_owned(), entry.to_owned());
        assert_eq!(found, [wanted], "{code}");
        shown.insert(code);
    }
    assert_eq!(recommendation_findings("黄浦区市场监督管理局", &["recommend set Y001 --opinion 同意", CONFIRMED]), []);
    assert_eq!(earlier_findings(), [("S405".to_owned(), "info".to_owned(), "Y001".to_owned())]);
    shown.insert("S405");
    let all: BTreeSet<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
    assert_eq!(shown, all);
}

#[test]
fn a_sound_work_has_no_finding() {
    let world = World::init();
    assert_eq!(findings(&world, &[Row::new(60), Row::new(61).with("提交时间", "2024-07-05 23:59:59")]), []);
}

#[test]
fn a_missing_field_is_found_once_a_unit_or_once_a_work() {
    let world = World::init();
    let rows =
        [Row::new(70).with("单位名称", "上海示例戊有限公司"), Row::new(71).with("单位名称", "上海示例戊有限公司").with("联系人", "")];
    findings(&world, &rows);
    let checked = world.run(["check", "--only", "C101", "--format", "json"]).json();
    let fields: Vec<(String, String)> = checked["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["entry"].as_str().unwrap().to_owned(), finding["field"].as_str().unwrap().to_owned()))
        .collect();
    let of = |entry: &str, field: &str| fields.contains(&(entry.to_owned(), field.to_owned()));
    assert!(of("Y002", "contact_name") && !of("Y001", "contact_name"), "{fields:?}");
    assert!(of("Y001", "focus_area") && !of("Y002", "focus_area"), "{fields:?}");
}

#[test]
fn a_correction_after_the_closing_of_screening_is_late() {
    let mut world = World::init();
    findings(&world, &[Row::new(80)]);
    world.now = "2024-07-16T00:00:00".into();
    let text = format!("{HEAD}\n{}", Row::new(80).with("主创者姓名", "孙例三").csv());
    world.write("更正.csv", text);
    world.run(["import", "更正.csv", "--update"]).done();
    let found = world.run(["check", "--only", "D", "--format", "json"]);
    assert_eq!(found.code, 3);
    assert_eq!(found.json()["findings"][0]["code"], "D203");
}

#[test]
fn a_recommendation_after_its_closing_is_late() {
    let preset = dasai::formats::rules_file::preset("shanghai-2024").unwrap();
    let rules = dasai::formats::rules_file::parse(preset).unwrap();
    let codes = |moment: &str| {
        let mut work = crate::fill::work(1);
        work.recommended_at = Some(moment.parse().unwrap());
        let found = dasai::domain::extension::findings(&rules, &[work], &dasai::domain::extension::Extensions::default());
        found.into_iter().map(|finding| finding.code.entry().name).filter(|code| *code == "D202").count()
    };
    assert_eq!(codes("2024-07-10T23:59:59+08:00"), 0);
    assert_eq!(codes("2024-07-11T00:00:00+08:00"), 1);
}
