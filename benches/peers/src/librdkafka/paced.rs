//! Records at a steady pace, none of which waits for company: how long each takes to be acknowledged.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};

use crate::{DEADLINE, Figures, Latencies, Load, payload};

/// What was delivered, and how long it took; or why a record was not.
struct Timed(Mutex<Result<Latencies, String>>);

impl ClientContext for Timed {}

impl ProducerContext for Timed {
    /// When the record was due, and whether it is counted.
    type DeliveryOpaque = Box<(Instant, bool)>;

    fn delivery(&self, result: &DeliveryResult<'_>, due: Self::DeliveryOpaque) {
        let elapsed = due.0.elapsed();
        let Ok(mut timed) = self.0.lock() else { return };
        let outcome = match (&mut *timed, result) {
            (Ok(_), Err((error, _))) => Err(format!("a record was not delivered: {error}")),
            (Ok(latencies), Ok(_)) if due.1 => latencies.record(elapsed).map_err(|error| error.to_string()),
            _ => Ok(()),
        };
        if let Err(error) = outcome {
            *timed = Err(error);
        }
    }
}

/// Sends `rate` records a second with no linger, round robin, after a tenth as many to warm up.
pub(crate) fn paced(load: &Load) -> Figures {
    let context = Timed(Mutex::new(Ok(Latencies::new()?)));
    let producer: ThreadedProducer<Timed> = ClientConfig::new()
        .set("bootstrap.servers", &load.bootstrap)
        .set("acks", &load.acks)
        .set("linger.ms", "0")
        .create_with_context(context)
        .map_err(|error| format!("librdkafka refused its configuration: {error}"))?;
    let value = payload(load.size);
    let every = Duration::from_secs(1) / load.rate.max(1);
    let warm_up = load.records / 10;
    let mut due = Instant::now();
    for sequence in 0..load.records + warm_up {
        due += every;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        // The timer's lateness is not the broker's; that of this thread behind its pace is.
        let behind = due + every < Instant::now();
        let begun = if behind { due } else { Instant::now() };
        if sequence == warm_up {
            let mut timed = producer.context().0.lock().map_err(|_| "a delivery panicked")?;
            if let Ok(latencies) = &mut *timed {
                latencies.begin();
            }
        }
        let partition = (sequence % u64::from(load.partitions.unsigned_abs())) as i32;
        let record =
            BaseRecord::<(), [u8], _>::with_opaque_to(&load.topic, Box::new((begun, sequence >= warm_up)));
        producer
            .send(record.partition(partition).payload(value.as_slice()))
            .map_err(|(error, _)| format!("record {sequence} was refused: {error}"))?;
    }
    producer.flush(DEADLINE).map_err(|error| format!("flush: {error}"))?;
    let timed = producer.context().0.lock().map_err(|_| "a delivery panicked")?;
    match &*timed {
        Ok(latencies) => Ok(latencies.rates(load)),
        Err(error) => Err(error.clone().into()),
    }
}
