//! A client of the classic protocol on the same network: it joins, syncs, says that it is alive, and joins again when it
//! is told to, or when it has given something up.

use ottla_protocol::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, OwnedPartitions,
};
use ottla_protocol::message::Data;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};

use super::super::tests::Known;
use super::*;

/// What any client asks.
#[derive(Clone)]
pub(super) enum Asked {
    Beat(ConsumerGroupHeartbeatRequest),
    Join(JoinGroupRequest),
    Sync(SyncGroupRequest),
    Alive(HeartbeatRequest),
}

impl Asked {
    /// Whether it says of which generation it is, so that the coordinator can tell it from a later one.
    pub(super) fn can_be_told(&self) -> bool {
        let Self::Join(request) = self else { return true };
        let said = ConsumerProtocolSubscription::decode_versioned(&request.protocols[0].metadata);
        said.is_ok_and(|said| said.generation_id >= 0)
    }
}

/// What it is told.
pub(super) enum Told {
    Beat(ConsumerGroupHeartbeatResponse),
    Join(JoinGroupResponse),
    Sync(SyncGroupResponse),
    Alive(Result<(), ErrorCode>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Join,
    Sync,
    Alive,
}

/// A client of the classic protocol.
pub(super) struct Old {
    pub(super) id: Str,
    pub(super) generation: i32,
    pub(super) owned: Places,
    /// It gives everything up before it joins.
    is_eager: bool,
    next: Next,
    asked: Option<usize>,
}

impl Old {
    pub(super) fn new(is_eager: bool) -> Self {
        Self { id: Str::EMPTY, generation: -1, owned: Places::new(), is_eager, next: Next::Join, asked: None }
    }

    /// Its next request; what it asked before, it gives up on.
    pub(super) fn asks(&mut self, number: usize) -> Asked {
        if self.asked.replace(number).is_some() && self.next == Next::Sync {
            self.next = Next::Join;
        }
        let group = Str::from("g");
        match self.next {
            Next::Join => {
                if self.is_eager {
                    self.owned.clear();
                }
                let mut protocol = JoinGroupRequestProtocol::default();
                (protocol.name, protocol.metadata) = (Str::from("range"), self.subscription());
                let mut request = JoinGroupRequest::default();
                (request.group_id, request.protocol_type) = (group, Str::from("consumer"));
                (request.session_timeout_ms, request.rebalance_timeout_ms) = (45_000, 60_000);
                (request.member_id, request.protocols) = (self.id.clone(), vec![protocol]);
                Asked::Join(request)
            }
            Next::Sync => {
                let mut request = SyncGroupRequest::default();
                (request.group_id, request.member_id) = (group, self.id.clone());
                request.generation_id = self.generation;
                Asked::Sync(request)
            }
            Next::Alive => {
                let mut request = HeartbeatRequest::default();
                (request.group_id, request.member_id) = (group, self.id.clone());
                request.generation_id = self.generation;
                Asked::Alive(request)
            }
        }
    }

    fn subscription(&self) -> bytes::Bytes {
        let mut said = ConsumerProtocolSubscription::default();
        said.topics = vec![Str::from("a"), Str::from("b")];
        said.generation_id = self.generation;
        let owned = listed(&self.owned).into_iter().map(|one| {
            let name = Str::from(char::from(one.topic_id.0[0]).to_string());
            OwnedPartitions::default().with_topic(name).with_partitions(one.partitions)
        });
        said.owned_partitions = owned.collect();
        said.encode_versioned(3).unwrap()
    }

    pub(super) fn hears(&mut self, number: usize, response: &Told, topics: &Known) {
        if self.asked != Some(number) {
            return;
        }
        self.asked = None;
        let code = match response {
            Told::Join(response) => response.error_code,
            Told::Sync(response) => response.error_code,
            Told::Alive(outcome) => outcome.err().unwrap_or(ErrorCode::NONE),
            Told::Beat(_) => panic!("it is of the other protocol"),
        };
        match (code, response) {
            (ErrorCode::NONE, Told::Join(response)) => {
                (self.id, self.generation) = (response.member_id.clone(), response.generation_id);
                self.next = Next::Sync;
            }
            (ErrorCode::MEMBER_ID_REQUIRED, Told::Join(response)) => self.id = response.member_id.clone(),
            (ErrorCode::NONE, Told::Sync(response)) => {
                let told = ConsumerProtocolAssignment::decode_versioned(&response.assignment).unwrap();
                let topics = told.assigned_partitions.iter().map(|one| {
                    let id = share::Topics::topic(topics, &one.topic).unwrap().id.0;
                    one.partitions.iter().map(move |partition| (id, *partition))
                });
                let own: Places = topics.flatten().collect();
                // Who gave something up says so.
                self.next = if self.owned.is_subset(&own) { Next::Alive } else { Next::Join };
                self.owned = own;
            }
            (ErrorCode::NONE, _) => {}
            (ErrorCode::REBALANCE_IN_PROGRESS, _) => self.next = Next::Join,
            (ErrorCode::ILLEGAL_GENERATION, _) => self.drops_all(),
            (ErrorCode::UNKNOWN_MEMBER_ID, _) => {
                self.drops_all();
                self.id = Str::EMPTY;
            }
            (ErrorCode::GROUP_MAX_SIZE_REACHED, _) => {}
            (other, _) => panic!("{other}"),
        }
    }

    fn drops_all(&mut self) {
        (self.generation, self.next) = (-1, Next::Join);
        self.owned.clear();
    }
}
