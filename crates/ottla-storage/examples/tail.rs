//! One process appends, another follows.
//!
//! ```text
//! cargo run --release --example tail                              appends and follows, in two processes, and compares
//! cargo run --release --example tail -- append ./events < lines   appends each line of its input
//! cargo run --release --example tail -- follow ./events           prints what is there, and all that comes
//! ```
//!
//! The process that appends owns the folder. Any number of others follow without a lock and without a word to it: they see
//! each record once a sync has covered it, so that nothing that they act on is ever lost.

#![expect(clippy::disallowed_methods, reason = "two processes, a thread and a pause are what it is about")]

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use ottla_storage::{LogConfig, NewRecord, Offset, RecordOptions, StorageConfig, blocking};

const LOG: &str = "events";
/// How many records the trial appends.
const TRIAL: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => try_itself(),
        ["append", folder] => append(Path::new(folder), stdin().lock().lines()),
        ["follow", folder] => follow(Path::new(folder), usize::MAX),
        ["follow", folder, count] => follow(Path::new(folder), count.parse()?),
        _ => Err("`append FOLDER`, `follow FOLDER [COUNT]`, or nothing".into()),
    }
}

/// Appends lines, and waits for the disk once for all that came meanwhile.
fn append(folder: &Path, lines: impl Iterator<Item = std::io::Result<String>>) -> Result<(), Box<dyn Error>> {
    let storage = blocking::open(folder, StorageConfig::default())?;
    // Small segments, so that the trial goes through some.
    let log = storage.open_log(LOG, LogConfig::journal().with_segment_bytes(256 * 1024))?;
    let mut waiting = Vec::new();
    for line in lines {
        // Each line is a record of its own, and on its way to the disk when this returns.
        waiting.push(log.append_records([NewRecord::new(line?.as_bytes())], RecordOptions::default())?);
        if waiting.len() == 100 {
            for appended in waiting.drain(..) {
                blocking::block_on(log.durable(&appended))?;
            }
        }
    }
    // It waits for all the rest.
    blocking::block_on(storage.close())?;
    Ok(())
}

/// Prints `count` records as they come.
fn follow(folder: &Path, count: usize) -> Result<(), Box<dyn Error>> {
    let mut follower = blocking::follow(folder, LOG, Offset::ZERO)?;
    let mut out = stdout().lock();
    let mut printed = 0;
    while printed < count {
        match follower.try_next()? {
            Some(record) => {
                out.write_all(&record.value.unwrap_or_default())?;
                out.write_all(b"\n")?;
                printed += 1;
            }
            None => {
                out.flush()?;
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// Appends here while another process follows, and compares what it printed.
fn try_itself() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut other = Command::new(std::env::current_exe()?)
        .arg("follow")
        .arg(folder.path())
        .arg(TRIAL.to_string())
        .stdout(Stdio::piped())
        .spawn()?;
    let printed = other.stdout.take().ok_or("no pipe")?;
    let reading =
        thread::spawn(move || std::io::BufReader::new(printed).lines().collect::<Result<Vec<_>, _>>());

    let wanted: Vec<String> = (0..TRIAL).map(|n| format!("event {n} {}", "x".repeat(n % 100))).collect();
    append(folder.path(), wanted.iter().map(|line| Ok(line.clone())))?;

    let found = reading.join().map_err(|_| "the reader of the pipe failed")??;
    if !other.wait()?.success() || found != wanted {
        return Err(format!("{} of {TRIAL} records came through as they were", found.len()).into());
    }
    println!("{TRIAL} records, appended by one process and printed by another, each once and in order");
    Ok(())
}
