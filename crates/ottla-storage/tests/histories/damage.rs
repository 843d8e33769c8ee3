//! What becomes of files between two lives: rot in what is safe, and small files that are missing, empty, cut,
//! zeroed, changed or another log's.

use std::ops::Range;
use std::path::Path;

use ottla_storage::disk::Disk;

use crate::model::Model;
use crate::world::World;

/// Files of a log that can be made anew from the others.
const CACHES: [&str; 7] = [
    ".index",
    ".timeindex",
    ".txnindex",
    ".snapshot",
    ".producers",
    "leader-epoch-checkpoint",
    "partition.metadata",
];
/// Files of the storage that it can do without.
const SHARED: [&str; 3] = ["cleaner-offset-checkpoint", ".kafka_cleanshutdown", "reserve"];
/// The file that alone tells, after a kill, a write that was never finished from rot behind the last checkpoint.
pub(crate) const RECORD_OF_SYNCS: &str = "synced-offsets";
/// Files of which each says what the other says, or enough of it. One can be missed until both were written again.
const PAIRS: [[&str; 2]; 3] = [
    ["recovery-point-offset-checkpoint", RECORD_OF_SYNCS],
    ["log-start-offset-checkpoint", "log-start-offsets"],
    ["meta.properties", "meta.properties.copy"],
];

/// What happens to a small file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    Missing,
    Empty,
    Cut,
    Zeroed,
    /// A bit is another.
    Flipped,
    /// Another log's.
    Foreign,
}

impl World {
    /// Damages something, now and then.
    pub(crate) fn damage_files(&mut self) {
        match self.rng.below(10) {
            0 | 1 => {
                for _ in 0..1 + self.rng.below(3) {
                    self.damage_small_file();
                }
            }
            2 => self.rot(),
            _ => {}
        }
    }

    /// Flips a bit of a batch that a checkpoint has covered.
    fn rot(&mut self) {
        let index = usize::try_from(self.rng.below(self.logs.len() as u64)).expect("small");
        let model = &self.logs[index];
        if model.is_compacted() {
            return;
        }
        let prefix = format!("{}/0", model.name);
        let Some((path, bytes)) = self.pick(|path| path.starts_with(&prefix) && path.ends_with(".log"))
        else {
            return;
        };
        let inside: Vec<(i64, Range<u64>)> = self.places(index, &path);
        let model = &self.logs[index];
        let safe = |base: &i64| model.entry_of(*base).is_some_and(|entry| entry.end <= model.covered);
        // Where power took the name of the next file, the batches of that one are not in this one.
        let is_there = |place: &Range<u64>| place.end <= bytes.len() as u64;
        let inside: Vec<_> =
            inside.into_iter().filter(|(base, place)| safe(base) && is_there(place)).collect();
        let is_open = !Model::open(&model.entries).is_empty();
        if inside.is_empty() || is_open || bytes.is_empty() || model.has_suspects() {
            return;
        }
        let (base, place) =
            inside[usize::try_from(self.rng.below(inside.len() as u64)).expect("small")].clone();
        // No checksum covers the offset and the leader epoch of a batch, in front of the magic.
        let at = place.start + 16 + self.rng.below(place.end - place.start - 16);
        let bit = at * 8 + self.rng.below(8);
        self.tell(|| format!("bit {bit} of {path} flips, of the batch at {base}"));
        self.disk.flip_bit(Path::new(&path), bit).expect("it is there");
        let hit = at..at + 1;
        self.suspect(index, Path::new(&path), std::slice::from_ref(&hit));
    }

    /// From now on the batches in these places may be answered as damaged.
    pub(crate) fn suspect(&mut self, index: usize, path: &Path, places: &[Range<u64>]) {
        let hit: Vec<i64> = self
            .places(index, &path.to_string_lossy())
            .into_iter()
            .filter(|(_, place)| places.iter().any(|hit| hit.start < place.end && place.start < hit.end))
            .map(|(base, _)| base)
            .collect();
        self.tell(|| format!("suspect are {hit:?}"));
        let model = &mut self.logs[index];
        for entry in model.entries.iter_mut().chain(&mut model.attempts) {
            entry.suspect |= hit.contains(&entry.base);
        }
        // What the log remembers of its producers may be lost with them.
        model.replace_producers();
    }

    /// The batches of a segment, by base offset, and where they stand in it.
    fn places(&self, index: usize, path: &str) -> Vec<(i64, Range<u64>)> {
        let prefix = format!("{}/", self.logs[index].name);
        let base = |path: &str| path.strip_prefix(&prefix)?.strip_suffix(".log")?.parse::<i64>().ok();
        let Some(first) = base(path) else { return Vec::new() };
        let files = self.disk.image();
        let next = files.keys().filter_map(|path| base(path)).find(|base| *base > first).unwrap_or(i64::MAX);
        let mut at = 0;
        let inside = self.logs[index].entries.iter().filter(|entry| (first..next).contains(&entry.base));
        inside
            .map(|entry| {
                let place = at..at + entry.sent.len() as u64;
                at = place.end;
                (entry.base, place)
            })
            .collect()
    }

    /// One file of those that are wanted, with its bytes.
    fn pick(&mut self, wants: impl Fn(&str) -> bool) -> Option<(String, Vec<u8>)> {
        let files: Vec<_> = self.disk.image().into_iter().filter(|(path, _)| wants(path)).collect();
        let at = self.rng.below(files.len().max(1) as u64);
        files.into_iter().nth(usize::try_from(at).expect("small"))
    }

    fn damage_small_file(&mut self) {
        let kinds: Vec<&str> = CACHES.iter().chain(&SHARED).chain(PAIRS.as_flattened()).copied().collect();
        let kind = self.draw(&kinds);
        if let Some(pair) = PAIRS.iter().position(|pair| pair.contains(&kind))
            && !std::mem::take(&mut self.has_both[pair])
        {
            return;
        }
        let Some((path, bytes)) = self.pick(|path| path.ends_with(kind)) else { return };
        // A digit of a text is another digit, and no checksum tells.
        let is_sealed = [".snapshot", ".producers", "synced-offsets", "log-start-offsets"].contains(&kind);
        let is_proven = kind.ends_with("index") || kind.starts_with("meta.properties");
        // It does not say whose it is.
        let is_signed = kind != "partition.metadata";
        let damage = match self.rng.below(6) {
            0 => Damage::Missing,
            1 => Damage::Empty,
            2 => Damage::Cut,
            3 => Damage::Zeroed,
            4 if is_sealed || is_proven => Damage::Flipped,
            5 if CACHES.contains(&kind) && is_signed => Damage::Foreign,
            _ => return,
        };
        self.tell(|| format!("{damage:?}: {path}"));
        self.knows_syncs &= kind != RECORD_OF_SYNCS;
        let len = bytes.len() as u64;
        let changed = match damage {
            Damage::Missing => {
                self.disk.remove_file(Path::new(&path)).expect("it is there");
                self.disk.sync_dir(Path::new(&path).parent().expect("it has one")).expect("it is sound");
                None
            }
            Damage::Empty => Some(Vec::new()),
            Damage::Cut => Some(bytes[..usize::try_from(self.rng.below(len + 1)).expect("small")].to_vec()),
            Damage::Zeroed => Some(vec![0; bytes.len()]),
            Damage::Flipped => {
                let mut bytes = bytes;
                if let Some(byte) = bytes.get_mut(usize::try_from(self.rng.below(len.max(1))).expect("small"))
                {
                    *byte ^= 1 << self.rng.below(8);
                }
                Some(bytes)
            }
            Damage::Foreign => {
                self.pick(|other| other.ends_with(kind) && *other != path).map(|(_, bytes)| bytes)
            }
        };
        if let Some(changed) = changed {
            self.disk.edit(Path::new(&path), |bytes| *bytes = changed).expect("it is there");
        }
    }
}
