//! What the last sync of each log covered, for telling rot from torn writes after a crash.
//!
//! One file for the whole storage, `synced-offsets`, one sector of 512 bytes a log:
//!
//! ```text
//! magic      b"OTSY"
//! crc        u32, CRC-32C of the id of the data folder and all that follows up to the end of the name
//! offset     i64, everything below it was synced
//! name_len   u16
//! name       name_len bytes: folder of the log
//! ```
//!
//! A record is written after each sync and not synced itself, which costs a copy of 300 bytes into
//! the page cache: after `kill -9` it is exact, after a loss of power it may be some seconds old,
//! and it is never ahead. It is synced with each checkpoint. What follows from it is decided in
//! [`crate::recovery`]; a file that is missing or damaged only means that less is known.

use std::collections::BTreeMap;
use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use ottla_protocol::records::crc32c;

use crate::disk::wait::completed;
use crate::disk::{Completion, Disk, File, OpenMode, Started};
use crate::findings::Findings;

const SECTOR: usize = 512;
const MAGIC: [u8; 4] = *b"OTSY";
const HEAD: usize = 4 + 4 + 8 + 2;

/// The file, open.
#[derive(Debug)]
pub(crate) struct SyncedOffsets {
    file: Arc<dyn File>,
    /// Id of the data folder, which each checksum begins with.
    folder_id: Box<str>,
    next_slot: AtomicU64,
}

/// The sector of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(u64);

impl SyncedOffsets {
    pub(crate) const FILE: &str = "synced-offsets";

    /// Reads what the file of the last run says, and begins a new one. Records of another data folder than `folder_id`
    /// say nothing.
    pub(crate) fn open(
        disk: &dyn Disk,
        folder_id: &str,
        findings: &Findings,
    ) -> io::Result<(Self, BTreeMap<String, i64>)> {
        let path = Path::new(Self::FILE);
        let file = open_anew(disk, path, findings)?;
        let len = usize::try_from(file.len()?).map_err(io::Error::other)?;
        let content = file.read_blocking(0, len).unwrap_or_else(|error| {
            findings.made_anew(path, &error);
            Bytes::new()
        });
        let mut found = BTreeMap::new();
        let mut damaged = 0;
        for sector in content.chunks(SECTOR) {
            if let Some((name, offset)) = decode(folder_id, sector) {
                found.insert(name.to_owned(), offset);
            } else if sector.iter().any(|byte| *byte != 0) {
                damaged += 1;
            }
        }
        if damaged > 0 {
            findings
                .made_anew(path, &format!("{damaged} records in it are damaged, or of another data folder"));
        }
        Ok((Self { file, folder_id: folder_id.into(), next_slot: AtomicU64::new(0) }, found))
    }

    /// The sector that a log uses until the storage is closed.
    pub(crate) fn slot(&self) -> Slot {
        Slot(self.next_slot.fetch_add(1, Ordering::Relaxed))
    }

    /// Says that a sync of the log in this folder has covered all below `offset`.
    pub(crate) fn record(&self, slot: Slot, folder: &str, offset: i64) {
        let mut sector = [0; SECTOR];
        let len = encode(&self.folder_id, folder, offset, &mut sector);
        let done: Arc<dyn Completion> = Arc::new(Ignored);
        // Less is known when it fails, and nothing else.
        match self.file.write_at(&[IoSlice::new(&sector[..len])], slot.0 * SECTOR as u64, 0, &done) {
            Started::Now(_) | Started::Later => {}
        }
    }

    /// Takes back what was recorded of a log, so that another of its name does not inherit it.
    /// Durable after the next [`sync`](Self::sync).
    pub(crate) fn erase(&self, slot: Slot) -> io::Result<()> {
        self.file.write_blocking(&[IoSlice::new(&[0; SECTOR])], slot.0 * SECTOR as u64)
    }

    /// Forgets what earlier runs left, once all logs of this run have their sectors.
    pub(crate) fn keep(&self, slots: u64) -> io::Result<()> {
        self.file.truncate(slots * SECTOR as u64)
    }

    /// Makes all records durable.
    pub(crate) async fn sync(&self) -> io::Result<()> {
        completed(|token, done| self.file.sync_data(token, done)).await
    }
}

/// Looks up the record of one log while its owner writes it.
#[derive(Debug, Default)]
pub(crate) struct Lookup {
    /// Where it was found last, and what it said.
    last: Option<(u64, i64)>,
    /// Looks since that brought nothing new.
    idle: u32,
}

/// What a look has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Everything below this offset was synced.
    Offset(i64),
    /// No record, or one that is being written.
    Nothing,
}

impl Lookup {
    /// Looks that may bring nothing new before all sectors are searched: the log may have got another one with a new
    /// run of its owner, and what the old one says is true for ever.
    const IDLE_MAX: u32 = 32;

    /// How far the log in this folder was synced, in the data folder of this id.
    pub(crate) fn look(&mut self, disk: &dyn Disk, folder_id: &str, folder: &str) -> io::Result<Found> {
        let file = match disk.open(Path::new(SyncedOffsets::FILE), OpenMode::Read) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            opened => opened?,
        };
        if let Some((slot, known)) = self.last {
            let sector = file.read_blocking(slot * SECTOR as u64, SECTOR)?;
            if let Some((_, offset)) = decode(folder_id, &sector).filter(|(name, _)| *name == folder) {
                self.idle = if offset > known { 0 } else { self.idle + 1 };
                self.last = Some((slot, offset));
                if self.idle < Self::IDLE_MAX {
                    return Ok(Found::Offset(offset));
                }
            }
        }
        self.idle = 0;
        let len = usize::try_from(file.len()?).map_err(io::Error::other)?;
        let content = file.read_blocking(0, len)?;
        let records = content
            .chunks(SECTOR)
            .zip(0..)
            .filter_map(|(sector, slot)| Some((slot, decode(folder_id, sector)?)));
        let of_log =
            records.filter(|(_, (name, _))| *name == folder).map(|(slot, (_, offset))| (slot, offset));
        self.last = of_log.max_by_key(|(_, offset)| *offset);
        Ok(self.last.map_or(Found::Nothing, |(_, offset)| Found::Offset(offset)))
    }
}

/// What the bytes of the file of a data folder say, by folder of a log. Sectors that say nothing are passed over.
pub(crate) fn parse(folder_id: &str, content: &[u8]) -> BTreeMap<String, i64> {
    let found = content.chunks(SECTOR).filter_map(|sector| decode(folder_id, sector));
    found.map(|(name, offset)| (name.to_owned(), offset)).collect()
}

/// For writes that nobody waits for.
struct Ignored;

impl Completion for Ignored {
    fn complete(&self, _token: u64, _result: io::Result<()>) {}
}

/// Opens the file, in place of one that cannot be opened if need be.
fn open_anew(disk: &dyn Disk, path: &Path, findings: &Findings) -> io::Result<Arc<dyn File>> {
    disk.open(path, OpenMode::Create).or_else(|error| {
        findings.made_anew(path, &error);
        disk.remove_file(path)?;
        disk.open(path, OpenMode::Create)
    })
}

fn checksum(folder_id: &str, content: &[u8]) -> u32 {
    crc32c(&[folder_id.as_bytes(), content].concat())
}

fn encode(folder_id: &str, folder: &str, offset: i64, sector: &mut [u8; SECTOR]) -> usize {
    // A folder's name is at most 249 + 11 bytes.
    let name = &folder.as_bytes()[..folder.len().min(SECTOR - HEAD)];
    let len = HEAD + name.len();
    sector[..4].copy_from_slice(&MAGIC);
    sector[8..16].copy_from_slice(&offset.to_be_bytes());
    sector[16..HEAD].copy_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_be_bytes());
    sector[HEAD..len].copy_from_slice(name);
    let crc = checksum(folder_id, &sector[8..len]);
    sector[4..8].copy_from_slice(&crc.to_be_bytes());
    len
}

fn decode<'a>(folder_id: &str, sector: &'a [u8]) -> Option<(&'a str, i64)> {
    let (head, rest) = sector.split_first_chunk::<HEAD>()?;
    let [a, b, c, d, crc @ .., h, l] = *head;
    let (crc, offset) = crc.split_first_chunk::<4>()?;
    let name = rest.get(..usize::from(u16::from_be_bytes([h, l])))?;
    if [a, b, c, d] != MAGIC || u32::from_be_bytes(*crc) != checksum(folder_id, &sector[8..HEAD + name.len()])
    {
        return None;
    }
    Some((str::from_utf8(name).ok()?, i64::from_be_bytes(offset.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::MemDisk;

    const ID: &str = "AuuYXWgwQrCOnywCTsBAHA";

    fn opened(disk: &MemDisk) -> io::Result<(SyncedOffsets, BTreeMap<String, i64>)> {
        SyncedOffsets::open(disk, ID, &Findings::default())
    }

    #[test]
    fn a_file_of_another_folder_says_nothing() {
        let disk = MemDisk::new(1);
        let (synced, _) = opened(&disk).unwrap();
        synced.record(synced.slot(), "orders-0", 5);
        let findings = Findings::default();
        let (_, found) = SyncedOffsets::open(&disk, "other", &findings).unwrap();
        assert!(found.is_empty());
        assert_eq!(findings.newest().len(), 1);
    }

    #[test]
    fn what_was_recorded_is_found_by_the_next_run() {
        let disk = MemDisk::new(1);
        let (synced, found) = opened(&disk).unwrap();
        assert!(found.is_empty());
        let (a, b) = (synced.slot(), synced.slot());
        synced.record(a, "orders-0", 5);
        synced.record(b, "orders-1", 7);
        synced.record(a, "orders-0", 50);
        let (_, found) = opened(&disk).unwrap();
        let expected = [("orders-0".to_owned(), 50), ("orders-1".to_owned(), 7)];
        assert_eq!(found, BTreeMap::from(expected));
    }

    #[test]
    fn an_erased_record_does_not_come_back() {
        for seed in 0..50 {
            let disk = MemDisk::new(1);
            let (synced, _) = opened(&disk).unwrap();
            let slot = synced.slot();
            synced.record(slot, "orders-0", 5);
            crate::disk::wait::block_on(synced.sync()).unwrap();
            disk.sync_dir(Path::new("")).unwrap();
            synced.erase(slot).unwrap();
            crate::disk::wait::block_on(synced.sync()).unwrap();
            disk.crash(seed);
            let (_, found) = opened(&disk.restarted()).unwrap();
            assert!(found.is_empty(), "seed {seed}");
        }
    }

    #[test]
    fn a_damaged_record_says_nothing() {
        let mut sector = [0; SECTOR];
        let len = encode(ID, "orders-0", 42, &mut sector);
        assert_eq!(decode(ID, &sector), Some(("orders-0", 42)));
        for bit in 0..len * 8 {
            let mut damaged = sector;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(ID, &damaged), None, "bit {bit}");
        }
        for cut in 0..len {
            assert_eq!(decode(ID, &sector[..cut]), None, "cut at {cut}");
        }
    }
}
