//! Many share groups that do nothing (KIP-932), over few connections: what the groups cost, and not their members'
//! sockets.
//!
//! A group has the states of the partitions of one topic, and one member or, when that has left, none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::share_group_heartbeat::ShareGroupHeartbeatRequest;
use ottla_protocol::wire::Str;
use ottla_transport::ClientConnection;
use tokio::task::JoinSet;

use crate::groups::{Failure, Key, PATIENCE, connect};
use crate::{Figures, Load};

/// The only version there is.
const SHARE_GROUP_HEARTBEAT_VERSION: i16 = 1;

/// The epochs of a member that comes, and of one that goes.
const JOIN: i32 = 0;
const LEAVE: i32 = -1;

/// The id of the one member that a group has.
const MEMBER: Str = Str::from_static("a-member-with-an-id-as-long-as-an-id");

/// Time between two assignments of a group, and a little more.
const ASSIGNED_AFTER: Duration = Duration::from_millis(1_100);

/// A group that is there.
struct Group {
    name: Str,
    epoch: i32,
    /// Its states are there, and its member was given the partitions.
    is_settled: bool,
}

/// Makes the groups, says how long it took, and holds them until standard input ends.
pub(crate) async fn run(load: &Load) -> Figures {
    let connections = load.connections.max(1);
    let start = Instant::now();
    let mut makers = JoinSet::new();
    for first in 0..connections {
        let names: Vec<Str> = (first..load.groups)
            .step_by(usize::try_from(connections)?)
            .map(|number| Str::from(format!("share-{}-{number}", load.topic)))
            .collect();
        let Some(name) = names.first() else { continue };
        let connection = Arc::new(connect(load, Key::Group(name)).await?);
        let (topic, stays) = (Str::from(load.topic.as_str()), load.members > 0);
        makers.spawn(async move {
            let mut groups = make(&connection, names, &topic).await?;
            if !stays {
                for group in std::mem::take(&mut groups) {
                    heartbeat(&connection, &group.name, LEAVE, None).await?;
                }
            }
            Ok::<_, Failure>((connection, groups))
        });
    }
    let interval = Duration::from_millis(load.heartbeat_ms);
    while let Some(made) = makers.join_next().await {
        let (connection, groups) = made??;
        tokio::spawn(async move {
            if let Err(error) = live(&connection, groups, interval).await {
                eprintln!("idle share groups: {error}");
                std::process::exit(1);
            }
        });
    }
    println!("settled_ms={}", start.elapsed().as_millis());
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(tokio::io::stdin()));
    while lines.next_line().await?.is_some() {}
    Ok("ended=all".to_owned())
}

/// Makes groups whose member has its partitions.
async fn make(connection: &ClientConnection, names: Vec<Str>, topic: &Str) -> Result<Vec<Group>, Failure> {
    let mut groups = Vec::with_capacity(names.len());
    for name in names {
        let (epoch, is_settled) = heartbeat(connection, &name, JOIN, Some(topic)).await?;
        groups.push(Group { name, epoch, is_settled });
    }
    let start = Instant::now();
    while groups.iter().any(|group| !group.is_settled) {
        if start.elapsed() > PATIENCE {
            return Err("share groups take too long to settle".into());
        }
        tokio::time::sleep(ASSIGNED_AFTER).await;
        for group in groups.iter_mut().filter(|group| !group.is_settled) {
            (group.epoch, group.is_settled) = heartbeat(connection, &group.name, group.epoch, None).await?;
        }
    }
    Ok(groups)
}

/// Says that a member is there, or comes or goes; the epoch it has then, and whether it was given partitions.
async fn heartbeat(
    connection: &ClientConnection,
    name: &Str,
    epoch: i32,
    topic: Option<&Str>,
) -> Result<(i32, bool), Failure> {
    let request = ShareGroupHeartbeatRequest::default()
        .with_group_id(name.clone())
        .with_member_id(MEMBER)
        .with_member_epoch(epoch)
        .with_subscribed_topic_names(topic.map(|topic| vec![topic.clone()]));
    let response = connection.call(&request, SHARE_GROUP_HEARTBEAT_VERSION).await?;
    match response.error_code {
        ErrorCode::NONE => {
            let assignment = response.assignment;
            let is_given = assignment.is_some_and(|assignment| !assignment.topic_partitions.is_empty());
            Ok((response.member_epoch, is_given))
        }
        code => Err(format!("ShareGroupHeartbeat of {name}: {code:?}").into()),
    }
}

/// Heartbeats of all members of a connection, spread over the interval.
async fn live(
    connection: &ClientConnection,
    mut groups: Vec<Group>,
    interval: Duration,
) -> Result<(), Failure> {
    let Ok(count @ 1..) = u32::try_from(groups.len()) else { return Ok(()) };
    let mut due = tokio::time::interval(interval / count);
    loop {
        for group in &mut groups {
            due.tick().await;
            (group.epoch, _) = heartbeat(connection, &group.name, group.epoch, None).await?;
        }
    }
}
