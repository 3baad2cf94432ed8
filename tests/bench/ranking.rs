//! How long scores, places and awards of 100,000 works with 10 marks each take: comfort, not correctness. Run with
//! `cargo bench --bench ranking`.

use std::collections::{BTreeMap, BTreeSet};

use dasai::domain::award::{AwardInput, RoundResult, propose_awards};
use dasai::domain::category::{
    Award, AwardQuota, Category, Combine, Criterion, JudgeSheet, LineTies, Normalize, Part, PartSource, Round, Rounding, ScoreRule,
    TieBreak, Trim,
};
use dasai::domain::judging::{JudgeMarks, Marks};
use dasai::domain::ranking::rank;
use dasai::domain::scoring::{EntryInput, score_round};
use dasai::domain::values::{AwardId, CategoryId, EntryId, EntryNumber, JudgeId, Points, RoundId, RoundingMode};

const WORKS: u32 = 100_000;
const JUDGES: i64 = 10;

fn main() {
    divan::main();
}

struct Contest {
    works: Vec<(EntryId, EntryNumber, Vec<JudgeMarks>)>,
    judges: Vec<JudgeId>,
}

/// Marks that look random and are the same on every run.
fn contest(by_criteria: bool) -> Contest {
    let mut state = 2024_u64;
    let mut below = move |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % bound).unwrap_or_default()
    };
    let judges: Vec<JudgeId> = (1..=JUDGES).map(JudgeId).collect();
    let mut works = Vec::new();
    for serial in 1..=WORKS {
        let mut sheets = Vec::new();
        for &judge in &judges {
            let mut mark = |most: u64| Points::from_millionths((i64::try_from(most / 2).unwrap_or_default() + below(most)) * 500_000);
            let marks =
                if by_criteria { Marks::Criteria([40, 30, 15, 15].map(|most| Some(mark(most))).to_vec()) } else { Marks::Total(mark(100)) };
            sheets.push(JudgeMarks { judge, marks });
        }
        works.push((EntryId(serial.into()), EntryNumber::from_parts("Y", serial), sheets));
    }
    Contest { works, judges }
}

fn round(by_criterion: bool) -> Round {
    let criterion = |(name, max): (&str, i64)| Criterion {
        group: None,
        name: name.to_owned(),
        min: Points::ZERO,
        max: Points::from_millionths(max * 1_000_000),
        factor: Points::from_millionths(1_000_000),
    };
    Round {
        id: RoundId::new("final"),
        name: "决赛".to_owned(),
        by_zone: false,
        minimum_judges: 3,
        judges: Some(JudgeSheet {
            criteria: [("主题内容", 40), ("语言表达", 30), ("形象风度", 15), ("综合效果", 15)].map(criterion).to_vec(),
            step: Points::from_millionths(500_000),
            trim: Some(Trim { highest: 1, lowest: 1, by_criterion, from: 5 }),
            combine: Combine::Mean,
            normalize: Normalize::None,
        }),
        timing: None,
        score: ScoreRule {
            parts: vec![Part { from: PartSource::Judges, weight: Some(Points::from_millionths(100_000_000)) }],
            rounding: Rounding { mode: RoundingMode::HalfUp, criterion: Some(2), factored: Some(2), judges: Some(2), r#final: Some(2) },
            tie_break: vec![TieBreak::Exact, TieBreak::Criterion("主题内容".to_owned()), TieBreak::HighestMark],
        },
        advance: None,
    }
}

fn inputs(contest: &Contest) -> Vec<EntryInput<'_>> {
    contest.works.iter().map(|(entry, number, sheets)| entry_input(*entry, number, sheets, &contest.judges)).collect()
}

fn entry_input<'a>(entry: EntryId, number: &'a EntryNumber, sheets: &'a [JudgeMarks], expected: &'a [JudgeId]) -> EntryInput<'a> {
    EntryInput { entry, number, zone: "", sheets, expected, seconds: None, votes: &[], given: &[] }
}

fn score_and_rank(bencher: divan::Bencher<'_, '_>, by_criteria: bool, by_criterion: bool) {
    let (contest, round) = (contest(by_criteria), round(by_criterion));
    let inputs = inputs(&contest);
    bencher.bench(|| {
        let scores = score_round(&round, &inputs).ok()?;
        let ranking = rank(&round, &scores);
        Some(ranking.tables.len())
    });
}

/// 1,000,000 totals.
#[divan::bench(sample_count = 10)]
fn totals(bencher: divan::Bencher<'_, '_>) {
    score_and_rank(bencher, false, false);
}

/// 1,000,000 sheets with four criteria each, trimmed by total.
#[divan::bench(sample_count = 10)]
fn criteria_trimmed_by_total(bencher: divan::Bencher<'_, '_>) {
    score_and_rank(bencher, true, false);
}

/// 1,000,000 sheets with four criteria each, trimmed by criterion.
#[divan::bench(sample_count = 10)]
fn criteria_trimmed_by_criterion(bencher: divan::Bencher<'_, '_>) {
    score_and_rank(bencher, true, true);
}

/// Three levels and the rest, from scores that are there.
#[divan::bench(sample_count = 10)]
fn awards(bencher: divan::Bencher<'_, '_>) {
    let (contest, round) = (contest(false), round(false));
    let inputs = inputs(&contest);
    let Ok(scores) = score_round(&round, &inputs) else { return };
    let level = |(id, count): (&str, Option<u32>)| Award {
        id: AwardId::new(id),
        name: id.to_owned(),
        round: count.map(|_| RoundId::new("final")),
        quota: count.map(AwardQuota::Count),
        ties: LineTies::Include,
    };
    let category = Category {
        id: CategoryId::new("speech"),
        name: "演讲".to_owned(),
        aliases: Vec::new(),
        prefix: "Y".to_owned(),
        required: Vec::new(),
        duration: None,
        length: None,
        per_organization: None,
        attachments: Vec::new(),
        rounds: Vec::new(),
        awards: [("first", Some(3000)), ("second", Some(9000)), ("third", Some(18000)), ("rest", None)].map(level).to_vec(),
    };
    let accepted: Vec<EntryId> = contest.works.iter().map(|(entry, ..)| *entry).collect();
    let (nobody, none, by_rule) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    let results = [RoundResult { round: &round, scores: &scores }];
    let input = AwardInput { rounds: &results, accepted: &accepted, ineligible: &nobody, vacant: &none, ties: &by_rule };
    bencher.bench(|| propose_awards(&category, &input).grants.len());
}
