//! Examples and laws of folding and counting.

use super::*;
use proptest::prelude::*;

#[test]
fn text_folds_width_case_and_space() {
    assert_eq!(fold_text("质量 Ｍade　in\u{A0}上海\u{200B}\n"), "质量madein上海");
    assert_eq!(fold_text("２０２４年（第１届）"), "2024年(第1届)");
    assert_eq!(fold_text("①…é\u{FEFF}"), "1...é");
    assert_eq!(fold_text("e\u{200D}\u{301}"), "é");
    assert_eq!(fold_text(" \u{3000}\t\u{200B}"), "");
}

#[test]
fn fast_and_slow_ways_agree_on_every_character() {
    for character in '\0'..=char::MAX {
        let single = character.to_string();
        assert_eq!(fold_text(&single), fold_slowly(&single), "{character:?}");
    }
}

#[test]
fn titles_lose_signs_and_keep_numbers() {
    let same = |left: &str, right: &str| assert_eq!(fold_title(left), fold_title(right));
    let different = |left: &str, right: &str| assert_ne!(fold_title(left), fold_title(right));
    same("《匠心，筑梦！》", "〈匠心筑梦〉");
    same("“一根线”的故事（上）", "一根线的故事[上]");
    same("质量——永恒的追求", "质量-永恒的追求");
    same("4·15的约定", "4.15 的约定");
    same("1,000个日夜", "１０００个日夜");
    same("二○二四年的春天", "二〇二四年的春天");
    different("1984年的订单", "1987年的订单");
    different("3.5亿次守护", "35亿次守护");
    different("第1届", "第2届");
    assert_eq!(fold_title("第1、2章"), "第1.2章");
    assert_eq!(fold_title("100%合格"), "100合格");
    assert_eq!(fold_title("？！"), "?!");
    assert_eq!(fold_title("《　》"), "《》");
    assert_eq!(fold_title(" "), "");
    assert_eq!(fold_title("玥\u{E123}\u{FFFD}"), "玥\u{E123}\u{FFFD}");
}

#[test]
fn organizations_meet_whatever_their_brackets() {
    let folded = fold_organization("上海甲乙（集团）有限公司");
    for name in [
        "上海甲乙(集团)有限公司",
        "上海甲乙（集团)有限公司",
        "上海甲乙(集团）有限公司",
        " 上海甲乙【集团】 有限公司　",
        "上海甲乙〔集团〕有限公司",
    ] {
        assert_eq!(fold_organization(name), folded, "{name}");
    }
    assert_ne!(fold_organization("上海甲乙集团有限公司"), folded);
    assert_ne!(fold_organization("某省电力有限公司无锡供电分公司"), fold_organization("某省电力有限公司"));
    assert_eq!(fold_organization("其它—市质协"), fold_organization("其它--市质协"));
    assert_eq!(fold_organization("其它——市质协"), "其它-市质协");
    assert_eq!(fold_organization("（）"), "()");
}

#[test]
fn loose_keys_meet_where_a_question_is_due() {
    let same = |left: &str, right: &str| {
        assert_eq!(loose_organization_key(left), loose_organization_key(right));
    };
    let different = |left: &str, right: &str| {
        assert_ne!(loose_organization_key(left), loose_organization_key(right));
    };
    same("上海甲乙有限公司", "上海市甲乙有限责任公司");
    same("甲乙（集团）股份有限公司", "上海甲乙集团有限公司");
    same("甲乙有限公司无锡分公司", "甲乙有限责任公司无锡分公司");
    different("甲乙有限公司无锡分公司", "甲乙有限公司");
    different("甲乙有限公司", "甲丙有限公司");
    assert_eq!(loose_organization_key("上海集团有限公司"), "上海");
    assert_eq!(loose_organization_key("有限公司"), "有限公司");
    assert_eq!(loose_organization_key("上海市"), "上海");
    assert_eq!(loose_organization_key("集团集团"), "集团集团");
    assert_eq!(loose_organization_key("（）"), "()");
}

#[test]
fn characters_count_as_in_word() {
    for (text, expected) in [
        ("", 0),
        (" \u{3000}\n", 0),
        ("质量故事", 4),
        ("质量，故事。", 6),
        ("质量,故事", 5),
        ("2024年", 2),
        ("２０２４年", 5),
        ("ISO9001:2015 标准", 3),
        ("hello, world", 2),
        ("don’t stop", 2),
        ("他说：“好。”", 7),
        ("……——", 4),
        ("第①条", 3),
        ("质\u{200B}量 a\u{200B}b", 3),
        ("약속 이야기", 2),
        ("質量\u{FE00}", 2),
        ("𠮷野家", 3),
        ("99.9%的合格率", 5),
    ] {
        assert_eq!(count_characters(text), expected, "{text}");
    }
}

/// Text rich in what folding looks at.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[质量一二○〇（）()《》“”、，,.·—0-9０-９a-cＡ-Ｃ \u{3000}\u{200B}\u{301}]{0,12}",
        "[上海市集团有限责任股份公司（）()]{0,14}",
    ]
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(text in text()) {
        for fold in [fold_text, fold_title, fold_organization] {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }

    #[test]
    fn nothing_visible_folds_to_nothing(text in text()) {
        let blank = fold_text(&text).is_empty();
        for fold in [fold_title, fold_organization, loose_organization_key] {
            prop_assert_eq!(fold(&text).is_empty(), blank);
        }
    }

    #[test]
    fn spacing_never_matters(text in text()) {
        let spaced: String = text.chars().flat_map(|character| [character, '\u{3000}']).collect();
        let plain: String = text.nfc().collect();
        // A space can part a base from its accent for good; texts without accents must agree.
        if plain.chars().all(|character| !matches!(simple(character), Simple::Unknown)) {
            prop_assert_eq!(fold_text(&spaced), fold_text(&plain));
        }
    }

    #[test]
    fn counting_ignores_outer_space_and_never_exceeds_length(text in text()) {
        prop_assert_eq!(count_characters(&format!("\u{3000}{text} ")), count_characters(&text));
        prop_assert!(count_characters(&text) <= text.chars().count());
    }
}
