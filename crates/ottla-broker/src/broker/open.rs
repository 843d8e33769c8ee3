//! Opening a broker: configure, open the storage, replay the metadata, find every topic's logs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};

use ottla_env::Env;
use ottla_protocol::records::TimestampType;
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::disk::{Disk, MemDisk, OsDisk};
use ottla_storage::{CleanupPolicy, LogConfig, LogName, Storage, StorageConfig, Wanted};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::{Broker, Core};
use crate::Error;
use crate::aside::Asides;
use crate::config::live::LiveConfig;
use crate::config::{BrokerConfig, Durability, TopicConfig, TopicSettings, group};
use crate::configs::Configs;
use crate::directory::{Directory, Topic};
use crate::features::Features;
use crate::fetch_session::cache::FetchSessions;
use crate::groups::GroupCoordinator;
use crate::metadata::image::Image;
use crate::metadata::journal::{BATCH_BYTES_MAX, Journal};
use crate::metadata::record::TopicRecord;
use crate::partition::Partition;
use crate::partition::log::LogPartition;
use crate::producer_ids::ProducerIds;
use crate::share::ShareCoordinator;
use crate::telemetry::{Receiver, Telemetry};
use crate::topic_name::{METADATA_TOPIC, OFFSETS_TOPIC, SHARE_TOPIC, TRANSACTIONS_TOPIC, is_internal};
use crate::transactions::TransactionCoordinator;
use crate::turns::Turns;

/// The id of the metadata's own topic, which no other can get: it is no random UUID.
const METADATA_TOPIC_ID: Uuid = Uuid([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/// How long a segment of metadata takes records before it is closed, and may be compacted.
const METADATA_SEGMENT_MS: i64 = 60 * 60 * 1000;

/// How long it is remembered that a topic was removed: until a start has removed what a stop left of it.
const METADATA_REMOVALS_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// Where the logs are kept.
enum Place {
    Memory,
    Folder(PathBuf),
    Disk(Arc<dyn Disk>),
    Storage(Storage),
}

/// Configures a [`Broker`]. Unless told otherwise it keeps everything in memory.
#[must_use]
pub struct Builder {
    env: Env,
    config: BrokerConfig,
    cluster_id: Option<String>,
    place: Place,
    receiver: Option<Arc<dyn Receiver>>,
}

impl Builder {
    pub(super) fn new(env: Env) -> Self {
        Self { env, config: BrokerConfig::new(), cluster_id: None, place: Place::Memory, receiver: None }
    }

    /// The configuration; Kafka's defaults unless given.
    pub fn config(mut self, config: BrokerConfig) -> Self {
        self.config = config;
        self
    }

    /// The cluster that the data must belong to, or that new data is made for; a random one unless given.
    pub fn cluster_id(mut self, cluster_id: impl Into<String>) -> Self {
        self.cluster_id = Some(cluster_id.into());
        self
    }

    /// Keeps the data in a folder, which is made when it is not there.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.place = Place::Folder(folder.into());
        self
    }

    /// Keeps the data on this disk.
    pub fn disk(mut self, disk: Arc<dyn Disk>) -> Self {
        self.place = Place::Disk(disk);
        self
    }

    /// Keeps the data in a storage that is open; its node id and cluster id hold.
    pub fn storage(mut self, storage: Storage) -> Self {
        self.place = Place::Storage(storage);
        self
    }

    /// Gets the metrics that clients push (KIP-714). Without it no client is asked for any, as in Kafka.
    pub fn telemetry(mut self, receiver: Arc<dyn Receiver>) -> Self {
        self.receiver = Some(receiver);
        self
    }

    /// Opens the broker: recovers the logs, replays the metadata, and begins to checkpoint.
    ///
    /// # Errors
    /// When the data cannot be opened or is another's, or the metadata is not of this release.
    ///
    /// # Cancel safety
    /// Not cancel safe: a dropped open may leave the data folder locked until its tasks have ended.
    pub async fn open(self) -> Result<Broker, Error> {
        let Self { env, config, cluster_id, place, receiver } = self;
        group::check_broker(&LiveConfig::new(config.clone()))?;
        let storage = match place {
            Place::Storage(storage) => storage,
            Place::Memory => {
                let disk = Arc::new(MemDisk::volatile());
                open_storage(disk, &env, &config, cluster_id).await?
            }
            Place::Folder(folder) => {
                let disk = OsDisk::new(&folder).map_err(|source| Error::Folder { path: folder, source })?;
                open_storage(Arc::new(disk), &env, &config, cluster_id).await?
            }
            Place::Disk(disk) => open_storage(disk, &env, &config, cluster_id).await?,
        };
        let journal = Journal::replay(open_metadata(&storage).await?).await?;
        storage.open_logs(wanted(journal.look(Image::clone))).await?;
        let (closing, closed) = watch::channel(false);
        let directory = Arc::new(Directory::default());
        let configs = Arc::new(Configs::new(config.clone()));
        let groups =
            GroupCoordinator::new(env.clone(), &config, Arc::clone(&directory), Arc::clone(&configs));
        let features = Arc::new(Features::new());
        let transactions = TransactionCoordinator::new(env.clone(), &config, Arc::clone(&features));
        let share = ShareCoordinator::new(env.clone(), &config, Arc::clone(&directory));
        let core = Arc::new_cyclic(|me| Core {
            me: me.clone(),
            node_id: config.node_id(),
            cluster_id: Str::from(storage.cluster_id().to_string()),
            rack: config.get("broker.rack").map(|rack| Str::from(rack.to_owned())),
            num_partitions: config.number("num.partitions"),
            fetch_bytes_max: config.number("fetch.max.bytes"),
            request_partitions_max: config.number("max.request.partition.size.limit"),
            auto_create_topics: config.flag("auto.create.topics.enable"),
            delete_topics: config.flag("delete.topic.enable"),
            fetch_sessions: Mutex::new(FetchSessions::new(
                config.number("max.incremental.fetch.session.cache.slots"),
            )),
            producer_ids: ProducerIds::new(),
            telemetry: receiver.map(|receiver| Telemetry::new(receiver, &config)),
            turns: Arc::new(Turns::of_runtime()),
            asides: Asides::new(),
            features,
            directory,
            groups,
            transactions,
            share,
            advertised: RwLock::new(BTreeMap::new()),
            env,
            configs,
            config,
            storage,
            journal,
            closing,
            flush_ms_min: watch::channel(i64::MAX).0,
        });
        core.journal.look(|image| image.configs().collect::<Vec<_>>()).iter().for_each(|set| {
            core.configs.publish(core.node_id, set);
        });
        core.journal.look(|image| image.features().collect::<Vec<_>>()).iter().for_each(|chosen| {
            core.features.publish(chosen);
        });
        core.adopt_logs();
        core.remove_strays().await; // first: a new topic may have the name of a removed one
        core.open_topics();
        if let Some(topic) = core.directory.by_name(OFFSETS_TOPIC) {
            core.groups.start(Arc::downgrade(&core), &topic);
            core.groups.load().await;
        }
        if let Some(topic) = core.directory.by_name(SHARE_TOPIC) {
            core.share.start(&topic);
            core.share.load().await;
        }
        // After the groups, whose partitions may be told how a transaction ended.
        if let Some(topic) = core.directory.by_name(TRANSACTIONS_TOPIC) {
            core.transactions.start(Arc::downgrade(&core), &topic);
            core.transactions.load().await;
        }
        if core.env.has_threads()
            && let Ok(runtime) = Handle::try_current()
        {
            core.turns.watched(runtime);
        }
        core.checkpoint_from_time_to_time(closed.clone());
        core.maintain_from_time_to_time(closed.clone());
        core.sync_from_time_to_time(closed.clone());
        core.compact_from_time_to_time(closed.clone());
        core.scrub_from_time_to_time(closed);
        Ok(Broker { core })
    }
}

/// The folder, with no log in it opened: which of them are ours is said by the metadata, which is in one of them.
async fn open_storage(
    disk: Arc<dyn Disk>,
    env: &Env,
    config: &BrokerConfig,
    cluster_id: Option<String>,
) -> Result<Storage, Error> {
    let mut log = log_config(&TopicConfig::new().settings(&LiveConfig::new(config.clone())));
    // Until a log is found to belong to a topic, nothing in it is too old.
    log.cleanup_policy = CleanupPolicy { delete: false, compact: false };
    log.segment_ms = i64::MAX;
    let mut storage = StorageConfig::default().with_node_id(config.node_id()).with_log(log);
    storage.cluster_id = cluster_id;
    Ok(Storage::open_folder(disk, env.clone(), storage).await?)
}

/// The log of metadata, which is durable whatever the other logs are.
pub(crate) async fn open_metadata(storage: &Storage) -> Result<Arc<dyn Partition>, Error> {
    let name = LogName::new(METADATA_TOPIC, 0);
    let mut config = LogConfig::default()
        .with_durability(ottla_storage::Durability::Fsync)
        .with_cleanup_policy(CleanupPolicy::COMPACT)
        .with_segment_ms(METADATA_SEGMENT_MS)
        .with_max_message_bytes(BATCH_BYTES_MAX)
        .with_reserve();
    config.delete_retention_ms = METADATA_REMOVALS_MS;
    let log = match storage.open_first(&name).await? {
        Some(log) => {
            log.set_config(config);
            log
        }
        None => storage.create_log(name, METADATA_TOPIC_ID, config)?,
    };
    Ok(Arc::new(LogPartition::new(log)))
}

/// The logs that are opened: those of topics, and those of removed ones, which are to be removed.
fn wanted(image: Image) -> Wanted {
    Arc::new(move |name: &LogName, id| belongs(&image, name, id) || image.was_removed(id))
}

/// Whether a log is that of a partition of a topic. One whose folder lost the id of its topic is believed by its name.
pub(crate) fn belongs(image: &Image, name: &LogName, id: Uuid) -> bool {
    image.topic(&name.topic).is_some_and(|topic| {
        (topic.id == id || is_damaged(image, topic, id)) && (0..topic.partitions).contains(&name.partition)
    })
}

/// Whether what the folder of a topic's log says for its id is damage: nothing, an id in which a character rotted, or that of
/// another topic, though a folder is named after its own.
fn is_damaged(image: &Image, topic: &TopicRecord, said: Uuid) -> bool {
    // Ids are drawn by lot and differ in some sixty bits; a character has six.
    let is_nearly = || (topic.id.as_u128() ^ said.as_u128()).count_ones() <= 6;
    let is_of_other = || image.topic_by_id(said).is_some_and(|other| other.name != topic.name);
    said != topic.id && (said == Uuid::ZERO || is_nearly() || is_of_other())
}

impl Core {
    /// A topic with its logs: those that it had, and the others opened or made.
    pub(super) fn open_topic(&self, record: &TopicRecord) -> Topic {
        let mut config = TopicConfig::new();
        for (key, value) in &record.overrides {
            if !config.restore(key, value) {
                tracing::warn!(topic = %record.name, key, "the topic has a configuration key that is not known here");
            }
        }
        let settings = config.settings(&self.configs.broker());
        let before = self.directory.by_id(record.id);
        let log_config = log_config_of(&record.name, &settings);
        let open = |index| -> Option<Arc<dyn Partition>> {
            let name = LogName::new(record.name.as_str(), index);
            if let Some(known) = before.as_ref().and_then(|before| before.partition(index).flatten()) {
                return Some(Arc::clone(known));
            }
            match self.open_log(name.clone(), record.id, &log_config) {
                Ok(log) => Some(Arc::new(LogPartition::new(log))),
                Err(error) => {
                    let said = self.storage.log(&name).map(|log| log.topic_id());
                    let file = format!("{name}/partition.metadata");
                    // Whose records they are nobody knows, so they are left alone.
                    tracing::error!(%error, topic_id = %record.id, ?said, file, "the partition is offline");
                    None
                }
            }
        };
        let partitions = (0..record.partitions).map(open).collect();
        if let Some(before) = before.filter(|before| before.settings != settings) {
            self.set_up_logs_anew(&before, &settings);
        }
        Topic::new(record.id, record.name.clone(), config, settings, partitions)
    }

    /// Has the topics follow the configuration of the broker, where theirs comes from it.
    pub(super) fn set_up_topics_anew(&self) {
        let broker = self.configs.broker();
        for topic in self.directory.all() {
            let settings = topic.config.settings(&broker);
            if settings != topic.settings {
                self.set_up_logs_anew(&topic, &settings);
                let flush_ms = settings.flush_ms;
                self.directory.insert(Arc::new(topic.with_settings(settings)));
                self.note_flush_ms(flush_ms);
            }
        }
    }

    fn set_up_logs_anew(&self, topic: &Topic, settings: &TopicSettings) {
        let config = log_config_of(&topic.name, settings);
        for index in (0..).take(topic.partitions().len()) {
            if let Some(log) = self.storage.log(&LogName::new(topic.name.as_str(), index)) {
                log.set_config(config.clone());
            }
        }
    }

    fn open_log(
        &self,
        name: LogName,
        id: Uuid,
        config: &LogConfig,
    ) -> Result<Arc<ottla_storage::Log>, Error> {
        match self.storage.log(&name) {
            Some(log) if log.topic_id() == id => {
                log.set_config(config.clone());
                Ok(log)
            }
            _ => Ok(self.storage.create_log(name, id, config.clone())?),
        }
    }

    /// Takes a removed topic from requests, and then its logs from the disk.
    pub(crate) async fn remove_topic(&self, id: Uuid) {
        let Some(topic) = self.directory.remove(id) else { return };
        self.groups.remove_topic(&topic);
        self.share.remove_topic(topic.id);
        for index in (0..).take(topic.partitions().len()) {
            let name = LogName::new(topic.name.as_str(), index);
            let is_its = self.storage.log(&name).is_some_and(|log| log.topic_id() == topic.id);
            if is_its && let Err(error) = self.storage.remove_log(&name).await {
                tracing::warn!(%error, partition = %name, "the log of a removed topic is left until the next start");
            }
        }
    }

    /// Gives logs back to their topics whose folders lost the id of theirs, as a loss of power may have it before
    /// the first sync, or in which it rotted.
    fn adopt_logs(&self) {
        for name in self.storage.logs() {
            let Some(log) = self.storage.log(&name) else { continue };
            let said = log.topic_id();
            let its = self.journal.look(|image| {
                let topic = image.topic(&name.topic).filter(|topic| is_damaged(image, topic, said))?;
                (0..topic.partitions).contains(&name.partition).then_some(topic.id)
            });
            let Some(id) = its else { continue };
            tracing::warn!(log = %name, %said, topic_id = %id, "partition.metadata is damaged and made anew");
            if let Err(error) = log.correct_topic_id(id) {
                tracing::warn!(%error, log = %name, "its topic id could not be written down");
            }
        }
    }

    fn open_topics(&self) {
        let topics: Vec<_> = self.journal.look(|image| image.topics().cloned().collect());
        for record in topics {
            let topic = self.open_topic(&record);
            let flush_ms = topic.settings.flush_ms;
            self.directory.insert(Arc::new(topic));
            self.note_flush_ms(flush_ms);
        }
    }

    /// Removes logs whose topic was removed when the broker stopped, and tells of those that nobody knows.
    async fn remove_strays(&self) {
        for name in self.storage.logs() {
            let Some(log) = self.storage.log(&name) else { continue };
            let id = log.topic_id();
            let is_known =
                name.topic == METADATA_TOPIC || self.journal.look(|image| belongs(image, &name, id));
            if is_known || !self.journal.look(|image| image.was_removed(id)) {
                continue;
            }
            if let Err(error) = self.storage.remove_log(&name).await {
                tracing::warn!(%error, log = %name, "the log of a removed topic could not be removed");
            }
        }
        for name in self.storage.left_alone() {
            tracing::warn!(log = %name, "a log belongs to no topic; it is left alone (ottla log adopt makes it a topic's)");
        }
    }
}

/// The settings of the logs of a topic. What groups commit is taken though the disk is full.
fn log_config_of(topic: &str, settings: &TopicSettings) -> LogConfig {
    let mut config = log_config(settings);
    config.uses_reserve = is_internal(topic);
    config.hands_over = is_internal(topic); // the coordinator appends under the locks of its groups
    config
}

/// The settings of a log of a topic with these settings.
fn log_config(settings: &TopicSettings) -> LogConfig {
    let size = |value: i32| usize::try_from(value).unwrap_or(0);
    let mut config = LogConfig::default()
        .with_segment_bytes(u32::try_from(settings.segment_bytes).unwrap_or(1))
        .with_preallocate(settings.preallocate)
        .with_index_interval_bytes(u32::try_from(settings.index_interval_bytes).unwrap_or(0))
        .with_max_message_bytes(size(settings.max_message_bytes))
        .with_durability(match settings.durability {
            Durability::Fsync => ottla_storage::Durability::Fsync,
            Durability::Os => ottla_storage::Durability::Os,
        })
        .with_timestamp_type(match settings.log_append_time {
            true => TimestampType::LogAppendTime,
            false => TimestampType::CreateTime,
        });
    config.index_bytes = size(settings.segment_index_bytes);
    config.timestamp_before_max_ms = settings.timestamp_before_max_ms;
    config.timestamp_after_max_ms = settings.timestamp_after_max_ms;
    config.producer_id_expiration_ms = settings.producer_id_expiration_ms;
    config.cleanup_policy = settings.cleanup_policy;
    config.requires_keys = settings.cleanup_policy.compact;
    config.delete_retention_ms = settings.delete_retention_ms;
    config.min_cleanable_dirty_ratio = settings.min_cleanable_dirty_ratio;
    config.min_compaction_lag_ms = settings.min_compaction_lag_ms;
    config.max_compaction_lag_ms = settings.max_compaction_lag_ms;
    config.retention_ms = settings.retention_ms;
    config.retention_bytes = settings.retention_bytes;
    config.segment_ms = settings.segment_ms;
    config.segment_jitter_ms = settings.segment_jitter_ms;
    config.file_delete_delay_ms = settings.file_delete_delay_ms;
    config.flush_messages = settings.flush_messages;
    config.flush_ms = settings.flush_ms;
    config
}
