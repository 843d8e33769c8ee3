//! One module per API: a decoded request in, a response out.
//!
//! Each decides what Kafka 4.3.1 decides on one node, and says where it does not. Which versions are served is
//! in [`api_versions`]; how requests get here is in [`crate::broker`].

pub(crate) mod add_offsets_to_txn;
pub(crate) mod add_partitions_to_txn;
pub(crate) mod alter_configs;
pub(crate) mod alter_partition_reassignments;
pub(crate) mod alter_replica_log_dirs;
pub(crate) mod api_versions;
mod change;
mod configs;
pub(crate) mod consumer_group_describe;
pub(crate) mod consumer_group_heartbeat;
pub(crate) mod create_partitions;
pub(crate) mod create_topics;
pub(crate) mod delete_groups;
pub(crate) mod delete_records;
pub(crate) mod delete_topics;
pub(crate) mod describe_cluster;
pub(crate) mod describe_configs;
pub(crate) mod describe_groups;
pub(crate) mod describe_log_dirs;
pub(crate) mod describe_producers;
pub(crate) mod describe_quorum;
pub(crate) mod describe_topic_partitions;
pub(crate) mod describe_transactions;
pub(crate) mod elect_leaders;
pub(crate) mod end_txn;
pub(crate) mod fetch;
pub(crate) mod find_coordinator;
pub(crate) mod get_telemetry_subscriptions;
pub(crate) mod heartbeat;
pub(crate) mod incremental_alter_configs;
pub(crate) mod init_producer_id;
pub(crate) mod join_group;
pub(crate) mod leave_group;
pub(crate) mod list_config_resources;
pub(crate) mod list_groups;
pub(crate) mod list_offsets;
pub(crate) mod list_partition_reassignments;
pub(crate) mod list_transactions;
pub(crate) mod metadata;
pub(crate) mod offset_commit;
pub(crate) mod offset_delete;
pub(crate) mod offset_fetch;
pub(crate) mod offset_for_leader_epoch;
pub(crate) mod produce;
pub(crate) mod push_telemetry;
pub(crate) mod share_acknowledge;
pub(crate) mod share_fetch;
pub(crate) mod share_group_describe;
pub(crate) mod share_group_heartbeat;
pub(crate) mod share_group_offsets;
pub(crate) mod share_group_state;
pub(crate) mod sync_group;
pub(crate) mod txn_offset_commit;
pub(crate) mod unregister_broker;
pub(crate) mod update_features;
pub(crate) mod write_txn_markers;

use std::pin::Pin;

use ottla_protocol::messages::ResponseBody;
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

/// What became of a request.
#[derive(Debug)]
pub enum Reply {
    /// Send this response, encoded in the version of the request.
    Respond(ResponseBody<FileRange>),
    /// Send nothing: a `Produce` with `acks=0` that went well.
    Silent,
    /// Close the connection, as Kafka does; the text is for the log.
    Close(String),
}

/// How a request is handled: at once, or after a wait for the disk, for records, or for metadata.
///
/// What a request appends is appended when [`Broker::handle`](crate::Broker::handle) returns, so that requests
/// take effect in the order of the calls. A reply that is dropped takes nothing back. Where the disk keeps requests
/// waiting, they are appended later or, when the reply is dropped before, not at all; then nothing overlaps them, and
/// the order is that of the calls all the same.
#[must_use]
pub enum Handling {
    /// The reply is here.
    Now(Reply),
    /// The reply comes later.
    Later {
        /// Comes to the reply. Cancel safe: whoever drops it only misses the reply.
        reply: Pin<Box<dyn Future<Output = Reply> + Send>>,
        /// Whether the connection's next request may be handled before this one's reply is here, as it may
        /// after a `Produce`; replies still go out in the order of the requests.
        overlap: bool,
    },
}

impl Handling {
    /// Waits for the reply, if it is not here.
    ///
    /// # Cancel safety
    /// Cancel safe: what was appended stays appended, and nothing is appended in part.
    pub async fn reply(self) -> Reply {
        match self {
            Self::Now(reply) => reply,
            Self::Later { reply, .. } => reply.await,
        }
    }

    pub(crate) fn respond(body: ResponseBody<FileRange>) -> Self {
        Self::Now(Reply::Respond(body))
    }

    /// A reply that waits; the connection's next request waits for it too.
    pub(crate) fn later(body: impl Future<Output = ResponseBody<FileRange>> + Send + 'static) -> Self {
        Self::Later { reply: Box::pin(async move { Reply::Respond(body.await) }), overlap: false }
    }
}

impl std::fmt::Debug for Handling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Now(reply) => f.debug_tuple("Now").field(reply).finish(),
            Self::Later { overlap, .. } => {
                f.debug_struct("Later").field("overlap", overlap).finish_non_exhaustive()
            }
        }
    }
}

/// Bytes of a message to a client, past which it is cut: it may quote what the client sent, and a response has no
/// room for strings of more than 32,767.
const MESSAGE_BYTES_MAX: usize = 4_096;

/// A message as a response can carry it.
fn told(mut message: String) -> Str {
    if message.len() > MESSAGE_BYTES_MAX {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        message.push_str("...");
    }
    Str::from(message)
}
