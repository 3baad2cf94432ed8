//! The recommendation stage: recommenders, opinions and order, sheets that come in and go out, the stamp; and all that is refused.

use insta::assert_snapshot;

use crate::attachments::{JPG, PDF};
use crate::undo::dump;
use crate::world::{Output, World};

const HUANGPU: &str = "黄浦区市场监督管理局";
const GROUP: &str = "上海示例（集团）有限公司";

/// Five works: three of a bureau, one of a group that is on no list, one that enters directly.
pub(crate) fn contest() -> World {
    let world = World::init();
    world.write(
        "申报.csv",
        "单位名称,参赛类型,作品名称,推荐单位,会员单位,单位性质,重点领域
上海示例精密机械有限公司,演讲,一颗螺丝钉的承诺,黄浦区市场监督管理局,否,国有,制造
上海示例精密机械有限公司,微电影,一微米的距离,黄浦区市场监督管理局,否,国有,制造
上海样本食品有限公司,创新案例,匠心之路,黄浦区市场监管局,否,民营,制造
上海示例一有限公司,演讲,一颗螺丝钉,上海示例(集团)有限公司,否,国有,制造
上海样本会员有限公司,演讲,守望,其他－市质协会员与质量推进部,是,国有,制造
",
    );
    world.run(["import", "申报.csv"]).done();
    world.run(["recommender", "alias", HUANGPU, "黄浦区市场监管局"]).done();
    world
}

/// Without the table of the list's sixteen bureaus.
fn lines_with(output: &Output, words: &[&str]) -> String {
    let wanted = |line: &&str| words.iter().any(|word| line.contains(word));
    output.stdout.lines().filter(wanted).map(|line| format!("{}\n", line.trim_end())).collect()
}

fn json(world: &World, arguments: &[&str]) -> serde_json::Value {
    world.run(arguments.iter().copied().chain(["--format", "json"])).json()
}

#[test]
fn from_the_first_opinion_to_the_stamp() {
    let mut world = contest();
    let list = world.run(["recommender", "list"]).done();
    assert_snapshot!(lines_with(&list, &["推荐单位", "黄浦", "静安", "集团", "其它", "共"]), @r"
    推荐单位
    推荐单位                     类别        作品  有推荐意见  已确认  截止情况
    黄浦区市场监督管理局         区局           3           0       0  未到期，3 件未确认
    静安区市场监督管理局         区局           0           0       0
    其它—市质协会员与质量推进部  直接报名       1           0       0
    上海示例(集团)有限公司       不在名单中     1           0       0  未到期，1 件未确认
    共 18 家
    不在名单中的：确是推荐单位的用 dasai recommender add 登记，写法不同的用 dasai recommender alias 加别名
    ");
    // Nothing is missing before anything has begun.
    let check = json(&world, &["check", "--only", "R"]);
    assert_eq!(check["findings"].as_array().unwrap().len(), 1, "{check:#}");
    assert_snapshot!(world.run(["check", "--only", "R"]).text(), @r"
    审查结果
    代码  级别  作品  单位                问题
    ────────────────────────────────────────────────────────────────────────────────
    R501  错误  Y002  上海示例一有限公司  推荐单位不在名单中：上海示例(集团)有限公司

    共 5 件作品，1 件有问题：错误 1，提醒 0，提示 0。
    代码说明：dasai check rules 代码
    --- exit 3
    ");
    assert_snapshot!(world.run(["recommend", "set", "Y001", "W001", "--opinion", "同意推荐"]).text(), @r"
    推荐
    作品  作品名称          项目      新值
    ──────────────────────────────────────────
    Y001  一颗螺丝钉的承诺  推荐意见  同意推荐
    W001  一微米的距离      推荐意见  同意推荐
    --- exit 0
    ");
    assert_snapshot!(world.run(["recommend", "set", "A001", "--opinion", "案例扎实，同意推荐", "--order", "1"]).text(), @r"
    推荐
    作品  作品名称  项目      新值
    ────────────────────────────────────────────
    A001  匠心之路  推荐意见  案例扎实，同意推荐
    A001  匠心之路  排序      1
    --- exit 0
    ");
    assert_snapshot!(world.run(["recommend", "set", "Y001", "--order", "1"]).text(), @r"
    推荐
    作品  作品名称          项目  原值  新值
    ────────────────────────────────────────
    Y001  一颗螺丝钉的承诺  排序        1
    A001  匠心之路          排序  1     2
    --- exit 0
    ");
    assert_snapshot!(world.run(["recommend", "order", HUANGPU, "W001", "Y001"]).text(), @r"
    “黄浦区市场监督管理局”的推荐次序
    排序  原排序  作品  申报单位                  作品名称
    ──────────────────────────────────────────────────────────────
       1          W001  上海示例精密机械有限公司  一微米的距离
       2       1  Y001  上海示例精密机械有限公司  一颗螺丝钉的承诺
       3       2  A001  上海样本食品有限公司      匠心之路
    --- stderr
    没有列出的 1 件按原次序排在后面：A001
    --- exit 0
    ");
    world.write("收件/黄浦.pdf", PDF);
    "2024-07-10T16:00:00".clone_into(&mut world.now);
    assert_snapshot!(world.run(["recommend", "confirm", "黄浦区市场监管局", "--sheet", "收件/黄浦.pdf"]).text(), @r"
    推荐单位：黄浦区市场监督管理局
    盖章推荐表：FOLDER/收件/黄浦.pdf
    类型：PDF
    大小：77 字节
    SHA-256：d481fe1e9aa1fef4b9e514c97e4d5085a167366d385fa9da3f275d985429f96f
    收到时间：2024-07-10 16:00

    确认推荐的作品
    排序  作品  申报单位                  作品名称          作品类型            推荐意见
    ──────────────────────────────────────────────────────────────────────────────────────────────
       1  W001  上海示例精密机械有限公司  一微米的距离      质量品牌故事微电影  同意推荐
       2  Y001  上海示例精密机械有限公司  一颗螺丝钉的承诺  质量品牌故事演讲    同意推荐
       3  A001  上海样本食品有限公司      匠心之路          质量品牌创新案例    案例扎实，同意推荐

    此前已确认的：—
    没有确认的：—
    --- exit 0
    ");
    assert_snapshot!(world.run(["recommend", "list"]).text(), @r"
    推荐
    排序  作品  申报单位                  作品名称          推荐意见            还缺
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    【黄浦区市场监督管理局】
       1  W001  上海示例精密机械有限公司  一微米的距离      同意推荐
       2  Y001  上海示例精密机械有限公司  一颗螺丝钉的承诺  同意推荐
       3  A001  上海样本食品有限公司      匠心之路          案例扎实，同意推荐
    【上海示例(集团)有限公司】
          Y002  上海示例一有限公司        一颗螺丝钉                            缺推荐意见、未排序、未盖
                                                                                章确认
    （未列：作品类型、盖章确认；加宽窗口或用 --format csv 可见）

    共 4 件：已推荐 3，已盖章确认 3
    --- exit 0
    ");
    let show = world.run(["entry", "show", "W001"]).done();
    assert_snapshot!(lines_with(&show, &["状态", "推荐"]), @r"
    推荐单位：黄浦区市场监督管理局
    状态：已推荐
    推荐时间：2024-07-10 16:00
    推荐意见：同意推荐
    推荐排序：1
    盖章推荐表：FOLDER/收件/黄浦.pdf
       8  2024-07-10 16:00  测试员  “黄浦区市场监督管理局”盖章确认推荐 3 件  状态：已申报 → 已推荐
    ");
    assert_snapshot!(world.run(["check", "--only", "R,D202"]).text(), @r"
    审查结果
    代码  级别  作品  单位                问题
    ────────────────────────────────────────────────────────────────────────────────
    R501  错误  Y002  上海示例一有限公司  推荐单位不在名单中：上海示例(集团)有限公司
    R503  错误  Y002  上海示例一有限公司  推荐单位尚未推荐：上海示例(集团)有限公司

    共 5 件作品，1 件有问题：错误 2，提醒 0，提示 0。
    代码说明：dasai check rules 代码
    --- exit 3
    ");
    let status = world.run(["status"]).done();
    assert_snapshot!(lines_with(&status, &["推荐"]), @r"
    推荐：应推荐 4 件：有推荐意见 3，已盖章确认 3
    推荐                        2024-07-10     今天截止
    参赛类型            作品  已申报  已推荐  已受理  退回修改  重新提交  退出  参评
    1 件作品还没有盖章确认推荐
    ");
    assert_snapshot!(world.run(["recommend", "withdraw", "W001", "--reason", "推荐单位来函撤回"]).text(), @r"
    作品：W001
    作品名称：一微米的距离
    推荐单位：黄浦区市场监督管理局
    原推荐意见：同意推荐
    撤回理由：推荐单位来函撤回
    状态：已申报
    --- exit 0
    ");
    assert_eq!(json(&world, &["entry", "show", "W001"])["entry"]["recommended_at"], serde_json::Value::Null);
    world.run(["check", "--only", "R503"]).says(3, &["W001", "已撤回推荐"]);
    // The same scan covers it again once it is recommended again.
    world.run(["recommend", "set", "W001", "--opinion", "同意"]).done();
    let again = json(&world, &["recommend", "confirm", HUANGPU, "--sheet", "收件/黄浦.pdf"]);
    assert_eq!((again["confirmed"][0]["entry"].as_str(), again["confirmed_before"].as_array().map(Vec::len)), (Some("W001"), Some(2)));
    world.run(["recommend", "confirm", HUANGPU, "--sheet", "收件/黄浦.pdf"]).says(0, &["已经登记，没有变化"]);
}

#[test]
fn a_late_stamp_is_recorded_and_found() {
    let world = contest();
    world.write("迟到.jpg", JPG);
    world.refused(["recommend", "confirm", HUANGPU, "--sheet", "迟到.jpg"], 1, &["3 件作品没有推荐意见", "--without-opinion"]);
    let at = "2024-07-11T00:00:00";
    let done = world.run(["recommend", "confirm", HUANGPU, "--sheet", "迟到.jpg", "--at", at, "--without-opinion", "recommend"]);
    done.says(0, &["晚于推荐截止时间"]);
    let check = json(&world, &["check", "--only", "D202,R503,R504"]);
    let found: Vec<(&str, &str)> = check["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| (found["code"].as_str().unwrap(), found["entry"].as_str().unwrap()))
        .collect();
    assert_eq!(found, [("D202", "A001"), ("D202", "W001"), ("D202", "Y001"), ("R503", "Y002")]);
    let list = json(&world, &["recommender", "list", "--kind", "区局"]);
    let own = list["recommenders"].as_array().unwrap().iter().find(|own| own["name"] == HUANGPU).unwrap().clone();
    assert_eq!((&own["deadline"], &own["confirmed"]), (&"late".into(), &3.into()));
}

#[test]
fn every_command_can_be_taken_back() {
    let world = contest();
    world.write("扫描.pdf", PDF);
    world.write("名单.csv", "名称,类别,联系人,电话\n上海市示例行业协会,行业组织,王示例,021-55550000\n");
    let path = world.contest();
    for command in [
        vec!["recommender", "add", GROUP, "--phone", "13800001234"],
        vec!["recommender", "import", "名单.csv"],
        vec!["recommender", "set", HUANGPU, "contact_name=李样本"],
        vec!["recommender", "rename", "上海市示例行业协会", "上海示例行业协会"],
        vec!["recommender", "alias", HUANGPU, "黄浦局"],
        vec!["recommend", "set", "Y001", "--opinion", "同意", "--order", "2"],
        vec!["recommend", "set", "W001", "--order", "2"],
        vec!["recommend", "order", HUANGPU, "A001", "Y001"],
        vec!["recommend", "confirm", HUANGPU, "--sheet", "扫描.pdf", "--without-opinion", "leave"],
        vec!["recommend", "withdraw", "Y001", "--reason", "来函"],
    ] {
        let before = dump(&path);
        // A dry run shows, and writes nothing.
        world.run(command.iter().chain(&["--dry-run"])).says(0, &["试运行"]);
        assert_eq!(dump(&path), before, "{command:?}");
        world.run(&command).done();
        let after = dump(&path);
        assert_ne!(after, before, "{command:?}");
        world.run(["undo"]).done();
        assert_eq!(dump(&path), before, "{command:?}");
        world.run(["redo"]).done();
        assert_eq!(dump(&path), after, "{command:?}");
    }
    let log = world.run(["log", "--operation", "4"]).done();
    assert!(!log.stdout.contains("13800001234"), "{}", log.stdout);
}

#[test]
fn what_cannot_be_is_refused_with_what_to_do() {
    let world = contest();
    let refused = |arguments: &[&str], code: i32, words: &[&str]| {
        world.refused(arguments.iter().copied(), code, words);
    };
    refused(&["recommend", "list", "黄埔区市场监督管理局"], 1, &["没有推荐单位“黄埔区市场监督管理局”", "是否要找：黄浦区市场监督管理局"]);
    refused(&["recommend", "set", "Y009", "--opinion", "同意"], 1, &["没有编号为 Y009 的作品"]);
    refused(&["recommend", "set", "Y003", "--opinion", "同意"], 1, &["直接报名", "不需要推荐"]);
    refused(&["recommend", "set", "Y001", "--opinion", " "], 2, &["推荐意见是空的"]);
    refused(&["recommend", "set", "Y001"], 2, &["--opinion"]);
    refused(&["recommend", "set", "Y001", "--order", "0"], 2, &["排序从 1 起"]);
    refused(&["recommend", "set", "Y001", "W001", "--order", "1"], 2, &["一次只能排一件"]);
    refused(&["recommend", "set", "Y001", "y001", "--opinion", "同意"], 2, &["写了两次"]);
    refused(&["recommend", "order", HUANGPU, "Y001", "Y001"], 2, &["作品 Y001 写了两次"]);
    refused(&["recommend", "order", HUANGPU, "Y001", "Y002"], 1, &["作品 Y002 的推荐单位是“上海示例(集团)有限公司”"]);
    refused(&["recommend", "withdraw", "Y001", "--reason", "x"], 1, &["还没有推荐"]);
    refused(&["recommend", "withdraw", "Y001", "--reason", " "], 2, &["要写明理由"]);
    world.run(["recommend", "set", "Y001", "W001", "A001", "--opinion", "同意"]).done();
    for (name, bytes, words) in [
        ("空.pdf", &b""[..], "扫描件是空的"),
        ("文本.pdf", b"hello, there is no scan here", "这不是扫描件，内容是文本"),
        ("残.pdf", b"%PDF-1.7\n1 0 obj", "扫描件不完整"),
    ] {
        world.write(name, bytes);
        refused(&["recommend", "confirm", HUANGPU, "--sheet", name], 1, &[words, "索取"]);
    }
    refused(&["recommend", "confirm", HUANGPU, "--sheet", "没有.pdf"], 1, &["扫描件打不开", "找不到该文件"]);
    refused(&["recommend", "confirm", "静安区市场监督管理局", "--sheet", "文本.pdf"], 1, &["没有参赛的作品"]);
    refused(&["recommend", "confirm", "其它—市质协会员与质量推进部", "--sheet", "文本.pdf"], 1, &["直接报名"]);
    refused(&["recommend", "confirm", HUANGPU, "--sheet", "文本.pdf", "--at", "昨天"], 2, &["--at 不是时间"]);
    world.write("真.pdf", PDF);
    world.run(["recommend", "confirm", HUANGPU, "--sheet", "真.pdf"]).done();
    world.run(["recommend", "set", "Y002", "--opinion", "同意"]).done();
    refused(&["recommend", "confirm", GROUP, "--sheet", "真.pdf"], 1, &["已登记为“黄浦区市场监督管理局”的盖章推荐表"]);
    world.run(["entry", "withdraw", "W001", "--reason", "来函"]).done();
    refused(&["recommend", "set", "W001", "--opinion", "同意"], 1, &["状态是“已撤回”，不能推荐"]);
    refused(&["recommend", "order", HUANGPU, "W001"], 1, &["状态是“已撤回”"]);
    refused(&["recommend", "withdraw", "W001", "--reason", "来函"], 1, &["状态是“已撤回”，不能撤回推荐"]);
    refused(&["recommender", "add", " "], 2, &["名称是空的"]);
    refused(&["recommender", "add", "某园区", "--kind", "街道"], 2, &["没有“街道”这一类", "bureau"]);
    refused(&["recommender", "rename", HUANGPU, "黄浦局"], 1, &["规则所列", "recommender alias"]);
    refused(&["recommender", "alias", HUANGPU, "静安区市场监督管理局"], 1, &["已是推荐单位“静安区市场监督管理局”"]);
    refused(&["recommender", "alias", HUANGPU, "没有的", "--remove"], 1, &["没有别名“没有的”"]);
    refused(&["recommender", "set", HUANGPU, "fax=1"], 2, &["没有“fax”这个可更正的字段"]);
    refused(&["recommender", "set", "其它—市质协会员与质量推进部", "kind=group"], 1, &["由规则 recommenders.direct 决定"]);
}

#[test]
fn recommenders_come_in_tables_and_their_contacts_are_masked() {
    let world = World::init();
    world.write(
        "名单.csv",
        "推荐单位名单（2024）\n名称,类别,联系人,电话,邮箱\n上海市示例行业协会,,王示例,13800001234,wang@example.com\n上海示例集团,集团,,,\n黄浦区 市场监督管理局,区局,李样本,021-55550000,\n\
         ,区局,,,\n上海某园区,街道,,,\n上海市示例行业协会,行业组织,,,\n",
    );
    let import = world.run(["recommender", "import", "名单.csv"]);
    assert_snapshot!(import.text(), @r"
    推荐单位
    推荐单位              类别      联系人  电话         邮箱              结果
    ─────────────────────────────────────────────────────────────────────────────
    上海市示例行业协会    行业组织  王**    138****1234  w***@example.com  新登记
    上海示例集团          集团                                             新登记
    黄浦区市场监督管理局  区局      李**    021****0000                    已补录

    问题
    级别  代码  问题
    ─────────────────────────────────────────────────────────────────────────────────
    错误  I622  推荐单位的名称是空的
                名单.csv › A6
                → 补上推荐单位的名称后再导入
    错误  I623  没有“街道”这一类推荐单位
                名单.csv › A7
                → 写成 区局、行业组织、集团、其他 或 直接报名；也可以空着，按名称判断
    错误  I624  名单里有两行“上海市示例行业协会”，或别名指的是同一家
                名单.csv › A8
                → 每家只留一行后再导入
    --- stderr
    导入推荐单位：登记 2 家，补录或更正 1 家
    --- exit 3
    ");
    assert_eq!(json(&world, &["recommender", "import", "名单.csv"])["totals"]["unchanged"], 3);
    world.write("改.csv", "名称,类别,电话\n上海市示例行业协会,其他,13800005678\n");
    assert_snapshot!(world.run(["recommender", "import", "改.csv"]).text(), @r"
    推荐单位
    推荐单位            类别      联系人  结果                原值 → 表中的值
    ─────────────────────────────────────────────────────────────────────────────────────────
    上海市示例行业协会  行业组织  王**    内容不同，没有采用  类别：行业组织 → 其他
                                                              电话：138****1234 → 138****5678
    （未列：电话、邮箱；加宽窗口或用 --format csv 可见）
    --- stderr
    内容不同的没有采用：核对后加 --update 再导入一次
    没有需要登记的推荐单位
    --- exit 0
    ");
    world.run(["recommender", "import", "改.csv", "--update"]).says(0, &["更正 1 家"]);
    let list = json(&world, &["recommender", "list", "--kind", "other"]);
    let own = &list["recommenders"][0];
    assert_eq!((&own["kind"], &own["contact_phone"], &own["contact_name"]), (&"other".into(), &"138****5678".into(), &"王**".into()));
    assert_eq!(json(&world, &["recommender", "list", "--kind", "other", "--reveal"])["recommenders"][0]["contact_phone"], "13800005678");
    world.refused(["recommender", "add", "上海市示例行业协会", "--phone", "13800000000"], 1, &["内容不同", "recommender set"]);
    world.run(["recommender", "add", "上海市示例行业协会"]).says(0, &["没有变化"]);
    assert_snapshot!(world.run(["recommender", "add", "上海示例开发区管理委员会"]).text(), @r"
    推荐单位：上海示例开发区管理委员会
    类别：其他
    联系人：—
    电话：—
    邮箱：—
    --- stderr
    类别按名称定为“其他”；不对的话：dasai recommender set 上海示例开发区管理委员会 kind=类别
    --- exit 0
    ");
}

#[test]
fn a_filled_sheet_is_applied_once() {
    let world = World::init();
    for name in ["recommendation.docx", "recommendation.xlsx"] {
        world.write(name, std::fs::read(concat_path(name)).unwrap());
    }
    // Before its works: kept, and tried again later.
    world.run(["import", "recommendation.docx"]).says(3, &["I602", "不在名单中", "隔离 3"]);
    world.write(
        "申报.csv",
        "单位名称,参赛类型,作品名称,推荐单位\n上海示例一有限公司,演讲,一颗螺丝钉,上海示例(集团)有限公司\n\
         上海示例二研究院,微电影,《会说话的机床》,上海示例（集团）有限公司\n上海示例三有限公司,创新案例,桥,黄浦区市场监督管理局\n",
    );
    world.run(["import", "申报.csv"]).done();
    assert_snapshot!(world.run(["import", "recommendation.docx"]).text(), @r"
    导入结果
    文件                 内容    编码  行数  新增  更新  不变  有不同  隔离
    ───────────────────────────────────────────────────────────────────────
    recommendation.docx  推荐表  docx     3     2     0     0       0     1

    需要注意的
    级别  代码  问题
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    错误  I605  作品 A001 申报时推荐单位是“黄浦区市场监督管理局”，推荐表是“上海示例（集团）有限公司”的
                recommendation.docx › 表1 › 第4行
                → 核实后更正：dasai entry set A001 recommender=上海示例（集团）有限公司，再 dasai
                quarantine retry
    提示  I211  这是推荐单位的参赛作品推荐表（附件3），各行登记为推荐意见和次序，不作为作品导入：上海示
                例（集团）有限公司，3 件作品
                recommendation.docx
                → 作品请导入申报表或汇总表

    共 3 行：新增 2，更新 0，不变 0，有不同 0，隔离 1
    隔离的行没有丢：查看 dasai quarantine list，改正后重新导入，或 dasai quarantine retry
    --- exit 3
    ");
    assert_snapshot!(world.run(["recommend", "list", GROUP]).text(), @r"
    推荐
    排序  作品  申报单位            作品名称          作品类型            推荐意见  还缺
    ──────────────────────────────────────────────────────────────────────────────────────────
    【上海示例（集团）有限公司】
       1  Y001  上海示例一有限公司  一颗螺丝钉        质量品牌故事演讲    同意推荐  未盖章确认
       2  W001  上海示例二研究院    《会说话的机床》  质量品牌故事微电影  同意推荐  未盖章确认

    共 2 件：已推荐 2，已盖章确认 0
    --- exit 0
    ");
    let waiting = json(&world, &["quarantine", "list"]);
    assert_eq!(waiting["quarantine"].as_array().map(Vec::len), Some(1), "{waiting:#}");
    assert_eq!((&waiting["quarantine"][0]["kind"], &waiting["quarantine"][0]["row"]), (&"recommendations".into(), &4.into()));
    // Twice changes nothing, in whichever form.
    let before = dump(&world.contest());
    for name in ["recommendation.docx", "recommendation.xlsx"] {
        let again = json(&world, &["import", name, "--dry-run"]);
        assert_eq!((&again["totals"]["added"], &again["totals"]["unchanged"]), (&0.into(), &2.into()), "{again:#}");
    }
    world.run(["import", "recommendation.docx"]).says(3, &["没有新内容"]);
    assert_eq!(dump(&world.contest()), before);
    // The work's recommender put right, the row is accepted.
    world.run(["entry", "set", "A001", &format!("recommender={GROUP}")]).done();
    world.run(["quarantine", "retry"]).says(0, &["A001", "接收 1 行"]);
    let list = json(&world, &["recommend", "list", GROUP]);
    let places: Vec<(&str, i64)> = list["recommendations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["entry"].as_str().unwrap(), row["order"].as_i64().unwrap()))
        .collect();
    assert_eq!(places, [("Y001", 1), ("W001", 2), ("A001", 3)]);
    // What staff typed stands until --update.
    world.run(["recommend", "set", "Y001", "--opinion", "重点推荐"]).done();
    assert_snapshot!(world.run(["import", "recommendation.docx"]).text(), @r"
    导入结果
    文件                 内容    编码  行数  新增  更新  不变  有不同  隔离
    ───────────────────────────────────────────────────────────────────────
    recommendation.docx  推荐表  docx     3     0     0     2       1     0

    与已有的不同
    作品/单位  项目      现有              来件      处理
    ─────────────────────────────────────────────────────
    Y001       推荐意见  重点推荐（更正）  同意推荐  待定

    需要注意的
    级别  代码  问题
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    提示  I211  这是推荐单位的参赛作品推荐表（附件3），各行登记为推荐意见和次序，不作为作品导入：上海示
                例（集团）有限公司，3 件作品
                recommendation.docx
                → 作品请导入申报表或汇总表

    共 3 行：新增 0，更新 0，不变 2，有不同 1，隔离 0
    有不同的行没有写入：核对后加 --update 再导入一次，即采用表中的值
    --- stderr
    没有新内容，大赛文件没有改动
    --- exit 0
    ");
    world.run(["import", "recommendation.docx", "--update"]).says(0, &["采用来件", "更新 1"]);
    assert_eq!(json(&world, &["recommend", "list", GROUP])["recommendations"][0]["opinion"], "同意推荐");
}

fn concat_path(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/forms").join(name)
}

#[test]
fn a_quarantined_row_can_be_mended_by_hand() {
    let world = contest();
    world.run(["recommender", "add", GROUP]).done();
    world.write("recommendation.docx", std::fs::read(concat_path("recommendation.docx")).unwrap());
    world.run(["import", "recommendation.docx"]).says(3, &["没有这件作品：上海示例二研究院《会说话的机床》", "隔离 2"]);
    world.run(["quarantine", "show", "1"]).says(0, &["推荐表", "会说话的机床"]);
    let mended =
        ["quarantine", "retry", "1", "--set", "title=匠心之路", "--set", "organization=样本食品", "--set", "recommender=黄浦区市场监管局"];
    world.run(mended).says(0, &["A001", "已接收"]);
    assert_eq!(json(&world, &["entry", "show", "A001"])["entry"]["recommendation"]["opinion"], "同意推荐");
    world.run(["quarantine", "discard", "2", "--reason", "不再申报"]).done();
    world.run(["import", "recommendation.docx"]).says(0, &["此前已弃置"]);
}

#[test]
fn a_change_of_recommender_ends_the_recommendation() {
    let world = contest();
    world.write("真.pdf", PDF);
    world.run(["recommend", "set", "Y001", "W001", "A001", "--opinion", "同意"]).done();
    world.run(["recommend", "confirm", HUANGPU, "--sheet", "真.pdf"]).done();
    world.run(["entry", "set", "Y001", "recommender=静安区市场监督管理局"]).done();
    world.run(["check", "--only", "R503"]).says(3, &["Y001", "推荐单位更换后尚未推荐：静安区市场监督管理局"]);
    world.run(["recommend", "list", "静安区市场监督管理局"]).says(0, &["须重新推荐"]);
    world.run(["recommend", "set", "Y001", "--opinion", "同意"]).done();
    let show = json(&world, &["entry", "show", "Y001"]);
    assert_eq!((&show["entry"]["status"], &show["entry"]["recommended_at"]), (&"declared".into(), &serde_json::Value::Null));
    assert_eq!(json(&world, &["recommend", "list", HUANGPU])["recommendations"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_printed_sheet_comes_back_unchanged() {
    let world = contest();
    world.run(["recommend", "set", "Y001", "W001", "A001", "--opinion", "同意推荐"]).done();
    world.run(["recommend", "order", HUANGPU, "A001", "Y001", "W001"]).done();
    for name in ["推荐表.docx", "推荐表.xlsx"] {
        world.run(["recommend", "sheet", HUANGPU, "--out", name]).says(0, &["推荐表"]);
        let back = json(&world, &["import", name]);
        assert_eq!((&back["totals"]["rows"], &back["totals"]["unchanged"]), (&3.into(), &3.into()), "{name}: {back:#}");
    }
    let pdf = json(&world, &["recommend", "sheet", HUANGPU, "--out", "推荐表.pdf"]);
    assert_eq!((&pdf["sheets"][0]["pages"], &pdf["sheets"][0]["works"]), (&1.into(), &3.into()));
    assert!(std::fs::read(world.path("推荐表.pdf")).unwrap().starts_with(b"%PDF-"));
    world.refused(["recommend", "sheet", HUANGPU, "--out", "推荐表.pdf"], 1, &["文件已存在", "--force"]);
    world.run(["recommend", "sheet", HUANGPU, "--out", "推荐表.pdf", "--force"]).done();
    world.refused(["recommend", "sheet", HUANGPU, "--out", "推荐表.txt"], 2, &["结尾是 .txt", ".docx .pdf .xlsx"]);
    world.refused(["recommend", "sheet", "静安区市场监督管理局", "--out", "静安.docx"], 1, &["没有可列入推荐表的作品"]);
    world.refused(["recommend", "sheet", "--all", "--out", "全部"], 2, &["--as"]);
    assert_snapshot!(world.run(["recommend", "sheet", "--all", "--out", "全部", "--as", "docx"]).text(), @r"
    推荐表
    推荐单位                文件                                    作品  没有推荐意见
    ──────────────────────────────────────────────────────────────────────────────────
    黄浦区市场监督管理局    全部/黄浦区市场监督管理局推荐表.docx       3
    上海示例(集团)有限公司  全部/上海示例(集团)有限公司推荐表.docx     1  1 件
    --- stderr
    排序不全或不连续：上海示例(集团)有限公司；排定：dasai recommend order 推荐单位 编号 编号 …
    --- exit 0
    ");
    world.refused(["recommend", "sheet", "--all", "--out", "全部", "--as", "docx"], 1, &["文件已存在"]);
    world.refused(["recommend", "sheet", "--all", "--out", "申报.csv", "--as", "docx"], 2, &["不是文件夹"]);
}

#[test]
fn a_character_that_no_font_has_is_named_with_its_work() {
    let world = contest();
    world.run(["entry", "set", "Y001", "title=螺丝钉的\u{2A700}承诺\u{10FFF}"]).done();
    let sheet = world.run(["recommend", "sheet", HUANGPU, "--out", "推荐表.pdf"]);
    sheet.says(3, &["Y001《", "U+10FFF", "〓"]);
    let json = json(&world, &["recommend", "sheet", HUANGPU, "--out", "推荐表.pdf", "--force"]);
    let missing = json["sheets"][0]["missing_glyphs"].as_array().unwrap();
    assert!(missing.iter().any(|glyph| glyph["code_point"] == "U+10FFF"), "{json:#}");
}
