//! What a listener asks of the system for its sockets, as the system tells it.

use std::time::Duration;

use ottla_transport::{Address, Connector, SocketOptions, Stream, TcpConnector, listen_with};
use rustix::net::sockopt;

fn anywhere() -> Address {
    "127.0.0.1:0".parse().unwrap()
}

fn options(change: impl FnOnce(&mut SocketOptions)) -> SocketOptions {
    let mut options = SocketOptions::default();
    change(&mut options);
    options
}

/// The sizes of the send and receive buffer that an accepted connection has.
async fn buffers(options: &SocketOptions) -> (usize, usize) {
    let mut listener = listen_with(&anywhere(), options).await.unwrap();
    let _client = TcpConnector.connect(&listener.local_address()).await.unwrap();
    let (Stream::Tcp(stream), _) = listener.accept().await.unwrap() else { panic!("no TCP") };
    let send = sockopt::socket_send_buffer_size(&stream).unwrap();
    (send, sockopt::socket_recv_buffer_size(&stream).unwrap())
}

#[tokio::test]
async fn connections_have_the_buffers_that_their_listener_asks_for() {
    let asked = |send, receive| {
        options(|all| (all.send_buffer_bytes, all.receive_buffer_bytes) = (Some(send), Some(receive)))
    };
    // Linux gives twice as much, for its own bookkeeping.
    let each = if cfg!(target_os = "linux") { 2 } else { 1 };
    assert_eq!(buffers(&asked(20_000, 30_000)).await, (each * 20_000, each * 30_000));
    assert_eq!(buffers(&asked(30_000, 20_000)).await, (each * 30_000, each * 20_000));
}

/// Linux keeps one more connection waiting than it is told, and lets the rest try again.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_more_connections_wait_to_be_accepted_than_the_backlog_says() {
    let narrow = listen_with(&anywhere(), &options(|all| all.backlog = Some(1))).await.unwrap();
    let wide = listen_with(&anywhere(), &SocketOptions::default()).await.unwrap();
    let (narrow, wide) = (narrow.local_address(), wide.local_address());
    let mut waiting = Vec::new();
    for _ in 0..2 {
        waiting.push(TcpConnector.connect(&narrow).await.unwrap());
        waiting.push(TcpConnector.connect(&wide).await.unwrap());
    }
    let third = tokio::time::timeout(Duration::from_millis(300), TcpConnector.connect(&narrow)).await;
    assert!(third.is_err(), "a third connection waits");
    assert!(TcpConnector.connect(&wide).await.is_ok());
}
