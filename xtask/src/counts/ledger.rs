//! Counts as they are written down: entries, oldest first, each with the line that says why.
//!
//! ```text
//! ## Metadata checks the names of topics
//! made with rustc 1.95.0, x86_64-unknown-linux-gnu, avx2, glibc 2.36, valgrind-3.19.0
//!       4012.5  metadata, decode
//! ```
//!
//! An entry has the paths whose counts it changes, and the last count of a path is the one that holds. So a new count comes
//! with a line that says why, and the file tells how each came to be. Entries are added, not edited.

use crate::outcome::Outcome;
use std::collections::BTreeMap;
use std::fmt;

/// What the file begins with.
const HEAD: &str = "\
# What hot paths cost, in instructions a run. `cargo xtask counts` counts them, `cargo xtask ci counts` holds them,
# `cargo xtask counts --write 'a line that says why'` adds to the end. The last count of a path is the one that holds.
";

/// What one run of a path costs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Count {
    pub(super) path: String,
    pub(super) instructions: f64,
}

#[derive(Debug, PartialEq)]
struct Entry {
    reason: String,
    tools: String,
    counts: Vec<Count>,
}

/// All that was ever written down.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    pub(super) fn parse(text: &str) -> Outcome<Self> {
        let mut ledger = Self::default();
        for (index, line) in text.lines().enumerate() {
            let bad = || format!("line {} of the counts: {line}", index + 1);
            if let Some(reason) = line.strip_prefix("## ") {
                let reason = reason.trim().to_owned();
                ledger.entries.push(Entry { reason, tools: String::new(), counts: Vec::new() });
                continue;
            }
            if line.trim().is_empty() || line.starts_with("# ") {
                continue;
            }
            let entry = ledger.entries.last_mut().filter(|entry| !entry.reason.is_empty()).ok_or_else(bad)?;
            if let Some(tools) = line.strip_prefix("made with ") {
                entry.tools = tools.trim().to_owned();
                continue;
            }
            let (instructions, path) = line.trim().split_once("  ").ok_or_else(bad)?;
            let instructions: f64 = instructions.parse().map_err(|_| bad())?;
            if instructions.is_nan() || instructions <= 0.0 || entry.tools.is_empty() {
                return Err(bad().into());
            }
            entry.counts.push(Count { path: path.trim().to_owned(), instructions });
        }
        Ok(ledger)
    }

    /// The count of a path that holds.
    pub(super) fn last(&self, path: &str) -> Option<f64> {
        let counts = self.entries.iter().rev().flat_map(|entry| &entry.counts);
        counts.into_iter().find(|count| count.path == path).map(|count| count.instructions)
    }

    /// What the counts that hold were made with.
    pub(super) fn tools(&self) -> Option<&str> {
        self.entries.last().map(|entry| entry.tools.as_str())
    }

    /// Writes down the counts that are not those that hold; all of them, if they were made with other tools.
    pub(super) fn add(&mut self, reason: String, tools: String, counts: Vec<Count>) {
        let is_same = self.tools() == Some(&tools);
        let shown = |instructions: f64| format!("{instructions:.1}");
        let is_news = |count: &Count| {
            let before = self.last(&count.path).map(shown);
            !is_same || before != Some(shown(count.instructions))
        };
        let counts: Vec<Count> = counts.into_iter().filter(is_news).collect();
        if !counts.is_empty() {
            self.entries.push(Entry { reason, tools, counts });
        }
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        for Entry { reason, tools, counts } in &self.entries {
            // The order of the paths within an entry tells nothing, so it is one that does not change.
            let sorted: BTreeMap<&str, f64> =
                counts.iter().map(|count| (count.path.as_str(), count.instructions)).collect();
            write!(f, "\n## {reason}\nmade with {tools}\n")?;
            for (path, instructions) in sorted {
                writeln!(f, "{instructions:>12.1}  {path}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, instructions: f64) -> Count {
        Count { path: path.to_owned(), instructions }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut ledger = Ledger::default();
        ledger.add("first".into(), "rustc 1, glibc 2".into(), vec![count("a, b", 12.5), count("c", 40.0)]);
        ledger.add(
            "second: c".into(),
            "rustc 1, glibc 2".into(),
            vec![count("a, b", 12.5), count("c", 41.0)],
        );
        let text = ledger.to_string();
        assert_eq!(Ledger::parse(&text).unwrap(), ledger, "{text}");
        assert_eq!((ledger.last("a, b"), ledger.last("c"), ledger.last("d")), (Some(12.5), Some(41.0), None));
        assert_eq!(text.matches("a, b").count(), 1, "what did not change is not written again: {text}");
    }

    #[test]
    fn other_tools_have_every_count_written_again() {
        let mut ledger = Ledger::default();
        ledger.add("first".into(), "rustc 1".into(), vec![count("a", 1.0), count("b", 2.0)]);
        ledger.add("rustc 2".into(), "rustc 2".into(), vec![count("a", 1.0), count("b", 3.0)]);
        assert_eq!(ledger.to_string().matches("1.0  a").count(), 2);
        assert_eq!(ledger.tools(), Some("rustc 2"));
    }

    #[test]
    fn a_count_without_a_line_that_says_why_is_refused() {
        for text in [
            "  1.0  a\n",
            "made with rustc 1\n  1.0  a\n",
            "## \nmade with rustc 1\n  1.0  a\n",
            "## why\n  1.0  a\n",
            "## why\nmade with rustc 1\n  x  a\n",
            "## why\nmade with rustc 1\n  -1.0  a\n",
            "## why\nmade with rustc 1\n  1.0 a\n",
        ] {
            assert!(Ledger::parse(text).is_err(), "{text}");
        }
    }
}
