//! Each anomaly is planted in a history that is fine without it, and has to be found there and told of clearly.
#![expect(clippy::unwrap_used, reason = "what the tests share fails as the tests do")]

use ottla_check::{Anomaly, History, check};

/// A history from lines without `at`.
fn history(lines: &str) -> History {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate();
    let text: String =
        lines.map(|(at, line)| line.replacen('{', &format!("{{\"at\":{at},"), 1) + "\n").collect();
    History::read(&text).unwrap()
}

/// The first is clean; the second, which is the first with something in it replaced, has this finding and says this.
fn planted(anomaly: Anomaly, clean: &str, replace: (&str, &str), says: &[&str]) {
    let fine = check(&history(clean));
    assert!(fine.is_clean(), "{fine}");
    assert!(clean.contains(replace.0), "{} is not there to be replaced", replace.0);
    found(anomaly, &clean.replacen(replace.0, replace.1, 1), says);
}

fn found(anomaly: Anomaly, lines: &str, says: &[&str]) {
    let report = check(&history(lines));
    let finding = report.findings.iter().find(|finding| finding.anomaly == anomaly);
    let said = finding.unwrap_or_else(|| panic!("{anomaly} was not found: {report}")).to_string();
    for word in says {
        assert!(said.contains(word), "{said} does not say {word}");
    }
}

/// Three records of a producer that numbers its batches, acknowledged, read, and read again in the end.
const LOG: &str = r#"
    {"type":"send","op":1,"who":"p","topic":"t","partition":0,"value":"a","idempotent":true}
    {"type":"send","op":2,"who":"p","topic":"t","partition":0,"value":"b","idempotent":true}
    {"type":"ok","op":1,"offset":0}
    {"type":"ok","op":2,"offset":1}
    {"type":"seek","who":"r","topic":"t","partition":0,"offset":0}
    {"type":"poll","who":"r","topic":"t","partition":0,"records":[{"offset":0,"value":"a"},{"offset":1,"value":"b"}]}
    {"type":"ends","op":3,"who":"w"}
    {"type":"ok","op":3,"ends":[{"topic":"t","partition":0,"start":0,"stable":2,"end":2}]}
    {"type":"send","op":4,"who":"q","topic":"t","partition":0,"value":"c"}
    {"type":"ok","op":4,"offset":2}
    {"type":"settled"}
    {"type":"audit","who":"last"}
    {"type":"poll","who":"last","topic":"t","partition":0,"records":[{"offset":0,"value":"a"},{"offset":1,"value":"b"},{"offset":2,"value":"c"}]}
"#;

#[test]
fn an_acknowledged_record_that_is_not_there_in_the_end_is_lost() {
    let last = (r#",{"offset":2,"value":"c"}]"#, "]");
    planted(Anomaly::LostWrite, LOG, last, &["\"c\" of q", "event 9", "t-0:2", "nothing"]);
}

#[test]
fn a_record_that_nobody_read_and_somebody_passed_is_lost_without_an_audit() {
    let (unaudited, _) = LOG.split_once(r#"{"type":"settled"}"#).unwrap();
    let first = (r#"{"offset":0,"value":"a"},"#, "");
    planted(Anomaly::LostWrite, unaudited, first, &["\"a\" of p", "read on to 1"]);
}

#[test]
fn a_record_acknowledged_by_the_leader_alone_may_go_with_the_power_and_not_without() {
    let lost = LOG.replace(r#"{"type":"settled"}"#, r#"{"type":"fault","kind":"power_loss"}"#);
    let lost = lost.replace(r#""value":"c"}"#, r#""value":"c","acks":"leader"}"#);
    let lost = lost.replace(r#",{"offset":2,"value":"c","acks":"leader"}]"#, "]");
    assert!(check(&history(&lost)).is_clean(), "{}", check(&history(&lost)));
    found(Anomaly::LostWrite, &lost.replace("power_loss", "restart"), &["\"c\" of q"]);
}

#[test]
fn what_was_seen_stays() {
    let unread = LOG.replace(r#"{"type":"ok","op":2,"offset":1}"#, r#"{"type":"info","op":2,"why":"cut"}"#);
    let last = (r#"{"offset":1,"value":"b"},{"offset":2,"value":"c"}]"#, r#"{"offset":2,"value":"c"}]"#);
    planted(Anomaly::Vanished, &unread, last, &["event 6 read \"b\"", "in doubt since event 4", "nothing"]);
}

#[test]
fn what_nobody_sent_is_invented_and_so_is_what_was_sent_elsewhere() {
    let other = (r#"{"offset":0,"value":"a"},"#, r#"{"offset":0,"value":"z"},"#);
    planted(Anomaly::Invented, LOG, other, &["event 6", "\"z\"", "nobody had sent"]);
    let elsewhere = (r#""partition":0,"value":"c""#, r#""partition":1,"value":"c""#);
    planted(Anomaly::Invented, LOG, elsewhere, &["it was sent to t-1"]);
    let later = LOG.replace(r#""offset":1,"value":"b"}]}"#, r#""offset":1,"value":"c"}]}"#);
    found(Anomaly::Invented, &later, &["event 6", "\"c\""]);
}

#[test]
fn an_offset_holds_one_record() {
    let swapped = (
        r#""records":[{"offset":0,"value":"a"},{"offset":1,"value":"b"}]}"#,
        r#""records":[{"offset":0,"value":"b"}]}"#,
    );
    planted(Anomaly::InconsistentOffsets, LOG, swapped, &["event 13 read \"a\"", "event 6 had read \"b\""]);
    let told_twice = (r#"{"type":"ok","op":2,"offset":1}"#, r#"{"type":"ok","op":2,"offset":0}"#);
    planted(Anomaly::InconsistentOffsets, LOG, told_twice, &["t-0:0 was told for"]);
}

#[test]
fn who_numbers_its_batches_is_there_once_and_others_only_after_a_disruption() {
    let end = (r#"{"offset":2,"value":"c"}]}"#, r#"{"offset":2,"value":"c"},{"offset":3,"value":"b"}]}"#);
    planted(Anomaly::Duplicate, LOG, end, &["\"b\" of p", "t-0:1 and t-0:3"]);
    let twice = LOG.replace(end.0, r#"{"offset":2,"value":"c"},{"offset":3,"value":"c"}]}"#);
    found(Anomaly::Duplicate, &twice, &["\"c\" of q"]);
    let cut = twice.replace(
        r#"{"type":"ok","op":4"#,
        "{\"type\":\"fault\",\"kind\":\"cut\"}\n{\"type\":\"ok\",\"op\":4",
    );
    assert!(check(&history(&cut)).is_clean(), "{}", check(&history(&cut)));
}

#[test]
fn what_was_under_way_while_nothing_was_answered_may_be_there_twice() {
    let twice = LOG
        .replace(r#"{"offset":2,"value":"c"}]}"#, r#"{"offset":2,"value":"c"},{"offset":3,"value":"c"}]}"#);
    let send = r#"{"type":"send","op":4"#;
    let stall = r#"{"type":"fault","kind":"stall"}"#;
    let resume = r#"{"type":"fault","kind":"resume"}"#;
    let settled = r#"{"type":"settled"}"#;
    let during = twice.replace(send, &format!("{stall}\n{send}"));
    let during = during.replace(settled, &format!("{resume}\n{settled}"));
    assert!(check(&history(&during)).is_clean(), "{}", check(&history(&during)));
    let before = twice.replace(send, &format!("{stall}\n{resume}\n{send}"));
    found(Anomaly::Duplicate, &before, &["\"c\" of q"]);
    // Who gives up what was sent meanwhile closes the connection that this is sent over as well.
    let other = r#"{"type":"send","op":9,"who":"q","topic":"t","partition":0,"value":"d"}"#;
    let beside = twice.replace(send, &format!("{stall}\n{other}\n{resume}\n{send}"));
    let beside = beside.replace(settled, &format!("{{\"type\":\"info\",\"op\":9,\"why\":\"\"}}\n{settled}"));
    assert!(check(&history(&beside)).is_clean(), "{}", check(&history(&beside)));
    let of_another = beside.replace(other, &other.replace(r#""who":"q""#, r#""who":"p""#));
    found(Anomaly::Duplicate, &of_another, &["\"c\" of q"]);
}

#[test]
fn records_of_a_producer_stand_in_the_order_of_its_sends() {
    let swapped = r#"
        {"type":"send","op":1,"who":"p","topic":"t","partition":0,"value":"a","idempotent":true}
        {"type":"send","op":2,"who":"p","topic":"t","partition":0,"value":"b","idempotent":true}
        {"type":"audit","who":"last"}
        {"type":"poll","who":"last","topic":"t","partition":0,"records":[{"offset":0,"value":"b"},{"offset":1,"value":"a"}]}
    "#;
    found(Anomaly::NonmonotonicSend, swapped, &["t-0:1 is \"a\"", "behind \"b\""]);
}

#[test]
fn what_was_refused_for_sure_is_nowhere() {
    let refused = (r#"{"type":"ok","op":4,"offset":2}"#, r#"{"type":"fail","op":4,"why":"too large"}"#);
    planted(Anomaly::AbortedRead, LOG, refused, &["\"c\" of q", "refused by event 10", "t-0:2"]);
}

#[test]
fn a_reader_goes_forward_and_leaves_nothing_out() {
    let back = (
        r#"{"type":"ends","op":3"#,
        "{\"type\":\"poll\",\"who\":\"r\",\"topic\":\"t\",\"partition\":0,\"records\":[{\"offset\":1,\"value\":\"b\"}]}\n{\"type\":\"ends\",\"op\":3",
    );
    planted(Anomaly::NonmonotonicPoll, LOG, back, &["event 7: r got t-0:1 and had come to 2"]);
    let skip = (r#"{"offset":0,"value":"a"},"#, "");
    planted(Anomaly::PollSkip, LOG, skip, &["r got t-0:1 and not 0", "\"a\" of p"]);
}

#[test]
fn a_gap_is_a_hole_only_where_every_offset_is_a_record() {
    let gap = r#"
        {"type":"send","op":1,"who":"p","topic":"t","partition":0,"value":"a"}
        {"type":"send","op":2,"who":"p","topic":"t","partition":0,"value":"b"}
        {"type":"poll","who":"r","topic":"t","partition":0,"records":[{"offset":0,"value":"a"},{"offset":2,"value":"b"}]}
    "#;
    assert!(check(&history(gap)).is_clean());
    let dense = format!("{{\"type\":\"topic\",\"topic\":\"t\",\"kind\":\"dense\"}}\n{gap}");
    found(Anomaly::PollSkip, &dense, &["not 1, where there is nothing"]);
}

#[test]
fn ends_never_go_back_and_are_in_order() {
    planted(
        Anomaly::Offsets,
        LOG,
        (r#""stable":2,"end":2"#, r#""stable":1,"end":1"#),
        &["ends at 1", "was 2"],
    );
    planted(Anomaly::Offsets, LOG, (r#""stable":2"#, r#""stable":3"#), &["not in order: [0, 3, 2]"]);
}

#[test]
fn what_has_no_answer_when_all_is_settled_is_stuck() {
    planted(
        Anomaly::Stuck,
        LOG,
        (r#"{"type":"ok","op":4,"offset":2}"#, ""),
        &["event 9", "event 10", "\"op\":4"],
    );
}

#[test]
fn a_history_that_makes_no_sense_is_told_so() {
    planted(Anomaly::Malformed, LOG, (r#""op":4,"who""#, r#""op":2,"who""#), &["asks under the number 2"]);
    planted(Anomaly::Malformed, LOG, (r#"{"type":"ok","op":2"#, r#"{"type":"ok","op":9"#), &["answers 9"]);
    planted(
        Anomaly::Malformed,
        LOG,
        (
            r#""who":"q","topic":"t","partition":0,"value":"c""#,
            r#""who":"q","topic":"t","partition":0,"value":"b""#,
        ),
        &["same value"],
    );
}

/// A group whose first member hands over to a second.
const GROUP: &str = r#"
    {"type":"send","op":1,"who":"p","topic":"t","partition":0,"value":"a"}
    {"type":"send","op":2,"who":"p","topic":"t","partition":0,"value":"b"}
    {"type":"ok","op":1,"offset":0}
    {"type":"ok","op":2,"offset":1}
    {"type":"assigned","who":"m","group":"g","generation":1,"partitions":[{"topic":"t","partition":0}]}
    {"type":"poll","who":"m","group":"g","topic":"t","partition":0,"records":[{"offset":0,"value":"a"}]}
    {"type":"handled","who":"m","group":"g","topic":"t","partition":0,"next":1}
    {"type":"commit","op":3,"who":"m","group":"g","generation":1,"offsets":[{"topic":"t","partition":0,"offset":1}]}
    {"type":"ok","op":3}
    {"type":"revoked","who":"m","group":"g","partitions":[{"topic":"t","partition":0}]}
    {"type":"assigned","who":"n","group":"g","generation":2,"partitions":[{"topic":"t","partition":0}]}
    {"type":"poll","who":"n","group":"g","topic":"t","partition":0,"records":[{"offset":1,"value":"b"}]}
    {"type":"committed","op":4,"who":"w","group":"g"}
    {"type":"ok","op":4,"offsets":[{"topic":"t","partition":0,"offset":1}]}
"#;

#[test]
fn a_partition_has_one_owner_in_a_generation() {
    let same = (
        r#"{"type":"revoked","who":"m","group":"g","partitions":[{"topic":"t","partition":0}]}
    {"type":"assigned","who":"n","group":"g","generation":2,"#,
        r#"{"type":"assigned","who":"n","group":"g","generation":1,"#,
    );
    planted(Anomaly::TwoOwners, GROUP, same, &["event 10 assigns t-0 of g to n", "generation 1", "to m"]);
    let twin = GROUP
        .replace(same.0, same.1)
        .replace(r#""generation":1,"partitions""#, r#""generation":1,"instance":"i","partitions""#);
    assert!(check(&history(&twin)).is_clean(), "a static member takes the place of the one before");
}

#[test]
fn an_owner_of_the_past_commits_nothing() {
    let late = (
        r#"{"type":"committed","op":4"#,
        "{\"type\":\"commit\",\"op\":5,\"who\":\"m\",\"group\":\"g\",\"generation\":1,\"offsets\":[]}\n{\"type\":\"ok\",\"op\":5}\n{\"type\":\"committed\",\"op\":4",
    );
    planted(Anomaly::StaleCommit, GROUP, late, &["event 13", "generation 1", "event 11", "generation 2"]);
    let nameless = GROUP.replace(r#""generation":1,"#, "").replace(r#""generation":2,"#, "");
    let kept = nameless.replace(r#"{"type":"revoked","who":"m""#, r#"{"type":"revoked","who":"x""#);
    let late =
        late.1.replace(r#""generation":1,"#, "").replace("[]", r#"[{"topic":"t","partition":0,"offset":1}]"#);
    let plant = (r#"{"type":"committed","op":4"#, late.as_str());
    planted(Anomaly::StaleCommit, &kept, plant, &["as m", "event 11", "assigned it to n"]);
}

#[test]
fn who_is_told_late_follows_nobody() {
    let late = "{\"type\":\"assigned\",\"who\":\"o\",\"group\":\"g\",\"generation\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0}]}\n\
                {\"type\":\"commit\",\"op\":5,\"who\":\"n\",\"group\":\"g\",\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":1}]}\n\
                {\"type\":\"ok\",\"op\":5}\n{\"type\":\"committed\",\"op\":4";
    let told_late = GROUP.replace(r#"{"type":"committed","op":4"#, late);
    assert!(check(&history(&told_late)).is_clean(), "o was assigned it before n");
    // With the power some generations were lost, and o may be in the first one after that.
    let lost = format!("{{\"type\":\"fault\",\"kind\":\"power_loss\"}}\n{late}");
    let plant = (r#"{"type":"committed","op":4"#, lost.as_str());
    planted(Anomaly::StaleCommit, GROUP, plant, &["as n", "event 14", "assigned it to o"]);
}

#[test]
fn a_group_is_given_every_record() {
    let skipped = (
        r#""group":"g","topic":"t","partition":0,"next":1"#,
        r#""group":"g","topic":"t","partition":0,"next":0"#,
    );
    let uncommitted = GROUP.replace(r#""offset":1}]}"#, r#""offset":0}]}"#);
    planted(Anomaly::GroupSkip, &uncommitted, skipped, &["gives n of g t-0:1", "done with 0", "\"a\" of p"]);
}

#[test]
fn a_group_commits_what_it_has_done_and_keeps_it() {
    let ahead = (
        r#""op":3,"who":"m","group":"g","generation":1,"offsets":[{"topic":"t","partition":0,"offset":1}]"#,
        r#""op":3,"who":"m","group":"g","generation":1,"offsets":[{"topic":"t","partition":0,"offset":2}]"#,
    );
    planted(Anomaly::GroupAhead, GROUP, ahead, &["m of g has committed t-0 at 2", "\"b\" of p"]);
    let back = (r#""op":4,"offsets":[{"topic":"t","partition":0,"offset":1}]"#, r#""op":4,"offsets":[]"#);
    planted(Anomaly::GroupBack, GROUP, back, &["committed nothing in t-0", "was 1"]);
    let reset = GROUP.replace(back.0, back.1).replace(
        r#"{"type":"committed""#,
        "{\"type\":\"reset\",\"group\":\"g\",\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":0}]}\n{\"type\":\"committed\"",
    );
    found(Anomaly::GroupBack, &reset, &["was 0"]);
}

/// Two transactions, of which the second is made of the first, with offsets of a group.
const TRANSACTIONS: &str = r#"
    {"type":"init","op":1,"who":"p1","transactional_id":"x"}
    {"type":"ok","op":1,"producer_id":7,"epoch":0}
    {"type":"begin","who":"p1","transaction":"x1"}
    {"type":"send","op":2,"who":"p1","topic":"t","partition":0,"value":"a","transaction":"x1"}
    {"type":"send","op":3,"who":"p1","topic":"t","partition":1,"value":"b","transaction":"x1"}
    {"type":"ok","op":2,"offset":0}
    {"type":"ok","op":3,"offset":0}
    {"type":"commit","op":4,"who":"p1","group":"g","transaction":"x1","offsets":[{"topic":"in","partition":0,"offset":5}]}
    {"type":"ok","op":4}
    {"type":"end","op":5,"who":"p1","transaction":"x1","how":"commit"}
    {"type":"ok","op":5}
    {"type":"init","op":6,"who":"p2","transactional_id":"x"}
    {"type":"ok","op":6,"producer_id":7,"epoch":2}
    {"type":"poll","who":"p2","topic":"t","partition":0,"isolation":"read_committed","transaction":"x2","records":[{"offset":0,"value":"a"}]}
    {"type":"send","op":7,"who":"p2","topic":"t","partition":0,"value":"c","transaction":"x2"}
    {"type":"ok","op":7,"offset":2}
    {"type":"end","op":8,"who":"p2","transaction":"x2","how":"abort"}
    {"type":"ok","op":8}
    {"type":"audit","who":"last"}
    {"type":"poll","who":"last","topic":"t","partition":0,"isolation":"read_committed","records":[{"offset":0,"value":"a"}]}
    {"type":"poll","who":"last","topic":"t","partition":1,"isolation":"read_committed","records":[{"offset":0,"value":"b"}]}
    {"type":"committed","op":9,"who":"w","group":"g"}
    {"type":"ok","op":9,"offsets":[{"topic":"in","partition":0,"offset":5}]}
"#;

#[test]
fn nothing_is_read_of_what_was_aborted() {
    let read = (
        r#""isolation":"read_committed","records":[{"offset":0,"value":"a"}]"#,
        r#""isolation":"read_committed","records":[{"offset":0,"value":"a"},{"offset":2,"value":"c"}]"#,
    );
    planted(Anomaly::AbortedRead, TRANSACTIONS, read, &["last read \"c\"", "of x2", "not committed"]);
    let offsets = TRANSACTIONS.replace(r#"{"type":"end","op":8"#, "{\"type\":\"commit\",\"op\":10,\"who\":\"p2\",\"group\":\"g\",\"transaction\":\"x2\",\"offsets\":[{\"topic\":\"in\",\"partition\":0,\"offset\":9}]}\n{\"type\":\"ok\",\"op\":10}\n{\"type\":\"end\",\"op\":8");
    let told = (
        r#""op":9,"offsets":[{"topic":"in","partition":0,"offset":5}]"#,
        r#""op":9,"offsets":[{"topic":"in","partition":0,"offset":9}]"#,
    );
    planted(Anomaly::AbortedRead, &offsets, told, &["in-0:9", "only x2 did"]);
}

#[test]
fn nothing_is_read_before_its_commit_was_asked_for() {
    let early = (
        r#"{"type":"end","op":5"#,
        "{\"type\":\"poll\",\"who\":\"r\",\"topic\":\"t\",\"partition\":0,\"isolation\":\"read_committed\",\"records\":[{\"offset\":0,\"value\":\"a\"}]}\n{\"type\":\"end\",\"op\":5",
    );
    planted(
        Anomaly::PrecommittedRead,
        TRANSACTIONS,
        early,
        &["event 10: r read \"a\"", "x1", "nobody had asked"],
    );
}

#[test]
fn all_of_a_transaction_is_there_or_nothing() {
    let gone = (
        r#""partition":1,"isolation":"read_committed","records":[{"offset":0,"value":"b"}]"#,
        r#""partition":1,"isolation":"read_committed","records":[]"#,
    );
    planted(Anomaly::LostWrite, TRANSACTIONS, gone, &["\"b\" of p1"]);
    let doubtful = TRANSACTIONS.replace(r#"{"type":"ok","op":5}"#, r#"{"type":"info","op":5}"#);
    planted(Anomaly::TornTransaction, &doubtful, gone, &["of x1", "\"a\" of p1", "is there and \"b\" of p1"]);
    let offsets = (r#""op":9,"offsets":[{"topic":"in","partition":0,"offset":5}]"#, r#""op":9,"offsets":[]"#);
    for history in [TRANSACTIONS, &doubtful] {
        planted(Anomaly::TornTransaction, history, offsets, &["x1 commits in-0 of g at 5", "None"]);
    }
    let none = doubtful
        .replace(gone.0, gone.1)
        .replace(r#""who":"last","topic":"t","partition":0,"isolation":"read_committed","records":[{"offset":0,"value":"a"}]"#, r#""who":"last","topic":"t","partition":0,"isolation":"read_committed","records":[]"#)
        .replace(r#""records":[{"offset":0,"value":"a"}]"#, r#""records":[]"#);
    found(Anomaly::TornTransaction, &none, &["g stands at in-0:5, which only x1 commits", "\"a\" of p1"]);
    let both = none.replace(offsets.0, offsets.1);
    assert!(check(&history(&both)).is_clean(), "{}", check(&history(&both)));
}

#[test]
fn nobody_is_told_both_ends_of_a_transaction() {
    let both = (
        r#"{"type":"init","op":6"#,
        "{\"type\":\"end\",\"op\":12,\"who\":\"p1\",\"transaction\":\"x1\",\"how\":\"abort\"}\n{\"type\":\"ok\",\"op\":12}\n{\"type\":\"init\",\"op\":6",
    );
    planted(
        Anomaly::TornTransaction,
        TRANSACTIONS,
        both,
        &["x1 of p1", "committed by event 11", "aborted by event 13"],
    );
}

#[test]
fn no_transaction_reads_what_was_made_of_it() {
    let circle = (
        r#"{"type":"end","op":8"#,
        "{\"type\":\"poll\",\"who\":\"p1\",\"topic\":\"t\",\"partition\":0,\"transaction\":\"x1\",\"records\":[{\"offset\":2,\"value\":\"c\"}]}\n{\"type\":\"end\",\"op\":8",
    );
    planted(
        Anomaly::CircularFlow,
        TRANSACTIONS,
        circle,
        &["x1 is read by x2 is read by x1", "events 14, 17"],
    );
}

#[test]
fn who_was_fenced_off_is_served_no_more() {
    let late = (
        r#"{"type":"audit","who":"last"}"#,
        "{\"type\":\"end\",\"op\":11,\"who\":\"p1\",\"transaction\":\"x3\",\"how\":\"commit\"}\n{\"type\":\"ok\",\"op\":11}\n{\"type\":\"audit\",\"who\":\"last\"}",
    );
    planted(Anomaly::Fencing, TRANSACTIONS, late, &["event 19 of p1", "p2 had claimed", "event 13"]);
    planted(Anomaly::Fencing, TRANSACTIONS, (r#""epoch":2"#, r#""epoch":0"#), &["gives x the epoch 0"]);
}

/// A share group that releases one record, and is done with it the second time.
const SHARE: &str = r#"
    {"type":"share_group","group":"s","topics":["t"],"delivery_limit":2}
    {"type":"send","op":1,"who":"p","topic":"t","partition":0,"value":"a"}
    {"type":"ok","op":1,"offset":0}
    {"type":"acquired","who":"m","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":1,"until":100}
    {"type":"acknowledge","op":2,"who":"m","group":"s","topic":"t","partition":0,"first":0,"last":0,"how":"release"}
    {"type":"ok","op":2}
    {"type":"acquired","who":"n","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":2,"until":100}
    {"type":"acknowledge","op":3,"who":"n","group":"s","topic":"t","partition":0,"first":0,"last":0,"how":"accept"}
    {"type":"ok","op":3}
    {"type":"settled"}
"#;

#[test]
fn a_share_group_is_not_given_what_it_is_done_with() {
    let again = (
        r#"{"type":"settled"}"#,
        r#"{"type":"acquired","who":"m","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":3,"until":100}"#,
    );
    let unlimited = SHARE.replace(r#","delivery_limit":2"#, "");
    planted(Anomaly::Redelivered, &unlimited, again, &["event 10 gives t-0:0 of s to m", "event 9"]);
    planted(Anomaly::DeliveryCount, SHARE, again, &["delivery 3 of 2"]);
}

#[test]
fn a_record_has_one_holder() {
    let unreleased = (
        r#"{"type":"acknowledge","op":2,"who":"m","group":"s","topic":"t","partition":0,"first":0,"last":0,"how":"release"}
    {"type":"ok","op":2}"#,
        "",
    );
    planted(Anomaly::TwoHolders, SHARE, unreleased, &["to n at 4", "event 4 m holds it until 100"]);
    let expired = SHARE.replace(unreleased.0, "").replacen(r#""until":100"#, r#""until":4"#, 1);
    assert!(check(&history(&expired)).is_clean(), "its time was over");
}

#[test]
fn who_does_not_hold_a_record_acknowledges_nothing() {
    planted(
        Anomaly::Fencing,
        SHARE,
        (r#""op":3,"who":"n""#, r#""op":3,"who":"m""#),
        &["event 8 of m", "n holds it"],
    );
}

#[test]
fn deliveries_are_counted() {
    planted(
        Anomaly::DeliveryCount,
        SHARE,
        (r#""count":2"#, r#""count":1"#),
        &["as delivery 1", "event 4 was delivery 1"],
    );
    let left = SHARE.replace(r#""count":2"#, r#""count":1"#).replace(
        r#"{"type":"acknowledge","op":2,"who":"m","group":"s","topic":"t","partition":0,"first":0,"last":0,"how":"release"}
    {"type":"ok","op":2}"#,
        r#"{"type":"left","who":"m","group":"s"}"#,
    );
    assert!(check(&history(&left)).is_clean(), "who leaves may not have seen it");
}

#[test]
fn a_share_group_is_given_every_record() {
    let another = (
        r#"{"type":"settled"}"#,
        "{\"type\":\"send\",\"op\":5,\"who\":\"p\",\"topic\":\"t\",\"partition\":1,\"value\":\"b\"}\n{\"type\":\"ok\",\"op\":5,\"offset\":0}\n{\"type\":\"settled\"}",
    );
    planted(Anomaly::Undelivered, SHARE, another, &["s was never given \"b\" of p", "t-1:0"]);
}

#[test]
fn a_history_that_claims_endless_ranges_ends_all_the_same() {
    let endless = (r#""first":0,"last":0,"count":1"#, r#""first":0,"last":9223372036854775807,"count":1"#);
    planted(Anomaly::Malformed, SHARE, endless, &["event 4"]);
}

/// A member that renews its lock, is late, and is followed; its last answer is lost, and what was in it comes again.
const RENEWED: &str = r#"
    {"type":"share_group","group":"s","topics":["t"],"delivery_limit":5,"lock":4}
    {"type":"send","op":1,"who":"p","topic":"t","partition":0,"value":"a"}
    {"type":"ok","op":1,"offset":0}
    {"type":"acquire","op":2,"who":"m","group":"s"}
    {"type":"acquired","who":"m","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":1,"until":7}
    {"type":"ok","op":2}
    {"type":"acknowledge","op":3,"who":"m","group":"s","topic":"t","partition":0,"first":0,"last":0,"how":"renew"}
    {"type":"ok","op":3}
    {"type":"acquire","op":4,"who":"n","group":"s"}
    {"type":"ok","op":4}
    {"type":"committed","op":5,"who":"w","group":"s"}
    {"type":"ok","op":5,"offsets":[{"topic":"t","partition":0,"offset":0}]}
    {"type":"acquire","op":6,"who":"n","group":"s"}
    {"type":"info","op":6}
    {"type":"left","who":"n","group":"s"}
    {"type":"acquire","op":7,"who":"n","group":"s"}
    {"type":"acquired","who":"n","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":3,"until":19}
    {"type":"ok","op":7}
    {"type":"acknowledge","op":8,"who":"n","group":"s","topic":"t","partition":0,"first":0,"last":0,"how":"accept"}
    {"type":"ok","op":8}
    {"type":"committed","op":9,"who":"w","group":"s"}
    {"type":"ok","op":9,"offsets":[{"topic":"t","partition":0,"offset":1}]}
    {"type":"settled"}
"#;

#[test]
fn nobody_is_given_what_another_has_renewed() {
    let given = (
        r#"{"type":"ok","op":4}"#,
        r#"{"type":"acquired","who":"n","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":2,"until":12}
    {"type":"ok","op":4}"#,
    );
    let says = ["event 10 gives t-0:0 of s to n at 9", "m holds it until 10"];
    planted(Anomaly::TwoHolders, RENEWED, given, &says);
    let unrenewed = RENEWED
        .replace(r#""how":"renew""#, r#""how":"release""#)
        .replace(given.0, given.1)
        .replace(r#""count":3"#, r#""count":4"#);
    assert!(check(&history(&unrenewed)).is_clean(), "{}", check(&history(&unrenewed)));
}

#[test]
fn a_holder_that_is_found_to_have_left_may_have_gone_before() {
    let given = RENEWED.replace(
        r#"{"type":"ok","op":4}"#,
        r#"{"type":"acquired","who":"n","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":2,"until":12}
    {"type":"ok","op":4}
    {"type":"left","who":"m","group":"s"}"#,
    );
    assert!(check(&history(&given)).is_clean(), "{}", check(&history(&given)));
    let served = r#"{"type":"acquire","op":99,"who":"m","group":"s"}
    {"type":"ok","op":99}
    {"type":"left","who":"m","group":"s"}"#;
    let served = given.replace(r#"{"type":"left","who":"m","group":"s"}"#, served);
    found(Anomaly::TwoHolders, &served, &["m holds it until 10"]);
}

#[test]
fn what_is_acknowledged_after_the_end_of_its_lock_is_refused() {
    let (before, _) = RENEWED.split_once(r#"{"type":"acquire","op":4"#).unwrap();
    let late = r#"{"type":"acknowledge","op":98,"who":"m","group":"s","topic":"t","partition":0,"first":0,"last":0,"how":"accept"}
    {"type":"ok","op":98}"#;
    let clean = check(&history(&format!("{before}{late}")));
    assert!(clean.is_clean(), "{clean}");
    let before = format!("{before}{}", "{\"type\":\"fault\",\"kind\":\"cut\"}\n".repeat(4));
    found(Anomaly::Fencing, &format!("{before}{late}"), &["event 13 of m", "had ended at 11"]);
    let accepted = r#"{"type":"acquired","who":"n","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":2,"until":19}
    {"type":"acknowledge","op":97,"who":"n","group":"s","topic":"t","partition":0,"first":0,"last":0,"how":"accept"}
    {"type":"ok","op":97}"#;
    let done = check(&history(&format!("{before}{accepted}\n{late}")));
    assert!(done.is_clean(), "what is done may be said again: {done}");
}

#[test]
fn a_count_that_no_lost_answer_explains_is_found() {
    planted(
        Anomaly::DeliveryCount,
        RENEWED,
        (r#""count":3"#, r#""count":4"#),
        &["as delivery 4", "2 were seen, and 1 may have been lost"],
    );
    let answered = RENEWED.replace(r#"{"type":"info","op":6}"#, r#"{"type":"ok","op":6}"#);
    found(Anomaly::DeliveryCount, &answered, &["as delivery 3", "0 may have been lost"]);
}

#[test]
fn an_answer_that_comes_late_tells_of_an_earlier_delivery() {
    let late = r#"
        {"type":"share_group","group":"s","topics":["t"],"delivery_limit":5,"lock":2}
        {"type":"acquire","op":1,"who":"m","group":"s"}
        {"type":"fault","kind":"stall"}
        {"type":"fault","kind":"resume"}
        {"type":"acquire","op":2,"who":"n","group":"s"}
        {"type":"acquired","who":"n","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":2,"until":6}
        {"type":"ok","op":2}
        {"type":"acquired","who":"m","group":"s","topic":"t","partition":0,"first":0,"last":0,"count":1,"until":3}
        {"type":"ok","op":1}
    "#;
    assert!(check(&history(late)).is_clean(), "{}", check(&history(late)));
    let held = late.replace(r#""count":1,"until":3"#, r#""count":1,"until":6"#);
    found(Anomaly::TwoHolders, &held, &["to m at 5", "m holds it until 6"]);
    let same = late.replace(r#""count":1"#, r#""count":2"#);
    found(Anomaly::DeliveryCount, &same, &["as delivery 2", "was delivery 2"]);
    let back = late.replace(r#"{"type":"acquire","op":1,"who":"m","group":"s"}"#, "").replace(
        r#"{"type":"acquired","who":"m""#,
        r#"{"type":"acquire","op":1,"who":"m","group":"s"}
        {"type":"acquired","who":"m""#,
    );
    let report = check(&history(&back)).to_string();
    assert!(report.contains("as delivery 1; event 5 was delivery 2"), "{report}");
}

#[test]
fn what_nobody_saw_may_have_been_delivered_in_answers_that_were_lost_and_no_more_often() {
    let unseen = r#"
        {"type":"share_group","group":"s","topics":["t"],"delivery_limit":2}
        {"type":"send","op":1,"who":"p","topic":"t","partition":0,"value":"a"}
        {"type":"ok","op":1,"offset":0}
        {"type":"acquire","op":2,"who":"m","group":"s"}
        {"type":"info","op":2}
        {"type":"acquire","op":3,"who":"m","group":"s"}
        {"type":"info","op":3}
        {"type":"settled"}
    "#;
    let says = ["s was never given \"a\""];
    planted(Anomaly::Undelivered, unseen, (r#"{"type":"info","op":3}"#, r#"{"type":"ok","op":3}"#), &says);
}

#[test]
fn what_is_released_is_given_again_until_it_is_done_with() {
    let (unfinished, _) = SHARE.split_once(r#"{"type":"acquired","who":"n""#).unwrap();
    let unfinished = format!("{unfinished}{}", r#"{"type":"settled"}"#);
    found(Anomaly::Undelivered, &unfinished, &["1 times", "is not given it again"]);
    let archived = unfinished.replace(r#","delivery_limit":2"#, "");
    assert!(check(&history(&archived)).is_clean(), "nobody knows how often it is delivered");
}

#[test]
fn a_share_group_is_not_told_to_be_done_with_what_nobody_is_done_with() {
    let told = (
        r#"{"type":"ok","op":5,"offsets":[{"topic":"t","partition":0,"offset":0}]}"#,
        r#"{"type":"ok","op":5,"offsets":[{"topic":"t","partition":0,"offset":1}]}"#,
    );
    planted(Anomaly::Undelivered, RENEWED, told, &["by event 12 s is done with all before t-0:1"]);
    let back = (
        r#"{"type":"settled"}"#,
        r#"{"type":"committed","op":96,"who":"w","group":"s"}
    {"type":"ok","op":96,"offsets":[{"topic":"t","partition":0,"offset":0}]}"#,
    );
    planted(Anomaly::GroupBack, RENEWED, back, &["t-0"]);
}
