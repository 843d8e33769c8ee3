//! What old brokers wrote is read; what nobody should have written is refused.

use alloc::{vec, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::records::codec;

fn message(magic: i8, offset: i64, attributes: u8, key: Option<&[u8]>, value: Option<&[u8]>) -> Vec<u8> {
    let mut body = vec![magic.cast_unsigned(), attributes];
    if magic == V1 {
        body.extend_from_slice(&(1000 + offset).to_be_bytes());
    }
    for field in [key, value] {
        let length = field.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap());
        body.extend_from_slice(&length.to_be_bytes());
        body.extend_from_slice(field.unwrap_or_default());
    }
    let size = i32::try_from(body.len() + 4).unwrap();
    [&offset.to_be_bytes()[..], &size.to_be_bytes(), &crc32fast::hash(&body).to_be_bytes(), &body].concat()
}

fn wrapper(magic: i8, offset: i64, codec: Compression, inner: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    codec::pack(codec, None, inner, &mut packed).unwrap();
    if magic == V0 && codec == Compression::Lz4 {
        packed[6] ^= 0xff; // the checksum that old clients got wrong
    }
    message(magic, offset, codec.id(), None, Some(&packed))
}

type Read = Vec<(i64, i64, Option<Vec<u8>>, Option<Vec<u8>>)>;

fn read(set: Vec<u8>) -> Result<Read, BatchError> {
    let mut set = Bytes::from(set);
    let mut all = Vec::new();
    while let Some(message) = LegacyMessage::split_first(&mut set)? {
        for record in &message.records(&DecodeLimits::DEFAULT)? {
            let record = record?;
            assert!(record.headers().is_empty());
            let (key, value) = (record.key.map(Into::into), record.value.map(Into::into));
            all.push((record.offset, record.timestamp, key, value));
        }
    }
    Ok(all)
}

fn codecs() -> impl Iterator<Item = Compression> {
    [Compression::Gzip, Compression::Snappy, Compression::Lz4].into_iter().filter(|codec| codec.is_enabled())
}

#[test]
fn plain_messages_stand_one_behind_the_other_and_a_cut_one_is_left() {
    let set = [
        message(V0, 5, 0, Some(b"k"), Some(b"v")),
        message(V1, 6, 0, None, None),
        message(V1, 7, 0, None, None)[..30].to_vec(),
    ]
    .concat();
    assert_eq!(read(set), Ok(vec![(5, -1, Some(b"k".to_vec()), Some(b"v".to_vec())), (6, 1006, None, None)]));
}

#[test]
fn wrapped_offsets_are_relative_in_v1_and_absolute_in_v0() {
    for codec in codecs() {
        let inner = |magic, at: i64| {
            [message(magic, at, 0, None, Some(b"a")), message(magic, at + 1, 0, None, Some(b"b"))].concat()
        };
        let offsets = |set| read(set).unwrap().iter().map(|record| record.0).collect::<Vec<_>>();
        assert_eq!(offsets(wrapper(V1, 41, codec, &inner(V1, 0))), [40, 41], "{codec}");
        assert_eq!(offsets(wrapper(V1, 0, codec, &inner(V1, 0))), [0, 1], "{codec}");
        assert_eq!(offsets(wrapper(V0, 41, codec, &inner(V0, 40))), [40, 41], "{codec}");
        assert_eq!(
            read(wrapper(V1, 5, codec, &inner(V1, 8))),
            Err(BatchError::WrapperOffset { offset: 5, last_inner: 9 })
        );
    }
}

#[test]
fn the_time_of_the_append_stands_in_the_wrapper() {
    for codec in codecs() {
        let mut packed = Vec::new();
        codec::pack(codec, None, &message(V1, 0, 0, None, None), &mut packed).unwrap();
        let set = message(V1, 9, codec.id() | 8, None, Some(&packed));
        assert_eq!(read(set).unwrap()[0].1, 1009);
    }
}

#[test]
fn nesting_and_empty_wrappers_and_zstd_are_refused() {
    for codec in codecs() {
        let inner = wrapper(V1, 0, codec, &message(V1, 0, 0, None, None));
        assert_eq!(read(wrapper(V1, 0, codec, &inner)), Err(BatchError::NestedWrapper));
        assert!(matches!(read(wrapper(V1, 0, codec, &[])), Err(BatchError::Truncated { .. })));
        assert!(matches!(
            read(message(V1, 0, codec.id(), None, None)),
            Err(BatchError::BadLength { field: "wrapped value", .. })
        ));
    }
    assert_eq!(read(message(V1, 0, 4, None, Some(b"zstd"))), Err(BatchError::UnknownCompression { id: 4 }));
}

#[test]
fn damage_is_found_outside_and_inside() {
    let mut plain = message(V1, 0, 0, None, Some(b"v"));
    *plain.last_mut().unwrap() ^= 1;
    let message_of =
        |set: &[u8]| LegacyMessage::split_first(&mut Bytes::copy_from_slice(set)).unwrap().unwrap();
    assert!(!message_of(&plain).crc_is_valid());
    for codec in codecs() {
        assert!(matches!(read(wrapper(V1, 0, codec, &plain)), Err(BatchError::CrcMismatch { .. })));
    }
    let mut short = message(V1, 0, 0, None, None);
    short[11] = 21;
    assert_eq!(read(short.clone()), Err(BatchError::BadBatchLength { length: 21, minimum: 22 }));
    short[16] = 2;
    assert_eq!(read(short), Err(BatchError::UnsupportedMagic { magic: 2 }));
}

proptest! {
    #[test]
    fn damaged_sets_are_read_or_refused(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
        magic in 0i8..2,
        which in 0usize..4,
    ) {
        let inner = [message(magic, 0, 0, Some(b"key"), Some(b"value")), message(magic, 1, 0, None, None)].concat();
        let mut set = match codecs().nth(which) {
            Some(codec) => wrapper(magic, 7, codec, &inner),
            None => inner,
        };
        for (at, byte) in damage {
            let at = at.index(set.len());
            set[at] = byte;
        }
        let _ = read(set);
    }
}
