//! Who may connect: connections in all and per address, each held by a [`Ticket`].

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::config::ServerConfig;
use crate::Peer;

/// The connections of all listeners of a server.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    room: Arc<Semaphore>,
    per_ip: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
    per_ip_max: usize,
    per_ip_overrides: Arc<BTreeMap<IpAddr, usize>>,
}

/// Room for one connection that is yet to be accepted.
#[derive(Debug)]
pub(crate) struct Room(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// One admitted connection; gives its place back when dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    admission: Admission,
    ip: Option<IpAddr>,
    _room: Room,
}

impl Admission {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        let room = config.max_connections.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            room: Arc::new(Semaphore::new(room)),
            per_ip: Arc::default(),
            per_ip_max: config.max_connections_per_ip,
            per_ip_overrides: Arc::new(config.max_connections_per_ip_overrides.clone()),
        }
    }

    /// Room for one more connection, if there is some.
    pub(crate) fn try_room(&self) -> Option<Room> {
        Arc::clone(&self.room).try_acquire_owned().ok().map(Room)
    }

    /// Waits for room for one more connection.
    pub(crate) async fn room(&self) -> Room {
        Room(Arc::clone(&self.room).acquire_owned().await.expect("the semaphore is never closed"))
    }

    /// Connections that an address may have.
    pub(crate) fn limit(&self, ip: IpAddr) -> usize {
        self.per_ip_overrides.get(&ip).copied().unwrap_or(self.per_ip_max)
    }

    /// Admits a connection, unless its address has as many as it may.
    pub(crate) fn admit(&self, peer: &Peer, room: Room) -> Option<Ticket> {
        let ip = peer.ip();
        if let Some(ip) = ip {
            let mut per_ip = self.per_ip.lock().unwrap_or_else(PoisonError::into_inner);
            let count = per_ip.get(&ip).copied().unwrap_or(0);
            if count >= self.limit(ip) {
                return None;
            }
            per_ip.insert(ip, count + 1);
        }
        Some(Ticket { admission: self.clone(), ip, _room: room })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let Some(ip) = self.ip else { return };
        let mut per_ip = self.admission.per_ip.lock().unwrap_or_else(PoisonError::into_inner);
        match per_ip.get_mut(&ip) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(per_ip.remove(&ip)),
        }
    }
}
