//! What all who take part did and saw, as a history for `ottla-check`.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use ottla::client::GroupOffsets;
use ottla_check::{Committed, History, Partition, Read, What};

use crate::TOPIC;

/// Clones share it.
#[derive(Clone)]
pub(crate) struct Told {
    began: Instant,
    history: Arc<Mutex<History>>,
}

impl Told {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), history: Arc::default() }
    }

    /// Adds an event.
    pub(crate) fn push(&self, what: What) {
        let mut history = self.history.lock().unwrap();
        let at = u64::try_from(self.began.elapsed().as_micros()).unwrap();
        history.push(at, what);
    }

    /// Adds a question, before it is asked, and returns its number.
    pub(crate) fn ask(&self, what: impl FnOnce(u64) -> What) -> u64 {
        let op = self.history.lock().unwrap().op();
        self.push(what(op));
        op
    }

    /// A reader, which may be a member of a group, was given records.
    pub(crate) fn read(&self, who: &str, group: Option<&str>, partition: i32, records: Vec<Read>) {
        self.push(What::Poll {
            who: who.to_owned(),
            topic: TOPIC.to_owned(),
            partition,
            records,
            isolation: ottla_check::Isolation::ReadUncommitted,
            group: group.map(str::to_owned),
            transaction: None,
        });
    }

    /// What a group has committed, in answer to a question.
    pub(crate) fn committed(&self, op: u64, told: &GroupOffsets) {
        let mut ok = What::ok(op);
        if let What::Ok { offsets, .. } = &mut ok {
            offsets.extend(told.iter().map(|(place, committed)| Committed {
                topic: place.topic.to_string(),
                partition: place.partition,
                offset: committed.offset.0,
            }));
        }
        self.push(ok);
    }

    /// Fails if anything is wrong with all of it.
    pub(crate) fn check(&self) {
        let report = ottla_check::check(&self.history.lock().unwrap());
        println!("{report}");
        assert!(report.is_clean(), "{report}");
    }
}

/// Partitions as a history names them.
pub(crate) fn partitions(places: &[ottla::client::TopicPartition]) -> Vec<Partition> {
    places.iter().map(|place| Partition::new(place.topic.to_string(), place.partition)).collect()
}
