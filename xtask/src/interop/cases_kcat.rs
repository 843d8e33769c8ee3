//! kcat, which is librdkafka: codecs, keys, headers, nulls, offsets, limits, a restart and a crash.

use super::programs::{kcat, start_kcat};
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;
use std::collections::BTreeMap;

pub(super) const CASES: &[Case] = &[
    Case { name: "kcat lists the broker", run: lists },
    Case { name: "kcat, no codec, 4 partitions, keys", run: |scene| codec(scene, "none") },
    Case { name: "kcat, gzip, 4 partitions, keys", run: |scene| codec(scene, "gzip") },
    Case { name: "kcat, snappy, 4 partitions, keys", run: |scene| codec(scene, "snappy") },
    Case { name: "kcat, lz4, 4 partitions, keys", run: |scene| codec(scene, "lz4") },
    Case { name: "kcat, zstd, 4 partitions, keys", run: |scene| codec(scene, "zstd") },
    Case { name: "kcat, acks 0, 1 and all, and idempotent", run: acks },
    Case { name: "kcat, headers", run: headers },
    Case { name: "kcat, null keys and null values", run: nulls },
    Case { name: "kcat, from an offset, from the tail, by timestamp", run: offsets },
    Case { name: "kcat, a record of 900 kB", run: large },
    Case { name: "kcat, a record over the limit is refused", run: over_the_limit },
    Case { name: "kcat, an unknown partition is refused", run: unknown_partition },
    Case { name: "kcat, a consumer that waits sees what comes", run: waits },
    Case { name: "kcat, a restart in the middle", run: |scene| interrupted(scene, false) },
    Case { name: "kcat, a kill -9 in the middle", run: |scene| interrupted(scene, true) },
];

/// Everything in a topic: partition, offset, key, value.
const FORMAT: &str = "%p\t%o\t%k\t%s\n";

fn lists(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    let text = kcat(&bootstrap, &["-L", "-J"], "")?;
    holds("the listing", &text, &format!("\"name\":\"{bootstrap}\""))
}

/// Lines `key:value` that are all different, so that a lost, repeated or changed one shows.
fn lines(from: usize, to: usize) -> String {
    (from..to)
        .map(|number| format!("key-{}:value {number} of a line of some length\n", number % 97))
        .collect()
}

/// Reads a whole topic and holds it against what was sent: every line once, in order within its key,
/// offsets without a gap in each partition.
fn check_all(bootstrap: &str, topic: &str, sent: &str) -> Outcome {
    let got = kcat(bootstrap, &["-C", "-t", topic, "-o", "beginning", "-e", "-f", FORMAT], "")?;
    let mut next = BTreeMap::new();
    let mut by_key: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in got.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [partition, offset, key, value] = parts[..] else {
            return Err(format!("odd line {line:?}").into());
        };
        let wanted = next.entry(partition.to_owned()).or_insert(0_i64);
        same(&format!("offset in partition {partition}"), offset.parse()?, *wanted)?;
        *wanted += 1;
        by_key.entry(key).or_default().push(value);
    }
    let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in sent.lines() {
        let (key, value) = line.split_once(':').ok_or("a line without a key")?;
        wanted.entry(key).or_default().push(value);
    }
    same("records in all", got.lines().count(), sent.lines().count())?;
    same("records by key", by_key, wanted)
}

fn codec(scene: &mut Scene, codec: &str) -> Outcome {
    let topic = format!("kcat-{codec}");
    create(scene, &topic, 4)?;
    let bootstrap = scene.broker.bootstrap();
    let sent = lines(0, 2_000);
    kcat(&bootstrap, &["-P", "-t", &topic, "-K", ":", "-z", codec], &sent)?;
    check_all(&bootstrap, &topic, &sent)
}

fn acks(scene: &mut Scene) -> Outcome {
    create(scene, "kcat-acks", 1)?;
    let bootstrap = scene.broker.bootstrap();
    let mut sent = String::new();
    let settings = ["acks=1", "acks=all", "enable.idempotence=true", "acks=0"];
    for (number, setting) in settings.iter().enumerate() {
        let part = lines(number * 100, number * 100 + 100);
        kcat(&bootstrap, &["-P", "-t", "kcat-acks", "-K", ":", "-X", setting], &part)?;
        sent.push_str(&part);
    }
    // Nothing answers acks=0: a request with an answer, on a connection of its own, may overtake it.
    let counted = ["-C", "-t", "kcat-acks", "-p", "0", "-o", "beginning", "-c", "400"];
    kcat(&bootstrap, &counted, "")?;
    check_all(&bootstrap, "kcat-acks", &sent)
}

fn headers(scene: &mut Scene) -> Outcome {
    create(scene, "kcat-headers", 1)?;
    let bootstrap = scene.broker.bootstrap();
    let produce = ["-P", "-t", "kcat-headers", "-H", "trace=a1b2", "-H", "empty=", "-H", "trace=again"];
    kcat(&bootstrap, &produce, "with headers\n")?;
    kcat(&bootstrap, &["-P", "-t", "kcat-headers"], "without\n")?;
    let got = kcat(&bootstrap, &["-C", "-t", "kcat-headers", "-o", "beginning", "-e", "-f", "%h|%s\n"], "")?;
    same("headers", got.as_str(), "trace=a1b2,empty=,trace=again|with headers\n|without\n")
}

fn nulls(scene: &mut Scene) -> Outcome {
    create(scene, "kcat-nulls", 1)?;
    let bootstrap = scene.broker.bootstrap();
    kcat(&bootstrap, &["-P", "-t", "kcat-nulls", "-K", ":", "-Z"], "gone:\n:no key\n")?;
    kcat(&bootstrap, &["-P", "-t", "kcat-nulls", "-K", ":"], "empty:\n")?;
    let got =
        kcat(&bootstrap, &["-C", "-t", "kcat-nulls", "-o", "beginning", "-e", "-f", "%K %S %k|%s\n"], "")?;
    same("lengths of keys and values", got.as_str(), "4 -1 gone|\n-1 6 |no key\n5 0 empty|\n")
}

fn offsets(scene: &mut Scene) -> Outcome {
    create(scene, "kcat-offsets", 1)?;
    let bootstrap = scene.broker.bootstrap();
    let early: String = (0..10).map(|number| format!("{number}\n")).collect();
    kcat(&bootstrap, &["-P", "-t", "kcat-offsets"], &early)?;
    let from = |start: &str| {
        kcat(&bootstrap, &["-C", "-t", "kcat-offsets", "-p", "0", "-o", start, "-e", "-f", "%s,"], "")
    };
    same("from offset 7", from("7")?.as_str(), "7,8,9,")?;
    same("the last three", from("-3")?.as_str(), "7,8,9,")?;
    same("from the end", from("end")?.as_str(), "")?;
    // kcat does not set timestamps: the times of two runs of it are apart, and one between them is found.
    let times = kcat(&bootstrap, &["-C", "-t", "kcat-offsets", "-p", "0", "-o", "9", "-e", "-f", "%T"], "")?;
    let between = times.parse::<i64>()? + 1;
    while kcat_clock()? <= between {}
    kcat(&bootstrap, &["-P", "-t", "kcat-offsets"], "late\n")?;
    same("from a timestamp", from(&format!("s@{between}"))?.as_str(), "late,")?;
    let asked = kcat(&bootstrap, &["-Q", "-t", &format!("kcat-offsets:0:{between}")], "")?;
    holds("the offset of a timestamp", &asked, "offset 10")?;
    let asked = kcat(&bootstrap, &["-Q", "-t", "kcat-offsets:0:-1"], "")?;
    holds("the latest offset", &asked, "offset 11")
}

/// The wall clock that kcat stamps records with, in milliseconds.
fn kcat_clock() -> Outcome<i64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(i64::try_from(since.as_millis())?)
}

fn large(scene: &mut Scene) -> Outcome {
    create(scene, "kcat-large", 1)?;
    let bootstrap = scene.broker.bootstrap();
    let sent = format!("{}\n", "abcdefghi".repeat(100_000));
    kcat(&bootstrap, &["-P", "-t", "kcat-large"], &sent)?;
    let got = kcat(&bootstrap, &["-C", "-t", "kcat-large", "-o", "beginning", "-e"], "")?;
    same("the record", got == sent, true)
}

fn over_the_limit(scene: &mut Scene) -> Outcome {
    create(scene, "kcat-over", 1)?;
    let bootstrap = scene.broker.bootstrap();
    let sent = format!("{}\n", "abcdefghi".repeat(300_000));
    let words = ["-P", "-t", "kcat-over", "-X", "message.max.bytes=10000000"];
    let said = start_kcat(&bootstrap, &words, &sent)?.end()?;
    holds("kcat", &said.err, "Message size too large")?;
    let got = kcat(&bootstrap, &["-C", "-t", "kcat-over", "-o", "beginning", "-e"], "")?;
    same("what the topic holds", got.as_str(), "")
}

fn unknown_partition(scene: &mut Scene) -> Outcome {
    create(scene, "kcat-unknown", 1)?;
    let said =
        start_kcat(&scene.broker.bootstrap(), &["-P", "-t", "kcat-unknown", "-p", "7"], "x\n")?.end()?;
    holds("kcat", &said.err, "Unknown partition")
}

fn waits(scene: &mut Scene) -> Outcome {
    create(scene, "kcat-waits", 1)?;
    let bootstrap = scene.broker.bootstrap();
    let words = ["-C", "-t", "kcat-waits", "-p", "0", "-o", "beginning", "-c", "3", "-f", "%s,"];
    let waiting = start_kcat(&bootstrap, &words, "")?;
    for line in ["one\n", "two\n", "three\n"] {
        kcat(&bootstrap, &["-P", "-t", "kcat-waits"], line)?;
    }
    same("what it saw", waiting.well()?.as_str(), "one,two,three,")
}

fn interrupted(scene: &mut Scene, crash: bool) -> Outcome {
    let topic = if crash { "kcat-crash" } else { "kcat-restart" };
    create(scene, topic, 3)?;
    let bootstrap = scene.broker.bootstrap();
    let (before, after) = (lines(0, 1_500), lines(1_500, 3_000));
    let produce = ["-P", "-t", topic, "-K", ":", "-X", "enable.idempotence=true"];
    kcat(&bootstrap, &produce, &before)?;
    if crash {
        scene.broker.kill()?
    } else {
        scene.broker.stop()?
    };
    scene.broker.serve()?;
    check_all(&bootstrap, topic, &before)?;
    kcat(&bootstrap, &produce, &after)?;
    check_all(&bootstrap, topic, &format!("{before}{after}"))
}
