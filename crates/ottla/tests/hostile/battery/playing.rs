//! Plays cases: connects, sends, and puts into words what comes back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ottla::protocol::frame::decode_response;
use ottla::protocol::messages::ResponseBody;
use ottla::protocol::wire::DecodeLimits;
use ottla::protocol::{Request, header};
use ottla::transport::{Address, Connector, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::making::{self, PROBE_ID};
use super::{Case, Then, summary};

/// Bytes that an answer may have.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// Talks to one broker.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    connector: Arc<dyn Connector>,
    address: Address,
    /// How long nothing must happen to be called silence.
    patience: Duration,
}

impl Player {
    pub(crate) fn new(connector: Arc<dyn Connector>, address: Address, patience: Duration) -> Self {
        Self { connector, address, patience }
    }

    /// A new connection.
    pub(crate) async fn connect(&self) -> Result<Stream, String> {
        self.connector.connect(&self.address).await.map_err(|error| error.to_string())
    }

    /// The answer to a good request, on a connection of its own.
    pub(crate) async fn call<R: Request>(&self, version: i16, request: &R) -> Result<R::Response, String> {
        let mut stream = self.connect().await?;
        self.call_on(&mut stream, version, request).await
    }

    /// The answer to a good request.
    pub(crate) async fn call_on<R: Request>(
        &self,
        stream: &mut Stream,
        version: i16,
        request: &R,
    ) -> Result<R::Response, String> {
        let bytes = making::request(version, request);
        stream.write_all(&bytes).await.map_err(|error| error.to_string())?;
        let frame = timeout(self.patience * 4, read_frame(stream)).await.map_err(|_| "no answer")?;
        let decoded = decode_response(frame.ok_or("closed")?, version, &DecodeLimits::default());
        decoded.map(|(_, response)| response).map_err(|error| error.to_string())
    }

    /// What comes of a case, in the words of [`Case::expected`].
    pub(crate) async fn play(&self, case: &Case) -> String {
        let mut stream = match self.connect().await {
            Ok(stream) => stream,
            Err(error) => return format!("no connection: {error}"),
        };
        // A broker may close before it has read everything; what it answered until then is what counts.
        let _ = send(&mut stream, case).await;
        let mut heard = Vec::new();
        let mut expected = case.answers.iter();
        loop {
            let Ok(frame) = timeout(self.patience, read_frame(&mut stream)).await else {
                heard.push("silent".to_owned());
                break;
            };
            let Some(frame) = frame else {
                heard.push("closed".to_owned());
                break;
            };
            if frame.starts_with(&PROBE_ID.to_be_bytes()) {
                heard.extend(expected.map(|_| "unanswered".to_owned()));
                break;
            }
            heard.push(match expected.next() {
                Some((api, version)) => answer(frame, *api, *version),
                None => "one answer too many".to_owned(),
            });
        }
        heard.join("; ")
    }
}

async fn send(stream: &mut Stream, case: &Case) -> std::io::Result<()> {
    let mut bytes = case.bytes.clone();
    if case.then == Then::Probe {
        bytes.extend(making::probe());
    }
    let piece = if case.slowly { 1 } else { bytes.len().max(1) };
    for piece in bytes.chunks(piece) {
        stream.write_all(piece).await?;
        stream.flush().await?;
        tokio::task::yield_now().await;
    }
    if case.then == Then::HangUp {
        stream.shutdown().await?;
    }
    Ok(())
}

/// The next answer without its size; `None` once the connection has ended.
async fn read_frame(stream: &mut Stream) -> Option<Bytes> {
    // A reset is an end as well.
    let size = usize::try_from(stream.read_i32().await.ok()?).ok()?;
    if size > ANSWER_BYTES_MAX {
        return None;
    }
    let mut frame = vec![0; size];
    stream.read_exact(&mut frame).await.ok()?;
    Some(frame.into())
}

fn answer(frame: Bytes, api: ottla::protocol::api::ApiKey, version: i16) -> String {
    let limits = DecodeLimits::default();
    let decoded = header::decode_response(frame, api, version, &limits).and_then(|(header, body)| {
        ResponseBody::decode(api, version, &body, &limits).map(|body| (header.correlation_id, body))
    });
    match decoded {
        Ok((making::CORRELATION_ID, body)) => summary::of(&body),
        Ok((other, _)) => format!("an answer to request {other}"),
        Err(error) => format!("no {api:?} response of version {version}: {error}"),
    }
}
