//! A server in this process and clients of it.

use std::time::Duration;

use ottla::Server;
use ottla::client::{self, Client};
use ottla::consumer::{self, Consumer, Record};
use ottla::producer::{self, Producer};
use ottla::protocol::records::Compression;

/// How long something may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with nothing in it that listens nowhere but in this process.
pub(crate) async fn server() -> Server {
    Server::builder().in_memory().start().await.unwrap()
}

/// How clients reach a server without a socket.
pub(crate) fn config(server: &Server) -> client::Config {
    client::Config::new(server.in_process_address().to_string()).with_connector(server.connector())
}

pub(crate) async fn client(server: &Server) -> Client {
    Client::connect(config(server)).await.unwrap()
}

pub(crate) async fn producer(server: &Server, codec: Compression) -> Producer {
    let config = producer::Config::with_client(config(server)).with_compression(codec);
    Producer::new(config).await.unwrap()
}

pub(crate) async fn consumer(server: &Server) -> Consumer {
    Consumer::new(consumer::Config::with_client(config(server))).await.unwrap()
}

/// The next records, so many of them.
pub(crate) async fn read(consumer: &Consumer, count: usize) -> Vec<Record> {
    let mut records = Vec::new();
    while records.len() < count {
        let next = tokio::time::timeout(PATIENCE, consumer.next_batch()).await;
        let batch = next.unwrap_or_else(|_| panic!("{} of {count} records came", records.len())).unwrap();
        batch.append_to(&mut records).unwrap();
    }
    records
}
