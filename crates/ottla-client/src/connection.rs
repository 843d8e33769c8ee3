//! One connection to one broker, which knows the versions that this broker serves.
//!
//! Framing, pipelining and deadlines are in `ottla_transport`; who keeps connections is `pool`.

use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use ottla_protocol::wire::Str;
use ottla_protocol::{Message, Request};
use ottla_transport::{Address, ClientConnection, ClientConnectionConfig};
use tokio::time::Instant;

use crate::config::Config;
use crate::error::Error;
use crate::held_back::{HeldBack, Pending};
use crate::node::NodeId;
use crate::versions::ServedVersions;

/// Requests in flight on one connection; further ones wait for room. Clients that must not wait
/// keep below it.
pub(crate) const IN_FLIGHT_MAX: usize = 1_000;

/// An open connection to a broker. Clones share it; the last one dropped closes it.
#[derive(Clone, Debug)]
pub struct Connection {
    node: NodeId,
    inner: ClientConnection,
    versions: Arc<ServedVersions>,
    held_back: HeldBack,
}

impl Connection {
    /// Connects and agrees on versions.
    pub(crate) async fn open(node: NodeId, address: &Address, config: &Config) -> Result<Self, Error> {
        let limit = config.connection_setup_timeout;
        match tokio::time::timeout(limit, Self::handshake(node, address, config)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::Timeout {
                what: format!("connecting to broker {node} at {address}"),
                limit,
                last: None,
            }),
        }
    }

    async fn handshake(node: NodeId, address: &Address, config: &Config) -> Result<Self, Error> {
        let inner = dial(node, address, config).await?;
        let asked = *ApiVersionsRequest::VERSIONS.end();
        let mut answer = ask_versions(&inner, asked).await;
        let refused = match &answer {
            Ok(answer) => answer.error_code == ErrorCode::UNSUPPORTED_VERSION,
            // A broker that does not know the version answers in the form of version 0, which does
            // not read as an answer of the version asked.
            Err(error) => matches!(error, ottla_transport::Error::Decode(_)),
        };
        if refused {
            answer = ask_versions(&inner, 0).await;
        }
        let answer = answer.map_err(|source| connect_error(node, address, source))?;
        Error::check(format!("versions of broker {node}"), answer.error_code, None)?;
        Ok(Self {
            node,
            inner,
            versions: Arc::new(ServedVersions::new(&answer)),
            held_back: HeldBack::default(),
        })
    }

    /// The broker at the other end; negative while only its bootstrap address is known.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Whether it can carry no more requests.
    pub fn is_closed(&self) -> bool {
        self.inner.closed().is_some()
    }

    /// What the broker told that it serves.
    pub fn served(&self) -> &ServedVersions {
        &self.versions
    }

    /// The version that requests of type `R` are sent in.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if broker and client have none in common.
    pub fn version<R: Request>(&self) -> Result<i16, Error> {
        self.version_at_most::<R>(i16::MAX)
    }

    /// As [`version`](Self::version), and no higher than `limit`, for what a higher one cannot carry.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if broker and client have none in common up to `limit`.
    pub fn version_at_most<R: Request>(&self, limit: i16) -> Result<i16, Error> {
        let chosen = self.versions.choose_at_most::<R>(limit);
        chosen.ok_or(Error::Unsupported { node: self.node, api: R::API_KEY })
    }

    /// Until when requests are held back because of a quota (KIP-219), if they are.
    pub fn held_back_until(&self) -> Option<Instant> {
        self.held_back.until()
    }

    /// Sends `request` and waits for its answer. While requests are held back because of a quota, it
    /// waits before it sends.
    ///
    /// # Errors
    /// [`Error::Unsupported`] before anything is sent, [`Error::Connection`] when the connection
    /// failed or the answer took longer than `request.timeout.ms`.
    ///
    /// # Cancel safety
    /// Cancel safe for the connection, whose later answers still find their requests. The request
    /// itself may have been sent and may be served.
    pub async fn call<R: Request>(&self, request: &R) -> Result<R::Response, Error> {
        let version = self.version::<R>()?;
        self.call_version(request, version).await
    }

    /// As [`call`](Self::call), in a version chosen with [`version_at_most`](Self::version_at_most).
    ///
    /// # Errors
    /// As [`call`](Self::call).
    ///
    /// # Cancel safety
    /// As [`call`](Self::call).
    pub async fn call_version<R: Request>(&self, request: &R, version: i16) -> Result<R::Response, Error> {
        self.send(request, version).await?.await
    }

    /// As [`call_version`](Self::call_version), for a request that the broker holds on purpose: its answer may take
    /// as long as `patience`.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    ///
    /// # Cancel safety
    /// As [`call`](Self::call).
    pub async fn call_within<R: Request>(
        &self,
        request: &R,
        version: i16,
        patience: Duration,
    ) -> Result<R::Response, Error> {
        let failed = |source| Error::connection(self.node, source);
        self.inner.send_within(request, version, patience).await.map_err(failed)?.await.map_err(failed)
    }

    /// Queues `request` in call order, without waiting for its answer; waits only while a thousand
    /// requests are in flight, or while they are held back because of a quota.
    ///
    /// # Errors
    /// [`Error::Connection`] if the connection is closed or the request cannot be encoded.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it returns, nothing is sent.
    pub async fn send<R: Request>(&self, request: &R, version: i16) -> Result<Pending<R>, Error> {
        self.held_back.over().await;
        let sent = self.inner.send(request, version).await;
        let answer = sent.map_err(|source| Error::connection(self.node, source))?;
        Ok(Pending::new(self.node, answer, self.held_back.clone()))
    }

    /// Queues a request that is never answered: `Produce` with `acks=0`.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it returns, nothing is sent.
    pub async fn send_oneway<R: Request>(&self, request: &R, version: i16) -> Result<(), Error> {
        self.held_back.over().await;
        self.inner.send_oneway(request, version).await.map_err(|source| Error::connection(self.node, source))
    }
}

async fn dial(node: NodeId, address: &Address, config: &Config) -> Result<ClientConnection, Error> {
    let stream = config.connector().connect(address).await;
    let stream = stream.map_err(|source| connect_error(node, address, source))?;
    let mut settings = ClientConnectionConfig::default()
        .with_request_timeout(config.request_timeout)
        .with_frame_bytes_max(config.response_bytes_max)
        .with_in_flight_max(IN_FLIGHT_MAX);
    if !config.client_id.is_empty() {
        settings = settings.with_client_id(config.client_id.as_str());
    }
    Ok(ClientConnection::new(stream, settings, config.env()))
}

async fn ask_versions(
    connection: &ClientConnection,
    version: i16,
) -> Result<ApiVersionsResponse, ottla_transport::Error> {
    let mut request = ApiVersionsRequest::default();
    if version >= 3 {
        request.client_software_name = Str::from("ottla");
        request.client_software_version = Str::from(env!("CARGO_PKG_VERSION"));
    }
    connection.call(&request, version).await
}

fn connect_error(node: NodeId, address: &Address, source: ottla_transport::Error) -> Error {
    Error::Connect { node, address: address.to_string(), source: Arc::new(source) }
}

/// How long a bootstrap or metadata attempt is waited for before the next server is tried as well.
pub(crate) const PATIENCE: Duration = Duration::from_millis(500);
