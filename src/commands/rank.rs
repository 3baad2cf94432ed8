//! `rank` and `advance`.

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use crate::error::AppError;

/// Arguments.
#[derive(Debug, Args)]
pub struct RankArgs {}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn rank(_context: &mut Context, _args: &RankArgs) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}

/// Arguments.
#[derive(Debug, Args)]
pub struct AdvanceArgs {}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn advance(_context: &mut Context, _args: &AdvanceArgs) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}
