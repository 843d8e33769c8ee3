//! Transactions that others end: those of producers that are fenced, that no coordinator knows, whose id was forgotten.

use std::sync::Arc;
use std::time::Duration;

use ottla::Server;
use ottla::broker::BrokerConfig;
use ottla::client::{
    self, Client, CommittedOffset, GroupMetadata, HangingTransaction, NewTopic, Offset, TopicPartition,
};
use ottla::consumer::{self, Consumer, IsolationLevel, Start};
use ottla::env::{Env, FixedSeeds, ManualClock, SystemClock, WallClock};
use ottla::producer::{self, Producer};
use ottla::protocol::ErrorCode;
use ottla::protocol::records::{BatchBuilder, BatchOptions};
use ottla::storage::disk::MemDisk;
use ottla::storage::{AppendOptions, LogName, Storage, StorageConfig, blocking};
use ottla::transport::TokioSpawn;

use crate::support::{client, config, read, server};

const TOPIC: &str = "orders";

fn place() -> TopicPartition {
    TopicPartition::new(TOPIC, 0)
}

async fn transactional(server: &Server, id: &str) -> Producer {
    let config = producer::Config::with_client(config(server)).with_transactional_id(id);
    Producer::new(config).await.unwrap()
}

async fn with_topic(server: &Server) -> Client {
    let client = client(server).await;
    client.admin().create_topic(NewTopic::new(TOPIC).with_partitions(1)).await.unwrap();
    client
}

/// A reader of committed records, from the beginning.
async fn reader(server: &Server) -> Consumer {
    let config = consumer::Config::with_client(config(server));
    let consumer = Consumer::new(config.with_isolation_level(IsolationLevel::ReadCommitted)).await.unwrap();
    consumer.assign([place()], Start::Earliest);
    consumer
}

async fn values(consumer: &Consumer, count: usize) -> Vec<String> {
    let text = |value: bytes::Bytes| String::from_utf8(value.to_vec()).unwrap();
    read(consumer, count).await.into_iter().map(|record| text(record.value.unwrap())).collect()
}

async fn nothing_comes(consumer: &Consumer) {
    let next = tokio::time::timeout(Duration::from_secs(30), consumer.next_batch()).await;
    assert!(next.is_err(), "it came: {next:?}");
}

fn code<T: std::fmt::Debug>(outcome: Result<T, client::Error>) -> Option<ErrorCode> {
    outcome.unwrap_err().code()
}

#[tokio::test(start_paused = true)]
async fn a_producer_that_was_fenced_commits_nothing_and_who_comes_next_does() {
    let server = server().await;
    let client = with_topic(&server).await;
    let admin = client.admin();
    let zombie = transactional(&server, "billing").await;
    let transaction = zombie.begin_transaction().await.unwrap();
    transaction.send(TOPIC, "key", "of the zombie").await.unwrap();
    let before = admin.describe_transactions(["billing"]).await["billing"].clone().unwrap();
    assert_eq!((before.state.as_str(), before.partitions), ("Ongoing", vec![place()]));

    let fenced = admin.fence_producers(["billing", "nobody"]).await;
    let (id, epoch) = *fenced["billing"].as_ref().unwrap();
    assert_eq!(id, before.producer_id);
    assert!(epoch > before.producer_epoch, "{epoch} after {}", before.producer_epoch);
    assert!(fenced["nobody"].is_ok(), "who is not there yet is fenced too: {fenced:?}");
    let listed = admin.list_transactions().await.unwrap();
    let states: Vec<_> =
        listed.transactions.iter().map(|one| (one.id.as_str(), one.state.as_str())).collect();
    assert_eq!(states, [("billing", "Empty"), ("nobody", "Empty")]);

    let error = transaction.commit().await.unwrap_err();
    assert!(matches!(error, producer::Error::Fenced), "{error}");
    let next = transactional(&server, "billing").await;
    let transaction = next.begin_transaction().await.unwrap();
    transaction.send(TOPIC, "key", "of the next").await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(values(&reader(&server).await, 1).await, ["of the next"]);
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_no_coordinator_knows_is_found_and_ended() {
    let disk = MemDisk::new(11);
    let on = |disk: &MemDisk| Server::builder().disk(Arc::new(disk.clone()));
    let first = on(&disk).start().await.unwrap();
    with_topic(&first).await;
    let sending = Producer::new(producer::Config::with_client(config(&first))).await.unwrap();
    sending.send(TOPIC, "key", "before it").await.unwrap();
    sending.close().await;
    first.shutdown().await.unwrap();
    let storage =
        Storage::open(Arc::new(disk.clone()), blocking::env(), StorageConfig::default()).await.unwrap();
    let log = storage.log(&LogName::new(TOPIC, 0)).unwrap();
    let mut hanging = BatchBuilder::new(BatchOptions::default().with_producer(72, 3, 0).with_transactional());
    hanging.try_append(1, None, Some(b"hanging"), &[]).unwrap();
    log.append(hanging.build().unwrap(), AppendOptions::new(1)).unwrap();
    storage.close().await.unwrap();

    let second = on(&disk).start().await.unwrap();
    let client = client(&second).await;
    let admin = client.admin();
    let sending = Producer::new(producer::Config::with_client(config(&second))).await.unwrap();
    sending.send(TOPIC, "key", "behind it").await.unwrap();
    let reader = reader(&second).await;
    assert_eq!(values(&reader, 1).await, ["before it"]);
    nothing_comes(&reader).await;

    let told = admin.describe_producers([place(), TopicPartition::new(TOPIC, 7)]).await;
    assert!(told[&TopicPartition::new(TOPIC, 7)].is_err(), "{told:?}");
    let open: Vec<_> =
        told[&place()].as_ref().unwrap().iter().filter(|one| one.transaction_start.is_some()).collect();
    let [open] = open[..] else { panic!("{told:?}") };
    assert_eq!((open.producer_id, open.producer_epoch, open.transaction_start), (72, 3, Some(Offset(1))));
    assert_eq!(admin.list_transactions().await.unwrap().transactions, []);

    let mut of_before = HangingTransaction::new(place(), open);
    of_before.producer_epoch -= 1;
    assert_eq!(code(admin.abort_transaction(&of_before).await), Some(ErrorCode::INVALID_PRODUCER_EPOCH));
    nothing_comes(&reader).await;
    admin.abort_transaction(&HangingTransaction::new(place(), open)).await.unwrap();
    assert_eq!(values(&reader, 1).await, ["behind it"]);
    // What ends nothing stands: whoever lost the answer may ask again.
    admin.abort_transaction(&HangingTransaction::new(place(), open)).await.unwrap();
    let told = admin.describe_producers([place()]).await;
    assert!(told[&place()].as_ref().unwrap().iter().all(|one| one.transaction_start.is_none()), "{told:?}");
    second.shutdown().await.unwrap();
}

/// A server that forgets transactional ids soon, and a producer whose id it has forgotten.
async fn forgotten() -> (Server, Client, Producer) {
    let settings = [
        ("transactional.id.expiration.ms", "60000"),
        ("transaction.remove.expired.transaction.cleanup.interval.ms", "1000"),
    ];
    let settings = BrokerConfig::from_pairs(settings).unwrap();
    let clock = ManualClock::new(SystemClock.now_ms());
    let env = Env::new(Arc::new(clock.clone()), Arc::new(FixedSeeds::new(5)), Arc::new(TokioSpawn::new()));
    let server = Server::builder().config(settings).env(env).in_memory().start().await.unwrap();
    let client = with_topic(&server).await;
    let producer = transactional(&server, "billing").await;
    let transaction = producer.begin_transaction().await.unwrap();
    transaction.send(TOPIC, "key", "first").await.unwrap();
    transaction.commit().await.unwrap();
    clock.advance(90_000);
    let gone = async {
        while client.admin().describe_transactions(["billing"]).await["billing"].is_ok() {
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(600), gone).await.unwrap();
    let told = client.admin().describe_transactions(["billing"]).await.remove("billing").unwrap();
    assert_eq!(code(told), Some(ErrorCode::TRANSACTIONAL_ID_NOT_FOUND));
    (server, client, producer)
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_producer_that_writes_can_do_no_more_and_another_takes_its_place() {
    let (server, _client, producer) = forgotten().await;
    let transaction = producer.begin_transaction().await.unwrap();
    // As Kafka's producer: the leader answers so, and it is for good.
    let error = transaction.send(TOPIC, "key", "forgotten").await.unwrap_err();
    let is_of_leader = matches!(
        error,
        producer::Error::Rejected {
            code: ErrorCode::INVALID_PRODUCER_ID_MAPPING,
            possibly_written: false,
            ..
        }
    );
    assert!(is_of_leader, "{error}");
    assert!(transaction.commit().await.unwrap_err().is_fatal());
    drop(transaction);
    assert!(producer.begin_transaction().await.unwrap_err().is_fatal());
    let next = transactional(&server, "billing").await;
    let transaction = next.begin_transaction().await.unwrap();
    transaction.send(TOPIC, "key", "second").await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(values(&reader(&server).await, 2).await, ["first", "second"]);
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_producer_that_stores_offsets_is_known_again_after_an_abort() {
    let (server, client, producer) = forgotten().await;
    let offsets = [(place(), CommittedOffset::new(Offset(1)))];
    let group = GroupMetadata::new("readers");
    let transaction = producer.begin_transaction().await.unwrap();
    let error = transaction.send_offsets(offsets.clone(), &group).await.unwrap_err();
    assert!(error.is_abortable(), "{error}");
    transaction.abort().await.unwrap();
    assert!(client.admin().group_offsets("readers").await.unwrap().is_empty());
    let transaction = producer.begin_transaction().await.unwrap();
    transaction.send(TOPIC, "key", "second").await.unwrap();
    transaction.send_offsets(offsets, &group).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(client.admin().group_offsets("readers").await.unwrap()[&place()].offset, Offset(1));
    assert_eq!(values(&reader(&server).await, 2).await, ["first", "second"]);
    server.shutdown().await.unwrap();
}
