//! What a member does, request by request, without a coordinator.

use proptest::prelude::*;

use super::*;
use crate::assignor::wire;
use ottla_protocol::messages::heartbeat::HeartbeatResponse;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember};
use ottla_protocol::messages::leave_group::LeaveGroupResponse;
use ottla_protocol::messages::sync_group::SyncGroupResponse;

const HERE: Presence = Presence::Here;

fn rules() -> Rules {
    Rules {
        group_id: Str::from("g"),
        instance_id: None,
        session_timeout: Duration::from_secs(45),
        heartbeat_interval: Duration::from_secs(3),
        max_poll_interval: Duration::from_secs(300),
        request_timeout: Duration::from_secs(30),
        assignors: vec![Assignor::Range],
        rack: None,
        backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(1)),
    }
}

/// A member, its time, and the steps it took.
struct World {
    member: Membership,
    now: Instant,
}

impl World {
    fn new(rules: Rules) -> Self {
        let now = Instant::now();
        let mut member = Membership::new(rules, ottla_env::Rng::new(1), now);
        member.subscribe(now, [Str::from("t")].into());
        Self { member, now }
    }

    fn steps(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(step) = self.member.poll(self.now, HERE) {
            steps.push(step);
        }
        let next = self.member.poll_timeout(HERE);
        assert!(next.is_none_or(|next| next > self.now), "it would wait for what is past");
        steps
    }

    fn pass(&mut self, time: Duration) -> Vec<Step> {
        self.now += time;
        self.steps()
    }

    /// The one request among the steps.
    fn sent(&mut self) -> (Ticket, Ask) {
        sent(self.steps()).expect("a request")
    }

    fn answer(&mut self, ticket: Ticket, answer: Answer) {
        self.member.answered(self.now, ticket, Ok(answer));
    }

    fn lose_answer(&mut self, ticket: Ticket) {
        let error = ottla_client::Error::UnknownNode(NodeId(1));
        self.member.answered(self.now, ticket, Err(error));
    }

    fn find(&mut self) {
        let steps = self.steps();
        assert!(steps.iter().any(|step| matches!(step, Step::Find)), "{steps:?}");
        self.member.found(self.now, Ok(NodeId(1)));
    }

    /// Joins as a follower and takes the assignment in.
    fn join(&mut self, generation: i32, partitions: &[i32]) -> Vec<Step> {
        let (ticket, ask) = self.sent();
        assert!(matches!(ask, Ask::Join(_)), "{ask:?}");
        self.answer(ticket, Answer::Join(joined(generation)));
        let (ticket, ask) = self.sent();
        assert!(matches!(ask, Ask::Sync(_)), "{ask:?}");
        self.answer(ticket, Answer::Sync(synced(partitions)));
        self.steps()
    }

    fn stable(rules: Rules, partitions: &[i32]) -> Self {
        let mut world = Self::new(rules);
        world.find();
        world.join(1, partitions);
        assert!(world.member.is_stable());
        world
    }

    fn generation(&self) -> i32 {
        self.member.generation
    }

    fn beat(&mut self, code: ErrorCode) -> Vec<Step> {
        let (ticket, ask) = sent(self.pass(Duration::from_secs(3))).expect("a request");
        assert!(matches!(ask, Ask::Heartbeat(_)), "{ask:?}");
        let mut answer = HeartbeatResponse::default();
        answer.error_code = code;
        self.answer(ticket, Answer::Heartbeat(answer));
        self.steps()
    }
}

fn sent(steps: Vec<Step>) -> Option<(Ticket, Ask)> {
    let mut sent = steps.into_iter().filter_map(|step| match step {
        Step::Send { ticket, ask, .. } => Some((ticket, ask)),
        _ => None,
    });
    let first = sent.next();
    assert!(sent.next().is_none(), "one at a time");
    first
}

fn at(partition: i32) -> TopicPartition {
    TopicPartition::new("t", partition)
}

fn refused(code: ErrorCode) -> JoinGroupResponse {
    let mut answer = JoinGroupResponse::default();
    answer.error_code = code;
    answer
}

fn joined(generation: i32) -> JoinGroupResponse {
    let mut answer = JoinGroupResponse::default();
    (answer.generation_id, answer.member_id) = (generation, Str::from("me"));
    (answer.leader, answer.protocol_name) = (Str::from("other"), Some(Str::from("range")));
    answer
}

fn synced(partitions: &[i32]) -> SyncGroupResponse {
    let partitions: Vec<_> = partitions.iter().map(|partition| at(*partition)).collect();
    let mut answer = SyncGroupResponse::default();
    answer.assignment = wire::encode_assignment(&partitions).unwrap();
    answer
}

fn indexes(partitions: &[TopicPartition]) -> Vec<i32> {
    partitions.iter().map(|partition| partition.partition).collect()
}

fn request(ask: Ask) -> JoinGroupRequest {
    match ask {
        Ask::Join(request) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_member_joins_with_the_id_that_it_is_told_to_use() {
    let mut world = World::new(rules());
    world.find();
    let (ticket, ask) = world.sent();
    let first = request(ask);
    assert_eq!((first.member_id.as_str(), first.rebalance_timeout_ms), ("", 300_000));
    let mut answer = refused(ErrorCode::MEMBER_ID_REQUIRED);
    answer.member_id = Str::from("me");
    world.answer(ticket, Answer::Join(answer));
    let (_, ask) = world.sent();
    assert_eq!(request(ask).member_id, "me", "at once");
}

#[test]
fn a_follower_takes_what_it_is_given_and_shows_signs_of_life() {
    let mut world = World::new(rules());
    world.find();
    let steps = world.join(1, &[0, 2]);
    let [Step::Assign(partitions)] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!(indexes(partitions), [0, 2]);
    for _ in 0..100 {
        assert!(world.beat(ErrorCode::NONE).is_empty());
    }
}

#[test]
fn a_leader_assigns_once_all_topics_are_known() {
    let mut world = World::new(rules());
    world.find();
    let (ticket, ask) = world.sent();
    let metadata = request(ask).protocols[0].metadata.clone();
    let mut answer = joined(1);
    answer.leader = answer.member_id.clone();
    for id in ["me", "other"] {
        let mut member = JoinGroupResponseMember::default();
        (member.member_id, member.metadata) = (Str::from(id), metadata.clone());
        answer.members.push(member);
    }
    // One that cannot be read is left out, and spoils nothing.
    let mut broken = JoinGroupResponseMember::default();
    (broken.member_id, broken.metadata) = (Str::from("broken"), bytes::Bytes::from_static(b"?"));
    answer.members.push(broken);
    world.answer(ticket, Answer::Join(answer));
    let steps = world.steps();
    let [Step::Watch(topics)] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!(*topics, [Str::from("t")].into());
    world.member.layout(world.now, Topics::new().with_topic("t", 3));
    let (ticket, ask) = world.sent();
    let Ask::Sync(sync) = ask else { panic!("{ask:?}") };
    let assigned = sync.assignments.iter().map(|given| {
        (given.member_id.as_str(), indexes(&wire::decode_assignment(&given.assignment).unwrap()))
    });
    assert_eq!(assigned.collect::<Vec<_>>(), [("me", vec![0, 1]), ("other", vec![2])]);
    world.answer(ticket, Answer::Sync(synced(&[0, 1])));
    world.steps();
    // The same topics are no news; another partition is.
    world.member.layout(world.now, Topics::new().with_topic("t", 3));
    assert!(world.steps().is_empty());
    world.member.layout(world.now, Topics::new().with_topic("t", 4));
    assert!(matches!(world.steps()[..], [Step::Revoke(..)]));
}

/// Leads two static members with cooperative assignments, of which the other one owned partitions 0 to 2 before.
fn leading(is_skipped: bool) -> World {
    let rules = Rules { assignors: vec![Assignor::CooperativeSticky], ..rules() };
    let mut world = World::new(rules);
    world.find();
    let (ticket, ask) = world.sent();
    let mine = request(ask).protocols[0].metadata.clone();
    let mut theirs = World::stable(world.member.rules.clone(), &[0, 1, 2]);
    theirs.member.rejoin = Some("a whim");
    let theirs = request(theirs.sent().1).protocols[0].metadata.clone();
    let mut answer = joined(2);
    (answer.leader, answer.skip_assignment) = (answer.member_id.clone(), is_skipped);
    answer.protocol_name = Some(Str::from("cooperative-sticky"));
    for (id, metadata) in [("me", mine), ("other", theirs)] {
        let mut member = JoinGroupResponseMember::default();
        (member.member_id, member.metadata) = (Str::from(id), metadata);
        answer.members.push(member);
    }
    world.answer(ticket, Answer::Join(answer));
    world.steps();
    world.member.layout(world.now, Topics::new().with_topic("t", 3));
    world
}

#[test]
fn a_leader_that_left_partitions_out_does_not_wait_for_ever_for_who_gives_them_up() {
    let mut world = leading(false);
    let (ticket, ask) = world.sent();
    let Ask::Sync(sync) = ask else { panic!("{ask:?}") };
    let given =
        sync.assignments.iter().map(|given| wire::decode_assignment(&given.assignment).unwrap().len());
    assert_eq!(given.sum::<usize>(), 2, "one is still the other's");
    world.answer(ticket, Answer::Sync(synced(&[])));
    world.steps();
    for _ in 1..15 {
        assert!(world.beat(ErrorCode::NONE).is_empty());
    }
    assert!(matches!(sent(world.pass(Duration::from_secs(3))), Some((_, Ask::Join(_)))));
}

#[test]
fn a_leader_that_comes_back_has_unfinished_assignments_finished() {
    let mut world = leading(true);
    let (ticket, ask) = world.sent();
    assert!(matches!(&ask, Ask::Sync(sync) if sync.assignments.is_empty()), "{ask:?}");
    world.answer(ticket, Answer::Sync(synced(&[1])));
    let steps = world.steps();
    assert!(matches!(&steps[..], [Step::Assign(_), Step::Send { ask: Ask::Join(_), .. }]), "{steps:?}");
}

#[test]
fn before_it_joins_anew_a_member_waits_for_its_user() {
    let mut world = World::stable(rules(), &[0, 1]);
    let steps = world.beat(ErrorCode::REBALANCE_IN_PROGRESS);
    let [Step::Revoke(ticket, partitions)] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!(indexes(partitions), [0, 1]);
    // Meanwhile it stays alive.
    assert!(world.beat(ErrorCode::REBALANCE_IN_PROGRESS).is_empty());
    world.member.released(world.now, *ticket);
    assert!(world.member.owned.is_empty());
    world.join(2, &[1]);
    assert_eq!(world.generation(), 2);
}

#[test]
fn a_cooperative_member_gives_up_only_what_it_must() {
    let mut world =
        World::stable(Rules { assignors: vec![Assignor::CooperativeSticky], ..rules() }, &[0, 1, 2]);
    world.beat(ErrorCode::REBALANCE_IN_PROGRESS);
    let ticket = world.member.tickets;
    let steps = {
        // It has joined anew already, and says what it owns.
        let State::Joining { waits: Some(waits), .. } = world.member.state else {
            panic!("it does not join")
        };
        assert_eq!(waits, Ticket(ticket));
        let mut answer = joined(2);
        answer.protocol_name = Some(Str::from("cooperative-sticky"));
        world.answer(waits, Answer::Join(answer));
        let (ticket, _) = world.sent();
        world.answer(ticket, Answer::Sync(synced(&[1, 3])));
        world.steps()
    };
    let [Step::Revoke(ticket, revoked), Step::Assign(added)] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!((indexes(revoked), indexes(added)), (vec![0, 2], vec![3]));
    // Until that is done it does not join, whatever the group does.
    assert!(world.beat(ErrorCode::REBALANCE_IN_PROGRESS).is_empty());
    world.member.released(world.now, *ticket);
    let (_, ask) = world.sent();
    let member = wire::decode_member(
        Assignor::CooperativeSticky,
        Str::from("me"),
        None,
        &request(ask).protocols[0].metadata,
    );
    let member = member.unwrap();
    assert_eq!((indexes(&member.owned), member.generation), (vec![1, 3], Some(2)));
}

#[test]
fn lost_generations_are_told_and_joined_anew() {
    for (code, id) in [(ErrorCode::UNKNOWN_MEMBER_ID, ""), (ErrorCode::ILLEGAL_GENERATION, "me")] {
        let mut world = World::stable(rules(), &[0, 1]);
        let steps = world.beat(code);
        let [Step::Lose(lost), Step::Send { ask: Ask::Join(join), .. }] = &steps[..] else {
            panic!("{steps:?}")
        };
        assert_eq!((indexes(lost), join.member_id.as_str()), (vec![0, 1], id));
        assert_eq!((world.generation(), world.member.identity()), (NO_GENERATION, None));
    }
}

#[test]
fn an_answer_from_an_older_generation_does_not_count() {
    let mut world = World::stable(rules(), &[0]);
    let (ticket, _) = sent(world.pass(Duration::from_secs(3))).unwrap();
    // A commit learns first that the group has gone on.
    assert_eq!(world.member.commit_refused(world.now, 1, ErrorCode::ILLEGAL_GENERATION), Verdict::Final);
    world.join(2, &[0]);
    let mut late = HeartbeatResponse::default();
    late.error_code = ErrorCode::ILLEGAL_GENERATION;
    world.answer(ticket, Answer::Heartbeat(late));
    assert!(world.steps().is_empty() && world.member.is_stable());
    assert_eq!(world.member.commit_refused(world.now, 1, ErrorCode::UNKNOWN_MEMBER_ID), Verdict::Later);
    assert!(world.steps().is_empty() && world.member.is_stable());
}

#[test]
fn on_the_way_into_a_generation_an_answer_to_the_one_before_costs_nothing() {
    let mut world =
        World::stable(Rules { assignors: vec![Assignor::CooperativeSticky], ..rules() }, &[0, 1, 2]);
    let (beat, _) = sent(world.pass(Duration::from_secs(3))).unwrap();
    let verdict = world.member.commit_refused(world.now, 1, ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(verdict, Verdict::Later);
    let (join, _) = world.sent();
    // The group is in the next generation before its answer to the join is here.
    let mut late = HeartbeatResponse::default();
    late.error_code = ErrorCode::ILLEGAL_GENERATION;
    world.answer(beat, Answer::Heartbeat(late));
    assert_eq!(world.member.commit_refused(world.now, 1, ErrorCode::ILLEGAL_GENERATION), Verdict::Later);
    assert!(world.steps().is_empty());
    let mut answer = joined(2);
    answer.protocol_name = Some(Str::from("cooperative-sticky"));
    world.answer(join, Answer::Join(answer));
    let (sync, _) = world.sent();
    world.answer(sync, Answer::Sync(synced(&[0, 1, 2])));
    let steps = world.steps();
    assert!(matches!(&steps[..], [Step::Assign(added)] if added.is_empty()), "{steps:?}");
}

#[test]
fn a_request_to_join_whose_answer_is_lost_may_have_arrived() {
    let rules = Rules { assignors: vec![Assignor::CooperativeSticky], ..rules() };
    let mut world = World::stable(rules, &[0, 1]);
    let verdict = world.member.commit_refused(world.now, 1, ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(verdict, Verdict::Later);
    let (join, _) = world.sent();
    world.lose_answer(join);
    for code in [ErrorCode::ILLEGAL_GENERATION, ErrorCode::UNKNOWN_MEMBER_ID] {
        assert_eq!(world.member.commit_refused(world.now, 1, code), Verdict::Later);
    }
    world.find();
    // Nothing is lost before the next answer tells.
    let (join, _) = sent(world.pass(Duration::from_secs(1))).unwrap();
    world.answer(join, Answer::Join(refused(ErrorCode::UNKNOWN_MEMBER_ID)));
    let steps = world.steps();
    assert!(matches!(&steps[0], Step::Lose(lost) if indexes(lost) == [0, 1]), "{steps:?}");
}

#[test]
fn what_is_given_up_does_not_wait_for_the_rebalance_that_waits_for_it() {
    let mut world = World::stable(rules(), &[0]);
    let steps = world.beat(ErrorCode::REBALANCE_IN_PROGRESS);
    assert!(matches!(&steps[..], [Step::Revoke(..)]), "{steps:?}");
    let verdict = world.member.commit_refused(world.now, 1, ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(verdict, Verdict::Final);
    assert!(world.steps().is_empty() && world.member.owned.len() == 1, "it is still being given up");
}

#[test]
fn a_partition_that_was_given_up_or_lost_begins_anew_and_what_is_kept_goes_on() {
    let rules = Rules { assignors: vec![Assignor::CooperativeSticky], ..rules() };
    let mut world = World::new(rules);
    let rejoin = |world: &mut World, generation: i32, partitions: &[i32]| {
        let (join, _) = world.sent();
        let mut answer = joined(generation);
        answer.protocol_name = Some(Str::from("cooperative-sticky"));
        world.answer(join, Answer::Join(answer));
        let (sync, _) = world.sent();
        world.answer(sync, Answer::Sync(synced(partitions)));
        [0, 1].map(|partition| world.member.tenure(&at(partition)))
    };
    world.find();
    let [kept, gone] = rejoin(&mut world, 1, &[0, 1]);
    world.steps();
    world.member.rejoin = Some("a whim");
    rejoin(&mut world, 2, &[0]);
    let ticket = world.steps().iter().find_map(|step| match step {
        Step::Revoke(ticket, _) => Some(*ticket),
        _ => None,
    });
    world.member.released(world.now, ticket.expect("one is given up"));
    let [still, back] = rejoin(&mut world, 3, &[0, 1]);
    assert!(kept.is_some() && still == kept && back.is_some() && back != gone);
}

#[test]
fn what_time_does_not_mend_ends_it_until_the_user_subscribes_anew() {
    for code in [
        ErrorCode::FENCED_INSTANCE_ID,
        ErrorCode::GROUP_AUTHORIZATION_FAILED,
        ErrorCode::INCONSISTENT_GROUP_PROTOCOL,
        ErrorCode::INVALID_SESSION_TIMEOUT,
        ErrorCode::GROUP_MAX_SIZE_REACHED,
    ] {
        let mut world = World::new(rules());
        world.find();
        let (ticket, _) = world.sent();
        world.answer(ticket, Answer::Join(refused(code)));
        let steps = world.steps();
        assert!(matches!(steps[..], [Step::Fail(Error::Group { .. })]), "{steps:?}");
        assert!(
            world.pass(Duration::from_secs(1_000)).is_empty() && world.member.poll_timeout(HERE).is_none()
        );
        world.member.subscribe(world.now, [Str::from("t")].into());
        assert!(world.pass(Duration::ZERO).iter().any(|step| matches!(step, Step::Send { .. })));
    }
}

#[test]
fn without_an_answer_the_coordinator_is_found_anew_and_the_place_is_kept() {
    let mut world = World::stable(rules(), &[0]);
    for _ in 0..5 {
        let (ticket, _) = sent(world.pass(Duration::from_secs(3))).unwrap();
        world.lose_answer(ticket);
        let steps = world.steps();
        assert!(matches!(steps[..], [Step::Forget(NodeId(1)), Step::Find]), "{steps:?}");
        world.member.found(world.now, Ok(NodeId(1)));
        // It does not hurry.
        assert!(world.steps().is_empty());
        let (ticket, _) = sent(world.pass(Duration::from_millis(1_300))).unwrap();
        world.answer(ticket, Answer::Heartbeat(HeartbeatResponse::default()));
    }
    assert_eq!((world.generation(), world.member.is_stable()), (1, true));
}

#[test]
fn a_session_without_a_word_is_over() {
    let mut world = World::stable(rules(), &[0]);
    let mut lost = None;
    for second in 0..60 {
        for step in world.pass(Duration::from_secs(1)) {
            match step {
                Step::Send { ticket, .. } => world.lose_answer(ticket),
                Step::Find => world.member.found(world.now, Ok(NodeId(1))),
                Step::Lose(_) => lost = Some(second),
                _ => {}
            }
        }
    }
    assert_eq!(lost, Some(44));
}

#[test]
fn a_user_who_stays_away_is_taken_out_and_let_in_again() {
    for instance_id in [None, Some(Str::from("i"))] {
        let is_static = instance_id.is_some();
        let mut world = World::stable(Rules { instance_id, ..rules() }, &[0]);
        let since = world.now;
        let presence = Presence::AwaySince(since);
        assert_eq!(world.member.poll_timeout(presence), Some(since + Duration::from_secs(3)));
        world.now += Duration::from_secs(300);
        let mut steps = Vec::new();
        while let Some(step) = world.member.poll(world.now, presence) {
            steps.push(step);
        }
        assert!(matches!(steps[0], Step::Lose(_)), "{steps:?}");
        match sent(steps) {
            Some((ticket, Ask::Leave(_))) if !is_static => {
                world.answer(ticket, Answer::Leave(LeaveGroupResponse::default()));
            }
            None if is_static => {}
            other => panic!("{other:?}"),
        }
        assert!(world.member.poll(world.now, presence).is_none() && world.member.is_absent());
        let (_, ask) = world.sent();
        assert_eq!(request(ask).member_id, "", "a new life");
    }
}

#[test]
fn leaving_says_goodbye_and_closing_waits_for_nothing_else() {
    let mut world = World::stable(rules(), &[0]);
    world.member.leave("the end");
    let (ticket, ask) = world.sent();
    let Ask::Leave(leave) = ask else { panic!("{ask:?}") };
    let request = leave.clone().into_request(5);
    assert_eq!(request.members[0].member_id, "me");
    assert_eq!(request.members[0].reason.as_deref(), Some("the end"));
    assert_eq!(leave.into_request(2).member_id, "me");
    assert!(!world.member.is_out());
    world.lose_answer(ticket);
    assert!(world.steps().is_empty() && world.member.is_out());
}

#[test]
fn a_rebalance_during_sync_is_joined_at_once() {
    let mut world = World::new(rules());
    world.find();
    let (ticket, _) = world.sent();
    world.answer(ticket, Answer::Join(joined(1)));
    let (ticket, _) = world.sent();
    let mut answer = SyncGroupResponse::default();
    answer.error_code = ErrorCode::REBALANCE_IN_PROGRESS;
    world.answer(ticket, Answer::Sync(answer));
    assert!(matches!(world.sent().1, Ask::Join(_)));
}

/// What may happen to a member.
#[derive(Clone, Debug)]
enum Happening {
    Pass(u64),
    Answer(usize, i16),
    LoseAnswer,
    Subscribe(bool),
    Release,
    Leave,
    Layout(usize),
    CommitRefused(i16),
    Away,
}

fn happening() -> impl Strategy<Value = Happening> {
    let code = prop::sample::select(vec![0i16, 0, 0, 0, 14, 15, 16, 22, 25, 27, 79, 82]);
    prop_oneof![
        4 => (0u64..20_000).prop_map(Happening::Pass),
        8 => (0usize..4, code.clone()).prop_map(|(size, code)| Happening::Answer(size, code)),
        1 => Just(Happening::LoseAnswer),
        1 => any::<bool>().prop_map(Happening::Subscribe),
        2 => Just(Happening::Release),
        1 => Just(Happening::Leave),
        2 => (0usize..5).prop_map(Happening::Layout),
        1 => code.prop_map(Happening::CommitRefused),
        1 => Just(Happening::Away),
    ]
}

/// A member among things that happen, and what its user was told.
struct Life {
    world: World,
    assignor: Assignor,
    leads: bool,
    presence: Presence,
    generation: i32,
    open: Vec<(Ticket, Ask)>,
    told: BTreeSet<TopicPartition>,
    revoking: Option<(Ticket, Vec<TopicPartition>)>,
}

impl Life {
    fn new(assignor: Assignor, leads: bool) -> Self {
        let world = World::new(Rules { assignors: vec![assignor], ..rules() });
        let (open, told) = (Vec::new(), BTreeSet::new());
        Self { world, assignor, leads, presence: HERE, generation: 0, open, told, revoking: None }
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.world.now;
        match happening {
            Happening::Pass(ms) => self.world.now += Duration::from_millis(ms),
            Happening::Away => self.presence = Presence::AwaySince(now),
            Happening::Subscribe(other) => {
                let topics = if other { vec!["t", "u"] } else { vec!["t"] };
                self.world.member.subscribe(now, topics.into_iter().map(Str::from).collect());
                self.presence = HERE;
            }
            Happening::Release => {
                if let Some((ticket, partitions)) = self.revoking.take() {
                    self.told.retain(|partition| !partitions.contains(partition));
                    self.world.member.released(now, ticket);
                }
            }
            Happening::Leave => {
                self.world.member.leave("a whim");
                (self.told, self.revoking) = (BTreeSet::new(), None);
            }
            Happening::Layout(count) => {
                self.world.member.layout(now, Topics::new().with_topic("t", count));
            }
            Happening::CommitRefused(code) => {
                let generation = self.world.generation();
                let _ = self.world.member.commit_refused(now, generation, ErrorCode(code));
            }
            Happening::LoseAnswer => {
                if let Some((ticket, _)) = self.open.pop() {
                    self.world.lose_answer(ticket);
                }
            }
            Happening::Answer(size, code) => {
                if let Some((ticket, ask)) = self.open.pop() {
                    let answer = self.answer_to(ask, size, ErrorCode(code));
                    self.world.answer(ticket, answer);
                }
            }
        }
        self.look();
    }

    fn answer_to(&mut self, ask: Ask, size: usize, code: ErrorCode) -> Answer {
        match ask {
            Ask::Join(request) => {
                self.generation += 1;
                let mut answer = joined(self.generation);
                answer.error_code = code;
                answer.protocol_name = Some(Str::from(self.assignor.name()));
                if self.leads {
                    answer.leader = answer.member_id.clone();
                    let mut member = JoinGroupResponseMember::default();
                    member.member_id = answer.member_id.clone();
                    member.metadata = request.protocols[0].metadata.clone();
                    answer.members.push(member);
                }
                Answer::Join(answer)
            }
            Ask::Sync(_) => {
                let mut answer = synced(&(0..i32::try_from(size).unwrap()).collect::<Vec<_>>());
                answer.error_code = code;
                Answer::Sync(answer)
            }
            Ask::Heartbeat(_) => {
                let mut answer = HeartbeatResponse::default();
                answer.error_code = code;
                Answer::Heartbeat(answer)
            }
            Ask::Leave(_) => Answer::Leave(LeaveGroupResponse::default()),
            Ask::Assigning(_) => panic!("a member of a classic group asks so"),
        }
    }

    /// Takes the steps, each of which must make sense.
    fn look(&mut self) {
        while let Some(step) = self.world.member.poll(self.world.now, self.presence) {
            match step {
                Step::Find => self.world.member.found(self.world.now, Ok(NodeId(1))),
                Step::Send { ticket, ask, .. } => {
                    if !matches!(ask, Ask::Heartbeat(_)) {
                        // The answer to an earlier one is no longer waited for.
                        self.open.retain(|(_, ask)| matches!(ask, Ask::Heartbeat(_)));
                    }
                    self.open.push((ticket, ask));
                }
                Step::Revoke(ticket, partitions) => {
                    assert!(self.revoking.is_none(), "one at a time");
                    assert!(partitions.iter().all(|partition| self.told.contains(partition)));
                    self.revoking = Some((ticket, partitions));
                }
                Step::Lose(partitions) => {
                    assert!(partitions.iter().eq(self.told.iter()), "{partitions:?} of {:?}", self.told);
                    (self.told, self.revoking) = (BTreeSet::new(), None);
                }
                Step::Assign(partitions) => {
                    for partition in partitions {
                        assert!(self.told.insert(partition), "given twice");
                    }
                }
                Step::Fail(_) => assert!(self.told.is_empty()),
                Step::Forget(_) | Step::Watch(_) => {}
            }
        }
        assert!(self.world.member.owned.keys().eq(&self.told));
        let next = self.world.member.poll_timeout(self.presence);
        assert!(next.is_none_or(|next| next > self.world.now), "it would wait for what is past");
    }
}

proptest! {
    /// Whatever happens: what is owned is what was told, nothing that is past is waited for, and once all goes well
    /// the member is in the group.
    #[test]
    fn a_member_keeps_its_promises(
        happenings in prop::collection::vec(happening(), 1..120),
        cooperative in any::<bool>(),
        leads in any::<bool>(),
    ) {
        let assignor = if cooperative { Assignor::CooperativeSticky } else { Assignor::Range };
        let mut life = Life::new(assignor, leads);
        for happening in happenings {
            life.happen(happening);
        }
        life.happen(Happening::Subscribe(false));
        for _ in 0..60 {
            life.happen(Happening::Release);
            life.happen(Happening::Layout(3));
            while !life.open.is_empty() {
                life.happen(Happening::Answer(3, 0));
            }
            life.happen(Happening::Pass(1_000));
        }
        prop_assert!(life.world.member.is_stable(), "{:?}", life.world.member);
    }
}
