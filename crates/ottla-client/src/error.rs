//! Everything that can go wrong between a client and a cluster.

use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_transport::Sent;

use crate::config::ConfigError;
use crate::node::NodeId;
use crate::topic_partition::TopicPartition;

/// Why a call to the cluster did not succeed.
///
/// Cheap to clone, because several callers may wait for the same connection or answer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// None of the bootstrap servers answered in time.
    #[error("none of the bootstrap servers {servers} answered within {waited:?}: {last}")]
    Bootstrap {
        /// The servers, as configured.
        servers: String,
        /// How long they were tried.
        waited: Duration,
        /// What the last one failed with.
        last: Box<Error>,
    },
    /// No connection to a broker could be made.
    #[error("cannot connect to {} at {address}: {source}", named(*node))]
    Connect {
        /// The broker; negative for a bootstrap server.
        node: NodeId,
        /// Its address.
        address: String,
        /// What happened.
        source: Arc<ottla_transport::Error>,
    },
    /// A request to a broker had no answer that could be used. Whether it can have been served is
    /// in the source.
    #[error("{}: {source}", named(*node))]
    Connection {
        /// The broker; negative for a bootstrap server.
        node: NodeId,
        /// What happened.
        source: Arc<ottla_transport::Error>,
    },
    /// The cluster has no broker with this id, or has not told of it yet.
    #[error("broker {0} is not known")]
    UnknownNode(NodeId),
    /// The broker and this client have no version of an API in common.
    #[error("broker {node} does not serve {api:?} in a version that this client speaks")]
    Unsupported {
        /// The broker.
        node: NodeId,
        /// The API.
        api: ApiKey,
    },
    /// A broker answered with an error code.
    #[error("{subject}: {code} ({})", message.as_deref().unwrap_or(code.message()))]
    Refused {
        /// What was asked for: a topic, a partition, an API.
        subject: String,
        /// Kafka's code.
        code: ErrorCode,
        /// What the broker said about it, if anything.
        message: Option<String>,
    },
    /// The cluster does not have this topic, or did not within the time given.
    #[error("topic {topic:?} does not exist")]
    UnknownTopic {
        /// The name.
        topic: String,
    },
    /// The topic has no such partition.
    #[error("partition {0} does not exist")]
    UnknownPartition(TopicPartition),
    /// Nobody led this partition within the time given.
    #[error("partition {0} has no leader")]
    NoLeader(TopicPartition),
    /// A call ran out of time.
    #[error("{what} took longer than {limit:?}{}", last.as_ref().map(|error| format!("; last error: {error}")).unwrap_or_default())]
    Timeout {
        /// What was waited for.
        what: String,
        /// The time it was given.
        limit: Duration,
        /// What the last try failed with, if one did.
        last: Option<Box<Error>>,
    },
    /// A broker answered something that makes no sense.
    #[error("broker {node} answered {api:?} without {missing}")]
    IncompleteAnswer {
        /// The broker.
        node: NodeId,
        /// The API.
        api: ApiKey,
        /// What should have been there.
        missing: String,
    },
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
}

/// A broker by its id; those that are only known by their address have none.
fn named(node: NodeId) -> String {
    if node.0 < 0 { "a bootstrap server".to_owned() } else { format!("broker {node}") }
}

impl Error {
    /// Whether the same call could succeed later, with nothing changed but time.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Config(_) | Self::Unsupported { .. } | Self::IncompleteAnswer { .. } | Self::Closed => {
                false
            }
            Self::Connect { source, .. } | Self::Connection { source, .. } => source.is_retriable(),
            Self::Bootstrap { .. }
            | Self::UnknownNode(_)
            | Self::UnknownTopic { .. }
            | Self::UnknownPartition(_)
            | Self::NoLeader(_)
            | Self::Timeout { .. } => true,
            Self::Refused { code, .. } => code.is_retriable(),
        }
    }

    /// Whether the request surely had no effect, because no broker ever saw it or one refused it.
    ///
    /// After any other error the cluster may have done what was asked, with its answer lost.
    pub fn surely_had_no_effect(&self) -> bool {
        match self {
            Self::Connection { source, .. } => source.sent() == Sent::No,
            Self::Timeout { .. } | Self::IncompleteAnswer { .. } | Self::Closed => false,
            Self::Config(_)
            | Self::Bootstrap { .. }
            | Self::Connect { .. }
            | Self::UnknownNode(_)
            | Self::Unsupported { .. }
            | Self::UnknownTopic { .. }
            | Self::UnknownPartition(_)
            | Self::NoLeader(_) => true,
            Self::Refused { code, .. } => *code != ErrorCode::REQUEST_TIMED_OUT,
        }
    }

    /// A request to `node` that had no answer that could be used.
    pub fn connection(node: NodeId, source: ottla_transport::Error) -> Self {
        Self::Connection { node, source: Arc::new(source) }
    }

    /// Kafka's code, when a broker answered with one.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// `Ok` if `code` is no error, and otherwise that `subject` was refused with it.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn check(subject: impl ToString, code: ErrorCode, message: Option<&str>) -> Result<(), Self> {
        if code == ErrorCode::NONE {
            return Ok(());
        }
        Err(Self::Refused { subject: subject.to_string(), code, message: message.map(str::to_owned) })
    }
}
