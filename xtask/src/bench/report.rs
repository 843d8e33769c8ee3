//! A report in a folder: the table in Markdown, where a peer is ahead, and plots as SVG.

use super::Plan;
use super::plot::{self, Group, Lines};
use super::rows::{PERCENTILES, Row};
use super::table::{Column, Results, median};
use crate::outcome::Outcome;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Writes the report, as Markdown of this name; whatever was measured is in it.
pub(super) fn write(
    folder: &Path,
    name: &str,
    plan: &Plan,
    results: &Results,
    tables: &[Vec<&Row>],
) -> Outcome {
    let rows = &tables.concat();
    fs::create_dir_all(folder)?;
    let names: Vec<&str> = results.columns.iter().map(|column| column.name).collect();
    let mut plots = Vec::new();
    for (file, title, is_shown, digits) in [
        (
            "throughput",
            "Throughput, MB/s (durability os, or as the row says)",
            is_throughput as fn(&Row) -> bool,
            0,
        ),
        ("cpu", "CPU of the broker per GB, s (durability os)", is_cpu, 2),
    ] {
        let groups = groups(&results.columns, rows.iter().copied().filter(|row| is_shown(row)));
        if !groups.is_empty() {
            plots.push((file.to_owned(), title.to_owned(), plot::bars(title, &names, &groups, digits)));
        }
    }
    for (file, what, keys) in PERCENTILES {
        let lines: Vec<_> = results.columns.iter().map(|column| percentiles(column, &keys)).collect();
        if lines.iter().any(|line| !line.is_empty()) {
            let title = format!("{what}: latency by percentile, us, logarithmic");
            let marks =
                (0_u32..).map(f64::from).zip(["p50", "p90", "p99", "p99.9"].map(str::to_owned)).collect();
            let lines = Lines { title: &title, marks, lines, is_logarithmic: true };
            plots.push((file.to_owned(), title.clone(), plot::lines(&lines, &names)));
        }
    }
    if results.columns.iter().any(|column| !column.memory.is_empty()) {
        let title = "Memory of the broker over the time of the load, MB (durability os, first round)";
        let lines: Vec<_> = results.columns.iter().map(|column| column.memory.clone()).collect();
        let end = lines.iter().flatten().map(|point| point.0).fold(0.0, f64::max);
        let marks =
            (0..=4).map(|part| f64::from(part) / 4.0 * end).map(|at| (at, format!("{at:.0} s"))).collect();
        let lines = Lines { title, marks, lines, is_logarithmic: false };
        plots.push(("memory".to_owned(), title.to_owned(), plot::lines(&lines, &names)));
    }
    let mut text = format!(
        "# Measured\n\n`cargo xtask bench` with {} rounds and {} per cent of the full load, the brokers by turns. Rows and \
         plots are of `os` durability, which is Kafka's default, unless they say `fsync`.\n\n{}\n",
        plan.rounds,
        plan.load_percent,
        results.markdown(tables)
    );
    text.push_str(&behind(&results.columns, rows));
    for (file, title, svg) in plots {
        fs::write(folder.join(format!("{file}.svg")), svg)?;
        let _ = writeln!(text, "![{title}]({file}.svg)\n");
    }
    fs::write(folder.join(format!("{name}.md")), text)?;
    eprintln!("the report is in {}", folder.display());
    Ok(())
}

fn is_throughput(row: &Row) -> bool {
    row.unit == "MB/s"
}

fn is_cpu(row: &Row) -> bool {
    row.unit == "s" && row.name.contains("CPU per GB")
}

fn groups<'a>(columns: &[Column], rows: impl Iterator<Item = &'a Row>) -> Vec<Group> {
    let medians = |row: &Row| -> Vec<(usize, f64)> {
        let figures = columns.iter().map(|column| median(column.figures(row.name)));
        figures.enumerate().filter_map(|(place, figure)| Some((place, figure?))).collect()
    };
    rows.map(|row| Group { name: row.name.to_owned(), values: medians(row) })
        .filter(|group| !group.values.is_empty())
        .collect()
}

fn percentiles(column: &Column, keys: &[&str]) -> Vec<(f64, f64)> {
    let figures = keys.iter().map(|key| median(column.figures(key)));
    (0_u32..).map(f64::from).zip(figures).filter_map(|(at, figure)| Some((at, figure?))).collect()
}

/// The rows in which the median of a peer is better than ours.
fn behind(columns: &[Column], rows: &[&Row]) -> String {
    let Some((ours, peers)) = columns.split_first() else { return String::new() };
    let mut text = String::new();
    for peer in peers {
        for row in rows {
            let (Some(own), Some(other)) = (median(ours.figures(row.name)), median(peer.figures(row.name)))
            else {
                continue;
            };
            if if row.more_is_better { other > own } else { other < own } {
                let digits = row.digits;
                let _ = writeln!(
                    text,
                    "- {}: {} {other:.digits$}, {} {own:.digits$}",
                    row.title(),
                    peer.name,
                    ours.name
                );
            }
        }
    }
    match (text.is_empty(), peers.is_empty()) {
        (false, _) => format!("Where a peer is ahead:\n\n{text}\n"),
        (true, false) => "No peer is ahead in any row.\n\n".to_owned(),
        (true, true) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Round, row};
    use super::*;

    #[test]
    fn a_peer_is_ahead_by_what_is_better_in_the_row() {
        let rows =
            [row("speed", "MB/s", 0, true), row("wait", "us", 0, false), row("only ours", "s", 0, true)];
        let column = |name, speed, wait| Column {
            name,
            rounds: vec![Round::from([("speed", speed), ("wait", wait)])],
            memory: Vec::new(),
        };
        let rows: Vec<&Row> = rows.iter().collect();
        let columns = [column("ottla", 5.0, 20.0), column("Kafka", 6.0, 30.0)];
        assert_eq!(behind(&columns, &rows), "Where a peer is ahead:\n\n- speed, MB/s: Kafka 6, ottla 5\n\n");
        let columns = [column("ottla", 7.0, 20.0), column("Kafka", 6.0, 10.0)];
        assert!(behind(&columns, &rows).contains("- wait, us: Kafka 10, ottla 20"));
        assert!(behind(&columns[..1], &rows).is_empty());
    }
}
