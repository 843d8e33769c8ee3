//! Transactions that stay open: a producer each, with one record, over few connections.

use std::time::Instant;

use bytes::Bytes;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::add_partitions_to_txn::{AddPartitionsToTxnRequest, AddPartitionsToTxnTopic};
use ottla_protocol::messages::end_txn::EndTxnRequest;
use ottla_protocol::messages::init_producer_id::InitProducerIdRequest;
use ottla_protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Str;
use ottla_transport::ClientConnection;
use tokio::task::JoinSet;

use crate::groups::{Failure, Key, PATIENCE, RETRY, connect};
use crate::wire::{PRODUCE_VERSION, answered};
use crate::{Figures, Load, payload};

/// Versions of the first transactions, which every broker serves whatever its finalized features are.
const INIT_PRODUCER_ID_VERSION: i16 = 4;
const ADD_PARTITIONS_VERSION: i16 = 3;
const END_TXN_VERSION: i16 = 3;

/// Longer than any measurement; the broker's limit is 15 minutes.
const TIMEOUT_MS: i32 = 600_000;

/// An open transaction.
struct Open {
    id: Str,
    producer_id: i64,
    producer_epoch: i16,
}

/// Opens the transactions and says how long it took; commits them at a line of standard input, and says how long
/// that took.
pub(crate) async fn run(load: &Load) -> Figures {
    let start = Instant::now();
    let mut openers = JoinSet::new();
    for first in 0..load.connections.max(1) {
        let id = Str::from(format!("{}-{first}", load.topic));
        let connection = connect(load, Key::Transaction(&id)).await?;
        let numbers = (first..load.transactions).step_by(usize::try_from(load.connections.max(1))?);
        let (topic, partitions, value) =
            (Str::from(load.topic.as_str()), u64::from(load.partitions.unsigned_abs()), payload(load.size));
        openers.spawn(async move {
            let mut open = Vec::new();
            for number in numbers {
                let id = Str::from(format!("{topic}-{number}"));
                let partition = i32::try_from(number % partitions)?;
                open.push(begin(&connection, id, &topic, partition, &value).await?);
            }
            Ok::<_, Failure>((connection, open))
        });
    }
    let mut opened = Vec::new();
    while let Some(ended) = openers.join_next().await {
        opened.push(ended??);
    }
    println!("opened_ms={}", start.elapsed().as_millis());
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(tokio::io::stdin()));
    if lines.next_line().await?.is_some() {
        let start = Instant::now();
        let mut enders = JoinSet::new();
        for (connection, open) in opened {
            enders.spawn(async move {
                for transaction in open {
                    commit(&connection, transaction).await?;
                }
                Ok::<_, Failure>(())
            });
        }
        while let Some(ended) = enders.join_next().await {
            ended??;
        }
        println!("committed_ms={}", start.elapsed().as_millis());
    }
    while lines.next_line().await?.is_some() {}
    Ok("ended=all".to_owned())
}

/// Whether the broker has done it. When it says "not yet", this waits a little: then ask again.
async fn is_done(begun: Instant, code: ErrorCode) -> Result<bool, Failure> {
    match code {
        ErrorCode::NONE => Ok(true),
        code if code.is_retriable() && begun.elapsed() < PATIENCE => {
            tokio::time::sleep(RETRY).await;
            Ok(false)
        }
        code => Err(code.to_string().into()),
    }
}

async fn begin(
    connection: &ClientConnection,
    id: Str,
    topic: &Str,
    partition: i32,
    value: &[u8],
) -> Result<Open, Failure> {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(id.clone()))
        .with_transaction_timeout_ms(TIMEOUT_MS)
        .with_producer_id(-1)
        .with_producer_epoch(-1);
    let begun = Instant::now();
    let (producer_id, producer_epoch) = loop {
        let response = connection.call(&request, INIT_PRODUCER_ID_VERSION).await?;
        if is_done(begun, response.error_code).await? {
            break (response.producer_id, response.producer_epoch);
        }
    };
    let partitions = AddPartitionsToTxnTopic::default().with_name(topic.clone()).with_partitions([partition]);
    let request = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(id.clone())
        .with_v3_and_below_producer_id(producer_id)
        .with_v3_and_below_producer_epoch(producer_epoch)
        .with_v3_and_below_topics(vec![partitions]);
    loop {
        let response = connection.call(&request, ADD_PARTITIONS_VERSION).await?;
        let added = response.results_by_topic_v3_and_below.first();
        let added = added.and_then(|topic| topic.results_by_partition.first());
        let added = added.ok_or("AddPartitionsToTxn named no partition")?;
        if is_done(begun, added.partition_error_code).await? {
            break;
        }
    }
    let options = BatchOptions::default().with_producer(producer_id, producer_epoch, 0).with_transactional();
    let mut batch = BatchBuilder::new(options);
    batch.try_append(0, None, Some(value), &[])?;
    let records: Bytes = batch.build()?;
    let partition = PartitionProduceData::default().with_index(partition).with_records(Some(records.into()));
    let data = TopicProduceData::default().with_name(topic.clone()).with_partition_data(vec![partition]);
    let request = ProduceRequest::default()
        .with_transactional_id(Some(id.clone()))
        .with_acks(-1)
        .with_timeout_ms(30_000)
        .with_topic_data(vec![data]);
    while !is_done(begun, answered(&connection.call(&request, PRODUCE_VERSION).await?)?).await? {}
    Ok(Open { id, producer_id, producer_epoch })
}

async fn commit(connection: &ClientConnection, open: Open) -> Result<(), Failure> {
    let request = EndTxnRequest::default()
        .with_transactional_id(open.id)
        .with_producer_id(open.producer_id)
        .with_producer_epoch(open.producer_epoch)
        .with_committed(true);
    let begun = Instant::now();
    while !is_done(begun, connection.call(&request, END_TXN_VERSION).await?.error_code).await? {}
    Ok(())
}
