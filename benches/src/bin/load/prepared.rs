//! Load that costs hardly anything to make: each connection sends one Produce request, built once, over and over.
//!
//! A thread and a blocking socket drive a connection, a connection a partition, so that the broker and not
//! the client is the limit. A broker gives each batch its offsets, so the bytes need no change between sends.

use std::collections::VecDeque;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use ottla_protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::{Chunk, DecodeLimits, Str};
use ottla_protocol::{ErrorCode, Request, frame};

use crate::wire::{PRODUCE_VERSION, answered};
use crate::{Figures, Load, micros, rates};

/// Why a connection ended early.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Longest wait for one answer, and for the leaders of a topic.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Time between attempts while there are none.
pub(crate) const RETRY: Duration = Duration::from_millis(1);
/// More than an answer for one partition takes.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Fills each partition over a connection of its own, and says how fast.
pub(crate) fn run(load: &Load) -> Figures {
    let batches = batches(load)?;
    let mut connections = (0..load.partitions)
        .map(|partition| Connection::open(load, partition))
        .collect::<Result<Vec<_>, _>>()?;
    connections.iter_mut().try_for_each(Connection::warm_up)?;
    let start = Instant::now();
    let latencies = std::thread::scope(|scope| {
        let threads: Vec<_> = connections
            .iter_mut()
            .map(|connection| scope.spawn(move || connection.send(batches, load.depth)))
            .collect();
        let mut latencies = Histogram::<u64>::new(3)?;
        for thread in threads {
            latencies.add(thread.join().map_err(|_| "a sending thread panicked")??)?;
        }
        Ok::<_, Failure>(latencies)
    })?;
    let rates = rates(load, start.elapsed());
    Ok(format!("{rates} p50_us={:.1} p99_us={:.1}", micros(&latencies, 0.5), micros(&latencies, 0.99)))
}

/// Batches that each partition gets.
fn batches(load: &Load) -> Result<u64, Failure> {
    if load.depth == 0 || load.batch_records == 0 || load.partitions < 1 {
        return Err("--depth, --batch-records and --partitions start at 1".into());
    }
    let round = load.batch_records * u64::from(load.partitions.unsigned_abs());
    match load.records % round {
        0 => Ok(load.records / round),
        _ => {
            Err(format!("{} records are no multiple of {round}, a batch for each partition", load.records)
                .into())
        }
    }
}

/// A connection and what it sends.
struct Connection {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
    /// The whole request, with its size before it.
    request: Vec<u8>,
    /// The same, but answered in any case: the answer says that all before it were read.
    last: Vec<u8>,
    is_answered: bool,
}

impl Connection {
    fn open(load: &Load, partition: i32) -> Result<Self, Failure> {
        let stream = connect(load)?;
        let answers = BufReader::new(stream.try_clone()?);
        let batch = batch(load)?;
        let answered = if load.acks == 0 { 1 } else { load.acks };
        let topic = Str::from(load.topic.as_str());
        let request = encoded(PRODUCE_VERSION, &request(topic.clone(), partition, load.acks, batch.clone()))?;
        let last = encoded(PRODUCE_VERSION, &self::request(topic, partition, answered, batch))?;
        Ok(Self { stream, answers, request, last, is_answered: load.acks != 0 })
    }

    /// Sends one batch, beside those that are counted: a topic that was just created may not have its leaders yet.
    fn warm_up(&mut self) -> Result<(), Failure> {
        let start = Instant::now();
        loop {
            self.stream.write_all(&self.last)?;
            match answer(&mut self.answers)? {
                ErrorCode::NONE => return Ok(()),
                code if start.elapsed() > PATIENCE => return Err(format!("produce: {code}").into()),
                _ => std::thread::sleep(RETRY),
            }
        }
    }

    /// Sends so many batches, with up to `depth` in flight, and says how long each answer took.
    fn send(&mut self, batches: u64, depth: usize) -> Result<Histogram<u64>, Failure> {
        let mut latencies = Histogram::new(3)?;
        let mut in_flight: VecDeque<Instant> = VecDeque::with_capacity(depth);
        for number in 1..=batches {
            if in_flight.len() == depth {
                self.acknowledged(&mut in_flight, &mut latencies)?;
            }
            let is_last = number == batches;
            if self.is_answered || is_last {
                in_flight.push_back(Instant::now());
            }
            self.stream.write_all(if is_last { &self.last } else { &self.request })?;
        }
        while !in_flight.is_empty() {
            self.acknowledged(&mut in_flight, &mut latencies)?;
        }
        Ok(latencies)
    }

    /// Waits for the answer to the oldest request in flight.
    fn acknowledged(
        &mut self,
        in_flight: &mut VecDeque<Instant>,
        latencies: &mut Histogram<u64>,
    ) -> Result<(), Failure> {
        let code = answer(&mut self.answers)?;
        if !code.is_none() {
            return Err(format!("produce: {code}").into());
        }
        let sent = in_flight.pop_front().ok_or("an answer that nothing waits for")?;
        Ok(latencies.record(u64::try_from(sent.elapsed().as_nanos())?)?)
    }
}

/// A blocking connection to the broker.
pub(crate) fn connect(load: &Load) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(&load.bootstrap)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// A request as it is written to a socket.
pub(crate) fn encoded<R: Request>(version: i16, request: &R) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    for chunk in frame::encode_request(version, 0, Some("load"), request)? {
        match chunk {
            Chunk::Bytes(chunk) => bytes.extend_from_slice(&chunk),
            Chunk::External { source, .. } => match source {},
        }
    }
    Ok(bytes)
}

/// A batch of values of one size.
pub(crate) fn batch(load: &Load) -> Result<Bytes, Failure> {
    let mut options = BatchOptions::default();
    // What a batch may be is the broker's to say.
    (options.bytes_max, options.record_bytes_max) = (usize::MAX, usize::MAX);
    options.compression = load.codec.into();
    let mut batch = BatchBuilder::new(options);
    let values = load.values();
    for number in 0..load.batch_records {
        batch.try_append(0, None, Some(values.of(number)), &[])?;
    }
    Ok(batch.build()?)
}

/// What asks for one batch to be written to one partition.
pub(crate) fn request(topic: Str, partition: i32, acks: i16, records: Bytes) -> ProduceRequest {
    let partition = PartitionProduceData::default().with_index(partition).with_records(Some(records.into()));
    let topic = TopicProduceData::default().with_name(topic).with_partition_data(vec![partition]);
    ProduceRequest::default().with_acks(acks).with_timeout_ms(30_000).with_topic_data(vec![topic])
}

/// Reads one answer, and what it says of the partition.
fn answer(answers: &mut impl Read) -> Result<ErrorCode, Failure> {
    let frame = answer_frame(answers)?;
    let (_, response) = frame::decode_response(frame.into(), PRODUCE_VERSION, &DecodeLimits::default())?;
    answered(&response)
}

/// Reads one answer, without the size before it.
pub(crate) fn answer_frame(answers: &mut impl Read) -> Result<Vec<u8>, Failure> {
    let mut size = [0; 4];
    answers.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size))?;
    if size > ANSWER_BYTES_MAX {
        return Err(format!("an answer of {size} bytes to a produce").into());
    }
    let mut frame = vec![0; size];
    answers.read_exact(&mut frame)?;
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cli;
    use clap::Parser;
    use ottla_protocol::records::Batch;

    fn load(arguments: &[&str]) -> Load {
        let words = ["load", "prepared"].iter().chain(arguments);
        match Cli::parse_from(words).command {
            crate::Command::Prepared(load) => load,
            _ => panic!("another command"),
        }
    }

    #[test]
    fn only_whole_batches_in_every_partition_are_sent() {
        let whole = load(&["--records", "24", "--batch-records", "3", "--partitions", "4"]);
        assert_eq!(batches(&whole).unwrap(), 2);
        let broken = load(&["--records", "25", "--batch-records", "3", "--partitions", "4"]);
        assert!(batches(&broken).is_err());
        assert!(batches(&load(&["--records", "4", "--batch-records", "0"])).is_err());
    }

    #[test]
    fn a_prepared_batch_has_all_its_records_and_a_valid_checksum() {
        let load = load(&["--batch-records", "700", "--size", "1024"]);
        let batch = Batch::parse(batch(&load).unwrap()).unwrap();
        assert!(batch.crc_is_valid());
        assert_eq!(batch.records(&DecodeLimits::default()).unwrap().iter().count(), 700);
    }

    #[test]
    fn an_answer_that_is_longer_than_any_is_refused_before_it_is_read() {
        assert!(answer(&mut &[0x7f, 0, 0, 0][..]).is_err());
    }
}
