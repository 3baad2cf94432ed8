//! Tests of the catalogue of checks and of what findings say.

use super::*;

#[test]
fn the_catalogue_is_ordered_and_whole() {
    let names: Vec<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted);
    for entry in &CATALOGUE {
        assert_eq!(Code::named(entry.name), Some(entry.code));
        assert_eq!(format!("{:?}", entry.code), entry.name);
        assert!(!entry.clause.is_empty() && !entry.hint.is_empty() && !entry.explanation.is_empty());
    }
}

#[test]
fn almost_one_is_not_shown_as_one() {
    assert_eq!(percent(Ratio::new(999, 1000)), "0.99");
    assert_eq!(percent(Ratio::ONE), "1.00");
}
