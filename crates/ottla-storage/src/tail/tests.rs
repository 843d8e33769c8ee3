//! What is read of a tail, small and large batches alike, and what the budget lets go.

use ottla_protocol::records::BatchHeader;

use super::*;

const SMALL: usize = 100;
const LARGE: usize = COPIED_MAX + 1;

fn batch(base_offset: i64, count: i32, len: usize) -> TailBatch {
    let mut header = BatchHeader::parse(&template()).unwrap();
    header.base_offset = base_offset;
    header.batch_length = i32::try_from(len - 12).unwrap();
    header.last_offset_delta = count - 1;
    TailBatch {
        base_offset,
        last_offset: header.last_offset(),
        max_timestamp: 0,
        header: header.to_bytes(),
        body: Bytes::from(vec![u8::try_from(base_offset % 251).unwrap(); len - BATCH_HEADER_LEN]),
    }
}

/// A header of no batch in particular.
fn template() -> [u8; BATCH_HEADER_LEN] {
    let mut bytes = [0; BATCH_HEADER_LEN];
    (bytes[11], bytes[16]) = (49, 2);
    bytes
}

fn budget(bytes_max: usize) -> Arc<TailBudget> {
    Arc::new(TailBudget::new(bytes_max))
}

/// Batches of ten records from offset 10 on, of these sizes.
fn tail(sizes: &[usize]) -> Tail {
    let mut tail = Tail::new(&budget(usize::MAX));
    for (n, len) in (1..).zip(sizes) {
        let _begins = tail.push(batch(n * 10, 10, *len));
    }
    tail
}

type Read = Option<(Vec<Chunk<FileRange>>, i64)>;

/// The offsets at which batches begin, having seen that each is whole, and where the next one does.
fn offsets(read: Read) -> Option<(Vec<i64>, i64)> {
    let (chunks, end) = read?;
    let mut bytes = Vec::new();
    for chunk in chunks {
        let Chunk::Bytes(chunk) = chunk else { panic!("a tail has no files") };
        bytes.extend_from_slice(&chunk);
    }
    let (mut left, mut found) = (bytes.as_slice(), Vec::new());
    while !left.is_empty() {
        let header = BatchHeader::parse(left).unwrap();
        let (whole, rest) = left.split_at(header.size());
        assert_eq!(whole[BATCH_HEADER_LEN..], batch(header.base_offset, 10, header.size()).body);
        found.push(header.base_offset);
        left = rest;
    }
    Some((found, end))
}

/// All mixtures of three batches that are copied and that are not.
fn mixtures() -> impl Iterator<Item = [usize; 3]> {
    (0..8).map(|bits: usize| std::array::from_fn(|n| if bits >> n & 1 == 0 { SMALL } else { LARGE }))
}

#[test]
fn reading_starts_with_the_batch_that_holds_the_offset() {
    for sizes in mixtures() {
        let tail = tail(&sizes);
        let read = |from| offsets(tail.read(from, 40, usize::MAX, false));
        assert_eq!(read(10), Some((vec![10, 20, 30], 40)), "{sizes:?}");
        assert_eq!(read(19), Some((vec![10, 20, 30], 40)), "{sizes:?}");
        assert_eq!(read(20), Some((vec![20, 30], 40)), "{sizes:?}");
        assert_eq!(read(39), Some((vec![30], 40)), "{sizes:?}");
    }
}

#[test]
fn offsets_that_are_not_here_are_told_from_those_that_are() {
    for sizes in mixtures() {
        let tail = tail(&sizes);
        assert!(tail.read(9, 40, 1_000, false).is_none(), "{sizes:?}");
        assert!(tail.read(40, 40, 1_000, false).is_none(), "{sizes:?}");
    }
    assert!(tail(&[]).read(0, 10, 1_000, false).is_none());
}

#[test]
fn reading_stops_at_the_limit() {
    for sizes in mixtures() {
        let tail = tail(&sizes);
        let read = |limit| offsets(tail.read(10, limit, usize::MAX, false));
        assert_eq!(read(30), Some((vec![10, 20], 30)), "{sizes:?}");
        assert_eq!(read(29), Some((vec![10], 20)), "{sizes:?}");
        assert_eq!(read(19), Some((vec![], 10)), "{sizes:?}");
    }
}

#[test]
fn reading_stops_at_the_size_but_not_before_the_first_if_one_is_wanted() {
    for sizes in mixtures() {
        let tail = tail(&sizes);
        let read = |max, at_least_one| offsets(tail.read(10, 40, max, at_least_one));
        let all = sizes.iter().sum::<usize>();
        assert_eq!(read(all, false), Some((vec![10, 20, 30], 40)), "{sizes:?}");
        assert_eq!(read(all - 1, false), Some((vec![10, 20], 30)), "{sizes:?}");
        assert_eq!(read(sizes[0], true), Some((vec![10], 20)), "{sizes:?}");
        assert_eq!(read(sizes[0] - 1, false), Some((vec![], 10)), "{sizes:?}");
        assert_eq!(read(sizes[0] - 1, true), Some((vec![10], 20)), "{sizes:?}");
        assert_eq!(read(0, true), Some((vec![10], 20)), "{sizes:?}");
    }
}

#[test]
fn what_was_not_written_is_forgotten() {
    for sizes in mixtures() {
        for (offset, left) in [(10, None), (20, Some((vec![10], 20))), (30, Some((vec![10, 20], 30)))] {
            let mut tail = tail(&sizes);
            tail.truncate(offset);
            assert_eq!(offsets(tail.read(10, 40, usize::MAX, false)), left, "{sizes:?}");
            let _begins = tail.push(batch(offset, 10, SMALL));
            let again = offsets(tail.read(offset, 50, usize::MAX, false));
            assert_eq!(again, Some((vec![offset], offset + 10)), "{sizes:?}");
        }
    }
}

#[test]
fn what_the_files_say_otherwise_is_forgotten() {
    for sizes in mixtures() {
        let mut tail = tail(&sizes);
        tail.forget_below(20);
        assert!(tail.read(10, 40, usize::MAX, false).is_none(), "{sizes:?}");
        tail.forget_below(40);
        assert!(tail.read(30, 40, usize::MAX, false).is_none(), "{sizes:?}");
    }
}

#[test]
fn many_small_batches_are_few_pieces() {
    let tail = tail(&[SMALL; 1_000]);
    let (chunks, end) = tail.read(10, i64::MAX, usize::MAX, false).unwrap();
    assert!(chunks.len() < 20, "{} pieces", chunks.len());
    let all = (1..=1_000).map(|n| n * 10).collect();
    assert_eq!(offsets(Some((chunks, end))), Some((all, 10_010)));
}

#[test]
fn a_small_batch_lets_go_of_the_buffer_that_it_came_in_and_a_large_one_is_not_copied() {
    for (len, is_copied) in [(SMALL, true), (COPIED_MAX, true), (LARGE, false)] {
        let mut batch = batch(10, 10, len);
        let buffer = Bytes::from(vec![7; 64 << 10]);
        batch.body = buffer.slice(100..100 + len - BATCH_HEADER_LEN);
        let mut tail = tail(&[]);
        let _begins = tail.push(batch);
        assert_eq!(buffer.is_unique(), is_copied, "{len}");
    }
}

#[test]
fn what_is_counted_is_what_is_held() {
    let budget = budget(usize::MAX);
    let counted = || budget.bytes.load(Ordering::Relaxed);
    let mut tail = Tail::new(&budget);
    for (n, len) in (1..).zip([SMALL, LARGE, SMALL].repeat(100)) {
        let _begins = tail.push(batch(n * 10, 10, len));
    }
    let sum = 100 * (LARGE + 2 * SMALL);
    assert!((sum..sum * 11 / 10 + 200 * 256).contains(&counted()), "{} of {sum}", counted());
    tail.truncate(2_000);
    tail.forget_below(1_000);
    assert!(counted() < sum / 2);
    while tail.base_offset().is_some() {
        tail.let_oldest_go();
    }
    assert_eq!(counted(), 0);
    let _begins = tail.push(batch(10, 10, SMALL));
    assert_ne!(counted(), 0);
    drop(tail);
    assert_eq!(counted(), 0);
}

struct Counting(Mutex<Tail>);

impl TailOwner for Counting {
    fn evict_oldest(&self) {
        lock(&self.0).let_oldest_go();
    }
}

#[test]
fn the_budget_lets_go_of_the_oldest_whosever_it_is() {
    let budget = budget(LARGE * 5 / 2);
    let owners: [Arc<Counting>; 2] =
        std::array::from_fn(|_| Arc::new(Counting(Mutex::new(Tail::new(&budget)))));
    for (n, owner) in [(0, 0), (1, 1), (2, 1)] {
        assert!(lock(&owners[owner].0).push(batch(n * 10, 10, LARGE)));
        let owner: Arc<dyn TailOwner> = owners[owner].clone();
        budget.make_room(&Arc::downgrade(&owner), 1);
    }
    let kept = owners.each_ref().map(|owner| lock(&owner.0).base_offset());
    assert_eq!(kept, [None, Some(10)]);
    assert_eq!(budget.bytes.load(Ordering::Relaxed), 2 * LARGE);
}
