//! The bytes of one simulated file: what is written, what is on stable storage, and what lies
//! between.
//!
//! Plain data with no locks and no faults of its own: [`Content::crash`] and
//! [`Content::lose`] do what a loss of power and a failed sync do to a file, drawing from the
//! generator that they are given.

use std::collections::BTreeMap;
use std::io::IoSlice;
use std::sync::Arc;

use bytes::Bytes;
use ottla_env::Rng;

use super::CrashStyle;

/// Unit in which memory is taken and shared, the size of a page.
pub(super) const BLOCK_BYTES: usize = 4096;
/// Unit in which a device writes all or nothing.
pub(super) const SECTOR_BYTES: u64 = 512;

/// One file.
#[derive(Debug, Default)]
pub(super) struct Content {
    visible: Image,
    durable: Image,
    /// Changes that are visible and not durable, oldest first.
    pending: Vec<Change>,
    /// Number of the next change.
    next_change: u64,
    /// Whether anything is to survive a crash; if not, only `visible` is kept.
    tracked: bool,
    /// Blocks from the first on that have room, whether they were written or not. A crash leaves them.
    reserved: u64,
    /// When it was last written to, where somebody tells the time.
    pub(super) modified_ms: Option<i64>,
}

#[derive(Debug)]
struct Change {
    number: u64,
    kind: ChangeKind,
    /// Length of the file after it.
    len: u64,
}

#[derive(Debug)]
enum ChangeKind {
    Write { offset: u64, data: Bytes },
    SetLen,
}

impl Content {
    pub(super) fn new(tracked: bool) -> Self {
        Self { tracked, ..Self::default() }
    }

    pub(super) fn len(&self) -> u64 {
        self.visible.len
    }

    /// Blocks taken by what is visible, and by what is reserved.
    pub(super) fn blocks(&self) -> u64 {
        match self.reserved {
            0 => self.visible.blocks.len() as u64,
            reserved => reserved + self.visible.blocks.range(reserved..).count() as u64,
        }
    }

    /// Takes room for the first `len` bytes.
    pub(super) fn reserve(&mut self, len: u64) {
        self.reserved = self.reserved.max(len.div_ceil(BLOCK_BYTES as u64));
    }

    /// Gives back the room behind the end.
    pub(super) fn give_back(&mut self) {
        self.reserved = 0;
    }

    pub(super) fn is_reserved(&self) -> bool {
        self.reserved > 0
    }

    pub(super) fn read(&self, offset: u64, len: usize) -> Vec<u8> {
        self.visible.read(offset, len)
    }

    /// Writes the parts, one behind the other, as one change.
    pub(super) fn write(&mut self, offset: u64, parts: &[IoSlice<'_>]) {
        let mut at = offset;
        for part in parts.iter().filter(|part| !part.is_empty()) {
            self.visible.write(at, part);
            at += part.len() as u64;
        }
        if at > offset {
            self.changed(|| {
                let parts: Vec<&[u8]> = parts.iter().map(|part| &part[..]).collect();
                ChangeKind::Write { offset, data: Bytes::from(parts.concat()) }
            });
        }
    }

    pub(super) fn set_len(&mut self, len: u64) {
        self.visible.set_len(len);
        self.give_back();
        self.changed(|| ChangeKind::SetLen);
    }

    fn changed(&mut self, kind: impl FnOnce() -> ChangeKind) {
        if self.tracked {
            self.pending.push(Change { number: self.next_change, kind: kind(), len: self.visible.len });
            self.next_change += 1;
        }
    }

    /// How many blocks a write would add.
    pub(super) fn blocks_missing(&self, offset: u64, len: u64) -> u64 {
        let is_missing = |block: &u64| *block >= self.reserved && !self.visible.blocks.contains_key(block);
        block_range(offset, len).filter(is_missing).count() as u64
    }

    /// What a sync that starts now covers: to be handed to [`sync`](Self::sync) when it ends.
    pub(super) fn sync_point(&self) -> u64 {
        self.next_change
    }

    /// Makes every change before `point` durable.
    pub(super) fn sync(&mut self, point: u64) {
        let covered = self.take_before(point);
        if !self.pending.is_empty() {
            for change in &covered {
                self.durable.apply(change);
            }
            return;
        }
        // What is visible is what is durable, so both share their blocks again.
        for change in &covered {
            let (from, to) = match &change.kind {
                ChangeKind::Write { offset, data } => {
                    let range = block_range(*offset, data.len() as u64);
                    (*range.start(), *range.end())
                }
                ChangeKind::SetLen => (change.len / BLOCK_BYTES as u64, u64::MAX),
            };
            let stale: Vec<u64> = self.durable.blocks.range(from..=to).map(|(block, _)| *block).collect();
            for block in stale {
                self.durable.blocks.remove(&block);
            }
            let fresh = self.visible.blocks.range(from..=to);
            self.durable.blocks.extend(fresh.map(|(block, bytes)| (*block, Arc::clone(bytes))));
        }
        self.durable.len = self.visible.len;
    }

    /// What a failed sync does: some of the changes before `point` reached the device, the others
    /// count as clean and no later sync brings them there. All of them stay visible.
    pub(super) fn lose(&mut self, point: u64, rng: &mut Rng) {
        let covered = self.take_before(point);
        self.durable.apply_some(covered, CrashStyle::draw(rng), rng);
    }

    /// Turns into what is found after a loss of power.
    pub(super) fn crash(&mut self, style: CrashStyle, rng: &mut Rng) {
        let pending = std::mem::take(&mut self.pending);
        self.durable.apply_some(pending, style, rng);
        self.visible = self.durable.clone();
    }

    /// Changes the bytes behind everybody's back, in memory and on the device.
    pub(super) fn edit(&mut self, edit: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.visible.read(0, usize::try_from(self.visible.len).unwrap_or(usize::MAX));
        edit(&mut bytes);
        self.visible = Image::default();
        self.visible.write(0, &bytes);
        self.pending.clear();
        if self.tracked {
            self.durable = self.visible.clone();
        }
    }

    /// How many bytes, from the first, are on the device and in the file.
    pub(super) fn durable_len(&self) -> u64 {
        self.durable.len.min(self.visible.len)
    }

    /// Flips a bit wherever its byte is kept; says whether there is such a byte.
    pub(super) fn flip(&mut self, bit: u64) -> bool {
        let (at, mask) = (bit / 8, 1 << (bit % 8));
        if at >= self.visible.len {
            return false;
        }
        for image in [&mut self.visible, &mut self.durable] {
            if at < image.len {
                let byte = image.read(at, 1)[0] ^ mask;
                image.write(at, &[byte]);
            }
        }
        for change in &mut self.pending {
            let ChangeKind::Write { offset, data } = &mut change.kind else { continue };
            if let Some(within) = at.checked_sub(*offset).and_then(|within| usize::try_from(within).ok())
                && within < data.len()
            {
                let mut bytes = data.to_vec();
                bytes[within] ^= mask;
                *data = bytes.into();
            }
        }
        true
    }

    fn take_before(&mut self, point: u64) -> Vec<Change> {
        let covered = self.pending.partition_point(|change| change.number < point);
        self.pending.drain(..covered).collect()
    }
}

/// The state of a file at one moment.
#[derive(Clone, Debug, Default)]
struct Image {
    /// Blocks that were ever written; others read as zeros. Bytes past `len` are zeros too.
    blocks: BTreeMap<u64, Arc<[u8; BLOCK_BYTES]>>,
    len: u64,
}

impl Image {
    fn read(&self, offset: u64, len: usize) -> Vec<u8> {
        let left = self.len.saturating_sub(offset);
        let len = usize::try_from(left).map_or(len, |left| left.min(len));
        let mut bytes = vec![0; len];
        for piece in pieces(offset, len) {
            if let Some(block) = self.blocks.get(&piece.block) {
                bytes[piece.outside()].copy_from_slice(&block[piece.inside()]);
            }
        }
        bytes
    }

    fn write(&mut self, offset: u64, data: &[u8]) {
        for piece in pieces(offset, data.len()) {
            let block = self.blocks.entry(piece.block).or_insert_with(|| Arc::new([0; BLOCK_BYTES]));
            Arc::make_mut(block)[piece.inside()].copy_from_slice(&data[piece.outside()]);
        }
        self.len = self.len.max(offset + data.len() as u64);
    }

    fn set_len(&mut self, len: u64) {
        self.len = len;
        let within = usize::try_from(len % BLOCK_BYTES as u64).unwrap_or(0);
        let mut cut = self.blocks.split_off(&(len / BLOCK_BYTES as u64));
        if within > 0
            && let Some((block, mut bytes)) =
                cut.pop_first().filter(|(block, _)| *block == len / BLOCK_BYTES as u64)
        {
            Arc::make_mut(&mut bytes)[within..].fill(0);
            self.blocks.insert(block, bytes);
        }
    }

    fn apply(&mut self, change: &Change) {
        match &change.kind {
            ChangeKind::Write { offset, data } => self.write(*offset, data),
            ChangeKind::SetLen => self.set_len(change.len),
        }
    }

    /// Applies what `style` lets through of `changes`.
    ///
    /// The length ends at one of those that the file went through, for itself; so a part that did
    /// not arrive may read as what was there before, as zeros, or not be there at all.
    fn apply_some(&mut self, mut changes: Vec<Change>, style: CrashStyle, rng: &mut Rng) {
        let keep = match style {
            CrashStyle::LoseAll => return,
            CrashStyle::KeepAll => {
                changes.iter().for_each(|change| self.apply(change));
                return;
            }
            CrashStyle::Mixed { keep } => keep,
        };
        let reached = usize::try_from(rng.below(changes.len() as u64 + 1)).unwrap_or(0);
        let len = match reached {
            0 => self.len,
            after => changes[after - 1].len,
        };
        let last_number = reached.checked_sub(1).map(|last| changes[last].number);
        if changes.iter().all(|change| matches!(change.kind, ChangeKind::Write { .. })) && rng.chance(0.5) {
            rng.shuffle(&mut changes); // matters where writes overlap
        }
        for change in &changes {
            match &change.kind {
                ChangeKind::Write { offset, data } => self.write_some(*offset, data, keep, rng),
                ChangeKind::SetLen if Some(change.number) <= last_number => self.set_len(change.len),
                ChangeKind::SetLen => {}
            }
        }
        self.set_len(len);
    }

    /// Applies all, none, the first or any sectors of one write.
    fn write_some(&mut self, offset: u64, data: &[u8], keep: f64, rng: &mut Rng) {
        if !rng.chance(keep) {
            if rng.chance(0.5) {
                return;
            }
            let (in_order, mut keep_next) = (rng.chance(0.5), true);
            for (start, sector) in sectors(offset, data) {
                keep_next = if in_order { keep_next && rng.chance(0.7) } else { rng.chance(0.5) };
                if keep_next {
                    self.write(start, sector);
                }
            }
            return;
        }
        self.write(offset, data);
    }
}

/// The part of a range that lies in one block.
struct Piece {
    block: u64,
    within: usize,
    at: usize,
    len: usize,
}

impl Piece {
    fn inside(&self) -> std::ops::Range<usize> {
        self.within..self.within + self.len
    }

    fn outside(&self) -> std::ops::Range<usize> {
        self.at..self.at + self.len
    }
}

fn pieces(offset: u64, len: usize) -> impl Iterator<Item = Piece> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let position = offset + at as u64;
        let within = usize::try_from(position % BLOCK_BYTES as u64).unwrap_or(0);
        let piece = Piece {
            block: position / BLOCK_BYTES as u64,
            within,
            at,
            len: (len - at).min(BLOCK_BYTES - within),
        };
        at += piece.len;
        (piece.len > 0).then_some(piece)
    })
}

/// Blocks that a range of at least one byte touches.
fn block_range(offset: u64, len: u64) -> std::ops::RangeInclusive<u64> {
    offset / BLOCK_BYTES as u64..=(offset + len.max(1) - 1) / BLOCK_BYTES as u64
}

/// The sectors of a write, each with the position of its first byte.
fn sectors(offset: u64, mut data: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut position = offset;
    std::iter::from_fn(move || {
        if data.is_empty() {
            return None;
        }
        let to_boundary = SECTOR_BYTES - position % SECTOR_BYTES;
        let (sector, rest) =
            data.split_at(usize::try_from(to_boundary).map_or(data.len(), |len| len.min(data.len())));
        let start = position;
        position += sector.len() as u64;
        data = rest;
        Some((start, sector))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn content(bytes: &[u8]) -> Content {
        let mut content = Content::new(true);
        content.write(0, &[IoSlice::new(bytes)]);
        content.sync(content.sync_point());
        content
    }

    fn all(content: &Content) -> Vec<u8> {
        content.read(0, usize::MAX)
    }

    /// What each of many crashes leaves.
    fn outcomes(build: impl Fn() -> Content) -> BTreeSet<Vec<u8>> {
        (0..400)
            .map(|seed| {
                let (mut content, mut rng) = (build(), Rng::new(seed));
                content.crash(CrashStyle::draw(&mut rng), &mut rng);
                all(&content)
            })
            .collect()
    }

    #[test]
    fn an_unsynced_append_is_whole_gone_zero_or_half_there() {
        let found = outcomes(|| {
            let mut content = content(b"old");
            content.write(3, &[IoSlice::new(&[b'n'; 1_000])]);
            content
        });
        assert!(found.contains(&b"old"[..]));
        let whole = [&b"old"[..], &[b'n'; 1_000]].concat();
        assert!(found.contains(&whole));
        assert!(found.iter().any(|bytes| bytes.len() == 1_003 && bytes[3..].iter().all(|&byte| byte == 0)));
        // Torn where a sector of the device ends, 509 bytes into the write.
        assert!(found.iter().any(|bytes| bytes.len() == 1_003 && bytes[511] == b'n' && bytes[512] == 0));
        assert!(found.iter().any(|bytes| bytes.len() == 1_003 && bytes[511] == 0 && bytes[512] == b'n'));
        assert!(found.iter().all(|bytes| bytes.starts_with(b"old")), "what was synced stays");
    }

    #[test]
    fn only_what_completed_before_a_sync_began_is_covered_by_it() {
        let mut content = content(b"");
        content.write(0, &[IoSlice::new(b"before")]);
        let point = content.sync_point();
        content.write(6, &[IoSlice::new(b"after")]);
        content.sync(point);
        content.crash(CrashStyle::LoseAll, &mut Rng::new(1));
        assert_eq!(all(&content), b"before");
    }

    #[test]
    fn a_later_write_may_arrive_without_an_earlier_one() {
        let found = outcomes(|| {
            let mut content = content(&[b'.'; 1_024]);
            content.write(0, &[IoSlice::new(&[b'a'; 512])]);
            content.write(512, &[IoSlice::new(&[b'b'; 512])]);
            content
        });
        assert!(found.contains(&[[b'.'; 512], [b'b'; 512]].concat()));
        assert!(found.contains(&[[b'a'; 512], [b'.'; 512]].concat()));
    }

    #[test]
    fn after_a_failed_sync_the_bytes_are_seen_and_no_sync_saves_them() {
        let mut lost = 0;
        for seed in 0..50 {
            let mut content = content(b"");
            content.write(0, &[IoSlice::new(&[b'x'; 5_000])]);
            content.lose(content.sync_point(), &mut Rng::new(seed));
            assert_eq!(all(&content), [b'x'; 5_000]);
            content.sync(content.sync_point());
            content.crash(CrashStyle::KeepAll, &mut Rng::new(seed));
            lost += u32::from(all(&content) != [b'x'; 5_000]);
        }
        assert!(lost > 20, "{lost}");
    }

    #[test]
    fn an_unsynced_truncation_may_be_undone() {
        let build = || {
            let mut content = content(b"abcdef");
            content.set_len(2);
            content.write(2, &[IoSlice::new(b"XY")]);
            content
        };
        let found = outcomes(build);
        for expected in [&b"abcdef"[..], b"ab", b"abXY", b"ab\0\0", b"abXYef"] {
            assert!(found.contains(expected), "{:?} of {found:?}", String::from_utf8_lossy(expected));
        }
        let mut synced = build();
        synced.sync(synced.sync_point());
        synced.crash(CrashStyle::Mixed { keep: 0.5 }, &mut Rng::new(3));
        assert_eq!(all(&synced), b"abXY");
    }

    #[test]
    fn synced_blocks_are_shared_and_copied_when_written() {
        let mut content = content(&[b'a'; 3 * BLOCK_BYTES]);
        content.write(BLOCK_BYTES as u64, &[IoSlice::new(b"b")]);
        let shared = |content: &Content| {
            let pairs = content.visible.blocks.values().zip(content.durable.blocks.values());
            pairs.filter(|(visible, durable)| Arc::ptr_eq(visible, durable)).count()
        };
        assert_eq!(shared(&content), 2);
        content.sync(content.sync_point());
        assert_eq!(shared(&content), 3);
        assert!(content.pending.is_empty());
    }

    #[test]
    fn an_untracked_file_keeps_no_second_copy_and_loses_all() {
        let mut content = Content::new(false);
        content.write(0, &[IoSlice::new(b"abc")]);
        content.sync(content.sync_point());
        assert!(content.pending.is_empty() && content.durable.blocks.is_empty());
        assert_eq!(all(&content), b"abc");
    }
}
