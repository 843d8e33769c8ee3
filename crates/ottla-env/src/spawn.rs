//! Starting a task in the background, on whatever executor the embedder runs.
//!
//! This crate knows no executor; the crates that use tokio bring an implementation for it.

use std::pin::Pin;

/// A task to run to its end: it owns what it needs and answers to nobody.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts tasks.
pub trait Spawn: Send + Sync {
    /// Runs `task` in the background. It is polled on the executor behind this seam, never
    /// inside this call, and dropped unfinished when that executor shuts down.
    fn spawn(&self, task: Task);

    /// Whether [`spawn_aside`](Self::spawn_aside) has threads of its own. By default it has none.
    fn has_threads(&self) -> bool {
        false
    }

    /// Runs `task`, which may keep its thread waiting (for a disk, say), on a thread that no other
    /// task needs. Without such threads it is run as any other.
    fn spawn_aside(&self, task: Task) {
        self.spawn(task);
    }
}
