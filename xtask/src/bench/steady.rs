//! Latency at a steady pace, as applications have it: through librdkafka, and through Kafka's own client and tool.

use super::Plan;
use super::rows::{Bench, Round, run};
use crate::outcome::Outcome;
use std::process::Command;

/// Records a second and how many seconds, through librdkafka without linger.
const LIBRDKAFKA: (u64, u64) = (5_000, 8);
/// The same of Kafka's own client, without linger too: by default it waits for company up to 5 ms, and that is what
/// its p99 would tell.
const JAVA: (u64, u64) = (10_000, 6);
/// Seconds before these that are not counted: a Java program that starts takes 300 ms for some of its first requests,
/// which is 50 times what they take when it is warm, whoever answers them.
const JAVA_WARM_UP: u64 = 4;

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
        let (warm_up, records) = (JAVA.0 * JAVA_WARM_UP, JAVA.0 * seconds(JAVA.1));
        let summary = java(plan, bench, JAVA.0, warm_up, records)?;
        let figure = |name: &str| {
            figure(&summary, name).ok_or_else(|| format!("ProducerPerformance ended with {summary:?}"))
        };
        round.insert("10,000 x 1 KiB a second, linger 0, warm Java client: mean", figure("avg latency")?);
        round.insert("10,000 x 1 KiB a second, linger 0, warm Java client: p99", figure("99th")?);
        round.insert("10,000 x 1 KiB a second, linger 0, warm Java client: p99.9", figure("99.9th")?);
    } else {
        eprintln!("  no Java client: {} is missing", plan.kafka.display());
    }
    Ok(())
}

/// The last line that Kafka's tool says: that of the records after those that warm it up.
fn java(plan: &Plan, bench: &Bench<'_>, rate: u64, warm_up: u64, records: u64) -> Outcome<String> {
    bench.create("java")?;
    let output = Command::new("bash")
        .arg(&plan.kafka)
        .args(["tool", "org.apache.kafka.tools.ProducerPerformance", "--topic", "java"])
        .args(["--record-size", "1024", "--throughput", &rate.to_string()])
        .args(["--num-records", &(warm_up + records).to_string(), "--warmup-records", &warm_up.to_string()])
        .arg("--command-property")
        .args([&format!("bootstrap.servers={}", bench.broker.bootstrap), "acks=all", "linger.ms=0"])
        .output()?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("ProducerPerformance: {}: {error}", output.status).into());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().last().unwrap_or_default();
    eprintln!("  ProducerPerformance: {last}");
    if !last.contains("steady state records") {
        return Err(format!("ProducerPerformance says nothing of its steady state: {last:?}").into());
    }
    Ok(last.to_owned())
}

/// A figure out of the summary of Kafka's tool, in milliseconds: `..., 0.94 ms avg latency, ..., 4 ms 99th, ...`.
fn figure(summary: &str, name: &str) -> Option<f64> {
    let suffix = format!(" ms {name}");
    summary.split(',').find_map(|part| part.trim().trim_end_matches('.').strip_suffix(&suffix)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn a_figure_is_found_in_the_summary_and_only_there() {
        let summary = "100000 steady state records sent, 9998.0 records/sec (9.76 MB/sec), 0.94 ms avg latency, 321.00 ms max latency, \
                       1 ms 50th, 2 ms 95th, 14 ms 99th, 62 ms 99.9th.";
        assert_eq!(figure(summary, "avg latency"), Some(0.94));
        assert_eq!(figure(summary, "99th"), Some(14.0));
        assert_eq!(figure(summary, "99.9th"), Some(62.0));
        assert_eq!(figure("100 records sent, 1 ms avg latency", "99th"), None);
    }
}
