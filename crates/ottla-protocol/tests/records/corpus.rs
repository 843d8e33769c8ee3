//! The fuzz targets of batches over the committed inputs, so that what was once found stays fixed where nobody can fuzz.

use std::fs;
use std::path::Path;

use super::fuzz_records;

/// Runs a target over all inputs that are committed for it.
fn run(target: &str, function: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).unwrap_or_else(|err| panic!("{}: {err}", folder.display())) {
        let path = entry.expect("the folder can be listed").path();
        function(&fs::read(path).expect("the input can be read"));
        inputs += 1;
    }
    assert!(inputs > 0, "{} is empty", folder.display());
}

#[test]
fn batches() {
    run("batch", fuzz_records::batch);
}

#[test]
fn legacy_sets() {
    run("legacy_set", fuzz_records::legacy_set);
}

#[test]
fn gzip_bodies() {
    run("gzip", fuzz_records::gzip);
}

#[test]
fn snappy_bodies() {
    run("snappy", fuzz_records::snappy);
}

#[test]
fn lz4_bodies() {
    run("lz4", fuzz_records::lz4);
}

#[test]
fn zstd_bodies() {
    run("zstd", fuzz_records::zstd);
}
