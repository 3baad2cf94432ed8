//! Laws of the order of a recommender's works, and examples of whom a name means.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn directory() -> Directory {
    let rules = Recommenders {
        direct: Some("其它—市质协会员与质量推进部".to_owned()),
        direct_for: Vec::new(),
        list: vec!["黄浦区市场监督管理局".to_owned(), "普陀区市场监督管理局".to_owned()],
    };
    let stored = |id, name: &str, aliases: &[&str]| Recommender {
        id: Some(RecommenderId(id)),
        name: name.to_owned(),
        kind: RecommenderKind::guess(name),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        contact: Contact::default(),
        is_of_rules: false,
    };
    Directory::new(&rules, vec![stored(1, "上海市示例行业协会", &["示例协会"]), stored(2, "普陀区市场监督管理局", &["普陀区市场监管局"])])
}

#[test]
fn rules_and_file_are_one_list() {
    let directory = directory();
    let names: Vec<(&str, &str, bool)> =
        directory.all().iter().map(|known| (known.name.as_str(), known.kind.key(), known.is_of_rules)).collect();
    assert_eq!(
        names,
        [
            ("黄浦区市场监督管理局", "bureau", true),
            ("普陀区市场监督管理局", "bureau", true),
            ("上海市示例行业协会", "association", false),
            ("其它—市质协会员与质量推进部", "direct", true),
        ]
    );
    assert_eq!(directory.key("普陀区市场监管局"), directory.key("普陀区 市场监督管理局"));
    assert_eq!(directory.printed("示例协会"), "上海市示例行业协会");
    for direct in ["其它—市质协会员与质量推进部", "其他-市质协会员与质量推进部", "其它——市质协会员与质量推进部"]
    {
        assert!(directory.is_direct(direct), "{direct}");
    }
    assert!(!directory.is_direct("") && directory.find("").is_none() && directory.key(" ").is_empty());
}

#[test]
fn a_list_of_the_direct_entry_alone_is_none() {
    let rules = Recommenders { direct: Some("其它".to_owned()), ..Recommenders::default() };
    assert!(!Directory::new(&rules, Vec::new()).has_list());
    assert!(directory().has_list());
}

#[test]
fn near_names_are_offered_and_far_ones_are_not() {
    let directory = directory();
    for (name, near) in [
        ("上海市黄浦区市场监管局", vec!["黄浦区市场监督管理局"]),
        ("黄浦区", vec!["黄浦区市场监督管理局"]),
        ("黄埔区市场监督管理局", vec!["黄浦区市场监督管理局"]),
        ("上海示例行业协会", vec!["上海市示例行业协会"]),
        ("外省某某商会", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(directory.near(name), near, "{name}");
    }
}

#[test]
fn kinds_are_guessed_from_names_and_named_by_words() {
    use RecommenderKind as Kind;
    for (name, kind) in [
        ("黄浦区市场监督管理局", Kind::Bureau),
        ("上海市示例行业协会", Kind::Association),
        ("上海示例（集团）有限公司", Kind::Group),
        ("上海示例集团质量协会", Kind::Association),
        ("上海示例开发区管理委员会", Kind::Other),
    ] {
        assert_eq!(Kind::guess(name), kind, "{name}");
    }
    for kind in Kind::ALL {
        assert_eq!((Kind::named(kind.key()), Kind::named(kind.label())), (Some(kind), Some(kind)));
    }
    assert_eq!((Kind::named("行业协会"), Kind::named("区长")), (Some(Kind::Association), None));
}

#[test]
fn what_a_recommendation_lacks_is_told() {
    let directory = directory();
    let key = directory.key("黄浦区市场监督管理局");
    let mut said = Recommendation::new(EntryId(1), "黄浦区市场监督管理局", Timestamp::UNIX_EPOCH);
    assert_eq!(Lack::of(None, &key, &directory), Lack::of(Some(&said), &key, &directory));
    said.opinion = "同意推荐".to_owned();
    assert_eq!(Lack::of(Some(&said), &key, &directory), [Lack::Order, Lack::Stamp]);
    (said.position, said.stamped) = (Some(1), Some(StampedSheetId(1)));
    assert_eq!(Lack::of(Some(&said), &key, &directory), []);
    assert_eq!(Lack::of(Some(&said), &directory.key("示例协会"), &directory), [Lack::OtherRecommender]);
    said.withdrawn = Some("重复".to_owned());
    assert_eq!(Lack::of(Some(&said), &key, &directory), [Lack::Withdrawn]);
    assert!(!said.is_made());
}

proptest! {
    /// Whatever is named: the new order has the same works, each once, the named ones first.
    #[test]
    fn reordering_is_a_permutation(count in 0..30_i64, picks in prop::collection::vec(0..30_i64, 0..30)) {
        let present: Vec<EntryId> = (0..count).map(EntryId).collect();
        let mut named: Vec<EntryId> = Vec::new();
        for pick in picks.into_iter().map(EntryId).filter(|pick| present.contains(pick)) {
            if !named.contains(&pick) {
                named.push(pick);
            }
        }
        let after = reordered(&present, &named);
        prop_assert_eq!(after.iter().collect::<BTreeSet<_>>(), present.iter().collect::<BTreeSet<_>>());
        prop_assert_eq!(after.len(), present.len());
        prop_assert!(after.starts_with(&named));
        let rest: Vec<EntryId> = after[named.len()..].to_vec();
        prop_assert!(rest.is_sorted());
    }

    /// A work that is given a place has it, nobody else has it, and the others stay in their order.
    #[test]
    fn moving_keeps_the_others_in_order(places in prop::collection::btree_map(0..20_i64, 1..25_u32, 0..20), entry in 0..20_i64, to in 1..25_u32) {
        // Distinct places, as every command leaves them.
        let mut taken = BTreeSet::new();
        let before: BTreeMap<EntryId, u32> =
            places.into_iter().filter(|(_, place)| taken.insert(*place)).map(|(entry, place)| (EntryId(entry), place)).collect();
        let mut after = before.clone();
        after.extend(moved(&before, EntryId(entry), to));
        prop_assert_eq!(after.get(&EntryId(entry)), Some(&to));
        prop_assert_eq!(after.values().collect::<BTreeSet<_>>().len(), after.len());
        let in_order = |positions: &BTreeMap<EntryId, u32>| {
            let mut others: Vec<(u32, EntryId)> = positions.iter().filter(|(id, _)| id.0 != entry).map(|(id, place)| (*place, *id)).collect();
            others.sort_unstable();
            others.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        prop_assert_eq!(in_order(&before), in_order(&after));
        // Nobody moves who need not: a free place moves no other.
        if before.iter().all(|(id, place)| id.0 == entry || *place != to) {
            prop_assert!(moved(&before, EntryId(entry), to).keys().all(|id| id.0 == entry));
        }
    }
}
