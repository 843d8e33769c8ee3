//! Groups: strangers, stale generations, commits from the dead, offsets of what there is not.

use ottla::protocol::api::ErrorCode;
use ottla::protocol::messages::delete_groups::DeleteGroupsRequest;
use ottla::protocol::messages::describe_groups::DescribeGroupsRequest;
use ottla::protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla::protocol::messages::heartbeat::HeartbeatRequest;
use ottla::protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla::protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla::protocol::messages::list_groups::ListGroupsRequest;
use ottla::protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ottla::protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use ottla::protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use ottla::protocol::messages::sync_group::SyncGroupRequest;
use ottla::protocol::wire::{Str, Uuid};

use super::world::{STILL, TARGET, World};
use super::{Case, Player};

/// A group with one member, which no case changes.
const GROUP: &str = "hostile-group";
/// The name under which the member is always the same.
const INSTANCE: &str = "hostile-member";
/// A group of which there are only offsets.
const SIMPLE: &str = "hostile-simple";
/// A group that never was.
const NOBODY: &str = "hostile-nobody";

/// A subscription to a topic that no case commits for (version 0, one topic, no user data).
const SUBSCRIPTION: &[u8] = b"\0\0\0\0\0\x01\0\x0dhostile-still\xff\xff\xff\xff";

/// How often a coordinator that is loading is asked again.
const TRIES: usize = 50_000;

/// The member of the group.
#[derive(Clone, Debug)]
pub(super) struct Member {
    id: Str,
    generation: i32,
}

impl Player {
    /// Has the group's member join, or come back.
    pub(super) async fn join(&self) -> Result<Member, String> {
        let find = FindCoordinatorRequest::default().with_coordinator_keys(vec![Str::from(GROUP)]);
        let mut joined = None;
        for _ in 0..TRIES {
            self.call(6, &find).await?;
            let answer = self.call(5, &join(GROUP, "", Some(INSTANCE))).await?;
            match answer.error_code {
                ErrorCode::NONE => {
                    joined = Some(answer);
                    break;
                }
                ErrorCode::NOT_COORDINATOR
                | ErrorCode::COORDINATOR_NOT_AVAILABLE
                | ErrorCode::COORDINATOR_LOAD_IN_PROGRESS => {}
                code => return Err(format!("{GROUP} takes no member: {code}")),
            }
        }
        let joined = joined.ok_or("there is no coordinator")?;
        let member = Member { id: joined.member_id, generation: joined.generation_id };
        let synced = self.call(4, &sync(&member)).await?;
        let committed = self.call(8, &commit(SIMPLE, -1, "", vec![topic(TARGET, &[0])])).await?;
        match (synced.error_code, committed.topics[0].partitions[0].error_code) {
            (ErrorCode::NONE, ErrorCode::NONE) => Ok(member),
            (sync, commit) => Err(format!("{GROUP} does not work: {sync}, {commit}")),
        }
    }
}

fn text(text: &str) -> Str {
    Str::from(text.to_owned())
}

fn join(group: &str, member_id: &str, instance_id: Option<&str>) -> JoinGroupRequest {
    let protocol = JoinGroupRequestProtocol::default().with_name("range").with_metadata(SUBSCRIPTION);
    JoinGroupRequest::default()
        .with_group_id(text(group))
        .with_member_id(text(member_id))
        .with_group_instance_id(instance_id.map(text))
        .with_session_timeout_ms(1_800_000)
        .with_rebalance_timeout_ms(60_000)
        .with_protocol_type("consumer")
        .with_protocols(vec![protocol])
}

fn sync(member: &Member) -> SyncGroupRequest {
    SyncGroupRequest::default()
        .with_group_id(GROUP)
        .with_member_id(member.id.clone())
        .with_generation_id(member.generation)
        .with_group_instance_id(Some(text(INSTANCE)))
}

fn topic(name: &str, partitions: &[i32]) -> OffsetCommitRequestTopic {
    let partitions = partitions.iter().map(|index| {
        OffsetCommitRequestPartition::default().with_partition_index(*index).with_committed_offset(5)
    });
    OffsetCommitRequestTopic::default().with_name(text(name)).with_partitions(partitions.collect::<Vec<_>>())
}

fn commit(
    group: &str,
    generation: i32,
    member_id: &str,
    topics: Vec<OffsetCommitRequestTopic>,
) -> OffsetCommitRequest {
    OffsetCommitRequest::default()
        .with_group_id(text(group))
        .with_generation_id_or_member_epoch(generation)
        .with_member_id(text(member_id))
        .with_topics(topics)
}

pub(super) fn cases(world: &World) -> Vec<Case> {
    let mut cases = coming(&world.member);
    cases.extend(staying(&world.member));
    cases.extend(leaving(&world.member));
    cases.extend(committing(world));
    cases.extend(fetching(world));
    cases.extend(looking());
    cases.extend(deleting());
    cases
}

fn coming(member: &Member) -> Vec<Case> {
    let of = |name: &str, expected, version, request: JoinGroupRequest| {
        Case::new(format!("JoinGroup {name}"), expected).request(version, &request)
    };
    let other = JoinGroupRequestProtocol::default().with_name("roundrobin").with_metadata(SUBSCRIPTION);
    vec![
        of("without a group, v0", "INVALID_GROUP_ID", 0, join("", "", None)),
        of("without a group", "INVALID_GROUP_ID", 9, join("", "", None)),
        of(
            "without a session",
            "INVALID_SESSION_TIMEOUT",
            9,
            join(NOBODY, "", None).with_session_timeout_ms(0),
        ),
        of(
            "with too short a session",
            "INVALID_SESSION_TIMEOUT",
            9,
            join(NOBODY, "", None).with_session_timeout_ms(5_999),
        ),
        of(
            "with too long a session",
            "INVALID_SESSION_TIMEOUT",
            9,
            join(NOBODY, "", None).with_session_timeout_ms(1_800_001),
        ),
        of(
            "with a session before now",
            "INVALID_SESSION_TIMEOUT",
            9,
            join(NOBODY, "", None).with_session_timeout_ms(-1),
        ),
        of("of a stranger, into nothing", "UNKNOWN_MEMBER_ID", 9, join(NOBODY, "stranger", None)),
        of("of a stranger", "UNKNOWN_MEMBER_ID", 9, join(GROUP, "stranger", None)),
        of("of a stranger, v0", "UNKNOWN_MEMBER_ID", 0, join(GROUP, "stranger", None)),
        of("of a static stranger", "UNKNOWN_MEMBER_ID", 9, join(GROUP, "stranger", Some("another"))),
        of(
            "of a stranger under the member's name",
            "FENCED_INSTANCE_ID",
            9,
            join(GROUP, "stranger", Some(INSTANCE)),
        ),
        of(
            "of the member under another name",
            "UNKNOWN_MEMBER_ID",
            9,
            join(GROUP, &member.id, Some("another")),
        ),
        of("of a new member", "MEMBER_ID_REQUIRED", 9, join(GROUP, "", None)),
        of("of a new member, v4", "MEMBER_ID_REQUIRED", 4, join(GROUP, "", None)),
        of(
            "without protocols",
            "INCONSISTENT_GROUP_PROTOCOL",
            9,
            join(GROUP, "", None).with_protocols(vec![]),
        ),
        of(
            "without protocols, into nothing",
            "INCONSISTENT_GROUP_PROTOCOL",
            9,
            join("hostile-emptied", "", None).with_protocols(vec![]),
        ),
        of(
            "with protocols of nobody else",
            "INCONSISTENT_GROUP_PROTOCOL",
            9,
            join(GROUP, "", None).with_protocols(vec![other]),
        ),
        of(
            "of another type",
            "INCONSISTENT_GROUP_PROTOCOL",
            9,
            join(GROUP, "", None).with_protocol_type("connect"),
        ),
        of("of no type", "INCONSISTENT_GROUP_PROTOCOL", 9, join(GROUP, "", None).with_protocol_type("")),
    ]
}

fn staying(member: &Member) -> Vec<Case> {
    let beat = |name: &str, expected, group: &str, generation, member_id: &str, instance_id: Option<&str>| {
        let request = HeartbeatRequest::default()
            .with_group_id(text(group))
            .with_generation_id(generation)
            .with_member_id(text(member_id))
            .with_group_instance_id(instance_id.map(text));
        Case::new(format!("Heartbeat {name}"), expected).request(4, &request)
    };
    let synced = |name: &str, expected, version, request: SyncGroupRequest| {
        Case::new(format!("SyncGroup {name}"), expected).request(version, &request)
    };
    let ours =
        || sync(member).with_protocol_type(Some(text("consumer"))).with_protocol_name(Some(text("range")));
    let (id, now) = (member.id.as_str(), member.generation);
    vec![
        beat("of the member", "NONE", GROUP, now, id, Some(INSTANCE)),
        beat("without a group", "INVALID_GROUP_ID", "", now, id, None),
        beat("to nobody", "UNKNOWN_MEMBER_ID", NOBODY, now, id, None),
        beat("to a group of offsets", "UNKNOWN_MEMBER_ID", SIMPLE, now, id, None),
        beat("of a stranger", "UNKNOWN_MEMBER_ID", GROUP, now, "stranger", None),
        beat("without a member", "UNKNOWN_MEMBER_ID", GROUP, now, "", None),
        beat(
            "of a stranger under the member's name",
            "FENCED_INSTANCE_ID",
            GROUP,
            now,
            "stranger",
            Some(INSTANCE),
        ),
        beat("of the member under another name", "UNKNOWN_MEMBER_ID", GROUP, now, id, Some("another")),
        beat("of the generation before", "ILLEGAL_GENERATION", GROUP, now - 1, id, Some(INSTANCE)),
        beat("of the generation to come", "ILLEGAL_GENERATION", GROUP, now + 1, id, Some(INSTANCE)),
        synced("of the member", "NONE", 5, ours()),
        synced("of the member, v0", "NONE", 0, sync(member).with_group_instance_id(None)),
        synced("without a group", "INVALID_GROUP_ID", 5, ours().with_group_id("")),
        synced("without a protocol", "INCONSISTENT_GROUP_PROTOCOL", 5, ours().with_protocol_name(None)),
        synced("without a type", "INCONSISTENT_GROUP_PROTOCOL", 5, ours().with_protocol_type(None)),
        synced(
            "without a protocol and a group",
            "INCONSISTENT_GROUP_PROTOCOL",
            5,
            ours().with_protocol_type(None).with_group_id(""),
        ),
        synced(
            "in another protocol",
            "INCONSISTENT_GROUP_PROTOCOL",
            5,
            ours().with_protocol_name(Some(text("other"))),
        ),
        synced(
            "of another type",
            "INCONSISTENT_GROUP_PROTOCOL",
            5,
            ours().with_protocol_type(Some(text("other"))),
        ),
        synced("with nobody", "UNKNOWN_MEMBER_ID", 5, ours().with_group_id(NOBODY)),
        synced(
            "of a stranger",
            "UNKNOWN_MEMBER_ID",
            5,
            ours().with_member_id("stranger").with_group_instance_id(None),
        ),
        synced(
            "of a stranger under the member's name",
            "FENCED_INSTANCE_ID",
            5,
            ours().with_member_id("stranger"),
        ),
        synced("of the generation before", "ILLEGAL_GENERATION", 5, ours().with_generation_id(now - 1)),
    ]
}

fn leaving(member: &Member) -> Vec<Case> {
    let one = |name: &str, expected, group: &str, member_id: &str| {
        let request = LeaveGroupRequest::default().with_group_id(text(group)).with_member_id(text(member_id));
        Case::new(format!("LeaveGroup {name}"), expected).request(2, &request)
    };
    let many = |name: &str, expected, group: &str, members: &[(&str, Option<&str>)]| {
        let members = members.iter().map(|(member_id, instance_id)| {
            MemberIdentity::default()
                .with_member_id(text(member_id))
                .with_group_instance_id(instance_id.map(text))
        });
        let request =
            LeaveGroupRequest::default().with_group_id(text(group)).with_members(members.collect::<Vec<_>>());
        Case::new(format!("LeaveGroup {name}"), expected).request(5, &request)
    };
    vec![
        one("without a group, v2", "INVALID_GROUP_ID", "", "stranger"),
        one("of nobody, v2", "UNKNOWN_MEMBER_ID", NOBODY, "stranger"),
        one("of a stranger, v2", "UNKNOWN_MEMBER_ID", GROUP, "stranger"),
        many("without a group", "INVALID_GROUP_ID", "", &[("stranger", None)]),
        many("of nobody", "NONE: UNKNOWN_MEMBER_ID", NOBODY, &[("stranger", None)]),
        many("of no member", "NONE: nothing", GROUP, &[]),
        many(
            "of strangers",
            "NONE: UNKNOWN_MEMBER_ID, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, UNKNOWN_MEMBER_ID",
            GROUP,
            &[
                ("stranger", None),
                ("", Some("another")),
                ("stranger", Some(INSTANCE)),
                (&member.id, Some("another")),
            ],
        ),
    ]
}

fn committing(world: &World) -> Vec<Case> {
    let Member { id, generation } = &world.member;
    let of = |name: &str, expected, version, request: OffsetCommitRequest| {
        Case::new(format!("OffsetCommit {name}"), expected).request(version, &request)
    };
    let one = || vec![topic(TARGET, &[0])];
    let by_id = |topic_id, index| {
        let mut topic = topic("", &[index]);
        topic.topic_id = topic_id;
        commit(SIMPLE, -1, "", vec![topic])
    };
    let noted = |length: usize| {
        let mut noted = topic(TARGET, &[1, 2]);
        noted.partitions[0].committed_metadata = Some(text(&"x".repeat(length)));
        commit(SIMPLE, -1, "", vec![noted])
    };
    let retained =
        |retention_ms| commit(SIMPLE, -1, "", vec![topic(TARGET, &[1])]).with_retention_time_ms(retention_ms);
    let (now, before) = (*generation, *generation - 1);
    let unknown = "UNKNOWN_TOPIC_OR_PARTITION";
    vec![
        of("of the member", "NONE", 9, commit(GROUP, now, id, one())),
        of("of the generation before", "ILLEGAL_GENERATION", 9, commit(GROUP, before, id, one())),
        of("of a stranger", "UNKNOWN_MEMBER_ID", 9, commit(GROUP, now, "stranger", one())),
        of(
            "of a stranger under the member's name",
            "FENCED_INSTANCE_ID",
            9,
            commit(GROUP, now, "stranger", one()).with_group_instance_id(Some(text(INSTANCE))),
        ),
        of(
            "of nobody's member, into a group that has some",
            "UNKNOWN_MEMBER_ID",
            9,
            commit(GROUP, -1, "", one()),
        ),
        of("of the member without its generation", "ILLEGAL_GENERATION", 9, commit(GROUP, -1, id, one())),
        of("of a member of nothing", "GROUP_ID_NOT_FOUND", 9, commit(NOBODY, 3, "stranger", one())),
        of("of a member of nothing, v8", "ILLEGAL_GENERATION", 8, commit(NOBODY, 3, "stranger", one())),
        of(
            "of a member, into a group of offsets",
            "UNKNOWN_MEMBER_ID",
            9,
            commit(SIMPLE, 3, "stranger", one()),
        ),
        of("of nobody's member", "NONE", 9, commit(SIMPLE, -1, "", one())),
        of("into a group without a name", "NONE", 9, commit("", -1, "", one())),
        of("into a group without a name, v2", "NONE", 2, commit("", -1, "", one())),
        of("of nothing", "nothing", 9, commit(SIMPLE, -1, "", vec![])),
        of("of no partition", "nothing", 9, commit(SIMPLE, -1, "", vec![topic(TARGET, &[])])),
        of("for an unknown topic", unknown, 9, commit(SIMPLE, -1, "", vec![topic("hostile-unknown", &[0])])),
        of(
            "for an unknown topic, by a stranger",
            unknown,
            9,
            commit(GROUP, now, "stranger", vec![topic("hostile-unknown", &[0])]),
        ),
        of("for an unknown id", "UNKNOWN_TOPIC_ID", 10, by_id(Uuid([7; 16]), 0)),
        of("for the zero id", "UNKNOWN_TOPIC_ID", 10, by_id(Uuid::ZERO, 0)),
        of("for an id", "NONE", 10, by_id(world.target_id, 0)),
        of("for partition 3 of an id", unknown, 10, by_id(world.target_id, 3)),
        of(
            "for partitions that there are and are not",
            "UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_OR_PARTITION, NONE, NONE",
            9,
            commit(SIMPLE, -1, "", vec![topic("hostile-unknown", &[0]), topic(TARGET, &[0, -1, 3, 1])]),
        ),
        of("for a partition twice", "NONE, NONE", 9, commit(SIMPLE, -1, "", vec![topic(TARGET, &[0, 0])])),
        of(
            "for a topic twice",
            "NONE, NONE",
            9,
            commit(SIMPLE, -1, "", vec![topic(TARGET, &[0]), topic(TARGET, &[0])]),
        ),
        of("with a note of 4,096", "NONE, NONE", 9, noted(4_096)),
        of("with a note of 4,097", "OFFSET_METADATA_TOO_LARGE, NONE", 9, noted(4_097)),
        of("kept for a second, v4", "NONE", 4, retained(1_000)),
        of("kept for less than no time, v4", "NONE", 4, retained(-2)),
        of("kept for ever, v4", "NONE", 4, retained(i64::MAX)),
    ]
}

fn fetching(world: &World) -> Vec<Case> {
    let named = |group: &str, topics: Option<&[(&str, &[i32])]>| {
        let topics = topics.map(|topics| {
            let topics = topics.iter().map(|(name, partitions)| {
                OffsetFetchRequestTopics::default()
                    .with_name(text(name))
                    .with_partition_indexes(partitions.to_vec())
            });
            topics.collect::<Vec<_>>()
        });
        OffsetFetchRequestGroup::default().with_group_id(text(group)).with_topics(topics)
    };
    let of = |name: &str, expected, version, groups: Vec<OffsetFetchRequestGroup>| {
        let request = OffsetFetchRequest::default().with_groups(groups).with_require_stable(version == 9);
        Case::new(format!("OffsetFetch {name}"), expected).request(version, &request)
    };
    let old = |name: &str, expected, version, group: &str, partitions: Option<&[i32]>| {
        let topics = partitions.map(|partitions| {
            vec![
                OffsetFetchRequestTopic::default()
                    .with_name(TARGET)
                    .with_partition_indexes(partitions.to_vec()),
            ]
        });
        let request = OffsetFetchRequest::default().with_group_id(text(group)).with_topics(topics);
        Case::new(format!("OffsetFetch {name}"), expected).request(version, &request)
    };
    let by_id = |ids: &[Uuid]| {
        let topics = ids
            .iter()
            .map(|id| OffsetFetchRequestTopics::default().with_topic_id(*id).with_partition_indexes(vec![0]));
        named(SIMPLE, None).with_topics(Some(topics.collect()))
    };
    vec![
        of("for nobody", "nothing", 9, vec![]),
        of("of nobody", "NONE: nothing", 9, vec![named(NOBODY, None)]),
        of(
            "of nobody's partitions",
            "NONE: NONE -1, NONE -1",
            9,
            vec![named(NOBODY, Some(&[(TARGET, &[0, 99])]))],
        ),
        of(
            "of an unknown topic",
            "NONE: NONE -1",
            9,
            vec![named(SIMPLE, Some(&[("hostile-unknown", &[0])]))],
        ),
        of(
            "of a partition twice",
            "NONE: NONE 5, NONE 5",
            9,
            vec![named(SIMPLE, Some(&[(TARGET, &[0, 0])]))],
        ),
        of(
            "of a topic twice",
            "NONE: NONE 5, NONE 5",
            8,
            vec![named(SIMPLE, Some(&[(TARGET, &[0]), (TARGET, &[0])]))],
        ),
        of("of no topic", "NONE: nothing", 8, vec![named(SIMPLE, Some(&[]))]),
        of(
            "of two groups",
            "NONE: NONE 5; NONE: nothing",
            8,
            vec![named(SIMPLE, Some(&[(TARGET, &[0])])), named(NOBODY, None)],
        ),
        of(
            "of the same group twice",
            "NONE: NONE 5; NONE: NONE 5",
            8,
            vec![named(SIMPLE, Some(&[(TARGET, &[0])])); 2],
        ),
        of(
            "by a stranger",
            "NONE: NONE 5",
            9,
            vec![named(GROUP, None).with_member_id(Some(text("stranger"))).with_member_epoch(77)],
        ),
        of("of ids", "NONE: NONE 5, UNKNOWN_TOPIC_ID -1", 10, vec![by_id(&[Uuid([7; 16]), world.target_id])]),
        of("of the zero id", "NONE: UNKNOWN_TOPIC_ID -1", 10, vec![by_id(&[Uuid::ZERO])]),
        old("of nobody, v1", "NONE: NONE -1, NONE -1", 1, NOBODY, Some(&[0, 99])),
        old("of a group, v1", "NONE: NONE 5", 1, SIMPLE, Some(&[0])),
        old("of all of nobody, v2", "nothing", 2, NOBODY, None),
        old("of a group, v7", "NONE: NONE 5, NONE -1", 7, SIMPLE, Some(&[0, -1])),
    ]
}

fn looking() -> Vec<Case> {
    let described = |name: &str, expected, version, groups: &[&str]| {
        let groups = groups.iter().map(|group| text(group)).collect::<Vec<_>>();
        Case::new(format!("DescribeGroups {name}"), expected)
            .request(version, &DescribeGroupsRequest::default().with_groups(groups))
    };
    let listed = |name: &str, expected, states: &[&str], types: &[&str]| {
        let all = |texts: &[&str]| texts.iter().map(|one| text(one)).collect::<Vec<_>>();
        let request =
            ListGroupsRequest::default().with_states_filter(all(states)).with_types_filter(all(types));
        Case::new(format!("ListGroups {name}"), expected).request(5, &request)
    };
    vec![
        described("of a group", "NONE Stable", 6, &[GROUP]),
        described("of a group, v0", "NONE Stable", 0, &[GROUP]),
        described("of offsets", "NONE Empty", 6, &[SIMPLE]),
        described("of nobody", "GROUP_ID_NOT_FOUND Dead", 6, &[NOBODY]),
        described("of nobody, v5", "NONE Dead", 5, &[NOBODY]),
        described("of a group twice", "NONE Stable, NONE Stable", 6, &[GROUP, GROUP]),
        described("of nothing", "nothing", 6, &[]),
        listed("in a state that there is not", "NONE: nothing", &["Nowhere"], &[]),
        listed("of a type that there is not", "NONE: nothing", &[], &["none"]),
        listed("of consumers", "NONE: nothing", &[], &["consumer"]),
        listed("stable", "NONE: Stable classic", &["STABLE"], &["Classic"]),
        listed("stable or what there is not", "NONE: Stable classic", &["stable", "Nowhere"], &[]),
    ]
}

fn deleting() -> Vec<Case> {
    let offsets = |name: &str, expected, group: &str, topics: &[(&str, &[i32])]| {
        let topics = topics.iter().map(|(name, partitions)| {
            let partitions = partitions
                .iter()
                .map(|index| OffsetDeleteRequestPartition::default().with_partition_index(*index));
            OffsetDeleteRequestTopic::default()
                .with_name(text(name))
                .with_partitions(partitions.collect::<Vec<_>>())
        });
        let request =
            OffsetDeleteRequest::default().with_group_id(text(group)).with_topics(topics.collect::<Vec<_>>());
        Case::new(format!("OffsetDelete {name}"), expected).request(0, &request)
    };
    let groups = |name: &str, expected, groups: &[&str]| {
        let groups = groups.iter().map(|group| text(group)).collect::<Vec<_>>();
        Case::new(format!("DeleteGroups {name}"), expected)
            .request(2, &DeleteGroupsRequest::default().with_groups_names(groups))
    };
    vec![
        offsets("without a group", "INVALID_GROUP_ID: nothing", "", &[(TARGET, &[0])]),
        offsets("of nobody", "GROUP_ID_NOT_FOUND: nothing", NOBODY, &[(TARGET, &[0])]),
        offsets("of nothing", "NONE: nothing", SIMPLE, &[]),
        offsets("of a subscribed topic", "NONE: GROUP_SUBSCRIBED_TO_TOPIC", GROUP, &[(STILL, &[0])]),
        offsets(
            "of what there is not",
            "NONE: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_OR_PARTITION, NONE",
            GROUP,
            &[("hostile-unknown", &[0]), (TARGET, &[2, 3])],
        ),
        offsets("of a partition twice", "NONE: NONE, NONE", SIMPLE, &[(TARGET, &[2, 2])]),
        groups("with members", "NON_EMPTY_GROUP", &[GROUP]),
        groups("of nobody", "GROUP_ID_NOT_FOUND", &[NOBODY]),
        groups("of nobody twice", "GROUP_ID_NOT_FOUND", &[NOBODY, NOBODY]),
        groups("of nothing", "nothing", &[]),
        groups("without a name", "NONE", &[""]),
    ]
}
