//! Calls that look at and change a cluster: topics, configuration, groups, offsets.
//!
//! Each call goes to the broker whose business it is, and is tried again after failures that may pass,
//! up to `default.api.timeout.ms`: elsewhere, if that business moved. What one call asks of many topics,
//! groups or brokers is answered for each on its own. A change whose answer was lost is tried again
//! too, and may then be told that it was made already.

mod cluster;
mod configs;
mod epochs;
mod groups;
mod log_dirs;
mod offsets;
mod records;
mod routed;
mod topics;
mod transactions;

#[cfg(test)]
mod tests;

pub use cluster::ClusterDescription;
pub use configs::alter::ConfigChange;
pub use configs::{ConfigEntry, ConfigQuery, ConfigResource, ConfigSource, ConfigSynonym, ConfigType};
pub use epochs::EpochEnd;
pub use groups::describe::{GroupDescription, GroupMember};
pub use groups::offsets::{CommittedOffset, GroupOffsets};
pub use groups::state::{GroupKind, GroupState};
pub use groups::{GroupFilter, GroupList, GroupListing};
pub use log_dirs::{LogDir, Replica};
pub use offsets::{IsolationLevel, ListedOffset, OffsetSpec};
pub use records::RecordsToDelete;
pub use topics::describe::{PartitionDescription, TopicDescription};
pub use topics::partitions::NewPartitions;
pub use topics::{CreatedTopic, NewTopic};
pub use transactions::{
    HangingTransaction, ProducerState, TransactionDescription, TransactionList, TransactionListing,
};

use crate::client::Client;

/// Administers a cluster. Cheap to clone; made by [`Client::admin`].
///
/// # Examples
/// ```no_run
/// use ottla_client::{Client, Config, NewTopic};
/// # async fn demo() -> Result<(), ottla_client::Error> {
/// let client = Client::connect(Config::new("localhost:9092")).await?;
/// client.admin().create_topic(NewTopic::new("orders").with_partitions(4)).await?;
/// for topic in client.admin().list_topics().await? {
///     println!("{} has {} partitions", topic.name, topic.partitions.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Admin {
    client: Client,
}

impl Admin {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

/// `request.timeout.ms`, as requests carry it.
fn request_timeout_ms(client: &Client) -> i32 {
    i32::try_from(client.config().request_timeout.as_millis()).unwrap_or(i32::MAX)
}
