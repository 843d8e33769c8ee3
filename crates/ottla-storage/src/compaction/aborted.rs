//! Where transactions were aborted, found out from the log itself.
//!
//! What is said of an aborted transaction comes after its records: at its marker. So the headers
//! of the log are walked once before a round, and only of a log that has transactions.

use std::collections::BTreeMap;
use std::io;

use super::pass::Source;
use super::retention::marker;
use super::transactions::{AbortedTransaction, Marker};
use crate::segment::walk::{HEADERS_AHEAD, Next, Walk};

/// The aborted transactions that have records below `end`. `sources` are all segments of the log as far as they
/// are visible, in order: a marker may stand anywhere behind the records.
pub(super) async fn find(sources: &[Source], end: i64) -> io::Result<Vec<AbortedTransaction>> {
    let mut aborted = Vec::new();
    // First offsets of the transactions that are open, by producer.
    let mut open: BTreeMap<i64, i64> = BTreeMap::new();
    for source in sources {
        if source.segment.base_offset() >= end && open.is_empty() {
            break;
        }
        let mut walk = Walk::new(source.segment.file()?, 0, source.len, HEADERS_AHEAD);
        loop {
            let position = walk.position();
            let header = match walk.next_header().await? {
                Next::Found(header) => header,
                Next::End => break,
                Next::Bad => return Err(source.damaged(position)),
            };
            if header.attributes.is_control() {
                walk.jump(position);
                let Next::Found(batch) = walk.next_batch().await? else {
                    return Err(source.damaged(position));
                };
                let marker = marker(&batch).map_err(|error| source.unreadable(&error))?;
                let ended = match marker {
                    Marker::Commit | Marker::Abort => open.remove(&header.producer_id),
                    Marker::Empty | Marker::Other => None,
                };
                if let (Some(first_offset), Marker::Abort) = (ended, marker) {
                    let last_offset = header.last_offset();
                    aborted.push(AbortedTransaction {
                        first_offset,
                        producer_id: header.producer_id,
                        last_offset,
                        last_stable_offset: open.values().min().map_or(last_offset + 1, |first| *first),
                    });
                }
            } else if header.attributes.is_transactional() && header.has_producer_id() {
                // Those that begin behind the end are nobody's concern.
                let first = header.base_offset;
                if first < end {
                    open.entry(header.producer_id).or_insert(first);
                }
            }
        }
    }
    Ok(aborted)
}
