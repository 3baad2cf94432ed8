//! `org`.

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use crate::error::AppError;

/// Sub-commands.
#[derive(Debug, Subcommand)]
pub enum OrganizationCommand {
    /// 列出
    List,
}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn run(_context: &mut Context, _command: OrganizationCommand) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}
