//! How long the search for look-alikes takes at 260 to 100,000 works.
//!
//! Titles are chained words; summaries are chained phrases from books of different size: the
//! smaller the book, the more phrases any two works share, and the harder the search. One work in
//! fifty is a slightly changed copy of an earlier one.

#[path = "dice.rs"]
mod dice;

use dasai::domain::folding::{fold_text, fold_title};
use dasai::domain::similarity::join::{Options, join, join_between};
use dasai::domain::similarity::ratio::Threshold;
use dice::Dice;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// One contest, the most works that are few, the fewest that are many, and many.
const WORKS: [usize; 5] = [260, 1_000, 1_001, 10_000, 100_000];

impl Dice {
    fn phrases(&mut self, count: usize) -> Vec<String> {
        let words = self.words(4_000);
        (0..count).map(|_| (0..2 + self.below(4)).map(|_| words[self.skewed(words.len())].as_str()).collect()).collect()
    }

    fn text(&mut self, book: &[String], least: usize, most: usize) -> String {
        let length = least + self.below(most - least + 1);
        let mut text = String::new();
        let mut written = 0;
        while written < length {
            let phrase = &book[self.skewed(book.len())];
            written += phrase.chars().count();
            text.push_str(phrase);
        }
        text.chars().take(length).collect()
    }

    fn works(&mut self, count: usize, book: &[String], least: usize, most: usize) -> Vec<String> {
        let mut works: Vec<String> = Vec::with_capacity(count);
        for number in 0..count {
            let work = if number > 0 && self.below(50) == 0 {
                let mut copy: Vec<char> = works[self.below(number)].chars().collect();
                for _ in 0..=copy.len() / 40 {
                    let place = self.below(copy.len());
                    copy[place] = self.hanzi();
                }
                copy.into_iter().collect()
            } else {
                self.text(book, least, most)
            };
            works.push(work);
        }
        works
    }
}

fn titles(count: usize) -> Vec<String> {
    let mut dice = Dice(1);
    let book = dice.words(5_000);
    dice.works(count, &book, 8, 25)
}

fn summaries(count: usize, phrases: usize) -> Vec<String> {
    let mut dice = Dice(2);
    let book = dice.phrases(phrases);
    dice.works(count, &book, 100, 300)
}

fn threshold(hundredths: u32) -> Option<Threshold> {
    Threshold::new(hundredths, 100)
}

fn run(bencher: Bencher<'_, '_>, texts: &[String], options: Option<Options>) {
    let Some(options) = options else { return };
    bencher.bench(|| black_box(join(black_box(texts), options)).is_complete());
}

#[divan::bench(args = WORKS, sample_count = 5, sample_size = 1)]
fn titles_at_80(bencher: Bencher<'_, '_>, works: usize) {
    run(bencher, &titles(works), threshold(80).map(Options::for_titles));
}

#[divan::bench(args = WORKS, sample_count = 3, sample_size = 1)]
fn titles_at_60(bencher: Bencher<'_, '_>, works: usize) {
    run(bencher, &titles(works), threshold(60).map(Options::for_titles));
}

#[divan::bench(args = WORKS, consts = [20_000, 5_000, 2_000, 500], sample_count = 3, sample_size = 1)]
fn summaries_at_60<const PHRASES: usize>(bencher: Bencher<'_, '_>, works: usize) {
    run(bencher, &summaries(works, PHRASES), threshold(60).map(Options::for_summaries));
}

#[divan::bench(args = WORKS, sample_count = 3, sample_size = 1)]
fn summaries_at_80(bencher: Bencher<'_, '_>, works: usize) {
    run(bencher, &summaries(works, 5_000), threshold(80).map(Options::for_summaries));
}

/// The hardest: long texts of which each is like each other.
#[divan::bench(args = [1_000, 1_001], sample_count = 3, sample_size = 1)]
fn long_summaries_all_alike(bencher: Bencher<'_, '_>, works: usize) {
    let mut dice = Dice(3);
    let first: Vec<char> = (0..4_000).map(|_| dice.hanzi()).collect();
    let changed = |_| {
        let mut copy = first.clone();
        for _ in 0..300 {
            let place = dice.below(copy.len());
            copy[place] = dice.hanzi();
        }
        copy.into_iter().collect()
    };
    let texts: Vec<String> = (0..works).map(changed).collect();
    run(bencher, &texts, threshold(60).map(Options::for_summaries));
}

#[divan::bench(args = WORKS, sample_count = 3, sample_size = 1)]
fn equal_titles(bencher: Bencher<'_, '_>, works: usize) {
    run(bencher, &vec![String::from("同一个题目"); works], threshold(80).map(Options::for_titles));
}

#[divan::bench(args = WORKS, sample_count = 3, sample_size = 1)]
fn new_works_against_old_summaries(bencher: Bencher<'_, '_>, works: usize) {
    let old = summaries(works, 5_000);
    let new: Vec<String> = old.iter().step_by(80).cloned().collect();
    let Some(options) = threshold(60).map(Options::for_summaries) else {
        return;
    };
    bencher.bench(|| black_box(join_between(black_box(&new), &old, options)).is_complete());
}

#[divan::bench(args = WORKS, sample_count = 5, sample_size = 1)]
fn folding_titles(bencher: Bencher<'_, '_>, works: usize) {
    let texts = titles(works);
    bencher.bench(|| black_box(&texts).iter().map(|text| fold_title(text).len()).sum::<usize>());
}

#[divan::bench(args = WORKS, sample_count = 5, sample_size = 1)]
fn folding_summaries(bencher: Bencher<'_, '_>, works: usize) {
    let texts = summaries(works, 5_000);
    bencher.bench(|| black_box(&texts).iter().map(|text| fold_text(text).len()).sum::<usize>());
}
