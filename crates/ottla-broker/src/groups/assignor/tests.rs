//! What is true of every assignment, and what Kafka's give in small groups.

use proptest::prelude::*;

use super::*;

fn topic(index: usize) -> TopicKey {
    [u8::try_from(index).unwrap() + 1; 16]
}

fn id(index: usize) -> Str {
    Str::from(format!("m{index:04}"))
}

/// Members subscribe to these topics, of so many partitions.
fn spec(counts: &[i32], subscriptions: &[&[usize]]) -> Spec {
    let topics = counts.iter().enumerate().map(|(index, count)| (topic(index), *count)).collect();
    let members = subscriptions.iter().enumerate().map(|(index, topics)| {
        let topics = Arc::new(topics.iter().map(|index| topic(*index)).collect());
        (id(index), MemberSpec { topics, ..MemberSpec::default() })
    });
    Spec { members: members.collect(), topics }
}

/// The group again, with this as what its members have.
fn after(mut spec: Spec, given: &Assignment) -> Spec {
    for (id, member) in &mut spec.members {
        member.target = given.get(id).cloned().unwrap_or_default();
    }
    spec
}

fn owners(given: &Assignment) -> BTreeMap<(TopicKey, i32), Str> {
    let mut owners = BTreeMap::new();
    for (member, partitions) in given {
        for (topic, partitions) in partitions {
            assert!(!partitions.is_empty(), "a topic without partitions is not spoken of");
            for partition in partitions {
                let other = owners.insert((*topic, *partition), member.clone());
                assert_eq!(other, None, "a partition is given once");
            }
        }
    }
    owners
}

/// Every partition that somebody subscribes to is given, once, to a subscriber.
fn assert_valid(spec: &Spec, given: &Assignment) {
    assert!(given.keys().eq(spec.members.keys()));
    let owners = owners(given);
    for ((topic, _), member) in &owners {
        assert!(spec.members[member].topics.contains(topic), "to a subscriber");
    }
    let wanted: BTreeSet<_> = spec.members.values().flat_map(|member| member.topics.iter()).collect();
    let all: BTreeSet<_> = wanted
        .into_iter()
        .flat_map(|topic| (0..spec.count(topic)).map(|partition| (*topic, partition)))
        .collect();
    assert_eq!(owners.into_keys().collect::<BTreeSet<_>>(), all);
}

/// No partition could go to a subscriber that has two fewer than its owner.
fn assert_balanced(spec: &Spec, given: &Assignment) {
    for ((topic, partition), owner) in owners(given) {
        for (other, member) in &spec.members {
            if member.topics.contains(&topic) {
                let (more, less) = (size(&given[&owner]), size(&given[other]));
                assert!(more <= less + 1, "{partition} could go from {owner} ({more}) to {other} ({less})");
            }
        }
    }
}

/// Partitions that members gave up though they could have kept them.
fn moved(spec: &Spec, before: &Assignment, given: &Assignment) -> usize {
    let now = owners(given);
    let could_keep = |place: &(TopicKey, i32), owner: &Str| {
        let member = spec.members.get(owner);
        member.is_some_and(|member| member.topics.contains(&place.0)) && place.1 < spec.count(&place.0)
    };
    let before = owners(before);
    before.iter().filter(|(place, owner)| could_keep(place, owner) && now.get(place) != Some(owner)).count()
}

fn any_spec() -> impl Strategy<Value = Spec> {
    (prop::collection::vec(0..9i32, 1..5), prop::collection::vec((0..32usize, prop::bool::ANY), 1..8))
        .prop_map(|(counts, members)| {
            let mut spec = spec(&counts, &vec![&[][..]; members.len()]);
            for (index, (topics, is_static)) in members.into_iter().enumerate() {
                let member = spec.members.get_mut(&id(index)).unwrap();
                // A fifth topic does not exist.
                member.topics = Arc::new((0..5).filter(|bit| topics >> bit & 1 == 1).map(topic).collect());
                member.instance = is_static.then(|| Str::from(format!("i{}", 100 - index)));
            }
            spec
        })
}

fn any_alike() -> impl Strategy<Value = Spec> {
    (prop::collection::vec(0..9i32, 1..5), 1..8usize).prop_map(|(counts, members)| {
        let all: Vec<_> = (0..counts.len()).collect();
        spec(&counts, &vec![&all[..]; members])
    })
}

proptest! {
    #[test]
    fn every_partition_is_given_once_to_a_subscriber(first in any_spec(), second in any_spec()) {
        for assignor in Assignor::ALL {
            let given = assignor.assign(&first);
            assert_valid(&first, &given);
            // A group that changed in every way, with targets of before.
            let changed = after(second.clone(), &given);
            assert_valid(&changed, &assignor.assign(&changed));
        }
    }

    #[test]
    fn a_uniform_assignment_is_balanced(first in any_spec(), second in any_spec()) {
        let given = Assignor::Uniform.assign(&first);
        assert_balanced(&first, &given);
        let changed = after(second, &given);
        assert_balanced(&changed, &Assignor::Uniform.assign(&changed));
    }

    #[test]
    fn what_did_not_change_does_not_move(spec in any_spec()) {
        for assignor in Assignor::ALL {
            let given = assignor.assign(&spec);
            prop_assert_eq!(assignor.assign(&after(spec.clone(), &given)), given);
        }
    }

    #[test]
    fn no_more_moves_than_balance_wants(spec in any_alike(), leaves in prop::option::of(0..8usize)) {
        let given = Assignor::Uniform.assign(&spec);
        let mut changed = after(spec, &given);
        match leaves.map(id).filter(|id| changed.members.len() > 1 && changed.members.contains_key(id)) {
            Some(id) => _ = changed.members.remove(&id),
            None => {
                let topics = changed.members[&id(0)].topics.clone();
                changed.members.insert(Str::from("new"), MemberSpec { topics, ..MemberSpec::default() });
            }
        }
        let next = Assignor::Uniform.assign(&changed);
        // Who leaves costs others nothing; who comes, only what it gets.
        let wanted = next.get("new").map_or(0, size);
        prop_assert_eq!(moved(&changed, &given, &next), wanted);
    }
}

#[test]
fn topics_that_are_cut_alike_are_read_alike() {
    let both: &[usize] = &[0, 1];
    let group = spec(&[5, 5], &[both, both, both]);
    let given = Assignor::Range.assign(&group);
    let ranges: Vec<_> =
        given.values().map(|own| own[&topic(0)].iter().copied().collect::<Vec<_>>()).collect();
    assert_eq!(ranges, [vec![0, 1], vec![2, 3], vec![4]]);
    assert!(given.values().all(|own| own[&topic(0)] == own[&topic(1)]));
}

#[test]
fn a_static_member_has_its_range_by_its_name() {
    let one: &[usize] = &[0];
    let mut group = spec(&[3], &[one, one, one]);
    group.members.get_mut(&id(2)).unwrap().instance = Some(Str::from("a"));
    let given = Assignor::Range.assign(&group);
    assert_eq!(given[&id(2)][&topic(0)], BTreeSet::from([0]), "static members come first");
    let back = group.members.remove(&id(2)).unwrap();
    group.members.insert(Str::from("another id"), back);
    let given = Assignor::Range.assign(&group);
    assert_eq!(given["another id"][&topic(0)], BTreeSet::from([0]), "and keep their place");
}

#[test]
fn who_alone_subscribes_gets_less_of_the_rest() {
    let group = spec(&[3, 3], &[&[0, 1], &[0]]);
    let given = Assignor::Uniform.assign(&group);
    assert_eq!(given[&id(0)], Partitions::from([(topic(1), BTreeSet::from([0, 1, 2]))]));
    assert_eq!(given[&id(1)], Partitions::from([(topic(0), BTreeSet::from([0, 1, 2]))]));
}

#[test]
fn a_thousand_members_are_assigned_and_one_that_comes_moves_little() {
    let one: &[usize] = &[0];
    let group = spec(&[4_000], &vec![one; 1_000]);
    let given = Assignor::Uniform.assign(&group);
    assert!(given.values().all(|own| size(own) == 4));
    let mut more = after(group, &given);
    more.members.insert(
        Str::from("new"),
        MemberSpec { topics: Arc::new(BTreeSet::from([topic(0)])), ..MemberSpec::default() },
    );
    let next = Assignor::Uniform.assign(&more);
    assert_balanced(&more, &next);
    assert_eq!(moved(&more, &given, &next), size(&next["new"]));
}

#[test]
fn an_assignor_is_known_by_its_name() {
    assert_eq!(Assignor::by_name("range"), Some(Assignor::Range));
    assert_eq!(Assignor::by_name(Assignor::default().name()), Some(Assignor::Uniform));
    assert_eq!(Assignor::by_name("sticky"), None);
}
