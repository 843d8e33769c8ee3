//! A server that stops and starts again goes on where it was.

use std::sync::Arc;

use ottla::Server;
use ottla::client::NewTopic;
use ottla::consumer::Start;
use ottla::protocol::records::Compression;
use ottla::storage::disk::MemDisk;

use crate::support::{client, consumer, producer, read};

#[tokio::test(start_paused = true)]
async fn a_restart_keeps_topics_and_records() {
    let disk = MemDisk::new(7);
    let on = |disk: &MemDisk| Server::builder().disk(Arc::new(disk.clone()));
    let first = on(&disk).start().await.unwrap();
    client(&first).await.admin().create_topic(NewTopic::new("kept").with_partitions(2)).await.unwrap();
    let sending = producer(&first, Compression::None).await;
    let before = sending.send("kept", "key", "before").await.unwrap();
    sending.close().await;
    first.shutdown().await.unwrap();

    let second = on(&disk).start().await.unwrap();
    let sending = producer(&second, Compression::None).await;
    let after = sending.send("kept", "key", "after").await.unwrap();
    assert_eq!(after.topic_partition(), before.topic_partition());
    assert_eq!(after.offset.unwrap().0, before.offset.unwrap().0 + 1);
    let consumer = consumer(&second).await;
    consumer.assign([before.topic_partition()], Start::Earliest);
    let values: Vec<_> = read(&consumer, 2).await.into_iter().map(|record| record.value.unwrap()).collect();
    assert_eq!(values, [&b"before"[..], b"after"]);
    second.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_folder_keeps_what_a_server_left_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let started = || Server::builder().data(folder.path()).start();
    let first = started().await.unwrap();
    let sending = producer(&first, Compression::None).await;
    sending.send("kept", "key", "value").await.unwrap();
    sending.close().await;
    let second = started().await.unwrap_err().to_string();
    assert!(second.contains("lock"), "a folder has one server: {second}");
    first.shutdown().await.unwrap();

    let second = started().await.unwrap();
    let consumer = consumer(&second).await;
    consumer.assign(consumer.partitions_of("kept").await.unwrap(), Start::Earliest);
    assert_eq!(read(&consumer, 1).await[0].value.as_deref(), Some(&b"value"[..]));
    second.shutdown().await.unwrap();
}
