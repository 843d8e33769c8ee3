//! The two files in which a log keeps its producers, so that a restart need not read it whole.
//!
//! `.snapshot` is Kafka's own and holds the last batch of each producer; `.producers` holds the up
//! to four before it, which Kafka forgets. Both are caches: what is missing or damaged is rebuilt
//! from the log. The second says which log and which first one it belongs to, for `.snapshot` does not. Here live
//! their bytes; when they are written is decided by the log.
//!
//! ```text
//! .snapshot                                        .producers
//! version      i16 = 1                             magic        b"OTPR"
//! crc          u32, CRC-32C of all that follows    version      u16 = 3
//! count        i32                                 crc          u32, CRC-32C of all that follows
//! per producer, 46 bytes:                          log          u32, which log it is of
//!   producer_id            i64                     snapshot     u32, the crc in the `.snapshot`
//!   epoch                  i16                     of the segment that ends here, or goes on, 24 bytes:
//!   last_sequence          i32  -1: none             base_offset  i64  -1: nothing is known of it
//!   last_offset            i64  -1: no batch         aborted      u32  entries of its `.txnindex` so far
//!   offset_delta           i32                       aborted_crc  u32, CRC-32C of these
//!   timestamp              i64                       open_from    i64  the oldest open transaction, -1: none
//!   coordinator_epoch      i32                     count        u32
//!   transaction_start      i64  -1: none open      per producer:
//!                                                    producer_id  i64
//!                                                    epoch        i16
//!                                                    batches      u8, up to 4, oldest first, of 24 bytes:
//!                                                      last_sequence  i32
//!                                                      last_offset    i64
//!                                                      offset_delta   i32
//!                                                      timestamp      i64
//! ```

use ottla_protocol::records::crc32c;

use super::{BatchMemory, NO_SEQUENCE, Producer, Producers, REMEMBERED_MAX};
use crate::aborted::Summary;
use crate::planted;

const SNAPSHOT_VERSION: i16 = 1;
const SNAPSHOT_HEAD: usize = 2 + 4;
const ENTRY_LEN: usize = 46;

const OLDER_MAGIC: [u8; 4] = *b"OTPR";
const OLDER_VERSION: u16 = 3;
const OLDER_HEAD: usize = 4 + 2 + 4;
/// Where the summary is.
const SUMMARY_AT: usize = OLDER_HEAD + 4 + 4;
const SUMMARY_LEN: usize = 24;
const OLDER_BATCH_LEN: usize = 24;

/// Why a file of producers cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadSnapshot {
    #[error("it ends early")]
    Short,
    #[error("it is not of a version that is known here")]
    Version,
    #[error("its checksum is wrong")]
    Checksum,
    #[error("its content is impossible")]
    Content,
    #[error("it is of another log, or not the one that is described beside it")]
    Foreign,
    #[error("it is of another moment")]
    Elsewhere,
}

/// The bytes of the `.snapshot` and the `.producers` file of the log that `identity` tells from others.
pub(crate) fn encode(producers: &Producers, identity: u32, summary: &Summary) -> (Vec<u8>, Vec<u8>) {
    let none = Producers::default();
    let producers = if planted::is("dedupe_lost") { &none } else { producers };
    let last = encode_last(producers);
    let older = encode_older(producers, identity, summary, &last);
    (last, older)
}

/// Reads a `.snapshot` that was taken at `offset` and, if there is one that fits, the `.producers` beside it.
///
/// A second file that is missing or wrong costs only the older batches and the summary, and is answered with
/// `None` so that they can be had from the log.
pub(crate) fn decode(
    offset: i64,
    last: &[u8],
    older: Option<&[u8]>,
    identity: u32,
) -> Result<(Producers, Option<Summary>), BadSnapshot> {
    let producers = decode_last(last)?;
    let is_of_later = |producer: &Producer| {
        producer.batches().iter().any(|batch| batch.last_offset >= offset)
            || producer.transaction_start.is_some_and(|start| start >= offset)
    };
    if producers.iter().any(|(_, producer)| is_of_later(producer)) {
        return Err(BadSnapshot::Elsewhere);
    }
    let Some(older) = older else { return Ok((producers, None)) };
    match decode_older(older, &producers, identity, last) {
        Ok((with_older, summary)) => Ok((with_older, Some(summary))),
        Err(BadSnapshot::Foreign) => Err(BadSnapshot::Foreign),
        Err(_) => Ok((producers, None)),
    }
}

/// The log that a `.producers` file says it is of.
pub(crate) fn identity_of(older: &[u8]) -> Option<u32> {
    older.get(OLDER_HEAD..OLDER_HEAD + 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// The checksum that a `.snapshot` carries.
fn checksum_of(last: &[u8]) -> [u8; 4] {
    last.get(2..SNAPSHOT_HEAD).and_then(|crc| crc.try_into().ok()).unwrap_or_default()
}

/// The summary in a `.producers` file; `None` when it is damaged or of another log.
pub(crate) fn decode_summary(older: &[u8], identity: u32) -> Option<Summary> {
    let mut fields = older_fields(older, identity).ok()?;
    fields.take::<4>().ok()?;
    summary(&mut fields).ok()
}

/// The same file with another summary; `None` when it is damaged or of another log.
pub(crate) fn with_summary(older: &[u8], identity: u32, summary: &Summary) -> Option<Vec<u8>> {
    older_fields(older, identity).ok()?;
    let mut bytes = older.to_vec();
    bytes.get_mut(SUMMARY_AT..SUMMARY_AT + SUMMARY_LEN)?.copy_from_slice(&summary_bytes(summary));
    seal_older(&mut bytes);
    Some(bytes)
}

fn summary_bytes(summary: &Summary) -> [u8; SUMMARY_LEN] {
    let mut bytes = [0; SUMMARY_LEN];
    bytes[..8].copy_from_slice(&summary.base_offset.to_be_bytes());
    bytes[8..12].copy_from_slice(&summary.entries.to_be_bytes());
    bytes[12..16].copy_from_slice(&summary.crc.to_be_bytes());
    bytes[16..].copy_from_slice(&summary.open_from.to_be_bytes());
    bytes
}

fn summary(fields: &mut Fields<'_>) -> Result<Summary, BadSnapshot> {
    Ok(Summary {
        base_offset: fields.i64()?,
        entries: fields.u32()?,
        crc: fields.u32()?,
        open_from: fields.i64()?,
    })
}

fn seal_older(bytes: &mut [u8]) {
    let crc = crc32c(&bytes[OLDER_HEAD..]);
    bytes[6..OLDER_HEAD].copy_from_slice(&crc.to_be_bytes());
}

/// The fields of a `.producers` file from the checksum of its snapshot on, once it is known to be whole and of this log.
fn older_fields(file: &[u8], identity: u32) -> Result<Fields<'_>, BadSnapshot> {
    let mut fields = Fields(file);
    if fields.take::<4>()? != OLDER_MAGIC || fields.take::<2>()? != OLDER_VERSION.to_be_bytes() {
        return Err(BadSnapshot::Version);
    }
    if fields.u32()? != crc32c(fields.0) {
        return Err(BadSnapshot::Checksum);
    }
    if fields.u32()? != identity {
        return Err(BadSnapshot::Foreign);
    }
    Ok(fields)
}

fn encode_last(producers: &Producers) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SNAPSHOT_HEAD + 4 + producers.iter().len() * ENTRY_LEN);
    bytes.extend_from_slice(&SNAPSHOT_VERSION.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    let count = i32::try_from(producers.iter().len()).unwrap_or(i32::MAX);
    bytes.extend_from_slice(&count.to_be_bytes());
    for (id, producer) in producers.iter().take(count.unsigned_abs() as usize) {
        let none = BatchMemory { last_sequence: -1, last_offset: -1, offset_delta: 0, timestamp: -1 };
        let batch = producer.batches().last().unwrap_or(&none);
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.extend_from_slice(&producer.epoch.to_be_bytes());
        bytes.extend_from_slice(&batch.last_sequence.to_be_bytes());
        bytes.extend_from_slice(&batch.last_offset.to_be_bytes());
        bytes.extend_from_slice(&batch.offset_delta.to_be_bytes());
        bytes.extend_from_slice(&producer.last_timestamp.to_be_bytes());
        bytes.extend_from_slice(&producer.coordinator_epoch.to_be_bytes());
        bytes.extend_from_slice(&producer.transaction_start.unwrap_or(-1).to_be_bytes());
    }
    let crc = crc32c(&bytes[SNAPSHOT_HEAD..]);
    bytes[2..SNAPSHOT_HEAD].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn decode_last(file: &[u8]) -> Result<Producers, BadSnapshot> {
    let mut fields = Fields(file);
    if fields.i16()? != SNAPSHOT_VERSION {
        return Err(BadSnapshot::Version);
    }
    if fields.u32()? != crc32c(fields.0) {
        return Err(BadSnapshot::Checksum);
    }
    let count = fields.i32()?;
    if usize::try_from(count).ok().and_then(|count| count.checked_mul(ENTRY_LEN)) != Some(fields.0.len()) {
        return Err(BadSnapshot::Content);
    }
    let mut producers = Producers::default();
    for _ in 0..count {
        let id = fields.i64()?;
        let mut producer = Producer::new(fields.i16()?);
        let (last_sequence, last_offset) = (fields.i32()?, fields.i64()?);
        let (offset_delta, timestamp) = (fields.i32()?, fields.i64()?);
        if last_offset >= 0 {
            // A coordinator's batches have no sequence.
            if last_sequence < NO_SEQUENCE || offset_delta < 0 {
                return Err(BadSnapshot::Content);
            }
            producer.remember(BatchMemory { last_sequence, last_offset, offset_delta, timestamp });
        }
        producer.last_timestamp = timestamp;
        producer.coordinator_epoch = fields.i32()?;
        producer.transaction_start = Some(fields.i64()?).filter(|start| *start >= 0);
        producers.restore(id, producer);
    }
    Ok(producers)
}

fn encode_older(producers: &Producers, identity: u32, summary: &Summary, last: &[u8]) -> Vec<u8> {
    const COUNT_AT: usize = SUMMARY_AT + SUMMARY_LEN;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&OLDER_MAGIC);
    bytes.extend_from_slice(&OLDER_VERSION.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]); // the checksum, once known
    bytes.extend_from_slice(&identity.to_be_bytes());
    bytes.extend_from_slice(&checksum_of(last));
    bytes.extend_from_slice(&summary_bytes(summary));
    bytes.extend_from_slice(&[0; 4]); // the count, once known
    let mut count: u32 = 0;
    for (id, producer) in producers.iter() {
        let Some((_, older)) = producer.batches().split_last().filter(|(_, older)| !older.is_empty()) else {
            continue;
        };
        count += 1;
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.extend_from_slice(&producer.epoch.to_be_bytes());
        bytes.push(u8::try_from(older.len()).unwrap_or(0));
        for batch in older {
            bytes.extend_from_slice(&batch.last_sequence.to_be_bytes());
            bytes.extend_from_slice(&batch.last_offset.to_be_bytes());
            bytes.extend_from_slice(&batch.offset_delta.to_be_bytes());
            bytes.extend_from_slice(&batch.timestamp.to_be_bytes());
        }
    }
    bytes[COUNT_AT..COUNT_AT + 4].copy_from_slice(&count.to_be_bytes());
    seal_older(&mut bytes);
    bytes
}

fn decode_older(
    file: &[u8],
    last: &Producers,
    identity: u32,
    snapshot: &[u8],
) -> Result<(Producers, Summary), BadSnapshot> {
    let mut fields = older_fields(file, identity)?;
    if fields.take()? != checksum_of(snapshot) {
        return Err(BadSnapshot::Foreign);
    }
    let summary = summary(&mut fields)?;
    let count = fields.u32()?;
    let mut producers = last.clone();
    for _ in 0..count {
        let (id, epoch, batches) = (fields.i64()?, fields.i16()?, usize::from(fields.u8()?));
        // A checksum that fits means that somebody wrote it so: both files must tell one story.
        let producer = producers.by_id.get_mut(&id).filter(|producer| producer.epoch == epoch);
        let producer = producer.filter(|producer| producer.remembered == 1).ok_or(BadSnapshot::Content)?;
        if batches >= REMEMBERED_MAX || fields.0.len() < batches * OLDER_BATCH_LEN {
            return Err(BadSnapshot::Content);
        }
        let newest = producer.batches[0];
        let timestamp = producer.last_timestamp;
        producer.remembered = 0;
        for _ in 0..batches {
            let (last_sequence, last_offset) = (fields.i32()?, fields.i64()?);
            let (offset_delta, timestamp) = (fields.i32()?, fields.i64()?);
            if last_sequence < NO_SEQUENCE || offset_delta < 0 || last_offset >= newest.first_offset() {
                return Err(BadSnapshot::Content);
            }
            producer.remember(BatchMemory { last_sequence, last_offset, offset_delta, timestamp });
        }
        producer.remember(newest);
        producer.last_timestamp = timestamp;
    }
    if !fields.0.is_empty() {
        return Err(BadSnapshot::Content);
    }
    Ok((producers, summary))
}

/// Big-endian fields, read one by one.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], BadSnapshot> {
        let (field, rest) = self.0.split_first_chunk::<N>().ok_or(BadSnapshot::Short)?;
        self.0 = rest;
        Ok(*field)
    }

    fn u8(&mut self) -> Result<u8, BadSnapshot> {
        self.take().map(u8::from_be_bytes)
    }

    fn i16(&mut self) -> Result<i16, BadSnapshot> {
        self.take().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Result<i32, BadSnapshot> {
        self.take().map(i32::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, BadSnapshot> {
        self.take().map(u32::from_be_bytes)
    }

    fn i64(&mut self) -> Result<i64, BadSnapshot> {
        self.take().map(i64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::claim;
    use super::*;

    const LOG: u32 = 4711;
    const SUMMARY: Summary = Summary { base_offset: 3, entries: 2, crc: 77, open_from: 200 };

    fn encode(producers: &Producers) -> (Vec<u8>, Vec<u8>) {
        super::encode(producers, LOG, &SUMMARY)
    }

    fn decode(last: &[u8], older: Option<&[u8]>) -> Result<(Producers, Option<Summary>), BadSnapshot> {
        super::decode(1000, last, older, LOG)
    }

    fn five_batches() -> Producers {
        let mut producers = Producers::default();
        for n in 0..7 {
            producers.apply(&claim(7, 0, n * 3, 2), i64::from(n) * 10);
        }
        producers.apply(&claim(9, 4, 0, 0), 100);
        producers.apply_marker(11, 2, 5, 1234, None);
        let mut open = claim(12, 0, 0, 4);
        open.is_transactional = true;
        producers.apply(&open, 200);
        producers
    }

    #[test]
    fn all_five_batches_come_back() {
        let producers = five_batches();
        let (last, older) = encode(&producers);
        assert_eq!(decode(&last, Some(&older)), Ok((producers, Some(SUMMARY))));
    }

    #[test]
    fn batches_of_a_coordinator_that_have_no_sequence_come_back() {
        let mut producers = Producers::default();
        for n in 0..3 {
            let mut stored = claim(7, 0, NO_SEQUENCE, 2);
            stored.is_transactional = true;
            producers.apply(&stored, n * 3);
        }
        let (last, older) = encode(&producers);
        assert_eq!(decode(&last, Some(&older)), Ok((producers.clone(), Some(SUMMARY))));
        assert_eq!(decode(&last, None).unwrap().0.active(), producers.active());
    }

    #[test]
    fn the_summary_can_be_exchanged() {
        let producers = five_batches();
        let (last, older) = encode(&producers);
        let other = Summary { base_offset: 9, entries: 0, crc: 0, open_from: -1 };
        let changed = with_summary(&older, LOG, &other).unwrap();
        assert_eq!(decode(&last, Some(&changed)), Ok((producers, Some(other))));
        assert_eq!(decode_summary(&changed, LOG), Some(other));
    }

    #[test]
    fn without_the_second_file_the_last_batch_is_known() {
        let producers = five_batches();
        let (last, _) = encode(&producers);
        let (read, whole) = decode(&last, None).unwrap();
        assert_eq!(whole, None);
        let (_, producer) = read.iter().find(|(id, _)| *id == 7).unwrap();
        assert_eq!(producer.batches().len(), 1);
        assert_eq!(producer.batches()[0].last_offset, 62);
        assert_eq!(read.first_unstable(), Some(200));
    }

    #[test]
    fn the_snapshot_is_kafkas() {
        let mut producers = Producers::default();
        producers.apply(&claim(1, 2, 3, 4), 5);
        let (bytes, _) = encode(&producers);
        let mut expected = vec![0, 1];
        expected.extend_from_slice(&crc32c(&bytes[6..]).to_be_bytes());
        expected.extend_from_slice(&[0, 0, 0, 1]);
        expected.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1, 0, 2]); // producer id, epoch
        expected.extend_from_slice(&[0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 4]); // sequence, offset, delta
        expected.extend_from_slice(&[0, 0, 0, 0, 0, 0, 3, 0xe8]); // timestamp
        expected.extend_from_slice(&[0xff; 12]); // no coordinator, no transaction
        assert_eq!(bytes, expected);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let (last, older) = encode(&five_batches());
        for bit in 0..last.len() * 8 {
            let mut damaged = last.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&damaged, Some(&older)).is_err(), "bit {bit}");
        }
        for bit in 0..older.len() * 8 {
            let mut damaged = older.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&last, Some(&damaged)).unwrap().1, None, "bit {bit}");
            assert_eq!(decode_summary(&damaged, LOG), None, "bit {bit}");
            assert_eq!(with_summary(&damaged, LOG, &SUMMARY), None, "bit {bit}");
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        let (last, older) = encode(&five_batches());
        for len in 0..last.len() {
            assert!(decode(&last[..len], None).is_err());
        }
        for len in 0..older.len() {
            assert_eq!(decode(&last, Some(&older[..len])).unwrap().1, None);
        }
    }

    #[test]
    fn files_of_another_log_are_refused() {
        let (last, older) = encode(&five_batches());
        assert_eq!(super::decode(1000, &last, Some(&older), LOG + 1), Err(BadSnapshot::Foreign));
        assert_eq!(decode_summary(&older, LOG + 1), None);
    }

    #[test]
    fn older_batches_of_another_story_are_refused() {
        let (last, _) = encode(&five_batches());
        let mut other = Producers::default();
        for n in 0..3 {
            other.apply(&claim(7, 1, n, 0), i64::from(n));
        }
        let (_, older) = encode(&other);
        assert_eq!(decode(&last, Some(&older)), Err(BadSnapshot::Foreign));
        // Nor does a story fit that only goes on differently.
        let mut later = five_batches();
        later.apply(&claim(9, 4, 1, 0), 300);
        let (_, older) = encode(&later);
        assert_eq!(decode(&last, Some(&older)), Err(BadSnapshot::Foreign));
        assert_eq!(
            super::decode(204, &last, None, LOG),
            Err(BadSnapshot::Elsewhere),
            "a transaction from later"
        );
        assert!(super::decode(205, &last, None, LOG).is_ok());
    }
}
