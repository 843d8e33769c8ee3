//! The JSON of a tree, by `serde`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::str;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use super::tree::{Explained, Node, Trouble, Value};
use super::walk::UNKNOWN_TAGS;

impl Explained {
    /// All of it as JSON of several lines, fields in their order.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl Serialize for Explained {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("title", &self.title)?;
        for part in &self.parts {
            entry(&mut map, part)?;
        }
        if let Some(trouble) = &self.trouble {
            map.serialize_entry("trouble", trouble)?;
        }
        map.end()
    }
}

impl Serialize for Trouble {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("at", &self.at)?;
        map.serialize_entry("what", &self.what)?;
        map.end()
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::ErrorCode(code) => serializer.serialize_i16(code.0),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Uuid(id) => serializer.collect_str(id),
            Value::Bytes(bytes) => serializer.serialize_str(&base64(bytes)),
            Value::Payload(bytes) => match text(bytes) {
                Some(text) => serializer.serialize_str(text),
                None => serializer.serialize_str(&base64(bytes)),
            },
            Value::Records(_) => serializer.collect_seq(&self.content),
            Value::List(elements) => serializer.collect_seq(elements),
            Value::Struct(fields) => object(serializer, fields),
        }
    }
}

fn object<S: Serializer>(serializer: S, fields: &[Node]) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for field in fields {
        entry(&mut map, field)?;
    }
    map.end()
}

/// A field, and what is said beside it.
fn entry<M: SerializeMap>(map: &mut M, node: &Node) -> Result<(), M::Error> {
    let name = node.name;
    match &node.value {
        Value::Payload(bytes) if text(bytes).is_none() => {
            map.serialize_entry(&format!("{name}Base64"), node)?
        }
        _ => map.serialize_entry(name, node)?,
    }
    if let Some(note) = node.note {
        map.serialize_entry(&format!("{name}Name"), note)?;
    }
    if let (Value::Bytes(_) | Value::Payload(_), [_, ..]) = (&node.value, node.content.as_slice()) {
        map.serialize_entry(&format!("{name}Content"), &Fields(&node.content))?;
    }
    Ok(())
}

struct Fields<'a>(&'a [Node]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        object(serializer, self.0)
    }
}

impl Node {
    /// What Kafka's own JSON of the message holds, and nothing more: no names beside numbers, no unknown tagged fields,
    /// and of record data only how much there is.
    #[must_use]
    pub fn to_kafka_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::from(*value),
            Value::Int(value) => Json::from(*value),
            Value::Float(value) => Json::from(*value),
            Value::ErrorCode(code) => Json::from(code.0),
            Value::Text(text) => Json::from(text.as_str()),
            Value::Uuid(id) => Json::from(format!("{id}")),
            Value::Bytes(bytes) | Value::Payload(bytes) => Json::from(base64(bytes)),
            Value::Records(bytes) => Json::from(bytes.len()),
            Value::List(elements) => elements.iter().map(Self::to_kafka_json).collect::<Vec<_>>().into(),
            Value::Struct(fields) => {
                let known = fields.iter().filter(|field| field.name != UNKNOWN_TAGS);
                let entries = known.map(|field| match &field.value {
                    Value::Records(_) => (format!("{}SizeInBytes", field.name), field.to_kafka_json()),
                    _ => (field.name.into(), field.to_kafka_json()),
                });
                Json::Object(entries.collect::<Map<_, _>>())
            }
        }
    }
}

/// The bytes as text, if that is what they are: UTF-8 without control characters, but for white space.
pub(super) fn text(bytes: &[u8]) -> Option<&str> {
    let is_text = |text: &&str| {
        text.chars().all(|character| !character.is_control() || matches!(character, '\n' | '\r' | '\t'))
    };
    str::from_utf8(bytes).ok().filter(is_text)
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            let six = usize::try_from(bits >> (18 - 6 * index) & 63).unwrap_or(0);
            let is_there = usize::try_from(index).unwrap_or(0) <= chunk.len();
            out.push(if is_there { char::from(ALPHABET[six]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // The test vectors of RFC 4648, section 10.
        let known = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in known {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn what_holds_control_characters_is_no_text() {
        assert_eq!(text(b"two\nlines"), Some("two\nlines"));
        assert_eq!(text(b"\0\x01"), None);
        assert_eq!(text(&[0xff]), None);
    }
}
