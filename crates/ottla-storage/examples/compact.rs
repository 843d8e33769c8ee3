//! Compacts every log of a data folder, and says what came of it.
//!
//! `cargo run -p ottla-storage --example compact -- FOLDER [DELETE_RETENTION_MS]`, on a folder that no broker has open, ottla's or
//! Kafka's own. Each log's active segment stays as it is.

use std::error::Error;
use std::sync::Arc;

use ottla_storage::blocking::{block_on, env};
use ottla_storage::disk::OsDisk;
use ottla_storage::{CleanupPolicy, CompactionConfig, LogConfig, Ratio, Storage, StorageConfig, Unpaced};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let folder = words.next().ok_or("which folder?")?;
    let mut log =
        LogConfig::default().with_cleanup_policy(CleanupPolicy::COMPACT).with_segment_bytes(1 << 20);
    log.min_cleanable_dirty_ratio = Ratio::new(0.0).ok_or("0 is a ratio")?;
    if let Some(retention_ms) = words.next() {
        log.delete_retention_ms = retention_ms.parse()?;
    }
    let disk = Arc::new(OsDisk::new(&folder)?);
    let storage = block_on(Storage::open(disk, env(), StorageConfig::default().with_log(log)))?;
    let config = CompactionConfig::default();
    while let Some(round) = block_on(storage.compact_next(&config, &mut Unpaced))? {
        let (before, after) = (round.bytes_before, round.bytes_after);
        println!("{} to {}: {before} -> {after} bytes", round.log, round.to);
        println!("  {} -> {} records", round.records_before, round.records_after);
    }
    block_on(storage.close())?;
    Ok(())
}
