// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `StreamsGroupDescribe` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "StreamsGroupDescribeRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "groupIds",
            kind: Kind::Array(&Kind::String),
            doc: "Ids of the groups.",
            ..Field::PLAIN
        },
        Field {
            name: "includeAuthorizedOperations",
            kind: Kind::Bool,
            doc: "Whether to say what the client may do to each of them.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "StreamsGroupDescribeResponse",
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
            name: "groups",
            kind: Kind::Array(&Kind::Struct(&DESCRIBED_GROUP)),
            doc: "The groups of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `DescribedGroup`.
static DESCRIBED_GROUP: [Field; 9] = [
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
    Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
    Field {
        name: "groupState",
        kind: Kind::String,
        doc: "State of the group, such as `Stable` or `Empty`.",
        ..Field::PLAIN
    },
    Field {
        name: "groupEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the group, which grows whenever its members or what they read changes.",
        ..Field::PLAIN
    },
    Field {
        name: "assignmentEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the group for which the target assignment was made.",
        ..Field::PLAIN
    },
    Field {
        name: "topology",
        kind: Kind::Struct(&TOPOLOGY),
        nullable: Some((0, i16::MAX)),
        doc: "The topology of the group; null if it has none.",
        ..Field::PLAIN
    },
    Field {
        name: "members",
        kind: Kind::Array(&Kind::Struct(&MEMBER)),
        doc: "The members of the group.",
        ..Field::PLAIN
    },
    Field {
        name: "authorizedOperations",
        kind: Kind::Int32,
        doc: "What the client may do to it, a bit an operation; the default stands for \"not asked\".",
        ..Field::PLAIN
    },
];

/// `Topology`.
static TOPOLOGY: [Field; 2] = [
    Field { name: "epoch", kind: Kind::Int32, doc: "Epoch of the topology.", ..Field::PLAIN },
    Field {
        name: "subtopologies",
        kind: Kind::Array(&Kind::Struct(&SUBTOPOLOGY)),
        nullable: Some((0, i16::MAX)),
        doc: "The subtopologies; null if they are not complete yet.",
        ..Field::PLAIN
    },
];

/// `Subtopology`.
static SUBTOPOLOGY: [Field; 5] = [
    Field { name: "subtopologyId", kind: Kind::String, doc: "Id of the subtopology.", ..Field::PLAIN },
    Field {
        name: "sourceTopics",
        kind: Kind::Array(&Kind::String),
        doc: "Names of the topics that the subtopology reads.",
        ..Field::PLAIN
    },
    Field {
        name: "repartitionSinkTopics",
        kind: Kind::Array(&Kind::String),
        doc: "Names of the repartition topics that the subtopology writes.",
        ..Field::PLAIN
    },
    Field {
        name: "stateChangelogTopics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_INFO)),
        doc: "The changelog topics of its state stores.",
        ..Field::PLAIN
    },
    Field {
        name: "repartitionSourceTopics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_INFO)),
        doc: "The repartition topics that the subtopology reads.",
        ..Field::PLAIN
    },
];

/// `TopicInfo`.
static TOPIC_INFO: [Field; 4] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field { name: "partitions", kind: Kind::Int32, doc: "How many partitions it has.", ..Field::PLAIN },
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

/// `Member`.
static MEMBER: [Field; 15] = [
    Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    Field {
        name: "memberEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the member in its group (KIP-848); -1 where there is none.",
        ..Field::PLAIN
    },
    Field {
        name: "instanceId",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "Name of a static member, which stays the same when the member starts anew; null for a dynamic one.",
        ..Field::PLAIN
    },
    Field {
        name: "rackId",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "Rack or zone of the member; null if it was given none.",
        ..Field::PLAIN
    },
    Field { name: "clientId", kind: Kind::String, doc: "Name that the client gives itself.", ..Field::PLAIN },
    Field {
        name: "clientHost",
        kind: Kind::String,
        doc: "Address from which the client is connected.",
        ..Field::PLAIN
    },
    Field {
        name: "topologyEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the topology that the member has.",
        ..Field::PLAIN
    },
    Field {
        name: "processId",
        kind: Kind::String,
        doc: "Id of the process, which may hold several members.",
        ..Field::PLAIN
    },
    Field {
        name: "userEndpoint",
        kind: Kind::Struct(&ENDPOINT),
        nullable: Some((0, i16::MAX)),
        doc: "Where the member answers interactive queries; null if it does not.",
        ..Field::PLAIN
    },
    Field {
        name: "clientTags",
        kind: Kind::Array(&Kind::Struct(&KEY_VALUE)),
        doc: "Tags of the client, for assignments that mind racks.",
        ..Field::PLAIN
    },
    Field {
        name: "taskOffsets",
        kind: Kind::Array(&Kind::Struct(&TASK_OFFSET)),
        doc: "How far the member has read the changelogs of its tasks.",
        ..Field::PLAIN
    },
    Field {
        name: "taskEndOffsets",
        kind: Kind::Array(&Kind::Struct(&TASK_OFFSET)),
        doc: "Where the changelogs of its tasks end.",
        ..Field::PLAIN
    },
    Field {
        name: "assignment",
        kind: Kind::Struct(&ASSIGNMENT),
        doc: "What the member does.",
        ..Field::PLAIN
    },
    Field {
        name: "targetAssignment",
        kind: Kind::Struct(&ASSIGNMENT),
        doc: "What the member is to do.",
        ..Field::PLAIN
    },
    Field {
        name: "isClassic",
        kind: Kind::Bool,
        doc: "Whether the member speaks the classic protocol.",
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

/// `Assignment`.
static ASSIGNMENT: [Field; 3] = [
    Field {
        name: "activeTasks",
        kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
        doc: "Tasks that the member runs.",
        ..Field::PLAIN
    },
    Field {
        name: "standbyTasks",
        kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
        doc: "Tasks whose state the member keeps a copy of.",
        ..Field::PLAIN
    },
    Field {
        name: "warmupTasks",
        kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
        doc: "Tasks whose state the member is catching up with, to run them later.",
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
