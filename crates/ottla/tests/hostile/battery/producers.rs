//! Idempotent producers that count wrong, and `InitProducerId`.

use ottla::protocol::messages::describe_producers::{DescribeProducersRequest, TopicRequest};
use ottla::protocol::messages::init_producer_id::InitProducerIdRequest;
use ottla::protocol::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use ottla::protocol::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};
use ottla::protocol::records::BatchOptions;
use ottla::protocol::wire::{I32Array, Str};

use super::Case;
use super::batches::of_producer;
use super::making::batch_with;
use super::producing::produce;
use super::reasons::{ANYTHING, NEVER_ANSWERED};
use super::world::{TARGET, World};

/// What is said of a transactional id while nobody has looked for a coordinator.
const NOBODY: &str = "NOT_ENOUGH_REPLICAS";

pub(super) fn cases(world: &World) -> Vec<Case> {
    let mut cases = sequences(world);
    cases.extend(ids());
    cases.extend(markers());
    cases.extend(described());
    cases.extend(offsets());
    cases
}

fn sequences(world: &World) -> Vec<Case> {
    // Batches of three records each, one request after the other.
    let told = |name: &str, expected, producer: usize, batches: &[(i16, i32)]| {
        let (id, epoch) = world.producers[producer];
        let mut case = Case::new(format!("a producer {name}"), expected);
        for (later, sequence) in batches {
            let records = of_producer(id, epoch + later, *sequence);
            case = case.request(12, &produce(TARGET, 2, Some(records), -1));
        }
        case
    };
    let raw = |name: &str, expected, id, epoch, sequence| {
        let records = batch_with(BatchOptions::default().with_producer(id, epoch, sequence), 3);
        Case::new(format!("a producer {name}"), expected).request(12, &produce(TARGET, 2, Some(records), -1))
    };
    let transactional = |name: &str, expected, id: Option<&str>, in_batch: bool, producer: usize| {
        let (producer_id, epoch) = world.producers[producer];
        let mut options = BatchOptions::default().with_producer(producer_id, epoch, 0);
        if in_batch {
            options = options.with_transactional();
        }
        let request = produce(TARGET, 2, Some(batch_with(options, 3)), -1);
        let request = request.with_transactional_id(id.map(|id| Str::from(id.to_owned())));
        let case = Case::new(format!("a producer {name}"), expected).request(12, &request);
        if expected == NOBODY {
            case.kafka(ANYTHING, "the topic of transactions may be there already")
        } else {
            case
        }
    };
    vec![
        told("that counts right", "NONE; NONE", 0, &[(0, 0), (0, 3)]),
        told("that starts at 5", "NONE", 1, &[(0, 5)]),
        told("that leaves a gap", "NONE; OUT_OF_ORDER_SEQUENCE_NUMBER", 2, &[(0, 0), (0, 4)]),
        told("that goes back", "NONE; NONE; OUT_OF_ORDER_SEQUENCE_NUMBER", 3, &[(0, 0), (0, 3), (0, 1)]),
        told("that repeats itself", "NONE; NONE; NONE", 4, &[(0, 0), (0, 3), (0, 0)]),
        told(
            "that repeats what is six batches old",
            "NONE; NONE; NONE; NONE; NONE; NONE; OUT_OF_ORDER_SEQUENCE_NUMBER",
            5,
            &[(0, 0), (0, 3), (0, 6), (0, 9), (0, 12), (0, 15), (0, 0)],
        ),
        told("with an older epoch", "NONE; INVALID_PRODUCER_EPOCH", 6, &[(2, 0), (1, 3)]),
        told(
            "with a newer epoch that does not start at 0",
            "NONE; OUT_OF_ORDER_SEQUENCE_NUMBER",
            7,
            &[(0, 0), (1, 3)],
        ),
        told("with a newer epoch", "NONE; NONE", 8, &[(0, 0), (1, 0)]),
        told("with a sequence of -2", "INVALID_RECORD", 9, &[(0, -2)]),
        told("without a sequence", "INVALID_RECORD", 9, &[(0, -1)]),
        told("with an epoch of -1", "NONE", 9, &[(-1, 0)]),
        told("whose sequence wraps around", "NONE; NONE", 10, &[(0, i32::MAX - 2), (0, 0)]),
        raw("that nobody gave an id", "NONE", 9_000_000_001, 0, 0),
        raw("with an id of -2", "NONE", -2, 0, 0),
        raw("with an epoch and no id", "NONE", -1, 3, 3),
        transactional("with a transactional id and no transaction", "NONE", Some("tx"), false, 11),
        transactional("with a transactional id that nobody knows", NOBODY, Some("tx"), true, 12),
        transactional("with an empty transactional id", "INVALID_REQUEST", Some(""), true, 13)
            .kafka(ANYTHING, "the topic of transactions may be there already"),
        transactional(
            "in a transaction without an id",
            "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
            None,
            true,
            14,
        ),
    ]
}

fn ids() -> Vec<Case> {
    let asked = |name: &str, expected, version, request: InitProducerIdRequest| {
        Case::new(format!("InitProducerId {name}"), expected).request(version, &request)
    };
    let plain = || {
        InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_producer_id(-1)
            .with_producer_epoch(-1)
    };
    let named = |id: &'static str| {
        plain().with_transactional_id(Some(Str::from(id))).with_transaction_timeout_ms(60_000)
    };
    vec![
        asked("v0", "NONE", 0, plain()),
        asked("v5", "NONE", 5, plain()),
        asked("with a timeout of -1", "NONE", 4, plain().with_transaction_timeout_ms(-1)),
        asked("with an id and no epoch", "INVALID_REQUEST", 4, plain().with_producer_id(5)),
        asked("with an epoch and no id", "INVALID_REQUEST", 4, plain().with_producer_epoch(5)),
        asked(
            "with an id that nobody was given",
            "NONE",
            4,
            plain().with_producer_id(i64::MAX).with_producer_epoch(0),
        ),
        asked("with an id of -2", "NONE", 4, plain().with_producer_id(-2).with_producer_epoch(0)),
        asked(
            "with an epoch of i16::MAX",
            "NONE",
            4,
            plain().with_producer_id(5).with_producer_epoch(i16::MAX),
        ),
        asked("with an empty transactional id", "INVALID_REQUEST", 4, named("")),
        asked(
            "with a transactional id, whose coordinator nobody has looked for",
            "NOT_COORDINATOR",
            4,
            named("tx"),
        )
        .kafka(ANYTHING, "the topic of transactions may be there already"),
        asked(
            "with a transactional id and a timeout of -1",
            "INVALID_TRANSACTION_TIMEOUT",
            4,
            named("tx").with_transaction_timeout_ms(-1),
        ),
        asked(
            "with a transactional id and an endless timeout",
            "INVALID_TRANSACTION_TIMEOUT",
            4,
            named("tx").with_transaction_timeout_ms(i32::MAX),
        ),
    ]
}

/// Ends of transactions that nobody has begun.
fn markers() -> Vec<Case> {
    let told = |name: &str, expected, version, markers: Vec<WritableTxnMarker>| {
        let request = WriteTxnMarkersRequest::default().with_markers(markers);
        Case::new(format!("WriteTxnMarkers {name}"), expected).request(version, &request)
    };
    let marker = |id, epoch, topic: &'static str, partitions: &[i32]| {
        let topic = WritableTxnMarkerTopic::default()
            .with_name(Str::from(topic))
            .with_partition_indexes(I32Array::from(partitions.to_vec()));
        WritableTxnMarker::default().with_producer_id(id).with_producer_epoch(epoch).with_topics(vec![topic])
    };
    let good = || marker(8_000_000_001, 3, TARGET, &[2]);
    vec![
        told("v1", "NONE", 1, vec![good()]),
        told("v2", "NONE", 2, vec![good()]),
        told("of nothing", "nothing", 2, vec![]),
        told("without partitions", "nothing", 2, vec![marker(1, 0, TARGET, &[])]),
        told(
            "for a topic that is not there",
            "UNKNOWN_TOPIC_OR_PARTITION",
            2,
            vec![marker(1, 0, "nowhere", &[0])],
        ),
        told("for partition -1", "UNKNOWN_TOPIC_OR_PARTITION", 2, vec![marker(1, 0, TARGET, &[-1])]),
        told(
            "for partition 2^31 - 1",
            "UNKNOWN_TOPIC_OR_PARTITION",
            2,
            vec![marker(1, 0, TARGET, &[i32::MAX])],
        ),
        told("for a partition twice", "NONE", 2, vec![marker(8_000_000_002, 0, TARGET, &[2, 2])])
            .kafka(ANYTHING, NEVER_ANSWERED),
        told("of no producer", "UNKNOWN_SERVER_ERROR", 2, vec![marker(-1, 0, TARGET, &[2])]),
        told("of no epoch", "UNKNOWN_SERVER_ERROR", 2, vec![marker(1, -1, TARGET, &[2])]),
        told("of an epoch below that", "INVALID_PRODUCER_EPOCH", 2, vec![marker(1, i16::MIN, TARGET, &[2])]),
        told("of an older epoch", "INVALID_PRODUCER_EPOCH", 2, vec![marker(8_000_000_001, 2, TARGET, &[2])]),
        told(
            "of a coordinator that never was",
            "TRANSACTION_COORDINATOR_FENCED",
            2,
            vec![good().with_coordinator_epoch(i32::MIN)],
        ),
        told("of version -1", "UNKNOWN_SERVER_ERROR", 2, vec![good().with_transaction_version(-1)]),
        told("of version 127", "NONE", 2, vec![good().with_transaction_version(127)]),
    ]
}

fn described() -> Vec<Case> {
    let asked = |name: &str, expected, topic: &str, partitions: &[i32]| {
        let topic = TopicRequest::default()
            .with_name(Str::from(topic.to_owned()))
            .with_partition_indexes(I32Array::from(partitions.to_vec()));
        let request = DescribeProducersRequest::default().with_topics(vec![topic]);
        Case::new(format!("DescribeProducers {name}"), expected).request(0, &request)
    };
    vec![
        asked("of a partition", "NONE", TARGET, &[2]),
        asked("of a partition twice", "NONE, NONE", TARGET, &[2, 2]),
        asked("of no partition", "nothing", TARGET, &[]),
        asked("of partition -1", "UNKNOWN_TOPIC_OR_PARTITION", TARGET, &[-1]),
        asked("of a topic that is not there", "UNKNOWN_TOPIC_OR_PARTITION", "nowhere", &[0]),
        asked("of a topic without a name", "INVALID_TOPIC_EXCEPTION", "", &[0]),
        asked("of a name too long", "INVALID_TOPIC_EXCEPTION", &"x".repeat(250), &[0]),
    ]
}

/// Offsets in transactions that nobody has begun.
fn offsets() -> Vec<Case> {
    let told = |name: &str,
                expected,
                version,
                id: &'static str,
                group: &'static str,
                topic: &'static str,
                partitions: &[i32]| {
        let partitions = partitions
            .iter()
            .map(|index| TxnOffsetCommitRequestPartition::default().with_partition_index(*index))
            .collect::<Vec<_>>();
        let topic =
            TxnOffsetCommitRequestTopic::default().with_name(Str::from(topic)).with_partitions(partitions);
        let request = TxnOffsetCommitRequest::default()
            .with_transactional_id(Str::from(id))
            .with_group_id(Str::from(group))
            .with_producer_id(5)
            .with_topics(vec![topic]);
        Case::new(format!("TxnOffsetCommit {name}"), expected).request(version, &request)
    };
    let unknown = "UNKNOWN_TOPIC_OR_PARTITION";
    vec![
        told("v0 to a group without a name", "INVALID_GROUP_ID", 0, "tx", "", TARGET, &[0]),
        told("v5 to a group without a name", "INVALID_GROUP_ID", 5, "tx", "", TARGET, &[0]),
        told("v0 of a topic that is not there", unknown, 0, "tx", "g", "nowhere", &[0]),
        told("v5 of a topic that is not there", unknown, 5, "tx", "g", "nowhere", &[0]),
        told("of partition -1", unknown, 5, "tx", "g", TARGET, &[-1]),
        told("of nothing", "nothing", 5, "tx", "g", TARGET, &[]),
    ]
}
