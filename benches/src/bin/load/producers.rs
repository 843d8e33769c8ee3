//! Many idempotent producers that have written a batch each, over one connection: what a producer id costs, and not its
//! socket.

use std::time::Instant;

use bytes::Bytes;
use ottla_protocol::messages::init_producer_id::InitProducerIdRequest;
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Str;

use crate::prepared::request;
use crate::wire::{PRODUCE_VERSION, answered, connect};
use crate::{Figures, Load, payload, rates};

const INIT_PRODUCER_ID_VERSION: i16 = 4;

/// Takes `records` producer ids, and writes one record by each.
pub(crate) async fn run(load: &Load) -> Figures {
    let connection = connect(load).await?;
    let value = payload(load.size);
    let partitions = u64::from(load.partitions.unsigned_abs()).max(1);
    let start = Instant::now();
    for number in 0..load.records {
        let init = InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_transaction_timeout_ms(60_000)
            .with_producer_id(-1)
            .with_producer_epoch(-1);
        let producer = connection.call(&init, INIT_PRODUCER_ID_VERSION).await?;
        if !producer.error_code.is_none() {
            return Err(format!("InitProducerId: {}", producer.error_code).into());
        }
        let mut options = BatchOptions::default();
        (options.producer_id, options.producer_epoch, options.base_sequence) =
            (producer.producer_id, producer.producer_epoch, 0);
        let mut batch = BatchBuilder::new(options);
        batch.try_append(0, None, Some(&value), &[])?;
        let records: Bytes = batch.build()?;
        let partition = i32::try_from(number % partitions)?;
        let produce = request(Str::from(load.topic.as_str()), partition, load.acks, records);
        let code = answered(&connection.call(&produce, PRODUCE_VERSION).await?)?;
        if !code.is_none() {
            return Err(format!("produce: {code}").into());
        }
    }
    Ok(rates(load, start.elapsed()))
}
