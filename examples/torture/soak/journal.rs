//! What all processes did and saw, in one file, in the order in which it happened.
//!
//! Each appends to the end of the file with one call of the kernel, so that the lines stand in one order for all, and
//! who is killed takes nothing with him that he had told. A question is told before it is asked.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use ottla_check::{Event, History, What};

use crate::Failure;

/// One process's pen.
pub(crate) struct Journal {
    file: File,
    ops: AtomicU64,
}

impl Journal {
    /// Opens it for a process of this number, which no other has.
    pub(crate) fn open(path: &Path, process: u64) -> Result<Self, Failure> {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Self { file, ops: AtomicU64::new(process << 32) })
    }

    /// A number for a question.
    pub(crate) fn op(&self) -> u64 {
        self.ops.fetch_add(1, Ordering::Relaxed)
    }

    /// Tells what happened, all of it at once.
    pub(crate) fn tell(&self, told: impl IntoIterator<Item = What>) -> Result<(), Failure> {
        let history: History = told.into_iter().map(|what| Event::new(0, what)).collect();
        // Who is killed while he writes leaves a line without its end: the next one begins all the same.
        (&self.file).write_all(format!("\n{}", history.write()).as_bytes())?;
        Ok(())
    }

    /// Tells one thing.
    pub(crate) fn say(&self, what: What) -> Result<(), Failure> {
        self.tell([what])
    }
}

/// All of it as a history, and how many lines were torn by a kill.
pub(crate) fn read(path: &Path) -> Result<(History, usize), Failure> {
    let bytes = std::fs::read(path)?;
    let (mut history, mut torn, mut at) = (History::new(), 0, 0);
    for line in String::from_utf8_lossy(&bytes).lines() {
        let Ok(one) = History::read(line) else {
            torn += 1;
            continue;
        };
        for event in one.events() {
            at += 1;
            history.push(at, event.what.clone());
        }
    }
    Ok((history, torn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_a_kill_has_torn_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let journal = Journal::open(&path, 1).unwrap();
        journal.tell([What::Settled {}, What::Settled {}]).unwrap();
        File::options().append(true).open(&path).unwrap().write_all(b"\n{\"at\":0,\"ty").unwrap();
        Journal::open(&path, 2).unwrap().say(What::Settled {}).unwrap();
        let (history, torn) = read(&path).unwrap();
        assert_eq!((history.events().len(), torn), (3, 1));
        assert_eq!(history.events().iter().map(|event| event.at).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
