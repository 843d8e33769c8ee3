//! Where transactions were aborted, as far as a round has to know.
//!
//! What is said of an aborted transaction stands at its marker, which may be in a later segment than its records.
//! How segments know of theirs is in [`crate::aborted`].

use std::io;

use super::pass::Source;
use crate::aborted::AbortedEntry;
use crate::log::Core;
use crate::log::isolation::Search;

/// The aborted transactions that have records below `end`. `sources` are all segments of the log as far as they
/// are visible, in order: a marker may stand anywhere behind the records.
pub(super) async fn find(core: &Core, sources: &[Source], end: i64) -> io::Result<Vec<AbortedEntry>> {
    let mut aborted = Vec::new();
    for source in sources {
        let search = core.collect_aborted(&source.segment, 0, end, &mut aborted).await?;
        if source.next >= end && search == Search::Over {
            break;
        }
    }
    // Nobody may know yet how one ends whose marker is not visible.
    let visible = sources.last().map_or(0, |last| last.next);
    aborted.retain(|entry| entry.last_offset < visible);
    Ok(aborted)
}
