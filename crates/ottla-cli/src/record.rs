//! A record between the command and the libraries, and its form as a line of JSON.
//!
//! The names in it are those that kcat prints with `-J`, so that what reads the one reads the other.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// What a record says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    /// Whether the timestamp is the broker's, not the producer's.
    pub(crate) is_append_time: bool,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: Vec<(&'a [u8], Option<&'a [u8]>)>,
}

/// A record as a line of JSON. What is left out of one that is read is unknown, or none.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Line<'a> {
    #[serde(borrow)]
    pub(crate) topic: Option<Cow<'a, str>>,
    pub(crate) partition: Option<i32>,
    pub(crate) offset: Option<i64>,
    pub(crate) tstype: Option<Cow<'a, str>>,
    pub(crate) ts: Option<i64>,
    /// The broker that it came from; kcat tells, we do not.
    #[serde(skip_serializing)]
    pub(crate) broker: Option<i32>,
    /// Names and values by turns.
    pub(crate) headers: Vec<Option<Text<'a>>>,
    pub(crate) key: Option<Text<'a>>,
    pub(crate) payload: Option<Text<'a>>,
}

/// Bytes in JSON: as text if they are UTF-8, and in base64 otherwise.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Text<'a> {
    Utf8(Cow<'a, str>),
    Binary { base64: String },
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Utf8(Cow::Borrowed(text)),
            Err(_) => Self::Binary { base64: STANDARD.encode(bytes) },
        }
    }

    /// The bytes it stands for; an error if the base64 is none.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, base64::DecodeError> {
        match self {
            Self::Utf8(text) => Ok(text.into_owned().into_bytes()),
            Self::Binary { base64 } => STANDARD.decode(base64),
        }
    }
}

impl<'a> From<&'a Content<'a>> for Line<'a> {
    fn from(content: &'a Content<'a>) -> Self {
        let pair =
            |(name, value): &(&'a [u8], Option<&'a [u8]>)| [Some(Text::new(name)), value.map(Text::new)];
        Self {
            topic: Some(Cow::Borrowed(content.topic)),
            partition: Some(content.partition),
            offset: Some(content.offset),
            tstype: Some(Cow::Borrowed(if content.is_append_time { "logappend" } else { "create" })),
            ts: Some(content.timestamp),
            broker: None,
            headers: content.headers.iter().flat_map(pair).collect(),
            key: content.key.map(Text::new),
            payload: content.value.map(Text::new),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        let content = Content {
            topic: "t",
            partition: 1,
            offset: 2,
            timestamp: 3,
            key: Some(b"k\"\n"),
            value: Some(&[0xff, 0]),
            headers: vec![(b"a", Some(b"1")), (b"b", None)],
            ..Content::default()
        };
        let printed = serde_json::to_string(&Line::from(&content)).unwrap();
        assert_eq!(
            printed,
            r#"{"topic":"t","partition":1,"offset":2,"tstype":"create","ts":3,"headers":["a","1","b",null],"key":"k\"\n","payload":{"base64":"/wA="}}"#
        );
        let read: Line<'_> = serde_json::from_str(&printed).unwrap();
        assert_eq!(read, Line::from(&content));
        assert_eq!(read.payload.unwrap().into_bytes().unwrap(), [0xff, 0]);
    }

    #[test]
    fn kcats_lines_are_read_and_misspelt_ones_are_not() {
        let kcats = r#"{"topic":"t","partition":0,"offset":0,"tstype":"create","ts":1,"broker":1,"headers":[],"key":null,"payload":"x"}"#;
        assert_eq!(serde_json::from_str::<Line<'_>>(kcats).unwrap().broker, Some(1));
        assert!(serde_json::from_str::<Line<'_>>(r#"{"value":"x"}"#).is_err());
    }
}
