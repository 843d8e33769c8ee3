//! The settings of a log and of the storage that holds many.
//!
//! Names, meanings and defaults are those of Kafka's keys; each field says which. How a text
//! becomes a setting is decided by whoever reads configuration files.

use ottla_protocol::records::TimestampType;

/// What has to have happened to a record before it is acknowledged and shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Durability {
    /// It is on stable storage, and survives a loss of power.
    #[default]
    Fsync,
    /// The operating system has it: it survives the end of the process, not a loss of power. This
    /// is what Kafka does unless `flush.messages` is set.
    Os,
}

/// What becomes of old records. Kafka's `cleanup.policy`; with neither they stay for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CleanupPolicy {
    /// Segments that are too old or too many are deleted.
    pub delete: bool,
    /// Of the records of one key only the last is kept.
    pub compact: bool,
}

impl CleanupPolicy {
    /// Old segments are deleted; Kafka's default.
    pub const DELETE: Self = Self { delete: true, compact: false };
    /// Only compacted: no segment is ever too old.
    pub const COMPACT: Self = Self { delete: false, compact: true };
    /// Compacted, and deleted when too old.
    pub const COMPACT_AND_DELETE: Self = Self { delete: true, compact: true };
}

impl Default for CleanupPolicy {
    fn default() -> Self {
        Self::DELETE
    }
}

/// A part of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio(f64);

impl Ratio {
    /// A half.
    pub const HALF: Self = Self(0.5);

    /// `None` for what is no number from 0 to 1.
    #[must_use]
    pub fn new(ratio: f64) -> Option<Self> {
        (0.0..=1.0).contains(&ratio).then_some(Self(ratio))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// It is always a number, and so equal to itself.
impl Eq for Ratio {}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The settings of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogConfig {
    /// When a record counts as kept. ottla's key `durability`; default [`Durability::Fsync`].
    pub durability: Durability,
    /// Size at which a segment is closed and the next begun, in bytes. `segment.bytes`; default
    /// 1 GiB; at most [`LogConfig::SEGMENT_BYTES_MAX`], because positions are 31 bits.
    pub segment_bytes: u32,
    /// Whether the room of a whole segment is reserved on the disk when it is begun. Then a full disk is met there, by an
    /// append that is refused, and not amid a segment, and its file lies in fewer pieces. What was not used is given back when
    /// the segment is closed, by [`Storage::close`](crate::Storage::close), and by the next start after a crash; nobody ever
    /// reads of it. A log that [may use the reserve](Self::uses_reserve) does without where there is not as much room, and so
    /// does any log where the disk cannot reserve any ([`File::reserve`](crate::disk::File::reserve): Linux can, on file systems that
    /// know `fallocate`), which is said once in the program's log. The segment that a log goes on with when it is opened
    /// is not reserved for again, and those that compaction writes, which it does at a stretch and to make room, never are.
    /// `preallocate`; default no.
    pub preallocate: bool,
    /// Bytes of records between two index entries, roughly. `index.interval.bytes`; default 4096.
    pub index_interval_bytes: u32,
    /// Size of each index file at which a segment is closed. `segment.index.bytes`; default 10 MiB.
    pub index_bytes: usize,
    /// Largest batch that is taken, in bytes as stored. `max.message.bytes`; default 1,048,588.
    pub max_message_bytes: usize,
    /// Whose clock is kept with the records. `message.timestamp.type`; default `CreateTime`.
    pub timestamp_type: TimestampType,
    /// How long before the append a record may be from, in milliseconds.
    /// `message.timestamp.before.max.ms`; default without limit.
    pub timestamp_before_max_ms: i64,
    /// How long after the append a record may be from, in milliseconds.
    /// `message.timestamp.after.max.ms`; default one hour.
    pub timestamp_after_max_ms: i64,
    /// What becomes of old records. `cleanup.policy`; default: they are deleted.
    pub cleanup_policy: CleanupPolicy,
    /// Age at which a segment is deleted, in milliseconds since its newest record; `None` for never.
    /// `retention.ms`; default 7 days.
    pub retention_ms: Option<i64>,
    /// Size above which the oldest segments are deleted, in bytes; `None` for without limit.
    /// `retention.bytes`; default `None`.
    pub retention_bytes: Option<u64>,
    /// Age at which a segment is closed and the next begun though it is not full, in milliseconds.
    /// `segment.ms`; default 7 days.
    pub segment_ms: i64,
    /// By how much of `segment_ms` at most a segment is closed early, at random, so that segments of many logs are not
    /// all closed at once, in milliseconds. `segment.jitter.ms`; default 0.
    pub segment_jitter_ms: i64,
    /// Records after which a sync is started under [`Durability::Os`]. `flush.messages`; default without limit: a
    /// sync is started every 64 MiB and by each checkpoint.
    pub flush_messages: i64,
    /// How long a record waits at most until a sync is started under [`Durability::Os`], in milliseconds, if
    /// [`Storage::sync_due`](crate::Storage::sync_due) is called often enough. `flush.ms`; default without limit.
    pub flush_ms: i64,
    /// How long the files of a deleted segment stay, with `.deleted` behind their names, in
    /// milliseconds. `file.delete.delay.ms`; default one minute.
    pub file_delete_delay_ms: i64,
    /// How long the tombstones of a compacted log stay, in milliseconds. `delete.retention.ms`;
    /// default one day.
    pub delete_retention_ms: i64,
    /// Part of the log that has to be new before it is compacted. `min.cleanable.dirty.ratio`;
    /// default a half.
    pub min_cleanable_dirty_ratio: Ratio,
    /// How long a record stays uncompacted at least, in milliseconds. `min.compaction.lag.ms`;
    /// default 0.
    pub min_compaction_lag_ms: i64,
    /// How long a record may stay uncompacted, in milliseconds. `max.compaction.lag.ms`; default without limit.
    pub max_compaction_lag_ms: i64,
    /// Whether every record needs a key, as in a topic whose `cleanup.policy` has `compact`. Default
    /// no.
    pub requires_keys: bool,
    /// Whether it may be appended to when the disk is full, out of the room that the storage keeps aside
    /// ([`StorageConfig::reserve_bytes`]), as the logs of a broker's own may. Default no.
    pub uses_reserve: bool,
    /// Whether its batches are written by another thread, for the price of a hop, so that an append never waits for a
    /// disk that stands still; only the first of all, and one that begins a segment, still makes files in the calling
    /// thread. While more than [`HANDED_OVER_BYTES_MAX`](Self::HANDED_OVER_BYTES_MAX) wait to be written, appends
    /// are refused. A write that fails is told to who waits for the append, after it has returned. Default no.
    pub hands_over: bool,
    /// How long a producer is remembered after its last batch, in milliseconds, so that its retries
    /// are recognized. `producer.id.expiration.ms`; default one day.
    pub producer_id_expiration_ms: i64,
}

impl LogConfig {
    /// The largest legal [`segment_bytes`](Self::segment_bytes).
    pub const SEGMENT_BYTES_MAX: u32 = i32::MAX as u32;

    /// Bytes that all logs that [hand over](Self::hands_over) their batches may have waiting to be written, together: 16 MiB.
    /// One append may go past it.
    pub const HANDED_OVER_BYTES_MAX: usize = 16 * 1024 * 1024;

    /// For the journal of a program: nothing is deleted until [`delete_records`](crate::Log::delete_records) is called,
    /// segments are of 64 MiB, so that room is soon free then, records may be of any time, and what is appended at once may
    /// be of 16 MiB. All else is as by default, which is for a queue: there records are deleted after seven days.
    ///
    /// Settings are not kept in the folder: give them to [`StorageConfig::log`] as well, for logs that are found there and not opened by name.
    #[must_use]
    pub fn journal() -> Self {
        Self {
            cleanup_policy: CleanupPolicy { delete: false, compact: false },
            retention_ms: None,
            segment_bytes: 64 * 1024 * 1024,
            max_message_bytes: 16 * 1024 * 1024,
            timestamp_after_max_ms: i64::MAX,
            ..Self::default()
        }
    }

    /// The same with another durability.
    #[must_use]
    pub fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// The same with segments of another size, in bytes.
    #[must_use]
    pub fn with_segment_bytes(mut self, segment_bytes: u32) -> Self {
        self.segment_bytes = segment_bytes.min(Self::SEGMENT_BYTES_MAX);
        self
    }

    /// The same, reserving the room of each segment when it is begun.
    #[must_use]
    pub fn with_preallocate(mut self, preallocate: bool) -> Self {
        self.preallocate = preallocate;
        self
    }

    /// The same with another distance between index entries, in bytes.
    #[must_use]
    pub fn with_index_interval_bytes(mut self, index_interval_bytes: u32) -> Self {
        self.index_interval_bytes = index_interval_bytes;
        self
    }

    /// The same with another limit on a batch, in bytes.
    #[must_use]
    pub fn with_max_message_bytes(mut self, max_message_bytes: usize) -> Self {
        self.max_message_bytes = max_message_bytes;
        self
    }

    /// The same, deleting what is older, in milliseconds; `None` for never.
    #[must_use]
    pub fn with_retention_ms(mut self, retention_ms: Option<i64>) -> Self {
        self.retention_ms = retention_ms;
        self
    }

    /// The same, deleting the oldest segments above this size, in bytes; `None` for without limit.
    #[must_use]
    pub fn with_retention_bytes(mut self, retention_bytes: Option<u64>) -> Self {
        self.retention_bytes = retention_bytes;
        self
    }

    /// The same, closing segments at another age, in milliseconds.
    #[must_use]
    pub fn with_segment_ms(mut self, segment_ms: i64) -> Self {
        self.segment_ms = segment_ms;
        self
    }

    /// The same with another end for old records.
    #[must_use]
    pub fn with_cleanup_policy(mut self, cleanup_policy: CleanupPolicy) -> Self {
        self.cleanup_policy = cleanup_policy;
        self
    }

    /// The same for a log that may be appended to when the disk is full.
    #[must_use]
    pub fn with_reserve(mut self) -> Self {
        self.uses_reserve = true;
        self
    }

    /// The same with another clock for the records.
    #[must_use]
    pub fn with_timestamp_type(mut self, timestamp_type: TimestampType) -> Self {
        self.timestamp_type = timestamp_type;
        self
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            durability: Durability::Fsync,
            segment_bytes: 1024 * 1024 * 1024,
            preallocate: false,
            index_interval_bytes: 4096,
            index_bytes: 10 * 1024 * 1024,
            max_message_bytes: 1_048_588,
            timestamp_type: TimestampType::CreateTime,
            timestamp_before_max_ms: i64::MAX,
            timestamp_after_max_ms: 60 * 60 * 1000,
            cleanup_policy: CleanupPolicy::DELETE,
            retention_ms: Some(7 * DAY_MS),
            retention_bytes: None,
            segment_ms: 7 * DAY_MS,
            segment_jitter_ms: 0,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
            file_delete_delay_ms: 60_000,
            delete_retention_ms: DAY_MS,
            min_cleanable_dirty_ratio: Ratio::HALF,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            requires_keys: false,
            uses_reserve: false,
            hands_over: false,
            producer_id_expiration_ms: DAY_MS,
        }
    }
}

/// The settings of a [`Storage`](crate::Storage).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorageConfig {
    /// Number of the node that owns the folder. Kafka's `node.id`; default 1.
    pub node_id: i32,
    /// The cluster that the folder must belong to, or that a new one is made for. Default: any, and
    /// a random one for a new folder.
    pub cluster_id: Option<String>,
    /// What logs found in the folder start with, until [`Log::set_config`](crate::Log::set_config).
    pub log: LogConfig,
    /// Memory that all logs together may use to keep their newest batches at hand, in bytes.
    /// Default 16 MiB; with 0 every read goes to the files.
    pub tail_bytes_max: usize,
    /// Memory for the indexes of closed segments, in bytes. Default 16 MiB; one that is in use is
    /// kept whatever its size.
    pub index_cache_bytes_max: usize,
    /// Room that is kept aside in the file `reserve`, in bytes, so that checkpoints and the logs that
    /// [may use it](LogConfig::uses_reserve) can be written when the disk is full. Default 16 MiB; at most a
    /// sixteenth of the disk; 0 for none.
    pub reserve_bytes: u64,
}

impl StorageConfig {
    /// The same for another node.
    #[must_use]
    pub fn with_node_id(mut self, node_id: i32) -> Self {
        self.node_id = node_id;
        self
    }

    /// The same for one cluster only.
    #[must_use]
    pub fn with_cluster_id(mut self, cluster_id: impl Into<String>) -> Self {
        self.cluster_id = Some(cluster_id.into());
        self
    }

    /// The same with other settings for the logs that are found.
    #[must_use]
    pub fn with_log(mut self, log: LogConfig) -> Self {
        self.log = log;
        self
    }

    /// The same with another reserve for a full disk, in bytes.
    #[must_use]
    pub fn with_reserve_bytes(mut self, reserve_bytes: u64) -> Self {
        self.reserve_bytes = reserve_bytes;
        self
    }

    /// The same with another memory budget for the newest batches, in bytes.
    #[must_use]
    pub fn with_tail_bytes_max(mut self, tail_bytes_max: usize) -> Self {
        self.tail_bytes_max = tail_bytes_max;
        self
    }
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            node_id: 1,
            cluster_id: None,
            log: LogConfig::default(),
            tail_bytes_max: 16 * 1024 * 1024,
            index_cache_bytes_max: 16 * 1024 * 1024,
            reserve_bytes: 16 * 1024 * 1024,
        }
    }
}
