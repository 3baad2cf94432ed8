//! Owns the contest's rules as already checked data: what `formats::rules_file` hands out and everything else reads.
//! Refuses to know TOML, files and presets. Every value here is valid: bounds in order, names unique, references resolved.
//! A category with its rounds and awards is in `domain::category`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::category::{Category, Round};
use super::field::Field;
use super::values::{AwardId, CategoryId, Points, RoundId};

/// The rules of one contest.
#[derive(Debug, Clone)]
pub struct ContestRules {
    /// Name, year and whereabouts.
    pub contest: Contest,
    /// Closing dates of the stages; absent ones are not checked.
    pub deadlines: Deadlines,
    /// Dates that `status` shows and nothing checks.
    pub milestones: Vec<Milestone>,
    /// What the form asks for in every category.
    pub form: Form,
    /// From where on two works look alike.
    pub similarity: Similarity,
    /// Who may recommend.
    pub recommenders: Recommenders,
    /// Zones (赛区) in their printed order; empty where the contest has none.
    pub zones: Vec<String>,
    /// Categories in their printed order, at least one.
    pub categories: Vec<Category>,
    /// Special awards (观摩奖项).
    pub special_awards: Vec<SpecialAward>,
    /// Commendation of recommenders; `None` where it is off.
    pub commendation: Option<Commendation>,
    /// Certificate numbers, e.g. `{year}-{category}-{award}-{serial:3}`.
    pub certificate_number: Option<String>,
    /// Until when contact data may be kept.
    pub contacts_until: Option<Date>,
}

impl ContestRules {
    /// The category with this id.
    #[must_use]
    pub fn category(&self, id: &CategoryId) -> Option<&Category> {
        self.categories.iter().find(|category| category.id == *id)
    }

    /// The category that a text names: by id, prefix, name or alias, folded by the caller's `fold`.
    pub fn category_named(&self, text: &str, fold: impl Fn(&str) -> String) -> Option<&Category> {
        let wanted = fold(text);
        if wanted.is_empty() {
            return None;
        }
        self.categories.iter().find(|category| {
            fold(category.id.as_str()) == wanted
                || fold(&category.prefix) == wanted
                || fold(&category.name) == wanted
                || category.aliases.iter().any(|alias| fold(alias) == wanted)
        })
    }

    /// The round of a category.
    #[must_use]
    pub fn round(&self, category: &CategoryId, round: &RoundId) -> Option<&Round> {
        self.category(category)?.rounds.iter().find(|candidate| candidate.id == *round)
    }

    /// The moment as the contest's own wall clock shows it.
    #[must_use]
    pub fn local(&self, moment: Timestamp) -> DateTime {
        moment.to_zoned(self.contest.timezone.clone()).datetime()
    }
}

/// `[contest]`.
#[derive(Debug, Clone)]
pub struct Contest {
    /// The contest's full name.
    pub name: String,
    /// 大赛主题.
    pub theme: Option<String>,
    /// 主办单位.
    pub organizer: Option<String>,
    /// The notice's document number.
    pub document: Option<String>,
    /// The contest's year.
    pub year: Option<i16>,
    /// Where the contest's days begin and end.
    pub timezone: TimeZone,
}

/// A closing moment: the last second that still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub DateTime);

impl Deadline {
    /// The whole day counts, until 23:59:59.
    #[must_use]
    pub fn end_of(day: Date) -> Self {
        Self(day.to_datetime(Time::constant(23, 59, 59, 999_999_999)))
    }

    /// Whether the whole day counts: whoever says so may leave the time out.
    #[must_use]
    pub fn is_end_of_day(self) -> bool {
        let time = self.0.time();
        (time.hour(), time.minute(), time.second()) == (23, 59, 59)
    }

    /// As it is typed on the command line, one word: a date where the whole day counts, else with its time.
    #[must_use]
    pub fn typed(self) -> String {
        let pattern = match self.0.second() {
            _ if self.is_end_of_day() => "%Y-%m-%d",
            0 => "%Y-%m-%dT%H:%M",
            _ => "%Y-%m-%dT%H:%M:%S",
        };
        self.0.strftime(pattern).to_string()
    }

    /// Whether a local moment is too late; fractions of the last second are in time.
    #[must_use]
    pub fn is_past(self, local: DateTime) -> bool {
        local.with().subsec_nanosecond(0).build().unwrap_or(local) > self.0
    }
}

/// `[deadlines]`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deadlines {
    /// 作品申报截止.
    pub submission: Option<Deadline>,
    /// 推荐截止.
    pub recommendation: Option<Deadline>,
    /// 形式审查截止.
    pub screening: Option<Deadline>,
}

/// `[[milestone]]`.
#[derive(Debug, Clone)]
pub struct Milestone {
    /// What happens.
    pub name: String,
    /// When, in the notice's words.
    pub date: String,
}

/// Bounds, both ends counting; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least that is allowed.
    pub min: Option<u32>,
    /// The most that is allowed.
    pub max: Option<u32>,
}

impl Bounds {
    /// Whether `value` lies inside.
    #[must_use]
    pub fn contains(self, value: u32) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

/// `[form]`.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Fields that every work must have.
    pub required: Vec<Field>,
    /// Length of the summary in 字.
    pub summary_length: Option<Bounds>,
    /// Single-choice fields and their options, as printed.
    pub options: BTreeMap<Field, Vec<String>>,
}

/// `[similarity]`: thresholds between 0 (excluded) and 1.
#[derive(Debug, Clone, Copy)]
pub struct Similarity {
    /// From here on titles look alike (S402).
    pub title: Points,
    /// From here on summaries look alike (S403).
    pub summary: Points,
}

/// Who may enter directly, without a recommender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DirectKind {
    /// 市质协会员单位.
    Member,
    /// 专精特新民营企业.
    PrivateSpecialized,
    /// 外商企业.
    Foreign,
}

/// `[recommenders]`.
#[derive(Debug, Clone, Default)]
pub struct Recommenders {
    /// The entry of the list for units that have none.
    pub direct: Option<String>,
    /// Which units may choose it.
    pub direct_for: Vec<DirectKind>,
    /// The list of the notice; may be empty.
    pub list: Vec<String>,
}

/// What decides a special award.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecialBasis {
    /// `criterion:NAME`: the combined mark of a criterion.
    Criterion(String),
    /// `votes:CHANNEL`: the votes of a channel.
    Votes(String),
    /// `part:NAME`: a part of the score.
    Part(String),
    /// `hand`: decided by people.
    Hand,
}

/// `[[special_award]]`.
#[derive(Debug, Clone)]
pub struct SpecialAward {
    /// The award's id.
    pub id: AwardId,
    /// The award's printed name.
    pub name: String,
    /// The category whose works can get it.
    pub category: CategoryId,
    /// The round whose marks decide; `None`: the category's last round.
    pub round: Option<RoundId>,
    /// What decides.
    pub by: SpecialBasis,
    /// How many works get it.
    pub count: u32,
    /// Whether a work with a level award may get it too.
    pub alongside: bool,
}

/// `[commendation]` of recommenders.
#[derive(Debug, Clone)]
pub struct Commendation {
    /// The commendation's printed name.
    pub name: String,
    /// Points per work (`work`), per accepted work (`accepted`), and per award (its id).
    pub points: BTreeMap<String, Points>,
    /// How many recommenders are commended.
    pub count: u32,
}
