//! `score`.

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use crate::error::AppError;

/// Sub-commands.
#[derive(Debug, Subcommand)]
pub enum ScoreCommand {
    /// 列出
    List,
}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn run(_context: &mut Context, _command: ScoreCommand) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}
