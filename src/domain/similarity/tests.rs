//! The join against a slow, obvious twin; laws; and examples from the field.

use super::common::common_parts;
use super::join::{Groups, Join, JoinBetween, Options, join, join_between};
use super::numbers::numbers_of;
use super::ratio::{Ratio, Threshold};
use crate::domain::folding::fold_title;
use proptest::prelude::*;

/// Two works with similar or equal texts. The program reads groups; the tests spell their pairs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    left: usize,
    right: usize,
    pub(super) similarity: Ratio,
}

impl Groups {
    fn count(&self) -> usize {
        self.group_of.iter().flatten().max().map_or(0, |most| *most as usize + 1)
    }

    /// The pairs of a work with works from `least` on.
    fn partners(&self, work: usize, least: usize) -> Vec<Pair> {
        let Some(group) = self.group_of.get(work).copied().flatten() else { return Vec::new() };
        let linked = self.linked(group as usize).iter().copied();
        let mut partners: Vec<Pair> = std::iter::once((group, Ratio::ONE))
            .chain(linked)
            .flat_map(|(other, similarity)| {
                let members = self.members(other as usize).iter().filter(move |member| **member >= least);
                members.map(move |&right| Pair { left: work, right, similarity })
            })
            .collect();
        partners.sort_unstable_by_key(|pair| pair.right);
        partners
    }
}

impl Join {
    fn equal_groups(&self) -> impl Iterator<Item = &[usize]> {
        (0..self.groups.count()).map(|group| self.groups.members(group)).filter(|members| members.len() > 1)
    }

    fn similar_groups(&self) -> impl Iterator<Item = (&[usize], &[usize], Ratio)> {
        let groups = &self.groups;
        (0..groups.count()).flat_map(move |group| {
            let linked = groups.linked(group).iter().filter(move |&&(other, _)| other as usize > group);
            linked.map(move |&(other, similarity)| (groups.members(group), groups.members(other as usize), similarity))
        })
    }

    fn pair_count(&self) -> usize {
        let equal: usize = self.equal_groups().map(|members| members.len() * (members.len() - 1) / 2).sum();
        let similar: usize = self.similar_groups().map(|(left, right, _)| left.len() * right.len()).sum();
        equal + similar
    }

    /// All pairs by (left, right), each once, with left < right.
    pub(super) fn pairs(&self) -> impl Iterator<Item = Pair> {
        (0..self.groups.group_of.len()).flat_map(move |left| self.groups.partners(left, left + 1).into_iter())
    }

    fn partners_of(&self, work: usize) -> Vec<Pair> {
        let mut partners = self.groups.partners(work, 0);
        partners.retain(|pair| pair.right != work);
        partners
    }
}

impl JoinBetween {
    /// All pairs by (new, old).
    fn pairs(&self) -> impl Iterator<Item = Pair> {
        (0..self.new_works).flat_map(move |new| {
            let partners = self.groups.partners(new, self.new_works).into_iter();
            partners.map(|pair| Pair { right: pair.right - self.new_works, ..pair })
        })
    }
}

const THRESHOLDS: [&str; 6] = ["0.3", "0.5", "0.6", "0.8", "0.95", "1.0"];

fn threshold(decimal: &str) -> Threshold {
    Threshold::from_decimal(decimal).expect("a threshold of the tests")
}

/// A small generator of its own: the same texts on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    fn text(&mut self, alphabet: &[char], length: usize) -> String {
        (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

fn hanzi(count: u32) -> Vec<char> {
    (0..count).filter_map(|offset| char::from_u32(0x4E00 + offset)).collect()
}

/// All grams of a text, sorted, each as often as it stands there. A lone character is its own
/// gram, doubled by nothing.
fn grams(text: &str) -> Vec<u64> {
    let characters: Vec<char> = text.chars().collect();
    let mut grams: Vec<u64> = characters
        .windows(characters.len().clamp(1, 2))
        .map(|gram| gram.iter().fold(0, |key, &character| (key << 32) | (u64::from(character) + 1)))
        .collect();
    grams.sort_unstable();
    grams
}

/// Counts what is in both by walking the two rows side by side.
fn similarity(left: &[u64], right: &[u64]) -> Ratio {
    let (mut here, mut there, mut shared) = (0, 0, 0_u32);
    while here < left.len() && there < right.len() {
        let (ours, theirs) = (left[here], right[there]);
        if ours <= theirs {
            here += 1;
        }
        if theirs <= ours {
            there += 1;
        }
        if ours == theirs {
            shared += 1;
        }
    }
    let total = u32::try_from(left.len() + right.len()).expect("short texts");
    Ratio::new(shared, total - shared)
}

/// Every pair that shares anything, whatever the threshold.
fn all_pairs(texts: &[String], numbers_must_agree: bool) -> Vec<Pair> {
    let counted: Vec<_> = texts.iter().map(|text| grams(text)).collect();
    let numbers: Vec<_> = texts.iter().map(|text| numbers_of(text)).collect();
    let mut pairs = Vec::new();
    for left in 0..texts.len() {
        for right in left + 1..texts.len() {
            let similarity = similarity(&counted[left], &counted[right]);
            if similarity > Ratio::ZERO && (!numbers_must_agree || numbers[left] == numbers[right]) {
                pairs.push(Pair { left, right, similarity });
            }
        }
    }
    pairs
}

fn options(decimal: &str, numbers_must_agree: bool) -> Options {
    Options { numbers_must_agree, ..Options::for_summaries(threshold(decimal)) }
}

fn found(join: &Join) -> Vec<Pair> {
    assert!(join.is_complete());
    let pairs: Vec<Pair> = join.pairs().collect();
    assert_eq!(join.pair_count(), pairs.len());
    pairs
}

/// Few of the texts and all of them: the two are searched in different ways.
fn agrees_with_twin(texts: &[String], numbers_must_agree: bool) {
    let all = all_pairs(texts, numbers_must_agree);
    for decimal in THRESHOLDS {
        let least = threshold(decimal);
        for count in [FEW, texts.len()] {
            let expected = all.iter().copied().filter(|pair| pair.right < count && least.admits(pair.similarity));
            let joined = join(&texts[..count], options(decimal, numbers_must_agree));
            assert!(found(&joined) == expected.collect::<Vec<_>>(), "{decimal}, {count} works: not the pairs of the twin");
        }
    }
}

/// So many works are few.
const FEW: usize = 700;

/// The same texts with more than a thousand behind them that are like no other.
fn among_many(texts: &[String]) -> Vec<String> {
    let unlike = |number: u32| char::from_u32(0xF_0000 + number).map(String::from).expect("a private character");
    texts.iter().cloned().chain((0..1_001).map(unlike)).collect()
}

fn works(seed: u64, count: usize, mut next: impl FnMut(&mut Dice, &[String]) -> String) -> Vec<String> {
    let mut dice = Dice(seed);
    let mut texts = Vec::with_capacity(count);
    for _ in 0..count {
        let text = next(&mut dice, &texts);
        texts.push(text);
    }
    texts
}

/// Changes, drops or doubles a few characters of an earlier text.
fn near_copy(dice: &mut Dice, texts: &[String], alphabet: &[char]) -> String {
    let mut copy: Vec<char> = texts[dice.below(texts.len())].chars().collect();
    for _ in 0..dice.below(4) {
        if copy.is_empty() {
            break;
        }
        let place = dice.below(copy.len());
        match dice.below(3) {
            0 => copy[place] = alphabet[dice.below(alphabet.len())],
            1 => drop(copy.remove(place)),
            _ => copy.insert(place, copy[place]),
        }
    }
    copy.into_iter().collect()
}

#[test]
fn three_thousand_works_with_many_near_copies() {
    let alphabet = hanzi(300);
    agrees_with_twin(
        &works(1, 3_000, |dice, texts| {
            if !texts.is_empty() && dice.below(3) > 0 {
                return near_copy(dice, texts, &alphabet);
            }
            let length = dice.below(26);
            dice.text(&alphabet, length)
        }),
        false,
    );
}

#[test]
fn three_thousand_works_of_equal_length_from_few_characters() {
    let alphabet = hanzi(6);
    agrees_with_twin(&works(2, 3_000, |dice, _| dice.text(&alphabet, 12)), false);
}

#[test]
fn three_thousand_very_short_empty_and_repetitive_works() {
    let alphabet = hanzi(3);
    agrees_with_twin(
        &works(3, 3_000, |dice, _| {
            let length = dice.below(9);
            match dice.below(3) {
                0 => dice.text(&alphabet[..1], length * 3),
                _ => dice.text(&alphabet, length),
            }
        }),
        false,
    );
}

#[test]
fn three_thousand_works_around_one_frequent_part_and_with_numbers() {
    let (alphabet, digits) = (hanzi(40), ['一', '九', '8', '4', '年', '第']);
    agrees_with_twin(
        &works(4, 3_000, |dice, _| {
            let (front, number, back) = (dice.below(4), dice.below(4), dice.below(4));
            let front = dice.text(&alphabet, front);
            let number = dice.text(&digits, number);
            format!("{front}质量故事{number}{}", dice.text(&alphabet, back))
        }),
        true,
    );
}

#[test]
fn enough_works_for_two_threads() {
    let alphabet = hanzi(500);
    let book: Vec<String> = {
        let mut dice = Dice(5);
        (0..60).map(|_| dice.text(&alphabet, 6)).collect()
    };
    let texts = works(6, 4_200, |dice, texts| {
        if !texts.is_empty() && dice.below(4) == 0 {
            return near_copy(dice, texts, &alphabet);
        }
        let phrases = 1 + dice.below(6);
        (0..phrases).map(|_| book[dice.below(book.len())].as_str()).collect()
    });
    agrees_with_twin(&texts, false);
    let again = |_| join(&texts, options("0.5", false)).pairs().collect::<Vec<_>>();
    assert!(again(0) == again(1));
}

#[test]
fn numbers_tell_titles_apart() {
    let similar = |left: &str, right: &str| {
        let texts = [fold_title(left), fold_title(right)];
        join(&texts, Options::for_titles(threshold("0.5"))).pair_count() == 1
    };
    assert!(similar("1984年的一张订单", "1984年的那张订单"));
    assert!(!similar("1984年的一张订单", "1987年的一张订单"));
    assert!(!similar("一九八四年的一张订单", "一九八七年的一张订单"));
    assert!(similar("一张订单的质量故事里的质量人", "订单的质量故事里的质量人"));
    assert!(!similar("第一届质量月里的质量故事", "第二届质量月里的质量故事"));
    assert!(similar("二十年的坚守与质量的故事", "20年的坚守与质量的故事"));
    assert!(!similar("合格率99.1%的背后故事", "合格率91.9%的背后故事"));
}

#[test]
fn numbers_are_read_in_digits_and_in_hanzi() {
    for (title, expected) in [
        ("1984到2024", vec!["1984", "2024"]),
        ("第007号", vec!["7"]),
        ("一九八四年", vec!["1984"]),
        ("二〇二四", vec!["2024"]),
        ("三百六十五个日夜", vec!["365"]),
        ("两万五千里", vec!["25000"]),
        ("一百零五", vec!["105"]),
        ("一亿三千万", vec!["130000000"]),
        ("三万亿", vec!["3000000000000"]),
        ("第三代", vec!["3"]),
        ("百年老店", vec!["100"]),
        ("十年磨一剑", vec!["10"]),
        ("一生一世", vec![]),
        ("千万家的万千笑脸", vec![]),
        ("三三十", vec!["三三十"]),
        ("000", vec!["0"]),
        ("", vec![]),
    ] {
        assert_eq!(numbers_of(title), expected, "{title}");
    }
}

#[test]
fn a_hundred_thousand_equal_titles_are_one_group() {
    let texts = vec!["同一个题目"; 100_000];
    let joined = join(&texts, options("0.8", true));
    assert_eq!(joined.equal_groups().map(<[usize]>::len).collect::<Vec<_>>(), [100_000]);
    assert_eq!(joined.pair_count(), 4_999_950_000);
    let first: Vec<(usize, usize)> = joined.pairs().take(2).map(|pair| (pair.left, pair.right)).collect();
    assert_eq!(first, [(0, 1), (0, 2)]);
    assert_eq!(joined.partners_of(99_999).len(), 99_999);
}

#[test]
fn one_side_alone_has_no_pairs() {
    let (some, none) = (["质量故事", "质量故事"], [""; 1]);
    for (new, old) in [(&some[..], &none[..]), (&none, &some), (&[], &some), (&some, &[])] {
        let between = join_between(new, old, options("0.1", false));
        assert_eq!((between.pairs().count(), between.is_complete()), (0, true));
    }
    let nothing: [&str; 0] = [];
    assert_eq!(join(nothing, options("0.1", true)).pair_count(), 0);
}

#[test]
fn too_many_links_are_said_and_not_endured() {
    let alphabet = hanzi(100);
    let texts = works(7, 6_000, |dice, _| format!("质量故事质量故事质量{}", dice.text(&alphabet, 2)));
    let limited = Options { most_links: 1_000, ..options("0.3", false) };
    for texts in [&texts[..], &texts[..FEW]] {
        let joined = join(texts, limited);
        assert!(!joined.is_complete());
        assert!(joined.pairs().all(|pair| threshold("0.3").admits(pair.similarity)));
        assert_eq!(joined.pair_count(), join(texts, limited).pair_count());
    }
}

#[test]
fn groups_are_shown_with_their_likes() {
    let texts = ["质量的故事", "", "质量的故事", "质量的事故", "质量的故事集", ""];
    let joined = join(texts, options("0.8", false));
    assert_eq!(joined.equal_groups().collect::<Vec<_>>(), [[0, 2].as_slice()]);
    assert_eq!(joined.similar_groups().collect::<Vec<_>>(), [([0, 2].as_slice(), [4].as_slice(), Ratio::new(4, 5))]);
    let places: Vec<_> = found(&joined).iter().map(|pair| (pair.left, pair.right)).collect();
    assert_eq!(places, [(0, 2), (0, 4), (2, 4)]);
    assert!(joined.partners_of(1).is_empty());
    assert!(joined.partners_of(99).is_empty());
}

#[test]
fn decimals_become_exact_thresholds() {
    assert_eq!(Threshold::from_decimal("0.80"), Threshold::new(4, 5));
    assert_eq!(Threshold::from_decimal("1"), Threshold::new(1, 1));
    assert_eq!(Threshold::from_decimal(" 0.333333333 "), Threshold::new(333_333_333, 1_000_000_000));
    for wrong in ["", "0", "0.0", "1.01", "-0.5", "+0.5", "0.", ".", "八", "0.1234567891", "1e-1", "0.5.1"] {
        assert_eq!(Threshold::from_decimal(wrong), None, "{wrong}");
    }
    assert_eq!(Ratio::new(299, 300).to_string(), "0.99");
    assert_eq!(Ratio::new(5, 5).to_string(), "1.00");
    assert_eq!(Ratio::new(4, 6), Ratio::new(2, 3));
    assert!(Ratio::new(1, 3) < Ratio::new(2, 5));
}

#[test]
fn common_parts_are_the_longest_blocks() {
    let parts = common_parts("上海品牌的质量故事", "质量故事：上海ＡＢ的品牌");
    assert_eq!(parts, [(5..9, 0..4), (0..2, 5..7), (2..4, 10..12)]);
    assert_eq!(common_parts("一顆螺絲", "一颗螺丝钉"), [(0..4, 0..4)]);
    assert_eq!(common_parts("Made in", "ＭＡＤＥ"), [(0..4, 0..4)]);
    assert_eq!(common_parts("aaaa", "aaaaaa"), [(0..4, 0..4)]);
    assert!(common_parts("质", "质").is_empty());
    assert!(common_parts("", "质量").is_empty());
}

#[test]
fn long_texts_are_few_only_if_none_is_too_long() {
    let alphabet = hanzi(2_000);
    for length in [1_500, 4_000, 5_000] {
        let texts = works(8, 40, |dice, texts| match texts {
            [.., last] if dice.below(2) == 0 => near_copy(dice, std::slice::from_ref(last), &alphabet),
            _ => dice.text(&alphabet, length),
        });
        let expected: Vec<Pair> = all_pairs(&texts, false).into_iter().filter(|pair| threshold("0.8").admits(pair.similarity)).collect();
        assert!(expected.len() > 10);
        assert_eq!(found(&join(&texts, options("0.8", false))), expected);
    }
}

/// Short texts over few characters: collisions, repeats, digits, and the empty text.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[一二年质量a19]{0,6}", "[ab]{0,12}", "\\PC{0,4}"]
}

fn any_options() -> impl Strategy<Value = Options> {
    (1_u32..=40, 1_u32..=40, any::<bool>()).prop_filter_map("a threshold", |(part, whole, numbers_must_agree)| {
        let threshold = Threshold::new(part, whole)?;
        Some(Options { numbers_must_agree, ..Options::for_summaries(threshold) })
    })
}

proptest! {
    #[test]
    fn join_is_its_twin(texts in prop::collection::vec(text(), 0..30), options in any_options()) {
        let mut expected = all_pairs(&texts, options.numbers_must_agree);
        expected.retain(|pair| options.threshold.admits(pair.similarity));
        prop_assert_eq!(&found(&join(among_many(&texts), options)), &expected);
        prop_assert_eq!(found(&join(&texts, options)), expected);
    }

    #[test]
    fn join_between_is_the_join_of_both_without_inner_pairs(
        new in prop::collection::vec(text(), 0..20),
        old in prop::collection::vec(text(), 0..20),
        options in any_options(),
    ) {
        let both = [new.clone(), old.clone()].concat();
        let expected: Vec<Pair> = join(&both, options)
            .pairs()
            .filter(|pair| pair.left < new.len() && pair.right >= new.len())
            .map(|pair| Pair { right: pair.right - new.len(), ..pair })
            .collect();
        let between = join_between(&new, among_many(&old), options);
        prop_assert_eq!(&between.pairs().collect::<Vec<_>>(), &expected);
        let between = join_between(&new, &old, options);
        prop_assert_eq!(between.pairs().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn order_of_works_does_not_matter(texts in prop::collection::vec(text(), 0..20), options in any_options()) {
        let last = texts.len().saturating_sub(1);
        let reversed: Vec<String> = texts.iter().rev().cloned().collect();
        let mut turned: Vec<Pair> = join(&reversed, options)
            .pairs()
            .map(|pair| Pair { left: last - pair.right, right: last - pair.left, ..pair })
            .collect();
        turned.sort_unstable_by_key(|pair| (pair.left, pair.right));
        prop_assert_eq!(found(&join(&texts, options)), turned);
    }

    #[test]
    fn every_text_is_like_itself_alone(text in text()) {
        let joined = join(&[text.clone(), text.clone()], options("1.0", true));
        let expected: Vec<Ratio> = (!text.is_empty()).then_some(Ratio::ONE).into_iter().collect();
        prop_assert_eq!(joined.pairs().map(|pair| pair.similarity).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn partners_are_the_pairs_seen_from_one_work(texts in prop::collection::vec(text(), 1..15), options in any_options()) {
        let joined = join(&texts, options);
        for work in 0..texts.len() {
            let partners: Vec<usize> = joined.partners_of(work).iter().map(|pair| pair.right).collect();
            let expected: Vec<usize> = (0..texts.len())
                .filter(|&other| joined.pairs().any(|pair| (pair.left, pair.right) == (work.min(other), work.max(other)) && work != other))
                .collect();
            prop_assert_eq!(partners, expected);
        }
    }

    #[test]
    fn titles_that_differ_in_one_digit_are_no_pair(
        front in "[质量年第]{0,5}", digits in "[1-9]{1,4}", back in "[质量年的]{0,5}",
    ) {
        let other: String = digits.chars().map(|digit| if digit == '9' { '1' } else { '9' }).collect();
        let texts = [format!("{front}{digits}{back}"), format!("{front}{other}{back}")];
        prop_assert_eq!(join(&texts, Options::for_titles(threshold("0.01"))).pair_count(), 0);
    }

    #[test]
    fn common_parts_are_equal_apart_and_exhausted(left in "[ab质量]{0,14}", right in "[ab质量]{0,14}") {
        let (left_characters, right_characters): (Vec<char>, Vec<char>) =
            (left.chars().collect(), right.chars().collect());
        let mut free = (vec![true; left_characters.len()], vec![true; right_characters.len()]);
        let mut shortest = usize::MAX;
        for (from, to) in common_parts(&left, &right) {
            prop_assert!(from.len() >= 2 && from.len() <= shortest);
            shortest = from.len();
            prop_assert_eq!(&left_characters[from.clone()], &right_characters[to.clone()]);
            for (place, other) in from.zip(to) {
                prop_assert!(std::mem::take(&mut free.0[place]) && std::mem::take(&mut free.1[other]));
            }
        }
        for place in 1..left_characters.len() {
            for other in 1..right_characters.len() {
                let open = free.0[place - 1] && free.0[place] && free.1[other - 1] && free.1[other];
                prop_assert!(!open || left_characters[place - 1..=place] != right_characters[other - 1..=other]);
            }
        }
    }
}
