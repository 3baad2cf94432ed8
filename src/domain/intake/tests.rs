//! Laws and examples of planning, against a contest that lives in memory.

use std::collections::BTreeMap;
use std::convert::Infallible;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::domain::category::Category;
use crate::domain::problem::Severity;
use crate::domain::rules::{Contest, Deadlines, Form, Recommenders, Similarity};
use crate::domain::values::Points;

fn category(id: &str, name: &str, alias: &str, prefix: &str) -> Category {
    Category {
        id: CategoryId::new(id),
        name: name.to_owned(),
        aliases: vec![alias.to_owned()],
        prefix: prefix.to_owned(),
        required: Vec::new(),
        duration: None,
        length: None,
        per_organization: None,
        attachments: Vec::new(),
        rounds: Vec::new(),
        awards: Vec::new(),
    }
}

fn rules() -> ContestRules {
    ContestRules {
        contest: Contest {
            name: "示例大赛".to_owned(),
            theme: None,
            organizer: None,
            document: None,
            year: Some(2024),
            timezone: TimeZone::UTC,
        },
        deadlines: Deadlines::default(),
        milestones: Vec::new(),
        form: Form::default(),
        similarity: Similarity { title: Points::ZERO, summary: Points::ZERO },
        recommenders: Recommenders::default(),
        zones: vec!["浦东".to_owned(), "黄浦".to_owned()],
        categories: vec![category("speech", "质量品牌故事演讲", "演讲", "Y"), category("film", "质量品牌故事微电影", "微电影", "W")],
        special_awards: Vec::new(),
        commendation: None,
        certificate_number: None,
        contacts_until: None,
    }
}

/// A contest in memory: what `commands::import` and the store are together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Memory {
    units: BTreeMap<OrganizationId, (String, OrganizationProfile)>,
    works: BTreeMap<EntryId, (NewWork, Status)>,
    registrations: BTreeMap<OrganizationId, Registration>,
    /// What staff corrected of a work since it came (the field, its text before), and the row that it came with.
    corrected: BTreeMap<EntryId, (String, Vec<(Field, String)>)>,
    /// Works that formal review is closed for.
    closed: Vec<EntryId>,
    past: Past,
}

impl Present for Memory {
    type Error = Infallible;

    fn work(&mut self, id: EntryId) -> Result<(Declaration, Status), Infallible> {
        Ok(self.works.get(&id).map(|(work, status)| (work.declaration.clone(), *status)).expect("a known work"))
    }

    fn past(&mut self, id: EntryId, arrival: Arrival<'_>) -> Result<WorkPast, Infallible> {
        let Some((row, fields)) = self.corrected.get(&id) else { return Ok(WorkPast::default()) };
        let corrected =
            |(field, before): &(Field, String)| (*field, FieldPast { first: before.clone(), corrected_from: Some(before.clone()) });
        Ok(WorkPast { is_origin: row == arrival.received, is_superseded: false, fields: fields.iter().map(corrected).collect() })
    }

    fn is_closed(&mut self, id: EntryId) -> Result<bool, Infallible> {
        Ok(self.closed.contains(&id))
    }

    fn profile(&mut self, id: OrganizationId) -> Result<OrganizationProfile, Infallible> {
        Ok(self.units.get(&id).expect("a known unit").1.clone())
    }

    fn registration(&mut self, id: OrganizationId) -> Result<Option<Registration>, Infallible> {
        Ok(self.registrations.get(&id).cloned())
    }
}

impl Memory {
    fn planner(&self, update: bool) -> Planner {
        let units = self.units.iter().map(|(id, (name, profile))| KnownUnit {
            id: *id,
            name: name.clone(),
            folded: fold_organization(name),
            credit_code: profile.credit_code.clone(),
        });
        let works = self.works.values().map(|(work, _)| KnownWork {
            id: work.id,
            number: work.number.clone(),
            organization: work.organization,
            category: work.category.clone(),
            title_folded: work.title_folded.clone(),
        });
        Planner::new(&rules(), update, units.collect(), works.collect(), self.past.clone())
    }

    fn write(&mut self, planned: &Planned) {
        match planned.unit.clone() {
            Some(UnitWrite::Create { id, name, profile, .. }) => {
                assert!(self.units.insert(id, (name, profile)).is_none());
            }
            Some(UnitWrite::Fill { id, profile }) => self.units.get_mut(&id).expect("a known unit").1 = profile,
            None => {}
        }
        match planned.step.clone() {
            Step::AddWork(work) => {
                assert!(self.works.values().all(|(known, _)| known.number != work.number));
                assert!(self.works.insert(work.id, (*work, Status::Declared)).is_none());
            }
            Step::UpdateWork { id, declaration, status } => {
                let known = self.works.get_mut(&id).expect("a known work");
                known.0.declaration = *declaration;
                known.1 = status;
            }
            Step::AddRegistration(id, registration) | Step::UpdateRegistration(id, registration) => {
                self.registrations.insert(id, *registration);
            }
            Step::Unchanged | Step::Changed | Step::Quarantine => {}
        }
    }

    fn import(&mut self, drafts: &[Draft], update: bool) -> (Tally, Vec<Planned>) {
        let mut planner = self.planner(update);
        let mut tally = Tally::default();
        let mut all = Vec::new();
        for received in drafts {
            let row = planner.work(received.clone(), Vec::new(), "表.csv", self).expect("memory never fails");
            self.write(&row);
            tally.count(&row.step);
            all.push(row);
        }
        (tally, all)
    }
}

fn draft(organization: &str, category: &str, title: &str) -> Draft {
    Draft {
        organization: organization.to_owned(),
        category: category.to_owned(),
        declaration: Declaration { title: title.to_owned(), ..Declaration::default() },
        ..Draft::default()
    }
}

fn codes(planned: &[Planned]) -> Vec<Vec<&'static str>> {
    planned.iter().map(|row| row.problems.iter().map(|problem| problem.code).collect()).collect()
}

#[test]
fn rows_that_cannot_be_works_say_why() {
    let drafts = [
        draft("", "演讲", "甲"),
        draft("甲公司", "演讲", "《》"),
        draft("甲公司", "", "甲"),
        draft("甲公司", "相声", "甲"),
        draft("甲公司", "演讲、微电影", "甲"),
        draft("甲公司", "□演讲 □微电影", "甲"),
        draft("甲公司", "□演讲", "甲"),
        draft("", "", "　"),
        draft("/", "演讲", "——"),
        draft("甲公司", "☑微电影", "甲"),
        draft("甲公司", "质量品牌故事演讲类", "甲"),
    ];
    let (tally, planned) = Memory::default().import(&drafts, false);
    assert_eq!(tally, Tally { added: 2, quarantined: 9, ..Tally::default() });
    assert_eq!(
        codes(&planned),
        [
            vec!["I501"],
            vec!["I502"],
            vec!["I503"],
            vec!["I504"],
            vec!["I505"],
            vec!["I503"],
            vec!["I503"],
            vec!["I501", "I502", "I503"],
            vec!["I501", "I502"],
            vec![],
            vec![]
        ]
    );
    assert!(planned[5].problems.iter().any(|problem| problem.message.contains("一项没有勾选")), "{:?}", planned[5].problems);
}

#[test]
fn a_number_that_an_undo_took_back_is_its_works_alone() {
    let retired = RetiredNumber {
        number: EntryNumber::new("Y001"),
        identity: Identity { unit: fold_organization("甲公司"), category: CategoryId::new("speech"), title: "甲".to_owned() },
    };
    let mut contest = Memory { past: Past { numbers: vec![retired], ..Past::default() }, ..Memory::default() };
    let with_number = |unit: &str, title: &str| Draft { number: Some(EntryNumber::new("Y001")), ..draft(unit, "演讲", title) };
    let (_, planned) = contest.import(&[with_number("乙公司", "乙"), with_number("甲公司", "甲")], false);
    assert_eq!(codes(&planned), [vec!["I507"], vec![]]);
    let numbers: Vec<_> = contest.works.values().map(|(work, _)| work.number.to_string()).collect();
    assert_eq!(numbers, ["Y002", "Y001"]);
}

#[test]
fn a_very_large_number_makes_no_later_one_dear() {
    let mut numbers = Numbers::new(&rules(), Vec::new());
    let speech = CategoryId::new("speech");
    let identity = Identity { unit: "甲公司".to_owned(), category: speech.clone(), title: "甲".to_owned() };
    numbers.take(&speech, &EntryNumber::new("Y99999999"), EntryId(1));
    // Each number is counted on from: a search from the start for each of them would take minutes.
    for id in 2..60_000 {
        let next = numbers.next(&identity);
        numbers.take(&speech, &next, EntryId(id));
    }
    assert_eq!(numbers.next(&identity).as_str(), "Y100059998");
    let given = numbers.given(Some(&EntryNumber::new("Y100059999")), &identity, None);
    assert!(matches!(given, Given::SetAside(..)));
}

#[test]
fn a_work_is_its_unit_category_and_folded_title() {
    let drafts = [
        draft("甲（集团）公司", "演讲", "质量故事"),
        draft("甲(集团)公司", "speech", "《质量故事》"),
        draft("甲（集团）公司", "微电影", "质量故事"),
        draft("甲（集团）公司无锡分公司", "演讲", "质量故事"),
    ];
    let mut contest = Memory::default();
    let (tally, _) = contest.import(&drafts, false);
    assert_eq!(tally, Tally { added: 3, changed: 1, ..Tally::default() });
    assert_eq!(contest.units.len(), 2);
    let numbers: Vec<_> = contest.works.values().map(|(work, _)| work.number.to_string()).collect();
    assert_eq!(numbers, ["Y001", "W001", "Y002"]);
}

#[test]
fn numbers_of_the_file_are_kept_where_they_are_free() {
    let numbered = |number: &str, title: &str| Draft { number: Some(EntryNumber::new(number)), ..draft("甲公司", "演讲", title) };
    let mut contest = Memory::default();
    let (_, planned) = contest.import(&[numbered("y7", "一"), numbered("7", "二"), numbered("Y007", "三"), numbered("W001", "四")], false);
    let numbers: Vec<_> = contest.works.values().map(|(work, _)| work.number.to_string()).collect();
    assert_eq!(numbers, ["Y007", "Y008", "Y009"]);
    assert_eq!(codes(&planned), [vec![], vec!["I507"], vec!["I506"], vec!["I507"]]);
    let (tally, planned) = contest.import(&[numbered("Y007", "一"), numbered("Y008", "一"), numbered("Y099", "一")], false);
    assert_eq!(tally, Tally { unchanged: 2, quarantined: 1, ..Tally::default() });
    assert_eq!(codes(&planned), [vec![], vec!["I506"], vec!["I507"]]);
}

#[test]
fn other_values_are_shown_and_applied_only_when_asked() {
    let first = draft("甲公司", "演讲", "故事");
    let mut later = first.clone();
    later.declaration.creators = "主创甲".to_owned();
    later.declaration.zone = "浦东新区赛区".to_owned();
    later.profile.nature = "国有".to_owned();
    let mut contest = Memory::default();
    contest.import(std::slice::from_ref(&first), false);
    let before = contest.clone();
    let (tally, planned) = contest.import(std::slice::from_ref(&later), false);
    assert_eq!((tally.changed, contest == before), (1, true));
    let messages: Vec<_> = planned.iter().flat_map(|row| &row.problems).map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        ["Y001 的主创者：（空） → 主创甲", "Y001 的赛区：（空） → 浦东新区赛区", "Y001 的单位性质：（空） → 国有"]
            .map(|text| text.replace("浦东新区赛区", "浦东"))
    );
    let (tally, _) = contest.import(std::slice::from_ref(&later), true);
    assert_eq!(tally.updated, 1);
    assert_eq!(contest.import(std::slice::from_ref(&later), true).0.unchanged, 1);
    // The first file, with its empty cells, takes nothing back.
    assert_eq!(contest.import(std::slice::from_ref(&first), true).0.unchanged, 1);
}

#[test]
fn a_returned_work_comes_back_and_a_withdrawn_one_does_not() {
    let mut contest = Memory::default();
    contest.import(&[draft("甲公司", "演讲", "一"), draft("甲公司", "演讲", "二")], false);
    for (work, status) in contest.works.values_mut() {
        *status = if work.number.as_str() == "Y001" { Status::Returned } else { Status::Withdrawn };
    }
    let mut drafts = [draft("甲公司", "演讲", "一"), draft("甲公司", "演讲", "二")];
    for draft in &mut drafts {
        draft.declaration.summary = "补充".to_owned();
    }
    let (tally, planned) = contest.import(&drafts, false);
    assert_eq!(tally, Tally { updated: 1, changed: 1, ..Tally::default() });
    assert_eq!(codes(&planned), [vec!["I512"], vec!["I516", "I511"]]);
    let statuses: Vec<_> = contest.works.values().map(|(_, status)| *status).collect();
    assert_eq!(statuses, [Status::Resubmitted, Status::Withdrawn]);
}

#[test]
fn a_returned_work_does_not_come_back_after_formal_review_closed() {
    let mut contest = Memory { closed: vec![EntryId(1)], ..Memory::default() };
    let mut first = draft("甲公司", "演讲", "一");
    contest.import(std::slice::from_ref(&first), false);
    contest.works.values_mut().next().expect("one work").1 = Status::Returned;
    assert_eq!(contest.import(std::slice::from_ref(&first), false).0.unchanged, 1);
    first.declaration.summary = "补充".to_owned();
    let (tally, planned) = contest.import(std::slice::from_ref(&first), false);
    assert_eq!((tally.changed, codes(&planned)), (1, vec![vec!["I524", "I511"]]));
    assert_eq!(contest.works.values().next().expect("one work").1, Status::Returned);
    // Staff may take it all the same: then it is late (D203).
    assert_eq!(contest.import(std::slice::from_ref(&first), true).0.updated, 1);
    assert_eq!(contest.works.values().next().expect("one work").1, Status::Resubmitted);
}

#[test]
fn a_correction_stands_against_the_row_that_came_before_it() {
    let mut received = draft("甲公司", "演讲", "旧题");
    received.received = ReceivedRow::object("第一次的行".to_owned());
    let mut contest = Memory::default();
    contest.import(std::slice::from_ref(&received), false);
    let (work, status) = contest.works.values_mut().next().expect("one work");
    "新题".clone_into(&mut work.declaration.title);
    "新题".clone_into(&mut work.title_folded);
    // Even a work that was returned does not take the old row for its resubmission.
    *status = Status::Returned;
    contest.past.titles = vec![(EntryId(1), "旧题".to_owned())];
    contest.corrected.insert(EntryId(1), (received.received.whole().into_owned(), vec![(Field::Title, "旧题".to_owned())]));
    for update in [false, true] {
        let (tally, planned) = contest.import(std::slice::from_ref(&received), update);
        assert_eq!((tally.unchanged, tally.rows()), (1, 1));
        assert_eq!(codes(&planned), [["I518"]]);
    }
    // Another row with the value that staff corrected brings nothing new either.
    received.received = ReceivedRow::object("后来的行".to_owned());
    contest.works.values_mut().next().expect("one work").1 = Status::Declared;
    assert_eq!(codes(&contest.import(std::slice::from_ref(&received), true).1), [["I518"]]);
    // Yet another value is a conflict: staff's stays, unless they are asked to give way. The rest is taken.
    contest.past.titles.push((EntryId(1), "二题".to_owned()));
    let mut third = received.clone();
    third.declaration.title = "二题".to_owned();
    third.declaration.honors = "获奖".to_owned();
    let outcomes =
        |planned: &[Planned]| -> Vec<ChangeOutcome> { planned.iter().flat_map(|row| &row.changes).map(|change| change.outcome).collect() };
    let (tally, planned) = contest.clone().import(std::slice::from_ref(&third), false);
    assert_eq!((tally.changed, outcomes(&planned)), (1, vec![ChangeOutcome::Conflict, ChangeOutcome::Waits]));
    let mut other = contest.clone();
    let (tally, planned) = other.import(std::slice::from_ref(&third), true);
    assert_eq!((tally.updated, outcomes(&planned)), (1, vec![ChangeOutcome::Conflict, ChangeOutcome::Applied]));
    let work = &other.works[&EntryId(1)].0.declaration;
    assert_eq!((work.title.as_str(), work.honors.as_str()), ("新题", "获奖"));
    let mut planner = contest.planner(true).over_corrections(true);
    let planned = planner.work(third, Vec::new(), "表.csv", &mut contest).expect("memory never fails");
    assert_eq!(outcomes(std::slice::from_ref(&planned)), [ChangeOutcome::Applied; 2]);
    assert!(planned.changes[0].is_correction && planned.changes[0].first.as_deref() == Some("旧题"));
    // A work that has the title now goes before one that had it.
    let mut contest = Memory::default();
    contest.import(&[draft("甲公司", "演讲", "新题"), draft("甲公司", "演讲", "旧题")], false);
    contest.past.titles = vec![(EntryId(1), "旧题".to_owned())];
    assert_eq!(contest.import(&[draft("甲公司", "演讲", "旧题")], false).0.unchanged, 1);
}

#[test]
fn a_number_that_an_undo_took_back_is_not_given_to_another_work() {
    let mut contest = Memory::default();
    let identity = Identity { unit: "甲公司".to_owned(), category: CategoryId::new("speech"), title: "一".to_owned() };
    contest.past.numbers = vec![RetiredNumber { number: EntryNumber::new("Y003"), identity }];
    contest.past.last_work = 9;
    contest.import(&[draft("甲公司", "演讲", "二"), draft("甲公司", "演讲", "《一》"), draft("甲公司", "演讲", "三")], false);
    let numbers: Vec<_> = contest.works.iter().map(|(id, (work, _))| (id.0, work.number.to_string())).collect();
    assert_eq!(numbers, [(10, "Y004".to_owned()), (11, "Y003".to_owned()), (12, "Y005".to_owned())]);
}

#[test]
fn look_alike_units_are_reported_and_left_apart() {
    let mut contest = Memory::default();
    let (_, planned) = contest.import(&[draft("上海甲乙有限公司", "演讲", "一"), draft("上海市甲乙有限责任公司", "演讲", "二")], false);
    assert_eq!(contest.units.len(), 2);
    assert_eq!(codes(&planned), [vec![], vec!["I514"]]);
}

#[test]
fn registrations_are_one_a_unit() {
    let row = |organization: &str, phone: &str| RegistrationRow {
        organization: organization.to_owned(),
        registration: Registration {
            intended: vec!["演讲".to_owned()],
            contact_phone: crate::domain::privacy::Phone::new(phone),
            ..Registration::default()
        },
        ..RegistrationRow::default()
    };
    let rows = [row("甲公司", "13800000001"), row("甲 公司", "13800000001"), row("甲公司", "13800010001"), row("", "")];
    let mut contest = Memory::default();
    let mut planner = contest.planner(false);
    let mut tally = Tally::default();
    for row in rows {
        let row = planner.registration(row, Vec::new(), "报名.csv", &mut contest).expect("memory never fails");
        contest.write(&row);
        tally.count(&row.step);
    }
    assert_eq!(tally, Tally { added: 1, unchanged: 1, changed: 1, quarantined: 1, ..Tally::default() });
}

fn any_draft() -> impl Strategy<Value = Draft> {
    let unit = prop_oneof!["[甲乙]公司", Just(String::new())];
    let kind = prop_oneof![Just("演讲"), Just("微电影"), Just("☑演讲 □微电影"), Just("相声"), Just("")];
    let number = proptest::option::of("[YW]00[1-9]");
    (unit, kind, "[一二三]{0,1}", "[子丑]{0,1}", number, "[国民]{0,1}").prop_map(|(unit, kind, title, creators, number, nature)| {
        let mut draft = draft(&unit, kind, &title);
        draft.declaration.creators = creators;
        draft.number = number.map(|number| EntryNumber::new(&number));
        draft.profile.nature = nature;
        draft
    })
}

proptest! {
    #[test]
    fn every_row_goes_exactly_one_way(drafts in proptest::collection::vec(any_draft(), 0..30), update: bool) {
        let mut contest = Memory::default();
        let (tally, planned) = contest.import(&drafts, update);
        prop_assert_eq!(tally.rows(), drafts.len());
        prop_assert_eq!(contest.works.len(), tally.added);
        for row in planned {
            let has_error = row.problems.iter().any(|problem| problem.severity == Severity::Error);
            prop_assert_eq!(row.step == Step::Quarantine, has_error);
            prop_assert!(row.unit.is_none() || !matches!(row.step, Step::Quarantine | Step::Changed | Step::Unchanged));
        }
    }

    #[test]
    fn what_was_imported_changes_nothing_the_second_time(drafts in proptest::collection::vec(any_draft(), 0..30), update: bool) {
        let mut contest = Memory::default();
        contest.import(&drafts, update);
        let before = contest.clone();
        let (tally, _) = contest.import(&drafts, false);
        prop_assert_eq!(&contest, &before);
        prop_assert_eq!(tally.added + tally.updated, 0);
    }

    #[test]
    fn no_resubmission_is_submitted_later(
        first in proptest::option::of(0..100_i64), again in proptest::option::of(0..100_i64), summary in "[一二]{0,1}", update: bool,
        status in prop::sample::select(vec![Status::Returned, Status::Resubmitted]),
    ) {
        let at = |day: Option<i64>| day.map(|day| jiff::Timestamp::from_second(day * 86_400).expect("a moment"));
        let mut contest = Memory::default();
        let mut work = draft("甲公司", "演讲", "一");
        work.declaration.submitted_at = at(first);
        contest.import(std::slice::from_ref(&work), false);
        contest.works.values_mut().next().expect("one work").1 = status;
        (work.declaration.submitted_at, work.declaration.summary) = (at(again), summary);
        let (_, planned) = contest.import(std::slice::from_ref(&work), update);
        prop_assert_eq!(contest.works.values().next().expect("one work").0.declaration.submitted_at, at(first));
        prop_assert!(planned.iter().flat_map(|row| &row.changes).all(|change| change.change.field != Field::SubmittedAt));
    }

    #[test]
    fn numbers_follow_the_rows(titles in proptest::collection::vec("[一二三四五六七八]{1,2}", 1..30)) {
        let drafts: Vec<Draft> = titles.iter().map(|title| draft("甲公司", "演讲", title)).collect();
        let mut contest = Memory::default();
        let (_, planned) = contest.import(&drafts, false);
        let numbers = planned.iter().filter_map(|row| if let Step::AddWork(work) = &row.step { Some(work.number.to_string()) } else { None });
        for (index, number) in numbers.enumerate() {
            prop_assert_eq!(number, format!("Y{:03}", index + 1));
        }
    }
}
