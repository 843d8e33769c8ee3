//! What a server allows, and that it serves the next client when one is cut off.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use ottla_transport::{
    Address, BoxFuture, Call, ClientConnectionConfig, Connector, Listener, MemoryNetwork, Outcome, Peer,
    Server, ServerConfig, Stream, TcpConnector, listen,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use crate::support::{Serve, World, answer, ask, echo_service, env, read_answer, request};

/// How long until the server ends the stream.
async fn time_to_end(stream: &mut Stream) -> Duration {
    let begun = Instant::now();
    let mut rest = Vec::new();
    // An end by reset is one as well.
    let _ = stream.read_to_end(&mut rest).await;
    begun.elapsed()
}

fn about(actual: Duration, expected_secs: u64) -> bool {
    actual.as_secs() == expected_secs
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_nothing_is_closed_after_the_first_request_timeout() {
    let world = World::new(echo_service(), ServerConfig::default());
    let mut stream = world.dial().await;
    assert!(about(time_to_end(&mut stream).await, 10));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stalls_within_a_request_is_closed() {
    let world = World::new(echo_service(), ServerConfig::default());
    let mut stream = world.dial().await;
    stream.write_all(&request(3, 1, b"whole")).await.unwrap();
    read_answer(&mut stream).await.unwrap();
    stream.write_all(&request(3, 2, b"in part")[..9]).await.unwrap();
    assert!(about(time_to_end(&mut stream).await, 30));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_drips_a_request_byte_by_byte_is_closed() {
    let world = World::new(echo_service(), ServerConfig::default());
    let mut stream = world.dial().await;
    stream.write_all(&request(3, 1, b"whole")).await.unwrap();
    read_answer(&mut stream).await.unwrap();
    let begun = Instant::now();
    for byte in request(3, 2, &[0; 1_000]) {
        if stream.write_all(&[byte]).await.is_err() {
            break;
        }
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(35), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_idle_client_is_closed_after_ten_minutes_and_not_before() {
    let world = World::new(echo_service(), ServerConfig::default());
    let mut stream = world.dial().await;
    for id in 0..3 {
        stream.write_all(&request(3, id, b"")).await.unwrap();
        assert_eq!(read_answer(&mut stream).await.unwrap().0, i32::from(id));
        tokio::time::advance(Duration::from_secs(599)).await;
    }
    assert!(about(time_to_end(&mut stream).await, 1));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_no_answers_is_closed() {
    let service =
        Serve(|frame: Bytes| Call::Ready(Outcome::Respond(answer(&frame, vec![0; 1 << 20].into()))));
    let world = World::new(service, ServerConfig::default());
    let mut stream = world.dial().await;
    stream.write_all(&request(3, 1, b"")).await.unwrap();
    // Nothing is read until long after the stall; what the pipe held is still there.
    tokio::time::advance(Duration::from_secs(1)).await;
    let begun = Instant::now();
    while stream.write(&request(3, 2, b"")).await.is_ok() {
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert!((58..=61).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_waiting_request_is_not_idleness() {
    let service = Serve(|frame: Bytes| Call::Pending {
        reply: Box::pin(async move {
            sleep(Duration::from_secs(3_600)).await;
            Outcome::Respond(answer(&frame, Bytes::new()))
        }),
        overlap: false,
    });
    let world = World::new(service, ServerConfig::default());
    let mut stream = world.dial().await;
    stream.write_all(&request(3, 1, b"")).await.unwrap();
    assert_eq!(read_answer(&mut stream).await.unwrap().0, 1);
    assert!(about(time_to_end(&mut stream).await, 600));
}

#[tokio::test(start_paused = true)]
async fn a_request_over_the_limit_is_cut_off_and_the_next_client_served() {
    let world = World::new(echo_service(), ServerConfig::default().with_frame_bytes_max(100));
    let client = world.client().await;
    assert!(client.call(&ask(vec![0; 100]), 0).await.is_err());
    let client = world.client().await;
    assert_eq!(client.call(&ask(vec![0; 80]), 0).await.unwrap().0.len(), 80);
}

#[tokio::test(start_paused = true)]
async fn large_requests_share_a_budget_and_small_ones_are_served_meanwhile() {
    const LARGE: usize = 1 << 20;
    let gate = Arc::new(Semaphore::new(0));
    let (running, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (held, seen) = (Arc::clone(&gate), Arc::clone(&peak));
    let service = Serve(move |frame: Bytes| {
        let reply = Outcome::Respond(answer(&frame, Bytes::new()));
        if frame.len() < LARGE {
            return Call::Ready(reply);
        }
        seen.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let (held, running) = (Arc::clone(&held), Arc::clone(&running));
        let reply = Box::pin(async move {
            held.acquire().await.unwrap().forget();
            running.fetch_sub(1, Ordering::SeqCst);
            reply
        });
        Call::Pending { reply, overlap: false }
    });
    // Room for two of them, and one may go past it.
    let config =
        ServerConfig::default().with_frame_bytes_max(LARGE + 100).with_queued_max_request_bytes(5 << 19);
    let world = World::new(service, config);
    let mut clients = Vec::new();
    for id in 0..6_u8 {
        let mut stream = world.dial().await;
        clients.push(tokio::spawn(async move {
            stream.write_all(&request(0, id, &vec![id; LARGE])).await.unwrap();
            assert_eq!(read_answer(&mut stream).await.unwrap().0, i32::from(id));
        }));
    }
    // The paused clock moves by itself only once everybody waits.
    assert!(tokio::time::timeout(Duration::from_millis(1), std::future::pending::<()>()).await.is_err());
    let mut small = world.dial().await;
    small.write_all(&request(3, 9, b"small")).await.unwrap();
    assert_eq!(read_answer(&mut small).await.unwrap().0, 9);
    assert!((1..=3).contains(&peak.load(Ordering::SeqCst)));
    gate.add_permits(6);
    for client in clients {
        client.await.unwrap();
    }
    assert!((2..=3).contains(&peak.load(Ordering::SeqCst)));
}

/// Announcements, with the first bytes of what they announce, of far more than the budget holds.
async fn announcers(world: &World, arrived: usize) -> Vec<Stream> {
    let mut announcers = Vec::new();
    for _ in 0..64 {
        let mut stream = world.dial().await;
        stream.write_all(&request(0, 1, &[])).await.unwrap();
        read_answer(&mut stream).await.unwrap();
        stream.write_all(&(90_u32 << 20).to_be_bytes()).await.unwrap();
        stream.write_all(&vec![0; arrived]).await.unwrap();
        announcers.push(stream);
    }
    announcers
}

#[tokio::test(start_paused = true)]
async fn announcing_large_requests_does_not_hold_up_requests_of_any_size() {
    let world = World::new(echo_service(), ServerConfig::default());
    let began = tokio::time::Instant::now();
    for arrived in [8, 60_000, 500_000] {
        let announcers = announcers(&world, arrived).await;
        let client = world.client().await;
        assert_eq!(client.call(&ask(vec![7; 5 << 20]), 0).await.unwrap().0.len(), 5 << 20);
        drop(announcers);
    }
    // Nobody had to wait for anybody to be closed.
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_there_in_part_do_not_wait_for_each_other() {
    const LARGE: usize = 1 << 20;
    // Room for one and a half.
    let config =
        ServerConfig::default().with_frame_bytes_max(LARGE + 100).with_queued_max_request_bytes(3 << 19);
    let world = World::new(echo_service(), config);
    let mut senders = Vec::new();
    for id in 0..16_u8 {
        let mut stream = world.dial().await;
        senders.push(tokio::spawn(async move {
            // All of them are there in part before any is whole.
            for piece in request(0, id, &vec![0; LARGE]).chunks(10_000) {
                stream.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            assert_eq!(read_answer(&mut stream).await.unwrap().0, i32::from(id));
        }));
    }
    for sender in senders {
        sender.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn announcing_large_requests_does_not_keep_small_ones_from_being_served() {
    let world = World::new(echo_service(), ServerConfig::default());
    let _announcers = announcers(&world, 60_000).await;
    let client = world.client().await;
    assert_eq!(client.call(&ask("small"), 0).await.unwrap().0, "small");
}

#[tokio::test(start_paused = true)]
async fn connections_over_the_limit_wait_for_their_turn() {
    let world = World::new(echo_service(), ServerConfig::default().with_max_connections(2));
    let (first, second) = (world.client().await, world.client().await);
    assert!(first.call(&ask("1"), 0).await.is_ok());
    assert!(second.call(&ask("2"), 0).await.is_ok());
    let third = world.client().await;
    let asked = ask("3");
    let mut call = std::pin::pin!(third.call(&asked, 0));
    assert!(tokio::time::timeout(Duration::from_secs(5), &mut call).await.is_err());
    drop(first);
    assert_eq!(call.await.unwrap().0, "3");
}

#[tokio::test]
async fn connections_of_one_address_over_its_limit_are_closed() {
    let listener = listen(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_address();
    let config = ServerConfig::default().with_max_connections_per_ip(1);
    tokio::spawn(Server::new(echo_service(), config, env()).serve(listener, std::future::pending()));
    let mut first = TcpConnector.connect(&address).await.unwrap();
    first.write_all(&request(3, 1, b"")).await.unwrap();
    assert!(read_answer(&mut first).await.is_some());
    let mut second = TcpConnector.connect(&address).await.unwrap();
    // Closed before or while it asks.
    let _ = second.write_all(&request(3, 2, b"")).await;
    assert!(read_answer(&mut second).await.is_none());
    // Its place is free again once the first has gone.
    drop(first);
    loop {
        let mut third = TcpConnector.connect(&address).await.unwrap();
        if third.write_all(&request(3, 3, b"")).await.is_ok() && read_answer(&mut third).await.is_some() {
            break;
        }
    }
}

/// Whether a connection that asks is answered.
async fn is_served(address: &Address) -> Option<Stream> {
    let mut stream = TcpConnector.connect(address).await.unwrap();
    // Closed before or while it asks, if it is not served.
    let _ = stream.write_all(&request(3, 1, b"")).await;
    read_answer(&mut stream).await.map(|_| stream)
}

#[tokio::test]
async fn a_single_address_may_have_another_number_of_connections() {
    let listener = listen(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_address();
    let two = [("127.0.0.1".parse().unwrap(), 2)].into();
    let config =
        ServerConfig::default().with_max_connections_per_ip(0).with_max_connections_per_ip_overrides(two);
    tokio::spawn(Server::new(echo_service(), config, env()).serve(listener, std::future::pending()));
    let (first, second) = (is_served(&address).await, is_served(&address).await);
    assert!(first.is_some() && second.is_some());
    assert!(is_served(&address).await.is_none());
    let others = [("127.0.0.2".parse().unwrap(), 2)].into();
    let listener = listen(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_address();
    let config =
        ServerConfig::default().with_max_connections_per_ip(0).with_max_connections_per_ip_overrides(others);
    tokio::spawn(Server::new(echo_service(), config, env()).serve(listener, std::future::pending()));
    assert!(is_served(&address).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn connections_over_the_rate_wait_for_their_turn() {
    let world = World::new(echo_service(), ServerConfig::default().with_max_connection_creation_rate(2));
    let begun = Instant::now();
    let mut clients = Vec::new();
    for number in 0..6 {
        let client = world.client().await;
        assert!(client.call(&ask("x"), 0).await.is_ok());
        clients.push(client);
        // Two at once, and then one each half second.
        let expected_halves = u128::try_from(number - 1).unwrap_or(0);
        assert_eq!(begun.elapsed().as_millis() / 500, expected_halves, "connection {number}");
    }
}

/// Fails every second accept as a process without descriptors does.
#[derive(Debug)]
struct OutOfDescriptors<L> {
    inner: L,
    fail: bool,
}

impl<L: Listener> Listener for OutOfDescriptors<L> {
    fn accept(&mut self) -> BoxFuture<'_, std::io::Result<(Stream, Peer)>> {
        self.fail = !self.fail;
        match self.fail {
            true => Box::pin(async { Err(std::io::Error::from_raw_os_error(24)) }),
            false => self.inner.accept(),
        }
    }

    fn local_address(&self) -> Address {
        self.inner.local_address()
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_accept_is_tried_again() {
    let network = MemoryNetwork::perfect();
    let address: Address = "memory:server".parse().unwrap();
    let listener = OutOfDescriptors { inner: network.listen(address.clone()).unwrap(), fail: false };
    let server = Server::new(echo_service(), ServerConfig::default(), env());
    tokio::spawn(server.serve(listener, std::future::pending()));
    for id in 0..3 {
        let mut stream = network.connect(&address).await.unwrap();
        stream.write_all(&request(3, id, b"")).await.unwrap();
        assert_eq!(read_answer(&mut stream).await.unwrap().0, i32::from(id));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_panics_ends_its_connection_and_no_other() {
    let service = Serve(|frame: Bytes| match frame.ends_with(b"panic") {
        true => panic!("as the test asked"),
        false => Call::Ready(Outcome::Respond(answer(&frame, Bytes::new()))),
    });
    let world = World::new(service, ServerConfig::default().with_max_connections(1));
    let mut stream = world.dial().await;
    stream.write_all(&request(3, 1, b"panic")).await.unwrap();
    assert_eq!(read_answer(&mut stream).await, None);
    let mut stream = world.dial().await;
    stream.write_all(&request(3, 2, b"")).await.unwrap();
    assert_eq!(read_answer(&mut stream).await.unwrap().0, 2);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_without_end_is_none() {
    let config = ServerConfig::default()
        .with_connections_max_idle(Duration::MAX)
        .with_first_request_timeout(Duration::MAX)
        .with_frame_stall_timeout(Duration::MAX)
        .with_write_stall_timeout(Duration::MAX)
        .with_drain_timeout(Duration::MAX);
    let mut world = World::new(echo_service(), config);
    let client =
        world.client_with(ClientConnectionConfig::default().with_request_timeout(Duration::MAX)).await;
    tokio::time::advance(Duration::from_secs(100_000)).await;
    assert_eq!(client.call(&ask("x"), 0).await.unwrap().0, "x");
    tokio::time::advance(Duration::from_secs(100_000)).await;
    assert_eq!(client.call(&ask("y"), 0).await.unwrap().0, "y");
    world.stop().await.unwrap();
}
