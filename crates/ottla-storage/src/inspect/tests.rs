//! Folders with one thing wrong each: what is told of it, and what is there once it was mended.

use std::path::Path;
use std::sync::Arc;

use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Uuid;

use super::*;
use crate::disk::wait::block_on;
use crate::disk::{MemDisk, OpenMode};
use crate::{AppendOptions, LogConfig, LogName, Storage, StorageConfig, blocking};

const LOG: &str = "orders-0/00000000000000000000.log";
const INDEX: &str = "orders-0/00000000000000000000.index";

/// A folder with one log of 40 batches of five records in several segments, closed.
fn folder() -> (Arc<MemDisk>, Arc<dyn Disk>) {
    let mem = Arc::new(MemDisk::new(1));
    let disk: Arc<dyn Disk> = Arc::<MemDisk>::clone(&mem);
    let storage = open(&disk);
    let config = LogConfig::default().with_segment_bytes(6_000).with_index_interval_bytes(300);
    let log = storage.create_log(LogName::new("orders", 0), Uuid([7; 16]), config).unwrap();
    for number in 0..40_i64 {
        let mut batch = BatchBuilder::new(BatchOptions::default().with_producer(
            9,
            0,
            i32::try_from(number * 5).unwrap(),
        ));
        for record in 0..5 {
            batch.try_append(1_000 + number, Some(b"key"), Some(&[record; 60]), &[]).unwrap();
        }
        blocking::append(&log, batch.build().unwrap(), AppendOptions::new(1_000)).unwrap();
    }
    block_on(storage.close()).unwrap();
    (mem, disk)
}

fn open(disk: &Arc<dyn Disk>) -> Storage {
    block_on(Storage::open(Arc::clone(disk), blocking::env(), StorageConfig::default())).unwrap()
}

fn bytes(disk: &Arc<dyn Disk>, path: &str) -> Vec<u8> {
    let file = disk.open(Path::new(path), OpenMode::Read).unwrap();
    file.read_blocking(0, usize::try_from(file.len().unwrap()).unwrap()).unwrap().to_vec()
}

fn write(disk: &Arc<dyn Disk>, path: &str, bytes: &[u8]) {
    crate::files::replace_blocking(disk.as_ref(), Path::new(path), bytes).unwrap();
}

fn change(disk: &Arc<dyn Disk>, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut content = bytes(disk, path);
    change(&mut content);
    write(disk, path, &content);
}

fn found(disk: &Arc<dyn Disk>) -> Vec<Finding> {
    examine(disk, &Place::Data).unwrap().findings
}

/// Mends all that can be mended, and answers what is left.
fn mended(disk: &Arc<dyn Disk>) -> Report {
    for finding in found(disk) {
        if let Some(what) = finding.mend {
            mend(disk, &what).unwrap();
        }
    }
    examine(disk, &Place::Data).unwrap()
}

/// The one file of batches that is last.
fn last_segment(disk: &Arc<dyn Disk>) -> String {
    let files = Place::Log("orders-0".into()).files(disk.as_ref()).unwrap();
    let logs = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "log"));
    logs.max().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_folder_that_was_closed_is_sound_and_all_of_it_is_read() {
    let (_, disk) = folder();
    let report = examine(&disk, &Place::Data).unwrap();
    assert_eq!(report.findings, []);
    let counts = report.counts;
    assert_eq!((counts.logs, counts.batches, counts.records), (1, 40, 200));
    assert!(counts.segments > 2, "{counts:?}");
    assert_eq!(examine(&disk, &Place::Log("orders-0".into())).unwrap().counts, counts);
    assert_eq!(examine(&disk, &Place::Segment(LOG.into())).unwrap().counts.segments, 1);
}

#[test]
fn looking_changes_nothing() {
    let (_, disk) = folder();
    change(&disk, LOG, |bytes| bytes[200] ^= 1);
    write(&disk, INDEX, b"12345");
    let files = Place::Data.files(disk.as_ref()).unwrap();
    let content = || files.iter().map(|path| bytes(&disk, path.to_str().unwrap())).collect::<Vec<_>>();
    let before = content();
    assert!(!examine(&disk, &Place::Data).unwrap().is_sound());
    assert_eq!(content(), before);
    assert_eq!(Place::Data.files(disk.as_ref()).unwrap(), files);
}

#[test]
fn a_torn_end_is_cut_once_it_was_copied_and_the_log_goes_on_there() {
    let (_, disk) = folder();
    let last = last_segment(&disk);
    let whole = bytes(&disk, &last);
    write(&disk, &last, &[&whole[..], &whole[..100]].concat());
    let findings = found(&disk);
    let [
        Finding {
            problem: Problem::TornEnd { offset: 200, batches_behind: 0, .. }, mend: Some(what), ..
        },
    ] = &findings[..]
    else {
        panic!("{findings:?}")
    };
    assert!(what.discards());
    assert!(mended(&disk).is_sound());
    assert_eq!(bytes(&disk, &last), whole);
    assert_eq!(bytes(&disk, "orders-0/00000000000000000200.cut"), whole[..100]);
    let storage = open(&disk);
    assert_eq!(storage.log(&LogName::new("orders", 0)).unwrap().offsets().log_end.0, 200);
}

#[test]
fn whole_batches_behind_a_torn_place_are_counted_before_they_are_cut() {
    let (_, disk) = folder();
    let last = last_segment(&disk);
    // Nothing vouches for this log, as for one that was copied from somewhere.
    for name in ["recovery-point-offset-checkpoint", "synced-offsets"] {
        disk.remove_file(Path::new(name)).unwrap();
    }
    change(&disk, &last, |bytes| bytes[70] ^= 1);
    let findings = found(&disk);
    let torn = findings.iter().find_map(|finding| match &finding.mend {
        Some(Mend::Cut { bytes, batches, records, .. }) => Some((bytes.start, *batches, *records)),
        _ => None,
    });
    let (at, batches, records) = torn.unwrap();
    assert_eq!((at, records), (0, batches * 5));
    assert!(batches > 0);
    assert!(mended(&disk).is_sound());
}

#[test]
fn a_damaged_batch_that_was_synced_stays_where_it_is() {
    let (_, disk) = folder();
    let last = last_segment(&disk);
    for path in [LOG, &last] {
        change(&disk, path, |bytes| bytes[70] ^= 1);
    }
    let report = mended(&disk);
    let damaged =
        |finding: &&Finding| matches!(finding.problem, Problem::Damaged { flaw: Flaw::Checksum { .. }, .. });
    assert_eq!(report.findings.iter().filter(damaged).count(), 2, "{:?}", report.findings);
    assert_eq!(report.findings.len(), 2);
    assert_eq!(report.counts.batches, 38);
}

#[test]
fn an_index_that_is_missing_cut_or_of_another_log_is_made_anew() {
    let (_, disk) = folder();
    let times = INDEX.replace("index", "timeindex");
    let (index, time_index) = (bytes(&disk, INDEX), bytes(&disk, &times));
    for (path, wrong) in [
        (INDEX, index[..index.len() - 3].to_vec()),
        (INDEX, [0, 0, 0, 9, 0, 0, 0, 77].to_vec()),
        (INDEX, [0, 0, 0, 9, 0x7f, 0, 0, 77].to_vec()),
        (&times, [[0; 7].to_vec(), [9, 0, 0, 0, 4].to_vec()].concat()),
        (&times, time_index[..5].to_vec()),
    ] {
        write(&disk, path, &wrong);
        let problems: Vec<_> = found(&disk).into_iter().map(|finding| finding.problem).collect();
        assert!(matches!(&problems[..], [Problem::IndexWrong(_)]), "{path} {wrong:?}: {problems:?}");
        assert_eq!(mended(&disk).findings, []);
    }
    disk.remove_file(Path::new(INDEX)).unwrap();
    assert_eq!(found(&disk)[0].problem, Problem::IndexMissing);
    assert_eq!(mended(&disk).findings, []);
}

#[test]
fn small_files_that_say_nothing_are_told_and_the_next_start_does_without_them() {
    let (_, disk) = folder();
    let files = Place::Data.files(disk.as_ref()).unwrap();
    let snapshot = files.iter().rfind(|path| path.extension().is_some_and(|end| end == "snapshot")).unwrap();
    for path in
        ["recovery-point-offset-checkpoint", "orders-0/leader-epoch-checkpoint", snapshot.to_str().unwrap()]
    {
        for wrong in [&b""[..], b"\0\0\0\0", b"0\n1\n"] {
            let (_, disk) = folder();
            write(&disk, path, wrong);
            let report = examine(&disk, &Place::Data).unwrap();
            assert!(!report.is_sound(), "{path} {wrong:?}");
            assert!(report.findings.iter().all(|finding| finding.path == Path::new(path)));
            assert!(mended(&disk).is_sound(), "{path} {wrong:?}");
            let log = open(&disk).log(&LogName::new("orders", 0)).unwrap();
            assert_eq!((log.offsets().log_start.0, log.offsets().log_end.0), (0, 200), "{path} {wrong:?}");
        }
    }
}

#[test]
fn records_that_were_promised_and_are_gone_are_missed() {
    let (_, disk) = folder();
    disk.remove_file(Path::new(&last_segment(&disk))).unwrap();
    let lost = found(&disk)
        .into_iter()
        .filter(|finding| matches!(finding.problem, Problem::PastEnd { lost: true, .. }));
    let files: Vec<_> = lost.map(|finding| finding.path).collect();
    assert_eq!(files, [Path::new("recovery-point-offset-checkpoint"), Path::new("synced-offsets")]);
}

#[test]
fn leftovers_and_files_of_others_are_only_noted() {
    let (_, disk) = folder();
    let notes = [
        ("strange", Problem::Foreign),
        ("orders-0/00000000000000000000.log.deleted", Problem::Leftover),
        ("orders-0/00000000000000000000.log.cleaned", Problem::Leftover),
        ("orders-0/00000000000000009999.index", Problem::Orphan),
        ("orders-0/mine.txt", Problem::Foreign),
    ];
    for (path, _) in &notes {
        write(&disk, path, b"x");
    }
    let report = examine(&disk, &Place::Data).unwrap();
    assert!(report.is_sound());
    let told = |path: &str| report.findings.iter().find(|finding| finding.path == Path::new(path));
    for (path, problem) in &notes {
        assert_eq!(told(path).map(|finding| &finding.problem), Some(problem), "{path}");
    }
    assert_eq!(report.findings.len(), notes.len());
}

#[test]
fn a_folder_that_is_in_use_cannot_be_held() {
    let (_, disk) = folder();
    let storage = open(&disk);
    assert_eq!(hold(disk.as_ref()).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    block_on(storage.close()).unwrap();
    assert!(hold(disk.as_ref()).unwrap().is_some());
    assert!(hold(&MemDisk::new(1)).unwrap().is_none());
}

#[test]
fn every_file_tells_what_it_holds() {
    let (_, disk) = folder();
    let mut kinds = std::collections::BTreeMap::<String, usize>::new();
    for path in Place::Data.files(disk.as_ref()).unwrap() {
        let told: Result<(), io::Error> = entries(&disk, &path, &mut |entry| {
            let told = format!("{entry:?}");
            let word = told.split([' ', '(']).next().unwrap().to_owned();
            *kinds.entry(word).or_default() += 1;
            Ok(())
        });
        told.unwrap();
    }
    assert_eq!(kinds.get("Batch"), Some(&40));
    for kind in ["Offset", "Time", "Producer", "Log", "Epoch", "Property"] {
        assert!(kinds.contains_key(kind), "{kind}: {kinds:?}");
    }
    assert!(!kinds.contains_key("Unreadable") && !kinds.contains_key("Damaged"), "{kinds:?}");
}
