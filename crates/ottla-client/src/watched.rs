//! A value that many wait to change, and that wakes them in the order in which they began to wait.
//!
//! `tokio::sync::watch` would do but for that order, which it draws at random: with it, one seed of a simulation
//! would not always go the same way.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;

use crate::lock::lock;

/// The value, for who changes it.
pub(crate) struct Watched<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    value: Mutex<Versioned<T>>,
    changed: Notify,
}

struct Versioned<T> {
    version: u64,
    value: T,
}

impl<T: Clone> Watched<T> {
    pub(crate) fn new(value: T) -> Self {
        let value = Mutex::new(Versioned { version: 0, value });
        Self { shared: Arc::new(Shared { value, changed: Notify::new() }) }
    }

    /// The value of now.
    pub(crate) fn get(&self) -> T {
        self.shared.value().value.clone()
    }

    /// Puts another in its place, and wakes all who wait.
    pub(crate) fn set(&self, value: T) {
        self.change_if(|old| {
            *old = value;
            true
        });
    }

    /// Changes it, and wakes all who wait if that is so by what is returned, which is handed on.
    pub(crate) fn change_if(&self, change: impl FnOnce(&mut T) -> bool) -> bool {
        let mut value = self.shared.value();
        let is_news = change(&mut value.value);
        value.version += u64::from(is_news);
        drop(value);
        if is_news {
            self.shared.changed.notify_waiters();
        }
        is_news
    }

    /// Begins to watch: what comes from now on is news.
    pub(crate) fn watch(&self) -> Watch<T> {
        let seen = self.shared.value().version;
        Watch { shared: Arc::clone(&self.shared), seen }
    }
}

impl<T> Shared<T> {
    fn value(&self) -> MutexGuard<'_, Versioned<T>> {
        lock(&self.value)
    }
}

/// Watches a value that changes.
pub struct Watch<T> {
    shared: Arc<Shared<T>>,
    seen: u64,
}

impl<T: Clone> Watch<T> {
    /// The value of now, which counts as seen.
    pub fn see(&mut self) -> T {
        let value = self.shared.value();
        self.seen = value.version;
        value.value.clone()
    }

    /// Whether it changed since it was last seen.
    pub fn has_changed(&self) -> bool {
        self.shared.value().version != self.seen
    }

    /// Waits until it differs from what was last seen; nothing is seen by that. Whoever waits longest is woken first.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn changed(&self) {
        loop {
            // Before the look, so that no change falls between the two.
            let changed = self.shared.changed.notified();
            if self.has_changed() {
                return;
            }
            changed.await;
        }
    }

    /// Waits until the value is so.
    pub(crate) async fn wait_for(&mut self, is_so: impl Fn(&T) -> bool) {
        while !is_so(&self.see()) {
            self.changed().await;
        }
    }
}

impl<T> std::fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("seen", &self.seen).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_longest_is_woken_first() {
        let watched = Watched::new(0);
        let woken = Arc::new(Mutex::new(Vec::new()));
        let waits: Vec<_> = (0..20)
            .map(|number| {
                let (watch, woken) = (watched.watch(), Arc::clone(&woken));
                tokio::spawn(async move {
                    watch.changed().await;
                    woken.lock().unwrap().push(number);
                })
            })
            .collect();
        tokio::task::yield_now().await;
        watched.set(1);
        for wait in waits {
            wait.await.unwrap();
        }
        assert_eq!(*woken.lock().unwrap(), (0..20).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_was_seen_is_no_news() {
        let watched = Watched::new(0);
        let mut watch = watched.watch();
        assert!(!watched.change_if(|_| false) && !watch.has_changed());
        watched.set(1);
        watch.changed().await;
        assert!(watch.has_changed());
        assert_eq!((watch.see(), watch.has_changed()), (1, false));
        watch.wait_for(|value| *value == 1).await;
    }
}
