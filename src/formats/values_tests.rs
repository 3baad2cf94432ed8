//! Tables of titles and values as they arrive, and what they are read as.

use jiff::tz::TimeZone;

use super::amounts::{self, Calendar, TimeUnit};
use super::fields;
use super::headers::{self, Meaning};
use crate::domain::field::Field;

#[test]
fn lengths_of_time() {
    for (text, seconds) in [
        ("5分30秒", 330),
        ("5:30", 330),
        ("5：30", 330),
        ("约5分钟", 300),
        ("5.5分钟", 330),
        ("330秒", 330),
        ("5′30″", 330),
        ("5'30\"", 330),
        ("5’30”", 330),
        ("6", 360),
        ("6.5", 390),
        ("0:05:30", 330),
        ("00:05:30", 330),
        ("5:30:00", 330),
        ("5分半", 330),
        ("5分30", 330),
        ("８分钟", 480),
        ("5 分 30 秒", 330),
        ("5min", 300),
        ("1小时2分3秒", 3723),
        ("6分钟左右", 360),
        ("0.00381944", 330),
    ] {
        assert_eq!(amounts::duration(text, None).map(|duration| duration.seconds), Ok(seconds), "{text}");
    }
    for text in ["", "五分钟", "5-8分钟", "330", "5:60", "不超过8分钟", "5秒30分", "3页", "-5", "1e3"] {
        assert!(amounts::duration(text, None).is_err(), "{text}");
    }
    assert_eq!(amounts::duration("330", Some(TimeUnit::Seconds)).map(|duration| duration.seconds), Ok(330));
}

#[test]
fn numbers_of_characters() {
    for (text, length) in [
        ("2000字", 2000),
        ("约2000字", 2000),
        ("3千字", 3000),
        ("2,000", 2000),
        ("２０００", 2000),
        ("0.3万字", 3000),
        ("2000余字", 2000),
        ("2000字左右", 2000),
    ] {
        assert_eq!(amounts::length(text), Ok(length), "{text}");
    }
    for text in ["", "2000-3000字", "两千字", "3页", "0", "2000.5"] {
        assert!(amounts::length(text).is_err(), "{text}");
    }
}

#[test]
fn moments() {
    let calendar = Calendar { year: Some(2024), timezone: TimeZone::get("Asia/Shanghai").expect("bundled"), from_1904: false };
    for (text, expected) in [
        ("2024-07-05", "2024-07-04T16:00:00Z"),
        ("2024.7.5", "2024-07-04T16:00:00Z"),
        ("2024/7/5", "2024-07-04T16:00:00Z"),
        ("20240705", "2024-07-04T16:00:00Z"),
        ("2024年7月5日", "2024-07-04T16:00:00Z"),
        ("2024 年 7 月 5 日", "2024-07-04T16:00:00Z"),
        ("7月5日", "2024-07-04T16:00:00Z"),
        ("7月5号", "2024-07-04T16:00:00Z"),
        ("45478", "2024-07-04T16:00:00Z"),
        ("45478.6875", "2024-07-05T08:30:00Z"),
        ("2024-07-05 16:30", "2024-07-05T08:30:00Z"),
        ("2024-07-05 16:30:15", "2024-07-05T08:30:15Z"),
        ("2024/7/5 下午4:30", "2024-07-05T08:30:00Z"),
        ("2024/7/5 中午11:30", "2024-07-05T03:30:00Z"),
        ("2024/7/5 中午12:30", "2024-07-05T04:30:00Z"),
        ("2024/7/5 中午1:30", "2024-07-05T05:30:00Z"),
        ("2024年7月5日16时30分", "2024-07-05T08:30:00Z"),
        ("2024年7月5日 星期五 16:30", "2024-07-05T08:30:00Z"),
        ("2024/7/5 4:30 PM", "2024-07-05T08:30:00Z"),
        ("2024-07-05T16:30:00+08:00", "2024-07-05T08:30:00Z"),
        ("2024-07-05T16:30:00", "2024-07-05T08:30:00Z"),
    ] {
        assert_eq!(amounts::moment(text, &calendar).map(|moment| moment.at.to_string()), Ok(expected.to_owned()), "{text}");
    }
    for text in ["", "七月五日", "2024-13-01", "2024-02-30", "24.7.5", "7.5", "下周", "2024年7月", "2024-07-05 25:00", "99999"] {
        assert!(amounts::moment(text, &calendar).is_err(), "{text}");
    }
    assert!(amounts::moment("7月5日", &Calendar { year: None, ..calendar }).is_err());
}

#[test]
fn phones() {
    for (text, kept) in [
        ("13800000001", "13800000001"),
        ("138 0000 0001", "13800000001"),
        ("138-0000-0001", "13800000001"),
        ("１３８００００００００１", "138000000001"),
        ("+86 13800000001", "13800000001"),
        ("8613800000001", "13800000001"),
        ("021-55550000转801", "021-55550000转801"),
        ("021－55550000", "021-55550000"),
        ("13800000001/021-55550000", "13800000001、021-55550000"),
        ("13800000001 021-55550000", "13800000001、021-55550000"),
        ("13800000001，13800000002", "13800000001、13800000002"),
        ("13800000001.0", "13800000001"),
    ] {
        assert_eq!(fields::phone(text).0, kept, "{text}");
    }
    for text in ["1.38E+10", "1.38E10", "3.1E+17"] {
        assert!(fields::is_scientific(text), "{text}");
    }
    for text in ["13800000001", "E10", "1.38", "A1E2x"] {
        assert!(!fields::is_scientific(text), "{text}");
    }
}

#[test]
fn choices_and_boxes() {
    for (text, chosen) in [
        ("上海服务", "上海服务"),
        ("☑ 上海服务 □ 上海制造 □ 上海购物", "上海服务"),
        ("□上海服务 ■上海制造", "上海制造"),
        ("上海服务□ 上海制造☑", "上海制造"),
        ("√上海服务 上海制造", "上海服务"),
        ("□国有 □民营 ☑其他_____", "其他"),
        ("□生物医药 ☑人工智能\n六大重点产业: □电子信息", "人工智能"),
        ("□生物医药 ☑人工智能 六大重点产业： □电子信息", "人工智能"),
        ("□上海服务 □上海制造", ""),
    ] {
        assert_eq!(fields::choice(text).text, chosen, "{text}");
    }
    assert!(fields::choice("☑上海服务 ☑上海制造").several);
    assert_eq!(fields::choices("演讲、微电影，案例;征文/短视频"), ["演讲", "微电影", "案例", "征文", "短视频"]);
    assert_eq!(fields::choices("演讲 微电影"), ["演讲", "微电影"]);
    assert_eq!(fields::choices("参加活动，暂无作品申报"), ["参加活动，暂无作品申报"]);
    for (text, answer) in [
        ("是", Some(true)),
        ("否", Some(false)),
        ("√", Some(true)),
        ("☑", Some(true)),
        ("☑是 □否", Some(true)),
        ("□是 ☑否", Some(false)),
        ("是☑ 否□", Some(true)),
        ("□是 □否", None),
        ("有", Some(true)),
        ("无", Some(false)),
        ("TRUE", Some(true)),
        ("", None),
    ] {
        assert_eq!(fields::yes_no(text), Ok(answer), "{text}");
    }
    assert!(fields::yes_no("待定").is_err());
    assert!(fields::yes_no("☑是 ☑否").is_err());
}

#[test]
fn names_and_lost_characters() {
    assert_eq!(fields::people("刘  巍").0, "刘巍");
    assert_eq!(fields::people("刘\u{3000}巍、王小明").0, "刘巍、王小明");
    assert_eq!(fields::people("张三 李四").0, "张三 李四");
    assert_eq!(fields::clean(" \u{3000}题目\n第二行 ", false).text, "题目第二行");
    assert_eq!(fields::clean("one\ntwo", false).text, "one two");
    assert_eq!(fields::clean("一段\r\n二段", true).text, "一段\n二段");
    assert!(fields::clean("王\u{FFFD}明", false).lost);
    assert!(fields::clean("王\u{E123}", false).lost);
    assert!(!fields::clean("王䶮", false).lost);
}

#[test]
fn titles_mean_fields() {
    let table = "organization 单位名称（全称）,单位名称(全称),申报单位名称（全称）,申报单位,参赛单位名称,参赛单位,单位名称,所在单位全称,工作单位,参评单位,选送单位,企业名称,公司名称,单位全称,所属单位,单位
recommender 推荐单位,推荐区局/行业/集团,组织推荐单位,推荐单位/专家,推荐部门,主管单位,所属集团
title 参赛作品名称,作品名称,作品标题,演讲题目,参评项目,案例名称,题目,作品题目,片名,故事名称
category 参赛类型,参赛类别,比赛形式,申报类别,参赛形式,组别
intended_categories 拟申报作品
creators 主创者姓名,主创人员,作者,作者姓名,姓名,演讲者,申报者姓名,主创,选手姓名,参赛人员,参赛选手,演讲人,团队名称
contact_name 联系人姓名,联系人,填表人,经办人,负责人
contact_phone 联系手机,联系电话,电话,手机号码,手机号,联系方式,手机,移动电话,联系人电话,联系人手机,电话/手机
contact_email 电子邮件,邮箱地址,邮箱,电子邮箱,E-mail,Email
contact_department 部门及职务,联系部门,部门
contact_position 职务,职称,岗位
address 单位地址,联系地址,详细通信地址,通讯地址
postcode 邮编
nature 单位性质,企业性质
member 会员单位,市质协会员单位
focus_area 重点领域
focus_industry 重点产业,行业,所属行业
duration 作品时长,作品长度,时长,时长（分钟）
length 案例篇幅,字数,篇幅
summary 参赛作品内容简介,内容简介,作品简介,简介
order 排序,序号,演讲顺序,出场顺序
opinion 推荐意见,推荐单位意见,审核意见,初审意见
honors 曾获相关荣誉,所获荣誉
submitted_at 提交时间,报名时间,申报日期,填表日期
remark 备注,说明
organization * 参 赛 单 位：,参赛单位\\n（盖章）,１．单位名称,您的单位名称
contact_name 参赛单位联系人
title 参赛作品名称【必填】";
    for line in table.lines() {
        let (key, titles) = line.split_once(' ').expect("a key");
        let field = Field::from_key(key).expect("a field");
        for title in titles.split(',') {
            let title = title.replace("\\n", "\n");
            assert_eq!(headers::meaning(&title), Meaning::Field(field), "{title}");
        }
    }
    for title in ["作品类别", "作品类型"] {
        assert!(matches!(headers::meaning(title), Meaning::ThemeOrCategory(_)), "{title}");
    }
    for title in ["编号", "作品编号"] {
        assert_eq!(headers::meaning(title), Meaning::NumberOrOrder, "{title}");
    }
    assert!(matches!(headers::meaning("报送单位"), Meaning::Ambiguous(_)));
    assert!(matches!(headers::meaning("联系人及电话"), Meaning::Ambiguous(_)));
    for title in ["填报单位：黄浦区市场监督管理局", "推荐单位联系人电话", "来源", "", "上海甲一有限公司"]
    {
        assert_eq!(headers::meaning(title), Meaning::Unknown, "{title}");
    }
}

#[test]
fn honours_of_a_form_are_its_ticks_and_a_free_text_stays_whole() {
    assert_eq!(fields::honors("☑上海品牌认证获证单位 □上海市品牌培育示范企业 □其它"), "上海品牌认证获证单位");
    for text in ["二〇二三年度上海市质量金奖", "●2022年 上海市质量奖 ●2023年 品牌奖", "■ 2022年 质量奖", "√", "无"]
    {
        assert_eq!(fields::honors(text), text);
    }
}

#[test]
fn ticks_are_told_from_empty_boxes() {
    let ticked = ["√", "✓", "☑", "■", "是", "1", "2", "V", "v", "*", " √ "];
    let empty = ["", "0", "×", "□", "否", "无", "/", "-", "待定", "13800000001"];
    assert!(ticked.iter().all(|text| fields::is_tick(text)));
    assert!(empty.iter().all(|text| !fields::is_tick(text)), "{:?}", empty.iter().filter(|text| fields::is_tick(text)).collect::<Vec<_>>());
}

#[test]
fn department_and_position_are_parted_at_a_sign_only() {
    let parted = |text| fields::department_and_position("部门及职务", text);
    assert_eq!(parted("质量部/主管"), Some(("质量部", "主管")));
    assert_eq!(parted("质量部　主管"), Some(("质量部", "主管")));
    assert_eq!([parted("质量部经理"), parted("质量部、办公室、主管"), parted("质量部/")], [None, None, None]);
    assert_eq!(fields::department_and_position("联系部门", "质量部/主管"), None);
}
