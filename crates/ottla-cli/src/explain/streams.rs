//! Connections in a capture: segments become frames, and frames requests and answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use ottla::protocol::explain::{Conversation, Explained};

use super::LIMITS;
use super::reassembly::Direction;
use super::recognise::{answer_number, looks_like_a_request};
use super::tcp::Segment;

/// How many connections are followed; with more, the one that was quiet for longest is forgotten.
const CONNECTIONS_MAX: usize = 10_000;

/// How many bytes of unfinished frames are held, of all connections; the largest is given up for more.
const HELD_BYTES_MAX: usize = 512 << 20;

/// What went by.
pub(super) enum Told {
    Message {
        from: SocketAddr,
        to: SocketAddr,
        explained: Explained,
    },
    /// Bytes that the capture lacks.
    Gap {
        from: SocketAddr,
        to: SocketAddr,
        bytes: u64,
    },
    /// Bytes that are no frames.
    Broken {
        from: SocketAddr,
        to: SocketAddr,
        what: String,
    },
    /// A frame that goes on behind the end of the capture.
    Unfinished {
        from: SocketAddr,
        to: SocketAddr,
        bytes: usize,
    },
}

/// A client and a broker.
type Ends = (SocketAddr, SocketAddr);

/// The connections of a capture.
pub(super) struct Streams {
    /// Ports of brokers; none if they are to be found out.
    ports: Vec<u16>,
    connections: BTreeMap<Ends, Connection>,
    /// Connections that were forgotten, or replaced by others of the same ends, and spoke no Kafka.
    others: usize,
    /// Bytes that all connections hold.
    held: usize,
    /// How many segments were taken.
    taken: u64,
}

impl Streams {
    pub(super) fn new(ports: Vec<u16>) -> Self {
        Self { ports, connections: BTreeMap::new(), others: 0, held: 0, taken: 0 }
    }

    /// Takes a segment in; gives what it completes.
    pub(super) fn take(&mut self, segment: &Segment) -> Vec<Told> {
        let Some(ends) = self.ends(segment) else { return Vec::new() };
        self.taken += 1;
        let is_known = self.connections.get(&ends);
        if segment.begins && is_known.is_some_and(|known| !known.began_with(segment.sequence)) {
            // The same ports again: another connection.
            self.forget(ends);
        } else if is_known.is_none() && segment.data.is_empty() && !segment.begins && !segment.accepts {
            return Vec::new();
        }
        if self.connections.len() >= CONNECTIONS_MAX && !self.connections.contains_key(&ends) {
            let quiet = self.connections.iter().min_by_key(|(_, known)| known.last).map(|(ends, _)| *ends);
            quiet.into_iter().for_each(|ends| self.forget(ends));
        }
        let connection = self.connections.entry(ends).or_insert_with(|| Connection::new(ends));
        connection.last = self.taken;
        let held = connection.held();
        let mut told = connection.take(segment);
        self.held = self.held + connection.held() - held;
        if self.held > HELD_BYTES_MAX {
            told.extend(self.make_room());
        }
        told
    }

    /// What is told once there are no more segments.
    pub(super) fn end(&mut self) -> Vec<Told> {
        self.connections.values_mut().flat_map(Connection::end).collect()
    }

    /// How many connections speak no Kafka.
    pub(super) fn others(&self) -> usize {
        self.others + self.connections.values().filter(|known| known.is_other()).count()
    }

    fn forget(&mut self, ends: Ends) {
        if let Some(gone) = self.connections.remove(&ends) {
            self.others += usize::from(gone.is_other());
            self.held -= gone.held();
        }
    }

    fn make_room(&mut self) -> Option<Told> {
        let (_, largest) = self.connections.iter_mut().max_by_key(|(_, known)| known.held())?;
        let bytes = largest.held();
        self.held -= bytes;
        largest.requests.forget();
        largest.answers.forget();
        let what =
            format!("{bytes} bytes of unfinished frames are left out: there are too many of all connections");
        Some(Told::Broken { from: largest.client, to: largest.broker, what })
    }

    /// The client and the broker of a segment's connection; `None` if it has no broker.
    fn ends(&self, segment: &Segment) -> Option<Ends> {
        let (there, back) = ((segment.from, segment.to), (segment.to, segment.from));
        if !self.ports.is_empty() {
            let to_broker = self.ports.contains(&segment.to.port());
            let from_broker = self.ports.contains(&segment.from.port());
            return if to_broker { Some(there) } else { from_broker.then_some(back) };
        }
        if segment.begins || self.connections.contains_key(&there) {
            return Some(there);
        }
        if segment.accepts || self.connections.contains_key(&back) {
            return Some(back);
        }
        // Begun before the capture: ports of clients are picked from the upper ones.
        Some(if segment.to.port() <= segment.from.port() { there } else { back })
    }
}

struct Connection {
    client: SocketAddr,
    broker: SocketAddr,
    requests: Direction,
    answers: Direction,
    conversation: Conversation,
    /// The number of its beginning, if that was seen.
    began: Option<u32>,
    /// Whether it speaks Kafka, once that is known.
    is_kafka: Option<bool>,
    /// Whether any bytes went by.
    has_data: bool,
    /// Which of all segments was its last.
    last: u64,
}

impl Connection {
    fn new((client, broker): Ends) -> Self {
        Self {
            client,
            broker,
            requests: Direction::new(),
            answers: Direction::new(),
            conversation: Conversation::new(LIMITS),
            began: None,
            is_kafka: None,
            has_data: false,
            last: 0,
        }
    }

    fn began_with(&self, sequence: u32) -> bool {
        self.began == Some(sequence)
    }

    fn is_other(&self) -> bool {
        self.has_data && self.is_kafka != Some(true)
    }

    fn held(&self) -> usize {
        self.requests.held() + self.answers.held()
    }

    fn take(&mut self, segment: &Segment) -> Vec<Told> {
        if segment.begins {
            self.began = Some(segment.sequence);
        }
        self.has_data |= !segment.data.is_empty();
        if self.is_kafka == Some(false) {
            return Vec::new();
        }
        let conversation = &self.conversation;
        let is_answer = |bytes: &[u8]| answer_number(bytes).is_some_and(|number| conversation.awaits(number));
        let missing = match segment.from == self.client {
            true => self.requests.take(segment, begins_with_request),
            false => self.answers.take(segment, is_answer),
        };
        let missing = missing.map(|bytes| Told::Gap { from: segment.from, to: segment.to, bytes });
        if self.is_kafka.is_none() {
            self.is_kafka = looks_like_a_request(self.requests.begun());
            if self.is_kafka == Some(false) {
                // Nothing of it is understood, so nothing of it is kept.
                self.requests.forget();
                self.answers.forget();
            }
        }
        missing.into_iter().chain(self.frames()).collect()
    }

    /// All frames that are whole.
    fn frames(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        if self.is_kafka != Some(true) {
            return told;
        }
        let (client, broker) = (self.client, self.broker);
        // Requests first: what is captured side by side may come in the wrong order.
        loop {
            match self.requests.next_frame() {
                Ok(Some(frame)) => {
                    let explained = self.conversation.request(&frame);
                    told.push(Told::Message { from: client, to: broker, explained });
                }
                Ok(None) => break,
                Err(what) => told.push(Told::Broken { from: client, to: broker, what }),
            }
        }
        loop {
            match self.answers.next_frame() {
                Ok(Some(frame)) => {
                    let explained = self.conversation.response(&frame);
                    told.push(Told::Message { from: broker, to: client, explained });
                }
                Ok(None) => break,
                Err(what) => told.push(Told::Broken { from: broker, to: client, what }),
            }
        }
        told
    }

    fn end(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        if self.is_kafka != Some(true) {
            return told;
        }
        let (client, broker) = (self.client, self.broker);
        while let Some(bytes) = self.requests.skip(begins_with_request) {
            told.push(Told::Gap { from: client, to: broker, bytes });
            told.extend(self.frames());
        }
        let awaits = self.conversation.clone();
        let is_answer = |bytes: &[u8]| answer_number(bytes).is_some_and(|number| awaits.awaits(number));
        while let Some(bytes) = self.answers.skip(is_answer) {
            told.push(Told::Gap { from: broker, to: client, bytes });
            told.extend(self.frames());
        }
        for (direction, from, to) in
            [(&mut self.requests, client, broker), (&mut self.answers, broker, client)]
        {
            let bytes = direction.begun().len();
            if bytes > 0 {
                told.push(Told::Unfinished { from, to, bytes });
            }
        }
        told
    }
}

fn begins_with_request(bytes: &[u8]) -> bool {
    looks_like_a_request(bytes) == Some(true)
}

#[cfg(test)]
mod tests;
