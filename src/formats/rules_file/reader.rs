//! Owns the one door of a rules file: text → [`ContestRules`], or every fault with its line. Presets come in by the same door.
//! Here are the small tables; categories, rounds, scores and awards have rooms of their own.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::faults::RulesFault;
use super::scalars::{LONGEST_NAME, LONGEST_TEXT};
pub use super::syntax::decode;
use super::tree::{Node, Table, Walk};
use super::{awards, categories, shapes, syntax};
use crate::domain::field::Field;
use crate::domain::rules::{Bounds, Contest, ContestRules, Deadline, Deadlines, DirectKind, Form, Milestone, Recommenders, Similarity};
use crate::domain::values::Points;

/// The only format that is known.
const FORMAT: u32 = 1;
/// Fields that a rules file may not ask every work for, because a declaration does not carry them.
const NOT_OF_A_WORK: [Field; 4] = [Field::Number, Field::IntendedCategories, Field::Order, Field::Opinion];

/// Reads and checks a rules file whole.
///
/// # Errors
/// Every fault found, in the order of the text.
pub fn parse(text: &str) -> Result<ContestRules, Vec<RulesFault>> {
    let walk = Walk::new(text);
    let rules = syntax::tree(text, &walk).and_then(|root| read(&Table::top(&walk, &root, &shapes::TOP)?));
    let faults = walk.into_faults();
    match rules {
        Some(rules) if faults.is_empty() => Ok(rules),
        _ => Err(faults),
    }
}

/// Reads all tables; faults go to the walk. Nothing where not even a skeleton is there (that is always a fault too).
fn read(top: &Table<'_>) -> Option<ContestRules> {
    if let Some(format) = top.required("format")
        && let Some(number) = format.integer(0..=u32::MAX)
        && number != FORMAT
    {
        format.fault(format!("不认识的规则文件格式 {number}"), "本程序只认 format = 1；更新的格式请升级 dasai");
    }
    let contest = top.required("contest").and_then(|node| contest(&node));
    let deadlines = top.get("deadlines").and_then(|node| deadlines(&node)).unwrap_or_default();
    let milestones = milestones(top);
    let form = top.get("form").and_then(|node| form(&node)).unwrap_or_default();
    let similarity = similarity(top.get("similarity").as_ref());
    let recommenders = top.get("recommenders").and_then(|node| recommenders(&node)).unwrap_or_default();
    let zones = zones(top.get("zones").as_ref());
    let categories = categories::read(top, &zones);
    let special_awards = awards::special(top, &categories);
    let commendation = top.get("commendation").and_then(|node| awards::commendation(&node, &categories));
    let certificate_number =
        top.get("certificate").and_then(|node| awards::certificate(&node, contest.as_ref().is_some_and(|contest| contest.year.is_some())));
    let contacts_until = top.get("retention").and_then(|node| retention(&node));
    Some(ContestRules {
        contest: contest?,
        deadlines,
        milestones,
        form,
        similarity,
        recommenders,
        zones,
        categories,
        special_awards,
        commendation,
        certificate_number,
        contacts_until,
    })
}

fn contest(node: &Node<'_>) -> Option<Contest> {
    let table = node.table(&shapes::CONTEST)?;
    let name = table.required("name").and_then(|node| node.text(LONGEST_NAME));
    let text = |key| table.get(key).and_then(|node: Node<'_>| node.text(LONGEST_TEXT));
    let timezone = match table.get("timezone") {
        None => time_zone("Asia/Shanghai"),
        Some(node) => node.text(LONGEST_NAME).and_then(|name| {
            let zone = time_zone(&name);
            if zone.is_none() {
                node.fault(format!("没有“{name}”这个时区"), "写成 \"Asia/Shanghai\"（或删去这一行，默认就是它）");
            }
            zone
        }),
    };
    Some(Contest {
        theme: text("theme"),
        organizer: text("organizer"),
        document: text("document"),
        year: table.get("year").and_then(|node| node.integer(1990..=2999)).and_then(|year| i16::try_from(year).ok()),
        name: name?,
        timezone: timezone?,
    })
}

/// A time zone as this program carries it: the same on every machine, and without a search of the machine's folders.
fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

fn deadlines(node: &Node<'_>) -> Option<Deadlines> {
    let table = node.table(&shapes::DEADLINES)?;
    let mut earlier: Option<(&str, Deadline)> = None;
    let mut next = |key: &'static str, name: &'static str| {
        let node = table.get(key)?;
        let deadline = node.deadline()?;
        if let Some((earlier_name, earlier_deadline)) = earlier
            && deadline < earlier_deadline
        {
            node.fault(format!("{name}截止早于{earlier_name}截止"), "按申报、推荐、形式审查的先后改正日期");
        }
        earlier = Some((name, deadline));
        Some(deadline)
    };
    Some(Deadlines {
        submission: next("submission", "申报"),
        recommendation: next("recommendation", "推荐"),
        screening: next("screening", "形式审查"),
    })
}

fn milestones(top: &Table<'_>) -> Vec<Milestone> {
    let elements = top.get("milestone").and_then(|node| node.elements(100)).unwrap_or_default();
    let read = |node: Node<'_>| {
        let table = node.table(&shapes::MILESTONE)?;
        let name = table.required("name").and_then(|node| node.text(LONGEST_NAME));
        let date = table.required("date").and_then(|node| node.text(LONGEST_NAME));
        Some(Milestone { name: name?, date: date? })
    };
    elements.into_iter().filter_map(read).collect()
}

fn form(node: &Node<'_>) -> Option<Form> {
    let table = node.table(&shapes::FORM)?;
    let required = table.get("required").map(|node| fields(&node)).unwrap_or_default();
    let summary_length = table
        .get("summary_length")
        .and_then(|node| node.table(&shapes::SUMMARY_LENGTH))
        .and_then(|bounds| self::bounds(&bounds, |node| node.integer(0..=1_000_000)));
    let mut options = BTreeMap::new();
    if let Some(node) = table.get("options")
        && let Some(choices) = node.table(&shapes::OPTIONS)
    {
        for field in [Field::Theme, Field::Nature, Field::FocusArea, Field::FocusIndustry] {
            if let Some(list) = choices.get(field.key()).and_then(|node| node.some_texts(200, LONGEST_NAME)) {
                options.insert(field, list);
            }
        }
    }
    Some(Form { required, summary_length, options })
}

/// A list of fields by their keys.
pub(super) fn fields(node: &Node<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    let choices: Vec<(&'static str, Field)> =
        Field::ALL.iter().filter(|field| !NOT_OF_A_WORK.contains(field)).map(|field| (field.key(), *field)).collect();
    for element in node.elements(100).unwrap_or_default() {
        let known = element.quiet_text().and_then(|text| Field::from_key(&text));
        if let Some(field) = known.filter(|field| NOT_OF_A_WORK.contains(field)) {
            element.fault(format!("“{}”不是参赛作品申报表里的内容，不能列为必填", field.label()), "删去这一项");
            continue;
        }
        let Some(field) = element.word(&choices) else { continue };
        if fields.contains(&field) {
            element.fault(format!("“{}”重复了", field.key()), "只保留一个");
        } else {
            fields.push(field);
        }
    }
    fields
}

/// `min` and `max` of a table, in order.
pub(super) fn bounds<'w>(table: &Table<'w>, read: impl Fn(&Node<'w>) -> Option<u32>) -> Option<Bounds> {
    let min = table.get("min").and_then(|node| read(&node));
    let max_node = table.get("max");
    let max = max_node.as_ref().and_then(read);
    if let (Some(min), Some(max), Some(node)) = (min, max, &max_node)
        && min > max
    {
        node.fault("上限小于下限", "min 不能大于 max");
    }
    if table.present(&["min", "max"]).is_empty() {
        table.fault("上限和下限都没有写", "写 min、max 中的至少一个，或删去这一行");
        return None;
    }
    Some(Bounds { min, max })
}

fn similarity(node: Option<&Node<'_>>) -> Similarity {
    let table = node.and_then(|node| node.table(&shapes::SIMILARITY));
    let threshold = |key: &'static str, default: &str| {
        let given = table.as_ref().and_then(|table| table.get(key)).and_then(|node| {
            let points = node.positive_points()?;
            if points > Points::parse("1").unwrap_or_default() {
                node.fault("相似度的界限不能大于 1", "写在 \"0\" 到 \"1\" 之间，例如 \"0.80\"");
                return None;
            }
            Some(points)
        });
        given.unwrap_or_else(|| Points::parse(default).unwrap_or_default())
    };
    Similarity { title: threshold("title", "0.8"), summary: threshold("summary", "0.6") }
}

fn recommenders(node: &Node<'_>) -> Option<Recommenders> {
    let table = node.table(&shapes::RECOMMENDERS)?;
    let direct = table.get("direct").and_then(|node| node.text(LONGEST_NAME));
    let mut direct_for = Vec::new();
    if let Some(node) = table.get("direct_for") {
        let choices =
            [("member", DirectKind::Member), ("private_specialized", DirectKind::PrivateSpecialized), ("foreign", DirectKind::Foreign)];
        for element in node.elements(10).unwrap_or_default() {
            let Some(kind) = element.word(&choices) else { continue };
            if direct_for.contains(&kind) {
                element.fault("重复了", "只保留一个");
            } else {
                direct_for.push(kind);
            }
        }
        if table.get("direct").is_none() {
            node.fault("写了 direct_for，却没有写 direct", "补上 direct = \"…\"：没有推荐单位时选择的那一项");
        }
    }
    let list = table.get("list").and_then(|node| node.texts(5_000, LONGEST_NAME)).unwrap_or_default();
    Some(Recommenders { direct, direct_for, list })
}

fn zones(node: Option<&Node<'_>>) -> Vec<String> {
    let table = node.and_then(|node| node.table(&shapes::ZONES));
    table.and_then(|table| table.required("list")).and_then(|list| list.some_texts(200, 30)).unwrap_or_default()
}

fn retention(node: &Node<'_>) -> Option<Date> {
    node.table(&shapes::RETENTION)?.get("contacts_until")?.date()
}
