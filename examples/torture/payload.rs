//! The records that are written: all that one holds follows from its stamp, so that each byte read can be judged.

use ottla::env::Rng;
use ottla::producer::Record;

/// Name of the header that holds the stamp.
const HEADER: &str = "stamp";
/// Keys of a topic whose records have keys.
const KEYS: u64 = 200;
/// One of so many records with a key has no value.
const TOMBSTONES: u64 = 17;
/// Most values are smaller than this; one of [`LARGE`] has up to [`LARGE_MAX`] bytes.
const SMALL_MAX: u64 = 1_500;
const LARGE: u64 = 50;
const LARGE_MAX: u64 = 60_000;

/// Which record it is: whose, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Stamp {
    pub(crate) writer: u32,
    pub(crate) number: u64,
}

impl Stamp {
    pub(crate) fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&self.writer.to_be_bytes());
        bytes[4..].copy_from_slice(&self.number.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (writer, number) = bytes.split_first_chunk()?;
        let number = u64::from_be_bytes(number.try_into().ok()?);
        Some(Self { writer: u32::from_be_bytes(*writer), number })
    }

    /// The key that this record has, in a topic whose records have keys.
    pub(crate) fn key(self) -> u64 {
        self.rng().below(KEYS)
    }

    fn rng(self) -> Rng {
        Rng::new(self.number ^ u64::from(self.writer) << 40)
    }
}

/// What a record holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    stamp: [u8; 12],
}

impl Payload {
    pub(crate) fn of(stamp: Stamp, has_key: bool) -> Self {
        let mut rng = stamp.rng();
        let key = format!("key {}", rng.below(KEYS)).into_bytes();
        let sizes = if rng.below(LARGE) == 0 { LARGE_MAX } else { SMALL_MAX };
        let mut value = vec![0; usize::try_from(rng.below(sizes)).unwrap_or_default()];
        rng.fill(&mut value);
        let value = (!has_key || rng.below(TOMBSTONES) > 0).then_some(value);
        Self { key: has_key.then_some(key), value, stamp: stamp.to_bytes() }
    }

    pub(crate) fn len(&self) -> usize {
        [&self.key, &self.value].into_iter().flatten().map(Vec::len).sum()
    }

    /// The one header, to be lent to [`Self::record`].
    pub(crate) fn headers(&self) -> [(&str, Option<&[u8]>); 1] {
        [(HEADER, Some(&self.stamp))]
    }

    /// The record as a producer takes it.
    pub(crate) fn record<'a>(
        &'a self,
        topic: &'a str,
        partition: i32,
        headers: &'a [(&'a str, Option<&'a [u8]>)],
    ) -> Record<'a> {
        let mut record = Record::new(topic).with_partition(partition).with_headers(headers);
        record.key = self.key.as_deref();
        record.value = self.value.as_deref();
        record
    }

    /// Whose record this is, and its size; none if it is not one that was written, byte by byte.
    pub(crate) fn read(record: &ottla::protocol::records::Record<'_>) -> Option<(Stamp, usize)> {
        let mut headers = record.headers();
        let (header, None) = (headers.next()?.ok()?, headers.next()) else { return None };
        let stamp = Stamp::from_bytes(header.value.filter(|_| header.key == HEADER.as_bytes())?)?;
        let wanted = Self::of(stamp, record.key.is_some());
        (wanted.key.as_deref() == record.key && wanted.value.as_deref() == record.value)
            .then(|| (stamp, wanted.len()))
    }
}
