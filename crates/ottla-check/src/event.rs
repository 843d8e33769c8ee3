//! What a history is made of: who asked for what, what came of it, and what was seen. Each event is one line of JSON.
//!
//! An event that asks carries a number, `op`, which no other has; `ok`, `fail` or `info` with that number says what
//! came of it. All others tell a fact on their own.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One event: when, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// When, on one clock for the whole history; in microseconds by custom. It never goes back.
    pub at: u64,
    /// What.
    pub what: What,
}

impl Event {
    /// Something that happened then.
    pub fn new(at: u64, what: What) -> Self {
        Self { at, what }
    }
}

/// A partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// Name of the topic.
    pub topic: String,
    /// Index of the partition.
    pub partition: i32,
}

impl Partition {
    /// This partition of this topic.
    pub fn new(topic: impl Into<String>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// Where it was.
    pub offset: i64,
    /// Which it is: the value that it was sent with, or whatever stands for its key, value and headers.
    pub value: String,
}

/// What a group has committed in a partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Committed {
    /// Name of the topic.
    pub topic: String,
    /// Index of the partition.
    pub partition: i32,
    /// The next offset to read.
    pub offset: i64,
}

impl Committed {
    /// The partition.
    pub fn place(&self) -> Partition {
        Partition::new(self.topic.as_str(), self.partition)
    }
}

/// Where a partition begins and ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watermarks {
    /// Name of the topic.
    pub topic: String,
    /// Index of the partition.
    pub partition: i32,
    /// The first offset that is there; what is before it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// The last stable offset: what is before it is of no open transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stable: Option<i64>,
    /// The high watermark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
}

impl Watermarks {
    /// The partition.
    pub fn place(&self) -> Partition {
        Partition::new(self.topic.as_str(), self.partition)
    }
}

/// When a send is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acks {
    /// When it is as durable as the broker makes it.
    #[default]
    All,
    /// When it is written: it survives the end of the process, and not the loss of power.
    Leader,
    /// Never.
    None,
}

/// What a reader wants to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// All records.
    #[default]
    ReadUncommitted,
    /// Those of no transaction, and of committed ones.
    ReadCommitted,
}

/// What a member of a share group does with records that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// They are done.
    Accept,
    /// Somebody else is to have them.
    Release,
    /// Nobody is to have them.
    Reject,
    /// It needs more time.
    Renew,
}

/// How a transaction is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// All of it is there.
    Commit,
    /// None of it is.
    Abort,
}

/// What went wrong on purpose, as far as it excuses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Connections were cut, or the broker ended: sends may be repeated.
    Cut,
    /// From here on connections are cut at any time.
    Flaky,
    /// Nothing is answered from here on, so that what is asked may be sent again.
    Stall,
    /// A stall has ended.
    Resume,
    /// The broker was killed, or stopped, and starts again.
    Restart,
    /// The machine lost its power.
    PowerLoss,
    /// Calls to the disk fail from here on.
    Disk,
}

/// What is special about a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Nothing.
    #[default]
    Plain,
    /// Each offset is a record, since there are no transactions, and nothing is compacted or deleted: a gap is a hole.
    Dense,
    /// It is compacted, so that records may go.
    Compacted,
}

/// What happened. On a line, `type` is its name; fields that are missing have the value said here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum What {
    /// Somebody begins to send a record.
    Send {
        /// The number of this question.
        op: u64,
        /// Who: one producer in one life. The order of its sends to a partition is to be kept.
        who: String,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// Which record it is: no other send of the history has this value.
        value: String,
        /// When it is acknowledged; `all` unless said.
        #[serde(default, skip_serializing_if = "is_default")]
        acks: Acks,
        /// Whether the producer numbers its batches, so that a retry is no second record.
        #[serde(default, skip_serializing_if = "is_default")]
        idempotent: bool,
        /// The transaction that it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction: Option<String>,
    },
    /// A producer begins to claim its transactional id.
    Init {
        /// The number of this question.
        op: u64,
        /// The producer.
        who: String,
        /// What it claims.
        transactional_id: String,
    },
    /// A transaction begins, which so far only its producer knows.
    Begin {
        /// The producer.
        who: String,
        /// A name for it that no other has.
        transaction: String,
    },
    /// A producer asks for the end of a transaction.
    End {
        /// The number of this question.
        op: u64,
        /// The producer.
        who: String,
        /// The transaction.
        transaction: String,
        /// How.
        how: End,
    },
    /// Somebody begins to commit offsets of a group.
    Commit {
        /// The number of this question.
        op: u64,
        /// The member, or the producer.
        who: String,
        /// The group.
        group: String,
        /// The generation of a classic group in which it is made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        generation: Option<i32>,
        /// The transaction that it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction: Option<String>,
        /// What is committed, unless the answer tells it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        offsets: Vec<Committed>,
    },
    /// Somebody asks what a group has committed.
    Committed {
        /// The number of this question.
        op: u64,
        /// Who.
        who: String,
        /// The group.
        group: String,
    },
    /// Somebody asks where partitions begin and end.
    Ends {
        /// The number of this question.
        op: u64,
        /// Who.
        who: String,
    },
    /// A member of a share group tells what is to become of records that it holds.
    Acknowledge {
        /// The number of this question.
        op: u64,
        /// The member.
        who: String,
        /// The group.
        group: String,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The first of them.
        first: i64,
        /// The last of them.
        last: i64,
        /// What is to become of them.
        how: How,
    },
    /// It was done.
    Ok {
        /// The question.
        op: u64,
        /// Of a send: the offset, unless nobody was asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offset: Option<i64>,
        /// Of an init: the producer id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        producer_id: Option<i64>,
        /// Of an init: the epoch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<i16>,
        /// Of `committed`, and of a `commit` that did not say: the offsets.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        offsets: Vec<Committed>,
        /// Of `ends`: what was told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ends: Vec<Watermarks>,
    },
    /// It was certainly not done.
    Fail {
        /// The question.
        op: u64,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// It was done or not, or will be yet.
    Info {
        /// The question.
        op: u64,
        /// Why nobody knows.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// A reader was given records of a partition, in this order.
    Poll {
        /// The reader: what it is given must follow what it was given before.
        who: String,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The records.
        records: Vec<Read>,
        /// What it wants to see; all records unless said.
        #[serde(default, skip_serializing_if = "is_default")]
        isolation: Isolation,
        /// The group that it is a member of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// The transaction in which the reader makes something of what it reads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction: Option<String>,
    },
    /// A reader goes elsewhere.
    Seek {
        /// The reader.
        who: String,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The next offset to be read; anywhere unless said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offset: Option<i64>,
    },
    /// A member of a group is given partitions.
    Assigned {
        /// The member.
        who: String,
        /// The group.
        group: String,
        /// The generation of a classic group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        generation: Option<i32>,
        /// The name of a static member: whoever comes later under it takes its place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<String>,
        /// What it is given in addition to what it has.
        partitions: Vec<Partition>,
    },
    /// A member has given up partitions, or lost them.
    Revoked {
        /// The member.
        who: String,
        /// The group.
        group: String,
        /// Which.
        partitions: Vec<Partition>,
    },
    /// A member has left its group or is no more.
    Left {
        /// The member.
        who: String,
        /// The group.
        group: String,
    },
    /// A member is done with all records of a partition before an offset. A group of which this is told
    /// has read the partition from its beginning.
    Handled {
        /// The member.
        who: String,
        /// The group.
        group: String,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// Behind the last record that it is done with.
        next: i64,
    },
    /// Somebody sets the offsets of a group on purpose, so that they may go back.
    Reset {
        /// The group.
        group: String,
        /// To where, at the least.
        offsets: Vec<Committed>,
    },
    /// What to know of a share group.
    ShareGroup {
        /// The group.
        group: String,
        /// Topics that it reads from their beginning.
        topics: Vec<String>,
        /// How often a record is delivered at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery_limit: Option<u16>,
        /// How long a record is held without a renewal, on the clock of the events.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lock: Option<u64>,
    },
    /// A member of a share group asks for records. What it is given is told before the answer to this; without an
    /// answer, records may have been given to it that nobody saw.
    Acquire {
        /// The number of this question.
        op: u64,
        /// The member: one connection. Before it asks on another, it has `left`.
        who: String,
        /// The group.
        group: String,
    },
    /// A member of a share group is given records to hold.
    Acquired {
        /// The member.
        who: String,
        /// The group.
        group: String,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The first of them.
        first: i64,
        /// The last of them.
        last: i64,
        /// How often they were delivered, this time included.
        count: u16,
        /// Until when it holds them at the least: counted from when it asked.
        until: u64,
    },
    /// What to know of a topic.
    Topic {
        /// The topic.
        topic: String,
        /// What is special.
        kind: Topic,
    },
    /// Something goes wrong on purpose.
    Fault {
        /// What.
        kind: Fault,
    },
    /// Everything that was asked before must have been answered by now.
    Settled {},
    /// Nothing is sent any more, and this reader reads every partition from its beginning to its end: what it does not
    /// see is not there.
    Audit {
        /// The reader.
        who: String,
    },
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
