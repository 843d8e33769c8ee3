//! Making producers, leader epochs and the newest aborted transactions anew: from the newest snapshot that can be
//! used, and the batches behind it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::aborted::{AbortedEntry, Known, SegmentAborted, Summary, encode, load};
use crate::disk::Disk;
use crate::epochs::Epochs;
use crate::findings::Findings;
use crate::log::replay::{claim, end_marker};
use crate::producers::{Producers, snapshot};
use crate::segment::index_files::read_whole;
use crate::segment::walk::{HEADERS_AHEAD, Next};
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

/// What there is to make it from.
pub(super) struct Sources<'a> {
    pub(super) disk: &'a dyn Disk,
    pub(super) dir: &'a Path,
    pub(super) segments: &'a [Arc<Segment>],
    /// Offsets of the snapshots in the folder.
    pub(super) snapshots: &'a BTreeSet<i64>,
    /// Base offsets of the segments that have an index of aborted transactions.
    pub(super) aborted: &'a BTreeSet<i64>,
    pub(super) log_end: i64,
    pub(super) recovery_point: i64,
    /// Whether the files are as a clean shutdown left them.
    pub(super) is_clean: bool,
    pub(super) identity: u32,
    /// Where what is found wrong is told.
    pub(super) findings: &'a Findings,
}

/// A snapshot from which the replay can go on.
struct Usable {
    offset: i64,
    producers: Producers,
    /// What is beside it, if that can be used too.
    summary: Option<Summary>,
    /// Aborted transactions below it in the segment that goes on there; `None` when they are not known.
    aborted: Option<Vec<AbortedEntry>>,
}

impl Usable {
    fn is_whole(&self) -> bool {
        self.summary.is_some() && self.aborted.is_some()
    }
}

/// Reads the headers of what lies behind the newest usable snapshot; of the whole log where
/// `epochs` is `None`. The segments that are read, and the last one in any case, know of their aborted
/// transactions then.
pub(super) async fn replay(sources: &Sources<'_>, epochs: Option<Epochs>) -> io::Result<Replayed> {
    let Sources { segments, .. } = *sources;
    let (snapshots, usable) = newest_usable(sources).await?;
    let bytes: u64 = segments.iter().map(|segment| u64::from(segment.state().len)).sum();
    let usable = usable.filter(|usable| usable.is_whole() || bytes > REPLAY_BYTES_MAX);
    let (from, mut producers, mut aborted, summary) = match usable {
        Some(Usable { offset, producers, aborted, summary }) => (offset, producers, aborted, summary),
        None => (0, Producers::default(), Some(Vec::new()), None),
    };
    let all_epochs = epochs.is_none();
    let mut epochs = epochs.unwrap_or_default();
    let holder = segments.partition_point(|segment| segment.base_offset() <= from).saturating_sub(1);
    if let Some(summary) = summary.filter(|_| from == sources.log_end) {
        settle_before(sources, holder, &summary).await;
    }
    let first = if all_epochs { 0 } else { holder };
    for (number, segment) in segments.iter().enumerate().skip(first) {
        let start = match &segment.state().index {
            Some(index) if number == holder && !all_epochs => index.position_before(segment.relative(from)),
            _ => 0,
        };
        // Those of the segment that holds the snapshot were known before; later ones start with none.
        let mut entries = if number == holder { aborted.take() } else { Some(Vec::new()) };
        replay_segment(segment, start, from, &mut producers, &mut epochs, &mut entries).await?;
        if number < holder {
            continue;
        }
        let entries = match entries {
            Some(entries) => entries,
            None => {
                let Sources { disk, dir, identity, .. } = *sources;
                load::rebuild(disk, dir, identity, &segments[..=number]).await?.0
            }
        };
        let open_from = producers.first_unstable();
        settle_aborted(sources, segment, Known { entries, in_file: 0, open_from }).await;
    }
    Ok(Replayed { producers, epochs, snapshots })
}

/// Replays the batches of one segment from position `start` and offset `from` on.
async fn replay_segment(
    segment: &Segment,
    start: u32,
    from: i64,
    producers: &mut Producers,
    epochs: &mut Epochs,
    aborted: &mut Option<Vec<AbortedEntry>>,
) -> io::Result<()> {
    let end = segment.state().len;
    if start >= end {
        return Ok(());
    }
    let mut walk = segment.walk(start, end, HEADERS_AHEAD)?;
    loop {
        let position = walk.position();
        let header = match walk.next_header().await? {
            Next::Found(header) => header,
            Next::End => return Ok(()),
            Next::Bad => {
                walk.jump(segment.mark_bad(position, end, segment.base_offset()).await?);
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
        let Next::Found(batch) = walk.next_batch().await? else {
            walk.jump(segment.mark_bad(position, end, header.base_offset).await?);
            continue;
        };
        if let Ok(Some(marker)) = end_marker(&batch) {
            let (id, epoch) = (header.producer_id, header.producer_epoch);
            let (_, ended) =
                producers.apply_marker(id, epoch, marker.coordinator_epoch, header.max_timestamp, None);
            if let (Some(first), Some(entries)) = (ended.filter(|_| !marker.committed), aborted.as_mut()) {
                entries.push(AbortedEntry::new(first, id, header.base_offset, producers.first_unstable()));
            }
        }
    }
}

/// Looks through the snapshots, the newest first; removes those of records that are not there. Answers which are left.
async fn newest_usable(sources: &Sources<'_>) -> io::Result<(BTreeSet<i64>, Option<Usable>)> {
    let Sources { disk, dir, .. } = *sources;
    let mut snapshots = BTreeSet::new();
    let mut usable: Option<Usable> = None;
    for offset in sources.snapshots.iter().rev().copied() {
        let path = dir.join(file_name(offset, Suffix::Snapshot));
        let beside = dir.join(file_name(offset, Suffix::Producers));
        if offset > sources.log_end {
            // It speaks of records that a loss of power took.
            remove(disk, &path);
            remove(disk, &beside);
            continue;
        }
        snapshots.insert(offset);
        if usable.as_ref().is_some_and(Usable::is_whole) {
            continue;
        }
        let last = read_whole(disk, &path).await;
        let older = read_whole(disk, &beside).await;
        let (last, older) = match (last, older) {
            (Ok(Some(last)), Ok(older)) => (last, older),
            (Ok(None), _) => continue,
            (Err(error), _) | (_, Err(error)) => {
                snapshots.remove(&offset);
                sources.findings.made_anew(&path, &error);
                continue;
            }
        };
        let (producers, summary) = match snapshot::decode(offset, &last, older.as_deref(), sources.identity) {
            Ok(decoded) => decoded,
            Err(why) => {
                snapshots.remove(&offset);
                sources.findings.made_anew(&path, &why);
                remove(disk, &path);
                remove(disk, &beside);
                continue;
            }
        };
        let aborted = aborted_below(sources, offset, summary.as_ref()).await;
        let found = Usable { offset, producers, summary, aborted };
        // What is not beside it can be had from an earlier snapshot that has it, and from the log where
        // it was read anyway. Below the recovery point only Kafka's snapshots have none.
        if found.summary.is_none() && (older.is_some() || offset > sources.recovery_point) {
            sources.findings.made_anew(&beside, &"it is missing or damaged");
        }
        if found.is_whole() || usable.is_none() && offset <= sources.recovery_point {
            usable = Some(found);
        }
    }
    Ok((snapshots, usable))
}

/// The aborted transactions below `offset` of the segment that goes on there; `None` when they are not known.
async fn aborted_below(
    sources: &Sources<'_>,
    offset: i64,
    summary: Option<&Summary>,
) -> Option<Vec<AbortedEntry>> {
    let holder =
        sources.segments.partition_point(|segment| segment.base_offset() <= offset).checked_sub(1)?;
    let segment = &sources.segments[holder];
    if segment.base_offset() == offset {
        return Some(Vec::new());
    }
    let summary = summary?;
    let aborted = summary.vouched(&aborted_file(sources, segment).await, segment.base_offset());
    if aborted.is_none() && summary.base_offset == segment.base_offset() {
        sources.findings.made_anew(&segment.path(Suffix::TxnIndex), &"it is missing or damaged");
    }
    aborted
}

/// What the file of a segment says; nothing where there is none.
async fn aborted_file(sources: &Sources<'_>, segment: &Segment) -> Bytes {
    if !sources.aborted.contains(&segment.base_offset()) {
        return Bytes::new();
    }
    let path = segment.path(Suffix::TxnIndex);
    match read_whole(sources.disk, &path).await {
        Ok(file) => file.unwrap_or_default(),
        Err(error) => {
            sources.findings.made_anew(&path, &error);
            Bytes::new()
        }
    }
}

/// Lets the segment before know of its own, where the newest snapshot stands between the two: the next checkpoint
/// sums it up.
async fn settle_before(sources: &Sources<'_>, holder: usize, summary: &Summary) {
    let before = holder.checked_sub(1).and_then(|before| sources.segments.get(before));
    let Some(before) = before.filter(|before| before.base_offset() == summary.base_offset) else { return };
    let file = if summary.entries > 0 { aborted_file(sources, before).await } else { Bytes::new() };
    if let Some(entries) = summary.vouched(&file, before.base_offset()) {
        let in_file = if sources.is_clean { entries.len() } else { 0 };
        let open_from = summary.open_from();
        before.state().aborted = SegmentAborted::Known(Known { entries, in_file, open_from });
    }
}

/// Lets a segment know of its aborted transactions, and its file say the same.
async fn settle_aborted(sources: &Sources<'_>, segment: &Arc<Segment>, mut known: Known) {
    let path = segment.path(Suffix::TxnIndex);
    let file = aborted_file(sources, segment).await;
    let bytes = encode(&known.entries);
    if file == bytes {
        // What a killed process wrote may not be on stable storage.
        known.in_file = if sources.is_clean { known.entries.len() } else { 0 };
    } else {
        // What a crash leaves is behind or ahead of the log, as other caches are.
        if sources.is_clean || !file.starts_with(&bytes) && !bytes.starts_with(&file) {
            sources.findings.made_anew(&path, &"it is not that of its segment");
        }
        // Written again, and synced, by the next checkpoint.
        if let Err(error) = segment.write_aborted(0, &bytes) {
            tracing::warn!(path = %path.display(), %error, "it could not be written");
        }
    }
    segment.state().aborted = SegmentAborted::Known(known);
}

fn remove(disk: &dyn Disk, path: &Path) {
    let _ = disk.remove_file(path);
}
