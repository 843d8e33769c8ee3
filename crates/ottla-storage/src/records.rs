//! Plain records: what a program that needs a journal appends and reads, without a word about batches.
//!
//! Here are the records themselves, and appending them; [`reader`] goes through a log, [`unpack`] takes stored bytes
//! apart. All of it stands on [`Log::append`] and [`Log::read`]: there is one engine, and both faces may be used on one
//! log.

use bytes::Bytes;
use ottla_protocol::records::{self as protocol, BatchBuilder, BatchOptions, BuildError, Compression};
use ottla_protocol::wire::DecodeLimits;

use crate::error::{AppendError, Error};
use crate::log::{AppendOptions, Appended, Log};
use crate::offset::{LogName, Offset};
use crate::segment::walk::BATCH_BYTES_MAX;
use crate::storage::Storage;
use crate::{LogConfig, lock};

mod damage;
mod reader;
mod unpack;

pub use self::reader::RecordReader;
pub(crate) use self::unpack::{Undecodable, Unpacked};

/// A record to append; it borrows what it is made of.
///
/// ```
/// use ottla_storage::NewRecord;
///
/// let plain = NewRecord::new(b"anything");
/// let keyed = NewRecord::new(b"paid").with_key(b"order-17").with_headers(&[("trace", Some(b"7f"))]);
/// let deleted = NewRecord::deletion(b"order-17");
/// # let _ = (plain, keyed, deleted);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRecord<'a> {
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    headers: &'a [(&'a str, Option<&'a [u8]>)],
    timestamp_ms: Option<i64>,
}

impl<'a> NewRecord<'a> {
    /// A record of this value, without a key.
    #[must_use]
    pub const fn new(value: &'a [u8]) -> Self {
        Self { key: None, value: Some(value), headers: &[], timestamp_ms: None }
    }

    /// A record that says that its key is gone: it has no value. In a log that is
    /// [compacted](crate::CleanupPolicy::compact) it ends what was kept under this key.
    #[must_use]
    pub const fn deletion(key: &'a [u8]) -> Self {
        Self { key: Some(key), value: None, headers: &[], timestamp_ms: None }
    }

    /// The same with a key. Only compaction looks at it.
    #[must_use]
    pub const fn with_key(mut self, key: &'a [u8]) -> Self {
        self.key = Some(key);
        self
    }

    /// The same with names and values beside the record, in this order; a name may come twice.
    #[must_use]
    pub const fn with_headers(mut self, headers: &'a [(&'a str, Option<&'a [u8]>)]) -> Self {
        self.headers = headers;
        self
    }

    /// The same, from this time instead of now, in Unix milliseconds.
    #[must_use]
    pub const fn with_timestamp_ms(mut self, timestamp_ms: i64) -> Self {
        self.timestamp_ms = Some(timestamp_ms);
        self
    }
}

/// How records are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordOptions {
    /// What all records of one append are packed with, together. Default: nothing.
    pub compression: Compression,
    /// Level in the codec's own scale; default its own.
    pub compression_level: Option<i32>,
}

impl Default for RecordOptions {
    fn default() -> Self {
        Self { compression: Compression::None, compression_level: None }
    }
}

impl RecordOptions {
    /// The same, packed with this codec. Each but `None` is a feature of this crate.
    #[must_use]
    pub const fn with_compression(mut self, codec: Compression) -> Self {
        self.compression = codec;
        self
    }

    /// The same at another level of the codec.
    #[must_use]
    pub const fn with_compression_level(mut self, level: i32) -> Self {
        self.compression_level = Some(level);
        self
    }
}

/// A record as it was read.
///
/// Key, value and headers are slices of what was read from the log, not copies: a record that is kept for
/// long keeps up to [`ReadOptions::max_bytes`](crate::ReadOptions::max_bytes) of its neighbours in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its number in the log.
    pub offset: Offset,
    /// Its time, in Unix milliseconds.
    pub timestamp_ms: i64,
    /// The key, if it has one.
    pub key: Option<Bytes>,
    /// The value; `None` says that the [key is gone](NewRecord::deletion).
    pub value: Option<Bytes>,
    /// What stands beside it, in the order of the append.
    pub headers: Vec<RecordHeader>,
}

/// A name and a value beside a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordHeader {
    /// The name: UTF-8, if this crate wrote it.
    pub key: Bytes,
    /// The value, if there is one.
    pub value: Option<Bytes>,
}

impl Log {
    /// Appends one record. The same as [`append_records`](Self::append_records) of it alone.
    ///
    /// # Errors
    /// As for [`append_records`](Self::append_records).
    pub fn append_record(&self, record: NewRecord<'_>) -> Result<Appended, AppendError> {
        self.append_records([record], RecordOptions::default())
    }

    /// Appends records, all or none of them: whatever happens, a crash included, none is ever there without the others.
    /// They get the next offsets, one behind the other.
    ///
    /// It never waits for the disk. As with [`append`](Self::append), all that is needed for the records to become durable is under
    /// way when it returns; [`durable`](Self::durable) says when they are, and that is when readers see them. Many appends
    /// that are made before the first is awaited share a sync.
    ///
    /// Records of one append share one header of 61 bytes and one checksum, and have to fit into
    /// [`LogConfig::max_message_bytes`] together, as they are stored.
    ///
    /// # Errors
    /// [`AppendError::Empty`] without a record, [`AppendError::RecordsTooLarge`], [`AppendError::Codec`], and those of
    /// [`append`](Self::append). Nothing was appended then.
    ///
    /// # Examples
    /// ```
    /// # use ottla_storage::{*, disk::MemDisk};
    /// # blocking::block_on(async {
    /// # let storage = Storage::open(std::sync::Arc::new(MemDisk::new(1)), blocking::env(), StorageConfig::default()).await?;
    /// # let log = storage.open_log("accounts", LogConfig::journal())?;
    /// let transfer = [NewRecord::new(b"-10").with_key(b"alice"), NewRecord::new(b"+10").with_key(b"bob")];
    /// let appended = log.append_records(transfer, RecordOptions::default())?;
    /// log.durable(&appended).await?; // both survive a loss of power from here on
    /// # Ok::<(), Error>(()) }).unwrap();
    /// ```
    pub fn append_records<'a>(
        &self,
        records: impl IntoIterator<Item = NewRecord<'a>>,
        options: RecordOptions,
    ) -> Result<Appended, AppendError> {
        let core = self.core();
        let now_ms = core.shared.env.now_ms();
        let limit = match options.compression {
            Compression::None => core.config().max_message_bytes.min(BATCH_BYTES_MAX),
            // How small it becomes is known when it is packed; it must be possible to unpack it.
            _ => DecodeLimits::DEFAULT.decompressed_bytes_max,
        };
        let batch = BatchOptions::default()
            .with_compression(options.compression, options.compression_level)
            .with_limits(limit, limit);
        let mut batch = BatchBuilder::new(batch);
        for record in records {
            let time = record.timestamp_ms.unwrap_or(now_ms);
            batch.try_append(time, record.key, record.value, record.headers).map_err(too_large)?;
        }
        let batch = batch.build().map_err(|error| match error {
            BuildError::Empty => AppendError::Empty,
            error => AppendError::Codec(error),
        })?;
        let leader_epoch = lock::lock(&core.state).epochs.latest().unwrap_or(0);
        self.append(batch, AppendOptions::new(now_ms).with_leader_epoch(leader_epoch))
    }

    /// A reader of plain records, which begins with the one at `from`.
    ///
    /// Whether there is one is found out by its first read. [`LogOffsets`](crate::LogOffsets) says where the log starts and ends.
    #[must_use]
    pub fn reader(&self, from: Offset) -> RecordReader {
        RecordReader::new(Self::new(std::sync::Arc::clone(self.core())), from)
    }
}

fn too_large(error: protocol::AppendError) -> AppendError {
    match error {
        protocol::AppendError::Full { size, limit }
        | protocol::AppendError::RecordTooLarge { size, limit } => {
            AppendError::RecordsTooLarge { size, limit }
        }
        _ => AppendError::Empty,
    }
}

impl Storage {
    /// The log of this name, with these settings: the one that is in the folder, or a new one.
    ///
    /// A name is `[a-zA-Z0-9._-]{1,249}`. A new log costs no file until something is appended to it.
    ///
    /// # Errors
    /// [`Error::IllegalName`].
    pub fn open_log(
        &self,
        name: impl Into<LogName>,
        config: LogConfig,
    ) -> Result<std::sync::Arc<Log>, Error> {
        let name = name.into();
        if let Some(log) = self.log(&name) {
            log.set_config(config);
            return Ok(log);
        }
        match self.create_log(name.clone(), self.new_id(), config.clone()) {
            // Another thread was faster.
            Err(Error::Exists(_)) => self.log(&name).ok_or(Error::Unknown(name)),
            created => created,
        }
    }
}

impl From<&str> for LogName {
    /// The log of a program that has no topics: partition 0.
    fn from(name: &str) -> Self {
        Self::new(name, 0)
    }
}
