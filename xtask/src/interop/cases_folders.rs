//! Folders that change hands: Kafka serves what ottla wrote, ottla serves what Kafka wrote, and both compact the same folder.
//!
//! Three starts of one Kafka serve all of it, so the cases are steps of one play: each has its row, and one that fails fails those that
//! need what it left.

use super::cases_files::with_extension;
use super::folders::{copy, dumped, fill, read, replace, verify};
use super::programs::{Programs, kcat, ours, tool};
use super::rows::Row;
use super::{Order, holds, same};
use crate::brokers::{Broker, Kind};
use crate::outcome::Outcome;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long Kafka's cleaner may take.
const PATIENCE: Duration = Duration::from_secs(60);

const LEVELS: [&str; 2] = ["read_uncommitted", "read_committed"];

/// Topics that Kafka fills, and topics that ottla does.
const PLAIN: &str = "folder-plain";
const COMPACTED: &str = "folder-compacted";
const OURS: &str = "folder-of-ottla";
const OURS_COMPACTED: &str = "folder-of-ottla-compacted";

const NAMES: [&str; 6] = [
    "ottla: compacts a folder as Kafka's cleaner does",
    "kafka: serves segments that ottla wrote, every codec, idempotent, compacted",
    "kafka: serves transactional segments that ottla compacted",
    "ottla: leaves folders that Kafka wrote alone",
    "ottla: serves folders that Kafka wrote once they are adopted, compacted and transactional",
    "ottla: makes the aborted index of a folder anew as Kafka wrote it",
];

/// The brokers, and what was read so far.
struct Play<'a> {
    programs: &'a Programs,
    folder: PathBuf,
    kafka: Broker,
    /// What Kafka served of its own topics, by topic and level.
    theirs: Vec<(String, Vec<String>)>,
    /// What ottla served of its own topics.
    ours: Vec<(String, Vec<String>)>,
    /// The same folder, compacted by ottla.
    compacted: PathBuf,
}

/// Plays the cases, if one of them was picked.
pub(super) fn play(folder: &Path, programs: &Programs, order: &Order) -> Outcome<Vec<Row>> {
    if !NAMES.iter().any(|name| order.picks(name)) {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    let kafka = Broker::new(Kind::Kafka, &folder.join("kafka"), &programs.kafka)?;
    let settings = [
        "log.cleaner.enable=false",
        "log.cleaner.backoff.ms=300",
        "offsets.topic.num.partitions=1",
        "transaction.state.log.num.partitions=1",
    ];
    let kafka = settings.iter().fold(kafka, |kafka, setting| kafka.with_setting(setting));
    let compacted = folder.join("compacted-by-ottla");
    let folder = folder.to_path_buf();
    let mut play = Play { programs, folder, kafka, theirs: Vec::new(), ours: Vec::new(), compacted };
    let steps: [fn(&mut Play<'_>) -> Outcome; 6] =
        [compared, serves_ours, serves_ours_compacted, left_alone, adopted, indexed_anew];
    for (name, step) in NAMES.iter().zip(steps) {
        rows.push(Row::play((*name).to_owned(), || step(&mut play)));
    }
    Ok(rows)
}

impl Play<'_> {
    /// A folder of Kafka's.
    fn theirs(&self, topic: &str) -> PathBuf {
        self.kafka.data().join(format!("{topic}-0"))
    }

    /// A folder of ottla's.
    fn ours(&self, topic: &str) -> PathBuf {
        self.folder.join("ottla/data").join(format!("{topic}-0"))
    }

    fn ottla(&self, name: &str, settings: &[&str]) -> Outcome<Broker> {
        let broker = Broker::new(Kind::Ottla, &self.folder.join(name), &self.programs.ottla)?;
        Ok(settings.iter().fold(broker, |broker, setting| broker.with_setting(setting)))
    }

    fn create(&self, topic: &str, settings: &[&str]) -> Outcome {
        let bootstrap = self.kafka.bootstrap();
        let mut words =
            vec!["--bootstrap-server", &bootstrap, "--create", "--topic", topic, "--partitions", "1"];
        for setting in settings {
            words.extend(["--config", setting]);
        }
        let said = tool("TopicCommand", &words, "")?;
        if said.well { Ok(()) } else { Err(format!("TopicCommand: {}{}", said.out, said.err).into()) }
    }
}

/// Reads a topic in both ways in which it can be read.
fn read_all(broker: &Broker, topic: &str, into: &mut Vec<(String, Vec<String>)>) -> Outcome {
    for level in LEVELS {
        into.push((format!("{topic} {level}"), read(broker, topic, level)?));
    }
    Ok(())
}

/// What a broker serves is what was served before.
fn served(broker: &Broker, topic: &str, before: &[(String, Vec<String>)]) -> Outcome {
    for level in LEVELS {
        let name = format!("{topic} {level}");
        let wanted = before.iter().find(|(known, _)| *known == name);
        let wanted = &wanted.ok_or_else(|| format!("{name} was not read before"))?.1;
        let got = read(broker, topic, level)?;
        let differ = got.iter().zip(wanted).find(|(got, wanted)| got != wanted);
        same(&name, differ, None)?;
        same(&format!("{name}, records"), got.len(), wanted.len())?;
        same(&format!("{name}, some"), got.is_empty(), false)?;
    }
    Ok(())
}

/// Kafka and ottla compact one folder: the same records, batches and aborted transactions are left.
fn compared(play: &mut Play<'_>) -> Outcome {
    play.kafka.serve()?;
    let small = ["internal.segment.bytes=60000"];
    play.create(PLAIN, &small)?;
    let compact =
        ["cleanup.policy=compact", "min.cleanable.dirty.ratio=0.01", "delete.retention.ms=86400000"];
    play.create(COMPACTED, &[&small[..], &compact].concat())?;
    // Neither is compacted by Kafka: what is read is what ottla wrote.
    play.create(OURS, &[])?;
    play.create(OURS_COMPACTED, &[])?;
    fill(&play.kafka, 200, &[PLAIN, COMPACTED])?;
    read_all(&play.kafka, PLAIN, &mut play.theirs)?;
    play.kafka.stop()?;
    write_ours(play)?;
    for topic in [OURS, OURS_COMPACTED] {
        replace(&play.ours(topic), &play.theirs(topic))?;
    }
    let data = play.folder.join("compacting");
    copy(&play.kafka.data(), &data)?;
    // What it says of other topics is not of this folder.
    fs::write(data.join("cleaner-offset-checkpoint"), "0\n0\n")?;
    copy(&play.theirs(COMPACTED), &data.join(format!("{COMPACTED}-0")))?;
    ours(&play.programs.compact, &[&data.to_string_lossy(), "86400000"], "")?;
    copy(&data.join(format!("{COMPACTED}-0")), &play.compacted)?;

    let properties = play.kafka.data().with_file_name("server.properties");
    let text = fs::read_to_string(&properties)?;
    fs::write(&properties, text.replace("log.cleaner.enable=false", "log.cleaner.enable=true"))?;
    play.kafka.serve()?;
    let end = cleaned(&data.join("cleaner-offset-checkpoint"))?.ok_or("ottla compacted nothing")?;
    let deadline = Instant::now() + PATIENCE;
    let theirs = play.kafka.data().join("cleaner-offset-checkpoint");
    while cleaned(&theirs)? != Some(end) {
        if Instant::now() > deadline {
            return Err(
                format!("Kafka's cleaner came to {:?}, and ottla's to {end}", cleaned(&theirs)?).into()
            );
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    read_all(&play.kafka, COMPACTED, &mut play.theirs)?;
    let (ours, theirs) = (dumped(&play.compacted)?, dumped(&play.theirs(COMPACTED))?);
    compare("records", &ours.records, &theirs.records)?;
    same("some records", theirs.records.len() > 1_000, true)?;
    compare("aborted transactions", &ours.aborted, &theirs.aborted)?;
    same("some aborted transactions", theirs.aborted.is_empty(), false)?;
    // On purpose ottla keeps the last five batches of each producer where Kafka keeps one, and the last of each segment.
    let not_empty = |batches: &[String]| -> Vec<String> {
        let full = batches.iter().filter(|batch| !batch.contains(" count: 0 ")).cloned();
        full.map(|batch| batch.split(" deleteHorizonMs").next().unwrap_or_default().to_owned()).collect()
    };
    compare("batches", &not_empty(&ours.batches), &not_empty(&theirs.batches))?;
    // Kafka's folder is read again once Kafka has stopped: the index of a segment that is written has room for more.
    super::folders::dump_in_every_mode(std::slice::from_ref(&play.compacted))
}

fn compare(what: &str, ours: &[String], theirs: &[String]) -> Outcome {
    same(what, ours.iter().zip(theirs).find(|(ours, theirs)| ours != theirs), None)?;
    same(&format!("number of {what}"), ours.len(), theirs.len())
}

/// Up to where a checkpoint says that the compacted topic is.
fn cleaned(checkpoint: &Path) -> Outcome<Option<i64>> {
    let text = fs::read_to_string(checkpoint).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{COMPACTED} 0 ")));
    Ok(line.map(str::parse).transpose()?)
}

/// Lets ottla write two logs, of which it compacts one.
fn write_ours(play: &mut Play<'_>) -> Outcome {
    let mut ottla = play.ottla("ottla", &["log.cleaner.backoff.ms=200"])?;
    ottla.serve()?;
    let bootstrap = ottla.bootstrap();
    let create = |topic: &str, settings: &[&str]| -> Outcome {
        let mut words =
            vec!["topic", "create", topic, "--bootstrap", &bootstrap, "--config", "segment.bytes=1048576"];
        for setting in settings {
            words.extend(["--config", setting]);
        }
        ours(&play.programs.ottla, &words, "").map(|_| ())
    };
    create(OURS, &[])?;
    create(OURS_COMPACTED, &["cleanup.policy=compact", "min.cleanable.dirty.ratio=0.01"])?;
    for (round, codec) in ["none", "gzip", "snappy", "lz4", "zstd", "none"].into_iter().enumerate() {
        let lines: String = (0..4_000)
            .map(|n| format!("k{}:{round} {n} {}\n", n % 700, pseudo_random(round * 4_000 + n)))
            .collect();
        for topic in [OURS, OURS_COMPACTED] {
            let idempotent =
                if round % 2 == 0 { "enable.idempotence=true" } else { "enable.idempotence=false" };
            let words =
                ["-P", "-t", topic, "-p", "0", "-K", ":", "-z", codec, "-H", "trace=7", "-X", idempotent];
            kcat(&bootstrap, &[&words[..], &["-X", "batch.num.messages=50"]].concat(), &lines)?;
        }
        kcat(&bootstrap, &["-P", "-t", OURS_COMPACTED, "-p", "0", "-K", ":", "-Z"], &format!("k{round}:\n"))?;
    }
    let folder = play.ours(OURS_COMPACTED);
    let checkpoint = play.folder.join("ottla/data/cleaner-offset-checkpoint");
    let deadline = Instant::now() + PATIENCE;
    while !fs::read_to_string(&checkpoint).is_ok_and(|text| text.contains(OURS_COMPACTED)) {
        if Instant::now() > deadline {
            return Err("ottla's cleaner did nothing".into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    // The cleaner may go on while the topic is read.
    ottla.stop()?;
    let mut ottla = play.ottla("ottla", &["log.cleaner.enable=false"])?;
    ottla.serve()?;
    for topic in [OURS, OURS_COMPACTED] {
        read_all(&ottla, topic, &mut play.ours)?;
    }
    ottla.stop()?;
    verify(play.programs, &folder)?;
    verify(play.programs, &play.ours(OURS)).map(|_| ())
}

/// A text that no codec makes short.
fn pseudo_random(seed: usize) -> String {
    let mut state = seed as u64 ^ 0x9e37_79b9_7f4a_7c15;
    let mut text = String::new();
    for _ in 0..12 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!("{:x}", state >> 20));
    }
    text
}

fn serves_ours(play: &mut Play<'_>) -> Outcome {
    for topic in [OURS, OURS_COMPACTED] {
        served(&play.kafka, topic, &play.ours)?;
        let before = play.ours.iter().find(|(name, _)| name.starts_with(&format!("{topic} ")));
        let last = before.and_then(|(_, records)| records.last()).ok_or("nothing was read")?;
        let end: i64 = last.split(' ').next().unwrap_or_default().parse()?;
        // It goes on where ottla ended.
        let bootstrap = play.kafka.bootstrap();
        kcat(
            &bootstrap,
            &["-P", "-t", topic, "-p", "0", "-K", ":", "-X", "enable.idempotence=true"],
            "new:one\n",
        )?;
        let read = read(&play.kafka, topic, "read_committed")?;
        let new = read.last().ok_or("nothing is left")?;
        same("the offset of a new record", new.split(' ').next(), Some((end + 1).to_string()).as_deref())?;
    }
    Ok(())
}

fn serves_ours_compacted(play: &mut Play<'_>) -> Outcome {
    play.kafka.stop()?;
    // Kafka's own stays, for ottla to serve.
    let kept = play.folder.join("compacted-by-kafka");
    copy(&play.theirs(COMPACTED), &kept)?;
    super::folders::dump_in_every_mode(std::slice::from_ref(&kept))?;
    replace(&play.compacted, &play.theirs(COMPACTED))?;
    play.kafka.serve()?;
    let outcome = served(&play.kafka, COMPACTED, &play.theirs);
    play.kafka.stop()?;
    outcome
}

/// Kafka's folders, put among those of an ottla that knows nothing of them.
fn left_alone(play: &mut Play<'_>) -> Outcome {
    let data = play.folder.join("adopting/data");
    copy(&play.theirs(PLAIN), &data.join(format!("{PLAIN}-0")))?;
    copy(&play.folder.join("compacted-by-kafka"), &data.join(format!("{COMPACTED}-0")))?;
    verify(play.programs, &data)?;
    let content = || -> Outcome<Vec<(PathBuf, Vec<u8>)>> {
        let mut files = Vec::new();
        for topic in [PLAIN, COMPACTED] {
            for entry in fs::read_dir(data.join(format!("{topic}-0")))? {
                let path = entry?.path();
                files.push((path.clone(), fs::read(path)?));
            }
        }
        files.sort();
        Ok(files)
    };
    let before = content()?;
    let mut ottla = play.ottla("adopting", &[])?;
    ottla.serve()?;
    let bootstrap = ottla.bootstrap();
    let list = ours(&play.programs.ottla, &["topic", "list", "--bootstrap", &bootstrap], "")?;
    ottla.stop()?;
    same("topics before they are adopted", list.as_str(), "")?;
    same("the files", content()? == before, true)?;
    let log = fs::read_to_string(play.folder.join("adopting/serve.log"))?;
    holds("the log of ottla", &log, "belongs to no topic")
}

fn adopted(play: &mut Play<'_>) -> Outcome {
    let data = play.folder.join("adopting/data");
    let path = data.to_string_lossy();
    let adopt = |folder: &str, words: &[&str]| {
        ours(&play.programs.ottla, &[&["log", "adopt", folder], words].concat(), "")
    };
    let compacted = data.join(format!("{COMPACTED}-0"));
    let told = adopt(&compacted.to_string_lossy(), &["--config", "cleanup.policy=compact"])?;
    holds("log adopt", &told, COMPACTED)?;
    holds("log adopt", &adopt(&path, &[])?, PLAIN)?;
    holds("log adopt", &adopt(&path, &[])?, "every log belongs to a topic")?;
    let mut ottla = play.ottla("adopting", &["log.cleaner.enable=false"])?;
    ottla.serve()?;
    let outcome = serves_theirs(play, &ottla);
    ottla.stop()?;
    outcome?;
    verify(play.programs, &data)?;
    let folders = [data.join(format!("{PLAIN}-0")), compacted];
    super::folders::dump_in_every_mode(&folders)
}

fn serves_theirs(play: &Play<'_>, ottla: &Broker) -> Outcome {
    for topic in [PLAIN, COMPACTED] {
        served(ottla, topic, &play.theirs)?;
        // A new producer does not get an id that one of Kafka's had.
        let words = ["-P", "-t", topic, "-p", "0", "-K", ":", "-X", "enable.idempotence=true"];
        kcat(&ottla.bootstrap(), &words, "new:one\nnew:two\n")?;
        let read = read(ottla, topic, "read_uncommitted")?;
        let new = read.last().ok_or("nothing is left")?;
        holds("the newest record", new, "new 3 two")?;
    }
    Ok(())
}

/// With nothing left of Kafka's folder but its segments, what ottla knows of aborted transactions is byte for byte what Kafka knew.
fn indexed_anew(play: &mut Play<'_>) -> Outcome {
    let data = play.folder.join("indexing/data");
    let (theirs, ours_now) = (play.theirs(PLAIN), data.join(format!("{PLAIN}-0")));
    copy(&theirs, &ours_now)?;
    for extension in ["index", "timeindex", "txnindex", "snapshot"] {
        for path in with_extension(&ours_now, extension)? {
            fs::remove_file(path)?;
        }
    }
    ours(&play.programs.ottla, &["log", "adopt", &data.to_string_lossy()], "")?;
    let mut ottla = play.ottla("indexing", &[])?;
    ottla.serve()?;
    let outcome = served(&ottla, PLAIN, &play.theirs);
    ottla.stop()?;
    outcome?;
    let indexes = |folder: &Path| -> Outcome<Vec<(String, Vec<u8>)>> {
        let mut found = Vec::new();
        for path in with_extension(folder, "txnindex")? {
            let (name, bytes) = (Path::new(&path).file_name().unwrap_or_default(), fs::read(&path)?);
            found.push((name.to_string_lossy().into_owned(), bytes));
        }
        found.retain(|(_, bytes)| !bytes.is_empty()); // Kafka also keeps files for nothing
        found.sort();
        Ok(found)
    };
    let wanted = indexes(&theirs)?;
    same("aborted indexes, some", wanted.is_empty(), false)?;
    same("the aborted indexes", indexes(&ours_now)? == wanted, true)
}
