//! Owns a category (参赛类型) as its rules give it: what a work must bring, its rounds with their score sheets, and its awards.
//! Already checked data, like all of `domain::rules`.

use super::field::Field;
use super::rules::Bounds;
use super::values::{AwardId, CategoryId, Points, RoundId, RoundingMode};

/// `[[category]]`.
#[derive(Debug, Clone)]
pub struct Category {
    /// The id used on the command line.
    pub id: CategoryId,
    /// The printed name.
    pub name: String,
    /// Other names that forms use.
    pub aliases: Vec<String>,
    /// The letter before work numbers.
    pub prefix: String,
    /// Fields required beside `form.required`.
    pub required: Vec<Field>,
    /// Bounds of the length in seconds.
    pub duration: Option<Bounds>,
    /// Bounds of the length in 字.
    pub length: Option<Bounds>,
    /// How many works one unit may send.
    pub per_organization: Option<OrganizationLimit>,
    /// Files that a work must bring.
    pub attachments: Vec<AttachmentRule>,
    /// Rounds in their order.
    pub rounds: Vec<Round>,
    /// Level awards, highest first.
    pub awards: Vec<Award>,
}

/// `per_organization`: a limit and how serious it is to pass it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationLimit {
    /// The most works of one unit.
    pub max: u32,
    /// Whether passing it is an error (true) or a warning (原则上).
    pub is_error: bool,
}

/// One of a category's required files.
#[derive(Debug, Clone)]
pub struct AttachmentRule {
    /// The kind's id (`application`).
    pub kind: String,
    /// The printed name.
    pub name: String,
    /// Allowed endings, lower case, without the dot.
    pub types: Vec<String>,
    /// The largest size in bytes.
    pub max_size: Option<u64>,
    /// Words by which a file's name tells the kind, beside those of its printed name.
    pub words: Vec<String>,
    /// Whether one file of the unit serves all its works (its logo, its profile).
    pub shared: bool,
}

/// `[[category.round]]`.
#[derive(Debug, Clone)]
pub struct Round {
    /// The round's id (`preliminary`).
    pub id: RoundId,
    /// The printed name.
    pub name: String,
    /// Whether each zone ranks by itself.
    pub by_zone: bool,
    /// Fewer present judges than this: no score. At least one.
    pub minimum_judges: u32,
    /// The judges' score sheet; `None` where judges do not mark in this round.
    pub judges: Option<JudgeSheet>,
    /// The clock of live speeches.
    pub timing: Option<Timing>,
    /// How the score is put together.
    pub score: ScoreRule,
    /// Who goes on.
    pub advance: Option<Advance>,
}

impl Round {
    /// Whether the judges' marks are a part of the score; without it they serve special awards only.
    #[must_use]
    pub fn has_judges_part(&self) -> bool {
        self.score.parts.iter().any(|part| part.from == PartSource::Judges)
    }

    /// Whether the score is a sum of places: the smaller the better.
    #[must_use]
    pub fn sums_places(&self) -> bool {
        self.has_judges_part() && self.judges.as_ref().is_some_and(|sheet| sheet.combine == Combine::RankSum)
    }
}

/// `[category.round.judges]`: the score sheet and how judges combine.
#[derive(Debug, Clone)]
pub struct JudgeSheet {
    /// Leaf criteria in their order; at least one. Sub-items are leaves with a group.
    pub criteria: Vec<Criterion>,
    /// The finest mark allowed; zero allows any.
    pub step: Points,
    /// Marks dropped before combining.
    pub trim: Option<Trim>,
    /// How the remaining marks combine.
    pub combine: Combine,
    /// How judges of different severity are made comparable.
    pub normalize: Normalize,
}

/// One criterion of a score sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// The heading it stands under, where sub-items are used.
    pub group: Option<String>,
    /// The printed name, unique in the sheet.
    pub name: String,
    /// The lowest mark.
    pub min: Points,
    /// The highest mark.
    pub max: Points,
    /// What its mark is multiplied by; one where the rules are silent.
    pub factor: Points,
}

/// `trim`: the highest and lowest marks that do not count, exactly so many however many are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trim {
    /// How many of the highest are dropped.
    pub highest: u32,
    /// How many of the lowest are dropped.
    pub lowest: u32,
    /// Whether marks are dropped and combined per criterion (true) or per judge's total.
    pub by_criterion: bool,
    /// Trim only with at least so many marks.
    pub from: u32,
}

/// How marks of several judges become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// Arithmetic mean.
    Mean,
    /// Sum.
    Sum,
    /// Median; the mean of the two middle ones with an even number.
    Median,
    /// Sum of the places that each judge gives; the smaller the better.
    RankSum,
}

/// Whether judges' marks are made comparable first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalize {
    /// Marks count as given.
    None,
    /// Each judge's totals are set to the round's mean and spread.
    ZScore,
}

/// `[category.round.timing]`: bounds in seconds and what passing them costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// The shortest time in seconds.
    pub min: Option<u32>,
    /// The longest time in seconds.
    pub max: Option<u32>,
    /// Seconds outside the bounds that are free.
    pub grace: u32,
    /// How the deduction grows.
    pub scale: TimingScale,
    /// The largest deduction.
    pub cap: Option<Points>,
    /// The most seconds beyond `max` that still have a score.
    pub exclude_over: Option<u32>,
    /// Whether the deduction is taken from every judge's total before trimming.
    pub before_trim: bool,
}

/// How a deduction grows with the seconds outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimingScale {
    /// Beyond each band's seconds, its points.
    Bands(Vec<TimingBand>),
    /// Points for each started span of seconds.
    Each {
        /// The span in seconds.
        seconds: u32,
        /// Points a span.
        points: Points,
    },
}

/// One band of a deduction: beyond `over` seconds outside the bounds it costs `points`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimingBand {
    /// Seconds outside the bounds.
    pub over: u32,
    /// Points taken off.
    pub points: Points,
}

/// `[category.round.score]`.
#[derive(Debug, Clone)]
pub struct ScoreRule {
    /// The parts that add up, in their order; at least one.
    pub parts: Vec<Part>,
    /// Which stages are rounded, and how.
    pub rounding: Rounding,
    /// What breaks ties, in order.
    pub tie_break: Vec<TieBreak>,
}

/// A part of the score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where its value comes from.
    pub from: PartSource,
    /// Its value is multiplied by weight ÷ 100; `None`: added as it is.
    pub weight: Option<Points>,
}

impl Part {
    /// The key of this part in JSON: `judges`, `votes:CHANNEL`, or a given part's own name.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.from {
            PartSource::Judges => "judges".to_owned(),
            PartSource::Votes { channel, .. } => format!("votes:{channel}"),
            PartSource::Given { name } => name.clone(),
        }
    }
}

/// Where a part's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartSource {
    /// The judges' combined mark.
    Judges,
    /// Votes of a channel, on a scale.
    Votes {
        /// `audience`, `online`, …
        channel: String,
        /// How votes become points.
        scale: VoteScale,
    },
    /// A number per work that is imported.
    Given {
        /// The part's printed name, unique in the round.
        name: String,
    },
}

/// How votes become points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoteScale {
    /// Own ÷ top × 100.
    ShareOfTop,
    /// Own ÷ all × 100.
    ShareOfTotal,
    /// Points by place.
    RankPoints(Vec<Points>),
    /// Points by share of the field; the rest gets `otherwise`.
    RankBands {
        /// Upper share of the field in percent, and its points.
        bands: Vec<(Points, Points)>,
        /// Points of the rest.
        otherwise: Points,
    },
    /// Points a vote, up to a cap.
    PerVote {
        /// Points of one vote.
        points: Points,
        /// The most points.
        cap: Option<Points>,
    },
}

/// Which stages are rounded; a stage left out carries the exact value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// How halves go.
    pub mode: RoundingMode,
    /// Decimals of a criterion's combined mark.
    pub criterion: Option<u32>,
    /// Decimals of a criterion's mark times its factor.
    pub factored: Option<u32>,
    /// Decimals of the judges' part.
    pub judges: Option<u32>,
    /// Decimals of the final score.
    pub r#final: Option<u32>,
}

/// What breaks a tie; works compare by it, the better first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TieBreak {
    /// The unrounded final score.
    Exact,
    /// A part's value, by its key.
    Part(String),
    /// A criterion's combined mark, by its name.
    Criterion(String),
    /// The highest judge total.
    HighestMark,
}

/// How many works go on, however it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quota {
    /// A number of works.
    Count(u32),
    /// A share of the works of the round in percent, rounded up.
    Share(Points),
    /// A number for each zone, in the zones' order.
    PerZone(Vec<(String, u32)>),
}

/// How many works take an award.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwardQuota {
    /// A number of works.
    Count(u32),
    /// A share in percent, rounded up, of `of`.
    Share {
        /// Percent of the works.
        percent: Points,
        /// Of which works.
        of: QuotaBase,
    },
}

/// What a share is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaBase {
    /// The category's accepted works.
    Works,
    /// The works of the round.
    Round,
}

/// What happens to a tie across a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineTies {
    /// Wait for staff.
    Ask,
    /// All of the tie gets in (`include`, `expand`).
    Include,
    /// None of the tie gets in (`cut`, `shrink`).
    Cut,
}

/// `[category.round.advance]`.
#[derive(Debug, Clone)]
pub struct Advance {
    /// The next round.
    pub to: RoundId,
    /// How many go on.
    pub quota: Quota,
    /// The most works of one unit that go on.
    pub max_per_organization: Option<u32>,
    /// Ties across the line.
    pub ties: LineTies,
}

/// `[[category.award]]`.
#[derive(Debug, Clone)]
pub struct Award {
    /// The award's id (`first`).
    pub id: AwardId,
    /// The printed name.
    pub name: String,
    /// The round whose places decide; `None` for `rest`: no place is needed.
    pub round: Option<RoundId>,
    /// How many works; `None` for `rest = true`: all accepted works without another level.
    pub quota: Option<AwardQuota>,
    /// Ties across the line.
    pub ties: LineTies,
}
