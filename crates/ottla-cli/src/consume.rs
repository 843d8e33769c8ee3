//! `ottla consume`: records become lines of standard output.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use ottla::client::{self, Admin, IsolationLevel, ListedOffset, Offset, OffsetSpec, TopicPartition};
use ottla::consumer::{Batch, Config, Consumer, Start};

use crate::arguments::{self, Consume};
use crate::failure::Failure;
use crate::format::{Content, Format};
use crate::signals::Signals;

pub(crate) async fn run(words: Consume) -> Result<(), Failure> {
    let mut signals = Signals::receive()?;
    let format = Format::parse(&words.format)?;
    let consumer = Consumer::new(Config::new(&words.cluster.bootstrap).with_client_id("ottla-cli")).await?;
    let partitions = partitions(&consumer.client().admin(), &words).await?;
    consumer.assign_each(starts(&consumer.client().admin(), partitions, words.from).await?);
    let mut output = BufWriter::new(std::io::stdout());
    let mut left = words.count.unwrap_or(u64::MAX);
    while left > 0 {
        let batch = tokio::select! {
            biased;
            () = signals.next() => break,
            batch = consumer.next_batch() => batch?,
        };
        match print(&batch, &format, &mut left, &mut output) {
            Ok(()) => {}
            Err(Failure::Output(gone)) if gone.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// The partition that was asked for, or all that the topic has. Asking creates no topic: one that is not there
/// is most likely a slip of the finger, and whoever waits on it would wait for ever.
async fn partitions(admin: &Admin, words: &Consume) -> Result<Vec<TopicPartition>, Failure> {
    let mut partitions = Vec::new();
    for topic in admin.describe_topics([words.topic.as_str()]).await.into_values() {
        let topic = topic?;
        let named = |index| TopicPartition::new(topic.name.clone(), index);
        match words.partition {
            None => partitions.extend(topic.partitions.iter().map(|of| named(of.partition.index))),
            Some(index) if topic.partitions.iter().any(|of| of.partition.index == index) => {
                partitions.push(named(index));
            }
            Some(partition) => {
                let (topic, count) = (topic.name.to_string(), topic.partitions.len());
                return Err(Failure::NoPartition { topic, partition, count });
            }
        }
    }
    Ok(partitions)
}

/// Where to start in each partition.
async fn starts(
    admin: &Admin,
    partitions: Vec<TopicPartition>,
    from: arguments::Start,
) -> Result<Vec<(TopicPartition, Start)>, Failure> {
    let everywhere = match from {
        arguments::Start::Beginning => Start::Earliest,
        arguments::Start::End => Start::Latest,
        arguments::Start::Offset(offset) => Start::Offset(Offset(offset)),
        arguments::Start::Last(count) => return last(admin, partitions, count).await,
    };
    Ok(partitions.into_iter().map(|partition| (partition, everywhere)).collect())
}

/// The last `count` records of each partition, or all of it if it has fewer.
async fn last(
    admin: &Admin,
    partitions: Vec<TopicPartition>,
    count: i64,
) -> Result<Vec<(TopicPartition, Start)>, Failure> {
    let mut firsts = offsets(admin, &partitions, OffsetSpec::Earliest).await?;
    let ends = offsets(admin, &partitions, OffsetSpec::Latest).await?;
    let start = |(partition, end): (TopicPartition, i64)| {
        let first = firsts.remove(&partition).unwrap_or(0);
        (partition, Start::Offset(Offset(end.saturating_sub(count).max(first))))
    };
    Ok(ends.into_iter().map(start).collect())
}

async fn offsets(
    admin: &Admin,
    partitions: &[TopicPartition],
    place: OffsetSpec,
) -> Result<BTreeMap<TopicPartition, i64>, Failure> {
    let places = partitions.iter().map(|partition| (partition.clone(), place));
    let listed = admin.list_offsets(places, IsolationLevel::ReadUncommitted).await;
    let offset = |(partition, listed): (TopicPartition, Result<ListedOffset, client::Error>)| {
        Ok((partition, listed?.offset.map_or(0, |offset| offset.0)))
    };
    listed.into_iter().map(offset).collect()
}

/// Prints the records of a batch, as many as are still wanted.
fn print(batch: &Batch, format: &Format, left: &mut u64, output: &mut impl Write) -> Result<(), Failure> {
    let mut line = Vec::new();
    for record in batch {
        if *left == 0 {
            break;
        }
        let record = record?;
        let mut content = Content {
            topic: batch.topic(),
            partition: batch.partition(),
            offset: record.offset,
            timestamp: record.timestamp,
            key: record.key,
            value: record.value,
            headers: Vec::new(),
        };
        if format.shows_headers() {
            for header in record.headers() {
                let header = header.map_err(|source| Failure::Header { offset: record.offset, source })?;
                content.headers.push((header.key, header.value));
            }
        }
        line.clear();
        format.fill(&content, &mut line);
        output.write_all(&line).map_err(Failure::Output)?;
        *left -= 1;
    }
    output.flush().map_err(Failure::Output)
}
