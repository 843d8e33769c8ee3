//! The command `ottla`: serves a broker, and works with any Kafka cluster.
//!
//! Here a command line becomes a command, and its end an exit code: 0 for done; 1 for a failure, with its
//! reason on standard error; 2 for a command line that makes no sense; 3 if no broker was reached.
#![deny(unsafe_code)]

mod arguments;
mod check;
mod client;
mod cluster;
mod consume;
mod explain;
mod failure;
mod format;
mod group;
mod log;
mod logging;
mod memory;
mod moments;
mod output;
mod produce;
mod record;
mod serve;
mod settings;
mod signals;
mod topic;
mod transactions;

use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command};
use failure::Failure;

fn main() -> ExitCode {
    memory::few_arenas();
    let arguments = Arguments::parse();
    logging::start(matches!(arguments.command, Command::Serve(_)));
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // One more than may stand still with the disk at one time.
    runtime.worker_threads(cores() + 1);
    let ended = match runtime.enable_all().build() {
        Ok(runtime) => {
            let ended = runtime.block_on(run(arguments.command));
            // A read of standard input cannot be called off, and would be waited for.
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(Failure::Runtime(error)),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_silent() {
                eprintln!("ottla: {failure}");
            }
            failure.exit_code()
        }
    }
}

/// Cores that this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(words) => serve::run(words).await,
        Command::Topic(words) => topic::run(words).await,
        Command::Group(words) => group::run(words).await,
        Command::Transactions(words) => transactions::run(words).await,
        Command::Produce(words) => produce::run(words).await,
        Command::Consume(words) => consume::run(words).await,
        Command::Cluster(words) => cluster::run(words).await,
        Command::Explain(words) => explain::run(&words),
        Command::Log(words) => log::run(&words).await,
        Command::Check(words) => check::run(&words),
        Command::Completions { shell } => completions(shell),
    }
}

/// Prints what a shell is to be told.
fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "ottla", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
