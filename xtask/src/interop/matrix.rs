//! Every family of clients against one broker: all features, groups, mixed groups and restarts.
//!
//! Families go side by side, each through its features one after the other; then the mixed groups, side by side
//! too; and in the end, all together, the restarts.

use super::Order;
use super::client::Stage;
use super::environment::Environment;
use super::families::{Family, JAVA};
use super::rows::Row;
use super::{features, groups, mixed, restart};
use crate::brokers::{Broker, Kind};
use crate::outcome::Outcome;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Instant;

/// Names of the columns, in the order of the table.
pub(super) fn columns() -> impl Iterator<Item = &'static str> {
    let alone = features::FEATURES.iter().map(|feature| feature.name);
    alone.chain(groups::FEATURES).chain(restart::FEATURES.iter().map(|feature| feature.name))
}

/// What a case of the matrix is called.
pub(super) fn name(kind: Kind, family: &Family, feature: &str) -> String {
    format!("{}: {}: {feature}", kind.name(), family.name)
}

/// What a case of the mixed groups is called.
pub(super) fn mixed_name(kind: Kind, assignor: &str) -> String {
    format!("{}: a mixed group: {assignor}", kind.name())
}

/// What the case is called that looks into the logs.
fn packed_name(kind: Kind) -> String {
    format!("{}: batches are packed with the codec that was asked for", kind.name())
}

/// The name of a topic for a case of a family.
fn topic(family: &str, feature: &str) -> String {
    format!("x-{family}-{feature}").to_lowercase().replace(' ', "-")
}

/// One broker, and the cases that were picked.
struct Matrix<'a> {
    kind: Kind,
    families: &'a [Family],
    order: &'a Order,
}

/// Plays the cases that were picked; none starts a broker.
pub(super) fn play(
    (kind, families): (Kind, &[Family]),
    (folder, program): (&Path, &Path),
    environment: &Environment,
    order: &Order,
) -> Outcome<Vec<Row>> {
    let matrix = Matrix { kind, families, order };
    let topics = matrix.topics();
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let mut broker = Broker::new(kind, folder, program)?.with_setting("group.initial.rebalance.delay.ms=0");
    broker.serve()?;
    let stage = Stage::new(broker.bootstrap(), environment, folder.join("programs"))?;
    stage.talk(&JAVA, "topics", json!({"topics": topics}))?.end()?;
    let mut rows = matrix.families_side_by_side(&stage);
    rows.extend(matrix.mixed_groups(&stage));
    for feature in &restart::FEATURES {
        rows.extend(matrix.restart(&stage, &mut broker, feature)?);
    }
    broker.stop()?;
    rows.extend(matrix.packed(&broker));
    Ok(rows)
}

impl Matrix<'_> {
    fn picks(&self, family: &Family, feature: &str) -> bool {
        family.lack(feature).is_none() && self.order.picks(&name(self.kind, family, feature))
    }

    /// Families that were picked for a feature.
    fn picked(&self, feature: &str) -> impl Iterator<Item = &Family> {
        self.families.iter().filter(move |family| self.picks(family, feature))
    }

    /// Every topic that the cases need, and its partitions.
    fn topics(&self) -> Map<String, Value> {
        let mut topics = Map::new();
        for feature in features::FEATURES {
            for family in self.picked(feature.name) {
                topics.insert(topic(&family.slug(), feature.name), json!(features::PARTITIONS));
            }
        }
        for feature in groups::FEATURES {
            for family in self.picked(feature) {
                topics.insert(topic(&family.slug(), groups::FEATURES[0]), json!(groups::PARTITIONS));
            }
        }
        for feature in &restart::FEATURES {
            for family in self.picked(feature.name) {
                let name = topic(&family.slug(), feature.name);
                topics.insert(restart::group_topic(&name), json!(groups::PARTITIONS));
                topics.insert(name, json!(restart::PARTITIONS));
            }
        }
        for assignor in self.assignors() {
            for eldest in mixed::members(assignor) {
                let name = mixed::topic_of(&topic("mixed", assignor), eldest);
                topics.insert(name, json!(mixed::PARTITIONS));
            }
        }
        topics
    }

    fn assignors(&self) -> impl Iterator<Item = &'static str> {
        let picked = |assignor: &&str| self.order.picks(&mixed_name(self.kind, assignor));
        mixed::ASSIGNORS.iter().copied().filter(picked)
    }

    fn families_side_by_side(&self, stage: &Stage) -> Vec<Row> {
        std::thread::scope(|scope| {
            let started: Vec<_> =
                self.families.iter().map(|family| scope.spawn(|| self.family(stage, family))).collect();
            started.into_iter().flat_map(|one| one.join().unwrap_or_default()).collect()
        })
    }

    /// One family, through all features but the restarts.
    fn family(&self, stage: &Stage, family: &Family) -> Vec<Row> {
        let mut rows = Vec::new();
        for feature in features::FEATURES.iter().filter(|feature| self.picks(family, feature.name)) {
            let topic = topic(&family.slug(), feature.name);
            let name = name(self.kind, family, feature.name);
            rows.push(Row::play(name, || (feature.run)(stage, family, &topic)));
        }
        if groups::FEATURES.iter().any(|feature| self.picks(family, feature)) {
            let topic = topic(&family.slug(), groups::FEATURES[0]);
            let mut began = Instant::now();
            groups::life(stage, family, &topic, |feature, outcome| {
                rows.push(Row::ended(name(self.kind, family, feature), began, outcome));
                began = Instant::now();
            });
        }
        rows
    }

    /// Looks into the log for what the codecs left there.
    fn packed(&self, broker: &Broker) -> Option<Row> {
        let codecs = features::CODECS.into_iter();
        let topics: Vec<_> = codecs
            .flat_map(|codec| {
                self.picked(codec).map(move |family| (family, codec, topic(&family.slug(), codec)))
            })
            .collect();
        let case = || features::packed(&broker.data(), &topics);
        (!topics.is_empty()).then(|| Row::play(packed_name(self.kind), case))
    }

    fn mixed_groups(&self, stage: &Stage) -> Vec<Row> {
        std::thread::scope(|scope| {
            let case = |assignor: &str| {
                let topic = topic("mixed", assignor);
                Row::play(mixed_name(self.kind, assignor), || mixed::play(stage, assignor, &topic))
            };
            let started: Vec<_> =
                self.assignors().map(|assignor| scope.spawn(move || case(assignor))).collect();
            started.into_iter().filter_map(|one| one.join().ok()).collect()
        })
    }

    fn restart(&self, stage: &Stage, broker: &mut Broker, feature: &restart::Feature) -> Outcome<Vec<Row>> {
        let families: Vec<(&Family, String)> =
            self.picked(feature.name).map(|family| (family, topic(&family.slug(), feature.name))).collect();
        if families.is_empty() {
            return Ok(Vec::new());
        }
        let began = Instant::now();
        let outcomes = restart::play(stage, broker, feature, &families)?;
        let ended = families.into_iter().zip(outcomes);
        Ok(ended
            .map(|((family, _), outcome)| Row::ended(name(self.kind, family, feature.name), began, outcome))
            .collect())
    }
}
