//! Where reading begins where no group says it, and where it ends with `--exit`.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use ottla::client::{self, Admin, IsolationLevel, ListedOffset, Offset, OffsetSpec, TopicPartition};
use ottla::consumer::{Consumer, Start};

use crate::arguments::{self, Consume};
use crate::failure::Failure;

/// Where partitions ended when reading them began.
#[derive(Debug, Default)]
pub(super) struct Ends(BTreeMap<TopicPartition, i64>);

impl Ends {
    /// Finds out where partitions end that are to be read as well.
    pub(super) async fn add(&mut self, admin: &Admin, partitions: &[TopicPartition]) -> Result<(), Failure> {
        self.0.extend(offsets(admin, partitions, OffsetSpec::Latest).await?);
        Ok(())
    }

    /// Leaves partitions to others.
    pub(super) fn remove(&mut self, partitions: &[TopicPartition]) {
        self.0.retain(|partition, _| !partitions.contains(partition));
    }

    /// Whether everything before them was read.
    pub(super) fn are_reached(&self, consumer: &Consumer) -> bool {
        let is_read = |of: &TopicPartition, end: i64| consumer.position(of).is_some_and(|at| at.0 >= end);
        self.0.iter().all(|(of, end)| is_read(of, *end))
    }

    /// The end of one of them.
    pub(super) fn end(&self, of: &TopicPartition) -> i64 {
        self.0.get(of).copied().unwrap_or(i64::MAX)
    }
}

/// The partition that was asked for, or all that the topics have. Asking creates no topic: one that is not there
/// is most likely a slip of the finger, and whoever waits on it would wait for ever.
pub(super) async fn partitions(admin: &Admin, words: &Consume) -> Result<Vec<TopicPartition>, Failure> {
    let mut partitions = Vec::new();
    for topic in admin.describe_topics(words.topics.iter().cloned()).await.into_values() {
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
pub(super) async fn starts(
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

/// Unix milliseconds of now.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
