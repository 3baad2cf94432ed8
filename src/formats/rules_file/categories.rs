//! Owns `[[category]]`: what a work must bring. Its rounds are read in `rounds`, its awards in `awards`.

use std::collections::BTreeMap;

use super::reader::{bounds, fields};
use super::scalars::LONGEST_NAME;
use super::tree::{Node, Table, shorten};
use super::{awards, references, rounds, shapes};
use crate::domain::category::{AttachmentRule, Category, OrganizationLimit};
use crate::domain::values::CategoryId;

/// Names that are taken: folded name → whose it is.
type Taken = BTreeMap<String, String>;

/// All categories; at least one must be there.
pub(super) fn read(top: &Table<'_>, zones: &[String]) -> Vec<Category> {
    let Some(node) = top.required("category") else { return Vec::new() };
    let Some(elements) = node.elements(50) else { return Vec::new() };
    if elements.is_empty() {
        node.fault("没有参赛类型", "至少写一个 [[category]]，有 id、name、prefix");
    }
    let mut taken = Taken::new();
    elements.iter().filter_map(|element| category(element, zones, &mut taken)).collect()
}

fn category(node: &Node<'_>, zones: &[String], taken: &mut Taken) -> Option<Category> {
    let table = node.table(&shapes::CATEGORY)?;
    let id = table.required("id").and_then(|node| unique(&node, node.identity()?, &table.path, taken));
    let name = table.required("name").and_then(|node| unique(&node, node.text(LONGEST_NAME)?, &table.path, taken));
    let prefix = table.required("prefix").and_then(|node| unique(&node, prefix(&node)?, &table.path, taken));
    let mut aliases = Vec::new();
    if let Some(list) = table.get("aliases") {
        for element in list.elements(50).unwrap_or_default() {
            if let Some(alias) = element.text(LONGEST_NAME).and_then(|alias| unique(&element, alias, &table.path, taken)) {
                aliases.push(alias);
            }
        }
    }
    let required = table.get("required").map(|node| fields(&node)).unwrap_or_default();
    let duration = table.get("duration").and_then(|node| node.table(&shapes::DURATION)).and_then(|table| bounds(&table, Node::seconds));
    let length = table
        .get("length")
        .and_then(|node| node.table(&shapes::LENGTH))
        .and_then(|table| bounds(&table, |node| node.integer(0..=10_000_000)));
    let per_organization = table.get("per_organization").and_then(|node| per_organization(&node));
    let attachments = table.get("attachments").map(|node| attachments(&node)).unwrap_or_default();
    let rounds = table.get("round").map(|node| rounds::read(&node, zones)).unwrap_or_default();
    table.get("round").inspect(references::check_advances);
    let awards = table.get("award").map(|node| awards::levels(&node, &rounds)).unwrap_or_default();
    Some(Category {
        id: CategoryId::new(id?),
        name: name?,
        aliases,
        prefix: prefix?,
        required,
        duration,
        length,
        per_organization,
        attachments,
        rounds,
        awards,
    })
}

/// The text, unless another category is called so already: forms name a category by any of these.
fn unique(node: &Node<'_>, text: String, owner: &str, taken: &mut Taken) -> Option<String> {
    let folded: String = text.chars().filter(|character| !character.is_whitespace()).flat_map(char::to_lowercase).collect();
    if let Some(other) = taken.get(&folded).filter(|other| *other != owner) {
        let message = format!("“{}”已经用在 {other} 里", shorten(&text));
        node.fault(message, "各参赛类型的 id、name、prefix 和 aliases 互不相同，表格才认得出类型");
        return None;
    }
    taken.insert(folded, owner.to_owned());
    Some(text)
}

fn prefix(node: &Node<'_>) -> Option<String> {
    let text = node.text(LONGEST_NAME)?;
    let shaped = text.chars().all(|letter| letter.is_alphabetic() && !letter.is_lowercase()) && text.chars().count() <= 4;
    if !shaped {
        node.fault(format!("“{}”不能作编号前缀", shorten(&text)), "用 1 到 4 个大写字母，例如 \"Y\"，编号即 Y001、Y002…");
        return None;
    }
    Some(text)
}

fn per_organization(node: &Node<'_>) -> Option<OrganizationLimit> {
    let table = node.table(&shapes::PER_ORGANIZATION)?;
    let max = table.required("max").and_then(|node| node.integer(1..=100_000));
    let is_error = match table.get("severity") {
        None => Some(true),
        Some(node) => node.word(&[("error", true), ("warning", false)]),
    };
    Some(OrganizationLimit { max: max?, is_error: is_error? })
}

fn attachments(node: &Node<'_>) -> Vec<AttachmentRule> {
    let mut rules: Vec<AttachmentRule> = Vec::new();
    for element in node.elements(50).unwrap_or_default() {
        let Some(table) = element.table(&shapes::ATTACHMENT) else { continue };
        let kind = table.required("kind").and_then(|node| {
            let kind = node.identity()?;
            if rules.iter().any(|rule| rule.kind == kind) {
                node.fault(format!("附件 {kind} 写了两次"), "每种附件的 kind 各不相同");
                return None;
            }
            Some(kind)
        });
        let name = table.get("name").map_or_else(|| kind.clone(), |node| node.text(LONGEST_NAME));
        let types = table.get("types").and_then(|node| types(&node)).unwrap_or_default();
        let max_size = table.get("max_size").and_then(|node| node.bytes());
        let words = table.get("words").and_then(|node| node.some_texts(50, 20)).unwrap_or_default();
        let shared = table.get("shared").map(|node| node.flag());
        if let (Some(kind), Some(name)) = (kind, name) {
            let shared = shared.flatten().unwrap_or(matches!(kind.as_str(), "logo" | "profile"));
            rules.push(AttachmentRule { kind, name, types, max_size, words, shared });
        }
    }
    rules
}

fn types(node: &Node<'_>) -> Option<Vec<String>> {
    let types = node.some_texts(50, 20)?;
    for element in node.elements(50)? {
        let Some(text) = element.value.get_ref().as_str() else { continue };
        if text.trim().is_empty() || text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            continue;
        }
        element.fault(format!("“{}”不是文件扩展名", shorten(text)), "写小写字母，前面不加点，例如 \"pdf\"");
    }
    Some(types)
}
