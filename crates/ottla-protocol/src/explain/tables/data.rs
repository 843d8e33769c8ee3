// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! The tables of structures that are no messages.

pub(in crate::explain) mod consumer_group_current_member_assignment;
pub(in crate::explain) mod consumer_group_member_metadata;
pub(in crate::explain) mod consumer_group_metadata;
pub(in crate::explain) mod consumer_group_partition_metadata;
pub(in crate::explain) mod consumer_group_regular_expression;
pub(in crate::explain) mod consumer_group_target_assignment_member;
pub(in crate::explain) mod consumer_group_target_assignment_metadata;
pub(in crate::explain) mod consumer_protocol;
pub(in crate::explain) mod group_metadata;
pub(in crate::explain) mod legacy_offset_commit;
pub(in crate::explain) mod offset_commit;
pub(in crate::explain) mod producer_snapshot;
pub(in crate::explain) mod remote_log_metadata;
pub(in crate::explain) mod share_group_current_member_assignment;
pub(in crate::explain) mod share_group_member_metadata;
pub(in crate::explain) mod share_group_metadata;
pub(in crate::explain) mod share_group_state_partition_metadata;
pub(in crate::explain) mod share_group_target_assignment_member;
pub(in crate::explain) mod share_group_target_assignment_metadata;
pub(in crate::explain) mod share_snapshot;
pub(in crate::explain) mod share_update;
pub(in crate::explain) mod streams_group_current_member_assignment;
pub(in crate::explain) mod streams_group_member_metadata;
pub(in crate::explain) mod streams_group_metadata;
pub(in crate::explain) mod streams_group_target_assignment_member;
pub(in crate::explain) mod streams_group_target_assignment_metadata;
pub(in crate::explain) mod streams_group_topology;
pub(in crate::explain) mod transaction_log;
