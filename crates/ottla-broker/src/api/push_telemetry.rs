//! `PushTelemetry` (key 72): a client hands in its metrics (KIP-714).
//!
//! Served where the broker has somebody to hand them to. When a client may push is in [`crate::telemetry`].

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::push_telemetry::{PushTelemetryRequest, PushTelemetryResponse};
use ottla_protocol::records::{BatchError, Compression};
use ottla_protocol::wire::Str;

use super::Handling;
use super::get_telemetry_subscriptions::keep_up;
use crate::broker::{Core, Session};
use crate::coordinator::shard::now;
use crate::telemetry::Telemetry;
use crate::telemetry::instances::Asking;

/// Hands the metrics of a client on.
pub(crate) fn handle(
    core: &Core,
    session: &Session,
    client_id: Option<&Str>,
    request: PushTelemetryRequest,
) -> Handling {
    let mut response = PushTelemetryResponse::default();
    let taken = match &core.telemetry {
        Some(telemetry) => take(core, telemetry, session, client_id, request),
        None => Err(ErrorCode::UNSUPPORTED_VERSION),
    };
    response.error_code = taken.err().unwrap_or(ErrorCode::NONE);
    Handling::respond(ResponseBody::PushTelemetry(response))
}

fn take(
    core: &Core,
    telemetry: &Telemetry,
    session: &Session,
    client_id: Option<&Str>,
    request: PushTelemetryRequest,
) -> Result<(), ErrorCode> {
    let id = request.client_instance_id;
    let client = || session.telemetry_client(id, client_id);
    let (client, codec) = {
        let mut instances = telemetry.instances();
        keep_up(core, &mut instances);
        let asking = Asking { id, client: &client, connection: session.connection(), now: now() };
        instances.push(asking, &request)?
    };
    if request.metrics.is_empty() {
        return Ok(());
    }
    let limit = usize::try_from(telemetry.bytes_max).unwrap_or_default();
    let metrics = unpacked(codec, request.metrics, limit);
    let metrics = metrics.inspect_err(|code| telemetry.instances().failed(id, *code))?;
    telemetry.hand_over(client, request.terminating, metrics);
    Ok(())
}

/// The metrics as they were before they were packed. A client that is told `INVALID_RECORD` never pushes again, so one
/// whose metrics are too many is told that.
fn unpacked(codec: Compression, metrics: Bytes, limit: usize) -> Result<Bytes, ErrorCode> {
    match codec {
        Compression::None => Ok(metrics),
        codec => codec.unpack(&metrics, limit).map(Bytes::from).map_err(|error| match error {
            BatchError::DecompressedTooLarge { .. } => ErrorCode::TELEMETRY_TOO_LARGE,
            _ => ErrorCode::INVALID_RECORD,
        }),
    }
}
