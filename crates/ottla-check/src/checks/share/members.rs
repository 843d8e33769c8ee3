//! The members of share groups: what they asked for, what they may have been handed unseen, and when they left.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::event::What;
use crate::known::{Known, Outcome};

type Name<'a> = (&'a str, &'a str);

#[derive(Default)]
pub(super) struct Members<'a> {
    /// Groups of which it is told when their members ask for records.
    tracked: BTreeSet<&'a str>,
    /// The question of each member that has no answer yet.
    questions: HashMap<Name<'a>, (u64, usize)>,
    /// The last question that a member asked in vain, or is asking.
    in_doubt: HashMap<Name<'a>, usize>,
    by_op: HashMap<u64, Name<'a>>,
    /// Questions in a group that are not answered, and may never be.
    open: BTreeMap<&'a str, u64>,
    /// When members leave.
    leaves: HashMap<Name<'a>, Vec<usize>>,
    /// What members asked that was answered well: by which event, and by which.
    served: HashMap<Name<'a>, Vec<(usize, usize)>>,
}

impl<'a> Members<'a> {
    pub(super) fn new(known: &Known<'a>) -> Self {
        let mut members = Self::default();
        for (index, event) in known.events.iter().enumerate() {
            match &event.what {
                What::Left { who, group } => {
                    members.leaves.entry((group, who)).or_default().push(index);
                }
                What::Acquire { op, who, group } | What::Acknowledge { op, who, group, .. } => {
                    if matches!(event.what, What::Acquire { .. }) {
                        members.tracked.insert(group);
                    }
                    if let Outcome::Ok(answer) = known.outcome(*op) {
                        members.served.entry((group, who)).or_default().push((index, answer));
                    }
                }
                _ => {}
            }
        }
        members
    }

    /// A member asks for records.
    pub(super) fn asks(&mut self, index: usize, op: u64, who: &'a str, group: &'a str) {
        let name = (group, who);
        if let Some((_, before)) = self.questions.insert(name, (op, index)) {
            self.in_doubt.insert(name, before);
        }
        self.by_op.insert(op, name);
        *self.open.entry(group).or_default() += 1;
    }

    /// A question has its answer, so that nothing of it is unseen.
    pub(super) fn answered(&mut self, op: u64) {
        let Some(name) = self.by_op.remove(&op) else { return };
        if let Some(open) = self.open.get_mut(name.0) {
            *open = open.saturating_sub(1);
        }
        if self.questions.get(&name).is_some_and(|(of, _)| *of == op) {
            self.questions.remove(&name);
        }
    }

    /// A member leaves, and nobody tells it anything any more.
    pub(super) fn left(&mut self, who: &'a str, group: &'a str) {
        self.questions.remove(&(group, who));
    }

    /// The event by which a member asks for records now.
    pub(super) fn question(&self, group: &str, who: &str) -> Option<usize> {
        self.questions.get(&(group, who)).map(|(_, index)| *index)
    }

    /// How many deliveries of a record there may be in a group that nobody has seen.
    pub(super) fn unseen(&self, group: &str) -> u64 {
        self.open.get(group).copied().unwrap_or(0)
    }

    /// The same, while this member is told what it asked for; `None` where it is not told when members ask.
    pub(super) fn unseen_but(&self, group: &str, who: &str) -> Option<u64> {
        let own = u64::from(self.question(group, who).is_some());
        self.tracked.contains(group).then(|| self.unseen(group).saturating_sub(own))
    }

    /// Whether a member may have been handed something unseen by a question later than this event.
    pub(super) fn may_have_asked_since(&self, group: &str, who: &str, event: usize) -> bool {
        let in_doubt = self.in_doubt.get(&(group, who)).is_some_and(|index| *index > event);
        in_doubt || self.question(group, who).is_some_and(|index| index > event)
    }

    /// Whether a member was there for sure at this event. One that is found to have left may have gone before, since
    /// nobody knows at once that its connection is gone; unless it was served meanwhile.
    pub(super) fn stays(&self, group: &'a str, who: &'a str, event: usize) -> bool {
        let leaves = self.leaves.get(&(group, who)).map_or(&[][..], Vec::as_slice);
        let Some(left) = leaves.get(leaves.partition_point(|index| *index <= event)) else { return true };
        let served = self.served.get(&(group, who)).map_or(&[][..], Vec::as_slice);
        let since = served.get(served.partition_point(|(asked, _)| *asked <= event)..).unwrap_or(&[]);
        since.iter().take_while(|(asked, _)| asked < left).any(|(_, answer)| answer < left)
    }
}
