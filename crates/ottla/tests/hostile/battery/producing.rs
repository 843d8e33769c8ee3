//! `Produce` requests: where to, how safely, and for whom.
//!
//! What can be wrong with a batch is in [`super::batches`], what with a producer's numbers in [`super::producers`].

use bytes::{BufMut, Bytes};
use ottla::protocol::api::ApiKey;
use ottla::protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla::protocol::records::BatchOptions;
use ottla::protocol::wire::{Records, Str, Uuid};

use super::Case;
use super::making::{batch, batch_with, body, written};
use super::reasons::NEVER_ANSWERED;
use super::world::{SMALL, TARGET, World};

/// Records for one partition, by the topic's name.
pub(super) fn produce(topic: &str, partition: i32, records: Option<Bytes>, acks: i16) -> ProduceRequest {
    to(TopicProduceData::default().with_name(Str::from(topic.to_owned())), partition, records, acks)
}

fn by_id(topic_id: Uuid, partition: i32, records: Option<Bytes>) -> ProduceRequest {
    to(TopicProduceData::default().with_topic_id(topic_id), partition, records, -1)
}

fn to(topic: TopicProduceData, partition: i32, records: Option<Bytes>, acks: i16) -> ProduceRequest {
    let data = PartitionProduceData::default().with_index(partition).with_records(records.map(Records::from));
    ProduceRequest::default()
        .with_acks(acks)
        .with_timeout_ms(30_000)
        .with_topic_data(vec![topic.with_partition_data(vec![data])])
}

pub(super) fn cases(world: &World) -> Vec<Case> {
    let sound = || Some(batch());
    let one = |name: &str, expected, version, request: &ProduceRequest| {
        Case::new(format!("Produce {name}"), expected).request(version, request)
    };
    let two = |request: ProduceRequest| {
        let mut request = request;
        let again = request.topic_data[0].clone();
        request.topic_data.push(again);
        request
    };
    let mut cases = vec![
        one("that is sound, v3", "NONE", 3, &produce(TARGET, 0, sound(), -1)),
        one("that is sound, v12", "NONE", 12, &produce(TARGET, 0, sound(), 1)),
        one("that is sound, v13", "NONE", 13, &by_id(world.target_id, 0, sound())),
        one(
            "to an unknown topic",
            "UNKNOWN_TOPIC_OR_PARTITION",
            12,
            &produce("hostile-unknown", 0, sound(), -1),
        ),
        one("to an unknown topic, acks=0", "closed", 12, &produce("hostile-unknown", 0, sound(), 0)),
        one(
            "to a bad topic name",
            "UNKNOWN_TOPIC_OR_PARTITION",
            12,
            &produce("no/such name", 0, sound(), -1),
        ),
        one("to an empty topic name", "UNKNOWN_TOPIC_OR_PARTITION", 12, &produce("", 0, sound(), -1)),
        one(
            "to an internal topic",
            "INVALID_TOPIC_EXCEPTION",
            12,
            &produce("__consumer_offsets", 0, sound(), -1),
        ),
        one("to an unknown partition", "UNKNOWN_TOPIC_OR_PARTITION", 12, &produce(TARGET, 3, sound(), -1)),
        one("to partition -1", "UNKNOWN_TOPIC_OR_PARTITION", 12, &produce(TARGET, -1, sound(), -1)),
        one(
            "to partition i32::MAX",
            "UNKNOWN_TOPIC_OR_PARTITION",
            12,
            &produce(TARGET, i32::MAX, sound(), -1),
        ),
        one("to an unknown topic id", "UNKNOWN_TOPIC_ID", 13, &by_id(Uuid([7; 16]), 0, sound())),
        one("to the zero topic id", "UNKNOWN_TOPIC_ID", 13, &by_id(Uuid::ZERO, 0, sound())),
        one(
            "to an unknown partition by id",
            "UNKNOWN_TOPIC_OR_PARTITION",
            13,
            &by_id(world.target_id, 99, sound()),
        ),
        one("with null records", "INVALID_RECORD", 12, &produce(TARGET, 0, None, -1))
            .kafka("silent", NEVER_ANSWERED),
        one("with null records, v3", "INVALID_RECORD", 3, &produce(TARGET, 0, None, -1))
            .kafka("silent", NEVER_ANSWERED),
        one("with null records, v13", "INVALID_RECORD", 13, &by_id(world.target_id, 0, None))
            .kafka("silent", NEVER_ANSWERED),
        one("with null records, acks=0", "closed", 12, &produce(TARGET, 0, None, 0))
            .kafka("silent", NEVER_ANSWERED),
        one("with empty records", "INVALID_RECORD", 12, &produce(TARGET, 0, Some(Bytes::new()), -1)),
        one("with acks=2", "INVALID_REQUIRED_ACKS", 12, &produce(TARGET, 0, sound(), 2)),
        one("with acks=-2", "INVALID_REQUIRED_ACKS", 12, &produce(TARGET, 0, sound(), -2)),
        one(
            "with acks=2 to an unknown topic",
            "UNKNOWN_TOPIC_OR_PARTITION",
            12,
            &produce("hostile-unknown", 0, sound(), 2),
        ),
        one("with acks=0", "unanswered", 12, &produce(TARGET, 0, sound(), 0)),
        one("with acks=0 and an unknown partition", "closed", 12, &produce(TARGET, 9, sound(), 0)),
        one("with a timeout of -1", "NONE", 12, &produce(TARGET, 0, sound(), 1).with_timeout_ms(-1)),
        one("with no topics", "nothing", 12, &ProduceRequest::default().with_acks(-1)),
        one("with no topics, acks=0", "unanswered", 12, &ProduceRequest::default()),
        one("to the same partition twice", "NONE, NONE", 12, &two(produce(TARGET, 1, sound(), -1)))
            .kafka("NONE", "Kafka drops one of the two batches and does not say so"),
        one(
            "over max.message.bytes",
            "MESSAGE_TOO_LARGE",
            12,
            &produce(SMALL, 0, Some(batch_with(BatchOptions::default(), 30)), -1),
        ),
        one(
            "over max.message.bytes, acks=0",
            "closed",
            12,
            &produce(SMALL, 0, Some(batch_with(BatchOptions::default(), 30)), 0),
        ),
        one("under max.message.bytes", "NONE", 12, &produce(SMALL, 0, sound(), -1)),
    ];
    let lies = body(8, &produce(TARGET, 0, sound(), -1));
    // The records' size stands before them: transactional id 2, acks 2, timeout 4, count 4, name 2 + 7, count 4, index 4.
    let at = 2 + 2 + 4 + 4 + 2 + TARGET.len() + 4 + 4;
    for (what, size) in
        [("a size over the frame", i32::MAX), ("a size of -2", -2), ("a size one too large", 1_000)]
    {
        let bytes = written(|b| {
            b.put_slice(&lies[..at]);
            b.put_i32(size);
            b.put_slice(&lies[at + 4..]);
        });
        let case = Case::new(format!("Produce whose records have {what}"), "closed").body(
            ApiKey::Produce,
            8,
            &bytes,
        );
        cases.push(if size < 0 { case.kafka("silent", NEVER_ANSWERED) } else { case });
    }
    cases
}
