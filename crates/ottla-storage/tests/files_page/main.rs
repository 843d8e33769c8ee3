//! `docs/files.md` draws every file byte by byte: here they are written, drawn, and held against the page.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

#[path = "../helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;

mod draw;
mod layouts;
mod world;

use std::path::Path;

use ottla_storage::disk::OsDisk;
use ottla_storage::files::replace_blocking;
use world::Files;

const PAGE: &str = include_str!("../../docs/files.md");

/// The drawing of the file of this name.
fn drawing(files: &Files, name: &str) -> String {
    let bytes = files.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", files.keys()));
    match name.rsplit_once('.').map(|(_, suffix)| suffix) {
        Some("log") => layouts::log(bytes),
        Some("index") => layouts::index(bytes),
        Some("timeindex") => layouts::time_index(bytes),
        Some("txnindex") => layouts::txn_index(bytes),
        Some("snapshot") => layouts::snapshot(bytes),
        Some("producers") => {
            let log = format!("{} orders-0", directory_id(files));
            layouts::producers(bytes, &files[&name.replace("producers", "snapshot")], &log)
        }
        _ if name == "synced-offsets" => layouts::synced_offsets(bytes, &directory_id(files)),
        // The others are text.
        _ => {
            let text = String::from_utf8(bytes.clone()).unwrap();
            if text.ends_with('\n') { text } else { text + "\n" }
        }
    }
}

fn directory_id(files: &Files) -> String {
    let meta = String::from_utf8(files["meta.properties"].clone()).unwrap();
    meta.lines().find_map(|line| line.strip_prefix("directory.id=")).unwrap().to_owned()
}

/// The page with its drawings made anew: each stands in a block of its own behind a line that names the file.
fn drawn_anew(page: &str, files: &Files) -> String {
    let mut drawn = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        drawn.push_str(line);
        drawn.push('\n');
        let Some(name) = line.strip_prefix("<!-- drawn: ").and_then(|rest| rest.strip_suffix(" -->")) else {
            continue;
        };
        assert_eq!(lines.next(), Some("```text"), "a block follows the name of {name}");
        assert!(lines.by_ref().any(|line| line == "```"), "the block of {name} ends");
        drawn.push_str(&format!("```text\n{}```\n", drawing(files, name)));
    }
    drawn
}

#[test]
fn the_page_draws_the_files_as_they_are() {
    let drawn = drawn_anew(PAGE, &world::closed());
    if drawn != PAGE {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        replace_blocking(&OsDisk::new(folder).unwrap(), Path::new("files.md"), drawn.as_bytes()).unwrap();
        let first = PAGE.lines().zip(drawn.lines()).find(|(page, drawn)| page != drawn);
        panic!(
            "docs/files.md is not what is written; it would be so:\n\
             cp {}/files.md crates/ottla-storage/docs/files.md\nthe first line that differs: {first:#?}",
            folder.display()
        );
    }
}

#[test]
fn the_page_names_every_file_and_draws_every_kind() {
    const STAGES: [&str; 4] = [".tmp", ".cleaned", ".swap", ".deleted"];
    let names = world::names();
    for stage in STAGES {
        assert!(names.iter().any(|name| name.ends_with(stage)), "no file came by at stage {stage}");
    }
    let base =
        |name: &str| STAGES.iter().find_map(|stage| name.strip_suffix(stage)).unwrap_or(name).to_owned();
    let mut told: Vec<String> = names.iter().map(|name| base(name)).collect();
    told.extend(STAGES.map(str::to_owned));
    told.retain(|name| !PAGE.contains(&format!("`{name}`")));
    assert_eq!(told, [""; 0], "names that the page does not have");
    for kind in ["log", "index", "timeindex", "txnindex", "snapshot", "producers"] {
        assert!(PAGE.contains(&format!(".{kind} -->")), "no drawing of a .{kind}");
    }
}
