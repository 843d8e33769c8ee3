//! `transform`: what is consumed is written in capitals, and committed with that in one transaction.

use super::{Failure, Order, say};
use ottla::consumer::{self, Batch, Consumer, Event, IsolationLevel, OffsetReset, Start};
use ottla::producer::{CommittedOffset, Config, Error, Offset, Producer, Record, Transaction};
use ottla::protocol::ErrorCode;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

/// A record that was read.
struct Read {
    offset: i64,
    key: Option<Vec<u8>>,
    value: String,
}

/// How a transaction ended.
enum Ended {
    Committed,
    /// What was read has to be read again.
    Aborted,
    /// Another has the place.
    Fenced,
}

pub(super) async fn transform(order: &Order) -> Result<(), Failure> {
    let id = order.text("id")?;
    let writing = Config::new(order.text("bootstrap")?).with_linger(Duration::ZERO).with_transactional_id(id);
    let mut reading = consumer::Config::new(order.text("bootstrap")?)
        .with_group_id(order.text("group")?)
        .with_session(Duration::from_millis(order.number("session_ms")?), Duration::from_millis(500))
        .with_auto_offset_reset(OffsetReset::Earliest)
        .with_isolation_level(IsolationLevel::ReadCommitted)
        .with_fetch_min(1, Duration::from_millis(100))
        .without_auto_commit();
    reading.group_instance_id = Some(id.to_owned());
    let (lines, heard) = mpsc::unbounded_channel();
    tokio::spawn(hear(lines));
    let mut transforming = Transforming {
        to: order.text("to")?,
        batch: usize::try_from(order.number("batch")?)?,
        abort: order.number("abort")?,
        hold: order.number("hold")?,
        consumer: Consumer::new(reading).await?,
        producer: Producer::new(writing).await?,
        heard,
        count: 0,
    };
    let ended = transforming.run(order.text("from")?).await;
    transforming.consumer.close().await;
    ended
}

/// Passes on what is heard, line by line, until it ends.
async fn hear(lines: mpsc::UnboundedSender<String>) {
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = input.next_line().await {
        let _nobody_waits = lines.send(line);
    }
}

struct Transforming<'a> {
    to: &'a str,
    /// Records of one transaction, at most.
    batch: usize,
    /// The transactions that are aborted, and held before their end.
    abort: u64,
    hold: u64,
    consumer: Consumer,
    producer: Producer,
    heard: mpsc::UnboundedReceiver<String>,
    /// Transactions so far.
    count: u64,
}

impl Transforming<'_> {
    async fn run(&mut self, from: &str) -> Result<(), Failure> {
        if let Err(error) = self.producer.init_transactions().await {
            return end(error).map(drop);
        }
        self.consumer.subscribe([from.to_owned()]).await?;
        loop {
            let event = tokio::select! {
                heard = self.heard.recv() => match heard {
                    Some(_) => continue,
                    None => return Ok(()),
                },
                event = self.consumer.next_event() => event,
            };
            match event {
                Ok(Event::Batch(batch)) => {
                    if let Ended::Fenced = self.take(&batch).await? {
                        return Ok(());
                    }
                }
                Ok(_) => {}
                // Who came under the same name has the place in the group too.
                Err(consumer::Error::Group { code: ErrorCode::FENCED_INSTANCE_ID, .. }) => {
                    say_of_transaction("fenced");
                    return Ok(());
                }
                Err(error) => eprintln!("{error}"),
            }
        }
    }

    /// Takes a batch through as many transactions as it needs.
    async fn take(&mut self, batch: &Batch) -> Result<Ended, Failure> {
        let mut records = Vec::new();
        for record in batch {
            let record = record?;
            let value = String::from_utf8(record.value.unwrap_or_default().to_vec())?;
            records.push(Read { offset: record.offset, key: record.key.map(<[u8]>::to_vec), value });
        }
        let mut left = &records[..];
        while !left.is_empty() {
            let (some, others) = left.split_at(self.batch.min(left.len()));
            left = others;
            let next = others.first().map_or(batch.next_offset(), |record| Offset(record.offset));
            match self.one(batch, some, next).await? {
                Ended::Committed => {}
                Ended::Aborted => {
                    // Back to what is committed; where it has lost its place, others begin there.
                    let _ = self.consumer.seek(batch.topic_partition(), Start::Committed);
                    return Ok(Ended::Aborted);
                }
                Ended::Fenced => return Ok(Ended::Fenced),
            }
        }
        Ok(Ended::Committed)
    }

    async fn one(&mut self, batch: &Batch, records: &[Read], next: Offset) -> Result<Ended, Failure> {
        let transaction = match self.producer.begin_transaction().await {
            Ok(transaction) => transaction,
            Err(error) => return end(error),
        };
        self.count += 1;
        if let Err(error) = self.fill(&transaction, batch, records, next).await {
            eprintln!("{error}");
            return match error {
                Error::Fenced => end(error),
                _ => abort(&transaction).await,
            };
        }
        if self.count == self.hold {
            say_of_transaction("held");
            let _line = self.heard.recv().await;
        }
        if self.count == self.abort {
            return abort(&transaction).await;
        }
        match transaction.commit().await {
            Ok(()) => {
                say_of_transaction("committed");
                Ok(Ended::Committed)
            }
            Err(error) if error.is_abortable() => abort(&transaction).await,
            Err(error) => end(error),
        }
    }

    /// Writes the records, and stores up to where was read; all of it is there when this ends.
    async fn fill(
        &self,
        transaction: &Transaction,
        batch: &Batch,
        records: &[Read],
        next: Offset,
    ) -> Result<(), Error> {
        let mut deliveries = Vec::new();
        for read in records {
            let value = read.value.to_uppercase();
            let mut record = Record::new(self.to).with_value(&value);
            if let Some(key) = &read.key {
                record = record.with_key(key);
            }
            deliveries.push(transaction.enqueue(record).await?);
        }
        // A member that has lost its place has nothing to commit under.
        let group = self.consumer.group_metadata().map_err(|_| Error::Aborted)?;
        let offsets = [(batch.topic_partition().clone(), CommittedOffset::new(next))];
        transaction.send_offsets(offsets, &group).await?;
        for delivery in deliveries {
            delivery.await?;
        }
        Ok(())
    }
}

async fn abort(transaction: &Transaction) -> Result<Ended, Failure> {
    match transaction.abort().await {
        Ok(()) => {
            say_of_transaction("aborted");
            Ok(Ended::Aborted)
        }
        Err(error) => end(error),
    }
}

/// Who was fenced has come to a good end; nothing else is one.
fn end(error: Error) -> Result<Ended, Failure> {
    if !matches!(error, Error::Fenced) {
        return Err(error.into());
    }
    say_of_transaction("fenced");
    Ok(Ended::Fenced)
}

fn say_of_transaction(what: &str) {
    say(&json!({"transaction": what}));
}
