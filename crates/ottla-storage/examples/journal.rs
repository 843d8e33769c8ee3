//! A journal of plain text lines: appends its arguments, or prints all that the folder holds.
//!
//! ```text
//! cargo run -p ottla-storage --example journal -- ./journal "first line" "second line"
//! cargo run -p ottla-storage --example journal -- ./journal --fill 20000
//! ```
//!
//! The folder is Kafka's: `DumpLogSegments` reads `journal-0/*.log`, `*.index`, `*.timeindex` and
//! `*.snapshot`. `--fill N` writes N records instead, over several segments, with producer ids and
//! every codec, to have something to look at.

use std::error::Error;
use std::sync::Arc;

use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions, Compression};
use ottla_protocol::wire::{DecodeLimits, Uuid};
use ottla_storage::disk::OsDisk;
use ottla_storage::{
    AppendOptions, Log, LogConfig, LogName, Offset, ReadOptions, Storage, StorageConfig, blocking,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("usage: journal FOLDER LINE... | FOLDER --fill N")?;
    let lines: Vec<String> = args.collect();

    let disk = Arc::new(OsDisk::new(folder)?);
    let env = blocking::env();
    let storage = blocking::block_on(Storage::open(disk, env.clone(), StorageConfig::default()))?;
    let name = LogName::new("journal", 0);
    let log = match storage.log(&name) {
        Some(log) => log,
        None => storage.create_log(name, Uuid::from_u128(1), LogConfig::default())?,
    };
    match lines.as_slice() {
        [flag, count] if flag == "--fill" => fill(&log, count.parse()?, env.now_ms())?,
        lines if !lines.is_empty() => {
            let mut batch = BatchBuilder::new(BatchOptions::default());
            for line in lines {
                batch.try_append(env.now_ms(), None, Some(line.as_bytes()), &[])?;
            }
            // On return the lines survive a loss of power.
            let appended = blocking::append(&log, batch.build()?, AppendOptions::new(env.now_ms()))?;
            println!("appended at {}", appended.base_offset);
        }
        _ => {
            for name in storage.logs() {
                storage.log(&name).map_or(Ok(()), |log| print(&log))?;
            }
        }
    }
    blocking::block_on(storage.close())?;
    Ok(())
}

/// Prints every record of one log.
fn print(log: &Log) -> Result<(), Box<dyn Error>> {
    let mut next = Offset::ZERO;
    loop {
        let read = blocking::read(log, next, ReadOptions::default())?;
        if read.records.is_empty() {
            return Ok(());
        }
        let mut bytes = read.into_bytes()?;
        while let Some(batch) = Batch::split_first(&mut bytes)? {
            for record in &batch.records(&DecodeLimits::DEFAULT)? {
                let record = record?;
                if record.offset >= next.0 {
                    let value = String::from_utf8_lossy(record.value.unwrap_or_default());
                    println!("{} {} {value}", log.name(), record.offset);
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
