//! The metadata of the cluster: topics, their overrides, which producer ids were given out, and what was set for
//! brokers, groups and client metrics.
//!
//! It is event-sourced: a request becomes [`record`]s, these are appended to the log `__ottla_metadata-0`,
//! and what is known ([`image`]) changes only by applying them, so that a replay at start comes to the same.
//! The [`journal`] appends, waits until they are durable, and then has them published. The partitions that
//! belong to the topics are in [`crate::directory`].

pub(crate) mod image;
pub(crate) mod journal;
pub(crate) mod record;
