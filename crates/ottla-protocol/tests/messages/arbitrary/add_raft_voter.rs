// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `AddRaftVoter` out of random bytes.

use ottla_protocol::messages::add_raft_voter;

use crate::source::Source;

pub(crate) fn add_raft_voter_request(
    s: &mut Source<'_>,
    version: i16,
) -> add_raft_voter::AddRaftVoterRequest {
    let mut value = add_raft_voter::AddRaftVoterRequest::default();
    value.cluster_id = s.nullable(true, |s| s.string("cluster_id"));
    value.timeout_ms = s.int32("timeout_ms");
    value.voter_id = s.int32("voter_id");
    value.voter_directory_id = s.uuid("voter_directory_id");
    value.listeners = s.array(|s| listener(s, version));
    if version >= 1 {
        value.ack_when_committed = s.bool("ack_when_committed");
    }
    value.unknown_tags = s.tags();
    value
}

fn listener(s: &mut Source<'_>, _version: i16) -> add_raft_voter::Listener {
    let mut value = add_raft_voter::Listener::default();
    value.name = s.string("name");
    value.host = s.string("host");
    value.port = s.uint16("port");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn add_raft_voter_response(
    s: &mut Source<'_>,
    _version: i16,
) -> add_raft_voter::AddRaftVoterResponse {
    let mut value = add_raft_voter::AddRaftVoterResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
