//! Share groups (KIP-932): wrong requests, sessions that there are not, epochs of past and future, states and offsets of nobody.
//!
//! A member of a case comes into a group of its own and leaves it, and the group is deleted then, so that a broker can be
//! played against again.

use ottla::protocol::messages::alter_share_group_offsets::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequestPartition, AlterShareGroupOffsetsRequestTopic,
};
use ottla::protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use ottla::protocol::messages::delete_groups::DeleteGroupsRequest;
use ottla::protocol::messages::delete_share_group_offsets::{
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequestTopic,
};
use ottla::protocol::messages::delete_share_group_state::{self as deletes, DeleteShareGroupStateRequest};
use ottla::protocol::messages::describe_share_group_offsets::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup,
    DescribeShareGroupOffsetsRequestTopic,
};
use ottla::protocol::messages::initialize_share_group_state::{
    self as initializes, InitializeShareGroupStateRequest,
};
use ottla::protocol::messages::read_share_group_state::{self as reads, ReadShareGroupStateRequest};
use ottla::protocol::messages::read_share_group_state_summary::{
    self as summaries, ReadShareGroupStateSummaryRequest,
};
use ottla::protocol::messages::share_acknowledge::{
    self as acknowledges, AcknowledgePartition, AcknowledgeTopic, ShareAcknowledgeRequest,
};
use ottla::protocol::messages::share_fetch::{
    self as fetches, FetchPartition, FetchTopic, ShareFetchRequest,
};
use ottla::protocol::messages::share_group_describe::ShareGroupDescribeRequest;
use ottla::protocol::messages::share_group_heartbeat::ShareGroupHeartbeatRequest;
use ottla::protocol::messages::write_share_group_state::{self as writes, WriteShareGroupStateRequest};
use ottla::protocol::wire::{Str, Uuid};

use super::Case;
use super::reasons::{NEVER_ANSWERED, STUMBLES};
use super::world::{STILL, TARGET, World};

/// The member of each group.
const MEMBER: &str = "hostile-sharer";
/// A group of the classic protocol, with a member; the one of `groups`.
const CLASSIC: &str = "hostile-group";
/// A group that never was.
const NOBODY: &str = "hostile-share-nobody";
/// A topic that there is not. It sorts before those that are drawn, so that answers come in one order.
const NOWHERE: Uuid = Uuid([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
/// The answer about it.
const UNKNOWN: &str = "UNKNOWN_TOPIC_OR_PARTITION";
/// More than a member's id may have.
const LONG: &str = "a-member-whose-id-is-longer-than-36-bytes";

fn text(text: &str) -> Str {
    Str::from(text.to_owned())
}

/// What a member says that comes.
fn coming(group: &str) -> ShareGroupHeartbeatRequest {
    ShareGroupHeartbeatRequest::default()
        .with_group_id(text(group))
        .with_member_id(MEMBER)
        .with_subscribed_topic_names(Some(vec![text(TARGET)]))
}

/// What a member says that stays.
fn staying(group: &str, epoch: i32) -> ShareGroupHeartbeatRequest {
    ShareGroupHeartbeatRequest::default()
        .with_group_id(text(group))
        .with_member_id(MEMBER)
        .with_member_epoch(epoch)
        .with_subscribed_topic_names(None)
}

/// A case in a group of its own: a member comes, then what `asked` adds for that group, and all of it goes.
fn among(number: usize, name: &str, expected: &'static str, asked: impl FnOnce(Case, &str) -> Case) -> Case {
    let group = format!("hostile-share-{number}");
    let case = Case::new(name, expected).request(1, &coming(&group));
    let delete = DeleteGroupsRequest::default().with_groups_names(vec![text(&group)]);
    asked(case, &group).request(1, &staying(&group, -1)).request(2, &delete)
}

pub(super) fn cases(world: &World) -> Vec<Case> {
    let mut cases = heartbeats();
    cases.extend(members());
    cases.extend(described());
    cases.extend(fetched(world));
    cases.extend(acknowledged(world));
    cases.extend(sessions(world));
    cases.extend(states(world));
    cases.extend(offsets());
    cases
}

/// Wrong by themselves, of nobody, and to groups of other kinds.
fn heartbeats() -> Vec<Case> {
    let of = |name: &str, expected, request: ShareGroupHeartbeatRequest| {
        Case::new(format!("ShareGroupHeartbeat {name}"), expected).request(1, &request)
    };
    let (invalid, gone) = ("INVALID_REQUEST", "GROUP_ID_NOT_FOUND");
    vec![
        of("without a group", invalid, coming("")),
        of("of a blank group", invalid, coming("  ")),
        of("without a member", invalid, coming(NOBODY).with_member_id("")),
        of("of a blank member", invalid, coming(NOBODY).with_member_id("  ")),
        of("of a member with a long id", invalid, coming(NOBODY).with_member_id(LONG)),
        of("of a rack without a name", invalid, coming(NOBODY).with_rack_id(Some(text("")))),
        of("without a subscription", invalid, coming(NOBODY).with_subscribed_topic_names(None)),
        of("of no topics", invalid, coming(NOBODY).with_subscribed_topic_names(Some(Vec::new()))),
        of("of epoch -2", invalid, staying(NOBODY, -2)),
        of("of the least epoch", invalid, staying(NOBODY, i32::MIN)),
        of("to nobody", gone, staying(NOBODY, 1)),
        of("of the greatest epoch", gone, staying(NOBODY, i32::MAX)),
        of("of one who leaves nobody", gone, staying(NOBODY, -1)),
        of("to a classic group", gone, staying(CLASSIC, 1)),
        of("of one who comes to a classic group", gone, coming(CLASSIC)),
        of("of one who leaves a classic group", gone, staying(CLASSIC, -1)),
    ]
}

/// Around a member that is there.
fn members() -> Vec<Case> {
    let one = |number, name: &str, expected, ask: fn(&str) -> ShareGroupHeartbeatRequest| {
        let name = format!("ShareGroupHeartbeat {name}");
        among(number, &name, expected, |case, group| case.request(1, &ask(group)))
    };
    vec![
        one(0, "of an epoch far to come", "NONE; FENCED_MEMBER_EPOCH; NONE; NONE", |group| {
            staying(group, 1_000)
        }),
        one(1, "of a stranger", "NONE; UNKNOWN_MEMBER_ID; NONE; NONE", |group| {
            staying(group, 1).with_member_id("hostile-stranger")
        }),
        one(2, "of a stranger who leaves", "NONE; UNKNOWN_MEMBER_ID; NONE; NONE", |group| {
            staying(group, -1).with_member_id("hostile-stranger")
        }),
        one(3, "of one who comes again", "NONE; NONE; NONE; NONE", coming),
        among(
            4,
            "ConsumerGroupHeartbeat to a share group",
            "NONE; GROUP_ID_NOT_FOUND; NONE; NONE",
            |case, group| {
                let request = ConsumerGroupHeartbeatRequest::default()
                    .with_group_id(text(group))
                    .with_member_id("hostile-reader")
                    .with_rebalance_timeout_ms(60_000)
                    .with_subscribed_topic_names(Some(vec![text(TARGET)]))
                    .with_topic_partitions(Some(Vec::new()));
                case.request(1, &request)
            },
        ),
        among(
            5,
            "DeleteGroups of a share group with a member",
            "NONE; NON_EMPTY_GROUP; NONE; NONE",
            |case, group| {
                case.request(2, &DeleteGroupsRequest::default().with_groups_names(vec![text(group)]))
            },
        ),
        among(
            6,
            "AlterShareGroupOffsets of a group with a member",
            "NONE; NON_EMPTY_GROUP: nothing; NONE; NONE",
            |case, group| case.request(0, &altered(group, STILL, 0)),
        ),
        among(
            7,
            "DeleteShareGroupOffsets of a group with a member",
            "NONE; NON_EMPTY_GROUP: nothing; NONE; NONE",
            |case, group| case.request(0, &forgotten(group, &[STILL])),
        ),
    ]
}

fn described() -> Vec<Case> {
    let of = |name: &str, expected, groups: &[&str]| {
        let groups = groups.iter().map(|group| text(group)).collect();
        let request = ShareGroupDescribeRequest::default().with_group_ids(groups);
        Case::new(format!("ShareGroupDescribe {name}"), expected).request(1, &request)
    };
    vec![
        of("of nothing", "nothing", &[]),
        of("without a name", "INVALID_GROUP_ID", &[""]),
        of("of nobody", "GROUP_ID_NOT_FOUND", &[NOBODY]),
        of("of a classic group", "GROUP_ID_NOT_FOUND", &[CLASSIC]),
        of("of nobody and without a name", "INVALID_GROUP_ID, GROUP_ID_NOT_FOUND", &[NOBODY, ""]),
    ]
}

fn fetching(epoch: i32, topic: Uuid, partition: i32) -> ShareFetchRequest {
    let partition = FetchPartition::default().with_partition_index(partition);
    ShareFetchRequest::default()
        .with_group_id(Some(text(NOBODY)))
        .with_member_id(Some(text(MEMBER)))
        .with_share_session_epoch(epoch)
        .with_max_bytes(1 << 20)
        .with_max_records(10)
        .with_batch_size(10)
        .with_topics(vec![FetchTopic::default().with_topic_id(topic).with_partitions(vec![partition])])
}

/// The same with acknowledgements of these offsets.
fn saying(epoch: i32, topic: Uuid, (first, last): (i64, i64), types: &[i8]) -> ShareFetchRequest {
    let mut request = fetching(epoch, topic, 0);
    let batch = fetches::AcknowledgementBatch::default()
        .with_first_offset(first)
        .with_last_offset(last)
        .with_acknowledge_types(types.to_vec());
    request.topics[0].partitions[0].acknowledgement_batches = vec![batch];
    request
}

fn fetched(world: &World) -> Vec<Case> {
    let of = |name: &str, expected, request: ShareFetchRequest| {
        Case::new(format!("ShareFetch {name}"), expected).request(2, &request)
    };
    let still = world.still_id;
    let (invalid, missing) = ("refused INVALID_REQUEST", "refused SHARE_SESSION_NOT_FOUND");
    vec![
        of("without a group", invalid, fetching(0, still, 0).with_group_id(None)),
        of("without a member", invalid, fetching(0, still, 0).with_member_id(None)),
        of("of a session that there is not", missing, fetching(1, still, 0)),
        of("of the greatest epoch", missing, fetching(i32::MAX, still, 0)),
        of("of the end of a session that there is not", missing, fetching(-1, still, 0)),
        of("that begins with acknowledgements", invalid, saying(0, still, (0, 0), &[1])),
        of("of acknowledgements in no session", missing, saying(1, still, (0, 0), &[1])),
        of("of offsets that go back", missing, saying(1, still, (1, 0), &[1])),
        of("of a type that there is not", missing, saying(1, still, (0, 0), &[9])),
    ]
}

/// A case in a session of its own: a member comes, begins a session with a topic that no case changes, of which it gets nothing,
/// and goes on with what `asked` adds.
fn in_session(
    number: usize,
    name: &str,
    expected: &'static str,
    world: &World,
    asked: impl FnOnce(Case, &str) -> Case,
) -> Case {
    let still = world.still_id;
    among(number, name, expected, |case, group| {
        let begin = initializes::PartitionData::default().with_state_epoch(1).with_start_offset(3);
        let begin =
            initializes::InitializeStateData::default().with_topic_id(still).with_partitions(vec![begin]);
        let begin =
            InitializeShareGroupStateRequest::default().with_group_id(text(group)).with_topics(vec![begin]);
        // By the time that the first fetch has waited for nothing, the partition is there.
        let fetch = fetching(0, still, 0).with_group_id(Some(text(group))).with_max_wait_ms(300);
        asked(case.request(0, &begin).request(2, &fetch), group)
    })
}

/// The answers of a case in a session, with this one amid.
macro_rules! amid {
    ($answer:literal) => {
        concat!("NONE; NONE; NONE NONE; ", $answer, "; NONE; NONE")
    };
}

/// What is wrong in a session that there is.
fn sessions(world: &World) -> Vec<Case> {
    let still = world.still_id;
    let fetch = |number, name: &str, expected, request: ShareFetchRequest| {
        let name = format!("ShareFetch in a session {name}");
        in_session(number, &name, expected, world, |case, group| {
            case.request(2, &request.with_group_id(Some(text(group))))
        })
    };
    let say = |number, name: &str, expected, request: ShareAcknowledgeRequest| {
        let name = format!("ShareAcknowledge in a session {name}");
        in_session(number, &name, expected, world, |case, group| {
            case.request(2, &request.with_group_id(Some(text(group))))
        })
    };
    vec![
        fetch(10, "of an epoch to come", amid!("refused INVALID_SHARE_SESSION_EPOCH"), fetching(5, still, 0)),
        fetch(11, "of a topic that there is not", amid!("UNKNOWN_TOPIC_ID NONE, NONE NONE"), fetching(1, NOWHERE, 0))
            .kafka(amid!("refused UNKNOWN_SERVER_ERROR"), STUMBLES),
        fetch(12, "of a partition that there is not", amid!("NONE NONE, UNKNOWN_TOPIC_OR_PARTITION NONE"), fetching(1, still, 9))
            .kafka(amid!("UNKNOWN_TOPIC_OR_PARTITION NONE"), "what else is in the session is left out where something is wrong at once, which nobody needs to know"),
        fetch(13, "that begins anew", amid!("NONE NONE"), fetching(0, still, 0)),
        fetch(14, "of what nobody was given", amid!("NONE NONE"), saying(1, still, (0, 0), &[1])),
        fetch(15, "of offsets that go back", amid!("NONE INVALID_REQUEST"), saying(1, still, (1, 0), &[1])),
        fetch(16, "of a type that there is not", amid!("NONE INVALID_REQUEST"), saying(1, still, (0, 0), &[9])),
        fetch(17, "of more types than offsets", amid!("NONE INVALID_REQUEST"), saying(1, still, (0, 0), &[1, 1])),
        fetch(18, "of fewer types than offsets", amid!("NONE INVALID_REQUEST"), saying(1, still, (0, 2), &[1, 1])),
        fetch(19, "of no type", amid!("NONE INVALID_REQUEST"), saying(1, still, (0, 0), &[])),
        fetch(20, "that renews without saying so", amid!("NONE INVALID_REQUEST"), saying(1, still, (0, 0), &[4])),
        fetch(21, "that renews and asks for records", amid!("refused INVALID_REQUEST"),
            saying(1, still, (0, 0), &[4]).with_is_renew_ack(true),
        ),
        fetch(22, "that ends it and asks for records", amid!("nothing"), fetching(-1, still, 0)),
        fetch(23, "of an acquire mode that there is not", amid!("refused INVALID_REQUEST"),
            fetching(1, still, 0).with_share_acquire_mode(9),
        )
            .kafka(amid!("refused UNKNOWN_SERVER_ERROR"), STUMBLES),
        say(30, "of an epoch to come", amid!("refused INVALID_SHARE_SESSION_EPOCH"), acknowledging(5, still, (0, 0), &[1])),
        say(31, "of a topic that there is not", amid!("UNKNOWN_TOPIC_ID"), acknowledging(1, NOWHERE, (0, 0), &[1])),
        say(32, "of what nobody was given", amid!("NONE"), acknowledging(1, still, (0, 0), &[1])),
        say(33, "of offsets that go back", amid!("INVALID_REQUEST"), acknowledging(1, still, (1, 0), &[1])),
        say(34, "of a type that there is not", amid!("INVALID_REQUEST"), acknowledging(1, still, (0, 0), &[9])),
        say(35, "of more types than offsets", amid!("INVALID_REQUEST"), acknowledging(1, still, (0, 0), &[1, 1])),
        say(36, "of no type", amid!("INVALID_REQUEST"), acknowledging(1, still, (0, 0), &[])),
        say(37, "of a gap at its end", amid!("NONE"), acknowledging(-1, still, (0, 0), &[0])),
        say(38, "that renews without saying so", amid!("INVALID_REQUEST"), acknowledging(1, still, (0, 0), &[4])),
        say(39, "of offsets below 0", amid!("INVALID_REQUEST"), acknowledging(1, still, (-1, 0), &[1]))
            .kafka(amid!("NONE"), "offsets begin at 0; Kafka takes those below its start for done with"),
    ]
}

fn acknowledging(
    epoch: i32,
    topic: Uuid,
    (first, last): (i64, i64),
    types: &[i8],
) -> ShareAcknowledgeRequest {
    let batch = acknowledges::AcknowledgementBatch::default()
        .with_first_offset(first)
        .with_last_offset(last)
        .with_acknowledge_types(types.to_vec());
    let partition = AcknowledgePartition::default().with_acknowledgement_batches(vec![batch]);
    ShareAcknowledgeRequest::default()
        .with_group_id(Some(text(NOBODY)))
        .with_member_id(Some(text(MEMBER)))
        .with_share_session_epoch(epoch)
        .with_topics(vec![AcknowledgeTopic::default().with_topic_id(topic).with_partitions(vec![partition])])
}

fn acknowledged(world: &World) -> Vec<Case> {
    let of = |name: &str, expected, request: ShareAcknowledgeRequest| {
        Case::new(format!("ShareAcknowledge {name}"), expected).request(2, &request)
    };
    let still = world.still_id;
    let missing = "refused SHARE_SESSION_NOT_FOUND";
    vec![
        of(
            "without a group",
            "refused INVALID_REQUEST",
            acknowledging(1, still, (0, 0), &[1]).with_group_id(None),
        ),
        of(
            "without a member",
            "refused INVALID_REQUEST",
            acknowledging(1, still, (0, 0), &[1]).with_member_id(None),
        ),
        of(
            "that begins a session",
            "refused INVALID_SHARE_SESSION_EPOCH",
            acknowledging(0, still, (0, 0), &[1]),
        ),
        of("in no session", missing, acknowledging(1, still, (0, 0), &[1])),
        of("at the end of no session", missing, acknowledging(-1, still, (0, 0), &[1])),
        of("of offsets that go back", missing, acknowledging(1, still, (1, 0), &[1])),
        of("of no topic", missing, acknowledging(1, NOWHERE, (0, 0), &[1])),
    ]
}

/// The states that brokers keep: of no group, of topics and partitions that there are not, of epochs that are none.
fn states(world: &World) -> Vec<Case> {
    let still = world.still_id;
    let mut cases = Vec::new();
    for (name, (group, topic, partition), [read, summary, write, delete, initialize]) in [
        ("without a group", ("", still, 0), ["nothing"; 5]),
        (
            "of no topic",
            (NOBODY, NOWHERE, 0),
            ["INVALID_REQUEST", UNKNOWN, "INVALID_REQUEST", UNKNOWN, UNKNOWN],
        ),
        (
            "of a partition that there is not",
            (NOBODY, still, 9),
            ["INVALID_REQUEST", UNKNOWN, "INVALID_REQUEST", UNKNOWN, UNKNOWN],
        ),
        ("of partition -1", (NOBODY, still, -1), ["INVALID_REQUEST"; 5]),
        ("of nobody", (NOBODY, still, 0), ["INVALID_REQUEST", "NONE", "INVALID_REQUEST", "NONE", "NONE"]),
    ] {
        let case = |api: &str, expected| Case::new(format!("{api} {name}"), expected);
        let asked = reads::PartitionData::default().with_partition(partition);
        let asked = reads::ReadStateData::default().with_topic_id(topic).with_partitions(vec![asked]);
        cases.push(case("ReadShareGroupState", read).request(
            0,
            &ReadShareGroupStateRequest::default().with_group_id(text(group)).with_topics(vec![asked]),
        ));
        let asked = summaries::PartitionData::default().with_partition(partition);
        let asked =
            summaries::ReadStateSummaryData::default().with_topic_id(topic).with_partitions(vec![asked]);
        cases.push(case("ReadShareGroupStateSummary", summary).request(
            1,
            &ReadShareGroupStateSummaryRequest::default().with_group_id(text(group)).with_topics(vec![asked]),
        ));
        let asked = writes::PartitionData::default().with_partition(partition).with_state_epoch(-1);
        let asked = writes::WriteStateData::default().with_topic_id(topic).with_partitions(vec![asked]);
        cases.push(case("WriteShareGroupState", write).request(
            1,
            &WriteShareGroupStateRequest::default().with_group_id(text(group)).with_topics(vec![asked]),
        ));
        let asked = deletes::PartitionData::default().with_partition(partition);
        let asked = deletes::DeleteStateData::default().with_topic_id(topic).with_partitions(vec![asked]);
        cases.push(case("DeleteShareGroupState", delete).request(
            0,
            &DeleteShareGroupStateRequest::default().with_group_id(text(group)).with_topics(vec![asked]),
        ));
        if group.is_empty() || topic == NOWHERE || partition != 0 {
            let asked = initializes::PartitionData::default().with_partition(partition);
            let asked =
                initializes::InitializeStateData::default().with_topic_id(topic).with_partitions(vec![asked]);
            cases.push(
                case("InitializeShareGroupState", initialize).request(
                    0,
                    &InitializeShareGroupStateRequest::default()
                        .with_group_id(text(group))
                        .with_topics(vec![asked]),
                ),
            );
        }
    }
    cases
}

fn altered(group: &str, topic: &str, offset: i64) -> AlterShareGroupOffsetsRequest {
    let partition = AlterShareGroupOffsetsRequestPartition::default().with_start_offset(offset);
    let topic = AlterShareGroupOffsetsRequestTopic::default()
        .with_topic_name(text(topic))
        .with_partitions(vec![partition]);
    AlterShareGroupOffsetsRequest::default().with_group_id(text(group)).with_topics(vec![topic])
}

fn forgotten(group: &str, topics: &[&str]) -> DeleteShareGroupOffsetsRequest {
    let of = |topic: &&str| DeleteShareGroupOffsetsRequestTopic::default().with_topic_name(text(topic));
    DeleteShareGroupOffsetsRequest::default()
        .with_group_id(text(group))
        .with_topics(topics.iter().map(of).collect())
}

fn offsets() -> Vec<Case> {
    let shown = |group: &str, topic: &str, partition: i32| {
        let topic = DescribeShareGroupOffsetsRequestTopic::default()
            .with_topic_name(text(topic))
            .with_partitions(vec![partition]);
        let group = DescribeShareGroupOffsetsRequestGroup::default()
            .with_group_id(text(group))
            .with_topics(Some(vec![topic]));
        DescribeShareGroupOffsetsRequest::default().with_groups(vec![group])
    };
    let describe = |name: &str, expected, request: DescribeShareGroupOffsetsRequest| {
        Case::new(format!("DescribeShareGroupOffsets {name}"), expected).request(1, &request)
    };
    let alter = |name: &str, expected, request: AlterShareGroupOffsetsRequest| {
        Case::new(format!("AlterShareGroupOffsets {name}"), expected).request(0, &request)
    };
    let delete = |name: &str, expected, request: DeleteShareGroupOffsetsRequest| {
        Case::new(format!("DeleteShareGroupOffsets {name}"), expected).request(0, &request)
    };
    vec![
        describe("of nothing", "nothing", DescribeShareGroupOffsetsRequest::default()),
        describe("without a group", "NONE: NONE -1", shown("", STILL, 0))
            .kafka("UNKNOWN_SERVER_ERROR: nothing", STUMBLES),
        describe("of nobody", "NONE: NONE -1", shown(NOBODY, STILL, 0)),
        describe("of a classic group", "NONE: NONE -1", shown(CLASSIC, STILL, 0)),
        describe("of no topic", "NONE: NONE -1", shown(NOBODY, "hostile-nowhere", 0)),
        describe(
            "of a partition that there is not",
            "NONE: UNKNOWN_TOPIC_OR_PARTITION -1",
            shown(NOBODY, STILL, 9),
        )
        .kafka("silent", NEVER_ANSWERED),
        alter("without a group", "INVALID_GROUP_ID: nothing", altered("", STILL, 0)),
        alter("of a classic group", "GROUP_ID_NOT_FOUND: nothing", altered(CLASSIC, STILL, 0)),
        delete("without a group", "INVALID_GROUP_ID: nothing", forgotten("", &[STILL])),
        delete("of nobody", "GROUP_ID_NOT_FOUND: nothing", forgotten(NOBODY, &[STILL])),
        delete("of a classic group", "GROUP_ID_NOT_FOUND: nothing", forgotten(CLASSIC, &[STILL])),
        delete("of nothing", "GROUP_ID_NOT_FOUND: nothing", forgotten(NOBODY, &[])),
    ]
}
