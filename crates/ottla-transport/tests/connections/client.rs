//! Calls and their answers, and what becomes of them when a connection ends.

use std::time::Duration;

use ottla_transport::{
    Call, ClientConnection, ClientConnectionConfig, Connector, Disconnect, Error, Listener, Outcome, Sent,
    Server, ServerConfig, TcpConnector, listen,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Serve, World, ask, echo, echo_service, env};

/// A service that never answers a request whose body is `hang`, and echoes all others.
fn hanging_service() -> impl ottla_transport::Service {
    Serve(|frame: bytes::Bytes| {
        if frame.ends_with(b"hang") {
            return Call::Pending { reply: Box::pin(std::future::pending()), overlap: false };
        }
        Call::Ready(Outcome::Respond(echo(&frame)))
    })
}

/// A client, and the bare other end of its connection.
async fn client_and_peer(config: ClientConnectionConfig) -> (ClientConnection, ottla_transport::Stream) {
    let network = ottla_transport::MemoryNetwork::perfect();
    let address = "memory:peer".parse().unwrap();
    let mut listener = network.listen("memory:peer".parse().unwrap()).unwrap();
    let stream = network.connect(&address).await.unwrap();
    let (peer, _) = listener.accept().await.unwrap();
    (ClientConnection::new(stream, config, &env()), peer)
}

/// Bytes of a whole request `ask("x")` from a client without a name: size, header, body.
const ASK_X_BYTES: usize = 4 + 10 + 5;

#[tokio::test(start_paused = true)]
async fn a_call_over_memory_is_answered() {
    let world = World::new(echo_service(), ServerConfig::default());
    let client = world.client_with(ClientConnectionConfig::default().with_client_id("test")).await;
    assert_eq!(client.call(&ask("hello"), 1).await.unwrap().0, "hello");
}

#[tokio::test]
async fn a_call_over_tcp_is_answered() {
    let listener = listen(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_address();
    tokio::spawn(
        Server::new(echo_service(), ServerConfig::default(), env()).serve(listener, std::future::pending()),
    );
    let stream = TcpConnector.connect(&address).await.unwrap();
    let client = ClientConnection::new(stream, ClientConnectionConfig::default(), &env());
    for body in ["a", "", "ccc"] {
        assert_eq!(client.call(&ask(body), 0).await.unwrap().0, body);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_call_over_a_unix_socket_is_answered_and_the_file_goes_with_the_listener() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ottla.sock");
    let address = ottla_transport::Address::Unix(path.clone());
    let listener = listen(&address).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = Server::new(echo_service(), ServerConfig::default(), env());
    let serving = tokio::spawn(server.serve(listener, async { drop(stopped.await) }));
    let stream = ottla_transport::UnixConnector.connect(&address).await.unwrap();
    let client = ClientConnection::new(stream, ClientConnectionConfig::default(), &env());
    assert_eq!(client.call(&ask("hello"), 0).await.unwrap().0, "hello");
    drop(stop);
    serving.await.unwrap();
    assert!(!path.exists());
}

#[tokio::test(start_paused = true)]
async fn nobody_at_the_address_is_a_retriable_error_that_names_it() {
    let network = ottla_transport::MemoryNetwork::perfect();
    let error = network.connect(&"memory:nobody".parse().unwrap()).await.unwrap_err();
    assert!(error.is_retriable());
    assert!(error.to_string().starts_with("connecting to memory:nobody: "), "{error}");
    let error = TcpConnector.connect(&"memory:nobody".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.to_string(), "memory:nobody is no address for tcp");
}

#[tokio::test(start_paused = true)]
async fn requests_are_sent_in_call_order_and_answers_reach_their_callers() {
    let world = World::new(echo_service(), ServerConfig::default());
    let client = world.client().await;
    let mut pending = Vec::new();
    for number in 0..50 {
        pending.push(client.send(&ask(format!("{number}")), 0).await.unwrap());
    }
    // Awaited in another order than sent.
    for (number, pending) in (0..50).zip(pending).rev() {
        assert_eq!(pending.await.unwrap().0, format!("{number}"));
    }
}

#[tokio::test(start_paused = true)]
async fn many_queued_requests_arrive_whole_and_in_order() {
    let (client, mut peer) = client_and_peer(ClientConnectionConfig::default()).await;
    for _ in 0..10 {
        drop(client.send(&ask("x"), 0).await.unwrap());
    }
    let mut bytes = vec![0; 10 * ASK_X_BYTES];
    peer.read_exact(&mut bytes).await.unwrap();
    for (id, request) in (0_i32..).zip(bytes.chunks(ASK_X_BYTES)) {
        assert_eq!(request[8..12], id.to_be_bytes());
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_leaves_the_connection_usable() {
    let world = World::new(echo_service(), ServerConfig::default());
    let client = world.client_with(ClientConnectionConfig::default().with_in_flight_max(1)).await;
    drop(client.send(&ask("dropped after sending"), 0).await.unwrap());
    let waiting = ask("dropped while waiting for room");
    let second = client.call(&waiting, 0);
    assert!(tokio::time::timeout(Duration::ZERO, second).await.is_err());
    assert_eq!(client.call(&ask("third"), 0).await.unwrap().0, "third");
}

#[tokio::test(start_paused = true)]
async fn sending_waits_while_the_limit_is_in_flight() {
    let (client, mut peer) = client_and_peer(ClientConnectionConfig::default().with_in_flight_max(2)).await;
    let first = client.send(&ask("x"), 0).await.unwrap();
    let _second = client.send(&ask("x"), 0).await.unwrap();
    let waiting = ask("x");
    let mut third = std::pin::pin!(client.send(&waiting, 0));
    assert!(tokio::time::timeout(Duration::from_secs(1), &mut third).await.is_err());
    // Size 8: the id, and an empty body.
    peer.write_all(&[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]).await.unwrap();
    assert_eq!(first.await.unwrap().0, "");
    drop(third.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_makes_room_once_it_is_written() {
    let (client, mut peer) = client_and_peer(ClientConnectionConfig::default().with_in_flight_max(1)).await;
    for _ in 0..5 {
        client.send_oneway(&ask("x"), 0).await.unwrap();
    }
    let mut bytes = vec![0; 5 * ASK_X_BYTES];
    peer.read_exact(&mut bytes).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_out_of_time_fails_and_ends_its_connection() {
    let world = World::new(hanging_service(), ServerConfig::default());
    let client = world
        .client_with(ClientConnectionConfig::default().with_request_timeout(Duration::from_secs(7)))
        .await;
    let begun = tokio::time::Instant::now();
    let hanging = client.send(&ask("hang"), 0).await.unwrap();
    let behind = client.send_within(&ask("behind"), 0, Duration::from_secs(60)).await.unwrap();
    let error = hanging.await.unwrap_err();
    assert!(matches!(error, Error::RequestTimedOut { sent: Sent::Perhaps, .. }), "{error}");
    assert_eq!(begun.elapsed().as_secs(), 7);
    let error = behind.await.unwrap_err();
    let Error::Disconnected { cause: Disconnect::RequestTimedOut { after }, sent: Sent::Perhaps } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(after.as_secs(), 7);
    let error = client.call(&ask("after"), 0).await.unwrap_err();
    assert!(error.is_retriable());
    assert_eq!(error.sent(), Sent::No);
    assert!(client.closed().is_some());
}

#[tokio::test(start_paused = true)]
async fn every_pending_call_learns_that_the_peer_closed_and_whether_it_was_sent() {
    let (client, mut peer) = client_and_peer(ClientConnectionConfig::default()).await;
    // More than the pipe takes: the second cannot be written while nobody reads the first.
    let first = client.send(&ask(vec![0; 1 << 20]), 0).await.unwrap();
    let second = client.send(&ask("x"), 0).await.unwrap();
    peer.read_exact(&mut [0; 4]).await.unwrap();
    drop(peer);
    assert_eq!(first.await.unwrap_err().sent(), Sent::Perhaps);
    let error = second.await.unwrap_err();
    assert_eq!(error.sent(), Sent::No);
    assert!(error.is_retriable());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_room_learns_that_the_connection_ended() {
    let (client, peer) = client_and_peer(ClientConnectionConfig::default().with_in_flight_max(1)).await;
    let _first = client.send(&ask("x"), 0).await.unwrap();
    let waiting = ask("x");
    let mut second = std::pin::pin!(client.send(&waiting, 0));
    assert!(tokio::time::timeout(Duration::ZERO, &mut second).await.is_err());
    drop(peer);
    let error = tokio::time::timeout(Duration::from_secs(1), second).await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "connection closed by the peer; the request was not sent");
}

#[tokio::test(start_paused = true)]
async fn answers_that_came_before_the_end_are_handed_out() {
    let (client, mut peer) = client_and_peer(ClientConnectionConfig::default()).await;
    let first = client.send(&ask("x"), 0).await.unwrap();
    let second = client.send(&ask("x"), 0).await.unwrap();
    peer.write_all(&[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]).await.unwrap();
    drop(peer);
    assert_eq!(first.await.unwrap().0, "");
    let error = second.await.unwrap_err();
    assert!(matches!(error, Error::Disconnected { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_the_wrong_id_ends_the_connection_for_good() {
    let (client, mut peer) = client_and_peer(ClientConnectionConfig::default()).await;
    let call = client.send(&ask("x"), 0).await.unwrap();
    peer.write_all(&[0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0]).await.unwrap();
    let error = call.await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "connection closed, because an answer had correlation id 9 where 0 was due; the request may have been sent"
    );
    assert!(!error.is_retriable());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_decoded_leaves_the_connection_usable() {
    let (client, mut peer) = client_and_peer(ClientConnectionConfig::default()).await;
    let first = client.send(&ask("x"), 0).await.unwrap();
    let second = client.send(&ask("x"), 0).await.unwrap();
    peer.write_all(&[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 99]).await.unwrap();
    peer.write_all(&[0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0]).await.unwrap();
    assert!(matches!(first.await.unwrap_err(), Error::Decode(_)));
    assert_eq!(second.await.unwrap().0, "");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_encoded_leaves_the_connection_usable() {
    let world = World::new(echo_service(), ServerConfig::default());
    let client = world.client_with(ClientConnectionConfig::default().with_in_flight_max(1)).await;
    assert!(matches!(client.call(&ask("x"), 99).await.unwrap_err(), Error::Encode(_)));
    assert_eq!(client.call(&ask("x"), 0).await.unwrap().0, "x");
}

#[tokio::test(start_paused = true)]
async fn the_last_drop_closes_once_pending_answers_are_there() {
    let (client, mut peer) = client_and_peer(ClientConnectionConfig::default()).await;
    let pending = client.send(&ask("x"), 0).await.unwrap();
    drop(client.clone());
    drop(client);
    let mut bytes = vec![0; ASK_X_BYTES];
    peer.read_exact(&mut bytes).await.unwrap();
    peer.write_all(&[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]).await.unwrap();
    assert_eq!(pending.await.unwrap().0, "");
    assert_eq!(peer.read(&mut bytes).await.unwrap(), 0, "closed after the last answer");
}

#[tokio::test(start_paused = true)]
async fn the_last_drop_closes_at_once_when_nobody_waits() {
    let (client, mut peer) = client_and_peer(ClientConnectionConfig::default()).await;
    drop(client.send(&ask("x"), 0).await.unwrap());
    drop(client);
    let mut bytes = Vec::new();
    peer.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes.len(), ASK_X_BYTES);
}

#[tokio::test(start_paused = true)]
async fn closing_ends_calls_in_flight() {
    let world = World::new(hanging_service(), ServerConfig::default());
    let client = world.client().await;
    let pending = client.send(&ask("hang"), 0).await.unwrap();
    client.close();
    let error = pending.await.unwrap_err();
    assert!(matches!(error, Error::Disconnected { cause: Disconnect::ClosedHere, .. }), "{error}");
}
