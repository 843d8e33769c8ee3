//! Connections that threads of the server's own serve: what they do as tasks of the runtime they do here, and one that stands
//! still, is greedy or panics keeps no other from being served.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::wire::NoFile;
use ottla_transport::{
    Address, Call, ClientConnection, ClientConnectionConfig, Connector, Outcome, Server, ServerConfig,
    Service, Stream, TcpConnector, UnixConnector, listen,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::{Serve, ask, echo, echo_service, env, read_answer, request};

/// How long anything here may take, on a machine that does a lot besides.
const PATIENCE: Duration = Duration::from_secs(60);

const METADATA: u8 = 3;

/// A server on a socket of the system.
struct Served {
    address: Address,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Served {
    async fn with(threads: usize, service: impl Service) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), threads, service).await
    }

    async fn at(address: Address, threads: usize, service: impl Service) -> Self {
        let listener = listen(&address).await.unwrap();
        let address = listener.local_address();
        let (stop, stopped) = oneshot::channel::<()>();
        let config = ServerConfig::default().with_network_threads(threads);
        let server = Server::new(service, config, env());
        let serving = tokio::spawn(server.serve(listener, async { drop(stopped.await) }));
        Self { address, stop: Some(stop), serving }
    }

    async fn dial(&self) -> Stream {
        match &self.address {
            Address::Unix(_) => UnixConnector.connect(&self.address).await.unwrap(),
            _ => TcpConnector.connect(&self.address).await.unwrap(),
        }
    }

    async fn client(&self) -> ClientConnection {
        ClientConnection::new(self.dial().await, ClientConnectionConfig::default(), &env())
    }
}

/// Fails instead of waiting for ever.
async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} takes for ever"))
}

/// A service whose thread stands still at a request that ends with `!`, until the test lets one go on.
fn standing_service() -> (impl Service<File = NoFile>, Receiver<()>, Sender<()>) {
    let (stands, standing) = channel();
    let (go_on, going_on) = channel::<()>();
    let (stands, going_on) = (Mutex::new(stands), Arc::new(Mutex::new(going_on)));
    let service = Serve(move |frame: Bytes| {
        if frame.ends_with(b"!") {
            stands.lock().unwrap().send(()).unwrap();
            // The test that is gone lets all go on.
            let _ = going_on.lock().unwrap().recv();
        }
        Call::Ready(Outcome::Respond(echo(&frame)))
    });
    (service, standing, go_on)
}

#[tokio::test]
async fn requests_of_all_sizes_are_answered_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for address in ["127.0.0.1:0".parse().unwrap(), Address::Unix(folder.path().join("ottla.sock"))] {
        let server = Served::at(address, 2, echo_service()).await;
        let mut calls = Vec::new();
        for size in [0, 1, 100, 8 << 10, 100_000, 5 << 20, 3, 1 << 20] {
            let client = server.client().await;
            calls.push(tokio::spawn(async move {
                let bodies = (0..5_u8).map(|n| Bytes::from(vec![n; size]));
                for body in bodies {
                    let answer = client.call(&ask(body.clone()), 0).await.unwrap().0;
                    assert!(answer == body, "{} bytes of {size}", answer.len());
                }
            }));
        }
        for call in calls {
            soon("a call", call).await.unwrap();
        }
    }
}

#[tokio::test]
async fn who_closes_one_half_gets_what_was_asked_for_before() {
    let server = Served::with(1, echo_service()).await;
    let mut stream = server.dial().await;
    let requests: Vec<u8> = (0..100).flat_map(|id| request(METADATA, id, &vec![id; 20_000])).collect();
    let (mut reading, mut writing) = tokio::io::split(&mut stream);
    let write = async {
        writing.write_all(&requests).await.unwrap();
        writing.shutdown().await.unwrap();
    };
    let mut answers = Vec::new();
    let (_, read) =
        soon("the stream", async { tokio::join!(write, reading.read_to_end(&mut answers)) }).await;
    assert_eq!(read.unwrap(), 100 * (4 + 4 + 20_000));
}

/// Answers come from threads of others, at any moment: while the thread polls, looks for events, or falls asleep.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_from_elsewhere_is_missed() {
    let service = Serve(|frame: Bytes| {
        let answered = tokio::spawn(async move { Outcome::Respond(echo(&frame)) });
        let reply = Box::pin(async { answered.await.unwrap() });
        Call::Pending { reply, overlap: true }
    });
    let server = Served::with(2, service).await;
    let mut clients = Vec::new();
    for _ in 0..4 {
        let client = server.client().await;
        clients.push(tokio::spawn(async move {
            for _ in 0..2_000 {
                assert_eq!(client.call(&ask("x"), 0).await.unwrap().0, "x");
            }
        }));
    }
    for client in clients {
        soon("a client", client).await.unwrap();
    }
}

#[tokio::test]
async fn connections_of_a_thread_that_stands_still_are_served_by_another() {
    let (service, standing, go_on) = standing_service();
    let server = Served::with(1, service).await;
    let mut stuck = Vec::new();
    for round in 0..3 {
        let client = server.client().await;
        stuck.push(tokio::spawn(async move { client.call(&ask("!"), 0).await.unwrap().0 }));
        // It stands, and so has every one before it.
        let standing_now = async {
            while standing.try_recv().is_err() {
                tokio::task::yield_now().await;
            }
        };
        soon("standing still", standing_now).await;
        let other = server.client().await;
        let answer = soon("another's call", other.call(&ask("hello"), 0)).await;
        assert_eq!(answer.unwrap().0, "hello", "beside {round} others");
    }
    for _ in 0..3 {
        go_on.send(()).unwrap();
    }
    for call in stuck {
        assert_eq!(soon("the call that stood still", call).await.unwrap(), "!");
    }
    // Those that come back do not serve beside the one that took over.
    let client = server.client().await;
    for _ in 0..1_000 {
        assert_eq!(soon("a call", client.call(&ask("on"), 0)).await.unwrap().0, "on");
    }
}

/// It asks faster than it is answered, so that there is always something to read and room to write.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_client_that_never_stops_asking_leaves_time_for_others() {
    let service = Serve(|frame: Bytes| {
        for step in 0..2_000 {
            std::hint::black_box(step);
        }
        Call::Ready(Outcome::Respond(echo(&frame)))
    });
    let server = Served::with(1, service).await;
    let (mut reading, mut writing) = tokio::io::split(server.dial().await);
    let requests = request(METADATA, 1, b"more").repeat(10_000);
    let asks = tokio::spawn(async move { while writing.write_all(&requests).await.is_ok() {} });
    let reads = tokio::spawn(async move {
        let mut answers = vec![0; 1 << 20];
        while reading.read(&mut answers).await.is_ok_and(|count| count > 0) {}
    });
    let client = server.client().await;
    for _ in 0..20 {
        assert_eq!(soon("a call", client.call(&ask("x"), 0)).await.unwrap().0, "x");
    }
    assert!(!asks.is_finished() && !reads.is_finished(), "the greedy one was cut off");
    asks.abort();
    reads.abort();
}

#[tokio::test]
async fn a_panic_ends_its_connection_alone() {
    let service = Serve(|frame: Bytes| {
        assert!(!frame.ends_with(b"?"), "a request that this test made up");
        Call::Ready(Outcome::Respond(echo(&frame)))
    });
    let server = Served::with(1, service).await;
    let other = server.client().await;
    assert_eq!(other.call(&ask("before"), 0).await.unwrap().0, "before");
    let mut stream = server.dial().await;
    stream.write_all(&request(METADATA, 1, b"?")).await.unwrap();
    assert_eq!(soon("the end", read_answer(&mut stream)).await, None);
    assert_eq!(soon("a call", other.call(&ask("after"), 0)).await.unwrap().0, "after");
}

/// A service that tells of each request, and answers it when the test says so.
fn held_service() -> (impl Service<File = NoFile>, mpsc::UnboundedReceiver<oneshot::Sender<()>>) {
    let (tell, told) = mpsc::unbounded_channel();
    let service = Serve(move |frame: Bytes| {
        let (answer, answered) = oneshot::channel();
        let _nobody_listens = tell.send(answer);
        let reply = Box::pin(async move {
            let _ = answered.await;
            Outcome::Respond(echo(&frame))
        });
        Call::Pending { reply, overlap: true }
    });
    (service, told)
}

#[tokio::test]
async fn a_stop_answers_what_is_in_flight() {
    let (service, mut told) = held_service();
    let mut server = Served::with(2, service).await;
    let (mut stream, mut idle) = (server.dial().await, server.dial().await);
    stream.write_all(&request(METADATA, 7, b"late")).await.unwrap();
    let answer = soon("the request", told.recv()).await.unwrap();
    drop(server.stop.take());
    assert_eq!(soon("the end of one that asks nothing", read_answer(&mut idle)).await, None);
    assert!(!server.serving.is_finished());
    answer.send(()).unwrap();
    assert_eq!(soon("the answer", read_answer(&mut stream)).await.unwrap().1, "late");
    assert_eq!(soon("the end", read_answer(&mut stream)).await, None);
    drop(stream);
    soon("the stop", &mut server.serving).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_dropped_waits_for_nothing() {
    let (service, mut told) = held_service();
    let server = Served::with(2, service).await;
    let mut stream = server.dial().await;
    stream.write_all(&request(METADATA, 7, b"never")).await.unwrap();
    let _unanswered = soon("the request", told.recv()).await.unwrap();
    server.serving.abort();
    assert_eq!(soon("the end", read_answer(&mut stream)).await, None);
}
