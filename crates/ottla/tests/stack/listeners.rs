//! Where a server listens, and what it tells clients: TCP, a Unix socket, several listeners at once.

use std::sync::Arc;

use ottla::broker::BrokerConfig;
use ottla::client::{self, Client};
use ottla::transport::UnixConnector;
use ottla::{Error, Server};

async fn start(listen: &[&str], advertise: &[&str]) -> Result<Server, Error> {
    let mut builder = Server::builder().in_memory();
    for endpoint in listen {
        builder = builder.listen(endpoint.parse().unwrap());
    }
    for endpoint in advertise {
        builder = builder.advertise(endpoint.parse().unwrap());
    }
    builder.start().await
}

/// Where the one broker of a cluster says that it is.
async fn told(config: client::Config) -> String {
    let client = Client::connect(config).await.unwrap();
    let cluster = client.refresh().await.unwrap();
    let node = cluster.nodes().next().unwrap();
    node.address().to_string()
}

#[tokio::test]
async fn clients_over_tcp_are_told_the_port_that_was_picked() {
    let server = start(&["127.0.0.1:0"], &[]).await.unwrap();
    assert_ne!(server.bootstrap(), "127.0.0.1:0");
    assert_eq!(told(client::Config::new(server.bootstrap())).await, server.bootstrap());
    server.shutdown().await.unwrap();
}

#[tokio::test]
async fn each_listener_tells_its_own_address() {
    let listen = ["IN://127.0.0.1:0", "OUT://0.0.0.0:0"];
    let server = start(&listen, &["OUT://kafka.example:9092"]).await.unwrap();
    let bound: Vec<String> = server.listening().iter().map(|one| one.bound.to_string()).collect();
    assert_eq!(told(client::Config::new(&bound[0])).await, bound[0]);
    let port = bound[1].rsplit_once(':').unwrap().1;
    assert_eq!(told(client::Config::new(format!("127.0.0.1:{port}"))).await, "kafka.example:9092");
    let in_process = client::Config::new(server.in_process_address().to_string());
    let in_process = told(in_process.with_connector(server.connector())).await;
    assert_eq!(in_process, server.in_process_address().to_string());
    server.shutdown().await.unwrap();
}

#[tokio::test]
async fn clients_over_a_unix_socket_are_told_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("unix:{}", folder.path().join("ottla.sock").display());
    let server = start(&[&format!("LOCAL://{address}")], &[]).await.unwrap();
    let config = client::Config::new(&address).with_connector(Arc::new(UnixConnector));
    assert_eq!(told(config).await, address);
    server.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_listened_on_is_an_error_before_anything_is_served() {
    let error = start(&["0.0.0.0:0"], &[]).await.unwrap_err();
    assert!(matches!(error, Error::NotAdvertised { .. }), "{error}");
    let first = start(&["127.0.0.1:0"], &[]).await.unwrap();
    let error = start(&[&first.bootstrap()], &[]).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error}");
    first.shutdown().await.unwrap();
}

#[tokio::test]
async fn single_addresses_connect_as_often_as_they_may() {
    let started = |per_ip: &'static str, overrides: &'static str| {
        let pairs = [("max.connections.per.ip", per_ip), ("max.connections.per.ip.overrides", overrides)];
        let config = BrokerConfig::from_pairs(pairs).unwrap();
        Server::builder().in_memory().config(config).listen("127.0.0.1:0".parse().unwrap()).start()
    };
    let server = started("0", "localhost:5,10.0.0.9:7").await.unwrap();
    assert_eq!(told(client::Config::new(server.bootstrap())).await, server.bootstrap());
    server.shutdown().await.unwrap();

    let nobody = started("0", "").await.unwrap_err().to_string();
    assert!(nobody.starts_with("max.connections.per.ip=0 lets nobody connect"), "{nobody}");
    let no_host = started("1", "no host:5").await.unwrap_err().to_string();
    assert!(no_host.starts_with("max.connections.per.ip.overrides: no host: "), "{no_host}");
}

#[tokio::test]
async fn a_server_that_stopped_frees_its_port_and_folder() {
    let folder = tempfile::tempdir().unwrap();
    let started =
        |endpoint: String| Server::builder().data(folder.path()).listen(endpoint.parse().unwrap()).start();
    let first = started("127.0.0.1:0".to_owned()).await.unwrap();
    let address = first.bootstrap();
    first.shutdown().await.unwrap();
    let second = started(address.clone()).await.unwrap();
    assert_eq!(second.bootstrap(), address);
    second.shutdown().await.unwrap();
}
