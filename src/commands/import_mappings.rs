//! `import --mappings` and `import --forget`: what `--map` remembers of column titles, and taking it back. Refuses to know how a header
//! is read.

use super::context::{Context, Outcome};
use crate::domain::field::Field;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::error::AppError;
use crate::store::sources::{self, Mapping};

/// Characters of a header's fingerprint that people see.
const SHORT: usize = 8;

/// Lists what is remembered.
pub(super) fn list(context: &Context) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let mappings = sources::mappings(&db.reader()?)?;
    let mut listing = listing("记住的列名", &mappings).when_empty("没有记住的列名；导入时用 --map '列名=字段' 指明");
    if !mappings.is_empty() {
        listing.notes.push("不再需要的：dasai import --forget 列名（或表头的代号）".to_owned());
    }
    Ok(Outcome::of(Document::of(listing)))
}

/// Forgets column titles, or all of a header.
pub(super) fn forget(context: &Context, wanted: &[String]) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let known = sources::mappings(&db.reader()?)?;
    let is_meant = |mapping: &Mapping, text: &str| mapping.title == text || (text.len() >= SHORT && mapping.header.starts_with(text));
    if let Some(unknown) = wanted.iter().find(|text| known.iter().all(|mapping| !is_meant(mapping, text.trim()))) {
        return Err(AppError::not_found(format!("没有记住“{unknown}”这个列名或表头")).hint("查看记住的：dasai import --mappings"));
    }
    let gone: Vec<Mapping> = known.into_iter().filter(|mapping| wanted.iter().any(|text| is_meant(mapping, text.trim()))).collect();
    let document = Document::of(listing("不再记住", &gone));
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    for mapping in &gone {
        sources::forget(&tx, mapping)?;
    }
    let titles: Vec<&str> = gone.iter().map(|mapping| mapping.title.as_str()).collect();
    tx.finish(&format!("不再记住列名的含义：{}", titles.join("、")))?;
    Ok(Outcome::of(document).message("已导入的内容不变；以后的来件按程序自己的辨认"))
}

fn listing(title: &str, mappings: &[Mapping]) -> Listing {
    let columns = vec![Column::new("header", "表头"), Column::new("title", "列名"), Column::new("field", "字段")];
    let mut listing = Listing::new("mappings", title, columns);
    for mapping in mappings {
        let header = mapping.header.get(..SHORT).unwrap_or(&mapping.header);
        let label = Field::from_key(&mapping.field).map_or_else(|| mapping.field.clone(), |field| field.label().to_owned());
        listing.push(vec![
            Cell::keyed(mapping.header.as_str(), header),
            mapping.title.as_str().into(),
            Cell::keyed(mapping.field.as_str(), label),
        ]);
    }
    listing
}
