//! Bytes that end a connection: what was wrong with them, and what they look like.

use std::fmt;

/// The shortest request header: API key, API version, correlation id.
pub(crate) const HEADER_BYTES_MIN: usize = 8;

/// Numbers far above any API key or version that Kafka has given out; bytes that say more are
/// something else.
const API_KEY_MAX: i16 = 1_023;
const API_VERSION_MAX: i16 = 255;
/// The API by which a client finds out what is served: any version of it is answered (KIP-511).
const API_VERSIONS: i16 = 18;

/// Why the bytes of a client cannot be requests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Violation {
    #[error("no Kafka client: {0}")]
    AnotherProtocol(Looks),
    #[error("request of {size} bytes exceeds socket.request.max.bytes of {limit} bytes")]
    FrameTooLarge { size: u32, limit: usize },
    #[error("request of negative size {size}")]
    NegativeSize { size: i32 },
    #[error("request of {size} bytes is too short for a request header")]
    FrameTooShort { size: u32 },
    #[error("api key {api_key}, version {api_version} is no Kafka request")]
    NoRequestHeader { api_key: i16, api_version: i16 },
}

/// What the first bytes of a connection look like, if they are not Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looks {
    Http,
    Tls,
    Ssh,
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "looks like an HTTP request",
            Self::Tls => "looks like a TLS handshake, and this is a plaintext listener",
            Self::Ssh => "looks like an SSH client",
        })
    }
}

impl Looks {
    /// Judges the first four bytes, which for Kafka would be the size of the first request.
    fn at(start: [u8; 4]) -> Option<Self> {
        match &start {
            b"GET " | b"POST" | b"HEAD" | b"PUT " | b"DELE" | b"OPTI" | b"PATC" | b"CONN" | b"TRAC"
            | b"PRI " => Some(Self::Http),
            [0x16, 0x03, 0x00..=0x04, _] => Some(Self::Tls),
            b"SSH-" => Some(Self::Ssh),
            _ => None,
        }
    }
}

/// The size of the frame that starts with `prefix`.
///
/// # Errors
/// A size that no request has, or over the limit. At the start of a connection also bytes that are
/// another protocol's, whatever size they would spell: hundreds of megabytes, all of them.
pub(crate) fn frame_size(prefix: [u8; 4], limit: usize, first: bool) -> Result<usize, Violation> {
    if let (true, Some(looks)) = (first, Looks::at(prefix)) {
        return Err(Violation::AnotherProtocol(looks));
    }
    let size = i32::from_be_bytes(prefix);
    let unsigned = u32::try_from(size).map_err(|_| Violation::NegativeSize { size })?;
    match usize::try_from(unsigned) {
        Ok(size) if size < HEADER_BYTES_MIN => Err(Violation::FrameTooShort { size: unsigned }),
        Ok(size) if size <= limit => Ok(size),
        _ => Err(Violation::FrameTooLarge { size: unsigned, limit }),
    }
}

/// Whether a frame can be a request, judged by its first bytes and before the rest is read.
///
/// # Errors
/// A header that no Kafka client sends.
pub(crate) fn check_header(header: [u8; HEADER_BYTES_MIN]) -> Result<(), Violation> {
    let [key_high, key_low, version_high, version_low, ..] = header;
    let api_key = i16::from_be_bytes([key_high, key_low]);
    let api_version = i16::from_be_bytes([version_high, version_low]);
    let version_may_be = (0..=API_VERSION_MAX).contains(&api_version) || api_key == API_VERSIONS;
    if (0..=API_KEY_MAX).contains(&api_key) && version_may_be {
        Ok(())
    } else {
        Err(Violation::NoRequestHeader { api_key, api_version })
    }
}
