//! The seams as one value, to be cloned into whatever needs them.

use std::fmt;
use std::sync::Arc;

use crate::{Rng, Seeds, Spawn, WallClock};

/// Clock, seeds and spawning of one process, or of one simulated world.
///
/// Cloning is cheap and shares them.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn WallClock>,
    seeds: Arc<dyn Seeds>,
    spawn: Arc<dyn Spawn>,
}

impl Env {
    /// Joins the three seams.
    pub fn new(clock: Arc<dyn WallClock>, seeds: Arc<dyn Seeds>, spawn: Arc<dyn Spawn>) -> Self {
        Self { clock, seeds, spawn }
    }

    /// Unix milliseconds now.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A fresh generator on a seed of its own.
    pub fn rng(&self) -> Rng {
        Rng::new(self.seeds.next_seed())
    }

    /// Runs a future in the background.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.spawn.spawn(Box::pin(future));
    }

    /// Whether there are threads for what is run [aside](Self::spawn_aside).
    pub fn has_threads(&self) -> bool {
        self.spawn.has_threads()
    }

    /// Runs a future in the background that may keep its thread waiting, on a thread that no other task needs if there
    /// are such threads.
    pub fn spawn_aside(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.spawn.spawn_aside(Box::pin(future));
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn WallClock> {
        &self.clock
    }

    /// The source of seeds.
    pub fn seeds(&self) -> &Arc<dyn Seeds> {
        &self.seeds
    }

    /// The executor behind [`spawn`](Self::spawn).
    pub fn spawner(&self) -> &Arc<dyn Spawn> {
        &self.spawn
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::task::{Context, Waker};

    use super::*;
    use crate::{FixedSeeds, ManualClock, Task};

    /// Keeps tasks until the test runs them.
    #[derive(Default)]
    struct Queue(Mutex<Vec<Task>>);

    impl Spawn for Queue {
        fn spawn(&self, task: Task) {
            self.0.lock().unwrap().push(task);
        }
    }

    #[test]
    fn clones_share_clock_seeds_and_executor() {
        let clock = ManualClock::new(5);
        let queue = Arc::new(Queue::default());
        let env = Env::new(Arc::new(clock.clone()), Arc::new(FixedSeeds::new(1)), queue.clone());
        let copy = env.clone();

        assert_ne!(env.rng(), copy.rng());
        let spawned_clock = clock.clone();
        copy.spawn(async move { spawned_clock.set(6) });
        assert_eq!(env.now_ms(), 5);
        for mut task in queue.0.lock().unwrap().drain(..) {
            assert!(task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        }
        assert_eq!(copy.now_ms(), 6);
    }
}
