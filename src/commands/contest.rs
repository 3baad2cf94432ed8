//! `init`: a new contest file with its rules, in one operation. Refuses to overwrite anything; what could not be finished is taken
//! away again.

use std::path::{Path, PathBuf};

use clap::Args;

use super::context::{Context, Outcome, of_file};
use super::rules::{self, Loaded};
use crate::domain::command_word;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::error::AppError;
use crate::formats::rules_file::{self, PRESETS};
use crate::store::db::{Db, StoreError};
use crate::store::{connection, contest};

/// Arguments.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai init 2024.dasai\n  dasai init 2025.dasai --rules national-2025\n  dasai init 2024.dasai --rules 规则.toml"
)]
pub struct InitArgs {
    /// 要建立的大赛文件，通常以 .dasai 结尾
    #[arg(value_name = "文件")]
    file: PathBuf,
    /// 规则：预设的名称（dasai rules presets 列出），或规则文件
    #[arg(long, value_name = "预设或文件", default_value = PRESETS[0].name)]
    rules: String,
}

/// Creates the contest file with its rules.
///
/// # Errors
/// The file exists or cannot be written, or the rules have faults.
pub fn init(context: &mut Context, args: &InitArgs) -> Result<Outcome, AppError> {
    let path = context.path(&args.file);
    if path.symlink_metadata().is_ok() {
        return Err(StoreError::Exists(path).into());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return Err(AppError::not_found(format!("文件夹不存在：{}", folder.display())).hint("先建立这个文件夹，或换一个位置"));
    }
    let loaded = rules::load(context, &args.rules)?;
    let unconfirmed = rules_file::unconfirmed(&loaded.text).len();
    let document = plan(&args.file, &loaded, unconfirmed);
    if context.dry_run {
        return Ok(Outcome::of(document).message("以上是将要建立的大赛，没有写入"));
    }
    let mut db = Db::create(&path).map_err(|error| of_file(error, &path))?;
    if let Err(error) = write(context, &mut db, &loaded) {
        drop(db);
        remove(&path);
        return Err(error);
    }
    let mut outcome = Outcome::of(document);
    let mut command = "dasai".to_owned();
    if path.extension().is_none_or(|extension| extension != "dasai") {
        command = format!("dasai --db {}", command_word::path(&args.file));
        outcome = outcome.message(format!("文件名不以 .dasai 结尾，以后的命令都要写明文件：{command} …"));
    }
    if unconfirmed > 0 {
        outcome = outcome
            .message(format!("下一步：{command} rules check，核对 {unconfirmed} 项通知未规定的内容；再用 {command} rules edit 改定"));
    } else {
        outcome = outcome.message(format!("下一步：{command} rules show，核对规则"));
    }
    Ok(outcome.message(format!("收到报名表后：{command} import 文件或文件夹")))
}

fn plan(file: &Path, loaded: &Loaded, unconfirmed: usize) -> Document {
    let columns = vec![
        Column::new("id", "代号"),
        Column::new("name", "参赛类型"),
        Column::new("prefix", "编号前缀"),
        Column::new("rounds", "轮次"),
        Column::new("awards", "奖项"),
    ];
    let mut categories = Listing::new("categories", "参赛类型", columns);
    for category in &loaded.rules.categories {
        let rounds = category.rounds.iter().map(|round| Cell::keyed(round.id.as_str(), round.name.as_str())).collect();
        let awards = category.awards.iter().map(|award| Cell::keyed(award.id.as_str(), award.name.as_str())).collect();
        categories.push(vec![
            category.id.as_str().into(),
            category.name.as_str().into(),
            category.prefix.as_str().into(),
            Cell::List(rounds),
            Cell::List(awards),
        ]);
    }
    Document::default()
        .value("file", "大赛文件", file.display().to_string())
        .value("contest", "大赛", loaded.rules.contest.name.as_str())
        .value("rules", "规则", loaded.origin.as_str())
        .value("unconfirmed", "待确认", Cell::count(unconfirmed))
        .listing(categories)
}

fn write(context: &Context, db: &mut Db, loaded: &Loaded) -> Result<(), AppError> {
    let tx = context.operation(db)?;
    contest::apply_rules(&tx, &loaded.text, &loaded.origin, context.now)?;
    tx.finish(&format!("建立“{}”，规则：{}", loaded.rules.contest.name, loaded.origin))?;
    Ok(())
}

/// Takes away a file that this command made and could not finish. A failure here must not hide the one that led here.
fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(connection::companion(path, ending));
    }
}
