//! The range assignor: each topic alone, cut into runs of neighbouring partitions.
//!
//! Where members and copies name racks, partitions go first to members in the rack of a copy, as far as the
//! balance allows; topics that are cut alike stay so.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::wire::Str;

use super::table::{MemberIndex, Slot, Table, TopicIndex, racks_matter};

/// The partitions of each member.
pub(super) fn assign(table: &Table<'_>) -> Vec<Vec<Slot>> {
    let order = table.members_by_instance();
    let mut states: Vec<TopicState<'_>> =
        (0..table.topics.len()).map(|topic| TopicState::new(table, topic, &order)).collect();
    let mut assigned = vec![Vec::new(); table.members.len()];
    let with_racks = states.iter().any(|state| state.racks_matter);
    if with_racks {
        assign_within_racks(&mut states, &mut assigned);
    }
    for state in &mut states {
        state.assign_runs(|_, _| true, &mut assigned);
    }
    if with_racks {
        assigned.iter_mut().for_each(|slots| slots.sort_unstable());
    }
    assigned
}

/// One topic while it is cut.
struct TopicState<'a> {
    table: &'a Table<'a>,
    topic: TopicIndex,
    /// Who subscribes to it, in the order in which runs are given out.
    consumers: Vec<MemberIndex>,
    racks_matter: bool,
    /// Whether any of its consumers names a rack.
    knows_racks: bool,
    unassigned: BTreeSet<Slot>,
    counts: BTreeMap<MemberIndex, usize>,
    each: usize,
    with_one_more: usize,
}

impl<'a> TopicState<'a> {
    fn new(table: &'a Table<'a>, topic: TopicIndex, order: &[MemberIndex]) -> Self {
        let row = &table.topics[topic];
        let subscribers: BTreeSet<MemberIndex> = row.consumers.iter().copied().collect();
        let consumers: Vec<_> = order.iter().copied().filter(|member| subscribers.contains(member)).collect();
        let racks: BTreeSet<&Str> = consumers.iter().filter_map(|member| table.rack_of(*member)).collect();
        Self {
            table,
            topic,
            racks_matter: racks_matter(&racks, row.racks.iter()),
            knows_racks: !racks.is_empty(),
            unassigned: table.slots_of(topic).collect(),
            counts: consumers.iter().map(|member| (*member, 0)).collect(),
            each: row.racks.len() / consumers.len(),
            with_one_more: row.racks.len() % consumers.len(),
            consumers,
        }
    }

    /// Gives each member its run of what may go to it.
    fn assign_runs(&mut self, may: impl Fn(MemberIndex, Slot) -> bool, assigned: &mut [Vec<Slot>]) {
        for consumer in self.consumers.clone() {
            let room = self.room(consumer);
            let run: Vec<Slot> =
                self.unassigned.iter().copied().filter(|slot| may(consumer, *slot)).take(room).collect();
            self.give(consumer, &run, assigned);
        }
    }

    /// How many more partitions a member may get.
    fn room(&self, consumer: MemberIndex) -> usize {
        let most = self.each + usize::from(self.with_one_more > 0);
        most.saturating_sub(self.counts[&consumer])
    }

    fn give(&mut self, consumer: MemberIndex, slots: &[Slot], assigned: &mut [Vec<Slot>]) {
        if slots.is_empty() {
            return;
        }
        assigned[consumer].extend_from_slice(slots);
        let count = self.counts.entry(consumer).or_default();
        *count += slots.len();
        if *count > self.each {
            self.with_one_more -= 1;
        }
        for slot in slots {
            self.unassigned.remove(slot);
        }
    }

    fn slot(&self, index: usize) -> Slot {
        self.table.topics[self.topic].first + index
    }
}

/// What can be given to a member in the rack of a copy.
fn assign_within_racks(states: &mut [TopicState<'_>], assigned: &mut [Vec<Slot>]) {
    // Topics with the same members and, where racks are known, as many partitions are cut alike.
    let mut alike = BTreeMap::<(Vec<MemberIndex>, usize), Vec<usize>>::new();
    for (index, state) in states.iter().enumerate() {
        let partitions = if state.knows_racks { state.unassigned.len() } else { 0 };
        alike.entry((state.consumers.clone(), partitions)).or_default().push(index);
    }
    for ((consumers, partitions), group) in alike {
        match group[..] {
            [alone] => {
                let table = states[alone].table;
                if states[alone].racks_matter {
                    states[alone].assign_runs(|consumer, slot| is_near(table, consumer, slot), assigned);
                }
            }
            _ => assign_alike(states, &group, &consumers, partitions, assigned),
        }
    }
}

/// Whether a member has a copy in its own rack; one without a rack is at home everywhere.
fn is_near(table: &Table<'_>, consumer: MemberIndex, slot: Slot) -> bool {
    table.rack_of(consumer).is_none_or(|rack| table.racks_of(slot).contains(rack))
}

/// Gives a partition of all these topics to one member, where it is near to all of them.
fn assign_alike(
    states: &mut [TopicState<'_>],
    group: &[usize],
    consumers: &[MemberIndex],
    partitions: usize,
    assigned: &mut [Vec<Slot>],
) {
    let mut remaining: Vec<MemberIndex> = consumers.to_vec();
    for index in 0..partitions {
        let fits = |consumer: &MemberIndex| {
            group.iter().all(|topic| {
                let state = &states[*topic];
                is_near(state.table, *consumer, state.slot(index)) && state.room(*consumer) > 0
            })
        };
        let Some(place) = remaining.iter().position(fits) else { continue };
        let consumer = remaining[place];
        for topic in group {
            let slot = states[*topic].slot(index);
            states[*topic].give(consumer, &[slot], assigned);
        }
        if group.iter().all(|topic| states[*topic].room(consumer) == 0) {
            remaining.remove(place);
        }
        if remaining.is_empty() {
            return;
        }
    }
}
