//! Taking in a broker's answer: batches to hand out, and what went wrong with which partition.

use std::time::Instant;

use ottla_client::internal::{Directory, Route};
use ottla_client::{Cluster, Leader, Node, NodeId, Offset, TopicPartition};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::fetch::{FetchResponse, PartitionData};
use ottla_protocol::wire::{Str, Uuid};

use super::{Fetched, Fetcher, Place};
use crate::aborted::{Aborted, whole_batches};
use crate::error::Error;

impl Fetcher {
    /// Takes in an answer.
    pub(crate) fn answered(
        &mut self,
        route: Route,
        response: FetchResponse,
        now: Instant,
        cluster: &Cluster,
        directory: &mut dyn Directory,
    ) {
        let state = self.routes.entry(route).or_default();
        let turns = state.in_flight.take().unwrap_or_default();
        if !state.session.answered(response.error_code, response.session_id) {
            tracing::debug!(node = %route.node, code = %response.error_code, "fetch session starts over");
            // A new session will do, unless the last one was new already.
            let starts_over = std::mem::replace(&mut state.starts_over, true);
            if starts_over || !is_session_error(response.error_code) {
                let wait = self.rules.backoff.clone().next_wait(&mut self.rng);
                self.routes.entry(route).or_default().not_before = Some(now + wait);
                directory.want_refresh();
            }
            return;
        }
        (state.not_before, state.starts_over) = (None, false);
        let endpoint = |endpoint: ottla_protocol::messages::fetch::NodeEndpoint| {
            let port = u16::try_from(endpoint.port).ok()?;
            Some(Node { id: NodeId(endpoint.node_id), host: endpoint.host, port, rack: endpoint.rack })
        };
        let nodes: Vec<_> = response.node_endpoints.into_iter().filter_map(endpoint).collect();
        for topic in response.responses {
            let Some(name) = topic_name(cluster, topic.topic, topic.topic_id) else {
                directory.want_refresh();
                continue;
            };
            for data in topic.partitions {
                let of = TopicPartition { topic: name.clone(), partition: data.partition_index };
                // A partition that was sought or assigned anew meanwhile waits for its own answer.
                let is_current =
                    self.partitions.get(&of).is_some_and(|known| turns.get(&of) == Some(&known.turn));
                if is_current {
                    self.take_in(&of, data, &nodes, now, directory);
                    self.line_up(&of);
                }
            }
        }
    }

    fn take_in(
        &mut self,
        of: &TopicPartition,
        data: PartitionData,
        nodes: &[Node],
        now: Instant,
        directory: &mut dyn Directory,
    ) {
        let Some(partition) = self.partitions.get_mut(of) else { return };
        if data.error_code == ErrorCode::NONE {
            partition.backoff.reset();
            partition.not_before = None;
            self.take_in_records(of, data);
            return;
        }
        match data.error_code {
            // What waits is still good; by the time it is handed out, the end may be where it was.
            ErrorCode::OFFSET_OUT_OF_RANGE if !partition.fetched.is_empty() => {
                partition.not_before = Some(now + partition.backoff.next_wait(&mut self.rng));
            }
            ErrorCode::OFFSET_OUT_OF_RANGE => {
                let offset = Offset(partition.fetch_offset);
                tracing::info!(partition = %of, %offset, reset = ?self.rules.reset, "offset out of range");
                match Place::of_reset(self.rules.reset) {
                    Some(place) => self.reset(of, place),
                    None => partition.stick(Error::OutOfRange { partition: of.clone(), offset }),
                }
            }
            // It is as good as it will be: asking again would go on for ever, and say nothing.
            ErrorCode::CORRUPT_MESSAGE => {
                let offset = Offset(partition.fetch_offset);
                partition.stick(Error::Corrupt { partition: of.clone(), offset });
            }
            code if code.is_retriable() || code == ErrorCode::UNKNOWN_TOPIC_ID => {
                tracing::debug!(partition = %of, %code, "fetching again later");
                let leader = Leader {
                    node: NodeId(data.current_leader.leader_id),
                    epoch: data.current_leader.leader_epoch,
                };
                let at = nodes.iter().find(|node| node.id == leader.node).cloned();
                let hinted = leader.node.0 >= 0 && directory.hint_leader(of, leader, at);
                if !hinted {
                    directory.want_refresh();
                    partition.not_before = Some(now + partition.backoff.next_wait(&mut self.rng));
                }
            }
            code => partition.stick(Error::Refused { partition: of.clone(), code }),
        }
    }

    /// Goes on elsewhere; nothing waits to be handed out.
    fn reset(&mut self, of: &TopicPartition, place: Place) {
        self.turns += 1;
        if let Some(partition) = self.partitions.get_mut(of) {
            self.fetched_bytes -= partition.go_to(place, self.turns);
        }
    }

    fn take_in_records(&mut self, of: &TopicPartition, data: PartitionData) {
        let Some(partition) = self.partitions.get_mut(of) else { return };
        partition.high_watermark = Some(data.high_watermark);
        let Some(records) = data.records else { return };
        let mut aborted = Aborted::new(data.aborted_transactions.as_deref().unwrap_or_default());
        for batch in whole_batches(records.into_bytes()) {
            let batch = match batch {
                Ok(batch) => batch,
                Err(source) => {
                    let offset = Offset(partition.fetch_offset);
                    // How long it is cannot be read either; the next offset is the best guess.
                    let next = Offset(offset.0 + 1);
                    partition.stick(Error::BadBatch { partition: of.clone(), next, offset, source });
                    return;
                }
            };
            let is_hidden = aborted.hides(&batch);
            // An answer may begin with batches from before the offset that was asked for.
            if batch.header().next_offset() <= partition.fetch_offset {
                continue;
            }
            partition.fetch_offset = batch.header().next_offset();
            let len = batch.bytes().len();
            partition.fetched_bytes += len;
            self.fetched_bytes += len;
            partition.fetched.push_back(Fetched { batch, is_hidden, high_watermark: data.high_watermark });
        }
    }
}

fn topic_name(cluster: &Cluster, name: Str, id: Uuid) -> Option<Str> {
    if id == Uuid::ZERO { Some(name) } else { cluster.topic_name(id).cloned() }
}

/// Whether a new session will do.
fn is_session_error(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::FETCH_SESSION_ID_NOT_FOUND
            | ErrorCode::INVALID_FETCH_SESSION_EPOCH
            | ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR
    )
}
