//! What a check found, in words.

use std::fmt;

use crate::anomaly::Anomaly;

/// One thing that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind it is.
    pub anomaly: Anomaly,
    /// What happened, with the numbers of the events that show it.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.anomaly, self.what)
    }
}

/// What a history came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// All that is wrong, by kind.
    pub findings: Vec<Finding>,
    /// Sends, whatever came of them.
    pub sends: u64,
    /// Sends that were acknowledged.
    pub acknowledged: u64,
    /// Records that were read, by whomever.
    pub reads: u64,
    /// Transactions that began.
    pub transactions: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Whether something of this kind is wrong.
    pub fn has(&self, anomaly: Anomaly) -> bool {
        self.findings.iter().any(|finding| finding.anomaly == anomaly)
    }

    pub(crate) fn find(&mut self, anomaly: Anomaly, what: String) {
        self.findings.push(Finding { anomaly, what });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        write!(
            f,
            "{} sends, {} acknowledged, {} records read, {} transactions: {} findings",
            self.sends,
            self.acknowledged,
            self.reads,
            self.transactions,
            self.findings.len()
        )
    }
}
