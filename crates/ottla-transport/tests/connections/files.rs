//! Answers that come from files.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use ottla_protocol::wire::Chunk;
use ottla_transport::{
    Address, Call, Connector, FileSource, Listener, MemoryNetwork, Outcome, Peer, Server, ServerConfig,
    Service, Stream, TcpConnector, listen,
};
use tokio::io::AsyncWriteExt;

use crate::support::{env, read_answer, request};

/// Bytes of the range that is served, out of the middle of a file.
const RANGE_BYTES: usize = 3 << 20;
const POSITION: usize = 12_345;

/// A range of an open file; `by_read` hides the descriptor.
#[derive(Clone, Debug)]
struct Range {
    file: Arc<File>,
    by_read: bool,
    reads: Arc<AtomicUsize>,
}

impl FileSource for Range {
    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        use std::os::fd::AsFd;
        (!self.by_read).then(|| self.file.as_fd())
    }

    fn position(&self) -> u64 {
        POSITION as u64
    }

    fn len(&self) -> usize {
        RANGE_BYTES
    }

    fn read_at(&self, at: u64, len: usize) -> io::Result<Bytes> {
        use std::os::unix::fs::FileExt;
        self.reads.fetch_add(1, Ordering::Relaxed);
        let mut bytes = vec![0; len];
        let count = self.file.read_at(&mut bytes, self.position() + at)?;
        bytes.truncate(count);
        Ok(bytes.into())
    }
}

/// Answers every request with a few bytes, the range, and a few bytes.
struct FromFile(Range);

impl Service for FromFile {
    type File = Range;
    type Session = ();
    fn connect(&self, _: &Peer) {}
    fn call(&self, (): &mut (), frame: Bytes) -> Call<Range> {
        let size = u32::try_from(4 + 6 + RANGE_BYTES + 5).unwrap().to_be_bytes();
        Call::Ready(Outcome::Respond(vec![
            Chunk::Bytes([&size[..], &frame[4..8], b"before"].concat().into()),
            Chunk::External { len: RANGE_BYTES, source: self.0.clone() },
            Chunk::Bytes(Bytes::from_static(b"after")),
        ]))
    }
}

fn file_content(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(at * 7 % 253).unwrap()).collect()
}

fn service(file_bytes: usize, by_read: bool) -> FromFile {
    use std::io::Write;
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&file_content(file_bytes)).unwrap();
    FromFile(Range { file: Arc::new(file), by_read, reads: Arc::default() })
}

async fn expect_range(stream: &mut Stream) {
    let content = file_content(POSITION + RANGE_BYTES);
    // Several in a row, so that what follows a range is seen to be in place.
    for id in 1..=3 {
        stream.write_all(&request(1, id, b"")).await.unwrap();
    }
    for id in 1..=3 {
        let (actual, body) = read_answer(stream).await.unwrap();
        assert_eq!(actual, id);
        assert_eq!(body.len(), 6 + RANGE_BYTES + 5);
        assert_eq!(&body[..6], b"before");
        assert!(body[6..6 + RANGE_BYTES] == content[POSITION..]);
        assert_eq!(&body[6 + RANGE_BYTES..], b"after");
    }
}

/// How connections are served: by the runtime, and by a thread of the server.
const THREADS: [usize; 2] = [0, 1];

async fn over_tcp(service: FromFile, network_threads: usize) -> Stream {
    let listener = listen(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_address();
    let config = ServerConfig::default().with_network_threads(network_threads);
    tokio::spawn(Server::new(service, config, env()).serve(listener, std::future::pending()));
    TcpConnector.connect(&address).await.unwrap()
}

#[tokio::test]
async fn a_file_range_goes_out_over_tcp() {
    for threads in THREADS {
        expect_range(&mut over_tcp(service(POSITION + RANGE_BYTES + 100, false), threads).await).await;
    }
}

#[tokio::test]
async fn a_file_range_without_a_descriptor_goes_out_over_tcp() {
    for threads in THREADS {
        expect_range(&mut over_tcp(service(POSITION + RANGE_BYTES + 100, true), threads).await).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_range_goes_out_over_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::Unix(folder.path().join("ottla.sock"));
    let listener = listen(&address).await.unwrap();
    let service = service(POSITION + RANGE_BYTES, false);
    tokio::spawn(
        Server::new(service, ServerConfig::default(), env()).serve(listener, std::future::pending()),
    );
    expect_range(&mut ottla_transport::UnixConnector.connect(&address).await.unwrap()).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_range_that_is_not_in_memory_goes_out_over_tcp() {
    for threads in THREADS {
        let service = service(POSITION + RANGE_BYTES + 100, false);
        // Best effort: what the system forgets is read elsewhere, what it keeps is sent as it is.
        let file = Arc::clone(&service.0.file);
        file.sync_all().unwrap();
        rustix::fs::fadvise(&*file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
        let reads = Arc::clone(&service.0.reads);
        expect_range(&mut over_tcp(service, threads).await).await;
        assert!(reads.load(Ordering::Relaxed) <= 3 * RANGE_BYTES / (256 << 10) + 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_range_is_read_for_a_memory_stream() {
    let network = MemoryNetwork::perfect();
    let address: Address = "memory:server".parse().unwrap();
    let listener = network.listen(address.clone()).unwrap();
    let service = service(POSITION + RANGE_BYTES, false);
    tokio::spawn(
        Server::new(service, ServerConfig::default(), env()).serve(listener, std::future::pending()),
    );
    expect_range(&mut network.connect(&address).await.unwrap()).await;
}

#[tokio::test]
async fn a_file_that_is_shorter_than_announced_closes_the_connection() {
    for (by_read, threads) in [(false, 0), (true, 0), (false, 1), (true, 1)] {
        let mut stream = over_tcp(service(POSITION + RANGE_BYTES - 1, by_read), threads).await;
        stream.write_all(&request(1, 1, b"")).await.unwrap();
        assert_eq!(read_answer(&mut stream).await, None);
    }
}
