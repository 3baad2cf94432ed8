//! `log`, `undo`, `redo`, `backup`.

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use crate::error::AppError;

/// Arguments.
#[derive(Debug, Args)]
pub struct LogArgs {}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn log(_context: &mut Context, _args: &LogArgs) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}

/// Arguments.
#[derive(Debug, Args)]
pub struct UndoArgs {}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn undo(_context: &mut Context, _args: &UndoArgs) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}

/// Arguments.
#[derive(Debug, Args)]
pub struct RedoArgs {}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn redo(_context: &mut Context, _args: &RedoArgs) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}

/// Arguments.
#[derive(Debug, Args)]
pub struct BackupArgs {}

/// Not built yet.
///
/// # Errors
/// Always.
pub fn backup(_context: &mut Context, _args: &BackupArgs) -> Result<Outcome, AppError> {
    Err(AppError::internal("尚未实现"))
}
