//! The floor under many small requests at once: few threads that answer each with the bytes of an answer, and do
//! nothing else.
//!
//! The requests and what sends them are those of `in_flight`, so that a broker is held against the same load on the same
//! cores: what it falls short by is its own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use hdrhistogram::Histogram;
use ottla_protocol::messages::produce::{PartitionProduceResponse, ProduceResponse, TopicProduceResponse};
use ottla_protocol::wire::Chunk;
use ottla_protocol::{ApiKey, ErrorCode, frame};
use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::cpu::Stopwatch;
use crate::in_flight::{self, ANSWER_NUMBER_AT, Connection, REQUEST_NUMBER_AT};
use crate::prepared::{Failure, encoded};
use crate::wire::{PRODUCE_VERSION, one_record};
use crate::{Figures, Load};

const NUMBER_LEN: usize = 4;

/// The topic of the requests; it is in the answers as well.
const TOPIC: &str = "load";

/// Sends the records of the load over its connections.
pub(crate) fn run(load: &Load) -> Figures {
    let each = load.records / load.connections.max(1);
    let (stopwatch, latencies) =
        exchange(load.connections, each, load.size, load.threads, load.echo_threads)?;
    Ok(in_flight::figures(load, &stopwatch, &latencies))
}

/// Sends so many records of that size over each connection; says since when, and how long each answer took.
pub(crate) fn exchange(
    connections: u64,
    each: u64,
    size: usize,
    threads: usize,
    echo_threads: usize,
) -> Result<(Stopwatch, Histogram<u64>), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let request = encoded(PRODUCE_VERSION, &one_record(TOPIC, 0, size)?)?;
    let answer = answer(TOPIC, ErrorCode::NONE)?;
    let (mut clients, mut servers) = (Vec::new(), Vec::new());
    for _ in 0..connections {
        let client = TcpStream::connect(listener.local_addr()?)?;
        let (server, _) = listener.accept()?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        clients.push(Connection::new(client, request.clone(), TOPIC, &answer[ANSWER_NUMBER_AT..])?);
        let received = vec![0; request.len()];
        servers.push(Server { stream: server, answer: answer.clone(), received, len: 0 });
    }
    let share = servers.len().div_ceil(echo_threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let echoing: Vec<_> =
            servers.chunks_mut(share).map(|share| scope.spawn(move || serve(share))).collect();
        // The connections are closed when it is done, and so the threads end.
        let stopwatch = Stopwatch::start();
        let latencies = in_flight::drive(clients, each, threads)?;
        for thread in echoing {
            thread.join().map_err(|_| "an echoing thread panicked")??;
        }
        Ok((stopwatch, latencies))
    })
}

/// An answer as a broker would give it, with its size before it.
pub(crate) fn answer(topic: &str, code: ErrorCode) -> Result<Vec<u8>, Failure> {
    let partition = PartitionProduceResponse::default().with_error_code(code);
    let topic = TopicProduceResponse::default().with_name(topic).with_partition_responses(vec![partition]);
    let response = ProduceResponse::default().with_responses(vec![topic]);
    let mut bytes = Vec::new();
    for chunk in frame::encode_response(ApiKey::Produce, PRODUCE_VERSION, 0, &response)? {
        let chunk: Chunk = chunk;
        match chunk {
            Chunk::Bytes(chunk) => bytes.extend_from_slice(&chunk),
            Chunk::External { source, .. } => match source {},
        }
    }
    Ok(bytes)
}

/// One end of a connection, and what it answers.
struct Server {
    stream: TcpStream,
    answer: Vec<u8>,
    /// As long as a request.
    received: Vec<u8>,
    len: usize,
}

/// Answers until every connection is closed.
fn serve(connections: &mut [Server]) -> Result<(), Failure> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let told = epoll::EventFlags::IN | epoll::EventFlags::ET;
    for (key, connection) in (0..).zip(&*connections) {
        epoll::add(&epoll, &connection.stream, epoll::EventData::new_u64(key), told)?;
    }
    let mut open = connections.len();
    let mut events = Vec::with_capacity(connections.len());
    while open > 0 {
        events.clear();
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in &events {
            let connection = &mut connections[usize::try_from(event.data.u64())?];
            if !connection.answer()? {
                epoll::delete(&epoll, &connection.stream)?;
                open -= 1;
            }
        }
    }
    Ok(())
}

impl Server {
    /// Reads once, and answers when the request is whole; false when the other end closed the connection.
    fn answer(&mut self) -> Result<bool, Failure> {
        match self.stream.read(&mut self.received[self.len..])? {
            0 => return Ok(false),
            read => self.len += read,
        }
        if self.len == self.received.len() {
            let number = &self.received[REQUEST_NUMBER_AT..REQUEST_NUMBER_AT + NUMBER_LEN];
            self.answer[ANSWER_NUMBER_AT..ANSWER_NUMBER_AT + NUMBER_LEN].copy_from_slice(number);
            self.len = 0;
            self.stream.write_all(&self.answer)?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_is_answered_whoever_shares_its_threads() {
        for (threads, echo_threads) in [(1, 1), (2, 3), (9, 2)] {
            let (_, latencies) = exchange(7, 40, 100, threads, echo_threads).unwrap();
            assert_eq!(latencies.len(), 280);
        }
    }
}
