//! Batches of records, as a producer sends them, and such as no producer sends.
//!
//! Written by hand, field by field: what is under test does not make its own test data.

use super::generate::Rng;

/// When the records were made, according to their producer.
const TIME_MS: i64 = 1_700_000_000_000;

const LENGTH_AT: usize = 8;
const MAGIC_AT: usize = 16;
const CRC_AT: usize = 17;
const ATTRIBUTES_AT: usize = 21;
const PRODUCER_AT: usize = 43;
const COUNT_AT: usize = 57;

const TRANSACTIONAL: u8 = 0x10;
const CONTROL: u8 = 0x20;

/// A batch of one to three records.
pub(super) fn batch(rng: &mut Rng) -> Vec<u8> {
    let count = 1 + rng.below(3);
    let mut records = Vec::new();
    for place in 0..count {
        let value = format!("record {place} of {}", rng.below(10));
        let key = rng.chance(2).then_some(&b"key"[..]);
        records.extend(record(i64::try_from(place).unwrap_or_default(), key, value.as_bytes()));
    }
    sealed(count, &records)
}

fn record(place: i64, key: Option<&[u8]>, value: &[u8]) -> Vec<u8> {
    let mut inner = vec![0]; // attributes
    zigzag(&mut inner, place); // timestamp delta
    zigzag(&mut inner, place); // offset delta
    zigzag(&mut inner, key.map_or(-1, |key| i64::try_from(key.len()).unwrap_or_default()));
    inner.extend(key.unwrap_or_default());
    zigzag(&mut inner, i64::try_from(value.len()).unwrap_or_default());
    inner.extend(value);
    zigzag(&mut inner, 0); // headers
    let mut whole = Vec::new();
    zigzag(&mut whole, i64::try_from(inner.len()).unwrap_or_default());
    whole.extend(inner);
    whole
}

fn sealed(count: u64, records: &[u8]) -> Vec<u8> {
    let last = i32::try_from(count).unwrap_or_default() - 1;
    let mut batch = vec![0; LENGTH_AT];
    batch.extend(i32::try_from(49 + records.len()).unwrap_or_default().to_be_bytes());
    batch.extend((-1_i32).to_be_bytes()); // leader epoch
    batch.push(2);
    batch.extend([0; 4]); // checksum
    batch.extend([0; 2]); // attributes
    batch.extend(last.to_be_bytes());
    batch.extend(TIME_MS.to_be_bytes());
    batch.extend((TIME_MS + i64::from(last)).to_be_bytes());
    batch.extend((-1_i64).to_be_bytes()); // producer
    batch.extend((-1_i16).to_be_bytes());
    batch.extend((-1_i32).to_be_bytes());
    batch.extend((last + 1).to_be_bytes());
    batch.extend(records);
    check(&mut batch);
    batch
}

/// A batch with something wrong with it.
pub(super) fn spoilt(rng: &mut Rng) -> Vec<u8> {
    let mut batch = batch(rng);
    match rng.below(7) {
        0 => batch.clear(),
        1 => batch[CRC_AT] ^= 1,
        2 => batch[MAGIC_AT] = rng.one([0, 1, 3, 0x7f]),
        3 => batch[COUNT_AT + 3] ^= 1,
        4 => batch.truncate(batch.len() - 1),
        5 => batch[LENGTH_AT + 3] ^= 1,
        _ => {
            batch[ATTRIBUTES_AT + 1] = rng.one([5, 7, 0x20, 0x40]);
            check(&mut batch);
        }
    }
    batch
}

/// Record data as both brokers must have it. What is the broker's own is taken out, the time of a log that keeps the
/// time of the append, and so is part of a batch at the end, with which Kafka fills up what a fetch allows.
pub(super) fn in_common(records: &[u8]) -> Vec<u8> {
    let mut all = records.to_vec();
    let mut at = 0;
    while let Some(length) = all.get(at + LENGTH_AT..at + LENGTH_AT + 4) {
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]);
        let end = at + LENGTH_AT + 4 + usize::try_from(length).unwrap_or(usize::MAX - at - 12);
        let Some(batch) = all.get_mut(at..end).filter(|batch| batch.len() > COUNT_AT) else { break };
        if batch[ATTRIBUTES_AT + 1] & 8 != 0 {
            batch[CRC_AT..ATTRIBUTES_AT].fill(0);
            batch[35..43].fill(0); // the largest time
        }
        if batch[ATTRIBUTES_AT + 1] & TRANSACTIONAL != 0 {
            // The producer's id is the broker's own; of a marker, so are its times.
            batch[CRC_AT..ATTRIBUTES_AT].fill(0);
            batch[PRODUCER_AT..PRODUCER_AT + 8].fill(0);
            if batch[ATTRIBUTES_AT + 1] & CONTROL != 0 {
                batch[27..PRODUCER_AT].fill(0);
            }
        }
        at = end;
    }
    all.truncate(at);
    all
}

fn check(batch: &mut [u8]) {
    let crc = crc32c(&batch[ATTRIBUTES_AT..]);
    batch[CRC_AT..ATTRIBUTES_AT].copy_from_slice(&crc.to_be_bytes());
}

/// CRC-32C, bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    !crc
}

fn zigzag(out: &mut Vec<u8>, number: i64) {
    let mut rest = ((number << 1) ^ (number >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    out.push(u8::try_from(rest).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_castagnolis() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_batch_is_as_long_as_it_says_and_a_cut_one_is_left_out_of_what_is_compared() {
        let mut rng = Rng(5);
        for _ in 0..100 {
            let mut two = batch(&mut rng);
            let length = i32::from_be_bytes(two[LENGTH_AT..LENGTH_AT + 4].try_into().unwrap());
            assert_eq!(usize::try_from(length).unwrap(), two.len() - LENGTH_AT - 4);
            let first = two.clone();
            two.extend(&batch(&mut rng)[..40]);
            assert_eq!(in_common(&two), first);
        }
    }
}
