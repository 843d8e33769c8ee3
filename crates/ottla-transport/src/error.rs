//! What can go wrong between two ends of a connection, as the client side sees it.
//!
//! The server side has no error to return: it logs why it closes a connection, and serves the next.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::frame::FrameError;
use ottla_protocol::wire::{DecodeError, EncodeError};

use crate::Address;

/// Why a connection was not made, or a call had no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody could be reached at the address.
    #[error("connecting to {address}: {source}")]
    Connect {
        /// Where to.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("listening on {address}: {source}")]
    Listen {
        /// Where.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// The connector or listener serves another kind of address.
    #[error("{address} is no address for {connector}")]
    UnsupportedAddress {
        /// The address.
        address: Address,
        /// What it was given to.
        connector: &'static str,
    },
    /// The request cannot be written in this version.
    #[error("request not sent: {0}")]
    Encode(#[from] EncodeError),
    /// The answer is not what it should be.
    #[error("answer not understood: {0}")]
    Decode(#[from] DecodeError),
    /// No answer came in time. The connection is closed with it, because all later answers would
    /// wait behind this one.
    #[error("no answer within {after:?}; the request {sent}")]
    RequestTimedOut {
        /// How long it was waited for (`request.timeout.ms`).
        after: Duration,
        /// Whether the broker can have got the request.
        sent: Sent,
    },
    /// The connection ended before the answer came.
    #[error("{cause}; the request {sent}")]
    Disconnected {
        /// Why it ended.
        cause: Disconnect,
        /// Whether the broker can have got the request.
        sent: Sent,
    },
}

/// Whether a request can have reached the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Not a byte of it was written: it has surely not been done.
    No,
    /// Some of it was written: it may have been done.
    Perhaps,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::No => "was not sent",
            Self::Perhaps => "may have been sent",
        })
    }
}

/// Why a client connection ended.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Disconnect {
    /// The other side closed it.
    #[error("connection closed by the peer")]
    ClosedByPeer,
    /// This side closed it.
    #[error("connection closed")]
    ClosedHere,
    /// Another request had no answer in time.
    #[error("connection closed, because an earlier request had no answer within {after:?}")]
    RequestTimedOut {
        /// How long it was waited for.
        after: Duration,
    },
    /// The system could not read or write.
    #[error("connection lost: {0}")]
    Io(Arc<io::Error>),
    /// Answers come in the order of their requests, and this one did not.
    #[error("connection closed, because an answer had correlation id {actual} where {expected} was due")]
    WrongCorrelationId {
        /// The oldest request in flight.
        expected: i32,
        /// What the answer said.
        actual: i32,
    },
    /// An answer came that no request had asked for.
    #[error("connection closed, because of an answer to no request")]
    Unrequested,
    /// An answer is too short to have a correlation id.
    #[error("connection closed, because of an answer of {size} bytes")]
    AnswerTooShort {
        /// Its size, in bytes.
        size: usize,
    },
    /// An answer has a size that cannot be, or is over the limit.
    #[error("connection closed, because of {0}")]
    Frame(#[from] FrameError),
}

impl Error {
    /// Whether the same call could succeed later, with nothing changed but time.
    ///
    /// A request that [may have been sent](Self::sent) may then be done twice.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::RequestTimedOut { .. } => true,
            Self::Listen { .. } | Self::UnsupportedAddress { .. } | Self::Encode(_) | Self::Decode(_) => {
                false
            }
            Self::Disconnected { cause, .. } => cause.is_retriable(),
        }
    }

    /// Whether the other side can have got the request.
    pub fn sent(&self) -> Sent {
        match self {
            Self::Connect { .. }
            | Self::Listen { .. }
            | Self::UnsupportedAddress { .. }
            | Self::Encode(_) => Sent::No,
            Self::Decode(_) => Sent::Perhaps,
            Self::RequestTimedOut { sent, .. } | Self::Disconnected { sent, .. } => *sent,
        }
    }
}

impl Disconnect {
    /// Whether another connection to the same peer could do better.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::ClosedByPeer | Self::ClosedHere | Self::RequestTimedOut { .. } | Self::Io(_) => true,
            // The peer does not speak the protocol, or the limit is too low for its answer.
            Self::WrongCorrelationId { .. }
            | Self::Unrequested
            | Self::AnswerTooShort { .. }
            | Self::Frame(_) => false,
        }
    }
}
