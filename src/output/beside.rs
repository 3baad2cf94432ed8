//! Owns how comparisons look on a terminal: two columns under each other's names, what both have in colour, or in 【】 where there is none.
//! Refuses to know what is compared.
//!
//! Decision worth knowing: a mark must survive the breaking of lines. While lines are broken, its ends are two characters that no text
//! keeps and that take no room; only whole lines are then coloured.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::table::{GAP, clean, labelled, wrap};
use super::ui::Terminal;
use crate::domain::beside::{Comparison, Comparisons, Line, Piece};

/// The ends of a mark while lines are broken.
const BEGIN: char = '\u{2061}';
const END: char = '\u{2062}';
/// Where the terminal sets no width.
const USUAL: usize = 100;
/// Narrower columns stand below each other.
const NARROWEST: usize = 20;

/// Writes comparisons with an empty line between them.
///
/// # Errors
/// The stream cannot be written.
pub(super) fn write(title: &str, comparisons: &Comparisons, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let look = Look { coloured: terminal.stdout && terminal.colour, width: terminal.width.unwrap_or(USUAL) };
    if !title.is_empty() {
        writeln!(out, "{}", look.bold(&clean(title)))?;
    }
    for comparison in comparisons.iter() {
        let rule = if terminal.ascii { "-" } else { "─" };
        writeln!(out, "{}", rule.repeat(look.width))?;
        look.comparison(&comparison, out)?;
    }
    Ok(())
}

struct Look {
    coloured: bool,
    width: usize,
}

impl Look {
    fn bold(&self, text: &str) -> String {
        if self.coloured { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn comparison(&self, comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
        for line in wrap(&clean(&comparison.heading), self.width) {
            writeln!(out, "{}", self.bold(&line))?;
        }
        let lead = comparison.lines.iter().map(|line| line.label.width()).max().unwrap_or(0);
        let column = self.width.saturating_sub(lead + 2 * GAP) / 2;
        let names = Line::plain("", &comparison.left, &comparison.right);
        for line in std::iter::once(&names).chain(&comparison.lines) {
            if column < NARROWEST {
                let label = |name: &str| if line.label.is_empty() { name.to_owned() } else { format!("{name} {}", line.label) };
                for (name, pieces) in [("甲", &line.left), ("乙", &line.right)] {
                    out.write_all(labelled(&label(name), &bracketed(pieces), Some(self.width)).as_bytes())?;
                }
                continue;
            }
            let (mut left, mut right) = (self.lines(&line.left, column).into_iter(), self.lines(&line.right, column).into_iter());
            let mut label = line.label.as_str();
            loop {
                let (one, other) = (left.next(), right.next());
                if one.is_none() && other.is_none() {
                    break;
                }
                let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
                let row = format!(
                    "{label}{}{}{}{}",
                    " ".repeat(lead + GAP - label.width()),
                    one.text,
                    " ".repeat((column + GAP).saturating_sub(one.width)),
                    other.text
                );
                writeln!(out, "{}", row.trim_end())?;
                label = "";
            }
        }
        if !comparison.note.is_empty() {
            for line in wrap(&clean(&comparison.note), self.width) {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }

    /// A text broken into lines of at most `column` columns, its marks shown; at least one line.
    fn lines(&self, pieces: &[Piece], column: usize) -> Vec<Drawn> {
        if !self.coloured {
            return wrap(&bracketed(pieces), column).into_iter().map(|text| Drawn { width: text.width(), text }).collect();
        }
        let text: String = pieces
            .iter()
            .map(|piece| {
                let text = plain(piece);
                if piece.is_common { format!("{BEGIN}{text}{END}") } else { text }
            })
            .collect();
        let mut is_open = false;
        let mut lines = Vec::new();
        for line in wrap(&text, column) {
            let bare: String = line.chars().filter(|character| !matches!(*character, BEGIN | END)).collect();
            let mut coloured = String::with_capacity(line.len() + 16);
            if is_open {
                coloured.push_str(COLOUR);
            }
            for character in line.chars() {
                match character {
                    BEGIN => coloured.push_str(COLOUR),
                    END => coloured.push_str(PLAIN),
                    _ => coloured.push(character),
                }
                is_open = if character == BEGIN { true } else { is_open && character != END };
            }
            if is_open {
                coloured.push_str(PLAIN);
            }
            lines.push(Drawn { width: bare.width(), text: coloured });
        }
        lines
    }
}

/// Red, as common parts are in the workbook.
const COLOUR: &str = "\u{1b}[31m";
const PLAIN: &str = "\u{1b}[0m";

/// A line as it is drawn, and the columns that it takes.
#[derive(Default)]
struct Drawn {
    text: String,
    width: usize,
}

/// A piece fit for a terminal, without the characters that mark its ends.
fn plain(piece: &Piece) -> String {
    clean(&piece.text)
        .chars()
        .map(|character| if character == '\n' { ' ' } else { character })
        .filter(|character| !matches!(*character, BEGIN | END))
        .collect()
}

/// A text with its marks in brackets.
fn bracketed(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| if piece.is_common { format!("【{}】", plain(piece)) } else { plain(piece) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: usize, colour: bool) -> String {
        let make = |_| Comparison {
            heading: "Y001 与 W002：题目相似度 0.85".to_owned(),
            left: "Y001".to_owned(),
            right: "W002".to_owned(),
            lines: vec![
                Line::plain("单位", "上海示例甲有限公司", "上海示例乙有限公司"),
                Line::marked("题目", "一颗螺丝的承诺与守护产线的每一天", "守护产线的每一天：一颗螺丝", 2),
            ],
            note: "尚未判定".to_owned(),
        };
        let terminal = Terminal { stdin: false, stdout: colour, stderr: false, width: Some(width), colour, ascii: false };
        let mut out = Vec::new();
        write("", &Comparisons::made(1, make), &terminal, &mut out).expect("a buffer");
        String::from_utf8(out).expect("text").replace('\u{1b}', "^")
    }

    #[test]
    fn columns_stand_side_by_side_with_their_marks() {
        insta::assert_snapshot!(drawn(60, false), @"
        ────────────────────────────────────────────────────────────
        Y001 与 W002：题目相似度 0.85
              Y001                        W002
        单位  上海示例甲有限公司          上海示例乙有限公司
        题目  【一颗螺丝】的承诺与【守护  【守护产线的每一天】：【一
              产线的每一天】              颗螺丝】
        尚未判定
        ");
        insta::assert_snapshot!(drawn(50, true), @"
        ──────────────────────────────────────────────────
        ^[1mY001 与 W002：题目相似度 0.85^[0m
              Y001                   W002
        单位  上海示例甲有限公司     上海示例乙有限公司
        题目  ^[31m一颗螺丝^[0m的承诺与^[31m守护^[0m   ^[31m守护产线的每一天^[0m：^[31m一^[0m
              ^[31m产线的每一天^[0m           ^[31m颗螺丝^[0m
        尚未判定
        ");
        insta::assert_snapshot!(drawn(40, false), @"
        ────────────────────────────────────────
        Y001 与 W002：题目相似度 0.85
        甲：Y001
        乙：W002
        甲 单位：上海示例甲有限公司
        乙 单位：上海示例乙有限公司
        甲 题目：【一颗螺丝】的承诺与【守护产线
                 的每一天】
        乙 题目：【守护产线的每一天】：【一颗螺
                 丝】
        尚未判定
        ");
    }
}
