//! A reader that costs hardly anything: it receives Fetch responses, looks at the heads of their batches and counts.
//!
//! A thread and a blocking socket drive a connection, a connection a partition, one request in flight on each.
//! Records are copied once, out of the socket into a buffer that stays in the cache.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Instant;

use bytes::Bytes;
use ottla_protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use ottla_protocol::wire::{DecodeLimits, Reader, Str};

use crate::prepared::{Failure, connect, encoded};
use crate::{Figures, Load, rates_of};

/// The newest version without flexible fields: what stands before the records has the same length in each answer.
const FETCH_VERSION: i16 = 11;
/// How much is taken out of a socket at once.
const BUFFER_BYTES: usize = 256 << 10;
/// How long the broker may wait for records; there are some, until all is read.
const WAIT_MS: i32 = 500;
/// Bytes of a response before the records, apart from the name of the topic.
const HEAD_LEN: usize = 66;
/// Bytes of a batch up to the offset of its last record, which is the last field that is looked at.
const BATCH_HEAD_LEN: usize = 27;
/// Bytes of a batch which its length does not count.
const LOG_OVERHEAD: usize = 12;

/// Reads each partition from its beginning to its high watermark over a connection of its own.
pub(crate) fn run(load: &Load) -> Figures {
    let connections = (0..load.partitions).map(|_| connect(load)).collect::<Result<Vec<_>, Failure>>()?;
    let start = Instant::now();
    let read = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..)
            .zip(connections)
            .map(|(partition, stream)| scope.spawn(move || read(load, partition, stream)))
            .collect();
        let mut all = Counted::default();
        for thread in threads {
            all += thread.join().map_err(|_| "a reading thread panicked")??;
        }
        Ok::<_, Failure>(all)
    })?;
    let elapsed = start.elapsed();
    if read.records < load.records {
        return Err(format!("{} of {} records were there to be read", read.records, load.records).into());
    }
    Ok(format!("{} bytes={}", rates_of(read.records, load.size, elapsed), read.bytes))
}

/// What was read: whole batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    records: u64,
    bytes: u64,
}

impl std::ops::AddAssign for Counted {
    fn add_assign(&mut self, more: Self) {
        self.records += more.records;
        self.bytes += more.bytes;
    }
}

fn read(load: &Load, partition: i32, mut stream: TcpStream) -> Result<Counted, Failure> {
    let mut answers = BufReader::with_capacity(BUFFER_BYTES, stream.try_clone()?);
    let (mut offset, mut all) = (0, Counted::default());
    loop {
        stream.write_all(&encoded(FETCH_VERSION, &request(load, partition, offset))?)?;
        let high_watermark = receive(&mut answers, load.topic.len(), &mut offset, &mut all)?;
        if offset >= high_watermark {
            return Ok(all);
        }
    }
}

fn request(load: &Load, partition: i32, offset: i64) -> FetchRequest {
    let partition = FetchPartition::default()
        .with_partition(partition)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(load.fetch_bytes);
    let topic =
        FetchTopic::default().with_topic(Str::from(load.topic.as_str())).with_partitions(vec![partition]);
    FetchRequest::default()
        .with_max_wait_ms(WAIT_MS)
        .with_min_bytes(1)
        .with_max_bytes(load.fetch_bytes)
        .with_topics(vec![topic])
}

/// Receives one response of one partition, moves the offset behind its last whole batch and gives the high watermark.
fn receive(
    answers: &mut impl BufRead,
    topic_len: usize,
    offset: &mut i64,
    all: &mut Counted,
) -> Result<i64, Failure> {
    let mut size = [0; 4];
    answers.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size))?;
    let mut head = vec![0; HEAD_LEN + topic_len];
    let Some(mut left) = size.checked_sub(head.len()) else {
        return Err(format!("a response of {size} bytes to a fetch").into());
    };
    answers.read_exact(&mut head)?;
    let (high_watermark, records_len) = head_fields(&head.into())?;
    if records_len != left {
        return Err(format!("{records_len} bytes of records, and {left} are left of the response").into());
    }
    let mut batch = [0; BATCH_HEAD_LEN];
    while left > BATCH_HEAD_LEN {
        answers.read_exact(&mut batch)?;
        left -= BATCH_HEAD_LEN;
        let (base_offset, len, last_offset_delta) = batch_fields(&Bytes::copy_from_slice(&batch))?;
        let Some(body) = len.checked_sub(BATCH_HEAD_LEN) else {
            return Err(format!("a batch of {len} bytes").into());
        };
        if body > left {
            break; // cut by the limit of the fetch; the rest comes with the next one
        }
        skip(answers, body)?;
        left -= body;
        *offset = base_offset + i64::from(last_offset_delta) + 1;
        *all += Counted { records: u64::try_from(last_offset_delta)? + 1, bytes: len as u64 };
    }
    skip(answers, left)?;
    Ok(high_watermark)
}

/// The high watermark and the length of the records.
fn head_fields(head: &Bytes) -> Result<(i64, usize), Failure> {
    let limits = DecodeLimits::default();
    let mut r = Reader::new(head, false, &limits);
    r.i32("correlation_id")?;
    r.i32("throttle_time_ms")?;
    let error = r.error_code("error_code")?;
    r.i32("session_id")?;
    let topics = r.i32("responses")?;
    r.string("topic")?;
    let partitions = r.i32("partitions")?;
    r.i32("partition_index")?;
    let partition_error = r.error_code("error_code")?;
    let high_watermark = r.i64("high_watermark")?;
    r.i64("last_stable_offset")?;
    r.i64("log_start_offset")?;
    let aborted = r.i32("aborted_transactions")?;
    r.i32("preferred_read_replica")?;
    let records_len = r.i32("records")?;
    r.finish()?;
    if !error.is_none() || !partition_error.is_none() || (topics, partitions) != (1, 1) || aborted > 0 {
        return Err(
            format!("fetch: {error}, {partition_error}, {topics} topics, {partitions} partitions").into()
        );
    }
    Ok((high_watermark, usize::try_from(records_len.max(0))?))
}

/// The base offset, the length with all that belongs to it, and how far behind the base the last record is.
fn batch_fields(batch: &Bytes) -> Result<(i64, usize, i32), Failure> {
    let limits = DecodeLimits::default();
    let mut r = Reader::new(batch, false, &limits);
    let base_offset = r.i64("base_offset")?;
    let len = r.i32("batch_length")?;
    r.i32("partition_leader_epoch")?;
    r.i8("magic")?;
    r.i32("crc")?;
    r.i16("attributes")?;
    let last_offset_delta = r.i32("last_offset_delta")?;
    r.finish()?;
    Ok((base_offset, usize::try_from(len)? + LOG_OVERHEAD, last_offset_delta))
}

fn skip(answers: &mut impl BufRead, mut len: usize) -> Result<(), Failure> {
    while len > 0 {
        let taken = answers.fill_buf()?.len().min(len);
        if taken == 0 {
            return Err("the broker closed the connection in the middle of a response".into());
        }
        answers.consume(taken);
        len -= taken;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_protocol::messages::fetch::{FetchResponse, FetchableTopicResponse, PartitionData};
    use ottla_protocol::records::{BatchBuilder, BatchOptions};
    use ottla_protocol::wire::Chunk;
    use ottla_protocol::{ApiKey, ErrorCode, frame};

    fn batch(base_offset: i64, records: usize) -> Bytes {
        let mut options = BatchOptions::default();
        options.base_offset = base_offset;
        let mut batch = BatchBuilder::new(options);
        for _ in 0..records {
            batch.try_append(0, None, Some(&[7; 100]), &[]).unwrap();
        }
        batch.build().unwrap()
    }

    fn response(records: Vec<u8>, error: ErrorCode) -> Vec<u8> {
        let partition = PartitionData::default()
            .with_error_code(error)
            .with_high_watermark(99)
            .with_records(Some(Bytes::from(records).into()));
        let topic = FetchableTopicResponse::default().with_topic("orders").with_partitions(vec![partition]);
        let response: FetchResponse = FetchResponse::default().with_responses(vec![topic]);
        let chunks: Vec<Chunk> = frame::encode_response(ApiKey::Fetch, FETCH_VERSION, 0, &response).unwrap();
        chunks
            .iter()
            .flat_map(|chunk| match chunk {
                Chunk::Bytes(bytes) => bytes.to_vec(),
                Chunk::External { source, .. } => match *source {},
            })
            .collect()
    }

    #[test]
    fn whole_batches_are_counted_and_one_that_is_cut_is_asked_for_again() {
        let (first, second, cut) = (batch(0, 3), batch(3, 40), batch(43, 5));
        let whole = first.len() + second.len();
        for kept in [0, 5, BATCH_HEAD_LEN, cut.len() - 1] {
            let wire = response([&first[..], &second, &cut[..kept]].concat(), ErrorCode::NONE);
            // A small buffer: heads and bodies are cut anywhere.
            let mut answers = BufReader::with_capacity(16, &wire[..]);
            let (mut offset, mut all) = (0, Counted::default());
            assert_eq!(receive(&mut answers, 6, &mut offset, &mut all).unwrap(), 99);
            assert_eq!((offset, all), (43, Counted { records: 43, bytes: whole as u64 }));
            assert!(answers.fill_buf().unwrap().is_empty(), "{kept} bytes kept: not all was read");
        }
    }

    #[test]
    fn a_response_with_an_error_or_of_another_topic_is_one() {
        let count =
            |wire: Vec<u8>, topic_len| receive(&mut &wire[..], topic_len, &mut 0, &mut Counted::default());
        assert!(count(response(Vec::new(), ErrorCode::NONE), 6).is_ok());
        assert!(count(response(Vec::new(), ErrorCode::OFFSET_OUT_OF_RANGE), 6).is_err());
        assert!(count(response(Vec::new(), ErrorCode::NONE), 5).is_err());
    }
}
