//! Groups and offsets after any step are what a replay of the log makes of them.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ottla_broker::{Handling, Reply};
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::delete_groups::DeleteGroupsRequest;
use ottla_protocol::messages::delete_topics::DeleteTopicsRequest;
use ottla_protocol::messages::describe_groups::{DescribeGroupsRequest, DescribedGroup};
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla_protocol::messages::list_groups::ListGroupsRequest;
use ottla_protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use ottla_protocol::wire::Str;
use proptest::prelude::*;
use tokio::time::sleep;

use crate::committed_offsets::{commit, committed, kit_with, topic};
use crate::groups::{Member, join};
use crate::harness::{End, Kit, text};

/// What happens next; groups, members and topics by their numbers.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody new joins, under a name of its own or not.
    Join(u8, Option<u8>),
    /// The first client that is or was a member joins again, or another one.
    Rejoin(u8, usize),
    /// A member asks for its assignment, and assigns if it leads.
    Sync(u8, usize),
    Leave(u8, usize),
    /// A member commits, or somebody who is none.
    Commit(u8, Option<usize>, u8, i32),
    DeleteOffset(u8, u8, i32),
    DeleteGroup(u8),
    DeleteTopic(u8),
    /// A client that waits for an answer is gone.
    HangUp(usize),
    Wait(u64),
    Restart(End),
}

fn any_step() -> impl Strategy<Value = Step> {
    let group = || 0..3u8;
    let member = || 0..4usize;
    prop_oneof![
        4 => (group(), prop::option::weighted(0.3, 0..2u8)).prop_map(|(g, name)| Step::Join(g, name)),
        5 => (group(), member()).prop_map(|(g, m)| Step::Rejoin(g, m)),
        6 => (group(), member()).prop_map(|(g, m)| Step::Sync(g, m)),
        2 => (group(), member()).prop_map(|(g, m)| Step::Leave(g, m)),
        5 => (group(), prop::option::weighted(0.7, member()), 0..2u8, 0..3i32)
            .prop_map(|(g, m, t, p)| Step::Commit(g, m, t, p)),
        2 => (group(), 0..2u8, 0..3i32).prop_map(|(g, t, p)| Step::DeleteOffset(g, t, p)),
        1 => group().prop_map(Step::DeleteGroup),
        1 => (0..2u8).prop_map(Step::DeleteTopic),
        1 => (0..4usize).prop_map(Step::HangUp),
        3 => (1..15_000u64).prop_map(Step::Wait),
        2 => prop_oneof![Just(End::Close), Just(End::Kill), any::<u64>().prop_map(End::PowerLoss)]
            .prop_map(Step::Restart),
    ]
}

/// A broker, its clients, and what these wait for.
struct Stage {
    kit: Kit,
    /// Whoever joined each group, as of its last answer; the dead stay on the list.
    members: BTreeMap<u8, Vec<(Member, Option<u8>)>>,
    waiting: Vec<Waiting>,
    offset: i64,
}

/// A request that waits: whose it is, and its reply.
struct Waiting {
    group: u8,
    name: Option<u8>,
    reply: Pin<Box<dyn Future<Output = Reply> + Send>>,
}

fn group(number: u8) -> String {
    format!("group-{number}")
}

fn topic_name(number: u8) -> String {
    format!("topic-{number}")
}

impl Stage {
    async fn new(more: &[(&str, &str)]) -> Self {
        let mut config =
            vec![("group.initial.rebalance.delay.ms", "0"), ("offsets.topic.num.partitions", "2")];
        config.extend(more);
        let mut kit = kit_with(&config).await;
        for number in 0..2 {
            kit.create(&topic_name(number), 3, &[]).await;
        }
        Self { kit, members: BTreeMap::new(), waiting: Vec::new(), offset: 0 }
    }

    fn member(&self, group: u8, place: usize) -> Option<(Member, Option<u8>)> {
        let members = self.members.get(&group)?;
        members.get(place % members.len()).cloned()
    }

    /// Takes the answer that is there, or lets the request wait.
    fn hear(&mut self, group: u8, name: Option<u8>, handling: Handling) {
        match handling {
            Handling::Now(reply) => self.note(group, name, reply),
            Handling::Later { reply, .. } => self.waiting.push(Waiting { group, name, reply }),
        }
        self.hear_all();
    }

    fn hear_all(&mut self) {
        for mut waiting in std::mem::take(&mut self.waiting) {
            match waiting.reply.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(reply) => self.note(waiting.group, waiting.name, reply),
                Poll::Pending => self.waiting.push(waiting),
            }
        }
    }

    fn note(&mut self, group: u8, name: Option<u8>, reply: Reply) {
        let Reply::Respond(ResponseBody::JoinGroup(joined)) = reply else { return };
        if joined.error_code == ErrorCode::NONE {
            let member = Member { id: joined.member_id, generation: joined.generation_id };
            let members = self.members.entry(group).or_default();
            members.retain(|(known, _)| known.id != member.id);
            members.insert(0, (member, name));
            members.truncate(4);
        }
    }

    async fn play(&mut self, step: Step) {
        match step {
            Step::Join(number, name) => {
                let mut request = join(&group(number), "");
                request.group_instance_id = name.map(|name| text(&format!("name-{name}")));
                let handling = self.kit.handle(if name.is_some() { 5 } else { 3 }, &request);
                self.hear(number, name, handling);
            }
            Step::Rejoin(number, place) => {
                let Some((member, name)) = self.member(number, place) else { return };
                let mut request = join(&group(number), &member.id);
                request.group_instance_id = name.map(|name| text(&format!("name-{name}")));
                let handling = self.kit.handle(9, &request);
                self.hear(number, name, handling);
            }
            Step::Sync(number, place) => {
                let Some((member, _)) = self.member(number, place) else { return };
                let all: Vec<Str> =
                    self.members[&number].iter().map(|(member, _)| member.id.clone()).collect();
                let assignments: Vec<_> = all.iter().map(|id| (id, &b"assigned"[..])).collect();
                let handling = self.kit.handle(5, &member.sync(&group(number), &assignments));
                self.hear(number, None, handling);
            }
            Step::Leave(number, place) => {
                let Some((member, _)) = self.member(number, place) else { return };
                let identity = MemberIdentity::default().with_member_id(member.id);
                let request = LeaveGroupRequest::default()
                    .with_group_id(text(&group(number)))
                    .with_members(vec![identity]);
                self.kit.call(5, &request).await;
            }
            Step::Commit(number, place, of, partition) => {
                self.offset += 1;
                let mut request =
                    commit(&group(number), vec![topic(&topic_name(of), &[(partition, self.offset)])]);
                if let Some((member, _)) = place.and_then(|place| self.member(number, place)) {
                    request.member_id = member.id;
                    request.generation_id_or_member_epoch = member.generation;
                }
                self.kit.call(9, &request).await;
            }
            Step::DeleteOffset(number, of, partition) => {
                let partition = OffsetDeleteRequestPartition::default().with_partition_index(partition);
                let topic = OffsetDeleteRequestTopic::default()
                    .with_name(text(&topic_name(of)))
                    .with_partitions(vec![partition]);
                let request = OffsetDeleteRequest::default()
                    .with_group_id(text(&group(number)))
                    .with_topics(vec![topic]);
                self.kit.call(0, &request).await;
            }
            Step::DeleteGroup(number) => {
                let request = DeleteGroupsRequest::default().with_groups_names(vec![text(&group(number))]);
                self.kit.call(2, &request).await;
            }
            Step::DeleteTopic(number) => {
                let mut request = DeleteTopicsRequest::default();
                request.topic_names = vec![text(&topic_name(number))];
                request.timeout_ms = 5000;
                self.kit.call(5, &request).await;
                self.kit.create(&topic_name(number), 3, &[]).await;
            }
            Step::HangUp(place) => {
                if !self.waiting.is_empty() {
                    self.waiting.remove(place % self.waiting.len());
                }
            }
            Step::Wait(ms) => {
                self.kit.clock.advance(i64::try_from(ms).unwrap());
                sleep(Duration::from_millis(ms)).await;
            }
            Step::Restart(_) => unreachable!("it takes the stage itself"),
        }
        self.hear_all();
    }
}

/// What a client sees of all groups.
async fn seen(kit: &mut Kit) -> BTreeMap<String, (DescribedGroup, Vec<(String, i32, i64)>)> {
    let mut seen = BTreeMap::new();
    for listed in kit.call_now(5, &ListGroupsRequest::default()).groups {
        let request = DescribeGroupsRequest::default().with_groups(vec![listed.group_id.clone()]);
        let described = kit.call_now(6, &request).groups.remove(0);
        let offsets = committed(kit, &listed.group_id).await;
        seen.insert(listed.group_id.to_string(), (described, offsets));
    }
    seen
}

/// A group that stands between two generations is, to a replay, still in the last one.
fn is_settled(group: &DescribedGroup) -> bool {
    matches!(group.group_state.as_str(), "Stable" | "Empty")
}

/// Segments that are closed and compacted all the time.
const COMPACTED: [(&str, &str); 6] = [
    ("log.roll.ms", "300"),
    ("log.initial.task.delay.ms", "0"),
    ("log.retention.check.interval.ms", "200"),
    ("log.cleaner.backoff.ms", "100"),
    ("log.cleaner.min.cleanable.ratio", "0"),
    ("log.cleaner.delete.retention.ms", "500"),
];

/// A group of which no record says anything: nobody ever joined it, and it has no offsets any more. It is forgotten
/// once its tombstones are all that is left, as by Kafka.
fn is_nothing((group, offsets): &(DescribedGroup, Vec<(String, i32, i64)>)) -> bool {
    group.group_state == "Empty" && group.protocol_type.is_empty() && offsets.is_empty()
}

async fn run(steps: Vec<Step>, config: &[(&str, &str)]) -> Result<(), TestCaseError> {
    let mut stage = Stage::new(config).await;
    for step in steps {
        if let Step::Restart(end) = step {
            stage.waiting.clear();
            stage.kit = stage.kit.reopened(end).await;
        } else {
            stage.play(step.clone()).await;
        }
        let mut live = seen(&mut stage.kit).await;
        let mut replayed = seen(&mut stage.kit.shadow().await).await;
        if !config.is_empty() {
            replayed.retain(|_, group| !is_nothing(group));
            // Between two generations a replay is in the last one, which may have been nothing.
            let may_be_gone = |group: &(DescribedGroup, _)| is_nothing(group) || !is_settled(&group.0);
            live.retain(|name, group| {
                !is_nothing(group) && (replayed.contains_key(name) || !may_be_gone(group))
            });
        }
        prop_assert!(live.keys().eq(replayed.keys()), "after {:?}: {:?}, {:?}", step, live, replayed);
        for ((group, offsets), (replayed, replayed_offsets)) in live.values().zip(replayed.values()) {
            prop_assert_eq!(offsets, replayed_offsets, "after {:?}", &step);
            if is_settled(group) {
                prop_assert_eq!(group, replayed, "after {:?}", &step);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn after_every_step_a_replay_comes_to_the_live_groups(steps in prop::collection::vec(any_step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(steps, &[]))?;
    }

    #[test]
    fn so_it_does_of_a_log_that_was_compacted(steps in prop::collection::vec(any_step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(steps, &COMPACTED))?;
    }
}
