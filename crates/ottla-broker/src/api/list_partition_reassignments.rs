//! `ListPartitionReassignments` (key 46): the moves of replicas that go on (KIP-455), which on one node are none.

use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::list_partition_reassignments::ListPartitionReassignmentsResponse;

use super::Handling;

/// Lists no move, whatever is asked for.
pub(crate) fn handle() -> Handling {
    let mut response = ListPartitionReassignmentsResponse::default();
    response.error_message = None;
    Handling::respond(ResponseBody::ListPartitionReassignments(response))
}
