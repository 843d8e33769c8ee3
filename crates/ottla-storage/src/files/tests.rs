//! Bytes as Kafka 4.3.1 wrote them, bytes as a loss of power leaves them, and any bytes at all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use proptest::prelude::*;

use super::*;
use crate::disk::wait::block_on;
use crate::disk::{Call, Disk, Fault, FaultError, MemDisk, OpenMode};

#[test]
fn files_of_a_stopped_kafka_are_read() {
    let meta = b"#\n#Sun Nov 22 03:26:04 UTC 2026\nnode.id=1\ndirectory.id=AuuYXWgwQrCOnywCTsBAHA\n\
        version=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qk\n";
    let expected = MetaProperties {
        cluster_id: "MkU3OEVBNTcwNTJENDM2Qk".to_owned(),
        node_id: 1,
        directory_id: Some("AuuYXWgwQrCOnywCTsBAHA".to_owned()),
    };
    assert_eq!(MetaProperties::parse(meta), Ok(expected));

    let clean = CleanShutdown { broker_epoch: 11 };
    assert_eq!(CleanShutdown::parse(b"{\"version\":0,\"brokerEpoch\":11}"), Ok(clean));
    assert_eq!(clean.format(), b"{\"version\":0,\"brokerEpoch\":11}");

    let metadata = b"version: 0\ntopic_id: 9U7lpTdjRPOBBL82aQ5dRQ";
    let parsed = PartitionMetadata::parse(metadata).unwrap();
    assert_eq!(parsed.topic_id.to_string(), "9U7lpTdjRPOBBL82aQ5dRQ");
    assert_eq!(parsed.format(), metadata);

    let recovery = b"0\n2\norders.v1_x-y 1 2\norders.v1_x-y 0 0\n";
    let topic = || "orders.v1_x-y".to_owned();
    let offsets = BTreeMap::from([((topic(), 0), 0), ((topic(), 1), 2)]);
    assert_eq!(OffsetCheckpoint::parse(recovery), Ok(OffsetCheckpoint { offsets }));
    assert_eq!(OffsetCheckpoint::parse(b"0\n0\n"), Ok(OffsetCheckpoint::default()));
    assert_eq!(OffsetCheckpoint::parse(b""), Err(Damage::Empty));

    let epochs = EpochCheckpoint { epochs: vec![(0, 0)] };
    assert_eq!(EpochCheckpoint::parse(b"0\n1\n0 0\n"), Ok(epochs.clone()));
    assert_eq!(epochs.format(), b"0\n1\n0 0\n");
}

#[test]
fn each_kind_of_damage_has_its_name() {
    let checkpoint = |bytes: &[u8]| OffsetCheckpoint::parse(bytes).unwrap_err();
    let entry = "`topic partition offset`";
    assert_eq!(checkpoint(&[0; 43]), Damage::Zeroed { len: 43 });
    assert_eq!(checkpoint(b"0\n1\norders 0 4\0\0"), Damage::NotText { at: 14 });
    assert_eq!(checkpoint(b"0\n1\n\xff 0 4\n"), Damage::NotText { at: 4 });
    assert_eq!(checkpoint(b"0\n1\norders 0 104"), Damage::Truncated { missing: "the end of the last line" });
    assert_eq!(checkpoint(b"0\n"), Damage::Truncated { missing: "the number of entries" });
    assert_eq!(checkpoint(b"0\n2\norders 0 1\n"), Damage::Truncated { missing: "an entry" });
    assert_eq!(checkpoint(b"1\n0\n"), Damage::Version { found: 1, expected: 0 });
    assert_eq!(checkpoint(b"0\n0\nx 0 0\n"), Damage::Line { line: 3, expected: "the end of the file" });
    assert_eq!(checkpoint(b"0\n1\nx 0 0 0\n"), Damage::Line { line: 3, expected: entry });
    assert_eq!(checkpoint(b"0\n1\nx 0 -1\n"), Damage::Line { line: 3, expected: entry });
    assert_eq!(checkpoint(b"0\n1\nx 0 99999999999999999999\n"), Damage::Line { line: 3, expected: entry });
    // A count that lies costs nothing.
    assert_eq!(checkpoint(b"0\n9999999999\nx 0 1\n"), Damage::Truncated { missing: "an entry" });

    let meta = |bytes: &[u8]| MetaProperties::parse(bytes).unwrap_err();
    assert_eq!(meta(b"version=1\nnode.id=1\n"), Damage::Truncated { missing: "cluster.id" });
    assert_eq!(meta(b"version=0\nbroker.id=1\n"), Damage::Version { found: 0, expected: 1 });
    assert_eq!(meta(b"#only\n"), Damage::Truncated { missing: "version" });
    let negative = meta(b"version=1\ncluster.id=x\nnode.id=-1\n");
    assert_eq!(negative, Damage::Line { line: 3, expected: "a node id of 0 or more" });

    let metadata = |bytes: &[u8]| PartitionMetadata::parse(bytes).unwrap_err();
    assert_eq!(metadata(&[0; 43]), Damage::Zeroed { len: 43 });
    assert_eq!(metadata(b"version: 0\n"), Damage::Truncated { missing: "the topic id" });
    assert_eq!(metadata(b"version: 0\ntopic_id: 9U7lpT"), Damage::Line { line: 2, expected: "a topic id" });

    let clean = |bytes: &[u8]| CleanShutdown::parse(bytes).unwrap_err();
    assert_eq!(clean(b"{\"version\":0"), Damage::Truncated { missing: "the closing brace" });
    assert_eq!(clean(b"{\"version\":1,\"brokerEpoch\":4}"), Damage::Version { found: 1, expected: 0 });
}

#[test]
fn a_file_cut_anywhere_is_never_taken_for_another_whole_one() {
    let offsets = BTreeMap::from([(("orders".to_owned(), 0), 1042), (("orders".to_owned(), 1), 77)]);
    let checkpoint = OffsetCheckpoint { offsets }.format();
    let epochs = EpochCheckpoint { epochs: vec![(0, 0), (12, 345)] }.format();
    let metadata = b"version: 0\ntopic_id: 9U7lpTdjRPOBBL82aQ5dRQ";
    let clean = CleanShutdown { broker_epoch: 11 }.format();
    for len in 0..checkpoint.len() {
        OffsetCheckpoint::parse(&checkpoint[..len]).unwrap_err();
    }
    for len in 0..epochs.len() {
        EpochCheckpoint::parse(&epochs[..len]).unwrap_err();
    }
    for len in 0..metadata.len() {
        PartitionMetadata::parse(&metadata[..len]).unwrap_err();
    }
    for len in 0..clean.len() {
        CleanShutdown::parse(&clean[..len]).unwrap_err();
    }
}

#[test]
fn properties_are_escaped_as_java_does() {
    let odd =
        MetaProperties { cluster_id: " a=b:c\\d\té\u{1f600}#".to_owned(), node_id: 7, directory_id: None };
    let bytes = odd.format();
    let text = str::from_utf8(&bytes).unwrap();
    assert!(text.contains(r"cluster.id=\ a\=b\:c\\d\t\u00E9\uD83D\uDE00\#"), "{text}");
    assert_eq!(MetaProperties::parse(&bytes), Ok(odd));
    let other =
        MetaProperties::parse(b" version : 1\r\n!c\nnode.id 5\ncluster\\.id=\\u0041b\nx=y\n").unwrap();
    assert_eq!((other.node_id, other.cluster_id.as_str()), (5, "Ab"));
    for bad in
        [&b"version=1\ncluster.id=\\u00"[..], b"cluster.id=\\ud83d", b"cluster.id=\\", b"no separator\\"]
    {
        MetaProperties::parse(bad).unwrap_err();
    }
}

#[test]
fn topics_are_named_by_kafkas_rules() {
    for name in ["a", "orders", "__consumer_offsets", "a.b_c-D9", "...", "-", "orders-0", &"x".repeat(249)] {
        assert_eq!(check_topic(name), Ok(()), "{name}");
    }
    assert_eq!(check_topic(""), Err(IllegalName::Empty));
    assert_eq!(check_topic("."), Err(IllegalName::Dots));
    assert_eq!(check_topic(".."), Err(IllegalName::Dots));
    assert_eq!(check_topic(&"x".repeat(250)), Err(IllegalName::TooLong { len: 250 }));
    for (name, c) in [("a/b", '/'), ("a b", ' '), ("a\0", '\0'), ("é", 'é'), ("a\\b", '\\')] {
        assert_eq!(check_topic(name), Err(IllegalName::Character(c)));
    }
    assert_eq!(folder_name("orders", -1), Err(IllegalName::Partition(-1)));
}

#[test]
fn only_folders_of_partitions_are_taken_for_such() {
    assert_eq!(parse_folder_name("orders-0"), Some(("orders", 0)));
    assert_eq!(parse_folder_name("a-b-2147483647"), Some(("a-b", i32::MAX)));
    assert_eq!(parse_folder_name("--0"), Some(("-", 0)));
    let others = [
        "orders",
        "orders-",
        "-0",
        "orders-00",
        "orders-+1",
        "orders-2147483648",
        "..-0x",
        ".-0",
        "..-0",
        "orders-0.7bde9c3a-delete",
        "meta.properties",
        "",
    ];
    for name in others {
        assert_eq!(parse_folder_name(name), None, "{name}");
    }
}

/// All small files at once, for what must hold for each of them.
fn parses(bytes: &[u8]) -> [bool; 5] {
    [
        OffsetCheckpoint::parse(bytes).is_ok(),
        EpochCheckpoint::parse(bytes).is_ok(),
        PartitionMetadata::parse(bytes).is_ok(),
        CleanShutdown::parse(bytes).is_ok(),
        MetaProperties::parse(bytes).is_ok(),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        parses(&bytes);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-0-9 \\n\\\\u=:{}\",a-dversionbrokerEpoch.]{0,80}") {
        parses(text.as_bytes());
    }

    #[test]
    fn offset_checkpoints_read_back(offsets in proptest::collection::btree_map(
        ("[a-zA-Z0-9._-]{1,20}", 0..i32::MAX), 0..i64::MAX, 0..20,
    )) {
        let checkpoint = OffsetCheckpoint { offsets };
        prop_assert_eq!(OffsetCheckpoint::parse(&checkpoint.format()), Ok(checkpoint));
    }

    #[test]
    fn epoch_checkpoints_read_back(epochs in proptest::collection::vec((0..i32::MAX, 0..i64::MAX), 0..20)) {
        let checkpoint = EpochCheckpoint { epochs };
        prop_assert_eq!(EpochCheckpoint::parse(&checkpoint.format()), Ok(checkpoint));
    }

    #[test]
    fn meta_properties_read_back(cluster_id in ".{1,30}", node_id in 0..i32::MAX, directory_id in proptest::option::of(".{1,30}")) {
        let meta = MetaProperties { cluster_id, node_id, directory_id };
        prop_assert_eq!(MetaProperties::parse(&meta.format()), Ok(meta));
    }

    #[test]
    fn clean_markers_read_back(broker_epoch: i64) {
        let clean = CleanShutdown { broker_epoch };
        prop_assert_eq!(CleanShutdown::parse(&clean.format()), Ok(clean));
    }

    #[test]
    fn no_name_escapes_the_root(name in "\\PC*|[./\\\\-]{0,6}|[a-z./\\-]{0,12}|(\\.\\./){0,3}[a-z]{0,3}", partition: i32) {
        let Ok(folder) = folder_name(&name, partition) else { return Ok(()) };
        let parts: Vec<Component<'_>> = Path::new(&folder).components().collect();
        prop_assert_eq!(&parts, &[Component::Normal(folder.as_ref())]);
        prop_assert_eq!(parse_folder_name(&folder), Some((name.as_str(), partition)));
    }

    #[test]
    fn a_folder_that_is_read_is_the_one_that_is_written(name in "\\PC*|[a-c.-]{0,4}-[0-9]{0,11}") {
        if let Some((topic, partition)) = parse_folder_name(&name) {
            prop_assert_eq!(folder_name(topic, partition), Ok(name.clone()));
        }
    }
}

#[test]
fn a_replaced_file_is_the_old_or_the_new_one_at_every_point_of_a_crash() {
    let path = Path::new("leader-epoch-checkpoint");
    let old = EpochCheckpoint { epochs: vec![(0, 0)] };
    let new = EpochCheckpoint { epochs: (0..200).map(|epoch| (epoch, i64::from(epoch) * 7)).collect() };
    let count = |disk: &MemDisk| {
        let before = disk.changes();
        replace_blocking(disk, path, &new.format()).unwrap();
        disk.changes() - before
    };
    let prepared = || {
        let disk = MemDisk::new(1);
        replace_blocking(&disk, path, &old.format()).unwrap();
        disk
    };
    let points = count(&prepared());
    let mut found = BTreeSet::new();
    for point in 1..=points {
        for seed in 0..20 {
            let disk = prepared();
            disk.power_off_at(point);
            replace_blocking(&disk, path, &new.format()).unwrap_err();
            disk.crash(seed);
            let disk = disk.restarted();
            let survived = load(&disk, path, EpochCheckpoint::parse).unwrap().whole().unwrap();
            assert!(survived == old || survived == new, "point {point}, seed {seed}: {survived:?}");
            found.insert(survived == new);
            // What an interrupted replacement left does not disturb the next one.
            block_on(replace(&disk, path, &old.format())).unwrap();
            assert_eq!(load(&disk, path, EpochCheckpoint::parse).unwrap(), Loaded::Whole(old.clone()));
        }
    }
    assert_eq!(found.len(), 2);
    let disk = prepared();
    count(&disk);
    disk.crash(3);
    assert_eq!(load(&disk.restarted(), path, EpochCheckpoint::parse).unwrap(), Loaded::Whole(new));
}

#[test]
fn a_replacement_that_fails_leaves_the_old_file() {
    let path = Path::new("meta.properties");
    for call in [Call::Create, Call::Write, Call::Sync, Call::Rename] {
        let disk = MemDisk::new(1);
        replace_blocking(&disk, path, b"old").unwrap();
        disk.inject(Fault::new(call, FaultError::NoSpace));
        replace_blocking(&disk, path, b"new").unwrap_err();
        assert_eq!(disk.image()["meta.properties"], b"old", "{call:?}");
        replace_blocking(&disk, path, b"new").unwrap();
        assert_eq!(disk.image()["meta.properties"], b"new");
    }
}

#[test]
fn a_replacement_waits_for_syncs_that_complete_later() {
    let disk = MemDisk::new(1);
    disk.hold(Call::Sync);
    disk.hold(Call::SyncDir);
    let path = Path::new("meta.properties");
    let mut replacing = Box::pin(replace(&disk, path, b"new"));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(replacing.as_mut().poll(&mut cx).is_pending());
    assert!(disk.metadata(path).is_err(), "it has no name before it is synced");
    assert!(disk.release_one());
    assert!(replacing.as_mut().poll(&mut cx).is_pending());
    assert!(disk.metadata(path).is_ok());
    assert!(disk.release_one());
    assert!(replacing.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn a_file_too_long_to_be_one_is_not_read() {
    let disk = MemDisk::new(1);
    let path = Path::new("meta.properties");
    disk.open(path, OpenMode::Create).unwrap().truncate(FILE_BYTES_MAX + 1).unwrap();
    let expected = Damage::TooLong { len: FILE_BYTES_MAX + 1, limit: FILE_BYTES_MAX };
    assert_eq!(load(&disk, path, MetaProperties::parse).unwrap(), Loaded::Damaged(expected));
}
