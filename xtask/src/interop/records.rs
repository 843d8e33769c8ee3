//! Records as the client programs hear and say them, and how what was read is held against what was written.

use super::same;
use crate::outcome::Outcome;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One record; texts stand for bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    /// Where it is or should go; `None` leaves that to the client's partitioner.
    pub(super) partition: Option<i32>,
    pub(super) key: Option<String>,
    pub(super) value: Option<String>,
    pub(super) headers: Vec<(String, Option<String>)>,
}

impl Record {
    /// A record with a key and a value.
    pub(super) fn new(partition: Option<i32>, key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { partition, key: Some(key.into()), value: Some(value.into()), headers: Vec::new() }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "partition": self.partition,
            "key": self.key,
            "value": self.value,
            "headers": self.headers,
        })
    }

    /// A record that a program said, and its offset.
    pub(super) fn from_json(value: &Value) -> Option<(i64, Self)> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let headers = value["headers"].as_array()?.iter();
        Some((
            value["offset"].as_i64()?,
            Self {
                partition: Some(i32::try_from(value["partition"].as_i64()?).ok()?),
                key: text(&value["key"]),
                value: text(&value["value"]),
                headers: headers
                    .map(|pair| Some((text(&pair[0])?, text(&pair[1]))))
                    .collect::<Option<_>>()?,
            },
        ))
    }
}

/// Records that are all different, spread over the partitions by turns.
pub(super) fn sample(writer: &str, partitions: i32, count: i32) -> Vec<Record> {
    (0..count)
        .map(|number| {
            let value = format!("{writer} {number}: a välue of some length, the same words again and again");
            Record::new(Some(number % partitions), format!("key-{}", number % 7), value)
        })
        .collect()
}

/// Holds what was read from whole partitions against what was written to them, in the order of the writing:
/// offsets count from 0, nothing is missing, doubled, changed or out of order.
pub(super) fn same_records(what: &str, read: &[(i64, Record)], written: &[Record]) -> Outcome {
    let mut wanted: BTreeMap<Option<i32>, Vec<&Record>> = BTreeMap::new();
    for record in written {
        wanted.entry(record.partition).or_default().push(record);
    }
    let mut found: BTreeMap<Option<i32>, Vec<&Record>> = BTreeMap::new();
    for (offset, record) in read {
        let before = found.entry(record.partition).or_default();
        same(&format!("{what}: offset"), usize::try_from(*offset)?, before.len())?;
        before.push(record);
    }
    same(&format!("{what}: records"), read.len(), written.len())?;
    for (partition, wanted) in wanted {
        let found = found.remove(&partition).unwrap_or_default();
        for (found, wanted) in found.iter().zip(&wanted) {
            same(&format!("{what}: a record of partition {partition:?}"), *found, *wanted)?;
        }
        same(&format!("{what}: records of partition {partition:?}"), found.len(), wanted.len())?;
    }
    Ok(())
}
