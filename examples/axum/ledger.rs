//! The table of orders, as far as the topic was read.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Amounts by order, the last one counts.
#[derive(Debug)]
pub(crate) struct Ledger {
    amounts: Mutex<BTreeMap<String, String>>,
    /// The last offset that is in it.
    read: watch::Sender<i64>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { amounts: Mutex::default(), read: watch::Sender::new(-1) }
    }
}

impl Ledger {
    /// Takes in a record.
    pub(crate) fn take(&self, offset: i64, order: &[u8], amount: &[u8]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.amounts().insert(text(order), text(amount));
        self.read.send_replace(offset);
    }

    /// The amount of an order.
    pub(crate) fn amount(&self, order: &str) -> Option<String> {
        self.amounts().get(order).cloned()
    }

    /// Waits until the record at `offset` is in it: who wrote it may read it.
    pub(crate) async fn has_read(&self, offset: i64) {
        // It fails only without a sender, and this is one.
        let _ = self.read.subscribe().wait_for(|read| *read >= offset).await;
    }

    fn amounts(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.amounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
