//! What a broker's answer to one batch means.
//!
//! Only the meaning of codes lives here; what follows from it for order and sequences is the
//! sender's.

use ottla_client::{Leader, Node, NodeId};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::produce::{PartitionProduceResponse, ProduceResponse};
use ottla_protocol::wire::{Str, Uuid};

use crate::delivery::Acknowledged;

/// The meaning of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is written, now or by an earlier try.
    Written,
    /// It may succeed later.
    Retry {
        /// Whether it may have been written in spite of the code.
        possibly_written: bool,
        /// Whether the broker may not be the leader.
        stale_leader: bool,
    },
    /// An earlier batch is missing, or the broker has forgotten this producer.
    OutOfSequence {
        /// Whether the broker has forgotten for sure.
        forgotten: bool,
    },
    /// It is larger than its topic takes.
    TooLarge,
    /// It will never be written.
    Refused,
}

/// What `code` means; sequences only matter to producers that are idempotent.
pub(super) fn meaning(code: ErrorCode, is_idempotent: bool) -> Meaning {
    let retry = |possibly_written, stale_leader| Meaning::Retry { possibly_written, stale_leader };
    match code {
        ErrorCode::NONE | ErrorCode::DUPLICATE_SEQUENCE_NUMBER => Meaning::Written,
        ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER if is_idempotent => {
            Meaning::OutOfSequence { forgotten: false }
        }
        ErrorCode::UNKNOWN_PRODUCER_ID if is_idempotent => Meaning::OutOfSequence { forgotten: true },
        ErrorCode::MESSAGE_TOO_LARGE => Meaning::TooLarge,
        // Appended here, and not known to have reached the others.
        ErrorCode::REQUEST_TIMED_OUT | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND => retry(true, false),
        ErrorCode::KAFKA_STORAGE_ERROR => retry(true, true),
        ErrorCode::NOT_LEADER_OR_FOLLOWER
        | ErrorCode::LEADER_NOT_AVAILABLE
        | ErrorCode::REPLICA_NOT_AVAILABLE
        | ErrorCode::FENCED_LEADER_EPOCH
        | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        | ErrorCode::UNKNOWN_TOPIC_ID
        | ErrorCode::INCONSISTENT_TOPIC_ID => retry(false, true),
        code if code.is_retriable() => retry(false, false),
        _ => Meaning::Refused,
    }
}

/// A broker's answer to one batch.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) code: ErrorCode,
    pub(super) message: Option<String>,
    pub(super) acknowledged: Acknowledged,
    /// The leader that the broker names, and where it is.
    pub(super) leader: Option<(Leader, Option<Node>)>,
}

/// The answers of one response, to be picked by partition.
#[derive(Debug)]
pub(super) struct Outcomes {
    answers: Vec<(Str, Uuid, PartitionProduceResponse)>,
    nodes: Vec<Node>,
    next: usize,
}

impl Outcomes {
    pub(super) fn new(response: ProduceResponse) -> Self {
        let node = |endpoint: ottla_protocol::messages::produce::NodeEndpoint| {
            let port = u16::try_from(endpoint.port).ok()?;
            Some(Node { id: NodeId(endpoint.node_id), host: endpoint.host, port, rack: endpoint.rack })
        };
        let nodes = response.node_endpoints.into_iter().filter_map(node).collect();
        let mut answers = Vec::new();
        for topic in response.responses {
            let of = |answer| (topic.name.clone(), topic.topic_id, answer);
            answers.extend(topic.partition_responses.into_iter().map(of));
        }
        Self { answers, nodes, next: 0 }
    }

    /// The answer for a partition that was named by `topic_id`, or by `topic` if that is zero.
    pub(super) fn pick(&mut self, topic: &Str, topic_id: Uuid, partition: i32) -> Option<Outcome> {
        let is_it = |(name, id, answer): &(Str, Uuid, PartitionProduceResponse)| {
            let same_topic = if topic_id == Uuid::ZERO { name == topic } else { *id == topic_id };
            same_topic && answer.index == partition
        };
        // Brokers answer in the order of the request, so the next one is nearly always it.
        let at = match self.answers.get(self.next) {
            Some(answer) if is_it(answer) => self.next,
            _ => self.answers.iter().position(is_it)?,
        };
        self.next = at + 1;
        let answer = &mut self.answers[at].2;
        let leader = Leader {
            node: NodeId(answer.current_leader.leader_id),
            epoch: answer.current_leader.leader_epoch,
        };
        let node = self.nodes.iter().find(|node| node.id == leader.node).cloned();
        let not_negative = |value: i64| Some(value).filter(|value| *value >= 0);
        Some(Outcome {
            code: answer.error_code,
            message: answer.error_message.take().map(String::from),
            acknowledged: Acknowledged {
                base_offset: not_negative(answer.base_offset),
                log_append_time: not_negative(answer.log_append_time_ms),
            },
            leader: (leader.node.0 >= 0).then_some((leader, node)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_surely_not_written_from_possibly_written() {
        let possibly = |code| matches!(meaning(code, true), Meaning::Retry { possibly_written: true, .. });
        assert!(possibly(ErrorCode::REQUEST_TIMED_OUT));
        assert!(possibly(ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND));
        assert!(!possibly(ErrorCode::NOT_LEADER_OR_FOLLOWER));
        assert!(!possibly(ErrorCode::NOT_ENOUGH_REPLICAS));
    }

    #[test]
    fn sequences_mean_nothing_to_a_producer_without_them() {
        let code = ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER;
        assert_eq!(meaning(code, true), Meaning::OutOfSequence { forgotten: false });
        assert_eq!(meaning(code, false), Meaning::Refused);
    }

    #[test]
    fn what_is_unknown_is_refused() {
        assert_eq!(meaning(ErrorCode(30_000), true), Meaning::Refused);
        assert_eq!(meaning(ErrorCode::INVALID_RECORD, true), Meaning::Refused);
    }
}
