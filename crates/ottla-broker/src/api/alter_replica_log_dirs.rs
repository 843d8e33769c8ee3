//! `AlterReplicaLogDirs` (key 34): moves of partitions to other data folders (KIP-113), of which there is but one.
//!
//! A partition that is to be where it is stays there; any other folder is unknown. A name that would be too long for a
//! folder on its way is refused before all else, as in Kafka.

use std::collections::BTreeMap;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::alter_replica_log_dirs::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult, AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
};
use ottla_protocol::wire::Str;

use super::Handling;
use super::describe_log_dirs::folder;
use crate::broker::Core;

/// Answers each partition once, by the folder that is named for it last.
pub(crate) fn handle(core: &Core, request: &AlterReplicaLogDirsRequest) -> Handling {
    let mut wanted = BTreeMap::<&Str, BTreeMap<i32, &Str>>::new();
    for dir in &request.dirs {
        for topic in &dir.topics {
            let partitions = topic.partitions.iter().map(|index| (*index, &dir.path));
            wanted.entry(&topic.name).or_default().extend(partitions);
        }
    }
    let ours = folder(core);
    let mut response = AlterReplicaLogDirsResponse::default();
    let named = wanted.into_iter().filter(|(_, partitions)| !partitions.is_empty());
    let results = named.map(|(name, partitions)| {
        let topic = core.directory.by_name(name);
        let mut answer = AlterReplicaLogDirTopicResult::default();
        answer.topic_name = name.clone();
        let partitions = partitions.into_iter().map(|(index, path)| {
            let mut answer = AlterReplicaLogDirPartitionResult::default();
            answer.partition_index = index;
            answer.error_code = match topic.as_ref().map(|topic| topic.partition(index)) {
                _ if !has_room(name, index) => ErrorCode::INVALID_TOPIC_EXCEPTION,
                _ if *path != ours => ErrorCode::LOG_DIR_NOT_FOUND,
                None | Some(None) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                Some(Some(None)) => ErrorCode::KAFKA_STORAGE_ERROR,
                Some(Some(Some(_))) => ErrorCode::NONE,
            };
            answer
        });
        answer.partitions = partitions.collect();
        answer
    });
    response.results = results.collect();
    Handling::respond(ResponseBody::AlterReplicaLogDirs(response))
}

/// Whether a folder on its way to another could be named after a partition, with the dot, the id and the word behind it.
fn has_room(name: &str, index: i32) -> bool {
    const NAME_BYTES_MAX: usize = 255;
    format!("{name}-{index}.").len() + 32 + "-future".len() <= NAME_BYTES_MAX
}
