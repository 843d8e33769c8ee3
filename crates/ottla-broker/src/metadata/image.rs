//! What the metadata records come to.
//!
//! State changes by [`Image::apply`] alone, for a live request as for a replay. It knows of no log and no
//! clock; what is appended and when is decided in [`super::journal`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::wire::{Str, Uuid};

use super::record::{ConfigRecord, FeatureRecord, MetadataRecord, TopicRecord};
use crate::topic_name;

/// All topics, the first producer id that was not yet reserved, what was set, and which levels of features were chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Image {
    topics: BTreeMap<Str, Arc<TopicRecord>>,
    names: BTreeMap<[u8; 16], Str>,
    /// The names in which `.` and `_` could be mixed up, by how metrics spell them.
    collisions: BTreeMap<String, Str>,
    removed: BTreeSet<[u8; 16]>,
    next_producer_id: i64,
    /// What was set, by what it belongs to: its kind as requests number it, and its name.
    configs: BTreeMap<(i8, Str), Arc<BTreeMap<String, String>>>,
    /// The levels that were chosen, by feature.
    features: BTreeMap<Str, i16>,
}

/// A record that cannot follow the ones before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Inconsistent {
    #[error("topic {0} was created twice")]
    TopicExists(Str),
    #[error("topic id {0} has two names")]
    TopicRenamed(Uuid),
    #[error("producer ids went back from {from} to {to}")]
    ProducerIdsWentBack { from: i64, to: i64 },
}

impl Image {
    /// Applies one record.
    ///
    /// # Errors
    /// [`Inconsistent`], when the log is not one that this broker wrote; nothing is changed then.
    pub(crate) fn apply(&mut self, record: &MetadataRecord) -> Result<(), Inconsistent> {
        match record {
            MetadataRecord::Topic(topic) => {
                match self.names.get(&topic.id.0) {
                    Some(name) if *name != topic.name => return Err(Inconsistent::TopicRenamed(topic.id)),
                    None if self.topics.contains_key(&topic.name) => {
                        return Err(Inconsistent::TopicExists(topic.name.clone()));
                    }
                    _ => {}
                }
                self.names.insert(topic.id.0, topic.name.clone());
                if topic.name.contains(['.', '_']) {
                    self.collisions.insert(topic_name::collision_key(&topic.name), topic.name.clone());
                }
                self.topics.insert(topic.name.clone(), Arc::new(topic.clone()));
            }
            MetadataRecord::TopicRemoved(id) => {
                if let Some(name) = self.names.remove(&id.0) {
                    self.topics.remove(&name);
                    self.collisions.remove(&topic_name::collision_key(&name));
                }
                self.removed.insert(id.0);
            }
            MetadataRecord::ProducerIds(next) => {
                if *next < self.next_producer_id {
                    return Err(Inconsistent::ProducerIdsWentBack { from: self.next_producer_id, to: *next });
                }
                self.next_producer_id = *next;
            }
            MetadataRecord::Config(ConfigRecord { kind, name, values }) => {
                let key = (*kind, name.clone());
                if values.is_empty() {
                    self.configs.remove(&key);
                } else {
                    self.configs.insert(key, Arc::new(values.clone()));
                }
            }
            MetadataRecord::Feature(FeatureRecord { name, level }) => {
                self.features.insert(name.clone(), *level);
            }
        }
        Ok(())
    }

    /// All topics, by name.
    pub(crate) fn topics(&self) -> impl ExactSizeIterator<Item = &Arc<TopicRecord>> {
        self.topics.values()
    }

    pub(crate) fn topic(&self, name: &str) -> Option<&Arc<TopicRecord>> {
        self.topics.get(name)
    }

    pub(crate) fn topic_by_id(&self, id: Uuid) -> Option<&Arc<TopicRecord>> {
        self.topics.get(self.names.get(&id.0)?)
    }

    /// The topic that metrics could not tell from one of this name.
    pub(crate) fn colliding(&self, name: &str) -> Option<&Str> {
        self.collisions.get(&topic_name::collision_key(name)).filter(|other| other.as_str() != name)
    }

    /// Whether a topic with this id existed and is gone.
    pub(crate) fn was_removed(&self, id: Uuid) -> bool {
        self.removed.contains(&id.0)
    }

    /// What was set for something that is no topic.
    pub(crate) fn config(&self, kind: i8, name: &Str) -> Arc<BTreeMap<String, String>> {
        self.configs.get(&(kind, name.clone())).cloned().unwrap_or_default()
    }

    /// All that was set for what is no topic.
    pub(crate) fn configs(&self) -> impl Iterator<Item = ConfigRecord> {
        self.configs.iter().map(|((kind, name), values)| ConfigRecord {
            kind: *kind,
            name: name.clone(),
            values: BTreeMap::clone(values),
        })
    }

    /// The level that was chosen for a feature.
    pub(crate) fn feature(&self, name: &str) -> Option<i16> {
        self.features.get(name).copied()
    }

    /// All levels that were chosen.
    pub(crate) fn features(&self) -> impl Iterator<Item = FeatureRecord> {
        self.features.iter().map(|(name, level)| FeatureRecord { name: name.clone(), level: *level })
    }

    /// The first producer id that was not yet reserved.
    pub(crate) fn next_producer_id(&self) -> i64 {
        self.next_producer_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(id: u8, name: &str) -> MetadataRecord {
        MetadataRecord::Topic(TopicRecord {
            id: Uuid([id; 16]),
            name: Str::from(name.to_owned()),
            partitions: 1,
            overrides: vec![],
        })
    }

    #[test]
    fn the_latest_record_of_a_topic_holds() {
        let mut image = Image::default();
        image.apply(&topic(1, "my.topic")).unwrap();
        assert_eq!(image.colliding("my_topic").map(Str::as_str), Some("my.topic"));
        assert_eq!(image.colliding("my.topic"), None);
        image.apply(&MetadataRecord::TopicRemoved(Uuid([1; 16]))).unwrap();
        assert_eq!((image.topics().len(), image.colliding("my_topic")), (0, None));
        assert!(image.was_removed(Uuid([1; 16])));
        image.apply(&topic(2, "my_topic")).unwrap();
        assert_eq!(image.topic_by_id(Uuid([2; 16])).unwrap().name.as_str(), "my_topic");
    }

    #[test]
    fn a_log_that_contradicts_itself_is_refused() {
        let mut image = Image::default();
        image.apply(&topic(1, "a")).unwrap();
        assert_eq!(image.apply(&topic(2, "a")), Err(Inconsistent::TopicExists(Str::from("a"))));
        assert_eq!(image.apply(&topic(1, "b")), Err(Inconsistent::TopicRenamed(Uuid([1; 16]))));
        image.apply(&MetadataRecord::ProducerIds(2000)).unwrap();
        assert!(image.apply(&MetadataRecord::ProducerIds(1000)).is_err());
        assert_eq!(image.next_producer_id(), 2000);
    }
}
