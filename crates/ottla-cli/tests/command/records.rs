//! `ottla produce` and `ottla consume`.

use ottla::protocol::records::Compression;

use crate::support::{Broker, said};

#[test]
fn lines_go_in_and_come_out() {
    let broker = Broker::serve(&["--memory"]);
    let words = ["produce", "lines", "--key-separator", ":", "--null-value", "NULL", "--header", "from=test"];
    broker.well(&words, "a:1\nb:NULL\na:2:3\n");
    let words = ["consume", "lines", "--count", "3", "--format", "%t %p %o %k=%v %h"];
    assert_eq!(
        broker.well(&words, ""),
        "lines 0 0 a=1 from=test\nlines 0 1 b= from=test\nlines 0 2 a=2:3 from=test\n"
    );
    assert_eq!(broker.well(&["consume", "lines", "--from", "2", "--count", "1"], ""), "2:3\n");
    assert_eq!(broker.well(&["consume", "lines", "--from", "-1", "--count", "1"], ""), "2:3\n");
    let refused = broker.run(&words.map(|word| if word == "lines" { "not/a/topic" } else { word }), "");
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn what_is_not_there_is_neither_waited_for_nor_created() {
    let broker = Broker::serve(&["--memory"]);
    let output = broker.run(&["consume", "typo"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("UNKNOWN_TOPIC_OR_PARTITION"));
    assert_eq!(broker.well(&["topic", "list"], ""), "");
    broker.well(&["topic", "create", "one"], "");
    let output = broker.run(&["consume", "one", "--partition", "7"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no partition 7"));
}

#[test]
fn records_as_json_come_out_as_they_went_in() {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "here", "--partitions", "3"], "");
    broker.well(&["topic", "create", "there", "--partitions", "3"], "");
    let lines = concat!(
        r#"{"ts":5,"partition":2,"headers":["a","1","b",null],"key":"k","payload":{"base64":"/wA="}}"#,
        "\n",
        r#"{"ts":6,"partition":2,"payload":"two\\n"}"#,
        "\n"
    );
    broker.well(&["produce", "here", "--json", "--keep-partition"], lines);
    let here = broker.well(&["consume", "here", "--exit", "--json"], "");
    assert_eq!(
        here,
        concat!(
            r#"{"topic":"here","partition":2,"offset":0,"tstype":"create","ts":5,"headers":["a","1","b",null],"#,
            r#""key":"k","payload":{"base64":"/wA="}}"#,
            "\n",
            r#"{"topic":"here","partition":2,"offset":1,"tstype":"create","ts":6,"headers":[],"key":null,"#,
            r#""payload":"two\\n"}"#,
            "\n"
        )
    );
    broker.well(&["produce", "there", "--json", "--keep-partition"], &here);
    let there = broker.well(&["consume", "there", "--exit", "--json"], "");
    assert_eq!(there.replace("there", "here"), here);
    let wrong = broker.run(&["produce", "there", "--json"], "{}\n{\"value\":1}\n");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said(&wrong).contains("line 2 is no record"), "{}", said(&wrong));
}

#[test]
fn every_codec_is_understood() {
    let broker = Broker::serve(&["--memory"]);
    let mut lines = String::new();
    for codec in Compression::ALL {
        let (codec, is_built) = (codec.name(), codec.is_enabled());
        let line = format!("{codec}\n");
        let produced = broker.run(&["produce", "packed", "--codec", codec], &line);
        assert_eq!(produced.status.success(), is_built, "{}", said(&produced));
        if is_built {
            lines.push_str(&line);
        } else {
            assert!(said(&produced).contains("left out"), "{}", said(&produced));
        }
    }
    assert_eq!(broker.well(&["consume", "packed", "--exit"], ""), lines);
    let unknown = broker.run(&["produce", "packed", "--codec", "brotli"], "x\n");
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn acks_are_reported_with_their_places() {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "t", "--partitions", "2"], "");
    assert_eq!(broker.well(&["produce", "t", "--partition", "1", "--report"], "a\nb\n"), "1 0\n1 1\n");
    assert_eq!(broker.well(&["produce", "t", "--partition", "1", "--report", "--acks", "0"], "c\n"), "1 -\n");
    assert_eq!(broker.well(&["produce", "t", "-p", "0", "-D", ";", "-r"], "d;e"), "0 0\n0 1\n");
    assert_eq!(broker.well(&["consume", "t", "-p", "0", "-e", "-D", ";"], ""), "d;e;");
    let missing = broker.run(&["produce", "t", "--partition", "9"], "a\n");
    assert_eq!(missing.status.code(), Some(1));
    assert!(said(&missing).contains("line 1"), "{}", said(&missing));
}

#[test]
fn a_report_comes_while_there_is_more_input_to_come() {
    let broker = Broker::serve(&["--memory"]);
    let mut producer = broker.spawn(&["produce", "t", "--report"]);
    for offset in 0..3 {
        producer.tell("x");
        assert_eq!(producer.line(), format!("0 {offset}\n"));
    }
    assert!(producer.end().stdout.is_empty());
    // What was read when it is asked to stop is written, and told.
    let mut interrupted = broker.spawn(&["produce", "t", "--report", "-X", "linger.ms=500"]);
    interrupted.tell("x");
    interrupted.tell("x");
    let report = interrupted.line() + &String::from_utf8(interrupted.stop("INT").stdout).unwrap();
    assert_eq!(report, "0 3\n0 4\n");
}

#[test]
fn it_ends_once_nobody_reads_though_nothing_is_left_to_print() {
    let broker = Broker::serve(&["--memory", "--set", "group.initial.rebalance.delay.ms=0"]);
    broker.well(&["produce", "t"], "a\n");
    for words in [&["consume", "t"][..], &["consume", "t", "--group", "g"]] {
        let mut reader = broker.spawn(words);
        assert_eq!(reader.line(), "a\n");
        reader.hang_up();
        assert_eq!(reader.ended(), Some(0));
    }
    assert_eq!(
        broker.well(&["consume", "t", "--group", "g", "--exit"], ""),
        "",
        "what was read is committed"
    );
}

#[test]
fn lines_before_one_that_is_no_record_are_written() {
    let broker = Broker::serve(&["--memory"]);
    let words = ["produce", "t", "-K", ":", "--report", "-X", "linger.ms=500"];
    let output = broker.run(&words, "a:1\nb:2\nc\nd:4\n");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0 0\n0 1\n");
    assert!(said(&output).contains("line 3 has no \":\""), "{}", said(&output));
    assert_eq!(broker.well(&["consume", "t", "--exit"], ""), "1\n2\n");
}

#[test]
fn a_failure_ends_it_though_more_input_may_come() {
    let broker = Broker::serve(&["--memory"]);
    broker.well(&["topic", "create", "t", "--config", "max.message.bytes=200"], "");
    let mut producer = broker.spawn(&["produce", "t"]);
    producer.tell("x");
    producer.tell(&"y".repeat(1_000));
    // Its input stays open.
    assert!(producer.told().contains("line 2: "), "it says which line failed");
    assert_eq!(producer.ended(), Some(1));
}

#[test]
fn a_topic_is_read_from_a_time_and_up_to_its_end() {
    let broker = Broker::serve(&["--memory"]);
    // An hour ago and more would be refused as they are written (message.timestamp.before.max.ms is not set).
    let lines = r#"{"ts":1000,"payload":"a"}
{"ts":2000,"payload":"b"}
{"ts":3000,"payload":"c"}
"#;
    broker.well(&["produce", "t", "--json"], lines);
    let from = |start: &str| broker.well(&["consume", "t", "--exit", "--from", start], "");
    assert_eq!(from("@1970-01-01T00:00:02"), "b\nc\n");
    assert_eq!(from("@2001"), "c\n");
    assert_eq!(from("@-1h"), "");
    assert_eq!(from("-2"), "b\nc\n");
    assert_eq!(from("end"), "");
    assert_eq!(broker.well(&["consume", "t", "--exit", "--count", "2"], ""), "a\nb\n");
    assert_eq!(broker.well(&["consume", "t", "--timeout", "300ms", "--format", "%o\\n"], ""), "0\n1\n2\n");
}
