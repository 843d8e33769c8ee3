//! `ottla transactions`: the words of it.

use clap::{Args, Subcommand};

use super::{Cluster, Named, Partitions, Shown};

#[derive(Debug, Subcommand)]
pub(crate) enum Transactions {
    /// List the transactional ids, with what their transactions are doing
    List(ListedTransactions),
    /// Show transactional ids: their producer, their transaction and its partitions
    Describe(DescribedTransactions),
    /// Show the producers that partitions remember, and where their open transactions begin
    Producers(Producers),
    /// Find transactions that are open in a partition and that nobody will end
    FindHanging(FindHanging),
    /// Abort a transaction in one partition, past its coordinator: for one that hangs
    Abort(Abort),
    /// Fence the producers with these transactional ids, and abort what they have open
    Terminate(Named),
}

#[derive(Debug, Args)]
pub(crate) struct ListedTransactions {
    /// Only those in these states: Empty, Ongoing, PrepareCommit, CompleteCommit, ...
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub(crate) state: Vec<String>,
    #[command(flatten)]
    pub(crate) shown: Shown,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

#[derive(Debug, Args)]
pub(crate) struct DescribedTransactions {
    #[command(flatten)]
    pub(crate) named: Named,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Producers {
    /// Topic, or some partitions of it
    #[arg(required = true, value_name = "TOPIC[:PARTITION,...]")]
    pub(crate) topics: Vec<Partitions>,
    #[command(flatten)]
    pub(crate) shown: Shown,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

#[derive(Debug, Args)]
pub(crate) struct FindHanging {
    /// Topic, or some partitions of it; all topics if there is none
    #[arg(short, long, value_name = "TOPIC[:PARTITION,...]")]
    pub(crate) topic: Vec<Partitions>,
    /// Minutes after which a transaction should have ended: what brokers allow (transaction.max.timeout.ms)
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    pub(crate) max_transaction_timeout: u32,
    #[command(flatten)]
    pub(crate) shown: Shown,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

#[derive(Debug, Args)]
pub(crate) struct Abort {
    /// The topic
    #[arg(short, long)]
    pub(crate) topic: String,
    /// The partition
    #[arg(short, long, value_parser = clap::value_parser!(i32).range(0..))]
    pub(crate) partition: i32,
    /// Where the transaction begins in the partition
    #[arg(long, value_name = "OFFSET", value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) start_offset: i64,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}
