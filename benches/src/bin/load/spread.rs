//! Load that is spread over many partitions: a batch a request, to one partition after the other or anywhere in a few.
//!
//! `scatter` produces and `gather` fetches. A thread and a blocking socket drive a connection, with several requests in
//! flight; the requests to produce are built once. So what a request costs the broker stands out, whatever else it holds.

use std::collections::VecDeque;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use ottla_protocol::messages::fetch::{FetchPartition, FetchRequest, FetchResponse, FetchTopic};
use ottla_protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};
use ottla_protocol::messages::produce::ProduceResponse;
use ottla_protocol::wire::{DecodeLimits, Str};
use ottla_protocol::{ErrorCode, Message, frame};

use crate::prepared::{Failure, batch, connect, encoded, request};
use crate::wire::{PRODUCE_VERSION, answered, topics};
use crate::{At, Figures, Load, micros, rates};

const FETCH_VERSION: i16 = 11;
const LIST_OFFSETS_VERSION: i16 = 5;
/// The timestamp that asks for the end of a partition.
const LATEST: i64 = -1;
/// How long the leaders of new topics may take, and the time between two looks.
const PATIENCE: Duration = Duration::from_secs(60);
const RETRY: Duration = Duration::from_millis(20);
/// More than any answer takes that is asked for here, apart from the records.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// A partition: its topic and its number in that.
type Place = (Str, i32);

/// Produces batches to all partitions in turn, and says how fast.
pub(crate) fn scatter(load: &Load) -> Figures {
    let batch = batch(load)?;
    drive(load, |load, places, _| {
        let request = |(topic, partition): &Place| {
            encoded(PRODUCE_VERSION, &request(topic.clone(), *partition, load.acks, batch.clone()))
        };
        let requests = places.iter().map(request).collect::<Result<Vec<_>, Failure>>()?;
        let mut turns = (0..requests.len()).cycle();
        Ok(Requests {
            next: Box::new(move || Ok(requests[turns.next().unwrap_or(0)].clone())),
            check: |frame| {
                checked(answered(&response::<ProduceResponse>(frame, PRODUCE_VERSION)?)?, "produce")
            },
        })
    })
}

/// Fetches a batch a request, from the place in each partition that is asked for, and says how fast.
pub(crate) fn gather(load: &Load) -> Figures {
    let step = i64::try_from(load.batch_records)?;
    drive(load, |load, places, ends| {
        let (places, at, mut turn, mut seed) = (places.to_vec(), load.at, 0_usize, 0x9e37_79b9_7f4a_7c15_u64);
        let fetch_bytes = load.fetch_bytes;
        let next = move || {
            let (place, end) = (&places[turn % places.len()], ends[turn % places.len()]);
            let batches = (end / step).max(1);
            let number = match at {
                At::Walk => i64::try_from(turn / places.len())? % batches,
                At::Head => 0,
                At::Tail => batches - 1,
                At::Random => {
                    seed ^= seed << 13;
                    seed ^= seed >> 7;
                    seed ^= seed << 17;
                    i64::try_from(seed >> 1)? % batches
                }
            };
            turn += 1;
            encoded(FETCH_VERSION, &fetch(place, number * step, fetch_bytes))
        };
        Ok(Requests { next: Box::new(next), check: fetched })
    })
}

/// What a connection sends, and how it looks at an answer.
struct Requests {
    next: Box<dyn FnMut() -> Result<Vec<u8>, Failure> + Send>,
    check: fn(Bytes) -> Result<(), Failure>,
}

/// Drives all connections, each with a share of the partitions.
fn drive(load: &Load, requests: impl Fn(&Load, &[Place], Vec<i64>) -> Result<Requests, Failure>) -> Figures {
    let places: Vec<Place> = topics(load)
        .flat_map(|topic| (0..load.partitions).map(move |partition| (topic.clone(), partition)))
        .collect();
    let connections = usize::try_from(load.connections)?.max(1);
    let each = load.records / load.batch_records.max(1) / load.connections.max(1);
    let mut driven = Vec::new();
    for number in 0..connections {
        // Where there are fewer partitions than connections, several share one.
        let own: Vec<Place> =
            places.iter().skip(number % places.len()).step_by(connections).cloned().collect();
        let mut stream = connect(load)?;
        let ends = ends(&mut stream, &own)?;
        driven.push((stream, requests(load, &own, ends)?));
    }
    let start = Instant::now();
    let latencies = std::thread::scope(|scope| {
        let threads: Vec<_> = driven
            .into_iter()
            .map(|(stream, requests)| scope.spawn(move || send(stream, requests, each, load, start)))
            .collect();
        let mut latencies = Histogram::<u64>::new(3)?;
        for thread in threads {
            latencies.add(thread.join().map_err(|_| "a thread panicked")??)?;
        }
        Ok::<_, Failure>(latencies)
    })?;
    let requests = latencies.len();
    let rates = rates(load, start.elapsed());
    let [p50, p99] = [0.5, 0.99].map(|quantile| micros(&latencies, quantile));
    Ok(format!("{rates} requests={requests} p50_us={p50:.1} p99_us={p99:.1}"))
}

/// Sends so many requests with up to `depth` in flight, and says how long each answer took.
fn send(
    mut stream: TcpStream,
    mut requests: Requests,
    count: u64,
    load: &Load,
    start: Instant,
) -> Result<Histogram<u64>, Failure> {
    let every = (load.rate > 0).then(|| Duration::from_secs(load.connections.max(1)) / load.rate);
    let bytes_max = usize::try_from(load.fetch_bytes)?.max(load.size * 2) + HEAD_BYTES_MAX;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut latencies = Histogram::new(3)?;
    let mut in_flight: VecDeque<Instant> = VecDeque::new();
    for number in 0..count + load.depth as u64 {
        if number >= count || in_flight.len() >= load.depth {
            let Some(sent) = in_flight.pop_front() else { break };
            (requests.check)(frame(&mut answers, bytes_max)?)?;
            latencies.record(u64::try_from(sent.elapsed().as_nanos())?)?;
        }
        if number < count {
            if let Some(due) = every.and_then(|every| every.checked_mul(u32::try_from(number).ok()?)) {
                std::thread::sleep(due.saturating_sub(start.elapsed()));
            }
            let request = (requests.next)()?;
            in_flight.push_back(Instant::now());
            stream.write_all(&request)?;
        }
    }
    Ok(latencies)
}

/// The offsets behind the last records of partitions, once all have a leader.
fn ends(stream: &mut TcpStream, places: &[Place]) -> Result<Vec<i64>, Failure> {
    let start = Instant::now();
    let mut ends = Vec::with_capacity(places.len());
    for place in places {
        ends.push(loop {
            match end(stream, place) {
                Ok(end) => break end,
                Err(error) if start.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(RETRY),
            }
        });
    }
    Ok(ends)
}

fn end(stream: &mut TcpStream, (topic, partition): &Place) -> Result<i64, Failure> {
    let partition = ListOffsetsPartition::default().with_partition_index(*partition).with_timestamp(LATEST);
    let topic = ListOffsetsTopic::default().with_name(topic.clone()).with_partitions(vec![partition]);
    let request = ListOffsetsRequest::default().with_replica_id(-1).with_topics(vec![topic]);
    stream.write_all(&encoded(LIST_OFFSETS_VERSION, &request)?)?;
    let response: ListOffsetsResponse = response(frame(stream, HEAD_BYTES_MAX)?, LIST_OFFSETS_VERSION)?;
    let answer = response.topics.first().and_then(|topic| topic.partitions.first());
    let answer = answer.ok_or("the answer to ListOffsets names no partition")?;
    checked(answer.error_code, "ListOffsets")?;
    Ok(answer.offset)
}

fn fetch((topic, partition): &Place, offset: i64, bytes: i32) -> FetchRequest {
    let partition = FetchPartition::default()
        .with_partition(*partition)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(bytes);
    let topic = FetchTopic::default().with_topic(topic.clone()).with_partitions(vec![partition]);
    FetchRequest::default()
        .with_max_wait_ms(500)
        .with_min_bytes(1)
        .with_max_bytes(bytes)
        .with_topics(vec![topic])
}

/// An answer to a fetch must have records.
fn fetched(frame: Bytes) -> Result<(), Failure> {
    let response: FetchResponse = response(frame, FETCH_VERSION)?;
    checked(response.error_code, "fetch")?;
    let answer = response.responses.first().and_then(|topic| topic.partitions.first());
    let answer = answer.ok_or("the answer to a fetch names no partition")?;
    if !answer.error_code.is_none() {
        let (code, partition) = (answer.error_code, answer.partition_index);
        let (start, end) = (answer.log_start_offset, answer.high_watermark);
        return Err(format!("fetch of partition {partition}, which has {start} to {end}: {code}").into());
    }
    match &answer.records {
        Some(records) if !records.is_empty() => Ok(()),
        _ => Err("the answer to a fetch has no records".into()),
    }
}

fn checked(code: ErrorCode, what: &str) -> Result<(), Failure> {
    if code.is_none() { Ok(()) } else { Err(format!("{what}: {code}").into()) }
}

fn frame(answers: &mut impl Read, bytes_max: usize) -> Result<Bytes, Failure> {
    let mut size = [0; 4];
    answers.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size))?;
    if size > bytes_max {
        return Err(format!("an answer of {size} bytes, where {bytes_max} are expected at most").into());
    }
    let mut frame = vec![0; size];
    answers.read_exact(&mut frame)?;
    Ok(frame.into())
}

fn response<M: Message>(frame: Bytes, version: i16) -> Result<M, Failure> {
    Ok(frame::decode_response(frame, version, &DecodeLimits::default())?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_longer_than_any_is_refused_before_it_is_read() {
        assert!(frame(&mut &[0x7f, 0, 0, 0][..], HEAD_BYTES_MAX).is_err());
        assert_eq!(frame(&mut &[0, 0, 0, 2, 7, 8][..], HEAD_BYTES_MAX).unwrap(), [7, 8][..]);
    }

    #[test]
    fn an_answer_without_records_is_an_error() {
        let answered = |records: &'static [u8]| {
            let answer = ottla_protocol::messages::fetch::PartitionData::default()
                .with_records(Some(Bytes::from_static(records).into()));
            let topic = ottla_protocol::messages::fetch::FetchableTopicResponse::default()
                .with_topic("orders")
                .with_partitions(vec![answer]);
            let response: FetchResponse = FetchResponse::default().with_responses(vec![topic]);
            let chunks =
                frame::encode_response(ottla_protocol::ApiKey::Fetch, FETCH_VERSION, 0, &response).unwrap();
            let wire: Vec<u8> = chunks
                .iter()
                .flat_map(|chunk| match chunk {
                    ottla_protocol::wire::Chunk::Bytes(bytes) => bytes.to_vec(),
                    ottla_protocol::wire::Chunk::External { source, .. } => match *source {},
                })
                .collect();
            fetched(Bytes::from(wire).slice(4..))
        };
        assert!(answered(b"a batch").is_ok());
        assert!(answered(b"").is_err());
    }
}
