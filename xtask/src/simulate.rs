//! `cargo xtask simulate`: whole stacks in virtual time, each from a seed, on all cores.

use std::time::Instant;

use crate::journal::cargo;
use crate::outcome::Outcome;

/// Seeds of a run that does not say which.
const SEEDS: (u64, u64) = (0, 1_000);

/// From how many seeds on a build that takes longer and runs faster pays.
const MANY_SEEDS: u64 = 3_000;

/// `[--seeds FROM..TO | --seed N] [--release]`
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let order = Order::parse(arguments)?;
    let mut command = cargo(&["test", "-p", "ottla-sim", "--test", "simulation", "--locked"]);
    if order.is_release {
        command.arg("--release");
    }
    command.args(["--", "--nocapture", "--exact", "crashes_lose_nothing_that_was_promised"]);
    command.env("RUST_BACKTRACE", "0");
    match order.seeds {
        Seeds::One(seed) => command.env("OTTLA_SIM_SEED", seed.to_string()),
        Seeds::Range(from, to) => {
            command.env("OTTLA_SIM_FIRST", from.to_string()).env("OTTLA_SIM_SEEDS", (to - from).to_string())
        }
    };
    let began = Instant::now();
    let status = command.status()?;
    println!("simulate {:?}: {:.0} s with the build", order.seeds, began.elapsed().as_secs_f64());
    if status.success() { Ok(()) } else { Err("a seed failed; above is the line that replays it".into()) }
}

#[derive(Debug, PartialEq, Eq)]
enum Seeds {
    One(u64),
    Range(u64, u64),
}

#[derive(Debug, PartialEq, Eq)]
struct Order {
    seeds: Seeds,
    is_release: bool,
}

impl Order {
    fn parse(arguments: &[String]) -> Outcome<Self> {
        const USE: &str = "simulate [--seeds FROM..TO | --seed N] [--release]";
        let mut seeds = Seeds::Range(SEEDS.0, SEEDS.1);
        let mut is_release = false;
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--release" => is_release = true,
                "--seed" => seeds = Seeds::One(words.next().ok_or(USE)?.parse()?),
                "--seeds" => {
                    let (from, to) = words.next().and_then(|range| range.split_once("..")).ok_or(USE)?;
                    let (from, to) = (from.parse()?, to.parse()?);
                    if from >= to {
                        return Err(format!("there is no seed in {from}..{to}").into());
                    }
                    seeds = Seeds::Range(from, to);
                }
                _ => return Err(USE.into()),
            }
        }
        is_release |= matches!(seeds, Seeds::Range(from, to) if to - from >= MANY_SEEDS);
        Ok(Self { seeds, is_release })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str) -> Outcome<Order> {
        Order::parse(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn seeds_are_a_range_or_one() {
        let order = |seeds, is_release| Order { seeds, is_release };
        assert_eq!(parsed("").unwrap(), order(Seeds::Range(0, 1_000), false));
        assert_eq!(parsed("--seeds 5..20000").unwrap(), order(Seeds::Range(5, 20_000), true));
        assert_eq!(parsed("--seed 7 --release").unwrap(), order(Seeds::One(7), true));
        for words in ["--seeds 5", "--seeds 5..5", "--seed", "7"] {
            assert!(parsed(words).is_err(), "{words}");
        }
    }
}
