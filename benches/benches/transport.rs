//! What the transport adds to a round trip over loopback TCP.
//!
//! `raw` is the limit of the machine: two threads that block on one socket. `server` puts our
//! server on one end, `call` our client on the other as well.
//!
//! Where the scheduler wakes a thread on another, idle processor, that wake-up alone can take
//! longer than all the rest; `taskset -c 2 cargo bench ...` shows the work without it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ottla_env::{Env, OsSeeds, SystemClock};
use ottla_protocol::wire::{Chunk, DecodeError, EncodeError, NoFile, Reader, Records, Sink};
use ottla_protocol::{ApiKey, Encode, Message, Request};
use ottla_transport::{
    Address, Call, ClientConnection, ClientConnectionConfig, Connector, Listener, Outcome, Peer, Server,
    ServerConfig, Service, TcpConnector, TokioSpawn, listen,
};
use tokio::runtime::{Builder, Runtime};

/// Bytes of a small request's body, and of its answer's.
const BODY_BYTES: usize = 100;

/// Bytes of a large request's body, whose answer is empty.
const LARGE_BYTES: usize = 1 << 20;

/// A request whose answer is the same bytes, or none if there are many.
#[derive(Clone)]
struct Ping(Records);

impl Message for Ping {
    const API_KEY: ApiKey = ApiKey::Metadata;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;
    fn decode(r: &mut Reader<'_>, _: i16) -> Result<Self, DecodeError> {
        Ok(Self(r.records("body")?))
    }
}

impl Encode for Ping {
    fn encode<S: Sink<NoFile>>(&self, sink: &mut S, _: i16) -> Result<(), EncodeError> {
        sink.records("body", &self.0)
    }
}

impl Request for Ping {
    type Response = Self;
}

struct Echo;

impl Service for Echo {
    type File = NoFile;
    type Session = ();
    fn connect(&self, _: &Peer) {}
    fn call(&self, (): &mut (), frame: Bytes) -> Call<NoFile> {
        // Key 2, version 2, correlation id 4, client id 2 (none), body.
        let body = if frame.len() < LARGE_BYTES { frame.slice(10..) } else { Bytes::from_static(&[0; 4]) };
        let size = u32::try_from(4 + body.len()).expect("a small frame").to_be_bytes();
        let mut answer = Vec::with_capacity(8 + body.len());
        answer.extend_from_slice(&size);
        answer.extend_from_slice(&frame[4..8]);
        answer.extend_from_slice(&body);
        Call::Ready(Outcome::Respond(vec![Chunk::Bytes(answer.into())]))
    }
}

fn env() -> Env {
    Env::new(Arc::new(SystemClock), Arc::new(OsSeeds), Arc::new(TokioSpawn::new()))
}

/// Our server, on threads of its own.
fn serve() -> (Runtime, Address) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let address = runtime.block_on(async {
        let any: Address = "127.0.0.1:0".parse().expect("an address");
        let listener = listen(&any).await.expect("a free port");
        let address = listener.local_address();
        tokio::spawn(
            Server::new(Echo, ServerConfig::default(), env()).serve(listener, std::future::pending()),
        );
        address
    });
    (runtime, address)
}

fn connect(address: &Address) -> TcpStream {
    let stream = TcpStream::connect(address.to_string()).expect("a server");
    stream.set_nodelay(true).expect("a socket");
    stream
}

/// A request on the wire.
fn frame() -> Vec<u8> {
    let size = u32::try_from(10 + 4 + BODY_BYTES).expect("a small frame").to_be_bytes();
    let body_size = u32::try_from(BODY_BYTES).expect("a small body").to_be_bytes();
    [&size[..], &[0, 3, 0, 0, 0, 0, 0, 0, 0xff, 0xff], &body_size, &[7; BODY_BYTES]].concat()
}

fn raw(c: &mut Criterion) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").into();
    let request = frame();
    let mut answer = vec![0; request.len()];
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        stream.set_nodelay(true).expect("a socket");
        let mut buf = [0; 4_096];
        while let Ok(count @ 1..) = stream.read(&mut buf) {
            stream.write_all(&buf[..count]).expect("a client");
        }
    });
    let mut stream = connect(&address);
    c.bench_function("round trip/raw", |b| {
        b.iter(|| {
            stream.write_all(&request).expect("a server");
            stream.read_exact(&mut answer).expect("an answer");
        });
    });
}

fn server(c: &mut Criterion) {
    let (_runtime, address) = serve();
    let mut stream = connect(&address);
    let request = frame();
    let mut answer = vec![0; 4 + 4 + 4 + BODY_BYTES];
    c.bench_function("round trip/server", |b| {
        b.iter(|| {
            stream.write_all(&request).expect("a server");
            stream.read_exact(&mut answer).expect("an answer");
        });
    });
}

fn call(c: &mut Criterion) {
    let (_runtime, address) = serve();
    let ping = Ping(Bytes::from_static(&[7; BODY_BYTES]).into());
    let connect = async |address: &Address| {
        let stream = TcpConnector.connect(address).await.expect("a server");
        ClientConnection::new(stream, ClientConnectionConfig::default(), &env())
    };

    // The caller and its connection's task on one thread.
    let client = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let connection = client.block_on(connect(&address));
    c.bench_function("round trip/call, one thread", |b| {
        b.iter(|| client.block_on(connection.call(&ping, 0)).expect("an answer"));
    });

    // The caller and its connection's task where the runtime puts them.
    let client = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let connection = client.block_on(connect(&address));
    c.bench_function("round trip/call, two threads", |b| {
        b.iter_custom(|rounds| {
            let (connection, ping) = (connection.clone(), ping.clone());
            let calls = client.spawn(async move {
                let begun = std::time::Instant::now();
                for _ in 0..rounds {
                    connection.call(&ping, 0).await.expect("an answer");
                }
                begun.elapsed()
            });
            client.block_on(calls).expect("calls that do not panic")
        });
    });

    const IN_FLIGHT: usize = 64;
    let mut group = c.benchmark_group("in flight");
    group.throughput(Throughput::Elements(IN_FLIGHT as u64));
    let client = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let connection = client.block_on(connect(&address));
    group.bench_function("64", |b| {
        b.iter(|| {
            client.block_on(async {
                let mut answers = Vec::with_capacity(IN_FLIGHT);
                for _ in 0..IN_FLIGHT {
                    answers.push(connection.send(&ping, 0).await.expect("a connection"));
                }
                for answer in answers {
                    answer.await.expect("an answer");
                }
            });
        });
    });
    group.finish();

    const LARGE_IN_FLIGHT: usize = 5;
    let large = Ping(vec![7; LARGE_BYTES].into());
    let mut group = c.benchmark_group("1 MiB each, in flight");
    group.throughput(Throughput::Bytes((LARGE_IN_FLIGHT * LARGE_BYTES) as u64));
    group.bench_function("5", |b| {
        b.iter(|| {
            client.block_on(async {
                let mut answers = Vec::with_capacity(LARGE_IN_FLIGHT);
                for _ in 0..LARGE_IN_FLIGHT {
                    answers.push(connection.send(&large, 0).await.expect("a connection"));
                }
                for answer in answers {
                    answer.await.expect("an answer");
                }
            });
        });
    });
    group.finish();
}

criterion_group!(benches, raw, server, call);
criterion_main!(benches);
