//! Making producers and leader epochs anew: from the newest snapshot that can be used, and the
//! batches behind it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::disk::Disk;
use crate::epochs::Epochs;
use crate::findings::Findings;
use crate::log::replay::{claim, end_marker};
use crate::producers::{Producers, snapshot};
use crate::segment::index_files::read_whole;
use crate::segment::walk::{HEADERS_AHEAD, Next, Walk};
use crate::segment::{Segment, Suffix, file_name};

/// The longest log that is walked from its start to learn all five remembered batches, where no
/// snapshot has them, as in a folder that Kafka wrote. Of a longer one only the last batch of each
/// producer is known then.
const REPLAY_BYTES_MAX: u64 = 1 << 30;

/// What was made anew.
pub(super) struct Replayed {
    pub(super) producers: Producers,
    pub(super) epochs: Epochs,
    /// Snapshots that are left in the folder.
    pub(super) snapshots: BTreeSet<i64>,
}

/// What is searched, and where what is found wrong is told.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) disk: &'a dyn Disk,
    pub(super) dir: &'a Path,
    pub(super) segments: &'a [Arc<Segment>],
    pub(super) snapshots: &'a BTreeSet<i64>,
    pub(super) identity: u32,
    pub(super) findings: &'a Findings,
}

/// Reads the headers of what lies behind the newest usable snapshot; of the whole log where
/// `epochs` is `None`.
pub(super) async fn replay(
    search: Search<'_>,
    log_end: i64,
    epochs: Option<Epochs>,
    recovery_point: i64,
) -> io::Result<Replayed> {
    let Search { disk, dir, segments, snapshots: found, identity, findings } = search;
    let mut snapshots = BTreeSet::new();
    let mut usable: Option<(i64, Producers, bool)> = None;
    for offset in found.iter().rev().copied() {
        let path = dir.join(file_name(offset, Suffix::Snapshot));
        let beside = dir.join(file_name(offset, Suffix::Producers));
        if offset > log_end {
            // It speaks of records that a loss of power took.
            remove(disk, &path);
            remove(disk, &beside);
            continue;
        }
        snapshots.insert(offset);
        if usable.as_ref().is_some_and(|(_, _, whole)| *whole) {
            continue;
        }
        let last = read_whole(disk, &path).await;
        let older = read_whole(disk, &beside).await;
        let (last, older) = match (last, older) {
            (Ok(Some(last)), Ok(older)) => (last, older),
            (Ok(None), _) => continue,
            (Err(error), _) | (_, Err(error)) => {
                findings.made_anew(&path, &error);
                continue;
            }
        };
        match snapshot::decode(&last, older.as_deref(), identity) {
            // Older batches can be had from an earlier snapshot that has them, and from the log where
            // it was read anyway. Below the recovery point only Kafka's snapshots have none.
            Ok((producers, whole)) if whole || usable.is_none() && offset <= recovery_point => {
                if !whole && older.is_some() {
                    findings.made_anew(&beside, &"it is damaged");
                }
                usable = Some((offset, producers, whole))
            }
            Ok(_) => findings.made_anew(&beside, &"it is missing, damaged or of another log"),
            Err(why) => findings.made_anew(&path, &why),
        }
    }
    let bytes: u64 = segments.iter().map(|segment| u64::from(segment.state().len)).sum();
    let (from, mut producers) = match usable {
        Some((offset, producers, whole)) if whole || bytes > REPLAY_BYTES_MAX => (offset, producers),
        _ => (0, Producers::default()),
    };
    let all_epochs = epochs.is_none();
    let mut epochs = epochs.unwrap_or_default();
    let first = segments.partition_point(|segment| segment.base_offset() <= from).saturating_sub(1);
    let first = if all_epochs { 0 } else { first };
    for (number, segment) in segments.iter().enumerate().skip(first) {
        let (start, end) = {
            let state = segment.state();
            let start = match &state.index {
                Some(index) if number == first && !all_epochs => {
                    index.position_before(segment.relative(from))
                }
                _ => 0,
            };
            (start, state.len)
        };
        if start >= end {
            continue;
        }
        let mut walk = Walk::new(segment.file()?, start, end, HEADERS_AHEAD);
        loop {
            let position = walk.position();
            let header = match walk.next_header().await? {
                Next::Found(header) => header,
                Next::End => break,
                Next::Bad => {
                    let resume = segment.state().bad.get(&position).copied();
                    match resume.filter(|resume| *resume > position) {
                        Some(resume) => walk.jump(resume),
                        None => break,
                    }
                    continue;
                }
            };
            epochs.assign(header.partition_leader_epoch, header.base_offset);
            if !header.has_producer_id() || header.base_offset < from {
                continue;
            }
            if !header.attributes.is_control() {
                producers.apply(&claim(&header, header.max_timestamp), header.base_offset);
                continue;
            }
            walk.jump(position);
            let Next::Found(batch) = walk.next_batch().await? else { break };
            if let Ok(Some(marker)) = end_marker(&batch) {
                let (id, epoch) = (header.producer_id, header.producer_epoch);
                producers.apply_marker(id, epoch, marker.coordinator_epoch, header.max_timestamp);
            }
        }
    }
    Ok(Replayed { producers, epochs, snapshots })
}

fn remove(disk: &dyn Disk, path: &Path) {
    let _ = disk.remove_file(path);
}
