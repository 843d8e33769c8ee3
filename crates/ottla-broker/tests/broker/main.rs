//! The broker core in one process: requests go in through the codec, responses come out through it.
//!
//! One module a behaviour. Error codes and messages that are said to be Kafka's were seen on Kafka 4.3.1, one
//! node, asked by hand with the same requests.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test, as tests may")]

mod harness;

mod alter_configs;
mod api_versions;
mod committed_offsets;
mod compaction;
mod consumer_groups;
mod coordinator;
mod coordinator_codec;
mod create_partitions;
mod create_topics;
mod damage;
mod delete_records;
mod delete_topics;
mod describe_configs;
mod describe_log_dirs;
mod describe_topic_partitions;
mod features;
mod fetch;
mod fetch_sessions;
mod group_migration;
mod group_replay;
mod groups;
mod hanging_transactions;
mod kept_frames;
mod list_config_resources;
mod list_offsets;
mod metadata;
mod offset_for_leader_epoch;
mod one_node;
mod produce;
mod producer_ids;
mod replay;
mod retention;
mod share_config;
mod share_crashes;
mod share_groups;
mod share_pruning;
mod share_removal;
mod share_transactions;
mod standstill;
mod telemetry;
mod transaction_coordinator;
mod transactional;
mod transactional_offsets;
mod transactional_produce;
mod transactions;
mod waits;
mod whole_transactions;
