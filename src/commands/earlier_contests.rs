//! Owns the way from `--against` to earlier contests: their files are read, never written. Refuses to know what they are compared with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::context::Context;
use super::huge_pages;
use crate::domain::likeness::earlier::EarlierContest;
use crate::error::AppError;
use crate::formats::rules_file;
use crate::store::db::StoreError;
use crate::store::earlier;

/// The earlier contests whose files are named, in that order.
///
/// # Errors
/// A file is missing, is no contest, is the contest at hand (`current`), or was made by a newer version.
pub(super) fn read(context: &Context, current: &Path, files: &[PathBuf]) -> Result<Vec<EarlierContest>, AppError> {
    let same = |one: &Path, other: &Path| one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other);
    let mut contests = Vec::with_capacity(files.len());
    for (place, file) in files.iter().enumerate() {
        let path = context.path(file);
        if same(&path, current) {
            return Err(AppError::usage(format!("--against 写的就是本届大赛文件：{}", file.display()))
                .hint("本届作品之间的比对不用写 --against；请写往届的大赛文件"));
        }
        if files.iter().take(place).any(|earlier| same(&context.path(earlier), &path)) {
            return Err(AppError::usage(format!("--against 把同一个文件写了两次：{}", file.display())).hint("每个往届文件写一次即可"));
        }
        huge_pages::accept_for(&path);
        let read = earlier::read(&path).map_err(|error| explained(error, file))?;
        let name = match rules_file::parse(&read.rules) {
            Ok(rules) => {
                let year = rules.contest.year.map(|year| year.to_string()).filter(|year| !rules.contest.name.contains(year.as_str()));
                year.map_or_else(|| rules.contest.name.clone(), |year| format!("{year}年{}", rules.contest.name))
            }
            // Rules of another time may have what this program does not know; the works are what matters.
            Err(_) => file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        contests.push(EarlierContest { name: Arc::from(name), works: read.works });
    }
    Ok(contests)
}

fn explained(error: StoreError, file: &Path) -> AppError {
    let missing = matches!(error, StoreError::Missing(_));
    let mut error = AppError::from(error);
    error.message = format!("往届文件 {}：{}", file.display(), error.message);
    if missing {
        error.hints = vec!["检查 --against 的路径".to_owned()];
    }
    error
}
