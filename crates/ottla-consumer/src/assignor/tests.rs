//! What every assignor promises, whatever the group.

use std::collections::{BTreeMap, BTreeSet};

use ottla_client::TopicPartition;
use ottla_protocol::wire::Str;
use proptest::prelude::*;

use super::{Assignment, Assignor, Member, Topics};

/// Rounds in which every cooperative group comes to rest.
const ROUNDS_MAX: i32 = 40;

/// A group, and what it owns from an earlier assignment.
#[derive(Clone, Debug)]
struct Group {
    topics: Vec<(usize, u8)>,
    /// Topics, rack and instance of each member, as masks.
    members: Vec<(u8, u8, bool)>,
}

impl Group {
    fn topics(&self) -> Topics {
        self.topics.iter().enumerate().fold(Topics::new(), |topics, (index, (partitions, racks))| {
            let rack = |partition: usize| -> BTreeSet<Str> {
                match racks % 4 {
                    0 => BTreeSet::new(),
                    spread => [Str::from(format!("r{}", partition % usize::from(spread)))].into(),
                }
            };
            topics.with_racks(format!("t{index}"), (0..*partitions).map(rack))
        })
    }

    fn members(&self) -> Vec<Member> {
        let member = |(index, (mask, rack, is_static)): (usize, &(u8, u8, bool))| {
            let topics = (0..self.topics.len()).filter(|topic| mask >> topic & 1 == 1);
            let mut member = Member::new(format!("m{index}"), topics.map(|topic| format!("t{topic}")));
            if rack % 4 > 0 {
                member = member.with_rack(format!("r{}", rack % 4 - 1));
            }
            if *is_static { member.with_instance_id(format!("i{}", 99 - index)) } else { member }
        };
        self.members.iter().enumerate().map(member).collect()
    }
}

fn group(alike: bool) -> impl Strategy<Value = Group> {
    let topics = prop::collection::vec((0usize..12, 0u8..8), 1..5);
    let mask = if alike { (0xff_u8..=0xff).boxed() } else { any::<u8>().boxed() };
    let members = prop::collection::vec((mask, 0u8..8, any::<bool>()), 1..9);
    (topics, members).prop_map(|(topics, members)| Group { topics, members })
}

fn any_group() -> impl Strategy<Value = Group> {
    prop_oneof![group(true), group(false)]
}

fn everything(topics: &Topics) -> BTreeSet<TopicPartition> {
    let partitions = |(topic, racks): (&Str, &[BTreeSet<Str>])| {
        let topic = topic.clone();
        (0..i32::try_from(racks.len()).unwrap())
            .map(move |partition| TopicPartition::new(topic.clone(), partition))
    };
    topics.iter().flat_map(partitions).collect()
}

/// Each partition of a topic with subscribers is with exactly one of them; gives what is with nobody.
fn check(topics: &Topics, members: &[Member], assignment: &Assignment) -> BTreeSet<TopicPartition> {
    let mut left = everything(topics);
    assert_eq!(assignment.len(), members.len());
    for member in members {
        for partition in &assignment[&member.id] {
            assert!(member.topics.contains(&partition.topic), "{partition} is not wanted by {}", member.id);
            assert!(left.remove(partition), "{partition} is given twice");
        }
    }
    left.retain(|partition| members.iter().any(|member| member.topics.contains(&partition.topic)));
    left
}

fn owning(members: &[Member], assignment: &Assignment, generation: i32) -> Vec<Member> {
    let owning = |member: &Member| {
        let owned = assignment.get(&member.id).cloned().unwrap_or_default();
        member.clone().with_owned(owned, generation)
    };
    members.iter().map(owning).collect()
}

/// Whether moving one partition would make two members more even.
fn could_be_more_even(members: &[Member], assignment: &Assignment) -> bool {
    members.iter().any(|from| {
        members.iter().any(|to| {
            let (have, has) = (&assignment[&from.id], assignment[&to.id].len());
            have.len() > has + 1 && have.iter().any(|partition| to.topics.contains(&partition.topic))
        })
    })
}

fn moved(before: &Assignment, after: &Assignment) -> usize {
    let owner = |assignment: &Assignment| -> BTreeMap<TopicPartition, Str> {
        let owned = |(id, partitions): (&Str, &Vec<TopicPartition>)| {
            partitions.iter().map(|partition| (partition.clone(), id.clone())).collect::<Vec<_>>()
        };
        assignment.iter().flat_map(owned).collect()
    };
    let (before, after) = (owner(before), owner(after));
    before.iter().filter(|(partition, owner)| after.get(*partition) != Some(owner)).count()
}

proptest! {
    #[test]
    fn every_partition_is_given_exactly_once(group in any_group()) {
        let (topics, members) = (group.topics(), group.members());
        for assignor in Assignor::ALL {
            let left = check(&topics, &members, &assignor.assign(&topics, &members));
            prop_assert!(left.is_empty(), "{assignor} leaves {left:?}");
        }
    }

    #[test]
    fn range_is_even_within_each_topic_and_in_runs_without_racks(mut group in any_group()) {
        group.members.iter_mut().for_each(|member| member.1 = 0);
        let (topics, members) = (group.topics(), group.members());
        let assignment = Assignor::Range.assign(&topics, &members);
        for (topic, racks) in topics.iter() {
            let consumers: Vec<_> = members.iter().filter(|member| member.topics.contains(topic)).collect();
            for consumer in &consumers {
                let of_topic = assignment[&consumer.id].iter().filter(|partition| partition.topic == *topic);
                let run: Vec<i32> = of_topic.map(|partition| partition.partition).collect();
                let each = racks.len() / consumers.len();
                prop_assert!(run.len() == each || run.len() == each + 1, "{run:?}");
                prop_assert!(run.windows(2).all(|pair| pair[1] == pair[0] + 1), "{run:?}");
            }
        }
    }

    #[test]
    fn topics_cut_alike_are_read_by_the_same_members(mut group in group(true)) {
        let first = group.topics[0].0;
        group.topics.iter_mut().for_each(|topic| topic.0 = first);
        let (topics, members) = (group.topics(), group.members());
        for partitions in Assignor::Range.assign(&topics, &members).values() {
            let mut by_topic = BTreeMap::<_, BTreeSet<i32>>::new();
            for partition in partitions {
                by_topic.entry(partition.topic.clone()).or_default().insert(partition.partition);
            }
            prop_assert!(by_topic.values().collect::<BTreeSet<_>>().len() <= 1, "{by_topic:?}");
        }
    }

    #[test]
    fn round_robin_is_even_where_all_subscribe_alike(group in group(true)) {
        let (topics, members) = (group.topics(), group.members());
        let assignment = Assignor::RoundRobin.assign(&topics, &members);
        prop_assert!(!could_be_more_even(&members, &assignment));
    }

    #[test]
    fn sticky_is_even_at_first_and_settled_after(group in any_group()) {
        let (topics, members) = (group.topics(), group.members());
        for assignor in [Assignor::Sticky, Assignor::CooperativeSticky] {
            let first = assignor.assign(&topics, &members);
            prop_assert!(!could_be_more_even(&members, &first), "{assignor}: {first:?}");
            let mut before = first;
            for generation in 1..4 {
                let members = owning(&members, &before, generation);
                let after = assignor.assign(&topics, &members);
                if members.iter().all(|member| member.rack.is_none()) {
                    prop_assert_eq!(moved(&before, &after), 0, "{} moves in a group at rest", assignor);
                }
                before = after;
            }
        }
    }

    #[test]
    fn sticky_moves_no_more_than_it_must(
        group in group(true),
        leaves in any::<prop::sample::Index>(),
        joins in any::<bool>(),
    ) {
        let mut group = group;
        group.members.iter_mut().for_each(|member| member.1 = 0);
        let (topics, members) = (group.topics(), group.members());
        let before = Assignor::Sticky.assign(&topics, &members);
        let mut members = owning(&members, &before, 1);
        let gone = if members.len() > 1 { Some(members.remove(leaves.index(members.len()))) } else { None };
        if joins {
            members.push(Member::new("newcomer", members[0].topics.clone()));
        }
        let after = Assignor::Sticky.assign(&topics, &members);
        prop_assert!(!could_be_more_even(&members, &after));
        // What has to move: all of whoever left, and what somebody has above their share.
        let total: usize = before.values().map(Vec::len).sum();
        let (least, most) = (total / members.len(), total.div_ceil(members.len()));
        let mut may_have_most = total % members.len();
        let mut counts: Vec<usize> = members.iter().map(|member| member.owned.len()).collect();
        counts.sort_unstable_by(|one, other| other.cmp(one));
        let mut must = gone.map_or(0, |gone| gone.owned.len());
        for count in counts {
            let share = if count >= most && may_have_most > 0 { may_have_most -= 1; most } else { least };
            must += count.saturating_sub(share);
        }
        prop_assert_eq!(moved(&before, &after), must);
    }

    #[test]
    fn cooperative_gives_nothing_that_another_still_owns(
        group in any_group(),
        claims in prop::collection::vec((0usize..8, 0usize..40, -1i32..3), 0..40),
    ) {
        let (topics, mut members) = (group.topics(), group.members());
        let all: Vec<_> = everything(&topics).into_iter().collect();
        for (member, partition, generation) in claims {
            let member = member % members.len();
            let member = &mut members[member];
            member.generation = Some(generation);
            if let Some(partition) = all.get(partition) && !member.owned.contains(partition) {
                member.owned.push(partition.clone());
            }
        }
        let assignment = Assignor::CooperativeSticky.assign(&topics, &members);
        check(&topics, &members, &assignment);
        for member in &members {
            for partition in &assignment[&member.id] {
                for other in members.iter().filter(|other| other.id != member.id && other.owned.contains(partition)) {
                    let owns = member.owned.contains(partition) && member.generation > other.generation;
                    prop_assert!(owns, "{partition} of {} is given to {}", other.id, member.id);
                }
            }
        }
    }

    #[test]
    fn cooperative_hands_everything_over_in_the_second_round(group in group(true), changed in group(true)) {
        let (mut group, mut changed) = (group, changed);
        group.members.iter_mut().chain(&mut changed.members).for_each(|member| member.1 = 0);
        prop_assert!(rounds_until_settled(&group, changed) <= 2);
    }

    #[test]
    fn cooperative_settles_after_whatever_change(group in any_group(), changed in any_group()) {
        // What came free in one round may be a reason to move something else in the next.
        prop_assert!(rounds_until_settled(&group, changed) < ROUNDS_MAX);
    }
}

/// How many assignments it takes until nothing is held back, after others by number come and go and want other
/// topics.
fn rounds_until_settled(group: &Group, changed: Group) -> i32 {
    let topics = group.topics();
    let before = Assignor::CooperativeSticky.assign(&topics, &group.members());
    let changed = Group { topics: group.topics.clone(), members: changed.members };
    let mut members = owning(&changed.members(), &before, 1);
    let mut round = 1;
    loop {
        let after = Assignor::CooperativeSticky.assign(&topics, &members);
        if check(&topics, &members, &after).is_empty() || round == ROUNDS_MAX {
            return round;
        }
        round += 1;
        // Everybody gives up what is theirs no longer, and keeps the rest.
        members = owning(&members, &after, round);
    }
}

#[test]
fn an_assignment_ends_where_neighbours_would_go_round_for_ever() {
    let topics = vec![(3, 4), (8, 1), (6, 0)];
    let members = [(73, 1), (9, 1), (182, 0), (71, 1), (47, 1), (129, 1), (20, 0), (77, 0)];
    let members = members.map(|(topics, rack)| (topics, rack, false)).to_vec();
    let group = Group { topics, members };
    let alone = Group { topics: vec![(0, 0)], members: vec![(255, 0, false)] };
    assert!(rounds_until_settled(&group, alone) < ROUNDS_MAX);
}

#[test]
fn static_members_come_first_by_their_own_names() {
    let topics = Topics::new().with_topic("t", 3);
    let members = [
        Member::new("a", ["t"]),
        Member::new("z", ["t"]).with_instance_id("1"),
        Member::new("b", ["t"]).with_instance_id("2"),
    ];
    let assignment = Assignor::Range.assign(&topics, &members);
    let order = ["z", "b", "a"].map(|id| assignment[id][0].partition);
    assert_eq!(order, [0, 1, 2]);
}

#[test]
fn racks_are_matched_as_far_as_the_balance_allows() {
    let rack = |name: &'static str| BTreeSet::from([Str::from(name)]);
    let topics = Topics::new().with_racks("t", [rack("b"), rack("a"), rack("b"), rack("a")]);
    let members = [Member::new("m1", ["t"]).with_rack("a"), Member::new("m2", ["t"]).with_rack("b")];
    for assignor in [Assignor::Range, Assignor::Sticky, Assignor::CooperativeSticky] {
        let assignment = assignor.assign(&topics, &members);
        let of = |id: &str| assignment[id].iter().map(|partition| partition.partition).collect::<Vec<_>>();
        assert_eq!((of("m1"), of("m2")), (vec![1, 3], vec![0, 2]), "{assignor}");
    }
}

#[test]
fn racks_never_cost_a_member_its_share() {
    let rack = |name: &'static str| BTreeSet::from([Str::from(name)]);
    let topics = Topics::new().with_racks("t", [rack("a"), rack("a"), rack("b"), rack("b")]);
    let members = [
        Member::new("m1", ["t"]).with_rack("a"),
        Member::new("m2", ["t"]).with_rack("b"),
        Member::new("m3", ["t"]),
    ];
    let assignment = Assignor::Sticky.assign(&topics, &members);
    assert!(assignment.values().all(|partitions| !partitions.is_empty()), "{assignment:?}");
}

#[test]
fn a_group_of_nobody_gets_nothing_and_nobody_gets_unknown_topics() {
    let topics = Topics::new().with_topic("t", 3);
    for assignor in Assignor::ALL {
        assert!(assignor.assign(&topics, &[]).is_empty());
        let assignment = assignor.assign(&topics, &[Member::new("m", ["elsewhere"])]);
        assert!(assignment["m"].is_empty());
    }
}

#[test]
fn assignors_are_found_by_the_names_that_java_knows() {
    for assignor in Assignor::ALL {
        assert_eq!(assignor.name().parse(), Ok(assignor));
    }
    let class = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
    assert_eq!(class.parse(), Ok(Assignor::CooperativeSticky));
    assert!("mine".parse::<Assignor>().is_err());
}
