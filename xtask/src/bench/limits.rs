//! What the machine can do in the same round, and which of its limits applies to which row.
//!
//! How each limit is measured is in the load program, `load limits`.

use super::rows::{Round, Row, row, run};
use super::{Plan, Tools};
use crate::outcome::Outcome;

/// A limit: the key that the load program prints it by, and its row.
struct Limit {
    key: &'static str,
    row: Row,
}

const fn limit(key: &'static str, name: &'static str, unit: &'static str, is_rate: bool) -> Limit {
    let digits = match unit.as_bytes() {
        [b's'] => 2,
        [b'u', ..] => 1,
        _ => 0,
    };
    Limit { key, row: row(name, unit, digits, is_rate) }
}

const LOOPBACK: &str = "loopback, one stream";
const LOOPBACK_4: &str = "loopback, four streams";
const SENDFILE: &str = "sendfile over loopback, one stream";
const SENDFILE_4: &str = "sendfile over loopback, four streams";
const TRIP: &str = "round trip of 100 B, both ends spin: p50";
const TRIPS: &str = "the same, one after the other";
const WAKING: &str = "round trip of 100 B, both ends sleep: p50";
const TRIPS_64: &str = "64 round trips of 100 B at a time";
const TRIP_64: &str = "p50 of these round trips";
const SYNC: &str = "fdatasync of a small append: p50";
const SYNCS: &str = "the same, one by one";
const SYNCS_64: &str = "64 small appends at a time, four files, each in the next fdatasync";
const PASSES: &str = "two copies and a CRC-32C of a GB, one core";

const LIMITS: &[Limit] = &[
    limit("loopback_mb_per_s", LOOPBACK, "MB/s", true),
    limit("loopback_4_mb_per_s", LOOPBACK_4, "MB/s", true),
    limit("sendfile_mb_per_s", SENDFILE, "MB/s", true),
    limit("sendfile_4_mb_per_s", SENDFILE_4, "MB/s", true),
    limit("page_cache_mb_per_s", "page cache, one writer of a new file", "MB/s", true),
    limit("page_cache_4_mb_per_s", "page cache, four writers", "MB/s", true),
    limit("round_trip_p50_us", TRIP, "us", false),
    limit("round_trip_per_s", TRIPS, "/s", true),
    limit("waking_round_trip_p50_us", WAKING, "us", false),
    limit("round_trips_64_k_per_s", TRIPS_64, "k requests/s", true),
    limit("round_trips_64_p50_us", TRIP_64, "us", false),
    limit("fdatasync_p50_us", SYNC, "us", false),
    limit("fdatasync_per_s", SYNCS, "/s", true),
    limit("fdatasync_64_k_per_s", SYNCS_64, "k requests/s", true),
    limit("memcpy_mb_per_s", "memcpy out of the caches", "MB/s", true),
    limit("crc32c_mb_per_s", "CRC-32C in the cache", "MB/s", true),
    limit("copies_and_crc_s_per_gb", PASSES, "s", false),
];

/// Rows, and the limit that each would stop at. librdkafka and a client of ours have one connection to a broker.
const APPLIES: &[(&str, &str)] = &[
    ("produce 1 KiB, librdkafka", LOOPBACK),
    ("broker CPU per GB produced so", PASSES),
    ("consume 1 KiB, librdkafka", SENDFILE),
    ("produce 1 KiB, prepared batches, a connection a partition", LOOPBACK_4),
    ("broker CPU per GB of prepared batches", PASSES),
    ("fetch 1 KiB, bytes counted, a connection a partition", SENDFILE_4),
    ("produce 1 KiB, own client", LOOPBACK),
    ("consume 1 KiB, own client", SENDFILE),
    ("one in flight, 100 B, librdkafka", TRIPS),
    ("one in flight, 100 B", TRIPS),
    ("p50 of these", TRIP),
    ("64 in flight, 100 B", TRIPS_64),
    ("p50 of 64 in flight", TRIP_64),
    ("fsync: one in flight, 100 B", SYNCS),
    ("fsync: p50 of one in flight", SYNC),
    ("fsync: 64 in flight, 100 B", SYNCS_64),
];

/// The limit that applies to a row.
pub(super) fn of(row: &str) -> Option<&'static str> {
    APPLIES.iter().find(|(name, _)| *name == row).map(|(_, limit)| *limit)
}

/// The rows of the limits themselves.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    LIMITS.iter().map(|limit| &limit.row)
}

/// Measures every limit once; its files are beside those of the brokers.
pub(super) fn measure(plan: &Plan, tools: &Tools) -> Outcome<Round> {
    std::fs::create_dir_all(&plan.folder)?;
    let folder = plan.folder.to_str().ok_or("the folder's name is not UTF-8")?;
    let line = run(&tools.load, &["limits", "--folder", folder])?;
    LIMITS.iter().map(|limit| Ok((limit.row.name, line.field(limit.key)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::rows::ROWS;
    use super::*;

    #[test]
    fn every_limit_applies_to_a_row_that_is_there_and_is_in_its_unit() {
        for (name, limit) in APPLIES {
            let row = ROWS.iter().find(|row| row.name == *name).unwrap_or_else(|| panic!("no row {name}"));
            let limit = rows().find(|row| row.name == *limit).unwrap_or_else(|| panic!("no limit {limit}"));
            assert_eq!(row.unit.trim_start_matches("requests"), limit.unit, "{name}");
            assert_eq!(row.more_is_better, limit.more_is_better, "{name}");
        }
    }
}
