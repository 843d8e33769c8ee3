//! Requests of many members at once, which must not take the threads that serve everybody else.
//!
//! All members of a large group come at the same moment: they were answered together, and their heartbeats stay together.
//! A shard decides one request at a time, and some decisions are long: a large group's generation begins, and is written
//! down. Whoever waited for its lock meanwhile would hold up a thread of the runtime, and a few members all of them. So
//! members stand in the shard's line, where they are in nobody's way, and what is known to be long is handled aside.

use std::sync::Arc;

use ottla_protocol::wire::Str;

use crate::api::Handling;
use crate::aside;
use crate::broker::Core;

/// What is known of a request before it is handled.
pub(crate) struct Nature<R> {
    /// The group that it is about.
    pub(crate) group: fn(&R) -> &Str,
    /// Whether it takes long to handle in a large group.
    pub(crate) is_long: fn(&R) -> bool,
}

/// Handles a request of a member of a group: at once, if it does not take long and nobody stands in line there.
pub(crate) fn handle<R: Send + 'static>(
    core: &Arc<Core>,
    request: R,
    nature: Nature<R>,
    handle: impl FnOnce(&Arc<Core>, R) -> Handling + Send + 'static,
) -> Handling {
    let Ok(shard) = core.groups.shard((nature.group)(&request)) else {
        return handle(core, request); // which says what is wrong
    };
    let is_aside = (nature.is_long)(&request) && core.env.has_threads();
    let turn = shard.try_turn();
    if turn.is_some() && !is_aside {
        return handle(core, request);
    }
    let (core, shard) = (Arc::clone(core), Arc::clone(shard));
    let reply = async move {
        let turn = match turn {
            Some(turn) => turn,
            None => shard.turn().await,
        };
        let env = core.env.clone();
        let work = async move {
            let _turn = turn;
            handle(&core, request)
        };
        let handling = if is_aside { aside::run(&env, work).await } else { work.await };
        handling.reply().await
    };
    Handling::Later { reply: Box::pin(reply), overlap: false }
}
