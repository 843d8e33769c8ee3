//! Stopping a server.

use std::time::Duration;

use bytes::Bytes;
use ottla_transport::{Call, Connector, Outcome, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};

use crate::support::{Serve, World, answer, ask, echo_service, read_answer, request};

/// A service that takes as many seconds as the request's last byte says.
fn slow_service() -> impl ottla_transport::Service {
    Serve(|frame: Bytes| {
        let seconds = u64::from(*frame.last().unwrap());
        let reply = Box::pin(async move {
            sleep(Duration::from_secs(seconds)).await;
            Outcome::Respond(answer(&frame, Bytes::new()))
        });
        Call::Pending { reply, overlap: false }
    })
}

#[tokio::test(start_paused = true)]
async fn a_drain_answers_what_is_in_flight_and_nothing_more() {
    let mut world = World::new(slow_service(), ServerConfig::default());
    let mut stream = world.dial().await;
    stream.write_all(&[request(3, 1, &[5]), request(3, 2, &[0])].concat()).await.unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    let stopped = world.stop();
    assert_eq!(read_answer(&mut stream).await.unwrap().0, 1);
    assert_eq!(read_answer(&mut stream).await, None, "the second was not begun");
    drop(stream);
    stopped.await.unwrap();
    assert!(world.network.connect(&world.address).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_no_longer_than_its_deadline() {
    let mut world = World::new(slow_service(), ServerConfig::default());
    let mut stream = world.dial().await;
    stream.write_all(&request(3, 1, &[200])).await.unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    let begun = Instant::now();
    world.stop().await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 10);
    assert_eq!(read_answer(&mut stream).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_drain_closes_idle_connections_at_once() {
    let mut world = World::new(echo_service(), ServerConfig::default());
    let client = world.client().await;
    client.call(&ask("x"), 0).await.unwrap();
    let mut silent = world.dial().await;
    let begun = Instant::now();
    world.stop().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_server_ends_its_connections_at_once() {
    let mut world = World::new(slow_service(), ServerConfig::default());
    let mut stream = world.dial().await;
    stream.write_all(&request(3, 1, &[200])).await.unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    let begun = Instant::now();
    let serving = world.stop();
    serving.abort();
    assert_eq!(read_answer(&mut stream).await, None);
    assert!(begun.elapsed() < Duration::from_secs(1));
}
