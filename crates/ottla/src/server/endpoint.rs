//! A listener's name and address, as Kafka's `listeners` and `advertised.listeners` write them.
//!
//! Only text is read here. Which endpoints a server takes is settled in `plan`.

use std::fmt;
use std::str::FromStr;

use ottla_transport::{Address, AddressParseError};

/// Name of a listener whose endpoint names none, and Kafka's name for one without encryption.
pub const DEFAULT_LISTENER: &str = "PLAINTEXT";

/// A name and an address: `NAME://HOST:PORT`, or `HOST:PORT` for a listener named `PLAINTEXT`.
///
/// The address may be a Unix socket too: `unix:/path` or `NAME://unix:/path`. A host left out, as in
/// `PLAINTEXT://:9092`, means every interface.
///
/// # Examples
/// ```
/// use ottla::Endpoint;
///
/// let endpoint: Endpoint = "INTERNAL://127.0.0.1:9092".parse()?;
/// assert_eq!((endpoint.name.as_str(), endpoint.to_string().as_str()), ("INTERNAL", "INTERNAL://127.0.0.1:9092"));
/// assert_eq!("[::1]:9092".parse::<Endpoint>()?.to_string(), "PLAINTEXT://[::1]:9092");
/// assert_eq!("X://:9092".parse::<Endpoint>()?.to_string(), "X://0.0.0.0:9092");
/// # Ok::<(), ottla::EndpointParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// Name of the listener, by which its advertised address is found. Kafka's names are in capitals.
    pub name: String,
    /// Where to listen, or where clients are told to connect to.
    pub address: Address,
}

impl Endpoint {
    /// A listener named `PLAINTEXT` at this address.
    pub fn new(address: Address) -> Self {
        Self { name: DEFAULT_LISTENER.to_owned(), address }
    }

    /// The same address under another name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Whether it listens on every interface, so that no one address of it can be told to clients.
    pub fn is_wildcard(&self) -> bool {
        matches!(&self.address, Address::Tcp(host, _) if matches!(host.as_str(), "0.0.0.0" | "::"))
    }
}

/// Why a text is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointParseError {
    /// The name before `://` is not one.
    #[error("{0:?} is no endpoint: a listener's name holds letters, digits, `.`, `-` and `_`")]
    Name(String),
    /// The address is not one.
    #[error(transparent)]
    Address(#[from] AddressParseError),
}

impl FromStr for Endpoint {
    type Err = EndpointParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, address) = text.split_once("://").unwrap_or((DEFAULT_LISTENER, text));
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || !name.chars().all(legal) {
            return Err(EndpointParseError::Name(text.to_owned()));
        }
        let address = match address.strip_prefix(':') {
            Some(port) => format!("0.0.0.0:{port}").parse()?,
            None => address.parse()?,
        };
        Ok(Self { name: name.to_owned(), address })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.name, self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_shown_as_kafka_writes_it() {
        for text in ["PLAINTEXT://localhost:9092", "A-1.b_2://[::1]:0", "LOCAL://unix:/run/ottla.sock"] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_a_reason() {
        for text in ["://127.0.0.1:1", "A B://127.0.0.1:1", "127.0.0.1", "X://", "X://host:port"] {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.contains("is no "), "{error}");
        }
    }

    #[test]
    fn every_interface_is_a_wildcard() {
        for (text, wildcard) in [("0.0.0.0:1", true), ("[::]:1", true), (":1", true), ("[::1]:1", false)] {
            let text = if text == ":1" { "X://:1" } else { text };
            assert_eq!(text.parse::<Endpoint>().unwrap().is_wildcard(), wildcard, "{text}");
        }
    }
}
