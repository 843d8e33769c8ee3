//! The topics that were written to first, found without a lock.
//!
//! Every record looks its topic up. A lock for readers would do, were it not that each of them writes to it: callers
//! on several cores then take that one cache line from each other, which costs more than all else that is done for a
//! small record. Here nobody writes once a topic is known. Most producers write to few topics; those that came later
//! are found in the map, with its lock.

use std::sync::{Arc, OnceLock};

use super::Topic;

/// Topics that are found here; the search through more of them would cost as much as the lock.
const TOPICS_MAX: usize = 16;

/// The topics that were written to first, in that order.
#[derive(Debug, Default)]
pub(super) struct FirstTopics([OnceLock<Arc<Topic>>; TOPICS_MAX]);

impl FirstTopics {
    /// A topic with all its partitions, if it is among the first.
    pub(super) fn find(&self, name: &str) -> Option<&Topic> {
        let mut known = self.0.iter().map_while(OnceLock::get);
        known.find(|topic| topic.name == *name).map(|topic| topic.newest())
    }

    /// Takes in a topic that is new, if there is room. To be called by one at a time.
    pub(super) fn add(&self, topic: &Arc<Topic>) {
        if let Some(free) = self.0.iter().find(|slot| slot.get().is_none()) {
            free.get_or_init(|| Arc::clone(topic));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_found_with_the_partitions_that_came_later() {
        let first = FirstTopics::default();
        assert!(first.find("t0").is_none());
        let topics: Vec<_> =
            (0..TOPICS_MAX + 2).map(|number| Arc::new(Topic::of_test(&format!("t{number}"), 1))).collect();
        topics.iter().for_each(|topic| first.add(topic));
        let found = |name: &str| first.find(name).map(|topic| topic.partitions.len());
        assert_eq!((found("t0"), found("t15")), (Some(1), Some(1)));
        assert_eq!((found("t16"), found("t17")), (None, None), "they are in the map");
        for partitions in 2..5 {
            let grown = Arc::new(Topic::of_test("t3", partitions));
            topics[3].newest().grown.set(grown).unwrap();
            assert_eq!((found("t3"), found("t2")), (Some(partitions), Some(1)));
        }
    }
}
