//! Metrics that clients push to the broker (KIP-714), for who embeds it.
//!
//! Which metrics a client is to push, and how often, is said by subscriptions: configurations of type client-metrics,
//! set by `IncrementalAlterConfigs` or Kafka's `kafka-client-metrics`. A broker asks its clients for metrics only when
//! it has a [`Receiver`] to hand them to, which [`Builder::telemetry`](crate::Builder::telemetry) sets. What a client
//! may do when is decided in `instances`; the bytes are OpenTelemetry's, see [`Push::points`].

pub(crate) mod instances;
mod otlp;
pub(crate) mod subscriptions;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use ottla_protocol::wire::{Str, Uuid};

use crate::broker::Session;
use crate::config::BrokerConfig;
use crate::config::client_match::Attribute;
use instances::Instances;

pub use otlp::{MalformedMetrics, Number, Point, PointKind};

/// Gets the metrics that clients push.
///
/// # Examples
/// ```
/// # use std::sync::Arc;
/// use ottla_broker::telemetry::{Push, Receiver};
///
/// /// Prints what it gets. A closure is a receiver too.
/// struct Printer;
///
/// impl Receiver for Printer {
///     fn receive(&self, push: Push) {
///         for point in push.points().unwrap_or_default() {
///             println!("{} {} {:?}", push.client().instance_id(), point.name, point.value);
///         }
///     }
/// }
/// let receiver: Arc<dyn Receiver> = Arc::new(Printer);
/// ```
pub trait Receiver: Send + Sync + 'static {
    /// Takes one push. It is called where the request is handled, which waits for it: hand on what takes long.
    fn receive(&self, push: Push);
}

impl<F: Fn(Push) + Send + Sync + 'static> Receiver for F {
    fn receive(&self, push: Push) {
        self(push);
    }
}

/// What a client has pushed.
#[derive(Clone, Debug)]
pub struct Push {
    client: Arc<Client>,
    is_terminating: bool,
    payload: Bytes,
}

impl Push {
    /// Who it is from.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the client is about to stop, and this its last push.
    pub fn is_terminating(&self) -> bool {
        self.is_terminating
    }

    /// The metrics as they came, no longer compressed: `MetricsData` of OTLP v1, in Protocol Buffers.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// The measured values. Gauges and sums, which are all that Kafka's clients push; what is of another kind is in the
    /// [`payload`](Self::payload) alone.
    ///
    /// # Errors
    /// The payload is not what it ought to be; clients are not trusted to send what they say.
    pub fn points(&self) -> Result<Vec<Point<'_>>, MalformedMetrics> {
        otlp::points(&self.payload)
    }
}

/// What is known of a client that pushes metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    instance_id: String,
    client_id: Str,
    software: Option<(Str, Str)>,
    address: Option<SocketAddr>,
    ip: String,
    port: String,
}

impl Client {
    pub(crate) fn new(instance_id: Uuid, client_id: &Str, session: &Session) -> Self {
        let address = session.address();
        // Copies: what is kept must not hold on to the frame that it came in.
        Self {
            instance_id: instance_id.to_string(),
            client_id: Str::from(client_id.to_string()),
            software: session.software().cloned(),
            address,
            ip: address.map(|address| address.ip().to_string()).unwrap_or_default(),
            port: address.map(|address| address.port().to_string()).unwrap_or_default(),
        }
    }

    /// The id of this one client for as long as it runs, in Kafka's text form; the broker gives it out.
    pub fn instance_id(&self) -> &str {
        &self.instance_id
    }

    /// Its `client.id`; empty for none.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// What the client says it is built on, such as `apache-kafka-java`.
    pub fn software_name(&self) -> &str {
        self.software.as_ref().map_or(UNKNOWN, |(name, _)| name)
    }

    /// The version of that.
    pub fn software_version(&self) -> &str {
        self.software.as_ref().map_or(UNKNOWN, |(_, version)| version)
    }

    /// Where it is; `None` for one in the same process or on a Unix socket.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    pub(crate) fn attribute(&self, attribute: Attribute) -> &str {
        match attribute {
            Attribute::InstanceId => &self.instance_id,
            Attribute::ClientId => &self.client_id,
            Attribute::SoftwareName => self.software_name(),
            Attribute::SoftwareVersion => self.software_version(),
            Attribute::SourceAddress => &self.ip,
            Attribute::SourcePort => &self.port,
        }
    }
}

/// What is said of a client that did not say what it is.
const UNKNOWN: &str = "unknown";

/// The metrics of clients, where the broker has somebody to hand them to.
pub(crate) struct Telemetry {
    receiver: Arc<dyn Receiver>,
    /// The largest push (`telemetry.max.bytes`), as it comes and as it is unpacked.
    pub(crate) bytes_max: i32,
    instances: Mutex<Instances>,
}

impl Telemetry {
    pub(crate) fn new(receiver: Arc<dyn Receiver>, config: &BrokerConfig) -> Self {
        let bytes_max = config.number("telemetry.max.bytes");
        Self { receiver, bytes_max, instances: Mutex::new(Instances::new(bytes_max)) }
    }

    pub(crate) fn instances(&self) -> MutexGuard<'_, Instances> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn hand_over(&self, client: Arc<Client>, is_terminating: bool, payload: Bytes) {
        self.receiver.receive(Push { client, is_terminating, payload });
    }
}
