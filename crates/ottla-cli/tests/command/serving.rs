//! `ottla serve`: its data, its settings, its end.

use crate::support::Broker;

#[test]
fn a_broker_that_is_asked_to_stop_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let first = Broker::in_folder(folder.path());
    first.well(&["produce", "kept"], "before\n");
    assert_eq!(first.stop(), Some(0));
    assert!(folder.path().join(".kafka_cleanshutdown").exists());

    let second = Broker::in_folder(folder.path());
    second.well(&["produce", "kept"], "after\n");
    assert_eq!(second.well(&["consume", "kept", "--count", "2"], ""), "before\nafter\n");
    second.signal("KILL");
    drop(second);

    let third = Broker::in_folder(folder.path());
    assert_eq!(third.well(&["consume", "kept", "--count", "2"], ""), "before\nafter\n");
    assert_eq!(third.stop(), Some(0));
}

#[test]
fn settings_are_taken_from_a_file_and_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.properties");
    std::fs::write(&file, "num.partitions=5\nauto.create.topics.enable=false\n").unwrap();
    let broker =
        Broker::serve(&["--memory", "--config", file.to_str().unwrap(), "--set", "num.partitions=2"]);
    assert!(broker.well(&["topic", "create", "orders"], "").starts_with("created orders with 2 partitions"));
    assert_eq!(
        broker.run(&["produce", "unknown", "--set", "max.block.ms=1000"], "x\n").status.code(),
        Some(1)
    );
}
