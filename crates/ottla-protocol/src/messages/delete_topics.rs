// Generated from schema/delete_topics.txt by `cargo xtask codegen`: change that file and run it again.
//! `DeleteTopics` (API key 20): removes topics with all their records.
//!
//! v4 is the first flexible version; v5 adds error messages; v6 names topics by name or by id
//! (KIP-516).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Topics to delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteTopicsRequest {
    /// The topics, by name or by id. v6+.
    pub topics: Vec<DeleteTopicState>,
    /// The topics, by name. Until v5.
    pub topic_names: Vec<Str>,
    /// How long to wait until the topics are gone, in milliseconds.
    pub timeout_ms: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteTopicsRequest {
    const API_KEY: ApiKey = ApiKey::DeleteTopics;
    const VERSIONS: RangeInclusive<i16> = 1..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DeleteTopicsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteTopicsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topics: match r.version {
                6.. => r.array("topics", DeleteTopicState::read),
                _ => Vec::new(),
            },
            topic_names: match r.version {
                ..=5 => r.array("topic_names", |r| r.string("topic_names")),
                _ => Vec::new(),
            },
            timeout_ms: r.i32("timeout_ms"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 6 {
            s.array("topics", &self.topics, DeleteTopicState::write);
        } else if !self.topics.is_empty() {
            s.not_in_version("topics");
        }
        if s.version <= 5 {
            s.array("topic_names", &self.topic_names, |value, s| s.string("topic_names", value));
        }
        s.i32(self.timeout_ms);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DeleteTopicsRequest {
    type Response = DeleteTopicsResponse;
}

setters! {
    DeleteTopicsRequest {
        with_topics(topics: Vec<DeleteTopicState>);
        with_topic_names(topic_names: Vec<Str>);
        with_timeout_ms(timeout_ms: i32);
    }
}

/// A topic to delete, by name or by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteTopicState {
    /// Name of the topic; null to name it by id.
    pub name: Option<Str>,
    /// Id of the topic; all zeros to name it by name.
    pub topic_id: Uuid,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DeleteTopicState {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.nullable_string("name"), topic_id: r.uuid("topic_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_string("name", self.name.as_ref());
        s.uuid(self.topic_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteTopicState {
        with_name(name: Option<Str>);
        with_topic_id(topic_id: Uuid);
    }
}

/// What became of each topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteTopicsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub responses: Vec<DeletableTopicResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteTopicsResponse {
    const API_KEY: ApiKey = ApiKey::DeleteTopics;
    const VERSIONS: RangeInclusive<i16> = 1..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DeleteTopicsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteTopicsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            responses: r.array("responses", DeletableTopicResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("responses", &self.responses, DeletableTopicResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteTopicsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_responses(responses: Vec<DeletableTopicResult>);
    }
}

/// What became of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeletableTopicResult {
    /// Name of the topic; null if it was named by an unknown id. Null from v6 on.
    pub name: Option<Str>,
    /// Id of the topic; all zeros where it is known by name alone. v6+.
    pub topic_id: Uuid,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all. v5+.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DeletableTopicResult {
    fn default() -> Self {
        Self {
            name: Some(Str::EMPTY),
            topic_id: Uuid::ZERO,
            error_code: ErrorCode::NONE,
            error_message: None,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DeletableTopicResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: match r.version {
                6.. => r.nullable_string("name"),
                _ => Some(r.string("name")),
            },
            topic_id: match r.version {
                6.. => r.uuid("topic_id"),
                _ => Uuid::ZERO,
            },
            error_code: r.error_code("error_code"),
            error_message: match r.version {
                5.. => r.nullable_string("error_message"),
                _ => None,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 6 {
            s.nullable_string("name", self.name.as_ref());
        } else {
            s.required("name", self.name.as_ref(), LeanSink::string);
        }
        if s.version >= 6 {
            s.uuid(self.topic_id);
        }
        s.error_code(self.error_code);
        if s.version >= 5 {
            s.nullable_string("error_message", self.error_message.as_ref());
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeletableTopicResult {
        with_name(name: Option<Str>);
        with_topic_id(topic_id: Uuid);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
