//! `demo`.

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use crate::error::AppError;

/// Arguments.
#[derive(Debug, Args)]
pub struct DemoArgs {}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn run(_context: &mut Context, _args: &DemoArgs) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}
