//! A consumer of committed records, from the log to its hands.

use std::sync::Arc;

use ottla::Server;
use ottla::consumer::{Consumer, IsolationLevel, Start};
use ottla::protocol::records::{BatchBuilder, BatchOptions, Compression, EndTxnMarker};
use ottla::storage::disk::MemDisk;
use ottla::storage::{AppendOptions, Log, LogName, Origin, Storage, StorageConfig, blocking};

use crate::support::{config, producer, read};

fn append(log: &Log, producer: i64, sequence: i32, value: &str) {
    let options = BatchOptions::default().with_producer(producer, 0, sequence).with_transactional();
    let mut builder = BatchBuilder::new(options);
    builder.try_append(1, None, Some(value.as_bytes()), &[]).unwrap();
    log.append(builder.build().unwrap(), AppendOptions::new(1)).unwrap();
}

fn end(log: &Log, producer: i64, committed: bool) {
    let marker = EndTxnMarker { committed, coordinator_epoch: 1 }.to_batch(1, producer, 0).unwrap();
    log.append(marker, AppendOptions::new(1).with_origin(Origin::Coordinator)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_consumer_of_committed_records_gets_those_alone() {
    let disk = MemDisk::new(7);
    let on = |disk: &MemDisk| Server::builder().disk(Arc::new(disk.clone()));
    let first = on(&disk).start().await.unwrap();
    let sending = producer(&first, Compression::None).await;
    let place = sending.send("orders", "key", "plain").await.unwrap().topic_partition();
    sending.close().await;
    first.shutdown().await.unwrap();

    // Transactions are not produced through the server yet.
    let storage =
        Storage::open(Arc::new(disk.clone()), blocking::env(), StorageConfig::default()).await.unwrap();
    let log = storage.log(&LogName::new("orders", place.partition)).unwrap();
    append(&log, 70, 0, "aborted 1");
    append(&log, 71, 0, "committed 1");
    append(&log, 70, 1, "aborted 2");
    end(&log, 70, false);
    append(&log, 70, 2, "committed 2");
    end(&log, 70, true);
    append(&log, 71, 1, "committed 3");
    end(&log, 71, true);
    append(&log, 72, 0, "open");
    append(&log, 73, 0, "committed behind it");
    end(&log, 73, true);
    storage.close().await.unwrap();

    let second = on(&disk).start().await.unwrap();
    let consume = async |isolation, count| {
        let config = ottla::consumer::Config::with_client(config(&second)).with_isolation_level(isolation);
        let consumer = Consumer::new(config).await.unwrap();
        consumer.assign([place.clone()], Start::Earliest);
        let records = read(&consumer, count).await;
        let values =
            records.into_iter().map(|record| String::from_utf8(record.value.unwrap().to_vec()).unwrap());
        let values: Vec<String> = values.collect();
        let more = tokio::time::timeout(std::time::Duration::from_secs(30), consumer.next_batch()).await;
        assert!(more.is_err(), "more came: {more:?}");
        values
    };
    assert_eq!(
        consume(IsolationLevel::ReadCommitted, 4).await,
        ["plain", "committed 1", "committed 2", "committed 3"]
    );
    assert_eq!(consume(IsolationLevel::ReadUncommitted, 8).await.len(), 8);
    second.shutdown().await.unwrap();
}
