//! One small request in flight on each of many connections, at next to no cost of this program's.
//!
//! Requests are encoded once and only get their number. Few threads drive all connections: one that has several waits
//! for them with `epoll`, one that has a single one sleeps in `read`. Of an answer it is looked at whether it is the one
//! that is due and begins as the first did, which was decoded in full and had no error: so a request costs a
//! system call each way here, and hardly more. A load at a pace is in `wire`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use hdrhistogram::Histogram;
use ottla_protocol::frame;
use ottla_protocol::wire::DecodeLimits;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

use crate::cpu::Stopwatch;
use crate::prepared::{Failure, PATIENCE, RETRY, answer_frame, connect, encoded};
use crate::wire::{PRODUCE_VERSION, answered, one_record};
use crate::{Figures, Load, micros};

/// Where a request and an answer have their number, counted with the size before them.
pub(crate) const REQUEST_NUMBER_AT: usize = 8;
pub(crate) const ANSWER_NUMBER_AT: usize = 4;
const NUMBER_LEN: usize = 4;
/// More than an answer for one partition takes, so that one `read` empties the socket.
const ANSWER_BYTES_MAX: usize = 1 << 10;

/// Produces one record a request, each connection after the answer to the one before.
pub(crate) fn run(load: &Load) -> Figures {
    let connections = (0..load.connections)
        .map(|number| {
            Connection::open(load, i32::try_from(number % u64::from(load.partitions.unsigned_abs()))?)
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let each = load.records / load.connections.max(1);
    let stopwatch = Stopwatch::start();
    let latencies = drive(connections, each, load.threads)?;
    Ok(figures(load, &stopwatch, &latencies))
}

/// How many there were, how late they were answered, and what they cost this process.
pub(crate) fn figures(load: &Load, stopwatch: &Stopwatch, latencies: &Histogram<u64>) -> String {
    let rates = stopwatch.rates_of(latencies.len(), load.size);
    let [p50, p90, p99, p999] = [0.5, 0.9, 0.99, 0.999].map(|quantile| micros(latencies, quantile));
    format!("{rates} p50_us={p50:.1} p90_us={p90:.1} p99_us={p99:.1} p999_us={p999:.1}")
}

/// Sends so many requests over each connection, from at most so many threads, and gives how long each answer took.
pub(crate) fn drive(
    mut connections: Vec<Connection>,
    each: u64,
    threads: usize,
) -> Result<Histogram<u64>, Failure> {
    let share = connections.len().div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = connections
            .chunks_mut(share)
            .map(|share| {
                scope.spawn(move || match share {
                    [single] => alone(single, each),
                    several => together(several, each),
                })
            })
            .collect();
        let mut latencies = Histogram::new(3)?;
        for thread in threads {
            latencies.add(thread.join().map_err(|_| "a sending thread panicked")??)?;
        }
        Ok(latencies)
    })
}

fn alone(connection: &mut Connection, each: u64) -> Result<Histogram<u64>, Failure> {
    let mut latencies = Histogram::new(3)?;
    for _ in 0..each {
        let sent = Instant::now();
        connection.send()?;
        while !connection.is_answered()? {}
        latencies.record(u64::try_from(sent.elapsed().as_nanos())?)?;
    }
    Ok(latencies)
}

fn together(connections: &mut [Connection], each: u64) -> Result<Histogram<u64>, Failure> {
    let mut latencies = Histogram::new(3)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    // Told once: an answer is the last thing to come until the next request is sent.
    let told = epoll::EventFlags::IN | epoll::EventFlags::ET;
    for (key, connection) in (0..).zip(&*connections) {
        epoll::add(&epoll, &connection.stream, epoll::EventData::new_u64(key), told)?;
    }
    // When each connection sent what it waits for, and how many it has sent.
    let mut under_way = vec![(Instant::now(), 0_u64); connections.len()];
    let mut waiting = 0;
    for (connection, (sent, count)) in connections.iter_mut().zip(&mut under_way).filter(|_| each > 0) {
        (*sent, *count) = (Instant::now(), 1);
        connection.send()?;
        waiting += 1;
    }
    let patience = Timespec::try_from(PATIENCE)?;
    let mut events = Vec::with_capacity(connections.len());
    while waiting > 0 {
        events.clear();
        if epoll::wait(&epoll, spare_capacity(&mut events), Some(&patience))? == 0 {
            return Err(format!("{waiting} connections had no answer for {PATIENCE:?}").into());
        }
        for event in &events {
            let key = usize::try_from(event.data.u64())?;
            let (connection, (sent, count)) = (&mut connections[key], &mut under_way[key]);
            if !connection.is_answered()? {
                continue;
            }
            let now = Instant::now();
            latencies.record(u64::try_from((now - *sent).as_nanos())?)?;
            if *count == each {
                epoll::delete(&epoll, &connection.stream)?; // what may still come is its end
                waiting -= 1;
                continue;
            }
            (*sent, *count) = (now, *count + 1);
            connection.send()?;
        }
    }
    Ok(latencies)
}

/// A connection, what it sends over and over, and how the answers to that begin.
pub(crate) struct Connection {
    stream: TcpStream,
    /// The whole request, with its size before it.
    request: Vec<u8>,
    number: i32,
    /// What follows the number in an answer without an error, up to that error's code.
    expected: Vec<u8>,
    received: [u8; ANSWER_BYTES_MAX],
    received_len: usize,
}

impl Connection {
    /// Connects, and produces until the partition has its leader: a topic that was just created may not have one yet.
    fn open(load: &Load, partition: i32) -> Result<Self, Failure> {
        let mut stream = connect(load)?;
        let request = encoded(PRODUCE_VERSION, &one_record(&load.topic, partition, load.size)?)?;
        let start = Instant::now();
        loop {
            stream.write_all(&request)?;
            let answer = answer_frame(&mut stream)?;
            let (_, response) =
                frame::decode_response(answer.clone().into(), PRODUCE_VERSION, &DecodeLimits::default())?;
            match answered(&response)? {
                code if code.is_none() => return Self::new(stream, request, &load.topic, &answer),
                code if start.elapsed() > PATIENCE => return Err(format!("produce: {code}").into()),
                _ => std::thread::sleep(RETRY),
            }
        }
    }

    /// A connection that has had this answer, which named this topic and no error; the answer's size is not before it.
    pub(crate) fn new(
        stream: TcpStream,
        request: Vec<u8>,
        topic: &str,
        answer: &[u8],
    ) -> Result<Self, Failure> {
        // Tags of the header, one topic, its name, one partition, its number, its error.
        let name_len = topic.len() + if topic.len() < 127 { 1 } else { 2 };
        let expected = answer.get(NUMBER_LEN..NUMBER_LEN + 1 + 1 + name_len + 1 + 4 + 2);
        let expected = expected.ok_or("an answer too short for its topic")?.to_vec();
        let received = [0; ANSWER_BYTES_MAX];
        Ok(Self { stream, request, number: 0, expected, received, received_len: 0 })
    }

    fn send(&mut self) -> Result<(), Failure> {
        self.number = self.number.wrapping_add(1);
        self.request[REQUEST_NUMBER_AT..REQUEST_NUMBER_AT + NUMBER_LEN]
            .copy_from_slice(&self.number.to_be_bytes());
        self.received_len = 0;
        Ok(self.stream.write_all(&self.request)?)
    }

    /// Reads once, and says whether the answer is whole now.
    fn is_answered(&mut self) -> Result<bool, Failure> {
        match self.stream.read(&mut self.received[self.received_len..])? {
            0 => return Err("the broker closed the connection, or its answer is too long".into()),
            read => self.received_len += read,
        }
        let Some((size, rest)) = self.received[..self.received_len].split_first_chunk() else {
            return Ok(false);
        };
        let size = usize::try_from(i32::from_be_bytes(*size))?;
        if rest.len() < size {
            return Ok(false);
        }
        let is_due = rest.len() == size && rest.starts_with(&self.number.to_be_bytes());
        if is_due && rest[NUMBER_LEN..].starts_with(&self.expected) {
            return Ok(true);
        }
        Err(self.refused(rest))
    }

    /// What is wrong with an answer.
    fn refused(&self, answer: &[u8]) -> Failure {
        let decoded =
            frame::decode_response(answer.to_vec().into(), PRODUCE_VERSION, &DecodeLimits::default());
        match decoded {
            Ok((number, response)) => match answered(&response) {
                Ok(code) => format!("produce: {code} in answer {number}, {} is due", self.number).into(),
                Err(error) => error,
            },
            Err(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::echoes::answer;
    use ottla_protocol::ErrorCode;
    use std::net::TcpListener;

    /// A connection to somebody who answers each request with what is told, in pieces of so many bytes.
    fn connection(answers: Vec<Vec<u8>>, piece: usize) -> Connection {
        let request = encoded(PRODUCE_VERSION, &one_record("orders", 0, 100).unwrap()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        server.set_nodelay(true).unwrap();
        let mut received = vec![0; request.len()];
        std::thread::spawn(move || {
            for answer in answers {
                server.read_exact(&mut received).unwrap();
                answer.chunks(piece).for_each(|piece| server.write_all(piece).unwrap());
            }
        });
        let first = answer("orders", ErrorCode::NONE).unwrap();
        Connection::new(stream, request, "orders", &first[ANSWER_NUMBER_AT..]).unwrap()
    }

    fn numbered(number: i32, code: ErrorCode) -> Vec<u8> {
        let mut answer = answer("orders", code).unwrap();
        answer[ANSWER_NUMBER_AT..ANSWER_NUMBER_AT + NUMBER_LEN].copy_from_slice(&number.to_be_bytes());
        answer
    }

    fn sent(answers: &[Vec<u8>], piece: usize) -> Result<u64, String> {
        let connections = vec![connection(answers.to_vec(), piece)];
        let latencies = drive(connections, answers.len() as u64, 1);
        latencies.map(|latencies| latencies.len()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_answer_is_taken_however_it_is_cut() {
        let answers: Vec<_> = (1..=20).map(|number| numbered(number, ErrorCode::NONE)).collect();
        for piece in [1, 3, 7, 1_000] {
            assert_eq!(sent(&answers, piece), Ok(20));
        }
    }

    #[test]
    fn an_error_or_an_answer_to_another_request_ends_the_load() {
        let fine = numbered(1, ErrorCode::NONE);
        let refused = sent(&[fine.clone(), numbered(2, ErrorCode::NOT_LEADER_OR_FOLLOWER)], 1_000);
        assert!(refused.as_ref().is_err_and(|error| error.contains("NOT_LEADER")), "{refused:?}");
        assert!(sent(&[fine.clone(), numbered(3, ErrorCode::NONE)], 1_000).is_err());
        assert!(sent(&[[fine.clone(), fine].concat()], 1_000).is_err());
    }

    #[test]
    fn every_connection_sends_its_share_from_any_number_of_threads() {
        for threads in [1, 2, 7] {
            let answers: Vec<_> = (1..=30).map(|number| numbered(number, ErrorCode::NONE)).collect();
            let connections = (0..5).map(|_| connection(answers.clone(), 1_000)).collect();
            assert_eq!(drive(connections, 30, threads).unwrap().len(), 150);
        }
    }
}
