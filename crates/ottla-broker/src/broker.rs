//! The broker: it hands each request to its API, publishes metadata, and closes in order.
//!
//! Opening is in [`open`]; what the APIs decide is in [`crate::api`]. There is no socket here and no frame:
//! requests come decoded and responses leave as messages.

mod chores;
mod cleaner;
pub(crate) mod open;
mod scrubber;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use ottla_env::Env;
use ottla_protocol::header::RequestHeader;
use ottla_protocol::messages::RequestBody;
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::Storage;
use tokio::sync::watch;

use crate::Error;
use crate::api::{self, Handling, Reply, api_versions};
use crate::aside::{self, Asides};
use crate::config::BrokerConfig;
use crate::configs::Configs;
use crate::directory::Directory;
use crate::features::Features;
use crate::fetch_session::cache::FetchSessions;
use crate::groups::GroupCoordinator;
use crate::groups::classic::Caller;
use crate::groups::crowd;
use crate::metadata::journal::Journal;
use crate::metadata::record::MetadataRecord;
use crate::producer_ids::ProducerIds;
use crate::share::ShareCoordinator;
use crate::share::connection::ShareConnection;
use crate::telemetry::{self, Telemetry};
use crate::topic_name::{OFFSETS_TOPIC, SHARE_TOPIC, TRANSACTIONS_TOPIC};
use crate::transactions::TransactionCoordinator;
use crate::turns::Turns;

/// Where clients of one listener find this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Name or address of the host.
    pub(crate) host: Str,
    /// Port, 0 where there is none.
    pub(crate) port: u16,
}

/// What the broker remembers of one connection.
#[derive(Clone, Debug)]
pub struct Session {
    listener: Str,
    client_host: Str,
    address: Option<SocketAddr>,
    /// What the client says it is built on, and the version of that.
    software: Option<(Str, Str)>,
    /// There for as long as the connection, and whoever made a copy of it.
    connection: Arc<()>,
    /// The same, for share sessions that end with it.
    shares: Arc<ShareConnection>,
}

impl Session {
    /// The listener on which the connection came in.
    pub fn listener(&self) -> &str {
        &self.listener
    }

    /// The same session, of a client at this address. Others see it where its groups are described.
    #[must_use]
    pub fn with_client_address(mut self, address: IpAddr) -> Self {
        self.client_host = Str::from(java_address(address));
        self
    }

    /// The same session, of a client at this address and port. Beside its groups, metrics that it pushes show both.
    #[must_use]
    pub fn with_client_socket(self, address: SocketAddr) -> Self {
        Self { address: Some(address), ..self.with_client_address(address.ip()) }
    }

    /// Where the client is, if that is known.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// What the client says it is built on, and the version of that.
    pub(crate) fn software(&self) -> Option<&(Str, Str)> {
        self.software.as_ref()
    }

    pub(crate) fn set_software(&mut self, name: &str, version: &str) {
        self.software = Some((Str::from(name.to_owned()), Str::from(version.to_owned())));
    }

    /// Stands for the connection.
    pub(crate) fn connection(&self) -> &Arc<()> {
        &self.connection
    }

    /// Where share sessions are begun.
    pub(crate) fn shares(&self) -> &ShareConnection {
        &self.shares
    }

    /// The client, as one that pushes metrics.
    pub(crate) fn telemetry_client(&self, id: Uuid, client_id: Option<&Str>) -> telemetry::Client {
        telemetry::Client::new(id, client_id.unwrap_or(&Str::EMPTY), self)
    }

    /// Who sends a request of a group's member.
    fn caller(&self, client_id: Option<Str>) -> Caller {
        Caller { client_id: client_id.unwrap_or_default(), client_host: self.client_host.clone() }
    }
}

/// A broker: topics and their records, in one data folder or in memory.
///
/// A handle is cheap to clone. The broker runs until [`close`](Self::close), or until the last handle is gone.
#[derive(Clone)]
pub struct Broker {
    core: Arc<Core>,
}

impl Broker {
    /// Begins to configure a broker that gets its clock, seeds and tasks from `env`.
    pub fn builder(env: Env) -> open::Builder {
        open::Builder::new(env)
    }

    /// What of the stored files was not as it had been left, and what became of it: the newest 1,000 since the start.
    pub fn findings(&self) -> Vec<ottla_storage::Finding> {
        self.core.storage.findings()
    }

    /// How many damaged batches were found since the start, by readers and by the scrubber (`log.scrubber.*`).
    pub fn damaged_batches(&self) -> u64 {
        self.core.storage.damaged_batches()
    }

    /// The session of a new connection on the listener of this name.
    pub fn session(&self, listener: &str) -> Session {
        Session {
            listener: Str::from(listener.to_owned()),
            client_host: Str::EMPTY,
            address: None,
            software: None,
            connection: Arc::new(()),
            shares: Arc::new(ShareConnection::new(&self.core)),
        }
    }

    /// Handles one request of a connection.
    ///
    /// What the request appends is appended on return, or the next request of the connection has to wait for the reply; so
    /// requests take effect in the order of the calls, though their replies may come later and in any order; see [`Handling`]. A request of a version that is not
    /// served closes the connection.
    pub fn handle(&self, session: &mut Session, header: &RequestHeader, body: RequestBody) -> Handling {
        let (core, version) = (&self.core, header.api_version);
        if !api_versions::is_served(core, header.api_key, version) {
            return Handling::Now(api_versions::refuse(header));
        }
        match body {
            RequestBody::Produce(request) => api::produce::handle(core, version, request),
            RequestBody::Fetch(request) => api::fetch::handle(core, version, request),
            RequestBody::ListOffsets(request) => api::list_offsets::handle(core, version, request),
            RequestBody::Metadata(request) => api::metadata::handle(core, session, version, request),
            RequestBody::FindCoordinator(request) => {
                api::find_coordinator::handle(core, session, version, request)
            }
            RequestBody::JoinGroup(request) => {
                let caller = session.caller(header.client_id.clone());
                crowd::handle(
                    core,
                    request,
                    crowd::Nature { group: |request| &request.group_id, is_long: |_| false },
                    move |core, request| api::join_group::handle(core, &caller, version, &request),
                )
            }
            RequestBody::SyncGroup(request) => crowd::handle(
                core,
                request,
                crowd::Nature {
                    group: |request| &request.group_id,
                    // The leader's: the generation is written down.
                    is_long: |request| !request.assignments.is_empty(),
                },
                move |core, request| api::sync_group::handle(core, version, &request),
            ),
            RequestBody::Heartbeat(request) => crowd::handle(
                core,
                request,
                crowd::Nature { group: |request| &request.group_id, is_long: |_| false },
                |core, request| api::heartbeat::handle(core, &request),
            ),
            RequestBody::LeaveGroup(request) => api::leave_group::handle(core, version, &request),
            RequestBody::OffsetCommit(request) => api::offset_commit::handle(core, version, request),
            RequestBody::OffsetFetch(request) => api::offset_fetch::handle(core, version, request),
            RequestBody::TxnOffsetCommit(request) => api::txn_offset_commit::handle(core, version, request),
            RequestBody::OffsetDelete(request) => api::offset_delete::handle(core, request),
            RequestBody::ListGroups(request) => api::list_groups::handle(core, &request),
            RequestBody::DescribeGroups(request) => api::describe_groups::handle(core, version, request),
            RequestBody::DeleteGroups(request) => api::delete_groups::handle(core, request),
            RequestBody::ApiVersions(request) => api_versions::handle(core, session, version, &request),
            RequestBody::CreateTopics(request) => {
                aside::handle(core, move |core| api::create_topics::handle(core, request))
            }
            RequestBody::CreatePartitions(request) => {
                aside::handle(core, move |core| api::create_partitions::handle(core, request))
            }
            RequestBody::DeleteTopics(request) => {
                aside::handle(core, move |core| api::delete_topics::handle(core, version, request))
            }
            RequestBody::InitProducerId(request) => api::init_producer_id::handle(core, version, request),
            RequestBody::AddPartitionsToTxn(request) => {
                api::add_partitions_to_txn::handle(core, version, request)
            }
            RequestBody::AddOffsetsToTxn(request) => api::add_offsets_to_txn::handle(core, version, &request),
            RequestBody::EndTxn(request) => api::end_txn::handle(core, version, request),
            RequestBody::DescribeTransactions(request) => api::describe_transactions::handle(core, request),
            RequestBody::ListTransactions(request) => api::list_transactions::handle(core, &request),
            RequestBody::AlterConfigs(request) => {
                aside::handle(core, move |core| api::alter_configs::handle(core, request))
            }
            RequestBody::IncrementalAlterConfigs(request) => {
                aside::handle(core, move |core| api::incremental_alter_configs::handle(core, request))
            }
            RequestBody::DeleteRecords(request) => {
                aside::handle(core, move |core| api::delete_records::handle(core, request))
            }
            RequestBody::DescribeConfigs(request) => api::describe_configs::handle(core, request),
            RequestBody::ListConfigResources(request) => {
                api::list_config_resources::handle(core, version, &request)
            }
            RequestBody::GetTelemetrySubscriptions(request) => {
                api::get_telemetry_subscriptions::handle(core, session, header.client_id.as_ref(), &request)
            }
            RequestBody::PushTelemetry(request) => {
                api::push_telemetry::handle(core, session, header.client_id.as_ref(), request)
            }
            RequestBody::DescribeLogDirs(request) => api::describe_log_dirs::handle(core, &request),
            RequestBody::DescribeTopicPartitions(request) => {
                api::describe_topic_partitions::handle(core, session, &request)
            }
            RequestBody::WriteTxnMarkers(request) => {
                aside::handle(core, move |core| api::write_txn_markers::handle(core, &request))
            }
            RequestBody::DescribeProducers(request) => {
                aside::handle(core, move |core| api::describe_producers::handle(core, request))
            }
            RequestBody::OffsetForLeaderEpoch(request) => api::offset_for_leader_epoch::handle(core, request),
            RequestBody::DescribeCluster(request) => api::describe_cluster::handle(core, session, &request),
            RequestBody::DescribeQuorum(request) => {
                api::describe_quorum::handle(core, session, version, &request)
            }
            RequestBody::UpdateFeatures(request) => {
                aside::handle(core, move |core| api::update_features::handle(core, version, request))
            }
            RequestBody::ElectLeaders(request) => api::elect_leaders::handle(core, version, &request),
            RequestBody::AlterPartitionReassignments(request) => {
                api::alter_partition_reassignments::handle(core, request)
            }
            RequestBody::ListPartitionReassignments(_) => api::list_partition_reassignments::handle(),
            RequestBody::AlterReplicaLogDirs(request) => api::alter_replica_log_dirs::handle(core, &request),
            RequestBody::UnregisterBroker(request) => api::unregister_broker::handle(core, &request),
            RequestBody::ConsumerGroupHeartbeat(request) => {
                let caller = session.caller(header.client_id.clone());
                crowd::handle(
                    core,
                    *request,
                    crowd::Nature {
                        group: |request| &request.group_id,
                        // Who comes or leaves: the group's partitions are shared out anew.
                        is_long: |request| request.member_epoch <= 0,
                    },
                    move |core, request| {
                        api::consumer_group_heartbeat::handle(core, &caller, version, request)
                    },
                )
            }
            RequestBody::ConsumerGroupDescribe(request) => {
                api::consumer_group_describe::handle(core, request)
            }
            RequestBody::ShareGroupHeartbeat(request) => {
                let caller = session.caller(header.client_id.clone());
                crowd::handle(
                    core,
                    request,
                    crowd::Nature {
                        group: |request| &request.group_id,
                        // As of the consumer protocol.
                        is_long: |request| request.member_epoch <= 0,
                    },
                    move |core, request| api::share_group_heartbeat::handle(core, &caller, &request),
                )
            }
            RequestBody::ShareGroupDescribe(request) => api::share_group_describe::handle(core, request),
            RequestBody::ShareFetch(request) => api::share_fetch::handle(core, session, request),
            RequestBody::ShareAcknowledge(request) => api::share_acknowledge::handle(core, &request),
            RequestBody::DescribeShareGroupOffsets(request) => {
                api::share_group_offsets::describe(core, request)
            }
            RequestBody::AlterShareGroupOffsets(request) => api::share_group_offsets::alter(core, request),
            RequestBody::DeleteShareGroupOffsets(request) => api::share_group_offsets::delete(core, request),
            RequestBody::InitializeShareGroupState(request) => {
                api::share_group_state::initialize(core, request)
            }
            RequestBody::ReadShareGroupState(request) => api::share_group_state::read(core, request),
            RequestBody::WriteShareGroupState(request) => api::share_group_state::write(core, request),
            RequestBody::DeleteShareGroupState(request) => api::share_group_state::delete(core, request),
            RequestBody::ReadShareGroupStateSummary(request) => {
                api::share_group_state::summarize(core, request)
            }
            // The protocol knows more APIs than are served; the list of `api_versions` keeps them from coming here.
            _ => Handling::Now(api_versions::refuse(header)),
        }
    }

    /// What to do with a request whose key or version could not be decoded because it is not served.
    ///
    /// An unknown version of `ApiVersions` is answered, and that response must be encoded in version 0; all else
    /// closes the connection.
    pub fn refuse(&self, header: &RequestHeader) -> Reply {
        api_versions::refuse(header)
    }

    /// Says where clients of a listener find this node; a later call for the same listener replaces it.
    ///
    /// Clients of a listener that is not advertised are told of no broker.
    pub fn set_advertised(&self, listener: &str, host: &str, port: u16) {
        let endpoint = Endpoint { host: Str::from(host.to_owned()), port };
        let mut advertised = self.core.advertised.write().unwrap_or_else(PoisonError::into_inner);
        advertised.insert(Str::from(listener.to_owned()), endpoint);
    }

    /// The id of this node.
    pub fn node_id(&self) -> i32 {
        self.core.node_id
    }

    /// The id of the cluster, made with the data folder.
    pub fn cluster_id(&self) -> &str {
        &self.core.cluster_id
    }

    /// The configuration that the broker was opened with.
    pub fn config(&self) -> &BrokerConfig {
        &self.core.config
    }

    /// The names of all topics, in order.
    pub fn topic_names(&self) -> Vec<String> {
        self.core.directory.all().iter().map(|topic| topic.name.to_string()).collect()
    }

    /// Ends requests that wait for other members of their groups, and answers those of groups that come later with
    /// `COORDINATOR_NOT_AVAILABLE`; the first step of a stop that lets requests in flight finish.
    pub fn end_waits(&self) {
        self.core.groups.close();
        self.core.transactions.close();
        self.core.share.close();
    }

    /// Syncs every log, writes checkpoints and the marker of a clean stop, and gives up the data folder.
    ///
    /// Requests that come later are refused by their partitions.
    ///
    /// # Errors
    /// When something could not be written; the next start then recovers what it finds.
    ///
    /// # Cancel safety
    /// Not cancel safe: a dropped close may leave no marker, and the next start recovers.
    pub async fn close(&self) -> Result<(), Error> {
        self.core.closing.send_replace(true);
        self.core.groups.close();
        self.core.transactions.close();
        self.core.share.close();
        Ok(self.core.storage.close().await?)
    }
}

impl std::fmt::Debug for Broker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let core = &self.core;
        f.debug_struct("Broker")
            .field("node_id", &core.node_id)
            .field("cluster_id", &core.cluster_id)
            .finish_non_exhaustive()
    }
}

/// An address as Java prints it: behind the slash that follows a name, and of version 6 in full.
fn java_address(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("/{address}"),
        IpAddr::V6(address) => {
            let groups = address.segments().map(|group| format!("{group:x}"));
            format!("/{}", groups.join(":"))
        }
    }
}

/// What all requests share.
pub(crate) struct Core {
    me: Weak<Core>,
    pub(crate) env: Env,
    /// What the broker was given at its start; what holds now is in `configs`.
    pub(crate) config: BrokerConfig,
    pub(crate) configs: Arc<Configs>,
    pub(crate) storage: Storage,
    pub(crate) journal: Journal,
    pub(crate) directory: Arc<Directory>,
    pub(crate) features: Arc<Features>,
    pub(crate) groups: GroupCoordinator,
    pub(crate) transactions: TransactionCoordinator,
    pub(crate) share: ShareCoordinator,
    pub(crate) producer_ids: ProducerIds,
    /// Where there is somebody to hand the metrics of clients to.
    pub(crate) telemetry: Option<Telemetry>,
    pub(crate) node_id: i32,
    pub(crate) cluster_id: Str,
    pub(crate) rack: Option<Str>,
    pub(crate) num_partitions: i32,
    pub(crate) fetch_bytes_max: usize,
    pub(crate) request_partitions_max: i32,
    pub(crate) auto_create_topics: bool,
    pub(crate) delete_topics: bool,
    pub(crate) turns: Arc<Turns>,
    pub(crate) asides: Asides,
    fetch_sessions: Mutex<FetchSessions>,
    advertised: RwLock<BTreeMap<Str, Endpoint>>,
    closing: watch::Sender<bool>,
    /// The shortest `flush.ms` of all topics.
    flush_ms_min: watch::Sender<i64>,
}

impl Core {
    /// This core, for a task that outlives a request; `None` when the broker is gone.
    pub(crate) fn myself(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// Where clients of the session's listener find this node.
    pub(crate) fn advertised(&self, session: &Session) -> Option<Endpoint> {
        let advertised = self.advertised.read().unwrap_or_else(PoisonError::into_inner);
        advertised.get(&session.listener).cloned()
    }

    pub(crate) fn fetch_sessions(&self) -> MutexGuard<'_, FetchSessions> {
        self.fetch_sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a durable change of metadata visible to requests; what a removed topic leaves is for
    /// [`remove_topic`](Self::remove_topic).
    pub(crate) fn publish(&self, record: &MetadataRecord) {
        match record {
            MetadataRecord::Topic(record) => {
                let is_new = self.directory.by_id(record.id).is_none();
                let topic = Arc::new(self.open_topic(record));
                self.directory.insert(Arc::clone(&topic));
                self.note_flush_ms(topic.settings.flush_ms);
                match topic.name.as_str() {
                    OFFSETS_TOPIC if is_new => self.groups.start(self.me.clone(), &topic),
                    SHARE_TOPIC if is_new => self.share.start(&topic),
                    TRANSACTIONS_TOPIC if is_new => self.transactions.start(self.me.clone(), &topic),
                    _ => {}
                }
            }
            MetadataRecord::Config(record) => {
                if self.configs.publish(self.node_id, record) {
                    self.set_up_topics_anew();
                }
            }
            MetadataRecord::Feature(record) => self.features.publish(record),
            MetadataRecord::TopicRemoved(_) | MetadataRecord::ProducerIds(_) => {}
        }
    }
}
