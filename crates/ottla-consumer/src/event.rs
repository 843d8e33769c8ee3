//! What a consumer hands out: batches, and what its group decides about partitions, in one order.

use std::fmt;
use std::sync::Arc;

use ottla_client::TopicPartition;

use crate::batch::Batch;
use crate::group::{Group, Ticket};

/// What comes next out of a consumer.
///
/// # Examples
/// ```no_run
/// use ottla_consumer::Event;
/// # async fn demo(consumer: ottla_consumer::Consumer) -> Result<(), ottla_consumer::Error> {
/// loop {
///     match consumer.next_event().await? {
///         Event::Batch(batch) => println!("{} records of {}", batch.len(), batch.topic_partition()),
///         Event::Assigned(partitions) => println!("begins with {partitions:?}"),
///         Event::Revoking(revocation) => {
///             // The last chance to commit what is done with these partitions.
///             println!("gives up {:?}", revocation.partitions());
///             consumer.commit().await?;
///             revocation.done().await;
///         }
///         Event::Lost(partitions) => println!("others may be reading {partitions:?} already"),
/// #       _ => {}
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Records.
    Batch(Batch),
    /// The group has rebalanced, and these partitions are new; they may be none. Their batches come behind it, so
    /// that this is the time to [`seek`](crate::Consumer::seek).
    Assigned(Vec<TopicPartition>),
    /// Partitions are to be given up. No batch of them comes any more; the group waits until this is dropped.
    Revoking(Revocation),
    /// Partitions are gone without warning: this consumer was away for too long, or out of reach. Others may read
    /// them already, so nothing of them can be committed.
    Lost(Vec<TopicPartition>),
}

/// Partitions that are being given up, and the chance to commit before.
///
/// It holds the rebalance up until it is dropped or [`done`](Self::done), and no longer than
/// `max.poll.interval.ms`: after that the group goes on without this consumer, and the partitions are
/// [`Lost`](Event::Lost). With `enable.auto.commit`, what is finished is committed as it is dropped.
pub struct Revocation {
    group: Arc<Group>,
    ticket: Ticket,
    partitions: Vec<TopicPartition>,
}

impl Revocation {
    pub(crate) fn new(group: Arc<Group>, ticket: Ticket, partitions: Vec<TopicPartition>) -> Self {
        Self { group, ticket, partitions }
    }

    /// The partitions.
    pub fn partitions(&self) -> &[TopicPartition] {
        &self.partitions
    }

    /// Gives the partitions up, and waits until they are: with `enable.auto.commit`, until what is finished is
    /// committed.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, the partitions are given up all the same.
    pub async fn done(self) {
        let (group, ticket) = (Arc::clone(&self.group), self.ticket);
        drop(self);
        group.has_released(ticket).await;
    }
}

impl Drop for Revocation {
    fn drop(&mut self) {
        self.group.release(self.ticket);
    }
}

impl fmt::Debug for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocation").field("partitions", &self.partitions).finish_non_exhaustive()
    }
}
