//! Assignments and their bytes are those of Kafka's own Java client: see `cargo xtask golden`.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ottla_consumer::TopicPartition;
use ottla_consumer::assignor::wire::{self, Subscription};
use ottla_consumer::assignor::{Assignor, Member, Topics};
use ottla_protocol::wire::Str;

/// Assignments of whole histories of groups, by assignor.
const HISTORIES: [(Assignor, &str); 5] = [
    (Assignor::Range, include_str!("golden/assignor-range.txt")),
    (Assignor::RoundRobin, include_str!("golden/assignor-roundrobin.txt")),
    (Assignor::Sticky, include_str!("golden/assignor-sticky.txt")),
    (Assignor::CooperativeSticky, include_str!("golden/assignor-cooperative-sticky.txt")),
    (Assignor::CooperativeSticky, SETTLING),
];

/// Groups with racks whose members come and go, round by round until nothing is held back; and a few, without an
/// answer, where Java never comes to that.
const SETTLING: &str = include_str!("golden/assignor-settling.txt");

fn named(text: &str) -> Option<Str> {
    (text != "-").then(|| Str::from(text.to_owned()))
}

fn partition(text: &str) -> TopicPartition {
    let (topic, partition) = text.rsplit_once('-').expect("TOPIC-PARTITION");
    TopicPartition::new(topic.to_owned(), partition.parse().expect("a number"))
}

fn topic(topics: Topics, line: &str) -> Topics {
    let mut words = line.split(' ');
    let name = words.next().expect("a name").to_owned();
    let racks = |word: &str| word.split('+').filter_map(named).collect::<BTreeSet<_>>();
    topics.with_racks(name, words.map(racks))
}

fn member(line: &str) -> Member {
    let words: Vec<&str> = line.split(' ').collect();
    let [id, instance, rack, generation, topics, ref owned @ ..] = words[..] else { panic!("{line}") };
    let mut member = Member::new(id.to_owned(), topics.split(',').map(str::to_owned));
    (member.instance_id, member.rack) = (named(instance), named(rack));
    let generation = generation.parse().expect("a number");
    if generation >= 0 {
        member = member.with_owned(owned.iter().map(|text| partition(text)), generation);
    }
    member
}

/// A group, and what Java gives its members.
#[derive(Default)]
struct Case<'a> {
    label: &'a str,
    topics: Topics,
    members: Vec<Member>,
    gets: BTreeMap<Str, BTreeSet<TopicPartition>>,
}

impl<'a> Case<'a> {
    fn all(golden: &'a str) -> impl Iterator<Item = Self> {
        golden.split("\n\n").map(Self::new).filter(|case| !case.members.is_empty())
    }

    fn new(text: &'a str) -> Self {
        let mut case = Self::default();
        for line in text.lines() {
            match line.split_once(' ').expect("two words") {
                ("case", rest) => case.label = rest,
                ("topic", rest) => case.topics = topic(case.topics, rest),
                ("member", rest) => case.members.push(member(rest)),
                ("gets", rest) => {
                    let mut words = rest.split(' ');
                    let id = Str::from(words.next().expect("an id").to_owned());
                    case.gets.insert(id, words.map(partition).collect());
                }
                ("#", _) => {}
                _ => panic!("{line}"),
            }
        }
        case
    }
}

#[test]
fn assignments_are_those_of_the_java_client() {
    for (assignor, golden) in HISTORIES {
        let mut wrong = Vec::new();
        let mut cases = 0;
        for case in Case::all(golden).filter(|case| !case.gets.is_empty()) {
            cases += 1;
            let assigned = assignor.assign(&case.topics, &case.members);
            let assigned: BTreeMap<_, _> = assigned
                .into_iter()
                .map(|(id, partitions)| (id, partitions.into_iter().collect::<BTreeSet<_>>()))
                .collect();
            if assigned != case.gets {
                wrong.push(format!("{}: {assigned:?}, and not {:?}", case.label, case.gets));
            }
        }
        assert!(cases > 200, "{cases}");
        assert!(wrong.is_empty(), "{assignor}: {} of {cases}, the first: {}", wrong.len(), wrong[0]);
    }
}

#[test]
fn groups_that_never_come_to_rest_in_java_do_so_here() {
    let mut cases = 0;
    for Case { label, topics, mut members, .. } in Case::all(SETTLING).filter(|case| case.gets.is_empty()) {
        cases += 1;
        let is_wanted = |topic: &Str| members.iter().any(|member| member.topics.contains(topic));
        let all: usize =
            topics.iter().filter(|(topic, _)| is_wanted(topic)).map(|(_, partitions)| partitions.len()).sum();
        let mut rounds = 0;
        loop {
            rounds += 1;
            let mut assigned = Assignor::CooperativeSticky.assign(&topics, &members);
            if assigned.values().map(Vec::len).sum::<usize>() == all {
                break;
            }
            assert!(rounds < 10, "{label}: {assigned:?}");
            for member in &mut members {
                member.owned = assigned.remove(&member.id).unwrap_or_default();
            }
        }
    }
    assert_eq!(cases, 2);
}

#[test]
fn the_bytes_of_subscriptions_and_assignments_are_those_of_the_java_client() {
    let orders = |partition| TopicPartition::new("orders", partition);
    let owned = vec![orders(0), orders(3), TopicPartition::new("refunds", 1)];
    for line in include_str!("golden/consumer-protocol.txt").lines().skip(1) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["subscription", name, when, rack, bytes] => {
                let assignor: Assignor = name.parse().expect("an assignor");
                let mut subscription = Subscription::default();
                subscription.topics = ["refunds", "orders"].map(Str::from).into();
                subscription.rack = named(rack);
                subscription.generation = -1;
                if when == "again" {
                    subscription.generation = 7;
                    subscription.last = Some((owned.clone(), 7));
                    if assignor.is_cooperative() {
                        subscription.owned.clone_from(&owned);
                    }
                }
                assert_eq!(hex(&subscription.encode(assignor).unwrap()), bytes, "{line}");

                let member = wire::decode_member(assignor, "m".into(), None, &unhex(bytes)).unwrap();
                assert_eq!(member.topics, ["orders", "refunds"]);
                assert_eq!(member.rack, named(rack));
                let remembers = assignor.is_cooperative() || assignor == Assignor::Sticky;
                if when == "again" && remembers {
                    assert_eq!((&member.owned, member.generation), (&owned, Some(7)), "{line}");
                } else {
                    assert!(member.owned.is_empty(), "{line}");
                }
            }
            ["assignment", count, bytes] => {
                let assigned = &owned[..count.parse().expect("a count")];
                assert_eq!(hex(&wire::encode_assignment(assigned).unwrap()), bytes);
                assert_eq!(wire::decode_assignment(&unhex(bytes)).unwrap(), assigned);
            }
            _ => panic!("{line}"),
        }
    }
}

#[test]
fn older_forms_are_read() {
    // Version 0 of a subscription, with user data of the sticky assignor from before it told generations.
    let metadata = unhex("0000 00000001 0001 74 00000013 00000001 0001 74 00000002 00000000 00000004");
    let member = wire::decode_member(Assignor::Sticky, "m".into(), None, &metadata).unwrap();
    assert_eq!(member.owned, [TopicPartition::new("t", 0), TopicPartition::new("t", 4)]);
    assert_eq!(member.generation, None);
    // Version 1 of a subscription of the cooperative assignor, whose generation is in the user data.
    let metadata = unhex("0001 00000001 0001 74 00000004 00000009 00000001 0001 74 00000001 00000002");
    let member = wire::decode_member(Assignor::CooperativeSticky, "m".into(), None, &metadata).unwrap();
    assert_eq!((&member.owned[..], member.generation), (&[TopicPartition::new("t", 2)][..], Some(9)));
    assert!(wire::decode_assignment(&Bytes::new()).unwrap().is_empty());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(pair, 16).expect("hexadecimal digits")
    };
    digits.chunks(2).map(byte).collect()
}
