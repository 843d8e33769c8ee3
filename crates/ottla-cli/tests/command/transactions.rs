//! `ottla transactions`, on one that a producer holds open.

use serde_json::Value;

use crate::support::{Broker, Running, said};

/// A broker with a topic, and a producer whose transaction has one record in it and stays open.
fn with_open_transaction() -> (Broker, Running) {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "t"], "");
    let mut producer = broker.spawn(&["produce", "t", "--transactional-id", "pay"]);
    producer.tell("one");
    broker.until(&["transactions", "producers", "t", "--json"], |printed| {
        serde_json::from_str::<Value>(printed).is_ok_and(|told| told[0]["start_offset"] == 0)
    });
    (broker, producer)
}

#[test]
fn an_open_transaction_is_listed_and_described_and_is_not_said_to_hang() {
    let (broker, _producer) = with_open_transaction();
    let listed = broker.well(&["transactions", "list"], "");
    assert!(listed.starts_with("TRANSACTIONAL-ID  COORDINATOR  PRODUCER  STATE\npay "), "{listed}");
    assert!(listed.contains("Ongoing"), "{listed}");
    assert_eq!(broker.well(&["transactions", "list", "--state", "empty"], ""), "");
    let told: Value =
        serde_json::from_str(&broker.well(&["transactions", "describe", "pay", "--json"], "")).unwrap();
    assert_eq!(told[0]["id"], "pay");
    assert_eq!(told[0]["state"], "Ongoing");
    assert_eq!(told[0]["partitions"][0]["topic"], "t");
    assert!(told[0]["started_ms"].as_i64().unwrap() > 0);
    let old = ["transactions", "find-hanging", "--max-transaction-timeout", "0"];
    assert_eq!(broker.well(&old, ""), "");
}

#[test]
fn a_transaction_is_aborted_in_a_partition_by_where_it_begins() {
    let (broker, _producer) = with_open_transaction();
    let abort = |offset| {
        let words = ["transactions", "abort", "--topic", "t", "--partition", "0", "--start-offset", offset];
        broker.run(&words, "")
    };
    let refused = abort("7");
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said(&refused).contains("no transaction that is open in t-0 begins at offset 7"),
        "{}",
        said(&refused)
    );
    let done = abort("0");
    assert!(done.status.success(), "{}", said(&done));
    let told = broker.well(&["transactions", "producers", "t", "--json"], "");
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()[0]["start_offset"], Value::Null);
}

#[test]
fn a_producer_is_fenced_and_its_transaction_aborted() {
    let (broker, _producer) = with_open_transaction();
    assert_eq!(broker.well(&["transactions", "terminate", "pay"], ""), "terminated pay\n");
    let told = broker.well(&["transactions", "producers", "t", "--json"], "");
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()[0]["start_offset"], Value::Null);
    let listed = broker.well(&["transactions", "list"], "");
    assert!(!listed.contains("Ongoing"), "{listed}");
}

#[test]
fn what_is_not_there_is_said() {
    let broker = Broker::serve(&["--memory"]);
    let output = broker.run(&["transactions", "describe", "nobody"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("TRANSACTIONAL_ID_NOT_FOUND"), "{}", said(&output));
}
