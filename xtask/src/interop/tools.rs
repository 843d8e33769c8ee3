//! The tools that come with Kafka, as data: the cases that each column of their table stands for, and what a tool has no
//! words for.

/// Columns of the table.
pub(super) const COLUMNS: [&str; 9] = [
    "every codec",
    "keys",
    "headers",
    "nulls",
    "several partitions",
    "group of 3",
    "one leaves",
    "one dies",
    "restart",
];

/// One tool: a row of the table.
pub(super) struct Tool {
    /// What it is called.
    pub(super) name: &'static str,
    /// One for each of [`COLUMNS`].
    pub(super) cells: [Cell; COLUMNS.len()],
}

/// One cell.
#[derive(Clone, Copy)]
pub(super) enum Cell {
    /// What it says is so if all of these cases pass.
    Cases(&'static [&'static str]),
    /// The tool cannot express it, and why.
    Lacks(&'static str),
}

use Cell::{Cases, Lacks};

const CONSOLE: Cell = Cases(&[
    "ConsoleProducer and ConsoleConsumer, no codec",
    "ConsoleProducer and ConsoleConsumer, gzip",
    "ConsoleProducer and ConsoleConsumer, snappy",
    "ConsoleProducer and ConsoleConsumer, lz4",
    "ConsoleProducer and ConsoleConsumer, zstd",
    "the console tools and ours, no codec",
    "the console tools and ours, gzip",
    "the console tools and ours, snappy",
    "the console tools and ours, lz4",
    "the console tools and ours, zstd",
]);
const VERIFIABLE: Cell = Cases(&["VerifiableProducer and VerifiableConsumer, every codec"]);
const PERFORMANCE: Cell = Cases(&["ProducerPerformance and ConsumerPerformance, every codec"]);
const LATENCY: Cell = Cases(&["EndToEndLatency, every codec"]);
const THREE_CONSOLES: Cell = Cases(&["three ConsoleConsumers share a topic, one leaves, one dies"]);
const THREE_VERIFIABLE: Cell = Cases(&["three VerifiableConsumers share a topic, one leaves, one dies"]);
const THREE: Cell = Cases(&[
    "three ConsoleConsumers share a topic, one leaves, one dies",
    "three VerifiableConsumers share a topic, one leaves, one dies",
]);
const RESTART: Cell = Cases(&["the tools that move records go on through a restart"]);

const ONLY_WRITES: Cell = Lacks("it only writes");
const ONLY_VALUES: Cell = Lacks("ProducerPerformance writes values alone, and none of them null");
const ONLY_COUNTS: Cell =
    Lacks("ConsumerPerformance counts records, and shows neither them nor where it read them");
const NUMBERS: Cell = Lacks("the values of VerifiableProducer are numbers");
const NO_HEADERS: Cell = Lacks("VerifiableProducer and VerifiableConsumer know no headers");
const NO_NULLS: Cell = Lacks("EndToEndLatency compares values, and so has one in each record");
const NO_GROUP: Cell = Lacks("EndToEndLatency reads partitions that it names, outside any group");
const NO_RECORDS: Cell = Lacks("it moves no records");
const NO_MEMBERS: Cell = Lacks("it does not look at groups");
const NO_TOPICS: Cell = Lacks("it does not look at topics");
const ASKS: Cell = Lacks("it asks for something and ends");

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "ConsoleProducer",
        cells: [CONSOLE, CONSOLE, CONSOLE, CONSOLE, CONSOLE, ONLY_WRITES, ONLY_WRITES, ONLY_WRITES, RESTART],
    },
    Tool {
        name: "ConsoleConsumer",
        cells: [
            CONSOLE,
            CONSOLE,
            CONSOLE,
            CONSOLE,
            CONSOLE,
            THREE_CONSOLES,
            THREE_CONSOLES,
            THREE_CONSOLES,
            RESTART,
        ],
    },
    Tool {
        name: "ProducerPerformance",
        cells: [
            PERFORMANCE,
            ONLY_VALUES,
            ONLY_VALUES,
            ONLY_VALUES,
            PERFORMANCE,
            ONLY_WRITES,
            ONLY_WRITES,
            ONLY_WRITES,
            RESTART,
        ],
    },
    Tool {
        name: "ConsumerPerformance",
        cells: [
            PERFORMANCE,
            ONLY_COUNTS,
            ONLY_COUNTS,
            ONLY_COUNTS,
            PERFORMANCE,
            ONLY_COUNTS,
            ONLY_COUNTS,
            ONLY_COUNTS,
            RESTART,
        ],
    },
    Tool {
        name: "VerifiableProducer",
        cells: [
            VERIFIABLE,
            VERIFIABLE,
            NO_HEADERS,
            NUMBERS,
            VERIFIABLE,
            ONLY_WRITES,
            ONLY_WRITES,
            ONLY_WRITES,
            RESTART,
        ],
    },
    Tool {
        name: "VerifiableConsumer",
        cells: [
            VERIFIABLE,
            VERIFIABLE,
            NO_HEADERS,
            VERIFIABLE,
            VERIFIABLE,
            THREE_VERIFIABLE,
            THREE_VERIFIABLE,
            THREE_VERIFIABLE,
            RESTART,
        ],
    },
    Tool {
        name: "EndToEndLatency",
        cells: [LATENCY, LATENCY, LATENCY, NO_NULLS, LATENCY, NO_GROUP, NO_GROUP, NO_GROUP, RESTART],
    },
    Tool {
        name: "TopicCommand",
        cells: [
            NO_RECORDS,
            NO_RECORDS,
            NO_RECORDS,
            NO_RECORDS,
            Cases(&["TopicCommand creates, lists, describes, alters, deletes"]),
            NO_MEMBERS,
            NO_MEMBERS,
            NO_MEMBERS,
            ASKS,
        ],
    },
    Tool {
        name: "ConfigCommand",
        cells: [
            NO_RECORDS,
            NO_RECORDS,
            NO_RECORDS,
            NO_RECORDS,
            Cases(&[
                "ConfigCommand alters, describes and deletes configurations of every kind",
                "ConfigCommand is told what is wrong with a value",
            ]),
            NO_MEMBERS,
            NO_MEMBERS,
            NO_MEMBERS,
            ASKS,
        ],
    },
    Tool {
        name: "ClientMetricsCommand",
        cells: [
            NO_RECORDS, NO_RECORDS, NO_RECORDS, NO_RECORDS, NO_TOPICS, NO_MEMBERS, NO_MEMBERS, NO_MEMBERS,
            ASKS,
        ],
    },
    Tool {
        name: "GetOffsetShell",
        cells: [
            NO_RECORDS,
            NO_RECORDS,
            NO_RECORDS,
            NO_RECORDS,
            Cases(&["GetOffsetShell tells earliest, latest, of a timestamp, maximum"]),
            NO_MEMBERS,
            NO_MEMBERS,
            NO_MEMBERS,
            ASKS,
        ],
    },
    Tool {
        name: "ConsumerGroupCommand",
        cells: [
            NO_RECORDS,
            NO_RECORDS,
            NO_RECORDS,
            NO_RECORDS,
            Cases(&[
                "ConsumerGroupCommand lists, describes, resets, deletes",
                "ConsumerGroupCommand sees members, and resets nothing under them",
            ]),
            THREE,
            THREE,
            THREE,
            ASKS,
        ],
    },
    Tool {
        name: "BrokerApiVersionsCommand",
        cells: [
            NO_RECORDS, NO_RECORDS, NO_RECORDS, NO_RECORDS, NO_TOPICS, NO_MEMBERS, NO_MEMBERS, NO_MEMBERS,
            ASKS,
        ],
    },
];
