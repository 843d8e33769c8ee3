//! Files that are not as they had been left: the broker starts, and serves what is not damaged itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ottla_protocol::ErrorCode;
use ottla_protocol::records::Batch;
use ottla_protocol::wire::{Records, Uuid};
use ottla_storage::FindingKind;
use tokio::time::sleep;

use crate::committed_offsets::{commit, committed, find, topic};
use crate::fetch;
use crate::harness::{Kit, batch};

const CONFIG: [(&str, &str); 1] = [("offsets.topic.num.partitions", "1")];

type Image = BTreeMap<String, Vec<u8>>;

/// Two topics with records in every partition, and a group that committed. Closed, or killed.
async fn folder(clean: bool) -> (Image, [Uuid; 2]) {
    let mut kit = Kit::with(&CONFIG).await;
    find(&mut kit).await;
    let ids =
        [kit.create("orders", 2, &[]).await, kit.create("payments", 1, &[("retention.ms", "-1")]).await];
    for n in 0..8 {
        for (name, index) in [("orders", 0), ("orders", 1), ("payments", 0)] {
            let produced = kit.produce(name, index, batch(&[&format!("{n}"), "more"])).await;
            assert_eq!(produced.error_code, ErrorCode::NONE);
        }
        let commit = commit("g", vec![topic("orders", &[(0, n)]), topic("payments", &[(0, n + 1)])]);
        kit.call(9, &commit).await;
    }
    match clean {
        true => kit.broker.close().await.unwrap(),
        false => kit.disk.kill(),
    }
    (kit.disk.image(), ids)
}

/// Offsets of all batches that can be fetched, and the offsets that are answered as corrupt.
async fn fetched(kit: &mut Kit, id: Uuid, index: i32) -> (Vec<i64>, Vec<i64>) {
    let (mut good, mut corrupt, mut at) = (Vec::new(), Vec::new(), 0);
    loop {
        let response = kit.call(13, &fetch::request(&[(id, index, at)])).await;
        let answer = fetch::only(&response).clone();
        match answer.error_code {
            ErrorCode::NONE => {}
            ErrorCode::CORRUPT_MESSAGE => {
                corrupt.push(at);
                at += 1;
                continue;
            }
            code => panic!("{code} at {at}"),
        }
        let Some(Records::Bytes(mut bytes)) = answer.records else { break };
        if bytes.is_empty() {
            break;
        }
        while let Some(batch) = Batch::split_first(&mut bytes).unwrap() {
            assert!(batch.crc_is_valid(), "a damaged batch went out");
            good.push(batch.header().base_offset);
            at = batch.header().next_offset();
        }
    }
    (good, corrupt)
}

async fn assert_serves_all(kit: &mut Kit, ids: [Uuid; 2], what: &str) {
    let all: Vec<i64> = (0..8).map(|n| n * 2).collect();
    for (id, name, index) in [(ids[0], "orders", 0), (ids[0], "orders", 1), (ids[1], "payments", 0)] {
        assert_eq!(fetched(kit, id, index).await, (all.clone(), Vec::new()), "{what}: {name} {index}");
        let produced = kit.produce(name, index, batch(&["after"])).await;
        assert_eq!(
            (produced.error_code, produced.base_offset),
            (ErrorCode::NONE, 16),
            "{what}: {name} {index}"
        );
    }
    let expected = [("orders".to_owned(), 0, 7), ("payments".to_owned(), 0, 8)];
    let mut found = committed(kit, "g").await;
    found.sort();
    assert_eq!(found, expected, "{what}");
}

async fn try_all(clean: bool) {
    let (image, ids) = folder(clean).await;
    for path in image.keys().filter(|path| !path.ends_with(".log") && *path != ".lock") {
        for harm in ["missing", "zeroed", "half", "a bit", "another bit", "of another log"] {
            let mut changed = image.clone();
            let bytes = changed.get_mut(path).unwrap();
            let len = bytes.len();
            match harm {
                "missing" => drop(changed.remove(path)),
                "zeroed" => bytes.fill(0),
                "half" => bytes.truncate(len / 2),
                "a bit" => bytes.iter_mut().skip(len / 2).take(1).for_each(|byte| *byte ^= 1),
                "another bit" => bytes.iter_mut().rev().skip(2).take(1).for_each(|byte| *byte ^= 4),
                _ => {
                    let Some((folder, file)) = path.split_once('/') else { continue };
                    let other = if folder == "payments-0" { "orders-0" } else { "payments-0" };
                    let Some(other) = image.get(&format!("{other}/{file}")) else { continue };
                    bytes.clone_from(other);
                }
            }
            let what = format!("{path} {harm}, clean: {clean}");
            let mut kit =
                Kit::try_from_image(&changed, &CONFIG).await.unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_serves_all(&mut kit, ids, &what).await;
            kit.broker.close().await.unwrap_or_else(|e| panic!("{what}: {e}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_clean_shutdown_any_small_file_may_be_damaged() {
    try_all(true).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_kill_any_small_file_may_be_damaged() {
    try_all(false).await;
}

/// The only file of batches of a folder.
fn log_of(image: &Image, folder: &str) -> String {
    let mut logs = image.keys().filter(|path| path.starts_with(folder) && path.ends_with(".log"));
    logs.next().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn rot_is_answered_for_that_batch_of_that_partition_alone() {
    let (mut image, ids) = folder(true).await;
    let path = log_of(&image, "orders-0");
    let bytes = image.get_mut(&path).unwrap();
    let third = bytes.len() / 8 * 3;
    bytes[third + 65] ^= 0x10;
    let mut kit = Kit::try_from_image(&image, &CONFIG).await.unwrap();
    let whole: Vec<i64> = (0..8).map(|n| n * 2).collect();
    let without: Vec<i64> = whole.iter().copied().filter(|offset| *offset != 6).collect();
    assert_eq!(fetched(&mut kit, ids[0], 0).await, (without.clone(), vec![6, 7]));
    assert_eq!(fetched(&mut kit, ids[0], 1).await, (whole, Vec::new()));
    // Both in one request: the error is that of one partition.
    let both = kit.call(13, &fetch::request(&[(ids[0], 0, 6), (ids[0], 1, 6)])).await;
    let codes: Vec<_> =
        both.responses[0].partitions.iter().map(|p| (p.error_code, fetch::len(p) > 0)).collect();
    assert_eq!(codes, [(ErrorCode::CORRUPT_MESSAGE, false), (ErrorCode::NONE, true)]);
    let produced = kit.produce("orders", 0, batch(&["after"])).await;
    assert_eq!((produced.error_code, produced.base_offset), (ErrorCode::NONE, 16));
    assert_eq!(kit.broker.damaged_batches(), 1);
    // And it stays so.
    kit.broker.close().await.unwrap();
    let mut kit = Kit::try_from_image(&kit.disk.image(), &CONFIG).await.unwrap();
    assert_eq!(fetched(&mut kit, ids[0], 0).await, ([&without[..], &[16]].concat(), vec![6, 7]));
}

#[tokio::test(start_paused = true)]
async fn the_scrubber_finds_rot_that_nobody_has_asked_for() {
    let (image, ids) = folder(true).await;
    let mut kit = Kit::try_from_image(&image, &CONFIG).await.unwrap();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(kit.broker.damaged_batches(), 0, "all of it is good");
    let path = log_of(&image, "payments-0");
    kit.disk.edit(Path::new(&path), |bytes| bytes[70] ^= 1).unwrap();
    sleep(Duration::from_secs(6 * 24 * 3600)).await;
    assert_eq!(kit.broker.damaged_batches(), 0, "a week is not over");
    sleep(Duration::from_secs(2 * 24 * 3600)).await;
    let findings = kit.broker.findings();
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert!(matches!(finding.kind, FindingKind::Damaged { position: 0, .. }), "{finding}");
    assert_eq!(finding.path, Path::new(&path));
    assert_eq!(fetched(&mut kit, ids[1], 0).await.1, [0, 1]);
    sleep(Duration::from_secs(30 * 24 * 3600)).await;
    assert_eq!(kit.broker.findings().len(), 1, "it is told once");
    kit.broker.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rot_in_the_metadata_is_refused_and_the_file_named() {
    let (mut image, _) = folder(true).await;
    let path = log_of(&image, "__ottla_metadata-0");
    let before = image.clone();
    for part in 1..10 {
        image.clone_from(&before);
        let bytes = image.get_mut(&path).unwrap();
        let at = bytes.len() * part / 10;
        bytes[at] ^= 2;
        let kit = Kit::try_from_image(&image, &CONFIG).await;
        let Err(error) = kit.map(|_| ()) else { panic!("topics would be lost, byte {at}") };
        let mut said = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            said = format!("{said}: {error}");
            source = error.source();
        }
        assert!(said.contains("__ottla_metadata-0"), "{said}");
    }
}
