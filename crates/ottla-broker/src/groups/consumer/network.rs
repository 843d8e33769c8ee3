//! Clients on a poor network: what they send and are answered is lost, repeated, late and out of order.
//!
//! A model of a client that keeps to KIP-848: it has one request under way, gives up on it when it takes too long
//! and says all about itself in the next, gives partitions up and takes them over in its own time, and drops
//! everything when it is fenced. Beside them, in some of the runs, are clients of the classic protocol, in [`old`]. No
//! two of them may ever own the same partition; and once the network is good again, each partition is owned.

mod old;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use ottla_protocol::wire::Uuid;
use proptest::prelude::*;

use self::old::{Asked, Old, Told};
use super::tests::{Shard, heartbeat, join};
use super::*;
use crate::groups::assignor::TopicKey;

type Places = BTreeSet<(TopicKey, i32)>;

struct Client {
    id: String,
    epoch: i32,
    topics: Vec<&'static str>,
    owned: Places,
    target: Places,
    /// What it said last that it owns.
    said: Option<Places>,
    /// The number of its request under way.
    asked: Option<usize>,
    tells_all: bool,
}

#[derive(Clone)]
struct Sent {
    client: usize,
    number: usize,
    request: Asked,
}

struct World {
    shard: Shard,
    clients: Vec<Client>,
    requests: Vec<Sent>,
    answers: Vec<(usize, usize, Told)>,
    /// Clients of the classic protocol, numbered after the others.
    old: Vec<Old>,
    numbers: usize,
    ids: usize,
}

#[derive(Clone, Debug)]
enum Step {
    Send(usize),
    /// A request arrives; the network may keep a copy.
    Arrive {
        which: usize,
        again: bool,
    },
    LoseRequest(usize),
    Answer(usize),
    LoseAnswer(usize),
    /// A client gives up what it is to give up; perhaps takes over what it is given.
    Work {
        client: usize,
        takes: bool,
    },
    Subscribe {
        client: usize,
        topics: usize,
    },
    /// A client goes, and one with another id takes its place.
    Leave(usize),
    Grow,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..6usize).prop_map(Step::Send),
        8 => (0..99usize, prop::bool::weighted(0.3)).prop_map(|(which, again)| Step::Arrive { which, again }),
        1 => (0..99usize).prop_map(Step::LoseRequest),
        8 => (0..99usize).prop_map(Step::Answer),
        1 => (0..99usize).prop_map(Step::LoseAnswer),
        8 => (0..4usize, prop::bool::ANY).prop_map(|(client, takes)| Step::Work { client, takes }),
        2 => (0..4usize, 0..3usize).prop_map(|(client, topics)| Step::Subscribe { client, topics }),
        1 => (0..4usize).prop_map(Step::Leave),
        1 => Just(Step::Grow),
    ]
}

const SUBSCRIPTIONS: [&[&str]; 3] = [&["a"], &["a", "b"], &["b"]];

impl Client {
    fn new(id: usize) -> Self {
        Self {
            id: format!("m{id}"),
            epoch: 0,
            topics: vec!["a", "b"],
            owned: Places::new(),
            target: Places::new(),
            said: None,
            asked: None,
            tells_all: true,
        }
    }

    fn request(&mut self) -> ConsumerGroupHeartbeatRequest {
        let mut request = if self.tells_all || self.epoch == 0 {
            let mut all = join(&self.id, &self.topics);
            all.member_epoch = self.epoch;
            all
        } else {
            heartbeat(&self.id, self.epoch)
        };
        if self.epoch != 0 && (self.tells_all || self.said.as_ref() != Some(&self.owned)) {
            request.topic_partitions = Some(listed(&self.owned));
            self.said = Some(self.owned.clone());
        }
        self.tells_all = false;
        request
    }

    fn hears(&mut self, response: &ConsumerGroupHeartbeatResponse) {
        match response.error_code {
            ErrorCode::NONE => {
                self.epoch = response.member_epoch;
                if let Some(told) = &response.assignment {
                    self.target = told
                        .topic_partitions
                        .iter()
                        .flat_map(|one| one.partitions.iter().map(|partition| (one.topic_id.0, *partition)))
                        .collect();
                    // Each assignment is answered with what is owned then.
                    self.said = None;
                }
            }
            ErrorCode::FENCED_MEMBER_EPOCH | ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::GROUP_ID_NOT_FOUND => {
                self.drops_all();
            }
            // A full group: it tries again.
            ErrorCode::GROUP_MAX_SIZE_REACHED => self.tells_all = true,
            other => panic!("{other}: {:?}", response.error_message),
        }
    }

    fn drops_all(&mut self) {
        (self.epoch, self.tells_all, self.said) = (0, true, None);
        self.owned.clear();
        self.target.clear();
    }
}

fn listed(places: &Places) -> Vec<TopicPartitions> {
    let mut topics = BTreeMap::<TopicKey, Vec<i32>>::new();
    for (topic, partition) in places {
        topics.entry(*topic).or_default().push(*partition);
    }
    let topics = topics.into_iter().map(|(topic, partitions)| {
        let mut one = TopicPartitions::default();
        (one.topic_id, one.partitions) = (Uuid(topic), partitions.into());
        one
    });
    topics.collect()
}

impl World {
    /// With this many clients of the classic protocol beside the others, every other of which stops to rebalance.
    fn new(old: usize) -> Self {
        let mut shard = Shard::new(&[("a", 3), ("b", 2)]);
        shard.size_max = 4 + old;
        // What a group does that is classic again is another machine's.
        shard.groups.settings.policy.downgrades = false;
        Self {
            shard,
            old: (0..old).map(|number| Old::new(number % 2 == 0)).collect(),
            clients: (0..4).map(Client::new).collect(),
            requests: Vec::new(),
            answers: Vec::new(),
            numbers: 0,
            ids: 4,
        }
    }

    fn step(&mut self, step: &Step) {
        let pick = |which: usize, of: usize| (of > 0).then(|| which % of);
        match *step {
            Step::Send(client) => self.send(client),
            Step::Arrive { which, again } => {
                let Some(index) = pick(which, self.requests.len()) else { return };
                // Nobody can tell a join that speaks of no generation from one that the network held back.
                let again = again && self.requests[index].request.can_be_told();
                let sent = if again { self.requests[index].clone() } else { self.requests.remove(index) };
                let response = self.hears(&sent.request);
                self.answers.push((sent.client, sent.number, response));
            }
            Step::LoseRequest(which) => {
                if let Some(index) = pick(which, self.requests.len()) {
                    self.requests.remove(index);
                }
            }
            Step::Answer(which) => {
                let Some(index) = pick(which, self.answers.len()) else { return };
                let (client, number, response) = self.answers.remove(index);
                self.told(client, number, &response);
            }
            Step::LoseAnswer(which) => {
                if let Some(index) = pick(which, self.answers.len()) {
                    self.answers.remove(index);
                }
            }
            Step::Work { client, takes } => self.work(client, takes),
            Step::Subscribe { client, topics } => {
                let client = &mut self.clients[client];
                client.topics = SUBSCRIPTIONS[topics].to_vec();
                client.tells_all = true;
            }
            Step::Leave(client) => {
                let leaving = heartbeat(&self.clients[client].id, -1);
                self.requests.push(Sent { client, number: usize::MAX, request: Asked::Beat(leaving) });
                self.clients[client] = Client::new(self.ids);
                self.ids += 1;
            }
            Step::Grow => *self.shard.topics.0.get_mut("a").unwrap() += 1,
        }
    }

    /// A client asks; what it asked before, it gives up on.
    fn send(&mut self, index: usize) {
        self.numbers += 1;
        if let Some(old) = index.checked_sub(self.clients.len()) {
            let Some(old) = self.old.get_mut(old) else { return };
            self.requests.retain(|sent| sent.client != index || sent.request.can_be_told());
            let request = old.asks(self.numbers);
            return self.requests.push(Sent { client: index, number: self.numbers, request });
        }
        let client = &mut self.clients[index];
        if client.asked.is_some() {
            client.tells_all = true;
        }
        client.asked = Some(self.numbers);
        let request = Asked::Beat(client.request());
        self.requests.push(Sent { client: index, number: self.numbers, request });
    }

    /// A request arrives.
    fn hears(&mut self, request: &Asked) -> Told {
        match request {
            Asked::Beat(request) => Told::Beat(self.shard.hears(request)),
            Asked::Join(request) => Told::Join(self.shard.joins(request)),
            Asked::Sync(request) => Told::Sync(self.shard.groups.classic_sync(self.shard.now, request)),
            Asked::Alive(request) => {
                Told::Alive(self.shard.groups.classic_heartbeat(self.shard.now, request))
            }
        }
    }

    /// An answer arrives. What was given up on is not read any more.
    fn told(&mut self, index: usize, number: usize, response: &Told) {
        if let Some(old) = index.checked_sub(self.clients.len()) {
            return self.old[old].hears(number, response, &self.shard.topics);
        }
        let client = &mut self.clients[index];
        if let (true, Told::Beat(response)) = (client.asked == Some(number), response) {
            client.asked = None;
            client.hears(response);
        }
    }

    fn work(&mut self, index: usize, takes: bool) {
        let client = &mut self.clients[index];
        client.owned.retain(|place| client.target.contains(place));
        if takes {
            client.owned.clone_from(&client.target);
        }
    }

    fn assert_owned_once(&self) {
        let mut owned = BTreeMap::new();
        let newer = self.clients.iter().map(|client| (client.id.as_str(), &client.owned));
        let older = self.old.iter().map(|client| (client.id.as_str(), &client.owned));
        for (id, places) in newer.chain(older) {
            for place in places {
                let other = owned.insert(*place, id);
                assert_eq!(other, None, "{place:?} is owned by {id} too");
            }
        }
    }

    /// The network is good from now on.
    fn settle(&mut self) {
        self.requests.clear();
        self.answers.clear();
        for client in &mut self.clients {
            if client.asked.take().is_some() {
                client.tells_all = true;
            }
        }
        for _ in 0..30 {
            for index in 0..self.clients.len() + self.old.len() {
                // Who joins is told to sync, at once.
                let requests = if index < self.clients.len() { 1 } else { 3 };
                for _ in 0..requests {
                    self.send(index);
                    let sent = self.requests.remove(0);
                    let response = self.hears(&sent.request);
                    self.told(index, sent.number, &response);
                    if index < self.clients.len() {
                        self.work(index, true);
                    }
                    self.assert_owned_once();
                }
            }
            self.shard.waits(Duration::from_secs(3));
        }
    }

    fn assert_settled(&self) {
        let group = &self.shard.groups.groups["g"];
        let mut ids: BTreeSet<_> = self.clients.iter().map(|client| Str::from(client.id.as_str())).collect();
        ids.extend(self.old.iter().map(|client| client.id.clone()));
        assert_eq!(
            group.members.keys().cloned().collect::<BTreeSet<_>>(),
            ids,
            "all are there, and no ghosts"
        );
        let wanted: BTreeSet<_> = group.members.values().flat_map(|member| member.topics.iter()).collect();
        let all: Places = wanted
            .into_iter()
            .flat_map(|name| {
                let count = self.shard.topics.0[name.as_str()];
                (0..count).map(|partition| ([name.as_bytes()[0]; 16], partition))
            })
            .collect();
        let newer = self.clients.iter().flat_map(|client| client.owned.iter().copied());
        let older = self.old.iter().flat_map(|client| client.owned.iter().copied());
        let owned: Places = newer.chain(older).collect();
        assert_eq!(owned, all, "each partition is owned");
        for client in &self.clients {
            let current = &group.current[client.id.as_str()];
            assert_eq!((current.phase, current.epoch), (Phase::Stable, client.epoch));
            assert_eq!(current.held().collect::<Places>(), client.owned);
        }
        for client in &self.old {
            let current = &group.current[client.id.as_str()];
            assert_eq!((current.phase, current.epoch), (Phase::Stable, client.generation));
            assert_eq!(current.held().collect::<Places>(), client.owned);
        }
    }
}

#[test]
fn a_join_that_the_network_held_back_frees_nothing() {
    let mut world = World::new(1);
    let call = |world: &mut World, index: usize| {
        world.send(index);
        let sent = world.requests.remove(0);
        let response = world.hears(&sent.request);
        world.told(index, sent.number, &response);
        sent.request
    };
    world.clients[0].topics = vec!["b"];
    call(&mut world, 0);
    world.work(0, true);
    for _ in 0..3 {
        call(&mut world, 4); // it is given an id, joins and syncs
    }
    assert_eq!(world.old[0].owned.len(), 3);
    world.shard.topics.0.insert("a", 6);
    call(&mut world, 0);
    call(&mut world, 4); // it is told to join
    let held_back = call(&mut world, 4);
    call(&mut world, 4);
    assert!(world.old[0].owned.len() > 3, "it has joined, has synced, and works");
    call(&mut world, 1);
    for _ in 0..3 {
        world.hears(&held_back);
        call(&mut world, 1);
        world.work(1, true);
        world.assert_owned_once();
    }
    world.settle();
    world.clients.truncate(2);
    assert!(world.clients.iter().all(|client| !client.owned.is_empty()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_poor_network_neither_doubles_a_partition_nor_loses_one(
        steps in prop::collection::vec(any_step(), 0..150), old in 0..3usize
    ) {
        let mut world = World::new(old);
        for step in &steps {
            world.step(step);
            world.assert_owned_once();
        }
        world.settle();
        world.assert_settled();
    }
}
