//! Faults that a test switches on by hand.

use std::time::Duration;

use bytes::Bytes;
use ottla::producer::{Config, Producer};
use ottla::protocol::api::ApiKey;
use ottla::storage::disk::MemDisk;
use ottla::transport::Way;
use ottla::{Error, Server};
use tokio::time::{Instant, sleep, timeout};

const LONG: Duration = Duration::from_secs(20);

async fn server() -> (Server, Producer) {
    let server = Server::builder().mem_disk(MemDisk::new(1)).start().await.unwrap();
    let mut config = Config::new(server.bootstrap()).with_delivery_timeout(Duration::from_secs(60));
    config.client = config.client.with_connector(server.connector());
    config.client = config.client.with_request_timeout(Duration::from_secs(5));
    let producer = Producer::new(config.with_linger(Duration::ZERO)).await.unwrap();
    send(&producer, "first").await.unwrap();
    (server, producer)
}

async fn send(producer: &Producer, value: &'static str) -> Result<i64, ottla::producer::Error> {
    let written = producer.send("orders", Bytes::new(), value).await?;
    Ok(written.offset.unwrap().0)
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_has_taken_effect_and_a_lost_request_has_not() {
    let (server, producer) = server().await;
    let faults = server.faults();
    faults.lose_answers(ApiKey::Produce, 2);
    faults.lose_requests(ApiKey::Produce, 1);
    faults.lose_requests(ApiKey::JoinGroup, 1);
    assert_eq!(send(&producer, "second").await.unwrap(), 1, "sent again, and there once");
    assert_eq!(send(&producer, "third").await.unwrap(), 2);
    assert_eq!(faults.to_be_lost(), 1, "nobody joins a group");
}

#[tokio::test(start_paused = true)]
async fn a_cut_and_a_partition_delay_what_is_sent_and_lose_nothing() {
    let (server, producer) = server().await;
    server.faults().cut_connections();
    assert_eq!(send(&producer, "second").await.unwrap(), 1);
    for way in [Way::ToListener, Way::FromListener, Way::Both] {
        let before = send(&producer, "before").await.unwrap();
        server.faults().partition(way);
        let sending = tokio::spawn({
            let producer = producer.clone();
            async move { send(&producer, "meanwhile").await.unwrap() }
        });
        sleep(LONG).await;
        assert!(!sending.is_finished(), "{way:?}");
        server.faults().end_partition();
        assert_eq!(sending.await.unwrap(), before + 1, "{way:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_takes_no_more_and_a_stalled_one_takes_its_time() {
    let (server, producer) = server().await;
    let disk = server.faults().disk().unwrap();
    disk.stall();
    let began = Instant::now();
    let sending = tokio::spawn({
        let producer = producer.clone();
        async move { send(&producer, "second").await.unwrap() }
    });
    sleep(Duration::from_secs(2)).await;
    disk.resume();
    assert_eq!(sending.await.unwrap(), 1);
    assert!(began.elapsed() >= Duration::from_secs(2));

    disk.fill(0);
    let large: &'static str = "0123456789".repeat(2_000).leak();
    assert!(timeout(LONG, send(&producer, large)).await.is_err(), "there is no room");
    disk.make_room();
    timeout(LONG, send(&producer, "again")).await.unwrap().unwrap();
    disk.fail_syncs("orders-0/", 1);
    assert!(matches!(timeout(LONG, send(&producer, "lost")).await, Err(_) | Ok(Err(_))));
}

#[tokio::test]
async fn a_disk_of_the_system_has_no_faults() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::builder().data(folder.path()).start().await.unwrap();
    assert!(matches!(server.faults().disk(), Err(Error::NoFaults)));
    assert!(Server::builder().in_memory().start().await.unwrap().faults().disk().is_ok());
    server.shutdown().await.unwrap();
}
