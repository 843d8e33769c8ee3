// Generated from schema/delete_share_group_offsets.txt by `cargo xtask codegen`: change that file and run it again.
//! `DeleteShareGroupOffsets` (API key 92): forgets where a share group stands in topics (KIP-932).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Topics to forget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteShareGroupOffsetsRequest {
    /// Id of the group.
    pub group_id: Str,
    /// The topics, each with its partitions.
    pub topics: Vec<DeleteShareGroupOffsetsRequestTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteShareGroupOffsetsRequest {
    const API_KEY: ApiKey = ApiKey::DeleteShareGroupOffsets;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DeleteShareGroupOffsetsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteShareGroupOffsetsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topics: r.array("topics", DeleteShareGroupOffsetsRequestTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.array("topics", &self.topics, DeleteShareGroupOffsetsRequestTopic::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DeleteShareGroupOffsetsRequest {
    type Response = DeleteShareGroupOffsetsResponse;
}

setters! {
    DeleteShareGroupOffsetsRequest {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Vec<DeleteShareGroupOffsetsRequestTopic>);
    }
}

/// One topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteShareGroupOffsetsRequestTopic {
    /// Name of the topic.
    pub topic_name: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DeleteShareGroupOffsetsRequestTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic_name: r.string("topic_name"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteShareGroupOffsetsRequestTopic {
        with_topic_name(topic_name: impl Into<Str>);
    }
}

/// What became of each topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteShareGroupOffsetsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The topics of the request.
    pub responses: Vec<DeleteShareGroupOffsetsResponseTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteShareGroupOffsetsResponse {
    const API_KEY: ApiKey = ApiKey::DeleteShareGroupOffsets;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DeleteShareGroupOffsetsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteShareGroupOffsetsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            responses: r.array("responses", DeleteShareGroupOffsetsResponseTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("responses", &self.responses, DeleteShareGroupOffsetsResponseTopic::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteShareGroupOffsetsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_responses(responses: Vec<DeleteShareGroupOffsetsResponseTopic>);
    }
}

/// What became of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteShareGroupOffsetsResponseTopic {
    /// Name of the topic.
    pub topic_name: Str,
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DeleteShareGroupOffsetsResponseTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_name: r.string("topic_name"),
            topic_id: r.uuid("topic_id"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.uuid(self.topic_id);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteShareGroupOffsetsResponseTopic {
        with_topic_name(topic_name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
