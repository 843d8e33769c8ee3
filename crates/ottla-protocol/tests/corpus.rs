//! The fuzz targets over the committed inputs, so that what was once found stays fixed where nobody can fuzz.

#[path = "messages/fuzz_messages.rs"]
mod fuzz_messages;
#[path = "records/fuzz_records.rs"]
mod fuzz_records;

use std::fs;
use std::path::Path;

/// A target's name, which is its folder's too, and its function.
type Target = (&'static str, fn(&[u8]));

/// Every target that `fuzz/` has.
const TARGETS: &[Target] = &[
    ("request", fuzz_messages::request),
    ("response", fuzz_messages::response),
    ("frame", fuzz_messages::frame),
    ("structure", fuzz_messages::structure),
    #[cfg(feature = "json")]
    ("explain", fuzz_messages::explain),
    ("batch", fuzz_records::batch),
    ("legacy_set", fuzz_records::legacy_set),
    ("gzip", fuzz_records::gzip),
    ("snappy", fuzz_records::snappy),
    ("lz4", fuzz_records::lz4),
    ("zstd", fuzz_records::zstd),
];

#[test]
fn no_committed_input_breaks_its_target() {
    for (target, function) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
        let mut inputs = 0;
        for entry in fs::read_dir(&folder).unwrap_or_else(|err| panic!("{}: {err}", folder.display())) {
            let path = entry.expect("the folder can be listed").path();
            println!("{}", path.display()); // shown when this one panics
            function(&fs::read(path).expect("the input can be read"));
            inputs += 1;
        }
        assert!(inputs > 0, "{} is empty", folder.display());
    }
}
