//! What a consumer does as a member of a group: subscribing, committing, and looking at what is committed.
//!
//! How it keeps its place in the group is in `crate::group`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_client::internal::lock;
use ottla_client::{CommittedOffset, GroupMetadata, GroupOffsets, ListedOffset, OffsetSpec, TopicPartition};
use ottla_protocol::wire::Str;
use tokio::time::Instant;

use super::Consumer;
use crate::error::Error;
use crate::group::{Group, Offsets, Pattern};
use crate::progress::Extent;

impl Consumer {
    /// Reads what the group of `group.id` gives this consumer of these topics, and of no others. It joins the
    /// group in the background; who gets what is told by [`next_event`](Self::next_event), and each partition
    /// begins where the group committed, or else by `auto.offset.reset`.
    ///
    /// Topics need not exist yet. What was assigned by hand is read no longer; what an earlier subscription
    /// brought and this one does not is given up in a rebalance.
    ///
    /// # Errors
    /// [`Error::NoGroup`], if `group.id` is not set. [`Error::Closed`].
    ///
    /// # Cancel safety
    /// Cancel safe: it has happened by the first poll.
    pub async fn subscribe<T: Into<Str>>(&self, topics: impl IntoIterator<Item = T>) -> Result<(), Error> {
        let group = self.open_group()?;
        let topics: BTreeSet<Str> = topics.into_iter().map(Into::into).collect();
        group.set_pattern(None);
        self.begin_subscription(group, topics);
        Ok(())
    }

    /// As [`subscribe`](Self::subscribe), for all topics whose whole name matches a regular expression, those that
    /// are created later too: they are looked for every `metadata.max.age.ms`. Topics of Kafka itself do not count
    /// (`exclude.internal.topics`).
    ///
    /// # Errors
    /// [`Error::Pattern`], if the pattern is none. [`Error::NoGroup`], if `group.id` is not set. [`Error::Closed`].
    ///
    /// # Cancel safety
    /// Cancel safe: it has happened by the first poll.
    pub async fn subscribe_pattern(&self, pattern: &str) -> Result<(), Error> {
        let whole = regex_lite::Regex::new(&format!("^(?:{pattern})$"));
        let whole = whole
            .map_err(|error| Error::Pattern { pattern: pattern.to_owned(), problem: error.to_string() })?;
        self.subscribe_matching(move |topic| whole.is_match(topic)).await
    }

    /// As [`subscribe_pattern`](Self::subscribe_pattern), with a function that says which names match.
    ///
    /// # Errors
    /// [`Error::NoGroup`], if `group.id` is not set. [`Error::Closed`].
    ///
    /// # Cancel safety
    /// Cancel safe: it has happened by the first poll.
    pub async fn subscribe_matching(
        &self,
        matches: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let group = self.open_group()?;
        self.forget_assigned(group);
        self.shared.user_was_here();
        group.set_pattern(Some(Pattern::new(matches)));
        Ok(())
    }

    /// Leaves the group, after committing what is finished if `enable.auto.commit` is set. Nothing is read any more.
    ///
    /// # Errors
    /// Those of a commit; the group is left all the same. [`Error::NoGroup`], if `group.id` is not set.
    ///
    /// # Cancel safety
    /// Not cancel safe: dropped, the group may not be left.
    pub async fn unsubscribe(&self) -> Result<(), Error> {
        let group = self.open_group()?;
        let limit = self.shared.config.client.default_api_timeout;
        let outcome = match group.auto_commit {
            Some(_) => group.commit_finished(&self.shared, limit).await.map(drop),
            None => Ok(()),
        };
        self.assign_places(Vec::new());
        outcome
    }

    /// Commits all that was handed out: all batches, and of a stream of records those up to the last one that it
    /// gave. They count as finished from here on. Waits until the coordinator has it; what may pass is tried again
    /// for `default.api.timeout.ms`.
    ///
    /// Where several tasks share a consumer, what the others are working on is committed too; to leave that out,
    /// see [`commit_finished`](Self::commit_finished).
    ///
    /// # Errors
    /// [`Error::NotCommitted`], if the group has gone on without this consumer. [`Error::CommitRefused`] for one
    /// partition. [`Error::Client`], if the coordinator cannot be reached. [`Error::NoGroup`].
    ///
    /// # Cancel safety
    /// Not cancel safe: dropped, it may be committed all the same.
    pub async fn commit(&self) -> Result<GroupOffsets, Error> {
        let group = self.group()?;
        let limit = self.shared.config.client.default_api_timeout;
        let handed_out = || {
            let mut fetcher = lock(&self.shared.fetcher);
            fetcher.finish_handed_out();
            fetcher.committable(Extent::HandedOut)
        };
        let committed = group.commit(&self.shared, limit, Offsets::Of(handed_out)).await?;
        lock(&self.shared.fetcher).committed(&committed);
        Ok(committed)
    }

    /// Commits what is finished: batches that were dropped, and records of a stream after which another was asked
    /// for. This is what `enable.auto.commit` does by itself. Gives what was not committed before.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    ///
    /// # Cancel safety
    /// Not cancel safe: dropped, it may be committed all the same.
    pub async fn commit_finished(&self) -> Result<GroupOffsets, Error> {
        let limit = self.shared.config.client.default_api_timeout;
        self.group()?.commit_finished(&self.shared, limit).await
    }

    /// Commits these offsets: of each partition the one of the record to go on with.
    ///
    /// # Errors
    /// As [`commit`](Self::commit). A commit that a rebalance held up also fails with [`Error::NotCommitted`] when
    /// one of the partitions was not kept through it, though it may be back: others may have come further; and so does
    /// one after partitions were lost, until that was told.
    ///
    /// # Cancel safety
    /// Not cancel safe: dropped, they may be committed all the same.
    pub async fn commit_offsets<O: Into<CommittedOffset>>(
        &self,
        offsets: impl IntoIterator<Item = (TopicPartition, O)>,
    ) -> Result<(), Error> {
        let group = self.group()?;
        let offsets: GroupOffsets = offsets.into_iter().map(|(name, offset)| (name, offset.into())).collect();
        let limit = self.shared.config.client.default_api_timeout;
        let these = Offsets::<fn() -> GroupOffsets>::These(offsets);
        let committed = group.commit(&self.shared, limit, these).await?;
        lock(&self.shared.fetcher).committed(&committed);
        Ok(())
    }

    /// What the group has committed for these partitions; where there is nothing, nothing is given.
    ///
    /// # Errors
    /// [`Error::Client`], [`Error::NoGroup`].
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn committed(
        &self,
        partitions: impl IntoIterator<Item = TopicPartition>,
    ) -> Result<GroupOffsets, Error> {
        Ok(self.group()?.fetch_offsets(&self.shared.client, partitions).await?)
    }

    /// The offset of the first record of each partition that has this timestamp, in Unix milliseconds, or a later
    /// one; where no record is that late, it has no offset.
    ///
    /// # Errors
    /// [`Error::NoStart`] names the first partition that could not be asked for.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn offsets_for_times(
        &self,
        times: impl IntoIterator<Item = (TopicPartition, i64)>,
    ) -> Result<BTreeMap<TopicPartition, ListedOffset>, Error> {
        let places = times.into_iter().map(|(name, ms)| (name, OffsetSpec::Timestamp(ms)));
        let isolation = self.shared.config.isolation_level;
        let outcomes = self.shared.client.admin().list_offsets(places, isolation).await;
        let named = |(partition, outcome): (TopicPartition, Result<_, _>)| match outcome {
            Ok(offset) => Ok((partition, offset)),
            Err(source) => Err(Error::NoStart { partition, source }),
        };
        outcomes.into_iter().map(named).collect()
    }

    /// The group and this consumer's place in it, for a producer that stores offsets in a transaction (KIP-447). Take
    /// it anew for each transaction: it changes with each rebalance.
    ///
    /// # Errors
    /// [`Error::NotCommitted`], while this consumer wants to be in the group and is not, and after it has lost
    /// partitions until that was told, by [`next_event`](Self::next_event) or the next batch: what was read before is
    /// others' to work on. [`Error::NoGroup`], if `group.id` is not set.
    pub fn group_metadata(&self) -> Result<GroupMetadata, Error> {
        self.group()?.metadata()
    }

    /// How many offsets each partition that is read is behind its end, as far as answers of brokers tell so far.
    pub fn lag(&self) -> BTreeMap<TopicPartition, i64> {
        let fetcher = lock(&self.shared.fetcher);
        let lag = |name: &TopicPartition| Some((name.clone(), fetcher.lag(name)?));
        fetcher.assignment().filter_map(lag).collect()
    }

    /// Whether the group has something to say.
    pub(crate) fn has_notices(&self) -> bool {
        self.shared.group.as_ref().is_some_and(|group| group.has_notices())
    }

    /// The user is working on what was handed out.
    pub(crate) fn set_active(&self) {
        if let Some(group) = &self.shared.group {
            group.set_active();
        }
    }

    /// Does what the group wants, without telling the user; gives what must be told.
    pub(crate) fn settle(&self) -> Option<Error> {
        while let Some(notice) = self.take_notice() {
            if let Err(error) = notice {
                return Some(error);
            }
        }
        None
    }

    fn group(&self) -> Result<&Arc<Group>, Error> {
        self.shared.group.as_ref().ok_or(Error::NoGroup)
    }

    fn open_group(&self) -> Result<&Arc<Group>, Error> {
        if self.shared.closing.is_closed() {
            return Err(Error::Closed);
        }
        self.group()
    }

    fn begin_subscription(&self, group: &Arc<Group>, topics: BTreeSet<Str>) {
        self.forget_assigned(group);
        self.shared.user_was_here();
        lock(&group.membership).subscribe(Instant::now().into_std(), topics);
        group.wake.notify_one();
    }

    /// What was assigned by hand makes way for what the group gives.
    fn forget_assigned(&self, group: &Arc<Group>) {
        let membership = lock(&group.membership);
        if membership.is_out() {
            lock(&self.shared.fetcher).assign([]);
        }
        drop(membership);
        self.shared.keep_topics();
    }
}
