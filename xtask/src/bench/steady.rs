//! Latency at a steady pace, as applications have it: through librdkafka, and through Kafka's own client and tool.

use super::Plan;
use super::rows::{Bench, Round, run};
use crate::outcome::Outcome;
use std::process::Command;

/// Records a second and how many seconds, through librdkafka without linger.
const LIBRDKAFKA: (u64, u64) = (5_000, 8);
/// The same of Kafka's own client; the first seconds are those of a Java program that starts.
const JAVA: (u64, u64) = (10_000, 10);

/// Measures the rows of a steady pace on one broker.
pub(super) fn measure(plan: &Plan, bench: &Bench<'_>, round: &mut Round) -> Outcome {
    let seconds = |all: u64| (all * plan.load_percent / 100).max(1);
    bench.create("paced")?;
    let (rate, records) = (LIBRDKAFKA.0, LIBRDKAFKA.0 * seconds(LIBRDKAFKA.1));
    let (rate, records) = (rate.to_string(), records.to_string());
    let place = ["paced", "--bootstrap", &bench.broker.bootstrap, "--topic", "paced"];
    let pace = ["--rate", &rate, "--records", &records, "--size", "1024"];
    let paced = run(&bench.tools.peer_load, &[place.as_slice(), &pace].concat())?;
    round.insert("5,000 x 1 KiB a second, linger 0, librdkafka: p50", paced.field("p50_us")? / 1e3);
    round.insert("5,000 x 1 KiB a second, linger 0, librdkafka: p99", paced.field("p99_us")? / 1e3);
    if plan.kafka.is_file() {
        let p99 = java(plan, bench, JAVA.0, JAVA.0 * seconds(JAVA.1))?;
        round.insert("10,000 x 1 KiB a second, Java client: p99", p99);
    } else {
        eprintln!("  no Java client: {} is missing", plan.kafka.display());
    }
    Ok(())
}

fn java(plan: &Plan, bench: &Bench<'_>, rate: u64, records: u64) -> Outcome<f64> {
    bench.create("java")?;
    let output = Command::new("bash")
        .arg(&plan.kafka)
        .args([
            "tool",
            "org.apache.kafka.tools.ProducerPerformance",
            "--topic",
            "java",
            "--record-size",
            "1024",
        ])
        .args(["--num-records", &records.to_string(), "--throughput", &rate.to_string(), "--producer-props"])
        .args([format!("bootstrap.servers={}", bench.broker.bootstrap), "acks=all".to_owned()])
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().last().unwrap_or_default();
    eprintln!("  ProducerPerformance: {last}");
    percentile(last, "99th").ok_or_else(|| {
        let error = String::from_utf8_lossy(&output.stderr);
        format!("ProducerPerformance ended with {last:?}: {error}").into()
    })
}

/// A percentile out of the summary of Kafka's tool, in milliseconds: `..., 1 ms 95th, 4 ms 99th, ...`.
fn percentile(summary: &str, which: &str) -> Option<f64> {
    let suffix = format!(" ms {which}");
    summary.split(',').find_map(|part| part.trim().trim_end_matches('.').strip_suffix(&suffix)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_found_in_the_summary_and_only_there() {
        let summary = "100000 records sent, 9998.0 records/sec (9.76 MB/sec), 0.94 ms avg latency, 321.00 ms max latency, \
                       1 ms 50th, 2 ms 95th, 14 ms 99th, 62 ms 99.9th.";
        assert_eq!(percentile(summary, "99th"), Some(14.0));
        assert_eq!(percentile(summary, "99.9th"), Some(62.0));
        assert_eq!(percentile("100 records sent, 1 ms avg latency", "99th"), None);
    }
}
