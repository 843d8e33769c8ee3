// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `WriteTxnMarkers` out of random bytes.

use ottla_protocol::messages::write_txn_markers;

use crate::source::Source;

pub(crate) fn write_txn_markers_request(
    s: &mut Source<'_>,
    version: i16,
) -> write_txn_markers::WriteTxnMarkersRequest {
    let mut value = write_txn_markers::WriteTxnMarkersRequest::default();
    value.markers = s.array(|s| writable_txn_marker(s, version));
    value.unknown_tags = s.tags();
    value
}

fn writable_txn_marker(s: &mut Source<'_>, version: i16) -> write_txn_markers::WritableTxnMarker {
    let mut value = write_txn_markers::WritableTxnMarker::default();
    value.producer_id = s.int64("producer_id");
    value.producer_epoch = s.int16("producer_epoch");
    value.transaction_result = s.bool("transaction_result");
    value.topics = s.array(|s| writable_txn_marker_topic(s, version));
    value.coordinator_epoch = s.int32("coordinator_epoch");
    if version >= 2 {
        value.transaction_version = s.int8("transaction_version");
    }
    value.unknown_tags = s.tags();
    value
}

fn writable_txn_marker_topic(s: &mut Source<'_>, _version: i16) -> write_txn_markers::WritableTxnMarkerTopic {
    let mut value = write_txn_markers::WritableTxnMarkerTopic::default();
    value.name = s.string("name");
    value.partition_indexes = s.array(|s| s.int32("partition_indexes")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn write_txn_markers_response(
    s: &mut Source<'_>,
    version: i16,
) -> write_txn_markers::WriteTxnMarkersResponse {
    let mut value = write_txn_markers::WriteTxnMarkersResponse::default();
    value.markers = s.array(|s| writable_txn_marker_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn writable_txn_marker_result(
    s: &mut Source<'_>,
    version: i16,
) -> write_txn_markers::WritableTxnMarkerResult {
    let mut value = write_txn_markers::WritableTxnMarkerResult::default();
    value.producer_id = s.int64("producer_id");
    value.topics = s.array(|s| writable_txn_marker_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn writable_txn_marker_topic_result(
    s: &mut Source<'_>,
    version: i16,
) -> write_txn_markers::WritableTxnMarkerTopicResult {
    let mut value = write_txn_markers::WritableTxnMarkerTopicResult::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| writable_txn_marker_partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn writable_txn_marker_partition_result(
    s: &mut Source<'_>,
    _version: i16,
) -> write_txn_markers::WritableTxnMarkerPartitionResult {
    let mut value = write_txn_markers::WritableTxnMarkerPartitionResult::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
