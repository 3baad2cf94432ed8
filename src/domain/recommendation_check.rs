//! Owns the checks of recommendations (R): who may recommend, who may enter without, and what is not recommended yet. Pure: the same
//! works, recommenders and recommendations give the same findings.
//!
//! Decisions worth knowing: recommendation has begun once anything of it is on record, whatever the clock says; before that no work is
//! reported for not being recommended. Works name few recommenders, so whom a name means is found once a name, not once a work.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::check_catalogue::Code;
use super::eligibility::Profiles;
use super::entry::{Entry, OrganizationProfile};
use super::finding::{Detail, Finding};
use super::folding::fold_text;
use super::problem::Severity;
use super::recommendation::{Directory, Lack, Recommendation, StampedSheet, fold_recommender};
use super::rules::{ContestRules, DirectKind};
use super::values::EntryId;

/// What is on record of recommendation.
#[derive(Debug)]
pub struct Record<'a> {
    /// The recommenders.
    pub directory: &'a Directory,
    /// What they say.
    pub recommendations: &'a [Recommendation],
    /// Their stamped sheets.
    pub sheets: &'a [StampedSheet],
}

/// All findings of the kind R about `entries`, in their order. Withdrawn, rejected and disqualified works are passed over.
#[must_use]
pub fn findings(rules: &ContestRules, entries: &[Entry], profiles: &Profiles, record: &Record<'_>) -> Vec<Finding> {
    let directory = record.directory;
    let has_begun = !record.recommendations.is_empty() || !record.sheets.is_empty();
    let said: FxHashMap<EntryId, &Recommendation> = record.recommendations.iter().map(|said| (said.entry, said)).collect();
    let mut names: FxHashMap<&str, Named> = FxHashMap::default();
    let mut found = Vec::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.status.is_active()) {
        let mut push = |code: Code, severity: Option<Severity>, detail| {
            let severity = severity.unwrap_or(code.entry().severity);
            found.push(Finding { code, severity, entry: index, detail, related: Vec::new(), similarity: None });
        };
        let name = entry.declaration.recommender.as_str();
        let named = names.entry(name).or_insert_with(|| Named::new(directory, name));
        if named.key.is_empty() {
            if directory.has_list() {
                push(Code::R501, None, Detail::NoRecommender);
            }
            continue;
        }
        if !named.is_listed && directory.has_list() {
            push(Code::R501, None, Detail::UnknownRecommender { name: Arc::clone(&named.printed), near: Arc::clone(&named.near) });
        }
        if named.is_direct {
            // Whom a contest names as direct without saying for whom, it lets in.
            if let Some(doubt) = direct_doubt(&rules.recommenders.direct_for, profiles.get(&entry.organization)) {
                let severity = if doubt.is_known { Severity::Error } else { Severity::Warning };
                push(Code::R502, Some(severity), Detail::NotDirect { is_known: doubt.is_known, said: doubt.said });
            }
            continue;
        }
        if !has_begun {
            continue;
        }
        let said = said.get(&entry.id).copied();
        let of_another = said.is_some_and(|said| !is_key(&said.recommender, &named.key, directory));
        let lack = match said {
            None => Some(None),
            Some(_) if of_another => Some(Some(Lack::OtherRecommender)),
            Some(said) if said.withdrawn.is_some() => Some(Some(Lack::Withdrawn)),
            Some(said) if !said.is_made() => Some(Some(Lack::Opinion)),
            Some(_) => None,
        };
        match (lack, said) {
            (Some(lack), _) => push(Code::R503, None, Detail::NotRecommended { name: Arc::clone(&named.printed), lack }),
            (None, Some(said)) if said.stamped.is_none() => push(Code::R504, None, Detail::NotStamped(Arc::clone(&named.printed))),
            (None, _) => {}
        }
    }
    found
}

/// What a name that works give means.
struct Named {
    key: String,
    printed: Arc<str>,
    near: Arc<str>,
    is_listed: bool,
    is_direct: bool,
}

impl Named {
    fn new(directory: &Directory, name: &str) -> Self {
        let is_listed = directory.find(name).is_some();
        let near = if is_listed { String::new() } else { directory.near(name).join("、") };
        Self {
            key: directory.key(name),
            printed: directory.printed(name).into(),
            near: near.into(),
            is_listed,
            is_direct: directory.is_direct(name),
        }
    }
}

/// Whether a name has this key. Most are written as the list has them.
fn is_key(name: &str, key: &str, directory: &Directory) -> bool {
    fold_recommender(name) == key || directory.key(name) == key
}

/// Why a unit may not enter directly, or why that is not known.
struct Doubt {
    is_known: bool,
    said: String,
}

/// `None`: it may, or everybody may.
fn direct_doubt(allowed: &[DirectKind], profile: Option<&OrganizationProfile>) -> Option<Doubt> {
    if allowed.is_empty() {
        return None;
    }
    let empty = OrganizationProfile::default();
    let profile = profile.unwrap_or(&empty);
    let (nature, area) = (fold_text(&profile.nature), fold_text(&profile.focus_area));
    let is_foreign = ["外资", "外商"].iter().any(|word| nature.contains(word));
    let is_private = ["民营", "私营"].iter().any(|word| nature.contains(word));
    let is_specialized = area.contains("专精特新");
    let may = |kind: &DirectKind| match kind {
        DirectKind::Member => profile.member == Some(true),
        DirectKind::PrivateSpecialized => is_private && is_specialized,
        DirectKind::Foreign => is_foreign,
    };
    if allowed.iter().any(may) {
        return None;
    }
    let asks = |kind| allowed.contains(&kind);
    let mut unknown = Vec::new();
    if asks(DirectKind::Member) && profile.member.is_none() {
        unknown.push("会员单位");
    }
    if (asks(DirectKind::PrivateSpecialized) || asks(DirectKind::Foreign)) && nature.is_empty() {
        unknown.push("单位性质");
    }
    // Only a private unit's field matters.
    if asks(DirectKind::PrivateSpecialized) && (is_private || nature.is_empty()) && area.is_empty() {
        unknown.push("重点领域");
    }
    if !unknown.is_empty() {
        return Some(Doubt { is_known: false, said: format!("没有填{}", unknown.join("、")) });
    }
    let mut known = Vec::new();
    if asks(DirectKind::Member) {
        known.push("不是会员单位".to_owned());
    }
    if !nature.is_empty() {
        known.push(format!("单位性质为{}", profile.nature.trim()));
    }
    if asks(DirectKind::PrivateSpecialized) && is_private {
        known.push(format!("重点领域为{}", profile.focus_area.trim()));
    }
    Some(Doubt { is_known: true, said: known.join("，") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt(nature: &str, member: Option<bool>, area: &str) -> Option<(bool, String)> {
        let profile =
            OrganizationProfile { nature: nature.to_owned(), member, focus_area: area.to_owned(), ..OrganizationProfile::default() };
        let all = [DirectKind::Member, DirectKind::PrivateSpecialized, DirectKind::Foreign];
        direct_doubt(&all, Some(&profile)).map(|doubt| (doubt.is_known, doubt.said))
    }

    #[test]
    fn who_may_enter_directly() {
        assert_eq!(doubt("国有", Some(true), ""), None);
        assert_eq!(doubt("外资", Some(false), "制造"), None);
        assert_eq!(doubt("民营", Some(false), "“专精特新”中小企业"), None);
        assert_eq!(doubt("国有", Some(false), "“专精特新”中小企业"), Some((true, "不是会员单位，单位性质为国有".to_owned())));
        assert_eq!(doubt("民营", Some(false), "制造"), Some((true, "不是会员单位，单位性质为民营，重点领域为制造".to_owned())));
        assert_eq!(doubt("合资", Some(false), ""), Some((true, "不是会员单位，单位性质为合资".to_owned())));
    }

    #[test]
    fn what_is_not_known_is_not_decided() {
        assert_eq!(doubt("", None, ""), Some((false, "没有填会员单位、单位性质、重点领域".to_owned())));
        assert_eq!(doubt("国有", None, ""), Some((false, "没有填会员单位".to_owned())));
        assert_eq!(doubt("民营", Some(false), ""), Some((false, "没有填重点领域".to_owned())));
        assert!(direct_doubt(&[], None).is_none());
        let members = |member| {
            let profile = OrganizationProfile { member, ..OrganizationProfile::default() };
            direct_doubt(&[DirectKind::Member], Some(&profile)).map(|doubt| doubt.is_known)
        };
        assert_eq!((members(Some(true)), members(Some(false)), members(None)), (None, Some(true), Some(false)));
    }
}
