//! Look-alikes as staff see them: side by side, with verdicts, against earlier contests, and what is refused.

use std::fs;

use serde_json::Value;

use crate::world::World;

const HEAD: &str = "单位名称,参赛类型,作品名称,内容简介";
const SUMMARY: &str = "退货的那批产品至今摆在展柜里，班组轮流担任质量讲师，每周复盘一个真实缺陷";

/// Three works that tell one story, one that shares its number-free title only, and one of its own.
fn contest() -> World {
    let world = World::init();
    let rows = [
        format!("上海示例甲有限公司,演讲,一颗螺丝的承诺——守护产线,{SUMMARY}。"),
        format!("上海示例乙有限公司,演讲,守护产线：一颗螺丝的承诺（修改版）,{SUMMARY}，连续多年。"),
        "上海示例丙有限公司,微电影,一顆螺絲的承諾——守護產線 V2,清晨五点，巡检员走完了全部管线，他的本子记了十二年。".to_owned(),
        "上海示例丁有限公司,演讲,1984年的那张订单,第一台样机通电的时候，数字停在九十八，没有人说话。".to_owned(),
        "上海示例戊有限公司,演讲,1987年的那张订单,供应商被邀请参加联合改进，来料不良率一年一年往下走。".to_owned(),
    ];
    world.write("申报.csv", format!("{HEAD}\n{}\n", rows.join("\n")));
    world.run(["import", "申报.csv"]).done();
    world
}

fn findings(world: &World, more: &[&str]) -> Vec<(String, String, bool, Vec<String>)> {
    let checked = world.run(["check", "--only", "S", "--format", "json"].iter().chain(more)).json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = checked["findings"].as_array().unwrap().iter().map(|finding| {
        let related = finding["related"].as_array().unwrap().iter().map(text).collect();
        (text(&finding["code"]), text(&finding["entry"]), finding["waived"].as_bool().unwrap(), related)
    });
    found.collect()
}

fn lines(findings: &[(String, String, bool, Vec<String>)]) -> String {
    let line = |(code, entry, waived, related): &(String, String, bool, Vec<String>)| {
        format!("{code} {entry} {}{}", related.join(" "), if *waived { " waived" } else { "" })
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn look_alikes_stand_side_by_side() {
    let world = contest();
    insta::assert_snapshot!(world.run(["duplicates"]).text(), @"
    相似作品
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    1. W001 与 Y001　题目相似度 1.00　简介相似度 0.00　S401
          W001                                            Y001
    单位  上海示例丙有限公司                              上海示例甲有限公司
    类型  质量品牌故事微电影                              质量品牌故事演讲
    状态  已申报                                          已申报
    题目  【一顆螺絲的承諾——守護產線】 V2                 【一颗螺丝的承诺——守护产线】
    简介  清晨五点，巡检员走完了全部管线，他的本子记了十  退货的那批产品至今摆在展柜里，班组轮流担任质量
          二年。                                          讲师，每周复盘一个真实缺陷。
    尚未判定：dasai duplicates decide W001 Y001 different --reason 理由（是同一作品的写 same）
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    2. W001 与 Y002　题目相似度 1.00　简介相似度 0.01　S401
          W001                                            Y002
    单位  上海示例丙有限公司                              上海示例乙有限公司
    类型  质量品牌故事微电影                              质量品牌故事演讲
    状态  已申报                                          已申报
    题目  【一顆螺絲的承諾】——【守護產線】 V2             【守护产线】：【一颗螺丝的承诺】（修改版）
    简介  清晨五点，巡检员走完了全部管线，他的本子记了十  退货的那批产品至今摆在展柜里，班组轮流担任质量
          二年。                                          讲师，每周复盘一个真实缺陷，连续多年。
    尚未判定：dasai duplicates decide W001 Y002 different --reason 理由（是同一作品的写 same）
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    3. Y001 与 Y002　题目相似度 1.00　简介相似度 0.83　S402、S403
          Y001                                            Y002
    单位  上海示例甲有限公司                              上海示例乙有限公司
    类型  质量品牌故事演讲                                质量品牌故事演讲
    状态  已申报                                          已申报
    题目  【一颗螺丝的承诺】——【守护产线】                【守护产线】：【一颗螺丝的承诺】（修改版）
    简介  【退货的那批产品至今摆在展柜里，班组轮流担任质  【退货的那批产品至今摆在展柜里，班组轮流担任质
          量讲师，每周复盘一个真实缺陷】。                量讲师，每周复盘一个真实缺陷】，连续多年。
    尚未判定：dasai duplicates decide Y001 Y002 different --reason 理由（是同一作品的写 same）

    共 3 对：尚未判定 3，同一作品 0，不同作品 0。
    --- exit 0
    ");
    let narrow = world.finish(world.command().env("DASAI_WIDTH", "60").args(["duplicates", "--category", "film", "--threshold", "0.99"]));
    insta::assert_snapshot!(narrow.text(), @"
    相似作品
    ────────────────────────────────────────────────────────────
    1. W001 与 Y001　题目相似度 1.00　简介相似度 0.00　S401
          W001                        Y001
    单位  上海示例丙有限公司          上海示例甲有限公司
    类型  质量品牌故事微电影          质量品牌故事演讲
    状态  已申报                      已申报
    题目  【一顆螺絲的承諾——守護產    【一颗螺丝的承诺——守护产
          線】 V2                     线】
    简介  清晨五点，巡检员走完了全部  退货的那批产品至今摆在展柜
          管线，他的本子记了十二年。  里，班组轮流担任质量讲师，
                                      每周复盘一个真实缺陷。
    尚未判定：dasai duplicates decide W001 Y001 different
    --reason 理由（是同一作品的写 same）
    ────────────────────────────────────────────────────────────
    2. W001 与 Y002　题目相似度 1.00　简介相似度 0.01　S401
          W001                        Y002
    单位  上海示例丙有限公司          上海示例乙有限公司
    类型  质量品牌故事微电影          质量品牌故事演讲
    状态  已申报                      已申报
    题目  【一顆螺絲的承諾】——【守護  【守护产线】：【一颗螺丝的
          產線】 V2                   承诺】（修改版）
    简介  清晨五点，巡检员走完了全部  退货的那批产品至今摆在展柜
          管线，他的本子记了十二年。  里，班组轮流担任质量讲师，
                                      每周复盘一个真实缺陷，连续
                                      多年。
    尚未判定：dasai duplicates decide W001 Y002 different
    --reason 理由（是同一作品的写 same）

    共 2 对：尚未判定 2，同一作品 0，不同作品 0。
    --- exit 0
    ");
    let json = world.run(["duplicates", "--format", "json"]).done().json();
    insta::assert_snapshot!(format!("{:#}", json["pairs"][0]), @r#"
    {
      "left": {
        "entry": "W001",
        "contest": null,
        "title": "一顆螺絲的承諾——守護產線 V2",
        "organization": "上海示例丙有限公司",
        "category": "film",
        "status": "declared"
      },
      "right": {
        "entry": "Y001",
        "contest": null,
        "title": "一颗螺丝的承诺——守护产线",
        "organization": "上海示例甲有限公司",
        "category": "speech",
        "status": "declared"
      },
      "codes": [
        "S401"
      ],
      "title_similarity": "1.00",
      "summary_similarity": "0.00",
      "title_common": [
        "一顆螺絲的承諾——守護產線"
      ],
      "summary_common": [],
      "verdict": null,
      "reason": null,
      "decided_at": null
    }
    "#);
    insta::assert_snapshot!(world.run(["duplicates", "--format", "csv"]).text(), @"
    作品甲,题目甲,单位甲,作品乙,题目乙,单位乙,代码,题目相似度,简介相似度,判定,理由,判定时间
    W001,一顆螺絲的承諾——守護產線 V2,上海示例丙有限公司,Y001,一颗螺丝的承诺——守护产线,上海示例甲有限公司,S401,1.00,0.00,,,
    W001,一顆螺絲的承諾——守護產線 V2,上海示例丙有限公司,Y002,守护产线：一颗螺丝的承诺（修改版）,上海示例乙有限公司,S401,1.00,0.01,,,
    Y001,一颗螺丝的承诺——守护产线,上海示例甲有限公司,Y002,守护产线：一颗螺丝的承诺（修改版）,上海示例乙有限公司,S402、S403,1.00,0.83,,,
    --- exit 0
    ");
}

#[test]
fn a_verdict_is_remembered() {
    let world = contest();
    let none: &[&str] = &[];
    insta::assert_snapshot!(lines(&findings(&world, none)), @"
    S401 W001 Y001 Y002
    S401 Y001 W001
    S402 Y001 Y002
    S403 Y001 Y002
    S401 Y002 W001
    S402 Y002 Y001
    S403 Y002 Y001
    ");
    let dry = world.run(["duplicates", "decide", "W001", "Y001", "different", "--reason", "同题不同内容", "--dry-run"]);
    dry.says(0, &["将判定 W001 与 Y001 为不同作品（试运行，没有写）"]);
    insta::assert_snapshot!(world.run(["duplicates", "decide", "Y001", "W001", "不同", "--reason", "同题不同内容"]).text(), @"
    作品甲：W001《一顆螺絲的承諾——守護產線 V2》（上海示例丙有限公司，质量品牌故事微电影）
    作品乙：Y001《一颗螺丝的承诺——守护产线》（上海示例甲有限公司，质量品牌故事演讲）
    原判定：—
    现判定：不同作品
    理由：同题不同内容
    --- stderr
    已判定 W001 与 Y001 为不同作品
    --- exit 0
    ");
    world.run(["duplicates", "decide", "W001", "Y001", "different", "--reason", "同题不同内容"]).says(0, &["已经这样判定，没有改动"]);
    insta::assert_snapshot!(lines(&findings(&world, none)), @"
    S401 W001 Y002
    S401 Y001 W001 waived
    S402 Y001 Y002
    S403 Y001 Y002
    S401 Y002 W001
    S402 Y002 Y001
    S403 Y002 Y001
    ");
    let changed = world.run(["duplicates", "decide", "W001", "Y001", "same", "--reason", "换名重报"]);
    changed.says(0, &["原判定：不同作品", "现判定：同一作品", "已判定 W001 与 Y001 为同一作品（原判定：不同作品）"]);
    world.run(["check", "--only", "S404", "W001"]).says(3, &["已判定与其他作品为同一作品：Y001"]);
    insta::assert_snapshot!(world.run(["duplicates", "--undecided"]).text().lines().filter(|line| line.contains(" 与 ")).collect::<Vec<_>>().join("\n"), @"
    1. W001 与 Y002　题目相似度 1.00　简介相似度 0.01　S401
    2. Y001 与 Y002　题目相似度 1.00　简介相似度 0.83　S402、S403
    ");
    world.run(["duplicates", "undecide", "Y001", "W001"]).says(0, &["已取消对 W001 与 Y001 的判定（原判定：同一作品）"]);
    assert_eq!(world.run(["duplicates", "--format", "json"]).json()["summary"]["undecided"], 3);
    world.run(["undo"]).done();
    assert_eq!(world.run(["duplicates", "--format", "json"]).json()["summary"]["same"], 1);
    world.run(["log", "--operation", "4"]).says(0, &["查重判定 Y001", "同一作品", "不同作品"]);
    // A work that is out of the contest is compared with nothing.
    world.run(["entry", "withdraw", "W001", "--reason", "来函"]).done();
    assert!(findings(&world, none).iter().all(|(_, entry, _, related)| entry != "W001" && !related.contains(&"W001".to_owned())));
}

#[test]
fn earlier_contests_are_read_and_left_alone() {
    let world = contest();
    fs::create_dir(world.path("往届")).unwrap();
    world.run(["init", "往届/2023.dasai"]).done();
    let old = format!("{HEAD}\n上海示例己有限公司,微电影,一颗螺丝的承诺 守护产线,没有写\n上海示例庚有限公司,演讲,别的,{SUMMARY}\n");
    world.write("往届/作品.csv", old);
    world.run(["--db", "往届/2023.dasai", "import", "往届/作品.csv"]).done();
    let before = world.everything();
    let against = ["--db", "2024.dasai", "check", "--only", "S405", "--against", "往届/2023.dasai"];
    insta::assert_snapshot!(world.run(against).text(), @"
    审查结果
    代码  级别  作品  单位                问题
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    S405  提示  W001  上海示例丙有限公司  与往届作品相似：2024年上海市质量品牌故事大赛 W001《一颗螺丝的
                                          承诺 守护产线》（上海示例己有限公司，相似度 1.00）
    S405  提示  Y001  上海示例甲有限公司  与往届作品相似：2024年上海市质量品牌故事大赛 W001《一颗螺丝的
                                          承诺 守护产线》（上海示例己有限公司，相似度 1.00）、2024年上海
                                          市质量品牌故事大赛 Y001《别的》（上海示例庚有限公司，相似度
                                          0.97）
    S405  提示  Y002  上海示例乙有限公司  与往届作品相似：2024年上海市质量品牌故事大赛 W001《一颗螺丝的
                                          承诺 守护产线》（上海示例己有限公司，相似度 1.00）、2024年上海
                                          市质量品牌故事大赛 Y001《别的》（上海示例庚有限公司，相似度
                                          0.85）

    共 5 件作品，3 件有问题：错误 0，提醒 0，提示 3。
    代码说明：dasai check rules 代码
    --- exit 0
    ");
    let json = world.run(against.iter().chain(&["--format", "json"])).done().json();
    insta::assert_snapshot!(format!("{:#}", json["findings"][0]["earlier"]), @r#"
    [
      {
        "contest": "2024年上海市质量品牌故事大赛",
        "entry": "W001",
        "title": "一颗螺丝的承诺 守护产线",
        "organization": "上海示例己有限公司",
        "similarity": "1.00"
      }
    ]
    "#);
    let pairs = world.run(["--db", "2024.dasai", "duplicates", "--against", "往届/2023.dasai", "--category", "film"]);
    insta::assert_snapshot!(pairs.text(), @"
    相似作品
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    1. W001 与 Y001　题目相似度 1.00　简介相似度 0.00　S401
          W001                                            Y001
    单位  上海示例丙有限公司                              上海示例甲有限公司
    类型  质量品牌故事微电影                              质量品牌故事演讲
    状态  已申报                                          已申报
    题目  【一顆螺絲的承諾——守護產線】 V2                 【一颗螺丝的承诺——守护产线】
    简介  清晨五点，巡检员走完了全部管线，他的本子记了十  退货的那批产品至今摆在展柜里，班组轮流担任质量
          二年。                                          讲师，每周复盘一个真实缺陷。
    尚未判定：dasai duplicates decide W001 Y001 different --reason 理由（是同一作品的写 same）
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    2. W001 与 Y002　题目相似度 1.00　简介相似度 0.01　S401
          W001                                            Y002
    单位  上海示例丙有限公司                              上海示例乙有限公司
    类型  质量品牌故事微电影                              质量品牌故事演讲
    状态  已申报                                          已申报
    题目  【一顆螺絲的承諾】——【守護產線】 V2             【守护产线】：【一颗螺丝的承诺】（修改版）
    简介  清晨五点，巡检员走完了全部管线，他的本子记了十  退货的那批产品至今摆在展柜里，班组轮流担任质量
          二年。                                          讲师，每周复盘一个真实缺陷，连续多年。
    尚未判定：dasai duplicates decide W001 Y002 different --reason 理由（是同一作品的写 same）
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    3. W001 与 W001（2024年上海市质量品牌故事大赛）　题目相似度 1.00　简介相似度 0.00　S405
          W001                                            W001（2024年上海市质量品牌故事大赛）
    单位  上海示例丙有限公司                              上海示例己有限公司
    题目  【一顆螺絲的承諾】——【守護產線】 V2             【一颗螺丝的承诺】 【守护产线】
    简介  清晨五点，巡检员走完了全部管线，他的本子记了十  没有写
          二年。
    与往届作品相似：请核对是否旧作重报

    共 2 对：尚未判定 2，同一作品 0，不同作品 0。与往届相似 1 对。
    --- exit 0
    ");
    assert!(before == world.everything(), "something was written: {:?}", world.names());
    let refused = |file: &str, code: i32, words: &[&str]| {
        world.refused(["--db", "2024.dasai", "check", "--against", file], code, words);
        world.refused(["--db", "2024.dasai", "duplicates", "--against", file], code, words);
    };
    refused("没有.dasai", 1, &["往届文件 没有.dasai：找不到大赛文件", "检查 --against 的路径"]);
    refused("2024.dasai", 2, &["--against 写的就是本届大赛文件"]);
    refused("申报.csv", 1, &["往届文件 申报.csv：这不是大赛文件"]);
    let twice = ["--db", "2024.dasai", "check", "--against", "往届/2023.dasai", "--against", "往届/2023.dasai"];
    world.refused(twice, 2, &["把同一个文件写了两次"]);
}

#[test]
fn the_workbook_holds_a_block_a_pair() {
    let world = contest();
    world.run(["duplicates", "--export", "查重.xlsx"]).says(0, &["已另存为 查重.xlsx"]);
    world.refused(["duplicates", "--export", "查重.xlsx"], 1, &["文件已存在", "--force"]);
    world.run(["duplicates", "--export", "查重.xlsx", "--force"]).done();
    world.refused(["duplicates", "--export", "查重.pdf"], 2, &["结尾是 .pdf"]);
    world.run(["duplicates", "--export", "清单.csv"]).done();
    world.refused(["duplicates", "--export", "另.xlsx", "--dry-run"], 0, &["将另存为 另.xlsx"]);
    let bytes = fs::read(world.path("查重.xlsx")).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("xl/sharedStrings.xml").unwrap(), &mut text).unwrap();
    assert!(text.contains("FFC00000") && text.contains("尚未判定"), "{text}");
}

#[test]
fn what_cannot_be_is_refused() {
    let world = contest();
    let reason = ["--reason", "理由"];
    let decide = |words: &[&str], code: i32, said: &[&str]| {
        world.refused(["duplicates", "decide"].iter().chain(words), code, said);
    };
    decide(&["Y001", "Y999", "same", reason[0], reason[1]], 1, &["没有编号为 Y999 的作品"]);
    decide(&["Y001", "y001", "same", reason[0], reason[1]], 2, &["一件作品不能与自己比"]);
    decide(&["Y001", "Y002", "same", "--reason", " "], 2, &["判定要写明理由"]);
    decide(&["Y001", "Y002", "maybe", reason[0], reason[1]], 2, &["maybe"]);
    decide(&["Y001", "Y002", "same"], 2, &["--reason"]);
    world.refused(["duplicates", "undecide", "Y001", "Y002"], 1, &["Y001 与 Y002 没有判定过"]);
    world.refused(["duplicates", "--threshold", "80"], 2, &["相似度“80”不是 0 到 1 的小数"]);
    world.refused(["duplicates", "--category", "小品"], 1, &["没有参赛类型“小品”"]);
    World::init().run(["duplicates"]).says(0, &["没有相似的作品"]);
}
