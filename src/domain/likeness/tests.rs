//! Holds [`findings`] against a loop over all pairs that says each code in the words of the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::entry::Declaration;
use crate::domain::status::Status;
use crate::domain::values::{CategoryId, EntryId, EntryNumber, OrganizationId};

const TITLES: &[&str] =
    &["守护一颗螺丝", "守护一颗螺丝！", "守护一颗螺帽", "点亮夜班的灯", "点亮夜班的灯的人", "1984年的灯", "1987年的灯", ""];
const SUMMARIES: &[&str] =
    &["", "清晨五点巡检员走完管线", "清晨五点，巡检员走完管线。", "清晨五点巡检员走完全部管线", "退货的产品摆在展柜里"];

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

fn expected(entries: &[Entry], title: Threshold, summary: Threshold) -> BTreeMap<(usize, Code, Severity), u32> {
    let titles: Vec<String> = entries.iter().map(|entry| fold_title(&entry.declaration.title)).collect();
    let summaries: Vec<String> = entries.iter().map(|entry| fold_text(&entry.declaration.summary)).collect();
    let pairs = |join: &Join| join.pairs().map(|pair| (pair.left, pair.right)).collect::<BTreeSet<_>>();
    let like_titles = pairs(&join(&titles, Options::for_titles(title)));
    let like_summaries = pairs(&join(&summaries, Options::for_summaries(summary)));
    let mut found = BTreeMap::new();
    for left in 0..entries.len() {
        for right in left + 1..entries.len() {
            let category = entries[left].category == entries[right].category;
            let unit = entries[left].organization == entries[right].organization;
            let title = !titles[left].is_empty() && titles[left] == titles[right];
            let summary = !summaries[left].is_empty() && summaries[left] == summaries[right];
            let mut codes = Vec::new();
            if category && [unit, title, summary].into_iter().filter(|same| *same).count() >= 2 {
                codes.push((Code::S404, Severity::Error));
            } else {
                if title && !category {
                    codes.push((Code::S401, Severity::Error));
                } else if like_titles.contains(&(left, right)) {
                    codes.push((Code::S402, Severity::Warning));
                }
                if like_summaries.contains(&(left, right)) {
                    codes.push((Code::S403, if unit && !category { Severity::Error } else { Severity::Warning }));
                }
            }
            for (code, severity) in codes {
                *found.entry((left, code, severity)).or_insert(0) += 1;
                *found.entry((right, code, severity)).or_insert(0) += 1;
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn every_pair_is_found_as_what_it_is(works in prop::collection::vec((0_usize..3, 0_i64..4, 0_usize..8, 0_usize..5), 0..24)) {
        // A unit has a title once in a category: the identity of a work.
        let mut seen = BTreeSet::new();
        let works: Vec<_> = works.into_iter().filter(|&(category, unit, title, _)| seen.insert((category, unit, fold_title(TITLES[title])))).collect();
        let entries: Vec<Entry> = works.into_iter().enumerate().map(|(serial, shape)| work(serial, shape)).collect();
        let (title, summary) = (Threshold::new(4, 5).unwrap(), Threshold::new(3, 5).unwrap());
        let likeness = compare(&entries, title, summary);
        prop_assert!(likeness.is_complete);
        let mut found = BTreeMap::new();
        for finding in &likeness.findings {
            let Detail::Alike { count } = finding.detail else { panic!("an S finding is about others") };
            prop_assert_eq!(finding.related.len(), count as usize);
            prop_assert!(!finding.related.contains(&finding.entry));
            found.insert((finding.entry, finding.code, finding.severity), count);
        }
        prop_assert_eq!(found, expected(&entries, title, summary));
    }
}

#[test]
fn thousands_of_copies_are_counted_and_few_are_named() {
    let entries: Vec<Entry> =
        (0..5_000).map(|serial| work(serial, (0, i64::try_from(serial).unwrap(), 0, if serial == 7 { 4 } else { 1 }))).collect();
    let likeness = compare(&entries, Threshold::new(4, 5).unwrap(), Threshold::new(3, 5).unwrap());
    let of = |entry: usize, code: Code| likeness.findings.iter().find(|finding| finding.entry == entry && finding.code == code);
    assert_eq!(of(0, Code::S404).map(|finding| finding.detail.clone()), Some(Detail::Alike { count: 4_998 }));
    assert_eq!(of(7, Code::S402).map(|finding| finding.detail.clone()), Some(Detail::Alike { count: 4_999 }));
    assert!(likeness.findings.iter().all(|finding| finding.related.len() <= MOST_RELATED));
}
