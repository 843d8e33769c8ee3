//! A message, a service and a world for the tests beside this file.

use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;
use ottla_env::{Env, FixedSeeds, ManualClock};
use ottla_protocol::wire::{Chunk, DecodeError, EncodeError, NoFile, Reader, Sink};
use ottla_protocol::{ApiKey, Encode, Message, Request};
use ottla_transport::{
    Address, Call, ClientConnection, ClientConnectionConfig, Connector, MemoryNetwork, Outcome, Peer, Server,
    ServerConfig, Service, Stream, TokioSpawn,
};
use tokio::io::AsyncReadExt;
use tokio::sync::oneshot;

/// A request of a few bytes that is answered with bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask(pub(crate) Bytes);

/// What answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer(pub(crate) Bytes);

macro_rules! message {
    ($type:ident) => {
        impl Message for $type {
            const API_KEY: ApiKey = ApiKey::Metadata;
            const VERSIONS: RangeInclusive<i16> = 0..=1;
            const FLEXIBLE_FROM: Option<i16> = None;
            fn decode(r: &mut Reader<'_>, _: i16) -> Result<Self, DecodeError> {
                Ok(Self(r.bytes("body")?))
            }
        }
        impl Encode for $type {
            fn encode<S: Sink<NoFile>>(&self, sink: &mut S, version: i16) -> Result<(), EncodeError> {
                Self::check_version(version)?;
                sink.bytes("body", &self.0)
            }
        }
    };
}
message!(Ask);
message!(Answer);

impl Request for Ask {
    type Response = Answer;
}

pub(crate) fn ask(body: impl Into<Bytes>) -> Ask {
    Ask(body.into())
}

/// The frame of an answer to the request in `frame`, echoing its body.
pub(crate) fn echo(frame: &Bytes) -> Vec<Chunk> {
    // Header v1 of a request: key, version, correlation id, client id as a nullable string.
    let client_id_len = i16::from_be_bytes([frame[8], frame[9]]);
    let body = frame.slice(10 + usize::try_from(client_id_len).unwrap_or(0)..);
    answer(frame, body)
}

/// A frame that answers the request in `frame` with `body`.
pub(crate) fn answer<F>(frame: &Bytes, body: Bytes) -> Vec<Chunk<F>> {
    let size = u32::try_from(4 + body.len()).unwrap().to_be_bytes();
    vec![Chunk::Bytes([&size[..], &frame[4..8]].concat().into()), Chunk::Bytes(body)]
}

/// Answers every request with what `respond` makes of it.
pub(crate) struct Serve<R>(pub(crate) R);

impl<R> Service for Serve<R>
where
    R: Fn(Bytes) -> Call<NoFile> + Send + Sync + 'static,
{
    type File = NoFile;
    type Session = ();
    fn connect(&self, _: &Peer) {}
    fn call(&self, (): &mut (), frame: Bytes) -> Call<NoFile> {
        (self.0)(frame)
    }
}

/// Answers every request with its own body, at once.
pub(crate) fn echo_service() -> impl Service<File = NoFile> {
    Serve(|frame| Call::Ready(Outcome::Respond(echo(&frame))))
}

pub(crate) fn env() -> Env {
    Env::new(Arc::new(ManualClock::new(0)), Arc::new(FixedSeeds::new(1)), Arc::new(TokioSpawn::new()))
}

/// A server on a memory network.
pub(crate) struct World {
    pub(crate) network: MemoryNetwork,
    pub(crate) address: Address,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<tokio::task::JoinHandle<()>>,
}

impl World {
    pub(crate) fn new(service: impl Service, config: ServerConfig) -> Self {
        Self::on(MemoryNetwork::perfect(), service, config)
    }

    pub(crate) fn on(network: MemoryNetwork, service: impl Service, config: ServerConfig) -> Self {
        let address: Address = "memory:server".parse().unwrap();
        let listener = network.listen(address.clone()).unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { drop(stopped.await) };
        let serving = tokio::spawn(Server::new(service, config, env()).serve(listener, shutdown));
        Self { network, address, stop: Some(stop), serving: Some(serving) }
    }

    pub(crate) async fn dial(&self) -> Stream {
        self.network.connect(&self.address).await.unwrap()
    }

    pub(crate) async fn client(&self) -> ClientConnection {
        self.client_with(ClientConnectionConfig::default()).await
    }

    pub(crate) async fn client_with(&self, config: ClientConnectionConfig) -> ClientConnection {
        ClientConnection::new(self.dial().await, config, &env())
    }

    /// Begins the drain; the handle ends with it.
    pub(crate) fn stop(&mut self) -> tokio::task::JoinHandle<()> {
        drop(self.stop.take());
        self.serving.take().unwrap()
    }
}

/// A whole request with its size prefix, as bytes: what `ask` sends, of any API.
pub(crate) fn request(api_key: u8, id: u8, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(10 + body.len()).unwrap().to_be_bytes();
    [&size[..], &[0, api_key, 0, 0, 0, 0, 0, id, 0xff, 0xff], body].concat()
}

/// The next answer on a bare stream: correlation id and body; `None` at the end of the stream.
pub(crate) async fn read_answer(stream: &mut Stream) -> Option<(i32, Bytes)> {
    let size = stream.read_u32().await.ok()?;
    let mut frame = vec![0; usize::try_from(size).unwrap()];
    stream.read_exact(&mut frame).await.ok()?;
    let id = i32::from_be_bytes(*frame.first_chunk().unwrap());
    Some((id, Bytes::from(frame).slice(4..)))
}
