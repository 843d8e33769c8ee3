//! The fetch session with one broker (KIP-227): only what changed is sent.
//!
//! The broker remembers which partitions are fetched and where, so that a request names only those
//! that are new, moved or gone. A state machine: what is wanted goes in, what to send comes out. Any
//! doubt ends the session, and a full request starts the next one.

use std::collections::BTreeMap;

use ottla_client::TopicPartition;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Uuid;

/// The id that stands for no session.
const NO_SESSION: i32 = 0;
/// The epoch of a request that starts a session.
const INITIAL_EPOCH: i32 = 0;

/// What is asked of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) topic_id: Uuid,
    pub(crate) fetch_offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) bytes_max: i32,
}

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delta {
    pub(crate) session_id: i32,
    pub(crate) session_epoch: i32,
    /// Partitions that are new or moved.
    pub(crate) asked: Vec<(TopicPartition, Asked)>,
    /// Partitions that are fetched no more, with the id of their topic.
    pub(crate) forgotten: Vec<(TopicPartition, Uuid)>,
}

/// A session, or the wish for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Session {
    id: i32,
    epoch: i32,
    /// What the broker remembers.
    known: BTreeMap<TopicPartition, Asked>,
}

impl Session {
    /// What to send so that exactly `wanted` is fetched.
    pub(crate) fn next(&mut self, wanted: BTreeMap<TopicPartition, Asked>) -> Delta {
        let (session_id, session_epoch) = (self.id, self.epoch);
        if session_epoch == INITIAL_EPOCH {
            self.known = wanted;
            let asked = self.known.iter().map(|(partition, asked)| (partition.clone(), *asked)).collect();
            return Delta { session_id, session_epoch, asked, forgotten: Vec::new() };
        }
        let before = std::mem::take(&mut self.known);
        let mut forgotten = Vec::new();
        for (partition, old) in &before {
            // A topic that was created anew is another topic, which replaces the old one.
            if wanted.get(partition).is_none_or(|new| new.topic_id != old.topic_id) {
                forgotten.push((partition.clone(), old.topic_id));
            }
        }
        let is_news = |(partition, new): &(&TopicPartition, &Asked)| before.get(*partition) != Some(*new);
        let asked = wanted.iter().filter(is_news).map(|(partition, new)| (partition.clone(), *new)).collect();
        self.known = wanted;
        Delta { session_id, session_epoch, asked, forgotten }
    }

    /// Takes in an answer; says whether its partitions count.
    pub(crate) fn answered(&mut self, code: ErrorCode, session_id: i32) -> bool {
        if code != ErrorCode::NONE {
            // The broker has forgotten the session, or has never known this turn of it.
            let forgotten = code == ErrorCode::FETCH_SESSION_ID_NOT_FOUND;
            self.start_over(if forgotten { NO_SESSION } else { self.id });
            return false;
        }
        if session_id == NO_SESSION {
            // The broker keeps no session for us; every request is a full one.
            self.start_over(NO_SESSION);
        } else {
            self.id = session_id;
            self.epoch = if self.epoch == i32::MAX { 1 } else { self.epoch + 1 };
        }
        true
    }

    /// No answer came. Whether the broker has taken the request in is not known.
    pub(crate) fn failed(&mut self) {
        // A full request under the old id also lets the broker drop the old session.
        self.start_over(self.id);
    }

    fn start_over(&mut self, id: i32) {
        *self = Self { id, epoch: INITIAL_EPOCH, known: BTreeMap::new() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid([1; 16]);

    fn wanted(partitions: &[(i32, i64)]) -> BTreeMap<TopicPartition, Asked> {
        let asked = |offset| Asked { topic_id: ID, fetch_offset: offset, leader_epoch: 0, bytes_max: 9 };
        partitions.iter().map(|(index, offset)| (TopicPartition::new("t", *index), asked(*offset))).collect()
    }

    fn indexes(delta: &Delta) -> (Vec<i32>, Vec<i32>) {
        let asked = delta.asked.iter().map(|(partition, _)| partition.partition).collect();
        (asked, delta.forgotten.iter().map(|(partition, _)| partition.partition).collect())
    }

    fn established() -> Session {
        let mut session = Session::default();
        session.next(wanted(&[(0, 0), (1, 0)]));
        assert!(session.answered(ErrorCode::NONE, 77));
        session
    }

    #[test]
    fn the_first_request_names_everything_and_later_ones_what_changed() {
        let mut session = Session::default();
        let full = session.next(wanted(&[(0, 0), (1, 0)]));
        assert_eq!((full.session_id, full.session_epoch), (0, 0));
        assert_eq!(indexes(&full), (vec![0, 1], vec![]));
        assert!(session.answered(ErrorCode::NONE, 77));

        let delta = session.next(wanted(&[(0, 5), (1, 0)]));
        assert_eq!((delta.session_id, delta.session_epoch), (77, 1));
        assert_eq!(indexes(&delta), (vec![0], vec![]));
        session.answered(ErrorCode::NONE, 77);
        assert_eq!(session.next(wanted(&[(0, 5), (1, 0)])).session_epoch, 2);
    }

    #[test]
    fn partitions_that_are_gone_are_forgotten_and_new_ones_are_named() {
        let delta = established().next(wanted(&[(1, 0), (2, 0)]));
        assert_eq!(indexes(&delta), (vec![2], vec![0]));
    }

    #[test]
    fn a_topic_created_anew_replaces_the_old_one() {
        let mut session = established();
        let mut again = wanted(&[(0, 0), (1, 0)]);
        again.get_mut(&TopicPartition::new("t", 0)).unwrap().topic_id = Uuid([2; 16]);
        let delta = session.next(again);
        assert_eq!(indexes(&delta), (vec![0], vec![0]));
        assert_eq!(delta.forgotten[0].1, ID);
    }

    #[test]
    fn a_session_that_the_broker_has_forgotten_starts_over_from_nothing() {
        let mut session = established();
        assert!(!session.answered(ErrorCode::FETCH_SESSION_ID_NOT_FOUND, 0));
        let full = session.next(wanted(&[(0, 9)]));
        assert_eq!((full.session_id, full.session_epoch, full.asked.len()), (0, 0, 1));
    }

    #[test]
    fn after_a_lost_answer_a_full_request_closes_the_old_session() {
        let mut session = established();
        session.failed();
        let full = session.next(wanted(&[(0, 9), (1, 9)]));
        assert_eq!((full.session_id, full.session_epoch, full.asked.len()), (77, 0, 2));
    }

    #[test]
    fn without_a_session_every_request_is_a_full_one() {
        let mut session = Session::default();
        for _ in 0..2 {
            let full = session.next(wanted(&[(0, 0)]));
            assert_eq!((full.session_id, full.session_epoch, full.asked.len()), (0, 0, 1));
            assert!(session.answered(ErrorCode::NONE, 0));
        }
    }
}
