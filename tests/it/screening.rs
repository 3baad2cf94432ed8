//! Formal review: decisions, deadlines, waivers, resubmissions and the ledger, as staff see them.

use insta::assert_snapshot;
use serde_json::Value;

use super::undo::dump;
use super::world::{Output, World};

pub(crate) const HEAD: &str =
    "单位名称,参赛类型,作品名称,作品类别,作品时长,主创者姓名,联系人,联系手机,推荐单位,内容简介,提交时间,重点领域,重点产业";

/// A work without faults, as a row of the table; every work its own, in the order of `serial` by number and by submission.
pub(crate) fn row(serial: u32) -> Vec<String> {
    let marks: String = (0..140).map(|step| char::from_u32(0x4E00 + (serial * 977 + step * 131) % 20_000).unwrap()).collect();
    let part = |from: usize, count: usize| marks.chars().skip(from).take(count).collect::<String>();
    let unit = format!("上海示例{}有限公司", ["甲", "乙", "丙", "丁", "戊", "己"][serial as usize % 6]);
    let submitted = format!("2024-07-01 {:02}:00", 20 - serial);
    [
        &unit,
        "演讲",
        &part(0, 9),
        "上海制造",
        "6:30",
        "赵示一",
        "钱样二",
        "13800001234",
        "黄浦区市场监督管理局",
        &part(10, 120),
        &submitted,
        "制造",
        "集成电路",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Imports rows as one table.
fn import(world: &World, name: &str, rows: &[Vec<String>]) -> Output {
    let lines: Vec<String> = std::iter::once(HEAD.to_owned()).chain(rows.iter().map(|row| row.join(","))).collect();
    world.write(name, lines.join("\n"));
    world.run(["import", name])
}

/// A contest with two sound works (Y001, Y002), and one whose summary is too short (Y003).
fn contest() -> World {
    let world = World::init();
    let mut rows: Vec<Vec<String>> = (1..=3).map(row).collect();
    "太短".clone_into(&mut rows[2][9]);
    import(&world, "申报.csv", &rows).done();
    world
}

fn run(world: &World, line: &str) -> Output {
    world.run(line.split(' '))
}

fn json(world: &World, line: &str) -> Value {
    world.run(line.split(' ').chain(["--format", "json"])).json()
}

fn statuses(world: &World) -> Vec<String> {
    let list = json(world, "entry list");
    list["entries"].as_array().unwrap().iter().map(|work| work["status"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_list_says_what_is_ready_and_what_stands_in_the_way() {
    let world = contest();
    assert_snapshot!(run(&world, "screen list").text(), @r"
    形式审查
    作品编号  作品名称            参赛单位            审查    问题代码  说明
    ──────────────────────────────────────────────────────────────────────────────────────────────────
    Y003      女姶婹嫼孿専岅崈嶋  上海示例丁有限公司  有错误  C102      内容简介 2 字，要求 100–300 字
    Y002      喢嘥嚨圫垮報墴夷妺  上海示例丙有限公司  可受理
    Y001      凑剔勗博叝呠哣啦嗩  上海示例乙有限公司  可受理
    （未列：参赛类型、推荐单位、提交或收到；加宽窗口或用 --format csv 可见）

    可受理 2，有错误 1；已退回 0，已受理 0，已淘汰 0，已退出 0。
    受理全部没有错误的：dasai screen accept --all-clean；逐件审查：dasai screen
    --- exit 0
    ");
    let listed = json(&world, "screen list");
    // 先申报先推进: the last in the table was submitted first.
    let order: Vec<&str> = listed["works"].as_array().unwrap().iter().map(|work| work["entry"].as_str().unwrap()).collect();
    assert_eq!(order, ["Y003", "Y002", "Y001"]);
    assert_eq!(listed["counts"]["ready"], 2);
    assert_eq!(json(&world, "screen list --blocked")["works"].as_array().unwrap().len(), 1);
    assert_eq!(json(&world, "screen list --accepted")["works"].as_array().unwrap().len(), 0);
}

#[test]
fn decisions_are_taken_for_all_named_works_or_for_none() {
    let world = contest();
    world.refused(["screen", "accept", "Y001", "Y003"], 1, &["Y003（C102）有未豁免的错误", "--override --reason"]);
    run(&world, "screen accept Y001").done();
    world.refused(["screen", "accept", "Y001", "Y002"], 1, &["Y001（已受理）的状态不能受理"]);
    world.refused(["screen", "return", "Y001", "--reason", " "], 2, &["理由是空的"]);
    world.refused(["screen", "return", "Y002", "--reason", "缺章", "--due", "2024-07-01"], 2, &["2024-07-01 已经过去"]);
    world.refused(
        ["screen", "return", "Y002", "--reason", "缺章", "--due", "2024-07-20"],
        1,
        &["晚于 Y002 的形式审查截止时间", "deadline extend"],
    );
    world.refused(["screen", "return", "Y002", "--reason", "缺章", "--due", "后天"], 2, &["--due 不是日期"]);
    world.refused(["screen", "reject", "Y002", "--code", "S404"], 1, &["没有 S404 的问题"]);
    world.refused(["screen", "reject", "Y002", "--code", "X999"], 2, &["没有审查代码 X999"]);
    world.refused(["screen", "reject", "Y002"], 2, &["--code"]);
    world.refused(["screen", "accept", "Y009"], 1, &["没有编号为 Y009 的作品"]);
    world.refused(["screen", "accept"], 2, &["作品编号"]);
    world.refused(["screen", "accept", "Y002", "--category", "演讲"], 2, &["只和 --all-clean 一起用"]);
    world.refused(["screen"], 2, &["screen list", "screen accept", "screen return", "screen reject"]);
    assert_eq!(statuses(&world), ["accepted", "declared", "declared"]);
}

#[test]
fn accepting_all_clean_works_shows_how_many_and_asks() {
    let world = contest();
    world.refused(["screen", "accept", "--all-clean"], 2, &["受理这 2 件没有错误的作品", "另有 1 件有错误", "--yes"]);
    let before = dump(&world.contest());
    run(&world, "screen accept --all-clean --dry-run").says(0, &["试运行"]);
    assert_eq!(dump(&world.contest()), before);
    run(&world, "screen accept --all-clean --yes").says(0, &["受理件数：2"]);
    world.refused(["screen", "accept", "--all-clean", "--yes"], 1, &["没有可受理的作品", "1 件有错误"]);
    run(&world, "undo").done();
    assert_eq!(dump(&world.contest()), before);
}

#[test]
fn every_command_of_the_review_can_be_undone() {
    let world = contest();
    for line in [
        "screen accept Y001",
        "screen accept Y003 --override --reason 同意",
        "screen return Y002 --reason 缺章 --due 7月12日",
        "screen reject Y003 --code C102 --reason 不改",
        "check waive C102 Y003 --reason 同意",
        "deadline extend screening --until 2024-07-20 --reason 故障",
        "entry disqualify Y001 --reason 剽窃",
    ] {
        let before = dump(&world.contest());
        let dry = world.run(line.split(' ').chain(["--dry-run", "--format", "json"])).json();
        assert_eq!(dump(&world.contest()), before, "{line}");
        assert_eq!(json(&world, line), dry, "{line}");
        assert_ne!(dump(&world.contest()), before, "{line}");
        run(&world, "undo").done();
        assert_eq!(dump(&world.contest()), before, "{line}");
        run(&world, "redo").done();
        run(&world, "undo").done();
        assert_eq!(dump(&world.contest()), before, "{line}");
    }
    run(&world, "check waive C102 Y003 --reason 同意").done();
    let before = dump(&world.contest());
    run(&world, "check unwaive C102 Y003").done();
    run(&world, "undo").done();
    assert_eq!(dump(&world.contest()), before);
}

#[test]
fn a_waiver_covers_what_was_seen_and_nothing_else() {
    let world = World::init();
    let mut first = row(1);
    first[5].clear();
    import(&world, "申报.csv", std::slice::from_ref(&first)).done();
    assert_eq!(run(&world, "check").code, 3);
    world.refused(["check", "waive", "C102", "Y001", "--reason", "同意"], 1, &["没有 C102 的问题", "它现在有：C101"]);
    world.refused(["check", "waive", "C101", "Y001", "--reason", ""], 2, &["写明理由"]);
    world.refused(["check", "unwaive", "C101", "Y001"], 1, &["没有豁免过 C101"]);
    run(&world, "check waive C101 Y001 --reason 团队未定").done();
    world.refused(["check", "waive", "C101", "Y001", "--reason", "再来"], 1, &["已经豁免"]);
    assert_snapshot!(run(&world, "check").text(), @r"
    审查结果
    代码  级别  作品  单位                问题            豁免
    ──────────────────────────────────────────────────────────
    C101  错误  Y001  上海示例乙有限公司  “主创者”未填写  是

    共 1 件作品，0 件有问题：错误 0，提醒 0，提示 0；另有已豁免 1。
    代码说明：dasai check rules 代码
    --- exit 0
    ");
    let checked = json(&world, "check");
    assert_eq!(checked["findings"][0]["waived"], true);
    assert_eq!((&checked["summary"]["errors"], &checked["summary"]["waived"]), (&Value::from(0), &Value::from(1)));
    assert_eq!(json(&world, "screen list")["counts"]["ready"], 1);
    // Another missing field is another matter.
    run(&world, "entry set Y001 theme=").done();
    let checked = json(&world, "check");
    assert_eq!((&checked["summary"]["errors"], &checked["summary"]["waived"]), (&Value::from(1), &Value::from(1)));
    run(&world, "check unwaive C101 Y001").done();
    assert_eq!(json(&world, "check")["summary"]["errors"], 2);
}

#[test]
fn a_waiver_of_likeness_covers_one_other_work() {
    let world = World::init();
    let mut rows: Vec<Vec<String>> = (1..=2).map(row).collect();
    rows[1][9] = rows[0][9].clone();
    import(&world, "一.csv", &rows).done();
    let similar = |world: &World| {
        let checked = json(world, "check Y001 --only S403");
        checked["findings"].as_array().unwrap().iter().map(|finding| finding["waived"].as_bool().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(similar(&world), [false]);
    run(&world, "check waive S403 Y001 --reason 同一事件").done();
    assert_eq!(similar(&world), [true]);
    let mut third = row(3);
    third[9] = rows[0][9].clone();
    import(&world, "二.csv", std::slice::from_ref(&third)).done();
    assert_eq!(similar(&world), [false]);
    run(&world, "check waive S403 Y001 --reason 同一事件").done();
    assert_eq!(similar(&world), [true]);
}

#[test]
fn a_returned_work_comes_back_and_shows_what_was_mended() {
    let mut world = contest();
    run(&world, "screen return Y003 --reason 简介过短，请补充 --due 7月12日").done();
    let mut mended = row(3);
    "12:00".clone_into(&mut mended[4]);
    import(&world, "更正.csv", std::slice::from_ref(&mended)).says(0, &["更新 1"]);
    assert_eq!(statuses(&world)[2], "resubmitted");
    assert_snapshot!(run(&world, "screen show Y003").text(), @r"
    作品编号：Y003
    参赛类型：质量品牌故事演讲
    作品名称：女姶婹嫼孿専岅崈嶋
    参赛单位：上海示例丁有限公司
    推荐单位：黄浦区市场监督管理局
    提交时间：2024-07-01 17:00
    状态：已重新提交
    审查：有错误
    审查截止：2024-07-15
    退回时间：2024-07-06 09:00
    补正期限：2024-07-12
    退回理由：简介过短，请补充

    退回后的改动
    栏目      退回时 → 现在
    ──────────────────────────────────────────────────────────────────────────────────────────────────
    作品时长  6:30 → 12:00
    内容简介  太短 → 庑弔得怚悝愠憣戦抩挬掯搲撵攸斻显曁杄柇桊棍楐槓橖櫙歜毟汢泥浨淫湮滱潴濷灺烽熀爃犆…

    退回时的问题
    情况  代码  级别  问题
    ───────────────────────────────────────────────────
    已改  C102  错误  内容简介 2 字，要求 100–300 字
    新增  C107  错误  作品时长 12分钟，要求 5分钟–8分钟

    现有问题
    代码  级别  问题                               豁免
    ───────────────────────────────────────────────────
    C107  错误  作品时长 12分钟，要求 5分钟–8分钟  否
    （未列：处理、依据；加宽窗口或用 --format csv 可见）

    审查决定
    时间              决定      操作人  理由              补正期限    破例  当时的问题  操作
    ────────────────────────────────────────────────────────────────────────────────────────
    2024-07-06 09:00  退回修改  测试员  简介过短，请补充  2024-07-12  否    C102           3
    --- exit 0
    ");
    let shown = json(&world, "screen show Y003");
    assert_eq!(shown["cure"][0]["state"], "cured");
    let listed = json(&world, "screen list --resubmitted");
    assert_eq!((&listed["works"][0]["cured"], &listed["works"][0]["new"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(listed["works"][0]["changed"], serde_json::json!(["duration", "summary"]));
    // Sent back again and left there: overdue.
    run(&world, "screen return Y003 --reason 时长不符 --due 7月12日").done();
    world.now = "2024-07-13T09:00:00".into();
    assert_eq!(json(&world, "screen list --returned")["works"][0]["overdue"], true);
    assert_eq!(json(&world, "status")["returned_overdue"], 1);
    run(&world, "status").says(0, &["1 件退回的作品过了补正期限", "dasai screen list --returned"]);
    assert_eq!(json(&world, "entry show Y003")["entry"]["decisions"].as_array().unwrap().len(), 2);
}

#[test]
fn after_its_closing_formal_review_needs_an_extension() {
    let mut world = contest();
    run(&world, "screen return Y003 --reason 简介过短").done();
    world.now = "2024-07-16T00:00:00".into();
    let hint = "dasai deadline extend screening --until 2024-07-16";
    world.refused(["screen", "accept", "Y001"], 1, &["形式审查已于 2024-07-15 截止，不能受理 Y001", hint]);
    world.refused(["screen", "return", "Y001", "--reason", "缺章"], 1, &["不能退回修改 Y001", hint]);
    world.refused(["screen", "reject", "Y001", "--reason", "假"], 1, &["不能淘汰 Y001", hint]);
    world.refused(["screen", "accept", "--all-clean", "--yes"], 1, &["截止", hint]);
    // A corrected version is kept out, and says so.
    import(&world, "更正.csv", &[row(3)]).says(0, &["I524", "有不同 1"]);
    assert_eq!(statuses(&world)[2], "returned");
    world.refused(["deadline", "extend", "screening", "--until", "2024-07-15", "--reason", "晚"], 1, &["已经是 2024-07-15"]);
    world.refused(["deadline", "extend", "screening", "--until", "后天", "--reason", "晚"], 2, &["--until 不是日期"]);
    world.refused(["deadline", "extend", "screening", "--until", "7月20日", "--reason", " "], 2, &["写明理由"]);
    world.refused(
        ["deadline", "extend", "screening", "--until", "7月20日", "--reason", "故障", "--recommender", "无此局"],
        1,
        &["没有推荐单位"],
    );
    run(&world, "deadline extend screening --until 7月20日 --entry Y003 --reason 来函").done();
    world.now = "2024-07-18T09:00:00".into();
    world.refused(["deadline", "extend", "screening", "--until", "7月17日", "--reason", "晚"], 1, &["已经过去"]);
    import(&world, "更正.csv", &[row(3)]).says(0, &["更新 1"]);
    assert_eq!(json(&world, "check --only D")["summary"]["errors"], 0);
    run(&world, "screen accept Y003").done();
    world.refused(["screen", "accept", "Y001"], 1, &["截止"]);
    run(&world, "deadline extend screening --until 7月19日 --reason 平台故障").done();
    run(&world, "screen accept Y001 Y002").done();
    assert_snapshot!(run(&world, "log --exceptions").text(), @r"
    例外清单
    例外      时间              操作人  作品编号  对象              内容               理由
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    延期      2024-07-16 00:00  测试员  Y003      作品 Y003         形式审查延至       来函
                                                                    2024-07-20
    逾期受理  2024-07-18 09:00  测试员  Y003      《女姶婹嫼孿専岅  受理于 2024-07-18  按延期：来函
                                                  崈嶋》（上海示例  09:00，形式审查截
                                                  丁有限公司）      止 2024-07-15
    延期      2024-07-18 09:00  测试员            全体              形式审查延至       平台故障
                                                                    2024-07-19
    逾期受理  2024-07-18 09:00  测试员  Y001      《凑剔勗博叝呠哣  受理于 2024-07-18  按延期：平台故障
                                                  啦嗩》（上海示例  09:00，形式审查截
                                                  乙有限公司）      止 2024-07-15
    逾期受理  2024-07-18 09:00  测试员  Y002      《喢嘥嚨圫垮報墴  受理于 2024-07-18  按延期：平台故障
                                                  夷妺》（上海示例  09:00，形式审查截
                                                  丙有限公司）      止 2024-07-15
    （未列：操作；加宽窗口或用 --format csv 可见）
    共 5 项
    --- exit 0
    ");
    assert_snapshot!(run(&world, "deadline list").text(), @r"
    截止时间
    阶段      规则的截止时间  现在的截止时间
    ────────────────────────────────────────
    作品申报  2024-07-05      2024-07-05
    推荐      2024-07-10      2024-07-10
    形式审查  2024-07-15      2024-07-19

    已批准的延期
    阶段      范围  对象  延至        理由      批准时间          操作人  操作
    ──────────────────────────────────────────────────────────────────────────
    形式审查  作品  Y003  2024-07-20  来函      2024-07-16 00:00  测试员     4
    形式审查  全体        2024-07-19  平台故障  2024-07-18 09:00  测试员     7
    --- exit 0
    ");
    let exported = world.run(["log", "--exceptions", "--export", "例外.xlsx"]);
    exported.says(0, &["已另存为 例外.xlsx"]);
    world.refused(["log", "--exceptions", "--export", "例外.xlsx"], 1, &["文件已存在"]);
}

#[test]
fn an_extension_excuses_what_came_late() {
    let mut world = World::init();
    let mut late = row(1);
    "2024-07-06 08:00".clone_into(&mut late[10]);
    import(&world, "申报.csv", std::slice::from_ref(&late)).done();
    let d201 = |world: &World| json(world, "check --only D201")["summary"]["errors"].clone();
    assert_eq!(d201(&world), 1);
    run(&world, "deadline extend submission --until 7月6日 --organization 上海示例甲有限公司 --reason 停电").says(1, &["没有名为"]);
    run(&world, "deadline extend 申报 --until 7月6日 --organization 上海示例乙有限公司 --reason 停电").done();
    assert_eq!(d201(&world), 0);
    run(&world, "undo").done();
    run(&world, "deadline extend 申报 --until 2024-07-06T08:00 --recommender 黄浦区市场监督管理局 --reason 停电").done();
    assert_eq!(d201(&world), 0);
    // Taking the later version of a returned work after the closing is late, unless an extension covers it.
    run(&world, "screen return Y001 --reason 缺章").done();
    world.now = "2024-07-17T09:00:00".into();
    "孙例三".clone_into(&mut late[5]);
    import(&world, "更正.csv", std::slice::from_ref(&late)).done();
    world.run(["import", "更正.csv", "--update"]).done();
    assert_eq!(statuses(&world), ["resubmitted"]);
    assert_eq!(json(&world, "check --only D203")["summary"]["errors"], 1);
    run(&world, "deadline extend screening --until 7月18日 --entry Y001 --reason 来函").done();
    assert_eq!(json(&world, "check --only D203")["summary"]["errors"], 0);
}

#[test]
fn a_correction_notice_names_all_defects_of_all_works() {
    let world = contest();
    world.refused(["screen", "notice", "--all", "--out", "通知"], 1, &["没有退回修改的作品"]);
    run(&world, "screen return Y002 Y003 --reason 申报表未盖章 --due 7月12日").done();
    world.refused(["screen", "notice", "--all", "--out", "通知.xlsx"], 2, &["不能写成 .xlsx"]);
    world.refused(["screen", "notice", "--all", "--out", "没有/通知"], 1, &["文件夹不存在"]);
    world.refused(["screen", "notice", "--organization", "上海示例乙有限公司", "--out", "通知.docx"], 1, &["没有退回修改的作品"]);
    let told = world.run(["screen", "notice", "--all", "--out", "通知", "--enquiries", "大赛办公室 021-55550000"]);
    told.says(0, &["黄浦区市场监督管理局", "已写 1 份通知，3 个文件"]);
    let text = std::fs::read_to_string(world.path("通知/补正通知-黄浦区市场监督管理局.txt")).unwrap();
    for words in
        ["Y002《", "Y003《", "申报表未盖章", "内容简介 2 字，要求 100–300 字", "2024年7月12日前", "附件2（二）内容简介", "021-55550000"]
    {
        assert!(text.contains(words), "“{words}” is not in\n{text}");
    }
    assert!(!text.contains("dasai") && !text.contains("C102") && !text.contains("1380000"), "{text}");
    let pdf = std::fs::read(world.path("通知/补正通知-黄浦区市场监督管理局.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    world.refused(["screen", "notice", "--all", "--out", "通知"], 1, &["文件已存在"]);
    world.run(["screen", "notice", "--all", "--out", "通知", "--force"]).done();
    world.refused(["screen", "notice", "--out", "一.docx"], 2, &["--recommender"]);
    // One recommender is one, by whichever of its names.
    run(&world, "recommender alias 黄浦区市场监督管理局 黄浦市场局").done();
    run(&world, "entry set Y003 recommender=黄浦市场局").done();
    world.run(["screen", "notice", "--all", "--out", "通知", "--force"]).says(0, &["已写 1 份通知，3 个文件"]);
    for command in ["screen list --returned --recommender 黄浦市场局", "check --only C102 --recommender 黄浦区市场监督管理局"]
    {
        assert!(run(&world, command).stdout.contains("Y003"), "{command}");
    }
    // A glyph that no font has is told with its work.
    run(&world, "entry set Y003 title=看\u{10FFFD}见").done();
    world.run(["screen", "notice", "--all", "--out", "另.pdf"]).says(3, &["Y003", "U+10FFFD", "〓"]);
}

#[test]
fn the_first_acceptance_leaves_the_others_out_of_the_ranking() {
    let world = contest();
    world.run(["judge", "add", "王芳", "--panel", "speech/preliminary"]).done();
    let count = |world: &World| {
        let ranked = json(world, "rank speech --round preliminary");
        ranked["ranking"].as_array().unwrap().len()
    };
    assert_eq!(count(&world), 3);
    run(&world, "screen accept Y001").done();
    assert_eq!(count(&world), 1);
    run(&world, "rank speech --round preliminary").says(0, &["另有 2 件质量品牌故事演讲作品尚未受理"]);
    world
        .run(["score", "set", "Y002", "--judge", "王芳", "--round", "preliminary", "--total", "90"])
        .says(1, &["尚未受理", "dasai screen accept Y002"]);
    run(&world, "award grant Y002 second --reason 合议").says(1, &["先受理：dasai screen accept Y002"]);
    // The fact lasts, whatever becomes of the accepted work.
    run(&world, "entry withdraw Y001 --reason 来函").done();
    assert_eq!(count(&world), 0);
    run(&world, "undo 2").done();
    assert_eq!(count(&world), 3);
}

#[test]
fn what_left_the_contest_is_found_in_later_stages() {
    let world = contest();
    world.run(["award", "grant", "Y001", "second", "--reason", "合议"]).done();
    run(&world, "entry disqualify Y001 --reason 剽窃").says(0, &["已在晋级或获奖名单上", "E701"]);
    let found = json(&world, "check --only E701");
    assert_eq!((&found["findings"][0]["entry"], &found["findings"][0]["severity"]), (&Value::from("Y001"), &Value::from("error")));
    run(&world, "check --only E701").says(3, &["二等奖获奖名单"]);
    run(&world, "award revoke Y001 second --reason 取消资格").done();
    assert_eq!(run(&world, "check --only E701").code, 0);
    // Whoever was judged is not replaced in silence.
    world.run(["judge", "add", "王芳", "--panel", "speech/preliminary"]).done();
    world.run(["score", "set", "Y002", "--judge", "王芳", "--round", "preliminary", "--total", "90"]).done();
    let mut later = world;
    later.now = "2024-07-07T09:00:00".into();
    run(&later, "entry set Y002 creators=孙例三 --reason 更换选手").done();
    run(&later, "check --only E701").says(0, &["更换了主创者：赵示一 → 孙例三"]);
    run(&later, "entry set Y002 creators=赵示一").done();
    assert_eq!(json(&later, "check --only E701")["findings"].as_array().unwrap().len(), 0);
}

#[test]
fn what_left_is_restored_to_where_it_was() {
    let world = contest();
    run(&world, "screen accept Y001").done();
    for leave in ["entry withdraw Y001 --reason 来函", "entry disqualify Y001 --reason 剽窃", "screen reject Y001 --reason 重复"] {
        run(&world, leave).done();
        world.refused(["screen", "return", "Y001", "--reason", "缺章"], 1, &["的状态不能退回修改", "entry restore Y001"]);
        world.refused(["entry", "disqualify", "Y001", "--reason", "再"], 1, &["状态已经是"]);
        run(&world, "entry restore Y001 --reason 复核").done();
        assert_eq!(statuses(&world)[0], "accepted", "{leave}");
    }
    run(&world, "screen reject Y001 --reason 重复").done();
    world.refused(["entry", "restore", "Y001"], 2, &["要写明理由"]);
    world.refused(["entry", "restore", "Y002"], 1, &["没有退出参赛"]);
    world.refused(["entry", "disqualify", "Y002", "--reason", " "], 2, &["写明理由"]);
}
