//! Connections within the process: no sockets, and faults from a seed.
//!
//! A network like this one and tokio's paused clock make a whole cluster and its clients run on
//! one thread in virtual time, the same way each time. How bytes travel on one connection is in
//! `pipe`; here is who listens and who connects.

mod pipe;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ottla_env::Rng;
use tokio::sync::Notify;

pub use pipe::MemoryStream;

use crate::{Address, BoxFuture, Connector, Error, Listener, Peer, Stream};
use pipe::Link;

/// Connections that wait for their `accept`, per listener; one more is refused.
const BACKLOG_MAX: usize = 1_024;

/// What goes wrong on a [`MemoryNetwork`]. The default is a perfect network.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetworkFaults {
    /// The least time that bytes, and connecting, take.
    pub delay_min: Duration,
    /// The most time that bytes, and connecting, take; drawn anew for each write. Bytes of one
    /// direction never overtake each other.
    pub delay_max: Duration,
    /// The chance that a read or a write moves only some of the bytes it could.
    pub split_chance: f64,
    /// The chance that a write cuts its connection: bytes on the way are lost, and both sides
    /// see a reset.
    pub cut_chance: f64,
    /// The chance that a connection is refused.
    pub refuse_chance: f64,
    /// How many bytes go through each direction of a connection in a second; `None` for any number.
    pub bytes_per_second: Option<u32>,
}

/// Which bytes of a connection are meant, as seen from who accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Those that clients send.
    ToListener,
    /// Those that clients are sent.
    FromListener,
    /// All.
    Both,
}

impl Way {
    fn is_to_listener(self) -> bool {
        matches!(self, Self::ToListener | Self::Both)
    }

    fn is_from_listener(self) -> bool {
        matches!(self, Self::FromListener | Self::Both)
    }
}

/// A network inside the process. Clones share it.
///
/// Any [`Address`] can be listened on, so that brokers may advertise `host:port` as they would
/// on a real one.
#[derive(Clone)]
pub struct MemoryNetwork {
    state: Arc<Mutex<NetworkState>>,
    /// Told when connections to some address may come through again.
    released: Arc<Notify>,
}

struct NetworkState {
    faults: NetworkFaults,
    rng: Rng,
    connections: u64,
    listeners: BTreeMap<Address, ListenerState>,
    links: Vec<(Address, Weak<Link>)>,
    /// Addresses that nothing reaches.
    held: BTreeSet<Address>,
}

#[derive(Default)]
struct ListenerState {
    backlog: VecDeque<(MemoryStream, Peer)>,
    accepting: Option<Waker>,
}

impl MemoryNetwork {
    /// A network with these faults, all of which are drawn from `rng`.
    pub fn new(faults: NetworkFaults, rng: Rng) -> Self {
        let state = NetworkState {
            faults,
            rng,
            connections: 0,
            listeners: BTreeMap::new(),
            links: Vec::new(),
            held: BTreeSet::new(),
        };
        Self { state: Arc::new(Mutex::new(state)), released: Arc::default() }
    }

    /// A network without faults.
    pub fn perfect() -> Self {
        Self::new(NetworkFaults::default(), Rng::new(0))
    }

    /// Changes the faults, of connections that stand as well.
    pub fn set_faults(&self, faults: NetworkFaults) {
        let mut state = self.lock();
        state.faults = faults;
        state.links.retain(|(_, link)| match link.upgrade() {
            Some(link) => {
                link.set_faults(faults);
                true
            }
            None => false,
        });
    }

    /// Listens on an address until the listener is dropped.
    ///
    /// # Errors
    /// [`Error::Listen`] when somebody listens there already.
    pub fn listen(&self, address: Address) -> Result<MemoryListener, Error> {
        let mut state = self.lock();
        if state.listeners.contains_key(&address) {
            return Err(Error::Listen { address, source: io::ErrorKind::AddrInUse.into() });
        }
        state.listeners.insert(address.clone(), ListenerState::default());
        Ok(MemoryListener { network: self.clone(), address })
    }

    /// Cuts every connection to `address`: bytes on the way are lost, both sides see a reset.
    pub fn cut(&self, address: &Address) {
        for link in self.links_to(address) {
            link.cut();
        }
    }

    /// Partitions the network: of the connections to `address`, bytes that go this way do not arrive, and nobody is
    /// told. New connections wait. With one way alone, requests take effect whose answers are missed, or the
    /// other way round. [`release`](Self::release) ends it: what was sent meanwhile arrives then.
    pub fn hold(&self, address: &Address, way: Way) {
        self.lock().held.insert(address.clone());
        for link in self.links_to(address) {
            link.set_held(way, true);
        }
    }

    /// Ends what [`hold`](Self::hold) began, whichever way it was.
    pub fn release(&self, address: &Address) {
        self.lock().held.remove(address);
        for link in self.links_to(address) {
            link.set_held(Way::Both, false);
        }
        self.released.notify_waiters();
    }

    /// The connections to an address. Wakers run code of others, so the network is not locked while they are called.
    fn links_to(&self, address: &Address) -> Vec<Arc<Link>> {
        let mut state = self.lock();
        state.links.retain(|(_, link)| link.strong_count() > 0);
        let to_address = state.links.iter().filter(|(to, _)| to == address);
        to_address.filter_map(|(_, link)| link.upgrade()).collect()
    }

    /// Waits until connections to an address come through.
    async fn until_released(&self, address: &Address) {
        loop {
            let mut released = pin!(self.released.notified());
            released.as_mut().enable(); // before the look, so that no release is missed
            if !self.lock().held.contains(address) {
                return;
            }
            released.await;
        }
    }

    fn dial(&self, address: &Address) -> io::Result<MemoryStream> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let listener = state.listeners.get_mut(address).ok_or(io::ErrorKind::ConnectionRefused)?;
        if listener.backlog.len() >= BACKLOG_MAX || state.rng.chance(state.faults.refuse_chance) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        state.connections += 1;
        let link = Arc::new(Link::new(state.faults));
        let (near, far) = MemoryStream::pair(&link, &mut state.rng);
        let listener_name = address.to_string().into();
        listener
            .backlog
            .push_back((far, Peer::Memory { listener: listener_name, connection: state.connections }));
        let accepting = listener.accepting.take();

        // Connections that ended are forgotten before the list would grow.
        if state.links.len() == state.links.capacity() {
            state.links.retain(|(_, link)| link.strong_count() > 0);
        }
        state.links.push((address.clone(), Arc::downgrade(&link)));
        drop(guard);
        if let Some(waker) = accepting {
            waker.wake();
        }
        Ok(near)
    }

    fn connect_delay(&self) -> Duration {
        let mut state = self.lock();
        let faults = state.faults;
        faults.delay(&mut state.rng)
    }

    fn lock(&self) -> MutexGuard<'_, NetworkState> {
        // Nothing in here is left half changed by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NetworkFaults {
    /// Draws how long something takes.
    fn delay(&self, rng: &mut Rng) -> Duration {
        let spread = self.delay_max.saturating_sub(self.delay_min);
        if spread.is_zero() {
            return self.delay_min;
        }
        let nanos = u64::try_from(spread.as_nanos()).unwrap_or(u64::MAX);
        self.delay_min + Duration::from_nanos(rng.below(nanos.saturating_add(1)))
    }

    /// How long so many bytes take.
    fn through(&self, bytes: usize) -> Duration {
        let Some(speed) = self.bytes_per_second else { return Duration::ZERO };
        let nanos = (bytes as u64).saturating_mul(1_000_000_000) / u64::from(speed.max(1));
        Duration::from_nanos(nanos)
    }
}

impl Default for MemoryNetwork {
    fn default() -> Self {
        Self::perfect()
    }
}

impl fmt::Debug for MemoryNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        let listeners: Vec<_> = state.listeners.keys().collect();
        f.debug_struct("MemoryNetwork").field("faults", &state.faults).field("listeners", &listeners).finish()
    }
}

impl Connector for MemoryNetwork {
    fn connect<'a>(&'a self, address: &'a Address) -> BoxFuture<'a, Result<Stream, Error>> {
        Box::pin(async move {
            let delay = self.connect_delay();
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            self.until_released(address).await;
            let dialled = self.dial(address);
            dialled.map(Stream::Memory).map_err(|source| Error::Connect { address: address.clone(), source })
        })
    }
}

/// Accepts the connections to one address of a [`MemoryNetwork`].
///
/// Dropped, it refuses them; those not yet accepted end.
#[derive(Debug)]
pub struct MemoryListener {
    network: MemoryNetwork,
    address: Address,
}

impl MemoryListener {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, Peer)>> {
        let mut state = self.network.lock();
        let Some(listener) = state.listeners.get_mut(&self.address) else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        match listener.backlog.pop_front() {
            Some((stream, peer)) => Poll::Ready(Ok((Stream::Memory(stream), peer))),
            None => {
                listener.accepting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Listener for MemoryListener {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Stream, Peer)>> {
        Box::pin(std::future::poll_fn(|cx| self.poll_accept(cx)))
    }

    fn local_address(&self) -> Address {
        self.address.clone()
    }
}

impl Drop for MemoryListener {
    fn drop(&mut self) {
        // Dropped outside the lock: streams that end wake their other side.
        let ended = self.network.lock().listeners.remove(&self.address);
        drop(ended);
    }
}
