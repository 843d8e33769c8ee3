//! The table in Markdown: of each row the median and the spread, and its ratios to the peer and to the machine's limit.

use super::limits;
use super::rows::{Round, Row};
use std::fmt::Write;

/// Everything that a run measured.
pub(super) struct Results {
    /// How many rounds there were.
    pub(super) rounds: usize,
    /// What was measured, by whose it is: ottla first.
    pub(super) columns: Vec<Column>,
    /// The machine's limits, a round each.
    pub(super) limits: Vec<Round>,
}

/// A broker and its rounds.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) rounds: Vec<Round>,
    /// Seconds since it served and megabytes of resident memory, under the load of the first round.
    pub(super) memory: Vec<(f64, f64)>,
}

impl Column {
    /// The figures of a row, one for each round that has it.
    pub(super) fn figures(&self, row: &str) -> Vec<f64> {
        figures(&self.rounds, row)
    }
}

fn figures(rounds: &[Round], row: &str) -> Vec<f64> {
    rounds.iter().filter_map(|round| round.get(row).copied()).collect()
}

impl Results {
    /// Tables of what was measured of these rows, and below them that of the machine.
    pub(super) fn markdown(&self, tables: &[Vec<&Row>]) -> String {
        let tables = tables.iter().map(|rows| self.brokers(rows)).chain([self.machine()]);
        tables.filter(|table| !table.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn brokers(&self, rows: &[&Row]) -> String {
        let is_measured = |column: &&Column| rows.iter().any(|row| !column.figures(row.name).is_empty());
        let columns: Vec<_> = self.columns.iter().filter(is_measured).collect();
        let Some((ours, peers)) = columns.split_first() else { return String::new() };
        let mut head = format!("| what ({} rounds: median, min-max) | {} |", self.rounds, ours.name);
        for peer in peers {
            head.push_str(&format!(" {} | {} : {} |", peer.name, ours.name, peer.name));
        }
        head.push_str(" limit of the machine | ottla : limit | better |\n");
        let mut text = head.clone() + &"|---".repeat(head.matches('|').count() - 1) + "|\n";
        for row in rows {
            let figures = ours.figures(row.name);
            if columns.iter().all(|column| column.figures(row.name).is_empty()) {
                continue; // of a part that was not asked for
            }
            let _ = write!(text, "| {} | {} |", row.title(), spread(&figures, row.digits));
            for peer in peers {
                let theirs = peer.figures(row.name);
                let _ = write!(text, " {} | {} |", spread(&theirs, row.digits), ratio(&figures, &theirs));
            }
            let limit = limits::of(row.name).map(|limit| self::figures(&self.limits, limit));
            let limit = limit.unwrap_or_default();
            let better = if row.more_is_better { "more" } else { "less" };
            let _ =
                writeln!(text, " {} | {} | {better} |", cell(&limit, row.digits), ratio(&figures, &limit));
        }
        text
    }

    fn machine(&self) -> String {
        if self.limits.is_empty() {
            return String::new();
        }
        let mut text = String::from("| the machine, in the same rounds | median, min-max |\n|---|---|\n");
        for row in limits::rows() {
            let figures = figures(&self.limits, row.name);
            let _ = writeln!(text, "| {} | {} |", row.title(), spread(&figures, row.digits));
        }
        text
    }
}

/// The median, as a cell.
fn cell(figures: &[f64], digits: usize) -> String {
    median(figures.to_vec()).map_or_else(|| "-".to_owned(), |median| format!("{median:.digits$}"))
}

/// The median with the smallest and the largest figure, where there is more than one.
pub(super) fn spread(figures: &[f64], digits: usize) -> String {
    let median = cell(figures, digits);
    if figures.len() < 2 {
        return median;
    }
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = figures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{median} ({least:.digits$}-{most:.digits$})")
}

/// The median of the rounds' ratios.
fn ratio(ours: &[f64], theirs: &[f64]) -> String {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a / b).collect();
    match median(ratios.clone()) {
        Some(small) if small < 0.1 => format!("{small:.3}"),
        _ => cell(&ratios, 2),
    }
}

/// The middle value, or the mean of the two in the middle.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    match values.len() % 2 {
        0 => values.get(values.len() / 2 - 1).map(|lower| f64::midpoint(*lower, upper)),
        _ => Some(upper),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::row;
    use super::*;

    #[test]
    fn a_median_is_the_middle_or_the_mean_of_two() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn a_ratio_is_that_of_the_rounds_and_not_of_the_medians() {
        // A machine that drifts moves both: 2, 2 and 4 times, where the medians say 3.
        assert_eq!(ratio(&[10.0, 60.0, 40.0], &[5.0, 30.0, 10.0]), "2.00");
        assert_eq!(ratio(&[1.0], &[]), "-");
        assert_eq!(ratio(&[1.0], &[50.0]), "0.020");
    }

    #[test]
    fn a_row_has_the_spread_the_peers_and_the_limit_that_applies() {
        let name = "produce 1 KiB, librdkafka";
        let column = |column, figures: &[f64]| Column {
            name: column,
            rounds: figures.iter().map(|figure| Round::from([(name, *figure)])).collect(),
            memory: Vec::new(),
        };
        let limit = limits::of(name).unwrap();
        let elsewhere = Column { name: "in another table", rounds: Vec::new(), memory: Vec::new() };
        let (ours, theirs) =
            (column("ottla", &[600.0, 400.0, 500.0]), column("Kafka", &[100.0, 200.0, 250.0]));
        let results = Results {
            rounds: 3,
            columns: vec![ours, theirs, elsewhere],
            limits: vec![Round::from([(limit, 1000.0)]); 3],
        };
        let rows = [row(name, "MB/s", 0, true), row("not measured", "s", 0, false)];
        let table = results.brokers(&rows.iter().collect::<Vec<_>>());
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3, "{table}");
        assert_eq!(lines[0].matches('|').count(), lines[1].matches('|').count());
        assert_eq!(
            lines[2],
            "| produce 1 KiB, librdkafka, MB/s | 500 (400-600) | 200 (100-250) | 2.00 | 1000 | 0.50 | more |"
        );
    }
}
