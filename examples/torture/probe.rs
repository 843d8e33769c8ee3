//! One record to one partition, and what it is answered at once: nothing is tried again.

use std::time::Duration;

use ottla::client::TopicPartition;
use ottla::producer::{Config, Error, Producer};
use ottla::protocol::ErrorCode;

use crate::Failure;
use crate::load;
use crate::payload::Payload;
use crate::world::World;

/// How long a record may take that is written at all.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a record was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Acknowledged,
    Refused(ErrorCode),
    /// Nothing, for as long as anybody waits.
    Nothing,
}

/// Sends a record with `acks=all`, and tells the ledger.
pub(crate) async fn send(world: &World, topic: &str, partition: i32) -> Result<Answer, Failure> {
    let config =
        Config::with_client(load::client_config(&world.broker.address()).with_request_timeout(PATIENCE))
            .with_delivery_timeout(PATIENCE + Duration::from_secs(1))
            .with_idempotence(false)
            .with_retries(0);
    let producer = Producer::new(config).await?;
    let place = TopicPartition::new(topic.to_owned(), partition);
    let stamp = world.ledger.sending(world.ledger.add_writer(&place));
    let payload = Payload::of(stamp, topic == "keyed");
    let headers = payload.headers();
    let sent = match producer.enqueue(payload.record(topic, partition, &headers)).await {
        Ok(delivery) => delivery.await,
        Err(error) => Err(error),
    };
    let answer = match sent {
        Ok(written) => {
            let offset = written.offset.ok_or("a record was acknowledged without an offset")?;
            world.ledger.acknowledged(&place, stamp, offset.0);
            Answer::Acknowledged
        }
        Err(Error::Rejected { code, .. }) => Answer::Refused(code),
        Err(Error::Undelivered { last, .. }) => {
            last.and_then(|last| last.code()).map_or(Answer::Nothing, Answer::Refused)
        }
        Err(error) => return Err(error.into()),
    };
    producer.close().await;
    Ok(answer)
}

/// The answer of a partition that takes no records.
pub(crate) const CLOSED: Answer = Answer::Refused(ErrorCode::KAFKA_STORAGE_ERROR);

/// Sends records until one is answered so.
pub(crate) async fn until(world: &World, topic: &str, partition: i32, wanted: Answer) -> Result<(), Failure> {
    let mut answer = Answer::Nothing;
    for _ in 0..100 {
        answer = send(world, topic, partition).await?;
        if answer == wanted {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(format!("{topic}-{partition} answers {answer:?}, not {wanted:?}\n{}", world.broker.words()).into())
}

/// Fails unless each of these takes a record.
pub(crate) async fn all_serve(world: &World, places: &[(&str, i32)]) -> Result<(), Failure> {
    for (topic, partition) in places {
        let answer = send(world, topic, *partition).await?;
        if answer != Answer::Acknowledged {
            return Err(format!("{topic}-{partition} answers {answer:?}\n{}", world.broker.words()).into());
        }
    }
    Ok(())
}
