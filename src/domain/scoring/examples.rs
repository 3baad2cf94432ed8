//! The worked examples of `docs/scoring.md`: each is computed here, and its line must stand in the document.

use std::collections::{BTreeMap, BTreeSet};

use super::{EntryInput, EntryScore, RoundScores, score_round};
use crate::domain::advancement::{AdvanceReason, advance};
use crate::domain::award::{AwardInput, Proposal, RoundResult, propose_awards};
use crate::domain::category::{
    Advance, Award, AwardQuota, Category, Combine, Criterion, JudgeSheet, LineTies, Normalize, Part, PartSource, Quota, QuotaBase, Round,
    Rounding, ScoreRule, TieBreak, Timing, TimingBand, TimingScale, Trim, VoteScale,
};
use crate::domain::judging::{JudgeMarks, Marks};
use crate::domain::overtime::judge_time;
use crate::domain::ranking::{rank, rank_all};
use crate::domain::refusal::{Conflict, Refusal};
use crate::domain::values::{AwardId, CategoryId, EntryId, EntryNumber, Exact, JudgeId, OrganizationId, Points, RoundId, RoundingMode};
use crate::domain::vote_scale;

const DOCUMENT: &str = include_str!("../../../docs/scoring.md");

/// The document must hold this line.
fn documented(line: &str) {
    assert!(DOCUMENT.contains(line), "docs/scoring.md lacks: {line}");
}

fn points(text: &str) -> Points {
    Points::parse(text).expect("a decimal")
}

fn round(trim: Option<Trim>, rounding: Rounding) -> Round {
    let criterion = |(name, factor): (&str, &str)| Criterion {
        group: None,
        name: name.to_owned(),
        min: Points::ZERO,
        max: points("100"),
        factor: points(factor),
    };
    Round {
        id: RoundId::new("final"),
        name: "决赛".to_owned(),
        by_zone: false,
        minimum_judges: 1,
        judges: Some(JudgeSheet {
            criteria: [("主题内容", "1.6"), ("语言表达", "1")].map(criterion).to_vec(),
            step: Points::ZERO,
            trim,
            combine: Combine::Mean,
            normalize: Normalize::None,
        }),
        timing: None,
        score: ScoreRule { parts: vec![Part { from: PartSource::Judges, weight: None }], rounding, tie_break: Vec::new() },
        advance: None,
    }
}

fn at_the_end(decimals: u32, mode: RoundingMode) -> Rounding {
    Rounding { mode, criterion: None, factored: None, judges: None, r#final: Some(decimals) }
}

fn half_up() -> Rounding {
    at_the_end(2, RoundingMode::HalfUp)
}

/// Works numbered from 1 with the totals that judges 1, 2, … gave.
struct Works(Vec<(EntryNumber, Vec<JudgeMarks>)>);

impl Works {
    fn new(works: impl IntoIterator<Item = Vec<Marks>>) -> Self {
        let sheets = |marks: Vec<Marks>| (1..).zip(marks).map(|(judge, marks)| JudgeMarks { judge: JudgeId(judge), marks }).collect();
        Self((1..).zip(works).map(|(serial, marks)| (EntryNumber::from_parts("Y", serial), sheets(marks))).collect())
    }

    fn totals<const JUDGES: usize>(works: impl IntoIterator<Item = [&'static str; JUDGES]>) -> Self {
        Self::new(works.into_iter().map(|totals| totals.map(|total| Marks::Total(points(total))).to_vec()))
    }

    fn inputs(&self) -> Vec<EntryInput<'_>> {
        let works = (1..).zip(&self.0);
        works
            .map(|(id, (number, sheets))| EntryInput {
                entry: EntryId(id),
                number,
                zone: "",
                sheets,
                expected: &[],
                seconds: None,
                votes: &[],
                given: &[],
            })
            .collect()
    }

    fn scores(&self, round: &Round) -> RoundScores {
        score_round(round, &self.inputs()).expect("computed")
    }
}

fn only(scores: &RoundScores) -> &EntryScore {
    scores.scores.first().expect("one work")
}

#[test]
fn a_half_goes_where_the_mode_says() {
    for (mode, name, expected) in [(RoundingMode::HalfUp, "half_up", "89.13"), (RoundingMode::HalfEven, "half_even", "89.12")] {
        let works = Works::totals([["89.0", "89.25"]]);
        let scores = works.scores(&round(None, at_the_end(2, mode)));
        let score = only(&scores);
        assert_eq!(score.exact, Some(Exact::from(points("89.125"))));
        assert_eq!(score.final_score.as_ref().map(|score| score.to_fixed(2)).as_deref(), Some(expected));
        documented(&format!("| {name} | 89, 89.25 | 89.125 | {expected} |"));
    }
}

#[test]
fn two_marks_make_a_mean() {
    let works = Works::totals([["112", "114"]]);
    let trim = Trim { highest: 1, lowest: 1, by_criterion: false, from: 4 };
    let scores = works.scores(&round(Some(trim), half_up()));
    assert_eq!(only(&scores).final_score, Some(Exact::integer(113)));
    documented("112, 114 → 113");
}

#[test]
fn one_of_equal_marks_is_dropped_on_each_side() {
    let works = Works::totals([["90", "95", "95", "88", "88"]]);
    let trim = Trim { highest: 1, lowest: 1, by_criterion: false, from: 5 };
    let scores = works.scores(&round(Some(trim), half_up()));
    let dropped: Vec<i64> = only(&scores).judges.iter().filter(|judge| judge.dropped).map(|judge| judge.judge.0).collect();
    assert_eq!(dropped, [3, 4], "the later of the highest, the earlier of the lowest");
    assert_eq!(only(&scores).final_score, Some(Exact::integer(91)));
    documented("90, 95, 95, 88, 88 → (90 + 95 + 88) ÷ 3 = 91");
}

#[test]
fn stages_by_criterion_round_one_after_the_other() {
    let sheet = |content, language| Marks::Criteria(vec![Some(points(content)), Some(points(language))]);
    let works = Works::new([vec![sheet("8", "9"), sheet("8.5", "9.5"), sheet("9", "8"), sheet("8.5", "9"), sheet("7", "9.5")]]);
    let trim = Trim { highest: 1, lowest: 1, by_criterion: true, from: 5 };
    let stages = Rounding { mode: RoundingMode::HalfUp, criterion: Some(2), factored: Some(1), judges: Some(2), r#final: Some(2) };
    let scores = works.scores(&round(Some(trim), stages));
    let criteria: Vec<String> = only(&scores).criteria.iter().flatten().map(|mark| mark.to_fixed(2)).collect();
    assert_eq!(criteria, ["8.33", "9.17"]);
    assert_eq!(only(&scores).final_score.as_ref().map(|score| score.to_fixed(2)).as_deref(), Some("22.50"));
    documented("8.33 × 1.6 = 13.328 → 13.3");
    documented("9.17 × 1 → 9.2");
    documented("13.3 + 9.2 = 22.50");
}

#[test]
fn absent_recused_not_entered_and_zero_are_four_things() {
    let mark = || Marks::Total(points("90"));
    let works = Works::new([
        vec![mark(), mark(), Marks::Absent],
        vec![mark(), mark(), Marks::Recused],
        vec![mark(), mark(), Marks::Criteria(vec![Some(points("10")), None])],
        vec![mark(), mark(), Marks::Total(Points::ZERO)],
    ]);
    let scores = works.scores(&round(None, half_up()));
    let found: Vec<(String, bool)> = scores
        .scores
        .iter()
        .map(|score| (score.final_score.as_ref().map_or_else(String::new, |score| score.to_fixed(2)), score.incomplete))
        .collect();
    let expected = [("90.00", false), ("90.00", false), ("90.00", true), ("60.00", false)];
    assert_eq!(found, expected.map(|(score, incomplete)| (score.to_owned(), incomplete)));
    assert!(!scores.is_complete());
}

#[test]
fn places_are_competition_places() {
    let works = Works::totals([["71"], ["72"], ["71"], ["70"], ["71"]]);
    let round = round(None, half_up());
    let scores = works.scores(&round);
    let ranking = rank(&round, &scores);
    let table = ranking.tables.first().expect("one");
    assert_eq!(table.ranked.iter().map(|work| work.place).collect::<Vec<_>>(), [1, 2, 2, 2, 5]);
    let second = table.ranked.get(1).expect("five");
    assert_eq!(table.tied_with(second).map(|work| work.number.as_str()).collect::<Vec<_>>(), ["Y003", "Y005"]);
    documented("72, 71, 71, 71, 70 → 1, 2, 2, 2, 5");
}

#[test]
fn a_rule_for_ties_is_named_where_it_decides() {
    let works = Works::totals([["80", "90"], ["85", "85.004"], ["70", "70"]]);
    let mut round = round(None, half_up());
    round.score.rounding.r#final = Some(0);
    round.score.tie_break = vec![TieBreak::HighestMark, TieBreak::Exact];
    let ranking = rank(&round, &works.scores(&round));
    let found: Vec<(u32, Option<usize>)> =
        ranking.tables.iter().flat_map(|table| &table.ranked).map(|work| (work.place, work.tie_break)).collect();
    assert_eq!(found, [(1, Some(0)), (2, Some(0)), (3, None)]);
}

#[test]
fn votes_become_points_on_every_scale() {
    let votes = [Some(200_000), Some(150_000), Some(150_000), None, Some(0)];
    let on = |scale: &VoteScale| {
        let text = |value: &Option<Exact>| value.as_ref().map_or_else(|| "–".to_owned(), Exact::to_string);
        vote_scale::points(scale, &votes).iter().map(text).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(on(&VoteScale::ShareOfTop), "100 75 75 – 0");
    documented("150000 ÷ 200000 × 100 = 75");
    assert_eq!(on(&VoteScale::ShareOfTotal), "40 30 30 – 0");
    assert_eq!(on(&VoteScale::RankPoints(["5", "4", "3"].map(points).to_vec())), "5 4 4 – 0");
    let bands = ["20", "40"].map(points).into_iter().zip(["20", "16"].map(points)).collect();
    assert_eq!(on(&VoteScale::RankBands { bands, otherwise: points("4") }), "20 16 16 – 4");
    assert_eq!(on(&VoteScale::PerVote { points: points("0.05"), cap: Some(points("25")) }), "25 25 25 – 0");
    assert_eq!(vote_scale::points(&VoteScale::ShareOfTop, &[Some(0)]), [Some(Exact::zero())]);
}

#[test]
fn time_costs_by_bands_or_by_started_spans() {
    let bands = [(10, "0.2"), (30, "0.5")].map(|(over, cost)| TimingBand { over, points: points(cost) });
    let mut timing = Timing {
        min: Some(300),
        max: Some(480),
        grace: 10,
        scale: TimingScale::Bands(bands.to_vec()),
        cap: None,
        exclude_over: Some(240),
        before_trim: false,
    };
    let cost = |timing: &Timing, seconds| judge_time(timing, seconds).deduction.to_string();
    assert_eq!(
        [300, 480, 490, 491, 510, 511, 290, 289].map(|seconds| cost(&timing, seconds)),
        ["0", "0", "0", "0.2", "0.2", "0.5", "0", "0.2"]
    );
    documented("| 490 | 10 | 0 |");
    documented("| 491 | 11 | 0.2 |");
    documented("| 511 | 31 | 0.5 |");
    assert!(!judge_time(&timing, 720).excluded);
    assert!(judge_time(&timing, 721).excluded);
    timing.scale = TimingScale::Each { seconds: 10, points: points("0.1") };
    timing.cap = Some(points("0.25"));
    assert_eq!([490, 491, 500, 501, 600].map(|seconds| cost(&timing, seconds)), ["0", "0.1", "0.1", "0.2", "0.25"]);
}

#[test]
fn places_of_judges_add_up() {
    let works = Works::totals([["90", "80"], ["90", "85"], ["70", "75"]]);
    let mut round = round(None, half_up());
    round.judges.as_mut().expect("a sheet").combine = Combine::RankSum;
    let scores = works.scores(&round);
    let sums: Vec<String> = scores.scores.iter().filter_map(|score| score.final_score.as_ref().map(Exact::to_string)).collect();
    assert_eq!(sums, ["3.5", "2.5", "6"]);
    documented("1.5 + 2 = 3.5");
    let first = rank(&round, &scores).tables.first().and_then(|table| table.ranked.first().map(|work| work.entry));
    assert_eq!(first, Some(EntryId(2)), "the smaller sum is better");
    let lacking = Works::new([vec![Marks::Total(points("90"))], vec![Marks::Absent], vec![Marks::Total(points("80"))]]);
    let refused = score_round(&round, &lacking.inputs());
    assert_eq!(refused, Err(Refusal::JudgeMarkedNotAll { judge: JudgeId(1), unmarked: Vec::new(), excused: vec![EntryId(2)] }));
}

#[test]
fn places_of_judges_turn_no_ranking_round_that_they_are_no_part_of() {
    let works = Works::totals([["90", "80"], ["90", "85"], ["70", "75"]]);
    let mut round = round(None, half_up());
    round.judges.as_mut().expect("a sheet").combine = Combine::RankSum;
    round.score.parts = vec![Part { from: PartSource::Given { name: "网络投票得分".to_owned() }, weight: None }];
    let given = ["90", "60", "75"].map(|votes| [("网络投票得分".to_owned(), points(votes))]);
    let inputs: Vec<EntryInput<'_>> = works.inputs().into_iter().zip(&given).map(|(input, given)| EntryInput { given, ..input }).collect();
    let scores = score_round(&round, &inputs).expect("computed");
    let places: Vec<i64> = rank(&round, &scores).tables.iter().flat_map(|table| &table.ranked).map(|ranked| ranked.entry.0).collect();
    assert_eq!(places, [1, 3, 2], "more votes are better");
    assert!(scores.is_complete());
}

#[test]
fn a_quota_is_told_before_its_round_begins() {
    let round = round(None, half_up());
    let other = Round { id: RoundId::new("semifinal"), ..round.clone() };
    let share = |id: &str, of| {
        let quota = Some(AwardQuota::Share { percent: points("50"), of });
        Award { quota, ..level(id, Some("final"), 0, LineTies::Ask) }
    };
    let awards = vec![
        level("first", Some("final"), 3, LineTies::Ask),
        share("second", QuotaBase::Works),
        share("third", QuotaBase::Round),
        level("vacant", Some("final"), 3, LineTies::Ask),
    ];
    let proposal = propose(awards, &other, &RoundScores::default(), &[], &["vacant"]);
    assert_eq!(proposal.levels.iter().map(|level| level.quota).collect::<Vec<_>>(), [Some(3), Some(3), None, Some(0)]);
    assert!(proposal.levels.iter().all(|level| level.incomplete));
}

#[test]
fn a_tie_of_many_works_is_advanced_at_once() {
    let works = Works::new((0..2_000).map(|_| vec![Marks::Total(points("80"))]).collect::<Vec<_>>());
    let round = round(None, half_up());
    let scores = works.scores(&round);
    let rule = Advance { to: RoundId::new("next"), quota: Quota::Count(30), max_per_organization: Some(2), ties: LineTies::Ask };
    let advancement = advance(&rule, &round, &scores, LineTies::Ask, |entry| Some(OrganizationId(entry.0 / 3)));
    let question = advancement.tables.first().and_then(|table| table.questions.first()).expect("a tie across the line");
    assert_eq!((question.seats, question.works.len()), (30, 2_000));
    assert!(question.works.is_sorted(), "by number");
}

#[test]
fn contradicting_rules_are_refused() {
    let mut round = round(Some(Trim { highest: 1, lowest: 1, by_criterion: true, from: 5 }), half_up());
    round.judges.as_mut().expect("a sheet").combine = Combine::RankSum;
    assert_eq!(score_round(&round, &[]), Err(Refusal::Conflict(Conflict::RankSumByCriterion)));
}

fn level(id: &str, round: Option<&str>, count: u32, ties: LineTies) -> Award {
    Award {
        id: AwardId::new(id),
        name: id.to_owned(),
        round: round.map(RoundId::new),
        quota: round.map(|_| AwardQuota::Count(count)),
        ties,
    }
}

fn propose(awards: Vec<Award>, round: &Round, scores: &RoundScores, ineligible: &[i64], vacant: &[&str]) -> Proposal {
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
    let accepted: Vec<EntryId> = (1..=6).map(EntryId).collect();
    let input = AwardInput {
        rounds: &[RoundResult { round, scores }],
        accepted: &accepted,
        ineligible: &ineligible.iter().copied().map(EntryId).collect::<BTreeSet<_>>(),
        vacant: &vacant.iter().copied().map(AwardId::new).collect::<BTreeSet<_>>(),
        ties: &BTreeMap::new(),
    };
    propose_awards(&category, &input)
}

fn granted(proposal: &Proposal) -> Vec<(i64, &str)> {
    proposal.grants.iter().map(|grant| (grant.entry.0, grant.award.as_str())).collect()
}

#[test]
fn a_promoted_tie_shrinks_the_next_level() {
    // Places 1, 2, 2, 4, 5; the best work may take no award in the third case.
    let works = Works::totals([["90"], ["85"], ["85"], ["80"], ["70"]]);
    let round = round(None, half_up());
    let scores = works.scores(&round);
    let with = |ties| {
        let level = |(id, count)| level(id, Some("final"), count, ties);
        [("first", 2), ("second", 1), ("third", 1)].map(level).to_vec()
    };
    let expand = propose(with(LineTies::Include), &round, &scores, &[], &[]);
    assert_eq!(granted(&expand), [(1, "first"), (2, "first"), (3, "first"), (4, "third")]);
    documented("three firsts, no second, one third");
    let shrink = propose(with(LineTies::Cut), &round, &scores, &[], &[]);
    assert_eq!(granted(&shrink), [(1, "first"), (2, "second"), (3, "second"), (4, "third")]);
    let ask = propose(with(LineTies::Ask), &round, &scores, &[], &[]);
    assert_eq!(granted(&ask), [(1, "first"), (4, "third")]);
    let question = ask.questions.first().expect("a tie across the line");
    assert_eq!((question.works.as_slice(), question.room), ([EntryId(2), EntryId(3)].as_slice(), 1));
    assert_eq!(question.otherwise.as_ref().map(AwardId::as_str), Some("second"));
    let without_best = propose(with(LineTies::Ask), &round, &scores, &[1], &[]);
    assert_eq!(granted(&without_best), [(2, "first"), (3, "first"), (4, "second"), (5, "third")]);
    let vacant = propose(with(LineTies::Ask), &round, &scores, &[1], &["second"]);
    assert_eq!(granted(&vacant), [(2, "first"), (3, "first"), (4, "third")]);
}

#[test]
fn the_rest_is_every_accepted_work_without_a_level() {
    let works = Works::totals([["90"], ["85"]]);
    let round = round(None, half_up());
    let awards = vec![level("first", Some("final"), 1, LineTies::Ask), level("participation", None, 0, LineTies::Ask)];
    let proposal = propose(awards, &round, &works.scores(&round), &[6], &[]);
    assert_eq!(granted(&proposal), [(1, "first"), (2, "participation"), (3, "participation"), (4, "participation"), (5, "participation")]);
}

#[test]
fn a_tie_at_the_line_and_a_full_unit_are_shown() {
    let works = Works::totals([["90"], ["85"], ["85"], ["80"], ["80"]]);
    let round = round(None, half_up());
    let scores = works.scores(&round);
    let rule =
        |count, max_per_organization, ties| Advance { to: RoundId::new("next"), quota: Quota::Count(count), max_per_organization, ties };
    let unit = |entry: EntryId| Some(OrganizationId(if entry.0 == 2 { 1 } else { entry.0 }));
    let ask = advance(&rule(2, None, LineTies::Ask), &round, &scores, LineTies::Ask, unit);
    let table = ask.tables.first().expect("one");
    assert_eq!(table.through, [EntryId(1)]);
    assert_eq!(table.questions.iter().map(|question| (question.reason, question.seats)).collect::<Vec<_>>(), [(AdvanceReason::Line, 1)]);
    let include = advance(&rule(2, None, LineTies::Include), &round, &scores, LineTies::Ask, unit);
    assert_eq!(include.tables.first().map(|table| table.through.len()), Some(3));
    // Unit 1 sent work 1; its work 2 is passed over, so work 3 has no rival left.
    let limited = advance(&rule(2, Some(1), LineTies::Ask), &round, &scores, LineTies::Ask, unit);
    let table = limited.tables.first().expect("one");
    assert_eq!(
        (table.through.as_slice(), table.skipped.as_slice()),
        ([EntryId(1), EntryId(3)].as_slice(), [(EntryId(2), OrganizationId(1))].as_slice())
    );
    // Works 4 and 5 share a place and a unit that may send one.
    let rivals = advance(&rule(4, Some(1), LineTies::Ask), &round, &scores, LineTies::Ask, |entry| Some(OrganizationId(entry.0.min(4))));
    let table = rivals.tables.first().expect("one");
    assert_eq!(table.through, [EntryId(1), EntryId(2), EntryId(3)]);
    assert_eq!(table.questions.first().map(|question| question.reason), Some(AdvanceReason::Organization(OrganizationId(4))));
    // What staff say settles it, one way or the other.
    let settled = |units| {
        let unit = |entry: EntryId| Some(OrganizationId(entry.0.min(4)));
        let table = advance(&rule(4, Some(1), units), &round, &scores, units, unit).tables.remove(0);
        (table.through.len(), table.cut, table.questions)
    };
    assert_eq!(settled(LineTies::Include), (5, Vec::new(), Vec::new()));
    assert_eq!(settled(LineTies::Cut), (3, vec![EntryId(4), EntryId(5)], Vec::new()));
}

#[test]
fn zones_with_their_own_quotas_fill_by_themselves() {
    let works = Works::totals([["90"], ["80"], ["70"], ["60"], ["50"]]);
    let mut round = round(None, half_up());
    round.by_zone = true;
    let zones = ["东", "东", "西", "西", ""];
    let inputs: Vec<EntryInput<'_>> = works.inputs().into_iter().zip(zones).map(|(input, zone)| EntryInput { zone, ..input }).collect();
    let scores = score_round(&round, &inputs).expect("computed");
    let quota = Quota::PerZone([("西", 1), ("东", 1), ("北", 2)].map(|(zone, seats)| (zone.to_owned(), seats)).to_vec());
    let rule = Advance { to: RoundId::new("next"), quota, max_per_organization: None, ties: LineTies::Ask };
    let advancement = advance(&rule, &round, &scores, LineTies::Ask, |_| None);
    let found: Vec<_> = advancement.tables.iter().map(|table| (table.zone.as_deref(), table.seats, table.through.as_slice())).collect();
    // The rules' zones in their order, one without works among them; works without a zone have no seat.
    assert_eq!(
        found,
        [
            (Some("西"), 1, [EntryId(3)].as_slice()),
            (Some("东"), 1, [EntryId(1)].as_slice()),
            (Some("北"), 2, [].as_slice()),
            (Some(""), 0, [].as_slice()),
        ]
    );
    assert!(!advancement.across_zones);
}

#[test]
fn a_vacant_level_takes_nothing_not_even_what_a_cut_tie_leaves() {
    let works = Works::totals([["90"], ["90"], ["80"]]);
    let round = round(None, half_up());
    let scores = works.scores(&round);
    let levels = |ties| {
        vec![
            level("first", Some("final"), 1, LineTies::Cut),
            level("second", Some("final"), 1, ties),
            level("third", Some("final"), 2, ties),
        ]
    };
    for ties in [LineTies::Ask, LineTies::Include, LineTies::Cut] {
        let proposal = propose(levels(ties), &round, &scores, &[], &["second"]);
        assert_eq!(granted(&proposal), [(1, "third"), (2, "third"), (3, "third")]);
        assert!(proposal.questions.is_empty());
    }
}

#[test]
fn ranking_over_all_ignores_zones() {
    let works = Works::totals([["90"], ["85"]]);
    let mut round = round(None, half_up());
    round.by_zone = true;
    let mut inputs = works.inputs();
    for (input, zone) in inputs.iter_mut().zip(["浦东", "黄浦"]) {
        input.zone = zone;
    }
    let scores = score_round(&round, &inputs).expect("computed");
    let zones: Vec<Option<String>> = rank(&round, &scores).tables.into_iter().map(|table| table.zone).collect();
    assert_eq!(zones, [Some("浦东".to_owned()), Some("黄浦".to_owned())]);
    assert_eq!(rank_all(&round, &scores).tables.len(), 1);
}
