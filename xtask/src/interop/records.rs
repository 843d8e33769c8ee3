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

#[cfg(test)]
mod tests {
    use super::*;

    fn record(partition: i32, value: &str) -> Record {
        Record::new(Some(partition), "key", value)
    }

    #[test]
    fn what_a_program_says_is_the_record_and_its_offset() {
        let said = json!({
            "partition": 2, "offset": 17, "key": "k", "value": "v", "timestamp": 5,
            "headers": [["trace", "a1"], ["trace", ""], ["nothing", null]],
        });
        let pair = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
        let headers = vec![pair("trace", Some("a1")), pair("trace", Some("")), pair("nothing", None)];
        let wanted = Record { headers, ..Record::new(Some(2), "k", "v") };
        assert_eq!(Record::from_json(&said), Some((17, wanted)));
    }

    #[test]
    fn null_and_empty_are_two_things() {
        let said = json!({"partition": 0, "offset": 0, "key": null, "value": "", "headers": []});
        let (_, record) = Record::from_json(&said).expect("a record");
        assert_eq!((record.key, record.value), (None, Some(String::new())));
    }

    #[test]
    fn a_record_that_is_told_is_heard_as_it_was() {
        for mut record in sample("a test", 3, 12) {
            record.headers = vec![("näme".to_owned(), Some("välue".to_owned())), ("none".to_owned(), None)];
            let mut told = record.to_json();
            told["offset"] = json!(4);
            assert_eq!(Record::from_json(&told), Some((4, record)));
        }
    }

    #[test]
    fn a_record_without_a_partition_leaves_it_to_the_client() {
        let record = Record { partition: None, ..record(0, "v") };
        assert_eq!(record.to_json()["partition"], Value::Null);
    }

    #[test]
    fn what_is_no_record_is_not_heard_as_one() {
        let good = json!({"partition": 0, "offset": 0, "key": "k", "value": "v", "headers": [["h", "1"]]});
        assert!(Record::from_json(&good).is_some());
        for (field, wrong) in [
            ("offset", Value::Null),
            ("offset", json!("0")),
            ("partition", Value::Null),
            ("partition", json!(i64::from(i32::MAX) + 1)),
            ("headers", Value::Null),
            ("headers", json!({"h": "1"})),
            ("headers", json!([[null, "1"]])),
            ("headers", json!(["h"])),
        ] {
            let mut said = good.clone();
            said[field] = wrong.clone();
            assert_eq!(Record::from_json(&said), None, "{field} is {wrong}");
        }
        assert_eq!(Record::from_json(&json!({"written": 3})), None);
    }

    #[test]
    fn a_sample_holds_no_record_twice_and_takes_all_partitions_by_turns() {
        let records = sample("a test", 3, 30);
        let values: std::collections::BTreeSet<_> = records.iter().map(|record| &record.value).collect();
        assert_eq!(values.len(), 30);
        let partitions: Vec<_> = records.iter().take(4).map(|record| record.partition).collect();
        assert_eq!(partitions, [Some(0), Some(1), Some(2), Some(0)]);
    }

    #[test]
    fn partitions_may_be_read_in_any_order_among_each_other() {
        let written = [record(0, "a"), record(1, "b"), record(0, "c")];
        let read = [(0, record(1, "b")), (0, record(0, "a")), (1, record(0, "c"))];
        assert!(same_records("read", &read, &written).is_ok());
    }

    #[test]
    fn every_way_in_which_a_reading_can_differ_is_told() {
        let written = [record(0, "a"), record(1, "b"), record(0, "c")];
        let cases: [(&str, &[(i64, Record)]); 6] = [
            ("missing", &[(0, record(0, "a")), (0, record(1, "b"))]),
            (
                "doubled",
                &[(0, record(0, "a")), (1, record(0, "a")), (0, record(1, "b")), (2, record(0, "c"))],
            ),
            ("changed", &[(0, record(0, "a")), (0, record(1, "x")), (1, record(0, "c"))]),
            ("out of order", &[(0, record(0, "c")), (0, record(1, "b")), (1, record(0, "a"))]),
            ("a gap in the offsets", &[(0, record(0, "a")), (0, record(1, "b")), (2, record(0, "c"))]),
            ("in another partition", &[(0, record(0, "a")), (0, record(1, "b")), (1, record(1, "c"))]),
        ];
        for (what, read) in cases {
            assert!(same_records(what, read, &written).is_err(), "{what}");
        }
    }
}
