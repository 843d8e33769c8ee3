//! What becomes of single batches; whole logs are tried in `tests/compaction`.

use ottla_protocol::records::{BatchBuilder, BatchOptions, Compression, EndTxnMarker, HeaderEdit};

use super::*;
use crate::aborted::AbortedEntry;
use crate::compaction::digest::Digester;

const NOW_MS: i64 = 1000;

fn batch(options: BatchOptions, records: &[(&str, Option<&[u8]>)]) -> Batch {
    let mut builder = BatchBuilder::new(options.with_limits(1 << 20, 1 << 20));
    for (key, value) in records {
        builder.try_append(7, Some(key.as_bytes()), *value, &[]).unwrap();
    }
    Batch::parse(builder.build().unwrap()).unwrap()
}

fn at(offset: i64) -> BatchOptions {
    BatchOptions::default().with_place(offset, 0)
}

/// A filter that knows the keys of these batches.
fn filter(batches: &[&Batch], aborted: &[AbortedEntry]) -> Filter {
    let mut map = OffsetMap::new(Digester::new([1, 2]), (0, 100), 1 << 16, 0.9);
    let mut transactions = Transactions::new(aborted.to_vec());
    let mut selection = Selection::default();
    for batch in batches {
        let limits = DecodeLimits::DEFAULT.with_decompressed_bytes_max(1000);
        index(batch, &mut map, &mut transactions, &mut selection, &limits).unwrap().unwrap();
    }
    Filter {
        map,
        transactions: Transactions::new(aborted.to_vec()),
        producers: ActiveProducers::default(),
        now_ms: NOW_MS,
        delete_retention_ms: 50,
        limits: DecodeLimits::DEFAULT.with_decompressed_bytes_max(1000),
        selection,
        counts: Counts::default(),
        is_blind: false,
    }
}

fn copy(filter: &mut Filter, batch: &Batch) -> Option<Batch> {
    let mut out = Vec::new();
    filter.copy(batch, false, &mut out).unwrap();
    (!out.is_empty()).then(|| Batch::parse(out.into()).unwrap())
}

/// A codec that this build has, with a level that is not its usual one where it has levels; none if there is none.
fn packed() -> (Compression, Option<i32>) {
    let level = |codec| if codec == Compression::Gzip { Some(9) } else { None };
    let codec = Compression::ALL.into_iter().find(|codec| *codec != Compression::None && codec.is_enabled());
    codec.map_or((Compression::None, None), |codec| (codec, level(codec)))
}

#[test]
fn a_batch_beyond_the_limits_stays_as_it_is_and_so_do_tombstones_behind_it() {
    let (codec, level) = packed();
    if codec == Compression::None {
        // Nothing unpacks to more than it is.
        return;
    }
    let zeros = [0; 5000];
    let large = batch(at(0).with_compression(codec, level), &[("a", Some(&zeros))]);
    let gone = batch(at(1).with_delete_horizon(NOW_MS), &[("a", None)]);
    let mut seeing = filter(&[&large, &gone], &[]);
    assert_eq!(copy(&mut seeing, &gone), None, "its time has come");
    let mut filter = filter(&[&large, &gone], &[]);
    assert_eq!(copy(&mut filter, &large).as_ref(), Some(&large));
    assert_eq!(copy(&mut filter, &gone).as_ref(), Some(&gone), "what it deletes may be in there");
    assert_eq!(filter.counts.untouched, 1);
}

#[test]
fn a_batch_of_which_all_stays_is_not_touched() {
    let (codec, level) = packed();
    let all = batch(at(3).with_compression(codec, level), &[("a", Some(b"1")), ("b", Some(b"2"))]);
    let mut filter = filter(&[&all], &[]);
    assert_eq!(copy(&mut filter, &all).as_ref(), Some(&all), "not even packed again");
    let tombstone = batch(at(5), &[("c", None)]);
    let kept = copy(&mut filter, &tombstone).unwrap();
    assert_eq!(kept.header().delete_horizon(), Some(NOW_MS + 50), "from now on it has a horizon");
}

#[test]
fn a_marker_stays_while_a_batch_of_its_transaction_does_and_then_for_its_time() {
    let marker = EndTxnMarker { committed: false, coordinator_epoch: 0 }.to_batch(5, 9, 0).unwrap();
    let marker = Batch::parse(marker).unwrap();
    let edited = HeaderEdit::new(&marker).base_offset(2).finish();
    let marker = Batch::parse([&edited[..], &marker.body()[..]].concat().into()).unwrap();
    let data = batch(at(1).with_producer(9, 0, 0).with_transactional(), &[("a", Some(b"never"))]);
    let aborted = AbortedEntry { first_offset: 1, producer_id: 9, last_offset: 2, last_stable_offset: 3 };
    let mut with_data = filter(&[&data, &marker], &[aborted]);
    assert_eq!(copy(&mut with_data, &data), None);
    assert_eq!(copy(&mut with_data, &marker).as_ref(), Some(&marker));
    assert_eq!(with_data.transactions.take_left(), [aborted]);
    let mut alone = filter(&[&marker], &[]);
    let with_horizon = copy(&mut alone, &marker).unwrap();
    assert_eq!(with_horizon.header().delete_horizon(), Some(NOW_MS + 50));
    assert_eq!(super::marker(&with_horizon).unwrap(), Marker::Abort);
    assert_eq!(copy(&mut alone, &with_horizon).as_ref(), Some(&with_horizon));
    alone.now_ms += 50;
    assert_eq!(copy(&mut alone, &with_horizon), None);
}

#[test]
fn a_transaction_is_not_taken_for_the_aborted_one_before_it() {
    let aborted = AbortedEntry { first_offset: 1, producer_id: 9, last_offset: 2, last_stable_offset: 3 };
    // The marker is gone, and the producer goes on.
    let later = batch(at(5).with_producer(9, 0, 1).with_transactional(), &[("a", Some(b"good"))]);
    let mut filter = filter(&[&later], &[aborted]);
    assert_eq!(copy(&mut filter, &later).as_ref(), Some(&later));
}
