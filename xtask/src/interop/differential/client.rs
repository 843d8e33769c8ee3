//! One connection to one broker: a request goes out, and an answer comes back or does not.

use super::value::Value;
use super::wire::{self, Names};
use crate::codegen::schema::Api;
use crate::outcome::Outcome;
use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take. Kafka leaves some requests without one.
const PATIENCE: Duration = Duration::from_secs(8);

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Body(Value),
    /// The broker closed the connection.
    Closed,
    /// Nothing came.
    Silence,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(body) => write!(f, "{body}"),
            Self::Closed => f.write_str("closed"),
            Self::Silence => f.write_str("no answer"),
        }
    }
}

/// A connection that is made anew whenever the broker gave the last one up. One request at a time is on its way.
pub(super) struct Client {
    address: String,
    stream: Option<TcpStream>,
    sent: i32,
}

impl Client {
    pub(super) fn new(address: String) -> Self {
        Self { address, stream: None, sent: 0 }
    }

    /// Sends one request.
    pub(super) fn send(&mut self, api: &Api, version: i16, body: &Value, names: &Names) -> Outcome {
        self.sent += 1;
        let bytes = wire::request(api, version, self.sent, body, names)?;
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(&self.address)?,
        };
        if stream.write_all(&bytes).is_ok() {
            self.stream = Some(stream);
        }
        Ok(())
    }

    /// Whether something comes back of the request within this time, be it the end of the connection.
    pub(super) fn is_answered_within(&self, time: Duration) -> Outcome<bool> {
        let Some(stream) = &self.stream else { return Ok(true) };
        stream.set_read_timeout(Some(time))?;
        let is_silent = stream.peek(&mut [0]).is_err_and(|error| is_timeout(&error));
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(!is_silent)
    }

    /// Waits for what comes of the request.
    pub(super) fn receive(&mut self, api: &Api, version: i16) -> Outcome<Answer> {
        let Some(mut stream) = self.stream.take() else { return Ok(Answer::Closed) };
        let frame = match frame(&mut stream) {
            Ok(frame) => frame,
            Err(error) if is_timeout(&error) => return Ok(Answer::Silence),
            Err(_) => return Ok(Answer::Closed),
        };
        self.stream = Some(stream);
        wire::response(api, version, self.sent, &frame).map(Answer::Body)
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn connect(address: &str) -> Outcome<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn frame(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size)).ok().filter(|size| *size <= ANSWER_BYTES_MAX);
    let mut frame = vec![0; size.ok_or(ErrorKind::InvalidData)?];
    stream.read_exact(&mut frame)?;
    Ok(frame)
}
