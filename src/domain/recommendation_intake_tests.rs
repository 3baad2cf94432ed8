//! Laws and examples of received recommendation sheets.

use proptest::prelude::*;

use super::*;
use crate::domain::entry::OrganizationProfile;
use crate::domain::organization::Organization;
use crate::domain::recommendation::Recommender;
use crate::domain::status::Status;
use crate::domain::values::{CategoryId, EntryNumber, OrganizationId};
use crate::formats::rules_file;

const OWN: &str = "黄浦区市场监督管理局";

fn rules() -> ContestRules {
    rules_file::parse(rules_file::preset("shanghai-2024").expect("a preset")).expect("rules")
}

fn work(id: i64, category: &str, unit: i64, title: &str, recommender: &str) -> EntrySummary {
    EntrySummary {
        id: EntryId(id),
        number: EntryNumber::from_parts("Y", u32::try_from(id).expect("small")),
        category: CategoryId::new(category),
        organization: OrganizationId(unit),
        organization_name: format!("单位{unit}"),
        title: title.to_owned(),
        theme: String::new(),
        creators: String::new(),
        recommender: recommender.to_owned(),
        zone: String::new(),
        status: Status::Declared,
        award_eligible: true,
        submitted_at: None,
    }
}

fn units() -> Vec<Organization> {
    let unit = |id, name: &str, alias: &str| Organization {
        id: OrganizationId(id),
        name: name.to_owned(),
        aliases: Some(alias).filter(|alias| !alias.is_empty()).map(str::to_owned).into_iter().collect(),
        profile: OrganizationProfile::default(),
        entries: 1,
        intended: Vec::new(),
    };
    vec![
        unit(1, "上海示例精密机械（集团）有限公司", "示例精密"),
        unit(2, "上海样本食品有限公司", ""),
        unit(3, "上海样本食品有限公司无锡分公司", ""),
    ]
}

fn row(number: u32, unit: &str, title: &str) -> DirectoryRow {
    DirectoryRow {
        row: number + 1,
        order: Some(number),
        organization: unit.to_owned(),
        title: title.to_owned(),
        opinion: "同意推荐".to_owned(),
        ..DirectoryRow::default()
    }
}

fn sheet(rows: Vec<DirectoryRow>) -> ReceivedSheet {
    ReceivedSheet { file: "推荐表.docx".to_owned(), received_at: Timestamp::UNIX_EPOCH, recommender: OWN.to_owned(), rows }
}

fn planner(rules: &ContestRules, works: Vec<EntrySummary>, said: Vec<Recommendation>, update: bool) -> Planner<'_> {
    let directory = Directory::new(&rules.recommenders, Vec::<Recommender>::new());
    Planner::new(rules, directory, Works::new(works, &units()), said, update)
}

/// What is said of the works after a plan is written.
fn written(planner: &mut Planner<'_>, sheet: &ReceivedSheet) -> (PlannedSheet, Vec<Recommendation>) {
    let planned = planner.plan(sheet);
    for row in &planned.rows {
        if let Outcome::Added(said) | Outcome::Updated(said) = &row.outcome {
            planner.know(said.clone());
        }
    }
    for said in &planned.displaced {
        planner.know(said.clone());
    }
    let mut said: Vec<Recommendation> = planner.said.values().cloned().collect();
    said.sort_by_key(|said| said.entry);
    (planned, said)
}

fn codes(planned: &PlannedSheet) -> Vec<Vec<&'static str>> {
    planned.rows.iter().map(|row| row.problems.iter().map(|problem| problem.code).collect()).collect()
}

fn works() -> Vec<EntrySummary> {
    vec![
        work(1, "speech", 1, "《一颗螺丝钉》", OWN),
        work(2, "film", 1, "一颗螺丝钉", OWN),
        work(3, "speech", 2, "远行", OWN),
        work(4, "speech", 3, "远行", OWN),
        work(5, "case", 2, "别家的", "普陀区市场监督管理局"),
        EntrySummary { status: Status::Withdrawn, ..work(6, "speech", 2, "撤回的", OWN) },
    ]
}

#[test]
fn rows_find_their_works_by_title_and_unit() {
    let rules = rules();
    let found = |unit: &str, title: &str, category: &str| {
        let mut planner = planner(&rules, works(), Vec::new(), false);
        let planned = planner.plan(&sheet(vec![DirectoryRow { category: category.to_owned(), ..row(1, unit, title) }]));
        let row = planned.rows.into_iter().next().expect("a row");
        row.work.map_or_else(|| row.problems.first().map_or("", |problem| problem.code).to_owned(), |work| work.0.to_string())
    };
    for (unit, title, category, expected) in [
        ("上海示例精密机械(集团)有限公司", "一颗螺丝钉", "演讲", "1"),
        ("示例精密", "一颗 螺丝钉", "☑微电影", "2"),
        ("示例精密机械", "一颗螺丝钉", "质量品牌故事演讲", "1"),
        ("上海示例精密机械有限公司", "一颗螺丝钉", "", "I604"),
        // A branch is never its parent, and the parent is found by its whole name.
        ("上海样本食品有限公司", "远行", "", "3"),
        ("上海样本食品有限公司无锡分公司", "远行", "", "4"),
        ("样本食品", "远行", "", "I604"),
        ("", "远行", "", "I604"),
        ("外地某公司", "远行", "", "I603"),
        ("上海样本食品有限公司", "没有的", "", "I603"),
        ("上海样本食品有限公司", "", "", "I603"),
        ("上海样本食品有限公司", "别家的", "", "I605"),
        ("上海样本食品有限公司", "撤回的", "", "I606"),
    ] {
        assert_eq!(found(unit, title, category), expected, "{unit} {title} {category}");
    }
}

#[test]
fn a_sheet_without_a_known_recommender_waits_whole() {
    let rules = rules();
    let mut planner = planner(&rules, works(), Vec::new(), false);
    let mut of = |recommender: &str| {
        let planned = planner.plan(&ReceivedSheet { recommender: recommender.to_owned(), ..sheet(vec![row(1, "示例精密", "远行")]) });
        let problem = planned.rows.first().and_then(|row| row.problems.first()).map(|problem| (problem.code, problem.message.clone()));
        problem.expect("a problem")
    };
    assert_eq!(of("").0, "I601");
    assert_eq!(
        of("黄埔区市场监督管理局"),
        ("I602", "推荐单位“黄埔区市场监督管理局”不在名单中，也没有作品选它；是否要找：黄浦区市场监督管理局".to_owned())
    );
}

#[test]
fn twice_the_same_work_or_number_is_said() {
    let rules = rules();
    let unit = "上海样本食品有限公司";
    let rows = vec![row(1, unit, "远行"), row(1, "上海样本食品有限公司无锡分公司", "远行"), row(3, unit, "《远行》")];
    let (planned, said) = written(&mut planner(&rules, works(), Vec::new(), false), &sheet(rows));
    assert_eq!(codes(&planned), [vec![], vec!["I608"], vec!["I607"]]);
    assert_eq!(said.iter().map(|said| (said.entry.0, said.position)).collect::<Vec<_>>(), [(3, Some(1)), (4, None)]);
}

#[test]
fn other_values_wait_for_update_and_gaps_are_filled() {
    let rules = rules();
    let mut before = Recommendation::new(EntryId(3), OWN, Timestamp::UNIX_EPOCH);
    before.opinion = "推荐".to_owned();
    let mut holder = Recommendation::new(EntryId(4), OWN, Timestamp::UNIX_EPOCH);
    (holder.opinion, holder.position) = ("推荐".to_owned(), Some(1));
    let received = sheet(vec![row(1, "上海样本食品有限公司", "远行")]);
    let (planned, said) = written(&mut planner(&rules, works(), vec![before.clone(), holder.clone()], false), &received);
    // The opinion differs, and the place is another's.
    assert_eq!(codes(&planned), [vec!["I511", "I609"]]);
    assert_eq!(said, [before.clone(), holder.clone()]);
    assert_eq!(planned.rows.first().map(|row| row.outcome.clone()), Some(Outcome::Changed));
    let (planned, said) = written(&mut planner(&rules, works(), vec![before, holder], true), &received);
    assert_eq!(codes(&planned), [vec!["I512", "I610"]]);
    assert_eq!(
        said.iter().map(|said| (said.entry.0, said.opinion.as_str(), said.position)).collect::<Vec<_>>(),
        [(3, "同意推荐", Some(1)), (4, "推荐", Some(2))]
    );
}

#[test]
fn what_was_taken_back_does_not_come_back_by_itself() {
    let rules = rules();
    let mut before = Recommendation::new(EntryId(3), OWN, Timestamp::UNIX_EPOCH);
    before.withdrawn = Some("来函".to_owned());
    let received = sheet(vec![row(1, "上海样本食品有限公司", "远行")]);
    let (planned, said) = written(&mut planner(&rules, works(), vec![before.clone()], false), &received);
    assert_eq!((codes(&planned), said), (vec![vec!["I612"]], vec![before.clone()]));
    let (_, said) = written(&mut planner(&rules, works(), vec![before], true), &received);
    assert!(said.first().is_some_and(|said| said.withdrawn.is_none() && said.position == Some(1)));
}

#[test]
fn what_another_recommender_took_back_is_no_matter() {
    let rules = rules();
    let mut before = Recommendation::new(EntryId(3), "普陀区市场监督管理局", Timestamp::UNIX_EPOCH);
    before.withdrawn = Some("不再推荐".to_owned());
    let received = sheet(vec![row(1, "上海样本食品有限公司", "远行")]);
    let (planned, said) = written(&mut planner(&rules, works(), vec![before], false), &received);
    assert_eq!(codes(&planned), [Vec::<&str>::new()]);
    assert!(said.first().is_some_and(|said| said.withdrawn.is_none() && said.recommender == OWN && said.position == Some(1)));
}

#[test]
fn the_order_of_a_sheet_counts_in_whatever_order_its_rows_stand() {
    let rules = rules();
    let mut first = Recommendation::new(EntryId(3), OWN, Timestamp::UNIX_EPOCH);
    (first.opinion, first.position) = ("同意推荐".to_owned(), Some(1));
    let silent = DirectoryRow { order: None, ..row(1, "上海样本食品有限公司", "远行") };
    let placed = row(1, "上海样本食品有限公司无锡分公司", "远行");
    for (rows, told) in [(vec![silent.clone(), placed.clone()], [vec!["I609"], vec![]]), (vec![placed, silent], [vec![], vec!["I609"]])] {
        let received = sheet(rows);
        let mut planner = planner(&rules, works(), vec![first.clone()], true);
        let (planned, said) = written(&mut planner, &received);
        assert_eq!(codes(&planned), told);
        assert_eq!(said.iter().map(|said| (said.entry.0, said.position)).collect::<Vec<_>>(), [(3, None), (4, Some(1))]);
        let lost = planned.rows.iter().flat_map(|row| &row.problems).next().expect("it is said");
        assert_eq!(lost.message, "排序 1 按推荐表是作品 Y004 的，作品 Y003 现在没有排序");
        // The same sheet once more changes nothing.
        let again = planner.plan(&received);
        assert!(again.rows.iter().all(|row| row.outcome == Outcome::Unchanged), "{again:?}");
    }
}

#[test]
fn only_the_first_rows_without_a_work_are_offered_others() {
    let rules = rules();
    let rows = (1..=300).map(|number| row(number, "无此单位", "一颗螺丝钉的故事")).collect();
    let planned = planner(&rules, works(), Vec::new(), false).plan(&sheet(rows));
    let offered = planned.rows.iter().filter(|row| row.problems.iter().any(|problem| problem.message.contains("是否要找")));
    assert_eq!(offered.count(), 200);
    assert!(codes(&planned).iter().all(|codes| *codes == ["I603"]));
}

/// Twelve works of one recommender, and what may be said of them before a sheet comes.
fn many() -> Vec<EntrySummary> {
    (1..=12).map(|id| work(id, "speech", 1, &format!("作品{id}"), OWN)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stood and whatever comes, with and without `--update`: no two works share a place, and the same sheet again changes
    /// nothing.
    #[test]
    fn a_sheet_twice_is_a_sheet_once(
        before in prop::collection::btree_map(1..=12_i64, prop::option::of(1..8_u32), 0..8),
        rows in prop::collection::vec((1..=12_i64, prop::option::of(1..8_u32), 0..3_u8), 0..10),
        update in any::<bool>(),
    ) {
        let rules = rules();
        let mut taken = BTreeSet::new();
        let said: Vec<Recommendation> = before
            .into_iter()
            .map(|(entry, position)| {
                let position = position.filter(|position| taken.insert(*position));
                Recommendation { position, opinion: "旧".to_owned(), ..Recommendation::new(EntryId(entry), OWN, Timestamp::UNIX_EPOCH) }
            })
            .collect();
        let rows = rows.into_iter().map(|(entry, order, opinion)| DirectoryRow {
            order,
            opinion: ["", "旧", "新"].get(usize::from(opinion)).copied().unwrap_or_default().to_owned(),
            ..row(1, "示例精密", &format!("作品{entry}"))
        });
        let received = sheet(rows.collect());
        let mut planner = planner(&rules, many(), said, update);
        let (_, once) = written(&mut planner, &received);
        let places: Vec<u32> = once.iter().filter_map(|said| said.position).collect();
        prop_assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len(), "{:?}", once);
        let (again, twice) = written(&mut planner, &received);
        prop_assert_eq!(once, twice);
        let is_quiet = |outcome: &Outcome| matches!(outcome, Outcome::Unchanged | Outcome::Changed | Outcome::Refused);
        prop_assert!(again.rows.iter().all(|row| is_quiet(&row.outcome)) && again.displaced.is_empty(), "{:?}", again);
    }
}
