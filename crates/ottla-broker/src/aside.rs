//! Work that may wait for the disk in the thread that does it, beside the threads that serve requests.
//!
//! Making and removing files, and what is written while others wait for its lock, is rare and slow: a hop costs it
//! nothing, and a disk that stands still must not take the runtime's threads with it. Where the runtime has no other
//! threads, as in a simulation, it is done in place.

use std::pin::Pin;
use std::sync::Arc;

use ottla_env::Env;
use tokio::sync::{Semaphore, oneshot};

use crate::api::Handling;
use crate::broker::Core;

/// Requests whose work is under way at one time; further ones wait for their turn without a thread.
const REQUESTS_MAX: usize = 16;

/// The requests that are handled aside.
#[derive(Debug)]
pub(crate) struct Asides(Arc<Semaphore>);

impl Asides {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(REQUESTS_MAX)))
    }
}

/// Comes to what the work does, which begins at once where there are threads for it, and goes on there when this is dropped.
pub(crate) fn run<T: Send + 'static>(
    env: &Env,
    work: impl Future<Output = T> + Send + 'static,
) -> Pin<Box<dyn Future<Output = T> + Send>> {
    if !env.has_threads() {
        return Box::pin(work);
    }
    let (sender, done) = oneshot::channel();
    env.spawn_aside(async move {
        let _gone = sender.send(work.await);
    });
    Box::pin(async move {
        match done.await {
            Ok(done) => done,
            // The runtime ends, and this with it.
            Err(_) => std::future::pending().await,
        }
    })
}

/// Handles a request aside; the connection's next one waits for it.
pub(crate) fn handle(
    core: &Arc<Core>,
    handle: impl FnOnce(&Arc<Core>) -> Handling + Send + 'static,
) -> Handling {
    if !core.env.has_threads() {
        return handle(core);
    }
    let core = Arc::clone(core);
    let reply = async move {
        let place = Arc::clone(&core.asides.0).acquire_owned().await;
        let env = core.env.clone();
        run(&env, async move {
            let _place = place;
            handle(&core).reply().await
        })
        .await
    };
    Handling::Later { reply: Box::pin(reply), overlap: false }
}
