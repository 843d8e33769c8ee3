//! `ottla consume`: records become lines of standard output.

use std::collections::BTreeMap;
use std::io::{BufWriter, Stdout, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ottla::client::{self, Admin, IsolationLevel, ListedOffset, Offset, OffsetSpec, TopicPartition};
use ottla::consumer::{Batch, Config, Consumer, Start};
use ottla::protocol::records::{Record, TimestampType};
use tokio::time::{Instant, sleep_until};

use crate::arguments::{self, Consume};
use crate::client::settings;
use crate::failure::Failure;
use crate::output;
use crate::record::{Content, Line};
use crate::signals::Signals;

/// How often it is looked whether all was read that is to be read, where no record says so: what ends a
/// transaction is not seen as one.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

pub(crate) async fn run(words: Consume) -> Result<(), Failure> {
    let mut signals = Signals::receive()?;
    let config = settings(Config::new(&words.cluster.bootstrap), &[], &words.cluster)?;
    let consumer = Consumer::new(config).await?;
    let admin = consumer.client().admin();
    let partitions = partitions(&admin, &words).await?;
    let mut ends = match words.exit {
        true => Some(Ends::of(&admin, &partitions).await?),
        false => None,
    };
    consumer.assign_each(starts(&admin, partitions, words.from).await?);
    let mut printer = Printer { words: &words, output: BufWriter::new(std::io::stdout()), left: words.count };
    let patience = words.timeout.map(|patience| (patience, Instant::now() + patience));
    let (patience, mut give_up) = patience.unzip();
    while printer.left != Some(0) {
        if ends.as_mut().is_some_and(|ends| ends.are_reached(&consumer)) {
            break;
        }
        let look_again = ends.is_some().then(|| Instant::now() + LOOK_AGAIN);
        let next = tokio::select! {
            biased;
            () = signals.next() => break,
            batch = consumer.next_batch() => Some(batch?),
            () = until(give_up) => break,
            () = until(look_again) => None,
        };
        if let Some(batch) = next {
            give_up = patience.map(|patience| Instant::now() + patience);
            printer.print(&batch, ends.as_ref())?;
        }
    }
    printer.output.flush().map_err(output::failed)
}

/// Waits until a moment, or for ever where there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Where partitions ended when it all began.
struct Ends(BTreeMap<TopicPartition, i64>);

impl Ends {
    async fn of(admin: &Admin, partitions: &[TopicPartition]) -> Result<Self, Failure> {
        offsets(admin, partitions, OffsetSpec::Latest).await.map(Self)
    }

    /// Whether everything before them was read; what was need not be looked at again.
    fn are_reached(&mut self, consumer: &Consumer) -> bool {
        let is_read = |of: &TopicPartition, end: i64| consumer.position(of).is_some_and(|at| at.0 >= end);
        self.0.iter().all(|(of, end)| is_read(of, *end))
    }

    fn end(&self, of: &TopicPartition) -> i64 {
        self.0.get(of).copied().unwrap_or(i64::MAX)
    }
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
        arguments::Start::At(moment) => Start::Timestamp(moment.at(now())),
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

/// Prints records, as many as are wanted.
struct Printer<'a> {
    words: &'a Consume,
    output: BufWriter<Stdout>,
    /// How many are still wanted, if there is an end to it.
    left: Option<u64>,
}

impl Printer<'_> {
    fn print(&mut self, batch: &Batch, ends: Option<&Ends>) -> Result<(), Failure> {
        let end = ends.map_or(i64::MAX, |ends| ends.end(batch.topic_partition()));
        let mut line = Vec::new();
        for record in batch {
            let record = record?;
            if self.left == Some(0) || record.offset >= end {
                break;
            }
            line.clear();
            self.line(&self.content(batch, &record)?, &mut line)?;
            self.output.write_all(&line).map_err(output::failed)?;
            self.left = self.left.map(|left| left - 1);
        }
        self.output.flush().map_err(output::failed)
    }

    fn content<'r>(&self, batch: &'r Batch, record: &Record<'r>) -> Result<Content<'r>, Failure> {
        let mut content = Content {
            topic: batch.topic(),
            partition: batch.partition(),
            offset: record.offset,
            timestamp: record.timestamp,
            is_append_time: batch.timestamp_type() == TimestampType::LogAppendTime,
            key: record.key,
            value: record.value,
            headers: Vec::new(),
        };
        if self.words.json || self.words.format.shows_headers() {
            for header in record.headers() {
                let header = header.map_err(|source| Failure::Header { offset: record.offset, source })?;
                content.headers.push((header.key, header.value));
            }
        }
        Ok(content)
    }

    fn line(&self, content: &Content<'_>, line: &mut Vec<u8>) -> Result<(), Failure> {
        let words = self.words;
        if words.json {
            serde_json::to_writer(&mut *line, &Line::from(content))
                .map_err(|error| Failure::Output(error.into()))?;
            line.push(b'\n');
            return Ok(());
        }
        words.format.fill(content, words.null_value.as_bytes(), line);
        if !words.format.ends_in(words.delimiter.as_bytes()) {
            line.extend_from_slice(words.delimiter.as_bytes());
        }
        Ok(())
    }
}

/// Unix milliseconds of now.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
