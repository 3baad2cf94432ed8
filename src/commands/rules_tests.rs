//! `init` and `rules` as staff use them, and what the data of a running contest forbids.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use insta::assert_snapshot;
use jiff::Timestamp;

use crate::commands::cli::{Environment, run};
use crate::domain::rules_change::{RoundUse, RulesUse, obstacles};
use crate::formats::rules_file::{parse, preset};
use crate::output::ui::Terminal;

const RULES: &str = r#"format = 1
[contest]
name = "试赛"
[deadlines]
submission = 2024-07-05
[zones]
list = ["浦东", "黄浦"]
[[category]]
id = "speech"
name = "演讲"
prefix = "Y"
duration = { min = "5:00", max = "8:00" }
[[category.round]]
id = "preliminary"
name = "初赛"
by_zone = true
[category.round.judges]
criteria = [{ name = "内容", max = "60" }, { name = "语言", max = "40" }]
step = "0.5"
trim = { highest = 1, lowest = 1 }
[category.round.score]
parts = [{ from = "judges", weight = "90" }, { from = "given", name = "网络投票", weight = "10" }]
[category.round.advance]
to = "final"
per_zone = { 浦东 = 2, 黄浦 = 1 }
[[category.round]]
id = "final"
name = "决赛"
[[category.award]]
id = "first"
name = "一等奖"
quota = { count = 1 }
"#;

#[derive(Clone, Default)]
struct Captured(Rc<RefCell<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Exit code, stdout and stderr of a command line in a folder whose name is taken out.
fn said(folder: &Path, line: &str) -> String {
    let (out, err) = (Captured::default(), Captured::default());
    let environment = Environment {
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
        terminal: Terminal { stdin: false, stdout: false, stderr: false, width: Some(100), colour: false, ascii: false },
        folder: folder.to_owned(),
        now: Timestamp::UNIX_EPOCH,
        variables: BTreeMap::new(),
    };
    let code = run(line.split(' ').map(OsString::from).collect(), environment);
    let text = |captured: &Captured| String::from_utf8_lossy(&captured.0.borrow()).replace(&folder.display().to_string(), "文件夹");
    format!("{code}\n--- stdout\n{}--- stderr\n{}", text(&out), text(&err))
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("rules.toml"), RULES).expect("a file");
    folder
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn init_makes_one_file_and_overwrites_none() {
    let folder = folder();
    assert_snapshot!(said(folder.path(), "dasai --dry-run init a.dasai --rules rules.toml"), @r#"
    0
    --- stdout
    大赛文件：a.dasai
    大赛：试赛
    规则：rules.toml
    待确认：0

    参赛类型
    代号    参赛类型  编号前缀  轮次        奖项
    ──────────────────────────────────────────────
    speech  演讲      Y         初赛、决赛  一等奖
    --- stderr
    以上是将要建立的大赛，没有写入
    "#);
    assert_eq!(files(folder.path()), ["rules.toml"]);
    assert_snapshot!(said(folder.path(), "dasai init 届 --rules rules.toml"), @r#"
    0
    --- stdout
    大赛文件：届
    大赛：试赛
    规则：rules.toml
    待确认：0

    参赛类型
    代号    参赛类型  编号前缀  轮次        奖项
    ──────────────────────────────────────────────
    speech  演讲      Y         初赛、决赛  一等奖
    --- stderr
    文件名不以 .dasai 结尾，以后的命令都要写明文件：dasai --db 届 …
    下一步：dasai --db 届 rules show，核对规则
    收到报名表后：dasai --db 届 import 文件或文件夹
    "#);
    assert_snapshot!(said(folder.path(), "dasai init 届"), @r#"
    1
    --- stdout
    --- stderr
    错误：文件已存在，不会覆盖：文件夹/届
      → 换一个文件名，或先把原文件移走
    "#);
    std::fs::write(folder.path().join("bad.toml"), "format = 1\n").expect("a file");
    assert!(said(folder.path(), "dasai init b.dasai --rules bad.toml").starts_with('1'));
    assert!(said(folder.path(), "dasai init nowhere/b.dasai").starts_with('1'));
    assert!(said(folder.path(), "dasai init b.dasai --rules nothing.toml").starts_with('1'));
    assert_eq!(files(folder.path()), ["bad.toml", "rules.toml", "届"]);
}

#[test]
fn rules_are_shown_whole_by_key_and_as_they_are() {
    let folder = folder();
    said(folder.path(), "dasai init a.dasai --rules rules.toml");
    assert_eq!(said(folder.path(), "dasai rules show --source"), format!("0\n--- stdout\n{RULES}--- stderr\n"));
    assert_snapshot!(said(folder.path(), "dasai rules show zones category.speech.round.final"), @r#"
    0
    --- stdout
    规则
    键                                  值
    ────────────────────────────────────────────────────
    zones.list                          ["浦东", "黄浦"]
    category[speech].round[final].id    "final"
    category[speech].round[final].name  "决赛"
    --- stderr
    "#);
    assert_snapshot!(said(folder.path(), "dasai rules show"), @"
    0
    --- stdout
    大赛：试赛
    主题：—
    主办单位：—
    文号：—
    年度：—
    时区：Asia/Shanghai
    必填内容：—
    简介字数：—
    赛区：浦东、黄浦
    证书编号：—
    联系信息保留至：—
    待确认：0

    时间安排
    阶段          日期
    ─────────────────────────────────
    作品申报截止  2024-07-05 24:00 前

    参赛类型
    代号    参赛类型  前缀  时长或篇幅
    ──────────────────────────────────
    speech  演讲      Y     5:00–8:00

    轮次
    轮次  按赛区  最少评委  得分构成                       晋级
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    【演讲】
    初赛  是             1  评委分 × 90% + 网络投票 × 10%  浦东 2、黄浦 1，进入决赛；并列过线时由工作人
                                                           员决定
    决赛  否             1  评委分

    计分
    参赛类型  轮次  评委分                                             修约
    ──────────────────────────────────────────────────────────────────────────────────────
    演讲      初赛  去掉一个最高分和一个最低分（满 3 个才去），取平均  四舍五入：最后 2 位
    演讲      决赛  取平均                                             四舍五入：最后 2 位

    评分表
    参赛类型  轮次  评分项  最低  最高  系数  步长
    ──────────────────────────────────────────────
    演讲      初赛  内容       0    60     1   0.5
    演讲      初赛  语言       0    40     1   0.5
    演讲      决赛  总分       0   100     1

    奖项
    参赛类型  代号   奖项    依据  名额  并列
    ─────────────────────────────────────────────────────────────
    演讲      first  一等奖  决赛  1 件  并列过线时由工作人员决定
    --- stderr
    ");
    assert_snapshot!(said(folder.path(), "dasai rules show deadline"), @r#"
    1
    --- stdout
    --- stderr
    错误：规则里没有写 deadline（没有写的键用默认值）
      → 写了的有：format、contest、deadlines、zones、category
      → 逐层写键，例如：dasai rules show category.speech.round.final
    "#);
}

#[test]
fn rules_are_checked() {
    let folder = folder();
    said(folder.path(), "dasai init a.dasai --rules rules.toml");
    assert_snapshot!(said(folder.path(), "dasai rules check"), @r#"
    0
    --- stdout
    规则：大赛现行规则
    --- stderr
    规则没有错误，也没有待确认的内容
    "#);
    std::fs::write(folder.path().join("bad.toml"), RULES.replace("weight = \"90\"", "weight = 90.0")).expect("a file");
    assert_snapshot!(said(folder.path(), "dasai rules check bad.toml"), @r#"
    1
    --- stdout
    --- stderr
    错误：规则有 1 处错误：

    错误: 分数不能写成不带引号的小数
      --> bad.toml:22:38
       |
    22 | parts = [{ from = "judges", weight = 90.0 }, { from = "given", name = "网络投票", weight = "10" }]
       |                                      ^^^^ category[speech].round[preliminary].score.parts[1].weight
       |
       = 建议: 加上引号："90.0"（这样才是精确的）

      → 按上面的行号改好后再试；内置的规则可作对照：dasai rules presets
    "#);
    let preset = said(folder.path(), "dasai rules check shanghai-2024");
    assert!(preset.starts_with("0\n") && preset.contains("zones.list"));
}

#[test]
fn rules_change_in_one_operation_after_showing_the_difference() {
    let folder = folder();
    said(folder.path(), "dasai init a.dasai --rules rules.toml");
    let new = RULES.replace("2024-07-05", "2024-07-08").replace("quota = { count = 1 }", "quota = { share = \"5%\" }");
    std::fs::write(folder.path().join("new.toml"), &new).expect("a file");
    assert_snapshot!(said(folder.path(), "dasai rules diff new.toml"), @r#"
    0
    --- stdout
    规则的变化
    键                                         变化  原来        改为
    ───────────────────────────────────────────────────────────────────────
    deadlines.submission                       改动  2024-07-05  2024-07-08
    category[speech].award[first].quota.share  新增              "5%"
    category[speech].award[first].quota.count  删去  1
    --- stderr
    "#);
    assert!(said(folder.path(), "dasai --dry-run rules apply new.toml").contains("没有写入"));
    assert!(said(folder.path(), "dasai rules show --source").contains(RULES));
    assert_snapshot!(said(folder.path(), "dasai rules apply new.toml --yes"), @r#"
    0
    --- stdout
    规则的变化
    键                                         变化  原来        改为
    ───────────────────────────────────────────────────────────────────────
    deadlines.submission                       改动  2024-07-05  2024-07-08
    category[speech].award[first].quota.share  新增              "5%"
    category[speech].award[first].quota.count  删去  1
    --- stderr
    应用规则 new.toml：3 处变化（操作 2，撤销：dasai undo）
    "#);
    assert!(said(folder.path(), "dasai rules show --source").contains(&new));
    assert_snapshot!(said(folder.path(), "dasai rules apply new.toml --yes"), @r#"
    0
    --- stdout
    规则的变化
    没有差别
    --- stderr
    规则与现行的完全相同，没有写入
    "#);
    assert_snapshot!(said(folder.path(), "dasai rules edit"), @r#"
    2
    --- stdout
    --- stderr
    错误：当前不在终端中，无法打开编辑器
      → 先取出：dasai rules show --source > 规则.toml，改好后：dasai rules apply 规则.toml
    "#);
}

fn in_use() -> RulesUse {
    RulesUse {
        categories: vec![("speech".into(), 3, "Y001".into())],
        rounds: vec![
            RoundUse { category: "speech".into(), round: "final".into(), marks: 0, panels: 0, given: 0, advanced: 2 },
            RoundUse { category: "speech".into(), round: "preliminary".into(), marks: 30, panels: 5, given: 3, advanced: 0 },
        ],
        given_parts: vec![("speech".into(), "preliminary".into(), "网络投票".into())],
        awards: vec![("speech".into(), "first".into(), 1)],
        zones: vec!["黄浦".into()],
    }
}

/// What is in the way of rules with this change.
fn forbidden(from: &str, to: &str) -> String {
    let old = parse(RULES).expect("rules");
    assert!(RULES.contains(from), "{from}");
    let new = parse(&RULES.replace(from, to)).expect("rules");
    let found = obstacles(&old, &new, &in_use());
    found.iter().map(|obstacle| format!("{} → {}\n", obstacle.what, obstacle.remedy)).collect::<Vec<_>>().concat()
}

#[test]
fn data_forbids_what_would_leave_it_without_rules() {
    let cases = [
        ("id = \"speech\"", "id = \"talk\""),
        ("prefix = \"Y\"", "prefix = \"S\""),
        ("max = \"60\"", "max = \"50\""),
        ("name = \"语言\"", "name = \"表达\""),
        ("step = \"0.5\"", "step = \"1\""),
        ("name = \"网络投票\"", "name = \"投票\""),
        ("id = \"first\"", "id = \"gold\""),
    ];
    let text = cases.map(|(from, to)| format!("{from} ⇒ {to}\n{}", forbidden(from, to))).concat();
    assert_snapshot!(text, @r#"
    id = "speech" ⇒ id = "talk"
    参赛类型 speech 已有 3 件作品，不能删去或改 id → 在规则里保留 id = "speech"；只想换名称就改 name，查看作品用 dasai entry list --category speech
    speech 的 final 轮已有 2 件晋级作品，不能删去或改 id → 在规则里保留 id = "final" 的轮次，或先撤销那些操作：查编号 dasai log，撤销 dasai undo --operation 编号
    speech 的 preliminary 轮已有 30 个评分、5 位评委、3 个导入的得分，不能删去或改 id → 在规则里保留 id = "preliminary" 的轮次，或先撤销那些操作：查编号 dasai log，撤销 dasai undo --operation 编号
    奖项 first（speech）已确定给 1 件作品，不能删去或改 id → 保留 id = "first"，或先撤销确定奖项的操作：查编号 dasai log，撤销 dasai undo --operation 编号
    prefix = "Y" ⇒ prefix = "S"
    参赛类型 speech 已有 3 件作品用了编号前缀“Y”（如 Y001），不能改成“S” → 把 prefix 改回 "Y"
    max = "60" ⇒ max = "50"
    speech 的 preliminary 轮已有 30 个评分，评分表已锁定，不能改评分项（名称、次序、分值、系数） → 改回原来的评分表；确要改动，先撤销全部评分：查编号 dasai log，撤销 dasai undo --operation 编号
    name = "语言" ⇒ name = "表达"
    speech 的 preliminary 轮已有 30 个评分，评分表已锁定，不能改评分项（名称、次序、分值、系数） → 改回原来的评分表；确要改动，先撤销全部评分：查编号 dasai log，撤销 dasai undo --operation 编号
    step = "0.5" ⇒ step = "1"
    speech 的 preliminary 轮已有 30 个评分，评分表已锁定，不能改评分步长 → 改回原来的评分表；确要改动，先撤销全部评分：查编号 dasai log，撤销 dasai undo --operation 编号
    name = "网络投票" ⇒ name = "投票"
    “网络投票”在 speech 的 preliminary 轮已有导入的数，不能从 score.parts 里删去或改名 → 保留 { from = "given", name = "网络投票" }，或先撤销导入：查编号 dasai log，撤销 dasai undo --operation 编号
    id = "first" ⇒ id = "gold"
    奖项 first（speech）已确定给 1 件作品，不能删去或改 id → 保留 id = "first"，或先撤销确定奖项的操作：查编号 dasai log，撤销 dasai undo --operation 编号
    "#);
    let old = parse(RULES).expect("rules");
    let without = RULES.replace(", \"黄浦\"]", "]").replace(", 黄浦 = 1 }", " }");
    let found = obstacles(&old, &parse(&without).expect("rules"), &in_use());
    assert_eq!(found.len(), 1);
    assert!(found[0].what.contains("黄浦"));
}

#[test]
fn data_allows_what_scores_are_computed_from_anew() {
    for (from, to) in [
        ("trim = { highest = 1, lowest = 1 }", "trim = { highest = 1 }"),
        (
            "weight = \"90\" }, { from = \"given\", name = \"网络投票\", weight = \"10\"",
            "weight = \"80\" }, { from = \"given\", name = \"网络投票\", weight = \"20\"",
        ),
        ("name = \"初赛\"", "name = \"赛区初赛\""),
        ("2024-07-05", "2024-07-06"),
        ("name = \"演讲\"", "name = \"故事演讲\""),
        ("浦东 = 2", "浦东 = 3"),
    ] {
        assert_eq!(forbidden(from, to), "", "{from}");
    }
}

#[test]
fn an_empty_contest_may_take_any_rules() {
    let old = parse(RULES).expect("rules");
    let new = parse(preset("national-2025").expect("preset")).expect("rules");
    assert_eq!(obstacles(&old, &new, &RulesUse::default()), []);
}
