//! What a simulation promises: one seed is one run, a process dies as one, and troubles do what they are called.
#![expect(clippy::unwrap_used, reason = "what the tests share fails as the tests do")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ottla::broker::BrokerConfig;
use ottla::env::WallClock;
use ottla::producer::{Config, Producer};
use ottla::protocol::api::ApiKey;
use ottla::transport::Way;
use ottla_sim::{BEGINNING_MS, End, Happened, Kind, Node, Power, Sim, Trouble, Weather, each_seed, run};
use tokio::time::sleep;

async fn producer(sim: &Sim, node: &Node) -> Producer {
    let mut config = Config::new(node.address()).with_linger(Duration::ZERO);
    config.client = config.client.with_connector(sim.connector()).with_env(sim.env());
    config.client = config.client.with_request_timeout(Duration::from_secs(2));
    Producer::new(config).await.unwrap()
}

async fn send(producer: &Producer) -> Option<i64> {
    producer.send("orders", "key", "value").await.ok()?.offset.map(|offset| offset.0)
}

async fn begun(sim: &Sim) -> (Node, Producer) {
    let mut node = sim.node("broker:9092", BrokerConfig::new());
    node.start().await.unwrap();
    let producer = producer(sim, &node).await;
    assert_eq!(send(&producer).await, Some(0));
    (node, producer)
}

/// Sends in all weathers, and notes what came of it.
async fn any_weather(sim: Sim) {
    let (mut node, producer) = begun(&sim).await;
    let sending = tokio::spawn({
        let sim = sim.clone();
        async move {
            for _ in 0..30 {
                let sent = send(&producer).await;
                sim.note(&format!("sent: {sent:?}"));
                sleep(ottla_sim::millis(&mut sim.rng(), 0, 200)).await;
            }
        }
    });
    let weather = Weather::draw(&mut sim.rng(), &["orders-0/".to_owned()], Power::MayFail);
    node.weather(&weather).await;
    node.calm().await;
    sending.await.unwrap();
    for (path, bytes) in node.disk().image() {
        sim.note(&format!("{path} {bytes:?}"));
    }
}

#[test]
fn one_seed_is_one_run_and_two_are_two() {
    let traces = |seed| (run(seed, any_weather).trace, ottla_sim::replay(seed, any_weather).trace);
    let traces = each_seed(0..30, traces, |seed| println!("seed {seed}"));
    for (seed, (first, second)) in traces.iter().enumerate() {
        assert_eq!(first, second, "seed {seed} went two ways");
    }
    let mut different: Vec<u64> = traces.iter().map(|(trace, _)| *trace).collect();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), 30);
}

#[test]
fn a_replay_tells_events_and_what_the_stack_logs() {
    let ran = ottla_sim::replay(3, any_weather);
    assert!(ran.lines.iter().any(|line| line.contains("the broker serves")));
    assert!(ran.lines.iter().any(|line| line.contains("log: ")), "the stack logs");
    assert!(run(3, any_weather).lines.is_empty());
    assert!(ran.took > Duration::from_secs(1), "of virtual time");
}

#[test]
fn a_process_dies_as_one_and_its_panics_are_told() {
    let ran = run(1, async |sim: Sim| {
        let (process, count) = (sim.process(), Arc::new(AtomicU32::new(0)));
        for _ in 0..3 {
            let count = Arc::clone(&count);
            process.run(async move {
                loop {
                    sleep(Duration::from_secs(1)).await;
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        process.run(async { panic!("of a task") });
        let own = process.clone();
        process.run(async move {
            sleep(Duration::from_millis(2_500)).await;
            own.kill();
            sleep(Duration::from_secs(1)).await;
            panic!("it is dead");
        });
        sleep(Duration::from_secs(60)).await;
        assert!(process.is_dead());
        count.load(Ordering::SeqCst)
    });
    assert_eq!(ran.value, 6);
    assert_eq!(ran.problems, ["a task panicked: of a task"]);
}

#[test]
fn each_trouble_does_what_it_is_called() {
    let second = Duration::from_secs(1);
    let troubles = [
        (Kind::Crash { end: End::Clean, away: second }, vec![Happened::Ended, Happened::Serves]),
        (Kind::Crash { end: End::Kill, away: second }, vec![Happened::Ended, Happened::Serves]),
        (Kind::Crash { end: End::PowerLoss(7), away: second }, vec![Happened::PowerLost, Happened::Serves]),
        (Kind::Cut, vec![Happened::Cut]),
        (Kind::Partition { way: Way::Both, lasts: second }, vec![Happened::Stalled, Happened::Resumed]),
        (Kind::LostAnswers { api: ApiKey::Produce, times: 2 }, vec![Happened::Flaky]),
        (Kind::Stall { lasts: second }, vec![Happened::Stalled, Happened::Resumed]),
        (Kind::ClockJump(-5_000), vec![]),
    ];
    for (kind, happens) in troubles {
        let ran = run(1, async |sim: Sim| {
            let (mut node, producer) = begun(&sim).await;
            let (told, mut tells) = tokio::sync::mpsc::unbounded_channel();
            node.observe(move |happened| told.send(happened).unwrap());
            node.suffer(&Trouble::new(second, kind.clone())).await;
            assert_eq!(send(&producer).await, Some(1), "{kind:?}");
            node.end(End::PowerLoss(1)).await;
            node.calm().await;
            assert_eq!(send(&producer).await, Some(2), "{kind:?}");
            let mut told = Vec::new();
            while let Ok(one) = tells.try_recv() {
                told.push(one);
            }
            told
        });
        assert_eq!(ran.value[..ran.value.len() - 2], happens, "{kind:?}");
        assert!(ran.problems.is_empty(), "{kind:?}: {:?}", ran.problems);
    }
}

#[test]
fn the_date_follows_virtual_time_and_jumps_when_told() {
    run(1, async |sim: Sim| {
        sleep(Duration::from_secs(10)).await;
        assert_eq!(sim.clock().now_ms(), BEGINNING_MS + 10_000);
        sim.clock().jump(-4_000);
        assert_eq!((sim.env().now_ms(), sim.now()), (BEGINNING_MS + 6_000, Duration::from_secs(10)));
    });
}

#[test]
fn what_was_not_synced_may_go_with_the_power() {
    // Without syncs what is acknowledged goes with the power: the disk is as bad as it says.
    let keeps = |seed| {
        let ran = run(seed, async |sim: Sim| {
            let config = BrokerConfig::from_pairs([("durability", "os")]).unwrap();
            let mut node = sim.node("broker:9092", config);
            node.start().await.unwrap();
            let producer = producer(&sim, &node).await;
            send(&producer).await.unwrap();
            node.end(End::PowerLoss(sim.draw())).await;
            node.calm().await;
            send(&producer).await != Some(0)
        });
        ran.value
    };
    let kept = each_seed(0..20, keeps, |_| {});
    assert!(kept.contains(&true) && kept.contains(&false), "{kept:?}");
}
