//! `cargo xtask histories`: the model test of the storage engine over as many seeds as one likes, on all cores.

use std::time::Instant;

use crate::journal::cargo;
use crate::outcome::Outcome;

/// What an issue is closed with.
const SEEDS: &str = "0..100000";

/// `[--seeds FROM..TO]`
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let seeds = match arguments {
        [] => SEEDS,
        [word, seeds] if word == "--seeds" => seeds,
        _ => return Err("histories [--seeds FROM..TO]".into()),
    };
    let mut command = cargo(&["test", "--release", "-p", "ottla-storage", "--test", "histories", "--locked"]);
    command.args(["--", "--exact", "what_was_promised_or_shown_survives_every_history"]);
    let began = Instant::now();
    let status = command.env("OTTLA_HISTORIES", seeds).env("RUST_BACKTRACE", "0").status()?;
    println!("histories {seeds}: {:.0} s with the build", began.elapsed().as_secs_f64());
    if status.success() {
        Ok(())
    } else {
        Err("a history failed; above is the line that tells it again".into())
    }
}
