//! A coordinator for tests: it gives out tokens, appends to a log in memory, and moves the time.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse};
use ottla_protocol::wire::{Str, Uuid};

use crate::groups::classic::{Answer, Caller, ClassicConfig, ClassicGroups, Effects, Token};
use crate::groups::record::GroupRecord;

/// Kafka's defaults.
pub(super) fn defaults() -> ClassicConfig {
    ClassicConfig {
        initial_rebalance_delay: Duration::from_secs(3),
        session_timeout: Duration::from_secs(6)..=Duration::from_secs(30 * 60),
        size_max: usize::MAX,
    }
}

/// The coordinator.
pub(super) struct Stage {
    pub(super) groups: ClassicGroups,
    pub(super) config: ClassicConfig,
    pub(super) now: Instant,
    pub(super) now_ms: i64,
    /// What was appended.
    pub(super) log: Vec<GroupRecord>,
    pub(super) answers: BTreeMap<u64, Answer>,
    /// Whether the log is slow: records are durable when [`Stage::sync_log`] says so.
    pub(super) is_slow: bool,
    /// Whether the log refuses everything.
    pub(super) refuses: Option<ErrorCode>,
    undurable: VecDeque<Effects>,
    /// How much of the log is durable.
    durable: usize,
    next_token: u64,
    next_uuid: u128,
}

impl Default for Stage {
    fn default() -> Self {
        Self::new(defaults())
    }
}

impl Stage {
    pub(super) fn new(config: ClassicConfig) -> Self {
        Self {
            groups: ClassicGroups::new(config.clone()),
            config,
            now: Instant::now(),
            now_ms: 1_000_000,
            log: Vec::new(),
            answers: BTreeMap::new(),
            is_slow: false,
            refuses: None,
            undurable: VecDeque::new(),
            durable: 0,
            next_token: 0,
            next_uuid: 0,
        }
    }

    /// Appends and answers, as the coordinator does.
    pub(super) fn perform(&mut self, effects: Effects) {
        let mut todo = VecDeque::from([effects]);
        while let Some(effects) = todo.pop_front() {
            if let (Some(code), false) = (self.refuses, effects.records.is_empty()) {
                for (token, answer) in effects.answers {
                    let answer = match answer {
                        Answer::Join(_) => Answer::Join(JoinGroupResponse::default().with_error_code(code)),
                        Answer::Sync(_) => Answer::Sync(SyncGroupResponse::default().with_error_code(code)),
                        other => other,
                    };
                    self.answer(token, answer);
                }
                for record in &effects.records {
                    todo.push_back(self.groups.refused(self.now, self.now_ms, record, code));
                }
                continue;
            }
            self.log.extend(effects.records.iter().cloned());
            if self.is_slow && !effects.records.is_empty() {
                self.undurable.push_back(effects);
                continue;
            }
            todo.extend(self.settle(effects));
        }
    }

    fn settle(&mut self, effects: Effects) -> Vec<Effects> {
        self.durable += effects.records.len();
        for (token, answer) in effects.answers {
            self.answer(token, answer);
        }
        effects.records.iter().map(|record| self.groups.stored(self.now, record)).collect()
    }

    fn answer(&mut self, Token(token): Token, answer: Answer) {
        assert!(token < self.next_token, "an answer to nobody");
        let twice = self.answers.insert(token, answer);
        assert!(twice.is_none(), "token {token} is answered twice");
    }

    /// Makes everything durable that was appended to a slow log.
    pub(super) fn sync_log(&mut self) {
        while self.sync_one() {}
    }

    /// Makes the oldest append durable that is not; false if all are.
    pub(super) fn sync_one(&mut self) -> bool {
        let Some(effects) = self.undurable.pop_front() else { return false };
        for further in self.settle(effects) {
            self.perform(further);
        }
        true
    }

    /// Lets time pass, and everything happen in it that is due.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let next = self.groups.next_deadline().filter(|next| *next <= end);
            let step = next.unwrap_or(end).saturating_duration_since(self.now);
            self.now += step;
            self.now_ms += i64::try_from(step.as_millis()).expect("a short time");
            if next.is_none() {
                return;
            }
            self.tick();
        }
    }

    /// Does what is due now.
    pub(super) fn tick(&mut self) {
        for effects in self.groups.tick(self.now, self.now_ms) {
            self.perform(effects);
        }
        let next = self.groups.next_deadline();
        assert!(next.is_none_or(|next| next > self.now), "a deadline is left behind");
    }

    /// Starts anew, with nothing but what is durable. Who waits is told that this is no coordinator.
    pub(super) fn restart(&mut self) {
        self.undurable.clear();
        self.log.truncate(self.durable);
        for token in 0..self.next_token {
            let lost = JoinGroupResponse::default().with_error_code(ErrorCode::NOT_COORDINATOR);
            self.answers.entry(token).or_insert(Answer::Join(lost));
        }
        self.groups = ClassicGroups::new(self.config.clone());
        for record in &self.log {
            self.groups.replay(record);
        }
        self.groups.loaded(self.now, self.now_ms);
    }

    pub(super) fn token(&mut self) -> u64 {
        self.next_token += 1;
        self.next_token - 1
    }

    /// Sends a request to join; the token says what comes of it.
    pub(super) fn join(&mut self, version: i16, request: &JoinGroupRequest) -> u64 {
        let token = self.token();
        self.next_uuid += 1;
        let uuid = Uuid::from_u128(self.next_uuid);
        let caller = Caller { client_id: "c".into(), client_host: "/127.0.0.1".into() };
        let effects = self.groups.join(self.now, self.now_ms, Token(token), &caller, version, request, uuid);
        self.perform(effects);
        token
    }

    /// Joins without an id, and once more with the one that is given out.
    pub(super) fn join_anew(&mut self, group: &str, protocols: &[&str]) -> u64 {
        let request = join(group, protocols);
        let asked = self.join(9, &request);
        let answer = self.joined(asked);
        assert_eq!(answer.error_code, ErrorCode::MEMBER_ID_REQUIRED);
        self.join(9, &request.with_member_id(answer.member_id))
    }

    /// Asks for an assignment, as a leader with those of all.
    pub(super) fn sync(
        &mut self,
        group: &str,
        member_id: &Str,
        generation: i32,
        assignments: &[(&str, &'static str)],
    ) -> u64 {
        let assignments = assignments.iter().map(|(member_id, assignment)| {
            SyncGroupRequestAssignment::default()
                .with_member_id(*member_id)
                .with_assignment(Bytes::from_static(assignment.as_bytes()))
        });
        let request = SyncGroupRequest::default()
            .with_group_id(group)
            .with_member_id(member_id.clone())
            .with_generation_id(generation)
            .with_assignments(assignments.collect::<Vec<_>>());
        self.sync_request(4, &request)
    }

    pub(super) fn sync_request(&mut self, version: i16, request: &SyncGroupRequest) -> u64 {
        let token = self.token();
        let effects = self.groups.sync(self.now, self.now_ms, Token(token), version, request);
        self.perform(effects);
        token
    }

    /// Sends a request that is answered at once, or refuses to.
    pub(super) fn commit(
        &mut self,
        version: i16,
        group: &Str,
        generation: i32,
        member_id: &Str,
        instance_id: Option<&Str>,
    ) -> Result<(), ErrorCode> {
        let checked = self.groups.check_commit(self.now, version, group, generation, member_id, instance_id);
        checked.inspect(|()| self.groups.has_offsets(group))
    }

    pub(super) fn heartbeat(&mut self, group: &str, member_id: &Str, generation: i32) -> ErrorCode {
        let request = HeartbeatRequest::default()
            .with_group_id(group)
            .with_member_id(member_id.clone())
            .with_generation_id(generation);
        self.groups.heartbeat(self.now, &request).error_code
    }

    pub(super) fn leave(&mut self, version: i16, request: &LeaveGroupRequest) -> LeaveGroupResponse {
        let (effects, response) = self.groups.leave(self.now, self.now_ms, version, request);
        self.perform(effects);
        response
    }

    /// Deletes a group, if that may be.
    pub(super) fn delete(&mut self, group: &str) -> Result<(), ErrorCode> {
        let record = self.groups.delete(&group.into())?;
        if let Some(code) = self.refuses {
            return Err(code);
        }
        self.groups.replay(&record);
        self.perform(Effects::of_records(vec![record]));
        Ok(())
    }

    /// How many requests were sent that have tokens.
    pub(super) fn tokens(&self) -> u64 {
        self.next_token
    }

    pub(super) fn waits(&self, token: u64) -> bool {
        !self.answers.contains_key(&token)
    }

    pub(super) fn joined(&self, token: u64) -> JoinGroupResponse {
        match self.answers.get(&token) {
            Some(Answer::Join(response)) => response.clone(),
            other => panic!("not an answer to a join: {other:?}"),
        }
    }

    pub(super) fn synced(&self, token: u64) -> SyncGroupResponse {
        match self.answers.get(&token) {
            Some(Answer::Sync(response)) => response.clone(),
            other => panic!("not an answer to a sync: {other:?}"),
        }
    }

    /// The state of a group, as it is called.
    pub(super) fn state(&self, group: &str) -> Str {
        self.groups.describe(&group.into()).expect("the group is there").group_state
    }
}

/// A request to join, of a member with sessions of 10 s and rebalances of a minute.
pub(super) fn join(group: &str, protocols: &[&str]) -> JoinGroupRequest {
    let protocols = protocols.iter().map(|name| {
        JoinGroupRequestProtocol::default()
            .with_name(*name)
            .with_metadata(Bytes::from_static(b"\0\0\0\0\0\x01\0\x01t\xff\xff\xff\xff"))
    });
    JoinGroupRequest::default()
        .with_group_id(group)
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(60_000)
        .with_protocol_type("consumer")
        .with_protocols(protocols.collect::<Vec<_>>())
}

/// Whether an answer makes its member the leader.
pub(super) fn leads(response: &JoinGroupResponse) -> bool {
    response.leader == response.member_id
}
