// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `RemoveRaftVoter` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "RemoveRaftVoterRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "clusterId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Id of the cluster, checked if it is given.",
            ..Field::PLAIN
        },
        Field { name: "voterId", kind: Kind::Int32, doc: "Node id of the controller.", ..Field::PLAIN },
        Field {
            name: "voterDirectoryId",
            kind: Kind::Uuid,
            doc: "Id of the folder in which the controller keeps the quorum's log.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "RemoveRaftVoterResponse",
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
    ],
};
