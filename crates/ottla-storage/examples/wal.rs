//! A small key-value store with a write-ahead log: what it has answered is never lost.
//!
//! ```text
//! cargo run --release --example wal                             cuts the power 300 times, and looks what is left
//! cargo run --release --example wal -- ./store put color blue
//! cargo run --release --example wal -- ./store get color
//! cargo run --release --example wal -- ./store delete color
//! cargo run --release --example wal -- ./store list
//! cargo run --release --example wal -- ./store snapshot
//! ```
//!
//! A change is a record of the journal before it is answered; several changes are one append, and so happen together or not at
//! all. The map itself lives in memory. Now and then all of it is written into one file, with the offset up to which it holds the journal,
//! and the journal is cut there. To recover is to load that file and to apply the records from that offset on.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use ottla_env::Rng;
use ottla_storage::disk::{Disk, MemDisk, OsDisk};
use ottla_storage::files::{Damage, Loaded, load, replace_blocking};
use ottla_storage::{Log, LogConfig, NewRecord, Offset, RecordOptions, Storage, StorageConfig, blocking};

type Outcome<T> = Result<T, Box<dyn Error>>;
type Map = BTreeMap<String, String>;

/// A change of one key: its new value, or none.
type Change<'a> = (&'a str, Option<&'a str>);

/// The store, open.
struct Store {
    disk: Arc<dyn Disk>,
    storage: Storage,
    journal: Arc<Log>,
    map: Map,
    /// The map holds all records below this offset.
    applied: Offset,
}

impl Store {
    /// Opens what is on the disk, or begins anew.
    fn open(disk: Arc<dyn Disk>) -> Outcome<Self> {
        let config = StorageConfig::default().with_log(LogConfig::journal());
        let storage = blocking::block_on(Storage::open(Arc::clone(&disk), blocking::env(), config))?;
        let journal = storage.open_log("journal", LogConfig::journal().with_segment_bytes(64 * 1024))?;
        let (mut map, mut applied) = match load(disk.as_ref(), Path::new(SNAPSHOT), parse_snapshot)? {
            Loaded::Whole(snapshot) => snapshot,
            Loaded::Missing => (Map::new(), Offset::ZERO),
            // It was replaced as a whole, so this is no crash but damage: better to say so than to forget.
            Loaded::Damaged(damage) => return Err(format!("{SNAPSHOT}: {damage}").into()),
        };
        for record in blocking::records(&journal, applied) {
            let record = record?;
            let key = text(record.key.as_deref().unwrap_or_default())?;
            match record.value {
                Some(value) => map.insert(key, text(&value)?),
                None => map.remove(&key),
            };
            applied = record.offset.next();
        }
        Ok(Self { disk, storage, journal, map, applied })
    }

    /// Makes all of the changes or none. On return they survive a loss of power.
    fn change(&mut self, changes: &[Change<'_>]) -> Outcome<()> {
        let records = changes.iter().map(|(key, value)| match value {
            Some(value) => NewRecord::new(value.as_bytes()).with_key(key.as_bytes()),
            None => NewRecord::deletion(key.as_bytes()),
        });
        // In the journal first; a reader of the map must never see what could still be lost.
        let appended = blocking::append_records(&self.journal, records, RecordOptions::default())?;
        for (key, value) in changes {
            match value {
                Some(value) => self.map.insert((*key).to_owned(), (*value).to_owned()),
                None => self.map.remove(*key),
            };
        }
        self.applied = appended.last_offset.next();
        Ok(())
    }

    /// Writes all of the map into one file, and cuts the journal before what is in it.
    fn snapshot(&self) -> Outcome<()> {
        // When this returns, the file is the new one whatever happens; until then it is the old one, and the journal is whole.
        replace_blocking(self.disk.as_ref(), Path::new(SNAPSHOT), &format_snapshot(&self.map, self.applied))?;
        blocking::block_on(self.journal.delete_records(self.applied))?;
        // A store that runs for long does these two every few seconds and every few minutes.
        blocking::block_on(self.storage.checkpoint())?;
        blocking::block_on(self.storage.maintain())?;
        Ok(())
    }

    fn close(self) -> Outcome<()> {
        Ok(blocking::block_on(self.storage.close())?)
    }
}

const SNAPSHOT: &str = "map";

/// The offset, then keys and values, each behind its length: numbers of 8 bytes.
fn format_snapshot(map: &Map, applied: Offset) -> Vec<u8> {
    let mut bytes = applied.0.to_be_bytes().to_vec();
    for part in map.iter().flat_map(|(key, value)| [key, value]) {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

fn parse_snapshot(mut bytes: &[u8]) -> Result<(Map, Offset), Damage> {
    const MISSING: Damage = Damage::Truncated { missing: "a key or value" };
    let number = |bytes: &mut &[u8]| {
        let (number, rest) = bytes.split_first_chunk::<8>().ok_or(MISSING)?;
        *bytes = rest;
        Ok(i64::from_be_bytes(*number))
    };
    let applied = Offset(number(&mut bytes)?);
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let len = usize::try_from(number(&mut bytes)?).map_err(|_| MISSING)?;
        let part = bytes.split_off(..len).ok_or(MISSING)?;
        parts.push(text(part).map_err(|_| Damage::NotText { at: 0 })?);
    }
    let pairs = parts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
    Ok((pairs.collect(), applied))
}

fn text(bytes: &[u8]) -> Outcome<String> {
    Ok(String::from_utf8(bytes.to_vec())?)
}

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [folder, words @ ..] = words.as_slice() else { return try_itself() };
    let mut store = Store::open(Arc::new(OsDisk::new(folder)?))?;
    match words {
        ["put", key, value] => store.change(&[(key, Some(value))])?,
        ["delete", key] => store.change(&[(key, None)])?,
        ["get", key] => println!("{}", store.map.get(*key).ok_or("no such key")?),
        ["list"] => store.map.iter().for_each(|(key, value)| println!("{key} {value}")),
        ["snapshot"] => store.snapshot()?,
        _ => return Err("`put KEY VALUE`, `delete KEY`, `get KEY`, `list` or `snapshot`".into()),
    }
    store.close()
}

/// Lets stores run until their power fails, at 300 moments, and compares each with what it had answered.
fn try_itself() -> Outcome<()> {
    let (mut answered, mut snapshots, mut unanswered) = (0, 0, 0);
    for seed in 0..300 {
        let disk = MemDisk::new(seed);
        let mut rng = Rng::new(seed);
        // What it has answered, and what it was asked last and did not answer.
        let (mut wanted, mut asked) = (Map::new(), None);
        let mut store = Store::open(Arc::new(disk.clone()))?;
        disk.power_off_at(1 + rng.below(400));
        while !disk.is_dead() {
            if rng.chance(0.05) {
                snapshots += usize::from(store.snapshot().is_ok());
                continue;
            }
            // Money goes from one account to another: both change or none.
            let (from, to) = (rng.below(5), 5 + rng.below(5));
            let (from, to, amount) = (format!("k{from}"), format!("k{to}"), rng.below(1000).to_string());
            let first = if rng.chance(0.2) { None } else { Some(amount.as_str()) };
            let changes = [(from.as_str(), first), (to.as_str(), Some(amount.as_str()))];
            let mut next = wanted.clone();
            for (key, value) in changes {
                match value {
                    Some(value) => next.insert(key.to_owned(), value.to_owned()),
                    None => next.remove(key),
                };
            }
            match store.change(&changes) {
                Ok(()) => (wanted, answered) = (next, answered + 1),
                Err(_) => asked = Some(next),
            }
        }
        disk.crash(seed);
        let store = Store::open(Arc::new(disk.restarted()))?;
        let came_through = asked.is_some_and(|asked| store.map == asked && asked != wanted);
        if store.map != wanted && !came_through {
            return Err(format!("seed {seed}: {:?} is left of {wanted:?}", store.map).into());
        }
        unanswered += usize::from(came_through);
        store.close()?;
    }
    println!(
        "power was lost 300 times: all of {answered} answered changes are there, {unanswered} unanswered ones as well, \
         over {snapshots} snapshots"
    );
    if snapshots == 0 || unanswered == 0 { Err("the trial has not tried enough".into()) } else { Ok(()) }
}
