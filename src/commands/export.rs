//! `export`.

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use crate::error::AppError;

/// Arguments.
#[derive(Debug, Args)]
pub struct ExportArgs {}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn run(_context: &mut Context, _args: &ExportArgs) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}
