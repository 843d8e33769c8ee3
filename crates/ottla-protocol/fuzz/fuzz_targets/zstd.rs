//! Calls `zstd` of the records' fuzz functions, which `cargo test` runs over the committed corpus too.
#![no_main]

#[path = "../../tests/records/fuzz_records.rs"]
#[expect(dead_code, reason = "each target calls one function of the file")]
mod fuzz_records;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_records::zstd(data));
