//! Requests of many members at once, which must not take the threads that serve everybody else.
//!
//! All members of a large group come at the same moment: they were answered together, and their heartbeats stay together.
//! Each request is small, but whoever comes behind hundreds of them waits for them all. So few are served at a time, and the
//! others wait in line where they are in nobody's way.
//!
//! A shard decides one request at a time, and some decisions are long: a large group's generation begins, and is written
//! down. Whoever waited for its lock meanwhile would hold up a thread of the runtime, and a
//! few members all of them. So a request whose shard is taken lets others go first and comes back; and one that is known to
//! be long is handled aside.

use std::sync::Arc;

use ottla_protocol::wire::Str;
use tokio::sync::Semaphore;

use crate::api::Handling;
use crate::aside;
use crate::broker::Core;

/// How often a request comes back before it waits for the lock after all.
const TURNS_MAX: usize = 1_000;

/// How many members are served at a time.
const SERVED_MAX: usize = 4;

/// The line that members of groups wait in.
#[derive(Debug)]
pub(crate) struct Crowd(Arc<Semaphore>);

impl Crowd {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(SERVED_MAX)))
    }
}

/// What is known of a request before it is handled.
pub(crate) struct Nature<R> {
    /// The group that it is about.
    pub(crate) group: fn(&R) -> &Str,
    /// Whether it takes long to handle in a large group.
    pub(crate) is_long: fn(&R) -> bool,
}

/// Handles a request of a member of a group: at once, if nobody waits in line and nobody else is being handled there.
pub(crate) fn handle<R: Send + 'static>(
    core: &Arc<Core>,
    request: R,
    nature: Nature<R>,
    handle: impl FnOnce(&Arc<Core>, R) -> Handling + Send + 'static,
) -> Handling {
    let group = nature.group;
    let is_taken =
        move |core: &Core, request: &R| core.groups.shard(group(request)).is_ok_and(|shard| shard.is_taken());
    let overlap = false;
    let is_aside = (nature.is_long)(&request) && core.env.has_threads();
    if let Ok(turn) = Arc::clone(&core.crowd.0).try_acquire_owned() {
        if is_aside {
            let work = Arc::clone(core);
            let handling = aside::run(&core.env, async move {
                let _turn = turn;
                handle(&work, request)
            });
            return Handling::Later { reply: Box::pin(async move { handling.await.reply().await }), overlap };
        }
        if !is_taken(core, &request) {
            return handle(core, request);
        }
    }
    let core = Arc::clone(core);
    let reply = async move {
        let turn = Arc::clone(&core.crowd.0).acquire_owned().await; // it is never closed
        for _ in 0..TURNS_MAX {
            if is_aside || !is_taken(&core, &request) {
                break;
            }
            tokio::task::yield_now().await;
        }
        let handling = if is_aside {
            let work = Arc::clone(&core);
            aside::run(&core.env, async move {
                let _turn = turn;
                handle(&work, request)
            })
            .await
        } else {
            let handling = handle(&core, request);
            drop(turn);
            handling
        };
        handling.reply().await
    };
    Handling::Later { reply: Box::pin(reply), overlap }
}
