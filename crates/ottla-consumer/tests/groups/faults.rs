//! Groups whose members come and go while the network fails: nothing is skipped, and nobody shares for long.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_client::NodeId;
use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_consumer::assignor::Assignor;
use ottla_consumer::{Config, Consumer, Event, OffsetReset};
use ottla_env::Rng;
use ottla_protocol::messages::RequestBody;
use ottla_transport::NetworkFaults;

use super::world::*;

const PARTITIONS: i32 = 4;
const RECORDS: i64 = 200;

/// How often each number was worked on.
type Seen = Arc<Mutex<BTreeMap<i64, usize>>>;

/// Works until it is told to stop; some batches are dropped in the middle of a turn, as by a user who is cancelled.
async fn work(consumer: Consumer, seen: Seen, mut rng: Rng, life: Duration) {
    let end = tokio::time::Instant::now() + life;
    loop {
        match tokio::time::timeout_at(end, consumer.next_event()).await {
            Err(_) => break,
            Ok(Ok(Event::Batch(batch))) => {
                pass(Duration::from_millis(rng.below(400))).await;
                for number in numbers_of(&batch) {
                    *seen.lock().expect("nobody panics with it").entry(number).or_default() += 1;
                }
                if rng.chance(0.1) {
                    let _ = consumer.commit().await;
                }
            }
            Ok(Ok(Event::Revoking(revocation))) => {
                pass(Duration::from_millis(rng.below(2_000))).await;
                if rng.chance(0.5) {
                    let _ = consumer.commit().await;
                }
                drop(revocation);
            }
            Ok(Ok(_)) => {}
            Ok(Err(error)) => panic!("{error}"),
        }
    }
    if rng.chance(0.5) {
        consumer.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_record_is_worked_on_and_calm_groups_own_everything_once() {
    for seed in 0..24 {
        let faults = NetworkFaults {
            delay_max: Duration::from_millis(20),
            split_chance: 0.05,
            cut_chance: 0.005,
            refuse_chance: 0.05,
            ..NetworkFaults::default()
        };
        let cluster = ScriptedCluster::with_faults(2, faults, seed);
        cluster.add_topic("t", PARTITIONS);
        for partition in 0..PARTITIONS {
            fill(&cluster, partition, 0..RECORDS);
        }
        let mut rng = Rng::new(seed);
        cluster.script({
            let mut rng = Rng::new(seed + 1_000);
            move |_, request| match request {
                RequestBody::JoinGroup(_) | RequestBody::SyncGroup(_) | RequestBody::OffsetCommit(_)
                    if rng.chance(0.1) =>
                {
                    Some(Reply::LoseAnswer)
                }
                RequestBody::Heartbeat(_) if rng.chance(0.05) => Some(Reply::Close),
                RequestBody::OffsetFetch(_) if rng.chance(0.05) => Some(Reply::Delay(Duration::from_secs(1))),
                _ => None,
            }
        });
        let assignor = Assignor::ALL[usize::try_from(seed % 4).unwrap()];
        let config = || -> Config {
            let config = config(&cluster)
                .with_assignors([assignor])
                .with_auto_offset_reset(OffsetReset::Earliest)
                .with_auto_commit(Duration::from_secs(1))
                .with_session(Duration::from_secs(10), Duration::from_secs(1))
                .with_max_poll_interval(Duration::from_secs(20));
            if seed % 3 == 0 { config.with_max_partition_fetch_bytes(500) } else { config }
        };
        let seen = Seen::default();
        let mut tasks = Vec::new();
        for round in 0..5 {
            if let Ok(consumer) = Consumer::new(config()).await {
                consumer.subscribe(["t"]).await.unwrap();
                let life = Duration::from_secs(2 + rng.below(20));
                tasks.push(tokio::spawn(work(consumer, Arc::clone(&seen), Rng::new(seed + round), life)));
            }
            pass(Duration::from_millis(rng.below(8_000))).await;
            match rng.below(4) {
                0 => cluster.move_coordinator(GROUP, NodeId(1 + i32::try_from(rng.below(2)).unwrap())),
                1 => cluster.forget_members(GROUP),
                2 => cluster.cut(NodeId(1 + i32::try_from(rng.below(2)).unwrap())),
                _ => {}
            }
        }
        // Everything heals, two stay, and what was not done is done by them.
        cluster.set_faults(NetworkFaults::default());
        cluster.clear_script();
        let mut last = Vec::new();
        for number in 0..2 {
            let consumer = Consumer::new(config()).await.unwrap();
            consumer.subscribe(["t"]).await.unwrap();
            last.push(consumer.clone());
            let rng = Rng::new(seed + 100 + number);
            tasks.push(tokio::spawn(work(consumer, Arc::clone(&seen), rng, Duration::from_secs(120))));
        }
        pass(Duration::from_secs(100)).await;
        let mut all = owned(&last.iter().collect::<Vec<_>>()).concat();
        all.sort_unstable();
        assert_eq!(all, Vec::from_iter(0..PARTITIONS), "seed {seed}");
        drop(last);
        for task in tasks {
            task.await.unwrap();
        }
        let seen = seen.lock().expect("nobody panics with it");
        let wanted = (0..i64::from(PARTITIONS)).flat_map(|index| index * 1_000..index * 1_000 + RECORDS);
        let missing: Vec<i64> = wanted.filter(|number| !seen.contains_key(number)).collect();
        assert!(missing.is_empty(), "seed {seed}: nobody worked on {missing:?}");
        for partition in 0..PARTITIONS {
            assert_eq!(cluster.committed(GROUP, "t", partition), Some(RECORDS), "seed {seed}");
        }
    }
}
