//! Where the libraries' log goes: to standard error, as `OTTLA_LOG` says or by default what matters.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging: a broker tells what it does, the other commands only what goes wrong.
pub(crate) fn start(serves: bool) {
    let default = if serves { "info" } else { "error" };
    let filter = EnvFilter::try_from_env("OTTLA_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
