//! What is produced is what is consumed: keys, values, headers, codecs, order, and waiting for more.

use ottla::client::{Client, Lane, NewTopic, NodeId, TopicPartition};
use ottla::consumer::Start;
use ottla::producer::Record;
use ottla::protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use ottla::protocol::records::{Batch, Compression};

use crate::support::{client, consumer, producer, read, server};

#[tokio::test(start_paused = true)]
async fn what_is_produced_is_consumed() {
    let server = server().await;
    let topic = NewTopic::new("orders").with_partitions(3);
    client(&server).await.admin().create_topic(topic).await.unwrap();
    let producer = producer(&server, Compression::None).await;
    let headers = [("trace", Some(&b"a1"[..])), ("empty", None)];
    let (mut wanted, mut deliveries) = (Vec::new(), Vec::new());
    for number in 0..300 {
        let (key, value) = (format!("key-{}", number % 7), format!("value {number}"));
        let record = Record::new("orders").with_key(&key).with_value(&value).with_headers(&headers);
        deliveries.push(producer.enqueue(record).await.unwrap());
        wanted.push((key, value));
    }
    producer.flush().await;
    for delivery in deliveries {
        delivery.await.unwrap();
    }

    let consumer = consumer(&server).await;
    consumer.assign(consumer.partitions_of("orders").await.unwrap(), Start::Earliest);
    let mut got = Vec::new();
    for record in read(&consumer, 300).await {
        assert_eq!(record.headers.len(), 2);
        assert_eq!((&record.headers[0].key[..], &record.headers[1].value), (&b"trace"[..], &None));
        let text = |bytes: Option<bytes::Bytes>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
        got.push((text(record.key), text(record.value)));
    }
    // Order holds within a key, because a key has one partition; a stable sort by key keeps it.
    got.sort_by(|a, b| a.0.cmp(&b.0));
    wanted.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(got, wanted);
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn every_codec_goes_through_unchanged() {
    let server = server().await;
    let codecs =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
    for codec in codecs.into_iter().filter(|codec| codec.is_enabled()) {
        let topic = format!("codec-{}", codec.name());
        let producer = producer(&server, codec).await;
        let mut deliveries = Vec::new();
        for number in 0..100 {
            let value = format!("the same words in every one of them, and a number {number}");
            deliveries.push(producer.enqueue(Record::new(&topic).with_value(&value)).await.unwrap());
        }
        producer.flush().await;
        for delivery in deliveries {
            delivery.await.unwrap();
        }
        let consumer = consumer(&server).await;
        consumer.assign([TopicPartition::new(topic.clone(), 0)], Start::Earliest);
        let values: Vec<_> =
            read(&consumer, 100).await.into_iter().map(|record| record.value.unwrap()).collect();
        assert!(values[99].ends_with(b"number 99"), "{topic}");
    }
    server.shutdown().await.unwrap();
}

/// The batches of a topic's only partition, as they are stored.
async fn stored(client: &Client, topic: &str) -> Vec<Batch> {
    let partition = FetchPartition::default().with_partition_max_bytes(1 << 20);
    let fetched = FetchTopic::default().with_topic(topic.to_owned()).with_partitions(vec![partition]);
    let request = FetchRequest::default().with_max_bytes(1 << 20).with_topics(vec![fetched]);
    let connection = client.connection(NodeId(1), Lane::LongPolls).await.unwrap();
    let mut response = connection.call_version(&request, 12).await.unwrap();
    let mut records = response.responses[0].partitions.remove(0).records.unwrap().into_bytes();
    let mut batches = Vec::new();
    while let Some(batch) = Batch::split_first(&mut records).unwrap() {
        batches.push(batch);
    }
    batches
}

#[tokio::test(start_paused = true)]
async fn a_topic_keeps_its_batches_in_the_codec_that_it_asks_for() {
    let server = server().await;
    let client = client(&server).await;
    let codecs = || Compression::ALL.into_iter().filter(|codec| codec.is_enabled());
    for wanted in codecs() {
        let name = if wanted == Compression::None { "uncompressed" } else { wanted.name() };
        let topic = format!("kept-{name}");
        let new = NewTopic::new(topic.clone()).with_config("compression.type", name);
        client.admin().create_topic(new).await.unwrap();
        for codec in codecs() {
            let producer = producer(&server, codec).await;
            for number in 0..3 {
                let value = format!("the same words from {codec}, and a number {number}");
                producer.send(&topic, "key", &value).await.unwrap();
            }
        }
        let batches = stored(&client, &topic).await;
        assert_eq!(batches.len(), 3 * codecs().count());
        for (offset, batch) in (0..).zip(&batches) {
            let header = batch.header();
            assert_eq!((header.attributes.compression(), header.base_offset), (Ok(wanted), offset));
            assert!(batch.crc_is_valid() && header.base_sequence == i32::try_from(offset % 3).unwrap());
        }
        let consumer = consumer(&server).await;
        consumer.assign([TopicPartition::new(topic.clone(), 0)], Start::Earliest);
        let last = read(&consumer, batches.len()).await.pop().unwrap();
        assert!(last.value.unwrap().ends_with(b"number 2"));
    }
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_waits_gets_what_comes() {
    let server = server().await;
    client(&server).await.admin().create_topic(NewTopic::new("later")).await.unwrap();
    let consumer = consumer(&server).await;
    consumer.assign([TopicPartition::new("later", 0)], Start::Latest);
    let waiting = tokio::spawn(async move { read(&consumer, 2).await });
    let producer = producer(&server, Compression::None).await;
    // The consumer may still be looking for the end: what is written before it found it is not for it.
    let mut sent = 0;
    while !waiting.is_finished() {
        producer.send("later", "key", format!("{sent}")).await.unwrap();
        sent += 1;
        tokio::time::advance(std::time::Duration::from_millis(10)).await;
    }
    let got = waiting.await.unwrap();
    assert_eq!(got[1].offset.0, got[0].offset.0 + 1);
    server.shutdown().await.unwrap();
}
