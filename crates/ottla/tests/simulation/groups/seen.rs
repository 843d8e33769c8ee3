//! What the members of a group were handed and what their group committed, judged as it happens.
//!
//! A group reads each partition from its beginning on. So the records that its members are done with are those
//! before one offset, the group's frontier in that partition: a member that is handed a record behind it has
//! skipped one, and an offset that is committed behind it was never earned. What is committed, as acknowledged or
//! told to anybody, never goes back.

use std::collections::BTreeMap;

use ottla::client::TopicPartition;

use super::raw;
use crate::history::History;

/// What is known of one group.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Behind the last record that a member is done with.
    frontier: BTreeMap<TopicPartition, i64>,
    /// What must at least be committed, by what anybody was told.
    floors: BTreeMap<TopicPartition, i64>,
}

impl History {
    /// A member was handed the records from `first` to before `next`.
    pub(crate) fn handed(&self, group: &str, member: &str, place: &TopicPartition, first: i64, next: i64) {
        self.note(&format!("{member} is handed {place}:{first} to {next}"));
        let frontier = self.group(group, |seen| seen.frontier.get(place).copied().unwrap_or(0));
        if first > frontier {
            self.problem(format!(
                "group-skip: {member} was handed {place}:{first}, and {group} has only come to {frontier}"
            ));
        }
    }

    /// A member is done with the records before `next`.
    pub(crate) fn finished(&self, group: &str, member: &str, place: &TopicPartition, next: i64) {
        self.note(&format!("{member} is done with {place} to {next}"));
        self.group(group, |seen| raise(&mut seen.frontier, place, next));
    }

    /// The coordinator acknowledged a commit.
    pub(crate) fn acknowledged(&self, group: &str, member: &str, place: &TopicPartition, offset: i64) {
        self.note(&format!("{member} has committed {place} at {offset}"));
        self.earned(group, member, place, offset);
        self.group(group, |seen| raise(&mut seen.floors, place, offset));
    }

    /// What must at least be committed for who asks now.
    pub(crate) fn commit_floors(&self, group: &str) -> BTreeMap<TopicPartition, i64> {
        self.group(group, |seen| seen.floors.clone())
    }

    /// The coordinator told what is committed, to who asked when `floors` held.
    pub(crate) fn committed_told(
        &self,
        group: &str,
        floors: &BTreeMap<TopicPartition, i64>,
        told: &BTreeMap<TopicPartition, i64>,
    ) {
        self.note(&format!("{group} is told to have committed {told:?}"));
        // The one that is made by hand repeats old commits in a generation that a crash has brought back.
        for (place, floor) in floors.iter().filter(|(place, _)| place.topic != raw::TOPIC) {
            let offset = told.get(place).copied();
            if offset.is_none_or(|offset| offset < *floor) {
                self.problem(format!(
                    "group-back: {group} is told at {offset:?} of {place}, it was at {floor} before"
                ));
            }
        }
        for (place, offset) in told {
            self.earned(group, "somebody", place, *offset);
            self.group(group, |seen| raise(&mut seen.floors, place, *offset));
        }
    }

    fn earned(&self, group: &str, member: &str, place: &TopicPartition, offset: i64) {
        let frontier = self.group(group, |seen| seen.frontier.get(place).copied().unwrap_or(0));
        if offset > frontier {
            self.problem(format!(
                "group-ahead: {member} of {group} has committed {place} at {offset}, and it has only come to {frontier}"
            ));
        }
    }

    fn group<T>(&self, group: &str, look: impl FnOnce(&mut Seen) -> T) -> T {
        self.look(|history| look(history.groups.entry(group.to_owned()).or_default()))
    }
}

fn raise(offsets: &mut BTreeMap<TopicPartition, i64>, place: &TopicPartition, offset: i64) {
    let known = offsets.entry(place.clone()).or_insert(0);
    *known = offset.max(*known);
}
