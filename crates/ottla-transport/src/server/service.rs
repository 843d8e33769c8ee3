//! What a server serves: a frame in, an answer out, now or later.
//!
//! Frames are opaque here but for the API key that each starts with; decoding is the service's.

use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use ottla_protocol::wire::Chunk;

use crate::{FileSource, Peer};

/// Answers the requests of a [`Server`](crate::Server)'s connections.
pub trait Service: Send + Sync + 'static {
    /// File ranges in its answers; [`NoFile`](ottla_protocol::wire::NoFile) if there are none.
    type File: FileSource;
    /// What it keeps for each connection. Dropped when the connection ends.
    type Session: Send + 'static;

    /// Begins a connection.
    fn connect(&self, peer: &Peer) -> Self::Session;

    /// Takes one request: the whole frame without its size prefix, at least 8 bytes (API key, API
    /// version, correlation id).
    ///
    /// Requests of one connection are called in the order they came in, and answered in it.
    /// What must happen in order happens before this returns; a reply that it leaves pending
    /// is only polled once all earlier ones of the connection are answered, so its work must be
    /// under way by itself. This runs on the connection's own task: it must not block.
    fn call(&self, session: &mut Self::Session, frame: Bytes) -> Call<Self::File>;

    /// Whether a request may be called before earlier ones, which all allowed it with
    /// [`Call::Pending`]'s `overlap`, are answered. Otherwise it waits for all of them.
    ///
    /// By default, `Produce` requests (API key 0) overlap each other and nothing else does.
    fn overlaps(&self, frame: &[u8]) -> bool {
        frame.starts_with(&[0, 0])
    }
}

/// The outcome of a request, now or later.
pub enum Call<F> {
    /// It is done.
    Ready(Outcome<F>),
    /// It waits for something: a disk, another request, time.
    Pending {
        /// Ends with the outcome. Dropped unfinished when the connection ends.
        reply: Pin<Box<dyn Future<Output = Outcome<F>> + Send>>,
        /// Whether requests that [overlap](Service::overlaps) may be called meanwhile.
        overlap: bool,
    },
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Outcome<F> {
    /// It is answered with these bytes: a whole frame with its size prefix.
    Respond(Vec<Chunk<F>>),
    /// It has no answer, as a `Produce` with `acks=0` has none.
    Silent,
    /// The connection is closed once earlier requests are answered, for this reason.
    Close(String),
}

impl<F> fmt::Debug for Call<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(_) => f.write_str("Ready(..)"),
            Self::Pending { overlap, .. } => {
                f.debug_struct("Pending").field("overlap", overlap).finish_non_exhaustive()
            }
        }
    }
}
