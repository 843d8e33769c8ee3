//! A group that is never in order: one member after the other leaves and joins anew, and all must follow.
//!
//! Members subscribe to many topics by name, as those with a pattern do in the classic protocol, so each
//! generation moves members times topics names. They hear of a generation's end by their heartbeats, which are
//! as rare as real ones while the group is at rest, and ten a second in the storm: that makes it worse.
//! In the consumer protocol (KIP-848) they subscribe with a pattern, which the broker has to resolve.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::consumer_group_heartbeat::{ConsumerGroupHeartbeatRequest, TopicPartitions};
use ottla_protocol::wire::Str;
use ottla_transport::ClientConnection;
use tokio::sync::{Notify, watch};

use crate::groups::{Failure, Key, PATIENCE, connect, heartbeat, join, leave, sync};
use crate::{Figures, Load};

/// Time between two heartbeats of a member in the storm.
const STORMY_HEARTBEAT: Duration = Duration::from_millis(100);

/// Time between two members that leave in the storm.
const LEAVING: Duration = Duration::from_millis(50);

/// The version of the consumer protocol that is spoken; patterns came with it.
const CONSUMER_HEARTBEAT_VERSION: i16 = 1;

/// In which epoch a member of the consumer protocol joins, and in which it leaves.
const JOINS: i32 = 0;
const LEAVES: i32 = -1;

/// What the members share.
struct Group {
    name: Str,
    members: u64,
    subscription: Bytes,
    calm_heartbeat: Duration,
    storm: watch::Sender<bool>,
    /// Makes the one that hears of it leave, and join anew.
    leave: Notify,
    progress: Mutex<Progress>,
    /// Some member was synced.
    news: Notify,
}

/// How far the group is.
#[derive(Default)]
struct Progress {
    /// The newest generation that a member was synced into.
    generation: i32,
    /// How many were.
    synced: u64,
    /// Generations before this one are not the last.
    due: i32,
}

/// Settles the group; each line of standard input begins the storm, or ends it and waits for the group to settle.
pub(crate) async fn run(load: Load) -> Figures {
    let group = Arc::new(Group {
        name: Str::from(load.topic.as_str()),
        members: load.members,
        subscription: subscription(load.subscribed),
        calm_heartbeat: Duration::from_millis(load.heartbeat_ms),
        storm: watch::Sender::new(false),
        leave: Notify::new(),
        progress: Mutex::default(),
        news: Notify::new(),
    });
    let mut connections = Vec::new();
    for _ in 0..load.members {
        connections.push(connect(&load, Key::Group(&group.name)).await?);
    }
    let start = Instant::now();
    for (number, connection) in connections.into_iter().enumerate() {
        let group = Arc::clone(&group);
        tokio::spawn(async move {
            let lived = match load.consumer_protocol {
                false => group.member(&connection).await,
                true => group.consumer(&connection, number).await,
            };
            if let Err(error) = lived {
                eprintln!("a member of {}: {error}", group.name);
                std::process::exit(1);
            }
        });
    }
    tokio::time::timeout(PATIENCE, group.settled()).await?;
    println!("settled_ms={}", start.elapsed().as_millis());
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(tokio::io::stdin()));
    while lines.next_line().await?.is_some() {
        let (began, before) = (Instant::now(), group.progress().generation);
        group.storm.send_replace(true);
        println!("storming=1");
        let mut each = tokio::time::interval(LEAVING);
        loop {
            tokio::select! {
                _ = each.tick() => group.leave.notify_one(),
                line = lines.next_line() => break drop(line?),
            }
        }
        let (lasted, generations) = (began.elapsed(), group.progress().generation - before);
        group.storm.send_replace(false);
        let ended = Instant::now();
        tokio::time::timeout(PATIENCE, group.settled()).await?;
        let rate = f64::from(generations) / lasted.as_secs_f64();
        println!("generations_per_s={rate:.1} resettled_ms={}", ended.elapsed().as_millis());
    }
    Ok("ended=all".to_owned())
}

/// A consumer's subscription to so many topics, by name.
fn subscription(topics: u64) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_u32(u32::try_from(topics).unwrap_or(u32::MAX));
    for topic in 0..topics {
        let name = format!("orders-of-region-{topic:03}");
        bytes.put_u16(u16::try_from(name.len()).unwrap_or(u16::MAX));
        bytes.put_slice(name.as_bytes());
    }
    bytes.put_i32(-1);
    bytes.freeze()
}

impl Progress {
    fn is_settled(&self, members: u64) -> bool {
        self.synced == members && self.generation >= self.due
    }
}

impl Group {
    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until all members are in one generation, and none has left since.
    async fn settled(&self) {
        loop {
            let news = self.news.notified();
            if self.progress().is_settled(self.members) {
                return;
            }
            news.await;
        }
    }

    fn synced(&self, generation: i32) {
        let mut progress = self.progress();
        if generation > progress.generation {
            (progress.generation, progress.synced) = (generation, 0);
        }
        progress.synced += u64::from(generation == progress.generation);
        self.news.notify_waiters();
    }

    /// The life of a member, until the program ends.
    async fn member(&self, connection: &ClientConnection) -> Result<(), Failure> {
        let mut id = Str::default();
        loop {
            let joined = join(&self.name, &self.subscription, connection, &mut id).await?;
            if !sync(&self.name, connection, &id, &joined).await? {
                continue;
            }
            self.synced(joined.generation_id);
            if self.leaves(connection, &id, joined.generation_id).await? {
                let mut progress = self.progress();
                progress.due = progress.due.max(joined.generation_id + 1);
                id = Str::default();
            }
        }
    }

    /// Heartbeats until the generation ends; true when the member has left the group.
    async fn leaves(
        &self,
        connection: &ClientConnection,
        id: &Str,
        generation: i32,
    ) -> Result<bool, Failure> {
        let mut storm = self.storm.subscribe();
        loop {
            let interval = if *storm.borrow_and_update() { STORMY_HEARTBEAT } else { self.calm_heartbeat };
            tokio::select! {
                biased;
                () = self.leave.notified() => {
                    leave(&self.name, connection, id).await?;
                    return Ok(true);
                }
                _ = storm.changed() => {} // the others may be in the next generation already
                () = tokio::time::sleep(interval) => {}
            }
            if !heartbeat(&self.name, connection, id, generation).await? {
                return Ok(false);
            }
        }
    }

    /// The life of a member of the consumer protocol, until the program ends. What counts as its generation is
    /// the epoch of the group that it has come to.
    async fn consumer(&self, connection: &ClientConnection, number: usize) -> Result<(), Failure> {
        let mut storm = self.storm.subscribe();
        for life in 0.. {
            let id = Str::from(format!("{}-{number}-{life}", self.name));
            let (mut epoch, mut owned) = (JOINS, Some(Vec::new()));
            loop {
                let heartbeat = self.consumer_heartbeat(&id, epoch, owned.take());
                let response = connection.call(&heartbeat, CONSUMER_HEARTBEAT_VERSION).await?;
                if response.error_code != ErrorCode::NONE {
                    return Err(format!("ConsumerGroupHeartbeat: {}", response.error_code).into());
                }
                if response.member_epoch != epoch {
                    epoch = response.member_epoch;
                    self.synced(epoch);
                }
                if let Some(assignment) = response.assignment {
                    // It has what it was given at once, and says so.
                    let of = |of: &TopicPartitions| {
                        TopicPartitions::default()
                            .with_topic_id(of.topic_id)
                            .with_partitions(of.partitions.clone())
                    };
                    owned = Some(assignment.topic_partitions.iter().map(of).collect());
                    continue;
                }
                let interval =
                    if *storm.borrow_and_update() { STORMY_HEARTBEAT } else { self.calm_heartbeat };
                tokio::select! {
                    biased;
                    () = self.leave.notified() => {
                        let leaving = self.consumer_heartbeat(&id, LEAVES, None);
                        connection.call(&leaving, CONSUMER_HEARTBEAT_VERSION).await?;
                        let mut progress = self.progress();
                        progress.due = progress.due.max(epoch + 1);
                        break;
                    }
                    // All hear of the storm at once; what they send stays apart, as of members that came at any time.
                    _ = storm.changed() => {
                        let share = number as f64 / self.members as f64;
                        tokio::time::sleep(STORMY_HEARTBEAT.mul_f64(share)).await;
                    }
                    () = tokio::time::sleep(interval) => {}
                }
            }
        }
        Ok(())
    }

    /// A heartbeat; all but the first say no more than what has changed.
    fn consumer_heartbeat(
        &self,
        id: &Str,
        epoch: i32,
        owned: Option<Vec<TopicPartitions>>,
    ) -> ConsumerGroupHeartbeatRequest {
        let mut request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(self.name.clone())
            .with_member_id(id.clone())
            .with_member_epoch(epoch)
            .with_rebalance_timeout_ms(-1);
        request.topic_partitions = owned;
        if epoch == JOINS {
            request.rebalance_timeout_ms = 300_000;
            request.subscribed_topic_regex = Some(Str::from_static("orders-of-region-.*"));
        }
        request
    }
}
