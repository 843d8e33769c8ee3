// Generated from schema/data/consumer_group_regular_expression.txt by `cargo xtask codegen`: change that file and run it again.
//! `ConsumerGroupRegularExpression` (record type 16 of the group coordinator): which topics match a
//! pattern that a KIP-848 group subscribes to.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which pattern of which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupRegularExpressionKey {
    /// Id of the group.
    pub group_id: Str,
    /// The pattern.
    pub regular_expression: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ConsumerGroupRegularExpressionKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 16;
}

impl Data for ConsumerGroupRegularExpressionKey {
    const NAME: &'static str = "ConsumerGroupRegularExpressionKey";
    const VERSIONS: RangeInclusive<i16> = 16..=16;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupRegularExpressionKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupRegularExpressionKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            regular_expression: r.string("regular_expression"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.string("regular_expression", &self.regular_expression);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerGroupRegularExpressionKey {
        with_group_id(group_id: impl Into<Str>);
        with_regular_expression(regular_expression: impl Into<Str>);
    }
}

/// The topics that match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupRegularExpressionValue {
    /// Names of the topics.
    pub topics: Vec<Str>,
    /// Version of the cluster's metadata in which they matched.
    pub version: i64,
    /// When they were looked up, in Unix milliseconds.
    pub timestamp: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ConsumerGroupRegularExpressionValue {
    const NAME: &'static str = "ConsumerGroupRegularExpressionValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupRegularExpressionValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupRegularExpressionValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topics: r.array("topics", |r| r.string("topics")),
            version: r.i64("version"),
            timestamp: r.i64("timestamp"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topics", &self.topics, |value, s| s.string("topics", value));
        s.i64(self.version);
        s.i64(self.timestamp);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerGroupRegularExpressionValue {
        with_topics(topics: Vec<Str>);
        with_version(version: i64);
        with_timestamp(timestamp: i64);
    }
}
