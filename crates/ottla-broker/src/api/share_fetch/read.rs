//! One reading of all partitions that a share fetch wants, and the handing out of what was read.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::share_fetch::{AcquiredRecords, PartitionData};
use ottla_protocol::records::Batch;
use ottla_protocol::wire::{Chunk, Records, Str, Uuid};
use ottla_storage::{FileRange, Isolation};

use super::{Answers, mention};
use crate::broker::Core;
use crate::partition::{BoxFuture, Read, Reading};
use crate::share::hub::{Hub, InUse};
use crate::share::partition::{Demand, Terms};
use crate::share::record::SharePartitionKey;
use crate::share::session::Place;
use crate::waiting;

/// How much is read and handed out.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) bytes_min: usize,
    pub(super) bytes_max: usize,
    pub(super) demand: Demand,
    pub(super) reads_committed: bool,
    pub(super) terms: Terms,
}

/// What was read of a partition.
struct Found {
    place: Place,
    in_use: Arc<InUse>,
    from: i64,
    records: Bytes,
    /// The first and last offset of each batch.
    batches: Vec<(i64, i64)>,
    /// Batches of transactions that were aborted, or that only mark the end of one.
    aborted: Vec<(i64, i64)>,
}

/// One reading.
pub(super) struct Round<'a> {
    core: &'a Arc<Core>,
    group: &'a Str,
    member: &'a Str,
    limits: Limits,
    open: Vec<(Place, Arc<InUse>)>,
    found: Vec<Found>,
    bytes: usize,
    has_errors: bool,
    has_records: bool,
    pub(super) answers: Answers,
}

impl<'a> Round<'a> {
    pub(super) fn new(core: &'a Arc<Core>, group: &'a Str, member: &'a Str, limits: Limits) -> Self {
        Self {
            core,
            group,
            member,
            limits,
            open: Vec::new(),
            found: Vec::new(),
            bytes: 0,
            has_errors: false,
            has_records: false,
            answers: Answers::new(),
        }
    }

    /// Opens the partitions that are not.
    pub(super) async fn open(&mut self, wanted: &[Place]) {
        for place in wanted {
            let key = SharePartitionKey::new(self.group, Uuid(place.0), place.1);
            match Hub::enter(self.core, &key).await {
                Ok(in_use) => self.open.push((*place, in_use)),
                Err(code) => self.fail(*place, code),
            }
        }
    }

    /// Comes when a partition grows, or records can be handed out again.
    pub(super) fn grown(&self) -> impl Future<Output = (usize, bool)> + Send + use<> {
        let mut futures: Vec<BoxFuture<bool>> = Vec::with_capacity(self.open.len() * 2);
        for (_, in_use) in &self.open {
            futures.push(in_use.changed());
            let log = in_use.log();
            let grows = log.readable(log.offsets().high_watermark);
            // One that never will is not waited for again.
            futures.push(Box::pin(async move { grows.await || std::future::pending().await }));
        }
        waiting::first(futures)
    }

    /// Whether somebody must hear of something at once.
    pub(super) fn is_urgent(&self) -> bool {
        self.has_errors
    }

    pub(super) fn has_enough(&self) -> bool {
        self.bytes > 0 && self.bytes >= self.limits.bytes_min
    }

    pub(super) fn has_records(&self) -> bool {
        self.has_records
    }

    /// What there is to answer. Where something is wrong with one partition, the others are told of as well.
    pub(super) fn end(mut self) -> Answers {
        if self.has_errors {
            for (place, _) in &self.open {
                mention(&mut self.answers, *place);
            }
        }
        self.answers
    }

    fn fail(&mut self, place: Place, code: ErrorCode) {
        let mut answer = PartitionData::default();
        answer.partition_index = place.1;
        answer.error_code = code;
        answer.error_message = Some(code.message().into());
        self.answers.insert(place, answer);
        self.has_errors = true;
    }

    /// Reads the partitions that have something to hand out, until there is enough.
    pub(super) async fn read(&mut self) {
        let isolation = match self.limits.reads_committed {
            true => Isolation::ReadCommitted,
            false => Isolation::ReadUncommitted,
        };
        for (place, in_use) in self.open.clone() {
            let left = self.limits.bytes_max.saturating_sub(self.bytes);
            if left == 0 {
                break;
            }
            let Some(from) = in_use.next_offset(&self.limits.terms) else { continue };
            if from >= in_use.log().offsets().high_watermark {
                continue;
            }
            let read = match in_use.log().read(from, left, self.bytes == 0, isolation) {
                Reading::Now(read) => read,
                Reading::Later(read) => read.await,
            };
            let found = match read {
                Ok(read) => found(place, in_use, from, read, self.limits.reads_committed).await,
                // What is gone by now is found out by the next reading.
                Err(ErrorCode::OFFSET_OUT_OF_RANGE) => continue,
                Err(code) => Err(code),
            };
            match found {
                Ok(found) => {
                    self.bytes += found.records.len();
                    self.found.push(found);
                }
                Err(code) => self.fail(place, code),
            }
        }
    }

    /// Hands out what was read.
    pub(super) fn acquire(&mut self) {
        let mut left = self.limits.demand.records_max;
        for found in std::mem::take(&mut self.found) {
            if left <= 0 || found.batches.is_empty() {
                continue;
            }
            let demand = Demand { records_max: left, ..self.limits.demand };
            let acquired = found.in_use.acquire(
                self.core,
                self.member,
                found.from,
                &found.batches,
                &found.aborted,
                demand,
                &self.limits.terms,
            );
            if acquired.is_empty() {
                continue;
            }
            left -= acquired.iter().map(|run| run.last - run.first + 1).sum::<i64>();
            self.has_records = true;
            let mut answer = PartitionData::default();
            answer.partition_index = found.place.1;
            answer.acquired_records = acquired
                .iter()
                .map(|run| {
                    let mut told = AcquiredRecords::default();
                    (told.first_offset, told.last_offset) = (run.first, run.last);
                    told.delivery_count = run.deliveries;
                    told
                })
                .collect();
            let last = acquired.last().map_or(0, |run| run.last);
            answer.records = Records::Bytes(up_to(&found, last));
            self.answers.insert(found.place, answer);
        }
    }
}

/// The batches that hold what was handed out.
fn up_to(found: &Found, last: i64) -> Bytes {
    let mut rest = found.records.clone();
    let whole = rest.clone();
    while let Ok(Some(batch)) = Batch::split_first(&mut rest) {
        let header = batch.header();
        if header.base_offset + i64::from(header.last_offset_delta) >= last {
            break;
        }
    }
    whole.slice(..whole.len() - rest.len())
}

async fn found(
    place: Place,
    in_use: Arc<InUse>,
    from: i64,
    read: Read,
    reads_committed: bool,
) -> Result<Found, ErrorCode> {
    let records = in_memory(read.records).await?;
    let mut rest = records.clone();
    let (mut batches, mut aborted) = (Vec::new(), Vec::new());
    // Who has an aborted transaction open at this point of the log.
    let mut open = std::collections::BTreeSet::new();
    let mut begins: Vec<_> = read.aborted.iter().map(|one| (one.first_offset.0, one.producer_id)).collect();
    begins.sort_unstable();
    let mut begins = begins.into_iter().peekable();
    while let Some(batch) = Batch::split_first(&mut rest).map_err(|_| ErrorCode::CORRUPT_MESSAGE)? {
        let header = batch.header();
        let last = header.base_offset + i64::from(header.last_offset_delta);
        batches.push((header.base_offset, last));
        if !reads_committed {
            continue;
        }
        while let Some((_, producer)) = begins.next_if(|(first, _)| *first <= last) {
            open.insert(producer);
        }
        if header.attributes.is_control() {
            open.remove(&header.producer_id);
        } else if header.attributes.is_transactional() && open.contains(&header.producer_id) {
            aborted.push((header.base_offset, last));
        }
    }
    Ok(Found { place, in_use, from, records, batches, aborted })
}

/// Record data in one piece, what lies in files read in without blocking.
async fn in_memory(records: Records<FileRange>) -> Result<Bytes, ErrorCode> {
    let chunks = match records {
        Records::Bytes(bytes) => return Ok(bytes),
        Records::Chunks(chunks) => chunks,
    };
    let mut all = BytesMut::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(bytes) => all.extend_from_slice(&bytes),
            Chunk::External { source, .. } => {
                all.extend_from_slice(&source.load().await.map_err(|_| ErrorCode::KAFKA_STORAGE_ERROR)?);
            }
        }
    }
    Ok(all.freeze())
}
