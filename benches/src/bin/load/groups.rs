//! Consumer groups over bare connections: how soon they settle, and something to hold while they are idle.
//!
//! A member is a task with a connection of its own, as a real one has, since a `JoinGroup` that waits
//! holds its connection up. It knows the protocol and no more: it joins, the leader gives everybody an
//! empty assignment, and then heartbeats go out until the generation ends.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use ottla_protocol::wire::Str;
use ottla_transport::{ClientConnection, ClientConnectionConfig};
use tokio::sync::{Notify, mpsc};

use crate::wire::connect_with;
use crate::{Figures, Load};

/// The versions that are spoken: what every broker since Kafka 4.0 serves.
const FIND_COORDINATOR_VERSION: i16 = 4;
const JOIN_GROUP_VERSION: i16 = 9;
const SYNC_GROUP_VERSION: i16 = 5;
const HEARTBEAT_VERSION: i16 = 4;
const LEAVE_GROUP_VERSION: i16 = 5;

/// Kafka's defaults of a consumer.
const SESSION_TIMEOUT_MS: i32 = 45_000;
const REBALANCE_TIMEOUT_MS: i32 = 300_000;

/// Time between the attempts of a member whose group is not there yet.
pub(crate) const RETRY: Duration = Duration::from_millis(20);

/// How long groups may take to settle.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// A subscription to nothing, and an assignment of nothing: no topics, no data.
pub(crate) const NOTHING: Bytes = Bytes::from_static(&[0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);

/// What the members of one group share.
struct Group {
    name: Str,
    members: u64,
    heartbeat_interval: Duration,
    /// Makes the one that hears of it leave.
    leave: Notify,
    /// The newest generation that a member was synced into.
    generation: AtomicI32,
}

/// A member was synced into a generation of a group of so many members.
struct Synced {
    group: usize,
    generation: i32,
}

/// Settles all groups and says how long it took; then, at a line of standard input, lets one member of the
/// first group leave and says how long that group took. Holds all groups until standard input ends.
pub(crate) async fn run(load: &Load) -> Figures {
    let (synced, mut news) = mpsc::unbounded_channel();
    let groups: Vec<Arc<Group>> = (0..load.groups).map(|number| Arc::new(group(load, number))).collect();
    let mut connections = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        for _ in 0..load.members {
            connections.push((place, Arc::clone(group), connect(load, Key::Group(&group.name)).await?));
        }
    }
    let start = Instant::now();
    for (place, group, connection) in connections {
        let synced = synced.clone();
        tokio::spawn(async move {
            let name = group.name.clone();
            if let Err(error) = member(&group, place, &connection, &synced).await {
                eprintln!("a member of {name}: {error}");
                std::process::exit(1);
            }
        });
    }
    let mut calm = Calm::new(&groups);
    tokio::time::timeout(PATIENCE, calm.reached(&mut news)).await?;
    let settled = start.elapsed();
    println!("settled_ms={}", settled.as_millis());
    let mut left = 0;
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(tokio::io::stdin()));
    while lines.next_line().await?.is_some() {
        let first = groups.first().ok_or("there is no group")?;
        let start = Instant::now();
        left += 1;
        calm.expect(0, load.members.saturating_sub(left), first.generation.load(Ordering::SeqCst) + 1);
        first.leave.notify_one();
        tokio::time::timeout(PATIENCE, calm.reached(&mut news)).await?;
        println!("resettled_ms={}", start.elapsed().as_millis());
    }
    Ok("ended=all".to_owned())
}

fn group(load: &Load, number: u64) -> Group {
    Group {
        name: Str::from(format!("{}-{number}", load.topic)),
        members: load.members,
        heartbeat_interval: Duration::from_millis(load.heartbeat_ms),
        leave: Notify::new(),
        generation: AtomicI32::new(0),
    }
}

/// What a coordinator is asked for by: the name of a group, or the id of a transaction.
#[derive(Clone, Copy)]
pub(crate) enum Key<'a> {
    Group(&'a Str),
    Transaction(&'a Str),
}

/// A connection to a coordinator, once there is one.
pub(crate) async fn connect(load: &Load, key: Key<'_>) -> Result<ClientConnection, Failure> {
    let patience = Duration::from_millis(u64::from(REBALANCE_TIMEOUT_MS.unsigned_abs())) + PATIENCE;
    let config = ClientConnectionConfig::default().with_client_id("load").with_request_timeout(patience);
    let connection = connect_with(load, config).await?;
    let (name, key_type) = match key {
        Key::Group(name) => (name, 0),
        Key::Transaction(id) => (id, 1),
    };
    let request =
        FindCoordinatorRequest::default().with_key_type(key_type).with_coordinator_keys(vec![name.clone()]);
    let start = Instant::now();
    loop {
        let response = connection.call(&request, FIND_COORDINATOR_VERSION).await?;
        match response.coordinators.first().map(|found| found.error_code) {
            Some(ErrorCode::NONE) => return Ok(connection),
            Some(code) if code.is_retriable() && start.elapsed() < PATIENCE => {
                tokio::time::sleep(RETRY).await
            }
            code => return Err(format!("looking for a coordinator: {code:?}").into()),
        }
    }
}

/// The groups that are not yet where they have to be.
struct Calm {
    /// By group: members wanted, the least generation that counts, and how many are synced into the newest.
    wanted: Vec<(u64, i32, u64)>,
    open: usize,
}

impl Calm {
    fn new(groups: &[Arc<Group>]) -> Self {
        Self { wanted: groups.iter().map(|group| (group.members, 1, 0)).collect(), open: groups.len() }
    }

    fn expect(&mut self, group: usize, members: u64, generation: i32) {
        self.wanted[group] = (members, generation, 0);
        self.open += 1;
    }

    async fn reached(&mut self, news: &mut mpsc::UnboundedReceiver<Synced>) {
        while self.open > 0 {
            let Some(Synced { group, generation }) = news.recv().await else { return };
            let (members, newest, synced) = &mut self.wanted[group];
            if generation > *newest {
                (*newest, *synced) = (generation, 0);
            }
            if generation == *newest {
                *synced += 1;
                if *synced == *members {
                    self.open -= 1;
                }
            }
        }
    }
}

/// The life of a member, until it is asked to leave or the program ends.
async fn member(
    group: &Group,
    place: usize,
    connection: &ClientConnection,
    synced: &mpsc::UnboundedSender<Synced>,
) -> Result<(), Failure> {
    let mut id = Str::default();
    loop {
        let joined = join(&group.name, &NOTHING, connection, &mut id).await?;
        if !sync(&group.name, connection, &id, &joined).await? {
            continue;
        }
        group.generation.fetch_max(joined.generation_id, Ordering::SeqCst);
        synced.send(Synced { group: place, generation: joined.generation_id })?;
        if heartbeats(group, connection, &id, joined.generation_id).await? {
            return Ok(());
        }
    }
}

/// Joins with a subscription, until there is a generation; a member without an id gets one.
pub(crate) async fn join(
    group: &Str,
    subscription: &Bytes,
    connection: &ClientConnection,
    id: &mut Str,
) -> Result<JoinGroupResponse, Failure> {
    loop {
        let protocol =
            JoinGroupRequestProtocol::default().with_name("range").with_metadata(subscription.clone());
        let request = JoinGroupRequest::default()
            .with_group_id(group.clone())
            .with_session_timeout_ms(SESSION_TIMEOUT_MS)
            .with_rebalance_timeout_ms(REBALANCE_TIMEOUT_MS)
            .with_member_id(id.clone())
            .with_protocol_type("consumer")
            .with_protocols(vec![protocol]);
        let response = connection.call(&request, JOIN_GROUP_VERSION).await?;
        match response.error_code {
            ErrorCode::NONE => return Ok(response),
            ErrorCode::MEMBER_ID_REQUIRED => *id = response.member_id,
            ErrorCode::REBALANCE_IN_PROGRESS => {}
            code if code.is_retriable() => tokio::time::sleep(RETRY).await,
            code => return Err(format!("JoinGroup: {code}").into()),
        }
    }
}

/// Takes an assignment, which the leader gives: nothing to anybody. False when the generation is over already.
pub(crate) async fn sync(
    group: &Str,
    connection: &ClientConnection,
    id: &Str,
    joined: &JoinGroupResponse,
) -> Result<bool, Failure> {
    let mut sync = SyncGroupRequest::default()
        .with_group_id(group.clone())
        .with_generation_id(joined.generation_id)
        .with_member_id(id.clone())
        .with_protocol_type(Some(Str::from("consumer")))
        .with_protocol_name(joined.protocol_name.clone());
    if joined.leader == *id {
        let nothing = |member: &Str| {
            SyncGroupRequestAssignment::default().with_member_id(member.clone()).with_assignment(NOTHING)
        };
        sync.assignments = joined.members.iter().map(|member| nothing(&member.member_id)).collect();
    }
    match connection.call(&sync, SYNC_GROUP_VERSION).await?.error_code {
        ErrorCode::NONE => Ok(true),
        ErrorCode::REBALANCE_IN_PROGRESS | ErrorCode::ILLEGAL_GENERATION => Ok(false),
        code => Err(format!("SyncGroup: {code}").into()),
    }
}

/// Leaves the group.
pub(crate) async fn leave(group: &Str, connection: &ClientConnection, id: &Str) -> Result<(), Failure> {
    let leaver = MemberIdentity::default().with_member_id(id.clone());
    let request = LeaveGroupRequest::default().with_group_id(group.clone()).with_members(vec![leaver]);
    match connection.call(&request, LEAVE_GROUP_VERSION).await?.error_code {
        ErrorCode::NONE => Ok(()),
        code => Err(format!("LeaveGroup: {code}").into()),
    }
}

/// Says that a member is alive; false when its generation is over.
pub(crate) async fn heartbeat(
    group: &Str,
    connection: &ClientConnection,
    id: &Str,
    generation: i32,
) -> Result<bool, Failure> {
    let request = HeartbeatRequest::default()
        .with_group_id(group.clone())
        .with_generation_id(generation)
        .with_member_id(id.clone());
    match connection.call(&request, HEARTBEAT_VERSION).await?.error_code {
        ErrorCode::NONE => Ok(true),
        ErrorCode::REBALANCE_IN_PROGRESS | ErrorCode::ILLEGAL_GENERATION => Ok(false),
        code => Err(format!("Heartbeat: {code}").into()),
    }
}

/// Heartbeats until the generation ends; true when the member has left the group.
async fn heartbeats(
    group: &Group,
    connection: &ClientConnection,
    id: &Str,
    generation: i32,
) -> Result<bool, Failure> {
    loop {
        tokio::select! {
            biased;
            () = group.leave.notified() => {
                leave(&group.name, connection, id).await?;
                return Ok(true);
            }
            () = tokio::time::sleep(group.heartbeat_interval) => {}
        }
        if !heartbeat(&group.name, connection, id, generation).await? {
            return Ok(false);
        }
    }
}
