//! A journal of plain text lines: appends its arguments, or prints all that the folder holds.
//!
//! ```text
//! cargo run --release --example journal                                     tries itself in a temporary folder
//! cargo run --release --example journal -- ./journal "first line" "second line"
//! cargo run --release --example journal -- ./journal                        prints what is there
//! cargo run --release --example journal -- ./journal --fill 20000
//! ```
//!
//! Each line is on stable storage before it is said to be appended.
//! The folder is Kafka's: `DumpLogSegments` reads `journal-0/*.log`, `*.index`, `*.timeindex` and
//! `*.snapshot`. `--fill N` writes N records instead, over several segments, with producer ids and
//! every codec, to have something to look at.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use ottla_env::Env;
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions, Compression};
use ottla_protocol::wire::{DecodeLimits, Uuid};
use ottla_storage::disk::OsDisk;
use ottla_storage::{
    AppendOptions, Log, LogConfig, LogName, Offset, ReadOptions, Storage, StorageConfig, blocking,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let Some(folder) = args.next() else { return try_itself() };
    let lines: Vec<String> = args.collect();

    let (storage, log, env) = open(Path::new(&folder))?;
    match lines.as_slice() {
        [flag, count] if flag == "--fill" => fill(&log, count.parse()?, env.now_ms())?,
        lines if !lines.is_empty() => append(&log, lines, env.now_ms())?,
        _ => {
            for name in storage.logs() {
                storage.log(&name).map_or(Ok(()), |log| print(&log))?;
            }
        }
    }
    blocking::block_on(storage.close())?;
    Ok(())
}

/// The journal in a folder, which is made if it is not there.
fn open(folder: &Path) -> Result<(Storage, Arc<Log>, Env), Box<dyn Error>> {
    let env = blocking::env();
    let disk = Arc::new(OsDisk::new(folder)?);
    let storage = blocking::block_on(Storage::open(disk, env.clone(), StorageConfig::default()))?;
    let name = LogName::new("journal", 0);
    let log = match storage.log(&name) {
        Some(log) => log,
        None => storage.create_log(name, Uuid::from_u128(1), LogConfig::default())?,
    };
    Ok((storage, log, env))
}

/// Appends lines, all of them or none. On return they survive a loss of power.
fn append(log: &Log, lines: &[String], now_ms: i64) -> Result<(), Box<dyn Error>> {
    let mut batch = BatchBuilder::new(BatchOptions::default());
    for line in lines {
        batch.try_append(now_ms, None, Some(line.as_bytes()), &[])?;
    }
    let appended = blocking::append(log, batch.build()?, AppendOptions::new(now_ms))?;
    println!("appended at {}", appended.base_offset);
    Ok(())
}

/// Writes, closes, opens again, tears the end of the file as a crash may, and opens once more.
fn try_itself() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let wanted: Vec<String> = (1..=100).map(|number| format!("line {number}")).collect();
    let (storage, log, env) = open(folder.path())?;
    for lines in wanted.chunks(10) {
        append(&log, lines, env.now_ms())?;
    }
    blocking::block_on(storage.close())?;
    drop((storage, log));

    let (storage, log, _) = open(folder.path())?;
    check("after it was closed", &read(&log)?, &wanted)?;
    drop((storage, log)); // not closed: as if the process had been killed

    let file = folder.path().join("journal-0").join("00000000000000000000.log");
    let torn = OpenOptions::new().append(true).open(file)?;
    (&torn).write_all(&[0; 30])?;
    let (storage, log, env) = open(folder.path())?;
    check("after a torn write", &read(&log)?, &wanted)?;
    append(&log, &["one more".to_owned()], env.now_ms())?;
    let all: Vec<String> = wanted.into_iter().chain(["one more".to_owned()]).collect();
    check("with one more", &read(&log)?, &all)?;
    blocking::block_on(storage.close())?;
    println!("{} lines, as they were written", all.len());
    Ok(())
}

fn check(when: &str, found: &[String], wanted: &[String]) -> Result<(), Box<dyn Error>> {
    if found == wanted { Ok(()) } else { Err(format!("{when} the journal has {found:?}").into()) }
}

/// Prints every record of one log.
fn print(log: &Log) -> Result<(), Box<dyn Error>> {
    for (offset, line) in read(log)?.iter().enumerate() {
        println!("{} {offset} {line}", log.name());
    }
    Ok(())
}

/// All lines of a log.
fn read(log: &Log) -> Result<Vec<String>, Box<dyn Error>> {
    let (mut lines, mut next) = (Vec::new(), Offset::ZERO);
    loop {
        let read = blocking::read(log, next, ReadOptions::default())?;
        if read.records.is_empty() {
            return Ok(lines);
        }
        let mut bytes = read.into_bytes()?;
        while let Some(batch) = Batch::split_first(&mut bytes)? {
            for record in &batch.records(&DecodeLimits::DEFAULT)? {
                let record = record?;
                if record.offset >= next.0 {
                    lines.push(String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned());
                }
            }
            next = Offset(batch.header().next_offset());
        }
    }
}

/// Writes `count` records in batches of ten, from three producers, with every codec in turn.
fn fill(log: &Log, count: usize, now_ms: i64) -> Result<(), Box<dyn Error>> {
    log.set_config(LogConfig::default().with_segment_bytes(1 << 20));
    let begin = log.offsets().log_end.0;
    let mut sequences = [0; 3];
    for number in 0..count / 10 {
        let producer = number % sequences.len();
        let (id, sequence) = (1000 + i64::try_from(producer)? + begin, sequences[producer]);
        let codec = Compression::ALL[number % Compression::ALL.len()];
        let options = BatchOptions::default().with_producer(id, 0, sequence).with_compression(codec, None);
        let mut batch = BatchBuilder::new(options);
        for record in 0..10 {
            let text = format!("record {record} of batch {number} {}", "x".repeat(number % 400));
            let time = now_ms - 1_000_000 + i64::try_from(number * 10 + record)?;
            batch.try_append(time, Some(b"key"), Some(text.as_bytes()), &[])?;
        }
        sequences[producer] += 10;
        log.append(batch.build()?, AppendOptions::new(now_ms))?;
    }
    blocking::block_on(log.readable(Offset(log.offsets().log_end.0 - 1)))?;
    println!("filled up to {}", log.offsets().log_end);
    Ok(())
}
