//! Asks the broker for everything that the ledger knows of, and lets the ledger judge the answers.

use std::collections::BTreeMap;

use ottla::client::{Client, IsolationLevel, OffsetSpec, TopicPartition};
use ottla::consumer::{Config as ConsumerConfig, Consumer, OffsetReset, Start};
use tokio::time::timeout;

use crate::ledger::{Ledger, Reading};
use crate::load::{self, GROUP, NUMBERS};
use crate::payload::Payload;
use crate::{Failure, PATIENCE};

/// Topics, where partitions begin and end, and committed offsets: what is quickly asked.
pub(crate) async fn bounds(client: &Client, ledger: &Ledger) -> Result<(), Failure> {
    let _nothing_comes = ledger.comings.write().await;
    topics(client, ledger).await?;
    let known: Vec<_> = ledger.places().into_iter().map(|place| (ledger.bounds(&place), place)).collect();
    let starts = offsets(client, &known, OffsetSpec::Earliest).await?;
    let ends = offsets(client, &known, OffsetSpec::Latest).await?;
    for (bounds, place) in &known {
        match (starts.get(place), ends.get(place)) {
            (Some(start), Some(end)) => ledger.check_bounds(place, *bounds, (*start, *end)),
            _ if ledger.places().contains(place) => {
                ledger.problem(format!("{place} has no beginning or end"))
            }
            _ => {} // it went meanwhile
        }
    }
    for group in [GROUP, NUMBERS] {
        let floors = ledger.commits_of(group);
        let told = client.admin().group_offsets(group).await?;
        let told = told.into_iter().map(|(place, committed)| (place, committed.offset.0)).collect();
        ledger.check_commits(group, &floors, &told);
    }
    Ok(())
}

async fn topics(client: &Client, ledger: &Ledger) -> Result<(), Failure> {
    let (there, gone) = ledger.topics();
    let listed = client.admin().list_topics().await?;
    let listed: Vec<String> = listed.iter().map(|topic| topic.name.to_string()).collect();
    for topic in there.iter().filter(|topic| !listed.contains(topic)) {
        ledger.problem(format!("topic {topic} is not there, and was made"));
    }
    for topic in gone.iter().filter(|topic| listed.contains(topic)) {
        ledger.problem(format!("topic {topic} is there, and was deleted"));
    }
    Ok(())
}

/// Offsets of the partitions that answer.
async fn offsets<T>(
    client: &Client,
    known: &[(T, TopicPartition)],
    which: OffsetSpec,
) -> Result<BTreeMap<TopicPartition, i64>, Failure> {
    let asked = known.iter().map(|(_, place)| (place.clone(), which));
    let answered = client.admin().list_offsets(asked, IsolationLevel::ReadUncommitted).await;
    let offset = |listed: ottla::client::ListedOffset| listed.offset.map_or(0, |offset| offset.0);
    Ok(answered.into_iter().filter_map(|(place, listed)| Some((place, offset(listed.ok()?)))).collect())
}

/// Reads every record of every topic, and says how many there were.
pub(crate) async fn records(
    address: &str,
    client: &Client,
    ledger: &Ledger,
    is_calm: bool,
) -> Result<u64, Failure> {
    let _nothing_comes = ledger.comings.write().await;
    let known: Vec<_> = ledger.places().into_iter().map(|place| ((), place)).collect();
    let starts = offsets(client, &known, OffsetSpec::Earliest).await?;
    let ends = offsets(client, &known, OffsetSpec::Latest).await?;
    let mut found = read(address, &ends).await?;
    let starts_after = offsets(client, &known, OffsetSpec::Earliest).await?;
    let mut count = 0;
    for (place, end) in ends {
        let bounds = (starts.get(&place), starts_after.get(&place));
        let (Some(before), Some(after)) = bounds else {
            return Err(format!("{place} has no beginning").into());
        };
        let found = found.remove(&place).unwrap_or_default();
        count += found.len() as u64;
        ledger.check_reading(&place, &Reading { starts: (*before, *after), end, found, is_calm });
    }
    Ok(count)
}

type Found = BTreeMap<TopicPartition, Vec<(i64, Option<(crate::payload::Stamp, usize)>)>>;

async fn read(address: &str, ends: &BTreeMap<TopicPartition, i64>) -> Result<Found, Failure> {
    let config = ConsumerConfig::with_client(load::client_config(address))
        .with_auto_offset_reset(OffsetReset::Earliest);
    let consumer = Consumer::new(config).await?;
    let wanted: Vec<_> = ends.iter().filter(|(_, end)| **end > 0).collect();
    consumer.assign(wanted.iter().map(|(place, _)| (*place).clone()), Start::Earliest);
    let mut found = Found::new();
    let is_done = |consumer: &Consumer| {
        let position = |place: &TopicPartition| consumer.position(place).map_or(0, |offset| offset.0);
        wanted.iter().all(|(place, end)| position(place) >= **end)
    };
    while !is_done(&consumer) {
        let next = timeout(PATIENCE / 2, consumer.next_batch()).await;
        let Ok(batch) = next else {
            let at: Vec<_> =
                wanted.iter().map(|(place, end)| (place, consumer.position(place), end)).collect();
            return Err(format!("nothing more is to be read: {at:?}").into());
        };
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) if error.is_retriable() => continue,
            Err(error) => return Err(error.into()),
        };
        let into = found.entry(batch.topic_partition().clone()).or_default();
        for record in &batch {
            let record = record?;
            into.push((record.offset, Payload::read(&record)));
        }
    }
    consumer.close().await;
    Ok(found)
}
