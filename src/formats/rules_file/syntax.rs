//! Owns the step from bytes to a TOML tree: encoding, size, and the parser's own faults in Chinese. Refuses to know the keys.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::faults::RulesFault;
use super::tree::Walk;

/// A rules file is a few hundred lines; a text above this size is something else.
const LARGEST_FILE: usize = 1 << 20;

/// A file's bytes as text, without a byte order mark.
///
/// # Errors
/// Too large, or not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<String, Vec<RulesFault>> {
    let one = |text: &str, span: Range<usize>, message: &str, hint: &str| {
        Err(vec![RulesFault::new(text, span, String::new(), message.to_owned(), hint.to_owned())])
    };
    if bytes.len() > LARGEST_FILE {
        return one("", 0..0, "文件超过 1 MB，不像规则文件", "检查是否选错了文件；规则文件是文本，通常只有几百行");
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).and_then(|good| std::str::from_utf8(good).ok()).unwrap_or_default();
            one(good, good.len()..good.len(), "文件不是 UTF-8 编码", "在编辑器里另存为 UTF-8（记事本：另存为 → 编码 UTF-8）")
        }
    }
}

/// The tree of a text, or the parser's faults. Where the text is no TOML, its keys are not looked at: half a tree would only bring
/// faults that are none.
pub(super) fn tree<'t>(text: &'t str, walk: &Walk<'_>) -> Option<Spanned<DeValue<'t>>> {
    if text.len() > LARGEST_FILE {
        walk.fault(0..0, "", "文件超过 1 MB，不像规则文件", "检查是否选错了文件；规则文件是文本，通常只有几百行");
        return None;
    }
    let (root, errors) = recover(text);
    if errors.is_empty() {
        return Some(root);
    }
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let shown = text.get(span.clone()).unwrap_or_default();
        let (message, hint) = in_chinese(error.message(), shown);
        walk.fault(span, "", message, hint);
    }
    None
}

/// The tree of a text that was checked before; what is no TOML in it is left out.
pub(super) fn checked_tree(text: &str) -> Spanned<DeValue<'_>> {
    recover(text).0
}

/// The tree, and the errors that count. TOML wants Chinese keys in quotes; staff write `浦东 = 8`, as the documentation does, and the
/// parser recovers such a key as it stands: no error.
fn recover(text: &str) -> (Spanned<DeValue<'_>>, Vec<Error>) {
    let (root, mut errors) = DeTable::parse_recoverable(text);
    errors.retain(|error| {
        let shown = error.span().and_then(|span| text.get(span)).unwrap_or_default();
        let is_word = !shown.is_empty() && shown.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-');
        !(error.message().starts_with("invalid unquoted key") && is_word)
    });
    (Spanned::new(0..0, DeValue::Table(root.into_inner())), errors)
}

/// The parser's words for staff. What is not in the list is plainly no TOML: the place shown with it says more than the parser's English.
fn in_chinese(message: &str, shown: &str) -> (String, String) {
    let (sentence, hint) = if message.starts_with("duplicate key") {
        ("同一个键或表写了两次", "删去一个；多个并列的表用双方括号，例如 [[category]]")
    } else if shown.chars().any(|character| character.is_control() && !character.is_whitespace()) {
        ("有不可见的控制字符", "删去这个字符")
    } else if message.starts_with("string values must be quoted") && shown.trim().is_empty() {
        ("键后面没有值", "写成 键 = 值")
    } else if message.starts_with("string values must be quoted") {
        ("文字没有加引号", "文字要加英文引号，例如 \"初赛\"")
    } else if message.starts_with("missing opening quote")
        || message.contains("invalid basic string")
        || message.contains("invalid literal string")
    {
        ("引号不成对", "文字两边都要有英文引号 \"…\"，不能用中文引号代替")
    } else if message.starts_with("unclosed array table") || message.starts_with("unclosed table") {
        ("表头的方括号不成对", "写成 [contest] 或 [[category]]")
    } else if message.starts_with("unclosed array") {
        ("列表的方括号不成对", "列表写成 [ … , … ]，末尾要有 ]")
    } else if message.starts_with("unclosed inline table") {
        ("花括号不成对", "写成 { 键 = 值, 键 = 值 }，末尾要有 }")
    } else if message.starts_with("missing comma") {
        ("缺少逗号", "各项之间用英文逗号隔开")
    } else if message.starts_with("extra comma") {
        ("多了一个逗号", "删去多余的逗号")
    } else if message.starts_with("cannot recurse") || message.starts_with("recursion limit") {
        ("嵌套太深", "规则文件用不到这么多层，检查括号")
    } else if message.starts_with("cannot extend value") {
        ("这里的表已经写完，不能再补键", "把键并到同一个表里")
    } else if message.starts_with("key with no value") || message.starts_with("missing value") || message.starts_with("missing assignment")
    {
        ("键后面缺少等号或值", "写成 键 = 值")
    } else if message.starts_with("invalid unquoted key") || message.starts_with("unquoted keys cannot be empty") {
        ("键的写法不对", "键用英文小写；中文的键（如赛区）直接写或加引号")
    } else if message.contains("datetime") || message.contains("date") && shown.contains('-') {
        ("日期写法不对", "写成 2024-07-05 或 2024-07-05T17:00:00")
    } else if message.starts_with("invalid comment character") || message.contains("control character") {
        ("有不可见的控制字符", "删去这个字符")
    } else {
        ("写法不符合 TOML 语法", "检查引号、等号和括号；可对照 dasai rules show --source")
    };
    (sentence.to_owned(), hint.to_owned())
}
