//! Groups with a member each that heartbeat and commit all the time, over few connections.
//!
//! Makes the groups and says so; then, at a line of standard input, sends heartbeats and commits by turns, to one group after
//! the other, and says how fast they were answered.

use std::sync::Arc;
use std::time::Instant;

use hdrhistogram::Histogram;
use ottla_protocol::wire::Str;
use ottla_transport::ClientConnection;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::task::JoinSet;

use crate::groups::{Failure, Key, connect, heartbeat};
use crate::idle::{Group, commit, make};
use crate::{Figures, Load, micros, rates};

/// Makes the groups; runs the load at a line of standard input.
pub(crate) async fn run(load: &Load) -> Figures {
    let connections = load.connections.clamp(1, load.groups.max(1));
    let topic = Str::from(load.topic.as_str());
    let mut makers = JoinSet::new();
    for first in 0..connections {
        let names: Vec<Str> = (first..load.groups)
            .step_by(usize::try_from(connections)?)
            .map(|number| Str::from(format!("{topic}-{}-{number}", load.groups)))
            .collect();
        let Some(name) = names.first() else { continue };
        let connection = Arc::new(connect(load, Key::Group(name)).await?);
        let topic = topic.clone();
        makers.spawn(async move {
            let mut groups = Vec::new();
            for name in names {
                groups.push(make(&connection, name, &topic, true).await?);
            }
            Ok::<_, Failure>((connection, groups))
        });
    }
    let mut made = Vec::new();
    while let Some(ended) = makers.join_next().await {
        made.push(ended??);
    }
    println!("groups={}", load.groups);
    BufReader::new(stdin()).lines().next_line().await?;
    let each = load.records / connections;
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for (connection, groups) in made {
        let topic = topic.clone();
        tasks.spawn(async move { keep(&connection, &groups, &topic, each).await });
    }
    let mut latencies = Histogram::<u64>::new(3)?;
    while let Some(ended) = tasks.join_next().await {
        latencies.add(ended??)?;
    }
    let [p50, p99] = [0.5, 0.99].map(|quantile| micros(&latencies, quantile));
    Ok(format!(
        "{} requests={} p50_us={p50:.1} p99_us={p99:.1}",
        rates(load, start.elapsed()),
        latencies.len()
    ))
}

/// A heartbeat and a commit of one group after the other, one request in flight.
async fn keep(
    connection: &ClientConnection,
    groups: &[Group],
    topic: &Str,
    requests: u64,
) -> Result<Histogram<u64>, Failure> {
    let mut latencies = Histogram::new(3)?;
    for (turn, group) in (0..requests / 2).zip(groups.iter().cycle()) {
        let Some((id, generation)) = &group.member else { return Err("a group without a member".into()) };
        let sent = Instant::now();
        if !heartbeat(&group.name, connection, id, *generation).await? {
            return Err(format!("{} is in another generation", group.name).into());
        }
        latencies.record(u64::try_from(sent.elapsed().as_nanos())?)?;
        let sent = Instant::now();
        commit(connection, &group.name, topic, id, *generation, i64::try_from(turn)?).await?;
        latencies.record(u64::try_from(sent.elapsed().as_nanos())?)?;
    }
    Ok(latencies)
}
