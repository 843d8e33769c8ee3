//! What a journal of another project asks of who uses it: a manager, which has nothing to do in a bench.

use std::io;

use okaywal::{Entry, EntryId, LogManager, SegmentReader, WriteAheadLog};

/// Keeps nothing of what was appended.
#[derive(Debug)]
pub(crate) struct Forgets;

impl LogManager for Forgets {
    fn recover(&mut self, _entry: &mut Entry<'_>) -> io::Result<()> {
        Ok(())
    }

    fn checkpoint_to(&mut self, _: EntryId, _: &mut SegmentReader, _: &WriteAheadLog) -> io::Result<()> {
        Ok(())
    }
}
