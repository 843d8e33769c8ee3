//! What a closed segment should know of aborted transactions: from its `.txnindex`, where that can be
//! believed, and else from the batches.
//!
//! Believed is a file that fits the summary which was written down when the segment ended. A folder that Kafka wrote
//! has no summaries, and after a loss of power the newest may be missing: then the headers of that segment are
//! walked, from the transactions on that a snapshot says were open at its start.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{AbortedEntry, ENTRY_LEN, Known, encode};
use crate::disk::Disk;
use crate::findings::Findings;
use crate::log::replay::end_marker;
use crate::producers::snapshot;
use crate::segment::index_files::read_whole;
use crate::segment::walk::{HEADERS_AHEAD, Next, Walk, next_good};
use crate::segment::{Segment, Suffix, file_name};

/// Finds out about the last of `segments`, which are those of a log from its first on. It ends at offset `next`. Answers as
/// well whether no summary vouched for it.
///
/// # Errors
/// When the batches have to be read and cannot be. What is damaged in them is passed over.
pub(crate) async fn load(
    disk: &dyn Disk,
    dir: &Path,
    identity: u32,
    findings: &Findings,
    segments: &[Arc<Segment>],
    next: i64,
) -> io::Result<(Known, bool)> {
    let Some(segment) = segments.last() else { return Ok((Known::default(), false)) };
    // A cache that cannot be read is one that is missing.
    let file = read_whole(disk, &segment.path(Suffix::TxnIndex)).await.ok().flatten();
    let beside_path = dir.join(file_name(next, Suffix::Producers));
    let beside = read_whole(disk, &beside_path).await.ok().flatten();
    let summary = beside.as_deref().and_then(|beside| snapshot::decode_summary(beside, identity));
    let bytes = file.as_deref().unwrap_or_default();
    if let Some(summary) = summary
        && let Some(entries) = summary.vouched(bytes, segment.base_offset())
        && bytes.len() == entries.len() * ENTRY_LEN
    {
        let known = Known { in_file: entries.len(), open_from: summary.open_from(), entries };
        return Ok((known, false));
    }
    let (entries, open_from) = rebuild(disk, dir, identity, segments).await?;
    if bytes != encode(&entries) {
        findings.made_anew(&segment.path(Suffix::TxnIndex), &"it is not that of its segment");
        if let Err(error) = segment.write_aborted(0, &encode(&entries)) {
            tracing::warn!(segment = %segment.path(Suffix::Log).display(), %error, "it could not be written");
        }
    }
    Ok((Known { in_file: entries.len(), entries, open_from }, true))
}

/// What the batches of the last of these segments say.
pub(crate) async fn rebuild(
    disk: &dyn Disk,
    dir: &Path,
    identity: u32,
    segments: &[Arc<Segment>],
) -> io::Result<(Vec<AbortedEntry>, Option<i64>)> {
    let mut open = Open::default();
    let mut first = 0;
    for (number, segment) in segments.iter().enumerate().rev() {
        if let Some(found) = open_at(disk, dir, identity, segment.base_offset()).await {
            (first, open) = (number, found);
            break;
        }
    }
    let mut entries = Vec::new();
    for segment in &segments[first..] {
        // Only those whose marker is in the last one are its own.
        entries.clear();
        walk(segment, &mut open, &mut entries).await?;
    }
    Ok((entries, open.first()))
}

/// The transactions that were open at this offset, if a snapshot says so.
async fn open_at(disk: &dyn Disk, dir: &Path, identity: u32, offset: i64) -> Option<Open> {
    let bytes = read_whole(disk, &dir.join(file_name(offset, Suffix::Snapshot))).await.ok()??;
    let beside = read_whole(disk, &dir.join(file_name(offset, Suffix::Producers))).await.ok().flatten();
    let (producers, summary) = snapshot::decode(offset, &bytes, beside.as_deref(), identity).ok()?;
    if beside.is_some() && summary.is_none() {
        return None;
    }
    let mut open = Open::default();
    for (id, producer) in producers.iter() {
        producer.transaction_start.iter().for_each(|first| open.begin(id, *first));
    }
    Some(open)
}

async fn walk(segment: &Arc<Segment>, open: &mut Open, entries: &mut Vec<AbortedEntry>) -> io::Result<()> {
    let (file, len) = (segment.file()?, segment.state().len);
    let mut walk = Walk::new(Arc::clone(&file), 0, len, HEADERS_AHEAD);
    let mut next_offset = segment.base_offset();
    loop {
        let position = walk.position();
        let header = match walk.next_header().await? {
            Next::Found(header) => header,
            Next::End => return Ok(()),
            Next::Bad => match next_good(&file, position, len, next_offset).await? {
                Some(resume) => {
                    walk.jump(resume);
                    continue;
                }
                None => return Ok(()),
            },
        };
        next_offset = header.next_offset();
        if !header.has_producer_id() {
            continue;
        }
        if !header.attributes.is_control() {
            if header.attributes.is_transactional() {
                open.begin(header.producer_id, header.base_offset);
            }
            continue;
        }
        let behind = walk.position();
        walk.jump(position);
        if let Next::Found(batch) = walk.next_batch().await?
            && let Ok(Some(marker)) = end_marker(&batch)
            && let Some(first_offset) = open.end(header.producer_id)
            && !marker.committed
        {
            entries.push(AbortedEntry::new(
                first_offset,
                header.producer_id,
                header.base_offset,
                open.first(),
            ));
        }
        walk.jump(behind);
    }
}

/// The transactions that are open at a place in the log.
#[derive(Debug, Default)]
struct Open {
    by_producer: BTreeMap<i64, i64>,
    firsts: BTreeSet<i64>,
}

impl Open {
    fn begin(&mut self, producer_id: i64, first_offset: i64) {
        if let Entry::Vacant(vacant) = self.by_producer.entry(producer_id) {
            vacant.insert(first_offset);
            self.firsts.insert(first_offset);
        }
    }

    fn end(&mut self, producer_id: i64) -> Option<i64> {
        let first = self.by_producer.remove(&producer_id)?;
        self.firsts.remove(&first);
        Some(first)
    }

    fn first(&self) -> Option<i64> {
        self.firsts.first().copied()
    }
}
