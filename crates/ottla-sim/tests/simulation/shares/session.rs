//! What a member of a share group does on one connection: it is given records, and says what became of them.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use ottla::client::{Connection, Error, TopicPartition};
use ottla::protocol::Request;
use ottla::protocol::api::ErrorCode;
use ottla::protocol::messages::share_acknowledge::{
    self as acknowledges, AcknowledgePartition, AcknowledgeTopic, ShareAcknowledgeRequest,
};
use ottla::protocol::messages::share_fetch::{
    AcknowledgementBatch, FetchPartition, FetchTopic, ForgottenTopic, PartitionData, ShareFetchRequest,
};
use ottla::protocol::records::Batch;
use ottla::protocol::wire::{DecodeLimits, Records, Str, Uuid};
use ottla_check::{How, Isolation, What};
use ottla_sim::millis as ms;
use tokio::time::{Instant, sleep, timeout};

use super::member::Member;
use crate::clients::AGAIN;
use crate::history::Asked;

/// How long the broker may wait for records.
const WAIT: Duration = Duration::from_millis(200);
/// The epoch of a request that ends a session.
const FINAL_EPOCH: i32 = -1;
/// The last version without renewals, and without a strict limit.
const PLAIN: i16 = 1;
/// What stands for an offset without a record.
const GAP: i8 = 0;

/// A share session and what is held in it.
pub(super) struct Session {
    /// How the history knows it: one connection.
    pub(super) who: String,
    connection: Connection,
    epoch: i32,
    /// The partitions that the broker knows of.
    known: Vec<(Uuid, TopicPartition)>,
    held: Vec<Held>,
}

/// Records that somebody is to hear of.
#[derive(Clone)]
struct Held {
    topic: Uuid,
    place: TopicPartition,
    first: i64,
    /// Which of the offsets have a record.
    records: Vec<bool>,
    how: How,
    due: Instant,
    /// Whether it is said once more, after that was heard.
    repeats: bool,
}

type Spoken = Vec<(Held, Asked)>;

impl Session {
    pub(super) fn new(who: String, connection: Connection) -> Self {
        Self { who, connection, epoch: 0, known: Vec::new(), held: Vec::new() }
    }

    /// Whether its connection is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Takes out what is to be said by now, in the order of offsets; of one partition nothing twice.
    fn due(&mut self) -> Vec<Held> {
        let now = Instant::now();
        let (mut due, later): (Vec<_>, Vec<_>) = self.held.drain(..).partition(|held| held.due <= now);
        self.held = later;
        due.sort_by(|one, other| (&one.place, one.first).cmp(&(&other.place, other.first)));
        due
    }

    /// Forgets what it meant to say of records that it is given once more.
    fn forget(&mut self, place: &TopicPartition, first: i64, last: i64) {
        self.held.retain(|held| held.place != *place || held.last() < first || last < held.first);
    }
}

impl Held {
    fn last(&self) -> i64 {
        self.first + i64::try_from(self.records.len()).unwrap() - 1
    }

    fn types(&self) -> Vec<i8> {
        let kind = match self.how {
            How::Accept => 1,
            How::Release => 2,
            How::Reject => 3,
            How::Renew => 4,
        };
        // More time is asked for all of it: what is said to be a gap would be given up.
        if self.how == How::Renew || self.records.iter().all(|is_record| *is_record) {
            return vec![kind];
        }
        self.records.iter().map(|is_record| if *is_record { kind } else { GAP }).collect()
    }
}

/// What is said of the records of one partition: first and last offsets, and what became of them.
type Batches = Vec<(i64, i64, Vec<i8>)>;
type ByPartition = BTreeMap<[u8; 16], BTreeMap<i32, Batches>>;

fn by_partition(spoken: &Spoken) -> ByPartition {
    let mut all = ByPartition::new();
    for (held, _) in spoken {
        let of = all.entry(held.topic.0).or_default().entry(held.place.partition).or_default();
        of.push((held.first, held.last(), held.types()));
    }
    all
}

impl Member {
    /// Says what is due, and asks for more.
    pub(super) async fn step(&mut self) -> Result<(), Error> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let due = session.due();
        if due.iter().any(|held| held.how == How::Renew) || (!due.is_empty() && self.rng.chance(0.5)) {
            self.acknowledge(due, false).await
        } else {
            self.fetch(due).await
        }
    }

    /// Ends the session, with what is due.
    pub(super) async fn end_session(&mut self) -> Result<(), Error> {
        let Some(session) = self.session.as_mut().filter(|session| session.epoch > 0) else { return Ok(()) };
        let due = session.due().into_iter().filter(|held| held.how != How::Renew).collect();
        self.acknowledge(due, true).await
    }

    async fn acknowledge(&mut self, due: Vec<Held>, is_final: bool) -> Result<(), Error> {
        let spoken = self.speak(due);
        let Some(session) = &mut self.session else { return Ok(()) };
        let mut request = ShareAcknowledgeRequest::default();
        (request.group_id, request.member_id) =
            (Some(Str::from(self.group.name.clone())), Some(self.id.clone()));
        request.share_session_epoch = if is_final { FINAL_EPOCH } else { session.epoch };
        session.epoch += 1;
        request.is_renew_ack = spoken.iter().any(|(held, _)| held.how == How::Renew);
        for (topic, partitions) in by_partition(&spoken) {
            let mut one = AcknowledgeTopic::default();
            one.topic_id = Uuid(topic);
            for (index, batches) in partitions {
                let mut partition = AcknowledgePartition::default();
                partition.partition_index = index;
                partition.acknowledgement_batches = batches
                    .into_iter()
                    .map(|(first, last, types)| {
                        let mut batch = acknowledges::AcknowledgementBatch::default();
                        (batch.first_offset, batch.last_offset) = (first, last);
                        batch.acknowledge_types = types;
                        batch
                    })
                    .collect();
                one.partitions.push(partition);
            }
            request.topics.push(one);
        }
        let Some(answer) = self.call(&request).await? else { return Ok(()) };
        if answer.error_code != ErrorCode::NONE {
            return Err(self.refused(answer.error_code, spoken, None));
        }
        let mut codes = BTreeMap::new();
        for topic in &answer.responses {
            let of =
                topic.partitions.iter().map(|one| ((topic.topic_id.0, one.partition_index), one.error_code));
            codes.extend(of);
        }
        self.heard(spoken, &codes);
        if !is_final && self.seams.goes_wrong(&mut self.rng, 5) {
            let again = self.call(&request).await?.map(|answer| answer.error_code);
            return self.is_refused(again);
        }
        Ok(())
    }

    async fn fetch(&mut self, due: Vec<Held>) -> Result<(), Error> {
        let spoken = self.speak(due);
        let assigned = self.assigned.clone();
        let Some(session) = &mut self.session else { return Ok(()) };
        let mut request = ShareFetchRequest::default();
        (request.group_id, request.member_id) =
            (Some(Str::from(self.group.name.clone())), Some(self.id.clone()));
        request.share_session_epoch = session.epoch;
        session.epoch += 1;
        let next = session.held.iter().map(|held| held.due).min();
        let wait = next.map_or(WAIT, |next| next.saturating_duration_since(Instant::now()).min(WAIT));
        request.max_wait_ms = i32::try_from(wait.as_millis()).unwrap() + 1;
        (request.min_bytes, request.max_bytes) = (1, 1 << 20);
        (request.max_records, request.batch_size) = (self.plan.records_max, self.plan.batch_size);
        request.share_acquire_mode = i8::from(self.plan.is_strict && !self.plan.is_old);
        let mut named = by_partition(&spoken);
        for (topic, place) in assigned.iter().filter(|one| !session.known.contains(one)) {
            named.entry(topic.0).or_default().entry(place.partition).or_default();
        }
        let forgets = |one: &&(Uuid, TopicPartition)| {
            let is_spoken_of = |held: &Held| held.topic == one.0 && held.place == one.1;
            !assigned.contains(one) && !spoken.iter().any(|(held, _)| is_spoken_of(held))
        };
        for (topic, place) in session.known.iter().filter(forgets) {
            let mut one = ForgottenTopic::default();
            (one.topic_id, one.partitions) = (*topic, vec![place.partition].into());
            request.forgotten_topics_data.push(one);
        }
        session.known.clone_from(&assigned);
        // What is spoken of is fetched from then on as well.
        for (held, _) in &spoken {
            let one = (held.topic, held.place.clone());
            if !session.known.contains(&one) {
                session.known.push(one);
            }
        }
        let known = session.known.clone();
        request.topics = named.into_iter().map(|(topic, partitions)| fetched(topic, partitions)).collect();
        let (who, group) = (session.who.clone(), self.group.name.clone());
        let until = self.seams.sim.now() + self.group.lock;
        let asked = self.seams.history.ask(|op| What::Acquire { op, who, group });
        let Some(answer) = self.call(&request).await? else { return Ok(()) };
        if answer.error_code != ErrorCode::NONE {
            return Err(self.refused(answer.error_code, spoken, Some(asked)));
        }
        let mut codes = BTreeMap::new();
        let mut is_served = true;
        for topic in &answer.responses {
            for one in &topic.partitions {
                codes.insert((topic.topic_id.0, one.partition_index), one.acknowledge_error_code);
                if one.error_code != ErrorCode::NONE {
                    is_served = false;
                    self.note(&format!("fetches of {}: {}", one.partition_index, one.error_code));
                }
            }
        }
        self.heard(spoken, &codes);
        let is_given = |one: &PartitionData| !one.acquired_records.is_empty();
        let nothing = !answer.responses.iter().flat_map(|topic| &topic.partitions).any(is_given);
        self.quiet.is_given(nothing && is_served);
        for topic in answer.responses {
            for one in topic.partitions {
                self.given(&known, topic.topic_id, one, until);
            }
        }
        asked.done();
        if request.share_session_epoch > 0 && self.seams.goes_wrong(&mut self.rng, 3) {
            let again = self.call(&request).await?.map(|answer| answer.error_code);
            self.is_refused(again)?;
        }
        if !is_served || self.assigned.is_empty() {
            sleep(AGAIN).await;
        }
        Ok(())
    }

    /// Sends a request, and may not wait for what comes of it.
    async fn call<R: Request>(&mut self, request: &R) -> Result<Option<R::Response>, Error> {
        let Some(session) = &self.session else { return Ok(None) };
        let connection = session.connection.clone();
        let version = match self.plan.is_old {
            true => connection.version_at_most::<R>(PLAIN)?,
            false => connection.version::<R>()?,
        };
        let patience = self.plan.request_timeout + WAIT;
        if self.seams.goes_wrong(&mut self.rng, 4) {
            let called = connection.call_within(request, version, patience);
            return timeout(ms(&mut self.rng, 0, 60), called).await.ok().transpose();
        }
        connection.call_within(request, version, patience).await.map(Some)
    }

    /// Tells the history of what is to be said.
    fn speak(&self, due: Vec<Held>) -> Spoken {
        let Some(session) = &self.session else { return Spoken::new() };
        let speak = |held: Held| {
            let asked = self.seams.history.ask(|op| What::Acknowledge {
                op,
                who: session.who.clone(),
                group: self.group.name.clone(),
                topic: held.place.topic.to_string(),
                partition: held.place.partition,
                first: held.first,
                last: held.last(),
                how: held.how,
            });
            (held, asked)
        };
        due.into_iter().map(speak).collect()
    }

    /// The request was refused as a whole.
    fn refused(&self, code: ErrorCode, spoken: Spoken, asked: Option<Asked>) -> Error {
        let is_certain =
            matches!(code, ErrorCode::SHARE_SESSION_NOT_FOUND | ErrorCode::INVALID_SHARE_SESSION_EPOCH);
        if !is_certain && !code.is_retriable() {
            self.seams.history.problem(format!("refused: {} is told {code}", self.group.name));
        }
        for asked in spoken.into_iter().map(|(_, asked)| asked).chain(asked).filter(|_| is_certain) {
            asked.refused(code.message());
        }
        Error::Refused { subject: "share session".to_owned(), code, message: None }
    }

    /// What came again was refused.
    fn is_refused(&self, code: Option<ErrorCode>) -> Result<(), Error> {
        match code {
            Some(ErrorCode::NONE) => {
                let name = &self.group.name;
                self.seams.history.problem(format!("share-session: {name} took a request twice"));
                Ok(())
            }
            Some(ErrorCode::INVALID_SHARE_SESSION_EPOCH) | None => Ok(()),
            Some(code) => Err(self.refused(code, Spoken::new(), None)),
        }
    }

    /// What came of what was said.
    fn heard(&mut self, spoken: Spoken, codes: &BTreeMap<([u8; 16], i32), ErrorCode>) {
        for (mut held, asked) in spoken {
            match codes.get(&(held.topic.0, held.place.partition)) {
                Some(&ErrorCode::NONE) => asked.done(),
                Some(&code @ (ErrorCode::INVALID_RECORD_STATE | ErrorCode::INVALID_REQUEST)) => {
                    asked.refused(code.message());
                    continue;
                }
                Some(code) => {
                    asked.doubted(code.message());
                    continue;
                }
                None => {
                    let place = &held.place;
                    self.seams
                        .history
                        .problem(format!("refused: nothing is told of what was said of {place}"));
                    continue;
                }
            }
            let lock = u64::try_from(self.group.lock.as_millis()).unwrap();
            if held.how == How::Renew {
                held.how = if self.rng.chance(0.8) { How::Accept } else { How::Renew };
                held.due = Instant::now() + ms(&mut self.rng, 0, lock);
            } else if held.repeats {
                held.due = Instant::now() + ms(&mut self.rng, 0, lock / 4);
                held.repeats = false;
            } else {
                continue;
            }
            self.session.as_mut().unwrap().held.push(held);
        }
    }

    /// Takes records, and makes up its mind what is to become of them.
    fn given(&mut self, known: &[(Uuid, TopicPartition)], topic: Uuid, data: PartitionData, until: Duration) {
        if data.acquired_records.is_empty() {
            return;
        }
        let is_it =
            |(id, place): &&(Uuid, TopicPartition)| *id == topic && place.partition == data.partition_index;
        let history = self.seams.history.clone();
        let Some((_, place)) = known.iter().find(is_it) else {
            return history
                .problem(format!("refused: {} is given what it has not asked for", self.group.name));
        };
        let Some(who) = self.session.as_ref().map(|session| session.who.clone()) else { return };
        let records = match records(data.records) {
            Ok(records) => records,
            Err(error) => return history.problem(format!("damage: {who}: {error}")),
        };
        for run in &data.acquired_records {
            let (first, last) = (run.first_offset, run.last_offset);
            history.push(What::Acquired {
                who: who.clone(),
                group: self.group.name.clone(),
                topic: place.topic.to_string(),
                partition: place.partition,
                first,
                last,
                count: u16::try_from(run.delivery_count).unwrap_or(0),
                until: u64::try_from(until.as_micros()).unwrap(),
            });
            let of_it: Vec<_> =
                records.iter().filter(|(offset, ..)| (first..=last).contains(offset)).cloned().collect();
            history.push(What::Seek {
                who: who.clone(),
                topic: place.topic.to_string(),
                partition: place.partition,
                offset: None,
            });
            let isolation = match self.group.reads_committed {
                true => Isolation::ReadCommitted,
                false => Isolation::ReadUncommitted,
            };
            history.read(&who, None, place, isolation, &of_it);
            self.session.as_mut().unwrap().forget(place, first, last);
            let is_record =
                (first..=last).map(|at| of_it.binary_search_by_key(&at, |(offset, ..)| *offset).is_ok());
            self.decide(topic, place, first, &is_record.collect::<Vec<_>>());
        }
    }

    /// What is to become of records, in up to two parts, and when.
    fn decide(&mut self, topic: Uuid, place: &TopicPartition, first: i64, records: &[bool]) {
        let cut = match self.rng.chance(0.3) {
            true => usize::try_from(self.rng.below(records.len() as u64)).unwrap(),
            false => 0,
        };
        let (one, other) = records.split_at(cut);
        let lock = u64::try_from(self.group.lock.as_millis()).unwrap();
        for (first, records) in [(first, one), (first + i64::try_from(cut).unwrap(), other)] {
            if records.is_empty() {
                continue;
            }
            let is_calm = self.seams.is_calm.load(std::sync::atomic::Ordering::Relaxed);
            let roll = if is_calm { 0 } else { self.rng.below(100) };
            let (how, least, most) = match roll {
                0 => (How::Accept, 0, 30),
                1..=54 => (How::Accept, 0, lock / 2),
                55..=65 => (How::Release, 0, lock / 4),
                66..=70 => (How::Reject, 0, lock / 4),
                71..=80 if !self.plan.is_old => (How::Renew, lock / 4, lock),
                // They are forgotten.
                81..=88 => continue,
                _ => (How::Accept, lock * 9 / 10, lock * 13 / 10),
            };
            let held = Held {
                topic,
                place: place.clone(),
                first,
                records: records.to_vec(),
                how,
                due: Instant::now() + ms(&mut self.rng, least, most),
                repeats: roll % 10 == 9,
            };
            self.session.as_mut().unwrap().held.push(held);
        }
    }
}

fn fetched(topic: [u8; 16], partitions: BTreeMap<i32, Batches>) -> FetchTopic {
    let mut one = FetchTopic::default();
    one.topic_id = Uuid(topic);
    for (index, batches) in partitions {
        let mut partition = FetchPartition::default();
        partition.partition_index = index;
        partition.acknowledgement_batches = batches
            .into_iter()
            .map(|(first, last, types)| {
                let mut batch = AcknowledgementBatch::default();
                (batch.first_offset, batch.last_offset) = (first, last);
                batch.acknowledge_types = types;
                batch
            })
            .collect();
        one.partitions.push(partition);
    }
    one
}

/// Offset, key and value of all records in what was read, but for those that mark the end of a transaction.
fn records(data: Records) -> Result<Vec<(i64, Option<Bytes>, Bytes)>, String> {
    let Records::Bytes(mut rest) = data else { return Err("it is in pieces".to_owned()) };
    let mut all = Vec::new();
    while let Some(batch) = Batch::split_first(&mut rest).map_err(|error| error.to_string())? {
        if batch.header().attributes.is_control() {
            continue;
        }
        let records = batch.records(&DecodeLimits::default()).map_err(|error| error.to_string())?;
        for record in &records {
            let record = record.map_err(|error| error.to_string())?;
            let key = record.key.map(Bytes::copy_from_slice);
            all.push((record.offset, key, Bytes::copy_from_slice(record.value.unwrap_or_default())));
        }
    }
    Ok(all)
}
