//! The power fails at every single change of the disk while members are handed records and say what became of them:
//! what was answered stays, and no other record is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ottla_protocol::ErrorCode;
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::Call;

use crate::harness::{End, Kit};
use crate::share_groups::{ACCEPT, Member, REJECT, RELEASE, kit_with};

const RECORDS: i64 = 10;

/// What a client knows of the records.
#[derive(Debug, Default)]
struct Known {
    /// It was answered that they are done with.
    done: BTreeSet<i64>,
    /// It was said that they are, and not answered.
    open: BTreeSet<i64>,
    /// Deliveries at least that it was answered were for nothing.
    returned: BTreeMap<i64, i16>,
}

struct Client {
    topic: Uuid,
    member: Member,
    /// What it has, and how often that was delivered.
    has: BTreeMap<i64, i16>,
    known: Known,
}

impl Client {
    async fn fetch(&mut self, kit: &mut Kit, records: i32) {
        let response = kit.call(2, &self.member.request(self.topic, records)).await;
        let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
        for run in partitions.flat_map(|partition| &partition.acquired_records) {
            self.has.extend((run.first_offset..=run.last_offset).map(|at| (at, run.delivery_count)));
        }
    }

    /// Says something of a record, if it has it.
    async fn say(&mut self, kit: &mut Kit, said: &[(i64, i8)]) {
        let said: Vec<_> = said.iter().filter(|(at, _)| self.has.contains_key(at)).collect();
        if said.is_empty() {
            return;
        }
        let ends = said.iter().filter(|(_, kind)| *kind != RELEASE).map(|(at, _)| *at);
        self.known.open.extend(ends.clone());
        let batches: Vec<_> = said.iter().map(|(at, kind)| (*at, *at, *kind)).collect();
        if self.member.say(kit, self.topic, &batches).await.is_err() {
            return;
        }
        self.known.done.extend(ends);
        for (at, kind) in said {
            let deliveries = self.has.remove(at).unwrap();
            if *kind == RELEASE {
                self.known.returned.insert(*at, deliveries);
            }
        }
    }
}

/// All that members do: what they are handed, give back, lose because they take too long, and are done with.
async fn work(kit: &mut Kit, client: &mut Client) {
    client.fetch(kit, 4).await;
    client.say(kit, &[(0, ACCEPT), (1, RELEASE), (2, REJECT)]).await;
    client.fetch(kit, 3).await;
    client.say(kit, &[(1, ACCEPT), (4, RELEASE)]).await;
    // The locks of the others end.
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::task::yield_now().await;
    client.has.clear();
    client.fetch(kit, 100).await;
    client.say(kit, &[(3, ACCEPT), (5, REJECT), (6, ACCEPT), (8, RELEASE)]).await;
    client.say(kit, &[(4, ACCEPT)]).await;
    // Time for what the log need not keep to be deleted, and cold states to be written whole.
    tokio::time::advance(Duration::from_secs(10)).await;
    for _ in 0..20 {
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    client.fetch(kit, 100).await;
    client.say(kit, &[(7, ACCEPT)]).await;
}

/// Has the power fail at the `nth` change of the disk; whether all was done before.
async fn power_fails_at(nth: u64, updates_per_snapshot: &str) -> bool {
    let what = format!("{updates_per_snapshot} updates a snapshot, power off at {nth}");
    let (mut kit, topic) = kit_with(&[
        ("share.coordinator.state.topic.num.partitions", "1"),
        ("share.coordinator.state.topic.segment.bytes", "300"),
        ("share.coordinator.snapshot.update.records.per.snapshot", updates_per_snapshot),
        ("share.coordinator.state.topic.prune.interval.ms", "2000"),
        ("share.coordinator.cold.partition.snapshot.interval.ms", "2000"),
    ])
    .await;
    let (has, known) = (BTreeMap::new(), Known::default());
    let mut client = Client { topic, member: Member::new("m"), has, known };
    kit.disk.power_off_at(nth);
    work(&mut kit, &mut client).await;
    let is_through = !kit.disk.is_dead();
    let mut kit = kit.reopened(End::PowerLoss(nth)).await;
    let mut next = Client { topic, member: Member::new("n"), has: BTreeMap::new(), known: Known::default() };
    next.fetch(&mut kit, 100).await;
    let found: BTreeSet<_> = next.has.keys().copied().collect();
    let known = client.known;
    assert!(found.is_disjoint(&known.done), "{what}: {found:?} of {known:?}");
    let lost: Vec<_> = (0..RECORDS).filter(|at| !found.contains(at) && !known.open.contains(at)).collect();
    assert!(lost.is_empty(), "{what}: {lost:?} of {known:?}");
    for (at, deliveries) in known.returned {
        let again = next.has.get(&at).is_none_or(|again| *again > deliveries);
        assert!(again, "{what}: {at} was delivered {deliveries} times, and {:?} says otherwise", next.has);
    }
    // And all of it can be done with.
    let all: Vec<_> = found.iter().map(|at| (*at, ACCEPT)).collect();
    next.say(&mut kit, &all).await;
    assert_eq!(next.known.done.len(), found.len(), "{what}");
    let mut last = Member::new("o");
    assert_eq!(last.fetch(&mut kit, topic, 100).await, [], "{what}");
    is_through
}

#[tokio::test(start_paused = true)]
async fn what_was_answered_stays_and_nothing_is_lost_wherever_the_power_fails() {
    for updates_per_snapshot in ["0", "2", "500"] {
        for nth in 1.. {
            if power_fails_at(nth, updates_per_snapshot).await {
                assert!(nth > 10, "it is more than {nth} changes of the disk");
                break;
            }
            assert!(nth < 500, "it takes no end");
        }
    }
}

/// The state is written, and the power fails before anybody is answered.
#[tokio::test(start_paused = true)]
async fn what_was_written_and_not_answered_is_as_it_was_or_as_it_was_said() {
    let mut seen = BTreeSet::new();
    for seed in 0..20 {
        let (mut kit, topic) = kit_with(&[("share.coordinator.state.topic.num.partitions", "1")]).await;
        let mut member = Member::new("m");
        assert_eq!(member.fetch(&mut kit, topic, 5).await, [(0, 4, 1)]);
        kit.disk.hold(Call::Sync);
        let said = member.say(&mut kit, topic, &[(0, 4, ACCEPT)]).await;
        assert_eq!(said, ErrorCode::COORDINATOR_NOT_AVAILABLE);
        // What is not known to be done with stays its own, and nobody else is handed it.
        assert_eq!(Member::new("n").fetch(&mut kit, topic, 100).await, [(5, 9, 1)]);
        let mut kit = kit.reopened(End::PowerLoss(seed)).await;
        let found = Member::new("o").fetch(&mut kit, topic, 100).await;
        let offsets: Vec<_> = found.iter().map(|(first, last, _)| (*first, *last)).collect();
        assert!([vec![(0, 9)], vec![(5, 9)]].contains(&offsets), "seed {seed}: {offsets:?}");
        seen.insert(offsets);
    }
    assert_eq!(seen.len(), 2, "both happen");
}
