//! The records of `__ottla_metadata`, byte by byte.
//!
//! The log is of the compacted form: a key names a thing, the latest value with that key says all about it,
//! and a null value says that it is gone. Numbers are big-endian, texts are UTF-8.
//!
//! ```text
//! topic           key    1: u8 | topic id: 16 bytes
//!                 value  version = 0: u8 | name length: u16 | name | partitions: i32
//!                        | overrides: u16 | per override: key length: u16 | key | value length: u32 | value
//! producer ids    key    2: u8
//!                 value  version = 0: u8 | first id that was not yet reserved: i64
//! configuration   key    3: u8 | what of: u8, as in requests | its name
//!                 value  version = 0: u8 | values: u16 | per value: key length: u16 | key | value length: u32 | value
//! feature         key    4: u8 | its name
//!                 value  version = 0: u8 | level: i16
//! ```
//!
//! A key or version that this release does not know was written by a later one; the broker then refuses to
//! open rather than to forget. What the records mean together is in [`super::image`].

use std::collections::BTreeMap;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use ottla_protocol::wire::{Str, Uuid};

const TOPIC: u8 = 1;
const PRODUCER_IDS: u8 = 2;
const CONFIG: u8 = 3;
const FEATURE: u8 = 4;
const VERSION: u8 = 0;

/// One change of the cluster's metadata.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MetadataRecord {
    /// A topic exists, with these properties.
    Topic(TopicRecord),
    /// The topic with this id is gone.
    TopicRemoved(Uuid),
    /// Producer ids below this one were reserved.
    ProducerIds(i64),
    /// Of something that is no topic this was set, and nothing else.
    Config(ConfigRecord),
    /// A level was chosen for a feature.
    Feature(FeatureRecord),
}

/// The level of a feature that somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeatureRecord {
    pub(crate) name: Str,
    pub(crate) level: i16,
}

/// All that is set for a broker, for all brokers, for a group or for a subscription to client metrics.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ConfigRecord {
    /// What it belongs to, as requests number it.
    pub(crate) kind: i8,
    /// The name of that, empty for all brokers.
    pub(crate) name: Str,
    /// The values by their keys. None are as a removal.
    pub(crate) values: BTreeMap<String, String>,
}

/// All that is known of a topic.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TopicRecord {
    pub(crate) id: Uuid,
    pub(crate) name: Str,
    pub(crate) partitions: i32,
    pub(crate) overrides: Vec<(String, String)>,
}

/// Why bytes are not a metadata record of this release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidRecord {
    #[error("metadata record of kind {0}, which this release does not know")]
    UnknownKind(u8),
    #[error("metadata record of kind {kind} in version {version}, which this release does not know")]
    UnknownVersion { kind: u8, version: u8 },
    #[error("metadata record ends early or is too long")]
    Malformed,
}

impl MetadataRecord {
    /// Whether it says that a thing is gone.
    pub(crate) fn is_removal(&self) -> bool {
        matches!(self, Self::TopicRemoved(_))
    }

    /// The key, and the value unless the thing is gone.
    pub(crate) fn encode(&self) -> (Bytes, Option<Bytes>) {
        match self {
            Self::Topic(topic) => (topic_key(topic.id), Some(topic.encode())),
            Self::TopicRemoved(id) => (topic_key(*id), None),
            Self::ProducerIds(next) => {
                let mut value = BytesMut::with_capacity(9);
                value.put_u8(VERSION);
                value.put_i64(*next);
                (Bytes::from_static(&[PRODUCER_IDS]), Some(value.freeze()))
            }
            Self::Config(config) => config.encode(),
            Self::Feature(feature) => feature.encode(),
        }
    }

    /// Reads a record back.
    ///
    /// # Errors
    /// [`InvalidRecord`], also for bytes that are left over.
    pub(crate) fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Self, InvalidRecord> {
        let (kind, rest) = key.split_first().ok_or(InvalidRecord::Malformed)?;
        let value = value.map(|value| match value.split_first() {
            Some((&VERSION, rest)) => Ok(rest),
            Some((version, _)) => Err(InvalidRecord::UnknownVersion { kind: *kind, version: *version }),
            None => Err(InvalidRecord::Malformed),
        });
        match (*kind, value) {
            (TOPIC, value) => {
                let id = Uuid(rest.try_into().map_err(|_| InvalidRecord::Malformed)?);
                match value {
                    Some(value) => {
                        TopicRecord::decode(id, value?).map(Self::Topic).ok_or(InvalidRecord::Malformed)
                    }
                    None => Ok(Self::TopicRemoved(id)),
                }
            }
            (PRODUCER_IDS, Some(value)) if rest.is_empty() => {
                let next = value?.try_into().map_err(|_| InvalidRecord::Malformed)?;
                Ok(Self::ProducerIds(i64::from_be_bytes(next)))
            }
            (PRODUCER_IDS, _) => Err(InvalidRecord::Malformed),
            (CONFIG, value) => {
                let value = value.transpose()?;
                ConfigRecord::decode(rest, value).map(Self::Config).ok_or(InvalidRecord::Malformed)
            }
            (FEATURE, Some(value)) => {
                FeatureRecord::decode(rest, value?).map(Self::Feature).ok_or(InvalidRecord::Malformed)
            }
            (FEATURE, None) => Err(InvalidRecord::Malformed),
            (kind, _) => Err(InvalidRecord::UnknownKind(kind)),
        }
    }
}

impl TopicRecord {
    fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(16 + self.name.len() + 48 * self.overrides.len());
        out.put_u8(VERSION);
        put_text16(&mut out, &self.name);
        out.put_i32(self.partitions);
        put_values(&mut out, self.overrides.iter().map(|(key, value)| (key, value)));
        out.freeze()
    }

    fn decode(id: Uuid, mut from: &[u8]) -> Option<Self> {
        let name = text16(&mut from)?;
        let partitions = from.try_get_i32().ok()?;
        let overrides = values(&mut from)?;
        let whole = from.is_empty() && partitions > 0;
        whole.then(|| Self { id, name: Str::from(name), partitions, overrides })
    }
}

impl ConfigRecord {
    fn encode(&self) -> (Bytes, Option<Bytes>) {
        let mut key = BytesMut::with_capacity(2 + self.name.len());
        key.put_u8(CONFIG);
        key.put_i8(self.kind);
        key.put_slice(self.name.as_bytes());
        let mut out = BytesMut::with_capacity(4 + 48 * self.values.len());
        out.put_u8(VERSION);
        put_values(&mut out, self.values.iter());
        (key.freeze(), Some(out.freeze()).filter(|_| !self.values.is_empty()))
    }

    fn decode(key: &[u8], value: Option<&[u8]>) -> Option<Self> {
        let (kind, mut name) = key.split_first()?;
        let length = name.len();
        let name = Str::from(text(&mut name, length)?);
        let values = match value {
            None => BTreeMap::new(),
            Some(mut from) => {
                let values = values(&mut from)?;
                let whole = from.is_empty() && !values.is_empty();
                whole.then(|| values.into_iter().collect())?
            }
        };
        Some(Self { kind: kind.cast_signed(), name, values })
    }
}

impl FeatureRecord {
    fn encode(&self) -> (Bytes, Option<Bytes>) {
        let mut key = BytesMut::with_capacity(1 + self.name.len());
        key.put_u8(FEATURE);
        key.put_slice(self.name.as_bytes());
        let mut value = BytesMut::with_capacity(3);
        value.put_u8(VERSION);
        value.put_i16(self.level);
        (key.freeze(), Some(value.freeze()))
    }

    fn decode(mut name: &[u8], value: &[u8]) -> Option<Self> {
        let length = name.len();
        let level = i16::from_be_bytes(value.try_into().ok()?);
        Some(Self { name: Str::from(text(&mut name, length)?), level })
    }
}

/// Values by their keys, each of which has a length before it.
fn put_values<'a>(out: &mut BytesMut, values: impl ExactSizeIterator<Item = (&'a String, &'a String)>) {
    out.put_u16(u16::try_from(values.len()).expect("a resource has some hundred keys"));
    for (key, value) in values {
        put_text16(out, key);
        out.put_u32(u32::try_from(value.len()).expect("a value fits a frame"));
        out.put_slice(value.as_bytes());
    }
}

fn put_text16(out: &mut BytesMut, text: &str) {
    // Names and keys are bounded by the tables and the protocol, and values by the frame that carried them.
    out.put_u16(u16::try_from(text.len()).expect("names and keys are shorter than 64 KiB"));
    out.put_slice(text.as_bytes());
}

fn values(from: &mut &[u8]) -> Option<Vec<(String, String)>> {
    let count = from.try_get_u16().ok()?;
    let mut values = Vec::new();
    for _ in 0..count {
        let key = text16(from)?;
        let length = from.try_get_u32().ok()?;
        values.push((key, text(from, usize::try_from(length).ok()?)?));
    }
    Some(values)
}

fn topic_key(id: Uuid) -> Bytes {
    let mut key = BytesMut::with_capacity(17);
    key.put_u8(TOPIC);
    key.put_slice(&id.0);
    key.freeze()
}

fn text16(from: &mut &[u8]) -> Option<String> {
    let length = from.try_get_u16().ok()?;
    text(from, usize::from(length))
}

fn text(from: &mut &[u8], length: usize) -> Option<String> {
    let (text, rest) = from.split_at_checked(length)?;
    *from = rest;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_record() -> impl Strategy<Value = MetadataRecord> {
        let overrides = prop::collection::vec((".{0,40}", ".{0,80}"), 0..6);
        let values = prop::collection::btree_map(".{0,40}", ".{0,80}", 0..6);
        let topic = (any::<[u8; 16]>(), "[a-zA-Z0-9._-]{1,249}", 1..i32::MAX, overrides);
        prop_oneof![
            topic.prop_map(|(id, name, partitions, overrides)| MetadataRecord::Topic(TopicRecord {
                id: Uuid(id),
                name: Str::from(name),
                partitions,
                overrides
            })),
            any::<[u8; 16]>().prop_map(|id| MetadataRecord::TopicRemoved(Uuid(id))),
            any::<i64>().prop_map(MetadataRecord::ProducerIds),
            (any::<i8>(), ".{0,40}", values).prop_map(|(kind, name, values)| {
                MetadataRecord::Config(ConfigRecord { kind, name: Str::from(name), values })
            }),
            (".{0,40}", any::<i16>()).prop_map(|(name, level)| {
                MetadataRecord::Feature(FeatureRecord { name: Str::from(name), level })
            }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(record in any_record()) {
            let (key, value) = record.encode();
            prop_assert_eq!(MetadataRecord::decode(&key, value.as_deref()), Ok(record));
        }

        #[test]
        fn any_bytes_decode_or_fail_cleanly(key: Vec<u8>, value: Option<Vec<u8>>) {
            let _ = MetadataRecord::decode(&key, value.as_deref());
        }

        #[test]
        fn a_value_cut_short_or_grown_is_refused(record in any_record(), cut in 0usize..8) {
            let (key, Some(value)) = record.encode() else { return Ok(()) };
            let cut = &value[..value.len() - 1 - cut.min(value.len() - 1)];
            prop_assert!(MetadataRecord::decode(&key, Some(cut)).is_err());
            let grown = [&value[..], b"x"].concat();
            prop_assert!(MetadataRecord::decode(&key, Some(&grown)).is_err());
        }
    }

    #[test]
    fn the_bytes_of_a_topic_stay_what_they_are() {
        let topic = TopicRecord {
            id: Uuid([7; 16]),
            name: Str::from("ab"),
            partitions: 3,
            overrides: vec![("segment.ms".into(), "9".into())],
        };
        let (key, value) = MetadataRecord::Topic(topic).encode();
        assert_eq!(&key[..], [&[1u8][..], &[7; 16]].concat());
        assert_eq!(&value.unwrap()[..], b"\0\0\x02ab\0\0\0\x03\0\x01\0\x0asegment.ms\0\0\0\x019");
    }

    #[test]
    fn the_bytes_of_a_configuration_stay_what_they_are() {
        let values = BTreeMap::from([("a.b".to_owned(), "9".to_owned())]);
        let set = MetadataRecord::Config(ConfigRecord { kind: 4, name: Str::from("1"), values });
        let (key, value) = set.encode();
        assert_eq!(
            (&key[..], &value.unwrap()[..]),
            (&b"\x03\x041"[..], &b"\0\0\x01\0\x03a.b\0\0\0\x019"[..])
        );
        let unset =
            MetadataRecord::Config(ConfigRecord { kind: 4, name: Str::EMPTY, values: BTreeMap::new() });
        assert_eq!(unset.encode(), (Bytes::from_static(b"\x03\x04"), None));
    }

    #[test]
    fn the_bytes_of_a_feature_stay_what_they_are() {
        let (key, value) =
            MetadataRecord::Feature(FeatureRecord { name: Str::from("f"), level: 258 }).encode();
        assert_eq!((&key[..], &value.unwrap()[..]), (&b"\x04f"[..], &b"\0\x01\x02"[..]));
    }

    #[test]
    fn what_a_later_release_wrote_is_named() {
        assert_eq!(MetadataRecord::decode(&[9], None), Err(InvalidRecord::UnknownKind(9)));
        let newer = MetadataRecord::decode(&[2], Some(&[1, 0]));
        assert_eq!(newer, Err(InvalidRecord::UnknownVersion { kind: 2, version: 1 }));
    }
}
