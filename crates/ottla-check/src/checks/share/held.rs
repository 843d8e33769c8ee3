//! What is known of one record in one group at some point.

use super::LIMIT_MIN;

/// One time that a record was handed to somebody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery<'a> {
    pub(super) who: &'a str,
    pub(super) count: u16,
    /// The event of the question, and that of the answer.
    pub(super) asked: usize,
    pub(super) told: usize,
    pub(super) told_at: u64,
    /// Until when the lock lasts at the least.
    pub(super) until: u64,
    /// When it has ended for sure.
    pub(super) ends: Option<u64>,
}

/// That a record is done with, one way or the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    /// The event that said so.
    pub(super) event: usize,
    /// The delivery that it was done with, where that is certain.
    pub(super) count: Option<u16>,
}

/// A record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held<'a> {
    /// The delivery with the highest count since the process began.
    pub(super) last: Option<Delivery<'a>>,
    /// Whether it may still be held by whom it was handed to then.
    pub(super) is_held: bool,
    /// Whether who held it left, so that the delivery may not count.
    pub(super) has_left: bool,
    /// How often anybody saw it.
    pub(super) seen: u32,
    /// Whether somebody asked for it to be done with, whatever came of that.
    pub(super) is_asked_done: bool,
    pub(super) done: Option<Done>,
}

impl<'a> Held<'a> {
    pub(super) fn give(&mut self, delivery: Delivery<'a>) {
        (self.last, self.is_held, self.has_left) = (Some(delivery), true, false);
    }

    /// Who holds what is forgotten with the process, and so may be how often it was delivered.
    pub(super) fn forget(&mut self) {
        (self.last, self.is_held, self.has_left) = (None, false, false);
    }

    /// Whether nobody may have to be given it any more, when so many answers may have been lost.
    pub(super) fn may_be_done(&self, limit: Option<u16>, lost: u64) -> bool {
        let deliveries = u64::from(self.seen) + lost;
        let most = match limit {
            Some(limit) => u64::from(limit),
            None if self.seen == 0 => 1,
            None => u64::from(LIMIT_MIN),
        };
        self.is_asked_done || deliveries >= most
    }
}
