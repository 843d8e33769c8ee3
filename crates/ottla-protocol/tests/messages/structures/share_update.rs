// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ShareUpdate` out of random bytes.

use ottla_protocol::internal::share_update;

use crate::source::Source;

pub(crate) fn share_update_key(s: &mut Source<'_>, _version: i16) -> share_update::ShareUpdateKey {
    let mut value = share_update::ShareUpdateKey::default();
    value.group_id = s.string("group_id");
    value.topic_id = s.uuid("topic_id");
    value.partition = s.int32("partition");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_update_value(s: &mut Source<'_>, version: i16) -> share_update::ShareUpdateValue {
    let mut value = share_update::ShareUpdateValue::default();
    value.snapshot_epoch = s.int32("snapshot_epoch");
    value.leader_epoch = s.int32("leader_epoch");
    value.start_offset = s.int64("start_offset");
    value.delivery_complete_count = s.int32("delivery_complete_count");
    value.state_batches = s.array(|s| state_batch(s, version));
    value.unknown_tags = s.tags();
    value
}

fn state_batch(s: &mut Source<'_>, _version: i16) -> share_update::StateBatch {
    let mut value = share_update::StateBatch::default();
    value.first_offset = s.int64("first_offset");
    value.last_offset = s.int64("last_offset");
    value.delivery_state = s.int8("delivery_state");
    value.delivery_count = s.int16("delivery_count");
    value.unknown_tags = s.tags();
    value
}
