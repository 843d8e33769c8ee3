//! What a broker does from time to time: checkpoints, the deletion of old records, syncs that `flush.ms` asks for.
//!
//! When, is here; what is done is in `ottla_storage`. Each chore is a task that ends with the broker.

use std::sync::Arc;
use std::time::Duration;

use ottla_storage::Storage;
use tokio::sync::watch;

use super::Core;
use crate::aside;
use crate::config::live::LiveConfig;

/// The longest time between two checkpoints of how far logs are synced.
const CHECKPOINT_INTERVAL_MAX: Duration = Duration::from_secs(5);

/// The shortest time between two looks at which logs are due to be synced.
const SYNC_INTERVAL_MIN: Duration = Duration::from_millis(10);

impl Core {
    /// Does a chore again and again, first after `wait` and then after what each time answers, with the settings of that
    /// moment. The end of the broker breaks it off.
    pub(super) fn repeat<F>(
        self: &Arc<Self>,
        mut closed: watch::Receiver<bool>,
        mut wait: Duration,
        chore: impl Fn(Storage, Arc<LiveConfig>) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Duration> + Send + 'static,
    {
        let (core, env, chore) = (Arc::downgrade(self), self.env.clone(), Arc::new(chore));
        self.env.spawn(async move {
            loop {
                tokio::select! {
                    biased;
                    _ = closed.wait_for(|closed| *closed) => return, // also when the broker is gone
                    () = tokio::time::sleep(wait) => {}
                }
                let now = core.upgrade().map(|core| (core.storage.clone(), core.configs.broker()));
                let Some((storage, live)) = now else { return };
                let (mut closed, chore) = (closed.clone(), Arc::clone(&chore));
                let done = aside::run(&env, async move {
                    tokio::select! {
                        biased;
                        _ = closed.wait_for(|closed| *closed) => None,
                        wait = chore(storage, live) => Some(wait),
                    }
                });
                let Some(next) = done.await else { return };
                wait = next;
            }
        });
    }

    pub(super) fn checkpoint_from_time_to_time(self: &Arc<Self>, mut closed: watch::Receiver<bool>) {
        let configured = self.config.number::<u64>("log.flush.offset.checkpoint.interval.ms");
        let interval = Duration::from_millis(configured.max(1)).min(CHECKPOINT_INTERVAL_MAX);
        let (core, env) = (Arc::downgrade(self), self.env.clone());
        self.env.spawn(async move {
            loop {
                let Some(storage) = core.upgrade().map(|core| core.storage.clone()) else { return };
                let due = storage.checkpoint_due();
                tokio::select! {
                    biased;
                    _ = closed.wait_for(|closed| *closed) => return, // also when the broker is gone
                    () = due => {}
                    () = tokio::time::sleep(interval) => {}
                }
                if let Err(error) = aside::run(&env, async move { storage.checkpoint().await }).await {
                    tracing::warn!(%error, "the recovery points could not be written");
                }
            }
        });
    }

    /// Deletes what is too old or too much, every `log.retention.check.interval.ms`.
    pub(super) fn maintain_from_time_to_time(self: &Arc<Self>, mut closed: watch::Receiver<bool>) {
        let ms = |key| Duration::from_millis(self.config.number::<u64>(key));
        let interval = ms("log.retention.check.interval.ms").max(Duration::from_millis(1));
        let mut wait = ms("log.initial.task.delay.ms");
        let (core, env) = (Arc::downgrade(self), self.env.clone());
        self.env.spawn(async move {
            loop {
                tokio::select! {
                    biased;
                    _ = closed.wait_for(|closed| *closed) => return, // also when the broker is gone
                    () = tokio::time::sleep(wait) => wait = interval,
                }
                let Some(storage) = core.upgrade().map(|core| core.storage.clone()) else { return };
                if let Err(error) = aside::run(&env, async move { storage.maintain().await }).await {
                    tracing::warn!(%error, "old records could not be deleted");
                }
            }
        });
    }

    /// Syncs what has waited for `flush.ms`, where that comes before the next checkpoint, which syncs everything.
    pub(super) fn sync_from_time_to_time(self: &Arc<Self>, mut closed: watch::Receiver<bool>) {
        let mut shortest = self.flush_ms_min.subscribe();
        let core = Arc::downgrade(self);
        self.env.spawn(async move {
            loop {
                let flush_ms = *shortest.borrow_and_update();
                let interval =
                    Duration::from_millis(u64::try_from(flush_ms).unwrap_or(0)).max(SYNC_INTERVAL_MIN);
                tokio::select! {
                    biased;
                    _ = closed.wait_for(|closed| *closed) => return,
                    changed = shortest.changed() => match changed {
                        Ok(()) => continue,
                        Err(_) => return,
                    },
                    () = tokio::time::sleep(interval), if interval < CHECKPOINT_INTERVAL_MAX => {}
                }
                let Some(storage) = core.upgrade().map(|core| core.storage.clone()) else { return };
                storage.sync_due();
            }
        });
    }

    /// Takes note of the shortest `flush.ms` of all topics, after one of them has changed.
    pub(super) fn note_flush_ms(&self, changed_ms: i64) {
        if changed_ms == i64::MAX && *self.flush_ms_min.borrow() == i64::MAX {
            return;
        }
        let all = self.directory.all();
        let shortest = all.iter().map(|topic| topic.settings.flush_ms).min().unwrap_or(i64::MAX);
        self.flush_ms_min.send_if_modified(|known| std::mem::replace(known, shortest) != shortest);
    }
}
