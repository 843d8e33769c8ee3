//! One worker: takes jobs, does them, tells the group, and stops between two batches.

use std::time::Duration;

use ottla::client::{Config, TopicPartition};
use ottla::consumer::assignor::Assignor;
use ottla::consumer::{self, Batch, Consumer, Event, OffsetReset};
use tokio::sync::{mpsc, watch};

use crate::Outcome;

pub(crate) const TOPIC: &str = "workers-jobs";
pub(crate) const GROUP: &str = "workers";

/// A job that was done.
pub(crate) struct Done {
    pub(crate) worker: &'static str,
    pub(crate) partition: TopicPartition,
    pub(crate) offset: i64,
}

pub(crate) struct Worker {
    pub(crate) name: &'static str,
    pub(crate) config: Config,
    pub(crate) done: mpsc::Sender<Done>,
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Worker {
    pub(crate) async fn work(mut self) -> Outcome {
        let mut config = consumer::Config::with_client(self.config.clone());
        config.group_id = Some(GROUP.to_owned());
        config.auto_offset_reset = OffsetReset::Earliest;
        config.enable_auto_commit = false;
        // Heartbeats bring the news that others came or went; the usual three seconds are long for a demonstration.
        config.heartbeat_interval = Duration::from_millis(200);
        // Who has partitions keeps them while others come and go.
        config.partition_assignment_strategy = vec![Assignor::CooperativeSticky];
        let consumer = Consumer::new(config).await?;
        consumer.subscribe([TOPIC]).await?;
        loop {
            let event = tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => break,
                _ = tokio::signal::ctrl_c() => break,
                event = consumer.next_event() => event?,
            };
            match event {
                Event::Batch(batch) => {
                    self.do_jobs(&batch).await?;
                    drop(batch); // finished: this is what is committed
                    self.commit(&consumer).await?;
                }
                Event::Assigned(partitions) => self.tell("takes", &partitions),
                Event::Revoking(revocation) => {
                    self.tell("gives up", revocation.partitions());
                    self.commit(&consumer).await?;
                    revocation.done().await;
                }
                // Others may be at it already: what was not committed will be done again.
                Event::Lost(partitions) => self.tell("lost", &partitions),
                _ => {}
            }
        }
        self.commit(&consumer).await?;
        consumer.close().await; // leaves, so that others take over at once
        println!("{} has stopped", self.name);
        Ok(())
    }

    async fn do_jobs(&self, batch: &Batch) -> Outcome {
        for record in batch {
            let offset = record?.offset;
            let partition = batch.topic_partition().clone();
            self.done.send(Done { worker: self.name, partition, offset }).await?;
        }
        Ok(())
    }

    /// Tells the group what is finished.
    async fn commit(&self, consumer: &Consumer) -> Outcome {
        match consumer.commit_finished().await {
            // The group has gone on without this worker, and tells it next what it lost.
            Err(consumer::Error::NotCommitted { code, .. }) => {
                println!("{}: not committed: {code}", self.name);
                Ok(())
            }
            outcome => outcome.map(drop).map_err(Into::into),
        }
    }

    fn tell(&self, what: &str, partitions: &[TopicPartition]) {
        if !partitions.is_empty() {
            let names: Vec<_> = partitions.iter().map(|of| of.partition.to_string()).collect();
            println!("{} {what} {}", self.name, names.join(" "));
        }
    }
}
