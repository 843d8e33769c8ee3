//! The codes with which a broker says what went wrong.

use core::fmt;

/// An error code of the protocol, known to this release or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub i16);

impl ErrorCode {
    /// Whether there was no error.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether there was an error.
    #[must_use]
    pub const fn is_err(self) -> bool {
        self.0 != 0
    }

    /// Whether the same request could succeed later, as Kafka's own client sees it.
    ///
    /// A code that this release does not know is not retried.
    #[must_use]
    pub const fn is_retriable(self) -> bool {
        matches!(self.entry(), Some((_, Retry::Later, _)))
    }

    /// Kafka's name of the code, such as `UNKNOWN_TOPIC_OR_PARTITION`; `None` if this release does not know it.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self.entry() {
            Some((name, _, _)) => Some(name),
            None => None,
        }
    }

    /// What the code says, in a few words.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self.entry() {
            Some((_, _, message)) => message,
            None => "an error code that this release does not know",
        }
    }
}

impl fmt::Display for ErrorCode {
    /// Kafka's name; a number where there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "error code {}", self.0),
        }
    }
}

impl From<i16> for ErrorCode {
    fn from(code: i16) -> Self {
        Self(code)
    }
}

impl From<ErrorCode> for i16 {
    fn from(code: ErrorCode) -> Self {
        code.0
    }
}

/// Whether trying again can help.
enum Retry {
    Never,
    Later,
}

/// One line a code: its number, its name, whether to try again, what it says.
macro_rules! error_codes {
    ($($code:literal $name:ident $retry:ident $message:literal;)*) => {
        impl ErrorCode {
            $(
                #[doc = concat!("Code ", stringify!($code), ": ", $message, ".")]
                pub const $name: Self = Self($code);
            )*

            /// All codes of Kafka 4.3.
            pub const ALL: &[Self] = &[$(Self($code),)*];

            const fn entry(self) -> Option<(&'static str, Retry, &'static str)> {
                match self.0 {
                    $($code => Some((stringify!($name), Retry::$retry, $message)),)*
                    _ => None,
                }
            }
        }
    };
}

error_codes! {
    -1 UNKNOWN_SERVER_ERROR Never "the server met an error it has no code for";
    0 NONE Never "no error";
    1 OFFSET_OUT_OF_RANGE Never "the offset is outside what the partition holds";
    2 CORRUPT_MESSAGE Later "a batch fails its checksum or is otherwise damaged";
    3 UNKNOWN_TOPIC_OR_PARTITION Later "this server hosts no such topic or partition";
    4 INVALID_FETCH_SIZE Never "the fetch size is not a size";
    5 LEADER_NOT_AVAILABLE Later "the partition has no leader at the moment";
    6 NOT_LEADER_OR_FOLLOWER Later "this broker is not the leader of the partition, nor a replica that may answer";
    7 REQUEST_TIMED_OUT Later "the request took longer than it allowed itself";
    8 BROKER_NOT_AVAILABLE Never "the broker is gone";
    9 REPLICA_NOT_AVAILABLE Later "the replica is not there at the moment";
    10 MESSAGE_TOO_LARGE Never "a batch is larger than the server accepts";
    11 STALE_CONTROLLER_EPOCH Never "the controller has moved on to a later epoch";
    12 OFFSET_METADATA_TOO_LARGE Never "the note beside a committed offset is too long";
    13 NETWORK_EXCEPTION Later "the connection ended before the answer came";
    14 COORDINATOR_LOAD_IN_PROGRESS Later "the coordinator is still reading its state";
    15 COORDINATOR_NOT_AVAILABLE Later "there is no coordinator at the moment";
    16 NOT_COORDINATOR Later "this broker is not the coordinator";
    17 INVALID_TOPIC_EXCEPTION Never "the topic name is not allowed, or the topic may not be used that way";
    18 RECORD_LIST_TOO_LARGE Never "a batch is larger than a segment";
    19 NOT_ENOUGH_REPLICAS Later "fewer replicas are in sync than the topic asks for";
    20 NOT_ENOUGH_REPLICAS_AFTER_APPEND Later "written, but to fewer in-sync replicas than the topic asks for";
    21 INVALID_REQUIRED_ACKS Never "acks must be 0, 1 or -1";
    22 ILLEGAL_GENERATION Never "the group has moved on to another generation";
    23 INCONSISTENT_GROUP_PROTOCOL Never "the member shares no protocol with the rest of the group";
    24 INVALID_GROUP_ID Never "the group id is empty or not allowed";
    25 UNKNOWN_MEMBER_ID Never "the group has no such member";
    26 INVALID_SESSION_TIMEOUT Never "the session timeout is outside what the broker allows";
    27 REBALANCE_IN_PROGRESS Never "the group is sharing out its partitions anew, so join again";
    28 INVALID_COMMIT_OFFSET_SIZE Never "the committed offsets do not fit a batch";
    29 TOPIC_AUTHORIZATION_FAILED Never "not allowed on this topic";
    30 GROUP_AUTHORIZATION_FAILED Never "not allowed on this group";
    31 CLUSTER_AUTHORIZATION_FAILED Never "not allowed on this cluster";
    32 INVALID_TIMESTAMP Never "a record's timestamp is outside what the topic allows";
    33 UNSUPPORTED_SASL_MECHANISM Never "the broker does not offer this SASL mechanism";
    34 ILLEGAL_SASL_STATE Never "the request does not belong at this point of the SASL exchange";
    35 UNSUPPORTED_VERSION Never "this version of the API is not served";
    36 TOPIC_ALREADY_EXISTS Never "a topic of this name exists";
    37 INVALID_PARTITIONS Never "the number of partitions is not allowed";
    38 INVALID_REPLICATION_FACTOR Never "the replication factor is not positive, or above the number of brokers";
    39 INVALID_REPLICA_ASSIGNMENT Never "the replica assignment is not valid";
    40 INVALID_CONFIG Never "a configuration value is not valid";
    41 NOT_CONTROLLER Later "this node is not the active controller";
    42 INVALID_REQUEST Never "the request contradicts itself or the protocol";
    43 UNSUPPORTED_FOR_MESSAGE_FORMAT Never "the record format of the topic cannot do this";
    44 POLICY_VIOLATION Never "a policy of the cluster forbids it";
    45 OUT_OF_ORDER_SEQUENCE_NUMBER Never "a batch of this producer is missing before this one";
    46 DUPLICATE_SEQUENCE_NUMBER Never "this batch was written before";
    47 INVALID_PRODUCER_EPOCH Never "a newer instance of this producer has taken over";
    48 INVALID_TXN_STATE Never "the transaction is in a state that forbids this";
    49 INVALID_PRODUCER_ID_MAPPING Never "the producer id does not belong to the transactional id";
    50 INVALID_TRANSACTION_TIMEOUT Never "the transaction timeout is above what the broker allows";
    51 CONCURRENT_TRANSACTIONS Later "the last transaction of this id is not finished yet";
    52 TRANSACTION_COORDINATOR_FENCED Never "a newer transaction coordinator has taken over";
    53 TRANSACTIONAL_ID_AUTHORIZATION_FAILED Never "not allowed to use this transactional id";
    54 SECURITY_DISABLED Never "no authorizer is set up";
    55 OPERATION_NOT_ATTEMPTED Never "not tried, because another part of the request failed";
    56 KAFKA_STORAGE_ERROR Later "the disk failed under the log";
    57 LOG_DIR_NOT_FOUND Never "the broker has no such log folder";
    58 SASL_AUTHENTICATION_FAILED Never "the credentials were not accepted";
    59 UNKNOWN_PRODUCER_ID Never "nothing of this producer is left in the partition";
    60 REASSIGNMENT_IN_PROGRESS Never "the partition is being moved";
    61 DELEGATION_TOKEN_AUTH_DISABLED Never "delegation tokens are not set up";
    62 DELEGATION_TOKEN_NOT_FOUND Never "no such delegation token";
    63 DELEGATION_TOKEN_OWNER_MISMATCH Never "the delegation token belongs to someone else";
    64 DELEGATION_TOKEN_REQUEST_NOT_ALLOWED Never "delegation tokens cannot be asked for over this connection";
    65 DELEGATION_TOKEN_AUTHORIZATION_FAILED Never "not allowed on this delegation token";
    66 DELEGATION_TOKEN_EXPIRED Never "the delegation token has expired";
    67 INVALID_PRINCIPAL_TYPE Never "this kind of principal is not supported";
    68 NON_EMPTY_GROUP Never "the group still has members";
    69 GROUP_ID_NOT_FOUND Never "no such group";
    70 FETCH_SESSION_ID_NOT_FOUND Later "the fetch session is gone, so start a new one";
    71 INVALID_FETCH_SESSION_EPOCH Later "the fetch session is at another epoch";
    72 LISTENER_NOT_FOUND Later "the leader has no listener of that name";
    73 TOPIC_DELETION_DISABLED Never "topics may not be deleted here";
    74 FENCED_LEADER_EPOCH Later "the leader epoch in the request is older than the broker's";
    75 UNKNOWN_LEADER_EPOCH Later "the leader epoch in the request is newer than the broker's";
    76 UNSUPPORTED_COMPRESSION_TYPE Never "this compression is not possible in this version";
    77 STALE_BROKER_EPOCH Never "the broker has registered anew since";
    78 OFFSET_NOT_AVAILABLE Later "a new leader does not know its high watermark yet";
    79 MEMBER_ID_REQUIRED Never "join again, with the member id that came along";
    80 PREFERRED_LEADER_NOT_AVAILABLE Later "the preferred leader is not there";
    81 GROUP_MAX_SIZE_REACHED Never "the group is full";
    82 FENCED_INSTANCE_ID Never "another member has taken over this static instance id";
    83 ELIGIBLE_LEADERS_NOT_AVAILABLE Later "no replica that may lead is there";
    84 ELECTION_NOT_NEEDED Later "the partition has its leader";
    85 NO_REASSIGNMENT_IN_PROGRESS Never "the partition is not being moved";
    86 GROUP_SUBSCRIBED_TO_TOPIC Never "the group still subscribes to the topic";
    87 INVALID_RECORD Never "a record breaks a rule, so its whole batch was refused";
    88 UNSTABLE_OFFSET_COMMIT Later "offsets of an open transaction are waiting";
    89 THROTTLING_QUOTA_EXCEEDED Later "the quota of this kind of change is used up";
    90 PRODUCER_FENCED Never "a newer producer uses the same transactional id";
    91 RESOURCE_NOT_FOUND Never "no such resource";
    92 DUPLICATE_RESOURCE Never "the request names a resource twice";
    93 UNACCEPTABLE_CREDENTIAL Never "the credential does not meet the rules";
    94 INCONSISTENT_VOTER_SET Never "sender and receiver know different voters";
    95 INVALID_UPDATE_VERSION Never "the version to change is not the present one";
    96 FEATURE_UPDATE_FAILED Never "the features could not be changed";
    97 PRINCIPAL_DESERIALIZATION_FAILURE Never "the forwarded principal cannot be read";
    98 SNAPSHOT_NOT_FOUND Never "no such snapshot";
    99 POSITION_OUT_OF_RANGE Never "the position is outside the snapshot";
    100 UNKNOWN_TOPIC_ID Later "this server hosts no topic of this id";
    101 DUPLICATE_BROKER_REGISTRATION Never "another broker is registered under this id";
    102 BROKER_ID_NOT_REGISTERED Never "no broker is registered under this id";
    103 INCONSISTENT_TOPIC_ID Later "the log on disk belongs to another topic id";
    104 INCONSISTENT_CLUSTER_ID Never "the request was meant for another cluster";
    105 TRANSACTIONAL_ID_NOT_FOUND Never "no such transactional id";
    106 FETCH_SESSION_TOPIC_ID_ERROR Later "the fetch session mixes topic names and topic ids";
    107 INELIGIBLE_REPLICA Never "the replica may not join the in-sync set now";
    108 NEW_LEADER_ELECTED Never "the change made another replica the leader";
    109 OFFSET_MOVED_TO_TIERED_STORAGE Never "the offset is in tiered storage";
    110 FENCED_MEMBER_EPOCH Never "the coordinator has given this member a newer epoch";
    111 UNRELEASED_INSTANCE_ID Never "the static instance id is still held by another member";
    112 UNSUPPORTED_ASSIGNOR Never "the group cannot use this assignor";
    113 STALE_MEMBER_EPOCH Never "the member epoch is not the present one, so try again with it";
    114 MISMATCHED_ENDPOINT_TYPE Never "the request was meant for the other kind of endpoint";
    115 UNSUPPORTED_ENDPOINT_TYPE Never "this kind of endpoint is not supported";
    116 UNKNOWN_CONTROLLER_ID Never "no such controller";
    117 UNKNOWN_SUBSCRIPTION_ID Never "the client's metrics subscription is out of date";
    118 TELEMETRY_TOO_LARGE Never "the client metrics are larger than the broker accepts";
    119 INVALID_REGISTRATION Never "the registration is not valid";
    120 TRANSACTION_ABORTABLE Never "the transaction can go no further and must be aborted";
    121 INVALID_RECORD_STATE Never "the record is not in a state that can be acknowledged";
    122 SHARE_SESSION_NOT_FOUND Later "the share session is gone, so start a new one";
    123 INVALID_SHARE_SESSION_EPOCH Later "the share session is at another epoch";
    124 FENCED_STATE_EPOCH Never "the share coordinator holds a newer state epoch";
    125 INVALID_VOTER_KEY Never "the voter key is not the receiver's";
    126 DUPLICATE_VOTER Never "the voter is in the quorum already";
    127 VOTER_NOT_FOUND Never "the voter is not in the quorum";
    128 INVALID_REGULAR_EXPRESSION Never "the regular expression is not valid";
    129 REBOOTSTRAP_REQUIRED Never "the client's metadata is out of date, so start from the bootstrap servers";
    130 STREAMS_INVALID_TOPOLOGY Never "the topology is not valid";
    131 STREAMS_INVALID_TOPOLOGY_EPOCH Never "the topology epoch is not valid";
    132 STREAMS_TOPOLOGY_FENCED Never "a newer topology has taken over";
    133 SHARE_SESSION_LIMIT_REACHED Later "no more share sessions are possible at the moment";
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn codes_show_the_name_that_kafka_gives_them() {
        assert_eq!(ErrorCode(3), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        assert_eq!(ErrorCode(3).to_string(), "UNKNOWN_TOPIC_OR_PARTITION");
        assert_eq!(ErrorCode::ALL.len(), 135);
    }

    #[test]
    fn an_unknown_code_stays_a_number_and_is_not_retried() {
        let unknown = ErrorCode(999);
        assert_eq!(unknown.to_string(), "error code 999");
        assert!(!unknown.is_retriable());
        assert!(ErrorCode::NOT_LEADER_OR_FOLLOWER.is_retriable());
        assert!(!ErrorCode::MESSAGE_TOO_LARGE.is_retriable());
    }
}
