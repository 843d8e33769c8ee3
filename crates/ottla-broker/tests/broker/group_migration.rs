//! Groups that go from the classic to the consumer protocol and back while their members work: members of both in one
//! group, and what a crash leaves of that.

use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::consumer_protocol::{
    AssignedPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription, OwnedPartitions,
};
use ottla_protocol::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla_protocol::messages::list_groups::ListGroupsRequest;
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use ottla_protocol::wire::Str;
use ottla_protocol::{Data, ErrorCode};

use crate::harness::{End, Kit, handle, response, text};

/// A member of the classic protocol that keeps what it need not give up.
struct Classic {
    id: Str,
    instance: Option<&'static str>,
    generation: i32,
    owned: Vec<i32>,
    /// It stops for each rebalance.
    is_eager: bool,
}

impl Classic {
    fn new(is_eager: bool) -> Self {
        Self { id: Str::EMPTY, instance: None, generation: -1, owned: Vec::new(), is_eager }
    }

    fn subscription(&self) -> Bytes {
        let mut said = ConsumerProtocolSubscription::default();
        said.topics = vec![text("t")];
        // As librdkafka does: who owns nothing as it joins need not say since when.
        said.generation_id = if self.is_eager { -1 } else { self.generation };
        if !self.owned.is_empty() {
            let owned = OwnedPartitions::default().with_topic("t").with_partitions(self.owned.clone());
            said.owned_partitions = vec![owned];
        }
        said.encode_versioned(3).unwrap()
    }

    fn request(&self) -> JoinGroupRequest {
        let mut protocol = JoinGroupRequestProtocol::default();
        (protocol.name, protocol.metadata) = (text("range"), self.subscription());
        let mut request = JoinGroupRequest::default();
        (request.group_id, request.protocol_type) = (text("g"), text("consumer"));
        (request.session_timeout_ms, request.rebalance_timeout_ms) = (10_000, 20_000);
        request.member_id = self.id.clone();
        request.group_instance_id = self.instance.map(text);
        request.protocols.push(protocol);
        request
    }

    async fn joins(&mut self, kit: &mut Kit) -> JoinGroupResponse {
        if self.is_eager {
            self.owned.clear();
        }
        let mut request = self.request();
        let mut response = kit.call(9, &request).await;
        if response.error_code == ErrorCode::MEMBER_ID_REQUIRED {
            request.member_id = response.member_id.clone();
            response = kit.call(9, &request).await;
        }
        if response.error_code == ErrorCode::NONE {
            (self.id, self.generation) = (response.member_id.clone(), response.generation_id);
        }
        response
    }

    async fn syncs(&mut self, kit: &mut Kit, all: &[(&Str, Vec<i32>)]) -> ErrorCode {
        let mut request = SyncGroupRequest::default();
        (request.group_id, request.member_id) = (text("g"), self.id.clone());
        request.generation_id = self.generation;
        request.protocol_type = Some(text("consumer"));
        request.protocol_name = Some(text("range"));
        request.group_instance_id = self.instance.map(text);
        for (member, partitions) in all {
            let mut own = ConsumerProtocolAssignment::default();
            own.assigned_partitions =
                vec![AssignedPartitions::default().with_topic("t").with_partitions(partitions.clone())];
            let mut one = SyncGroupRequestAssignment::default();
            (one.member_id, one.assignment) = ((*member).clone(), own.encode_versioned(3).unwrap());
            request.assignments.push(one);
        }
        let response = kit.call(5, &request).await;
        if response.error_code == ErrorCode::NONE {
            let told = ConsumerProtocolAssignment::decode_versioned(&response.assignment).unwrap();
            let topics = told.assigned_partitions.iter();
            self.owned = topics.flat_map(|topic| topic.partitions.iter().copied()).collect();
        }
        response.error_code
    }

    async fn beats(&mut self, kit: &mut Kit) -> ErrorCode {
        let mut request = HeartbeatRequest::default();
        (request.group_id, request.member_id) = (text("g"), self.id.clone());
        request.generation_id = self.generation;
        request.group_instance_id = self.instance.map(text);
        kit.call(4, &request).await.error_code
    }

    /// A heartbeat, and what it asks for.
    async fn works(&mut self, kit: &mut Kit) {
        match self.beats(kit).await {
            ErrorCode::NONE => {}
            ErrorCode::REBALANCE_IN_PROGRESS => {
                let response = self.joins(kit).await;
                assert_eq!(response.error_code, ErrorCode::NONE, "{response:?}");
                let id = self.id.clone();
                let all = [(&id, vec![0, 1, 2, 3])];
                let leads = response.leader == id;
                let code = self.syncs(kit, if leads { &all } else { &[] }).await;
                assert!([ErrorCode::NONE, ErrorCode::REBALANCE_IN_PROGRESS].contains(&code), "{code}");
            }
            other => panic!("{other}"),
        }
    }

    async fn leaves(&self, kit: &mut Kit) -> ErrorCode {
        let mut request = LeaveGroupRequest::default();
        request.group_id = text("g");
        request.members.push(MemberIdentity::default().with_member_id(self.id.clone()));
        kit.call(5, &request).await.members[0].error_code
    }
}

/// A member of the consumer protocol.
#[derive(Default)]
struct Newer {
    instance: Option<&'static str>,
    epoch: i32,
    owned: Vec<TopicPartitions>,
}

impl Newer {
    async fn beats(&mut self, kit: &mut Kit) -> ConsumerGroupHeartbeatResponse {
        let mut request = ConsumerGroupHeartbeatRequest::default();
        (request.group_id, request.member_id) = (text("g"), text("new"));
        request.instance_id = self.instance.map(text);
        (request.member_epoch, request.rebalance_timeout_ms) = (self.epoch, 20_000);
        request.topic_partitions = Some(self.owned.clone());
        request.subscribed_topic_names = Some(vec![text("t")]);
        let response = kit.call(1, &request).await;
        self.epoch = response.member_epoch;
        if let Some(told) = &response.assignment {
            self.owned.clone_from(&told.topic_partitions);
        }
        response
    }

    async fn works(&mut self, kit: &mut Kit) {
        let response = self.beats(kit).await;
        assert_eq!(response.error_code, ErrorCode::NONE, "{response:?}");
    }

    fn partitions(&self) -> Vec<i32> {
        self.owned.iter().flat_map(|topic| topic.partitions.iter().copied()).collect()
    }
}

async fn pass(kit: &mut Kit, seconds: u64) {
    for _ in 0..seconds {
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
    kit.clock.advance(i64::try_from(seconds * 1_000).unwrap());
}

async fn find(kit: &mut Kit) {
    let mut find = FindCoordinatorRequest::default();
    find.coordinator_keys = vec![text("g")];
    kit.call(6, &find).await;
}

async fn kind(kit: &mut Kit) -> String {
    let groups = kit.call(5, &ListGroupsRequest::default()).await.groups;
    assert_eq!(groups.len(), 1);
    groups[0].group_type.to_string()
}

/// A classic group with one member that has all four partitions.
async fn classic_group(config: &[(&str, &str)], mut member: Classic) -> (Kit, Classic) {
    let delay = ("group.initial.rebalance.delay.ms", "0");
    let mut kit = Kit::with(&[config, &[delay]].concat()).await;
    kit.create("t", 4, &[]).await;
    find(&mut kit).await;
    member.joins(&mut kit).await;
    let id = member.id.clone();
    assert_eq!(member.syncs(&mut kit, &[(&id, vec![0, 1, 2, 3])]).await, ErrorCode::NONE);
    assert_eq!((member.owned.len(), &*kind(&mut kit).await), (4, "classic"));
    (kit, member)
}

/// Both work until they agree; no partition is ever worked on by two.
async fn settle(kit: &mut Kit, old: &mut Classic, new: &mut Newer) {
    for _ in 0..6 {
        pass(kit, 1).await;
        old.works(kit).await;
        new.works(kit).await;
        let theirs = new.partitions();
        assert!(old.owned.iter().all(|partition| !theirs.contains(partition)), "{:?} {theirs:?}", old.owned);
    }
}

#[tokio::test(start_paused = true)]
async fn a_classic_group_takes_in_a_member_of_the_newer_protocol_and_goes_back_when_it_leaves() {
    for is_eager in [true, false] {
        let (mut kit, mut old) = classic_group(&[], Classic::new(is_eager)).await;
        let mut new = Newer::default();
        new.works(&mut kit).await;
        assert_eq!((new.partitions().len(), &*kind(&mut kit).await), (0, "consumer"));
        assert_eq!(old.beats(&mut kit).await, ErrorCode::REBALANCE_IN_PROGRESS);
        settle(&mut kit, &mut old, &mut new).await;
        assert_eq!((old.owned.len(), new.partitions().len()), (2, 2), "eager: {is_eager}");
        new.epoch = -1;
        assert_eq!(new.beats(&mut kit).await.error_code, ErrorCode::NONE);
        assert_eq!(kind(&mut kit).await, "classic");
        assert_eq!(old.beats(&mut kit).await, ErrorCode::REBALANCE_IN_PROGRESS);
        old.works(&mut kit).await;
        assert_eq!((old.beats(&mut kit).await, old.owned.len()), (ErrorCode::NONE, 4));
    }
}

#[tokio::test(start_paused = true)]
async fn members_of_both_protocols_go_on_after_every_end_of_the_broker() {
    for end in [End::Close, End::Kill, End::PowerLoss(5)] {
        let (mut kit, mut old) = classic_group(&[], Classic::new(false)).await;
        let mut new = Newer::default();
        settle(&mut kit, &mut old, &mut new).await;
        let had = (old.owned.clone(), new.partitions());
        let mut kit = kit.reopened(end).await;
        find(&mut kit).await;
        settle(&mut kit, &mut old, &mut new).await;
        assert_eq!((old.owned.clone(), new.partitions()), had, "{end:?}");
        new.epoch = -1;
        assert_eq!(new.beats(&mut kit).await.error_code, ErrorCode::NONE);
        let mut kit = kit.reopened(end).await;
        find(&mut kit).await;
        assert_eq!(kind(&mut kit).await, "classic", "{end:?}");
        for _ in 0..3 {
            pass(&mut kit, 1).await;
            old.works(&mut kit).await;
        }
        assert_eq!(old.owned.len(), 4, "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_classic_member_may_come_to_a_group_of_the_newer_protocol_and_leave_it() {
    let mut kit = Kit::new().await;
    kit.create("t", 4, &[]).await;
    find(&mut kit).await;
    let mut new = Newer::default();
    new.works(&mut kit).await;
    pass(&mut kit, 3).await;
    let mut old = Classic::new(true);
    assert_eq!(old.joins(&mut kit).await.error_code, ErrorCode::NONE);
    settle(&mut kit, &mut old, &mut new).await;
    assert_eq!((old.owned.len(), new.partitions().len()), (2, 2));
    assert_eq!(old.leaves(&mut kit).await, ErrorCode::NONE);
    assert_eq!(old.leaves(&mut kit).await, ErrorCode::UNKNOWN_MEMBER_ID);
    for _ in 0..3 {
        pass(&mut kit, 2).await;
        new.works(&mut kit).await;
    }
    assert_eq!((new.partitions().len(), &*kind(&mut kit).await), (4, "consumer"));
    let mut sent_away = Classic::new(true);
    sent_away.id = text("new");
    assert_eq!(sent_away.beats(&mut kit).await, ErrorCode::UNKNOWN_MEMBER_ID, "of another protocol");
    assert_eq!(sent_away.leaves(&mut kit).await, ErrorCode::NONE, "an administrator may say so");
    assert_eq!(new.beats(&mut kit).await.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_join_and_does_not_is_let_go() {
    let (mut kit, mut old) = classic_group(&[], Classic::new(true)).await;
    let mut new = Newer::default();
    new.works(&mut kit).await;
    for _ in 0..5 {
        pass(&mut kit, 5).await;
        old.beats(&mut kit).await;
        new.works(&mut kit).await;
    }
    assert_eq!(old.beats(&mut kit).await, ErrorCode::UNKNOWN_MEMBER_ID);
    new.works(&mut kit).await;
    assert_eq!(new.partitions().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_makes_a_group_classic_again() {
    let (mut kit, mut old) = classic_group(&[], Classic::new(true)).await;
    let mut new = Newer::default();
    settle(&mut kit, &mut old, &mut new).await;
    for _ in 0..16 {
        pass(&mut kit, 3).await;
        old.works(&mut kit).await;
    }
    assert_eq!((old.owned.len(), &*kind(&mut kit).await), (4, "classic"));
}

#[tokio::test(start_paused = true)]
async fn a_static_member_changes_its_protocol() {
    let mut old = Classic::new(true);
    old.instance = Some("i");
    let (mut kit, old) = classic_group(&[], old).await;
    let mut request = ConsumerGroupHeartbeatRequest::default();
    (request.group_id, request.member_id) = (text("g"), text("new"));
    request.instance_id = Some(text("i"));
    (request.member_epoch, request.rebalance_timeout_ms) = (0, 20_000);
    request.topic_partitions = Some(Vec::new());
    request.subscribed_topic_names = Some(vec![text("t")]);
    let response = kit.call(1, &request).await;
    assert_eq!(response.error_code, ErrorCode::NONE, "{response:?}");
    assert_eq!(response.assignment.unwrap().topic_partitions[0].partitions.len(), 4);
    let mut former = old;
    assert_eq!(former.beats(&mut kit).await, ErrorCode::FENCED_INSTANCE_ID);
    // And back.
    former.id = Str::EMPTY;
    let joined = former.joins(&mut kit).await;
    assert_eq!(joined.error_code, ErrorCode::NONE, "{joined:?}");
    // Nobody is left of the consumer protocol.
    assert_eq!(kind(&mut kit).await, "classic");
    for _ in 0..3 {
        pass(&mut kit, 1).await;
        former.works(&mut kit).await;
    }
    assert_eq!((former.beats(&mut kit).await, former.owned.len()), (ErrorCode::NONE, 4));
    request.member_epoch = response.member_epoch;
    assert_eq!(kit.call(1, &request).await.error_code, ErrorCode::GROUP_ID_NOT_FOUND);
}

/// A static member of the consumer protocol, and a member of the classic one that has its share.
async fn static_and_classic(config: &[(&str, &str)]) -> (Kit, Classic) {
    let (mut kit, mut other) = classic_group(config, Classic::new(false)).await;
    let mut new = Newer { instance: Some("i"), ..Newer::default() };
    settle(&mut kit, &mut other, &mut new).await;
    assert_eq!((other.owned.len(), new.partitions().len()), (2, 2));
    (kit, other)
}

/// As Kafka 4.3.1 does it, but that there the partitions stay where they are without a rebalance.
#[tokio::test(start_paused = true)]
async fn a_classic_member_that_replaces_the_last_of_the_newer_protocol_makes_the_group_classic() {
    for end in [None, Some(End::Close), Some(End::Kill), Some(End::PowerLoss(5))] {
        let (mut kit, mut other) = static_and_classic(&[]).await;
        let mut replacing = Classic::new(false);
        replacing.instance = Some("i");
        assert_eq!(replacing.joins(&mut kit).await.error_code, ErrorCode::NONE);
        assert_eq!(kind(&mut kit).await, "classic");
        if let Some(end) = end {
            kit = kit.reopened(end).await;
            find(&mut kit).await;
        }
        assert_eq!(kind(&mut kit).await, "classic", "{end:?}");
        let mut told = Vec::new();
        let joined = tokio::join!(rejoins(&kit, &other), rejoins(&kit, &replacing));
        for (member, response) in [&mut other, &mut replacing].into_iter().zip([joined.0, joined.1]) {
            assert_eq!(response.error_code, ErrorCode::NONE, "{end:?} {response:?}");
            assert_eq!(response.member_id, member.id);
            told.push(response.members.len());
            member.generation = response.generation_id;
        }
        told.sort_unstable();
        assert_eq!(told, [0, 2], "the leader is told of both");
    }
}

/// It joins once more, over a connection of its own.
async fn rejoins(kit: &Kit, member: &Classic) -> JoinGroupResponse {
    let mut session = kit.broker.session("PLAINTEXT");
    let request = member.request();
    response::<JoinGroupRequest>(9, handle(&kit.broker, &mut session, 9, &request).reply().await)
}

#[tokio::test(start_paused = true)]
async fn a_group_that_may_not_be_classic_stays_what_it_is_when_its_last_member_is_replaced() {
    let (mut kit, _) = static_and_classic(&[("group.consumer.migration.policy", "upgrade")]).await;
    let mut replacing = Classic::new(false);
    replacing.instance = Some("i");
    assert_eq!(replacing.joins(&mut kit).await.error_code, ErrorCode::NONE);
    assert_eq!(kind(&mut kit).await, "consumer");
}

#[tokio::test(start_paused = true)]
async fn a_group_goes_only_where_the_policy_lets_it() {
    let policy = "group.consumer.migration.policy";
    for name in ["disabled", "downgrade"] {
        let (mut kit, mut old) = classic_group(&[(policy, name)], Classic::new(true)).await;
        let refused = Newer::default().beats(&mut kit).await;
        assert_eq!(refused.error_code, ErrorCode::GROUP_ID_NOT_FOUND);
        let words = "Cannot upgrade classic group g to consumer group because online upgrade is disabled.";
        assert_eq!(refused.error_message.as_deref(), Some(words));
        assert_eq!((old.beats(&mut kit).await, &*kind(&mut kit).await), (ErrorCode::NONE, "classic"));
    }
    let (mut kit, mut old) = classic_group(&[(policy, "upgrade")], Classic::new(true)).await;
    let mut new = Newer::default();
    settle(&mut kit, &mut old, &mut new).await;
    new.epoch = -1;
    new.beats(&mut kit).await;
    for _ in 0..3 {
        pass(&mut kit, 1).await;
        old.works(&mut kit).await;
    }
    assert_eq!((old.owned.len(), &*kind(&mut kit).await), (4, "consumer"));
}
