//! One consumer that reads every partition from its beginning, and holds each record against what was sent.

use std::error::Error;
use std::time::Duration;

use ottla::client::{IsolationLevel, OffsetSpec, TopicPartition};
use ottla::consumer::{Config, Consumer, Start};

use crate::Arguments;
use crate::report;
use crate::tally::Tally;

/// How long nothing may come before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// Consumes until every record came, or none comes any more.
pub(crate) async fn consume(
    arguments: &Arguments,
    bootstrap: &str,
    sent: &[u64],
) -> Result<Tally, Box<dyn Error>> {
    let consumer = Consumer::new(Config::new(bootstrap).with_client_id("quickstart")).await?;
    let partition = |index| TopicPartition::new(arguments.topic.clone(), index);
    let all: Vec<TopicPartition> = (0..arguments.partitions).map(partition).collect();
    consumer.assign(all.iter().cloned(), Start::Earliest);

    let bar = report::bar("consume", arguments.records);
    let partitions = usize::try_from(arguments.partitions)?;
    let mut tally = Tally::new(arguments.size, sent, partitions);
    while tally.missing() > 0 {
        let Ok(batch) = tokio::time::timeout(PATIENCE, consumer.next_batch()).await else { break };
        let (batch, before) = (batch?, tally.missing());
        for record in &batch {
            let record = record?;
            tally.take(batch.partition(), record.offset, record.value);
        }
        bar.inc(before - tally.missing());
    }
    bar.finish();

    // What came twice may come after everything came once: so each partition has to end where it was read to.
    let places = all.into_iter().map(|partition| (partition, OffsetSpec::Latest));
    let ends = consumer.client().admin().list_offsets(places, IsolationLevel::ReadUncommitted).await;
    for (partition, end) in ends {
        tally.end(partition.partition, end?.offset.map_or(0, |offset| offset.0));
    }
    Ok(tally)
}
