//! Kafka's own tools for configurations: of topics, brokers, groups and the metrics of clients.

use super::cases_tools::well;
use super::programs::tool;
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "ConfigCommand alters, describes and deletes configurations of every kind",
        run: every_kind,
    },
    Case { name: "ConfigCommand is told what is wrong with a value", run: refusals },
    Case { name: "ClientMetricsCommand alters, lists, describes, deletes", run: client_metrics },
];

/// Keeps what was done under these words by one tool.
struct Configs(String);

impl Configs {
    fn of(scene: &Scene) -> Self {
        Self(scene.broker.bootstrap())
    }

    fn run(&self, words: &[&str]) -> Outcome<String> {
        well("kafka.admin.ConfigCommand", &self.words(words), "")
    }

    /// What is said when it goes wrong, which it must.
    fn refused(&self, words: &[&str]) -> Outcome<String> {
        let said = tool("kafka.admin.ConfigCommand", &self.words(words), "")?;
        let all = format!("{}{}", said.out, said.err);
        if said.well { Err(format!("{} is taken:\n{all}", words.join(" ")).into()) } else { Ok(all) }
    }

    fn words<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        [&["--bootstrap-server", self.0.as_str()], words].concat()
    }
}

/// A kind of resource, a name of one, what is set for it, and what is described then.
type Asked<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)]);

fn every_kind(scene: &mut Scene) -> Outcome {
    create(scene, "configured", 1)?;
    let configs = Configs::of(scene);
    let kinds: [Asked<'_>; 5] = [
        (
            "topics",
            "configured",
            "cleanup.policy=[compact,delete],retention.ms=60000",
            &[("cleanup.policy", "compact,delete"), ("retention.ms", "60000")],
        ),
        ("brokers", "1", "log.cleaner.threads=2", &[("log.cleaner.threads", "2")]),
        (
            "groups",
            "of-group",
            "consumer.session.timeout.ms=50000",
            &[("consumer.session.timeout.ms", "50000")],
        ),
        (
            "groups",
            "of-share",
            "share.isolation.level=read_committed",
            &[("share.isolation.level", "read_committed")],
        ),
        (
            "client-metrics",
            "of-clients",
            "interval.ms=1000,metrics=[a.,b.]",
            &[("interval.ms", "1000"), ("metrics", "a.,b.")],
        ),
    ];
    for (kind, name, set, keys) in kinds {
        let entity = ["--entity-type", kind, "--entity-name", name];
        let of = |words: &[&'static str]| [&entity[..], words].concat();
        holds(
            "--add-config",
            &configs.run(&[&of(&["--alter", "--add-config"])[..], &[set]].concat())?,
            "Completed",
        )?;
        let described = configs.run(&of(&["--describe"]))?;
        for (key, value) in keys {
            holds(&format!("--describe of {kind}"), &described, &format!("  {key}={value} sensitive=false"))?;
        }
        let of_kind = configs.run(&["--entity-type", kind, "--describe"])?;
        holds(&format!("--describe of all {kind}"), &of_kind, &format!(" {name} are:"))?;
        let all = configs.run(&of(&["--describe", "--all"]))?;
        same("keys of each", all.lines().filter(|line| line.contains("sensitive=")).count() > 2, true)?;
        let keys = keys.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(",");
        configs.run(&[&of(&["--alter", "--delete-config"])[..], &[keys.as_str()]].concat())?;
        let left = configs.run(&of(&["--describe"]))?;
        same("left after --delete-config", left.contains("sensitive="), false)?;
    }
    let all_brokers = ["--entity-type", "brokers", "--entity-default"];
    configs.run(&[&all_brokers[..], &["--alter", "--add-config", "message.max.bytes=2000000"]].concat())?;
    let described = configs.run(&[&all_brokers[..], &["--describe"]].concat())?;
    holds(
        "--describe of all brokers",
        &described,
        "message.max.bytes=2000000 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:message.max.bytes=2000000}",
    )?;
    let topic =
        configs.run(&["--entity-type", "topics", "--entity-name", "configured", "--describe", "--all"])?;
    holds("a topic follows", &topic, "max.message.bytes=2000000")?;
    configs.run(&[&all_brokers[..], &["--alter", "--delete-config", "message.max.bytes"]].concat()).map(drop)
}

fn refusals(scene: &mut Scene) -> Outcome {
    create(scene, "misconfigured", 1)?;
    let configs = Configs::of(scene);
    let cases = [
        ("topics", "misconfigured", "segment.bytes=1", "Value must be at least 1048576"),
        ("topics", "misconfigured", "no.such.key=1", "Unknown topic config name: no.such.key"),
        ("topics", "not-there", "retention.ms=1", "The topic 'not-there' does not exist."),
        ("brokers", "1", "num.partitions=3", "Cannot update these configs dynamically"),
        (
            "groups",
            "g",
            "consumer.session.timeout.ms=1000",
            "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
        ),
        ("groups", "g", "no.such.key=1", "Unknown group config name: no.such.key"),
        ("client-metrics", "m", "interval.ms=1", "interval must be between 100 and 3600000 (1 hour)"),
        ("client-metrics", "m", "match=[a=b]", "Illegal client matching pattern: a=b"),
    ];
    for (kind, name, set, words) in cases {
        let said = configs.refused(&[
            "--entity-type",
            kind,
            "--entity-name",
            name,
            "--alter",
            "--add-config",
            set,
        ])?;
        holds(set, &said, words)?;
    }
    Ok(())
}

fn client_metrics(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    let run = |words: &[&str]| {
        well("ClientMetricsCommand", &[&["--bootstrap-server", bootstrap.as_str()], words].concat(), "")
    };
    let set = ["--metrics", "org.apache.kafka.producer.,org.apache.kafka.consumer.", "--interval", "5000"];
    let set = [&set[..], &["--match", "client_id=orders-.*"]].concat();
    holds("--alter", &run(&[&["--alter", "--name", "orders"], &set[..]].concat())?, "Altered")?;
    run(&["--alter", "--name", "all", "--metrics", "*"])?;
    same(
        "--list",
        run(&["--list"])?.lines().map(str::to_owned).collect(),
        vec!["all".to_owned(), "orders".to_owned()],
    )?;
    let described = run(&["--describe", "--name", "orders"])?;
    for line in [
        "interval.ms=5000",
        "match=client_id=orders-.*",
        "metrics=org.apache.kafka.producer.,org.apache.kafka.consumer.",
    ] {
        holds("--describe", &described, line)?;
    }
    run(&["--delete", "--name", "orders"])?;
    same("--list", run(&["--list"])?.as_str(), "all\n")?;
    run(&["--delete", "--name", "all"]).map(drop)
}
