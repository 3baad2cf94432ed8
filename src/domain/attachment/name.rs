//! Owns a file's or folder's name as it is searched: folded as titles are, with the places where a sign or a blank stood, and with what
//! says nothing (versions, dates, 作品, 材料) told apart from what says something. Refuses to know works and units.

use unicode_normalization::char::is_combining_mark;

use super::super::folding::{fold_text, fold_title, is_chinese_digit, names_something};
use super::super::renaming::versions;

/// A folded name. Places are in bytes of `text`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Name {
    /// Folded as titles are.
    pub(super) text: String,
    /// Where a sign or blank stood, ascending; start and end of the text are not named.
    breaks: Vec<usize>,
}

/// So many pieces of a name may fold otherwise alone than beside their neighbours.
const MOST_LOST: usize = 16;

/// Whether a character stays in a folded name, so that no name ends at it: letters, digits, ○ in a year, what nobody can read, and
/// accents that stand behind their letters.
fn is_of_name(character: char) -> bool {
    character.is_alphanumeric()
        || matches!(character, '○' | '◯' | '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
        || is_combining_mark(character)
}

impl Name {
    pub(super) fn new(name: &str) -> Self {
        let text = fold_title(name);
        let mut breaks = Vec::new();
        let (mut place, mut lost) = (0_usize, 0);
        for piece in name.split(|letter: char| !is_of_name(letter)) {
            // A character may fold to nothing, or to a sign.
            let piece = if names_something(piece) { fold_title(piece) } else { continue };
            let Some(rest) = text.get(place..) else { break };
            // Between two numbers the fold keeps the sign.
            let gap = usize::from(rest.starts_with('.') && !piece.starts_with('.'));
            let start = if rest.get(gap..).is_some_and(|rest| rest.starts_with(&piece)) {
                place + gap
            } else if lost < MOST_LOST {
                // A neighbour has changed how this piece is folded, or the last: go on where it stands next, if it does.
                lost += 1;
                let Some(found) = rest.find(&piece) else { continue };
                place + found
            } else {
                break;
            };
            if start > 0 {
                if place > 0 && start == place + gap {
                    breaks.push(place);
                }
                if breaks.last() != Some(&start) {
                    breaks.push(start);
                }
            }
            place = start + piece.len();
        }
        Self { text, breaks }
    }

    fn is_break(&self, place: usize) -> bool {
        place == 0 || place == self.text.len() || self.breaks.binary_search(&place).is_ok()
    }

    /// Whether what stands here stands by itself: not inside a number, not inside a Latin word, and a very short one between signs.
    pub(super) fn stands_alone(&self, start: usize, end: usize) -> bool {
        let Some(found) = self.text.get(start..end) else { return false };
        let before = self.text.get(..start).and_then(|text| text.chars().next_back());
        let after = self.text.get(end..).and_then(|text| text.chars().next());
        let is_inside = |place: usize, outer: Option<char>, inner: Option<char>| {
            !self.is_break(place) && outer.zip(inner).is_some_and(|(outer, inner)| belong_together(outer, inner))
        };
        if is_inside(start, before, found.chars().next()) || is_inside(end, after, found.chars().next_back()) {
            return false;
        }
        is_long(found) || (self.is_break(start) && self.is_break(end))
    }

    /// What is left without these spans (ascending, not overlapping), cut at signs too.
    pub(super) fn rest(&self, spans: &[(usize, usize)]) -> Vec<&str> {
        let mut pieces = Vec::new();
        let mut place = 0;
        for &(start, end) in spans.iter().chain([&(self.text.len(), self.text.len())]) {
            let mut from = place;
            for &cut in self.breaks.iter().filter(|cut| (place..start).contains(*cut)).chain([&start]) {
                pieces.extend(self.text.get(from..cut).filter(|piece| !piece.is_empty()));
                from = cut;
            }
            place = end.max(place);
        }
        pieces
    }
}

/// Two characters between which no name ends: of one number, or of one Latin word.
fn belong_together(left: char, right: char) -> bool {
    (left.is_ascii_digit() && right.is_ascii_digit())
        || (left.is_ascii_alphabetic() && right.is_ascii_alphabetic())
        || (is_numeral(left) && is_numeral(right))
}

/// Chinese digits and the words for tens and more.
pub(super) fn is_numeral(character: char) -> bool {
    is_chinese_digit(character) || matches!(character, '十' | '百' | '千' | '万')
}

/// Whether a name is long enough to be found without signs around it: three hanzi, or four letters.
fn is_long(name: &str) -> bool {
    let (wide, narrow) =
        name.chars().fold((0, 0), |(wide, narrow), letter| if letter.is_ascii() { (wide, narrow + 1) } else { (wide + 1, narrow) });
    wide * 4 + narrow * 3 >= 12
}

/// What a name says beside a work's and beside words for a version: copies, the general words of a contest. Longer words before those
/// they contain.
const NOISE: &[&str] = &[
    "电子版",
    "盖章版",
    "签字版",
    "扫描版",
    "扫描件",
    "已盖章",
    "盖章",
    "扫描",
    "参赛作品",
    "参赛材料",
    "申报材料",
    "上传作品",
    "作品名称",
    "单位名称",
    "参赛单位",
    "申报单位",
    "作品",
    "材料",
    "参赛",
    "申报",
    "附件",
    "文件",
    "资料",
    "单位",
    "文档",
    "图片",
    "第一版",
    "第二版",
    "第三版",
];

/// Whether a piece of a name says nothing: versions, dates, numbers, general words.
pub(super) fn is_noise(piece: &str) -> bool {
    let mut left = piece.to_owned();
    for word in versions().chain(NOISE.iter().copied()) {
        if left.contains(word) {
            left = left.replace(word, "");
        }
    }
    let is_version = |text: &str| {
        let bare = text.trim_start_matches(['v', 'n', 'o']);
        bare.chars().all(|letter| letter.is_ascii_digit() || "._-年月日号第版稿改终的和与及了".contains(letter))
    };
    is_version(&left)
}

/// Whether a piece of a name looks like a unit that nobody found: it would be wrong to take the work's own unit instead.
pub(super) fn looks_like_a_unit(piece: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "公司",
        "集团",
        "分行",
        "支行",
        "银行",
        "医院",
        "学院",
        "大学",
        "学校",
        "中学",
        "小学",
        "研究院",
        "研究所",
        "设计院",
        "事务所",
        "管理局",
        "监督局",
        "委员会",
        "协会",
        "商会",
        "中心",
        "酒店",
        "工厂",
        "总厂",
        "分厂",
        "分局",
        "分院",
        "分店",
        "营业部",
        "办事处",
        "事业部",
        "合作社",
        "工作室",
        "商行",
        "街道",
        "车间",
    ];
    ENDINGS.iter().any(|ending| piece.ends_with(ending) && piece.len() > ending.len())
}

/// Whether a name goes on behind a unit's with the words for a branch: then it is another unit.
pub(super) fn goes_on_as_branch(rest: &str) -> bool {
    const WORDS: &[&str] = &[
        "分公司",
        "分行",
        "支行",
        "分院",
        "分厂",
        "分局",
        "分店",
        "分部",
        "分校",
        "分中心",
        "支公司",
        "子公司",
        "营业部",
        "办事处",
        "事业部",
    ];
    // A title may speak of branches too, further on.
    let near: String = rest.chars().take(12).collect();
    WORDS.iter().any(|word| near.contains(word))
}

/// A text as it is compared word by word: NFKC, lower case, no blanks.
pub(super) fn words_of(text: &str) -> String {
    fold_text(text)
}
