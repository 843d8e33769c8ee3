//! Calls and their answers.

use ottla_transport::{
    ClientConnection, ClientConnectionConfig, Connector, Listener, Server, ServerConfig, TcpConnector, listen,
};

use crate::support::{World, ask, echo_service, env};

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
