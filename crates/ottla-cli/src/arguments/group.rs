//! `ottla group`: the words of it.

use clap::{Args, Subcommand};
use ottla::client::{GroupKind, GroupState};

use super::{Cluster, Named, Partitions, Shown};
use crate::moments::{Back, Moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// List the groups, with what they are doing
    List(Listed),
    /// Show groups: where they are in each partition and how far behind, and who reads it
    Describe(Described),
    /// Delete groups that have no members, with the offsets they committed
    Delete(Named),
    /// Forget where a group is in some partitions
    DeleteOffsets(DeleteOffsets),
    /// Set where groups without members go on
    #[command(visible_alias = "reset-offsets")]
    Reset(Reset),
}

#[derive(Debug, Args)]
pub(crate) struct Listed {
    /// Only groups in these states: Empty, Stable, PreparingRebalance, CompletingRebalance, ...
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = state)]
    pub(crate) state: Vec<GroupState>,
    /// Only groups of these kinds: classic, consumer, share, streams
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = kind)]
    pub(crate) kind: Vec<GroupKind>,
    #[command(flatten)]
    pub(crate) shown: Shown,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

fn state(name: &str) -> Result<GroupState, String> {
    match GroupState::from(name) {
        GroupState::Other(name) => Err(format!("no state of a group is called {name}")),
        state => Ok(state),
    }
}

fn kind(name: &str) -> Result<GroupKind, String> {
    match GroupKind::from(name) {
        GroupKind::Other(name) => Err(format!("no kind of groups is called {name}")),
        kind => Ok(kind),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Described {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Show the members, and what each of them has
    #[arg(long, conflicts_with = "state")]
    pub(crate) members: bool,
    /// Show the state, the coordinator and how partitions are assigned
    #[arg(long)]
    pub(crate) state: bool,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteOffsets {
    /// Name of the group
    pub(crate) group: String,
    /// Topic, or some partitions of it
    #[arg(short, long, required = true, value_name = "TOPIC[:PARTITION,...]")]
    pub(crate) topic: Vec<Partitions>,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

const RESET: &str = "\
Nothing is changed without --execute: what would be is shown. Offsets before the first record or behind
the last are moved to it. Times without a zone are UTC.

Examples:
  ottla group reset billing --topic orders --to-earliest
  ottla group reset billing --all-topics --to-datetime 2026-11-22T06:00:00 --execute
  ottla group reset billing --topic orders:0,3 --shift-by -100 --execute
  ottla group reset billing --all-topics --by-duration PT90M --execute";

#[derive(Debug, Args)]
#[command(after_help = RESET)]
pub(crate) struct Reset {
    /// Names of the groups
    #[arg(required = true, value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    #[command(flatten)]
    pub(crate) scope: Scope,
    #[command(flatten)]
    pub(crate) to: ResetTo,
    /// Show what would be done; so it is unless --execute is given
    #[arg(short = 'n', long, conflicts_with = "execute")]
    pub(crate) dry_run: bool,
    /// Do it
    #[arg(long)]
    pub(crate) execute: bool,
    #[command(flatten)]
    pub(crate) shown: Shown,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

/// Which partitions.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Scope {
    /// Topic, or some partitions of it
    #[arg(short, long, value_name = "TOPIC[:PARTITION,...]")]
    pub(crate) topic: Vec<Partitions>,
    /// All topics that the group committed offsets of
    #[arg(long)]
    pub(crate) all_topics: bool,
}

/// Where to: one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ResetTo {
    /// To the first record that is still there
    #[arg(long)]
    pub(crate) to_earliest: bool,
    /// Behind the last record
    #[arg(long)]
    pub(crate) to_latest: bool,
    /// To where it is, and behind the last record where it committed nothing
    #[arg(long)]
    pub(crate) to_current: bool,
    /// To this offset
    #[arg(long, value_name = "OFFSET", value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) to_offset: Option<i64>,
    /// To the first record of this time or later: 2026-11-22T06:00:00[.000][Z|+01:00], or Unix milliseconds
    #[arg(long, value_name = "TIME")]
    pub(crate) to_datetime: Option<Moment>,
    /// So many records on, or back if negative
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) shift_by: Option<i64>,
    /// To the first record that is no older than this: P1DT2H, PT90M, or 90m
    #[arg(long, value_name = "DURATION")]
    pub(crate) by_duration: Option<Back>,
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::super::tests::parse;
    use super::*;

    #[test]
    fn a_reset_has_one_scope_and_one_aim() {
        assert!(parse("ottla group reset g --to-earliest").is_err());
        assert!(parse("ottla group reset g --all-topics").is_err());
        assert!(parse("ottla group reset g --all-topics --to-earliest --to-latest").is_err());
        assert!(parse("ottla group reset g --all-topics --topic t --to-latest").is_err());
        assert!(parse("ottla group reset g --all-topics --to-latest --dry-run --execute").is_err());
        let parsed = parse("ottla group reset g --topic t --topic u:1 --shift-by -3 --execute").unwrap();
        let Command::Group(Group::Reset(reset)) = parsed.command else { panic!("not reset") };
        assert_eq!((reset.to.shift_by, reset.scope.topic.len(), reset.execute), (Some(-3), 2, true));
    }

    #[test]
    fn states_are_named_in_any_case_and_must_exist() {
        let parsed = parse("ottla group list --state stable,EMPTY").unwrap();
        let Command::Group(Group::List(list)) = parsed.command else { panic!("not list") };
        assert_eq!(list.state, [GroupState::Stable, GroupState::Empty]);
        assert!(parse("ottla group list --state sleepy").is_err());
    }
}
