//! Kafka's tools for who runs a cluster: its quorum, features, folders, leaders, moves and groups.
//!
//! Of one node most of them ask what it has no need of; what it answers, and what the tools make of that, is checked.

use super::cases_tools::well;
use super::programs::{Said, kcat, tool};
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

pub(super) const CASES: &[Case] = &[
    Case { name: "MetadataQuorumCommand finds one voter, which has everything", run: quorum },
    Case { name: "FeatureCommand describes, downgrades, upgrades, and is refused", run: features },
    Case { name: "LogDirsCommand tells what partitions take", run: folders },
    Case { name: "LeaderElectionCommand finds every leader elected", run: elections },
    Case {
        name: "ReassignPartitionsCommand proposes, executes, verifies, lists, calls off",
        run: reassignments,
    },
    Case { name: "GroupsCommand lists groups by what they are", run: groups },
];

/// What a tool says, on either of its outputs.
fn all(said: &Said) -> String {
    format!("{}{}", said.out, said.err)
}

/// A file beside the broker's folder.
fn file(scene: &Scene, name: &str, content: &Value) -> Outcome<PathBuf> {
    let path = scene.broker.data().with_file_name(name);
    fs::write(&path, content.to_string())?;
    Ok(path)
}

/// The word behind a label at the start of a line.
fn labelled<'a>(text: &'a str, label: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(label));
    line.map(str::trim).unwrap_or_default()
}

fn quorum(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    let run = |what| well("MetadataQuorumCommand", &["--bootstrap-server", &bootstrap, "describe", what], "");
    let end = |status: &str| -> Outcome<i64> { Ok(labelled(status, "HighWatermark:").parse()?) };
    let status = run("--status")?;
    same("the leader", labelled(&status, "LeaderId:"), "1")?;
    same("the lag", labelled(&status, "MaxFollowerLag:"), "0")?;
    holds("the voters", labelled(&status, "CurrentVoters:"), "[{\"id\": 1")?;
    same("the observers", labelled(&status, "CurrentObservers:"), "[]")?;
    create(scene, "quorum", 1)?;
    let after = run("--status")?;
    same("the log has grown with the topic", end(&after)? > end(&status)?, true)?;
    let replication = run("--replication")?;
    let rows: Vec<Vec<&str>> =
        replication.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    let [row] = &rows[..] else { return Err(format!("not one replica:\n{replication}").into()) };
    same("the node, its lag and what it is", [row[0], row[3], row[6]], ["1", "0", "Leader"])
}

const ELR: &str = "eligible.leader.replicas.version";

fn features(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    let run = |words: &[&str]| {
        let words = [&["--bootstrap-server", &bootstrap], words].concat();
        tool("FeatureCommand", &words, "")
    };
    let level = || -> Outcome<String> {
        let text = well("FeatureCommand", &["--bootstrap-server", &bootstrap, "describe"], "")?;
        let line = text.lines().find(|line| line.contains(ELR)).ok_or("the feature is not described")?;
        let level = line.split_once("FinalizedVersionLevel: ").ok_or("no level")?.1;
        Ok(level.split_whitespace().next().unwrap_or_default().to_owned())
    };
    let described = all(&run(&["describe"])?);
    for name in ["group", "kraft", "metadata", "share", "streams", "transaction"] {
        holds("describe", &described, &format!("Feature: {name}.version"))?;
    }
    holds("describe", &described, "SupportedMaxVersion: 4.3-IV0")?;
    same("the level at first", level()?.as_str(), "1")?;
    let (down, up, past) = (format!("{ELR}=0"), format!("{ELR}=1"), format!("{ELR}=2"));
    let checked = run(&["downgrade", "--dry-run", "--feature", &down])?;
    holds("a check", &all(&checked), "can be downgraded to 0")?;
    same("the level after a check", level()?.as_str(), "1")?;
    holds("downgrade", &all(&run(&["downgrade", "--feature", &down])?), "was downgraded to 0.")?;
    same("the level after downgrade", level()?.as_str(), "0")?;
    scene.broker.stop()?;
    scene.broker.serve()?;
    same("the level after a restart", level()?.as_str(), "0")?;
    holds("upgrade", &all(&run(&["upgrade", "--feature", &up])?), "was upgraded to 1.")?;
    same("the level after upgrade", level()?.as_str(), "1")?;
    let refused = run(&["upgrade", "--feature", &past])?;
    holds("past the highest", &all(&refused), "only supports versions 0-1")?;
    same("past the highest ends well", refused.well, false)?;
    let older = run(&["downgrade", "--metadata", "4.2"])?;
    holds("to older metadata", &all(&older), "Refusing to perform the requested downgrade")
}

/// The folder that the broker tells of, and the partitions in it of a topic, with their sizes.
fn told(bootstrap: &str, topic: &str) -> Outcome<(String, Vec<(String, u64)>)> {
    let words = ["--bootstrap-server", bootstrap, "--describe", "--topic-list", topic];
    let text = well("LogDirsCommand", &words, "")?;
    let line = text.lines().find(|line| line.starts_with('{')).ok_or("LogDirsCommand tells nothing")?;
    let told: Value = serde_json::from_str(line)?;
    let folder = &told["brokers"][0]["logDirs"][0];
    same("the folder is well", &folder["error"], &Value::Null)?;
    let partitions = folder["partitions"].as_array().ok_or("no partitions")?.iter();
    let partitions = partitions.map(|one| {
        (one["partition"].as_str().unwrap_or_default().to_owned(), one["size"].as_u64().unwrap_or_default())
    });
    Ok((folder["logDir"].as_str().unwrap_or_default().to_owned(), partitions.collect()))
}

fn folders(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    create(scene, "folders", 2)?;
    kcat(&bootstrap, &["-P", "-t", "folders", "-p", "1"], "a\nb\n")?;
    let (folder, mut partitions) = told(&bootstrap, "folders")?;
    partitions.sort();
    let on_disk = |index: u32| -> Outcome<u64> {
        let log = PathBuf::from(&folder).join(format!("folders-{index}/00000000000000000000.log"));
        Ok(if log.exists() { fs::metadata(log)?.len() } else { 0 })
    };
    let wanted = [("folders-0".to_owned(), on_disk(0)?), ("folders-1".to_owned(), on_disk(1)?)];
    same("sizes, as they are on disk", &partitions[..], &wanted[..])?;
    same("something was written", wanted[1].1 > 0, true)
}

fn elections(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    create(scene, "elections", 2)?;
    let run = |kind: &str, words: &[&str]| {
        let words = [&["--bootstrap-server", &bootstrap, "--election-type", kind], words].concat();
        tool("LeaderElectionCommand", &words, "")
    };
    let everywhere = run("preferred", &["--all-topic-partitions"])?;
    same("elections everywhere end well", everywhere.well, true)?;
    let one = run("preferred", &["--topic", "elections", "--partition", "0"])?;
    holds("one partition", &all(&one), "Valid replica already elected for partitions elections-0")?;
    let both = [json!({"topic": "elections", "partition": 0}), json!({"topic": "elections", "partition": 1})];
    let path = file(scene, "elections.json", &json!({ "partitions": both }))?;
    let unclean = run("unclean", &["--path-to-json-file", &path.to_string_lossy()])?;
    holds("both, uncleanly", &all(&unclean), "Valid replica already elected for partitions elections-")?;
    let unknown = run("preferred", &["--topic", "nowhere", "--partition", "0"])?;
    holds("an unknown topic", &all(&unknown), "No such topic as nowhere")?;
    same("an unknown topic ends well", unknown.well, false)
}

fn reassignments(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    create(scene, "moves", 2)?;
    kcat(&bootstrap, &["-P", "-t", "moves", "-p", "0"], "a\nb\n")?;
    let (folder, _) = told(&bootstrap, "moves")?;
    let topics = file(scene, "topics.json", &json!({"version": 1, "topics": [{"topic": "moves"}]}))?;
    let placed = |folder: &str| {
        let places = (0..2).map(
            |index| json!({"topic": "moves", "partition": index, "replicas": [1], "log_dirs": [folder]}),
        );
        json!({"version": 1, "partitions": places.collect::<Vec<_>>()})
    };
    let stays = file(scene, "stays.json", &placed(&folder))?;
    let leaves = file(scene, "leaves.json", &placed("/nowhere"))?;
    let run = |words: &[&str]| {
        let words = [&["--bootstrap-server", &bootstrap], words].concat();
        tool("reassign.ReassignPartitionsCommand", &words, "")
    };
    let (topics, stays, leaves) =
        (topics.to_string_lossy(), stays.to_string_lossy(), leaves.to_string_lossy());
    let proposed = run(&["--generate", "--topics-to-move-json-file", &topics, "--broker-list", "1"])?;
    holds("--generate", &all(&proposed), r#""partition":1,"replicas":[1],"log_dirs":["any"]"#)?;
    let begun = run(&["--execute", "--reassignment-json-file", &stays])?;
    holds("--execute", &all(&begun), "Successfully started partition reassignments for moves-0,moves-1")?;
    holds("--execute", &all(&begun), "Successfully started moving log director")?;
    let done = run(&["--verify", "--reassignment-json-file", &stays])?;
    holds("--verify", &all(&done), "Reassignment of partition moves-1 is completed.")?;
    holds("--verify", &all(&done), "Reassignment of replica moves-1-1 completed successfully.")?;
    holds("--list", &all(&run(&["--list"])?), "No partition reassignments found.")?;
    let off = run(&["--cancel", "--reassignment-json-file", &stays])?;
    holds("--cancel", &all(&off), "None of the specified partition reassignments are active.")?;
    let nowhere = run(&["--execute", "--timeout", "2000", "--reassignment-json-file", &leaves])?;
    same("a folder that is not there ends well", nowhere.well, false)?;
    let read = ["-C", "-t", "moves", "-p", "0", "-o", "beginning", "-e", "-f", "%o %s\n"];
    same("what is there after all of that", kcat(&bootstrap, &read, "")?.as_str(), "0 a\n1 b\n")
}

fn groups(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    create(scene, "grouped", 1)?;
    kcat(&bootstrap, &["-P", "-t", "grouped", "-p", "0"], "a\n")?;
    let mut words = vec!["--bootstrap-server", &bootstrap, "--topic", "grouped", "--group", "classic-one"];
    words.extend(["--from-beginning", "--max-messages", "1", "--timeout-ms", "30000"]);
    holds("what the group reads", &tool("consumer.ConsoleConsumer", &words, "")?.out, "a\n")?;
    let listed = |words: &[&str]| {
        well("GroupsCommand", &[&["--bootstrap-server", &bootstrap, "--list"], words].concat(), "")
    };
    let row = |text: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.starts_with("classic-one "));
        line.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let wanted: Vec<_> = ["classic-one", "Classic", "consumer"].map(str::to_owned).into();
    same("the group", row(&listed(&[])?), wanted.clone())?;
    same("of its type", row(&listed(&["--group-type", "classic"])?), wanted.clone())?;
    same("of its protocol", row(&listed(&["--protocol", "consumer"])?), wanted)?;
    same("of another type", row(&listed(&["--group-type", "share"])?), Vec::new())
}
