//! The fuzz targets over the committed inputs, so that what was once found stays fixed where nobody can fuzz.

use std::fs;
use std::path::Path;

use super::fuzz_messages;

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
fn requests() {
    run("request", fuzz_messages::request);
}

#[test]
fn responses() {
    run("response", fuzz_messages::response);
}

#[test]
fn frames() {
    run("frame", fuzz_messages::frame);
}
