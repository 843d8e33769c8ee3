//! Groups that consume what is produced, and what must hold of the offsets that they commit.
//!
//! The records that a group is done with are those before one offset in each partition, its frontier, since it
//! reads from the beginning: whoever is handed a record behind it has skipped one, and whatever is committed behind
//! it was never earned. What is committed, as acknowledged or told to anybody, never goes back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla::client::{Client, GroupOffsets};
use ottla::consumer::{Batch, Config, Consumer, Event, OffsetReset};
use tokio::time::{sleep, timeout};

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
    /// What must at least be committed, by what anybody was told.
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
            let consumer = Consumer::new(self.config(&address)).await.unwrap();
            consumer.subscribe([TOPIC]).await.unwrap();
            let mut batches = 0;
            while batches < BATCHES_OF_A_LIFE * (life + member) {
                match consumer.next_event().await {
                    Ok(Event::Batch(batch)) => {
                        batches += 1;
                        self.take(&batch);
                        drop(batch);
                        if !self.commits_itself {
                            self.commit(&consumer).await;
                        }
                    }
                    Ok(Event::Revoking(revocation)) => {
                        if !self.commits_itself {
                            self.commit(&consumer).await;
                        }
                        revocation.done().await;
                    }
                    Ok(_) => {}
                    Err(error) => self.must(error.is_retriable(), || error.to_string()),
                }
            }
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

    fn take(&self, batch: &Batch) {
        let partition = batch.partition();
        let mut next = self.look(|seen| seen.frontier.get(&partition).copied().unwrap_or(0));
        for record in batch {
            let offset = record.unwrap().offset;
            self.must(offset <= next, || format!("{offset} of {partition} is handed out, and not {next}"));
            next = next.max(offset + 1);
        }
        self.look(|seen| raise(&mut seen.frontier, partition, next));
    }

    async fn commit(&self, consumer: &Consumer) {
        // A commit may fail when the group goes on without this member; what it says then is not committed.
        if let Ok(committed) = consumer.commit().await {
            self.was_told(&by_partition(&committed), &Offsets::new());
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
        let floors = self.look(|seen| seen.floors.clone());
        let told = by_partition(&self.client.admin().group_offsets(self.name).await.ok()?);
        self.was_told(&told, &floors);
        Some(told)
    }

    /// Somebody was told what is committed, who asked when `floors` held.
    fn was_told(&self, told: &Offsets, floors: &Offsets) {
        for (partition, floor) in floors {
            let offset = told.get(partition);
            self.must(offset >= Some(floor), || format!("at {offset:?} of {partition}, it was at {floor}"));
        }
        let mut is_news = false;
        for (partition, offset) in told {
            let frontier = self.look(|seen| seen.frontier.get(partition).copied().unwrap_or(0));
            self.must(*offset <= frontier, || {
                format!("at {offset} of {partition}, it has come to {frontier}")
            });
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
