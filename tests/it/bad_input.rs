//! Files that are not what they should be, given to every command that takes files: what is said, and that everything stays as it was.

use std::io::Write as _;
use std::path::PathBuf;

use super::world::World;

const TABLE: &str = "参赛单位,参赛类型,作品名称,联系人\n甲公司,演讲,故事一,赵示一\n乙公司,演讲,故事二,钱样二\n";

/// A file of `fixtures/import`.
fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/import").join(name)).unwrap()
}

fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend((0..=255_u8).cycle().take(4000));
    bytes
}

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A contest with one work and one judge, so that there is something to lose.
fn world() -> World {
    let world = World::init();
    world.write("好.csv", TABLE);
    world.run(["import", "好.csv"]).done();
    world.run(["judge", "add", "王芳", "--panel", "speech/preliminary"]).done();
    world
}

/// Files that no command can read as a table: name, content, what is said of it.
fn unreadable() -> Vec<(&'static str, Vec<u8>, [&'static str; 2])> {
    let truncated = {
        let whole = fixture("works.xlsx");
        whole[..whole.len() * 2 / 3].to_vec()
    };
    vec![
        ("空.csv", Vec::new(), ["文件是空的", "索取完整的文件"]),
        ("空白.csv", b" \n\n  \r\n".to_vec(), ["文件是空的", "索取完整的文件"]),
        ("空.xlsx", Vec::new(), ["文件是空的", "索取完整的文件"]),
        ("二进制.csv", (0..=255_u8).cycle().take(5000).collect(), ["无法识别文件的文字编码", "另存为 xlsx"]),
        ("零.csv", vec![0; 4096], ["无法识别文件的文字编码", "另存为 xlsx"]),
        ("照片.xlsx", png(), ["这是图片，不是表格", "索取 Excel 表"]),
        ("照片.csv", png(), ["这是图片，不是表格", "索取 Excel 表"]),
        ("扫描.csv", b"%PDF-1.7\n1 0 obj".to_vec(), ["PDF", "Excel"]),
        ("压缩.xlsx", b"Rar!\x1a\x07\x01\0".to_vec(), ["这是压缩包", "先解压"]),
        ("文档.xlsx", zip(&[("word/document.xml", b"<w/>")]), ["文件已损坏", "重新下载"]),
        ("空包.xlsx", b"PK\x05\x06".iter().copied().chain([0; 18]).collect(), ["文件已损坏", "重新下载"]),
        ("加密.xlsx", fixture("encrypted.xlsx"), ["设有打开密码", "取消密码"]),
        ("截断.xlsx", truncated, ["文件已损坏或不完整", "重新下载"]),
        ("旧.xls", fixture("old.xls"), ["xls", "另存"]),
        ("网页.xls", fixture("page.xls"), ["网页", "另存为"]),
    ]
}

#[test]
fn a_file_that_is_no_table_is_refused_by_every_command_that_takes_files() {
    let world = world();
    for (name, content, words) in unreadable() {
        world.write(name, content);
        let said = [name, words[0], words[1]];
        world.refused(["import", name], 1, &said);
        world.refused(["judge", "import", name], 1, &said);
        world.refused(["score", "import", name, "--category", "speech", "--round", "preliminary"], 1, &said);
    }
    // All of them at once are still no reason to write.
    let names = unreadable().into_iter().map(|(name, ..)| name);
    world.refused(["import"].into_iter().chain(names.clone()), 1, &["15 个文件都不能读取，什么都没有导入"]);
    let scores = ["score", "import", "--category", "speech", "--round", "preliminary"];
    world.refused(scores.into_iter().chain(names), 1, &["15 个文件都不能读取，什么都没有导入"]);
    // Among a good one they cost nothing but a line.
    world.write("又好.csv", TABLE.replace("故事", "另一个故事"));
    let output = world.run(["import", "照片.xlsx", "又好.csv", "加密.xlsx", "--format", "json"]);
    output.says(3, &["这是图片", "设有打开密码"]);
    assert_eq!(output.json()["totals"]["added"], 2);
}

#[test]
fn a_missing_file_and_a_folder_without_tables_are_said() {
    let world = world();
    world.refused(["import", "没有.csv"], 1, &["没有.csv", "找不到该文件", "检查文件名"]);
    world.refused(["judge", "import", "没有.csv"], 1, &["没有.csv", "找不到该文件", "检查文件名"]);
    let scores = ["score", "import", "没有.csv", "--category", "speech", "--round", "preliminary"];
    world.refused(scores, 1, &["没有.csv", "找不到该文件", "检查文件名"]);
    world.refused(["rules", "check", "没有.toml"], 1, &["没有.toml", "找不到该文件", "检查路径"]);
    world.refused(["rules", "apply", "没有.toml"], 1, &["没有.toml", "找不到该文件", "检查路径"]);
    std::fs::create_dir(world.path("夹")).unwrap();
    world.refused(["import", "夹"], 0, &["没有可导入的文件"]);
    world.refused(["score", "import", "夹", "--category", "speech", "--round", "preliminary"], 1, &["文件夹里没有表格", ".xlsx"]);
    world.refused(["judge", "import", "夹"], 1, &["夹"]);
    world.refused(["rules", "check", "夹"], 1, &["夹"]);
}

#[test]
fn a_table_without_a_known_header_is_not_received_in_silence() {
    let world = world();
    world.write("无表头.csv", "甲,乙,丙\n1,2,3\n4,5,6\n");
    world.write("仅表头.csv", TABLE.lines().next().unwrap());
    world.refused(["import", "无表头.csv"], 3, &["无表头.csv", "没有找到表头", "--map", "没有改动"]);
    world.refused(["import", "仅表头.csv"], 0, &["共 0 行", "没有新内容，大赛文件没有改动"]);
    world.refused(["judge", "import", "无表头.csv"], 3, &["无表头.csv", "没有找到评委名单的表头", "姓名"]);
    let scores = ["score", "import", "无表头.csv", "--category", "speech", "--round", "preliminary"];
    world.refused(scores, 3, &["无表头.csv", "没有找到评分表的表头", "作品编号"]);
}

#[test]
fn wrong_encodings_are_recognised_or_their_losses_shown() {
    let world = World::init();
    let wide: Vec<u8> = TABLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    world.write("无标记.csv", wide);
    let output = world.run(["import", "无标记.csv", "--format", "json"]);
    output.says(0, &["UTF-16LE"]);
    assert_eq!(output.json()["totals"]["added"], 2);
    // GBK that ends in the middle of a character.
    let (gbk, ..) = encoding_rs::GBK.encode("参赛单位,参赛类型,作品名称\n丙公司,演讲,第三个故事\n丁公司,演讲,第四个故事");
    let mut gbk = gbk.into_owned();
    gbk.pop();
    world.write("截断.csv", gbk);
    let output = world.run(["import", "截断.csv"]);
    output.says(3, &["I403", "截断.csv › C3", "有无法识别的字节", "请向报送单位索取原文件"]);
    // A comma file that only calls itself a workbook is what it is.
    world.write("改名.xlsx", TABLE);
    assert_eq!(world.run(["import", "改名.xlsx", "--format", "json"]).json()["totals"]["unchanged"], 2);
}

#[test]
fn duplicate_headers_and_ragged_rows_lose_nothing() {
    let world = World::init();
    world.write("重复.csv", "参赛单位,参赛类型,作品名称,作品名称\n甲公司,演讲,故事一,故事二\n");
    world.run(["import", "重复.csv"]).says(0, &["I204", "I410", "重复.csv › D2", "取第一个", "--map"]);
    world.write("不齐.csv", "参赛单位,参赛类型,作品名称\n甲公司,演讲\n乙公司,演讲,故事,多,余\n");
    let output = world.run(["import", "不齐.csv"]);
    output.says(3, &["没有作品名称", "不齐.csv › 第2行", "超出表头", "不齐.csv › D3", "dasai quarantine list"]);
    let totals = world.run(["import", "不齐.csv", "--format", "json"]).json()["totals"].clone();
    assert_eq!((&totals["rows"], &totals["unchanged"], &totals["quarantined"]), (&2.into(), &1.into(), &1.into()));
}

#[test]
fn a_workbook_that_inflates_without_end_is_refused_at_once() {
    let world = world();
    let sheet = [b"<worksheet><sheetData>".as_slice(), &b"<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>".repeat(2_600_000)].concat();
    let workbook: &[u8] = b"<workbook><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>";
    let bomb = zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", workbook), ("xl/worksheets/sheet1.xml", &sheet)]);
    assert!(bomb.len() < 1 << 20);
    world.write("炸弹.xlsx", bomb);
    world.refused(["import", "炸弹.xlsx"], 1, &["炸弹.xlsx", "文件解压后过大", "另存为 xlsx"]);
}

#[test]
fn every_fault_of_a_table_of_marks_is_named_with_its_cell() {
    let world = world();
    world.write(
        "分.csv",
        "作品编号,评委,主题内容,语言表达,形象风度,综合效果\n\
         Y001,王芳,999,1,1,1\n\
         Y999,王芳,10,1,1,1\n\
         Y001,没有人,10,1,1,1\n\
         Y002,王芳,abc,1,1,1\n\
         Y002,王芳,-1,1,1,1\n\
         Y002,王芳,1.234,1,1,1\n",
    );
    let scores = |name: &'static str| ["score", "import", name, "--category", "speech", "--round", "preliminary"];
    let faults = [
        ["分.csv › C2", "999 分，超出范围 0～40"],
        ["分.csv › A3", "没有编号为 Y999 的作品"],
        ["分.csv › B4", "没有名叫“没有人”的评委"],
        ["分.csv › C5", "“abc”不是分数"],
        ["分.csv › C6", "-1 分，超出范围"],
        ["分.csv › C7", "不是 0.5 的倍数"],
    ];
    world.refused(scores("分.csv"), 3, &faults.concat());
    world.write("矩阵.csv", "作品编号,没有人,不是人\nY001,1,2\n");
    world.refused(scores("矩阵.csv"), 3, &["矩阵.csv"]);
    world.refused(["score", "import", "分.csv", "--category", "没有", "--round", "preliminary"], 1, &["没有参赛类型“没有”", "speech"]);
    world.refused(["score", "import", "分.csv", "--category", "speech", "--round", "没有"], 1, &["没有轮次“没有”", "preliminary"]);
    world.refused(["score", "import", "分.csv"], 2, &["不知道是哪个参赛类型的分数", "--category"]);
    // Good marks among bad ones are kept, and the bad ones can follow later.
    world.write("混.csv", "作品编号,评委,主题内容,语言表达,形象风度,综合效果\nY001,王芳,30,20,10,10\nY002,王芳,41,20,10,10\n");
    let output = world.run(scores("混.csv"));
    output.says(3, &["混.csv › C3", "导入质量品牌故事演讲初赛的分数 1 份", "已导入的不受影响"]);
}

#[test]
fn every_fault_of_a_table_of_judges_is_named_with_its_cell() {
    let world = world();
    let faulty = "姓名,单位,类别,轮次,赛区\n,甲单位,演讲,初赛,浦东\n李强,甲单位,没有,初赛,浦东\n赵刚,甲单位,演讲,没有,浦东\n孙丽,甲单位,演讲,初赛,火星\n";
    world.write("评委.csv", faulty);
    let output = world.refused(["judge", "import", "评委.csv"], 3, &["评委.csv › A2", "评委姓名是空的", "没有", "火星"]);
    for row in 2..=5 {
        assert!(
            (b'A'..=b'E').any(|column| output.stdout.contains(&format!("{}{row}", char::from(column)))),
            "row {row}: {}",
            output.text()
        );
    }
}

#[test]
fn faults_of_a_rules_file_are_named_with_their_line() {
    let world = world();
    world.write("错.toml", "format = 1\n[contest]\nname = \"大赛\"\ntimezone = \"Mars/Base\"\nnmae = 1\n[[category]]\nid = \"a\"\nname = \"甲\"\nprefix = \"甲\"\n");
    for command in [["rules", "check", "错.toml"], ["rules", "apply", "错.toml"], ["rules", "diff", "错.toml"]] {
        world.refused(command, 1, &["错.toml:4", "错.toml:5", "nmae"]);
    }
    for (name, content) in [("二进制.toml", png()), ("乱.toml", b"= = =\n[[[".to_vec()), ("空.toml", Vec::new())] {
        world.write(name, content);
        world.refused(["rules", "check", name], 1, &[name]);
        world.refused(["rules", "apply", name], 1, &[name]);
        world.refused(["init", "新.dasai", "--rules", name], 1, &[name]);
    }
    let deep = format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    world.write("深.toml", deep);
    world.refused(["rules", "check", "深.toml"], 1, &["深.toml"]);
}
