// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `OffsetCommit` out of random bytes.

use ottla_protocol::internal::offset_commit;

use crate::source::Source;

pub(crate) fn offset_commit_key(s: &mut Source<'_>, _version: i16) -> offset_commit::OffsetCommitKey {
    let mut value = offset_commit::OffsetCommitKey::default();
    value.group = s.string("group");
    value.topic = s.string("topic");
    value.partition = s.int32("partition");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn offset_commit_value(s: &mut Source<'_>, version: i16) -> offset_commit::OffsetCommitValue {
    let mut value = offset_commit::OffsetCommitValue::default();
    value.offset = s.int64("offset");
    if version >= 3 {
        value.leader_epoch = s.int32("leader_epoch");
    }
    value.metadata = s.string("metadata");
    value.commit_timestamp = s.int64("commit_timestamp");
    if (1..=1).contains(&version) {
        value.expire_timestamp = s.int64("expire_timestamp");
    }
    if version >= 4 {
        value.topic_id = s.uuid("topic_id");
    }
    value.unknown_tags = s.tags();
    value
}
