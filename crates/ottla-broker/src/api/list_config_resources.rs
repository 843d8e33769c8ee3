//! `ListConfigResources` (key 74): what has a configuration.
//!
//! Topics and this broker always have one; groups and subscriptions to client metrics, while anything is set for
//! them (KIP-1142). The loggers of a broker are none of its resources here.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::list_config_resources::{
    ConfigResource, ListConfigResourcesRequest, ListConfigResourcesResponse,
};
use ottla_protocol::wire::Str;

use super::Handling;
use crate::broker::Core;
use crate::config::resource::ResourceKind;

/// The loggers of a broker, a kind that may be asked for and of which there is none.
const LOGGERS: i8 = 8;

/// Lists resources of the kinds asked for; of every kind, when none is asked for. In version 0 these are
/// subscriptions to client metrics.
pub(crate) fn handle(core: &Core, version: i16, request: &ListConfigResourcesRequest) -> Handling {
    let mut response = ListConfigResourcesResponse::default();
    let asked = &request.resource_types;
    if !asked.iter().all(|kind| *kind == LOGGERS || ResourceKind::from_wire(*kind).is_some()) {
        response.error_code = ErrorCode::UNSUPPORTED_VERSION;
        return Handling::respond(ResponseBody::ListConfigResources(response));
    }
    let is_asked = |kind: ResourceKind| match version {
        0 => kind == ResourceKind::ClientMetrics,
        _ => asked.is_empty() || asked.contains(&kind.wire_code()),
    };
    let kinds = [ResourceKind::Group, ResourceKind::ClientMetrics, ResourceKind::Broker, ResourceKind::Topic];
    for kind in kinds.into_iter().filter(|kind| is_asked(*kind)) {
        let names: Vec<Str> = match kind {
            ResourceKind::Topic => core.directory.all().iter().map(|topic| topic.name.clone()).collect(),
            ResourceKind::Broker => vec![Str::from(core.node_id.to_string())],
            ResourceKind::ClientMetrics | ResourceKind::Group => {
                core.configs.all(kind).into_iter().map(|(name, _)| name).collect()
            }
        };
        response.config_resources.extend(names.into_iter().map(|name| {
            let mut resource = ConfigResource::default();
            resource.resource_name = name;
            resource.resource_type = kind.wire_code();
            resource
        }));
    }
    Handling::respond(ResponseBody::ListConfigResources(response))
}
