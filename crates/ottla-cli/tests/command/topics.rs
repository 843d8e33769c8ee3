//! `ottla topic`.

use serde_json::Value;

use crate::support::{Broker, said};

#[test]
fn topics_are_created_listed_described_and_deleted() {
    let broker = Broker::serve(&["--memory"]);
    let created = ["topic", "create", "orders", "--partitions", "3", "--config", "max.message.bytes=5000"];
    assert!(broker.well(&created, "").starts_with("created orders with 3 partitions"));
    assert_eq!(broker.well(&["topic", "list"], ""), "orders\t3 partitions\n");
    let described = broker.well(&["topic", "describe", "orders"], "");
    assert!(
        described.contains("max.message.bytes=5000") && described.contains("partition 2\tleader 1"),
        "{described}"
    );
    let again = broker.run(&["topic", "create", "orders"], "");
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("orders"));
    assert_eq!(broker.well(&["topic", "delete", "orders"], ""), "deleted orders\n");
    assert_eq!(broker.well(&["topic", "list"], ""), "");
    assert_eq!(broker.run(&["topic", "describe", "orders"], "").status.code(), Some(1));
}

#[test]
fn topics_get_more_partitions_and_never_fewer() {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "orders", "--partitions", "2"], "");
    let grown = broker.well(&["topic", "alter", "orders", "--partitions", "4", "--dry-run"], "");
    assert!(grown.contains("nothing was changed"), "{grown}");
    assert_eq!(broker.well(&["topic", "list"], ""), "orders\t2 partitions\n");
    assert_eq!(
        broker.well(&["topic", "alter", "orders", "--partitions", "4"], ""),
        "orders has 4 partitions\n"
    );
    assert_eq!(broker.well(&["topic", "list"], ""), "orders\t4 partitions\n");
    let fewer = broker.run(&["topic", "alter", "orders", "missing", "--partitions", "3"], "");
    assert_eq!(fewer.status.code(), Some(1));
    let said = said(&fewer);
    assert!(said.contains("INVALID_PARTITIONS") && said.contains("missing"), "{said}");
    assert!(said.contains("2 of 2 failed"), "{said}");
}

#[test]
fn several_topics_are_created_and_what_fails_is_told() {
    let broker = Broker::serve(&["--memory"]);
    let output = broker.run(&["topic", "create", "a", "b/c", "d"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("b/c") && said(&output).contains("1 of 3 failed"), "{}", said(&output));
    assert_eq!(broker.well(&["topic", "list"], ""), "a\t1 partition\nd\t1 partition\n");
    let changed =
        ["topic", "alter", "a", "d", "--config", "durability=os", "--delete-config", "segment.bytes"];
    assert_eq!(
        broker.well(&changed, ""),
        "a: durability=os, segment.bytes as by default\nd: durability=os, segment.bytes as by default\n"
    );
}

#[test]
fn a_topic_that_is_there_already_may_be_well() {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "orders", "--if-not-exists"], "");
    broker.well(&["topic", "create", "orders", "--if-not-exists"], "");
    assert_eq!(broker.run(&["topic", "create", "a/b", "--if-not-exists"], "").status.code(), Some(1));
}

#[test]
fn topics_are_shown_as_json() {
    let broker = Broker::serve(&["--memory"]);
    broker
        .well(&["topic", "create", "orders", "--partitions", "2", "--config", "max.message.bytes=5000"], "");
    let listed: Value = serde_json::from_str(&broker.well(&["topic", "list", "--json"], "")).unwrap();
    assert_eq!((&listed[0]["topic"], &listed[0]["partitions"]), (&"orders".into(), &2.into()));
    let output = broker.run(&["topic", "describe", "orders", "missing", "--json"], "");
    assert_eq!(output.status.code(), Some(1));
    let described: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(described[0]["configs"]["max.message.bytes"], "5000");
    assert_eq!(described[0]["partitions"][1]["leader"], 1);
}

#[test]
fn settings_of_a_topic_are_changed_one_by_one() {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "t", "--config", "max.message.bytes=5000"], "");
    let alter = |words: &[&str]| broker.well(&[&["topic", "alter", "t"], words].concat(), "");
    let settings = || {
        let told = broker.well(&["topic", "describe", "t", "--json"], "");
        serde_json::from_str::<Value>(&told).unwrap()[0]["configs"].to_string()
    };
    assert_eq!(alter(&["--config", "durability=os"]), "t: durability=os\n");
    assert_eq!(settings(), r#"{"durability":"os","max.message.bytes":"5000"}"#);
    alter(&["--delete-config", "max.message.bytes", "--dry-run"]);
    assert_eq!(settings(), r#"{"durability":"os","max.message.bytes":"5000"}"#);
    alter(&["--delete-config", "max.message.bytes", "--config", "durability=fsync", "--partitions", "2"]);
    assert_eq!(settings(), r#"{"durability":"fsync"}"#);
    let refused = broker.run(&["topic", "alter", "t", "--config", "no.such.key=1", "--partitions", "5"], "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("no.such.key"), "{}", said(&refused));
    assert_eq!(broker.well(&["topic", "list"], ""), "t\t2 partitions\n", "nothing of it is done");
}

#[test]
fn records_are_deleted_before_an_offset_a_time_or_all_of_them() {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "orders", "--partitions", "2"], "");
    for partition in ["0", "1"] {
        broker.well(&["produce", "orders", "--partition", partition], "a\nb\nc\n");
    }
    let delete = |words: &[&str]| broker.well(&[&["topic", "delete-records"], words].concat(), "");
    assert_eq!(delete(&["orders:0", "--before", "2"]), "orders-0 starts at 2\n");
    assert_eq!(
        delete(&["orders", "--before", "@2001-01-01T00:00:00Z"]),
        "orders-0 starts at 2\norders-1 starts at 0\n"
    );
    assert_eq!(
        delete(&["orders", "--before", "@2100-01-01T00:00:00Z"]),
        "orders-0 starts at 3\norders-1 starts at 3\n"
    );
    assert_eq!(delete(&["orders:1", "--all"]), "orders-1 starts at 3\n");
    let read = broker.well(&["consume", "orders", "--exit"], "");
    assert_eq!(read, "");
    let beyond = broker.run(&["topic", "delete-records", "orders:0", "--before", "4"], "");
    assert_eq!(beyond.status.code(), Some(1));
    assert!(said(&beyond).contains("OFFSET_OUT_OF_RANGE"), "{}", said(&beyond));
    assert_eq!(broker.run(&["topic", "delete-records", "orders:9", "--all"], "").status.code(), Some(1));
}
