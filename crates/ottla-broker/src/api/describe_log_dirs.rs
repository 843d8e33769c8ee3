//! `DescribeLogDirs` (key 35): the data folder, how full it is, and how much each partition takes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::describe_log_dirs::{
    DescribeLogDirsPartition, DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeLogDirsResult,
    DescribeLogDirsTopic,
};
use ottla_protocol::wire::Str;
use ottla_storage::disk::Space;

use super::Handling;
use crate::broker::Core;
use crate::directory::Topic;

/// What the data folder is called when it is none, because the data is in memory.
const NO_FOLDER: &str = "memory";

/// Describes the one data folder. A topic or partition that is not there is left out of the answer.
pub(crate) fn handle(core: &Core, request: &DescribeLogDirsRequest) -> Handling {
    let mut result = DescribeLogDirsResult::default();
    result.log_dir = folder(core);
    match core.storage.space() {
        Ok(Some(Space { total_bytes, usable_bytes })) => {
            (result.total_bytes, result.usable_bytes) = (number(total_bytes), number(usable_bytes));
        }
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(%error, "the space of the data folder is not known");
            result.error_code = ErrorCode::KAFKA_STORAGE_ERROR;
        }
    }
    result.topics = match &request.topics {
        None => core.directory.all().iter().filter_map(|topic| described(topic, |_| true)).collect(),
        Some(asked) => {
            let mut indexes = BTreeMap::<&Str, BTreeSet<i32>>::new();
            for topic in asked {
                indexes.entry(&topic.topic).or_default().extend(topic.partitions.iter());
            }
            let topics = indexes.iter().filter_map(|(name, indexes)| {
                described(&core.directory.by_name(name)?, |index| indexes.contains(&index))
            });
            topics.collect()
        }
    };
    let mut response = DescribeLogDirsResponse::default();
    response.results = vec![result];
    Handling::respond(ResponseBody::DescribeLogDirs(response))
}

/// What the data folder is called.
pub(super) fn folder(core: &Core) -> Str {
    match core.storage.folder() {
        Some(folder) => Str::from(folder.display().to_string()),
        None => Str::from_static(NO_FOLDER),
    }
}

/// The partitions of a topic that are asked for; `None` when there is none.
fn described(topic: &Arc<Topic>, is_asked: impl Fn(i32) -> bool) -> Option<DescribeLogDirsTopic> {
    let partitions = topic.partitions().zip(0..).filter(|(_, index)| is_asked(*index));
    let mut answer = DescribeLogDirsTopic::default();
    answer.partitions = partitions
        .filter_map(|(partition, index)| {
            let partition = partition?;
            let offsets = partition.offsets();
            let mut answer = DescribeLogDirsPartition::default();
            answer.partition_index = index;
            answer.partition_size = number(partition.size_bytes());
            answer.offset_lag = (offsets.log_end - offsets.high_watermark).max(0);
            Some(answer)
        })
        .collect();
    answer.name = topic.name.clone();
    (!answer.partitions.is_empty()).then_some(answer)
}

fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
