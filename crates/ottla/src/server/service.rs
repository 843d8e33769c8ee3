//! Frames to requests, responses to frames: the broker core as the transport's service.
//!
//! A frame that cannot be read closes its connection, as Kafka does; what a request means is the broker's.

use bytes::Bytes;
use ottla_broker::{Broker, Handling, Reply, Session};
use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::decode_request_body;
use ottla_protocol::wire::{DecodeError, DecodeLimits};
use ottla_protocol::{frame, header};
use ottla_transport::{Call, Outcome, Peer, Service};

use super::faults::{Loss, RequestFaults};
use super::file_range::SegmentRange;
use super::listeners::Listeners;

/// A broker on its listeners.
pub(crate) struct BrokerService {
    broker: Broker,
    listeners: Listeners,
    limits: DecodeLimits,
    faults: RequestFaults,
}

impl BrokerService {
    pub(crate) fn new(broker: Broker, listeners: Listeners, faults: RequestFaults) -> Self {
        Self { broker, listeners, limits: DecodeLimits::default(), faults }
    }

    /// Reads a frame and hands on what it asks for.
    fn begin(&self, session: &mut Session, frame: Bytes) -> Result<(Answer, Handling), DecodeError> {
        let (header, body) = header::decode_request(frame, &self.limits)?;
        let Some(api) = ApiKey::from_i16(header.api_key) else {
            return Err(DecodeError::UnknownApiKey {
                api_key: header.api_key,
                api_version: header.api_version,
            });
        };
        let loss = self.faults.of(api);
        let answer = Answer {
            api,
            version: header.api_version,
            correlation_id: header.correlation_id,
            is_lost: loss == Some(Loss::Answer),
        };
        if loss == Some(Loss::Request) {
            return Ok((answer, Handling::Now(Reply::Close("a test loses this request".to_owned()))));
        }
        let decoded = match decode_request_body(&header, &body, &self.limits) {
            // As Kafka does: what follows a whole request in its frame is not looked at.
            Err(DecodeError::LeftOver { extra }) => {
                let whole = body.slice(..body.len().saturating_sub(extra));
                decode_request_body(&header, &whole, &self.limits)
            }
            decoded => decoded,
        };
        match decoded {
            Ok(body) => Ok((answer, self.broker.handle(session, &header, body))),
            // Only ApiVersions has an answer here: version 0 of it, which every client can read.
            Err(DecodeError::UnsupportedVersion { .. }) => {
                Ok((Answer { version: 0, ..answer }, Handling::Now(self.broker.refuse(&header))))
            }
            Err(error) => Err(error),
        }
    }
}

/// What a response needs to know of its request.
#[derive(Clone, Copy)]
struct Answer {
    api: ApiKey,
    version: i16,
    correlation_id: i32,
    /// A test loses it on its way.
    is_lost: bool,
}

impl Answer {
    /// The frame of a reply.
    fn outcome(self, reply: Reply) -> Outcome<SegmentRange> {
        match reply {
            Reply::Respond(_) | Reply::Silent if self.is_lost => {
                Outcome::Close("a test loses this answer".to_owned())
            }
            Reply::Respond(body) => {
                match frame::encode_response(self.api, self.version, self.correlation_id, &body) {
                    Ok(chunks) => Outcome::Respond(SegmentRange::chunks(chunks)),
                    Err(error) => Outcome::Close(format!("the response cannot be encoded: {error}")),
                }
            }
            Reply::Silent => Outcome::Silent,
            Reply::Close(reason) => Outcome::Close(reason),
        }
    }
}

impl Service for BrokerService {
    type File = SegmentRange;
    type Session = Session;

    fn connect(&self, peer: &Peer) -> Session {
        let session = self.broker.session(self.listeners.of(peer));
        match peer.socket() {
            Some(address) => session.with_client_socket(address),
            None => session,
        }
    }

    fn call(&self, session: &mut Session, frame: Bytes) -> Call<SegmentRange> {
        match self.begin(session, frame) {
            Ok((answer, Handling::Now(reply))) => Call::Ready(answer.outcome(reply)),
            Ok((answer, Handling::Later { reply, overlap })) => {
                let reply = Box::pin(async move { answer.outcome(reply.await) });
                Call::Pending { reply, overlap }
            }
            Err(error) => Call::Ready(Outcome::Close(error.to_string())),
        }
    }
}
