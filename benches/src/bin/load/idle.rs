//! Many consumer groups that do nothing, over few connections: what the groups cost, and not their members'
//! sockets.
//!
//! A group has one committed offset and one member, or none: then somebody with an assignment of its own
//! committed the offset. The members send heartbeats as real ones do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ottla_protocol::wire::Str;
use ottla_transport::ClientConnection;
use tokio::task::JoinSet;

use crate::groups::{Failure, Key, NOTHING, connect, heartbeat, join, sync};
use crate::{Figures, Load};

/// The newest version that names topics by name.
const OFFSET_COMMIT_VERSION: i16 = 9;

/// A group that is there, and its only member, with its generation, if it has one.
pub(crate) struct Group {
    pub(crate) name: Str,
    pub(crate) member: Option<(Str, i32)>,
}

/// Makes the groups, says how long it took, and holds them until standard input ends.
pub(crate) async fn run(load: &Load) -> Figures {
    let connections = load.connections.max(1);
    let start = Instant::now();
    let mut makers = JoinSet::new();
    for first in 0..connections {
        let names: Vec<Str> = (first..load.groups)
            .step_by(usize::try_from(connections)?)
            .map(|number| Str::from(format!("{}-{number}", load.topic)))
            .collect();
        let Some(name) = names.first() else { continue };
        let connection = Arc::new(connect(load, Key::Group(name)).await?);
        let (topic, with_member) = (Str::from(load.topic.as_str()), load.members > 0);
        makers.spawn(async move {
            let mut groups = Vec::new();
            for name in names {
                groups.push(make(&connection, name, &topic, with_member).await?);
            }
            Ok::<_, Failure>((connection, groups))
        });
    }
    let interval = Duration::from_millis(load.heartbeat_ms);
    while let Some(made) = makers.join_next().await {
        let (connection, groups) = made??;
        tokio::spawn(async move {
            if let Err(error) = live(&connection, &groups, interval).await {
                eprintln!("idle groups: {error}");
                std::process::exit(1);
            }
        });
    }
    println!("settled_ms={}", start.elapsed().as_millis());
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(tokio::io::stdin()));
    while lines.next_line().await?.is_some() {}
    Ok("ended=all".to_owned())
}

/// A group with a committed offset.
pub(crate) async fn make(
    connection: &ClientConnection,
    name: Str,
    topic: &Str,
    with_member: bool,
) -> Result<Group, Failure> {
    let mut member = None;
    while with_member && member.is_none() {
        let mut id = Str::default();
        let joined = join(&name, &NOTHING, connection, &mut id).await?;
        if sync(&name, connection, &id, &joined).await? {
            member = Some((id, joined.generation_id));
        }
    }
    let (id, generation) = member.clone().unwrap_or((Str::default(), -1));
    commit(connection, &name, topic, &id, generation, 1).await?;
    Ok(Group { name, member })
}

/// Commits an offset of the first partition of a topic.
pub(crate) async fn commit(
    connection: &ClientConnection,
    group: &Str,
    topic: &Str,
    member: &Str,
    generation: i32,
    offset: i64,
) -> Result<(), Failure> {
    let partition = OffsetCommitRequestPartition::default().with_committed_offset(offset);
    let topic = OffsetCommitRequestTopic::default().with_name(topic.clone()).with_partitions(vec![partition]);
    let request = OffsetCommitRequest::default()
        .with_group_id(group.clone())
        .with_generation_id_or_member_epoch(generation)
        .with_member_id(member.clone())
        .with_topics(vec![topic]);
    let response = connection.call(&request, OFFSET_COMMIT_VERSION).await?;
    let answer = response.topics.first().and_then(|topic| topic.partitions.first());
    match answer.map(|partition| partition.error_code) {
        Some(ErrorCode::NONE) => Ok(()),
        code => Err(format!("OffsetCommit of {group}: {code:?}").into()),
    }
}

/// Heartbeats of all members of a connection, spread over the interval.
async fn live(connection: &ClientConnection, groups: &[Group], interval: Duration) -> Result<(), Failure> {
    let members: Vec<_> =
        groups.iter().filter_map(|group| Some((&group.name, group.member.as_ref()?))).collect();
    let Ok(count @ 1..) = u32::try_from(members.len()) else { return Ok(()) };
    let mut due = tokio::time::interval(interval / count);
    for (name, (id, generation)) in members.into_iter().cycle() {
        due.tick().await;
        if !heartbeat(name, connection, id, *generation).await? {
            return Err(format!("{name} is in another generation").into());
        }
    }
    Ok(())
}
