//! Background tasks on tokio: the implementation of [`ottla_env::Spawn`] that tokio programs use.

use ottla_env::{Spawn, Task};
use tokio::runtime::Handle;

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
}
