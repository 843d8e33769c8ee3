//! Structures that are no messages: consumer protocol and records of internal topics.
//!
//! They go through what messages go through in [`round_trip`](super::round_trip) and [`golden`](super::golden).

use std::fmt::Debug;

use bytes::Bytes;
use ottla_protocol::Data;
use ottla_protocol::internal::{GroupCoordinatorKey, GroupCoordinatorValue, GroupMetadataKey};
use ottla_protocol::wire::DecodeError;
use proptest::prelude::*;

use super::source::Source;
use super::{golden, structures};

/// Sees every structure, with what makes one out of a source in a version.
pub(crate) trait Visitor {
    fn visit<D: Data + Debug + PartialEq>(&mut self, make: fn(&mut Source<'_>, i16) -> D);
}

/// What is made here can be written, and what is written can be read.
const WHOLE: &str = "what is made can be written and read";

fn is_flexible<D: Data>(version: i16) -> bool {
    D::FLEXIBLE_FROM.is_some_and(|first| version >= first)
}

struct RoundTrip<'a>(&'a [u8]);

impl Visitor for RoundTrip<'_> {
    fn visit<D: Data + Debug + PartialEq>(&mut self, make: fn(&mut Source<'_>, i16) -> D) {
        for version in D::VERSIONS {
            let made = make(&mut Source::random(self.0, is_flexible::<D>(version)), version);
            let bytes = made.encode_versioned(version).expect(WHOLE);
            assert_eq!(D::decode_versioned(&bytes).expect(WHOLE), made, "{} v{version}", D::NAME);
            let mut longer = bytes.to_vec();
            longer.push(0);
            match D::decode_versioned(&longer.into()) {
                Ok(read) => assert!(D::READS_NEWER && read == made, "{} v{version}", D::NAME),
                Err(refused) => assert_eq!(refused, DecodeError::LeftOver { extra: 1 }, "{}", D::NAME),
            }
            for cut in 0..bytes.len() {
                assert!(D::decode_versioned(&bytes.slice(..cut)).is_err(), "{} v{version}", D::NAME);
            }
        }
    }
}

struct AnyBytes<'a>(&'a [u8]);

impl Visitor for AnyBytes<'_> {
    fn visit<D: Data + Debug + PartialEq>(&mut self, _: fn(&mut Source<'_>, i16) -> D) {
        for version in D::VERSIONS {
            let bytes: Bytes = version.to_be_bytes().into_iter().chain(self.0.iter().copied()).collect();
            if let Ok(data) = D::decode_versioned(&bytes) {
                let again = data.encode_versioned(version).expect(WHOLE);
                assert_eq!(D::decode_versioned(&again).expect(WHOLE), data, "{} v{version}", D::NAME);
            }
        }
    }
}

struct UnknownVersions;

impl Visitor for UnknownVersions {
    fn visit<D: Data + Debug + PartialEq>(&mut self, make: fn(&mut Source<'_>, i16) -> D) {
        let last = *D::VERSIONS.end();
        let made = make(&mut Source::random(&[7; 100], is_flexible::<D>(last)), last);
        let known = made.encode_versioned(last).expect(WHOLE);
        for version in [*D::VERSIONS.start() - 1, last + 1, i16::MAX] {
            assert!(made.encode_versioned(version).is_err(), "{} v{version}", D::NAME);
            let bytes: Bytes = version.to_be_bytes().into_iter().chain(known[2..].iter().copied()).collect();
            match D::decode_versioned(&bytes) {
                Ok(read) => assert!(D::READS_NEWER && version > last && read == made, "{}", D::NAME),
                Err(err) => assert!(!D::READS_NEWER || version < 0, "{} v{version}: {err}", D::NAME),
            }
        }
    }
}

/// How many versions had golden bytes.
struct Golden(usize);

impl Visitor for Golden {
    fn visit<D: Data + Debug + PartialEq>(&mut self, make: fn(&mut Source<'_>, i16) -> D) {
        for version in D::VERSIONS {
            let file = format!("{}-v{version}.hex", golden::kebab(D::NAME));
            let bytes = golden::read(&file).unwrap_or_else(|| panic!("there is no {file}"));
            for (bytes, nulls) in bytes.into_iter().zip([false, true]) {
                let made = make(&mut Source::named(nulls, is_flexible::<D>(version)), version);
                assert_eq!(D::decode_versioned(&bytes.clone().into()).expect(WHOLE), made, "{file}");
                assert_eq!(made.encode_versioned(version).expect(WHOLE), bytes, "{file}");
            }
            self.0 += 1;
        }
    }
}

#[test]
fn structures_of_kafka_are_read_and_written_alike() {
    let mut golden = Golden(0);
    structures::visit(&mut golden);
    assert!(golden.0 > 70, "{}", golden.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_encoded_is_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        structures::visit(&mut RoundTrip(&bytes));
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        structures::visit(&mut AnyBytes(&bytes));
        let bytes = Bytes::from(bytes);
        if let Ok(key) = GroupCoordinatorKey::decode(&bytes) {
            prop_assert_eq!(GroupCoordinatorKey::decode(&key.encode().expect(WHOLE)), Ok(key));
        }
        for record_type in 0..24 {
            if let Ok(value) = GroupCoordinatorValue::decode(record_type, &bytes) {
                prop_assert_eq!(value.record_type(), record_type);
            }
        }
    }
}

#[test]
fn a_version_that_is_not_known_is_refused_unless_it_may_be_read_as_the_last_one() {
    structures::visit(&mut UnknownVersions);
}

#[test]
fn the_key_of_a_record_says_what_it_is() {
    let key = GroupMetadataKey::default().with_group("billing");
    let bytes = key.encode_versioned(GroupMetadataKey::RECORD_TYPE).expect(WHOLE);
    assert_eq!(&bytes[..], b"\0\x02\0\x07billing");
    let read = GroupCoordinatorKey::decode(&bytes).expect(WHOLE);
    assert_eq!(read, GroupCoordinatorKey::GroupMetadata(key));
    assert_eq!((read.record_type(), read.encode().expect(WHOLE)), (2, bytes));
    let unknown = DecodeError::UnknownRecordType { record_type: 99 };
    assert_eq!(GroupCoordinatorKey::decode(&Bytes::from_static(&[0, 99])), Err(unknown));
}
