//! Holds [`findings`] against a loop over all pairs that says each code in the words of the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::entry::Declaration;
use crate::domain::folding::fold_title;
use crate::domain::similarity::measure::similarity;
use crate::domain::similarity::numbers::numbers_of;
use crate::domain::status::Status;
use crate::domain::values::{CategoryId, EntryId, EntryNumber, OrganizationId};
use crate::domain::verdict::Judged;

const TITLES: &[&str] = &[
    "守护一颗螺丝",
    "守护一颗螺丝！",
    "守护一颗螺丝（修改版）",
    "守護一顆螺絲V2",
    "守护一颗螺帽",
    "点亮夜班的灯",
    "点亮夜班的灯的人",
    "夜班的灯——点亮",
    "夜班的灯的人：点亮 - 副本(1)",
    "1984年的灯",
    "1987年的灯",
    "1984年——灯的故事",
    "灯的故事——1984年",
    "灯的故事——1987年",
    "",
];
const SUMMARIES: &[&str] =
    &["", "清晨五点巡检员走完管线", "清晨五点，巡检员走完管线。", "清晨五點巡檢員走完全部管線", "退货的产品摆在展柜里"];

fn work(serial: usize, (category, unit, title, summary): (usize, i64, usize, usize)) -> Entry {
    let declaration = Declaration { title: TITLES[title].to_owned(), summary: SUMMARIES[summary].to_owned(), ..Declaration::default() };
    let (category, prefix) = [("speech", "Y"), ("film", "W"), ("case", "A")][category];
    Entry {
        id: EntryId(i64::try_from(serial).unwrap()),
        number: EntryNumber::from_parts(prefix, u32::try_from(serial).unwrap()),
        category: CategoryId::new(category),
        organization: OrganizationId(unit),
        organization_name: format!("上海示例{unit}有限公司"),
        declaration,
        status: Status::Declared,
        award_eligible: true,
        award_reason: String::new(),
        received_at: Timestamp::UNIX_EPOCH,
        recommended_at: None,
        resubmitted_at: None,
        provenance: None,
    }
}

/// The texts of a title, as one work may write it.
fn orders(title: &str) -> Vec<String> {
    let main = fold_renamed(title);
    if main.is_empty() { Vec::new() } else { std::iter::once(main).chain(rearranged(title)).collect() }
}

/// Works whose titles are the same in some order of their halves, directly or by a chain: by work, the first of its class.
fn classes(titles: &[Vec<String>]) -> Vec<usize> {
    let mut class: Vec<usize> = (0..titles.len()).collect();
    for _ in 0..titles.len() {
        for left in 0..titles.len() {
            for right in 0..titles.len() {
                if titles[left].iter().any(|text| titles[right].contains(text)) {
                    class[left] = class[left].min(class[right]);
                    class[right] = class[left];
                }
            }
        }
    }
    class
}

/// Every pair with what it is reported as, by a loop over all pairs.
fn expected_pairs(entries: &[Entry], title: Threshold, summary: Threshold) -> BTreeMap<(usize, usize), Vec<(Code, Severity)>> {
    let titles: Vec<Vec<String>> = entries.iter().map(|entry| orders(&entry.declaration.title)).collect();
    let classes = classes(&titles);
    let class_texts = |class: usize| -> Vec<&String> {
        classes.iter().zip(&titles).filter(|(own, _)| **own == class).flat_map(|(_, texts)| texts).collect()
    };
    let alike_titles = |left: usize, right: usize| {
        class_texts(classes[left]).iter().any(|one| {
            class_texts(classes[right]).iter().any(|other| numbers_of(one) == numbers_of(other) && title.admits(similarity(one, other)))
        })
    };
    let summaries: Vec<String> = entries.iter().map(|entry| fold_summary(&entry.declaration.summary)).collect();
    let mut pairs = BTreeMap::new();
    for left in 0..entries.len() {
        for right in left + 1..entries.len() {
            let category = entries[left].category == entries[right].category;
            let unit = entries[left].organization == entries[right].organization;
            let same_title = !titles[left].is_empty() && classes[left] == classes[right];
            let same_summary = !summaries[left].is_empty() && summaries[left] == summaries[right];
            let mut codes = Vec::new();
            if category && [unit, same_title, same_summary].into_iter().filter(|same| *same).count() >= 2 {
                codes.push((Code::S404, Severity::Error));
            } else {
                if same_title && !category {
                    codes.push((Code::S401, Severity::Error));
                } else if same_title || alike_titles(left, right) {
                    codes.push((Code::S402, Severity::Warning));
                }
                if summary.admits(similarity(&summaries[left], &summaries[right])) {
                    codes.push((Code::S403, if unit && !category { Severity::Error } else { Severity::Warning }));
                }
            }
            if !codes.is_empty() {
                pairs.insert((left, right), codes);
            }
        }
    }
    pairs
}

/// What a work is to have found: how many others by code, and which are settled.
type Expected = BTreeMap<(usize, Code, Severity, bool), u32>;

fn expected(entries: &[Entry], title: Threshold, summary: Threshold, verdicts: &Verdicts) -> Expected {
    let mut open: BTreeMap<(usize, Code, Severity), u32> = BTreeMap::new();
    let mut settled: BTreeMap<(usize, Code, Severity), u32> = BTreeMap::new();
    for ((left, right), codes) in expected_pairs(entries, title, summary) {
        let judged = WorkPair::new(entries[left].id, entries[right].id).and_then(|pair| verdicts.get(&pair)).map(|judged| judged.verdict);
        for (code, severity) in codes {
            for work in [left, right] {
                match judged {
                    None => *open.entry((work, code, severity)).or_default() += 1,
                    Some(Verdict::Different) => *settled.entry((work, code, severity)).or_default() += 1,
                    Some(Verdict::Same) => {}
                }
            }
        }
    }
    settled.retain(|key, _| !open.contains_key(key));
    let flagged = |is_settled: bool, found: BTreeMap<(usize, Code, Severity), u32>| {
        found.into_iter().map(move |((work, code, severity), count)| ((work, code, severity, is_settled), count))
    };
    flagged(false, open).chain(flagged(true, settled)).collect()
}

fn judged(verdict: Verdict) -> Judged {
    Judged { verdict, reason: "测试".to_owned(), decided_at: Timestamp::UNIX_EPOCH }
}

proptest! {
    #[test]
    fn every_pair_is_found_as_what_it_is(
        works in prop::collection::vec((0_usize..3, 0_i64..4, 0..TITLES.len(), 0..SUMMARIES.len()), 0..24),
        decided in prop::collection::vec((0_i64..24, 0_i64..24, any::<bool>()), 0..12),
    ) {
        // A unit has a title once in a category: the identity of a work.
        let mut seen = BTreeSet::new();
        let works: Vec<_> = works.into_iter().filter(|&(category, unit, title, _)| seen.insert((category, unit, fold_title(TITLES[title])))).collect();
        let entries: Vec<Entry> = works.into_iter().enumerate().map(|(serial, shape)| work(serial, shape)).collect();
        let verdicts: Verdicts = decided.into_iter().filter_map(|(one, other, is_same)| {
            let verdict = if is_same { Verdict::Same } else { Verdict::Different };
            WorkPair::new(EntryId(one), EntryId(other)).map(|pair| (pair, judged(verdict)))
        }).collect();
        let (title, summary) = (Threshold::new(4, 5).unwrap(), Threshold::new(3, 5).unwrap());
        let likeness = compare(&entries, title, summary, &verdicts);
        prop_assert!(likeness.is_complete);
        let mut found = Expected::new();
        let mut same = BTreeSet::new();
        for finding in &likeness.findings {
            prop_assert!(!finding.related.contains(&finding.entry));
            if let Detail::Alike { count, is_settled } = finding.detail {
                prop_assert_eq!(finding.related.len(), count as usize);
                found.insert((finding.entry, finding.code, finding.severity, is_settled), count);
            } else {
                let Detail::JudgedSame { count } = finding.detail else { panic!("an S finding is about others") };
                prop_assert_eq!((finding.code, finding.severity, finding.related.len()), (Code::S404, Severity::Error, count as usize));
                same.extend(finding.related.iter().map(|&other| (finding.entry, other)));
            }
        }
        prop_assert_eq!(found, expected(&entries, title, summary, &verdicts));
        let both_ways = |(one, other): (usize, usize)| [(one, other), (other, one)];
        let place = |id: EntryId| usize::try_from(id.0).ok().filter(|&place| place < entries.len());
        let decided_same = verdicts.iter().filter(|(_, judged)| judged.verdict == Verdict::Same);
        let decided_same: BTreeSet<_> = decided_same.filter_map(|(pair, _)| Some((place(pair.lower())?, place(pair.higher())?))).flat_map(both_ways).collect();
        prop_assert_eq!(same, decided_same);
    }

    #[test]
    fn pairs_are_those_of_the_findings_and_of_the_verdicts(
        works in prop::collection::vec((0_usize..3, 0_i64..4, 0..TITLES.len(), 0..SUMMARIES.len()), 0..16),
        decided in prop::collection::vec((0_i64..16, 0_i64..16), 0..4),
    ) {
        let entries: Vec<Entry> = works.into_iter().enumerate().map(|(serial, shape)| work(serial, shape)).collect();
        let verdicts: Verdicts =
            decided.into_iter().filter_map(|(one, other)| Some((WorkPair::new(EntryId(one), EntryId(other))?, judged(Verdict::Same)))).collect();
        let (title, summary) = (Threshold::new(4, 5).unwrap(), Threshold::new(3, 5).unwrap());
        let found = pairs::pairs(&entries, title, summary, &verdicts);
        prop_assert!(found.is_complete);
        let mut expected: BTreeMap<(usize, usize), Vec<Code>> = expected_pairs(&entries, title, summary)
            .into_iter().map(|(pair, codes)| (pair, codes.into_iter().map(|(code, _)| code).collect())).collect();
        let place = |id: EntryId| usize::try_from(id.0).ok().filter(|&place| place < entries.len());
        for pair in verdicts.keys() {
            if let (Some(left), Some(right)) = (place(pair.lower()), place(pair.higher())) {
                expected.entry((left, right)).or_default();
            }
        }
        let found: BTreeMap<_, _> = found.pairs.into_iter().map(|pair| ((pair.left, pair.right), pair.codes)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn earlier_works_are_found_by_title_or_summary(
        new in prop::collection::vec((0..TITLES.len(), 0..SUMMARIES.len()), 0..12),
        old in prop::collection::vec((0..TITLES.len(), 0..SUMMARIES.len()), 0..12),
    ) {
        let entries: Vec<Entry> = new.into_iter().enumerate().map(|(serial, (title, summary))| work(serial, (0, 0, title, summary))).collect();
        let past = |(title, summary): (usize, usize)| earlier::PastWork {
            number: String::new(),
            organization: String::new(),
            declaration: work(0, (0, 0, title, summary)).declaration,
        };
        let contest = earlier::EarlierContest { name: "往届".into(), works: old.into_iter().map(past).collect() };
        let (title, summary) = (Threshold::new(4, 5).unwrap(), Threshold::new(3, 5).unwrap());
        let (found, complete) = earlier::pairs(&entries, std::slice::from_ref(&contest), title, summary);
        prop_assert!(complete);
        let mut expected = BTreeSet::new();
        for (place, entry) in entries.iter().enumerate() {
            for (other, past) in contest.works.iter().enumerate() {
                let (ours, theirs) = (orders(&entry.declaration.title), orders(&past.declaration.title));
                let by_title = ours.iter().any(|one| {
                    theirs.iter().any(|other| numbers_of(one) == numbers_of(other) && title.admits(similarity(one, other)))
                });
                let by_summary = similarity(&fold_summary(&entry.declaration.summary), &fold_summary(&past.declaration.summary));
                if by_title || summary.admits(by_summary) {
                    expected.insert((place, other));
                }
            }
        }
        prop_assert_eq!(found.into_iter().map(|pair| (pair.work, pair.earlier)).collect::<BTreeSet<_>>(), expected);
    }
}

/// What a title is reported as beside 一颗螺丝的承诺——守护产线 of the same unit, in another category, and of another unit.
fn renamed(title: &str) -> [Vec<Code>; 3] {
    let entry = |serial: usize, category: usize, unit: i64, title: &str| {
        let mut entry = work(serial, (category, unit, 0, 0));
        title.clone_into(&mut entry.declaration.title);
        entry
    };
    [(0, 1), (1, 2), (0, 2)].map(|(category, unit)| {
        let entries = [entry(0, 0, 1, "一颗螺丝的承诺——守护产线"), entry(1, category, unit, title)];
        let found = compare(&entries, Threshold::new(4, 5).unwrap(), Threshold::new(3, 5).unwrap(), &Verdicts::new());
        found.findings.iter().filter(|finding| finding.entry == 1).map(|finding| finding.code).collect()
    })
}

#[test]
fn a_renamed_work_is_found() {
    for title in [
        "一颗螺丝的承诺——守护产线（修改版）",
        "一颗螺丝的承诺——守护产线最终版",
        "一颗螺丝的承诺——守护产线 v2",
        "一颗螺丝的承诺——守护产线（修改版）(1)",
        "守护产线——一颗螺丝的承诺",
        "守护产线：一颗螺丝的承诺（终稿）",
        "一顆螺絲的承諾——守護產線",
        "《一颗螺丝的承诺》－守护产线Ｖ２",
    ] {
        assert_eq!(renamed(title), [vec![Code::S404], vec![Code::S401], vec![Code::S402]], "{title}");
    }
    // Halves that changed places and were touched up besides: similar only.
    assert_eq!(renamed("守护产线——一颗螺帽的承诺"), [vec![], vec![], vec![]]);
    assert_eq!(renamed("守护产线每天——一颗螺丝的承诺"), [vec![Code::S402], vec![Code::S402], vec![Code::S402]]);
    // A number makes another work.
    assert_eq!(renamed("一颗螺丝的承诺——守护产线1987"), [vec![], vec![], vec![]]);
}

#[test]
fn thousands_of_copies_are_counted_and_few_are_named() {
    let entries: Vec<Entry> =
        (0..5_000).map(|serial| work(serial, (0, i64::try_from(serial).unwrap(), 0, if serial == 7 { 4 } else { 1 }))).collect();
    let likeness = compare(&entries, Threshold::new(4, 5).unwrap(), Threshold::new(3, 5).unwrap(), &Verdicts::new());
    let of = |entry: usize, code: Code| likeness.findings.iter().find(|finding| finding.entry == entry && finding.code == code);
    assert_eq!(of(0, Code::S404).map(|finding| finding.detail.clone()), Some(Detail::Alike { count: 4_998, is_settled: false }));
    assert_eq!(of(7, Code::S402).map(|finding| finding.detail.clone()), Some(Detail::Alike { count: 4_999, is_settled: false }));
    assert!(likeness.findings.iter().all(|finding| finding.related.len() <= MOST_RELATED));
}
