//! The topics that are served, and their partitions.
//!
//! Read by every request and changed only when metadata is published: a lookup takes a read lock for the
//! moment of cloning an `Arc`, and nothing is read or written under it. What the topics ought to be is in
//! [`crate::metadata`].

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ottla_protocol::wire::{Str, Uuid};

use crate::config::{TopicConfig, TopicSettings};
use crate::partition::Partition;

/// A topic that is served.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) id: Uuid,
    pub(crate) name: Str,
    pub(crate) config: TopicConfig,
    pub(crate) settings: TopicSettings,
    partitions: Vec<Option<Arc<dyn Partition>>>,
}

impl Topic {
    /// A topic with its partitions; `None` for one whose log could not be opened.
    pub(crate) fn new(
        id: Uuid,
        name: Str,
        config: TopicConfig,
        settings: TopicSettings,
        partitions: Vec<Option<Arc<dyn Partition>>>,
    ) -> Self {
        Self { id, name, config, settings, partitions }
    }

    /// The same topic, with other settings.
    pub(crate) fn with_settings(&self, settings: TopicSettings) -> Self {
        let Self { id, name, config, partitions, .. } = self;
        Self::new(*id, name.clone(), config.clone(), settings, partitions.clone())
    }

    /// The partition of this number: no such partition is `None`, one without a log `Some(None)`.
    pub(crate) fn partition(&self, index: i32) -> Option<Option<&Arc<dyn Partition>>> {
        self.partitions.get(usize::try_from(index).ok()?).map(Option::as_ref)
    }

    /// All partitions in order, `None` for one whose log could not be opened.
    pub(crate) fn partitions(&self) -> impl ExactSizeIterator<Item = Option<&Arc<dyn Partition>>> {
        self.partitions.iter().map(Option::as_ref)
    }
}

/// All topics that are served.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    topics: RwLock<Topics>,
    version: AtomicI64,
}

#[derive(Debug, Default)]
struct Topics {
    by_name: BTreeMap<Str, Arc<Topic>>,
    by_id: HashMap<[u8; 16], Arc<Topic>>, // looked up only, never walked
}

impl Directory {
    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<Topic>> {
        self.read(|topics| topics.by_name.get(name).cloned())
    }

    pub(crate) fn by_id(&self, id: Uuid) -> Option<Arc<Topic>> {
        self.read(|topics| topics.by_id.get(&id.0).cloned())
    }

    /// All topics, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Topic>> {
        self.read(|topics| topics.by_name.values().cloned().collect())
    }

    /// A number that grows with each change, to see cheaply that there was one.
    pub(crate) fn version(&self) -> i64 {
        self.version.load(Ordering::Acquire)
    }

    pub(crate) fn insert(&self, topic: Arc<Topic>) {
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        topics.by_id.insert(topic.id.0, Arc::clone(&topic));
        topics.by_name.insert(topic.name.clone(), topic);
        self.version.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn remove(&self, id: Uuid) -> Option<Arc<Topic>> {
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        let removed = topics.by_id.remove(&id.0)?;
        topics.by_name.remove(&removed.name);
        self.version.fetch_add(1, Ordering::Release);
        Some(removed)
    }

    fn read<T>(&self, look: impl FnOnce(&Topics) -> T) -> T {
        // No code panics while it holds the lock, so what a poisoned one guards is whole.
        look(&self.topics.read().unwrap_or_else(PoisonError::into_inner))
    }
}
