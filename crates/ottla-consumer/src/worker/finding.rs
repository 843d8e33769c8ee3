//! Finding out where places are: the earliest or latest offset of a partition, that of a time, or what the group
//! committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_client::{Error, ListedOffset, OffsetSpec, TopicPartition};

use super::Shared;
use crate::fetcher::{Committed, Find, Wanted};

/// What was asked, and what came of it.
pub(super) enum Found {
    /// From the leaders.
    Listed(Vec<Find>, BTreeMap<TopicPartition, Result<ListedOffset, Error>>),
    /// From the coordinator of the group.
    Committed(Vec<Find>, Result<BTreeMap<TopicPartition, Committed>, Error>),
}

impl Shared {
    /// Finds out where places are, with leaders.
    pub(super) async fn list(self: Arc<Self>, finds: Vec<Find>) -> Found {
        let now_ms = self.client.env().now_ms();
        let place = |find: &Find| {
            let spec = match find.wanted {
                Wanted::Spec(spec) => spec,
                Wanted::Ago(duration) => {
                    let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
                    OffsetSpec::Timestamp(now_ms.saturating_sub(ms))
                }
                // These are asked of the coordinator.
                Wanted::Committed => return None,
            };
            Some((find.partition.clone(), spec))
        };
        let places: Vec<_> = finds.iter().filter_map(place).collect();
        let outcomes = self.client.admin().list_offsets(places, self.config.isolation_level).await;
        Found::Listed(finds, outcomes)
    }

    /// Finds out what the group committed.
    pub(super) async fn find_committed(self: Arc<Self>, finds: Vec<Find>) -> Found {
        let Some(group) = &self.group else { return Found::Committed(finds, Ok(BTreeMap::new())) };
        let partitions = finds.iter().map(|find| find.partition.clone());
        let outcome = group.fetch_offsets(&self.client, partitions).await.map(|offsets| {
            let committed = |(name, committed): (TopicPartition, ottla_client::CommittedOffset)| {
                let place = Committed { offset: committed.offset.0, leader_epoch: committed.leader_epoch };
                (name, place)
            };
            offsets.into_iter().map(committed).collect()
        });
        Found::Committed(finds, outcome)
    }
}
