//! Reads arguments, environment and clock once, calls the library, returns the exit code.

use std::process::ExitCode;

/// Texts are taken by the thread that reads and given back by the one that writes: a fifth of an import's time with the system's own
/// allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    dasai::commands::huge_pages::refuse();
    ExitCode::from(dasai::run(std::env::args_os().collect(), dasai::commands::cli::Environment::of_process()))
}
