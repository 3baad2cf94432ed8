//! Owns the reading of check boxes in a text: which options are ticked, however the ticks were made. Refuses to know which options a
//! field has.
//!
//! Decision worth knowing: a mark belongs to the text that it touches. Only where it touches none, or two, the look of the whole text
//! decides. A printed option without a tick is not chosen.

const EMPTY_BOXES: [char; 8] = ['□', '☐', '○', '◻', '▢', '〇', '◯', '❏'];
const TICKED_BOXES: [char; 11] = ['☑', '☒', '■', '✅', '●', '▣', '◉', '◼', '⊙', '🗹', '🗷'];
/// Ticks that people type beside a box or an option.
const TICKS: [char; 4] = ['√', '✓', '✔', '🗸'];
const OPENING: [char; 6] = ['(', '（', '[', '【', '［', '〔'];
const CLOSING: [char; 6] = [')', '）', ']', '】', '］', '〕'];

/// A piece of a text of boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// A box, ticked or not.
    Box(bool),
    /// A tick without a box.
    Tick,
    /// What stands between, never empty.
    Text(&'a str),
}

/// The options that are ticked in a text of boxes (`☑ 上海服务 □ 上海制造`); `None` where the text has no boxes.
#[must_use]
pub fn ticked(text: &str) -> Option<Vec<String>> {
    let pieces = merged(pieces(text.trim())?);
    let has_boxes = pieces.iter().any(|piece| matches!(piece, Piece::Box(_)));
    let mut options = if !has_boxes {
        beside_ticks(&pieces)
    } else if stand_behind(&pieces) {
        before_boxes(&pieces)
    } else {
        after_boxes(&pieces)
    };
    // □☑是: a tick inside its box leaves an empty option.
    options.retain(|option| !option.is_empty());
    options.dedup();
    Some(options)
}

/// Cuts a text at its marks; `None`: there are none.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    // Where all marks are, told apart by a few comparisons: nearly every cell has none.
    let may_be_mark = |character: char| matches!(character, '(' | '[' | '\u{2190}'..='\u{2BFF}' | '〇' | '【' | '〔' | '（' | '［' | '\u{1F5F0}'..='\u{1F5FF}');
    if !text.contains(may_be_mark) {
        return None;
    }
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut is_marked = false;
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let found = if OPENING.contains(&character) {
            bracketed(text.get(at..).unwrap_or_default())
        } else if TICKED_BOXES.contains(&character) {
            Some((Piece::Box(true), character.len_utf8()))
        } else if EMPTY_BOXES.contains(&character) {
            Some((Piece::Box(false), character.len_utf8()))
        } else if TICKS.contains(&character) {
            Some((Piece::Tick, character.len_utf8()))
        } else {
            None
        };
        let Some((piece, length)) = found else {
            at += character.len_utf8();
            continue;
        };
        is_marked = true;
        if start < at {
            pieces.push(Piece::Text(text.get(start..at).unwrap_or_default()));
        }
        pieces.push(piece);
        at += length;
        start = at;
    }
    if start < text.len() {
        pieces.push(Piece::Text(text.get(start..).unwrap_or_default()));
    }
    is_marked.then_some(pieces)
}

/// `[√]`, `（ ）`, `(×)` at the start of a text: a box made of brackets, and its length.
fn bracketed(text: &str) -> Option<(Piece<'_>, usize)> {
    let mut ticked = false;
    let mut is_crossed = false;
    for (inside, (at, character)) in text.char_indices().skip(1).take(12).enumerate() {
        if CLOSING.contains(&character) {
            // Two brackets without room between are no box.
            return (inside > 0).then_some((Piece::Box(ticked && !is_crossed), at + character.len_utf8()));
        }
        if TICKED_BOXES.contains(&character) || TICKS.contains(&character) {
            ticked = true;
        } else if matches!(character, '×' | '✗' | '✘') {
            is_crossed = true;
        } else if !character.is_whitespace() && !EMPTY_BOXES.contains(&character) {
            return None;
        }
    }
    None
}

fn is_blank(piece: &Piece<'_>) -> bool {
    matches!(piece, Piece::Text(text) if text.trim().is_empty())
}

/// Makes one box of marks that stand together: `□√是`, `√□是`, `□ ☑是`.
fn merged(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let mut merged: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (piece, merged.as_slice()) {
            (Piece::Box(true) | Piece::Tick, [.., Piece::Box(_)]) => {
                merged.pop();
                merged.push(Piece::Box(true));
            }
            // A tick that touches the box behind it and no text before it; else it is the tick of the option before.
            (Piece::Box(_), [.., Piece::Tick]) if !touches_before(&merged) => {
                merged.pop();
                merged.push(Piece::Box(true));
            }
            (Piece::Tick, [.., Piece::Box(_), blank]) if is_blank(blank) => {
                merged.truncate(merged.len() - 2);
                merged.push(Piece::Box(true));
            }
            _ => merged.push(piece),
        }
    }
    merged
}

/// Whether text stands directly before the last piece.
fn touches_before(pieces: &[Piece<'_>]) -> bool {
    match pieces {
        [.., Piece::Text(text), _] => text.chars().next_back().is_some_and(|last| !last.is_whitespace()),
        _ => false,
    }
}

/// Whether the boxes stand behind their options (`是☑ 否□`).
fn stand_behind(pieces: &[Piece<'_>]) -> bool {
    let Some(Piece::Text(first)) = pieces.iter().find(|piece| !is_blank(piece)) else { return false };
    if first.trim_end().ends_with([':', '：']) {
        return false;
    }
    let (mut before, mut behind) = (0, 0);
    for (index, _) in pieces.iter().enumerate().filter(|(_, piece)| !matches!(piece, Piece::Text(_))) {
        let previous = index.checked_sub(1).and_then(|index| pieces.get(index));
        if matches!(previous, Some(Piece::Text(text)) if text.chars().next_back().is_some_and(|last| !last.is_whitespace())) {
            behind += 1;
        }
        if matches!(pieces.get(index + 1), Some(Piece::Text(text)) if text.chars().next().is_some_and(|next| !next.is_whitespace())) {
            before += 1;
        }
    }
    let ends_with_box = pieces.last().is_some_and(|last| !matches!(last, Piece::Text(_)));
    behind > before || (behind == before && ends_with_box)
}

/// Boxes before their options; a tick beside the option ticks its box.
fn after_boxes(pieces: &[Piece<'_>]) -> Vec<String> {
    let mut options: Vec<(bool, String)> = Vec::new();
    for piece in pieces {
        match (piece, options.last_mut()) {
            (Piece::Box(ticked), _) => options.push((*ticked, String::new())),
            (Piece::Tick, Some((ticked, _))) => *ticked = true,
            (Piece::Text(text), Some((_, option))) => option.push_str(text),
            // √上海服务 □上海制造: the first option has lost its box to the tick.
            (Piece::Tick, None) => options.push((true, String::new())),
            (Piece::Text(_), None) => {}
        }
    }
    options.into_iter().filter(|(ticked, _)| *ticked).map(|(_, option)| option_text(&option)).collect()
}

/// Boxes and ticks behind their options.
fn before_boxes(pieces: &[Piece<'_>]) -> Vec<String> {
    let mut options = Vec::new();
    let mut option = "";
    for piece in pieces {
        match piece {
            Piece::Text(text) => option = text,
            Piece::Box(ticked) => {
                if *ticked {
                    options.push(option_text(option));
                }
                option = "";
            }
            Piece::Tick => {
                options.push(option_text(option));
                option = "";
            }
        }
    }
    options
}

/// Ticks without any box: each takes the word that it touches.
fn beside_ticks(pieces: &[Piece<'_>]) -> Vec<String> {
    let begins = pieces.iter().find(|piece| !is_blank(piece)).is_some_and(|piece| *piece == Piece::Tick);
    let mut options = Vec::new();
    for (index, _) in pieces.iter().enumerate().filter(|(_, piece)| **piece == Piece::Tick) {
        let text = |piece: Option<&Piece<'_>>| match piece {
            Some(Piece::Text(text)) => (*text).to_owned(),
            _ => String::new(),
        };
        let before = text(index.checked_sub(1).and_then(|index| pieces.get(index)));
        let after = text(pieces.get(index + 1));
        let touches_before = before.chars().next_back().is_some_and(|last| !is_separator(last));
        let touches_after = after.chars().next().is_some_and(|next| !is_separator(next));
        let takes_after = match (touches_before, touches_after) {
            (true, false) => false,
            (false, true) => true,
            _ => begins || before.trim().is_empty(),
        };
        let word = if takes_after { after.split(is_separator).find(|word| !word.is_empty()) } else { last_word(&before) };
        options.push(word.map(option_text).unwrap_or_default());
    }
    options
}

fn last_word(text: &str) -> Option<&str> {
    text.rsplit(is_separator).find(|word| !word.is_empty())
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '、' | '，' | ',' | ';' | '；' | '/' | '／')
}

/// An option without the heading of the next group and without blanks to fill in; 其他 with what was filled in.
fn option_text(raw: &str) -> String {
    let line = raw.trim().lines().next().unwrap_or_default().trim();
    let words: Vec<&str> = line.split_whitespace().collect();
    let cut = match words.last() {
        Some(last) if words.len() > 1 && last.ends_with([':', '：']) => words.len() - 1,
        _ => words.len(),
    };
    let kept = words.get(..cut).unwrap_or_default().join(" ");
    let bare = |text: &str| -> String {
        text.trim_matches(['_', '、', '，', ',', ';', '；', '＿', '/', ' ', '。', '：', ':']).trim().to_owned()
    };
    let option = bare(&kept);
    let Some(rest) = option.strip_prefix("其他").or_else(|| option.strip_prefix("其它")) else { return option };
    let other = option.get(..option.len() - rest.len()).unwrap_or_default();
    let mut rest = rest.trim_start_matches(|character: char| is_fill(character) || OPENING.contains(&character));
    for asked in ["请填写", "请注明", "请说明", "请具体说明", "请具体填写"] {
        rest = rest.strip_prefix(asked).unwrap_or(rest);
    }
    let rest = rest.trim_matches(|character: char| is_fill(character) || OPENING.contains(&character) || CLOSING.contains(&character));
    if rest.is_empty() { other.to_owned() } else { format!("{other}：{rest}") }
}

fn is_fill(character: char) -> bool {
    character.is_whitespace() || matches!(character, '_' | '＿' | '：' | ':' | '，' | ',' | '、' | '.' | '…')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        ticked(text).map_or_else(|| "（无框）".to_owned(), |options| options.join("、"))
    }

    #[test]
    fn ticks_are_read_however_they_are_made() {
        for (text, chosen) in [
            ("上海服务", "（无框）"),
            ("☑上海服务 □上海制造", "上海服务"),
            ("☒ 上海服务 ☐ 上海制造", "上海服务"),
            ("□上海服务 ■上海制造", "上海制造"),
            ("□上海服务 □上海制造", ""),
            ("□√上海服务 □上海制造", "上海服务"),
            ("□ √ 上海服务 □ 上海制造", "上海服务"),
            ("√□上海服务 □上海制造", "上海服务"),
            ("□上海服务 √□上海制造 □上海购物", "上海制造"),
            ("□上海服务√ □上海制造", "上海服务"),
            ("□上海服务√□上海制造", "上海服务"),
            ("√上海服务 □上海制造", "上海服务"),
            ("√上海服务 上海制造", "上海服务"),
            ("√ 上海服务 上海制造", "上海服务"),
            ("上海服务√ 上海制造 上海购物", "上海服务"),
            ("上海服务 上海制造√ 上海购物", "上海制造"),
            ("上海服务 √上海制造 上海购物", "上海制造"),
            ("上海服务、上海制造√、上海购物", "上海制造"),
            ("[√]上海服务 [ ]上海制造", "上海服务"),
            ("（√）上海服务 （ ）上海制造", "上海服务"),
            ("（　）上海服务 （√）上海制造", "上海制造"),
            ("上海服务（ ） 上海制造（√）", "上海制造"),
            ("(×)上海服务 (√)上海制造", "上海制造"),
            ("是☑ 否□", "是"),
            ("是□ 否√", "否"),
            ("是√ 否", "是"),
            ("演讲□ 微电影√ 案例□", "微电影"),
            ("国有□ 民营☑ 其他□____", "民营"),
            ("□国有 ☑其他_____", "其他"),
            ("□国有 ☑其他__互联网平台__", "其他：互联网平台"),
            ("□国有 ☑其他（互联网平台）", "其他：互联网平台"),
            ("□获证 ☑其它，请填写：上海名牌", "其它：上海名牌"),
            ("两大传统产业升级: □数字化转型 ☑绿色化转型\n三大先导产业: □集成电路", "绿色化转型"),
            ("两大传统产业升级：☑数字化转型  □绿色化转型  三大先导产业：☑集成电路", "数字化转型、集成电路"),
            ("√", ""),
            ("联系部门（一）", "（无框）"),
        ] {
            assert_eq!(read(text), chosen, "{text}");
        }
    }

    #[test]
    fn every_mark_is_looked_for() {
        for mark in EMPTY_BOXES.into_iter().chain(TICKED_BOXES).chain(TICKS) {
            assert!(ticked(&format!("{mark}甲")).is_some(), "{mark}");
        }
        for (open, close) in OPENING.into_iter().zip(CLOSING) {
            assert!(ticked(&format!("{open}√{close}甲")).is_some() && ticked(&format!("{open} {close}甲")).is_some(), "{open}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[□☑√（）\\[\\] 甲乙其他_：\n]{0,40}") {
            let _ = ticked(&text);
        }

        #[test]
        fn exactly_the_ticked_boxes_are_chosen(ticks in prop::collection::vec(any::<bool>(), 1..8), space in "[ 　]{0,2}") {
            let names = ["甲类", "乙类", "丙类", "丁类", "戊类", "己类", "庚类"];
            let text: Vec<String> =
                ticks.iter().zip(names).map(|(ticked, name)| format!("{}{name}{space}", if *ticked { '☑' } else { '□' })).collect();
            let wanted: Vec<&str> = ticks.iter().zip(names).filter(|(ticked, _)| **ticked).map(|(_, name)| name).collect();
            prop_assert_eq!(ticked(&text.concat()).unwrap_or_default(), wanted);
        }
    }
}
