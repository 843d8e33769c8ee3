//! Wakers of futures that wait for a log to reach an offset.
//!
//! Here lives the list and its order. What an offset must reach (written, synced, visible) and what
//! a woken future finds is decided in the log.

use std::collections::BTreeMap;
use std::task::Waker;

/// Wakers, each with the offset that it waits for.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    wakers: BTreeMap<Ticket, Waker>,
    next: u64,
}

/// Where a waker stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket {
    end: i64,
    number: u64,
}

impl Waiters {
    /// Wakes `waker` once `end` is reached. A future that is polled again passes its ticket and
    /// keeps one place.
    pub(crate) fn wait(&mut self, ticket: &mut Option<Ticket>, end: i64, waker: &Waker) {
        if let Some(held) = ticket
            && let Some(registered) = self.wakers.get_mut(held)
        {
            registered.clone_from(waker);
            return;
        }
        let new = Ticket { end, number: self.next };
        self.next += 1;
        self.wakers.insert(new, waker.clone());
        *ticket = Some(new);
    }

    /// Forgets the waker of a future that is dropped or done.
    pub(crate) fn leave(&mut self, ticket: &mut Option<Ticket>) {
        if let Some(ticket) = ticket.take() {
            self.wakers.remove(&ticket);
        }
    }

    /// Moves the wakers of all that wait for `end` or less into `woken`.
    pub(crate) fn reach(&mut self, end: i64, woken: &mut Vec<Waker>) {
        while let Some(entry) = self.wakers.first_entry()
            && entry.key().end <= end
        {
            woken.push(entry.remove());
        }
    }

    /// Moves the wakers of all that wait for more than `end` into `woken`: what they wait for will
    /// not come.
    pub(crate) fn give_up(&mut self, end: i64, woken: &mut Vec<Waker>) {
        let after = Ticket { end: end.saturating_add(1), number: 0 };
        woken.extend(self.wakers.split_off(&after).into_values());
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.wakers.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting_for(ends: &[i64]) -> (Waiters, Vec<Option<Ticket>>) {
        let mut waiters = Waiters::default();
        let tickets = ends.iter().map(|end| {
            let mut ticket = None;
            waiters.wait(&mut ticket, *end, Waker::noop());
            ticket
        });
        let tickets = tickets.collect();
        (waiters, tickets)
    }

    #[test]
    fn those_whose_offset_is_reached_are_woken() {
        let (mut waiters, _) = waiting_for(&[5, 3, 8, 3]);
        let mut woken = Vec::new();
        waiters.reach(4, &mut woken);
        assert_eq!((woken.len(), waiters.len()), (2, 2));
        waiters.reach(8, &mut woken);
        assert_eq!((woken.len(), waiters.len()), (4, 0));
    }

    #[test]
    fn a_dropped_future_leaves_nothing_behind() {
        let (mut waiters, mut tickets) = waiting_for(&[5, 3]);
        waiters.leave(&mut tickets[0]);
        assert_eq!(waiters.len(), 1);
        waiters.leave(&mut tickets[0]);
        assert_eq!(waiters.len(), 1);
    }

    #[test]
    fn a_future_polled_twice_has_one_place() {
        let (mut waiters, mut tickets) = waiting_for(&[5]);
        waiters.wait(&mut tickets[0], 5, Waker::noop());
        assert_eq!(waiters.len(), 1);
    }

    #[test]
    fn those_beyond_what_will_ever_come_are_woken() {
        let (mut waiters, _) = waiting_for(&[5, 3, 8]);
        let mut woken = Vec::new();
        waiters.give_up(4, &mut woken);
        assert_eq!((woken.len(), waiters.len()), (2, 1));
    }
}
