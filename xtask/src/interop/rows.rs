//! What was played and how it ended, case by case.

use crate::outcome::Outcome;
use std::time::Instant;

/// One case that was played.
pub(super) struct Row {
    /// The whole name.
    pub(super) name: String,
    seconds: f64,
    failure: Option<String>,
}

impl Row {
    /// Plays a case and prints how it ended.
    pub(super) fn play(name: String, case: impl FnOnce() -> Outcome) -> Self {
        let began = Instant::now();
        let outcome = case();
        Self::ended(name, began, outcome)
    }

    /// Notes a case that has ended by now, and prints how.
    pub(super) fn ended(name: String, began: Instant, outcome: Outcome) -> Self {
        let failure = outcome.err().map(|failure| failure.to_string());
        let row = Self { name, seconds: began.elapsed().as_secs_f64(), failure };
        println!("{}", row.line());
        row
    }

    /// Whether it ended well.
    pub(super) fn passed(&self) -> bool {
        self.failure.is_none()
    }

    fn verdict(&self) -> &'static str {
        if self.passed() { "pass" } else { "FAIL" }
    }

    fn line(&self) -> String {
        let mut text = format!("{}  {:>6.1} s  {}", self.verdict(), self.seconds, self.name);
        if let Some(failure) = &self.failure {
            for part in failure.lines().take(30) {
                text.push_str(&format!("\n        {part}"));
            }
        }
        text
    }
}

/// Prints all rows in short, and ends well only if each of them did.
pub(super) fn report(rows: &[Row]) -> Outcome {
    let failed = rows.iter().filter(|row| row.failure.is_some()).count();
    println!("\n{:<72} {:>8}  result", "case", "seconds");
    for row in rows {
        println!("{:<72} {:>8.1}  {}", row.name, row.seconds, row.verdict());
    }
    println!("{} cases, {failed} failed", rows.len());
    match (rows.len(), failed) {
        (0, _) => Err("no case has such a name".into()),
        (_, 0) => Ok(()),
        _ => Err(format!("{failed} cases failed").into()),
    }
}
