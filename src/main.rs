//! Reads arguments, environment and clock once, calls the library, returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(dasai::run(std::env::args_os().collect(), dasai::commands::cli::Environment::of_process()))
}
