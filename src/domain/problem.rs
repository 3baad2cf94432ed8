//! Owns problems: what is wrong with a received file, row or cell, as data with a stable code. Failure of a whole command is
//! `crate::error::AppError`; findings about accepted works are `domain::eligibility`.

use super::field::Field;

/// How serious a problem or finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Must be mended.
    Error,
    /// Should be looked at.
    Warning,
    /// Good to know.
    Info,
}

impl Severity {
    /// The key in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    /// The printed word.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Error => "错误",
            Self::Warning => "提醒",
            Self::Info => "提示",
        }
    }
}

/// Where in a received file: file › sheet › cell. Unknown parts are empty or `None`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The file's path as given.
    pub file: String,
    /// The sheet's name; empty for files without sheets.
    pub sheet: String,
    /// The row as Excel counts, from 1.
    pub row: Option<u32>,
    /// The column, from 0.
    pub column: Option<u32>,
}

impl Place {
    /// The cell in Excel's way (`C7`), if row and column are known.
    #[must_use]
    pub fn cell(&self) -> Option<String> {
        Some(format!("{}{}", column_letters(self.column?), self.row?))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.file)?;
        if !self.sheet.is_empty() {
            write!(formatter, " › {}", self.sheet)?;
        }
        if let Some(cell) = self.cell() {
            write!(formatter, " › {cell}")
        } else if let Some(row) = self.row {
            write!(formatter, " › 第{row}行")
        } else {
            Ok(())
        }
    }
}

/// Excel's letters of a column counted from 0: 0 → A, 26 → AA.
#[must_use]
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or_default()));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// Something wrong in a received file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code, documented in `docs/problems.md`.
    pub code: &'static str,
    /// How serious.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// Which field, if one.
    pub field: Option<Field>,
    /// The value as received, cut where long, masked where personal.
    pub value: String,
    /// What is wrong, in Chinese.
    pub message: String,
    /// What to do next, in Chinese; may be empty.
    pub hint: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_excel_does() {
        assert_eq!([0, 25, 26, 701, 702, 16383].map(column_letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }
}
