//! Tests of the matching: a table of names as they come, and its laws.

use proptest::prelude::*;

use super::*;
use crate::domain::category::{AttachmentRule, Category};
use crate::domain::entry::OrganizationProfile;
use crate::domain::rules::{Contest, Deadlines, Form, Recommenders, Similarity};
use crate::domain::status::Status;
use crate::domain::values::{EntryNumber, Points};

fn rules() -> ContestRules {
    let rule = |kind: &str, name: &str, types: &[&str]| AttachmentRule {
        kind: kind.to_owned(),
        name: name.to_owned(),
        types: types.iter().map(|ending| (*ending).to_owned()).collect(),
        max_size: None,
        words: Vec::new(),
        shared: matches!(kind, "logo" | "profile"),
    };
    let category = |id: &str, name: &str, aliases: &[&str], prefix: &str, work: AttachmentRule| Category {
        id: CategoryId::new(id),
        name: name.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        prefix: prefix.to_owned(),
        required: Vec::new(),
        duration: None,
        length: None,
        per_organization: None,
        attachments: vec![
            rule("application", "参赛作品申报表（盖章）", &["pdf"]),
            rule("logo", "申报单位LOGO", &["jpg", "jpeg"]),
            rule("profile", "申报单位简介", &["doc", "docx"]),
            work,
        ],
        rounds: Vec::new(),
        awards: Vec::new(),
    };
    ContestRules {
        contest: Contest {
            name: "2024年上海市质量品牌故事大赛".to_owned(),
            theme: None,
            organizer: None,
            document: None,
            year: Some(2024),
            timezone: jiff::tz::TimeZone::UTC,
        },
        deadlines: Deadlines::default(),
        milestones: Vec::new(),
        form: Form::default(),
        similarity: Similarity { title: Points::ZERO, summary: Points::ZERO },
        recommenders: Recommenders::default(),
        zones: Vec::new(),
        categories: vec![
            category("speech", "质量品牌故事演讲", &["演讲"], "Y", rule("script", "演讲提纲或文字稿", &["doc", "docx"])),
            category("film", "质量品牌故事微电影", &["微电影"], "W", rule("video", "参赛作品视频", &["mp4", "mov"])),
            category("case", "质量品牌创新案例", &["案例", "创新案例"], "A", rule("case", "图文并茂的参赛案例", &["doc", "docx"])),
        ],
        special_awards: Vec::new(),
        commendation: None,
        certificate_number: None,
        contacts_until: None,
    }
}

/// Number, category, unit, title; the unit's id comes from its name.
const WORKS: [(&str, &str, &str, &str); 12] = [
    ("Y001", "speech", "上海示例精密机械有限公司", "一颗螺丝钉的承诺"),
    ("W001", "film", "上海示例精密机械有限公司", "一微米的距离"),
    ("Y002", "speech", "上海样本食品（集团）有限公司", "匠心"),
    ("Y003", "speech", "上海样本食品（集团）有限公司", "匠心之路"),
    ("A001", "case", "上海样本食品（集团）有限公司", "匠心之路"),
    ("Y004", "speech", "上海试样医院", "五年守护"),
    ("Y005", "speech", "上海甲乙有限公司", "质量在我心中"),
    ("Y006", "speech", "上海丙丁有限公司", "质量在我心中"),
    ("Y007", "speech", "上海戊己电器有限公司", "1984年的那次砸锤"),
    ("Y008", "speech", "上海戊己电器有限公司", "1987年的那次砸锤"),
    ("Y009", "speech", "上海戊己电器有限公司无锡分公司", "窗口里的春天"),
    ("W002", "film", "3M示例公司", "ISO9001:2015背后的故事"),
];

fn summary(place: usize, (number, category, unit, title): (&str, &str, &str, &str)) -> EntrySummary {
    let organization = WORKS.iter().position(|work| work.2 == unit).unwrap_or(place + 100);
    EntrySummary {
        id: EntryId(i64::try_from(place).unwrap() + 1),
        number: EntryNumber::new(number),
        category: CategoryId::new(category),
        organization: OrganizationId(i64::try_from(organization).unwrap() + 1),
        organization_name: unit.to_owned(),
        title: title.to_owned(),
        theme: String::new(),
        creators: if number == "Y007" { "赵示一、钱样二" } else { "" }.to_owned(),
        recommender: String::new(),
        zone: String::new(),
        status: Status::Declared,
        award_eligible: true,
        submitted_at: None,
    }
}

fn works() -> Vec<EntrySummary> {
    WORKS.into_iter().enumerate().map(|(place, work)| summary(place, work)).collect()
}

fn unit(id: i64, name: &str, aliases: &[&str]) -> Organization {
    Organization {
        id: OrganizationId(id),
        name: name.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        profile: OrganizationProfile::default(),
        entries: 0,
        intended: Vec::new(),
    }
}

fn matcher(works: &[EntrySummary]) -> Matcher {
    Matcher::new(&rules(), works, &[unit(1, "上海示例精密机械有限公司", &["示例精机"]), unit(900, "上海庚辛有限公司", &[])])
}

/// Number (or `unit NAME`, `? candidates`), kind and certainty of a file.
fn found(matcher: &Matcher, path: &str, file_type: FileType, companions: &[EntryId]) -> String {
    let Match { link, how, candidates } = matcher.find(&Query { path, file_type, companions });
    let number = |id: EntryId| WORKS[usize::try_from(id.0).unwrap() - 1].0.to_owned();
    let whose = match (link.entry, link.organization) {
        (Some(entry), _) => number(entry),
        (None, Some(unit)) => format!("unit {}", unit.0),
        (None, None) => format!("? {}", candidates.into_iter().map(number).collect::<Vec<_>>().join(" ")).trim().to_owned(),
    };
    format!("{whose} {} {how:?}", if link.kind.is_empty() { "-" } else { &link.kind })
}

#[test]
fn names_as_they_come() {
    use FileType::{Docx, Jpg, Mp4, Pdf, Pptx};
    let matcher = matcher(&works());
    let mut wrong = String::new();
    for (path, file_type, expected) in [
        // As asked, and folded.
        ("上海示例精密机械有限公司+一颗螺丝钉的承诺.docx", Docx, "Y001 script Exact"),
        ("上海示例精密机械有限公司＋《一颗螺丝钉的承诺》.docx", Docx, "Y001 script Exact"),
        ("上海示例精密机械有限公司一颗螺丝钉的承诺.pdf", Pdf, "Y001 application Exact"),
        ("上海示例精密机械有限公司 — 「一颗螺丝钉的承诺」.pdf", Pdf, "Y001 application Exact"),
        ("上海样本食品(集团)有限公司_匠心.docx", Docx, "Y002 script Exact"),
        // More than asked.
        ("上海示例精密机械有限公司+一颗螺丝钉的承诺（最终版）_v2 (1).docx", Docx, "Y001 script Contained"),
        ("上海示例精密机械有限公司+一颗螺丝钉的承诺 - 副本.docx", Docx, "Y001 script Contained"),
        ("上海示例精密机械有限公司+一颗螺丝钉的承诺+单位简介.docx", Docx, "Y001 profile Contained"),
        ("1.上海示例精密机械有限公司+一颗螺丝钉的承诺-演讲稿final.docx", Docx, "Y001 script Contained"),
        ("Y001 上海示例精密机械有限公司+一颗螺丝钉的承诺.docx", Docx, "Y001 script Contained"),
        ("【演讲】上海示例精密机械有限公司+一颗螺丝钉的承诺 参赛作品申报表.pdf", Pdf, "Y001 application Contained"),
        // Reversed, short, another name.
        ("《一颗螺丝钉的承诺》上海示例精密机械有限公司.docx", Docx, "Y001 script Contained"),
        ("示例精密机械+一颗螺丝钉的承诺.docx", Docx, "Y001 script Contained"),
        ("示例精机-一颗螺丝钉的承诺.docx", Docx, "Y001 script Contained"),
        ("上海甲乙+质量在我心中.docx", Docx, "Y005 script Contained"),
        ("甲乙+质量在我心中.docx", Docx, "Y005 script Contained"),
        // The longer title, the number, the year.
        ("上海样本食品（集团）有限公司+匠心之路.docx", Docx, "? Y003 A001 - Nobody"),
        ("上海样本食品（集团）有限公司+匠心之路（案例）.docx", Docx, "A001 case Contained"),
        ("上海样本食品（集团）有限公司+匠心之路演讲稿.docx", Docx, "Y003 script Contained"),
        ("A001匠心之路.docx", Docx, "A001 case Contained"),
        ("戊己电器+1984年的那次砸锤.docx", Docx, "Y007 script Contained"),
        ("试样医院+十五年守护.docx", Docx, "? Y004 - Nobody"),
        ("上海试样医院+五年守护.docx", Docx, "Y004 script Exact"),
        ("Y001+一微米的距离.mp4", Mp4, "? Y001 W001 video Nobody"),
        // A title alone.
        ("一微米的距离.mp4", Mp4, "W001 video Contained"),
        ("质量在我心中.docx", Docx, "? Y005 Y006 - Nobody"),
        ("上海庚辛有限公司+一微米的距离.mp4", Mp4, "? W001 video Nobody"),
        ("上海无名有限公司+一微米的距离.mp4", Mp4, "? W001 video Nobody"),
        ("上海戊己电器有限公司南京分公司+1984年的那次砸锤.docx", Docx, "? Y007 - Nobody"),
        ("上海戊己电器有限公司无锡分公司+窗口里的春天.docx", Docx, "Y009 script Exact"),
        // Folders.
        ("上海示例精密机械有限公司/微电影/作品.mp4", Mp4, "W001 video Best"),
        ("上海甲乙有限公司/质量在我心中.docx", Docx, "Y005 script Contained"),
        ("上海丙丁有限公司/质量在我心中/演讲稿.docx", Docx, "Y006 script Contained"),
        ("某某集团/上海丙丁有限公司+质量在我心中/01.pdf", Pdf, "Y006 application Contained"),
        ("Y006/稿子.docx", Docx, "Y006 script Contained"),
        ("上海示例精密机械有限公司/logo.jpg", Jpg, "unit 1 logo Unit"),
        ("上海示例精密机械有限公司/单位简介.docx", Docx, "unit 1 profile Unit"),
        ("上海庚辛有限公司/一微米的距离.mp4", Mp4, "? W001 video Nobody"),
        // The unit alone.
        ("上海示例精密机械有限公司LOGO.jpg", Jpg, "unit 1 logo Unit"),
        ("上海示例精密机械有限公司.jpg", Jpg, "unit 1 logo Unit"),
        ("上海试样医院申报表（盖章）.pdf", Pdf, "Y004 application Best"),
        ("上海戊己电器有限公司申报表.pdf", Pdf, "? Y007 Y008 application Nobody"),
        ("上海戊己电器有限公司-赵示一演讲稿.docx", Docx, "Y007 script Best"),
        // A sign that the fold keeps, and an accent behind its letter, hide nothing that follows.
        ("二○二四+上海样本食品（集团）有限公司+匠心.docx", Docx, "Y002 script Contained"),
        ("cafe\u{301}+上海样本食品（集团）有限公司+匠心.docx", Docx, "Y002 script Contained"),
        // Versions, whatever they are called.
        ("上海试样医院演讲稿送审稿.docx", Docx, "Y004 script Best"),
        ("上海试样医院演讲稿（修正版）.docx", Docx, "Y004 script Best"),
        // Nearly the title.
        ("上海示例精密机械有限公司+一颗螺丝的承诺.docx", Docx, "Y001 script Best"),
        ("上海戊己电器有限公司+1985年的那次砸锤.docx", Docx, "? Y007 Y008 - Nobody"),
        ("上海示例精密机械有限公司+另一个故事.docx", Docx, "? Y001 W001 - Nobody"),
        ("ISO9001：2015 背后的故事.mp4", Mp4, "W002 video Contained"),
        // Nobody's.
        ("春游照片.jpg", Jpg, "? logo Nobody"),
        ("黄浦区市场监督管理局推荐表（盖章）.pdf", Pdf, "? recommendation Recommendation"),
        ("说明.pptx", Pptx, "? - Nobody"),
        // Words may lie, content may not fit: what the name says is kept, and F604 says the rest.
        ("上海示例精密机械有限公司+一颗螺丝钉的承诺+申报表.docx", Docx, "Y001 application Contained"),
        ("上海示例精密机械有限公司LOGO及简介.docx", Docx, "unit 1 profile Unit"),
    ] {
        let found = found(&matcher, path, file_type, &[]);
        if found != expected {
            wrong = format!("{wrong}{path}: {found}, not {expected}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_came_with_a_work_is_its() {
    let matcher = matcher(&works());
    let (first, film, third) = (EntryId(1), EntryId(2), EntryId(3));
    assert_eq!(found(&matcher, "logo.jpg", FileType::Jpg, &[first]), "Y001 logo Companion");
    assert_eq!(found(&matcher, "附件2.docx", FileType::Docx, &[first]), "Y001 profile Companion");
    assert_eq!(found(&matcher, "讲稿.docx", FileType::Docx, &[first, film]), "? Y001 W001 script Nobody");
    assert_eq!(found(&matcher, "上海示例精密机械有限公司申报表.pdf", FileType::Pdf, &[film]), "W001 application Companion");
    assert_eq!(found(&matcher, "质量在我心中.docx", FileType::Docx, &[EntryId(7)]), "Y005 script Companion");
    // Works that nobody knows of any more are none.
    assert_eq!(found(&matcher, "扫描件1.docx", FileType::Docx, &[third, EntryId(6), EntryId(700)]), "? Y002 Y004 - Nobody");
    // What a name says is never overruled by what it came with.
    assert_eq!(found(&matcher, "一微米的距离.mp4", FileType::Mp4, &[third]), "W001 video Contained");
    assert_eq!(found(&matcher, "上海无名有限公司+某个故事.docx", FileType::Docx, &[first]), "? - Nobody");
}

fn any_work() -> impl Strategy<Value = (usize, String, String)> {
    (0..3_usize, "[甲乙丙丁戊a1]{3,6}", "[春夏秋冬b27]{3,8}")
        .prop_map(|(category, unit, title)| (category, format!("{unit}有限公司"), title))
}

fn contest(parts: &[(usize, String, String)]) -> Vec<EntrySummary> {
    let mut units: Vec<&str> = parts.iter().map(|(_, unit, _)| unit.as_str()).collect();
    units.sort_unstable();
    units.dedup();
    parts
        .iter()
        .enumerate()
        .map(|(place, (category, unit, title))| {
            let number = format!("{}{:03}", ["Y", "W", "A"][*category], place + 1);
            let mut work = summary(place, (&number, ["speech", "film", "case"][*category], unit, title));
            work.organization = OrganizationId(i64::try_from(units.iter().position(|known| known == unit).unwrap()).unwrap() + 1);
            work
        })
        .collect()
}

proptest! {
    /// Widths, cases, kinds of signs and quotation marks around the title are no matter.
    #[test]
    fn widths_and_signs_do_not_change_the_match(
        parts in prop::collection::vec(any_work(), 1..8), which in any::<prop::sample::Index>(),
        sign in prop::sample::select(vec!["+", "＋", "-", "—", "_", " ", " - ", "＿"]), quoted in any::<bool>(), wide in any::<bool>(),
    ) {
        let works = contest(&parts);
        let matcher = matcher(&works);
        let (_, unit, title) = &parts[which.index(parts.len())];
        let plain = format!("{unit}+{title}.docx");
        let title = if quoted { format!("《{title}》") } else { title.clone() };
        let mut other = format!("{unit}{sign}{title}");
        if wide {
            other = other.chars().map(|letter| if letter.is_ascii_graphic() { char::from_u32(u32::from(letter) + 0xFEE0).unwrap() } else { letter }).collect();
        }
        let find = |path: &str| matcher.find(&Query { path, file_type: FileType::Docx, companions: &[] });
        prop_assert_eq!(find(&plain), find(&format!("{other}.docx")));
    }

    /// A work of another unit with another title never takes a file away from the work that it is named after.
    #[test]
    fn an_unrelated_work_changes_no_exact_match(parts in prop::collection::vec(any_work(), 1..8), other in any_work(), which in any::<prop::sample::Index>()) {
        let (_, unit, title) = parts[which.index(parts.len())].clone();
        let path = format!("{unit}+{title}.docx");
        let query = Query { path: &path, file_type: FileType::Docx, companions: &[] };
        let before = matcher(&contest(&parts)).find(&query);
        let whole = |unit: &str, title: &str| fold_title(&format!("{unit}+{title}"));
        prop_assume!(before.how == How::Exact && whole(&other.1, &other.2) != whole(&unit, &title));
        let mut more = parts.clone();
        more.push(other);
        let after = matcher(&contest(&more)).find(&query);
        prop_assert_eq!((before.link.entry, before.link.kind), (after.link.entry, after.link.kind));
    }

    /// The order of works is no matter, and no name is too strange.
    #[test]
    fn the_order_of_works_is_no_matter(parts in prop::collection::vec(any_work(), 1..8), path in "[甲乙春夏a1+/ 《》有限公司.（）]{0,24}") {
        let works = contest(&parts);
        let mut turned = works.clone();
        turned.reverse();
        let find = |works: &[EntrySummary]| {
            let mut found = matcher(works).find(&Query { path: &path, file_type: FileType::Docx, companions: &[] });
            found.candidates.sort();
            found
        };
        prop_assert_eq!(find(&works), find(&turned));
    }
}
