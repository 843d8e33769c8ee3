//! Faults that a test switches on by hand, on a server that serves.
//!
//! What is done to disks and networks is known to [`MemDisk`] and [`MemoryNetwork`]; here are the few that tests ask
//! for most, under names of their own, and those of single requests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ottla_protocol::api::ApiKey;
use ottla_storage::disk::{Call, Fault, FaultError, MemDisk};
use ottla_transport::{Address, MemoryNetwork, Way};

use super::error::Error;

/// The faults of a server, to be switched on and off while it serves: [`Server::faults`](super::Server::faults).
///
/// Requests are lost on every listener. The network is the one of clients in this process, and the disk has to be in
/// memory.
///
/// # Examples
/// ```
/// use ottla::Server;
/// use ottla::client::Offset;
/// use ottla::producer::{Config, Producer};
/// use ottla::protocol::api::ApiKey;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::builder().in_memory().start().await?;
/// let mut config = Config::new(server.bootstrap());
/// config.client = config.client.with_connector(server.connector());
/// let producer = Producer::new(config).await?;
///
/// // It is written, and nobody is told: the producer sends it again, and it is there once.
/// server.faults().lose_answers(ApiKey::Produce, 1);
/// assert_eq!(producer.send("orders", "o-17", "paid").await?.offset, Some(Offset(0)));
/// assert_eq!(producer.send("orders", "o-18", "paid").await?.offset, Some(Offset(1)));
///
/// server.faults().disk()?.fail_syncs("orders-0/", 1);
/// assert!(producer.send("orders", "o-19", "paid").await.is_err()); // not on stable storage: not acknowledged
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Faults {
    pub(super) requests: RequestFaults,
    pub(super) network: MemoryNetwork,
    pub(super) address: Address,
    pub(super) disk: Option<MemDisk>,
}

impl Faults {
    /// Loses the answers to the next `times` requests of a kind: each takes effect, and then its connection is closed.
    pub fn lose_answers(&self, api: ApiKey, times: usize) {
        self.requests.lose(api, Loss::Answer, times);
    }

    /// Loses the next `times` requests of a kind: the connection is closed, and nothing has happened.
    pub fn lose_requests(&self, api: ApiKey, times: usize) {
        self.requests.lose(api, Loss::Request, times);
    }

    /// Requests that are still to be lost.
    pub fn to_be_lost(&self) -> usize {
        self.requests.lock().len()
    }

    /// Cuts the connections of clients in this process: bytes on the way are lost, both sides see a reset.
    pub fn cut_connections(&self) {
        self.network.cut(&self.address);
    }

    /// Partitions clients in this process from the server, one way or both, until
    /// [`end_partition`](Self::end_partition).
    pub fn partition(&self, way: Way) {
        self.network.hold(&self.address, way);
    }

    /// Ends a partition: what was sent meanwhile arrives.
    pub fn end_partition(&self) {
        self.network.release(&self.address);
    }

    /// The network of clients in this process, for delays, refusals and the like.
    pub fn network(&self) -> &MemoryNetwork {
        &self.network
    }

    /// The faults of the disk.
    ///
    /// # Errors
    /// [`Error::NoFaults`] if the disk is not in memory, or was handed in as any [`Disk`](ottla_storage::disk::Disk).
    pub fn disk(&self) -> Result<DiskFaults, Error> {
        self.disk.clone().map(DiskFaults).ok_or(Error::NoFaults)
    }
}

/// The faults of a server's disk.
#[derive(Clone, Debug)]
pub struct DiskFaults(MemDisk);

impl DiskFaults {
    /// Leaves room for so many bytes more; 0 is a full disk.
    pub fn fill(&self, room_bytes: u64) {
        self.0.set_capacity(Some(self.0.used_bytes() + room_bytes));
    }

    /// Makes room again.
    pub fn make_room(&self) {
        self.0.set_capacity(None);
    }

    /// Makes the next `times` syncs of files fail whose path contains `part`, as a broken device does. A log that
    /// met one takes no more records until the broker starts again.
    pub fn fail_syncs(&self, part: &str, times: u64) {
        self.0.inject(Fault::new(Call::Sync, FaultError::Io).with_path(part).with_times(times));
    }

    /// Makes the next `times` writes to files fail whose path contains `part`.
    pub fn fail_writes(&self, part: &str, times: u64) {
        self.0.inject(Fault::new(Call::Write, FaultError::Io).with_path(part).with_times(times));
    }

    /// Makes the next `times` reads from files fail whose path contains `part`.
    pub fn fail_reads(&self, part: &str, times: u64) {
        self.0.inject(Fault::new(Call::Read, FaultError::Io).with_path(part).with_times(times));
    }

    /// Stands still: what is to be written, read or synced from here on ends once [`resume`](Self::resume) says so.
    pub fn stall(&self) {
        [Call::Write, Call::Read, Call::Sync].into_iter().for_each(|call| self.0.hold(call));
    }

    /// Ends what a [`stall`](Self::stall) has held up.
    pub fn resume(&self) {
        self.0.release();
    }

    /// Takes all faults back, and makes room. What a stall holds up still waits for [`resume`](Self::resume).
    pub fn heal(&self) {
        self.0.heal();
        self.0.set_capacity(None);
    }

    /// The disk itself, with all that it can do.
    pub fn mem_disk(&self) -> &MemDisk {
        &self.0
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    Request,
    Answer,
}

/// Requests that are to be lost. Clones share them.
#[derive(Clone, Default)]
pub(super) struct RequestFaults {
    losses: Arc<Mutex<VecDeque<(ApiKey, Loss)>>>,
    /// Spares a server without faults the look at them.
    has_any: Arc<AtomicBool>,
}

impl RequestFaults {
    fn lose(&self, api: ApiKey, loss: Loss, times: usize) {
        let mut losses = self.lock();
        losses.extend(std::iter::repeat_n((api, loss), times));
        self.has_any.store(!losses.is_empty(), Ordering::Release);
    }

    /// What becomes of a request of this kind, which has come.
    pub(super) fn of(&self, api: ApiKey) -> Option<Loss> {
        if !self.has_any.load(Ordering::Acquire) {
            return None;
        }
        let mut losses = self.lock();
        let at = losses.iter().position(|(of, _)| *of == api)?;
        let (_, loss) = losses.remove(at)?;
        self.has_any.store(!losses.is_empty(), Ordering::Release);
        Some(loss)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(ApiKey, Loss)>> {
        // Nothing in here is left half changed by a panic.
        self.losses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RequestFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter()).finish()
    }
}
