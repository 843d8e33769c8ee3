//! Offering many records at once: those that follow each other to one partition go there under one lock.

use ottla_client::internal::lock;

use super::{Offered, Shared, Topic};
use crate::batch::Baggage;
use crate::deliveries::Deliveries;
use crate::error::Error;
use crate::partition::Appended;
use crate::record::Record;

impl Shared {
    /// Offers the first of `records`, and those behind it that go to the same partition. Adds those that are in a batch
    /// by now to `into`; what it returns is about the first one that is not.
    ///
    /// Baggage is for the first of them and used for no other.
    pub(crate) fn offer_all(
        &self,
        records: &[Record<'_>],
        now: i64,
        number: Option<u64>,
        baggage: &mut Option<Baggage>,
        into: &mut Deliveries,
    ) -> Result<Offered<()>, Error> {
        let machine = self.admits(number)?;
        let Some(first) = records.first() else { return Ok(Offered::Queued(())) };
        let offered =
            self.with_topic(first.topic, |topic| self.offer_run(topic, records, now, baggage, into));
        drop(machine);
        offered
    }

    fn offer_run(
        &self,
        topic: &Topic,
        records: &[Record<'_>],
        now: i64,
        baggage: &mut Option<Baggage>,
        into: &mut Deliveries,
    ) -> Result<Offered<()>, Error> {
        let Some(first) = records.first() else { return Ok(Offered::Queued(())) };
        let place = match self.place(topic, first) {
            Ok(place) => place,
            Err(partition) => return Ok(Offered::NoPartition(partition)),
        };
        let partition = &topic.partitions[place.index as usize];
        let (mut must_tell, mut is_share_filled) = (false, false);
        let mut unused = None;
        let mut queue = lock(&partition.queue);
        let mut offered = Ok(Offered::Queued(()));
        for (index, record) in records.iter().enumerate() {
            let is_first = index == 0;
            if !is_first && (record.topic != first.topic || self.place(topic, record) != Ok(place)) {
                break;
            }
            if let Err(error) = self.check_size(record) {
                offered = if is_first { Err(error) } else { offered };
                break;
            }
            let timestamp = record.timestamp.unwrap_or(now);
            let deliver = &mut |batch: &_, index| into.push(batch, index, timestamp);
            let (is_sticky, rules) = (place.is_sticky, &self.rules);
            match queue.append(partition, record, timestamp, is_sticky, rules, baggage, deliver) {
                Ok(Appended::Queued { delivery: (), tell_sender, share_filled }) => {
                    must_tell |= tell_sender;
                    is_share_filled = share_filled;
                    unused = unused.or_else(|| baggage.take());
                }
                Ok(Appended::NeedsBatch { tell_sender }) => {
                    must_tell |= tell_sender;
                    offered = Ok(self.needs_batch(record));
                    break;
                }
                Err(error) => {
                    offered = Err(error);
                    break;
                }
            }
            if is_share_filled {
                break;
            }
        }
        drop(queue);
        drop(unused);
        self.tell_sender_if(must_tell, partition);
        if is_share_filled {
            self.leave(topic, place.index);
        }
        offered
    }
}
