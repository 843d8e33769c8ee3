// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Any structure that is no message, made out of random bytes by [`Source`](super::source::Source).

use super::data::Visitor;

mod consumer_protocol;
mod group_metadata;
mod legacy_offset_commit;
mod offset_commit;

/// Shows the visitor every one of them.
pub(crate) fn visit(visitor: &mut impl Visitor) {
    visitor.visit(legacy_offset_commit::legacy_offset_commit_key);
    visitor.visit(legacy_offset_commit::legacy_offset_commit_value);
    visitor.visit(offset_commit::offset_commit_key);
    visitor.visit(offset_commit::offset_commit_value);
    visitor.visit(group_metadata::group_metadata_key);
    visitor.visit(group_metadata::group_metadata_value);
    visitor.visit(consumer_protocol::consumer_protocol_subscription);
    visitor.visit(consumer_protocol::consumer_protocol_assignment);
}
