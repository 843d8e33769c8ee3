//! Groups of the new protocol (KIP-848): wrong requests, epochs of past and future, and one protocol in the groups of another.
//!
//! Each case has a group of its own, in which one member comes first and leaves last, and which is deleted then, so that
//! a broker can be played against again.

use ottla::protocol::messages::consumer_group_describe::ConsumerGroupDescribeRequest;
use ottla::protocol::messages::consumer_group_heartbeat::{ConsumerGroupHeartbeatRequest, TopicPartitions};
use ottla::protocol::messages::delete_groups::DeleteGroupsRequest;
use ottla::protocol::messages::describe_groups::DescribeGroupsRequest;
use ottla::protocol::messages::heartbeat::HeartbeatRequest;
use ottla::protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla::protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla::protocol::messages::list_groups::ListGroupsRequest;
use ottla::protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ottla::protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use ottla::protocol::messages::sync_group::SyncGroupRequest;
use ottla::protocol::wire::{Str, Uuid};

use super::Case;
use super::reasons::STUMBLES;
use super::world::{STILL, TARGET, World};

/// The member of each group.
const MEMBER: &str = "hostile-reader";
/// A group of the classic protocol, with a member; the one of `groups`.
const CLASSIC: &str = "hostile-group";
/// A group that never was.
const NOBODY: &str = "hostile-nobody";
/// The epoch of the member that came first into a new group.
const NOW: i32 = 2;

/// What a member says that comes.
fn coming(group: &str) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest::default()
        .with_group_id(Str::from(group.to_owned()))
        .with_member_id(MEMBER)
        .with_rebalance_timeout_ms(60_000)
        .with_subscribed_topic_names(Some(vec![Str::from(TARGET)]))
        .with_topic_partitions(Some(Vec::new()))
}

/// What a member says that stays.
fn staying(group: &str, epoch: i32) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest::default()
        .with_group_id(Str::from(group.to_owned()))
        .with_member_id(MEMBER)
        .with_member_epoch(epoch)
        .with_rebalance_timeout_ms(-1)
        .with_subscribed_topic_names(None)
        .with_topic_partitions(None)
}

fn owned(id: Uuid, partitions: &[i32]) -> Option<Vec<TopicPartitions>> {
    Some(vec![TopicPartitions::default().with_topic_id(id).with_partitions(partitions.to_vec())])
}

/// A case in a group of its own: a member comes, then what `asked` adds for that group, and all of it goes.
fn among(number: usize, name: &str, expected: &'static str, asked: impl FnOnce(Case, &str) -> Case) -> Case {
    let group = format!("hostile-new-{number}");
    let case = Case::new(name, expected).request(1, &coming(&group));
    let delete = DeleteGroupsRequest::default().with_groups_names(vec![Str::from(group.clone())]);
    asked(case, &group).request(1, &staying(&group, -1)).request(2, &delete)
}

pub(super) fn cases(world: &World) -> Vec<Case> {
    let mut cases = malformed();
    cases.extend(strange());
    cases.extend(staying_and_leaving(world));
    cases.extend(named());
    cases.extend(classic());
    cases.extend(offsets());
    cases.extend(looking());
    cases
}

/// Wrong by themselves, whatever the group.
fn malformed() -> Vec<Case> {
    let of = |name: &str, expected, version, request: ConsumerGroupHeartbeatRequest| {
        Case::new(format!("ConsumerGroupHeartbeat {name}"), expected).request(version, &request)
    };
    let invalid = "INVALID_REQUEST";
    let text = |text: &str| Some(Str::from(text.to_owned()));
    let id = Uuid([7; 16]);
    vec![
        of("without a group", invalid, 1, coming("")),
        of("of a blank group", invalid, 1, coming("  ")),
        of("without a member", invalid, 1, coming(NOBODY).with_member_id("")),
        of("of a blank member", invalid, 1, coming(NOBODY).with_member_id(" ")),
        of("without a member, v0, that stays", invalid, 0, staying(NOBODY, 1).with_member_id("")),
        of("of an instance without a name", invalid, 1, coming(NOBODY).with_instance_id(text(""))),
        of("of a rack without a name", invalid, 1, coming(NOBODY).with_rack_id(text(""))),
        of("without a time to rebalance", invalid, 1, coming(NOBODY).with_rebalance_timeout_ms(-1)),
        of("without what is owned", invalid, 1, coming(NOBODY).with_topic_partitions(None)),
        of("of one who comes and owns", invalid, 1, coming(NOBODY).with_topic_partitions(owned(id, &[0]))),
        of("without a subscription", invalid, 1, coming(NOBODY).with_subscribed_topic_names(None)),
        of("without a subscription, v0", invalid, 0, coming(NOBODY).with_subscribed_topic_names(None)),
        of("of one who leaves for a while without a name", invalid, 1, staying(NOBODY, -2)),
        of("of epoch -3", invalid, 1, staying(NOBODY, -3)),
        of("of the least epoch", invalid, 1, staying(NOBODY, i32::MIN)),
        of(
            "of an assignor that there is not",
            "UNSUPPORTED_ASSIGNOR",
            1,
            coming(NOBODY).with_server_assignor(text("sticky")),
        ),
        of(
            "of an assignor without a name",
            "UNSUPPORTED_ASSIGNOR",
            1,
            coming(NOBODY).with_server_assignor(text("")),
        ),
        of(
            "of no regular expression",
            "INVALID_REGULAR_EXPRESSION",
            1,
            coming(NOBODY).with_subscribed_topic_names(None).with_subscribed_topic_regex(text("[")),
        ),
        of(
            "of a regular expression that looks around",
            "INVALID_REGULAR_EXPRESSION",
            1,
            coming(NOBODY).with_subscribed_topic_names(None).with_subscribed_topic_regex(text("a(?=b)")),
        ),
        of("of two things wrong", invalid, 1, coming("").with_server_assignor(text("sticky"))),
    ]
}

/// Of nobody, and to groups of other kinds.
fn strange() -> Vec<Case> {
    let of = |name: &str, expected, request: ConsumerGroupHeartbeatRequest| {
        Case::new(format!("ConsumerGroupHeartbeat {name}"), expected).request(1, &request)
    };
    let gone = "GROUP_ID_NOT_FOUND";
    let instance = Some(Str::from("hostile-instance"));
    vec![
        of("to nobody", gone, staying(NOBODY, 1)),
        of("of one who leaves nobody", gone, staying(NOBODY, -1)),
        of("of one who leaves nobody for a while", gone, staying(NOBODY, -2).with_instance_id(instance)),
        of("of the greatest epoch", gone, staying(NOBODY, i32::MAX)),
        of("to a classic group", gone, staying(CLASSIC, 1)),
        of("of one who leaves a classic group", gone, staying(CLASSIC, -1)),
    ]
}

/// A member that is there.
fn staying_and_leaving(world: &World) -> Vec<Case> {
    let target = world.target_id;
    let one =
        |number: usize, name: &str, expected, version, ask: fn(&str) -> ConsumerGroupHeartbeatRequest| {
            let name = format!("ConsumerGroupHeartbeat {name}");
            among(number, &name, expected, |case, group| case.request(version, &ask(group)))
        };
    let owning = |number: usize, name: &str, expected, epoch, id, partitions: &'static [i32]| {
        let name = format!("ConsumerGroupHeartbeat {name}");
        among(number, &name, expected, |case, group| {
            case.request(1, &staying(group, epoch).with_topic_partitions(owned(id, partitions)))
        })
    };
    vec![
        one(0, "of the member", "NONE 2 of 3; NONE 2; NONE -1; NONE", 1, |group| staying(group, NOW)),
        one(1, "of the member, v0", "NONE 2 of 3; NONE 2; NONE -1; NONE", 0, |group| staying(group, NOW)),
        one(2, "of an epoch to come", "NONE 2 of 3; FENCED_MEMBER_EPOCH; NONE -1; NONE", 1, |group| {
            staying(group, NOW + 1)
        }),
        one(
            3,
            "of the greatest epoch, of a member",
            "NONE 2 of 3; FENCED_MEMBER_EPOCH; NONE -1; NONE",
            1,
            |group| staying(group, i32::MAX),
        ),
        one(4, "of an epoch before", "NONE 2 of 3; FENCED_MEMBER_EPOCH; NONE -1; NONE", 1, |group| {
            staying(group, NOW - 1)
        }),
        one(5, "of a stranger", "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE", 1, |group| {
            staying(group, NOW).with_member_id("stranger")
        }),
        one(6, "of a stranger who leaves", "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE", 1, |group| {
            staying(group, -1).with_member_id("stranger")
        }),
        one(7, "of a member that has no name", "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE", 1, |group| {
            staying(group, NOW).with_instance_id(Some(Str::from("somebody")))
        }),
        one(8, "of the member that comes again", "NONE 2 of 3; NONE 2 of 3; NONE -1; NONE", 1, coming),
        one(9, "of the member with all it may say", "NONE 2 of 3; NONE 2 of 3; NONE -1; NONE", 1, |group| {
            coming(group).with_member_epoch(NOW)
        }),
        one(
            10,
            "of the member that takes another assignor",
            "NONE 2 of 3; NONE 2; NONE -1; NONE",
            1,
            |group| staying(group, NOW).with_server_assignor(Some(Str::from("range"))),
        ),
        one(
            11,
            "of the member that takes no assignor there is",
            "NONE 2 of 3; UNSUPPORTED_ASSIGNOR; NONE -1; NONE",
            1,
            |group| staying(group, NOW).with_server_assignor(Some(Str::from("sticky"))),
        ),
        one(
            12,
            "of the member and no regular expression",
            "NONE 2 of 3; INVALID_REGULAR_EXPRESSION; NONE -1; NONE",
            1,
            |group| staying(group, NOW).with_subscribed_topic_regex(Some(Str::from("("))),
        ),
        owning(
            13,
            "of the member that owns all",
            "NONE 2 of 3; NONE 2; NONE -1; NONE",
            NOW,
            target,
            &[0, 1, 2],
        ),
        owning(14, "of the member that owns some", "NONE 2 of 3; NONE 2; NONE -1; NONE", NOW, target, &[0]),
        owning(
            15,
            "of the member that owns too much",
            "NONE 2 of 3; NONE 2; NONE -1; NONE",
            NOW,
            target,
            &[0, 9],
        ),
        owning(
            16,
            "of an epoch before, owning nothing that is not its own",
            "NONE 2 of 3; FENCED_MEMBER_EPOCH; NONE -1; NONE",
            NOW - 1,
            target,
            &[0],
        ),
        among(
            17,
            "ConsumerGroupHeartbeat of one who has left",
            "NONE 2 of 3; NONE -1; UNKNOWN_MEMBER_ID; UNKNOWN_MEMBER_ID; NONE",
            |case, group| case.request(1, &staying(group, -1)).request(1, &staying(group, NOW)),
        ),
        among(
            18,
            "ConsumerGroupHeartbeat of one who comes without topics",
            "NONE 2 of 3; NONE 2 of 0; NONE -1; NONE -1; NONE",
            |case, group| {
                let other = coming(group).with_member_id("another").with_subscribed_topic_names(Some(vec![]));
                let leaves = staying(group, -1).with_member_id("another");
                case.request(1, &other).request(1, &leaves)
            },
        ),
        among(
            19,
            "ConsumerGroupHeartbeat of a member to whom another comes",
            "NONE 2 of 3; NONE 2; NONE 2 of 0; NONE -1; NONE -1; NONE",
            |case, group| {
                let other = coming(group)
                    .with_member_id("another")
                    .with_subscribed_topic_names(Some(vec![Str::from(STILL)]));
                let leaves = staying(group, -1).with_member_id("another");
                case.request(1, &staying(group, NOW)).request(1, &other).request(1, &leaves)
            },
        ),
    ]
}

/// Static members.
fn named() -> Vec<Case> {
    let named = |request: ConsumerGroupHeartbeatRequest| request.with_instance_id(Some(Str::from("named")));
    let case = |number: usize, name: &str, expected, asked: &dyn Fn(Case, &str) -> Case| {
        let group = format!("hostile-named-{number}");
        let delete = DeleteGroupsRequest::default().with_groups_names(vec![Str::from(group.clone())]);
        let case = Case::new(format!("ConsumerGroupHeartbeat {name}"), expected);
        let case = asked(case.request(1, &named(coming(&group))), &group);
        case.request(1, &named(staying(&group, -1))).request(2, &delete)
    };
    vec![
        case(0, "of a static member", "NONE 2 of 3; NONE 2; NONE -1; NONE", &|case, group| {
            case.request(1, &named(staying(group, NOW)))
        }),
        case(
            1,
            "of a static member's name, that is in use",
            "NONE 2 of 3; UNRELEASED_INSTANCE_ID; NONE -1; NONE",
            &|case, group| case.request(1, &named(coming(group)).with_member_id("another")),
        ),
        case(
            2,
            "of a stranger under a static member's name",
            "NONE 2 of 3; FENCED_INSTANCE_ID; NONE -1; NONE",
            &|case, group| case.request(1, &named(staying(group, NOW)).with_member_id("another")),
        ),
        case(
            3,
            "of a stranger who leaves under a static member's name",
            "NONE 2 of 3; FENCED_INSTANCE_ID; NONE -1; NONE",
            &|case, group| case.request(1, &named(staying(group, -1)).with_member_id("another")),
        ),
        case(
            4,
            "of a static member under another name",
            "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE",
            &|case, group| {
                let other = Some(Str::from("other"));
                case.request(1, &staying(group, NOW).with_instance_id(other))
            },
        ),
        case(
            5,
            "of a static member that leaves for a while, and comes back",
            "NONE 2 of 3; NONE -2; NONE 2 of 3; FENCED_INSTANCE_ID; NONE -1; UNKNOWN_MEMBER_ID; NONE",
            &|case, group| {
                let again = || named(coming(group)).with_member_id("another");
                let case = case.request(1, &named(staying(group, -2))).request(1, &again());
                let case = case.request(1, &named(staying(group, NOW)));
                case.request(1, &named(staying(group, -1)).with_member_id("another"))
            },
        ),
        case(
            6,
            "of a static member that has left for a while",
            "NONE 2 of 3; NONE -2; FENCED_MEMBER_EPOCH; NONE -1; NONE",
            &|case, group| {
                case.request(1, &named(staying(group, -2))).request(1, &named(staying(group, NOW)))
            },
        ),
    ]
}

/// What the classic protocol says to a group of the new one.
fn classic() -> Vec<Case> {
    let text = |text: &str| Str::from(text.to_owned());
    let join = |group: &str, metadata: &'static [u8]| {
        let protocol = JoinGroupRequestProtocol::default().with_name("range").with_metadata(metadata);
        JoinGroupRequest::default()
            .with_group_id(text(group))
            .with_session_timeout_ms(10_000)
            .with_rebalance_timeout_ms(10_000)
            .with_protocol_type("consumer")
            .with_protocols(vec![protocol])
    };
    let beat = |group: &str, member: &str, generation| {
        HeartbeatRequest::default()
            .with_group_id(text(group))
            .with_member_id(text(member))
            .with_generation_id(generation)
    };
    let sync = |group: &str, member: &str| {
        SyncGroupRequest::default()
            .with_group_id(text(group))
            .with_member_id(text(member))
            .with_generation_id(NOW)
            .with_protocol_type(Some(text("consumer")))
            .with_protocol_name(Some(text("range")))
    };
    let leave = |group: &str, member: &str| {
        let member = MemberIdentity::default().with_member_id(text(member));
        LeaveGroupRequest::default().with_group_id(text(group)).with_members(vec![member])
    };
    vec![
        among(
            30,
            "JoinGroup of no subscription, into a group of the new protocol",
            "NONE 2 of 3; MEMBER_ID_REQUIRED; NONE -1; NONE",
            |case, group| case.request(9, &join(group, b"\0")),
        ),
        among(
            29,
            "JoinGroup of a member with an id and no subscription, into a group of the new protocol",
            "NONE 2 of 3; INCONSISTENT_GROUP_PROTOCOL; NONE -1; NONE",
            |case, group| case.request(9, &join(group, b"\0").with_member_id("stranger")),
        )
        .kafka("NONE 2 of 3; UNKNOWN_SERVER_ERROR; NONE -1; NONE", STUMBLES),
        among(
            28,
            "JoinGroup of a static member without a subscription, into a group of the new protocol",
            "NONE 2 of 3; INCONSISTENT_GROUP_PROTOCOL; NONE -1; NONE",
            |case, group| case.request(9, &join(group, b"\0").with_group_instance_id(Some(text("named")))),
        )
        .kafka("NONE 2 of 3; UNKNOWN_SERVER_ERROR; NONE -1; NONE", STUMBLES),
        among(
            27,
            "JoinGroup without a subscription, v3, into a group of the new protocol",
            "NONE 2 of 3; INCONSISTENT_GROUP_PROTOCOL; NONE -1; NONE",
            |case, group| case.request(3, &join(group, b"\0")),
        )
        .kafka("NONE 2 of 3; UNKNOWN_SERVER_ERROR; NONE -1; NONE", STUMBLES),
        among(
            37,
            "LeaveGroup of a member of the new protocol",
            "NONE 2 of 3; NONE: NONE; UNKNOWN_MEMBER_ID; NONE",
            |case, group| case.request(5, &leave(group, MEMBER)),
        ),
        among(
            31,
            "JoinGroup of another type, into a group of the new protocol",
            "NONE 2 of 3; INCONSISTENT_GROUP_PROTOCOL; NONE -1; NONE",
            |case, group| {
                case.request(9, &join(group, b"\0\0\0\0\0\0\0\0\0\0").with_protocol_type("connect"))
            },
        ),
        among(
            32,
            "Heartbeat of a member of the new protocol",
            "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE",
            |case, group| case.request(4, &beat(group, MEMBER, NOW)),
        ),
        among(
            33,
            "Heartbeat of a stranger, to a group of the new protocol",
            "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE",
            |case, group| case.request(4, &beat(group, "stranger", NOW)),
        ),
        among(
            34,
            "SyncGroup of a member of the new protocol",
            "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE",
            |case, group| case.request(5, &sync(group, MEMBER)),
        ),
        among(
            35,
            "SyncGroup of a stranger, with a group of the new protocol",
            "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE",
            |case, group| case.request(5, &sync(group, "stranger")),
        ),
        among(
            36,
            "LeaveGroup of a stranger, from a group of the new protocol",
            "NONE 2 of 3; NONE: UNKNOWN_MEMBER_ID; NONE -1; NONE",
            |case, group| case.request(5, &leave(group, "stranger")),
        ),
        among(
            38,
            "DescribeGroups of a group of the new protocol",
            "NONE 2 of 3; GROUP_ID_NOT_FOUND Dead; NONE -1; NONE",
            |case, group| case.request(6, &DescribeGroupsRequest::default().with_groups(vec![text(group)])),
        ),
        among(
            39,
            "DeleteGroups of a group of the new protocol with a member",
            "NONE 2 of 3; NON_EMPTY_GROUP; NONE -1; NONE",
            |case, group| {
                case.request(2, &DeleteGroupsRequest::default().with_groups_names(vec![text(group)]))
            },
        ),
    ]
}

/// Offsets of a group of the new protocol.
fn offsets() -> Vec<Case> {
    let text = |text: &str| Str::from(text.to_owned());
    let commit = |number: usize, name: &str, expected, version, member: &'static str, epoch| {
        among(number, &format!("OffsetCommit {name}"), expected, |case, group| {
            let partition =
                OffsetCommitRequestPartition::default().with_partition_index(0).with_committed_offset(5);
            let topic =
                OffsetCommitRequestTopic::default().with_name(text(TARGET)).with_partitions(vec![partition]);
            let request = OffsetCommitRequest::default()
                .with_group_id(text(group))
                .with_member_id(text(member))
                .with_generation_id_or_member_epoch(epoch)
                .with_topics(vec![topic]);
            case.request(version, &request)
        })
    };
    let fetch = |number: usize, name: &str, expected, member: Option<&'static str>, epoch| {
        among(number, &format!("OffsetFetch {name}"), expected, |case, group| {
            let topic =
                OffsetFetchRequestTopics::default().with_name(text(TARGET)).with_partition_indexes(vec![0]);
            let group = OffsetFetchRequestGroup::default()
                .with_group_id(text(group))
                .with_member_id(member.map(text))
                .with_member_epoch(epoch)
                .with_topics(Some(vec![topic]));
            case.request(9, &OffsetFetchRequest::default().with_groups(vec![group]))
        })
    };
    vec![
        commit(50, "of a member of the new protocol", "NONE 2 of 3; NONE; NONE -1; NONE", 9, MEMBER, NOW),
        commit(
            51,
            "of a member of the new protocol, v8",
            "NONE 2 of 3; UNSUPPORTED_VERSION; NONE -1; NONE",
            8,
            MEMBER,
            NOW,
        ),
        commit(
            52,
            "of an epoch before",
            "NONE 2 of 3; STALE_MEMBER_EPOCH; NONE -1; NONE",
            9,
            MEMBER,
            NOW - 1,
        ),
        commit(
            53,
            "of an epoch to come",
            "NONE 2 of 3; STALE_MEMBER_EPOCH; NONE -1; NONE",
            9,
            MEMBER,
            NOW + 1,
        ),
        commit(
            54,
            "of a stranger, into a group of the new protocol",
            "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE",
            9,
            "stranger",
            NOW,
        ),
        commit(
            55,
            "of nobody's member, into a group of the new protocol",
            "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE",
            9,
            "",
            -1,
        ),
        commit(
            56,
            "of nobody's member, into a group of the new protocol, v8",
            "NONE 2 of 3; UNKNOWN_MEMBER_ID; NONE -1; NONE",
            8,
            "",
            -1,
        ),
        fetch(
            60,
            "by a member of the new protocol",
            "NONE 2 of 3; NONE: NONE -1; NONE -1; NONE",
            Some(MEMBER),
            NOW,
        ),
        fetch(
            61,
            "of an epoch before",
            "NONE 2 of 3; STALE_MEMBER_EPOCH: nothing; NONE -1; NONE",
            Some(MEMBER),
            NOW - 1,
        ),
        fetch(
            62,
            "of an epoch to come",
            "NONE 2 of 3; STALE_MEMBER_EPOCH: nothing; NONE -1; NONE",
            Some(MEMBER),
            NOW + 1,
        ),
        fetch(
            63,
            "by a stranger, from a group of the new protocol",
            "NONE 2 of 3; UNKNOWN_MEMBER_ID: nothing; NONE -1; NONE",
            Some("stranger"),
            NOW,
        ),
        fetch(
            64,
            "by nobody, from a group of the new protocol",
            "NONE 2 of 3; NONE: NONE -1; NONE -1; NONE",
            None,
            -1,
        ),
    ]
}

/// Groups described and listed.
fn looking() -> Vec<Case> {
    let text = |text: &str| Str::from(text.to_owned());
    let describe = |groups: &[&str]| {
        let groups = groups.iter().map(|group| text(group)).collect::<Vec<_>>();
        ConsumerGroupDescribeRequest::default().with_group_ids(groups)
    };
    let of = |name: &str, expected, version, groups: &[&str]| {
        Case::new(format!("ConsumerGroupDescribe {name}"), expected).request(version, &describe(groups))
    };
    vec![
        of("of nothing", "nothing", 1, &[]),
        of("of nobody", "GROUP_ID_NOT_FOUND", 1, &[NOBODY]),
        of("of nobody, v0", "GROUP_ID_NOT_FOUND", 0, &[NOBODY]),
        of("of a group without a name", "INVALID_GROUP_ID", 1, &[""]),
        of("of a classic group", "GROUP_ID_NOT_FOUND", 1, &[CLASSIC]),
        of("of a group of offsets", "GROUP_ID_NOT_FOUND", 1, &["hostile-simple"]),
        among(
            70,
            "ConsumerGroupDescribe of a group",
            "NONE 2 of 3; NONE Stable 2/2 uniform of 1; NONE -1; NONE",
            |case, group| case.request(1, &describe(&[group])),
        ),
        among(
            71,
            "ConsumerGroupDescribe of a group twice, v0",
            "NONE 2 of 3; NONE Stable 2/2 uniform of 1, NONE Stable 2/2 uniform of 1; NONE -1; NONE",
            |case, group| case.request(0, &describe(&[group, group])),
        ),
        among(
            72,
            "ConsumerGroupDescribe of a group without members",
            "NONE 2 of 3; NONE -1; NONE Empty 3/2 uniform of 0; UNKNOWN_MEMBER_ID; NONE",
            |case, group| case.request(1, &staying(group, -1)).request(1, &describe(&[group])),
        ),
        among(
            73,
            "ListGroups of consumers, with one",
            "NONE 2 of 3; NONE: Stable consumer; NONE -1; NONE",
            |case, _| {
                let types = vec![text("Consumer")];
                case.request(5, &ListGroupsRequest::default().with_types_filter(types))
            },
        ),
    ]
}
