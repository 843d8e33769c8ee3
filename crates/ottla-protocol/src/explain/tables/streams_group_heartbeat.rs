// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `StreamsGroupHeartbeat` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "StreamsGroupHeartbeatRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "memberId",
            kind: Kind::String,
            doc: "Id of the member, chosen by itself, which it keeps as long as it lives.",
            ..Field::PLAIN
        },
        Field {
            name: "memberEpoch",
            kind: Kind::Int32,
            doc: "Epoch of the member: 0 to join, -1 to leave, -2 to leave as a static member that will come back.",
            ..Field::PLAIN
        },
        Field {
            name: "endpointInformationEpoch",
            kind: Kind::Int32,
            doc: "Epoch of the endpoints that the member knows.",
            ..Field::PLAIN
        },
        Field {
            name: "instanceId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Name of a static member; null if there is none or it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "rackId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Rack or zone of the member; null if there is none or it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "rebalanceTimeoutMs",
            kind: Kind::Int32,
            doc: "How long the member may take to give tasks up, in milliseconds; -1 if it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "topology",
            kind: Kind::Struct(&TOPOLOGY),
            nullable: Some((0, i16::MAX)),
            doc: "The topology of the application; null unless the member joins.",
            ..Field::PLAIN
        },
        Field {
            name: "activeTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            nullable: Some((0, i16::MAX)),
            doc: "Tasks that the member runs; null if they did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "standbyTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            nullable: Some((0, i16::MAX)),
            doc: "Tasks whose state the member keeps a copy of; null if they did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "warmupTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            nullable: Some((0, i16::MAX)),
            doc: "Tasks whose state the member is catching up with; null if they did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "processId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Id of the process, which may hold several members; null if it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "userEndpoint",
            kind: Kind::Struct(&ENDPOINT),
            nullable: Some((0, i16::MAX)),
            doc: "Where the member answers interactive queries; null if there is none or it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "clientTags",
            kind: Kind::Array(&Kind::Struct(&KEY_VALUE)),
            nullable: Some((0, i16::MAX)),
            doc: "Tags of the client, for assignments that mind racks; null if they did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "taskOffsets",
            kind: Kind::Array(&Kind::Struct(&TASK_OFFSET)),
            nullable: Some((0, i16::MAX)),
            doc: "How far the member has read the changelogs of its tasks; null if it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "taskEndOffsets",
            kind: Kind::Array(&Kind::Struct(&TASK_OFFSET)),
            nullable: Some((0, i16::MAX)),
            doc: "Where the changelogs of its tasks end; null if it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "shutdownApplication",
            kind: Kind::Bool,
            doc: "Whether all members are to shut down.",
            ..Field::PLAIN
        },
    ],
};

/// `Topology`.
static TOPOLOGY: [Field; 2] = [
    Field {
        name: "epoch",
        kind: Kind::Int32,
        doc: "Epoch of the topology, to tell whether the member's is that of the group.",
        ..Field::PLAIN
    },
    Field {
        name: "subtopologies",
        kind: Kind::Array(&Kind::Struct(&SUBTOPOLOGY)),
        doc: "The subtopologies.",
        ..Field::PLAIN
    },
];

/// `Subtopology`.
static SUBTOPOLOGY: [Field; 7] = [
    Field { name: "subtopologyId", kind: Kind::String, doc: "Id of the subtopology.", ..Field::PLAIN },
    Field {
        name: "sourceTopics",
        kind: Kind::Array(&Kind::String),
        doc: "Names of the topics that the subtopology reads.",
        ..Field::PLAIN
    },
    Field {
        name: "sourceTopicRegex",
        kind: Kind::Array(&Kind::String),
        doc: "Patterns of names of topics that the subtopology reads.",
        ..Field::PLAIN
    },
    Field {
        name: "stateChangelogTopics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_INFO)),
        doc: "The changelog topics of its state stores.",
        ..Field::PLAIN
    },
    Field {
        name: "repartitionSinkTopics",
        kind: Kind::Array(&Kind::String),
        doc: "Names of the repartition topics that the subtopology writes.",
        ..Field::PLAIN
    },
    Field {
        name: "repartitionSourceTopics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_INFO)),
        doc: "The repartition topics that the subtopology reads.",
        ..Field::PLAIN
    },
    Field {
        name: "copartitionGroups",
        kind: Kind::Array(&Kind::Struct(&COPARTITION_GROUP)),
        doc: "Topics that must have the same number of partitions, group by group.",
        ..Field::PLAIN
    },
];

/// `TopicInfo`.
static TOPIC_INFO: [Field; 4] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Int32,
        doc: "How many partitions it has; 0 to let the coordinator find out.",
        ..Field::PLAIN
    },
    Field {
        name: "replicationFactor",
        kind: Kind::Int16,
        doc: "How many replicas each partition gets; 0 for the broker's default.",
        ..Field::PLAIN
    },
    Field {
        name: "topicConfigs",
        kind: Kind::Array(&Kind::Struct(&KEY_VALUE)),
        doc: "Configuration that differs from the broker's.",
        ..Field::PLAIN
    },
];

/// `KeyValue`.
static KEY_VALUE: [Field; 2] = [
    Field { name: "key", kind: Kind::String, doc: "The key.", ..Field::PLAIN },
    Field { name: "value", kind: Kind::String, doc: "The value.", ..Field::PLAIN },
];

/// `CopartitionGroup`.
static COPARTITION_GROUP: [Field; 3] = [
    Field {
        name: "sourceTopics",
        kind: Kind::Array(&Kind::Int16),
        doc: "Positions in `source_topics`.",
        ..Field::PLAIN
    },
    Field {
        name: "sourceTopicRegex",
        kind: Kind::Array(&Kind::Int16),
        doc: "Positions in `source_topic_regex`.",
        ..Field::PLAIN
    },
    Field {
        name: "repartitionSourceTopics",
        kind: Kind::Array(&Kind::Int16),
        doc: "Positions in `repartition_source_topics`.",
        ..Field::PLAIN
    },
];

/// `TaskIds`.
static TASK_IDS: [Field; 2] = [
    Field { name: "subtopologyId", kind: Kind::String, doc: "Id of the subtopology.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions, one a task.",
        ..Field::PLAIN
    },
];

/// `Endpoint`.
static ENDPOINT: [Field; 2] = [
    Field { name: "host", kind: Kind::String, doc: "Host name or address.", ..Field::PLAIN },
    Field { name: "port", kind: Kind::Uint16, doc: "Port.", ..Field::PLAIN },
];

/// `TaskOffset`.
static TASK_OFFSET: [Field; 3] = [
    Field { name: "subtopologyId", kind: Kind::String, doc: "Id of the subtopology.", ..Field::PLAIN },
    Field {
        name: "partition",
        kind: Kind::Int32,
        doc: "Number of the partition, which is the task.",
        ..Field::PLAIN
    },
    Field { name: "offset", kind: Kind::Int64, doc: "The offset.", ..Field::PLAIN },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "StreamsGroupHeartbeatResponse",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "errorCode",
            kind: Kind::ErrorCode,
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "errorMessage",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "What went wrong, in words, where the code does not say it all.",
            ..Field::PLAIN
        },
        Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
        Field { name: "memberEpoch", kind: Kind::Int32, doc: "New epoch of the member.", ..Field::PLAIN },
        Field {
            name: "heartbeatIntervalMs",
            kind: Kind::Int32,
            doc: "How long the member waits before its next heartbeat, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "acceptableRecoveryLag",
            kind: Kind::Int32,
            doc: "How far behind a task that warms up may be to count as caught up.",
            ..Field::PLAIN
        },
        Field {
            name: "taskOffsetIntervalMs",
            kind: Kind::Int32,
            doc: "How often to tell the offsets of tasks, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "status",
            kind: Kind::Array(&Kind::Struct(&STATUS)),
            nullable: Some((0, i16::MAX)),
            doc: "What the group lacks, such as topics; null if nothing is told.",
            ..Field::PLAIN
        },
        Field {
            name: "activeTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            nullable: Some((0, i16::MAX)),
            doc: "Tasks that the member is to run; null if they did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "standbyTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            nullable: Some((0, i16::MAX)),
            doc: "Tasks whose state the member is to keep a copy of; null if they did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "warmupTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            nullable: Some((0, i16::MAX)),
            doc: "Tasks whose state the member is to catch up with; null if they did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "endpointInformationEpoch",
            kind: Kind::Int32,
            doc: "Epoch of the endpoints.",
            ..Field::PLAIN
        },
        Field {
            name: "partitionsByUserEndpoint",
            kind: Kind::Array(&Kind::Struct(&ENDPOINT_TO_PARTITIONS)),
            nullable: Some((0, i16::MAX)),
            doc: "Who holds which state, for interactive queries; null if it did not change.",
            ..Field::PLAIN
        },
    ],
};

/// `Status`.
static STATUS: [Field; 2] = [
    Field {
        name: "statusCode",
        kind: Kind::Int8,
        doc: "What it is: 0 the topology is out of date, 1 source topics are missing, 2 partitions do not fit, 3 internal topics are missing, 4 all are to shut down, 5 the assignment is put off for a while.",
        ..Field::PLAIN
    },
    Field { name: "statusDetail", kind: Kind::String, doc: "The same, in words.", ..Field::PLAIN },
];

/// `EndpointToPartitions`.
static ENDPOINT_TO_PARTITIONS: [Field; 3] = [
    Field {
        name: "userEndpoint",
        kind: Kind::Struct(&ENDPOINT),
        doc: "Where the member answers interactive queries.",
        ..Field::PLAIN
    },
    Field {
        name: "activePartitions",
        kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITION)),
        doc: "Partitions of tasks that it runs.",
        ..Field::PLAIN
    },
    Field {
        name: "standbyPartitions",
        kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITION)),
        doc: "Partitions of tasks whose state it keeps a copy of.",
        ..Field::PLAIN
    },
];

/// `TopicPartition`.
static TOPIC_PARTITION: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];
