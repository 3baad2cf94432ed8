//! Received files: a folder as units send it, reconciled with the works; renamed, moved, gone; and what is said of it.

use std::path::Path;

use insta::assert_snapshot;

use crate::world::World;

pub(crate) const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<</Size 1>>\nstartxref\n31\n%%EOF\n";
pub(crate) const JPG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0";
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR";
pub(crate) const FILM: &[u8] = b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x0Cmoov1234\0\0\0\x0Cmdat5678";

/// An old Word document as far as its first bytes go, with a text of its own.
pub(crate) fn word(text: &str) -> Vec<u8> {
    let mut bytes = vec![0_u8; 1024];
    bytes[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    bytes[30] = 9;
    for (place, byte) in "WordDocument".encode_utf16().flat_map(u16::to_le_bytes).enumerate() {
        bytes[512 + 128 + place] = byte;
    }
    bytes.extend(text.as_bytes());
    bytes
}

/// A PDF with a text of its own.
pub(crate) fn pdf(text: &str) -> Vec<u8> {
    [b"%PDF-1.7\n%".as_slice(), text.as_bytes(), &PDF[8..]].concat()
}

/// Three works of two units, and the files of them as they come.
fn received() -> World {
    let world = World::init();
    world.write(
        "申报.csv",
        "单位名称,参赛类型,作品名称\n上海示例精密机械有限公司,演讲,一颗螺丝钉的承诺\n上海示例精密机械有限公司,微电影,一微米的距离\n上海样本食品（集团）有限公司,创新案例,匠心之路\n",
    );
    world.run(["import", "申报.csv"]).done();
    for (name, bytes) in [
        ("上海示例精密机械有限公司+一颗螺丝钉的承诺.doc", word("讲稿")),
        ("上海示例精密机械有限公司＋《一颗螺丝钉的承诺》申报表（盖章）.pdf", pdf("一")),
        ("上海示例精密机械有限公司/logo.jpg", JPG.to_vec()),
        ("上海示例精密机械有限公司/单位简介.doc", word("简介")),
        ("上海示例精密机械有限公司/微电影/成片.mp4", FILM.to_vec()),
        ("样本食品+匠心之路案例.doc", word("案例")),
        ("样本食品-匠心之路-申报表.pdf", Vec::new()),
        ("上海样本食品（集团）有限公司LOGO.jpg", PNG.to_vec()),
        ("春游.mp4", b"not a film".to_vec()),
        (".DS_Store", b"x".to_vec()),
    ] {
        world.write(&format!("材料/{name}"), bytes);
    }
    world
}

#[test]
fn a_folder_is_reconciled() {
    let world = received();
    let scan = world.run(["attachment", "scan", "材料"]);
    assert_snapshot!(scan.text(), @r"
    文件夹：材料
    共 9 个文件（3.1 KB）：属于作品 5，属于单位 3，推荐表 0，没有对上 1；新登记 9

    缺少的材料
    作品  单位                          作品名称      缺少的材料
    ────────────────────────────────────────────────────────────────────────
    A001  上海样本食品（集团）有限公司  匠心之路      申报单位简介
    W001  上海示例精密机械有限公司      一微米的距离  参赛作品申报表（盖章）

    有问题的材料
    代码  级别  作品  问题
    ──────────────────────────────────────────────────────────────────────────────────────────
    F602  提醒  A001  文件未以“单位名称+作品名称”命名：样本食品+匠心之路案例.doc
    F602  提醒  A001  文件未以“单位名称+作品名称”命名：样本食品-匠心之路-申报表.pdf
    F604  错误  A001  文件内容是PNG 图片，要求 jpg、jpeg：上海样本食品（集团）有限公司LOGO.jpg
    F605  错误  A001  文件是空的：样本食品-匠心之路-申报表.pdf
    F602  提醒  W001  文件未以“单位名称+作品名称”命名：成片.mp4
    F602  提醒  W001  文件未以“单位名称+作品名称”命名：logo.jpg
    F602  提醒  W001  文件未以“单位名称+作品名称”命名：单位简介.doc

    没有对上的文件
    编号  文件      类型
    ────────────────────
       7  春游.mp4  文本
    人工指定：dasai attachment set 编号 --entry 作品编号 --kind 材料种类
    --- exit 3
    ");
    // What is known is not read again, and nothing is written.
    let again = world.run(["attachment", "scan", "材料", "--format", "json"]).json();
    assert_eq!(again["totals"]["unchanged"], 9);
    assert_eq!(world.run(["log"]).stdout.matches("核对材料").count(), 1);
    let check = world.run(["check", "--only", "F", "--format", "json"]).json();
    let codes: Vec<&str> = check["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "F601").count(), 2, "{check:#}");
    assert_snapshot!(world.run(["entry", "show", "W001"]).stdout, @r"
    作品编号：W001
    参赛类型：质量品牌故事微电影
    参赛单位：上海示例精密机械有限公司
    作品名称：一微米的距离
    状态：已申报
    可否获奖：是
    收到时间：2024-07-06 09:00
    来源：申报.csv › 第3行

    材料
    材料          文件                                      大小     类型              状态
    ───────────────────────────────────────────────────────────────────────────────────────
    申报单位LOGO  上海示例精密机械有限公司/logo.jpg         11 字节  JPG 图片          在
    申报单位简介  上海示例精密机械有限公司/单位简介.doc     1 KB     Word 文档（doc）  在
    参赛作品视频  上海示例精密机械有限公司/微电影/成片.mp4  40 字节  MP4 视频          在

    经过
    操作  时间              操作人  事由                                   改动
    ───────────────────────────────────────────────────────────────────────────
       2  2024-07-06 09:00  测试员  导入 1 个文件：新增 3，更新 0，隔离 0  接收

    联系人、手机、邮箱、地址已隐去中间；要看全部加 --reveal
    ");
}

#[test]
fn without_a_scan_nothing_is_missing() {
    let world = received();
    let check = world.run(["check", "--only", "F", "--format", "json"]).json();
    assert_eq!(check["findings"].as_array().unwrap().len(), 0);
    // Nor in categories that were not looked at.
    world.run(["attachment", "scan", "材料", "--category", "微电影"]);
    let check = world.run(["check", "--only", "F601", "--format", "json"]).json();
    let works: Vec<&str> = check["findings"].as_array().unwrap().iter().map(|finding| finding["entry"].as_str().unwrap()).collect();
    assert_eq!(works, ["W001"]);
}

#[test]
fn names_are_mended_once_and_never_over_another_file() {
    let world = received();
    world.write("材料/上海样本食品（集团）有限公司+申报单位LOGO.jpg", b"another");
    world.refused(["attachment", "scan", "材料", "--rename"], 2, &["需要确认", "--yes"]);
    let plan = world.run(["attachment", "scan", "材料", "--rename", "--dry-run"]);
    assert!(!plan.stdout.is_empty() && world.path("材料/样本食品+匠心之路案例.doc").exists(), "{}", plan.text());
    let done = world.run(["attachment", "scan", "材料", "--rename", "--yes", "--format", "json"]).json();
    let renamed = |old: &str| {
        done["renames"].as_array().unwrap().iter().find(|rename| rename["old_path"] == old).map(|rename| rename["state"].clone())
    };
    assert_eq!(renamed("样本食品+匠心之路案例.doc").unwrap(), "renamed");
    assert!(world.path("材料/上海样本食品（集团）有限公司+匠心之路.doc").exists());
    assert!(world.path("材料/上海示例精密机械有限公司/微电影/上海示例精密机械有限公司+一微米的距离.mp4").exists());
    assert_eq!(std::fs::read(world.path("材料/上海样本食品（集团）有限公司+申报单位LOGO.jpg")).unwrap(), b"another");
    let again = world.run(["attachment", "scan", "材料", "--rename", "--yes", "--format", "json"]).json();
    assert_eq!(again["totals"]["unchanged"], again["totals"]["files"]);
    assert!(again["renames"].as_array().unwrap().iter().all(|rename| rename["state"] != "renamed"));
    // Undo changes what is on record, not the disk; the next scan finds the files again by their content.
    world.run(["undo"]).done();
    assert!(world.path("材料/上海样本食品（集团）有限公司+匠心之路.doc").exists());
    let after = world.run(["attachment", "scan", "材料", "--format", "json"]).json();
    assert_eq!((after["totals"]["new"].as_i64(), after["totals"]["gone"].as_i64()), (Some(0), Some(0)), "{after:#}");
}

#[test]
fn what_staff_say_stands_wherever_the_file_goes() {
    let world = received();
    world.run(["attachment", "scan", "材料"]);
    world.run(["attachment", "set", "春游.mp4", "--entry", "W001", "--kind", "参赛作品视频"]).done();
    std::fs::rename(world.path("材料/春游.mp4"), world.path("材料/上海示例精密机械有限公司/秋游.mp4")).unwrap();
    std::fs::remove_file(world.path("材料/上海示例精密机械有限公司/logo.jpg")).unwrap();
    let scan = world.run(["attachment", "scan", "材料", "--format", "json"]).json();
    let file = |name: &str| scan["files"].as_array().unwrap().iter().find(|file| file["path"] == name).unwrap().clone();
    let moved = file("上海示例精密机械有限公司/秋游.mp4");
    assert_eq!((&moved["entry"], &moved["matched"], &moved["change"]), (&"W001".into(), &"hand".into(), &"changed".into()));
    assert_eq!(file("上海示例精密机械有限公司/logo.jpg")["state"], "missing");
    world.run(["attachment", "list", "--gone"]).says(0, &["logo.jpg", "已不在原处"]);
    world.run(["attachment", "unlink", "秋游.mp4"]).done();
    let scan = world.run(["attachment", "scan", "材料", "--format", "json"]).json();
    let file = scan["files"].as_array().unwrap().iter().find(|file| file["path"] == "上海示例精密机械有限公司/秋游.mp4").unwrap().clone();
    assert!(file["entry"].is_null());
    // The whole folder may move.
    std::fs::rename(world.path("材料"), world.path("收件")).unwrap();
    let scan = world.run(["attachment", "scan", "收件", "--format", "json"]).json();
    assert_eq!((scan["totals"]["new"].as_i64(), scan["totals"]["changed"].as_i64()), (Some(0), Some(8)), "{scan:#}");
}

#[test]
fn what_cannot_be_is_refused_with_what_to_do() {
    let world = received();
    world.refused(["attachment", "scan", "没有"], 1, &["找不到文件夹"]);
    world.refused(["attachment", "scan", "申报.csv"], 2, &["不是文件夹"]);
    world.refused(["attachment", "scan", "材料", "--category", "小品"], 1, &["没有参赛类型“小品”"]);
    world.run(["attachment", "scan", "材料"]);
    world.refused(["attachment", "set", "99", "--entry", "W001"], 1, &["没有登记过材料“99”", "attachment list"]);
    world.refused(["attachment", "set", "1", "--entry", "W999"], 1, &["没有编号为 W999 的作品"]);
    world.refused(["attachment", "set", "1", "--entry", "W001", "--kind", "照片"], 2, &["没有“照片”这种材料", "video"]);
    world.refused(["attachment", "set", "1", "--organization", "无名公司"], 1, &["没有单位"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_closed_doors_do_not_stop_the_rest() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = received();
    std::os::unix::fs::symlink(world.path("申报.csv"), world.path("材料/链接.csv")).unwrap();
    std::os::unix::fs::symlink(world.path("材料"), world.path("材料/圈")).unwrap();
    let closed = world.path("材料/关着");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    let scan = world.run(["attachment", "scan", "材料", "--format", "json"]).json();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
    let skipped: Vec<&str> = scan["skipped"].as_array().unwrap().iter().map(|skipped| skipped["path"].as_str().unwrap()).collect();
    // Whoever may open everything opens this too.
    assert!(skipped == ["关着", "圈", "链接.csv"] || skipped == ["圈", "链接.csv"], "{skipped:?}");
    assert_eq!(scan["totals"]["files"], 9);
    assert!(Path::new(&world.path("材料/链接.csv")).is_symlink());
}

#[test]
fn a_rename_that_was_cut_off_is_cleared_up() {
    let world = received();
    world.run(["attachment", "scan", "材料"]);
    // As a crash leaves it: two renames written down, one of them done.
    let (done, open) = ("样本食品+匠心之路案例.doc", "样本食品-匠心之路-申报表.pdf");
    let contest = rusqlite::Connection::open(world.contest()).unwrap();
    for (old, new) in [(done, "改后.doc"), (open, "改后.pdf")] {
        let sql = "INSERT INTO attachment_rename (attachment, old_path, new_path) SELECT id, path, ?2 FROM attachment WHERE path = ?1";
        assert_eq!(contest.execute(sql, [old, new]).unwrap(), 1);
    }
    drop(contest);
    std::fs::rename(world.path(format!("材料/{done}")), world.path("材料/改后.doc")).unwrap();
    // A scan of another folder knows nothing of them.
    world.write("别处/样本食品+别处.txt", "别处");
    world.run(["attachment", "scan", "别处"]);
    world.run(["attachment", "list"]).says(0, &["上次改名没有做完", "attachment scan"]);
    let scan = world.run(["attachment", "scan", "材料", "--format", "json"]).json();
    assert_eq!((&scan["totals"]["new"], &scan["totals"]["gone"]), (&0.into(), &0.into()), "{scan:#}");
    let paths: Vec<&str> = scan["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"改后.doc") && paths.contains(&open) && !paths.contains(&done), "{paths:?}");
    assert!(!world.run(["attachment", "list"]).stderr.contains("没有做完"));
}

#[test]
fn a_shared_file_serves_the_unit_whatever_its_name_says() {
    let world = World::init();
    let source = world.run(["rules", "show", "--source"]).done().stdout;
    let licence = "{ kind = \"licence\", name = \"营业执照\", types = [\"pdf\"], shared = true },\n    { kind = \"logo\"";
    world.write("规则.toml", source.replace("{ kind = \"logo\"", licence));
    world.run(["rules", "apply", "规则.toml", "--yes"]).done();
    let unit = "上海示例精密机械有限公司";
    world.write("申报.csv", format!("单位名称,参赛类型,作品名称\n{unit},演讲,一颗螺丝钉\n{unit},微电影,一微米的距离\n"));
    world.run(["import", "申报.csv"]).done();
    for (title, script) in [("一颗螺丝钉", "讲稿"), ("一微米的距离", "脚本")] {
        world.write(&format!("材料/{unit}+{title}+申报表.pdf"), pdf(title));
        world.write(&format!("材料/{unit}+{title}+营业执照.pdf"), pdf("执照"));
        world.write(&format!("材料/{unit}+{title}+{script}.doc"), word(title));
    }
    world.write(&format!("材料/{unit}+一颗螺丝钉+LOGO.jpg"), JPG);
    world.run(["attachment", "scan", "材料"]);
    let check = world.run(["check", "--only", "F601,F606", "--format", "json"]).json();
    let said = check.to_string();
    assert!(!said.contains("LOGO") && !said.contains("F606"), "{check:#}");
}
