//! The broker is killed with signal 9, again and again, under idempotent `acks=all` producers and under
//! consuming groups.
//!
//! Nothing that was acknowledged may be lost, nothing may stand twice, and the records of one producer
//! keep their order in each partition ([`producers`]). What a group has committed never goes back, and
//! never runs ahead of what its members have finished ([`groups`]). `ottla_check` judges that, by what all of them told
//! ([`told`]).

#![expect(clippy::unwrap_used, reason = "what the test is made of fails as the test does")]

mod broker;
mod groups;
mod producers;
mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ottla::client::{Client, NewTopic};
use tokio::sync::Notify;

use broker::Broker;
use groups::Group;
use ottla_check::{Fault, Topic, What};
use told::Told;

const KILLS: u64 = 20;
const TOPIC: &str = "kill";
const PARTITIONS: i32 = 4;
/// Records that are acknowledged between two kills, at least.
const ACKNOWLEDGED_PER_LIFE: u64 = 300;
/// How soon who watches tries again.
const SOON: Duration = Duration::from_millis(5);
/// How long anything may take that should not take long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the clients and the one who kills tell each other.
struct Progress {
    acknowledged: AtomicU64,
    more: Notify,
    stop: AtomicBool,
    told: Told,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_or_committed_is_lost_over_twenty_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mut broker = Broker::serve("127.0.0.1:0", folder.path());
    let address = broker.address.clone();
    // Who watches comes back at once, so as to miss nothing of a short life.
    let config = ottla::client::Config::new(&address)
        .with_retry_backoff(SOON, SOON)
        .with_reconnect_backoff(SOON, SOON);
    let client = Client::connect(config).await.unwrap();
    client.admin().create_topic(NewTopic::new(TOPIC).with_partitions(PARTITIONS)).await.unwrap();

    let progress = Arc::new(Progress {
        acknowledged: AtomicU64::new(0),
        more: Notify::new(),
        stop: AtomicBool::new(false),
        told: Told::new(),
    });
    progress.told.push(What::Topic { topic: TOPIC.to_owned(), kind: Topic::Dense });
    let producers = producers::start(&address, &progress);
    let groups = Group::start_all(&address, &client, &progress);
    let mut slowest = Duration::ZERO;
    for kill in 0..KILLS {
        let goal = progress.acknowledged.load(Ordering::Relaxed) + ACKNOWLEDGED_PER_LIFE;
        let finished: Vec<_> = groups.iter().map(Group::finished).collect();
        let done = async {
            // Each life of the broker sees records acknowledged, and both groups commit what was finished before it:
            // what a kill kept from being committed does not stay behind.
            while progress.acknowledged.load(Ordering::Relaxed) < goal
                || groups.iter().zip(&finished).any(|(group, finished)| !group.has_committed(finished))
            {
                groups.iter().for_each(Group::check);
                progress.more.notified().await;
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, done).await;
        assert!(
            outcome.is_ok(),
            "life {kill}: {} of {goal} acknowledged, {groups:?}",
            progress.acknowledged.load(Ordering::Relaxed)
        );
        drop(broker);
        progress.told.push(What::Fault { kind: Fault::Restart });
        broker = Broker::serve(&address, folder.path());
        slowest = slowest.max(broker.opened_in);
    }
    progress.stop.store(true, Ordering::Relaxed);

    let sent = producers::finish(producers).await;
    println!("{sent} records over {KILLS} kills; the slowest start took {slowest:?}; {groups:?}");
    let acknowledged = progress.acknowledged.load(Ordering::Relaxed);
    assert_eq!(acknowledged, sent, "a broker that comes back answers every record");
    let ends = producers::consume(&address, sent, &progress.told).await;
    for group in &groups {
        group.comes_to(&ends).await;
    }
    drop(broker);
    let _broker = Broker::serve(&address, folder.path());
    for group in &groups {
        group.comes_to(&ends).await;
        group.check();
    }
    progress.told.check();
}
