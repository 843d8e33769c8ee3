//! `ottla log`: a folder that a broker left, printed, checked and mended.

use std::fs;
use std::path::{Path, PathBuf};

use ottla::protocol::records::Compression;

use crate::support::{Broker, run, said};

/// A folder with a topic of two partitions and records of every codec that is built, that a broker has left.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::in_folder(folder.path());
    broker.well(&["topic", "create", "orders", "--partitions", "2"], "");
    for codec in Compression::ALL {
        let (codec, is_built) = (codec.name(), codec.is_enabled());
        let lines: String = (0..60).map(|n| format!("k{n}:a value of {codec}, number {n}\n")).collect();
        for partition in ["0", "1"] {
            let codec = if is_built { codec } else { "none" };
            let words = ["produce", "orders", "-p", partition, "--codec", codec, "--key-separator", ":"];
            broker.well(&[&words[..], &["--header", "trace=7"]].concat(), &lines);
        }
    }
    assert_eq!(broker.stop(), Some(0));
    folder
}

fn log(words: &[&str], path: &Path) -> (Option<i32>, String, String) {
    let output = run(&[&["log"], words, &[path.to_str().unwrap()]].concat(), "");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), said(&output))
}

fn well(words: &[&str], path: &Path) -> String {
    let (code, out, err) = log(words, path);
    assert_eq!(code, Some(0), "{words:?}: {out}{err}");
    out
}

fn segment(folder: &Path) -> PathBuf {
    folder.join("orders-0/00000000000000000000.log")
}

fn lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn all_that_a_folder_holds_is_printed_as_text_and_as_json() {
    let folder = folder();
    let text = well(&["dump"], folder.path());
    for told in [
        "meta.properties",
        "recovery-point-offset-checkpoint",
        "orders-1 300",
        "orders-0/00000000000000000000.log",
        "\"k59\" = \"a value of zstd, number 59\" [trace: \"7\"]",
        "leader epoch 0 from offset 0 on",
        "topic_id = ",
        "producer 0 epoch 0: sequence 59",
    ] {
        assert!(text.contains(told), "{told:?}: {text}");
    }
    let told = lines(&well(&["dump", "--format", "json"], &segment(folder.path())));
    let records: Vec<_> = told.iter().filter(|line| line["kind"] == "record").collect();
    assert_eq!(records.len(), 300);
    assert_eq!(records[299]["offset"], 299);
    assert_eq!(records[61]["payload"], "a value of gzip, number 1");
    assert_eq!(records[61]["headers"], serde_json::json!(["trace", "7"]));
    let batches = lines(&well(&["dump", "--batches", "-J"], &segment(folder.path())));
    assert!(batches.iter().all(|line| line["kind"] == "batch"));
    let count = batches.iter().map(|line| line["records"].as_i64().unwrap()).sum::<i64>();
    assert_eq!(count, 300);
    let fields = well(&["dump", "--fields"], &folder.path().join("orders-0"));
    assert!(fields.contains("partitionLeaderEpoch"), "{fields}");
}

#[test]
fn a_sound_folder_is_told_in_a_line_and_ends_well() {
    let folder = folder();
    let text = well(&["verify"], folder.path());
    assert!(text.ends_with("nothing is wrong\n") && text.lines().count() == 1, "{text}");
    assert!(text.starts_with("3 logs, ") && text.contains(" 602 records"), "{text}");
    let one = well(&["verify"], &folder.path().join("orders-1"));
    assert!(one.starts_with("1 log, 1 segment, ") && one.contains(" 300 records"), "{one}");
    let told = lines(&well(&["verify", "-J"], &segment(folder.path())));
    assert_eq!((told.len(), &told[0]["sound"]), (1, &serde_json::json!(true)));
}

#[test]
fn nothing_is_discarded_without_yes_and_what_is_cut_is_kept() {
    let folder = folder();
    let segment = segment(folder.path());
    let whole = fs::read(&segment).unwrap();
    let torn = [&whole[..], b"the end of a write that never came"].concat();
    fs::write(&segment, &torn).unwrap();
    let index = segment.with_extension("index");
    fs::write(&index, b"no index").unwrap();

    let (code, out, _) = log(&["verify"], folder.path());
    assert_eq!(code, Some(1));
    assert!(out.contains("data   orders-0/00000000000000000000.log, bytes "), "{out}");
    assert!(out.contains("cache  orders-0/00000000000000000000.index: the index is wrong"), "{out}");
    let (code, out, _) = log(&["repair", "--dry-run"], folder.path());
    assert_eq!((code, fs::read(&index).unwrap()), (Some(1), b"no index".to_vec()), "{out}");

    let (code, out, _) = log(&["repair"], folder.path());
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("needs --yes: cut bytes ") && out.contains("done: make the indexes of"), "{out}");
    assert_eq!(fs::read(&segment).unwrap(), torn);
    assert_ne!(fs::read(&index).unwrap(), b"no index");

    let out = well(&["repair", "--yes"], folder.path());
    assert!(out.contains("done: cut bytes ") && out.contains("(34) off"), "{out}");
    assert_eq!(fs::read(&segment).unwrap(), whole);
    let copy = folder.path().join("orders-0/00000000000000000300.cut");
    assert_eq!(fs::read(copy).unwrap(), b"the end of a write that never came");
    well(&["verify"], folder.path());

    let broker = Broker::in_folder(folder.path());
    let read = broker.well(&["consume", "orders", "--exit", "--format", "%v"], "");
    assert_eq!(read.lines().count(), 600);
    assert_eq!(broker.stop(), Some(0));
}

#[test]
fn a_damaged_batch_is_told_and_stays() {
    let folder = folder();
    let segment = segment(folder.path());
    let mut bytes = fs::read(&segment).unwrap();
    bytes[100] ^= 1;
    fs::write(&segment, &bytes).unwrap();
    let (code, out, _) = log(&["repair", "--yes", "-J"], folder.path());
    let told = lines(&out);
    assert_eq!((code, told.len()), (Some(1), 2), "{out}");
    assert_eq!((&told[0]["weight"], &told[0]["from"]), (&"data".into(), &0.into()));
    assert!(told[0]["problem"].as_str().unwrap().contains("CORRUPT_MESSAGE"), "{out}");
    assert!(told[0]["repair"].is_null());
    assert_eq!(fs::read(&segment).unwrap(), bytes);
    let (code, out, err) = log(&["dump"], &segment);
    assert_eq!(code, Some(1));
    assert!(out.contains("DAMAGED bytes 0 to ") && err.contains("checksum"), "{out}{err}");
}

#[test]
fn a_folder_that_a_broker_has_is_looked_at_and_not_mended() {
    let folder = folder();
    let broker = Broker::in_folder(folder.path());
    let (code, out, err) = log(&["verify"], folder.path());
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(err.contains("another process is using this folder"), "{err}");
    for path in [folder.path().to_path_buf(), folder.path().join("orders-0"), segment(folder.path())] {
        let (code, _, err) = log(&["repair", "--yes"], &path);
        assert_eq!(code, Some(1));
        assert!(err.contains("another process is using this folder"), "{err}");
    }
    assert_eq!(broker.stop(), Some(0));
}

#[test]
fn what_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    for words in [&["dump"][..], &["verify"], &["repair"]] {
        let (code, _, err) = log(words, &nowhere);
        assert_eq!(code, Some(1));
        assert!(err.contains("No such file"), "{err}");
    }
    well(&["verify"], folder.path());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Moves the logs of one data folder into another, as if somebody had saved them.
fn moved(from: &Path, to: &Path) {
    for partition in ["orders-0", "orders-1"] {
        fs::rename(from.join(partition), to.join(partition)).unwrap();
    }
}

#[test]
fn a_log_of_no_topic_is_left_alone_until_it_is_adopted() {
    let (theirs, ours) = (folder(), tempfile::tempdir().unwrap());
    moved(theirs.path(), ours.path());
    let log_of = |partition: &str| ours.path().join(partition);
    // What a start would cut from a log of its own.
    let torn = [fs::read(segment(ours.path())).unwrap(), b"torn".to_vec()].concat();
    fs::write(segment(ours.path()), &torn).unwrap();
    let files = |partition: &str| {
        let names = fs::read_dir(log_of(partition)).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = names.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        files.sort();
        files
    };
    let before = [files("orders-0"), files("orders-1")];
    let broker = Broker::in_folder(ours.path());
    broker.well(&["topic", "create", "other"], "");
    assert_eq!(broker.well(&["topic", "list"], "").lines().count(), 1);
    let taken = broker.run(&["topic", "create", "orders"], "");
    assert!(said(&taken).contains("orders-0, which is there and belongs to no topic"), "{}", said(&taken));
    let (code, _, err) = log(&["adopt"], ours.path());
    assert!(code == Some(1) && err.contains("in use by another process"), "{err}");
    assert_eq!(broker.stop(), Some(0));
    assert_eq!([files("orders-0"), files("orders-1")], before);

    let (code, _, err) = log(&["adopt"], ours.path());
    assert!(code == Some(1) && err.contains("orders-0/00000000000000000000.log: the log ends in"), "{err}");
    well(&["repair", "--yes"], &log_of("orders-0"));
    let told = well(&["adopt"], ours.path());
    assert!(
        told.starts_with("adopted topic orders, id ") && told.contains(", 2 partitions, retention.ms=-1\n"),
        "{told}"
    );
    assert!(told.contains("  orders-1: 300 records, offsets 0 to 300\n"), "{told}");
    assert_eq!(well(&["adopt"], ours.path()), "every log belongs to a topic\n");

    let broker = Broker::in_folder(ours.path());
    let read = broker.well(&["consume", "orders", "--exit", "--format", "%p %o %v"], "");
    assert_eq!(read.lines().count(), 600);
    assert!(read.contains("1 299 a value of zstd, number 59"));
    // A new producer is not taken for one that wrote these logs.
    broker.well(&["produce", "orders", "-p", "0"], "new\n");
    assert_eq!(broker.stop(), Some(0));
    well(&["verify"], ours.path());
}

#[test]
fn what_conflicts_is_refused_by_name_and_nothing_is_adopted() {
    let (theirs, ours) = (folder(), folder());
    let refused = |words: &[&str], path: &Path, why: &str| {
        let (code, out, err) = log(&[&["adopt"], words].concat(), path);
        assert!(code == Some(1) && out.is_empty() && err.contains(why), "{why}: {out}{err}");
    };
    refused(&[], &ours.path().join("orders-0"), "its logs belong to it already");
    fs::remove_dir_all(ours.path().join("orders-1")).unwrap();
    fs::rename(theirs.path().join("orders-1"), ours.path().join("orders-1")).unwrap();
    refused(&[], ours.path(), "topic orders is not adopted: its folders tell two ids, ");
    fs::remove_dir_all(ours.path().join("orders-0")).unwrap();
    refused(&[], ours.path(), "topic orders is not adopted: a topic of that name has id ");

    let new = tempfile::tempdir().unwrap();
    fs::create_dir(new.path().join("__cluster_metadata-0")).unwrap();
    fs::write(new.path().join("__cluster_metadata-0/partition.metadata"), "").unwrap();
    refused(&[], &new.path().join("__cluster_metadata-0"), "it is an internal topic that is not served");
    fs::rename(ours.path().join("orders-1"), new.path().join("orders-1")).unwrap();
    refused(&[], new.path(), "partition 0 has no folder, where partition 1 has one");
    refused(&["--partitions", "1"], new.path(), "1 partitions are fewer than it has");
    refused(&["--config", "no.such.key=1"], new.path(), "no.such.key");
    let told = well(&["adopt", "--partitions", "3", "--config", "cleanup.policy=compact", "-J"], new.path());
    let told = &lines(&told)[0];
    assert_eq!((&told["partitions"], &told["config"]["cleanup.policy"]), (&3.into(), &"compact".into()));
    assert!(told["config"]["retention.ms"].is_null(), "{told}");
}
