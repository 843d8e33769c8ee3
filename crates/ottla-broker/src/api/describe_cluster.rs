//! `DescribeCluster` (key 60): this node, which is also its own controller.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::describe_cluster::{
    DescribeClusterBroker, DescribeClusterRequest, DescribeClusterResponse,
};
use ottla_protocol::wire::Str;

use super::Handling;
use super::metadata::CLUSTER_OPERATIONS;
use crate::broker::{Core, Session};

const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

/// Describes the cluster.
pub(crate) fn handle(core: &Core, session: &Session, request: &DescribeClusterRequest) -> Handling {
    let mut response = DescribeClusterResponse::default();
    let refusal = match request.endpoint_type {
        BROKERS => None,
        CONTROLLERS => Some((
            ErrorCode::MISMATCHED_ENDPOINT_TYPE,
            "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
                .to_owned(),
        )),
        other => Some((ErrorCode::UNSUPPORTED_ENDPOINT_TYPE, format!("Unsupported endpoint type {other}"))),
    };
    if let Some((code, message)) = refusal {
        response.error_code = code;
        response.error_message = Some(Str::from(message));
        return Handling::respond(ResponseBody::DescribeCluster(response));
    }
    response.cluster_id = core.cluster_id.clone();
    response.controller_id = core.node_id;
    if let Some(endpoint) = core.advertised(session) {
        let mut broker = DescribeClusterBroker::default();
        broker.broker_id = core.node_id;
        broker.host = endpoint.host.clone();
        broker.port = i32::from(endpoint.port);
        broker.rack = core.rack.clone();
        response.brokers.push(broker);
    }
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = CLUSTER_OPERATIONS;
    }
    Handling::respond(ResponseBody::DescribeCluster(response))
}
