//! What one client of each family can do by itself, feature by feature: the columns of the table but for groups and restarts.
//!
//! A family writes, and so does a judge of other descent; both read everything, and what they read must be
//! what was written. A codec that both ends of one library got wrong in the same way would show.

use super::cases_files::dump;
use super::client::Stage;
use super::environment::Program;
use super::families::{FRANZ, Family, JAVA, KCAT};
use super::records::{Record, same_records, sample};
use super::same;
use crate::outcome::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One column of the table.
pub(super) struct Feature {
    /// What it is called.
    pub(super) name: &'static str,
    /// Tries it with a family on an empty topic of [`PARTITIONS`] partitions.
    pub(super) run: fn(&Stage, &Family, &str) -> Outcome,
}

/// Partitions of every topic here.
pub(super) const PARTITIONS: i32 = 3;

/// Records that a codec is tried with.
const RECORDS: i32 = 300;

/// Features that are codecs, by their names on the wire.
pub(super) const CODECS: [&str; 4] = ["gzip", "snappy", "lz4", "zstd"];

pub(super) const FEATURES: &[Feature] = &[
    Feature { name: "no codec", run: |stage, family, topic| codec(stage, family, topic, "none") },
    Feature { name: "gzip", run: |stage, family, topic| codec(stage, family, topic, "gzip") },
    Feature { name: "snappy", run: |stage, family, topic| codec(stage, family, topic, "snappy") },
    Feature { name: "lz4", run: |stage, family, topic| codec(stage, family, topic, "lz4") },
    Feature { name: "zstd", run: |stage, family, topic| codec(stage, family, topic, "zstd") },
    Feature { name: "by key", run: by_key },
    Feature { name: "headers", run: headers },
    Feature { name: "nulls", run: nulls },
    Feature { name: "null header", run: null_header },
    Feature { name: "assigned", run: assigned },
];

/// Families of other descent that write and read beside this one.
fn judges(family: &Family) -> &'static [Family] {
    match family.program {
        Program::Python("kcat" | "confluent") => const { &[FRANZ] },
        Program::Ours | Program::Python("command") => const { &[KCAT, JAVA] },
        _ => const { &[KCAT] },
    }
}

/// Lets the family and then its judges write, and holds what each of them reads against all that was written.
fn there_and_back(
    stage: &Stage,
    family: &Family,
    topic: &str,
    codec: &str,
    records: impl Fn(&str) -> Vec<Record>,
) -> Outcome {
    let everyone = || std::iter::once(family).chain(judges(family));
    let mut written = Vec::new();
    for writer in everyone() {
        let records = records(writer.name);
        stage.produce(writer, topic, codec, &records)?;
        written.extend(records);
    }
    let partitions: Vec<i32> = (0..PARTITIONS).collect();
    for reader in everyone() {
        let read = stage.consume(reader, topic, &partitions, written.len())?;
        same_records(&format!("what {} read", reader.name), &read, &written)?;
    }
    Ok(())
}

/// Records enough for batches that are worth packing, on partitions that the caller names.
fn codec(stage: &Stage, family: &Family, topic: &str, codec: &str) -> Outcome {
    there_and_back(stage, family, topic, codec, |writer| sample(writer, PARTITIONS, RECORDS))
}

/// Holds the logs of a stopped broker against the codecs that the families were asked to write with: a client that sent
/// everything as it was would have passed [`codec`] as well.
pub(super) fn packed(data: &Path, topics: &[(&Family, &str, String)]) -> Outcome {
    let log = |topic: &str| data.join(format!("{topic}-0/00000000000000000000.log")).display().to_string();
    let logs: Vec<String> = topics.iter().map(|(_, _, topic)| log(topic)).collect();
    let dumped = dump(&["--files", &logs.join(",")])?;
    let of_log: BTreeMap<&str, &str> =
        dumped.split("Dumping ").skip(1).filter_map(|part| part.split_once('\n')).collect();
    for ((family, codec, _), log) in topics.iter().zip(&logs) {
        let batches = of_log.get(log.as_str()).ok_or_else(|| format!("{log} is not in the dump"))?;
        // The family wrote before its judges.
        let of_family = batches.lines().filter(|batch| first_offset(batch) < Some(RECORDS / PARTITIONS));
        if !of_family.into_iter().any(|batch| batch.contains(&format!("compresscodec: {codec} "))) {
            return Err(format!("{} packed nothing with {codec}:\n{batches}", family.name).into());
        }
    }
    Ok(())
}

fn first_offset(batch: &str) -> Option<i32> {
    batch.strip_prefix("baseOffset: ")?.split(' ').next()?.parse().ok()
}

/// The client's own partitioner keeps the records of a key together and in order, and uses several partitions.
fn by_key(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    let mut written = sample(family.name, PARTITIONS, 300);
    for (number, record) in written.iter_mut().enumerate() {
        (record.partition, record.key) = (None, Some(format!("key-{}", number % 23)));
    }
    stage.produce(family, topic, "none", &written)?;
    let partitions: Vec<i32> = (0..PARTITIONS).collect();
    let read = stage.consume(family, topic, &partitions, written.len())?;
    let mut homes: BTreeMap<Option<String>, BTreeSet<Option<i32>>> = BTreeMap::new();
    let mut found: BTreeMap<Option<String>, Vec<Option<String>>> = BTreeMap::new();
    for (_, record) in read {
        homes.entry(record.key.clone()).or_default().insert(record.partition);
        found.entry(record.key).or_default().push(record.value);
    }
    let mut wanted: BTreeMap<Option<String>, Vec<Option<String>>> = BTreeMap::new();
    for record in written {
        wanted.entry(record.key).or_default().push(record.value);
    }
    same("records by key", found, wanted)?;
    same("keys in several partitions", homes.values().filter(|homes| homes.len() > 1).count(), 0)?;
    let used: BTreeSet<_> = homes.into_values().flatten().collect();
    same("partitions in use", used.len() > 1, true)
}

/// One record in each partition, because not every client keeps the order of records that differ in their headers.
fn headers(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    there_and_back(stage, family, topic, "none", |writer| {
        let mut records = sample(writer, PARTITIONS, PARTITIONS);
        let pair = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        records[1].headers = vec![pair("empty", ""), pair("trace", "a1b2")];
        records[2].headers = vec![pair("näme", "välue")];
        records
    })
}

fn nulls(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    there_and_back(stage, family, topic, "none", |writer| {
        let mut records = sample(writer, PARTITIONS, PARTITIONS);
        records[0].value = None;
        records[1].key = None;
        records
    })
}

fn null_header(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    there_and_back(stage, family, topic, "none", |writer| {
        let mut records = sample(writer, PARTITIONS, PARTITIONS);
        records[1].headers = vec![("nothing".to_owned(), None)];
        records
    })
}

/// A reader of chosen partitions gets these whole, and nothing of the others.
fn assigned(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    let written = sample(family.name, PARTITIONS, 90);
    stage.produce(family, topic, "none", &written)?;
    for chosen in [&[1][..], &[0, 2]] {
        let wanted: Vec<Record> = written
            .iter()
            .filter(|record| chosen.iter().any(|partition| record.partition == Some(*partition)))
            .cloned()
            .collect();
        let read = stage.consume(family, topic, chosen, wanted.len())?;
        same_records(&format!("what {} read of {chosen:?}", family.name), &read, &wanted)?;
    }
    Ok(())
}
