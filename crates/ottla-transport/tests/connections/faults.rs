//! Many clients over a network that delays, splits and cuts, from a seed, in virtual time.

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ottla_env::Rng;
use ottla_transport::{
    Call, ClientConnection, ClientConnectionConfig, Connector, MemoryNetwork, NetworkFaults, Outcome, Sent,
    ServerConfig,
};
use tokio::time::sleep;

use crate::support::{Serve, World, ask, echo, env};

/// Draws a network: not every fault on every seed, so that rare combinations happen.
fn any_faults(rng: &mut Rng) -> NetworkFaults {
    let mut faults = NetworkFaults::default();
    if rng.chance(0.7) {
        faults.delay_max = Duration::from_micros(rng.below(50_000));
        faults.delay_min = Duration::from_micros(rng.below(500)).min(faults.delay_max);
    }
    if rng.chance(0.7) {
        faults.split_chance = [0.1, 0.5, 1.0][usize::try_from(rng.below(3)).unwrap()];
    }
    if rng.chance(0.3) {
        faults.bytes_per_second = Some(u32::try_from(5_000 + rng.below(500_000)).unwrap());
    }
    if rng.chance(0.5) {
        faults.cut_chance = 0.002;
        faults.refuse_chance = 0.1;
    }
    faults
}

/// One run: every answered call has its own answer, and every other an error. Returns what happened.
async fn run(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let faults = any_faults(&mut rng);
    let network = MemoryNetwork::new(faults, Rng::new(rng.next_u64()));
    let service = Serve(|frame: Bytes| {
        let outcome = Outcome::Respond(echo(&frame));
        // Some answers take a while, as the disk or another request would make them.
        match frame.len() % 5 {
            0 => Call::Pending {
                reply: Box::pin(async move {
                    sleep(Duration::from_millis(3)).await;
                    outcome
                }),
                overlap: true,
            },
            1 => Call::Pending { reply: Box::pin(async { outcome }), overlap: false },
            _ => Call::Ready(outcome),
        }
    });
    let world = World::on(network, service, ServerConfig::default());
    let trace = Arc::new(Mutex::new(String::new()));
    let begun = tokio::time::Instant::now();
    let mut clients = Vec::new();
    for client in 0..4_u32 {
        let (network, address, trace) = (world.network.clone(), world.address.clone(), Arc::clone(&trace));
        let mut rng = Rng::new(rng.next_u64());
        clients.push(tokio::spawn(async move {
            let mut answered = 0;
            while answered < 40 {
                let stream = match network.connect(&address).await {
                    Ok(stream) => stream,
                    Err(error) => {
                        writeln!(trace.lock().unwrap(), "{:?} {client} {error}", begun.elapsed()).unwrap();
                        sleep(Duration::from_millis(1)).await;
                        continue;
                    }
                };
                let connection = ClientConnection::new(stream, ClientConnectionConfig::default(), &env());
                while connection.closed().is_none() && answered < 40 {
                    let mut pending = Vec::new();
                    for _ in 0..=rng.below(8) {
                        let mut body = vec![0; usize::try_from(rng.below(3_000)).unwrap()];
                        rng.fill(&mut body);
                        let body = Bytes::from(body);
                        let Ok(sent) = connection.send(&ask(body.clone()), 0).await else { break };
                        // A call that is dropped takes nothing from the others.
                        if !rng.chance(0.1) {
                            pending.push((body, sent));
                        }
                    }
                    for (body, sent) in pending {
                        let line = match sent.await {
                            Ok(answer) => {
                                assert_eq!(answer.0, body, "seed {seed}");
                                answered += 1;
                                format!("{} bytes", body.len())
                            }
                            Err(error) => {
                                assert!(error.is_retriable(), "seed {seed}: {error}");
                                assert!(faults.cut_chance > 0.0, "seed {seed}: {error}");
                                assert!(matches!(error.sent(), Sent::No | Sent::Perhaps));
                                error.to_string()
                            }
                        };
                        writeln!(trace.lock().unwrap(), "{:?} {client} {line}", begun.elapsed()).unwrap();
                    }
                }
            }
        }));
    }
    for client in clients {
        client.await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    drop(world);
    Arc::into_inner(trace).unwrap().into_inner().unwrap()
}

fn run_paused(seed: u64) -> String {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run(seed))
}

#[test]
fn answers_are_right_or_errors_whatever_the_network_does() {
    for seed in 0..100 {
        run_paused(seed);
    }
}

#[test]
fn the_same_seed_twice_is_the_same_run() {
    for seed in 0..20 {
        let (first, second) = (run_paused(seed), run_paused(seed));
        assert!(first == second, "seed {seed}:\n{first}\n---\n{second}");
    }
}
