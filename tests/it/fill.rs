//! Owns invented contests of any size, written through the library: for tests of the contest file and for benchmarks.

use std::path::Path;

use dasai::domain::entry::{Declaration, Entry, OrganizationProfile};
use dasai::domain::privacy::{Address, Email, PersonName, Phone};
use dasai::domain::status::Status;
use dasai::domain::values::{CategoryId, EntryId, EntryNumber, OrganizationId};
use dasai::store::db::{Db, OperationHeader, Tx};
use dasai::store::{contest, entries, organizations};
use jiff::Timestamp;

/// How many units send the works.
pub(crate) const UNITS: i64 = 500;

/// The head of an operation with this command.
pub(crate) fn header(command: &str) -> OperationHeader {
    OperationHeader { at: Timestamp::from_second(1_720_227_600).unwrap(), actor: "测试员".into(), command: command.into() }
}

/// A contest with rules and units, without works.
pub(crate) fn contest(path: &Path) -> Db {
    let mut db = Db::create(path).unwrap();
    let tx = db.operation(&header("dasai init 2024.dasai")).unwrap();
    let at = Timestamp::from_second(1_720_227_600).unwrap();
    contest::apply_rules(&tx, "format = 1\n[contest]\nname = \"测试大赛\"\n", "测试", at).unwrap();
    for unit in 1..=UNITS {
        let profile = OrganizationProfile { nature: "民营".into(), member: Some(true), ..OrganizationProfile::default() };
        organizations::insert(&tx, OrganizationId(unit), &format!("上海第{unit}测试有限公司"), &format!("第{unit}测试"), &profile).unwrap();
    }
    tx.finish("建立大赛").unwrap();
    db
}

/// An invented work: every column filled, and 600 bytes as received.
pub(crate) fn work(id: i64) -> Entry {
    Entry {
        id: EntryId(id),
        number: EntryNumber::from_parts("Y", u32::try_from(id).unwrap()),
        category: CategoryId::new("speech"),
        // Spread, so that the identity's index is filled all over, as a real import does.
        organization: OrganizationId(id * 7919 % UNITS + 1),
        organization_name: String::new(),
        declaration: declaration(id, "匠心"),
        status: Status::Declared,
        award_eligible: true,
        award_reason: String::new(),
        received_at: Timestamp::from_second(1_720_000_000).unwrap(),
        recommended_at: None,
        resubmitted_at: None,
        provenance: None,
    }
}

/// What the form of that work says, told about `theme`.
pub(crate) fn declaration(id: i64, theme: &str) -> Declaration {
    Declaration {
        title: format!("{theme}筑梦第{id}号产线的质量故事"),
        theme: "上海制造".into(),
        creators: "甲某、乙某".into(),
        recommender: "黄浦区市场监督管理局".into(),
        contact_name: PersonName::new("丙某"),
        contact_phone: Phone::new("13800001234"),
        contact_email: Email::new("test@example.com"),
        contact_department: "质量管理部".into(),
        contact_position: "主管".into(),
        address: Address::new("上海市某区某路1号"),
        postcode: "200000".into(),
        duration: Some(380),
        length: Some(2000),
        summary: "一个关于坚持质量的故事。".repeat(10),
        honors: "市级质量奖".into(),
        zone: "浦东".into(),
        submitted_at: Some(Timestamp::from_second(1_720_000_000).unwrap()),
        remark: "无".into(),
    }
}

/// The row of that work as received.
pub(crate) fn received(id: i64) -> String {
    format!("{{\"序号\":\"{id}\",\"内容简介\":\"{}\"}}", "一个关于坚持质量的故事。".repeat(16))
}

/// Inserts the works with these identities.
pub(crate) fn works(tx: &Tx<'_>, ids: std::ops::RangeInclusive<i64>) {
    for id in ids {
        entries::insert(tx, &work(id), &format!("匠心筑梦{id}产线质量故事"), &received(id)).unwrap();
    }
}

/// Tells those works anew.
pub(crate) fn retell(tx: &Tx<'_>, ids: std::ops::RangeInclusive<i64>, theme: &str) {
    for id in ids {
        entries::update_declaration(tx, EntryId(id), &declaration(id, theme), &format!("{theme}{id}")).unwrap();
    }
}
