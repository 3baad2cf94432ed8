//! Owns deadlines as they stand for one work: those of the rules, moved by the extensions that staff granted; and the checks that
//! measure by them (D201–D203). Refuses to know who granted an extension and why: that is kept for the record, not for the arithmetic.
//!
//! Decision worth knowing: of all deadlines that apply to a work, the latest counts. An extension can never make one earlier.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::check_catalogue::Code;
use super::entry::{Entry, EntrySummary};
use super::finding::{Detail, Finding};
use super::recommendation::{Directory, fold_recommender};
use super::rules::{ContestRules, Deadline, Deadlines};
use super::values::{EntryId, OrganizationId};

/// A stage of the contest that closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// 作品申报.
    Submission,
    /// 推荐.
    Recommendation,
    /// 形式审查.
    Screening,
}

impl Stage {
    /// Every stage, in the order of the contest.
    pub const ALL: [Self; 3] = [Self::Submission, Self::Recommendation, Self::Screening];

    /// The key on the command line, in JSON and in the database: as in the rules file.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::Recommendation => "recommendation",
            Self::Screening => "screening",
        }
    }

    /// The printed name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Submission => "作品申报",
            Self::Recommendation => "推荐",
            Self::Screening => "形式审查",
        }
    }

    /// The stage with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.key() == key)
    }

    /// When the rules close it; `None`: never.
    #[must_use]
    pub fn deadline(self, rules: &Deadlines) -> Option<Deadline> {
        match self {
            Self::Submission => rules.submission,
            Self::Recommendation => rules.recommendation,
            Self::Screening => rules.screening,
        }
    }
}

/// Whose deadline an extension moves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everybody's.
    All,
    /// One work's.
    Entry(EntryId),
    /// That of all works of a unit.
    Organization(OrganizationId),
    /// That of all works that name this recommender, by whichever of its names.
    Recommender(String),
}

/// An extension that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The deadline that it moves.
    pub stage: Stage,
    /// For whom.
    pub scope: Scope,
    /// Until when.
    pub until: Deadline,
    /// Why.
    pub reason: String,
}

/// A scope with its recommender as names are compared.
fn folded(scope: &Scope) -> Scope {
    match scope {
        Scope::Recommender(name) => Scope::Recommender(fold_recommender(name)),
        Scope::All | Scope::Entry(_) | Scope::Organization(_) => scope.clone(),
    }
}

/// What of a work decides which extensions are its own.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The work.
    pub entry: EntryId,
    /// Its unit.
    pub organization: OrganizationId,
    /// Its recommender, as its form has it.
    pub recommender: &'a str,
}

impl<'a> From<&'a Entry> for Subject<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self { entry: entry.id, organization: entry.organization, recommender: &entry.declaration.recommender }
    }
}

impl<'a> From<&'a EntrySummary> for Subject<'a> {
    fn from(entry: &'a EntrySummary) -> Self {
        Self { entry: entry.id, organization: entry.organization, recommender: &entry.recommender }
    }
}

/// The extensions of a contest, the latest of each scope; one for a recommender under each of its names.
#[derive(Debug, Clone, Default)]
pub struct Extensions {
    latest: BTreeMap<(Stage, Scope), Deadline>,
    names_recommenders: bool,
}

impl Extensions {
    /// Takes them in any order. The directory says which names are one recommender's.
    pub fn new<'a>(granted: impl IntoIterator<Item = &'a Extension>, directory: &Directory) -> Self {
        let mut extensions = Self::default();
        for extension in granted {
            let scopes = match &extension.scope {
                Scope::Recommender(name) => {
                    extensions.names_recommenders = true;
                    directory.same(name).into_iter().map(Scope::Recommender).collect()
                }
                scope @ (Scope::All | Scope::Entry(_) | Scope::Organization(_)) => vec![scope.clone()],
            };
            for scope in scopes {
                let slot = extensions.latest.entry((extension.stage, scope)).or_insert(extension.until);
                *slot = extension.until.max(*slot);
            }
        }
        extensions
    }

    /// When a stage closes for whoever is in a scope, as far as extensions of that scope and of everybody say.
    #[must_use]
    pub fn standing(&self, rules: &Deadlines, stage: Stage, scope: &Scope) -> Option<Deadline> {
        let of_rules = stage.deadline(rules)?;
        let extended = [Scope::All, folded(scope)].into_iter().filter_map(|scope| self.latest.get(&(stage, scope)).copied());
        Some(extended.fold(of_rules, Deadline::max))
    }

    /// When a stage closes for a work: the latest of the deadlines that apply to it. `None`: never.
    #[must_use]
    pub fn effective(&self, rules: &Deadlines, stage: Stage, work: Subject<'_>) -> Option<Deadline> {
        let of_rules = stage.deadline(rules)?;
        if self.latest.is_empty() {
            return Some(of_rules);
        }
        let recommender = self.names_recommenders.then(|| Scope::Recommender(fold_recommender(work.recommender)));
        let scopes = [Scope::All, Scope::Entry(work.entry), Scope::Organization(work.organization)];
        let extended = scopes.into_iter().chain(recommender).filter_map(|scope| self.latest.get(&(stage, scope)).copied());
        Some(extended.fold(of_rules, Deadline::max))
    }

    /// All deadlines as they stand for a work; without one, for everybody.
    #[must_use]
    pub fn deadlines(&self, rules: &Deadlines, work: Option<Subject<'_>>) -> Deadlines {
        let at = |stage: Stage| match work {
            Some(work) => self.effective(rules, stage, work),
            None => self.standing(rules, stage, &Scope::All),
        };
        Deadlines { submission: at(Stage::Submission), recommendation: at(Stage::Recommendation), screening: at(Stage::Screening) }
    }
}

/// What is late (D201–D203) among `entries`, which are ordered by number; withdrawn, rejected and disqualified works are passed over.
/// In the order of the works, then of the codes.
#[must_use]
pub fn findings(rules: &ContestRules, entries: &[Entry], extensions: &Extensions) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.status.is_active()) {
        let is_received = entry.declaration.submitted_at.is_none();
        let submitted = Some(entry.declaration.submitted_at.unwrap_or(entry.received_at));
        let mut check = |code: Code, stage: Stage, moment: Option<Timestamp>| {
            let Some(moment) = moment else { return };
            let Some(deadline) = extensions.effective(&rules.deadlines, stage, entry.into()) else { return };
            let at = rules.local(moment);
            if deadline.is_past(at) {
                let is_received = is_received && code == Code::D201;
                let detail = Detail::Late { at, is_received, deadline };
                found.push(Finding { code, severity: code.entry().severity, entry: index, detail, related: Vec::new(), similarity: None });
            }
        };
        check(Code::D201, Stage::Submission, submitted);
        check(Code::D202, Stage::Recommendation, entry.recommended_at);
        check(Code::D203, Stage::Screening, entry.resubmitted_at);
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::recommendation::{Contact, Recommender, RecommenderKind};
    use super::super::rules::Recommenders;
    use super::super::values::RecommenderId;
    use super::*;

    fn rules(day: i8) -> Deadlines {
        Deadlines { submission: None, recommendation: None, screening: Some(Deadline::end_of(date(2024, 7, day))) }
    }

    fn extension(stage: Stage, scope: Scope, day: i8) -> Extension {
        Extension { stage, scope, until: Deadline::end_of(date(2024, 7, day)), reason: "来函".to_owned() }
    }

    #[test]
    fn the_latest_deadline_that_applies_counts() {
        let granted = [
            extension(Stage::Screening, Scope::All, 16),
            extension(Stage::Screening, Scope::Entry(EntryId(1)), 20),
            extension(Stage::Screening, Scope::Entry(EntryId(1)), 18),
            extension(Stage::Screening, Scope::Recommender("黄浦区市场监督管理局".to_owned()), 22),
            extension(Stage::Submission, Scope::Organization(OrganizationId(5)), 30),
        ];
        let extensions = Extensions::new(&granted, &Directory::default());
        let until = |entry, organization, recommender| {
            let work = Subject { entry: EntryId(entry), organization: OrganizationId(organization), recommender };
            extensions.effective(&rules(15), Stage::Screening, work).map(|deadline| deadline.0.day())
        };
        assert_eq!(until(1, 5, ""), Some(20));
        assert_eq!(until(2, 5, ""), Some(16));
        assert_eq!(until(2, 5, "黄浦区 市场监督管理局"), Some(22));
        // A stage that the rules leave open is never closed by an extension.
        let work = Subject { entry: EntryId(1), organization: OrganizationId(5), recommender: "" };
        assert_eq!(extensions.effective(&rules(15), Stage::Submission, work), None);
    }

    #[test]
    fn an_extension_for_a_recommender_counts_under_each_of_its_names() {
        let known = Recommender {
            id: Some(RecommenderId(1)),
            name: "黄浦区市场监督管理局".to_owned(),
            kind: RecommenderKind::Bureau,
            aliases: vec!["黄浦区市场监管局".to_owned()],
            contact: Contact::default(),
            is_of_rules: false,
        };
        let directory = Directory::new(&Recommenders::default(), vec![known]);
        let until = |granted: &str, named: &str| {
            let granted = [extension(Stage::Screening, Scope::Recommender(granted.to_owned()), 20)];
            let extensions = Extensions::new(&granted, &directory);
            let work = Subject { entry: EntryId(1), organization: OrganizationId(1), recommender: named };
            let deadline = extensions.effective(&rules(15), Stage::Screening, work).map(|deadline| deadline.0.day());
            let scope = Scope::Recommender(named.to_owned());
            assert_eq!(deadline, extensions.standing(&rules(15), Stage::Screening, &scope).map(|deadline| deadline.0.day()));
            deadline
        };
        assert_eq!(until("黄浦区市场监督管理局", "黄浦区市场监管局"), Some(20));
        assert_eq!(until("黄浦区市场监管局", "黄浦区 市场监督管理局"), Some(20));
        assert_eq!(until("黄浦区市场监督管理局", "普陀区市场监督管理局"), Some(15));
        // On no list, and written as the notice's own entry is, both ways.
        assert_eq!(until("其他—示例", "其它—示例"), Some(20));
    }

    #[test]
    fn a_deadline_lasts_to_the_end_of_its_second() {
        let day = date(2024, 7, 5);
        let second = Deadline(day.at(17, 0, 0, 0));
        for (deadline, last) in [(Deadline::end_of(day), day.at(23, 59, 59, 999_999_999)), (second, day.at(17, 0, 0, 999_999_999))] {
            assert!(!deadline.is_past(last));
            assert!(deadline.is_past(last.checked_add(jiff::Span::new().nanoseconds(1)).expect("a moment")));
        }
    }

    proptest! {
        #[test]
        fn no_extension_makes_a_deadline_earlier(granted in prop::collection::vec((0..4_u8, 1..4_i64, 1..29_i8), 0..8), entry in 1..4_i64, day in 1..29_i8) {
            let granted: Vec<Extension> = granted.into_iter().map(|(kind, id, day)| {
                let scope = match kind {
                    0 => Scope::All,
                    1 => Scope::Entry(EntryId(id)),
                    2 => Scope::Organization(OrganizationId(id)),
                    _ => Scope::Recommender(format!("单位{id}")),
                };
                extension(Stage::Screening, scope, day)
            }).collect();
            let recommender = format!("单位{entry}");
            let work = Subject { entry: EntryId(entry), organization: OrganizationId(entry), recommender: &recommender };
            let effective = Extensions::new(&granted, &Directory::default()).effective(&rules(day), Stage::Screening, work).expect("a deadline");
            prop_assert!(effective >= Deadline::end_of(date(2024, 7, day)));
            // The slow way: every extension looked at by itself.
            let own = |extension: &&Extension| match &extension.scope {
                Scope::All => true,
                Scope::Entry(id) => *id == work.entry,
                Scope::Organization(id) => *id == work.organization,
                Scope::Recommender(name) => *name == recommender,
            };
            let latest = granted.iter().filter(own).map(|extension| extension.until).fold(Deadline::end_of(date(2024, 7, day)), Deadline::max);
            prop_assert_eq!(effective, latest);
        }
    }
}
