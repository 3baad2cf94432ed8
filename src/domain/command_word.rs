//! Owns how a name or a path stands in a command that a hint proposes, so that the command works as it is typed. Refuses to know which
//! command it is.
//!
//! Decision worth knowing: double quotes, because Command Prompt, PowerShell and the shells of Linux and macOS all take them. Only what
//! those shells would change inside double quotes (`$`, a back quote, a double quote) goes into single quotes, which Command Prompt does
//! not know.

/// More characters than a name has: a cell with a whole text in it does not become a hint.
const LONGEST: usize = 60;

/// The text as one word of a command line. A line break is a blank; a text too long for a name is cut and ends in `…`.
#[must_use]
pub fn word(text: &str) -> String {
    let flat = |character: char| if character.is_control() { ' ' } else { character };
    let mut shown: String = text.trim().chars().take(LONGEST).map(flat).collect();
    if text.trim().chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    quoted(shown)
}

/// A path as one word of a command line, whole.
#[must_use]
pub fn path(path: &std::path::Path) -> String {
    quoted(path.display().to_string())
}

fn quoted(text: String) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '/' | ':' | '+' | '=');
    let is_sign = |character: char| !character.is_ascii() && !character.is_whitespace() && !matches!(character, '“' | '”' | '‘' | '’');
    if !text.is_empty() && text.chars().all(|character| is_plain(character) || is_sign(character)) {
        text
    } else if text.contains(['"', '$', '`', '“', '”']) && !text.contains(['\'', '‘', '’']) {
        // PowerShell takes the curled marks for straight ones.
        format!("'{text}'")
    } else {
        format!("\"{}\"", text.replace('"', "\\\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word() {
        assert_eq!(word("上海示例有限公司"), "上海示例有限公司");
        assert_eq!(word("示例（上海）有限公司"), "示例（上海）有限公司");
        assert_eq!(word("ABC (中国) 有限公司"), "\"ABC (中国) 有限公司\"");
        assert_eq!(word("刘　巍"), "\"刘　巍\"");
        assert_eq!(word(" 刘\n巍 "), "\"刘 巍\"");
        assert_eq!(word("A&B"), "\"A&B\"");
        assert_eq!(word("甲\"乙\""), "'甲\"乙\"'");
        assert_eq!(word(""), "\"\"");
        assert_eq!(word(&"长".repeat(30_000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_path_is_one_word_and_whole() {
        assert_eq!(path(std::path::Path::new("备 份.bak")), "\"备 份.bak\"");
        assert_eq!(path(std::path::Path::new("备份/2024.dasai")), "备份/2024.dasai");
        let long = format!("{}.dasai", "长".repeat(100));
        assert_eq!(path(std::path::Path::new(&long)), long);
    }
}
