//! Background tasks of a storage, run when the world has time for them.

use std::sync::Mutex;
use std::task::{Context, Waker};

use ottla_env::{Spawn, Task};

#[derive(Default)]
pub(crate) struct Tasks(Mutex<Vec<Task>>);

impl Tasks {
    /// Polls each task once.
    pub(crate) fn run(&self) {
        let mut tasks = std::mem::take(&mut *self.0.lock().expect("nobody panicked"));
        tasks.retain_mut(|task| task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        self.0.lock().expect("nobody panicked").append(&mut tasks);
    }

    pub(crate) fn clear(&self) {
        drop(std::mem::take(&mut *self.0.lock().expect("nobody panicked")));
    }
}

impl Spawn for Tasks {
    fn spawn(&self, task: Task) {
        self.0.lock().expect("nobody panicked").push(task);
    }
}
