//! Consume, transform, produce: a producer that writes one record for each that a member of its group reads, and
//! commits both in one transaction.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use ottla::client::{IsolationLevel, TopicPartition};
use ottla::consumer::{self, Batch, Consumer, Event, GroupProtocol, OffsetReset, Start};
use ottla::env::Rng;
use ottla_check::What;
use ottla_sim::millis as ms;
use tokio::time::{sleep, timeout};

use super::life::{Ended, Open, Producing};
use crate::clients::AGAIN;
use crate::history::partitions;

/// The group of all who transform.
pub(crate) const GROUP: &str = "transforms";

/// What the value of a record says, behind the number of it, before where it comes from.
pub(crate) const OF: &str = "of ";

/// Works until its producer can do no more, however often it has to join its group anew.
pub(crate) async fn work(producing: &Producing, rng: &mut Rng) -> Ended {
    loop {
        let member = Member { producing, consumer: join(producing).await };
        let ended = member.work(rng).await;
        let Member { consumer, .. } = member;
        // It closes in the background, as a process does that has more to do.
        let _closed = timeout(Duration::from_secs(60), consumer.close()).await;
        let (who, group) = (producing.name.clone(), GROUP.to_owned());
        producing.worker.seams.history.push(What::Left { who, group });
        if let Err(ended) = ended {
            return ended;
        }
        sleep(AGAIN).await;
    }
}

async fn join(producing: &Producing) -> Consumer {
    let (seams, plan) = (&producing.worker.seams, &producing.worker.plan);
    let protocol = if plan.is_assigned { GroupProtocol::Consumer } else { GroupProtocol::Classic };
    let config = consumer::Config::with_client(seams.config(&producing.name, Duration::from_secs(2)))
        .with_group_id(GROUP)
        .with_group_protocol(protocol)
        .with_auto_offset_reset(OffsetReset::Earliest)
        .with_isolation_level(IsolationLevel::ReadCommitted)
        .with_session(plan.session_timeout, plan.session_timeout / 4)
        .with_max_poll_interval(plan.max_poll_interval)
        .with_fetch_min(1, Duration::from_millis(200))
        .without_auto_commit();
    loop {
        match Consumer::new(config.clone()).await {
            Ok(consumer) => {
                let topics: BTreeSet<_> = seams.places.iter().map(|place| place.topic.clone()).collect();
                match consumer.subscribe(topics).await {
                    Ok(()) => return consumer,
                    Err(error) => producing.note(&error.to_string()),
                }
            }
            Err(error) => producing.note(&error.to_string()),
        }
        sleep(AGAIN).await;
    }
}

/// A member of the group, and the producer that writes what it makes.
struct Member<'a> {
    producing: &'a Producing,
    consumer: Consumer,
}

impl Member<'_> {
    /// Works until it has to join anew, or the producer can do no more.
    async fn work(&self, rng: &mut Rng) -> Result<(), Ended> {
        loop {
            match self.consumer.next_event().await {
                Ok(Event::Batch(batch)) => self.transform(&batch, rng).await?,
                Ok(Event::Assigned(places)) => self.producing.worker.seams.history.push(What::Assigned {
                    who: self.producing.name.clone(),
                    group: GROUP.to_owned(),
                    generation: None,
                    instance: None,
                    partitions: partitions(&places),
                }),
                Ok(Event::Revoking(revocation)) => {
                    self.is_without(revocation.partitions());
                    revocation.done().await;
                }
                Ok(Event::Lost(places)) => self.is_without(&places),
                Ok(other) => {
                    let name = &self.producing.name;
                    self.producing.worker.seams.history.problem(format!("refused: {name} got {other:?}"));
                }
                Err(error) if error.is_retriable() => {
                    self.producing.note(&error.to_string());
                    sleep(AGAIN).await;
                }
                Err(error) => {
                    self.producing.note(&error.to_string());
                    return Ok(());
                }
            }
        }
    }

    fn is_without(&self, places: &[TopicPartition]) {
        let (who, group) = (self.producing.name.clone(), GROUP.to_owned());
        self.producing.worker.seams.history.push(What::Revoked {
            who,
            group,
            partitions: partitions(places),
        });
    }

    /// One transaction, of one batch.
    async fn transform(&self, batch: &Batch, rng: &mut Rng) -> Result<(), Ended> {
        let open = self.producing.begin_transaction().await?;
        if !self.fill_and_end(open, batch, rng).await? {
            self.go_back(batch);
        }
        Ok(())
    }

    /// Whether it is committed, as far as anybody knows.
    async fn fill_and_end(&self, mut open: Open<'_>, batch: &Batch, rng: &mut Rng) -> Result<bool, Ended> {
        let own = &self.producing.worker.own;
        let place = batch.topic_partition();
        let mut records = Vec::new();
        for record in batch {
            match record {
                Ok(record) => {
                    let key = record.key.map(Bytes::copy_from_slice);
                    records.push((
                        record.offset,
                        key,
                        Bytes::copy_from_slice(record.value.unwrap_or_default()),
                    ));
                }
                Err(error) => {
                    let name = &self.producing.name;
                    self.producing.worker.seams.history.problem(format!("damage: {name}: {error}"));
                }
            }
        }
        let history = &self.producing.worker.seams.history;
        history.read_in(&self.producing.name, GROUP, &open.name, place, &records);
        let mut is_whole = true;
        for (offset, ..) in &records {
            is_whole = is_whole && open.send(rng, &format!("{OF}{place}:{offset};")).await;
        }
        if self.producing.worker.seams.goes_wrong(rng, own.stalls) {
            sleep(own.timeout + ms(rng, 0, 1_000)).await;
        } else if rng.chance(0.3) {
            sleep(ms(rng, 0, u64::try_from(own.gap_max.as_millis()).unwrap())).await;
        }
        if is_whole && !self.producing.worker.seams.goes_wrong(rng, own.aborts) {
            match self.consumer.group_metadata() {
                Ok(group) => {
                    let offsets = vec![(place.clone(), batch.next_offset().0)];
                    if open.send_offsets(&group, offsets).await {
                        return open.commit().await;
                    }
                }
                Err(error) => self.producing.note(&error.to_string()),
            }
        }
        open.abort().await.map(|()| false)
    }

    /// Reads a batch again, unless it is another's by now.
    fn go_back(&self, batch: &Batch) {
        let (place, first) = (batch.topic_partition(), batch.first_offset());
        if let Err(error) = self.consumer.seek(place, Start::Offset(first)) {
            return self.producing.note(&error.to_string());
        }
        self.producing.worker.seams.history.push(What::Seek {
            who: self.producing.name.clone(),
            topic: place.topic.to_string(),
            partition: place.partition,
            offset: Some(first.0),
        });
    }
}

/// Where a record that was made comes from.
pub(crate) fn origin(value: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(value);
    let (_, origin) = text.split_once(OF)?;
    origin.split_once(';').map(|(place, _)| place.to_owned())
}
