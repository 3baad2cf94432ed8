//! Owns two texts side by side with the parts that they share, as a value that screen and workbook show alike. Refuses to know how
//! marks look, and where the texts come from.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::similarity::common::common_parts;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether the text beside it has it too.
    pub is_common: bool,
}

/// What is said of both in one respect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// In which respect: `题目`.
    pub label: String,
    /// On the left.
    pub left: Vec<Piece>,
    /// On the right.
    pub right: Vec<Piece>,
}

impl Line {
    /// Two texts without marks.
    #[must_use]
    pub fn plain(label: &str, left: &str, right: &str) -> Self {
        let piece = |text: &str| vec![Piece { text: text.to_owned(), is_common: false }];
        Self { label: label.to_owned(), left: piece(left), right: piece(right) }
    }

    /// Two texts with the parts of at least `shortest` characters that both have.
    #[must_use]
    pub fn marked(label: &str, left: &str, right: &str, shortest: usize) -> Self {
        let (lefts, rights): (Vec<_>, Vec<_>) = common_parts(left, right).into_iter().filter(|(part, _)| part.len() >= shortest).unzip();
        Self { label: label.to_owned(), left: pieces(left, lefts), right: pieces(right, rights) }
    }
}

/// Two things side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// What is compared, and how alike it is.
    pub heading: String,
    /// What stands on the left.
    pub left: String,
    /// What stands on the right.
    pub right: String,
    /// In which respects.
    pub lines: Vec<Line>,
    /// What follows, for people.
    pub note: String,
}

/// Comparisons that are made when they are looked at: marking takes time, and nobody reads all of thousands.
#[derive(Clone)]
pub struct Comparisons {
    count: usize,
    make: Arc<dyn Fn(usize) -> Comparison + Send + Sync>,
}

impl Comparisons {
    /// So many comparisons; `make` answers a place, from 0, with the same one each time.
    #[must_use]
    pub fn made(count: usize, make: impl Fn(usize) -> Comparison + Send + Sync + 'static) -> Self {
        Self { count, make: Arc::new(make) }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Each of them, one after another.
    pub fn iter(&self) -> impl Iterator<Item = Comparison> {
        (0..self.count).map(|place| (self.make)(place))
    }
}

impl PartialEq for Comparisons {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.iter().eq(other.iter())
    }
}

impl Eq for Comparisons {}

impl fmt::Debug for Comparisons {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

/// A text cut where marks begin and end; marks that touch are one.
fn pieces(text: &str, mut marked: Vec<Range<usize>>) -> Vec<Piece> {
    marked.sort_by_key(|range| range.start);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut marks = marked.into_iter().peekable();
    for (place, character) in text.chars().enumerate() {
        while marks.next_if(|range| range.end <= place).is_some() {}
        let is_common = marks.peek().is_some_and(|range| range.contains(&place));
        match pieces.last_mut() {
            Some(last) if last.is_common == is_common => last.text.push(character),
            _ => pieces.push(Piece { text: character.to_string(), is_common }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| if piece.is_common { format!("【{}】", piece.text) } else { piece.text.clone() }).collect()
    }

    #[test]
    fn what_both_have_is_marked_on_both_sides() {
        let line = Line::marked("题目", "一颗螺丝的承诺", "承诺：一颗螺帽", 2);
        assert_eq!((shown(&line.left).as_str(), shown(&line.right).as_str()), ("【一颗螺】丝的【承诺】", "【承诺】：【一颗螺】帽"));
        let line = Line::marked("题目", "一颗螺丝的承诺", "承诺：一颗螺帽", 3);
        assert_eq!((shown(&line.left).as_str(), shown(&line.right).as_str()), ("【一颗螺】丝的承诺", "承诺：【一颗螺】帽"));
        assert_eq!(shown(&Line::marked("题目", "甲乙丙丁", "丙丁甲乙", 2).left), "【甲乙丙丁】");
    }

    proptest! {
        #[test]
        fn no_character_is_lost(left in "[质量故事a ]{0,12}", right in "[质量故事a ]{0,12}") {
            let line = Line::marked("", &left, &right, 2);
            let whole = |pieces: &[Piece]| pieces.iter().map(|piece| piece.text.as_str()).collect::<String>();
            prop_assert_eq!((whole(&line.left), whole(&line.right)), (left, right));
        }
    }
}
