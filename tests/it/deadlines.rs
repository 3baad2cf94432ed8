//! Deadlines as they stand: moved by extensions, for a recommender under each of its names, and the same in letters, lists and checks.

use serde_json::Value;

use crate::attachments::PDF;
use crate::undo::dump;
use crate::world::World;

const HUANGPU: &str = "黄浦区市场监督管理局";

fn json(world: &World, line: &str) -> Value {
    world.run(line.split(' ').chain(["--format", "json"])).json()
}

fn run(world: &World, line: &str) -> crate::world::Output {
    world.run(line.split(' '))
}

/// Two works of a bureau, the second naming it by another name, submitted in time.
fn contest() -> World {
    let world = World::init();
    world.write("申报.csv", table("2024-07-04 10:00", "赵示一"));
    run(&world, "import 申报.csv").done();
    run(&world, "recommender alias 黄浦区市场监督管理局 黄浦区市场监管局").done();
    world
}

fn table(submitted: &str, creator: &str) -> String {
    format!(
        "单位名称,参赛类型,作品名称,推荐单位,主创者姓名,提交时间
上海示例甲有限公司,演讲,一颗螺丝钉的承诺,黄浦区市场监督管理局,{creator},{submitted}
上海示例乙有限公司,演讲,一微米的距离,黄浦区市场监管局,{creator},{submitted}
"
    )
}

#[test]
fn a_corrected_version_of_a_returned_work_is_no_later_than_the_first() {
    let mut world = contest();
    world.now = "2024-07-10T09:00:00".into();
    run(&world, "screen return Y001 Y002 --reason 请补正").done();
    world.now = "2024-07-12T09:00:00".into();
    world.write("更正.csv", table("2024-07-12 08:00", "孙例三"));
    run(&world, "import 更正.csv").says(0, &["更新 2"]);
    let shown = json(&world, "entry show Y001");
    assert_eq!(shown["entry"]["submitted_at"], "2024-07-04T10:00:00+08:00");
    assert_eq!(shown["entry"]["creators"], "孙例三");
    assert_eq!(json(&world, "check --only D")["findings"], serde_json::json!([]));
}

#[test]
fn an_extension_for_a_recommender_covers_works_that_name_it_otherwise() {
    let mut world = contest();
    for name in [HUANGPU, "黄浦区市场监管局"] {
        run(&world, &format!("deadline extend screening --until 7月20日 --recommender {name} --reason 来函")).done();
        for number in ["Y001", "Y002"] {
            assert_eq!(json(&world, &format!("screen show {number}"))["deadline"], "2024-07-20");
        }
        run(&world, "undo").done();
    }
    // What is registered as another name later counts too.
    run(&world, "deadline extend screening --until 7月20日 --recommender 黄浦区市场监督管理局 --reason 来函").done();
    run(&world, "entry set Y002 recommender=黄浦局").done();
    assert_eq!(json(&world, "screen show Y002")["deadline"], "2024-07-15");
    run(&world, "recommender alias 黄浦区市场监督管理局 黄浦局").done();
    assert_eq!(json(&world, "screen show Y002")["deadline"], "2024-07-20");
    world.now = "2024-07-16T09:00:00".into();
    run(&world, "screen return Y001 Y002 --reason 请补正").done();
}

#[test]
fn a_later_extension_moves_the_day_that_was_only_the_closing() {
    let mut world = contest();
    run(&world, "deadline extend screening --until 7月18日 --reason 故障").done();
    let returned = run(&world, "screen return Y001 --reason 请补正 --format json").json();
    assert_eq!(returned["decisions"][0]["due"], "2024-07-18");
    run(&world, "screen return Y002 --reason 请补正 --due 7月12日").done();
    run(&world, "deadline extend screening --until 7月22日 --reason 故障").done();
    world.now = "2024-07-19T09:00:00".into();
    assert_eq!(json(&world, "screen show Y001")["due"], "2024-07-22");
    // A day that staff named stays.
    assert_eq!(json(&world, "screen show Y002")["due"], "2024-07-12");
    assert_eq!(json(&world, "status")["returned_overdue"], 1);
    let listed = json(&world, "screen list --returned");
    assert_eq!((&listed["works"][0]["overdue"], &listed["works"][1]["overdue"]), (&Value::from(false), &Value::from(true)));
}

#[test]
fn a_hint_for_a_due_date_works_as_typed() {
    let world = contest();
    let refused = world.run(["screen", "return", "Y001", "--reason", "请补正", "--due", "2024-07-20 17:00"]);
    let command = "dasai deadline extend screening --until 2024-07-20T17:00 --entry Y001 --reason 理由";
    refused.says(1, &[command]);
    run(&world, command.trim_start_matches("dasai ")).done();
    run(&world, "screen return Y001 --reason 请补正 --due 2024-07-20T17:00").done();
}

#[test]
fn works_that_formal_review_is_closed_for_are_counted() {
    let mut world = World::init();
    let rows: String = [1, 2, 3].map(|serial| crate::screening::row(serial).join(",") + "\n").concat();
    world.write("申报.csv", format!("{}\n{rows}", crate::screening::HEAD));
    run(&world, "import 申报.csv").done();
    run(&world, "deadline extend screening --until 7月20日 --entry Y001 --reason 来函").done();
    world.now = "2024-07-16T09:00:00".into();
    let said = run(&world, "screen accept --all-clean --yes");
    said.says(0, &["受理件数：1", "另有 2 件没有错误，已过审查截止，不受理", "deadline extend screening"]);
}

#[test]
fn a_pair_that_was_judged_different_needs_no_waiver() {
    let world = World::init();
    let mut other = crate::screening::row(2);
    other[2] = crate::screening::row(1)[2].clone();
    let rows = [crate::screening::row(1), other].map(|row| row.join(",") + "\n").concat();
    world.write("申报.csv", format!("{}\n{rows}", crate::screening::HEAD));
    run(&world, "import 申报.csv").done();
    run(&world, "duplicates decide Y001 Y002 different --reason 各写各的").done();
    let undecide = "duplicates undecide Y001 Y002";
    run(&world, "check waive S402 Y001 --reason 同名").says(1, &["已判定为不同作品，不必豁免", undecide]);
    run(&world, undecide).done();
}

#[test]
fn a_trial_of_a_notice_finds_what_cannot_be_printed() {
    let world = World::init();
    let mut row = crate::screening::row(1);
    "螺丝钉的\u{10FFF}承诺".clone_into(&mut row[2]);
    world.write("申报.csv", format!("{}\n{}\n", crate::screening::HEAD, row.join(",")));
    run(&world, "import 申报.csv").done();
    run(&world, "screen return Y001 --reason 请补正").done();
    let trial = run(&world, "screen notice --all --out 通知.pdf --dry-run");
    trial.says(3, &["Y001《", "U+10FFF", "〓", "试运行"]);
    assert!(!world.path("通知.pdf").exists());
    run(&world, "screen notice --all --out 通知.pdf").says(3, &["Y001《", "U+10FFF", "〓"]);
}

#[test]
fn moments_are_read_alike_wherever_they_are_typed() {
    let world = contest();
    world.write("扫描.pdf", PDF);
    run(&world, "recommend set Y001 Y002 --opinion 同意推荐 --at 7月9日").done();
    let confirm =
        |at: &str| world.run(["recommend", "confirm", HUANGPU, "--sheet", "扫描.pdf", "--at", at, "--dry-run", "--format", "json"]);
    for (at, moment) in [
        ("7月10日", "2024-07-10T00:00:00+08:00"),
        ("2024年7月10日", "2024-07-10T00:00:00+08:00"),
        ("2024-07-10 16:00", "2024-07-10T16:00:00+08:00"),
        ("2024-07-10T16:00:30", "2024-07-10T16:00:30+08:00"),
        ("2024-07-10T08:00:00Z", "2024-07-10T16:00:00+08:00"),
    ] {
        assert_eq!(confirm(at).json()["confirmed_at"], moment, "{at}");
    }
    for at in ["后天", "45478", ""] {
        confirm(at).says(2, &["--at 不是时间", "2024-07-05T17:30"]);
    }
}

#[test]
fn a_reply_names_the_deadline_that_applies_and_what_is_late() {
    let mut world = World::init();
    std::fs::create_dir(world.path("收件")).unwrap();
    world.write("收件/表.csv", "参赛单位名称,参赛类型,参赛作品名称,联系手机\n上海戊己公司,演讲,质量二三事,12\n");
    world.now = "2024-07-08T09:00:00".into();
    let reply = |world: &World| {
        world.run(["import", "收件", "--receipts", "回执"]);
        std::fs::read_to_string(world.path("回执/表（回复）.md")).unwrap()
    };
    let late = "收到于2024年7月8日09:00（表上没有提交时间），晚于截止时间2024年7月5日";
    let text = reply(&world);
    assert!(text.contains("作品申报已于2024年7月5日截止。请于2024年7月15日前") && text.contains(late), "{text}");
    run(&world, "deadline extend submission --until 7月12日 --entry Y001 --reason 来函").done();
    let text = reply(&world);
    assert!(text.contains("请于2024年7月12日前（含当日）补正后重新报送") && !text.contains("晚于"), "{text}");
    // What staff waived is not asked for.
    assert!(text.contains("联系手机"), "{text}");
    run(&world, "check waive C103 Y001 --reason 已电话核实").done();
    let text = reply(&world);
    assert!(!text.contains("联系手机”格式不对"), "{text}");
}

#[test]
fn the_recommendation_stage_knows_extensions() {
    let mut world = contest();
    world.write("扫描.pdf", PDF);
    run(&world, "recommend set Y001 Y002 --opinion 同意推荐").done();
    run(&world, "deadline extend recommendation --until 7月20日 --recommender 黄浦区市场监督管理局 --reason 来函").done();
    world.now = "2024-07-12T09:00:00".into();
    let own = |world: &World| {
        let list = json(world, "recommender list");
        list["recommenders"].as_array().unwrap().iter().find(|own| own["name"] == HUANGPU).unwrap()["deadline"].clone()
    };
    assert_eq!(own(&world), "open");
    let confirmed = run(&world, "recommend confirm 黄浦区市场监督管理局 --sheet 扫描.pdf").done();
    assert!(!confirmed.stderr.contains("晚于"), "{}", confirmed.text());
    assert!(!run(&world, "log").done().stdout.contains("晚于"));
    assert_eq!(own(&world), "on_time");
    assert_eq!(json(&world, "check --only D202")["findings"], serde_json::json!([]));
    run(&world, "recommend sheet 黄浦区市场监督管理局 --out 推荐表.docx").done();
    let mut archive = zip::ZipArchive::new(std::fs::File::open(world.path("推荐表.docx")).unwrap()).unwrap();
    let text = std::io::read_to_string(archive.by_name("word/document.xml").unwrap()).unwrap();
    assert!(text.contains("7月20日") && !text.contains("7月10日"));
}

#[test]
fn the_same_scan_again_keeps_the_moment_when_it_came() {
    let mut world = contest();
    world.write("扫描.pdf", PDF);
    run(&world, "recommend set Y001 --opinion 同意推荐").done();
    let confirm = "recommend confirm 黄浦区市场监督管理局 --sheet 扫描.pdf";
    run(&world, &format!("{confirm} --without-opinion leave")).done();
    let before = json(&world, "entry show Y001")["entry"]["recommended_at"].clone();
    world.now = "2024-07-22T09:00:00".into();
    run(&world, "recommend set Y002 --opinion 同意推荐").done();
    let state = dump(&world.contest());
    run(&world, &format!("{confirm} --at 2024-07-21")).says(1, &["已登记为 2024-07-06 09:00 收到", "去掉 --at"]);
    assert_eq!(dump(&world.contest()), state);
    run(&world, confirm).done();
    assert_eq!(json(&world, "entry show Y002")["entry"]["recommended_at"], before);
    assert_eq!(json(&world, "check --only D202")["findings"], serde_json::json!([]));
}

#[test]
fn a_work_that_changes_its_recommender_is_recommended_no_more() {
    let world = contest();
    world.write("扫描.pdf", PDF);
    run(&world, "recommend set Y001 Y002 --opinion 同意推荐").done();
    run(&world, "recommend confirm 黄浦区市场监督管理局 --sheet 扫描.pdf").done();
    let state = |world: &World| {
        let entry = json(world, "entry show Y001")["entry"].clone();
        (entry["status"].as_str().unwrap().to_owned(), entry["recommended_at"].is_null())
    };
    assert_eq!(state(&world), ("recommended".to_owned(), false));
    let moved = table("2024-07-04 10:00", "赵示一").replacen(HUANGPU, "静安区市场监督管理局", 1);
    world.write("更正.csv", moved);
    run(&world, "import 更正.csv --update").done();
    assert_eq!(state(&world), ("declared".to_owned(), true));
    // The other names the same recommender otherwise: nothing changes for it.
    assert_eq!(json(&world, "entry show Y002")["entry"]["status"], "recommended");
    // Back where its recommendation stands: that counts again, from when it came.
    run(&world, "entry set Y001 recommender=黄浦区市场监管局").done();
    assert_eq!(state(&world), ("recommended".to_owned(), false));
    run(&world, "entry set Y001 recommender=静安区市场监督管理局").says(0, &["原来的推荐不再算数"]);
    assert_eq!(state(&world), ("declared".to_owned(), true));
    // What the former recommender takes back now is not held against the new one.
    run(&world, "undo 2").done();
    run(&world, "recommend withdraw Y001 --reason 来函").done();
    run(&world, "entry set Y001 recommender=静安区市场监督管理局").done();
    run(&world, "check --only R503").says(3, &["推荐单位更换后尚未推荐：静安区市场监督管理局"]);
    run(&world, "recommend list 静安区市场监督管理局").says(0, &["须重新推荐"]);
}
