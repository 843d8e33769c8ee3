//! One producer of a transactional id, and one transaction of it, as the history is told of them.
//!
//! A commit that is answered well is final, one that is refused has not happened, and of any other nobody knows; an
//! abort counts as answered by the coordinator only if the transaction had begun there for sure.

use bytes::Bytes;
use ottla::client::{CommittedOffset, GroupMetadata, Offset, TopicPartition};
use ottla::env::Rng;
use ottla::producer::{self, Error, Producer, Record, Transaction};
use ottla_check::{Committed, End, What};
use ottla_sim::{millis as ms, number};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::worker::Worker;
use crate::clients::AGAIN;

/// Why a life is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// There is nothing left to do.
    Done,
    /// The producer can do no more: another one has to follow.
    Spent,
}

/// A producer in one life.
pub(crate) struct Producing {
    pub(crate) worker: Worker,
    pub(crate) name: String,
    producer: Producer,
}

impl Producing {
    /// Makes a producer, however often it takes.
    pub(crate) async fn begin(worker: &Worker, name: String) -> Self {
        let own = &worker.own;
        let config = producer::Config::with_client(worker.seams.config(&name, own.request_timeout))
            .with_transactional_id(own.id.as_str())
            .with_transaction_timeout(own.timeout)
            .with_max_block(own.max_block)
            .with_linger(own.linger)
            .with_batch_size(own.batch_size)
            .with_max_in_flight(own.max_in_flight);
        let producer = loop {
            match Producer::new(config.clone()).await {
                Ok(producer) => break producer,
                Err(error) => worker.note(&error.to_string()),
            }
            sleep(AGAIN).await;
        };
        let producing = Self { worker: worker.clone(), name, producer };
        producing.init().await;
        producing
    }

    /// Claims the transactional id; what fails for good is told by the first transaction.
    async fn init(&self) {
        // However often it is asked, it is one question: what takes effect may be heard of later.
        let asked = self.worker.seams.history.ask(|op| What::Init {
            op,
            who: self.name.clone(),
            transactional_id: self.worker.own.id.clone(),
        });
        loop {
            match self.producer.init_transactions().await {
                Ok(()) => return asked.done(),
                Err(error) if error.is_fatal() => return asked.doubted(&error.to_string()),
                Err(error) => self.note(&error.to_string()),
            }
            sleep(AGAIN).await;
        }
    }

    /// Begins a transaction once the one before is over.
    pub(crate) async fn begin_transaction(&self) -> Result<Open<'_>, Ended> {
        let transaction = loop {
            match self.producer.begin_transaction().await {
                Ok(transaction) => break transaction,
                Err(error) if error.is_fatal() => {
                    self.note(&error.to_string());
                    return Err(Ended::Spent);
                }
                Err(error) => self.note(&error.to_string()),
            }
            sleep(AGAIN).await;
        };
        let number = self.worker.next_transaction();
        let name = format!("{}/{number}", self.name);
        self.worker.seams.history.push(What::Begin { who: self.name.clone(), transaction: name.clone() });
        Ok(Open { of: self, transaction, name, number, deliveries: Vec::new(), is_surely_begun: false })
    }

    pub(crate) async fn close(self) {
        self.producer.close().await;
    }

    pub(crate) fn note(&self, what: &str) {
        self.worker.seams.history.note(&format!("{}: {what}", self.name));
    }
}

/// A transaction that is open.
pub(crate) struct Open<'a> {
    pub(crate) of: &'a Producing,
    transaction: Transaction,
    pub(crate) name: String,
    pub(crate) number: u32,
    /// Whether each record was written.
    deliveries: Vec<JoinHandle<bool>>,
    is_surely_begun: bool,
}

impl Open<'_> {
    /// Puts a record into it; `text` ends what its value says. False if the transaction takes no more.
    pub(crate) async fn send(&mut self, rng: &mut Rng, text: &str) -> bool {
        let worker = &self.of.worker;
        let place = &worker.seams.outputs[number(rng, 0, worker.seams.outputs.len() - 1)];
        let mut value = format!("{}-{}-{text}", worker.own.id, worker.next_record()).into_bytes();
        value.extend(std::iter::repeat_n(b'.', number(rng, 0, 100)));
        let value = Bytes::from(value);
        let history = &worker.seams.history;
        let sent = history.sent_in(&self.of.name, &self.name, place, &value);
        let record = Record::new(&place.topic).with_partition(place.partition).with_value(&value);
        match self.transaction.enqueue(record).await {
            Ok(delivery) => {
                self.deliveries.push(tokio::spawn(async move {
                    match delivery.await {
                        Ok(written) => sent.acknowledged(written.offset.map(|offset| offset.0)),
                        Err(error) if error.is_possibly_written() => {
                            sent.doubted(&error.to_string());
                            return false;
                        }
                        Err(error) => {
                            sent.refused(&error.to_string());
                            return false;
                        }
                    }
                    true
                }));
                true
            }
            Err(error) => {
                sent.refused(&error.to_string());
                false
            }
        }
    }

    /// Has it commit offsets of a group. False if they may not be part of it.
    pub(crate) async fn send_offsets(
        &mut self,
        group: &GroupMetadata,
        offsets: Vec<(TopicPartition, i64)>,
    ) -> bool {
        let asked = self.of.worker.seams.history.ask(|op| What::Commit {
            op,
            who: self.of.name.clone(),
            group: group.group_id.to_string(),
            generation: (group.generation >= 0).then_some(group.generation),
            transaction: Some(self.name.clone()),
            offsets: offsets
                .iter()
                .map(|(place, offset)| Committed {
                    topic: place.topic.to_string(),
                    partition: place.partition,
                    offset: *offset,
                })
                .collect(),
        });
        let sent = offsets.into_iter().map(|(place, offset)| (place, CommittedOffset::new(Offset(offset))));
        match self.transaction.send_offsets(sent, group).await {
            Ok(()) => {
                self.is_surely_begun = true;
                asked.done();
                true
            }
            Err(error) => {
                asked.doubted(&error.to_string());
                false
            }
        }
    }

    /// Commits. Gives whether it is committed, as far as anybody knows, or why the producer can do no more.
    pub(crate) async fn commit(mut self) -> Result<bool, Ended> {
        // A commit goes on after a time-out, so that asking again is the same question.
        let asked = self.asks_for_the_end(End::Commit);
        loop {
            match self.transaction.commit().await {
                Ok(()) => {
                    asked.done();
                    return Ok(true);
                }
                Err(error @ Error::MustAbort(_)) => {
                    asked.refused(&error.to_string());
                    return self.abort().await.map(|()| false);
                }
                Err(error @ Error::Aborted) => {
                    asked.refused(&error.to_string());
                    return Ok(false);
                }
                Err(error) if error.is_fatal() => {
                    asked.doubted(&error.to_string());
                    return Err(Ended::Spent);
                }
                Err(error) => self.of.note(&error.to_string()),
            }
            sleep(AGAIN).await;
        }
    }

    /// Aborts.
    pub(crate) async fn abort(&mut self) -> Result<(), Ended> {
        self.settle().await;
        let asked = self.asks_for_the_end(End::Abort);
        loop {
            match self.transaction.abort().await {
                Ok(()) if self.is_surely_begun => {
                    asked.done();
                    return Ok(());
                }
                // Perhaps nobody but the producer ever knew of it.
                Ok(()) => {
                    asked.doubted("it had not begun for sure");
                    return Ok(());
                }
                Err(error) if error.is_fatal() => {
                    asked.doubted(&error.to_string());
                    return Err(Ended::Spent);
                }
                Err(error) => self.of.note(&error.to_string()),
            }
            sleep(AGAIN).await;
        }
    }

    /// Takes in what is known of its records by now.
    async fn settle(&mut self) {
        for delivery in std::mem::take(&mut self.deliveries) {
            if delivery.is_finished() {
                self.is_surely_begun |= delivery.await.unwrap();
            }
        }
    }

    fn asks_for_the_end(&self, how: End) -> crate::history::Asked {
        self.of.worker.seams.history.ask(|op| What::End {
            op,
            who: self.of.name.clone(),
            transaction: self.name.clone(),
            how,
        })
    }
}

/// Fills a transaction of one who only writes, and ends it.
pub(crate) async fn fill_and_end(mut open: Open<'_>, rng: &mut Rng) -> Result<(), Ended> {
    let worker = &open.of.worker;
    let own = &worker.own;
    let group = GroupMetadata::new(group_of(&own.id));
    let mut is_whole = true;
    for _ in 0..number(rng, 1, own.records_max) {
        is_whole = is_whole && open.send(rng, "").await;
        if rng.chance(0.3) {
            sleep(ms(rng, 0, u64::try_from(own.gap_max.as_millis()).unwrap())).await;
        }
    }
    if is_whole && rng.chance(0.5) {
        let place = worker.seams.outputs[0].clone();
        is_whole = open.send_offsets(&group, vec![(place, i64::from(open.number) + 1)]).await;
    }
    if worker.seams.goes_wrong(rng, own.stalls) {
        sleep(own.timeout + ms(rng, 0, 1_000)).await;
    }
    if rng.chance(0.03) {
        return Ok(()); // dropped, which aborts it in the background
    }
    match is_whole && !worker.seams.goes_wrong(rng, own.aborts) {
        true => open.commit().await.map(drop),
        false => open.abort().await,
    }
}

/// The group that a worker which only writes commits offsets of: they count its transactions.
pub(crate) fn group_of(id: &str) -> String {
    format!("of-{id}")
}
