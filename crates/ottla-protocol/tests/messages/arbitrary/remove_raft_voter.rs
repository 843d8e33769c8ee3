// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `RemoveRaftVoter` out of random bytes.

use ottla_protocol::messages::remove_raft_voter;

use crate::source::Source;

pub(crate) fn remove_raft_voter_request(
    s: &mut Source<'_>,
    _version: i16,
) -> remove_raft_voter::RemoveRaftVoterRequest {
    let mut value = remove_raft_voter::RemoveRaftVoterRequest::default();
    value.cluster_id = s.nullable(true, |s| s.string("cluster_id"));
    value.voter_id = s.int32("voter_id");
    value.voter_directory_id = s.uuid("voter_directory_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn remove_raft_voter_response(
    s: &mut Source<'_>,
    _version: i16,
) -> remove_raft_voter::RemoveRaftVoterResponse {
    let mut value = remove_raft_voter::RemoveRaftVoterResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
