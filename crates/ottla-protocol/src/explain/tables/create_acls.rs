// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `CreateAcls` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "CreateAclsRequest",
    versions: 1..=3,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "creations",
        kind: Kind::Array(&Kind::Struct(&ACL_CREATION)),
        doc: "The rules.",
        ..Field::PLAIN
    }],
};

/// `AclCreation`.
static ACL_CREATION: [Field; 7] = [
    Field {
        name: "resourceType",
        kind: Kind::Int8,
        doc: "Kind of the resource: 2 a topic, 3 a group, 4 the cluster, 5 a transactional id, 6 a delegation token, 7 a user.",
        ..Field::PLAIN
    },
    Field {
        name: "resourceName",
        kind: Kind::String,
        doc: "Name of the resource; `*` for all of the kind.",
        ..Field::PLAIN
    },
    Field {
        name: "resourcePatternType",
        kind: Kind::Int8,
        doc: "Whether the rule holds for this name alone (3, the default) or for all names that begin with it (4).",
        ..Field::PLAIN
    },
    Field {
        name: "principal",
        kind: Kind::String,
        doc: "Whom the rule is about, such as `User:alice`.",
        ..Field::PLAIN
    },
    Field {
        name: "host",
        kind: Kind::String,
        doc: "Address of the clients that it is about; `*` for all.",
        ..Field::PLAIN
    },
    Field {
        name: "operation",
        kind: Kind::Int8,
        doc: "What may be done: 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 act on the cluster, 10 describe and 11 alter configuration, 12 write idempotently, 13 create and 14 describe tokens, 15 commit in two phases. In a filter 1 matches any.",
        ..Field::PLAIN
    },
    Field {
        name: "permissionType",
        kind: Kind::Int8,
        doc: "Whether it is denied (2) or allowed (3). In a filter 1 matches either.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "CreateAclsResponse",
    versions: 1..=3,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "results",
            kind: Kind::Array(&Kind::Struct(&ACL_CREATION_RESULT)),
            doc: "The rules of the request, in its order.",
            ..Field::PLAIN
        },
    ],
};

/// `AclCreationResult`.
static ACL_CREATION_RESULT: [Field; 2] = [
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
];
