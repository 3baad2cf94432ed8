//! Owns the list of every key of a rules file, table by table: the contract. A key that is not here is a fault; a key that is here
//! and not in `docs/rules-file.md` fails a test. What a key means is where it is read.

/// A table's name and its keys.
#[derive(Debug)]
pub(super) struct Shape {
    /// The table as the documentation names it; empty for the top.
    pub(super) name: &'static str,
    /// Its keys in the order of the documentation.
    pub(super) keys: &'static [&'static str],
}

macro_rules! shapes {
    ($($constant:ident = $name:literal [$($key:literal),+ $(,)?];)+) => {
        $(pub(super) const $constant: Shape = Shape { name: $name, keys: &[$($key),+] };)+
        /// Every table.
        pub(super) const ALL: &[&Shape] = &[$(&$constant),+];
    };
}

shapes! {
    TOP = "" [
        "format", "contest", "deadlines", "milestone", "form", "similarity", "recommenders", "zones", "category", "special_award",
        "commendation", "certificate", "retention",
    ];
    CONTEST = "contest" ["name", "theme", "organizer", "document", "year", "timezone"];
    DEADLINES = "deadlines" ["submission", "recommendation", "screening"];
    MILESTONE = "milestone" ["name", "date"];
    FORM = "form" ["required", "summary_length", "options"];
    SUMMARY_LENGTH = "form.summary_length" ["min", "max"];
    OPTIONS = "form.options" ["theme", "nature", "focus_area", "focus_industry"];
    SIMILARITY = "similarity" ["title", "summary"];
    RECOMMENDERS = "recommenders" ["direct", "direct_for", "list"];
    ZONES = "zones" ["list"];
    CATEGORY = "category" [
        "id", "name", "aliases", "prefix", "required", "duration", "length", "per_organization", "attachments", "round", "award",
    ];
    DURATION = "category.duration" ["min", "max"];
    LENGTH = "category.length" ["min", "max"];
    PER_ORGANIZATION = "category.per_organization" ["max", "severity"];
    ATTACHMENT = "category.attachments" ["kind", "name", "types", "max_size", "words", "shared"];
    ROUND = "category.round" ["id", "name", "by_zone", "minimum_judges", "judges", "timing", "score", "advance"];
    JUDGES = "category.round.judges" ["criteria", "step", "trim", "combine", "normalize"];
    CRITERION = "category.round.judges.criteria" ["name", "min", "max", "factor", "items"];
    ITEM = "category.round.judges.criteria.items" ["name", "min", "max", "factor"];
    TRIM = "category.round.judges.trim" ["highest", "lowest", "by", "from"];
    TIMING = "category.round.timing" ["min", "max", "grace", "bands", "each", "points", "cap", "exclude_over", "apply"];
    BAND = "category.round.timing.bands" ["over", "points"];
    SCORE = "category.round.score" ["parts", "rounding", "tie_break"];
    PART = "category.round.score.parts" [
        "from", "weight", "channel", "name", "scale", "rank_points", "rank_bands", "otherwise", "per_vote",
    ];
    PER_VOTE = "category.round.score.parts.per_vote" ["points", "cap"];
    ROUNDING = "category.round.score.rounding" ["mode", "criterion", "factored", "judges", "final"];
    ADVANCE = "category.round.advance" ["to", "count", "per_zone", "share", "max_per_organization", "ties"];
    AWARD = "category.award" ["id", "name", "round", "quota", "rest", "ties"];
    QUOTA = "category.award.quota" ["count", "share", "of"];
    SPECIAL_AWARD = "special_award" ["id", "name", "category", "round", "by", "count", "alongside"];
    COMMENDATION = "commendation" ["name", "points", "count"];
    CERTIFICATE = "certificate" ["number"];
    RETENTION = "retention" ["contacts_until"];
}

/// Tables that own a key of this name, for a hint to somebody who put it elsewhere.
pub(super) fn owners(key: &str) -> Vec<&'static str> {
    ALL.iter().filter(|shape| shape.keys.contains(&key)).map(|shape| shape.name).collect()
}
