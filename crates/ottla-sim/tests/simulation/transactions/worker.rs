//! One transactional id: its producers follow each other, and those who were followed may not know it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use ottla::env::{Env, Rng};
use ottla_sim::millis as ms;
use tokio::time::{sleep, timeout};

use super::life::{self, Ended, Producing};
use super::plan::{LifeEnd, Task, TransactionsPlan, WorkerPlan};
use super::transform;
use crate::clients::Seams;

/// What all lives of a worker share.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) seams: Seams,
    pub(crate) plan: Arc<TransactionsPlan>,
    pub(crate) own: WorkerPlan,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    lives: AtomicU32,
    transactions: AtomicU32,
    records: AtomicU64,
    /// Transactions that are over, one way or the other.
    done: AtomicU32,
}

impl Worker {
    /// A number for the next record, so that no two are alike.
    pub(crate) fn next_record(&self) -> u64 {
        self.counts.records.fetch_add(1, Ordering::Relaxed)
    }

    /// A number for the next transaction.
    pub(crate) fn next_transaction(&self) -> u32 {
        self.counts.transactions.fetch_add(1, Ordering::Relaxed)
    }

    /// Another transaction is over.
    pub(crate) fn is_over(&self) {
        self.counts.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether there is nothing left to do.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.own.task, Task::Writes(count) if self.counts.done.load(Ordering::Relaxed) >= count)
    }

    pub(crate) fn note(&self, what: &str) {
        self.seams.history.note(&format!("{}: {what}", self.own.id));
    }
}

/// Lives all lives of a worker. One that writes is done after its transactions, one that transforms never.
pub(crate) async fn live(seams: Seams, plan: Arc<TransactionsPlan>, index: usize, mut rng: Rng) {
    let own = plan.workers[index].clone();
    let worker = Worker { seams, plan, own, counts: Arc::default() };
    for planned in worker.own.lives.clone() {
        if worker.is_done() {
            return;
        }
        let process = worker.seams.sim.process();
        let life =
            tokio::spawn(one_life(worker.clone(), process.env(rng.next_u64()), Rng::new(rng.next_u64())));
        sleep(planned.lasts).await;
        if planned.end == LifeEnd::Dies {
            worker.note("is killed");
            life.abort();
            process.kill();
        } else {
            worker.note("is followed");
        }
        sleep(ms(&mut rng, 0, 800)).await;
    }
    while !worker.is_done() {
        let env = worker.seams.sim.process().env(rng.next_u64());
        one_life(worker.clone(), env, Rng::new(rng.next_u64())).await;
        sleep(ms(&mut rng, 50, 500)).await;
    }
    worker.note("is done");
}

/// Produces until it is done, or can do no more.
async fn one_life(worker: Worker, env: Env, mut rng: Rng) {
    let number = worker.counts.lives.fetch_add(1, Ordering::Relaxed);
    let worker = Worker { seams: Seams { env, ..worker.seams.clone() }, ..worker };
    let name = format!("{}.{number}", worker.own.id);
    let producing = Producing::begin(&worker, name).await;
    let ended = match worker.own.task {
        Task::Writes(_) => write(&producing, &mut rng).await,
        Task::Transforms => transform::work(&producing, &mut rng).await,
    };
    producing.note(&format!("ends: {ended:?}"));
    // A producer that does not get through closes all the same.
    if timeout(Duration::from_secs(120), producing.close()).await.is_err() {
        worker.seams.history.problem(format!("stuck: a producer of {} does not close", worker.own.id));
    }
}

/// One transaction after the other.
async fn write(producing: &Producing, rng: &mut Rng) -> Ended {
    let worker = &producing.worker;
    while !worker.is_done() {
        let transaction = match producing.begin_transaction().await {
            Ok(transaction) => transaction,
            Err(ended) => return ended,
        };
        let ended = life::fill_and_end(transaction, rng).await;
        worker.is_over();
        if let Err(ended) = ended {
            return ended;
        }
        sleep(ms(rng, 0, u64::try_from(worker.own.gap_max.as_millis()).unwrap())).await;
    }
    Ended::Done
}
