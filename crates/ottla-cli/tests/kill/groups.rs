//! Groups that consume what is produced, and what must hold of the offsets that they commit.
//!
//! How far they are is known here; that nothing is skipped, earned too early or forgotten is judged in the end, by their
//! history.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla::client::{Client, GroupOffsets};
use ottla::consumer::{Batch, Config, Consumer, Event, OffsetReset};
use ottla_check::What;
use tokio::time::{sleep, timeout};

use crate::producers::records;
use crate::told::partitions;
use crate::{PATIENCE, Progress, TOPIC};

/// An offset by partition.
pub(crate) type Offsets = BTreeMap<i32, i64>;

const MEMBERS: u64 = 3;
/// Batches after which a member leaves, and comes back; more for each member, so that they do not go together.
const BATCHES_OF_A_LIFE: u64 = 150;

/// A group, as all who look at it share it.
#[derive(Clone)]
pub(crate) struct Group {
    name: &'static str,
    commits_itself: bool,
    client: Client,
    progress: Arc<Progress>,
    seen: Arc<Mutex<Seen>>,
    commits: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Behind the last record that a member is done with.
    frontier: Offsets,
    /// What is committed, by what anybody was told.
    floors: Offsets,
    /// What must not be, as it was seen in other tasks than the test's.
    problems: Vec<String>,
}

impl Group {
    /// A group that commits by itself, and one that commits each batch; both under watch.
    pub(crate) fn start_all(address: &str, client: &Client, progress: &Arc<Progress>) -> Vec<Self> {
        [("by-itself", true), ("by-batch", false)]
            .map(|(name, commits_itself)| {
                let (client, progress) = (client.clone(), Arc::clone(progress));
                let group = Self {
                    name,
                    commits_itself,
                    client,
                    progress,
                    seen: Arc::default(),
                    commits: Arc::default(),
                };
                for member in 0..MEMBERS {
                    drop(tokio::spawn(group.clone().consume(address.to_owned(), member)));
                }
                drop(tokio::spawn(group.clone().watch()));
                group
            })
            .into()
    }

    /// How often a commit was seen that goes beyond the one before.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How far its members are.
    pub(crate) fn finished(&self) -> Offsets {
        self.look(|seen| seen.frontier.clone())
    }

    /// Whether it is known to have committed up to these offsets.
    pub(crate) fn has_committed(&self, offsets: &Offsets) -> bool {
        self.look(|seen| offsets.iter().all(|(partition, offset)| seen.floors.get(partition) >= Some(offset)))
    }

    /// Fails with what a task saw that must not be.
    pub(crate) fn check(&self) {
        self.look(|seen| assert!(seen.problems.is_empty(), "{}: {:?}", self.name, seen.problems));
    }

    /// Waits until it has committed up to `ends`, which is never further back.
    pub(crate) async fn comes_to(&self, ends: &Offsets) {
        let arrives = async {
            while self.ask().await.as_ref() != Some(ends) {
                sleep(Duration::from_millis(20)).await;
            }
        };
        assert!(timeout(PATIENCE, arrives).await.is_ok(), "{self:?} does not come to {ends:?}");
    }

    /// One member, which now and then leaves and comes back as another.
    async fn consume(self, address: String, member: u64) {
        for life in 1.. {
            let (who, group) = (format!("{} {member}.{life}", self.name), self.name.to_owned());
            let told = &self.progress.told;
            let consumer = Consumer::new(self.config(&address)).await.unwrap();
            consumer.subscribe([TOPIC]).await.unwrap();
            let mut batches = 0;
            while batches < BATCHES_OF_A_LIFE * (life + member) {
                match consumer.next_event().await {
                    Ok(Event::Batch(batch)) => {
                        batches += 1;
                        self.take(&who, &batch);
                        drop(batch);
                        if !self.commits_itself {
                            self.commit(&who, &consumer).await;
                        }
                    }
                    Ok(Event::Assigned(places)) => {
                        let (who, group, partitions) = (who.clone(), group.clone(), partitions(&places));
                        told.push(What::Assigned {
                            who,
                            group,
                            generation: None,
                            instance: None,
                            partitions,
                        });
                    }
                    Ok(Event::Lost(places)) => {
                        let (who, group, partitions) = (who.clone(), group.clone(), partitions(&places));
                        told.push(What::Revoked { who, group, partitions });
                    }
                    Ok(Event::Revoking(revocation)) => {
                        if !self.commits_itself {
                            self.commit(&who, &consumer).await;
                        }
                        let (who, group) = (who.clone(), group.clone());
                        let partitions = partitions(revocation.partitions());
                        told.push(What::Revoked { who, group, partitions });
                        revocation.done().await;
                    }
                    Ok(_) => {}
                    Err(error) => self.must(error.is_retriable(), || error.to_string()),
                }
            }
            told.push(What::Left { who, group });
            consumer.close().await;
        }
    }

    fn config(&self, address: &str) -> Config {
        let config = Config::new(address)
            .with_group_id(self.name)
            .with_auto_offset_reset(OffsetReset::Earliest)
            .with_session(Duration::from_secs(10), Duration::from_millis(200));
        if self.commits_itself {
            config.with_auto_commit(Duration::from_millis(20))
        } else {
            config.without_auto_commit()
        }
    }

    fn take(&self, who: &str, batch: &Batch) {
        let (partition, records) = (batch.partition(), records(batch));
        let Some(next) = records.last().map(|record| record.offset + 1) else { return };
        let told = &self.progress.told;
        told.read(who, Some(self.name), partition, records);
        let (who, group, topic) = (who.to_owned(), self.name.to_owned(), TOPIC.to_owned());
        told.push(What::Handled { who, group, topic, partition, next });
        self.look(|seen| raise(&mut seen.frontier, partition, next));
    }

    async fn commit(&self, who: &str, consumer: &Consumer) {
        let told = &self.progress.told;
        let op = told.ask(|op| What::Commit {
            op,
            who: who.to_owned(),
            group: self.name.to_owned(),
            generation: None,
            transaction: None,
            offsets: Vec::new(),
        });
        // A commit may fail when the group goes on without this member; what it says then is not committed.
        match consumer.commit().await {
            Ok(committed) => {
                told.committed(op, &committed);
                self.was_told(&by_partition(&committed));
            }
            Err(error) => told.push(What::info(op, error.to_string())),
        }
    }

    /// Asks again and again what is committed.
    async fn watch(self) {
        loop {
            self.ask().await;
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn ask(&self) -> Option<Offsets> {
        let told = &self.progress.told;
        let (who, group) = ("watcher".to_owned(), self.name.to_owned());
        let op = told.ask(|op| What::Committed { op, who, group });
        let committed = self.client.admin().group_offsets(self.name).await;
        match &committed {
            Ok(committed) => told.committed(op, committed),
            Err(error) => told.push(What::fail(op, error.to_string())),
        }
        let committed = by_partition(&committed.ok()?);
        self.was_told(&committed);
        Some(committed)
    }

    /// Somebody was told what is committed.
    fn was_told(&self, told: &Offsets) {
        let mut is_news = false;
        for (partition, offset) in told {
            is_news |= self.look(|seen| raise(&mut seen.floors, *partition, *offset));
        }
        if is_news {
            self.commits.fetch_add(1, Ordering::Relaxed);
            self.progress.more.notify_one();
        }
    }

    fn must(&self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.look(|seen| seen.problems.push(problem()));
            self.progress.more.notify_one();
        }
    }

    fn look<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap())
    }
}

fn by_partition(offsets: &GroupOffsets) -> Offsets {
    offsets.iter().map(|(place, committed)| (place.partition, committed.offset.0)).collect()
}

/// Raises an offset; says whether that was news.
fn raise(offsets: &mut Offsets, partition: i32, offset: i64) -> bool {
    let known = offsets.entry(partition).or_insert(0);
    let is_news = offset > *known;
    *known = offset.max(*known);
    is_news
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} after {} commits: {:?}", self.name, self.commits(), self.seen)
    }
}
