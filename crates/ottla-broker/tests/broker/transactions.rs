//! Committed records, to who asks for them alone. Transactions cannot be produced here yet; these were in the log before.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::list_offsets::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic};
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions, EndTxnMarker};
use ottla_protocol::wire::Uuid;
use ottla_storage::{AppendOptions, Log, LogName, Origin};

use crate::fetch::{only, request};
use crate::harness::{Kit, NOW_MS, batch, text};

fn append(log: &Log, producer: i64, sequence: i32, timestamp: i64) {
    let options = BatchOptions::default().with_producer(producer, 0, sequence).with_transactional();
    let mut builder = BatchBuilder::new(options);
    builder.try_append(timestamp, None, Some(b"value"), &[]).unwrap();
    log.append(builder.build().unwrap(), AppendOptions::new(NOW_MS)).unwrap();
}

fn end(log: &Log, producer: i64, committed: bool) {
    let marker = EndTxnMarker { committed, coordinator_epoch: 1 }.to_batch(NOW_MS, producer, 0).unwrap();
    log.append(marker, AppendOptions::new(NOW_MS).with_origin(Origin::Coordinator)).unwrap();
}

/// A plain record, two transactions of which the first is aborted, and one that is open, with the newest time of all.
async fn kit() -> (Kit, Uuid) {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    kit.produce("a", 0, batch(&["plain"])).await;
    let kit = kit.reopened_after(|storage| {
        let log = storage.log(&LogName::new("a", 0)).unwrap();
        append(&log, 70, 0, NOW_MS); // 1
        append(&log, 71, 0, NOW_MS); // 2
        append(&log, 70, 1, NOW_MS); // 3
        end(&log, 70, false); // 4
        end(&log, 71, true); // 5
        append(&log, 72, 0, NOW_MS + 1000); // 6
        append(&log, 71, 1, NOW_MS); // 7
        end(&log, 71, false); // 8
    });
    (kit.await, id)
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_committed_records_gets_none_behind_an_open_transaction_and_is_told_of_aborted_ones() {
    let (mut kit, id) = kit().await;
    let mut ask = |from: i64, isolation_level: i8, bytes_max: i32| {
        let mut request = request(&[(id, 0, from)]);
        request.isolation_level = isolation_level;
        request.topics[0].partitions[0].partition_max_bytes = bytes_max;
        let response = kit.call_now(18, &request);
        let answer = only(&response);
        assert_eq!(
            (answer.error_code, answer.high_watermark, answer.last_stable_offset),
            (ErrorCode::NONE, 9, 6)
        );
        let told = answer.aborted_transactions.as_ref().map(|told| {
            told.iter().map(|aborted| (aborted.producer_id, aborted.first_offset)).collect::<Vec<_>>()
        });
        let mut bytes = answer.records.clone().unwrap().into_bytes();
        let mut bases = Vec::new();
        while let Some(batch) = Batch::split_first(&mut bytes).unwrap() {
            bases.push(batch.header().base_offset);
        }
        (bases, told)
    };
    let all = 1 << 20;
    assert_eq!(ask(0, 0, all), ((0..9).collect(), None));
    assert_eq!(ask(0, 1, all), ((0..6).collect(), Some(vec![(70, 1)])));
    assert_eq!(ask(0, 1, 1), (vec![0], Some(vec![])), "none of it is in what was read");
    assert_eq!(ask(3, 1, all), (vec![3, 4, 5], Some(vec![(70, 1)])));
    assert_eq!(ask(5, 1, all), (vec![5], Some(vec![])));
    assert_eq!(ask(6, 1, all), (vec![], Some(vec![])));
    assert_eq!(ask(8, 1, all), (vec![], Some(vec![])));
}

#[tokio::test(start_paused = true)]
async fn offsets_of_committed_records_end_where_the_oldest_open_transaction_begins() {
    const LATEST: i64 = -1;
    const MAX_TIMESTAMP: i64 = -3;
    let (mut kit, _) = kit().await;
    let mut found = Vec::new();
    for isolation_level in [0, 1] {
        for timestamp in [LATEST, MAX_TIMESTAMP, NOW_MS + 1, NOW_MS] {
            let mut request = ListOffsetsRequest::default();
            request.isolation_level = isolation_level;
            let (mut topic, mut partition) = (ListOffsetsTopic::default(), ListOffsetsPartition::default());
            partition.timestamp = timestamp;
            topic.name = text("a");
            topic.partitions.push(partition);
            request.topics.push(topic);
            let response = kit.call(11, &request).await;
            found.push(response.topics[0].partitions[0].offset);
        }
    }
    assert_eq!(found[..2], [9, 6]);
    assert_eq!(found[4..6], [6, -1]);
    assert_eq!((found[2], found[6]), (6, -1));
    assert_eq!(found[3], found[7], "it may be seen by both");
}
