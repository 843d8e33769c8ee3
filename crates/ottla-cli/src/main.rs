//! The command `ottla`: serves a broker, and works with any Kafka cluster.
//!
//! Here a command line becomes a command and its end an exit code: 0 for done, 1 for a failure, which is
//! one line on standard error, 2 for a command line that makes no sense.
#![forbid(unsafe_code)]

mod arguments;
mod consume;
mod failure;
mod format;
mod logging;
mod produce;
mod serve;
mod settings;
mod signals;
mod topic;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logging::start(matches!(arguments.command, Command::Serve(_)));
    let ended = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(arguments.command)),
        Err(error) => Err(Failure::Runtime(error)),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("ottla: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(words) => serve::run(words).await,
        Command::Topic(words) => topic::run(words).await,
        Command::Produce(words) => produce::run(words).await,
        Command::Consume(words) => consume::run(words).await,
    }
}
