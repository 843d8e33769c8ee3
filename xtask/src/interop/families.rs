//! The families of clients, as data: the program that speaks for each, and what it has no words for.
//!
//! How programs are installed and started is in `environment`; what they are asked to do is in `features`.

use super::environment::Program;

/// One family of clients: a row of the table.
#[derive(Clone)]
pub(super) struct Family {
    /// What it is called in the table.
    pub(super) name: &'static str,
    /// The program that speaks for it.
    pub(super) program: Program,
    /// Assignors that it has, in the names of the contract.
    pub(super) assignors: &'static [&'static str],
    /// The assignor that the cases with a single family use.
    pub(super) assignor: &'static str,
    /// Whether its members have to come one after the other, each when the group has settled.
    pub(super) joins_in_turn: bool,
    /// Features that it cannot express, with the reason.
    pub(super) lacks: &'static [(&'static str, &'static str)],
}

impl Family {
    /// Its name in names of topics and files.
    pub(super) fn slug(&self) -> String {
        self.name.to_lowercase().replace(' ', "-")
    }

    /// Why it cannot express a feature, if it cannot.
    pub(super) fn lack(&self, feature: &str) -> Option<&'static str> {
        self.lacks.iter().find(|(name, _)| *name == feature).map(|(_, reason)| *reason)
    }
}

pub(super) const KCAT: Family = Family {
    name: "kcat",
    program: Program::Python("kcat"),
    assignors: &["range", "roundrobin", "cooperative-sticky"],
    assignor: "roundrobin",
    joins_in_turn: false,
    lacks: &[],
};

pub(super) const FRANZ: Family = Family {
    name: "franz-go",
    program: Program::Go("franz"),
    assignors: &["range", "roundrobin", "sticky", "cooperative-sticky"],
    assignor: "cooperative-sticky",
    joins_in_turn: false,
    lacks: &[],
};

pub(super) const JAVA: Family = Family {
    name: "Java",
    program: Program::Java,
    assignors: &["range", "roundrobin", "sticky", "cooperative-sticky"],
    assignor: "sticky",
    joins_in_turn: false,
    lacks: &[],
};

pub(super) const CONFLUENT: Family = Family {
    name: "confluent-kafka",
    program: Program::Python("confluent"),
    assignors: &["range", "roundrobin", "cooperative-sticky"],
    assignor: "cooperative-sticky",
    joins_in_turn: false,
    lacks: &[],
};

/// Clients that nobody here wrote, in the order of the table.
pub(super) const THEIRS: &[Family] = &[
    JAVA,
    KCAT,
    CONFLUENT,
    Family {
        name: "kafka-python",
        program: Program::Python("kafka_python"),
        assignors: &["range", "roundrobin", "sticky", "cooperative-sticky"],
        assignor: "range",
        // A member of 3.0.12 to which another comes before its first assignment may spin from then on, without a
        // heartbeat.
        joins_in_turn: true,
        lacks: &[("null header", "kafka-python sends no header without a value")],
    },
    Family {
        name: "aiokafka",
        program: Program::Python("aiokafka_client"),
        assignors: &["range", "roundrobin", "sticky"],
        assignor: "sticky",
        joins_in_turn: false,
        lacks: &[],
    },
    Family {
        name: "kafkajs",
        program: Program::Node,
        assignors: &[],
        assignor: "default",
        joins_in_turn: false,
        lacks: &[
            ("null header", "KafkaJS sends no header without a value"),
            (
                "assigned",
                "KafkaJS reads as a member of a group only, never partitions of the caller's choice",
            ),
        ],
    },
    FRANZ,
    Family {
        name: "sarama",
        program: Program::Go("sarama"),
        assignors: &["range", "roundrobin", "sticky"],
        assignor: "range",
        joins_in_turn: false,
        lacks: &[],
    },
    Family {
        name: "rskafka",
        program: Program::Rskafka,
        assignors: &[],
        assignor: "default",
        joins_in_turn: false,
        lacks: &[
            ("by key", "rskafka has no partitioner: the caller names the partition of each record"),
            ("null header", "rskafka's headers have a value always"),
            ("group of 3", "rskafka has no consumer groups"),
            ("one leaves", "rskafka has no consumer groups"),
            ("one dies", "rskafka has no consumer groups"),
        ],
    },
];

/// Ours, for the mirror.
pub(super) const OURS: &[Family] = &[CRATES, COMMAND];

/// Our own crates.
pub(super) const CRATES: Family = Family {
    name: "ottla crates",
    program: Program::Ours,
    assignors: &["range", "roundrobin", "sticky", "cooperative-sticky"],
    assignor: "cooperative-sticky",
    joins_in_turn: false,
    lacks: &[("the broker matches a regular expression", "ottla's consumer matches patterns by itself")],
};

/// Our command.
const COMMAND: Family = Family {
    name: "ottla command",
    program: Program::Python("command"),
    assignors: &["range", "roundrobin", "sticky", "cooperative-sticky"],
    assignor: "default",
    joins_in_turn: false,
    lacks: &[],
};

/// Everybody's, in the order of the table.
pub(super) fn all() -> Vec<Family> {
    [THEIRS, OURS].concat()
}
