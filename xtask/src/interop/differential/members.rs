//! Members of groups: who joins makes the others join again or leave, and then all get their share of the work.
//!
//! What happens to members when their time runs out is part of the play only where both brokers are given the time
//! to notice; else it would happen between two requests to the one and not to the other.

use super::client::Answer;
use super::generate::{Generator, Request};
use super::play::{Play, is_done};
use super::pools::{REBALANCE_MS, REBALANCE_SHORT_MS};
use super::side::Lane;
use super::value::Value;
use crate::outcome::Outcome;
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

/// After this time without an answer a member waits for others.
const HESITATION: Duration = Duration::from_millis(250);

/// More than the shortest rebalance timeout.
const OUT_OF_TIME: Duration = Duration::from_millis(REBALANCE_SHORT_MS.unsigned_abs() + 400);

/// Who is in which group, as far as the play knows.
#[derive(Default)]
pub(super) struct Members<'a> {
    /// By group the joins of its members, each with the id that the brokers gave it.
    joined: BTreeMap<String, Vec<Request<'a>>>,
    /// By group the id that was answered last.
    latest: BTreeMap<String, Value>,
}

impl<'a> Play<'a> {
    /// A member joins, and so do the others or they leave; then the work is shared out.
    pub(super) fn join(&mut self, generator: &mut Generator<'a>, request: &Request<'a>) -> Outcome {
        let group = group_of(request);
        let own = self.own_id(request, &group);
        let number = self.begin(Lane::Waiting, request)?;
        let mut joined = Vec::new();
        // Now and then nobody comes, and who is waited for is thrown out.
        if !self.is_answered_within(Lane::Waiting, HESITATION)? && !generator.rng.chance(12) {
            let mut others = self.members.joined.remove(&group).unwrap_or_default();
            others.retain(|other| other.body.field("member_id") != Some(&own));
            let stays = if generator.rng.chance(3) { None } else { others.pop() };
            if !others.is_empty() {
                let leave = self.leave(generator, &group, &others)?;
                self.ask(&leave)?;
            }
            if let Some(other) = stays {
                let answer = self.ask(&other)?;
                joined.push(self.learn_member(&group, other, answer));
            }
        }
        let answer = self.end(Lane::Waiting, request, number)?;
        joined.push(self.learn_member(&group, request.clone(), answer));
        self.share_out(generator, &group, joined)
    }

    /// Who stays in a group that somebody has left joins it again.
    pub(super) fn after_leave(&mut self, generator: &mut Generator<'a>, request: &Request<'a>) -> Outcome {
        self.settle(generator, &group_of(request))?;
        let known = self.members.joined.get(&group_of(request)).cloned().unwrap_or_default();
        if known.len() > 1 {
            known.iter().try_for_each(|member| self.join(generator, member))
        } else {
            Ok(())
        }
    }

    /// Looks at a group until the brokers agree on it: where somebody has not come who was given an id, Kafka has a
    /// timer of no time end the rebalance, which takes a moment.
    fn settle(&mut self, generator: &mut Generator<'a>, group: &str) -> Outcome {
        let mut describe = generator.request(self.api("DescribeGroups")?, 5);
        describe.body.set("groups", Value::List(vec![Value::text(group)]));
        self.ask(&describe).map(drop)
    }

    /// The id of who joins, in the words that answers have for it.
    fn own_id(&self, request: &Request<'a>, group: &str) -> Value {
        match request.body.field("member_id") {
            Some(Value::Symbol(name)) if *name == format!("member of {group}") => {
                self.members.latest.get(group).cloned().unwrap_or(Value::Null)
            }
            id => id.cloned().unwrap_or(Value::Null),
        }
    }

    /// The join of a member with the id that was answered to it.
    fn learn_member(
        &mut self,
        group: &str,
        mut join: Request<'a>,
        answer: Answer,
    ) -> (Request<'a>, Option<Value>) {
        let Answer::Body(body) = answer else { return (join, None) };
        if let Some(id @ Value::Symbol(_)) = body.field("member_id") {
            join.body.set("member_id", id.clone());
            self.members.latest.insert(group.to_owned(), id.clone());
        }
        let is_in = is_done(&body);
        (join, Some(body).filter(|_| is_in))
    }

    fn leave(
        &self,
        generator: &mut Generator<'a>,
        group: &str,
        members: &[Request<'a>],
    ) -> Outcome<Request<'a>> {
        let mut leave = generator.request(self.api("LeaveGroup")?, 5);
        let identity = |member: &Request<'a>| {
            let id = member.body.field("member_id").cloned().unwrap_or(Value::Null);
            Value::fields([("member_id", id), ("group_instance_id", Value::Null), ("reason", Value::Null)])
        };
        leave.body.set("group_id", Value::text(group));
        leave.body.set("members", Value::List(members.iter().map(identity).collect()));
        Ok(leave)
    }

    /// Those who have joined get their share of the work, the leader first, or are thrown out for not asking for it.
    fn share_out(
        &mut self,
        generator: &mut Generator<'a>,
        group: &str,
        joined: Vec<(Request<'a>, Option<Value>)>,
    ) -> Outcome {
        let mut joined: Vec<_> =
            joined.into_iter().filter_map(|(join, answer)| Some((join, answer?))).collect();
        if joined.is_empty() {
            return Ok(());
        }
        joined.sort_by_key(|(_, answer)| answer.field("leader") != answer.field("member_id"));
        let count = joined[0].1.field("members").map(Value::list).unwrap_or_default().len();
        if let [(join, _)] = &joined[..]
            && is_short(join)
            && count == 1
        {
            sleep(OUT_OF_TIME);
            return self.settle(generator, group);
        }
        let shares = joined.iter().map(|(join, _)| {
            let member = join.body.field("member_id").cloned().unwrap_or(Value::Null);
            Value::fields([("member_id", member), ("assignment", Value::Bytes(vec![0; 10]))])
        });
        let mut shares: Vec<_> = shares.collect();
        for (join, answer) in &joined {
            let version = generator.rng.one([5, 5, 4, 3, 1, 0]);
            let mut sync = generator.request(self.api("SyncGroup")?, version);
            let of_join = |field: &str| join.body.field(field).cloned().unwrap_or(Value::Null);
            let instance = if join.version >= 5 { of_join("group_instance_id") } else { Value::Null };
            sync.body.set("group_id", Value::text(group));
            sync.body.set("generation_id", answer.field("generation_id").cloned().unwrap_or(Value::Null));
            sync.body.set("member_id", of_join("member_id"));
            sync.body.set("group_instance_id", instance);
            sync.body.set("protocol_type", of_join("protocol_type"));
            sync.body.set("protocol_name", answer.field("protocol_name").cloned().unwrap_or(Value::Null));
            sync.body.set("assignments", Value::List(std::mem::take(&mut shares)));
            self.ask(&sync)?;
        }
        let joins = joined.into_iter().map(|(join, _)| join);
        let known = self.members.joined.entry(group.to_owned()).or_default();
        if count == joins.len() {
            known.clear();
        }
        known.extend(joins);
        Ok(())
    }
}

fn group_of(request: &Request<'_>) -> String {
    request.body.field("group_id").and_then(Value::as_text).unwrap_or_default().to_owned()
}

fn is_short(join: &Request<'_>) -> bool {
    join.version > 0 && join.body.field("rebalance_timeout_ms").and_then(Value::int) < Some(REBALANCE_MS)
}
