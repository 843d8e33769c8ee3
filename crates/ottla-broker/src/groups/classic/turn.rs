//! One step of a group: the time at which it happens, and what comes of it.

use std::time::Instant;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::internal::GroupMetadataValue;
use ottla_protocol::messages::join_group::JoinGroupResponse;
use ottla_protocol::messages::sync_group::SyncGroupResponse;
use ottla_protocol::wire::Str;

use super::member::Waiting;
use super::{Answer, ClassicConfig, Effects};
use crate::groups::record::GroupRecord;

/// The first version of `JoinGroup` whose answer can say that no protocol was chosen.
const NULL_PROTOCOL_FROM: i16 = 7;

/// A step, and its effects so far.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) now: Instant,
    pub(super) now_ms: i64,
    pub(super) config: &'a ClassicConfig,
    pub(super) effects: Effects,
}

impl<'a> Turn<'a> {
    pub(super) fn new(config: &'a ClassicConfig, now: Instant, now_ms: i64) -> Self {
        Self { now, now_ms, config, effects: Effects::default() }
    }

    pub(super) fn answer_join(&mut self, to: Waiting, mut response: JoinGroupResponse) {
        if to.version < NULL_PROTOCOL_FROM {
            response.protocol_name.get_or_insert_default();
        } else if response.protocol_name.as_deref() == Some("") {
            // As Kafka has it: a protocol without a name is none.
            response.protocol_name = None;
        }
        self.effects.answers.push((to.token, Answer::Join(response)));
    }

    pub(super) fn refuse_join(&mut self, to: Waiting, member_id: Str, code: ErrorCode) {
        let response = JoinGroupResponse::default()
            .with_member_id(member_id)
            .with_error_code(code)
            .with_protocol_name(None);
        self.answer_join(to, response);
    }

    pub(super) fn answer_sync(&mut self, to: Waiting, response: SyncGroupResponse) {
        self.effects.answers.push((to.token, Answer::Sync(response)));
    }

    pub(super) fn refuse_sync(&mut self, to: Waiting, code: ErrorCode) {
        self.answer_sync(to, SyncGroupResponse::default().with_error_code(code));
    }

    pub(super) fn record(&mut self, group: &Str, value: GroupMetadataValue) {
        self.effects.records.push(GroupRecord::Group { group: group.clone(), value: Some(value) });
    }
}
