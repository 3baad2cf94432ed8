//! Owns the walk over a parsed TOML tree: nodes that know their key path and their place in the text, and the one list that every
//! fault goes to. Refuses to know what any key means.
//!
//! Decision worth knowing: a reader never stops at a fault. It says what is wrong and goes on without the value, so that one run
//! shows everything.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::RulesFault;
use super::shapes::{self, Shape};

/// More faults than this are counted, not kept.
const MOST_FAULTS: usize = 200;

/// The text and its faults.
#[derive(Debug)]
pub(super) struct Walk<'w> {
    text: &'w str,
    faults: RefCell<Vec<RulesFault>>,
    dropped: Cell<usize>,
}

impl<'w> Walk<'w> {
    pub(super) fn new(text: &'w str) -> Self {
        Self { text, faults: RefCell::default(), dropped: Cell::new(0) }
    }

    /// Says that something is wrong at these bytes.
    pub(super) fn fault(&self, span: Range<usize>, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        if !self.is_full() {
            let fault = RulesFault::new(self.text, span, path.to_owned(), message.into(), hint.into());
            self.faults.borrow_mut().push(fault);
        }
    }

    /// Counts a fault that is one too many; then its words need not be found.
    fn is_full(&self) -> bool {
        let full = self.faults.borrow().len() >= MOST_FAULTS;
        if full {
            self.dropped.set(self.dropped.get() + 1);
        }
        full
    }

    /// Every fault in the order of the text.
    pub(super) fn into_faults(self) -> Vec<RulesFault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by(|one, other| {
            (one.span.start, one.span.end, &one.path, &one.message).cmp(&(other.span.start, other.span.end, &other.path, &other.message))
        });
        faults.dedup();
        let dropped = self.dropped.get();
        if dropped > 0 {
            let message = format!("错误太多：另有 {dropped} 处没有列出");
            faults.push(RulesFault::new(
                self.text,
                self.text.len()..self.text.len(),
                String::new(),
                message,
                "先改好上面的，再检查一次".to_owned(),
            ));
        }
        faults
    }
}

/// A value with its key path.
#[derive(Debug, Clone)]
pub(super) struct Node<'w> {
    pub(super) walk: &'w Walk<'w>,
    pub(super) value: &'w Spanned<DeValue<'w>>,
    pub(super) path: String,
}

impl<'w> Node<'w> {
    /// Says that something is wrong with this value.
    pub(super) fn fault(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.walk.fault(self.value.span(), &self.path, message, hint);
    }

    /// Says that the value is of another kind than wanted.
    pub(super) fn wrong_type(&self, wanted: &str, hint: impl Into<String>) {
        self.fault(format!("这里应是{wanted}，写的却是{}", kind(self.value.get_ref())), hint);
    }

    /// As a table with these keys; other keys are faults.
    pub(super) fn table(&self, shape: &'static Shape) -> Option<Table<'w>> {
        let table = self.open_table()?;
        for (key, value) in table {
            if !shape.keys.contains(&key.get_ref().as_ref()) {
                self.unknown_key(key, value, shape);
            }
        }
        Some(Table { walk: self.walk, entries: table, span: self.value.span(), path: self.path.clone(), shape })
    }

    /// As a table whose keys are names that the rules choose themselves.
    pub(super) fn open_table(&self) -> Option<&'w DeTable<'w>> {
        let table = self.value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type("一个表（键 = 值）", "");
        }
        table
    }

    /// The values of an open table with their names.
    pub(super) fn named(&self) -> Vec<(String, Node<'w>)> {
        let entries = self.open_table().into_iter().flatten();
        entries
            .map(|(key, value)| {
                let name = key.get_ref().to_string();
                let path = join(&self.path, &name);
                (name, Node { walk: self.walk, value, path })
            })
            .collect()
    }

    /// As a list with at most `most` elements.
    pub(super) fn elements(&self, most: usize) -> Option<Vec<Node<'w>>> {
        let Some(array) = self.value.get_ref().as_array() else {
            self.wrong_type("一个列表 […]", "");
            return None;
        };
        if array.len() > most {
            self.fault(format!("列表有 {} 项，最多 {most} 项", array.len()), "");
            return None;
        }
        let labels = labels(array.iter().map(Spanned::get_ref));
        Some(
            array
                .iter()
                .zip(labels)
                .map(|(value, label)| Node { walk: self.walk, value, path: format!("{}[{label}]", self.path) })
                .collect(),
        )
    }

    /// The value of a key, where this is a table that has it; no fault otherwise.
    pub(super) fn child(&self, key: &str) -> Option<Node<'w>> {
        let value = self.value.get_ref().as_table()?.get(key)?;
        Some(Node { walk: self.walk, value, path: join(&self.path, key) })
    }

    /// The elements, where this is a list; no fault otherwise.
    pub(super) fn quiet_elements(&self) -> Vec<Node<'w>> {
        if self.value.get_ref().is_array() { self.elements(usize::MAX).unwrap_or_default() } else { Vec::new() }
    }

    /// The text, where this is one; no fault otherwise.
    pub(super) fn quiet_text(&self) -> Option<String> {
        self.value.get_ref().as_str().map(|text| text.trim().to_owned())
    }

    fn unknown_key(&self, key: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>, shape: &Shape) {
        if self.walk.is_full() {
            return;
        }
        let name = key.get_ref().as_ref();
        let place = if shape.name.is_empty() { "文件顶层".to_owned() } else { format!("{} 里", shape.name) };
        let hint = if let Some(near) = nearest(name, shape.keys) {
            format!("是不是想写 {near}？")
        } else {
            match shapes::owners(name).as_slice() {
                [""] => format!("{name} 应写在文件顶层，前面不要有别的表"),
                [owner] => format!("{name} 应写在 {owner} 里"),
                _ => format!("这里可以写：{}", shape.keys.join("、")),
            }
        };
        let span = if key.span().is_empty() { value.span() } else { key.span() };
        self.walk.fault(span, &join(&self.path, name), format!("{place}没有“{}”这个键", shorten(name)), hint);
    }
}

/// A table whose keys are known.
#[derive(Debug, Clone)]
pub(super) struct Table<'w> {
    walk: &'w Walk<'w>,
    entries: &'w DeTable<'w>,
    span: Range<usize>,
    pub(super) path: String,
    shape: &'static Shape,
}

impl<'w> Table<'w> {
    /// The top of a file.
    pub(super) fn top(walk: &'w Walk<'w>, root: &'w Spanned<DeValue<'w>>, shape: &'static Shape) -> Option<Self> {
        Node { walk, value: root, path: String::new() }.table(shape)
    }

    /// The value of a key, if it is there.
    pub(super) fn get(&self, key: &'static str) -> Option<Node<'w>> {
        debug_assert!(self.shape.keys.contains(&key), "{key} is not listed in shapes");
        let value = self.entries.get(key)?;
        Some(Node { walk: self.walk, value, path: join(&self.path, key) })
    }

    /// The value of a key that must be there.
    pub(super) fn required(&self, key: &'static str) -> Option<Node<'w>> {
        let node = self.get(key);
        if node.is_none() {
            self.fault(format!("{}缺少 {key}", place(&self.path)), format!("请补上：{key} = …"));
        }
        node
    }

    /// Says that something is wrong with the table as a whole.
    pub(super) fn fault(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.walk.fault(self.span.clone(), &self.path, message, hint);
    }

    /// Which of these keys are there.
    pub(super) fn present(&self, keys: &[&'static str]) -> Vec<&'static str> {
        keys.iter().copied().filter(|key| self.entries.contains_key(*key)).collect()
    }
}

fn place(path: &str) -> String {
    if path.is_empty() { "文件".to_owned() } else { format!("{path} ") }
}

/// A key below a path.
pub(super) fn join(path: &str, key: &str) -> String {
    let key = shorten(key);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// A text as a message can carry it.
pub(super) fn shorten(text: &str) -> String {
    let clean: String = text.chars().take(41).map(|character| if character.is_control() { '␣' } else { character }).collect();
    match clean.char_indices().nth(40) {
        Some((position, _)) => format!("{}…", clean.get(..position).unwrap_or_default()),
        None => clean,
    }
}

/// What a list's elements are called in key paths: by their `id`, else `kind`, else `name` where all have one of their own, else by
/// their place from 1. So a path stays the same when elements are put in another order.
pub(super) fn labels<'v, 'i: 'v>(elements: impl Iterator<Item = &'v DeValue<'i>>) -> Vec<String> {
    let elements: Vec<&DeValue<'_>> = elements.collect();
    for key in ["id", "kind", "name"] {
        let names: Option<Vec<&str>> = elements.iter().map(|element| element.as_table()?.get(key)?.get_ref().as_str()).collect();
        let Some(names) = names else { continue };
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() == names.len() && names.iter().all(|name| !name.is_empty() && !name.contains(['[', ']', '.'])) {
            return names.into_iter().map(shorten).collect();
        }
    }
    (1..=elements.len()).map(|place| place.to_string()).collect()
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "文字",
        DeValue::Integer(_) => "整数",
        DeValue::Float(_) => "小数",
        DeValue::Boolean(_) => "真假值",
        DeValue::Datetime(_) => "日期或时间",
        DeValue::Array(_) => "列表",
        DeValue::Table(_) => "表",
    }
}

/// The word that a misspelt one most likely means: at most a third of its letters differ.
pub(super) fn nearest<'k>(word: &str, words: &[&'k str]) -> Option<&'k str> {
    if word.chars().count() > 40 {
        return None;
    }
    let (distance, best) = words.iter().map(|candidate| (distance(word, candidate), *candidate)).min()?;
    (distance <= (word.chars().count() / 3).max(1)).then_some(best)
}

/// How many letters must be put in, left out, replaced or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut previous = '\0';
    for (row, letter) in one.to_lowercase().chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, candidate) in other.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut best =
                (at(&last, column) + usize::from(letter != *candidate)).min(at(&last, column + 1) + 1).min(at(&current, column) + 1);
            let swapped = column > 0 && letter == other.get(column - 1).copied().unwrap_or_default() && previous == *candidate;
            if swapped && !before_last.is_empty() {
                best = best.min(at(&before_last, column - 1) + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
        previous = letter;
    }
    last.last().copied().unwrap_or_default()
}
