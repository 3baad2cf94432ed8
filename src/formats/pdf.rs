//! Owns the road from a printed document (`domain::paper`) to a PDF with its type in it, on a machine that has no Chinese font. Refuses to
//! know what a document is about.
//!
//! Decisions worth knowing: lengths are whole numbers of `Grain`, so that the same paper is the same page on every machine; they become
//! floats where krilla takes them. No shaping engine: every character of Chinese, Latin, Greek and Cyrillic text is one glyph of the
//! embedded fonts, and what they do not have is handed back as [`MissingGlyph`], with 〓 in its place on the page.

use std::collections::BTreeSet;

use krilla::Document;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

use crate::domain::paper::Paper;

mod faces;
mod lines;
mod pages;
#[cfg(test)]
mod tests;

use faces::Faces;
use lines::{Letter, Sort};
use pages::{Mark, Sheet};

/// A length: a twenty-thousandth of a point, the thousandth part of what `domain::paper` counts in. An advance of a font with a
/// thousand units to the em is a whole number of them at every size.
type Grain = i64;

/// Grains to a twentieth of a point.
const TWENTIETH: Grain = 1000;
/// The thickness of the lines of tables and boxes, in points.
const RULE: f32 = 0.5;

/// A written PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
    /// What could not be printed, in the order of the paper, once for each character and subject.
    pub missing_glyphs: Vec<MissingGlyph>,
}

/// A character that no font has. The page shows 〓 for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGlyph {
    /// The character.
    pub character: char,
    /// The subject of its paragraph or row: a work's number and title; may be empty.
    pub subject: String,
    /// The words around it.
    pub excerpt: String,
}

impl MissingGlyph {
    /// The character's number: U+2CE2E.
    #[must_use]
    pub fn code_point(&self) -> String {
        format!("U+{:04X}", u32::from(self.character))
    }
}

/// A PDF could not be written; the technical cause.
#[derive(Debug)]
pub struct PdfFailure(pub String);

/// Collects what cannot be printed.
#[derive(Debug, Default)]
struct Missing {
    found: Vec<MissingGlyph>,
    seen: BTreeSet<(char, String)>,
}

impl Missing {
    fn add(&mut self, character: char, subject: &str, excerpt: impl FnOnce() -> String) {
        if self.seen.insert((character, subject.to_owned())) {
            self.found.push(MissingGlyph { character, subject: subject.to_owned(), excerpt: excerpt() });
        }
    }
}

/// Writes a document.
///
/// # Errors
/// The embedded fonts or the document cannot be encoded; both would be a mistake in this program.
pub fn write_pdf(paper: &Paper) -> Result<Pdf, PdfFailure> {
    let faces = Faces::load().ok_or_else(|| PdfFailure("the embedded fonts cannot be read".to_owned()))?;
    let mut missing = Missing::default();
    let sheets = pages::lay_out(paper, &faces, &mut missing);
    let mut document = Document::new();
    let authors = if paper.author.is_empty() { Vec::new() } else { vec![paper.author.clone()] };
    document.set_metadata(Metadata::new().title(paper.title.clone()).authors(authors).language("zh-CN".to_owned()));
    let (width, height) = paper.size();
    let settings = PageSettings::from_wh(points(i64::from(width.0) * TWENTIETH), points(i64::from(height.0) * TWENTIETH));
    for sheet in &sheets {
        let mut page = document.start_page_with(settings.clone().unwrap_or_default());
        let mut surface = page.surface();
        draw(&mut surface, sheet, &faces);
        surface.finish();
        page.finish();
    }
    let bytes = document.finish().map_err(|error| PdfFailure(error.to_string()))?;
    Ok(Pdf { bytes, pages: sheets.len(), missing_glyphs: missing.found })
}

/// A length in points.
#[expect(clippy::cast_precision_loss, clippy::float_arithmetic, reason = "a position on a page, not a score; a page has 17 million grains")]
fn points(length: Grain) -> f32 {
    length as f32 / 20_000.0
}

/// A length as a share of a size of type.
#[expect(clippy::cast_precision_loss, clippy::float_arithmetic, reason = "a position on a page, not a score")]
fn share(length: Grain, size: Grain) -> f32 {
    length as f32 / size.max(1) as f32
}

fn draw(surface: &mut Surface<'_>, sheet: &Sheet, faces: &Faces) {
    let mut rules = PathBuilder::new();
    for mark in &sheet.marks {
        match mark {
            Mark::Rule { from, to } => {
                rules.move_to(points(from.0), points(from.1));
                rules.line_to(points(to.0), points(to.1));
            }
            Mark::Letters { letters, at, size, extra } => draw_letters(surface, letters, (*at, *size, *extra), faces),
        }
    }
    stroke(surface, rules, RULE);
}

fn stroke(surface: &mut Surface<'_>, path: PathBuilder, width: f32) {
    if let Some(path) = path.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke { width, opacity: NormalizedF32::ONE, ..Stroke::default() }));
        surface.draw_path(&path);
        surface.set_stroke(None);
        surface.set_fill(Some(Fill::default()));
    }
}

/// Draws letters of one line, a run of one font at a time.
fn draw_letters(surface: &mut Surface<'_>, letters: &[Letter], (at, size, extra): ((Grain, Grain), Grain, Grain), faces: &Faces) {
    let mut x = at.0;
    let mut rest = letters;
    while let Some(first) = rest.first() {
        let alike = |letter: &&Letter| letter.font == first.font && letter.is_thickened == first.is_thickened;
        let (run, behind) = rest.split_at(rest.iter().take_while(alike).count().max(1));
        rest = behind;
        let mut text = String::new();
        let glyphs = run.iter().map(|letter| {
            let start = text.len();
            text.push(letter.character);
            KrillaGlyph::new(GlyphId::new(letter.glyph), share(letter.advance + extra, size), 0.0, 0.0, 0.0, start..text.len(), None)
        });
        let glyphs: Vec<KrillaGlyph> = glyphs.collect();
        // A bold that the bold font lacks is the regular letter with a thicker edge.
        let edge = Stroke { width: points(size / 35), opacity: NormalizedF32::ONE, ..Stroke::default() };
        surface.set_stroke(first.is_thickened.then_some(edge));
        surface.set_fill(Some(Fill::default()));
        surface.draw_glyphs(Point::from_xy(points(x), points(at.1)), &glyphs, faces.font(first.font).clone(), &text, points(size), false);
        surface.set_stroke(None);
        for letter in run {
            if let Sort::Box(inside) = letter.sort {
                draw_inside(surface, inside, (x, at.1), size);
            }
            x += letter.advance + extra;
        }
    }
}

/// Draws the tick or cross in a box □ whose letter begins at `at`.
fn draw_inside(surface: &mut Surface<'_>, inside: char, at: (Grain, Grain), size: Grain) {
    // In hundredths of the size, right of the letter's begin and above its base line.
    let strokes: &[&[(Grain, Grain)]] = match inside {
        '☑' => &[&[(24, 40), (42, 18), (78, 66)]],
        '☒' => &[&[(24, 14), (76, 62)], &[(24, 62), (76, 14)]],
        _ => return,
    };
    let mut path = PathBuilder::new();
    for line in strokes {
        for (place, (right, up)) in line.iter().enumerate() {
            let (x, y) = (points(at.0 + size * right / 100), points(at.1 - size * up / 100));
            if place == 0 {
                path.move_to(x, y);
            } else {
                path.line_to(x, y);
            }
        }
    }
    stroke(surface, path, points(size / 14));
}
