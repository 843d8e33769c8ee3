//! `ottla group` on groups without members, and `ottla consume --group`.

use serde_json::Value;

use crate::support::{Broker, said};

/// A broker with a topic of two partitions: four records with times 1,000 to 4,000 in the first, one in the second.
fn filled() -> Broker {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "t", "--partitions", "2"], "");
    let lines: String = (1..=4).map(|second| format!("{{\"ts\":{second}000,\"payload\":\"x\"}}\n")).collect();
    broker.well(&["produce", "t", "--partition", "0", "--json"], &lines);
    broker.well(&["produce", "t", "--partition", "1"], "y\n");
    broker
}

/// Offset and lag by partition.
fn offsets(broker: &Broker, group: &str) -> Vec<(i64, i64)> {
    let told: Value =
        serde_json::from_str(&broker.well(&["group", "describe", group, "--json"], "")).unwrap();
    let numbers = |of: &Value| (of["offset"].as_i64().unwrap(), of["lag"].as_i64().unwrap());
    told[0]["offsets"].as_array().unwrap().iter().map(numbers).collect()
}

#[test]
fn a_reset_is_shown_and_done_only_when_told_to() {
    let broker = filled();
    let shown = broker.run(&["group", "reset", "g", "--topic", "t", "--to-latest"], "");
    assert!(shown.status.success() && said(&shown).contains("--execute does it"), "{}", said(&shown));
    let table = String::from_utf8(shown.stdout).unwrap();
    assert!(table.contains("g      t      0          -               4\n"), "{table}");
    assert_eq!(broker.well(&["group", "list"], ""), "");
    broker.well(&["group", "reset", "g", "--topic", "t", "--to-latest", "--execute"], "");
    assert_eq!(offsets(&broker, "g"), [(4, 0), (1, 0)]);
    let listed = broker.well(&["group", "list"], "");
    assert!(listed.contains("g      classic  -         Empty"), "{listed}");
    assert_eq!(broker.well(&["group", "list", "--state", "Stable"], ""), "");
}

#[test]
fn offsets_are_set_to_wherever_they_are_wanted() {
    let broker = filled();
    let reset = |words: &[&str]| broker.well(&[&["group", "reset", "g"], words, &["--execute"]].concat(), "");
    reset(&["--topic", "t", "--to-earliest"]);
    assert_eq!(offsets(&broker, "g"), [(0, 4), (0, 1)]);
    reset(&["--topic", "t:0", "--to-offset", "3"]);
    assert_eq!(offsets(&broker, "g"), [(3, 1), (0, 1)]);
    reset(&["--all-topics", "--shift-by", "-2"]);
    assert_eq!(offsets(&broker, "g"), [(1, 3), (0, 1)]);
    reset(&["--all-topics", "--to-datetime", "1970-01-01T00:00:03"]);
    assert_eq!(offsets(&broker, "g"), [(2, 2), (0, 1)]);
    reset(&["--all-topics", "--by-duration", "PT1H"]);
    assert_eq!(offsets(&broker, "g"), [(4, 0), (0, 1)]);
    reset(&["--topic", "t:0", "--to-offset", "99"]);
    reset(&["--all-topics", "--to-current"]);
    assert_eq!(offsets(&broker, "g"), [(4, 0), (0, 1)]);
}

#[test]
fn what_cannot_be_reset_is_said() {
    let broker = filled();
    for (words, expected) in [
        (&["--topic", "missing", "--to-latest"][..], "UNKNOWN_TOPIC_OR_PARTITION"),
        (&["--topic", "t:7", "--to-latest"], "there is no partition 7"),
        (&["--all-topics", "--to-latest"], "committed no offsets"),
    ] {
        let output = broker.run(&[&["group", "reset", "g"], words].concat(), "");
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(said(&output).contains(expected), "{}", said(&output));
    }
}

#[test]
fn groups_and_their_offsets_are_forgotten() {
    let broker = filled();
    for group in ["g", "h"] {
        broker.well(&["group", "reset", group, "--topic", "t", "--to-latest", "--execute"], "");
    }
    assert_eq!(broker.well(&["group", "delete-offsets", "g", "--topic", "t:1"], ""), "forgot t-1\n");
    assert_eq!(offsets(&broker, "g"), [(4, 0)]);
    let deleted = broker.run(&["group", "delete", "g", "h", "missing"], "");
    assert_eq!(String::from_utf8_lossy(&deleted.stdout), "deleted g\ndeleted h\n");
    assert_eq!(deleted.status.code(), Some(1));
    assert!(
        said(&deleted).contains("missing") && said(&deleted).contains("1 of 3 failed"),
        "{}",
        said(&deleted)
    );
    assert_eq!(broker.well(&["group", "list"], ""), "");
    assert_eq!(broker.run(&["group", "describe", "g"], "").status.code(), Some(1));
}

#[test]
fn a_group_goes_on_behind_what_was_printed() {
    let broker = Broker::serve(&["--memory", "--set", "group.initial.rebalance.delay.ms=0"]);
    broker.well(&["produce", "t"], "a\nb\nc\nd\n");
    let consume = |words: &[&str]| broker.well(&[&["consume", "t", "--group", "g"], words].concat(), "");
    assert_eq!(consume(&["--count", "1"]), "a\n");
    assert_eq!(offsets(&broker, "g"), [(1, 3)]);
    assert_eq!(consume(&["--count", "2"]), "b\nc\n");
    assert_eq!(consume(&["--exit"]), "d\n");
    assert_eq!(consume(&["--exit"]), "");
    assert_eq!(offsets(&broker, "g"), [(4, 0)]);
    broker.well(&["group", "reset", "g", "--topic", "t", "--to-offset", "2", "--execute"], "");
    assert_eq!(consume(&["--exit"]), "c\nd\n");
    assert_eq!(broker.well(&["consume", "t", "--group", "late", "--from", "end", "--exit"], ""), "");
    assert_eq!(offsets(&broker, "late"), Vec::new(), "nothing was printed, nothing is committed");
}

#[test]
fn members_share_a_topic_and_are_seen_from_outside() {
    let broker = Broker::serve(&["--memory", "--set", "group.initial.rebalance.delay.ms=0"]);
    broker.well(&["topic", "create", "t", "--partitions", "4"], "");
    let mut members: Vec<_> = (0..2).map(|_| broker.spawn(&["consume", "t", "--group", "g"])).collect();
    let described = broker.until(&["group", "describe", "g", "--json"], |told| {
        let told: Value = serde_json::from_str(told).unwrap_or_default();
        let members = told[0]["members"].as_array().cloned().unwrap_or_default();
        let shares = members.iter().map(|member| member["assignment"].as_array().map_or(0, Vec::len));
        told[0]["state"] == "Stable" && shares.collect::<Vec<_>>() == [2, 2]
    });
    assert!(described.contains("range") || described.contains("cooperative-sticky"), "{described}");
    let refused = broker.run(&["group", "reset", "g", "--topic", "t", "--to-latest", "--execute"], "");
    assert!(said(&refused).contains("is Stable"), "{}", said(&refused));
    let refused = broker.run(&["group", "delete", "g"], "");
    assert!(said(&refused).contains("NON_EMPTY_GROUP"), "{}", said(&refused));
    let listed = broker.well(&["group", "list", "--state", "stable"], "");
    assert!(listed.contains("consumer  Stable"), "{listed}");
    let members_shown = broker.well(&["group", "describe", "g", "--members"], "");
    assert_eq!(members_shown.lines().count(), 3, "{members_shown}");

    members.pop().unwrap().interrupt();
    broker.until(&["group", "describe", "g", "--json"], |told| {
        let told: Value = serde_json::from_str(told).unwrap_or_default();
        told[0]["members"].as_array().is_some_and(|members| {
            members.len() == 1 && members[0]["assignment"].as_array().is_some_and(|has| has.len() == 4)
        })
    });
    broker.well(&["produce", "t"], "x\n");
    assert_eq!(members.pop().unwrap().line(), "x\n");
}

#[test]
fn members_tell_what_they_own_in_a_line_each_time() {
    let broker = Broker::serve(&["--memory", "--set", "group.initial.rebalance.delay.ms=0"]);
    broker.well(&["topic", "create", "t", "--partitions", "2"], "");
    let words = ["consume", "t", "--group", "g", "-X", "heartbeat.interval.ms=200"];
    let words = [&words[..], &["-X", "partition.assignment.strategy=cooperative-sticky"]].concat();
    let mut first = broker.spawn(&words);
    assert_eq!(first.told(), "assigned: t 0,1\n");
    let mut second = broker.spawn(&words);
    assert_eq!(first.told(), "revoked: t 1\n");
    let mut told = second.told();
    if told == "assigned: none\n" {
        // Not so where it comes to the generation in which the first has given up its part already.
        told = second.told();
    }
    assert_eq!(told, "assigned: t 1\n");
    let mut third = broker.spawn(&words);
    assert_eq!(third.told(), "assigned: none\n");
    assert_eq!(said(&second.stop("TERM")), "revoked: t 1\n");
    // It has left, and was not waited for until its session ended.
    assert_eq!(third.told(), "assigned: t 1\n");
    // `timeout` sends its signal twice: to the process and to its group.
    first.signal("TERM");
    assert_eq!(said(&first.interrupt()), "revoked: t 0\n");
    assert_eq!(third.told(), "assigned: t 0\n");
    assert_eq!(said(&third.interrupt()), "revoked: t 0,1\n");
}

#[test]
fn what_was_printed_is_committed_at_once_or_as_often_as_was_asked_and_at_the_end() {
    let broker = Broker::serve(&["--memory", "--set", "group.initial.rebalance.delay.ms=0"]);
    broker.well(&["produce", "t"], "a\nb\n");
    let member = |words: &[&str]| {
        let mut member = broker.spawn(&[&["consume", "t", "--group", "g"], words].concat());
        assert_eq!(member.told(), "assigned: t 0\n");
        member
    };
    let mut at_once = member(&[]);
    assert_eq!((at_once.line(), at_once.line()), ("a\n".to_owned(), "b\n".to_owned()));
    broker.until(&["group", "describe", "g", "--offsets"], |_| offsets(&broker, "g") == [(2, 0)]);
    at_once.interrupt();
    broker.well(&["produce", "t"], "c\n");
    let mut seldom = member(&["--commit-interval", "1h"]);
    assert_eq!(seldom.line(), "c\n");
    assert_eq!(offsets(&broker, "g"), [(2, 1)]);
    seldom.stop("TERM");
    assert_eq!(offsets(&broker, "g"), [(3, 0)]);
    // A member that dies leaves what it did not commit to the next.
    broker.well(&["produce", "t"], "d\n");
    let mut dying = member(&["--commit-interval", "1h", "-X", "session.timeout.ms=6000"]);
    assert_eq!(dying.line(), "d\n");
    drop(dying);
    assert_eq!(broker.well(&["consume", "t", "--group", "g", "--count", "1"], ""), "d\n");
}

#[test]
fn what_a_group_cannot_be_told_is_refused() {
    let broker = filled();
    for words in [&["--from", "-3"][..], &["--from", "5"], &["--from", "@-1h"], &["--partition", "0"]] {
        let output = broker.run(&[&["consume", "t", "--group", "g"], words].concat(), "");
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", said(&output));
    }
    let output = broker.run(&["consume", "t", "u", "--partition", "0"], "");
    assert_eq!(output.status.code(), Some(2));
}
