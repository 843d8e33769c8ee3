//! What the producer does for each record between its user and its worker.

use std::hint::black_box;

use ottla_client::scripted::ScriptedCluster;
use ottla_producer::{Config, Producer, Record};

const TOPIC: &str = "orders";

/// Puts records into batches; the worker, on the same thread, sends none of them meanwhile.
pub(crate) fn enqueue(times: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let cluster = ScriptedCluster::start(1);
        cluster.add_topic(TOPIC, 1);
        let producer = Producer::new(Config::with_client(cluster.config())).await.expect("the cluster is up");
        producer.send(TOPIC, "key", "value").await.expect("it is written"); // so the topic is known
        for _ in 0..times {
            let record = Record::new(TOPIC).with_key(b"key-0123456789").with_value(black_box(&[b'v'; 100]));
            drop(black_box(producer.enqueue(record).await.expect("there is room")));
        }
    });
}
