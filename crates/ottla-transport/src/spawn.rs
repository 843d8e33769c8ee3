//! Background tasks on tokio: the implementation of [`ottla_env::Spawn`] that tokio programs use.

use ottla_env::{Spawn, Task};
use tokio::runtime::{Handle, RuntimeFlavor};

/// Spawns on a tokio runtime.
#[derive(Clone, Debug, Default)]
pub struct TokioSpawn {
    handle: Option<Handle>,
}

impl TokioSpawn {
    /// Spawns on the runtime that each call comes from, which therefore must come from one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Spawns on this runtime, wherever the call comes from.
    pub fn on(handle: Handle) -> Self {
        Self { handle: Some(handle) }
    }
}

impl Spawn for TokioSpawn {
    fn spawn(&self, task: Task) {
        // The join handle is dropped: the task answers to nobody, as the trait says.
        match &self.handle {
            Some(handle) => drop(handle.spawn(task)),
            None => drop(tokio::spawn(task)),
        }
    }

    /// The threads are those of [`spawn_blocking`](tokio::task::spawn_blocking). A runtime of one thread is taken for one
    /// that is to do everything in its order, as simulations are.
    fn has_threads(&self) -> bool {
        let flavor = match &self.handle {
            Some(handle) => Ok(handle.runtime_flavor()),
            None => Handle::try_current().map(|handle| handle.runtime_flavor()),
        };
        !matches!(flavor, Ok(RuntimeFlavor::CurrentThread) | Err(_))
    }

    fn spawn_aside(&self, task: Task) {
        if !self.has_threads() {
            return self.spawn(task);
        }
        let handle = self.handle.clone().unwrap_or_else(Handle::current);
        let runtime = handle.clone();
        drop(handle.spawn_blocking(move || runtime.block_on(task)));
    }
}
