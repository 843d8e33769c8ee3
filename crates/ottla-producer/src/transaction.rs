//! Transactions as users hold them, and the state that handles share with the worker.
//!
//! What is asked of coordinators when is decided in `machine`, and asked in `exchange`.

mod exchange;
mod machine;
mod verdict;

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use ottla_client::{Backoff, CommittedOffset, GroupMetadata, TopicPartition};
use tokio::sync::Notify;

pub(crate) use exchange::Exchange;
pub(crate) use machine::Course;

use crate::config::Config;
use crate::deliveries::Deliveries;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::producer::Producer;
use crate::record::{Record, RecordMetadata};
use machine::{CONCURRENT_WAITS_MS, Machine, OffsetsJob, Outcome};

/// What handles and worker share of a transactional producer.
#[derive(Debug)]
pub(crate) struct Transactions {
    pub(crate) id: String,
    pub(crate) timeout_ms: i32,
    /// Read for as long as a record is put into its batch, so that none comes in behind the end.
    machine: RwLock<Machine>,
    changed: Notify,
}

impl Transactions {
    /// Those of these settings, if they name an id.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let id = config.transactional_id.clone()?;
        let timeout_ms = i32::try_from(config.transaction_timeout.as_millis()).unwrap_or(i32::MAX);
        let (first, longest) = CONCURRENT_WAITS_MS;
        let concurrent = Backoff::new(Duration::from_millis(first), Duration::from_millis(longest));
        let machine = Machine::new(config.client.backoff_of_retries(), concurrent);
        Some(Self { id, timeout_ms, machine: RwLock::new(machine), changed: Notify::new() })
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Machine> {
        self.machine.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Machine> {
        self.machine.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes all who wait for the machine.
    pub(crate) fn tell_changed(&self) {
        self.changed.notify_waiters();
    }
}

impl Producer {
    /// Takes over the transactional id: an open transaction of an earlier producer with the same id is aborted, and
    /// that producer is fenced. [`begin_transaction`](Self::begin_transaction) does this by itself; call it to do
    /// so before the first one. Called again, it does nothing.
    ///
    /// # Errors
    /// [`Error::NotTransactional`] without `transactional.id`, [`Error::Client`] with a time-out after
    /// `max.block.ms`, and whatever is fatal.
    ///
    /// # Cancel safety
    /// Cancel safe: it goes on in the background, and another call waits for the same.
    pub async fn init_transactions(&self) -> Result<(), Error> {
        self.transactions()?.write().init();
        self.wait_for("the transactional id", Machine::is_initialized).await
    }

    /// Begins a transaction: what is put into it is read by all, or by none, of those who read with
    /// `isolation.level=read_committed`. One is open at a time; the end of the last one is waited for.
    ///
    /// # Errors
    /// As [`init_transactions`](Self::init_transactions), and [`Error::TransactionOpen`].
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, none was begun.
    ///
    /// # Examples
    /// ```no_run
    /// # use ottla_producer::{Error, Producer, Record};
    /// # async fn demo(producer: Producer) -> Result<(), Error> {
    /// let transaction = producer.begin_transaction().await?;
    /// transaction.send("orders", "o-17", "paid").await?;
    /// transaction.send("stock", "pear", "-1").await?;
    /// transaction.commit().await?;
    /// # Ok(()) }
    /// ```
    pub async fn begin_transaction(&self) -> Result<Transaction, Error> {
        self.init_transactions().await?;
        loop {
            self.wait_for("the end of the last transaction", Machine::is_ready).await?;
            let mut machine = self.transactions()?.write();
            // Another task may have been faster.
            if matches!(machine.is_ready(), Some(Ok(()))) {
                let (number, outcome) = machine.begin();
                drop(machine);
                self.shared.wake.notify_one();
                return Ok(Transaction { producer: self.clone(), number, outcome });
            }
        }
    }

    fn transactions(&self) -> Result<&Transactions, Error> {
        self.shared.transactions.as_ref().ok_or(Error::NotTransactional)
    }

    /// Waits until `find` finds something, for at most `max.block.ms`.
    async fn wait_for<T>(
        &self,
        what: &str,
        find: impl Fn(&Machine) -> Option<Result<T, Error>>,
    ) -> Result<T, Error> {
        let transactions = self.transactions()?;
        self.shared.wake.notify_one();
        let found = async {
            loop {
                let changed = transactions.changed.notified();
                if let Some(found) = find(&transactions.read()) {
                    return found;
                }
                if self.shared.closing.is_closed() {
                    return Err(Error::Closed { possibly_written: false });
                }
                changed.await;
            }
        };
        let limit = self.shared.config.max_block;
        tokio::time::timeout(limit, found).await.unwrap_or_else(|_| {
            let what = what.to_owned();
            Err(ottla_client::Error::Timeout { what, limit, last: None }.into())
        })
    }
}

/// An open transaction.
///
/// End it with [`commit`](Self::commit) or [`abort`](Self::abort). Dropped while it is open, it is aborted in the
/// background, and the next one begins after that. Dropped while a commit is under way, the commit goes on.
///
/// A [`Delivery`] says that a record was written; it is only read once the transaction is committed.
#[must_use = "dropped, it is aborted"]
pub struct Transaction {
    producer: Producer,
    number: u64,
    outcome: Outcome,
}

impl Transaction {
    /// As [`Producer::enqueue`], in this transaction.
    ///
    /// # Errors
    /// Those of [`Producer::enqueue`]; [`Error::MustAbort`] once something in the transaction failed,
    /// [`Error::NoTransaction`] once it is ending.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it returns, the record is not produced.
    pub async fn enqueue(&self, record: Record<'_>) -> Result<Delivery, Error> {
        self.producer.enqueue_in(record, Some(self.number)).await
    }

    /// As [`Producer::enqueue_all`], in this transaction.
    ///
    /// # Errors
    /// As [`enqueue`](Self::enqueue), about the first record that is not in the transaction.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped while it waits, the records that `deliveries` counts are in the transaction, the others not.
    pub async fn enqueue_all<'r>(
        &self,
        records: impl IntoIterator<Item = Record<'r>>,
        deliveries: &mut Deliveries,
    ) -> Result<(), Error> {
        self.producer.enqueue_all_in(records, Some(self.number), deliveries).await
    }

    /// As [`Producer::send`], in this transaction.
    ///
    /// # Errors
    /// As [`enqueue`](Self::enqueue), and those of [`Producer::send`].
    ///
    /// # Cancel safety
    /// Not cancel safe: a dropped future may leave the record in the transaction.
    pub async fn send(
        &self,
        topic: &str,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
    ) -> Result<RecordMetadata, Error> {
        let (key, value) = (key.as_ref(), value.as_ref());
        self.enqueue(Record::new(topic).with_key(key).with_value(value)).await?.await
    }

    /// Stores offsets of a consumer group that count once this transaction is committed: of each partition the one
    /// of the record to go on with. `group` is what the consumer's `group_metadata` gives, taken anew for each
    /// transaction; with it, a consumer that has lost its place in the group cannot commit.
    ///
    /// # Errors
    /// [`Error::MustAbort`] if they cannot be stored, for one because the group has gone on without this member;
    /// [`Error::Client`] with a time-out after `max.block.ms`, after which they may be stored still.
    ///
    /// # Cancel safety
    /// Not cancel safe: dropped, the offsets may be part of the transaction all the same. A commit waits for them.
    pub async fn send_offsets<O: Into<CommittedOffset>>(
        &self,
        offsets: impl IntoIterator<Item = (TopicPartition, O)>,
        group: &GroupMetadata,
    ) -> Result<(), Error> {
        let offsets = offsets.into_iter().map(|(name, offset)| (name, offset.into())).collect();
        let job = Arc::new(OffsetsJob { group: group.clone(), offsets, done: OnceLock::new() });
        if job.offsets.is_empty() {
            return self.producer.transactions()?.read().admits(Some(self.number));
        }
        self.producer.transactions()?.write().add_offsets(self.number, Arc::clone(&job))?;
        self.producer.wait_for("storing offsets in a transaction", |_| job.done.get().cloned()).await
    }

    /// Sends what was enqueued, waits for all of it, and commits. A commit that succeeded is final.
    ///
    /// # Errors
    /// [`Error::MustAbort`] if a record or an offset failed: call [`abort`](Self::abort). [`Error::Client`] with a
    /// time-out after `max.block.ms`: it may be committed still, and another call tells. [`Error::Fenced`], and
    /// whatever is fatal: the producer can do no more. [`Error::Aborted`] after an abort.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, the commit goes on in the background. Called again, it waits for the same commit, and
    /// tells how it ended, though it may have ended meanwhile.
    pub async fn commit(&self) -> Result<(), Error> {
        self.end(true, "committing a transaction").await
    }

    /// Aborts: records that wait fail with [`Error::Aborted`], and those that are written are never read by those
    /// who read committed records.
    ///
    /// # Errors
    /// [`Error::TransactionOpen`] while a commit is under way, [`Error::NoTransaction`] after one; [`Error::Client`]
    /// with a time-out after `max.block.ms`; [`Error::Fenced`], and whatever is fatal.
    ///
    /// # Cancel safety
    /// Cancel safe, as [`commit`](Self::commit).
    pub async fn abort(&self) -> Result<(), Error> {
        self.end(false, "aborting a transaction").await
    }

    async fn end(&self, commit: bool, what: &str) -> Result<(), Error> {
        self.producer.transactions()?.write().end(self.number, commit);
        self.producer.wait_for(what, |machine| machine.ended(self.number, &self.outcome, commit)).await
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(transactions) = &self.producer.shared.transactions
            && transactions.read().is_open(self.number)
        {
            transactions.write().end(self.number, false);
            self.producer.shared.wake.notify_one();
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let committed = self.outcome.get();
        f.debug_struct("Transaction").field("number", &self.number).field("committed", &committed).finish()
    }
}
