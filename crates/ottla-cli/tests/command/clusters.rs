//! `ottla cluster`.

use serde_json::Value;

use crate::support::Broker;

#[test]
fn a_cluster_shows_its_brokers_and_what_they_hold() {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "t", "--partitions", "3"], "");
    broker.well(&["produce", "t"], "x\n");
    let shown = broker.well(&["cluster"], "");
    assert!(shown.starts_with("cluster ") && shown.contains("controller"), "{shown}");
    let told: Value = serde_json::from_str(&broker.well(&["cluster", "--json"], "")).unwrap();
    let one = &told["brokers"][0];
    assert_eq!(
        (&told["controller"], &one["broker"], &one["leads"], &one["copies"]),
        (&1.into(), &1.into(), &3.into(), &3.into())
    );
    assert!(one["bytes"].as_u64().unwrap() > 60, "{one}");
}

#[test]
fn a_broker_tells_the_versions_that_it_serves() {
    let broker = Broker::serve(&["--memory"]);
    let shown = broker.well(&["cluster", "--versions"], "");
    assert!(shown.contains("Produce") && shown.contains("0 to 13"), "{shown}");
    let told: Value = serde_json::from_str(&broker.well(&["cluster", "--versions", "--json"], "")).unwrap();
    assert_eq!((&told[0]["apis"][0]["api"], &told[0]["apis"][0]["max"]), (&"Produce".into(), &13.into()));
}
