//! Being closed: said by a handle, or by the drop of the last one, and heard by background work.
//!
//! What closing means for requests and records is up to whoever is closed.

use std::fmt;
use std::sync::Arc;

use crate::watched::Watched;

/// Whether a client is closed. Clones share it.
#[derive(Clone)]
pub struct Closing(Arc<Watched<bool>>);

/// Closes when it is dropped.
#[derive(Debug)]
pub struct CloseOnDrop(Closing);

impl Closing {
    /// Not closed yet.
    pub fn new() -> Self {
        Self(Arc::new(Watched::new(false)))
    }

    /// Closes, for good.
    pub fn close(&self) {
        self.0.set(true);
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.0.get()
    }

    /// What closes it when dropped. The handles of a client share one, and its background work has none.
    pub fn on_drop(&self) -> CloseOnDrop {
        CloseOnDrop(self.clone())
    }

    /// Works until `work` is done or this is closed; `work` then is dropped.
    pub async fn interrupt(&self, work: impl Future<Output = ()>) {
        let mut closed = self.0.watch();
        tokio::select! {
            biased;
            () = closed.wait_for(|closed| *closed) => {}
            () = work => {}
        }
    }
}

impl Default for Closing {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Closing").field(&self.is_closed()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_drop_of_the_last_handle_ends_the_work() {
        let closing = Closing::new();
        let handles = Arc::new(closing.on_drop());
        let last = Arc::clone(&handles);
        let work = tokio::spawn({
            let closing = closing.clone();
            async move { closing.interrupt(std::future::pending()).await }
        });
        drop(handles);
        tokio::task::yield_now().await;
        assert!(!closing.is_closed() && !work.is_finished());
        drop(last);
        work.await.unwrap();
        assert!(closing.is_closed());
    }

    #[tokio::test]
    async fn nothing_is_begun_once_it_is_closed() {
        let closing = Closing::new();
        closing.close();
        closing.interrupt(async { unreachable!("it is closed") }).await;
    }
}
