// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `RemoteLogMetadata` out of random bytes.

use ottla_protocol::internal::remote_log_metadata;

use crate::source::Source;

pub(crate) fn remote_log_segment_metadata_record(
    s: &mut Source<'_>,
    version: i16,
) -> remote_log_metadata::RemoteLogSegmentMetadataRecord {
    let mut value = remote_log_metadata::RemoteLogSegmentMetadataRecord::default();
    value.remote_log_segment_id = remote_log_segment_id_entry(s, version);
    value.start_offset = s.int64("start_offset");
    value.end_offset = s.int64("end_offset");
    value.broker_id = s.int32("broker_id");
    value.max_timestamp_ms = s.int64("max_timestamp_ms");
    value.event_timestamp_ms = s.int64("event_timestamp_ms");
    value.segment_leader_epochs = s.array(|s| segment_leader_epoch_entry(s, version));
    value.segment_size_in_bytes = s.int32("segment_size_in_bytes");
    value.custom_metadata = s.nullable(true, |s| s.bytes("custom_metadata"));
    value.remote_log_segment_state = s.int8("remote_log_segment_state");
    value.txn_index_empty = s.bool("txn_index_empty");
    value.unknown_tags = s.tags();
    value
}

fn remote_log_segment_id_entry(
    s: &mut Source<'_>,
    version: i16,
) -> remote_log_metadata::RemoteLogSegmentIdEntry {
    let mut value = remote_log_metadata::RemoteLogSegmentIdEntry::default();
    value.topic_id_partition = topic_id_partition_entry(s, version);
    value.id = s.uuid("id");
    value.unknown_tags = s.tags();
    value
}

fn topic_id_partition_entry(s: &mut Source<'_>, _version: i16) -> remote_log_metadata::TopicIdPartitionEntry {
    let mut value = remote_log_metadata::TopicIdPartitionEntry::default();
    value.name = s.string("name");
    value.id = s.uuid("id");
    value.partition = s.int32("partition");
    value.unknown_tags = s.tags();
    value
}

fn segment_leader_epoch_entry(
    s: &mut Source<'_>,
    _version: i16,
) -> remote_log_metadata::SegmentLeaderEpochEntry {
    let mut value = remote_log_metadata::SegmentLeaderEpochEntry::default();
    value.leader_epoch = s.int32("leader_epoch");
    value.offset = s.int64("offset");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn remote_log_segment_metadata_update_record(
    s: &mut Source<'_>,
    version: i16,
) -> remote_log_metadata::RemoteLogSegmentMetadataUpdateRecord {
    let mut value = remote_log_metadata::RemoteLogSegmentMetadataUpdateRecord::default();
    value.remote_log_segment_id = remote_log_segment_id_entry(s, version);
    value.broker_id = s.int32("broker_id");
    value.event_timestamp_ms = s.int64("event_timestamp_ms");
    value.custom_metadata = s.nullable(true, |s| s.bytes("custom_metadata"));
    value.remote_log_segment_state = s.int8("remote_log_segment_state");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn remote_partition_delete_metadata_record(
    s: &mut Source<'_>,
    version: i16,
) -> remote_log_metadata::RemotePartitionDeleteMetadataRecord {
    let mut value = remote_log_metadata::RemotePartitionDeleteMetadataRecord::default();
    value.topic_id_partition = topic_id_partition_entry(s, version);
    value.broker_id = s.int32("broker_id");
    value.event_timestamp_ms = s.int64("event_timestamp_ms");
    value.remote_partition_delete_state = s.int8("remote_partition_delete_state");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn remote_log_segment_metadata_snapshot_record(
    s: &mut Source<'_>,
    version: i16,
) -> remote_log_metadata::RemoteLogSegmentMetadataSnapshotRecord {
    let mut value = remote_log_metadata::RemoteLogSegmentMetadataSnapshotRecord::default();
    value.segment_id = s.uuid("segment_id");
    value.start_offset = s.int64("start_offset");
    value.end_offset = s.int64("end_offset");
    value.broker_id = s.int32("broker_id");
    value.max_timestamp_ms = s.int64("max_timestamp_ms");
    value.event_timestamp_ms = s.int64("event_timestamp_ms");
    value.segment_leader_epochs = s.array(|s| segment_leader_epoch_entry(s, version));
    value.segment_size_in_bytes = s.int32("segment_size_in_bytes");
    value.custom_metadata = s.nullable(true, |s| s.bytes("custom_metadata"));
    value.remote_log_segment_state = s.int8("remote_log_segment_state");
    value.txn_index_empty = s.bool("txn_index_empty");
    value.unknown_tags = s.tags();
    value
}
