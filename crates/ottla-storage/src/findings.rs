//! What a storage found that was not as it had been left, and what it did about it.
//!
//! Whoever comes upon damage tells it here; it goes to the program's log at the same time. Nothing is decided
//! here.

use std::collections::VecDeque;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::offset::Offset;

/// The most that is remembered; of more, the oldest are forgotten.
const REMEMBERED_MAX: usize = 1_000;

/// One thing that was not as it had been left.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What became of it.
    pub kind: FindingKind,
    /// The file, below the data folder.
    pub path: PathBuf,
    /// What is wrong with it, for people.
    pub what: String,
}

/// What became of something that was not as it had been left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// A small file was of no use. What it said is had from elsewhere, and it is written anew.
    MadeAnew,
    /// The end of a log was not written to its end, and no sync had covered it. It was cut off, and is kept
    /// in the file `NNN.cut`.
    Cut,
    /// A file or folder that does not belong where it was. It has another name now.
    SetAside,
    /// A batch that had been safe is damaged. It stays, is answered as corrupt, and those around it are readable.
    Damaged {
        /// Where it starts in its file, in bytes.
        position: u32,
        /// The offset at which it starts, or the first that may be in it.
        offset: Offset,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

/// All findings of a storage since it was opened. Clones are the same list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    newest: VecDeque<Finding>,
    damaged: u64,
}

impl Findings {
    pub(crate) fn report(&self, kind: FindingKind, path: &Path, what: impl Into<String>) {
        let what = what.into();
        let shown = path.display();
        match kind {
            FindingKind::MadeAnew => tracing::warn!(path = %shown, what, "file is made anew"),
            FindingKind::Cut => tracing::warn!(path = %shown, what, "end of the log is cut off"),
            FindingKind::SetAside => tracing::warn!(path = %shown, what, "set aside under another name"),
            FindingKind::Damaged { position, offset } => tracing::error!(
                path = %shown,
                position,
                offset = offset.0,
                what,
                "batch is damaged; it is kept and answered as corrupt"
            ),
        }
        let mut inner = lock(&self.0);
        inner.damaged += u64::from(matches!(kind, FindingKind::Damaged { .. }));
        if inner.newest.len() == REMEMBERED_MAX {
            inner.newest.pop_front();
        }
        inner.newest.push_back(Finding { kind, path: path.to_owned(), what });
    }

    /// A small file that is of no use.
    pub(crate) fn made_anew(&self, path: &Path, why: &dyn fmt::Display) {
        self.report(FindingKind::MadeAnew, path, why.to_string());
    }

    /// The newest of them, in order.
    pub(crate) fn newest(&self) -> Vec<Finding> {
        lock(&self.0).newest.iter().cloned().collect()
    }

    /// How many batches were found damaged.
    pub(crate) fn damaged(&self) -> u64 {
        lock(&self.0).damaged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_remembered_and_all_damage_is_counted() {
        let findings = Findings::default();
        findings.made_anew(Path::new("first"), &"it is empty");
        for position in 0..1_000 {
            let kind = FindingKind::Damaged { position, offset: Offset(7) };
            findings.report(kind, Path::new("a.log"), "its checksum is wrong");
        }
        let newest = findings.newest();
        assert_eq!((newest.len(), findings.damaged()), (REMEMBERED_MAX, 1_000));
        assert_eq!(newest[0].path, Path::new("a.log"), "the first was forgotten");
        assert_eq!(newest[0].to_string(), "a.log: its checksum is wrong");
    }
}
