//! A worker: a process of its own that consumes, transforms, and commits what it read and what it wrote in one
//! transaction. It can be killed, and stand still while others take its place, at any moment.
//!
//! Of what it does wrong nothing is mended here: who judges has only its journal and the topics.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use ottla::client::{CommittedOffset, IsolationLevel, Offset, TopicPartition};
use ottla::consumer::assignor::Assignor;
use ottla::consumer::{self, Batch, Consumer, Event, GroupProtocol, OffsetReset, Start};
use ottla::env::Rng;
use ottla::producer::{self, Delivery, Producer, Record, Transaction};
use ottla::protocol::ErrorCode;
use ottla_check::{Committed, End, Isolation, Read, What};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::journal::Journal;
use super::tally::output_of;
use super::{FENCED, FROM, GROUP, PARTITIONS, SOON, TO};
use crate::{Failure, load};

/// After how long the coordinator of transactions aborts one that was left behind.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);
/// After how long without a sign of life a worker has lost its place in the group.
const SESSION: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_millis(200);
/// Records of one transaction, at most.
const RECORDS_MAX: u64 = 40;

/// Works as told until its input ends.
pub(crate) async fn run(order: &str) -> ExitCode {
    let worked = match Worker::hire(order).await {
        Ok(mut worker) => worker.work().await,
        Err(failure) => Err(failure),
    };
    match worked {
        Ok(End::Commit) => ExitCode::SUCCESS,
        Ok(End::Abort) => ExitCode::from(FENCED),
        Err(failure) => {
            eprintln!("{order}: {failure}");
            ExitCode::FAILURE
        }
    }
}

struct Worker {
    /// Its name in one life.
    who: String,
    journal: Journal,
    consumer: Consumer,
    producer: Producer,
    rng: Rng,
    transactions: u64,
    /// Whether it is to do it wrong.
    is_spoiled: bool,
}

/// How a transaction went.
enum Went {
    Committed,
    /// It is to be tried again from what is committed.
    Aborted,
    /// Somebody has taken this worker's place.
    Fenced,
}

impl Worker {
    async fn hire(order: &str) -> Result<Self, Failure> {
        let order: Value = serde_json::from_str(order)?;
        let text = |name: &str| order[name].as_str().ok_or_else(|| format!("the order has no {name}"));
        let number = |name: &str| order[name].as_u64().ok_or_else(|| format!("the order has no {name}"));
        let (name, address, life) = (text("name")?, text("bootstrap")?, number("life")?);
        let journal = Journal::open(Path::new(text("journal")?), life)?;
        let mut reading = consumer::Config::with_client(load::client_config(address))
            .with_group_id(GROUP)
            .with_auto_offset_reset(OffsetReset::Earliest)
            .with_isolation_level(IsolationLevel::ReadCommitted)
            .with_session(SESSION, HEARTBEAT)
            .without_auto_commit();
        if order["static"] == true {
            reading.group_instance_id = Some(name.to_owned());
        }
        match text("groups")? {
            "eager" => reading.partition_assignment_strategy = vec![Assignor::Range],
            "cooperative" => reading.partition_assignment_strategy = vec![Assignor::CooperativeSticky],
            _ => reading.group_protocol = GroupProtocol::Consumer,
        }
        let writing = producer::Config::with_client(load::client_config(address))
            .with_linger(Duration::from_millis(1))
            .with_transactional_id(name)
            .with_transaction_timeout(TRANSACTION_TIMEOUT);
        Ok(Self {
            who: format!("{name}.{life}"),
            journal,
            consumer: Consumer::new(reading).await?,
            producer: Producer::new(writing).await?,
            rng: Rng::new(number("seed")? ^ life),
            transactions: 0,
            is_spoiled: order["spoil"] == true,
        })
    }

    /// Whether it ended as it was told to (`Commit`), or was fenced off (`Abort`).
    async fn work(&mut self) -> Result<End, Failure> {
        let (op, who) = (self.journal.op(), self.who.clone());
        let transactional_id = self.producer.config().transactional_id.clone().unwrap_or_default();
        self.journal.say(What::Init { op, who, transactional_id })?;
        match self.producer.init_transactions().await {
            Ok(()) => self.journal.say(What::ok(op))?,
            Err(producer::Error::Fenced) => return Ok(End::Abort),
            Err(error) => return Err(error.into()),
        }
        self.consumer.subscribe([FROM]).await?;
        let mut stopped = std::pin::pin!(stopped());
        loop {
            let event = tokio::select! {
                biased;
                () = &mut stopped => break,
                event = self.consumer.next_event() => event,
            };
            match event {
                Ok(Event::Batch(batch)) => match self.transact(&batch).await? {
                    Went::Committed => {}
                    Went::Aborted => self.rewind(batch.topic_partition())?,
                    Went::Fenced => return Ok(End::Abort),
                },
                Ok(Event::Assigned(partitions)) => self.goes_elsewhere(&partitions)?,
                Ok(Event::Revoking(revocation)) => revocation.done().await,
                Ok(_) => {}
                // Who came later under the same name has the place of a static member; or who was there is not gone yet.
                Err(consumer::Error::Group {
                    code: ErrorCode::FENCED_INSTANCE_ID | ErrorCode::UNRELEASED_INSTANCE_ID,
                    ..
                }) => return Ok(End::Abort),
                Err(error) if error.is_retriable() => sleep(SOON).await,
                Err(error) => return Err(error.into()),
            }
        }
        let Self { consumer, producer, .. } = self;
        consumer.clone().close().await;
        producer.clone().close().await;
        Ok(End::Commit)
    }

    /// What is read next may be anywhere.
    fn goes_elsewhere(&self, partitions: &[TopicPartition]) -> Result<(), Failure> {
        self.journal.tell(partitions.iter().map(|place| What::Seek {
            who: self.who.clone(),
            topic: place.topic.to_string(),
            partition: place.partition,
            offset: None,
        }))
    }

    /// Reads again from what is committed.
    fn rewind(&self, place: &TopicPartition) -> Result<(), Failure> {
        self.goes_elsewhere(std::slice::from_ref(place))?;
        // What is not assigned any more begins there for whoever has it.
        let _ = self.consumer.seek(place, Start::Committed);
        Ok(())
    }

    /// Takes some records of a batch after the other through transactions.
    async fn transact(&mut self, batch: &Batch) -> Result<Went, Failure> {
        let mut records = Vec::new();
        for record in batch {
            let record = record?;
            records.push((record.offset, String::from_utf8(record.value.unwrap_or_default().to_vec())?));
        }
        let mut rest = &records[..];
        while !rest.is_empty() {
            let count = usize::try_from(1 + self.rng.below(RECORDS_MAX))?.min(rest.len());
            let (some, others) = rest.split_at(count);
            rest = others;
            let next = others.first().map_or(batch.next_offset(), |(offset, _)| Offset(*offset));
            match self.one(batch.topic_partition(), some, next).await? {
                Went::Committed => {}
                went => return Ok(went),
            }
        }
        Ok(Went::Committed)
    }

    async fn one(
        &mut self,
        place: &TopicPartition,
        records: &[(i64, String)],
        next: Offset,
    ) -> Result<Went, Failure> {
        self.transactions += 1;
        let name = format!("{}.{}", self.who, self.transactions);
        let transaction = match self.producer.begin_transaction().await {
            Ok(transaction) => transaction,
            Err(error) => return fenced(error),
        };
        let read = records.iter().map(|(offset, value)| Read { offset: *offset, value: value.clone() });
        let mut sends = Vec::new();
        for (_, value) in records {
            let partition = i32::try_from(self.rng.below(u64::try_from(PARTITIONS)?))?;
            sends.push((self.journal.op(), partition, output_of(value, &name)));
        }
        let mut told = vec![
            What::Begin { who: self.who.clone(), transaction: name.clone() },
            What::Poll {
                who: self.who.clone(),
                topic: place.topic.to_string(),
                partition: place.partition,
                records: read.collect(),
                isolation: Isolation::ReadCommitted,
                group: None,
                transaction: Some(name.clone()),
            },
        ];
        told.extend(sends.iter().map(|(op, partition, value)| What::Send {
            op: *op,
            who: self.who.clone(),
            topic: TO.to_owned(),
            partition: *partition,
            value: value.clone(),
            acks: ottla_check::Acks::All,
            idempotent: true,
            transaction: Some(name.clone()),
        }));
        self.journal.tell(told)?;
        let mut deliveries = Vec::new();
        let made = async {
            for (op, partition, value) in &sends {
                let record = Record::new(TO).with_partition(*partition).with_value(value);
                deliveries.push((*op, transaction.enqueue(record).await?));
            }
            Ok(())
        };
        let made: Result<(), producer::Error> = made.await;
        let mut is_known = false;
        if made.is_ok() && self.rng.chance(0.5) {
            is_known = self.are_written(std::mem::take(&mut deliveries)).await?;
        }
        let made = match made {
            Ok(()) => self.store(&transaction, &name, place, next).await?,
            Err(error) => Err(error),
        };
        match made {
            Ok(()) if self.rng.below(12) > 0 => {}
            outcome => {
                let went = self.abort(&transaction, &name, is_known).await?;
                return match outcome {
                    Err(error) if error.is_fatal() => fenced(error),
                    _ => Ok(went),
                };
            }
        }
        let went = self.commit(&transaction, &name).await?;
        self.are_written(deliveries).await?;
        Ok(went)
    }

    /// Stores what was read in the transaction.
    async fn store(
        &self,
        transaction: &Transaction,
        name: &str,
        place: &TopicPartition,
        next: Offset,
    ) -> Result<Result<(), producer::Error>, Failure> {
        let committed = [(place.clone(), CommittedOffset::new(next))];
        if self.is_spoiled {
            let _ = self.consumer.commit_offsets(committed).await;
            return Ok(Ok(()));
        }
        // A member that has lost its place has no name to store offsets under.
        let Ok(group) = self.consumer.group_metadata() else { return Ok(Err(producer::Error::Aborted)) };
        let op = self.journal.op();
        self.journal.say(What::Commit {
            op,
            who: self.who.clone(),
            group: GROUP.to_owned(),
            generation: Some(group.generation),
            transaction: Some(name.to_owned()),
            offsets: vec![Committed {
                topic: place.topic.to_string(),
                partition: place.partition,
                offset: next.0,
            }],
        })?;
        let stored = transaction.send_offsets(committed, &group).await;
        self.journal.say(match &stored {
            Ok(()) => What::ok(op),
            Err(error) => What::info(op, error.to_string()),
        })?;
        Ok(stored)
    }

    /// Waits until it is known what became of records; says whether all were written.
    async fn are_written(&self, deliveries: Vec<(u64, Delivery)>) -> Result<bool, Failure> {
        let (mut told, mut all) = (Vec::new(), true);
        for (op, delivery) in deliveries {
            told.push(match delivery.await {
                Ok(written) => What::sent(op, written.offset.map(|offset| offset.0)),
                Err(error) => {
                    all = false;
                    What::info(op, error.to_string())
                }
            });
        }
        self.journal.tell(told)?;
        Ok(all)
    }

    async fn commit(&self, transaction: &Transaction, name: &str) -> Result<Went, Failure> {
        loop {
            let op = self.asks_for_end(name, End::Commit)?;
            let ended = transaction.commit().await;
            self.journal.say(match &ended {
                Ok(()) => What::ok(op),
                Err(error) => What::info(op, error.to_string()),
            })?;
            match ended {
                Ok(()) => return Ok(Went::Committed),
                Err(error) if error.is_abortable() => return self.abort(transaction, name, false).await,
                Err(error) if error.is_fatal() => return fenced(error),
                // It may be committed still, and another call tells.
                Err(_) => {}
            }
        }
    }

    /// Aborts; what is known to have been written makes the answer one of the coordinator.
    async fn abort(&self, transaction: &Transaction, name: &str, is_known: bool) -> Result<Went, Failure> {
        loop {
            let op = self.asks_for_end(name, End::Abort)?;
            let ended = transaction.abort().await;
            self.journal.say(match &ended {
                Ok(()) if is_known => What::ok(op),
                Ok(()) => What::info(op, "aborted, perhaps before the coordinator knew of it"),
                Err(error) => What::info(op, error.to_string()),
            })?;
            match ended {
                Ok(()) => return Ok(Went::Aborted),
                Err(error) if error.is_fatal() => return fenced(error),
                Err(_) => {}
            }
        }
    }

    fn asks_for_end(&self, name: &str, how: End) -> Result<u64, Failure> {
        let (op, who, transaction) = (self.journal.op(), self.who.clone(), name.to_owned());
        self.journal.say(What::End { op, who, transaction, how })?;
        Ok(op)
    }
}

/// An error that is to be expected of who was replaced; any other is a failure.
fn fenced(error: producer::Error) -> Result<Went, Failure> {
    if matches!(error, producer::Error::Fenced) { Ok(Went::Fenced) } else { Err(error.into()) }
}

/// Done once the input ends.
async fn stopped() {
    let (end, ended) = oneshot::channel();
    // A thread of the runtime would keep a worker that was fenced off from ending before its input does.
    std::thread::spawn(move || {
        let mut byte = [0];
        while let Ok(1..) = std::io::stdin().read(&mut byte) {}
        let _ = end.send(());
    });
    let _ = ended.await;
}
