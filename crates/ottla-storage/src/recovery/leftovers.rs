//! What a change of segments leaves in the folder when the process ends in the middle of it.
//!
//! Kafka's rule: `.deleted` is no longer part of the log, `.cleaned` is not yet, and what is called
//! `.swap` is whole and takes the place of every segment whose base it covers. The files of such a
//! replacement lose the word `.swap` after the last old one has left.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::disk::{Disk, Entry, EntryKind};
use crate::segment::walk::{HEADERS_AHEAD, Next, Walk};
use crate::segment::{Segment, SegmentState, Stage, Suffix, file_name, parse_file_name};

/// Finishes or undoes what was begun, so that only live files are left. Answers whether the folder is not as
/// `entries` say any more.
pub(super) async fn settle(disk: &Arc<dyn Disk>, dir: &Arc<Path>, entries: &[Entry]) -> io::Result<bool> {
    let mut changed = false;
    let mut live = Vec::new();
    let mut swaps = Vec::new();
    let mut first_cleaned = i64::MAX;
    for entry in entries {
        let in_stage = |stage: Stage| parse_file_name(entry.name.strip_suffix(stage.as_str())?);
        if entry.kind != EntryKind::File {
            continue;
        }
        if let Some(file) = parse_file_name(&entry.name) {
            live.push(file);
        } else if let Some(file) = in_stage(Stage::Swap) {
            swaps.push(file);
        } else if let Some((base, suffix)) = in_stage(Stage::Cleaned) {
            // An index alone may have kept its old name, and says nothing of the others.
            if suffix == Suffix::Log {
                first_cleaned = first_cleaned.min(base);
            }
            disk.remove_file(&dir.join(&entry.name))?;
            changed = true;
        } else if entry.name.ends_with(Stage::Deleted.as_str()) || entry.name.ends_with(".tmp") {
            disk.remove_file(&dir.join(&entry.name))?;
            changed = true;
        }
    }
    changed |= !swaps.is_empty();
    let path = |(base, suffix), stage: Stage| dir.join(file_name(base, suffix) + stage.as_str());
    // One that was cut into several is only replaced once all of them are whole (KAFKA-6264).
    let (half, whole): (Vec<_>, Vec<_>) = swaps.into_iter().partition(|(base, _)| *base >= first_cleaned);
    for file in half {
        disk.remove_file(&path(file, Stage::Swap))?;
    }
    let mut covered = Vec::new();
    for (base, _) in whole.iter().filter(|(_, suffix)| *suffix == Suffix::Log) {
        let end = next_offset(disk, dir, *base).await?.max(base + 1);
        tracing::info!(folder = %dir.display(), base, end, "a segment that was compacted takes its place");
        covered.push(*base..end);
    }
    let is_segment =
        |suffix| matches!(suffix, Suffix::Log | Suffix::Index | Suffix::TimeIndex | Suffix::TxnIndex);
    let (gone, live): (Vec<_>, Vec<_>) = live
        .into_iter()
        .filter(|(_, suffix)| is_segment(*suffix))
        .partition(|(base, _)| covered.iter().any(|covered| covered.contains(base)));
    for file in gone {
        disk.remove_file(&path(file, Stage::Live))?;
    }
    if !whole.is_empty() {
        // No old index may come back beside a new segment.
        disk.sync_dir(dir)?;
    }
    for file in &whole {
        disk.rename(&path(*file, Stage::Swap), &path(*file, Stage::Live))?;
    }
    if !whole.is_empty() {
        disk.sync_dir(dir)?;
    }
    // An index whose segment has left speaks of nothing.
    let has_log = |base| live.iter().chain(&whole).any(|file| *file == (base, Suffix::Log));
    for file in live.iter().chain(&whole).filter(|(base, _)| !has_log(*base)) {
        disk.remove_file(&path(*file, Stage::Live))?;
        changed = true;
    }
    Ok(changed)
}

/// The offset behind the last batch of a replacement.
async fn next_offset(disk: &Arc<dyn Disk>, dir: &Arc<Path>, base: i64) -> io::Result<i64> {
    let segment = Segment::new(Arc::clone(disk), Arc::clone(dir), base, SegmentState::default());
    let segment = segment.in_stage(Stage::Swap);
    let file = segment.file()?;
    let len = u32::try_from(file.len()?).unwrap_or(u32::MAX);
    let mut walk = Walk::new(file, 0, len, HEADERS_AHEAD);
    let mut end = base;
    while let Next::Found(header) = walk.next_header().await? {
        end = header.next_offset();
    }
    Ok(end)
}
