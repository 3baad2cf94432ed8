//! Compares scores, places, advancement and awards with the oracle on thousands of random small contests. Marks come from a few values
//! only, so ties, trims among equals and halves at a rounding are the rule here, not the exception.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use proptest::prelude::*;

use super::oracle::{self, SlowScore};
use super::{EntryInput, MissingWhat, RoundScores, score_round};
use crate::domain::advancement::advance;
use crate::domain::award::{AwardInput, RoundResult, propose_awards};
use crate::domain::category::{
    Advance, Award, AwardQuota, Category, Combine, Criterion, JudgeSheet, LineTies, Normalize, Part, PartSource, Quota, QuotaBase, Round,
    Rounding, ScoreRule, TieBreak, Timing, TimingBand, TimingScale, Trim, VoteScale,
};
use crate::domain::combining::to_exact;
use crate::domain::judging::{JudgeMarks, Marks};
use crate::domain::ranking::{RankingTable, rank, rank_all};
use crate::domain::values::{AwardId, CategoryId, EntryId, EntryNumber, JudgeId, OrganizationId, Points, RoundId, RoundingMode};

/// A stream of choices that proptest can shrink towards zeros.
struct Choices(std::vec::IntoIter<u8>);

impl Choices {
    fn below(&mut self, bound: u8) -> u8 {
        self.0.next().unwrap_or(0) % bound
    }

    fn one_in(&mut self, chance: u8) -> bool {
        self.below(chance) == chance - 1
    }

    fn of<T: Clone>(&mut self, options: &[T]) -> T {
        let bound = u8::try_from(options.len()).expect("few");
        options.get(usize::from(self.below(bound))).expect("below").clone()
    }

    fn decimals(&mut self) -> Option<u32> {
        self.of(&[None, Some(2), Some(1), Some(0)])
    }
}

/// One work as generated.
struct Work {
    entry: EntryId,
    number: EntryNumber,
    zone: &'static str,
    sheets: Vec<JudgeMarks>,
    seconds: Option<u32>,
    votes: Vec<(String, u64)>,
    given: Vec<(String, Points)>,
}

struct Contest {
    round: Round,
    works: Vec<Work>,
    judges: Vec<JudgeId>,
}

impl Contest {
    fn inputs(&self) -> Vec<EntryInput<'_>> {
        let works = self.works.iter();
        works
            .map(|Work { entry, number, zone, sheets, seconds, votes, given }| EntryInput {
                entry: *entry,
                number,
                zone,
                sheets,
                expected: &self.judges,
                seconds: *seconds,
                votes,
                given,
            })
            .collect()
    }
}

fn points(text: &str) -> Points {
    Points::parse(text).expect("a decimal")
}

fn round(choices: &mut Choices, id: &str) -> Round {
    let combine = choices.of(&[Combine::Mean, Combine::Mean, Combine::Mean, Combine::Sum, Combine::Median, Combine::RankSum]);
    let ranks = combine == Combine::RankSum;
    let names = ["内容", "语言", "形象"];
    let count = 1 + usize::from(choices.below(3));
    let criteria = names.iter().take(count).map(|name| Criterion {
        group: None,
        name: (*name).to_owned(),
        min: Points::ZERO,
        max: points("10"),
        factor: points(choices.of(&["1", "1", "1.6", "0.5", "0.333333"])),
    });
    let criteria: Vec<Criterion> = criteria.collect();
    let trim = (choices.below(3) > 0).then(|| Trim {
        highest: choices.below(3).into(),
        lowest: choices.below(3).into(),
        by_criterion: choices.below(2) == 1 && !ranks,
        from: choices.below(6).into(),
    });
    let by_criterion = trim.is_some_and(|trim| trim.by_criterion);
    let timing = choices.one_in(3).then(|| Timing {
        min: choices.of(&[None, Some(300)]),
        max: choices.of(&[None, Some(480)]),
        grace: choices.of(&[0, 10]),
        scale: if choices.below(2) == 0 {
            TimingScale::Bands(vec![TimingBand { over: 10, points: points("0.2") }, TimingBand { over: 30, points: points("0.5") }])
        } else {
            TimingScale::Each { seconds: 10, points: points("0.1") }
        },
        cap: choices.of(&[None, Some(points("0.4"))]),
        exclude_over: choices.of(&[None, Some(60)]),
        before_trim: ranks || (!by_criterion && choices.below(2) == 1),
    });
    // Without a judges' part their marks only serve special awards, and nothing of them may reach the score.
    let asks_judges = !choices.one_in(6);
    let mut parts = Vec::new();
    if asks_judges {
        parts.push(Part { from: PartSource::Judges, weight: choices.of(&[None, Some(points("90")), Some(points("33.3"))]) });
    }
    if !asks_judges || (!ranks && choices.one_in(2)) {
        parts.push(Part { from: PartSource::Given { name: "答辩".to_owned() }, weight: choices.of(&[None, Some(points("10"))]) });
    }
    if !(ranks && asks_judges) && choices.one_in(2) {
        let scale = choices.of(&[
            VoteScale::ShareOfTop,
            VoteScale::ShareOfTotal,
            VoteScale::RankPoints(vec![points("5"), points("4"), points("3")]),
            VoteScale::RankBands { bands: vec![(points("20"), points("20")), (points("40"), points("16"))], otherwise: points("4") },
            VoteScale::PerVote { points: points("0.05"), cap: Some(points("1")) },
        ]);
        parts.push(Part { from: PartSource::Votes { channel: "audience".to_owned(), scale }, weight: Some(points("10")) });
    }
    let rules = [
        TieBreak::Exact,
        TieBreak::Part("judges".to_owned()),
        TieBreak::Part("答辩".to_owned()),
        TieBreak::Criterion("内容".to_owned()),
        TieBreak::HighestMark,
    ];
    // Under a sum of places the criteria are not the oracle's matter.
    let tie_break = (0..choices.below(4)).map(|_| choices.of(&rules)).filter(|rule| !ranks || !matches!(rule, TieBreak::Criterion(_)));
    let tie_break = tie_break.collect();
    Round {
        id: RoundId::new(id),
        name: "决赛".to_owned(),
        by_zone: choices.one_in(3),
        minimum_judges: u32::from(choices.below(3)) + 1,
        judges: Some(JudgeSheet { criteria, step: Points::ZERO, trim, combine, normalize: Normalize::None }),
        timing,
        score: ScoreRule {
            parts,
            rounding: Rounding {
                mode: choices.of(&[RoundingMode::HalfUp, RoundingMode::HalfEven]),
                criterion: choices.decimals(),
                factored: choices.decimals(),
                judges: choices.decimals(),
                r#final: choices.decimals(),
            },
            tie_break,
        },
        advance: None,
    }
}

fn contest(choices: &mut Choices, id: &str, works: u8) -> Contest {
    let round = round(choices, id);
    let sheet = round.judges.as_ref().expect("generated");
    let criteria = sheet.criteria.len();
    let whole_sheets = sheet.combine == Combine::RankSum;
    let judges: Vec<JudgeId> = (1..=i64::from(choices.below(7)) + 1).map(JudgeId).collect();
    let values = ["8", "8.5", "9", "7.5", "0", "9.25"].map(points);
    let mut list = Vec::new();
    for serial in 1..=works {
        let mut sheets = Vec::new();
        for &judge in &judges {
            let state = if whole_sheets { 0 } else { choices.below(16) };
            let mut marks = |may_lack: bool| {
                Marks::Criteria((0..criteria).map(|_| (!(may_lack && choices.one_in(3))).then(|| choices.of(&values))).collect())
            };
            let marks = match state {
                12 => Marks::Absent,
                13 => Marks::Recused,
                14 => marks(true),
                15 => continue,
                11 => Marks::Total(points("17.5")),
                _ => marks(false),
            };
            sheets.push(JudgeMarks { judge, marks });
        }
        let seconds =
            choices.of(&[Some(400), None, Some(479), Some(490), Some(491), Some(510), Some(511), Some(540), Some(541), Some(255)]);
        let votes = if choices.one_in(8) { Vec::new() } else { vec![("audience".to_owned(), u64::from(choices.below(5)))] };
        let given = if choices.one_in(8) { Vec::new() } else { vec![("答辩".to_owned(), choices.of(&[points("5"), points("-1.5")]))] };
        list.push(Work {
            entry: EntryId(serial.into()),
            number: EntryNumber::from_parts("Y", serial.into()),
            zone: choices.of(&["东", "西", ""]),
            sheets,
            seconds,
            votes,
            given,
        });
    }
    Contest { round, works: list, judges }
}

fn compare_scores(round: &Round, fast: &RoundScores, slow: &[SlowScore]) -> Result<(), TestCaseError> {
    prop_assert_eq!(fast.scores.len(), slow.len());
    for (fast_score, slow_score) in fast.scores.iter().zip(slow) {
        let entry = slow_score.entry;
        prop_assert_eq!(fast_score.entry, entry);
        let ratio = |value: &super::Exact| value.to_ratio();
        prop_assert_eq!(&fast_score.exact.as_ref().map(ratio), &slow_score.exact, "exact score of {:?}", entry);
        prop_assert_eq!(&fast_score.final_score.as_ref().map(ratio), &slow_score.score, "final score of {:?}", entry);
        let parts: Vec<_> = fast_score.parts.iter().map(|(_, value)| value.as_ref().map(ratio)).collect();
        prop_assert_eq!(&parts, &slow_score.parts, "parts of {:?}", entry);
        prop_assert_eq!(&fast_score.highest.map(to_exact).as_ref().map(ratio), &slow_score.highest, "highest mark of {:?}", entry);
        if round.judges.as_ref().is_some_and(|sheet| sheet.combine != Combine::RankSum) {
            let criteria: Vec<_> = fast_score.criteria.iter().map(|value| value.as_ref().map(ratio)).collect();
            prop_assert_eq!(&criteria, &slow_score.criteria, "criteria of {:?}", entry);
        }
        let mut dropped = BTreeSet::new();
        for judge in &fast_score.judges {
            dropped.extend(judge.dropped.then_some((judge.judge, None)));
            dropped.extend(judge.dropped_criteria.iter().map(|index| (judge.judge, Some(*index))));
        }
        prop_assert_eq!(&dropped, &slow_score.dropped, "dropped marks of {:?}", entry);
        let (mut judges, mut parts, mut too_few) = (BTreeSet::new(), BTreeSet::new(), false);
        for missing in fast.missing.iter().filter(|missing| missing.entry == entry) {
            match &missing.what {
                MissingWhat::Judge(judge) => prop_assert!(judges.insert(*judge), "listed once"),
                MissingWhat::Part(key) => prop_assert!(parts.insert(key.clone()), "listed once"),
                MissingWhat::TooFewJudges { .. } => too_few = true,
            }
        }
        prop_assert_eq!(fast_score.incomplete, !judges.is_empty() || !parts.is_empty() || too_few);
        prop_assert_eq!((&judges, &parts, too_few), (&slow_score.missing_judges, &slow_score.missing_parts, slow_score.too_few));
    }
    Ok(())
}

fn compare_places(round: &Round, table: &RankingTable, slow: &[SlowScore]) -> Result<(), TestCaseError> {
    let own: Vec<&SlowScore> = slow.iter().filter(|work| table.zone.as_ref().is_none_or(|zone| *zone == work.zone)).collect();
    let field: Vec<&SlowScore> = own.iter().copied().filter(|work| work.score.is_some()).collect();
    prop_assert_eq!(table.ranked.len(), field.len());
    prop_assert_eq!(table.unranked.len(), own.len() - field.len());
    for (position, ranked) in table.ranked.iter().enumerate() {
        let own = field.iter().find(|work| work.entry == ranked.entry).expect("ranked by both");
        let span = oracle::span(round, own, &field);
        prop_assert_eq!(usize::try_from(ranked.place).expect("few"), span.0, "place of {:?}", ranked.entry);
        prop_assert!((span.0..=span.1).contains(&(position + 1)));
        let tied: Vec<&str> = table.tied_with(ranked).map(|other| other.number.as_str()).collect();
        let mut expected: Vec<&str> = Vec::new();
        let mut decided = None;
        for other in field.iter().filter(|other| other.entry != own.entry) {
            match oracle::beats(round, own, other) {
                None => expected.push(&other.number),
                Some((_, rule)) => decided = decided.max(rule),
            }
        }
        prop_assert_eq!(tied, expected);
        prop_assert_eq!(ranked.tie_break, decided, "tie-break of {:?}", ranked.entry);
    }
    Ok(())
}

fn any_share(choices: &mut Choices) -> Points {
    points(choices.of(&["10", "30", "33.333333"]))
}

fn award_quota(choices: &mut Choices) -> AwardQuota {
    if choices.one_in(3) {
        AwardQuota::Share { percent: any_share(choices), of: choices.of(&[QuotaBase::Works, QuotaBase::Round]) }
    } else {
        AwardQuota::Count(choices.below(4).into())
    }
}

fn any_quota(choices: &mut Choices, by_zone: bool) -> Quota {
    match choices.below(4) {
        3 if by_zone => {
            let mut zone = |name: &str| (name.to_owned(), u32::from(choices.below(4)));
            Quota::PerZone(vec![zone("西"), zone("东"), zone("北")])
        }
        2 => Quota::Share(any_share(choices)),
        _ => Quota::Count(choices.below(4).into()),
    }
}

fn any_ties(choices: &mut Choices) -> LineTies {
    choices.of(&[LineTies::Ask, LineTies::Include, LineTies::Cut])
}

fn compare_advancement(choices: &mut Choices, round: &Round, fast: &RoundScores, slow: &[SlowScore]) -> Result<(), TestCaseError> {
    let rule = Advance {
        to: RoundId::new("next"),
        quota: any_quota(choices, round.by_zone),
        max_per_organization: choices.of(&[None, Some(1), Some(2)]),
        ties: any_ties(choices),
    };
    let units = any_ties(choices);
    let few = i64::from(choices.below(4)) + 1;
    let unit = |entry: EntryId| OrganizationId(entry.0 % few);
    let advancement = advance(&rule, round, fast, units, |entry| Some(unit(entry)));
    let lists = oracle::lists(&rule, slow);
    prop_assert!(advancement.tables.len() >= lists.len());
    prop_assert!(advancement.tables.iter().skip(lists.len()).all(|table| table.seats == 0 && table.through.is_empty()));
    for (table, list) in advancement.tables.iter().zip(lists) {
        prop_assert_eq!(table.seats, list.0);
        let seats: usize = table.through.len() + table.questions.iter().map(|question| question.seats).sum::<usize>();
        let found = oracle::SlowAdvancement {
            through: table.through.iter().copied().collect(),
            asked: table.questions.iter().flat_map(|question| question.works.iter().copied()).collect(),
            cut: table.cut.iter().copied().collect(),
            skipped: table.skipped.iter().map(|(entry, _)| *entry).collect(),
            seats,
        };
        prop_assert_eq!(found, oracle::advancement(&rule, round, units, list, unit));
    }
    Ok(())
}

fn award(choices: &mut Choices, id: &str, round: &str) -> Award {
    let ties = any_ties(choices);
    Award { id: AwardId::new(id), name: id.to_owned(), round: Some(RoundId::new(round)), quota: Some(award_quota(choices)), ties }
}

fn compare_awards(choices: &mut Choices, rounds: [(&Round, &RoundScores, &[SlowScore]); 2]) -> Result<(), TestCaseError> {
    let third_from = choices.of(&["final", "first-round"]);
    let mut awards = vec![award(choices, "first", "final"), award(choices, "second", "final"), award(choices, "third", third_from)];
    awards.push(Award { id: AwardId::new("rest"), name: "参赛".to_owned(), round: None, quota: None, ties: LineTies::Ask });
    let accepted: Vec<EntryId> = (1..=8).map(EntryId).collect();
    let ineligible: BTreeSet<EntryId> = accepted.iter().copied().filter(|_| choices.one_in(5)).collect();
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
        awards,
    };
    let results = rounds.map(|(round, scores, _)| RoundResult { round, scores });
    let ids: Vec<AwardId> = category.awards.iter().map(|award| award.id.clone()).collect();
    let vacant: BTreeSet<AwardId> = ids.iter().filter(|_| choices.one_in(6)).cloned().collect();
    let decided: Vec<&AwardId> = ids.iter().filter(|_| choices.one_in(4)).collect();
    let ties: BTreeMap<AwardId, LineTies> =
        decided.into_iter().map(|id| (id.clone(), choices.of(&[LineTies::Include, LineTies::Cut]))).collect();
    let input = AwardInput { rounds: &results, accepted: &accepted, ineligible: &ineligible, vacant: &vacant, ties: &ties };
    let proposal = propose_awards(&category, &input);
    let slow_rounds = rounds.map(|(round, _, slow)| (round, slow));
    let (granted, waiting, settled) = oracle::awards(&category.awards, &slow_rounds, &accepted, &ineligible, &vacant, &ties);
    prop_assert_eq!(&proposal.settled, &settled);
    let fast: BTreeMap<EntryId, AwardId> = proposal.grants.iter().map(|grant| (grant.entry, grant.award.clone())).collect();
    prop_assert_eq!(fast.len(), proposal.grants.len(), "one level a work");
    prop_assert_eq!(fast, granted);
    let open = proposal.questions.iter().flat_map(|question| question.works.iter().map(|work| (*work, question.award.clone())));
    prop_assert_eq!(open.collect::<BTreeMap<EntryId, AwardId>>(), waiting);
    let counted: usize = proposal.levels.iter().map(|level| level.granted).sum();
    prop_assert_eq!(counted, proposal.grants.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn agrees_with_the_oracle(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
        let mut choices = Choices(bytes.into_iter());
        let finalists = 1 + choices.below(7);
        let last = contest(&mut choices, "final", finalists);
        let first = contest(&mut choices, "first-round", 8);
        let mut computed = Vec::new();
        for contest in [&last, &first] {
            let inputs = contest.inputs();
            let fast = score_round(&contest.round, &inputs).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
            let slow = oracle::scores(&contest.round, &inputs);
            compare_scores(&contest.round, &fast, &slow)?;
            for table in rank_all(&contest.round, &fast).tables.iter().chain(&rank(&contest.round, &fast).tables) {
                compare_places(&contest.round, table, &slow)?;
            }
            compare_advancement(&mut choices, &contest.round, &fast, &slow)?;
            let backwards: Vec<EntryInput<'_>> = inputs.iter().rev().copied().collect();
            let again = score_round(&contest.round, &backwards);
            prop_assert_eq!(again.as_ref(), Ok(&fast), "the order of works must not matter");
            computed.push((fast, slow));
        }
        if let [(last_fast, last_slow), (first_fast, first_slow)] = computed.as_slice() {
            let rounds = [(&last.round, last_fast, last_slow.as_slice()), (&first.round, first_fast, first_slow.as_slice())];
            compare_awards(&mut choices, rounds)?;
        }
    }

    #[test]
    fn the_oracle_rounds_as_the_fast_one(numerator in -100_000_i64..100_000, denominator in 1_i64..500, decimals in 0_u32..4) {
        let exact = super::Exact::ratio(numerator, denominator).expect("not zero");
        let plain = oracle::Fraction::new(BigInt::from(numerator), BigInt::from(denominator));
        for mode in [RoundingMode::HalfUp, RoundingMode::HalfEven] {
            prop_assert_eq!(exact.round(decimals, mode).to_ratio(), oracle::rounded(&plain, Some(decimals), mode));
        }
    }
}
