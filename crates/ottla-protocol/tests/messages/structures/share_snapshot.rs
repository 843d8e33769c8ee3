// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ShareSnapshot` out of random bytes.

use ottla_protocol::internal::share_snapshot;

use crate::source::Source;

pub(crate) fn share_snapshot_key(s: &mut Source<'_>, _version: i16) -> share_snapshot::ShareSnapshotKey {
    let mut value = share_snapshot::ShareSnapshotKey::default();
    value.group_id = s.string("group_id");
    value.topic_id = s.uuid("topic_id");
    value.partition = s.int32("partition");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_snapshot_value(s: &mut Source<'_>, version: i16) -> share_snapshot::ShareSnapshotValue {
    let mut value = share_snapshot::ShareSnapshotValue::default();
    value.snapshot_epoch = s.int32("snapshot_epoch");
    value.state_epoch = s.int32("state_epoch");
    value.leader_epoch = s.int32("leader_epoch");
    value.start_offset = s.int64("start_offset");
    value.delivery_complete_count = s.int32("delivery_complete_count");
    value.create_timestamp = s.int64("create_timestamp");
    value.write_timestamp = s.int64("write_timestamp");
    value.state_batches = s.array(|s| state_batch(s, version));
    value.unknown_tags = s.tags();
    value
}

fn state_batch(s: &mut Source<'_>, _version: i16) -> share_snapshot::StateBatch {
    let mut value = share_snapshot::StateBatch::default();
    value.first_offset = s.int64("first_offset");
    value.last_offset = s.int64("last_offset");
    value.delivery_state = s.int8("delivery_state");
    value.delivery_count = s.int16("delivery_count");
    value.unknown_tags = s.tags();
    value
}
