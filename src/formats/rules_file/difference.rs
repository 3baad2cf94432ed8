//! Owns the difference of two rules files, key by key. Layout, comments and the order of keys make no difference.

use std::collections::BTreeMap;

use super::paths::values;

/// One key that two rules files do not agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    /// The key path.
    pub path: String,
    /// The old value as TOML; `None`: the key is new.
    pub old: Option<String>,
    /// The new value as TOML; `None`: the key is gone.
    pub new: Option<String>,
}

/// What the new text says differently: changed and new keys in the new text's order, then the keys that are gone in the old one's.
#[must_use]
pub fn diff(old: &str, new: &str) -> Vec<RuleChange> {
    let (old, new) = (values(old), values(new));
    let before: BTreeMap<&str, &str> = old.iter().map(|value| (value.path.as_str(), value.value.as_str())).collect();
    let after: BTreeMap<&str, &str> = new.iter().map(|value| (value.path.as_str(), value.value.as_str())).collect();
    let mut changes = Vec::new();
    for value in &new {
        let known = before.get(value.path.as_str()).copied();
        if known != Some(value.value.as_str()) {
            changes.push(RuleChange { path: value.path.clone(), old: known.map(str::to_owned), new: Some(value.value.clone()) });
        }
    }
    for value in &old {
        if !after.contains_key(value.path.as_str()) {
            changes.push(RuleChange { path: value.path.clone(), old: Some(value.value.clone()), new: None });
        }
    }
    changes
}
