//! Owns the marks of the demonstration: tables as judges' offices send them, one a zone, made from the contest's own panels by a fixed
//! sequence of numbers, so that every run gives the same.

use std::path::Path;

use super::context::Context;
use super::results::{Contest, participants};
use super::selection;
use crate::domain::category::{Category, JudgeSheet, PartSource, Round};
use crate::domain::entry::EntrySummary;
use crate::domain::judging::Judge;
use crate::domain::listing::{Cell, Column, Listing};
use crate::domain::values::{Exact, Points};
use crate::error::AppError;
use crate::formats::target::Reader as Readable;
use crate::formats::workbook::{self, Book};
use crate::store::db::Db;

/// Writes the tables of a round: for each zone one workbook, and one for each given part.
///
/// # Errors
/// The contest file cannot be read, or a table cannot be written.
pub(super) fn write(context: &mut Context, folder: &Path, database: &Path, category: &str, round: &str) -> Result<(), AppError> {
    let db = Db::open(database)?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let category = selection::category(&rules, category)?;
    let round = selection::round(category, round)?;
    let contest = Contest::load(&reader)?;
    let works = participants(&reader, &contest, category, &round.id)?;
    let names = [("speech", "演讲"), ("film", "微电影"), ("case", "创新案例")];
    let short = names.iter().find(|(id, _)| *id == category.id.as_str()).map_or("", |(_, name)| name);
    let target = folder.join("评分").join(format!("{short}-{}", round.name.trim_start_matches("线上")));
    std::fs::create_dir_all(&target).map_err(|error| AppError::io("无法建立评分文件夹", &error))?;

    let zones: Vec<&str> = if round.by_zone { rules.zones.iter().map(String::as_str).collect() } else { vec![""] };
    let mut numbers = Numbers::new(category, round);
    let mut tables = Vec::new();
    for zone in zones {
        let panel: Vec<&Judge> = contest.judges.iter().filter(|judge| is_on_panel(judge, category, round, zone)).collect();
        let here: Vec<&EntrySummary> = works.iter().copied().filter(|work| zone.is_empty() || work.zone == zone).collect();
        let Some(sheet) = &round.judges else { continue };
        let title = format!("{}{}{zone}评分表", category.name, round.name);
        let name = if zone.is_empty() { "评委评分".to_owned() } else { format!("{zone}赛区") };
        // Both tables that offices use: a column a judge, and a row a judge with a column a criterion.
        let is_matrix = category.id.as_str() == "film" && round.id.as_str() == "preliminary";
        let table =
            if is_matrix { matrix(title, sheet, &here, &panel, &mut numbers) } else { long(title, sheet, &here, &panel, &mut numbers) };
        tables.push((name, table));
    }
    for part in &round.score.parts {
        if let PartSource::Given { name } = &part.from {
            tables.push((name.clone(), given(name, &works, &mut numbers)));
        }
    }
    for (name, table) in tables {
        let book = Book {
            title: &table.title,
            author: "",
            now: context.now,
            timezone: &context.ui.timezone,
            heading: "",
            mark: "",
            listings: std::slice::from_ref(&table),
        };
        workbook::write(&target.join(format!("{name}.xlsx")), false, Readable::Everyone, &book)?;
    }
    Ok(())
}

fn is_on_panel(judge: &Judge, category: &Category, round: &Round, zone: &str) -> bool {
    judge
        .panels
        .iter()
        .any(|panel| panel.category == category.id && panel.round == round.id && (panel.zone.is_empty() || panel.zone == zone))
}

/// A row a judge and work, a column a criterion.
fn long(title: String, sheet: &JudgeSheet, works: &[&EntrySummary], panel: &[&Judge], numbers: &mut Numbers) -> Listing {
    let mut columns = vec![Column::new("number", "作品编号"), Column::new("title", "作品名称"), Column::new("judge", "评委")];
    columns.extend(sheet.criteria.iter().map(|criterion| Column::new(criterion.name.clone(), criterion.name.clone())));
    let mut table = Listing::new("scores", title, columns);
    for work in works {
        let quality = numbers.quality();
        for judge in panel {
            let mut row = vec![Cell::text(work.number.as_str()), Cell::text(work.title.as_str()), Cell::text(judge.name.as_str())];
            row.extend(sheet.criteria.iter().map(|criterion| points(numbers.mark(criterion.max, sheet.step, quality))));
            table.push(row);
        }
    }
    table
}

/// A row a work, a column a judge, totals only.
fn matrix(title: String, sheet: &JudgeSheet, works: &[&EntrySummary], panel: &[&Judge], numbers: &mut Numbers) -> Listing {
    let mut columns = vec![Column::new("number", "作品编号"), Column::new("organization", "参赛单位"), Column::new("title", "作品名称")];
    columns.extend(panel.iter().map(|judge| Column::new(judge.name.clone(), judge.name.clone())));
    let mut table = Listing::new("scores", title, columns);
    for work in works {
        let quality = numbers.quality();
        let mut row = vec![Cell::text(work.number.as_str()), Cell::text(work.organization_name.as_str()), Cell::text(work.title.as_str())];
        for _ in panel {
            let total: Exact = sheet
                .criteria
                .iter()
                .map(|criterion| &Exact::from(numbers.mark(criterion.max, sheet.step, quality)) * &Exact::from(criterion.factor))
                .sum();
            row.push(Cell::Points(total, None));
        }
        table.push(row);
    }
    table
}

/// A row a work, a column for the part, of at most a hundred points.
fn given(name: &str, works: &[&EntrySummary], numbers: &mut Numbers) -> Listing {
    let columns = vec![Column::new("number", "作品编号"), Column::new("title", "作品名称"), Column::new(name, name)];
    let mut table = Listing::new("scores", name, columns);
    let (most, step) = (Points::from_millionths(100_000_000), Points::from_millionths(10_000));
    for work in works {
        let quality = numbers.quality();
        table.push(vec![Cell::text(work.number.as_str()), Cell::text(work.title.as_str()), points(numbers.mark(most, step, quality))]);
    }
    table
}

fn points(points: Points) -> Cell {
    Cell::Points(Exact::from(points), None)
}

/// A fixed sequence of numbers (SplitMix64), begun anew for each round.
struct Numbers(u64);

impl Numbers {
    fn new(category: &Category, round: &Round) -> Self {
        let name = category.prefix.bytes().chain(round.id.as_str().bytes());
        Self(name.fold(20_240_705, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte))))
    }

    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below.max(1)
    }

    /// A work's quality, in thousandths.
    fn quality(&mut self) -> u64 {
        720 + self.next(220)
    }

    /// A judge's mark: the work's quality, and the judge's own view of it, in whole steps.
    fn mark(&mut self, max: Points, step: Points, quality: u64) -> Points {
        let step = u64::try_from(step.millionths()).unwrap_or_default().max(10_000);
        let steps = u64::try_from(max.millionths()).unwrap_or_default() / step;
        let thousandths = (quality + self.next(100)).saturating_sub(50).min(1000);
        Points::from_millionths(i64::try_from(steps * thousandths / 1000 * step).unwrap_or_default())
    }
}
