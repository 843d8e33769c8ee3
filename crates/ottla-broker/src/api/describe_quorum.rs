//! `DescribeQuorum` (key 55): the quorum of controllers (KIP-595), which is this node alone.
//!
//! Kafka's name for the log of metadata is asked for, and what is told of it is told of ours: its end, what of it is on
//! stable storage, and that this node has all of it at this moment. Nobody but this node ever reads it.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::describe_quorum::{
    DescribeQuorumRequest, DescribeQuorumResponse, Listener, Node, PartitionData, ReplicaState, TopicData,
};
use ottla_protocol::wire::Str;

use super::Handling;
use crate::broker::{Core, Session};

/// The log of metadata as clients call it.
const CLUSTER_METADATA: &str = "__cluster_metadata";

/// Describes the quorum; a request that names anything else, too, is told of nothing.
pub(crate) fn handle(
    core: &Core,
    session: &Session,
    version: i16,
    request: &DescribeQuorumRequest,
) -> Handling {
    let mut response = DescribeQuorumResponse::default();
    response.error_message = Some(Str::EMPTY);
    let is_ours = match &request.topics[..] {
        [topic] if topic.topic_name == CLUSTER_METADATA => {
            matches!(&topic.partitions[..], [partition] if partition.partition_index == 0)
        }
        _ => false,
    };
    let topics = request.topics.iter().map(|topic| {
        let mut answer = TopicData::default();
        answer.topic_name = topic.topic_name.clone();
        let indexes = topic.partitions.iter().map(|partition| partition.partition_index);
        answer.partitions =
            indexes.map(|index| if is_ours { described(core) } else { unknown(index) }).collect();
        answer
    });
    response.topics = topics.collect();
    if is_ours && version >= 2 {
        response.nodes = vec![node(core, session)];
    }
    Handling::respond(ResponseBody::DescribeQuorum(response))
}

fn described(core: &Core) -> PartitionData {
    let log = core.journal.log();
    let (offsets, now_ms) = (log.offsets(), core.env.now_ms());
    let mut voter = ReplicaState::default();
    voter.replica_id = core.node_id;
    voter.log_end_offset = offsets.log_end;
    voter.last_fetch_timestamp = now_ms;
    voter.last_caught_up_timestamp = now_ms;
    let mut answer = PartitionData::default();
    answer.error_message = Some(Str::EMPTY);
    answer.leader_id = core.node_id;
    answer.leader_epoch = log.leader_epoch();
    answer.high_watermark = offsets.high_watermark;
    answer.current_voters = vec![voter];
    answer
}

fn unknown(index: i32) -> PartitionData {
    let mut answer = PartitionData::default();
    answer.partition_index = index;
    answer.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    answer.error_message = Some(Str::from_static("This server does not host this topic-partition."));
    answer
}

/// This node, where the client has found it: there is no listener for controllers alone.
fn node(core: &Core, session: &Session) -> Node {
    let mut node = Node::default();
    node.node_id = core.node_id;
    node.listeners.extend(core.advertised(session).map(|endpoint| {
        let mut listener = Listener::default();
        listener.name = Str::from(session.listener().to_owned());
        listener.host = endpoint.host;
        listener.port = endpoint.port;
        listener
    }));
    node
}
