//! `cargo xtask bench growth`: what a record, a request or a connection costs as something around it grows.
//!
//! A curve is a list of points, from little to much of one thing, with the same figures at each; a cost is flat when the
//! largest is at most a fifth above the smallest. What is measured at a point is in the modules of the curves; here is which
//! there are, and what becomes of them: a table each and, in a report, plots. Words choose curves; without any, all are measured.

mod codecs;
mod connections;
mod groups;
mod logs;
mod partitions;
mod sizes;

pub(super) use logs::free_gib;

use super::plot::{self, Lines};
use super::rows::{Round, Row};
use super::table::{median, spread};
use super::{Plan, Tools, title};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// How much the largest cost may be above the smallest.
const FLAT: f64 = 1.2;

/// Something that grows.
struct Curve {
    /// The word that asks for it, and the name of its plots.
    name: &'static str,
    title: &'static str,
    /// What grows.
    across: &'static str,
    /// What is measured at each point; those that are plotted are costs, and they are held to be flat.
    figures: &'static [Row],
    plots: &'static [Plotted],
    measure: fn(Kind, &Plan, &Tools, &mut Points) -> Outcome,
}

/// Figures in one plot.
struct Plotted {
    title: &'static str,
    figures: &'static [&'static str],
}

/// All curves.
const CURVES: [&Curve; 6] =
    [&partitions::CURVE, &connections::CURVE, &groups::CURVE, &sizes::CURVE, &logs::CURVE, &codecs::CURVE];

/// Whether a word asks for a curve.
pub(super) fn is_curve(word: &str) -> bool {
    CURVES.iter().any(|curve| curve.name == word)
}

/// The words that ask for curves.
pub(super) fn names() -> String {
    CURVES.map(|curve| curve.name).join(" ")
}

/// What was measured of one curve on one broker.
#[derive(Default)]
struct Points {
    points: Vec<Point>,
    notes: Vec<String>,
}

struct Point {
    /// How it is called; it is also where it stands.
    label: String,
    at: f64,
    rounds: Vec<Round>,
}

impl Points {
    /// Adds the figures of a round at a point.
    fn add(&mut self, label: &str, at: f64, round: Round) {
        match self.points.iter_mut().find(|point| point.label == label) {
            Some(point) => point.rounds.push(round),
            None => self.points.push(Point { label: label.to_owned(), at, rounds: vec![round] }),
        }
    }

    /// Says what a reader of the curve has to know.
    fn note(&mut self, note: String) {
        eprintln!("  {note}");
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn figures(&self, label: &str, name: &str) -> Vec<f64> {
        let point = self.points.iter().filter(|point| point.label == label);
        point.flat_map(|point| &point.rounds).filter_map(|round| round.get(name).copied()).collect()
    }

    /// The median of a figure at each point that has it.
    fn line(&self, name: &str) -> Vec<(&Point, f64)> {
        self.points
            .iter()
            .filter_map(|point| Some((point, median(self.figures(&point.label, name))?)))
            .collect()
    }
}

/// Measures the curves that were asked for, prints them and writes the report.
pub(super) fn run(plan: &Plan, tools: &Tools) -> Outcome {
    let mut text = String::new();
    let wanted = |curve: &&&Curve| plan.words.is_empty() || plan.words.iter().any(|word| word == curve.name);
    for curve in CURVES.iter().filter(wanted) {
        let mut columns: Vec<(&str, Points)> =
            plan.brokers.iter().map(|kind| (title(*kind), Points::default())).collect();
        for number in 0..plan.rounds {
            let mut order: Vec<_> = plan.brokers.iter().zip(&mut columns).collect();
            if number % 2 == 1 {
                order.reverse();
            }
            for (kind, (_, points)) in order {
                eprintln!("{}, round {} of {}: {}", curve.name, number + 1, plan.rounds, kind.name());
                (curve.measure)(*kind, plan, tools, points)?;
            }
        }
        let table = markdown(curve, &columns);
        println!("{table}");
        text.push_str(&table);
        if let Some(folder) = &plan.report {
            text.push_str(&plots(folder, curve, &columns)?);
        }
    }
    if let Some(folder) = &plan.report {
        fs::create_dir_all(folder)?;
        let head = format!(
            "# Growth\n\n`cargo xtask bench growth` with {} rounds and {} per cent of the full load; durability `os`.\n\n",
            plan.rounds, plan.load_percent
        );
        fs::write(folder.join("growth.md"), head + &text)?;
        eprintln!("the report is in {}", folder.display());
    }
    Ok(())
}

/// The table of a curve, and whether what it costs is flat.
fn markdown(curve: &Curve, columns: &[(&str, Points)]) -> String {
    let mut text = format!("## {}\n\n| {} |", curve.title, curve.across);
    for (name, _) in columns {
        for row in curve.figures {
            let _ = write!(text, " {name}: {} |", row.title());
        }
    }
    text.push_str(&format!("\n|{}\n", "---|".repeat(1 + columns.len() * curve.figures.len())));
    let labels: Vec<&str> = match columns.iter().max_by_key(|(_, points)| points.points.len()) {
        Some((_, points)) => points.points.iter().map(|point| point.label.as_str()).collect(),
        None => Vec::new(),
    };
    for label in labels {
        let _ = write!(text, "| {label} |");
        for (_, points) in columns {
            for row in curve.figures {
                let _ = write!(text, " {} |", spread(&points.figures(label, row.name), row.digits));
            }
        }
        text.push('\n');
    }
    text.push('\n');
    for (name, points) in columns {
        for figure in curve.plots.iter().flat_map(|plot| plot.figures) {
            let line: Vec<(&str, f64)> =
                points.line(figure).into_iter().map(|(point, cost)| (point.label.as_str(), cost)).collect();
            if let Some(verdict) = verdict(&line) {
                let _ = writeln!(text, "- {name}, {figure}: {verdict}");
            }
        }
        for note in &points.notes {
            let _ = writeln!(text, "- {name}: {note}");
        }
    }
    text.push('\n');
    text
}

/// Whether a cost is the same all along, and how far it goes if it is not.
fn verdict(line: &[(&str, f64)]) -> Option<String> {
    let by_cost = |a: &&(&str, f64), b: &&(&str, f64)| a.1.total_cmp(&b.1);
    let (least, most) = (line.iter().min_by(by_cost)?, line.iter().max_by(by_cost)?);
    let factor = most.1 / least.1.max(1e-9);
    match factor <= FLAT {
        true => Some(format!("flat, the most is {factor:.2} times the least")),
        false => Some(format!("not flat, {factor:.2} times as much at {} as at {}", most.0, least.0)),
    }
}

/// Writes the plots of a curve, and gives the Markdown that shows them.
fn plots(folder: &Path, curve: &Curve, columns: &[(&str, Points)]) -> Outcome<String> {
    fs::create_dir_all(folder)?;
    let mut text = String::new();
    for (number, plotted) in curve.plots.iter().enumerate() {
        let mut names = Vec::new();
        let mut lines = Vec::new();
        for (name, points) in columns {
            for figure in plotted.figures {
                let line =
                    points.line(figure).into_iter().map(|(point, cost)| (across(point.at), cost)).collect();
                names.push(format!("{name}: {figure}"));
                lines.push(line);
            }
        }
        let marks: Vec<(f64, String)> = match columns.iter().max_by_key(|(_, points)| points.points.len()) {
            Some((_, points)) => {
                points.points.iter().map(|point| (across(point.at), point.label.clone())).collect()
            }
            None => Vec::new(),
        };
        let plot = Lines { title: plotted.title, marks, lines, is_logarithmic: false };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let file = format!("growth-{}-{}.svg", curve.name, number + 1);
        fs::write(folder.join(&file), plot::lines(&plot, &names))?;
        let _ = writeln!(text, "![{}]({file})\n", plotted.title);
    }
    Ok(text)
}

/// Where a point stands: ten times as much is one further.
fn across(at: f64) -> f64 {
    at.max(1.0).log10()
}

#[cfg(test)]
mod tests {
    use super::super::rows::row;
    use super::*;

    #[test]
    fn a_cost_is_flat_up_to_a_fifth_above_the_least() {
        assert_eq!(verdict(&[]), None);
        assert!(verdict(&[("1", 5.0), ("10", 6.0)]).unwrap().starts_with("flat"));
        let bent = verdict(&[("1", 5.0), ("10", 4.0), ("10,000", 8.0)]).unwrap();
        assert_eq!(bent, "not flat, 2.00 times as much at 10,000 as at 10");
    }

    #[test]
    fn a_point_that_a_broker_was_spared_is_an_empty_cell() {
        const FIGURES: &[Row] = &[row("cost", "us", 1, false)];
        const PLOTS: &[Plotted] = &[Plotted { title: "cost", figures: &["cost"] }];
        let curve = Curve {
            name: "n",
            title: "Growth of n",
            across: "n",
            figures: FIGURES,
            plots: PLOTS,
            measure: |_, _, _, _| Ok(()),
        };
        let (mut ours, mut peer) = (Points::default(), Points::default());
        ours.add("1", 1.0, Round::from([("cost", 2.0)]));
        ours.add("10", 10.0, Round::from([("cost", 2.2)]));
        peer.add("1", 1.0, Round::from([("cost", 9.0)]));
        peer.note("10 takes too long".to_owned());
        let table = markdown(&curve, &[("ottla", ours), ("Kafka", peer)]);
        assert!(table.contains("| 1 | 2.0 | 9.0 |\n| 10 | 2.2 | - |\n"), "{table}");
        assert!(table.contains("- ottla, cost: flat, the most is 1.10 times the least\n"), "{table}");
        assert!(table.contains("- Kafka: 10 takes too long\n"), "{table}");
    }
}
