// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `LegacyOffsetCommit` out of random bytes.

use ottla_protocol::internal::legacy_offset_commit;

use crate::source::Source;

pub(crate) fn legacy_offset_commit_key(
    s: &mut Source<'_>,
    _version: i16,
) -> legacy_offset_commit::LegacyOffsetCommitKey {
    let mut value = legacy_offset_commit::LegacyOffsetCommitKey::default();
    value.group = s.string("group");
    value.topic = s.string("topic");
    value.partition = s.int32("partition");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn legacy_offset_commit_value(
    s: &mut Source<'_>,
    _version: i16,
) -> legacy_offset_commit::LegacyOffsetCommitValue {
    let mut value = legacy_offset_commit::LegacyOffsetCommitValue::default();
    value.offset = s.int64("offset");
    value.metadata = s.string("metadata");
    value.commit_timestamp = s.int64("commit_timestamp");
    value.unknown_tags = s.tags();
    value
}
