//! What is opened once, by whoever wants it first, and shared from then on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use super::record::SharePartitionKey;

type Cells<V> = BTreeMap<SharePartitionKey, Arc<OnceCell<Arc<V>>>>;

/// Share-partitions that are open, or are being opened: of each there is one at a time.
pub(super) struct Opened<V> {
    cells: Mutex<Cells<V>>,
}

impl<V> Default for Opened<V> {
    fn default() -> Self {
        Self { cells: Mutex::default() }
    }
}

impl<V> Opened<V> {
    fn cells(&self) -> MutexGuard<'_, Cells<V>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that is open already.
    pub(super) fn get(&self, key: &SharePartitionKey) -> Option<Arc<V>> {
        self.cells().get(key)?.get().cloned()
    }

    /// One, opened if it is not. Who comes while it is being opened waits for that, and opens it himself
    /// if it fails. Cancel safe.
    pub(super) async fn enter<E, F: Future<Output = Result<Arc<V>, E>>>(
        &self,
        key: &SharePartitionKey,
        open: impl Fn() -> F,
    ) -> Result<Arc<V>, E> {
        loop {
            let cell = Arc::clone(self.cells().entry(key.clone()).or_default());
            let opened = cell.get_or_try_init(&open).await.cloned();
            let mut cells = self.cells();
            let is_known = cells.get(key).is_some_and(|known| Arc::ptr_eq(known, &cell));
            match opened {
                // It was forgotten while it was being opened, or somebody failed who wanted it before: others
                // would open a second one beside this.
                Ok(_) if !is_known => {}
                Ok(opened) => return Ok(opened),
                Err(error) => {
                    // Nothing is kept of what is not there.
                    if is_known && !cell.initialized() {
                        cells.remove(key);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Forgets one, unless another has come in its place.
    pub(super) fn forget(&self, key: &SharePartitionKey, one: &Arc<V>) {
        let mut cells = self.cells();
        if cells.get(key).and_then(|cell| cell.get()).is_some_and(|known| Arc::ptr_eq(known, one)) {
            cells.remove(key);
        }
    }

    /// Forgets those that are meant, and does this with each that is open.
    pub(super) fn forget_all(&self, is_meant: impl Fn(&SharePartitionKey) -> bool, mut each: impl FnMut(&V)) {
        self.cells().retain(|key, cell| {
            let is_meant = is_meant(key);
            if is_meant && let Some(one) = cell.get() {
                each(one);
            }
            !is_meant
        });
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use ottla_protocol::wire::{Str, Uuid};
    use tokio::sync::oneshot;

    use super::*;

    fn key() -> SharePartitionKey {
        SharePartitionKey::new(&Str::from_static("g"), Uuid([1; 16]), 0)
    }

    type Outcome = Result<u32, &'static str>;

    /// Two that enter at one time, the first of whom fails or goes on when he is told, and what is open afterwards.
    async fn two(first: impl AsyncFnOnce(&Opened<u32>, oneshot::Sender<Outcome>)) -> (Outcome, Option<u32>) {
        let opened = Opened::default();
        let (tell, told) = oneshot::channel::<Outcome>();
        let told = RefCell::new(Some(told));
        let one = async {
            let open = || {
                let told = told.borrow_mut().take();
                async {
                    match told {
                        Some(told) => told.await.unwrap_or(Err("called off")).map(Arc::new),
                        None => Ok(Arc::new(11)),
                    }
                }
            };
            opened.enter(&key(), open).await.map(|one| *one)
        };
        let other =
            async { opened.enter(&key(), || std::future::ready(Ok(Arc::new(2)))).await.map(|two| *two) };
        let (_, two, ()) = tokio::join!(one, other, first(&opened, tell));
        (two, opened.get(&key()).map(|one| *one))
    }

    #[tokio::test]
    async fn who_waits_for_one_that_fails_opens_it_and_everybody_finds_that() {
        let (two, found) = two(async |_, tell| tell.send(Err("no")).unwrap()).await;
        assert_eq!((two, found), (Ok(2), Some(2)));
    }

    #[tokio::test]
    async fn who_waits_for_one_that_goes_well_gets_the_same() {
        let (two, found) = two(async |_, tell| tell.send(Ok(1)).unwrap()).await;
        assert_eq!((two, found), (Ok(1), Some(1)));
    }

    #[tokio::test]
    async fn what_was_forgotten_while_it_was_opened_is_not_used() {
        let (two, found) = two(async |opened, tell| {
            opened.forget_all(|_| true, |_| panic!("none is open"));
            tell.send(Ok(1)).unwrap();
        })
        .await;
        assert_ne!(two, Ok(1), "what it was opened from is no more");
        assert_eq!(two.ok(), found);
    }

    #[tokio::test]
    async fn nothing_is_kept_of_what_cannot_be_opened() {
        let opened = Opened::<u32>::default();
        assert_eq!(opened.enter(&key(), || std::future::ready(Err("no"))).await, Err("no"));
        assert!(opened.cells().is_empty());
    }
}
