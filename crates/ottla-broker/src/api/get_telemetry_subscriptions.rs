//! `GetTelemetrySubscriptions` (key 71): which of its metrics a client is to push, and how often (KIP-714).
//!
//! Served where the broker has somebody to hand metrics to. When a client may ask is in [`crate::telemetry`].

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::get_telemetry_subscriptions::{
    GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
};
use ottla_protocol::records::Compression;
use ottla_protocol::wire::{Str, Uuid};

use super::Handling;
use crate::broker::{Core, Session};
use crate::coordinator::shard::now;
use crate::telemetry::instances::{Asking, Instances};
use crate::telemetry::subscriptions::Subscriptions;

/// Codecs in which metrics are taken, the best first.
const CODECS: [Compression; 4] =
    [Compression::Zstd, Compression::Lz4, Compression::Gzip, Compression::Snappy];

/// Tells a client what to push.
pub(crate) fn handle(
    core: &Core,
    session: &Session,
    client_id: Option<&Str>,
    request: &GetTelemetrySubscriptionsRequest,
) -> Handling {
    let mut response = GetTelemetrySubscriptionsResponse::default();
    let Some(telemetry) = &core.telemetry else {
        response.error_code = ErrorCode::UNSUPPORTED_VERSION;
        return Handling::respond(ResponseBody::GetTelemetrySubscriptions(response));
    };
    let mut instances = telemetry.instances();
    let given = Some(request.client_instance_id).filter(|id| !id.is_zero());
    let id = given.unwrap_or_else(|| new_id(core, &instances));
    keep_up(core, &mut instances);
    let client = || session.telemetry_client(id, client_id);
    let asking = Asking { id, client: &client, connection: session.connection(), now: now() };
    match instances.get(asking) {
        Ok(wanted) => {
            response.client_instance_id = id;
            response.subscription_id = wanted.id;
            response.requested_metrics = wanted.metrics;
            response.push_interval_ms = wanted.interval_ms;
            response.telemetry_max_bytes = telemetry.bytes_max;
            response.delta_temporality = true;
            let codecs = CODECS.into_iter().filter(|codec| codec.is_enabled());
            response.accepted_compression_types = codecs.map(|codec| codec.id().cast_signed()).collect();
        }
        Err(code) => response.error_code = code,
    }
    Handling::respond(ResponseBody::GetTelemetrySubscriptions(response))
}

/// Has the clients follow the subscriptions, where these were changed.
pub(super) fn keep_up(core: &Core, instances: &mut Instances) {
    if instances.version() != core.configs.subscriptions_version() {
        instances.subscribe(Subscriptions::new(&core.configs));
    }
}

fn new_id(core: &Core, instances: &Instances) -> Uuid {
    let mut rng = core.env.rng();
    loop {
        let mut id = Uuid::ZERO;
        rng.fill(&mut id.0);
        // A random UUID in the form of RFC 4122, as Java makes them.
        id.0[6] = id.0[6] & 0x0f | 0x40;
        id.0[8] = id.0[8] & 0x3f | 0x80;
        if !instances.is_taken(id) {
            return id;
        }
    }
}
