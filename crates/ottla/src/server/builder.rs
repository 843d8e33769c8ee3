//! What a server is to be: where its data is, where it listens, what it allows.

use std::path::PathBuf;
use std::sync::Arc;

use ottla_broker::telemetry::Receiver;
use ottla_broker::{Broker, BrokerConfig};
use ottla_env::{Env, OsSeeds, SystemClock};
use ottla_storage::disk::{Disk, MemDisk, OsDisk};
use ottla_transport::{Address, Listener, MemoryNetwork, Server as TransportServer, TokioSpawn, listen_with};
use tokio::sync::{mpsc, watch};

use super::endpoint::Endpoint;
use super::error::Error;
use super::faults::{Faults, RequestFaults};
use super::listeners::Listeners;
use super::plan::{Planned, Wishes};
use super::service::BrokerService;
use super::{Listening, Server, limits};

/// Where clients in the same process find a server, unless its builder says otherwise.
pub const IN_PROCESS_ADDRESS: &str = "in-process:9092";

/// Name of the listener for clients in the same process.
const IN_PROCESS_LISTENER: &str = "IN_PROCESS";

/// Configures a [`Server`].
#[must_use]
pub struct Builder {
    config: BrokerConfig,
    place: Place,
    env: Env,
    listen: Vec<Endpoint>,
    advertise: Vec<Endpoint>,
    network: MemoryNetwork,
    in_process: Address,
    receiver: Option<Arc<dyn Receiver>>,
    network_threads: usize,
}

/// Where the data is.
enum Place {
    /// Where the configuration says, else in memory.
    Configured,
    Memory,
    MemDisk(MemDisk),
    Folder(PathBuf),
    Disk(Arc<dyn Disk>),
}

impl Builder {
    pub(super) fn new() -> Self {
        let (host, port) = IN_PROCESS_ADDRESS.split_once(':').unwrap_or((IN_PROCESS_ADDRESS, "0"));
        Self {
            config: BrokerConfig::new(),
            place: Place::Configured,
            env: Env::new(Arc::new(SystemClock), Arc::new(OsSeeds), Arc::new(TokioSpawn::new())),
            listen: Vec::new(),
            advertise: Vec::new(),
            network: MemoryNetwork::perfect(),
            in_process: Address::Tcp(host.to_owned(), port.parse().unwrap_or(0)),
            receiver: None,
            network_threads: 0,
        }
    }

    /// The configuration under Kafka's keys. `listeners`, `advertised.listeners` and `log.dirs` in it hold where
    /// the calls below do not say otherwise; limits such as `max.connections` hold as they are.
    pub fn config(mut self, config: BrokerConfig) -> Self {
        self.config = config;
        self
    }

    /// Keeps the data in memory: it is gone with the server.
    pub fn in_memory(mut self) -> Self {
        self.place = Place::Memory;
        self
    }

    /// Keeps the data in this folder, which is made if it is not there.
    pub fn data(mut self, folder: impl Into<PathBuf>) -> Self {
        self.place = Place::Folder(folder.into());
        self
    }

    /// Keeps the data on this disk.
    pub fn disk(mut self, disk: Arc<dyn Disk>) -> Self {
        self.place = Place::Disk(disk);
        self
    }

    /// Keeps the data on this disk in memory, which outlives the server, and whose faults [`Server::faults`] reaches.
    pub fn mem_disk(mut self, disk: MemDisk) -> Self {
        self.place = Place::MemDisk(disk);
        self
    }

    /// Listens here as well; port 0 has the system pick one.
    pub fn listen(mut self, endpoint: Endpoint) -> Self {
        self.listen.push(endpoint);
        self
    }

    /// Tells clients to connect here, on the listener of the same name, instead of to the address that is bound.
    pub fn advertise(mut self, endpoint: Endpoint) -> Self {
        self.advertise.push(endpoint);
        self
    }

    /// Serves clients in this process on this network and at this address, a host and a port; by default on a
    /// network of its own, without faults, at [`IN_PROCESS_ADDRESS`].
    pub fn network(mut self, network: MemoryNetwork, address: Address) -> Self {
        (self.network, self.in_process) = (network, address);
        self
    }

    /// Gets the metrics that clients push about themselves (KIP-714), of those that a subscription is about (Kafka's
    /// `kafka-client-metrics`, or a configuration of type client-metrics). Without it no client is asked for any.
    pub fn telemetry(mut self, receiver: Arc<dyn Receiver>) -> Self {
        self.receiver = Some(receiver);
        self
    }

    /// Serves connections over sockets on so many threads of its own, on Linux, as the command `ottla serve` does with one for each
    /// core; by default they are tasks of the runtime. Small requests take less time so, and cost less.
    pub fn network_threads(mut self, threads: usize) -> Self {
        self.network_threads = threads;
        self
    }

    /// Clock, seeds and spawning; those of the system and the current tokio runtime by default.
    pub fn env(mut self, env: Env) -> Self {
        self.env = env;
        self
    }

    /// Opens the broker, binds the listeners, and serves.
    ///
    /// # Errors
    /// What was asked for contradicts itself or cannot be served; an address cannot be bound; the data cannot be
    /// opened. Nothing is served then.
    ///
    /// # Cancel safety
    /// Not cancel safe: dropped, it may leave the data folder locked until its tasks have ended.
    pub async fn start(self) -> Result<Server, Error> {
        let planned = self.plan()?;
        let overrides = limits::per_ip_overrides(&self.config).await?;
        let limits = limits::of(&self.config)
            .with_max_connections_per_ip_overrides(overrides)
            .with_network_threads(self.network_threads);
        let sockets = limits::sockets(&self.config);
        let (disk, mem_disk) = self.disk_of_place()?;
        let told = self.told_config();
        let Self { env, network, in_process, receiver, .. } = self;

        // Bound before the data is opened: a port that is taken is told at once, and changes nothing.
        let mut listening = Vec::with_capacity(planned.len());
        let mut listeners: Vec<Box<dyn Listener>> = Vec::with_capacity(planned.len() + 1);
        let mut names = Listeners::default();
        for Planned { endpoint, advertised } in planned {
            let listener = listen_with(&endpoint.address, &sockets).await?;
            let bound = listener.local_address();
            let advertised = advertised.unwrap_or_else(|| bound.clone());
            names.add(bound.clone(), endpoint.name.clone());
            listening.push(Listening { name: endpoint.name, bound, advertised });
            listeners.push(listener);
        }
        names.add(in_process.clone(), IN_PROCESS_LISTENER.to_owned());
        listeners.push(Box::new(network.listen(in_process.clone())?));

        let mut broker = Broker::builder(env.clone()).config(told).disk(disk);
        if let Some(receiver) = receiver {
            broker = broker.telemetry(receiver);
        }
        let broker = broker.open().await?;
        for one in &listening {
            advertise(&broker, &one.name, &one.advertised)?;
        }
        advertise(&broker, IN_PROCESS_LISTENER, &in_process)?;

        let (stop, stopped) = watch::channel(false);
        let (alive, serving) = mpsc::channel(1);
        // One for all listeners, so that they share the limits.
        let requests = RequestFaults::default();
        let service = BrokerService::new(broker.clone(), names, requests.clone());
        let server = TransportServer::new(service, limits, env.clone());
        for listener in listeners {
            let (server, mut stopped, alive) = (server.clone(), stopped.clone(), alive.clone());
            env.spawn(async move {
                // The sender is dropped with the server, which is a stop as well.
                server.serve(listener, async move { drop(stopped.wait_for(|stop| *stop).await) }).await;
                drop(alive);
            });
        }
        let faults =
            Faults { requests, network: network.clone(), address: in_process.clone(), disk: mem_disk };
        Ok(Server { broker, listening, network, in_process, faults, stop, serving })
    }

    fn plan(&self) -> Result<Vec<Planned>, Error> {
        let wishes = Wishes {
            listen: &self.listen,
            advertise: &self.advertise,
            listeners: self.config.given("listeners"),
            advertised_listeners: self.config.given("advertised.listeners"),
            protocol_map: self.config.given("listener.security.protocol.map"),
            controller_names: self.config.given("controller.listener.names"),
        };
        wishes.settle()
    }

    /// The configuration that clients are shown: what was asked for in code is in it as if it had been given.
    fn told_config(&self) -> BrokerConfig {
        let mut told = self.config.clone();
        let mut tell = |key, value: Option<String>| {
            // What Kafka's key has no words for, a folder with a comma in its name, is not shown.
            let _ = value.filter(|value| !value.is_empty()).map(|value| told.set(key, &value));
        };
        let list = |endpoints: &[Endpoint]| {
            let shown: Vec<String> = endpoints.iter().map(Endpoint::to_string).collect();
            Some(shown.join(","))
        };
        tell("listeners", list(&self.listen));
        tell("advertised.listeners", list(&self.advertise));
        if let Place::Folder(folder) = &self.place {
            tell("log.dirs", folder.to_str().filter(|folder| !folder.contains(',')).map(str::to_owned));
        }
        told
    }

    /// The disk, and the same once more if it is in memory.
    fn disk_of_place(&self) -> Result<(Arc<dyn Disk>, Option<MemDisk>), Error> {
        let in_memory = |disk: MemDisk| Ok((Arc::new(disk.clone()) as Arc<dyn Disk>, Some(disk)));
        let folder = match &self.place {
            Place::Disk(disk) => return Ok((Arc::clone(disk), None)),
            Place::MemDisk(disk) => return in_memory(disk.clone()),
            Place::Folder(folder) => Some(folder.clone()),
            Place::Memory => None,
            Place::Configured => limits::data_folder(&self.config)?,
        };
        match folder {
            None => in_memory(MemDisk::volatile()),
            Some(folder) => match OsDisk::new(folder.clone()) {
                Ok(disk) => Ok((Arc::new(disk), None)),
                Err(source) => Err(Error::DataFolder { folder: folder.display().to_string(), source }),
            },
        }
    }
}

/// Tells the broker what clients of a listener are to be told.
fn advertise(broker: &Broker, listener: &str, address: &Address) -> Result<(), Error> {
    let (host, port) = match address {
        Address::Tcp(host, port) => (host.clone(), *port),
        // The protocol carries a host and a port: the host is the socket's path, as clients of ottla take it.
        Address::Unix(_) => (address.to_string(), 0),
        _ => return Err(Error::NotAHost(address.clone())),
    };
    broker.set_advertised(listener, &host, port);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_in_code_is_told_as_if_it_were_configured() {
        let given = BrokerConfig::new().with("listeners", "A://:1").unwrap().with("log.dirs", "/a").unwrap();
        let told = Builder::new().config(given.clone()).told_config();
        assert_eq!(told, given);
        let endpoint = |text: &str| text.parse::<Endpoint>().unwrap();
        let builder = Builder::new().config(given).data("/b").listen(endpoint("127.0.0.1:0"));
        let told = builder
            .listen(endpoint("OUT://0.0.0.0:2"))
            .advertise(endpoint("OUT://kafka.example:9"))
            .told_config();
        assert_eq!(told.get("listeners"), Some("PLAINTEXT://127.0.0.1:0,OUT://0.0.0.0:2"));
        assert_eq!(told.get("advertised.listeners"), Some("OUT://kafka.example:9"));
        assert_eq!(told.get("log.dirs"), Some("/b"));
    }
}
