//! `CreateTopics` and `DeleteTopics`: names, counts, assignments, settings. Nothing is made and nothing is lost.

use ottla::protocol::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use ottla::protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use ottla::protocol::wire::{Str, Uuid};

use super::Case;
use super::reasons::STUMBLES;
use super::world::{STILL, TARGET, World};

fn topic(name: &str) -> CreatableTopic {
    CreatableTopic::default()
        .with_name(Str::from(name.to_owned()))
        .with_num_partitions(1)
        .with_replication_factor(1)
}

fn create(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest::default().with_topics(topics).with_timeout_ms(30_000).with_validate_only(true)
}

pub(super) fn cases(world: &World) -> Vec<Case> {
    let mut cases = names();
    cases.extend(shapes());
    cases.extend(settings());
    cases.extend(deletions(world));
    cases
}

fn one(name: &str, expected: &'static str, topic: CreatableTopic) -> Case {
    Case::new(format!("CreateTopics {name}"), expected).request(7, &create(vec![topic]))
}

fn names() -> Vec<Case> {
    let named = |what: &str, expected, name: &str| one(&format!("named {what}"), expected, topic(name));
    let bad = "INVALID_TOPIC_EXCEPTION";
    vec![
        named("soundly", "NONE", "hostile-new"),
        named("by nothing", bad, ""),
        named(".", bad, "."),
        named("..", bad, ".."),
        named("...", "NONE", "..."),
        named("with 249 letters", "NONE", &"t".repeat(249)),
        named("with 250 letters", bad, &"t".repeat(250)),
        named("with 32,767 letters", bad, &"t".repeat(32_767)).kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        named("with a slash", bad, "a/b"),
        named("with a way up", bad, "../../etc/passwd"),
        named("with a space", bad, "a b"),
        named("with a zero byte", bad, "a\0b"),
        named("with a line end", bad, "a\nb"),
        named("with a colon", bad, "a:b"),
        named("in emoji", bad, "🦦"),
        named("in letters beyond ASCII", bad, "bücher"),
        named("as one that is there", "TOPIC_ALREADY_EXISTS", TARGET),
        named("as an internal topic", "INVALID_REQUEST", "__transaction_state")
            .kafka("NONE", "ottla makes its internal topics itself, when they are needed"),
        named("as ottla's own topic", "INVALID_REQUEST", "__ottla_metadata")
            .kafka("NONE", "ottla keeps its metadata under this name"),
        named("as one that differs by a dot", "NONE", "hostile.new"),
        named("as one that collides in metrics", "INVALID_TOPIC_EXCEPTION", "hostile_small"),
    ]
}

fn shapes() -> Vec<Case> {
    let counted = |name: &str, expected, partitions, replicas| {
        one(
            name,
            expected,
            topic("hostile-new").with_num_partitions(partitions).with_replication_factor(replicas),
        )
    };
    let assigned = |name: &str, expected, assignments: &[(i32, &[i32])]| {
        let assignments = assignments.iter().map(|(index, brokers)| {
            CreatableReplicaAssignment::default()
                .with_partition_index(*index)
                .with_broker_ids(brokers.to_vec())
        });
        let topic = topic("hostile-new").with_num_partitions(-1).with_replication_factor(-1);
        one(name, expected, topic.with_assignments(assignments.collect()))
    };
    let several = |name: &str, expected, topics| {
        Case::new(format!("CreateTopics {name}"), expected).request(7, &create(topics))
    };
    vec![
        counted("with 0 partitions", "INVALID_PARTITIONS", 0, 1),
        counted("with -1 partitions", "NONE", -1, 1),
        counted("with -2 partitions", "INVALID_PARTITIONS", -2, 1),
        counted("with 2^31-1 partitions", "POLICY_VIOLATION", i32::MAX, 1),
        counted("with 0 replicas", "INVALID_REPLICATION_FACTOR", 1, 0),
        counted("with -1 replicas", "NONE", 1, -1),
        counted("with -2 replicas", "INVALID_REPLICATION_FACTOR", 1, -2),
        counted("with 2 replicas", "INVALID_REPLICATION_FACTOR", 1, 2),
        assigned("assigned to the one broker", "NONE", &[(0, &[1])]),
        assigned("assigned to an unknown broker", "INVALID_REPLICA_ASSIGNMENT", &[(0, &[7])]),
        assigned("assigned to the same broker twice", "INVALID_REPLICA_ASSIGNMENT", &[(0, &[1, 1])]),
        assigned("assigned to nobody", "INVALID_REPLICA_ASSIGNMENT", &[(0, &[])]),
        assigned("assigned with a gap", "INVALID_REPLICA_ASSIGNMENT", &[(0, &[1]), (2, &[1])]),
        assigned("assigned from partition 1", "INVALID_REPLICA_ASSIGNMENT", &[(1, &[1])]),
        assigned("assigned to partition -1", "INVALID_REPLICA_ASSIGNMENT", &[(-1, &[1])]),
        assigned(
            "assigned to the same partition twice",
            "INVALID_REPLICA_ASSIGNMENT",
            &[(0, &[1]), (0, &[1])],
        ),
        one(
            "with an assignment and a count",
            "INVALID_REQUEST",
            topic("hostile-new")
                .with_assignments(vec![CreatableReplicaAssignment::default().with_broker_ids([1])]),
        ),
        several(
            "of the same name twice",
            "INVALID_REQUEST",
            vec![topic("hostile-new"), topic("hostile-new")],
        ),
        several("of the same bad name twice", "INVALID_REQUEST", vec![topic("a/b"), topic("a/b")]),
        several(
            "of a good and a bad name",
            "INVALID_TOPIC_EXCEPTION, NONE",
            vec![topic("a/b"), topic("hostile-new")],
        ),
        several(
            "of two that collide",
            "NONE, INVALID_TOPIC_EXCEPTION",
            vec![topic("hostile-a.b"), topic("hostile-a_b")],
        )
        .kafka("NONE, NONE", "Kafka looks only at the topics that are there, and then has two that collide"),
        several("of nothing", "nothing", vec![]),
        Case::new("CreateTopics with a timeout of -1", "REQUEST_TIMED_OUT")
            .request(7, &create(vec![topic("hostile-new")]).with_timeout_ms(-1)),
        Case::new("CreateTopics v2 with -1 partitions", "NONE")
            .request(2, &create(vec![topic("hostile-new").with_num_partitions(-1)])),
    ]
}

fn settings() -> Vec<Case> {
    let set = |key: &str, value: Option<&str>, expected| {
        let config = CreatableTopicConfig::default()
            .with_name(Str::from(key.to_owned()))
            .with_value(value.map(|value| Str::from(value.to_owned())));
        let shown = value.map_or("null".to_owned(), |value| format!("'{value:.20}'"));
        let name = format!("with {key:.40} = {shown}");
        one(&name, expected, topic("hostile-new").with_configs(vec![config]))
    };
    let bad = "INVALID_CONFIG";
    vec![
        set("retention.ms", Some("1000"), "NONE"),
        set("max.message.bytes", Some("1000"), "NONE"),
        set("max.message.bytes", Some(" 1000 "), "NONE"),
        set("retention.ms", Some("soon"), bad),
        set("retention.ms", Some(""), bad),
        set("retention.ms", None, bad),
        set("retention.ms", Some("-2"), bad),
        set("retention.ms", Some("9223372036854775808"), bad),
        set("no.such.key", Some("1"), bad),
        set("", Some("1"), bad),
        set("cleanup.policy", Some("burn"), bad),
        set("cleanup.policy", Some("compact"), "NONE"),
        set("cleanup.policy", Some("compact,delete"), "NONE"),
        set("cleanup.policy", Some("compact,compact"), "NONE"),
        set("cleanup.policy", Some("delete,delete"), "NONE"),
        set("cleanup.policy", Some(""), "NONE"),
        set("compression.type", Some("rar"), bad),
        set("segment.bytes", Some("1"), bad),
        set("max.message.bytes", Some("-1"), bad),
        set("min.insync.replicas", Some("0"), bad),
        set("message.timestamp.type", Some("Never"), bad),
        set("preallocate", Some("maybe"), bad),
        set("preallocate", Some(" FALSE "), "NONE"),
        set("min.cleanable.dirty.ratio", Some("1.5"), bad),
        set("min.cleanable.dirty.ratio", Some("NaN"), bad).kafka("NONE", "what is not a number is no ratio"),
        set(&"k".repeat(32_767), Some("1"), bad).kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        set("retention.ms", Some(&"1".repeat(32_767)), bad).kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        set("RETENTION.MS", Some("1000"), bad),
    ]
}

fn deletions(world: &World) -> Vec<Case> {
    let by_names = |name: &str, expected, names: &[&'static str]| {
        let names = names.iter().map(|name| Str::from(*name)).collect();
        let request = DeleteTopicsRequest::default().with_topic_names(names).with_timeout_ms(30_000);
        Case::new(format!("DeleteTopics {name}"), expected).request(5, &request)
    };
    let by = |name: &str, expected, topics: &[(Option<&'static str>, Uuid)]| {
        let topics = topics
            .iter()
            .map(|(name, id)| DeleteTopicState::default().with_name(name.map(Str::from)).with_topic_id(*id));
        let request = DeleteTopicsRequest::default().with_topics(topics.collect()).with_timeout_ms(30_000);
        Case::new(format!("DeleteTopics {name}"), expected).request(6, &request)
    };
    let unknown = Uuid([7; 16]);
    vec![
        by_names("of an unknown name, v5", "UNKNOWN_TOPIC_OR_PARTITION", &["hostile-unknown"]),
        by_names(
            "of the same unknown name twice, v5",
            "INVALID_REQUEST",
            &["hostile-unknown", "hostile-unknown"],
        ),
        by_names("of an empty name, v5", "UNKNOWN_TOPIC_OR_PARTITION", &[""]),
        by_names("of nothing, v5", "nothing", &[]),
        by("of an unknown name", "UNKNOWN_TOPIC_OR_PARTITION", &[(Some("hostile-unknown"), Uuid::ZERO)]),
        by("of a bad name", "UNKNOWN_TOPIC_OR_PARTITION", &[(Some("../a b"), Uuid::ZERO)]),
        by("of an unknown id", "UNKNOWN_TOPIC_ID", &[(None, unknown)]),
        by("of the zero id", "INVALID_REQUEST", &[(None, Uuid::ZERO)]),
        by("of a name and an id", "INVALID_REQUEST", &[(Some(STILL), unknown)]),
        by("of a name and its id", "INVALID_REQUEST", &[(Some(STILL), world.still_id)]),
        by("of the same id twice", "INVALID_REQUEST", &[(None, unknown), (None, unknown)]),
        by(
            "of one topic by name and by id",
            "INVALID_REQUEST",
            &[(Some(STILL), Uuid::ZERO), (None, world.still_id)],
        ),
        by(
            "of the same known id twice",
            "INVALID_REQUEST",
            &[(None, world.still_id), (None, world.still_id)],
        ),
        by(
            "of the same known name twice",
            "INVALID_REQUEST",
            &[(Some(STILL), Uuid::ZERO), (Some(STILL), Uuid::ZERO)],
        ),
        by("of nothing", "nothing", &[]),
    ]
}
