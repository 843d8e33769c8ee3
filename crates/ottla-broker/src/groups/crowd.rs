//! Requests of many members at once, which must not take the threads that serve everybody else.
//!
//! A shard decides one request at a time, and some decisions are long: a large group's generation begins, and is written
//! down. Whoever waited for its lock meanwhile would hold up a thread of the runtime, and a
//! few members all of them. So a request whose shard is taken lets others go first and comes back.

use std::sync::Arc;

use ottla_protocol::wire::Str;

use crate::api::Handling;
use crate::broker::Core;

/// How often a request comes back before it waits for the lock after all.
const TURNS_MAX: usize = 1_000;

/// Handles a request of a member of a group, at once if nobody else is being handled there.
pub(crate) fn handle<R: Send + 'static>(
    core: &Arc<Core>,
    request: R,
    group: fn(&R) -> &Str,
    handle: impl FnOnce(&Arc<Core>, R) -> Handling + Send + 'static,
) -> Handling {
    let is_taken =
        move |core: &Core, request: &R| core.groups.shard(group(request)).is_ok_and(|shard| shard.is_taken());
    if !is_taken(core, &request) {
        return handle(core, request);
    }
    let core = Arc::clone(core);
    let reply = async move {
        for _ in 0..TURNS_MAX {
            tokio::task::yield_now().await;
            if !is_taken(&core, &request) {
                break;
            }
        }
        handle(&core, request).reply().await
    };
    Handling::Later { reply: Box::pin(reply), overlap: false }
}
