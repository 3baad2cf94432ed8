//! Owns printed documents on their way to files: which form an ending asks for, the bytes, and what cannot be printed. Refuses to know
//! what a document says.

use std::path::Path;

use jiff::Timestamp;

use crate::domain::attachment::harmless;
use crate::domain::listing::Cell;
use crate::domain::paper::Paper;
use crate::domain::rules::ContestRules;
use crate::error::AppError;
use crate::formats::pdf::{MissingGlyph, write_pdf};
use crate::formats::{paper_workbook, word_writer};

/// A file's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum PaperForm {
    /// Word 文档
    Docx,
    /// PDF
    Pdf,
    /// Excel 工作簿
    Xlsx,
}

impl PaperForm {
    /// The ending, which is also its key.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
        }
    }

    /// The form that a file's ending asks for.
    ///
    /// # Errors
    /// It asks for none of these.
    pub(super) fn of(path: &Path) -> Result<Self, AppError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        [Self::Docx, Self::Pdf, Self::Xlsx].into_iter().find(|form| form.ending() == ending).ok_or_else(|| {
            let what =
                if ending.is_empty() { "没有结尾".to_owned() } else { format!("结尾是 .{ending}，不能写成这种形式") };
            AppError::usage(format!("文件名“{}”{what}", path.display())).hint("可以写的结尾：.docx .pdf .xlsx，例如 --out 推荐表.docx")
        })
    }
}

/// A document as a file.
pub(super) struct Printed {
    /// The file.
    pub(super) bytes: Vec<u8>,
    /// Pages, where that is known: in a PDF.
    pub(super) pages: Option<usize>,
    /// What the page shows as 〓.
    pub(super) missing: Vec<MissingGlyph>,
}

/// Prints a document.
///
/// # Errors
/// It does not fit into the form.
pub(super) fn print(paper: &Paper, form: PaperForm, rules: &ContestRules, now: Timestamp) -> Result<Printed, AppError> {
    let whole = |bytes| Printed { bytes, pages: None, missing: Vec::new() };
    match form {
        PaperForm::Docx => {
            word_writer::write_docx(paper).map(whole).map_err(|failure| AppError::internal("无法写成 Word 文档").because(failure.0))
        }
        PaperForm::Pdf => write_pdf(paper)
            .map(|pdf| Printed { bytes: pdf.bytes, pages: Some(pdf.pages), missing: pdf.missing_glyphs })
            .map_err(|failure| AppError::internal("无法写成 PDF").because(failure.0)),
        PaperForm::Xlsx => paper_workbook::write_paper_workbook(paper, rules.local(now))
            .map(whole)
            .map_err(|failure| AppError::refused(failure.0).hint("改写成 .docx 或 .pdf：改 --out 的结尾；与 --all 同用时加 --as docx")),
    }
}

/// A missing character in a line.
pub(super) fn missing_text(missing: &MissingGlyph) -> String {
    let whose = if missing.subject.is_empty() { String::new() } else { format!("{}：", missing.subject) };
    format!("{whose}字库里没有“{}”（{}），PDF 上印作〓，见“{}”", missing.character, missing.code_point(), missing.excerpt)
}

/// A missing character for scripts.
pub(super) fn missing_record(missing: &MissingGlyph) -> Cell {
    Cell::Record(vec![
        ("character".to_owned(), missing.character.to_string().into()),
        ("code_point".to_owned(), missing.code_point().into()),
        ("subject".to_owned(), missing.subject.as_str().into()),
        ("excerpt".to_owned(), missing.excerpt.as_str().into()),
    ])
}

/// A name as a file may have it, on any system, not too long.
pub(super) fn file_name(name: &str) -> String {
    const LONGEST: usize = 60;
    harmless(&name.trim().chars().take(LONGEST).collect::<String>())
}
