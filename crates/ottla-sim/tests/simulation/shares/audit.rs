//! Asks how far share groups are, again and again, and whether they come to the end once all is calm.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ottla::client::{Client, Error, TopicPartition};
use ottla::protocol::api::ErrorCode;
use ottla::protocol::messages::describe_share_group_offsets::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup,
};
use ottla::protocol::wire::Str;
use ottla_sim::millis as ms;
use tokio::time::sleep;

use super::member::Quiet;
use super::plan::SharePlan;
use crate::clients::{self, Seams};

const WHO: &str = "share auditor";

/// Where a group begins in a partition, and how many records it is not done with.
type Offsets = BTreeMap<TopicPartition, (i64, i64)>;

/// How long it may take until all partitions have somebody who fetches them, once all is calm.
const TO_BE_ASSIGNED: Duration = Duration::from_secs(15);

/// A group that runs.
pub(crate) struct Shares {
    pub(crate) plan: SharePlan,
    /// The members that stay.
    pub(crate) quiet: Vec<Quiet>,
}

impl Shares {
    /// Whether whatever was locked has been free for long enough to be given to somebody.
    fn is_quiet(&self) -> bool {
        self.quiet.iter().all(|quiet| quiet.lasts(self.plan.lock * 2 + TO_BE_ASSIGNED))
    }
}

/// Asks where each group begins, until all is calm.
pub(crate) async fn watch(seams: Seams, groups: Vec<SharePlan>) {
    let (client, mut rng) = (seams.client(WHO).await, seams.env.rng());
    while !groups.is_empty() && !seams.is_calm.load(Ordering::Relaxed) {
        for group in groups.iter().take_while(|_| !seams.is_calm.load(Ordering::Relaxed)) {
            let asked = seams.history.asks_for_commits(WHO, &group.name);
            match offsets(&client, group).await {
                Ok(told) => {
                    let starts = told.iter().filter(|(_, (start, _))| *start >= 0);
                    asked.committed(starts.map(|(place, (start, _))| (place, *start)));
                }
                Err(error) => asked.doubted(&error.to_string()),
            }
        }
        sleep(ms(&mut rng, 20, 600)).await;
    }
}

async fn offsets(client: &Client, group: &SharePlan) -> Result<Offsets, Error> {
    let mut one = DescribeShareGroupOffsetsRequestGroup::default();
    (one.group_id, one.topics) = (Str::from(group.name.clone()), None);
    let request = DescribeShareGroupOffsetsRequest::default().with_groups(vec![one]);
    let node = client.coordinator(group.name.clone()).await?;
    let answer = client.call(node, &request).await;
    if answer.is_err() {
        client.forget_coordinator(&group.name, node);
    }
    let mut offsets = Offsets::new();
    for told in answer?.groups {
        if told.error_code != ErrorCode::NONE {
            client.forget_coordinator(&group.name, node);
            let message = told.error_message.map(|message| message.to_string());
            return Err(Error::Refused { subject: group.name.clone(), code: told.error_code, message });
        }
        for topic in told.topics {
            for partition in topic.partitions {
                let place = TopicPartition::new(topic.topic_name.clone(), partition.partition_index);
                if partition.error_code != ErrorCode::NONE {
                    let (subject, code) = (place.to_string(), partition.error_code);
                    return Err(Error::Refused { subject, code, message: None });
                }
                offsets.insert(place, (partition.start_offset, partition.lag));
            }
        }
    }
    Ok(offsets)
}

/// Waits until each group is done with everything, or says so by asking in vain. `unsettled` says meanwhile what is
/// missing.
///
/// That a record was never committed is not written while the disk is full, so that the lag tells of it until something
/// else is.
pub(crate) async fn settle(seams: &Seams, groups: &[Shares], unsettled: &mut String) {
    let client = seams.client(WHO).await;
    for group in groups {
        let (name, is_for) = (&group.plan.name, |place: &&TopicPartition| group.plan.reads(place));
        let places: Vec<_> = seams.all_places().filter(is_for).cloned().collect();
        let ends = clients::all_ends(seams, &places).await;
        group.quiet.iter().for_each(|quiet| quiet.is_given(false));
        loop {
            let asked = seams.history.asks_for_commits(WHO, name);
            match offsets(&client, &group.plan).await {
                Ok(told) => {
                    let lags = |place: &TopicPartition| told.get(place).is_none_or(|(_, lag)| *lag != 0);
                    if !ends.keys().any(lags) || group.is_quiet() {
                        // Then it is done with all that was there when the ends were told.
                        asked.committed(ends.iter().map(|(place, end)| (place, *end)));
                        break;
                    }
                    *unsettled = format!("{name} is not done: {told:?}, {ends:?}");
                }
                Err(error) => *unsettled = format!("{name}: {error}"),
            }
            sleep(Duration::from_millis(200)).await;
        }
        seams.history.note(&format!("{name} is done with everything"));
    }
}

impl SharePlan {
    fn reads(&self, place: &TopicPartition) -> bool {
        self.topics.iter().any(|(topic, _)| *topic == *place.topic)
    }
}
