//! Which records a share group has to be given, and how far it is told to be.

use std::collections::{BTreeMap, HashMap};

use crate::event::{Acks, Isolation, Partition};
use crate::known::{Known, Places};

pub(super) struct Offsets<'a> {
    places: Places,
    /// How far groups were told to be before.
    passed: BTreeMap<(&'a str, Partition), i64>,
    asked: HashMap<u64, &'a str>,
}

impl<'a> Offsets<'a> {
    pub(super) fn new(known: &Known<'a>) -> Self {
        Self { places: Places::known(known), passed: BTreeMap::new(), asked: HashMap::new() }
    }

    /// Somebody asks how far a group is.
    pub(super) fn asks(&mut self, op: u64, group: &'a str) {
        self.asked.insert(op, group);
    }

    /// Of which group this is the answer.
    pub(super) fn answered(&mut self, op: u64) -> Option<&'a str> {
        self.asked.remove(&op)
    }

    /// The records that a group is done with by now and was not before: their offsets and sends.
    pub(super) fn passed(&mut self, group: &'a str, place: &Partition, to: i64) -> Vec<(i64, usize)> {
        let passed = self.passed.entry((group, place.clone())).or_insert(0);
        let from = *passed;
        *passed = to.max(from);
        let records = self.places.of(place).range(from..to.max(from));
        records.map(|(offset, send)| (*offset, *send)).collect()
    }

    /// Whether a group has to be given this send.
    pub(super) fn is_for(&self, known: &Known<'_>, send: usize) -> bool {
        known.is_for(send, Isolation::ReadCommitted)
    }

    /// Where a send is that was acknowledged before this event and is still there.
    pub(super) fn is_kept(&self, known: &Known<'_>, send: usize, before: usize) -> Option<i64> {
        let sent = known.sends.get(send).filter(|sent| sent.event < before && sent.acks == Acks::All)?;
        let offset = sent.offset.filter(|offset| *offset >= known.start(&sent.place))?;
        self.is_for(known, send).then_some(offset)
    }
}
