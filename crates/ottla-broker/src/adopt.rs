//! Making topics of logs that are in the data folder and belong to none, while no broker has it: folders that Kafka wrote, or
//! that were saved before the metadata was lost.
//!
//! A broker leaves such folders alone. Here they are looked at, all of them before anything is written down; then each log is made
//! fit to be opened, and one batch of metadata makes them topics, with the ids that their folders tell. What a
//! log holds is not changed. How a log is made fit is in [`Storage::adopt_log`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ottla_env::Env;
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::disk::{Disk, OsDisk};
use ottla_storage::files::{self, Loaded, MetaProperties};
use ottla_storage::{AdoptedLog, LogName, Storage, StorageConfig};

use crate::Error;
use crate::broker::open::{belongs, open_metadata};
use crate::config::live::LiveConfig;
use crate::config::{BrokerConfig, TopicConfig};
use crate::metadata::image::Image;
use crate::metadata::journal::Journal;
use crate::metadata::record::{MetadataRecord, TopicRecord};
use crate::topic_name::{self, InvalidTopicName, METADATA_TOPIC, OFFSETS_TOPIC};

/// Which logs become topics, and of which kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adoption {
    /// The topics; `None` for all that belong to no topic yet.
    pub topics: Option<Vec<String>>,
    /// How many partitions each has; by the folders unless given.
    pub partitions: Option<i32>,
    /// What is set for each, by Kafka's keys. Where neither `retention.ms` nor `cleanup.policy` is, `retention.ms=-1` is: records
    /// are old by then, and nobody said that they may go.
    pub config: Vec<(String, String)>,
}

/// A topic that was made of logs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdoptedTopic {
    /// Its name.
    pub name: String,
    /// Its id, that of the folders where they tell one.
    pub id: Uuid,
    /// How many partitions it has.
    pub partitions: i32,
    /// What is set for it.
    pub config: Vec<(String, String)>,
    /// The logs that were found for it, and what they hold.
    pub logs: Vec<(i32, AdoptedLog)>,
}

/// Why logs were not made a topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAdopted {
    /// The data folder has no log of this topic.
    #[error("no folder is named after it")]
    NoLog,
    /// All of them belong to it already.
    #[error("its logs belong to it already")]
    Known,
    /// It is the topic of a coordinator or of a controller, whose records are not understood here.
    #[error("it is an internal topic that is not served")]
    Internal,
    /// Another topic has the name.
    #[error("a topic of that name has id {known}, and the folders tell {told}")]
    NameTaken {
        /// Id of the other.
        known: Uuid,
        /// Id that the folders tell.
        told: Uuid,
    },
    /// Another topic has the id.
    #[error("topic {name} has its id {id}")]
    IdTaken {
        /// Name of the other.
        name: String,
        /// The id.
        id: Uuid,
    },
    /// A topic with this id was deleted here, and what is left of it is removed by the next start.
    #[error("a topic with its id {0} was deleted")]
    Deleted(Uuid),
    /// Its folders are of several topics.
    #[error("its folders tell two ids, {0} and {1}")]
    TwoIds(Uuid, Uuid),
    /// Metrics could not tell its name from that of another.
    #[error("its name collides with that of topic {0}")]
    Collides(String),
    /// The name is illegal.
    #[error(transparent)]
    Name(#[from] InvalidTopicName),
    /// Some of its partitions have no folder, as if other brokers had them.
    #[error(
        "partition {missing} has no folder, where partition {last} has one; give the number of partitions if it is empty"
    )]
    Missing {
        /// The first that has none.
        missing: i32,
        /// The last that has one.
        last: i32,
    },
    /// Fewer partitions were asked for than there are.
    #[error("{asked} partitions are fewer than it has: there is a folder of partition {last}")]
    TooFew {
        /// How many were asked for.
        asked: i32,
        /// The last that has a folder.
        last: i32,
    },
}

/// Makes topics of logs in a data folder that no broker has.
///
/// # Errors
/// [`Error::NotAdopted`] where one of them cannot be, and then none was; those of the storage, among them
/// [`Locked`](ottla_storage::Error::Locked) while a broker has the folder.
///
/// # Cancel safety
/// A dropped future may leave logs looked at and synced; topics are made all at once or not at all.
pub async fn adopt(folder: &Path, env: Env, adoption: &Adoption) -> Result<Vec<AdoptedTopic>, Error> {
    let disk = OsDisk::new(folder).map_err(|source| Error::Folder { path: folder.to_path_buf(), source })?;
    adopt_on(Arc::new(disk), env, adoption).await
}

/// [`adopt`], on any disk.
///
/// # Errors
/// As [`adopt`].
///
/// # Cancel safety
/// As [`adopt`].
pub async fn adopt_on(
    disk: Arc<dyn Disk>,
    env: Env,
    adoption: &Adoption,
) -> Result<Vec<AdoptedTopic>, Error> {
    let config = config(adoption)?;
    let mut storage = StorageConfig::default().with_node_id(BrokerConfig::new().node_id());
    let meta = files::load(disk.as_ref(), Path::new(MetaProperties::FILE), MetaProperties::parse);
    if let Ok(Loaded::Whole(meta)) = meta {
        storage = storage.with_node_id(meta.node_id);
    }
    let storage = Storage::open_folder(disk, env.clone(), storage).await?;
    let adopted = adopt_in(&storage, &env, adoption, &config).await;
    let closed = storage.close().await;
    let adopted = adopted?;
    closed?;
    Ok(adopted)
}

async fn adopt_in(
    storage: &Storage,
    env: &Env,
    adoption: &Adoption,
    config: &[(String, String)],
) -> Result<Vec<AdoptedTopic>, Error> {
    let journal = Journal::replay(open_metadata(storage).await?).await?;
    let image = journal.look(Image::clone);
    let found = found(storage, &image)?;
    let mut topics: Vec<TopicRecord> = Vec::new();
    for name in names(&found, adoption) {
        let refuse = |reason| Error::NotAdopted { topic: name.clone(), reason };
        let logs = found.get(&name).ok_or_else(|| refuse(NotAdopted::NoLog))?;
        let mut topic = topic(&name, logs, &image, adoption).map_err(refuse)?;
        if topic.id == Uuid::ZERO {
            topic.id = fresh_id(env, &image);
        }
        if topic.overrides.is_empty() && image.topic(&name).is_none() {
            topic.overrides = config.to_vec();
        }
        let collides = topics
            .iter()
            .find(|other| topic_name::collision_key(&other.name) == topic_name::collision_key(&name));
        if let Some(other) = collides {
            return Err(refuse(NotAdopted::Collides(other.name.to_string())));
        }
        topics.push(topic);
    }
    let mut adopted = Vec::new();
    let mut next_producer_id = image.next_producer_id();
    for topic in &topics {
        let mut logs = Vec::new();
        for log in found[topic.name.as_str()].iter().filter(|log| !log.is_known) {
            let held = storage.adopt_log(&LogName::new(topic.name.as_str(), log.partition), topic.id)?;
            if let Some(id) = held.producer_id_max {
                next_producer_id = next_producer_id.max(id.saturating_add(1));
            }
            logs.push((log.partition, held));
        }
        adopted.push(AdoptedTopic {
            name: topic.name.to_string(),
            id: topic.id,
            partitions: topic.partitions,
            config: topic.overrides.clone(),
            logs,
        });
    }
    let mut records: Vec<MetadataRecord> = topics.into_iter().map(MetadataRecord::Topic).collect();
    if next_producer_id > image.next_producer_id() {
        // New producers are not to be taken for those that wrote these logs.
        records.push(MetadataRecord::ProducerIds(next_producer_id));
    }
    if !records.is_empty() {
        journal.append_alone(&records, env.now_ms()).await?;
    }
    Ok(adopted)
}

/// A log in the folder.
struct FoundLog {
    partition: i32,
    /// Id of the topic that it tells, if it does.
    id: Option<Uuid>,
    /// Whether it is that of a partition already.
    is_known: bool,
}

/// All logs but that of the metadata, by topic, partitions rising.
fn found(storage: &Storage, image: &Image) -> Result<BTreeMap<String, Vec<FoundLog>>, Error> {
    let mut found: BTreeMap<String, Vec<FoundLog>> = BTreeMap::new();
    for name in storage.left_alone() {
        let id = storage.topic_id_of(&name)?;
        let is_known = belongs(image, &name, id.unwrap_or(Uuid::ZERO));
        found.entry(name.topic.clone()).or_default().push(FoundLog {
            partition: name.partition,
            id,
            is_known,
        });
    }
    for logs in found.values_mut() {
        logs.sort_by_key(|log| log.partition);
    }
    Ok(found)
}

/// The topics that are meant: those that were named, or all that can be and are not topics yet.
fn names(found: &BTreeMap<String, Vec<FoundLog>>, adoption: &Adoption) -> Vec<String> {
    if let Some(names) = &adoption.topics {
        return names.clone();
    }
    let is_meant =
        |(name, logs): &(&String, &Vec<FoundLog>)| !is_foreign(name) && logs.iter().any(|log| !log.is_known);
    found.iter().filter(is_meant).map(|(name, _)| name.clone()).collect()
}

/// Whether only a broker of another kind understands what is in a topic.
fn is_foreign(name: &str) -> bool {
    name != OFFSETS_TOPIC && topic_name::is_reserved(name) || name == METADATA_TOPIC
}

/// The topic that logs come to, with an id of zero where none tells one.
fn topic(
    name: &str,
    logs: &[FoundLog],
    image: &Image,
    adoption: &Adoption,
) -> Result<TopicRecord, NotAdopted> {
    if is_foreign(name) {
        return Err(NotAdopted::Internal);
    }
    topic_name::validate(name)?;
    if logs.iter().all(|log| log.is_known) {
        return Err(NotAdopted::Known);
    }
    let mut ids = logs.iter().filter_map(|log| log.id);
    let id = ids.next().unwrap_or(Uuid::ZERO);
    if let Some(other) = ids.find(|other| *other != id) {
        return Err(NotAdopted::TwoIds(id, other));
    }
    let known = image.topic(name);
    if let Some(known) = known.filter(|known| known.id != id && id != Uuid::ZERO) {
        return Err(NotAdopted::NameTaken { known: known.id, told: id });
    }
    if let Some(other) = image.topic_by_id(id).filter(|other| *other.name != *name) {
        return Err(NotAdopted::IdTaken { name: other.name.to_string(), id });
    }
    if image.was_removed(id) {
        return Err(NotAdopted::Deleted(id));
    }
    let text = Str::from(name.to_owned());
    if let Some(other) = image.colliding(&text) {
        return Err(NotAdopted::Collides(other.to_string()));
    }
    let last = logs.last().map_or(0, |log| log.partition);
    let partitions = match adoption.partitions {
        Some(asked) if asked <= last => return Err(NotAdopted::TooFew { asked, last }),
        Some(asked) => asked,
        None => {
            let before = known.map_or(0, |known| known.partitions);
            let missing = (before..last).find(|partition| logs.iter().all(|log| log.partition != *partition));
            if let Some(missing) = missing {
                return Err(NotAdopted::Missing { missing, last });
            }
            (last + 1).max(before)
        }
    };
    Ok(TopicRecord {
        id: known.map_or(id, |known| known.id),
        name: text,
        partitions,
        overrides: known.map(|known| known.overrides.clone()).unwrap_or_default(),
    })
}

/// What is set for new topics.
fn config(adoption: &Adoption) -> Result<Vec<(String, String)>, Error> {
    let mut config = TopicConfig::new();
    if !adoption.config.iter().any(|(key, _)| key == "retention.ms" || key == "cleanup.policy") {
        config.set("retention.ms", "-1")?;
    }
    for (key, value) in &adoption.config {
        config.set(key, value)?;
    }
    config.check(&LiveConfig::new(BrokerConfig::new()))?;
    Ok(config.overrides().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

fn fresh_id(env: &Env, image: &Image) -> Uuid {
    let mut rng = env.rng();
    loop {
        let mut id = Uuid::ZERO;
        rng.fill(&mut id.0);
        id.0[6] = id.0[6] & 0x0f | 0x40;
        id.0[8] = id.0[8] & 0x3f | 0x80;
        let is_free = image.topic_by_id(id).is_none() && !image.was_removed(id);
        if is_free && !id.to_string().starts_with('-') {
            return id;
        }
    }
}
