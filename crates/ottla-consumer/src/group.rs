//! Membership in a consumer group, by either protocol: who this consumer is, what it owns, what it committed.
//!
//! `membership` decides, with neither network nor clock; `shell` sends, waits and tells; `offsets` commits. What
//! they share with the user's handles is here. Who gets which partition is in [`crate::assignor`].

mod member;
mod membership;
mod offsets;
mod pattern;
mod shell;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ottla_client::TopicPartition;
use ottla_client::internal::lock;
use ottla_env::Rng;
use ottla_protocol::wire::Str;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::config::Config;
use crate::error::Error;
use member::Member;
use membership::Rules;

pub(crate) use membership::{Presence, Ticket};
pub(crate) use offsets::Offsets;
pub(crate) use pattern::Pattern;
pub(crate) use shell::run;

/// What handles and shell share of a group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) id: Str,
    /// How often finished records are committed without being asked.
    pub(crate) auto_commit: Option<Duration>,
    /// Locked before the fetcher, where both are.
    pub(crate) membership: Mutex<Member>,
    notices: Mutex<VecDeque<Notice>>,
    /// Whether there is a notice: read for every record of a stream, and so without a lock.
    has_notices: AtomicBool,
    /// Revocations that the user is done with, or did not care for.
    released: Mutex<Vec<Ticket>>,
    pattern: Mutex<Option<Pattern>>,
    /// Wakes the shell.
    pub(crate) wake: Notify,
    /// Wakes who waits for the membership to change.
    changed: Notify,
    /// One commit at a time, so that a late one does not undo another.
    committing: tokio::sync::Mutex<()>,
    /// Whether the user was active since this was last looked at, though nothing was asked of the consumer.
    is_active: AtomicBool,
    /// Whether the group was left because the user stayed away.
    is_absent: AtomicBool,
    has_ended: AtomicBool,
}

/// What the user is to know of the group.
#[derive(Debug)]
pub(crate) enum Notice {
    Assigned(Vec<TopicPartition>),
    Revoking(Ticket, Vec<TopicPartition>),
    Lost(Vec<TopicPartition>),
    Failed(Error),
}

impl Group {
    /// The group of these settings, if they name one.
    pub(crate) fn new(config: &Config, rng: Rng) -> Option<Self> {
        let id = Str::from(config.group_id.clone()?);
        let named = |name: &str| Some(Str::from(name.to_owned())).filter(|name| !name.is_empty());
        let rules = Rules {
            group_id: id.clone(),
            instance_id: config.group_instance_id.as_deref().and_then(named),
            session_timeout: config.session_timeout,
            heartbeat_interval: config.heartbeat_interval,
            max_poll_interval: config.max_poll_interval,
            request_timeout: config.client.request_timeout,
            assignors: config.partition_assignment_strategy.clone(),
            rack: named(&config.client_rack),
            backoff: config.client.backoff_of_retries(),
        };
        Some(Self {
            id,
            auto_commit: config.enable_auto_commit.then_some(config.auto_commit_interval),
            membership: Mutex::new(Member::new(config, rules, rng, Instant::now().into_std())),
            notices: Mutex::default(),
            has_notices: AtomicBool::new(false),
            released: Mutex::default(),
            pattern: Mutex::default(),
            wake: Notify::new(),
            changed: Notify::new(),
            committing: tokio::sync::Mutex::default(),
            is_active: AtomicBool::new(false),
            is_absent: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
        })
    }

    /// What the user is to know next.
    pub(crate) fn take_notice(&self) -> Option<Notice> {
        if !self.has_notices() {
            return None;
        }
        let mut notices = lock(&self.notices);
        let notice = notices.pop_front();
        self.has_notices.store(!notices.is_empty(), Ordering::Release);
        notice
    }

    /// Whether there is something that the user is to know.
    pub(crate) fn has_notices(&self) -> bool {
        self.has_notices.load(Ordering::Acquire)
    }

    /// Whether partitions were lost and the user does not know yet.
    fn has_untold_loss(&self) -> bool {
        self.has_notices() && lock(&self.notices).iter().any(|notice| matches!(notice, Notice::Lost(_)))
    }

    /// Whether this partition was lost and the user does not know yet, though it may be owned again by now.
    pub(crate) fn has_untold_loss_of(&self, partition: &TopicPartition) -> bool {
        let is_of = |notice: &Notice| matches!(notice, Notice::Lost(lost) if lost.contains(partition));
        self.has_notices() && lock(&self.notices).iter().any(is_of)
    }

    /// Forgets what the user was to know of partitions.
    pub(crate) fn clear_notices(&self) {
        lock(&self.notices).clear();
        self.has_notices.store(false, Ordering::Release);
    }

    fn notify(&self, notice: Notice) {
        let mut notices = lock(&self.notices);
        if let Notice::Lost(_) = notice {
            // Nothing is left to be given up.
            notices.retain(|notice| !matches!(notice, Notice::Revoking(..)));
        }
        notices.push_back(notice);
        self.has_notices.store(true, Ordering::Release);
    }

    /// The user has given up what was to be revoked.
    pub(crate) fn release(&self, ticket: Ticket) {
        lock(&self.released).push(ticket);
        self.wake.notify_one();
    }

    /// Waits until what was to be revoked is gone.
    pub(crate) async fn has_released(&self, ticket: Ticket) {
        self.wait_until(|membership| membership.releasing(ticket).is_none()).await;
    }

    /// Leaves the group without a word about partitions, and does `then` before anything else can come of it.
    pub(crate) fn leave_for(&self, then: impl FnOnce()) {
        let mut membership = lock(&self.membership);
        self.set_pattern(None);
        membership.leave("the consumer is told to do something else");
        self.clear_notices();
        then();
        drop(membership);
        self.changed.notify_waiters();
    }

    /// What is subscribed to from here on: what matches, if there is a pattern.
    pub(crate) fn set_pattern(&self, pattern: Option<Pattern>) {
        *lock(&self.pattern) = pattern;
        self.wake.notify_one();
    }

    /// The user is working on what was handed out.
    pub(crate) fn set_active(&self) {
        self.is_active.store(true, Ordering::Relaxed);
    }

    /// The user waits; somebody who stayed away is back.
    pub(crate) fn user_waits(&self) {
        if self.is_absent.load(Ordering::Acquire) {
            self.wake.notify_one();
        }
    }

    /// Waits until the group was left after closing.
    pub(crate) async fn has_ended(&self) {
        self.wait_until(|_| self.has_ended.load(Ordering::Acquire)).await;
    }

    async fn wait_until(&self, is_so: impl Fn(&Member) -> bool) {
        loop {
            // Before the look, so that no change falls between the two.
            let changed = self.changed.notified();
            if is_so(&lock(&self.membership)) {
                return;
            }
            changed.await;
        }
    }
}
