//! Random requests, lost, repeated and out of order, with time passing, a log that is slow or refuses, and restarts.
//!
//! What holds after every step: the log gives what the groups are, once they are settled; a generation has one
//! leader, one protocol and one assignment, whoever asks; nobody is answered twice. And after enough time,
//! everybody is answered and nobody is left.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use ottla_env::Rng;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse};
use ottla_protocol::wire::Str;

use super::stage::{Stage, defaults, join};
use crate::groups::classic::{Answer, ClassicGroups, is_birth};
use crate::groups::record::GroupRecord;

const SEEDS: u64 = 60;
const STEPS: usize = 1_000;
const GROUPS: [&str; 3] = ["g0", "g1", "g2"];
const INSTANCES: [&str; 3] = ["i0", "i1", "i2"];

/// A request on its way.
#[derive(Clone, Debug)]
enum Sent {
    Join(i16, JoinGroupRequest),
    Sync(i16, SyncGroupRequest),
    Heartbeat(HeartbeatRequest),
    Leave(i16, LeaveGroupRequest),
    Commit(Str, i32, Str, Option<Str>),
    Delete(Str),
    Offsets(Str),
}

/// What somebody learned of its place in a group.
#[derive(Clone, Debug, Default)]
struct Place {
    group: Str,
    member_id: Str,
    instance_id: Option<Str>,
    generation: i32,
    members: Vec<Str>,
}

/// A group, how often the coordinator had started, and how often the group had been deleted.
type Life = (Str, u64, u64);

/// What is said of a generation.
#[derive(Debug)]
struct Generation {
    leader: String,
    protocol: Option<Str>,
    members: Option<Vec<String>>,
    joined: Vec<String>,
    /// The sync by which it was assigned.
    assigned_by: Option<String>,
}

/// A world of clients, and what they were told.
struct World {
    rng: Rng,
    /// Whether clients do nothing but what follows from what they began.
    is_calm: bool,
    /// How much they hold back otherwise.
    calmness: f64,
    stage: Stage,
    /// Follows the log.
    mirror: ClassicGroups,
    mirrored: usize,
    net: Vec<Sent>,
    /// Requests whose answers nobody has looked at.
    unseen: BTreeMap<u64, (Life, Sent)>,
    /// How often each group has been there, and how often the coordinator.
    lives: BTreeMap<Str, u64>,
    starts: u64,
    places: Vec<Place>,
    generations: BTreeMap<(Life, i32), Generation>,
}

/// Names the seed when a test fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed is {}: `World::live({}, STEPS)` tells it again", self.0, self.0);
        }
    }
}

#[test]
fn whatever_is_sent_the_log_is_right_and_everybody_is_answered_once() {
    for seed in 0..SEEDS {
        let _seed = Seed(seed);
        World::live(seed, STEPS);
    }
}

impl World {
    fn live(seed: u64, steps: usize) {
        let mut rng = Rng::new(seed);
        let mut config = defaults();
        if rng.chance(0.3) {
            config.initial_rebalance_delay = Duration::ZERO;
        }
        if rng.chance(0.3) {
            config.size_max = 2 + below(&mut rng, 4);
        }
        let calmness = if rng.chance(0.3) { 0.0 } else { 0.8 };
        let stage = Stage::new(config.clone());
        let mut world = Self {
            rng,
            is_calm: false,
            calmness,
            stage,
            mirror: ClassicGroups::new(config),
            mirrored: 0,
            net: Vec::new(),
            unseen: BTreeMap::new(),
            lives: BTreeMap::new(),
            starts: 0,
            places: Vec::new(),
            generations: BTreeMap::new(),
        };
        for _ in 0..steps {
            world.step();
            world.check();
        }
        world.end();
    }

    fn step(&mut self) {
        match self.rng.below(100) {
            0..30 if self.is_calm || self.rng.chance(self.calmness) => self.deliver(),
            0..30 => {
                let sent = self.something();
                self.net.push(sent);
            }
            30..80 => self.deliver(),
            80..85 => self.is_calm = !self.is_calm,
            85..95 => {
                let mut longest = if self.rng.chance(0.02) { 90_000 } else { 3_000 };
                if self.is_calm {
                    self.beat();
                    longest = 2_000;
                }
                let time = Duration::from_millis(self.rng.below(longest));
                self.stage.pass(time);
            }
            95 => self.stage.is_slow = !self.stage.is_slow,
            96 => {
                let refuses = self.rng.chance(0.2).then_some(ErrorCode::NOT_COORDINATOR);
                self.stage.refuses = refuses;
            }
            97 if self.rng.chance(0.2) => self.restart(),
            _ => self.stage.sync_log(),
        }
        if !self.stage.is_slow {
            self.stage.sync_log();
        }
        if self.stage.groups.next_deadline().is_some_and(|deadline| deadline <= self.stage.now) {
            self.stage.tick();
        }
        self.see();
    }

    /// Loses everything but the log; the time stands still meanwhile.
    fn restart(&mut self) {
        self.stage.restart();
        self.starts += 1;
        self.mirror = ClassicGroups::new(self.stage.config.clone());
        self.mirrored = 0;
    }

    /// Something reaches the coordinator; it may be on its way once more, or be lost.
    fn deliver(&mut self) {
        if self.net.is_empty() {
            return;
        }
        let at = below(&mut self.rng, self.net.len());
        let sent = match self.rng.chance(0.15) {
            true => self.net[at].clone(),
            false => self.net.swap_remove(at),
        };
        if self.rng.chance(0.05) {
            return;
        }
        let stage = &mut self.stage;
        let token = match &sent {
            Sent::Join(version, request) => Some(stage.join(*version, request)),
            Sent::Sync(version, request) => Some(stage.sync_request(*version, request)),
            Sent::Heartbeat(request) => {
                let _ = stage.groups.heartbeat(stage.now, request);
                None
            }
            Sent::Leave(version, request) => {
                let _ = stage.leave(*version, request);
                None
            }
            Sent::Commit(group, generation, member_id, instance_id) => {
                let now = stage.now;
                let _ =
                    stage.groups.check_commit(now, 9, group, *generation, member_id, instance_id.as_ref());
                None
            }
            Sent::Delete(group) => {
                let _ = stage.delete(group);
                None
            }
            Sent::Offsets(group) => {
                stage.groups.has_offsets(group);
                None
            }
        };
        if let Some(token) = token {
            let group = match &sent {
                Sent::Join(_, request) => &request.group_id,
                Sent::Sync(_, request) => &request.group_id,
                other => panic!("{other:?} has no token"),
            };
            let life = (group.clone(), self.starts, self.lives.get(group).copied().unwrap_or(0));
            self.unseen.insert(token, (life, sent));
        }
    }

    /// A request that somebody might send, or should not.
    fn something(&mut self) -> Sent {
        let at = below(&mut self.rng, self.places.len() + 1);
        let place = self.places.get(at).cloned().unwrap_or_default();
        let group = if place.group.is_empty() || self.rng.chance(0.03) {
            self.any_group()
        } else {
            place.group.clone()
        };
        let generation = match self.rng.below(20) {
            0 => place.generation - 1,
            1 => place.generation + 1,
            2 => -1,
            _ => place.generation,
        };
        let instance_id = match self.rng.below(20) {
            0 => None,
            1 => Some(self.any_instance()),
            _ => place.instance_id.clone(),
        };
        match self.rng.below(100) {
            0..45 => self.any_join(&place, group),
            45..60 => self.sync_of(&place, group, instance_id, generation),
            60..82 => Sent::Heartbeat(
                HeartbeatRequest::default()
                    .with_group_id(group)
                    .with_member_id(place.member_id)
                    .with_group_instance_id(instance_id)
                    .with_generation_id(generation),
            ),
            82..90 => self.any_leave(&place, group),
            90..97 => Sent::Commit(group, generation, place.member_id, instance_id),
            97 => Sent::Offsets(group),
            _ => Sent::Delete(group),
        }
    }

    /// What a member sends once it has joined; a leader brings assignments, of which it may forget some.
    fn sync_of(&mut self, place: &Place, group: Str, instance_id: Option<Str>, generation: i32) -> Sent {
        let mark = self.rng.next_u64();
        let forgets = self.rng.chance(0.05);
        let named = place.members.iter().filter(|_| !forgets);
        let assignments = named.map(|member_id| {
            SyncGroupRequestAssignment::default()
                .with_member_id(member_id.clone())
                .with_assignment(Bytes::from(format!("{mark} {}", identity(member_id))))
        });
        let request = SyncGroupRequest::default()
            .with_group_id(group)
            .with_member_id(place.member_id.clone())
            .with_group_instance_id(instance_id)
            .with_generation_id(generation)
            .with_assignments(assignments.collect::<Vec<_>>());
        Sent::Sync(4, request)
    }

    /// All who are members say so; those who are not any more forget it.
    fn beat(&mut self) {
        for place in std::mem::take(&mut self.places) {
            let request = HeartbeatRequest::default()
                .with_group_id(place.group.clone())
                .with_member_id(place.member_id.clone())
                .with_group_instance_id(place.instance_id.clone())
                .with_generation_id(place.generation);
            match self.stage.groups.heartbeat(self.stage.now, &request).error_code {
                ErrorCode::NONE => self.places.push(place),
                ErrorCode::REBALANCE_IN_PROGRESS => {
                    self.rejoin(&place.group, &place.member_id, place.instance_id.clone());
                    self.places.push(place);
                }
                _ => {}
            }
        }
    }

    fn rejoin(&mut self, group: &Str, member_id: &Str, instance_id: Option<Str>) {
        let mut request = join(group, &["range", "sticky"]);
        request.member_id = member_id.clone();
        request.group_instance_id = instance_id;
        self.go_on(Sent::Join(9, request));
    }

    /// What a well-behaved client does next; many do.
    fn go_on(&mut self, sent: Sent) {
        if self.rng.chance(0.8) {
            self.net.push(sent);
        }
    }

    fn any_join(&mut self, place: &Place, group: Str) -> Sent {
        let protocols: &[&str] = match self.rng.below(8) {
            0 => &["range"],
            1 => &["sticky", "range"],
            2 => &["sticky", "sticky"],
            3 => &["other"],
            _ => &["range", "sticky"],
        };
        let mut request = join(&group, protocols);
        match self.rng.below(4) {
            0 => {}
            1 => request.group_instance_id = Some(self.any_instance()),
            _ => {
                request.member_id = place.member_id.clone();
                request.group_instance_id = place.instance_id.clone();
            }
        }
        request.rebalance_timeout_ms = match self.rng.below(10) {
            0 if self.rng.chance(0.2) => -5,
            1 if self.rng.chance(0.2) => 0,
            _ => 1_000 + i32::try_from(self.rng.below(20_000)).expect("small"),
        };
        let version = [0, 3, 4, 6, 7, 9][below(&mut self.rng, 6)];
        Sent::Join(version, request)
    }

    fn any_leave(&mut self, place: &Place, group: Str) -> Sent {
        let mut request = LeaveGroupRequest::default().with_group_id(group);
        if self.rng.chance(0.3) {
            return Sent::Leave(1, request.with_member_id(place.member_id.clone()));
        }
        let mut one = MemberIdentity::default().with_member_id(place.member_id.clone());
        one.group_instance_id = place.instance_id.clone();
        request.members.push(one);
        if self.rng.chance(0.3) {
            request.members.push(MemberIdentity::default().with_group_instance_id(Some(self.any_instance())));
        }
        Sent::Leave(5, request)
    }

    fn any_group(&mut self) -> Str {
        GROUPS[below(&mut self.rng, GROUPS.len())].into()
    }

    fn any_instance(&mut self) -> Str {
        INSTANCES[below(&mut self.rng, INSTANCES.len())].into()
    }

    /// Looks at the answers that have come. Some are lost on their way, but not to the test.
    fn see(&mut self) {
        let answered: Vec<u64> =
            self.unseen.keys().copied().filter(|token| self.stage.answers.contains_key(token)).collect();
        for token in answered {
            let Some((life, sent)) = self.unseen.remove(&token) else { continue };
            match (sent, self.stage.answers[&token].clone()) {
                (Sent::Join(_, request), Answer::Join(response)) => self.see_join(life, &request, &response),
                (Sent::Sync(_, request), Answer::Sync(response)) => self.see_sync(life, &request, &response),
                (_, Answer::Join(response)) => assert_eq!(response.error_code, ErrorCode::NOT_COORDINATOR),
                (sent, answer) => panic!("{sent:?} was answered with {answer:?}"),
            }
        }
    }

    fn see_join(&mut self, life: Life, request: &JoinGroupRequest, response: &JoinGroupResponse) {
        let place = Place {
            group: request.group_id.clone(),
            member_id: response.member_id.clone(),
            instance_id: request.group_instance_id.clone(),
            generation: response.generation_id,
            members: response.members.iter().map(|member| member.member_id.clone()).collect(),
        };
        if response.error_code == ErrorCode::MEMBER_ID_REQUIRED {
            self.go_on(Sent::Join(9, request.clone().with_member_id(response.member_id.clone())));
            self.remember(place);
        } else if response.error_code == ErrorCode::NONE {
            let generation =
                self.generations.entry((life, response.generation_id)).or_insert_with(|| Generation {
                    leader: identity(&response.leader),
                    protocol: response.protocol_name.clone(),
                    members: None,
                    joined: Vec::new(),
                    assigned_by: None,
                });
            assert_eq!(generation.leader, identity(&response.leader), "one leader");
            assert_eq!(generation.protocol, response.protocol_name, "one protocol");
            generation.joined.push(identity(&response.member_id));
            if !response.members.is_empty() {
                assert_eq!(response.leader, response.member_id, "only the leader sees the members");
                let members: Vec<_> = place.members.iter().map(identity).collect();
                assert_eq!(*generation.members.get_or_insert_with(|| members.clone()), members, "one list");
            }
            if let Some(members) = &generation.members {
                assert!(
                    generation.joined.iter().all(|member| members.contains(member)),
                    "all are on the list"
                );
            }
            let (group, instance_id) = (place.group.clone(), place.instance_id.clone());
            let sync = self.sync_of(&place, group, instance_id, place.generation);
            self.go_on(sync);
            self.remember(place);
        }
    }

    fn see_sync(&mut self, life: Life, request: &SyncGroupRequest, response: &SyncGroupResponse) {
        if response.error_code == ErrorCode::REBALANCE_IN_PROGRESS {
            self.rejoin(&request.group_id, &request.member_id, request.group_instance_id.clone());
        }
        if response.error_code != ErrorCode::NONE || response.assignment.is_empty() {
            return;
        }
        let assignment = String::from_utf8(response.assignment.to_vec()).expect("text");
        let (mark, member) = assignment.split_once(' ').expect("two words");
        assert_eq!(member, identity(&request.member_id), "each gets its own");
        if let Some(generation) = self.generations.get_mut(&(life, request.generation_id)) {
            assert_eq!(generation.assigned_by.get_or_insert_with(|| mark.to_owned()), mark, "one assignment");
        }
    }

    fn remember(&mut self, place: Place) {
        if self.rng.chance(0.1) {
            return; // the answer is lost
        }
        if self.places.len() >= 8 {
            let at = below(&mut self.rng, self.places.len());
            self.places.swap_remove(at);
        }
        self.places.push(place);
    }

    fn check(&mut self) {
        let groups = &self.stage.groups;
        groups.check();
        for record in &self.stage.log[self.mirrored..] {
            self.mirror.replay(record);
            if let GroupRecord::Group { group, value: None } = record {
                *self.lives.entry(group.clone()).or_default() += 1;
            }
        }
        self.mirrored = self.stage.log.len();
        let views = groups.durable_view();
        for group in GROUPS.into_iter().map(Str::from).filter(|group| !views.contains_key(group)) {
            *self.lives.entry(group).or_default() += 1; // the log refused its first record
        }
        let mirrored = self.mirror.durable_view();
        assert!(mirrored.keys().all(|group| views.contains_key(group)), "{mirrored:?} {views:?}");
        for (group, view) in views {
            let Some(view) = view else { continue };
            match mirrored.get(&group) {
                Some(logged) => assert_eq!(*logged, Some(view), "the log gives what {group} is"),
                None => assert!(is_birth(&view), "the log does not know {group}"),
            }
        }
        let listed: Vec<_> = groups.list().map(|group| group.group_id).collect();
        let mut ids: Vec<Str> = Vec::new();
        for group in listed {
            let described = groups.describe(&group).expect("it is listed");
            ids.extend(described.members.into_iter().map(|member| member.member_id));
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "nobody is in two groups");
    }

    /// Everybody goes away.
    fn end(&mut self) {
        self.stage.refuses = None;
        self.stage.is_slow = false;
        self.stage.sync_log();
        self.stage.pass(Duration::from_secs(20 * 60));
        self.see();
        self.check();
        assert_eq!(self.unseen.len(), 0, "somebody still waits: {:?}", self.unseen);
        let waiting: Vec<_> = (0..self.stage.tokens()).filter(|token| self.stage.waits(*token)).collect();
        assert_eq!(waiting, [] as [u64; 0], "somebody still waits");
        assert_eq!(self.stage.groups.next_deadline(), None, "something is left to do");
        assert!(self.stage.groups.list().all(|group| group.group_state == "Empty"));
        assert!(self.stage.groups.durable_view().values().all(Option::is_some), "all is written down");
    }
}

/// Who a member is, across its replacements: its own name if it is static, else its id.
fn identity(member_id: &Str) -> String {
    let name = INSTANCES.iter().find(|name| member_id.starts_with(&format!("{name}-")));
    name.map_or_else(|| member_id.to_string(), ToString::to_string)
}

fn below(rng: &mut Rng, bound: usize) -> usize {
    usize::try_from(rng.below(u64::try_from(bound).expect("small"))).expect("below a usize")
}
