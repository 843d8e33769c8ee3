//! How to test storage code of your own with [`MemDisk`]: a journal of lines, three mistakes that are often made in
//! one, and the seeds that find them.
//!
//! ```sh
//! cargo run -p ottla-storage --example fault_model
//! ```
//!
//! The journal promises that a line that was added is there after any loss of power, that no line is
//! there that was not added, and that a failed sync is not taken for a good one. Each mistake is a way to
//! break that which no ordinary test sees: without a loss of power all four journals behave alike.

use std::io::{self, ErrorKind, IoSlice};
use std::path::Path;
use std::sync::Arc;

use ottla_env::Rng;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, File, MemDisk, OpenMode};

/// What is done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    Nothing,
    /// The name of the new file is not made durable.
    FolderNotSynced,
    /// A sync that failed is tried again.
    SyncTriedAgain,
    /// Lines are found by their ends alone.
    NoChecksum,
}

/// A journal of lines: the length and a checksum as bytes, then the line.
struct Journal {
    file: Arc<dyn File>,
    end: u64,
    mistake: Mistake,
}

impl Journal {
    const FILE: &str = "journal";
    const HEAD: usize = 8;

    /// Opens the journal, and cuts off what is no whole line. Answers the lines in it.
    fn open(disk: &dyn Disk, mistake: Mistake) -> io::Result<(Self, Vec<String>)> {
        let file = disk.open(Path::new(Self::FILE), OpenMode::Create)?;
        if mistake != Mistake::FolderNotSynced {
            disk.sync_dir(Path::new(""))?;
        }
        let bytes = file.read_blocking(0, usize::MAX >> 1)?;
        let (mut rest, mut lines) = (&bytes[..], Vec::new());
        while let Some((line, behind)) = split_line(rest, mistake) {
            lines.push(line);
            rest = behind;
        }
        let end = (bytes.len() - rest.len()) as u64;
        file.truncate(end)?;
        // What was only written by the last process is shown now, so it must be safe now.
        file.sync_blocking()?;
        Ok((Self { file, end, mistake }, lines))
    }

    /// Adds a line. When it returns well, the line survives everything.
    fn add(&mut self, line: &str) -> io::Result<()> {
        let mut head = (u32::try_from(line.len()).map_err(io::Error::other)?).to_be_bytes().to_vec();
        head.extend(checksum(line.as_bytes()).to_be_bytes());
        self.file.write_blocking(&[IoSlice::new(&head), IoSlice::new(line.as_bytes())], self.end)?;
        let mut synced = self.file.sync_blocking();
        if synced.is_err() && self.mistake == Mistake::SyncTriedAgain {
            synced = self.file.sync_blocking();
        }
        synced?;
        self.end += (Self::HEAD + line.len()) as u64;
        Ok(())
    }
}

/// The first line, and the bytes behind it.
fn split_line(bytes: &[u8], mistake: Mistake) -> Option<(String, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<{ Journal::HEAD }>()?;
    let [a, b, c, d, crc @ ..] = *head;
    let line = rest.get(..usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?)?;
    if line.is_empty() || mistake != Mistake::NoChecksum && checksum(line) != u32::from_be_bytes(crc) {
        return None;
    }
    Some((String::from_utf8_lossy(line).into_owned(), &rest[line.len()..]))
}

/// FNV-1a: enough for an example.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// One history, all of it drawn from its seed: some lives of a process, each with appends, perhaps a
/// failing disk, and a loss of power somewhere. Says what was broken, if anything was.
fn history(seed: u64, mistake: Mistake) -> Result<(), String> {
    let (disk, mut rng) = (MemDisk::new(seed), Rng::new(seed));
    disk.set_short_counts(0.2);
    let mut kept: Vec<String> = Vec::new();
    for life in 0..3 {
        let disk = disk.restarted();
        let (mut journal, found) = Journal::open(&disk, mistake).map_err(|error| error.to_string())?;
        // What was being added when the power failed may be there or not.
        let maybe = kept.len() + 1;
        if found.len() + 1 < maybe || found.len() > maybe || !found.iter().zip(&kept).all(|(a, b)| a == b) {
            return Err(format!("life {life} found {found:?} and was promised {kept:?}"));
        }
        if found.last().is_some_and(|line| !line.bytes().all(|byte| byte == b'x')) {
            return Err(format!("life {life} found a line that nobody added: {:?}", found.last()));
        }
        kept = found;
        if rng.chance(0.5) {
            disk.inject(Fault::new(Call::Sync, FaultError::Io).with_skip(rng.below(4)));
        }
        disk.power_off_at(1 + rng.below(12));
        for _ in 0..6 {
            let line = "x".repeat(1 + usize::try_from(rng.below(1_500)).unwrap_or(0));
            match journal.add(&line) {
                Ok(()) => kept.push(line),
                Err(error) if disk.is_dead() || error.kind() != ErrorKind::Interrupted => break,
                Err(error) => return Err(error.to_string()),
            }
        }
        disk.heal();
        disk.crash(rng.next_u64());
    }
    Ok(())
}

fn main() {
    const SEEDS: u64 = 2_000;
    let first = |mistake| (0..SEEDS).find_map(|seed| Some((seed, history(seed, mistake).err()?)));
    for mistake in [Mistake::FolderNotSynced, Mistake::SyncTriedAgain, Mistake::NoChecksum] {
        let (seed, what) = first(mistake).expect("the disk finds it");
        let what: String = what.chars().take(100).collect();
        println!("{mistake:?}: found by seed {seed}: {what}...");
    }
    assert_eq!(first(Mistake::Nothing), None, "the journal without a mistake keeps its promise");
    println!("without a mistake: {SEEDS} seeds, and nothing was lost");
}
