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

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use ottla_protocol::records::crc32c;

use crate::disk::wait::{Sender, completed, oneshot};
use crate::disk::{Completion, Disk, File, OpenMode, Started};
use crate::findings::Findings;
use crate::lock::lock;

const SECTOR: usize = 512;
const MAGIC: [u8; 4] = *b"OTSY";
const HEAD: usize = 4 + 4 + 8 + 2;

/// The file, open.
#[derive(Debug)]
pub(crate) struct SyncedOffsets {
    records: Arc<Records>,
    /// Id of the data folder, which each checksum begins with.
    folder_id: Box<str>,
    sectors: Mutex<Sectors>,
}

/// The sector of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(u64);

/// Which sector is whose. A log keeps the one that it had in the last run, so that no record is written over by another log's
/// before it stands somewhere else.
#[derive(Debug, Default)]
struct Sectors {
    /// Those of the last run that no log has taken over yet, by folder.
    left: BTreeMap<String, u64>,
    /// Those that a log has, or may take over.
    held: BTreeSet<u64>,
    /// All below are held.
    full_below: u64,
    /// Those with anything in them that is no record.
    stale: BTreeSet<u64>,
}

impl Sectors {
    fn free(&mut self, slot: u64) {
        self.held.remove(&slot);
        self.full_below = self.full_below.min(slot);
    }
}

impl SyncedOffsets {
    pub(crate) const FILE: &str = "synced-offsets";

    /// Reads what the file of the last run says, and begins a new one. Records of another data folder than `folder_id`
    /// say nothing. One that cannot be read is an error if it `is_needed`, and else begun anew.
    pub(crate) fn open(
        disk: &dyn Disk,
        folder_id: &str,
        is_needed: bool,
        findings: &Findings,
    ) -> io::Result<(Self, BTreeMap<String, i64>)> {
        let path = Path::new(Self::FILE);
        let file =
            if is_needed { disk.open(path, OpenMode::Create)? } else { open_anew(disk, path, findings)? };
        let len = usize::try_from(file.len()?).map_err(io::Error::other)?;
        let content = match file.read_blocking(0, len) {
            Err(error) if !is_needed => {
                findings.made_anew(path, &error);
                Bytes::new()
            }
            content => content?,
        };
        let mut found = BTreeMap::new();
        let mut sectors = Sectors::default();
        let mut damaged = 0;
        for (slot, sector) in (0..).zip(content.chunks(SECTOR)) {
            if let Some((name, offset)) = decode(folder_id, sector) {
                let older = found.insert(name.to_owned(), offset).and(sectors.left.get(name).copied());
                sectors.stale.extend(older);
                sectors.left.insert(name.to_owned(), slot);
            } else if sector.iter().any(|byte| *byte != 0) {
                sectors.stale.insert(slot);
                damaged += 1;
            }
        }
        sectors.held = sectors.left.values().copied().collect();
        if damaged > 0 {
            findings
                .made_anew(path, &format!("{damaged} records in it are damaged, or of another data folder"));
        }
        let records =
            Arc::new_cyclic(|me| Records { file, in_flight: Mutex::default(), me: Weak::clone(me) });
        Ok((Self { records, folder_id: folder_id.into(), sectors: Mutex::new(sectors) }, found))
    }

    /// The sector that the log in this folder had in the last run, or a new one.
    pub(crate) fn slot_of(&self, folder: &str) -> Slot {
        let known = lock(&self.sectors).left.remove(folder);
        known.map_or_else(|| self.new_slot(), Slot)
    }

    /// A sector that no log has.
    pub(crate) fn new_slot(&self) -> Slot {
        let mut sectors = lock(&self.sectors);
        let slot = (sectors.full_below..).find(|slot| !sectors.held.contains(slot)).unwrap_or(0);
        sectors.full_below = slot + 1;
        sectors.held.insert(slot);
        sectors.stale.remove(&slot);
        Slot(slot)
    }

    /// Says that a sync of the log in this folder has covered all below `offset`.
    pub(crate) fn record(&self, slot: Slot, folder: &str, offset: i64) {
        let mut sector = [0; SECTOR];
        let len = encode(&self.folder_id, folder, offset, &mut sector);
        // Less is known when it fails, and nothing else.
        self.records.write(slot.0, sector[..len].to_vec());
    }

    /// Takes back what was recorded of a log that takes no more records, so that another of its name does not inherit it.
    /// Durable after the next [`sync`](Self::sync).
    pub(crate) async fn erase(&self, slot: Slot) -> io::Result<()> {
        self.records.written(Some(slot.0)).await;
        self.clear(slot.0)?;
        lock(&self.sectors).free(slot.0);
        Ok(())
    }

    fn clear(&self, slot: u64) -> io::Result<()> {
        self.records.file.write_blocking(&[IoSlice::new(&[0; SECTOR])], slot * SECTOR as u64)
    }

    /// Forgets what earlier runs left, once all logs of this run have their sectors, which are `used`.
    pub(crate) fn keep(&self, used: &BTreeSet<Slot>) -> io::Result<()> {
        let mut sectors = lock(&self.sectors);
        sectors.left.clear();
        let used: BTreeSet<u64> = used.iter().map(|slot| slot.0).collect();
        let unused: Vec<u64> = sectors.held.difference(&used).copied().collect();
        unused.iter().for_each(|slot| sectors.free(*slot));
        let end = used.last().map_or(0, |last| last + 1);
        let stale = std::mem::take(&mut sectors.stale);
        let mut stale = stale.into_iter().chain(unused).filter(|slot| *slot < end);
        stale.try_for_each(|slot| self.clear(slot))?;
        self.records.file.truncate(end * SECTOR as u64)
    }

    /// Makes all records durable that were made before.
    pub(crate) async fn sync(&self) -> io::Result<()> {
        self.records.written(None).await;
        completed(|token, done| self.records.file.sync_data(token, done)).await
    }
}

/// The writes of records. One at a time goes to each sector, or an older one could arrive last.
#[derive(Debug)]
struct Records {
    file: Arc<dyn File>,
    /// By sector.
    in_flight: Mutex<BTreeMap<u64, InFlight>>,
    me: Weak<Self>,
}

/// A write in flight, and what comes after it.
#[derive(Debug, Default)]
struct InFlight {
    next: Option<Vec<u8>>,
    /// Who waits for this write.
    waiting: Vec<Sender<()>>,
    /// Who waits for the next one.
    waiting_for_next: Vec<Sender<()>>,
}

impl Records {
    fn write(&self, slot: u64, record: Vec<u8>) {
        {
            let mut in_flight = lock(&self.in_flight);
            if let Some(before) = in_flight.get_mut(&slot) {
                before.next = Some(record);
                return;
            }
            in_flight.insert(slot, InFlight::default());
        }
        self.start(slot, record);
    }

    fn start(&self, slot: u64, mut record: Vec<u8>) {
        let Some(me) = self.me.upgrade() else { return };
        let done: Arc<dyn Completion> = me;
        while let Started::Now(_) =
            self.file.write_at(&[IoSlice::new(&record)], slot * SECTOR as u64, slot, &done)
        {
            let Some(next) = self.next(slot) else { return };
            record = next;
        }
    }

    /// What is to be written to a sector after a write that has completed.
    fn next(&self, slot: u64) -> Option<Vec<u8>> {
        let (next, woken) = {
            let mut in_flight = lock(&self.in_flight);
            let done = in_flight.remove(&slot)?;
            if done.next.is_some() {
                in_flight.insert(slot, InFlight { waiting: done.waiting_for_next, ..InFlight::default() });
            }
            (done.next, done.waiting)
        };
        woken.into_iter().for_each(|waiting| waiting.send(()));
        next
    }

    /// Waits for what is on its way to one sector, or to all.
    async fn written(&self, slot: Option<u64>) {
        let mut waits = Vec::new();
        for (_, write) in
            lock(&self.in_flight).iter_mut().filter(|(at, _)| slot.is_none_or(|slot| slot == **at))
        {
            let (sender, receiver) = oneshot();
            let waiting = if write.next.is_some() { &mut write.waiting_for_next } else { &mut write.waiting };
            waiting.push(sender);
            waits.push(receiver);
        }
        for wait in waits {
            wait.await;
        }
    }
}

impl Completion for Records {
    fn complete(&self, slot: u64, _result: io::Result<()>) {
        if let Some(next) = self.next(slot) {
            self.start(slot, next);
        }
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
    use std::task::{Context, Waker};

    use super::*;
    use crate::disk::wait::block_on;
    use crate::disk::{Call, MemDisk};

    const ID: &str = "AuuYXWgwQrCOnywCTsBAHA";

    fn opened(disk: &MemDisk) -> io::Result<(SyncedOffsets, BTreeMap<String, i64>)> {
        SyncedOffsets::open(disk, ID, true, &Findings::default())
    }

    #[test]
    fn a_file_of_another_folder_says_nothing() {
        let disk = MemDisk::new(1);
        let (synced, _) = opened(&disk).unwrap();
        synced.record(synced.slot_of("orders-0"), "orders-0", 5);
        let findings = Findings::default();
        let (_, found) = SyncedOffsets::open(&disk, "other", true, &findings).unwrap();
        assert!(found.is_empty());
        assert_eq!(findings.newest().len(), 1);
    }

    #[test]
    fn what_was_recorded_is_found_by_the_next_run() {
        let disk = MemDisk::new(1);
        let (synced, found) = opened(&disk).unwrap();
        assert!(found.is_empty());
        let (a, b) = (synced.slot_of("orders-0"), synced.slot_of("orders-1"));
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
            let slot = synced.slot_of("orders-0");
            synced.record(slot, "orders-0", 5);
            block_on(synced.sync()).unwrap();
            disk.sync_dir(Path::new("")).unwrap();
            block_on(synced.erase(slot)).unwrap();
            block_on(synced.sync()).unwrap();
            disk.crash(seed);
            let (_, found) = opened(&disk.restarted()).unwrap();
            assert!(found.is_empty(), "seed {seed}");
        }
    }

    #[test]
    fn the_newest_record_of_a_log_arrives_last_and_is_synced() {
        for seed in 0..50 {
            let disk = MemDisk::new(seed);
            let (synced, _) = opened(&disk).unwrap();
            disk.sync_dir(Path::new("")).unwrap();
            let slot = synced.slot_of("orders-0");
            disk.hold(Call::Write);
            (1..=5).for_each(|offset| synced.record(slot, "orders-0", offset));
            let mut sync = Box::pin(synced.sync());
            let is_ready = sync.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
            assert!(!is_ready, "it waits for what is on its way");
            while disk.release_one() {}
            disk.release();
            block_on(sync).unwrap();
            disk.crash(seed);
            let (_, found) = opened(&disk.restarted()).unwrap();
            assert_eq!(found.get("orders-0"), Some(&5), "seed {seed}");
        }
    }

    #[test]
    fn a_start_with_other_logs_loses_no_record_with_the_power() {
        for seed in 0..100 {
            let disk = MemDisk::new(seed);
            let (synced, _) = opened(&disk).unwrap();
            disk.sync_dir(Path::new("")).unwrap();
            for log in ["b-0", "c-0", "d-0"] {
                synced.record(synced.slot_of(log), log, 5);
            }
            block_on(synced.sync()).unwrap();
            // One is new, and one is gone.
            let (synced, _) = opened(&disk).unwrap();
            let used = ["a-0", "b-0", "d-0"].map(|log| {
                let slot = synced.slot_of(log);
                synced.record(slot, log, 6);
                slot
            });
            synced.keep(&BTreeSet::from(used)).unwrap();
            let (_, found) = opened(&disk).unwrap();
            assert!(!found.contains_key("c-0") && found.len() == 3, "{found:?}");
            disk.crash(seed);
            let (_, found) = opened(&disk.restarted()).unwrap();
            let is_known = |log| found.get(log).is_some_and(|offset| [5, 6].contains(offset));
            assert!(is_known("b-0") && is_known("d-0"), "seed {seed}: {found:?}");
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
