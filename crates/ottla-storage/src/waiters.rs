//! Wakers of futures that wait for a log to reach an offset.
//!
//! Here lives the list and its order. What an offset must reach (written, synced, visible) and what
//! a woken future finds is decided in the log.

use std::collections::VecDeque;
use std::task::Waker;

/// Wakers, each with the offset that it waits for.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    /// In order. Most come at the end and leave at the front, and most logs have one: a tree takes three times the room.
    wakers: VecDeque<(Ticket, Waker)>,
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
            && let Ok(at) = self.place(held)
        {
            self.wakers[at].1.clone_from(waker);
            return;
        }
        if self.wakers.capacity() == 0 {
            self.wakers.reserve_exact(1);
        }
        let new = Ticket { end, number: self.next };
        self.next += 1;
        let at = match self.wakers.back() {
            Some((last, _)) if *last > new => self.wakers.partition_point(|(held, _)| *held < new),
            _ => self.wakers.len(),
        };
        self.wakers.insert(at, (new, waker.clone()));
        *ticket = Some(new);
    }

    /// Forgets the waker of a future that is dropped or done.
    pub(crate) fn leave(&mut self, ticket: &mut Option<Ticket>) {
        if let Some(ticket) = ticket.take()
            && let Ok(at) = self.place(&ticket)
        {
            self.wakers.remove(at);
        }
    }

    /// Moves the wakers of all that wait for `end` or less into `woken`.
    pub(crate) fn reach(&mut self, end: i64, woken: &mut Vec<Waker>) {
        while let Some((_, waker)) = self.wakers.pop_front_if(|(ticket, _)| ticket.end <= end) {
            woken.push(waker);
        }
    }

    /// Moves the wakers of all that wait for more than `end` into `woken`: what they wait for will
    /// not come.
    pub(crate) fn give_up(&mut self, end: i64, woken: &mut Vec<Waker>) {
        let after = self.wakers.partition_point(|(ticket, _)| ticket.end <= end);
        woken.extend(self.wakers.drain(after..).map(|(_, waker)| waker));
    }

    /// Gives back the memory that many took.
    pub(crate) fn shrink(&mut self) {
        self.wakers.shrink_to_fit();
    }

    fn place(&self, ticket: &Ticket) -> Result<usize, usize> {
        self.wakers.binary_search_by_key(ticket, |(ticket, _)| *ticket)
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
