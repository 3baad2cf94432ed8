//! Receipts: the marked copies of `fixtures/receipts` compared with their originals part by part and read back, the replies as people
//! read them, and names that would lead elsewhere.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::world::World;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/receipts").join(name)).unwrap()
}

/// A world that has received these files on 3 July.
fn received(files: &[(&str, &[u8])]) -> World {
    let mut world = World::init();
    world.now = "2024-07-03T09:00:00".into();
    for (name, content) in files {
        let path = world.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    world
}

/// All files below a folder, by their paths in it.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    names
        .into_iter()
        .map(|name| {
            let mut content = Vec::new();
            archive.by_name(&name).unwrap().read_to_end(&mut content).unwrap();
            (name, content)
        })
        .collect()
}

/// What an import said, without names and times.
fn said(world: &World, file: &str) -> Vec<Value> {
    let json = world.run(["import", file, "--format", "json"]).json();
    let files = json["files"].as_array().unwrap();
    files.iter().map(|file| serde_json::json!([file["sheet"], file["rows"], file["added"], file["quarantined"], cells(file)])).collect()
}

fn cells(file: &Value) -> Vec<String> {
    file["problems"].as_array().unwrap().iter().map(|problem| format!("{} {}", problem["code"], problem["cell"])).collect()
}

#[test]
fn a_copy_is_the_same_workbook_but_for_the_marks() {
    for (name, changed) in [
        (
            "openpyxl.xlsx",
            ["xl/comments/comment1.xml", "xl/drawings/commentsDrawing1.vml", "xl/styles.xml", "xl/worksheets/sheet1.xml"].as_slice(),
        ),
        (
            "calc.xlsx",
            [
                "[Content_Types].xml",
                "xl/comments1.xml",
                "xl/drawings/vmlDrawing1.vml",
                "xl/styles.xml",
                "xl/worksheets/_rels/sheet1.xml.rels",
                "xl/worksheets/sheet1.xml",
            ]
            .as_slice(),
        ),
    ] {
        let original = fixture(name);
        let world = received(&[("收件/汇总.xlsx", &original)]);
        world.run(["import", "收件", "--receipts", "回执"]).says(3, &["回执/汇总（回复）.md"]);
        let copy = std::fs::read(world.path("回执/汇总（需补正处）.xlsx")).unwrap();
        assert_eq!(std::fs::read(world.path("收件/汇总.xlsx")).unwrap(), original, "the original is never touched");
        let (before, after) = (parts(&original), parts(&copy));
        assert!(before.keys().all(|part| after.contains_key(part)), "{name}");
        let differing: Vec<&str> =
            after.iter().filter(|(part, content)| before.get(*part) != Some(content)).map(|(part, _)| part.as_str()).collect();
        assert_eq!(differing, changed, "{name}");
        let sheet = String::from_utf8(after["xl/worksheets/sheet1.xml"].clone()).unwrap();
        // D7 was not there: it is put in between C7 and E7.
        assert!(sheet.find("r=\"C7\"") < sheet.find("r=\"D7\"") && sheet.find("r=\"D7\"") < sheet.find("r=\"E7\""), "{name}");
        let again = received(&[("汇总.xlsx", &original), ("副本.xlsx", &copy)]);
        let other = received(&[("副本.xlsx", &copy)]);
        assert_eq!(said(&again, "汇总.xlsx"), said(&other, "副本.xlsx"), "{name}");
    }
}

#[test]
fn the_reply_says_what_came_what_to_mend_and_by_when() {
    let world = received(&[("收件/汇总.xlsx", &fixture("openpyxl.xlsx"))]);
    world.run(["import", "收件", "--receipts", "回执"]).says(3, &["需要注意的"]);
    insta::assert_snapshot!(std::fs::read_to_string(world.path("回执/汇总（回复）.md")).unwrap(), @r"
    # 关于“汇总.xlsx”的回复

    报送单位：

    您单位报送的“汇总.xlsx”已于2024年7月3日收到，用于2024年上海市质量品牌故事大赛。

    ## 已接收的作品（2 件）

    1. Y001《匠心之路》（质量品牌故事演讲，上海甲乙有限公司）
    2. W001《光影之间》（质量品牌故事微电影，上海甲乙有限公司）

    ## 需要补正的内容（共 8 处）

    请于2024年7月5日前（含当日）补正后重新报送。

    “作品申报”第 5 行 W001《光影之间》

    - H5 作品时长无法识别（原填：很长）（请核对）。请写成“5分30秒”的样子。（依据：附件2（二））
    - “重点领域”未填写（表中没有这一栏）。请补填“重点领域”。（依据：附件2；附件1（三）2）
    - “重点产业”未填写（表中没有这一栏）。请补填“重点产业”。（依据：附件2；附件1（三）2）
    - G5 “联系手机”格式不对（原填：13800）（请核对）。请填 11 位手机号，或带区号的固定电话。（依据：附件2）
    - L5 “电子邮箱”格式不对（原填：坏邮箱）（请核对）。请填“名称@域名”形式的邮箱。（依据：附件2）

    “作品申报”第 6 行 （暂未接收）

    - G6 “联系手机”：数字已丢失尾数（原填：1.38E+10）。请把该格设为文本格式后重新填写完整的数字。
    - C6 参赛类型不是通知所列的类型，未能作为作品接收（原填：诗朗诵）。请按通知所列参赛类型选定一项，写全称。（依据：附件2（二））

    “作品申报”第 7 行 （暂未接收）

    - D7 没有作品名称，未能作为作品接收。请补填参赛作品名称。（依据：附件2（二））

    附“汇总（需补正处）.xlsx”，是您单位原表的副本：需补正的单元格已标红，原因写在批注中。请在原表中改正。

    上海市质量协会

    2024年7月3日
    ");
}

const TABLE: &str = "参赛单位名称,参赛类型,参赛作品名称,联系手机\n上海戊己公司,演讲,质量二三事,12\n";

#[test]
fn a_text_table_becomes_a_copy_as_read() {
    let world = received(&[
        ("收件/另表.csv", TABLE.as_bytes()),
        ("收件/他人.csv", TABLE.replace("戊己", "庚辛").replace("二三", "四五").as_bytes()),
    ]);
    world.run(["import", "收件", "--receipts", "回执"]);
    let reply = std::fs::read_to_string(world.path("回执/另表（回复）.md")).unwrap();
    for words in
        ["上海戊己公司：", "D2 “联系手机”格式不对（原填：12）", "是按读取结果另制的一份", "请于2024年7月5日前（含当日）补正后重新报送"]
    {
        assert!(reply.contains(words), "{words}\n{reply}");
    }
    assert!(!reply.contains("庚辛") && !reply.contains("四五"), "{reply}");
    let copy = std::fs::read(world.path("回执/另表（需补正处）.xlsx")).unwrap();
    let other = received(&[("副本.xlsx", &copy)]);
    assert_eq!(other.run(["import", "副本.xlsx", "--format", "json"]).json()["totals"]["added"], 1);
    let strings = String::from_utf8(parts(&copy)["xl/sharedStrings.xml"].clone()).unwrap();
    assert!(strings.contains("<t>12</t>"), "numbers stay texts: {strings}");
}

#[test]
fn deadlines_are_those_that_are_left() {
    for (now, words) in [
        ("2024-07-05T23:00:00", "请于2024年7月5日前（含当日）补正"),
        ("2024-07-06T00:00:00", "请于2024年7月15日前（含当日）补正"),
        ("2024-07-16T00:00:00", "形式审查已于2024年7月15日截止"),
    ] {
        let mut world = received(&[("收件/表.csv", TABLE.as_bytes())]);
        now.clone_into(&mut world.now);
        world.run(["import", "收件", "--receipts", "回执"]);
        let reply = std::fs::read_to_string(world.path("回执/表（回复）.md")).unwrap();
        assert!(reply.contains(words), "{now}\n{reply}");
    }
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (serial, name) in ["../../外面.csv", "CON.csv", "甲/同名.csv", "乙/同名.csv", "a<b>.csv"].into_iter().enumerate() {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(TABLE.replace("二三", &format!("之{serial}")).as_bytes()).unwrap();
    }
    let world = received(&[("收件/包.zip", &archive.finish().unwrap().into_inner())]);
    let before = files(&world.path("."));
    let output = world.run(["import", "收件", "--receipts", "深/回执"]);
    let mut new = files(&world.path("."));
    new.retain(|file| !before.contains(file) && !file.starts_with("2024.dasai"));
    assert!(output.done().stdout.contains("深/回执/包（回复）.md"));
    insta::assert_snapshot!(new.join("\n"), @r"
    深/回执/.dasai-receipts.json
    深/回执/_CON（需补正处）.xlsx
    深/回执/a_b_（需补正处）.xlsx
    深/回执/包（回复）.md
    深/回执/同名（需补正处）.xlsx
    深/回执/同名（需补正处）2.xlsx
    深/回执/外面（需补正处）.xlsx
    ");
}

#[test]
fn receipts_replace_their_own_and_nothing_else() {
    let world = received(&[("收件/表.csv", TABLE.as_bytes()), ("回执/表（回复）.md", "别人的".as_bytes())]);
    world.run(["import", "收件", "--receipts", "回执", "--dry-run"]).says(0, &["回执/表（回复）2.md"]);
    assert_eq!(files(&world.path("回执")), ["表（回复）.md"]);
    let import = || world.run(["import", "收件", "--receipts", "回执", "--format", "json"]).json()["receipts"][0]["reply"].clone();
    assert_eq!(import(), "回执/表（回复）2.md");
    let count = files(&world.path("回执")).len();
    assert_eq!(import(), "回执/表（回复）2.md");
    assert_eq!(files(&world.path("回执")).len(), count);
    std::fs::write(world.path("回执/表（回复）2.md"), "改过").unwrap();
    assert_eq!(import(), "回执/表（回复）3.md");
    assert_eq!(std::fs::read_to_string(world.path("回执/表（回复）.md")).unwrap(), "别人的");
    assert_eq!(std::fs::read_to_string(world.path("回执/表（回复）2.md")).unwrap(), "改过");
}

#[test]
fn a_folder_that_cannot_be_is_said_and_the_import_stands() {
    let world = received(&[("收件/表.csv", TABLE.as_bytes()), ("挡路", b"x")]);
    world.run(["import", "收件", "--receipts", "收件/回执"]).says(2, &["回执不能放在收到的文件所在的文件夹里"]);
    world.run(["import", "收件/表.csv", "--receipts", "收件"]).says(2, &["另写一个文件夹"]);
    world.run(["import", "收件", "--receipts", "挡路"]).says(2, &["不是文件夹"]);
    world.run(["import", "收件", "--receipts", "挡路/回执"]).says(1, &["导入已完成，但有 1 份回执没有写成", "挡路/回执"]);
    assert_eq!(world.run(["entry", "list", "--format", "json"]).json()["entries"].as_array().unwrap().len(), 1);
}
