//! `init`.

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use crate::error::AppError;

/// Arguments.
#[derive(Debug, Args)]
pub struct InitArgs {}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn init(_context: &mut Context, _args: &InitArgs) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}
