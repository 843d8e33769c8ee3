//! `ottla topic delete-records`: deletes the oldest records of partitions.

use std::collections::BTreeMap;
use std::path::Path;

use ottla::client::{Admin, IsolationLevel, Offset, OffsetSpec, RecordsToDelete, TopicPartition};
use serde::Deserialize;

use crate::arguments::{Before, DeleteRecords};
use crate::client::admin;
use crate::failure::{Failure, Failures};
use crate::group::partitions;
use crate::moments::now;
use crate::output::print;

pub(super) async fn delete(words: DeleteRecords) -> Result<(), Failure> {
    let admin = admin(&words.cluster).await?;
    let mut failures = Failures::default();
    let records = match (&words.which.offset_json_file, words.which.before) {
        (Some(file), _) => in_file(file)?,
        (None, Some(Before::Moment(moment))) => {
            before_time(&admin, partitions(&admin, &words.partitions).await?, moment.at(now()), &mut failures)
                .await
        }
        (None, before) => {
            let before = match before {
                Some(Before::Offset(offset)) => RecordsToDelete::Before(Offset(offset)),
                _ => RecordsToDelete::All,
            };
            let partitions = partitions(&admin, &words.partitions).await?.into_iter();
            partitions.map(|partition| (partition, before)).collect()
        }
    };
    for (partition, outcome) in admin.delete_records(records).await {
        if let Some(start) = failures.well(outcome) {
            print(&format!("{partition} starts at {start}\n"))?;
        }
    }
    failures.end()
}

/// Those that are older than the first record of a time, or all that are there now.
async fn before_time(
    admin: &Admin,
    partitions: Vec<TopicPartition>,
    ms: i64,
    failures: &mut Failures,
) -> BTreeMap<TopicPartition, RecordsToDelete> {
    let places = |place: OffsetSpec| partitions.iter().map(move |partition| (partition.clone(), place));
    // The end comes first: a record that is written meanwhile is not deleted.
    let mut ends = admin.list_offsets(places(OffsetSpec::Latest), IsolationLevel::ReadUncommitted).await;
    let found = admin.list_offsets(places(OffsetSpec::Timestamp(ms)), IsolationLevel::ReadUncommitted).await;
    let mut records = BTreeMap::new();
    for (partition, first) in found {
        let end = ends.remove(&partition).and_then(|end| failures.well(end)).and_then(|end| end.offset);
        let Some(first) = failures.well(first) else { continue };
        if let Some(before) = first.offset.or(end) {
            records.insert(partition, RecordsToDelete::Before(before));
        }
    }
    records
}

/// What a file says that was written for Kafka's tool.
#[derive(Deserialize)]
struct OffsetFile {
    partitions: Vec<OffsetEntry>,
    #[serde(default = "first_version")]
    version: u32,
}

#[derive(Deserialize)]
struct OffsetEntry {
    topic: String,
    partition: i32,
    offset: i64,
}

fn first_version() -> u32 {
    1
}

fn in_file(path: &Path) -> Result<BTreeMap<TopicPartition, RecordsToDelete>, Failure> {
    let failed = |source: std::io::Error| Failure::File { path: path.to_path_buf(), source };
    let text = std::fs::read(path).map_err(failed)?;
    parse(&text).map_err(std::io::Error::other).map_err(failed)
}

fn parse(text: &[u8]) -> Result<BTreeMap<TopicPartition, RecordsToDelete>, String> {
    let file: OffsetFile = serde_json::from_slice(text).map_err(|problem| problem.to_string())?;
    if file.version != 1 {
        return Err(format!("version {} is not known, but only 1", file.version));
    }
    let mut records = BTreeMap::new();
    for OffsetEntry { topic, partition, offset } in file.partitions {
        let which = match offset {
            -1 => RecordsToDelete::All,
            0.. => RecordsToDelete::Before(Offset(offset)),
            _ => {
                return Err(format!(
                    "offset {offset} of {topic}:{partition} is neither an offset nor -1, for all"
                ));
            }
        };
        let partition = TopicPartition::new(topic, partition);
        let name = partition.to_string();
        if records.insert(partition, which).is_some() {
            return Err(format!("{name} is named twice"));
        }
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_for_kafkas_tool_is_read() {
        let text = br#"{"partitions": [{"topic": "a", "partition": 1, "offset": 5},
            {"topic": "a", "partition": 2, "offset": -1}], "version": 1}"#;
        let records = parse(text).unwrap();
        assert_eq!(records[&TopicPartition::new("a", 1)], RecordsToDelete::Before(Offset(5)));
        assert_eq!(records[&TopicPartition::new("a", 2)], RecordsToDelete::All);
        for wrong in [
            r#"{"partitions": [{"topic": "a", "partition": 1, "offset": -2}]}"#,
            r#"{"partitions": [{"topic": "a", "partition": 1}]}"#,
            r#"{"partitions": [], "version": 2}"#,
            r#"{"partitions": [{"topic": "a", "partition": 1, "offset": 5}, {"topic": "a", "partition": 1, "offset": 6}]}"#,
            "{}",
            "",
        ] {
            assert!(parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
