//! `DeleteRecords`: offsets that are none, partitions that are none, and the same partition more than once.

use ottla::protocol::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use ottla::protocol::wire::Str;

use super::Case;
use super::world::{COMPACT, FRONT};

/// Asks for the deletion of all records below an offset.
pub(super) fn below(topic: &'static str, partitions: &[(i32, i64)]) -> DeleteRecordsRequest {
    let partitions = partitions.iter().map(|(index, offset)| {
        DeleteRecordsPartition::default().with_partition_index(*index).with_offset(*offset)
    });
    let topic =
        DeleteRecordsTopic::default().with_name(Str::from(topic)).with_partitions(partitions.collect());
    DeleteRecordsRequest::default().with_topics(vec![topic]).with_timeout_ms(30_000)
}

pub(super) fn cases() -> Vec<Case> {
    let of = |name: &str, expected, version, partitions: &[(i32, i64)]| {
        Case::new(format!("DeleteRecords {name}"), expected).request(version, &below(FRONT, partitions))
    };
    let all = |name: &str, expected, request: &DeleteRecordsRequest| {
        Case::new(format!("DeleteRecords {name}"), expected).request(2, request)
    };
    let twice = {
        let mut request = below(FRONT, &[(0, 4)]);
        request.topics.extend(below(FRONT, &[(0, 3)]).topics);
        request
    };
    let mixed = {
        let mut request = below("hostile-unknown", &[(0, 0), (1, 0)]);
        request.topics.extend(below(FRONT, &[(0, 0), (7, 0)]).topics);
        request
    };
    vec![
        of("below the high watermark", "NONE 3", 2, &[(0, -1)]),
        of("below the high watermark, v0", "NONE 3", 0, &[(0, -1)]),
        of("below the end", "NONE 3", 1, &[(0, 3)]),
        of("below what is deleted", "NONE 3", 2, &[(0, 0)]),
        of("past the end", "OFFSET_OUT_OF_RANGE -1", 2, &[(0, 4)]),
        of("below i64::MAX", "OFFSET_OUT_OF_RANGE -1", 2, &[(0, i64::MAX)]),
        of("below -2", "OFFSET_OUT_OF_RANGE -1", 2, &[(0, -2)]),
        of("below i64::MIN", "OFFSET_OUT_OF_RANGE -1", 2, &[(0, i64::MIN)]),
        of("of an unknown partition", "UNKNOWN_TOPIC_OR_PARTITION -1", 2, &[(7, 0)]),
        of("of partition -1", "UNKNOWN_TOPIC_OR_PARTITION -1", 2, &[(-1, 0)]),
        of("of the same partition twice, the last time well", "NONE 3", 2, &[(0, 4), (0, 3)]),
        of(
            "of the same partition twice, the first time well",
            "OFFSET_OUT_OF_RANGE -1",
            2,
            &[(0, 3), (0, 4)],
        ),
        of("of no partitions", "nothing", 2, &[]),
        all("of the same topic twice", "NONE 3", &twice),
        all(
            "of some that are there and some that are not",
            "NONE 3, UNKNOWN_TOPIC_OR_PARTITION -1, UNKNOWN_TOPIC_OR_PARTITION -1, UNKNOWN_TOPIC_OR_PARTITION -1",
            &mixed,
        ),
        all("of an unknown topic", "UNKNOWN_TOPIC_OR_PARTITION -1", &below("hostile-unknown", &[(0, 0)])),
        all("of an empty name", "UNKNOWN_TOPIC_OR_PARTITION -1", &below("", &[(0, 0)])),
        all("of a bad name", "UNKNOWN_TOPIC_OR_PARTITION -1", &below("no/such name", &[(0, 0)])),
        all(
            "of the offsets of groups",
            "INVALID_TOPIC_EXCEPTION -1",
            &below("__consumer_offsets", &[(0, 0)]),
        ),
        all(
            "of the offsets of groups, in no partition",
            "UNKNOWN_TOPIC_OR_PARTITION -1",
            &below("__consumer_offsets", &[(9_999, 0)]),
        ),
        all("of a topic that is only compacted", "POLICY_VIOLATION -1", &below(COMPACT, &[(0, 0)])),
        all(
            "of a topic that is only compacted, past the end",
            "POLICY_VIOLATION -1",
            &below(COMPACT, &[(0, 99)]),
        ),
        all("of no topics", "nothing", &DeleteRecordsRequest::default()),
        all("with a timeout of -1", "NONE 3", &below(FRONT, &[(0, 3)]).with_timeout_ms(-1)),
    ]
}
