//! Topics that come, get a few records, and go again, under the same name.

use std::time::Duration;

use ottla::client::{Error, NewTopic, TopicPartition};
use ottla::env::Rng;
use ottla::producer::Producer;
use ottla::protocol::ErrorCode;
use tokio::time::sleep;

use super::{Part, SOON};
use crate::Failure;
use crate::ledger::Keeps;
use crate::payload::Payload;

/// Partitions of such a topic.
const PARTITIONS: i32 = 2;

/// Makes a topic, fills it and deletes it, again and again.
pub(super) async fn come_and_go(part: Part, number: u64) -> Result<(), Failure> {
    let topic = format!("brief-{number}");
    let mut rng = Rng::new(part.plan.seed ^ (0xb41e << number));
    while part.goes_on() {
        let coming = part.ledger.comings.read().await;
        until_answered(&part, ErrorCode::TOPIC_ALREADY_EXISTS, || async {
            let topic = NewTopic::new(topic.clone()).with_partitions(PARTITIONS);
            part.client.admin().create_topic(topic).await.map(drop)
        })
        .await?;
        part.ledger.add_topic(&topic, PARTITIONS, Keeps::Everything);
        drop(coming);
        fill(&part, &topic, &mut rng).await?;
        sleep(Duration::from_millis(rng.below(100))).await;
        if !part.goes_on() {
            break; // and it stays
        }
        let going = part.ledger.comings.read().await;
        part.ledger.topic_goes(&topic);
        until_answered(&part, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, || async {
            let mut answers = part.client.admin().delete_topics([topic.clone()]).await;
            answers.remove(topic.as_str()).unwrap_or(Ok(()))
        })
        .await?;
        part.ledger.topic_is_gone(&topic);
        drop(going);
        sleep(Duration::from_millis(rng.below(60))).await;
    }
    Ok(())
}

/// Writes some records and waits for all of them; a topic that is new has them from offset 0 on.
async fn fill(part: &Part, topic: &str, rng: &mut Rng) -> Result<(), Failure> {
    let producer = Producer::new(part.producer_config()).await?;
    for partition in 0..PARTITIONS {
        let place = TopicPartition::new(topic.to_owned(), partition);
        let writer = part.ledger.add_writer(&place);
        let mut deliveries = Vec::new();
        for _ in 0..rng.below(60) {
            let stamp = part.ledger.sending(writer);
            let payload = Payload::of(stamp, false);
            let headers = payload.headers();
            deliveries.push((stamp, producer.enqueue(payload.record(topic, partition, &headers)).await));
        }
        for (stamp, delivery) in deliveries {
            let written = match delivery {
                Ok(delivery) => delivery.await,
                Err(error) => Err(error),
            };
            match written {
                Ok(written) => {
                    let offset = written.offset.map_or(-1, |offset| offset.0);
                    if !part.plan.may_refuse && u64::try_from(offset) != Ok(stamp.number) {
                        part.ledger.problem(format!("{stamp:?} of the new {place} is at {offset}"));
                    }
                    part.ledger.acknowledged(&place, stamp, offset);
                }
                Err(error) => part.was_refused(&place, stamp, &error),
            }
        }
    }
    producer.close().await;
    Ok(())
}

/// Asks until it is done, or was done by a request whose answer was lost.
async fn until_answered<F>(part: &Part, is_done: ErrorCode, mut ask: impl FnMut() -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Error>>,
{
    loop {
        match ask().await {
            Ok(()) => return Ok(()),
            Err(error) if error.code() == Some(is_done) => return Ok(()),
            Err(error) if error.is_retriable() || part.plan.may_refuse => sleep(SOON).await,
            Err(error) => return Err(error.into()),
        }
    }
}
