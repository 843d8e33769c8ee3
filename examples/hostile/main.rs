//! `cargo run --example hostile -- HOST:PORT`: plays bad input against a broker, ours or any, and prints what came of it.
//!
//! One line a case, fields parted by tabs: its name, what came of it, what ottla must do, what Kafka 4.3.1 does
//! instead and why ottla does not (both empty where they agree). `cargo xtask differential` reads this from both.
//! The cases are those of the tests of `ottla`.

#[path = "../../crates/ottla/tests/hostile/battery/battery.rs"]
mod battery;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use battery::Player;
use clap::Parser;
use ottla::transport::{Address, TcpConnector};

/// How long nothing must happen to be called silence: real brokers may be busy.
const PATIENCE: Duration = Duration::from_secs(4);

/// Plays bad input against a broker.
#[derive(Parser)]
struct Arguments {
    /// The broker, as HOST:PORT.
    bootstrap: String,
    /// Play only cases whose names contain one of these.
    words: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match play(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hostile: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn play(arguments: Arguments) -> Result<(), String> {
    let address: Address = arguments.bootstrap.parse().map_err(|error| format!("{error}"))?;
    let player = Player::new(Arc::new(TcpConnector), address, PATIENCE);
    let world = player.prepare().await?;
    for case in battery::cases(&world) {
        let words = &arguments.words;
        if !words.is_empty() && !words.iter().any(|word| case.name.contains(word.as_str())) {
            continue;
        }
        let outcome = player.play(&case).await;
        let (other, reason) = case.difference.as_ref().map_or(("", ""), |one| (one.outcome, one.reason));
        println!("{}\t{outcome}\t{}\t{other}\t{reason}", case.name, case.expected);
    }
    Ok(())
}
