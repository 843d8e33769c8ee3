//! `ottla transactions`: which there are, what they hold, and ending those that nobody else ends.

use std::collections::{BTreeMap, BTreeSet};

use ottla::client::{Admin, HangingTransaction, ProducerState, TopicPartition};
use serde_json::json;

use crate::arguments::{
    self, Abort, DescribedTransactions, FindHanging, ListedTransactions, Named, Producers,
};
use crate::client::admin;
use crate::failure::{Failure, Failures};
use crate::group::partitions;
use crate::moments::{now, shown};
use crate::output::{Table, or_dash, print, print_json};

/// What the id of a producer and its transaction in a partition are called in tables.
const OPEN: [&str; 6] = ["TOPIC", "PARTITION", "PRODUCER", "EPOCH", "START-OFFSET", "LAST-WRITE"];

pub(crate) async fn run(words: arguments::Transactions) -> Result<(), Failure> {
    match words {
        arguments::Transactions::List(words) => list(words).await,
        arguments::Transactions::Describe(words) => describe(words).await,
        arguments::Transactions::Producers(words) => producers(words).await,
        arguments::Transactions::FindHanging(words) => find_hanging(words).await,
        arguments::Transactions::Abort(words) => abort(words).await,
        arguments::Transactions::Terminate(words) => terminate(words).await,
    }
}

async fn list(words: ListedTransactions) -> Result<(), Failure> {
    let mut list = admin(&words.cluster).await?.list_transactions().await?;
    let is_wanted = |state: &str| words.state.iter().any(|wanted| wanted.eq_ignore_ascii_case(state));
    list.transactions.retain(|listing| words.state.is_empty() || is_wanted(&listing.state));
    if words.shown.json {
        let listings = list.transactions.iter().map(|listing| {
            json!({
                "id": listing.id.as_str(),
                "coordinator": listing.coordinator.0,
                "producer_id": listing.producer_id,
                "state": listing.state.as_str(),
            })
        });
        print_json(&listings.collect::<Vec<_>>())?;
    } else if !list.transactions.is_empty() {
        let mut table = Table::new(&["TRANSACTIONAL-ID", "COORDINATOR", "PRODUCER", "STATE"]);
        for listing in &list.transactions {
            let (coordinator, producer) =
                (listing.coordinator.0.to_string(), listing.producer_id.to_string());
            table.row([listing.id.to_string(), coordinator, producer, listing.state.to_string()]);
        }
        print(&table.to_string())?;
    }
    let mut failures = Failures::default();
    for error in list.failed.into_values() {
        failures.well(Err::<(), _>(error));
    }
    failures.end()
}

async fn describe(words: DescribedTransactions) -> Result<(), Failure> {
    let described = admin(&words.named.cluster).await?.describe_transactions(words.named.names).await;
    let mut failures = Failures::default();
    let found: Vec<_> =
        described.into_iter().filter_map(|(id, outcome)| Some((id, failures.well(outcome)?))).collect();
    if words.shown.json {
        let told = found.iter().map(|(id, of)| {
            let partition =
                |of: &TopicPartition| json!({"topic": of.topic.as_str(), "partition": of.partition});
            json!({
                "id": id.as_str(),
                "coordinator": of.coordinator.0,
                "producer_id": of.producer_id,
                "producer_epoch": of.producer_epoch,
                "state": of.state.as_str(),
                "timeout_ms": of.timeout_ms,
                "started_ms": of.started_ms,
                "partitions": of.partitions.iter().map(partition).collect::<Vec<_>>(),
            })
        });
        print_json(&told.collect::<Vec<_>>())?;
    } else if !found.is_empty() {
        let headings = [
            "TRANSACTIONAL-ID",
            "COORDINATOR",
            "PRODUCER",
            "EPOCH",
            "STATE",
            "TIMEOUT-MS",
            "STARTED",
            "PARTITIONS",
        ];
        let mut table = Table::new(&headings);
        for (id, of) in &found {
            let partitions: Vec<String> = of.partitions.iter().map(TopicPartition::to_string).collect();
            table.row([
                id.to_string(),
                of.coordinator.0.to_string(),
                of.producer_id.to_string(),
                of.producer_epoch.to_string(),
                of.state.to_string(),
                of.timeout_ms.to_string(),
                or_dash(of.started_ms.map(shown)),
                or_dash(Some(partitions.join(",")).filter(|partitions| !partitions.is_empty())),
            ]);
        }
        print(&table.to_string())?;
    }
    failures.end()
}

async fn producers(words: Producers) -> Result<(), Failure> {
    let admin = admin(&words.cluster).await?;
    let asked = partitions(&admin, &words.topics).await?;
    let mut failures = Failures::default();
    let found = remembered(&admin, asked, &mut failures).await;
    show(words.shown.json, &found)?;
    failures.end()
}

/// A transaction is said to hang when it is open in a partition, nothing was written in it for longer than
/// brokers let transactions last, and its coordinator does not know of it. So Kafka's tool sees it.
async fn find_hanging(words: FindHanging) -> Result<(), Failure> {
    let admin = admin(&words.cluster).await?;
    let asked = match words.topic.is_empty() {
        false => partitions(&admin, &words.topic).await?,
        true => {
            let topics = admin.list_topics().await?;
            let of = |topic: &ottla::client::Topic| {
                let name = topic.name.clone();
                topic
                    .partitions
                    .iter()
                    .map(move |partition| TopicPartition::new(name.clone(), partition.index))
                    .collect::<Vec<_>>()
            };
            topics.iter().flat_map(of).collect()
        }
    };
    let mut failures = Failures::default();
    let before = now().saturating_sub(i64::from(words.max_transaction_timeout) * 60_000);
    let mut open = remembered(&admin, asked, &mut failures).await;
    open.retain(|(_, producer)| producer.transaction_start.is_some() && producer.last_timestamp < before);
    if !open.is_empty() {
        let known = known(&admin, &open, &mut failures).await?;
        open.retain(|(partition, producer)| !is_known(&known, partition, producer.producer_id));
    }
    show(words.shown.json, &open)?;
    failures.end()
}

/// Whether a coordinator will end a producer's transaction in a partition.
fn is_known(known: &Known, partition: &TopicPartition, producer_id: i64) -> bool {
    known.get(&producer_id).is_some_and(|partitions| partitions.contains(partition))
}

/// The partitions of transactions that coordinators know, by the producer's id.
type Known = BTreeMap<i64, Vec<TopicPartition>>;

/// What coordinators know of the transactions of these producers.
async fn known(
    admin: &Admin,
    open: &[(TopicPartition, ProducerState)],
    failures: &mut Failures,
) -> Result<Known, Failure> {
    let producers: BTreeSet<i64> = open.iter().map(|(_, producer)| producer.producer_id).collect();
    let list = admin.list_transactions().await?;
    if let Some((_, error)) = list.failed.into_iter().next() {
        return Err(error.into()); // whatever it coordinates would look as if nobody knew it
    }
    let listed = list.transactions.into_iter().filter(|listing| producers.contains(&listing.producer_id));
    let described = admin.describe_transactions(listed.map(|listing| listing.id)).await;
    let found = described.into_values().filter_map(|outcome| failures.well(outcome));
    Ok(found.map(|description| (description.producer_id, description.partitions)).collect())
}

async fn remembered(
    admin: &Admin,
    partitions: Vec<TopicPartition>,
    failures: &mut Failures,
) -> Vec<(TopicPartition, ProducerState)> {
    let mut found = Vec::new();
    for (partition, outcome) in admin.describe_producers(partitions).await {
        let producers = failures.well(outcome).into_iter().flatten();
        found.extend(producers.map(|producer| (partition.clone(), producer)));
    }
    found
}

fn show(json: bool, found: &[(TopicPartition, ProducerState)]) -> Result<(), Failure> {
    if json {
        let told = found.iter().map(|(partition, of)| {
            json!({
                "topic": partition.topic.as_str(),
                "partition": partition.partition,
                "producer_id": of.producer_id,
                "producer_epoch": of.producer_epoch,
                "coordinator_epoch": of.coordinator_epoch,
                "last_sequence": of.last_sequence,
                "last_timestamp": of.last_timestamp,
                "start_offset": of.transaction_start.map(|offset| offset.0),
            })
        });
        return print_json(&told.collect::<Vec<_>>());
    }
    if found.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&OPEN);
    for (partition, of) in found {
        table.row([
            partition.topic.to_string(),
            partition.partition.to_string(),
            of.producer_id.to_string(),
            of.producer_epoch.to_string(),
            or_dash(of.transaction_start.map(|offset| offset.0)),
            or_dash((of.last_timestamp >= 0).then(|| shown(of.last_timestamp))),
        ]);
    }
    print(&table.to_string())
}

async fn abort(words: Abort) -> Result<(), Failure> {
    let admin = admin(&words.cluster).await?;
    let partition = TopicPartition::new(words.topic, words.partition);
    let mut described = admin.describe_producers([partition.clone()]).await;
    let producers = described.remove(&partition).unwrap_or_else(|| Ok(Vec::new()))?;
    let begins_there = |producer: &&ProducerState| {
        producer.transaction_start.is_some_and(|offset| offset.0 == words.start_offset)
    };
    let Some(producer) = producers.iter().find(begins_there) else {
        return Err(Failure::NoTransaction { partition, offset: words.start_offset });
    };
    admin.abort_transaction(&HangingTransaction::new(partition.clone(), producer)).await?;
    print(&format!("aborted the transaction of producer {} in {partition}\n", producer.producer_id))
}

async fn terminate(words: Named) -> Result<(), Failure> {
    let fenced = admin(&words.cluster).await?.fence_producers(words.names).await;
    let mut failures = Failures::default();
    for (id, outcome) in fenced {
        if failures.well(outcome).is_some() {
            print(&format!("terminated {id}\n"))?;
        }
    }
    failures.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_coordinator_knows_in_that_partition_does_not_hang() {
        let (one, other) = (TopicPartition::new("t", 0), TopicPartition::new("t", 1));
        let known = Known::from([(7, vec![one.clone()])]);
        assert!(is_known(&known, &one, 7));
        assert!(!is_known(&known, &other, 7));
        assert!(!is_known(&known, &one, 8));
    }
}
