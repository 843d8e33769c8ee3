//! The connections of a client: at most one per broker and use, made when first needed.
//!
//! Several callers that need the same broker share one attempt to connect, and after failures the
//! attempts to that broker are spaced out. Brokers do not wait for each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_env::Rng;
use ottla_transport::Address;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::config::Config;
use crate::connection::Connection;
use crate::error::Error;
use crate::lock::lock;
use crate::node::NodeId;

/// What a connection is for. Answers come in the order of requests, so one that waits on purpose
/// holds up all behind it; such requests get a connection of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Requests that are answered as soon as the broker can.
    Calls,
    /// Fetches, which the broker holds until there is data.
    LongPolls,
    /// Joining groups, which the coordinator holds until all members are there.
    Groups,
    /// Records, over the connection of this number: those from 1 on, beside the one that is always there.
    Records(u16),
}

/// Connections by broker and lane.
#[derive(Debug)]
pub(crate) struct Pool {
    config: Config,
    slots: Mutex<BTreeMap<(NodeId, Lane), Arc<Slot>>>,
    rng: Mutex<Rng>,
}

#[derive(Debug)]
struct Slot {
    address: Address,
    live: Mutex<Option<Live>>,
    connecting: tokio::sync::Mutex<Attempts>,
    /// Attempts that ended so far; who waited for one that failed shares its error.
    ended: Mutex<(u64, Option<Error>)>,
}

#[derive(Debug)]
struct Live {
    connection: Connection,
    used_at: Instant,
}

#[derive(Debug)]
struct Attempts {
    backoff: Backoff,
    not_before: Instant,
}

impl Pool {
    pub(crate) fn new(config: Config) -> Self {
        let rng = Mutex::new(config.env().rng());
        Self { config, slots: Mutex::default(), rng }
    }

    /// The connection to `node`, made if there is none.
    ///
    /// Cancel safe: another caller that waits takes the attempt over.
    pub(crate) async fn get(&self, node: NodeId, lane: Lane, address: &Address) -> Result<Connection, Error> {
        let slot = self.slot((node, lane), address);
        if let Some(connection) = slot.usable() {
            return Ok(connection);
        }
        let ended = lock(&slot.ended).0;
        let mut attempts = slot.connecting.lock().await;
        if let Some(connection) = slot.usable() {
            return Ok(connection);
        }
        match &*lock(&slot.ended) {
            (now_ended, Some(error)) if *now_ended != ended => return Err(error.clone()),
            _ => {}
        }
        tokio::time::sleep_until(attempts.not_before).await;
        let outcome = Connection::open(node, address, &self.config).await;
        let failure = match &outcome {
            Ok(connection) => {
                attempts.backoff.reset();
                tracing::debug!(%node, %address, "connected");
                *lock(&slot.live) = Some(Live { connection: connection.clone(), used_at: Instant::now() });
                None
            }
            Err(error) => {
                let wait = attempts.backoff.next_wait(&mut lock(&self.rng));
                attempts.not_before = Instant::now() + wait;
                tracing::debug!(%node, %address, %error, ?wait, "could not connect");
                Some(error.clone())
            }
        };
        *lock(&slot.ended) = (ended + 1, failure);
        outcome
    }

    /// The connection to `node`, if one is open.
    pub(crate) fn live(&self, node: NodeId, lane: Lane) -> Option<Connection> {
        let slot = lock(&self.slots).get(&(node, lane)).cloned()?;
        slot.usable()
    }

    /// Whether a connection is kept, without using it.
    #[cfg(test)]
    pub(crate) fn is_open(&self, node: NodeId, lane: Lane) -> bool {
        lock(&self.slots).get(&(node, lane)).is_some_and(|slot| lock(&slot.live).is_some())
    }

    /// Closes what was not used for a while; says when to look again.
    pub(crate) fn close_idle(&self, now: Instant, idle_max: Duration) -> Instant {
        let mut next = now + idle_max;
        for slot in lock(&self.slots).values() {
            let mut live = lock(&slot.live);
            let Some(used_at) = live.as_ref().map(|live| live.used_at) else { continue };
            if used_at + idle_max <= now {
                *live = None;
            } else {
                next = next.min(used_at + idle_max);
            }
        }
        next
    }

    /// Closes every connection.
    pub(crate) fn close(&self) {
        lock(&self.slots).clear();
    }

    fn slot(&self, key: (NodeId, Lane), address: &Address) -> Arc<Slot> {
        let mut slots = lock(&self.slots);
        match slots.get(&key) {
            // A broker that came back elsewhere starts with a clean slate.
            Some(slot) if slot.address == *address => Arc::clone(slot),
            _ => {
                let slot = Arc::new(Slot::new(address.clone(), &self.config));
                slots.insert(key, Arc::clone(&slot));
                slot
            }
        }
    }
}

impl Slot {
    fn new(address: Address, config: &Config) -> Self {
        let backoff = Backoff::new(config.reconnect_backoff, config.reconnect_backoff_max);
        let attempts = Attempts { backoff, not_before: Instant::now() };
        Self {
            address,
            live: Mutex::default(),
            connecting: tokio::sync::Mutex::new(attempts),
            ended: Mutex::default(),
        }
    }

    fn usable(&self) -> Option<Connection> {
        let mut live = lock(&self.live);
        match &mut *live {
            Some(current) if !current.connection.is_closed() => {
                current.used_at = Instant::now();
                Some(current.connection.clone())
            }
            _ => {
                *live = None;
                None
            }
        }
    }
}
