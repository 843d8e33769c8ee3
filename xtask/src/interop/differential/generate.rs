//! Requests from a seed: most of them sensible, some with one thing or two that make no sense.
//!
//! A request is made field by field along its schema; what a field may hold goes by its name ([`super::pools`]), and
//! what hangs together is made to ([`super::sense`]). Nothing here knows what a broker answered.

use super::consumers;
use super::pools;
use super::sense;
use super::shares;
use super::value::Value;
use crate::codegen::schema::{Api, Field, Kind, Struct};

/// A request that both brokers get.
#[derive(Clone)]
pub(super) struct Request<'a> {
    pub(super) api: &'a Api,
    pub(super) version: i16,
    pub(super) body: Value,
}

/// An API that both brokers serve, in the versions in which they both do.
pub(super) struct Served<'a> {
    pub(super) api: &'a Api,
    pub(super) first: i16,
    pub(super) last: i16,
}

/// How often an API is called, by what it does. Those that are not here are not generated.
const CHANGES: [(&str, u64); 5] = [
    ("CreateTopics", 4),
    ("CreatePartitions", 3),
    ("DeleteTopics", 2),
    ("IncrementalAlterConfigs", 4),
    ("AlterConfigs", 2),
];
const LOOKS: &[(&str, u64)] = &[
    ("DeleteRecords", 2),
    ("ApiVersions", 1),
    ("Produce", 8),
    ("Fetch", 8),
    ("ListOffsets", 6),
    ("Metadata", 5),
    ("OffsetForLeaderEpoch", 4),
    ("DescribeConfigs", 4),
    ("DescribeTopicPartitions", 5),
    ("DescribeLogDirs", 2),
    ("DescribeCluster", 1),
    ("DescribeQuorum", 3),
    ("ElectLeaders", 3),
    ("AlterPartitionReassignments", 3),
    ("ListPartitionReassignments", 1),
    ("AlterReplicaLogDirs", 3),
    ("UpdateFeatures", 3),
    ("UnregisterBroker", 1),
    ("ListConfigResources", 2),
    ("InitProducerId", 4),
    ("AddPartitionsToTxn", 7),
    ("AddOffsetsToTxn", 3),
    ("EndTxn", 7),
    ("TxnOffsetCommit", 4),
    ("DescribeTransactions", 3),
    ("ListTransactions", 2),
    ("FindCoordinator", 3),
    ("JoinGroup", 6),
    ("SyncGroup", 5),
    ("Heartbeat", 4),
    ("LeaveGroup", 3),
    ("OffsetCommit", 7),
    ("OffsetFetch", 6),
    ("OffsetDelete", 3),
    ("ListGroups", 2),
    ("DescribeGroups", 3),
    ("DeleteGroups", 2),
    ("ConsumerGroupHeartbeat", 14),
    ("ConsumerGroupDescribe", 4),
    ("ShareGroupHeartbeat", 10),
    ("ShareGroupDescribe", 3),
    ("ShareFetch", 12),
    ("ShareAcknowledge", 8),
    ("InitializeShareGroupState", 3),
    ("ReadShareGroupState", 4),
    ("WriteShareGroupState", 5),
    ("DeleteShareGroupState", 2),
    ("ReadShareGroupStateSummary", 3),
    ("DescribeShareGroupOffsets", 4),
    ("AlterShareGroupOffsets", 3),
    ("DeleteShareGroupOffsets", 2),
    ("WriteTxnMarkers", 2),
    ("DescribeProducers", 3),
];

/// Makes requests.
pub(super) struct Generator<'a> {
    pub(super) rng: Rng,
    served: &'a [Served<'a>],
}

impl<'a> Generator<'a> {
    pub(super) fn new(seed: u64, served: &'a [Served<'a>]) -> Self {
        Self { rng: Rng(seed), served }
    }

    /// An API that is served and that nothing is asked of.
    pub(super) fn forgotten(&self) -> Option<&'a str> {
        let is_asked = |name: &str| CHANGES.iter().chain(LOOKS).any(|(known, _)| *known == name);
        self.served.iter().map(|served| served.api.name.as_str()).find(|name| !is_asked(name))
    }

    /// A request that may change the metadata of a cluster, which a broker hears of a moment later.
    pub(super) fn change(&mut self) -> Option<Request<'a>> {
        self.one_of(&CHANGES)
    }

    /// A request of another kind.
    pub(super) fn look(&mut self) -> Option<Request<'a>> {
        self.one_of(LOOKS)
    }

    fn one_of(&mut self, apis: &[(&str, u64)]) -> Option<Request<'a>> {
        let known: Vec<_> = apis
            .iter()
            .filter_map(|(name, weight)| {
                Some((self.served.iter().find(|served| served.api.name == *name)?, *weight))
            })
            .collect();
        let mut draw = self.rng.below(known.iter().map(|(_, weight)| weight).sum::<u64>().max(1));
        let (served, _) = known.iter().find(|(_, weight)| match draw.checked_sub(*weight) {
            Some(rest) => {
                draw = rest;
                false
            }
            None => true,
        })?;
        // The newest version is what clients use, the others have to work too.
        let versions = u64::try_from(served.last - served.first + 1).unwrap_or(1);
        let version = match self.rng.chance(3) {
            true => served.last,
            // Nobody serves the one after the last.
            false if self.rng.chance(80) && !shares::is_of_session(&served.api.name) => served.last + 1,
            false => served.first + i16::try_from(self.rng.below(versions)).unwrap_or_default(),
        };
        Some(self.request(served.api, version))
    }

    /// A request of this API.
    pub(super) fn request(&mut self, api: &'a Api, version: i16) -> Request<'a> {
        let mut body = self.body(&api.name, version, &api.request.body);
        sense::make(&mut self.rng, &api.name, version, &mut body);
        consumers::make(&mut self.rng, &api.name, version, &mut body);
        shares::make(&mut self.rng, &api.name, &mut body);
        let twists = match self.rng.below(10) {
            0..=4 => 0,
            5..=8 => 1,
            _ => 2,
        };
        for _ in 0..twists {
            self.twist(api, version, &mut body);
        }
        sense::keep_harmless(&api.name, &mut body);
        consumers::keep_harmless(&api.name, &mut body);
        shares::keep_harmless(&api.name, &mut body);
        Request { api, version, body }
    }

    fn body(&mut self, api: &str, version: i16, body: &Struct) -> Value {
        let fields = body.fields.iter().map(|field| (field.name.clone(), self.field(api, version, field)));
        Value::Struct(fields.collect())
    }

    fn field(&mut self, api: &str, version: i16, field: &Field) -> Value {
        let is_nullable = field.nullable.is_some_and(|versions| versions.contains(version));
        if is_nullable && self.rng.chance(pools::null_in(&field.name)) {
            return Value::Null;
        }
        match &field.kind {
            Kind::Scalar(kind) => pools::scalar(&mut self.rng, api, &field.name, kind),
            Kind::Struct(body) => self.body(api, version, body),
            Kind::ScalarArray(kind) => {
                let elements = (0..pools::count(&mut self.rng))
                    .map(|_| pools::scalar(&mut self.rng, api, &field.name, kind));
                Value::List(elements.collect())
            }
            Kind::StructArray(body) => {
                let count = pools::count(&mut self.rng);
                Value::List((0..count).map(|_| self.body(api, version, body)).collect())
            }
        }
    }

    /// Changes one thing somewhere: a value to one at the edge of its type or of another world, a list to one that
    /// says something twice or nothing.
    fn twist(&mut self, api: &Api, version: i16, body: &mut Value) {
        let mut places = Vec::new();
        gather(&api.request.body, version, body, &mut Vec::new(), &mut places);
        let Some((path, field)) = self.rng.pick(&places).cloned() else { return };
        let value = at(body, &path);
        let is_nullable = field.nullable.is_some_and(|versions| versions.contains(version));
        if is_nullable && field.name != "records" && self.rng.chance(4) {
            *value = Value::Null;
            return;
        }
        match (&field.kind, value) {
            (Kind::Scalar(kind), value) => *value = pools::edge(&mut self.rng, &field.name, kind, value),
            (Kind::StructArray(_) | Kind::ScalarArray(_), Value::List(elements)) => {
                match (self.rng.below(3), elements.first().cloned()) {
                    (0, _) | (_, None) => elements.clear(),
                    (_, Some(first)) => elements.push(first),
                }
            }
            _ => {}
        }
    }
}

/// Every field in a message that its version carries, with the way to its value.
fn gather<'s>(
    body: &'s Struct,
    version: i16,
    value: &Value,
    way: &mut Vec<usize>,
    places: &mut Vec<(Vec<usize>, &'s Field)>,
) {
    let Value::Struct(fields) = value else { return };
    for (place, ((_, value), field)) in fields.iter().zip(&body.fields).enumerate() {
        if !field.versions.contains(version) || field.tag.is_some() {
            continue;
        }
        way.push(place);
        places.push((way.clone(), field));
        match (field.body(), value) {
            (Some(inner), Value::List(elements)) => {
                for (place, element) in elements.iter().enumerate() {
                    way.push(place);
                    gather(inner, version, element, way, places);
                    way.pop();
                }
            }
            (Some(inner), value) => gather(inner, version, value, way, places),
            (None, _) => {}
        }
        way.pop();
    }
}

/// The value at the end of a way that [`gather`] has found.
fn at<'v>(value: &'v mut Value, way: &[usize]) -> &'v mut Value {
    let Some((first, rest)) = way.split_first() else { return value };
    match value {
        Value::Struct(fields) => at(&mut fields[*first].1, rest),
        Value::List(elements) => at(&mut elements[*first], rest),
        other => other,
    }
}

/// A small random number generator (splitmix64): the same numbers from the same seed, anywhere.
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below this one, or 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Whether it is the one case out of so many.
    pub(super) fn chance(&mut self, out_of: u64) -> bool {
        self.below(out_of) == 0
    }

    /// One of these, if there is one.
    pub(super) fn pick<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        let place = self.below(u64::try_from(of.len()).unwrap_or(u64::MAX));
        of.get(usize::try_from(place).unwrap_or_default())
    }

    /// One of these, of which there is one at least.
    pub(super) fn one<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T {
        of[usize::try_from(self.below(N as u64)).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen;
    use crate::workspace;
    use std::collections::BTreeSet;

    /// Requests of this seed, as they are shown, and the names of their APIs.
    fn requests(seed: u64, count: usize) -> (Vec<String>, BTreeSet<String>) {
        let apis = codegen::schemas(&workspace::root()).unwrap().apis;
        let served: Vec<_> = apis
            .iter()
            .map(|api| Served { api, first: api.request.versions.first, last: api.request.versions.last })
            .collect();
        let mut generator = Generator::new(seed, &served);
        let mut shown = Vec::new();
        let mut names = BTreeSet::new();
        for number in 0..count {
            let request = if number % 5 == 0 { generator.change() } else { generator.look() }.unwrap();
            shown.push(format!("{} {} {}", request.api.name, request.version, request.body));
            names.insert(request.api.name.clone());
        }
        (shown, names)
    }

    #[test]
    fn a_seed_gives_the_same_requests_again_and_another_gives_others() {
        let (first, _) = requests(7, 500);
        assert_eq!(first, requests(7, 500).0);
        assert_ne!(first, requests(8, 500).0);
        assert_eq!(first[..100], requests(7, 100).0[..], "fewer are the first of them");
    }

    #[test]
    fn every_api_that_is_listed_is_asked_in_many_forms() {
        let (shown, names) = requests(1, 3_000);
        let listed: BTreeSet<_> = CHANGES.iter().chain(LOOKS).map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(names, listed);
        let different: BTreeSet<_> = shown.iter().collect();
        assert!(different.len() > 2_500, "{} of 3,000 differ", different.len());
    }

    #[test]
    fn every_request_can_be_written_in_its_version() {
        let apis = codegen::schemas(&workspace::root()).unwrap().apis;
        let served: Vec<_> = apis
            .iter()
            .map(|api| Served { api, first: api.request.versions.first, last: api.request.versions.last })
            .collect();
        let mut generator = Generator::new(3, &served);
        for number in 0..2_000 {
            let Request { api, version, body } = generator.look().unwrap();
            let written = super::super::wire::request(api, version, number, &body, &Default::default());
            assert!(written.is_ok(), "{} v{version} {body}: {:?}", api.name, written.err());
        }
    }
}
