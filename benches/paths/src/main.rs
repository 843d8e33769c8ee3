//! Hot paths, each to be run a number of times: `paths "record, encode" 100`, and `paths` to list them.
//!
//! `cargo xtask counts` runs each path twice under callgrind, for different numbers, and keeps the difference: what a
//! path needs to be set up is in both. So nothing here may depend on chance: seeds are fixed, the disk is in memory,
//! and there is one thread. What the counts are held against is said in `counts.txt`, beside this package's manifest.

mod enqueue;
mod messages;
mod records;
mod served;

use std::process::ExitCode;

/// A path: what it is called, how often it is run to be counted, and how.
struct Path {
    name: &'static str,
    /// So many that what happens only now and then, such as a buffer that grows, is shared out evenly.
    times: u32,
    run: fn(u32),
}

const PATHS: &[Path] = &[
    Path { name: "record, encode", times: 131 * 40, run: records::encode },
    Path { name: "record, walk lazily", times: 131 * 40, run: records::walk },
    Path { name: "record, decode in full", times: 131 * 40, run: records::decode },
    Path { name: "batch of 4 KiB, header and checksum", times: 200, run: records::check },
    Path { name: "produce request, decode", times: 200, run: messages::decode_produce },
    Path { name: "fetch response of 100 partitions, encode", times: 20, run: messages::encode_fetch },
    Path { name: "fetch response of 100 partitions, decode", times: 20, run: messages::decode_fetch },
    Path { name: "metadata of 100 topics x 10, encode", times: 20, run: messages::encode_metadata },
    Path { name: "metadata of 100 topics x 10, decode", times: 20, run: messages::decode_metadata },
    Path { name: "log, append of one record", times: 400, run: served::append },
    Path { name: "log, read at the tail", times: 400, run: served::read },
    Path { name: "broker, produce of one record", times: 200, run: served::produce },
    Path { name: "broker, fetch of one record", times: 200, run: served::fetch },
    Path { name: "producer, enqueue of one record", times: 1_000, run: enqueue::enqueue },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => PATHS.iter().for_each(|path| println!("{}\t{}", path.times, path.name)),
        [name, times] => {
            let path = PATHS.iter().find(|path| path.name == name);
            let (Some(path), Ok(times)) = (path, times.parse()) else {
                eprintln!("no path is named {name}, or {times} is no number");
                return ExitCode::FAILURE;
            };
            (path.run)(times);
        }
        _ => {
            eprintln!("paths [NAME TIMES]");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
