//! Requests of one connection: called in order, answered in order, overlapping where they may.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ottla_protocol::wire::NoFile;
use ottla_transport::{Call, Outcome, ServerConfig, Service, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};

use crate::support::{Serve, World, answer, read_answer, request};

/// Produce overlaps, all else does not.
const PRODUCE: u8 = 0;
const METADATA: u8 = 3;

/// Lets a test answer requests one by one, by the last byte of their bodies.
#[derive(Clone, Default)]
struct Replies(Arc<Mutex<BTreeMap<u8, oneshot::Sender<Outcome<NoFile>>>>>);

impl Replies {
    fn answer(&self, name: u8, outcome: Outcome<NoFile>) {
        let reply = self.0.lock().unwrap().remove(&name).unwrap();
        assert!(reply.send(outcome).is_ok(), "nobody waits for the answer to {}", name as char);
    }

    /// Whether the request still waits for its answer.
    fn is_waited_for(&self, name: u8) -> bool {
        self.0.lock().unwrap().get(&name).is_some_and(|reply| !reply.is_closed())
    }
}

/// A service whose requests all wait for the test, and which tells what was called when.
fn held_service() -> (impl Service<File = NoFile>, Replies, mpsc::UnboundedReceiver<u8>) {
    let (called, calls) = mpsc::unbounded_channel();
    let replies = Replies::default();
    let held = replies.clone();
    let service = Serve(move |frame: Bytes| {
        let name = *frame.last().unwrap();
        called.send(name).unwrap();
        if name.is_ascii_uppercase() {
            return Call::Ready(Outcome::Respond(answer(&frame, Bytes::new())));
        }
        let (reply, replied) = oneshot::channel();
        held.0.lock().unwrap().insert(name, reply);
        let reply = Box::pin(async { replied.await.unwrap_or(Outcome::Silent) });
        Call::Pending { reply, overlap: frame.starts_with(&[0, PRODUCE]) }
    });
    (service, replies, calls)
}

fn respond(id: u8) -> Outcome<NoFile> {
    Outcome::Respond(answer(&Bytes::from(vec![0, 0, 0, 0, 0, 0, 0, id]), Bytes::new()))
}

async fn send(stream: &mut Stream, requests: &[(u8, u8, u8)]) {
    let bytes: Vec<u8> = requests.iter().flat_map(|&(key, id, name)| request(key, id, &[name])).collect();
    stream.write_all(&bytes).await.unwrap();
}

/// Waits until nothing more happens by itself.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn overlapping_requests_are_called_at_once_and_answered_in_order() {
    let (service, replies, mut calls) = held_service();
    let world = World::new(service, ServerConfig::default());
    let mut stream = world.dial().await;
    send(&mut stream, &[(PRODUCE, 1, b'a'), (PRODUCE, 2, b'b'), (PRODUCE, 3, b'C')]).await;
    for name in *b"abC" {
        assert_eq!(calls.recv().await, Some(name));
    }
    replies.answer(b'b', respond(2));
    settle().await;
    replies.answer(b'a', respond(1));
    for id in 1..=3 {
        assert_eq!(read_answer(&mut stream).await.unwrap().0, id);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_does_not_overlap_waits_for_all_before_it_and_holds_all_after_it() {
    let (service, replies, mut calls) = held_service();
    let world = World::new(service, ServerConfig::default());
    let mut stream = world.dial().await;
    send(&mut stream, &[(PRODUCE, 1, b'a'), (METADATA, 2, b'b'), (PRODUCE, 3, b'c')]).await;
    assert_eq!(calls.recv().await, Some(b'a'));
    settle().await;
    assert!(calls.try_recv().is_err());
    replies.answer(b'a', respond(1));
    assert_eq!(calls.recv().await, Some(b'b'));
    settle().await;
    assert!(calls.try_recv().is_err());
    replies.answer(b'b', respond(2));
    assert_eq!(calls.recv().await, Some(b'c'));
    replies.answer(b'c', respond(3));
    for id in 1..=3 {
        assert_eq!(read_answer(&mut stream).await.unwrap().0, id);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_holds_nothing_up() {
    let (service, replies, mut calls) = held_service();
    let world = World::new(service, ServerConfig::default());
    let mut stream = world.dial().await;
    send(&mut stream, &[(PRODUCE, 1, b'a'), (PRODUCE, 2, b'b')]).await;
    assert_eq!((calls.recv().await, calls.recv().await), (Some(b'a'), Some(b'b')));
    replies.answer(b'a', Outcome::Silent);
    replies.answer(b'b', respond(2));
    assert_eq!(read_answer(&mut stream).await.unwrap().0, 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_closes_after_earlier_answers_and_later_ones_are_not_answered() {
    let (service, replies, mut calls) = held_service();
    let world = World::new(service, ServerConfig::default());
    let mut stream = world.dial().await;
    send(&mut stream, &[(PRODUCE, 1, b'a'), (PRODUCE, 2, b'b'), (PRODUCE, 3, b'c'), (METADATA, 4, b'd')])
        .await;
    for name in *b"abc" {
        assert_eq!(calls.recv().await, Some(name));
    }
    replies.answer(b'c', respond(3));
    replies.answer(b'b', Outcome::Close("unknown version".to_owned()));
    replies.answer(b'a', respond(1));
    assert_eq!(read_answer(&mut stream).await.unwrap().0, 1);
    assert_eq!(read_answer(&mut stream).await, None);
    assert!(calls.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn bytes_that_are_no_request_close_after_earlier_answers() {
    let (service, replies, mut calls) = held_service();
    let world = World::new(service, ServerConfig::default());
    let mut stream = world.dial().await;
    let good = [request(PRODUCE, 1, b"a"), request(PRODUCE, 2, b"b"), request(PRODUCE, 3, b"C")].concat();
    stream.write_all(&[&good[..], &[0xff; 16]].concat()).await.unwrap();
    for name in *b"abC" {
        assert_eq!(calls.recv().await, Some(name));
    }
    replies.answer(b'b', respond(2));
    settle().await;
    replies.answer(b'a', respond(1));
    for id in 1..=3 {
        assert_eq!(read_answer(&mut stream).await.unwrap().0, id);
    }
    assert_eq!(read_answer(&mut stream).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_drops_its_waits_at_once() {
    let (service, replies, mut calls) = held_service();
    let world = World::new(service, ServerConfig::default());
    let mut stream = world.dial().await;
    send(&mut stream, &[(METADATA, 1, b'a')]).await;
    assert_eq!(calls.recv().await, Some(b'a'));
    assert!(replies.is_waited_for(b'a'));
    drop(stream);
    settle().await;
    assert!(!replies.is_waited_for(b'a'));
}

#[tokio::test(start_paused = true)]
async fn requests_that_a_leaving_client_sent_in_full_are_still_called() {
    let (service, replies, mut calls) = held_service();
    let world = World::new(service, ServerConfig::default());
    let mut stream = world.dial().await;
    send(&mut stream, &[(METADATA, 1, b'a'), (PRODUCE, 2, b'B')]).await;
    stream.shutdown().await.unwrap();
    assert_eq!(calls.recv().await, Some(b'a'));
    settle().await;
    replies.answer(b'a', respond(1));
    assert_eq!(calls.recv().await, Some(b'B'));
    assert_eq!(read_answer(&mut stream).await.unwrap().0, 1);
    assert_eq!(read_answer(&mut stream).await.unwrap().0, 2);
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn past_the_budget_each_connection_has_one_request_in_flight() {
    let (service, replies, mut calls) = held_service();
    // Room for two of the requests below.
    let config = ServerConfig::default().with_frame_bytes_max(60_000).with_queued_max_request_bytes(110_000);
    let world = World::new(service, config);
    let mut senders = Vec::new();
    for names in [*b"abcdef", *b"uvwxyz"] {
        let mut stream = world.dial().await;
        senders.push(tokio::spawn(async move {
            for name in names {
                let body = [&[0; 50_000][..], &[name]].concat();
                stream.write_all(&request(PRODUCE, name, &body)).await.unwrap();
            }
            for name in names {
                assert_eq!(read_answer(&mut stream).await.unwrap().0, i32::from(name));
            }
        }));
    }
    // The paused clock moves by itself only once everybody waits.
    let moment = std::time::Duration::from_millis(1);
    assert!(tokio::time::timeout(moment, std::future::pending::<()>()).await.is_err());
    let mut called = 0;
    while let Ok(name) = calls.try_recv() {
        called += 1;
        replies.answer(name, respond(name));
    }
    // Two within the budget, and on each connection one more, which then stopped.
    assert_eq!(called, 4);
    while senders.iter().any(|sender| !sender.is_finished()) {
        if let Ok(Some(name)) = tokio::time::timeout(moment, calls.recv()).await {
            replies.answer(name, respond(name));
        }
    }
    for sender in senders {
        sender.await.unwrap();
    }
}
