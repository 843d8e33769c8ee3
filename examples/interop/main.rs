//! Our clients, by the contract of `xtask/interop/clients/README.md`: `cargo xtask interop` drives this program as it drives
//! those of other projects' clients. As an example it shows a producer fed line by line, a member of a group, and one that
//! consumes, transforms and produces in transactions.

mod consuming;
mod producing;
mod transforming;

use serde_json::{Value, json};
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// What may go wrong: it is told and ends the program.
type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(words: &[&str]) -> Result<(), Failure> {
    match words {
        ["about"] => say(&json!({"name": "ottla", "version": ottla::VERSION})),
        ["produce", order] => producing::produce(&Order::parse(order)?).await?,
        ["consume", order] => consuming::consume(&Order::parse(order)?).await?,
        ["group", order] => consuming::group(&Order::parse(order)?).await?,
        ["transform", order] => transforming::transform(&Order::parse(order)?).await?,
        _ => return Err("about, produce ORDER, consume ORDER, group ORDER or transform ORDER".into()),
    }
    Ok(())
}

/// Says one thing, at once.
fn say(fields: &Value) {
    println!("{fields}");
}

/// What the command line asks for.
struct Order(Value);

impl Order {
    fn parse(text: &str) -> Result<Self, Failure> {
        Ok(Self(serde_json::from_str(text)?))
    }

    fn text(&self, name: &str) -> Result<&str, Failure> {
        self.0[name].as_str().ok_or_else(|| format!("the order has no {name}").into())
    }

    fn number(&self, name: &str) -> Result<u64, Failure> {
        self.0[name].as_u64().ok_or_else(|| format!("the order has no {name}").into())
    }

    fn partitions(&self) -> Result<Vec<i32>, Failure> {
        let list = self.0["partitions"].as_array().ok_or("the order has no partitions")?;
        let number = |value: &Value| i32::try_from(value.as_i64()?).ok();
        list.iter().map(number).collect::<Option<_>>().ok_or_else(|| "an odd partition".into())
    }
}

/// How long a producer may try to write a record, through a restart of the broker.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(60);
