//! The topics that a producer writes to, and what all its parts share.
//!
//! Appending lives here: choosing the partition, locking its queue, and telling the sender. Waiting
//! lives in `producer`, sending in `worker`.

mod first_topics;
mod run;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use ottla_client::internal::{Closing, lock};
use ottla_client::{Client, Cluster, TopicInterest};
use ottla_protocol::wire::Str;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::batch::Baggage;
use crate::buffers::Buffers;
use crate::config::Config;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::flush::Tickets;
use crate::memory::{Memory, Share};
use crate::partition::{Appended, BatchRules, Partition, batch_size_for};
use crate::partitioner::{Sticky, partition_for_key};
use crate::record::Record;
use crate::transaction::Transactions;
use first_topics::FirstTopics;

/// One topic, as far as it is known. More partitions make a new value, which the old one leads to.
#[derive(Debug)]
pub(crate) struct Topic {
    name: Str,
    partitions: Vec<Arc<Partition>>,
    sticky: Arc<Sticky>,
    /// Dropped with the last value, it lets the client forget the topic.
    interest: Option<Arc<TopicInterest>>,
    /// The same topic with more partitions.
    grown: OnceLock<Arc<Self>>,
}

/// What handles and worker share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) client: Client,
    pub(crate) memory: Memory,
    pub(crate) tickets: Tickets,
    pub(crate) transactions: Option<Transactions>,
    buffers: Arc<Buffers>,
    rules: BatchRules,
    first_topics: FirstTopics,
    topics: RwLock<Topics>,
    /// Partitions with news for the sender.
    inbox: Mutex<Vec<Arc<Partition>>>,
    /// Wakes the worker.
    pub(crate) wake: Notify,
    pub(crate) closing: Closing,
}

#[derive(Debug, Default)]
struct Topics {
    by_name: BTreeMap<Str, Arc<Topic>>,
    partitions: usize,
    are_closed: bool,
}

/// Where a record goes in its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    index: u32,
    /// Whether it was the partitioner's choice for records without a key.
    is_sticky: bool,
}

/// What became of a record that was offered.
#[derive(Debug)]
pub(crate) enum Offered<T> {
    /// It is in a batch.
    Queued(T),
    /// The next try must bring baggage for a batch of so many bytes.
    NeedsBatch(usize),
    /// The topic was not written to before.
    NoTopic,
    /// The topic has no such partition, as far as is known.
    NoPartition(i32),
}

impl Shared {
    pub(crate) fn new(config: Config, client: Client) -> Self {
        Self {
            memory: Memory::new(config.buffer_memory),
            tickets: Tickets::default(),
            transactions: Transactions::new(&config),
            buffers: Arc::new(Buffers::new(config.batch_size)),
            rules: BatchRules {
                compression: config.compression,
                batch_size: config.batch_size,
                is_transactional: config.transactional_id.is_some(),
            },
            first_topics: FirstTopics::default(),
            topics: RwLock::default(),
            inbox: Mutex::default(),
            wake: Notify::new(),
            closing: Closing::new(),
            client,
            config,
        }
    }

    /// Takes in a topic that the cluster knows, or its new partitions.
    pub(crate) fn learn(&self, known: &ottla_client::Topic, interest: TopicInterest) {
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        match topics.by_name.get(&known.name) {
            Some(_) => topics.grow(known),
            None => {
                let count = u32::try_from(known.partitions.len()).unwrap_or(u32::MAX);
                let topic = Topic {
                    name: known.name.clone(),
                    partitions: topics.new_partitions(known, 0).collect(),
                    sticky: Arc::new(Sticky::new(self.client.env().rng(), count)),
                    interest: Some(Arc::new(interest)),
                    grown: OnceLock::new(),
                };
                let topic = Arc::new(topic);
                topics.by_name.insert(known.name.clone(), Arc::clone(&topic));
                self.first_topics.add(&topic);
            }
        }
    }

    /// Takes in partitions that were added to topics. Partitions do not go away.
    pub(crate) fn grow(&self, cluster: &Cluster) {
        let more = |topic: &Arc<Topic>| {
            let known = cluster.topic(&topic.name)?;
            (known.partitions.len() > topic.partitions.len()).then(|| Arc::clone(known))
        };
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        let grown: Vec<_> = topics.by_name.values().filter_map(more).collect();
        drop(topics);
        for known in grown {
            self.topics.write().unwrap_or_else(PoisonError::into_inner).grow(&known);
        }
    }

    /// Offers a record to its partition's batch, or to a new one with `baggage`.
    pub(crate) fn offer(
        &self,
        record: &Record<'_>,
        timestamp: i64,
        number: Option<u64>,
        baggage: &mut Option<Baggage>,
    ) -> Result<Offered<Delivery>, Error> {
        let machine = self.admits(number)?;
        let offered = self.with_topic(record.topic, |topic| {
            let place = match self.place(topic, record) {
                Ok(place) => place,
                Err(partition) => return Ok(Offered::NoPartition(partition)),
            };
            let partition = &topic.partitions[place.index as usize];
            let delivery = &mut |batch: &_, index| Delivery::new(Arc::clone(batch), index, timestamp);
            let appended = lock(&partition.queue).append(
                partition,
                record,
                timestamp,
                place.is_sticky,
                &self.rules,
                baggage,
                delivery,
            );
            match appended? {
                Appended::Queued { delivery, tell_sender, share_filled } => {
                    self.tell_sender_if(tell_sender, partition);
                    if share_filled {
                        self.leave(topic, place.index);
                    }
                    Ok(Offered::Queued(delivery))
                }
                Appended::NeedsBatch { tell_sender } => {
                    self.tell_sender_if(tell_sender, partition);
                    Ok(self.needs_batch(record))
                }
            }
        });
        drop(machine);
        offered
    }

    /// Whether the transaction takes records. While what it returns is held it does not end.
    #[inline]
    fn admits(&self, number: Option<u64>) -> Result<impl Sized + '_, Error> {
        let machine = self.transactions.as_ref().map(Transactions::read);
        if let Some(machine) = &machine {
            machine.admits(number)?;
        }
        Ok(machine)
    }

    /// Does `what` with a topic, if it was written to before.
    #[inline]
    fn with_topic<T>(
        &self,
        name: &str,
        what: impl FnOnce(&Topic) -> Result<Offered<T>, Error>,
    ) -> Result<Offered<T>, Error> {
        if let Some(topic) = self.first_topics.find(name) {
            return what(topic);
        }
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        topics.by_name.get(name).map_or(Ok(Offered::NoTopic), |topic| what(topic))
    }

    /// Where a record goes; the error is a partition that the topic does not have, as far as is known.
    #[inline]
    fn place(&self, topic: &Topic, record: &Record<'_>) -> Result<Place, i32> {
        let count = topic.count();
        let (index, is_sticky) = match (record.partition, record.key) {
            (Some(index), _) => match u32::try_from(index) {
                Ok(unsigned) if unsigned < count => (unsigned, false),
                _ => return Err(index),
            },
            (None, Some(key)) if !self.config.partitioner_ignore_keys => {
                (partition_for_key(key, count), false)
            }
            (None, _) => (topic.sticky.current(count), true),
        };
        Ok(Place { index, is_sticky })
    }

    fn needs_batch<T>(&self, record: &Record<'_>) -> Offered<T> {
        Offered::NeedsBatch(self.rules.batch_size.max(batch_size_for(record)))
    }

    /// An error for a record that is larger than any batch may be.
    #[inline]
    pub(crate) fn check_size(&self, record: &Record<'_>) -> Result<(), Error> {
        let (size, limit) = (batch_size_for(record), self.config.max_request_size);
        if size > limit {
            return Err(Error::RecordTooLarge { size, setting: "max.request.size", limit });
        }
        Ok(())
    }

    /// What a new batch takes along.
    pub(crate) fn baggage(&self, share: Share) -> Baggage {
        Baggage {
            share,
            ticket: self.tickets.take(),
            buffers: Arc::clone(&self.buffers),
            opened_at: Instant::now().into_std(),
        }
    }

    /// Partitions with news since the last call.
    pub(crate) fn take_news(&self, into: &mut Vec<Arc<Partition>>) {
        std::mem::swap(&mut *lock(&self.inbox), into);
    }

    /// Takes no more records, and fails those that wait.
    pub(crate) fn close(&self) {
        self.memory.close();
        self.transactions.iter().for_each(Transactions::tell_changed);
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        topics.are_closed = true;
        for partition in topics.by_name.values().flat_map(|topic| &topic.partitions) {
            lock(&partition.queue).close();
        }
    }

    #[inline]
    fn tell_sender_if(&self, is_news: bool, partition: &Arc<Partition>) {
        if is_news {
            lock(&self.inbox).push(Arc::clone(partition));
            self.wake.notify_one();
        }
    }

    fn leave(&self, topic: &Topic, index: u32) {
        let count = topic.count();
        let cluster = self.client.cluster();
        let partitions = cluster.topic(&topic.name).map_or(&[][..], |topic| &topic.partitions);
        let led = (0..count).zip(partitions).filter(|(_, partition)| partition.leader.is_some());
        let available: Vec<u32> = led.map(|(index, _)| index).collect();
        topic.sticky.leave(index, count, &available);
    }
}

impl Topic {
    fn count(&self) -> u32 {
        u32::try_from(self.partitions.len()).unwrap_or(u32::MAX)
    }

    /// The topic with all partitions that it has by now.
    fn newest(&self) -> &Self {
        let mut newest = self;
        while let Some(grown) = newest.grown.get() {
            newest = grown;
        }
        newest
    }

    /// A topic that nobody leads.
    #[cfg(test)]
    fn of_test(name: &str, partitions: usize) -> Self {
        let partition = |index: i32| Arc::new(Partition::new(0, Str::from(name), index));
        Self {
            name: Str::from(name),
            partitions: (0..).map(partition).take(partitions).collect(),
            sticky: Arc::new(Sticky::new(ottla_env::Rng::new(1), 1)),
            interest: None,
            grown: OnceLock::new(),
        }
    }
}

impl Topics {
    /// Takes in the partitions that a topic has got.
    fn grow(&mut self, known: &ottla_client::Topic) {
        let Some(topic) = self.by_name.get(&known.name).map(Arc::clone) else { return };
        if topic.partitions.len() >= known.partitions.len() {
            return;
        }
        let more = self.new_partitions(known, topic.partitions.len());
        let grown = Arc::new(Topic {
            name: topic.name.clone(),
            partitions: topic.partitions.iter().cloned().chain(more).collect(),
            sticky: Arc::clone(&topic.sticky),
            interest: topic.interest.clone(),
            grown: OnceLock::new(),
        });
        topic.grown.get_or_init(|| Arc::clone(&grown));
        self.by_name.insert(topic.name.clone(), grown);
    }

    /// The partitions of a topic behind the first `skipped`, which are new.
    fn new_partitions<'a>(
        &'a mut self,
        known: &'a ottla_client::Topic,
        skipped: usize,
    ) -> impl Iterator<Item = Arc<Partition>> + 'a {
        known.partitions.iter().skip(skipped).map(|partition| {
            let partition = Partition::new(self.partitions, known.name.clone(), partition.index);
            if self.are_closed {
                lock(&partition.queue).close();
            }
            self.partitions += 1;
            Arc::new(partition)
        })
    }
}
