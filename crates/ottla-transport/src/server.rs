//! The server's side: listeners in, connections served, within limits.
//!
//! Each connection is one task (`connection`) around a state machine without IO (`core`). What a
//! request means is the [`Service`]'s business.

mod admission;
mod budget;
mod config;
mod connection;
mod core;
mod deadlines;
mod drain;
mod inbound;
mod journal;
mod pace;
mod service;
mod violation;

use std::fmt;
use std::io;
#[cfg(target_os = "linux")]
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::sync::OnceLock;
use std::time::Duration;

use ottla_env::Env;
#[cfg(target_os = "linux")]
use tokio::runtime::Handle;
use tokio::time::Instant;

pub use config::ServerConfig;
pub use service::{Call, Outcome, Service};

#[cfg(target_os = "linux")]
use crate::network_threads::NetworkThreads;
use crate::{Listener, Peer, Stream};
use admission::{Admission, Room};
use budget::Budget;
use connection::Connection;
use drain::{Drain, Phase};
use journal::Journal;
use pace::Pace;

/// How long to wait after a failed accept: descriptors come back when connections end.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Serves a [`Service`] on any number of listeners. Clones share limits and memory budget.
pub struct Server<S> {
    shared: Arc<Shared<S>>,
}

/// What all connections of a server share.
struct Shared<S> {
    service: S,
    config: ServerConfig,
    env: Env,
    budget: Budget,
    admission: Admission,
    pace: Pace,
    journal: Journal,
    #[cfg(target_os = "linux")]
    network_threads: OnceLock<Option<NetworkThreads>>,
}

#[cfg(target_os = "linux")]
impl<S> Shared<S> {
    /// The threads that serve sockets, from the first time on; `None` where the runtime does.
    fn network_threads(&self) -> Option<&NetworkThreads> {
        let start = || {
            let count = NonZeroUsize::new(self.config.network_threads)?;
            let started = NetworkThreads::start(count, self.config.busy_poll, &Handle::current());
            let said = |error: &io::Error| tracing::warn!(%error, "no network threads: the runtime serves connections");
            started.inspect_err(said).ok()
        };
        self.network_threads.get_or_init(start).as_ref()
    }
}

impl<S: Service> Server<S> {
    /// A server that does not listen yet.
    pub fn new(service: S, config: ServerConfig, env: Env) -> Self {
        let (budget, admission) = (Budget::new(&config), Admission::new(&config));
        let (pace, journal) = (Pace::new(config.max_connection_creation_rate), Journal::default());
        let shared = Shared {
            service,
            config,
            env,
            budget,
            admission,
            pace,
            journal,
            #[cfg(target_os = "linux")]
            network_threads: OnceLock::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The service.
    pub fn service(&self) -> &S {
        &self.shared.service
    }

    /// Serves the connections of `listener` until `shutdown` ends; then stops listening, answers
    /// the requests in flight, for up to [`drain_timeout`](ServerConfig::drain_timeout), and closes
    /// its connections.
    ///
    /// A failing accept (no descriptors left, say) is logged and tried again.
    ///
    /// # Cancel safety
    /// Dropped, it stops listening and ends its connections at once, whatever they are doing.
    pub fn serve<L, F>(&self, listener: L, shutdown: F) -> impl Future<Output = ()> + Send + use<S, L, F>
    where
        L: Listener,
        F: Future<Output = ()> + Send,
    {
        serve(Arc::clone(&self.shared), listener, shutdown)
    }
}

impl<S> Clone for Server<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S> fmt::Debug for Server<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

async fn serve<S: Service>(
    shared: Arc<Shared<S>>,
    mut listener: impl Listener,
    shutdown: impl Future<Output = ()> + Send,
) {
    /// Ends the connections with the future that serves them.
    struct EndOnDrop(Arc<Drain>);
    impl Drop for EndOnDrop {
        fn drop(&mut self) {
            self.0.enter(Phase::Closing);
        }
    }

    let members = EndOnDrop(Drain::new());
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&shared, &mut listener) => {
                if let Some((stream, peer, room)) = accepted {
                    begin(&shared, stream, peer, room, &members.0);
                }
            }
        }
    }
    drop(listener);
    members.0.enter(Phase::Draining);
    // What is still there after this is told to stop, and waits for nothing then.
    let _ = tokio::time::timeout(shared.config.drain_timeout, members.0.left()).await;
    members.0.enter(Phase::Closing);
    members.0.left().await;
}

/// Accepts one connection; `None` after a failure.
async fn accept<S>(shared: &Shared<S>, listener: &mut impl Listener) -> Option<(Stream, Peer, Room)> {
    let room = match shared.admission.try_room() {
        Some(room) => room,
        None => {
            let reason = format!("max.connections of {} reached", shared.config.max_connections);
            shared.journal.accepting(&listener.local_address(), &reason, now());
            shared.admission.room().await
        }
    };
    match listener.accept().await {
        Ok((stream, peer)) => {
            if let Some(turn) = shared.pace.turn(Instant::now()) {
                let rate = shared.config.max_connection_creation_rate;
                let reason = format!("max.connection.creation.rate of {rate} reached");
                shared.journal.accepting(&listener.local_address(), &reason, now());
                tokio::time::sleep_until(turn).await;
            }
            Some((stream, peer, room))
        }
        Err(error) => {
            // These are about one client that is gone again; the next one is served at once.
            if !matches!(
                error.kind(),
                io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::Interrupted
            ) {
                shared.journal.accepting(&listener.local_address(), &error, now());
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
            None
        }
    }
}

fn begin<S: Service>(shared: &Arc<Shared<S>>, stream: Stream, peer: Peer, room: Room, members: &Arc<Drain>) {
    let Some(ticket) = shared.admission.admit(&peer, room) else {
        let limit = peer.ip().map_or(0, |ip| shared.admission.limit(ip));
        shared.journal.closed(&peer, &format!("max.connections.per.ip of {limit} reached"), now());
        return;
    };
    tracing::debug!(%peer, "connection opened");
    #[cfg(target_os = "linux")]
    let who = peer.clone();
    let connection = |stream| Connection::new(Arc::clone(shared), stream, peer, members.join(), ticket);
    #[cfg(target_os = "linux")]
    if let (Some(threads), true) = (shared.network_threads(), stream.is_of_the_system()) {
        if let Err(error) = threads.serve(stream, connection) {
            shared.journal.closed(&who, &error, now());
        }
        return;
    }
    shared.env.spawn(connection(stream));
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
