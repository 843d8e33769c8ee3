//! What came back, held against what was sent: every record once, unchanged, and in order.

use crate::payload::{self, Id};

/// Complaints that are kept in words; the rest is only counted.
const COMPLAINTS_SHOWN: usize = 5;

/// What is known about the records that came back.
#[derive(Default)]
pub(crate) struct Tally {
    size: usize,
    /// For each task, which of its records came.
    came: Vec<Vec<bool>>,
    /// For each partition, the number after the last that came from each task.
    next: Vec<Vec<u64>>,
    /// For each partition, the offset that must come next.
    offsets: Vec<i64>,
    missing: u64,
    wrong: u64,
    complaints: Vec<String>,
}

impl Tally {
    /// For records of this size, so many of each task.
    pub(crate) fn new(size: usize, sent: &[u64], partitions: usize) -> Self {
        let of_task = |count: &u64| vec![false; usize::try_from(*count).unwrap_or(usize::MAX)];
        Self {
            size,
            came: sent.iter().map(of_task).collect(),
            next: vec![vec![0; sent.len()]; partitions],
            offsets: vec![0; partitions],
            missing: sent.iter().sum(),
            wrong: 0,
            complaints: Vec::new(),
        }
    }

    /// Takes one record.
    pub(crate) fn take(&mut self, partition: i32, offset: i64, value: Option<&[u8]>) {
        let index = usize::try_from(partition).unwrap_or(usize::MAX);
        let at = || format!("partition {partition}, offset {offset}");
        let (Some(next), Some(wanted)) = (self.next.get_mut(index), self.offsets.get_mut(index)) else {
            return self.complain(format!("{}: no such partition", at()));
        };
        let gap = (*wanted != offset).then(|| format!("{}: offset {wanted} was to come", at()));
        *wanted = offset + 1;
        let id = value.and_then(|value| payload::read(value, self.size));
        let known = id.and_then(|id| Some((id, slot(&mut self.came, id)?, next.get_mut(id.task as usize)?)));
        let Some((id, came, next)) = known else {
            return self.complain(format!("{}: not a record that was sent", at()));
        };
        let twice = *came;
        let early = id.number < *next;
        *came = true;
        *next = id.number + 1;
        self.missing -= u64::from(!twice);
        if twice {
            self.complain(format!("{}: {id:?} came before", at()));
        } else if early {
            self.complain(format!("{}: {id:?} came after a later one", at()));
        } else if let Some(gap) = gap {
            self.complain(gap);
        }
    }

    /// Takes the offset behind the last record of a partition, and the one that the group committed.
    pub(crate) fn end(&mut self, partition: i32, end: i64, committed: i64) {
        let read = usize::try_from(partition).ok().and_then(|index| self.offsets.get(index)).copied();
        let read = read.unwrap_or(-1);
        if (read, read) != (end, committed) {
            self.complain(format!(
                "partition {partition} ends at {end}, was read to {read}, and is committed up to {committed}"
            ));
        }
    }

    /// How many have not come yet.
    pub(crate) fn missing(&self) -> u64 {
        self.missing
    }

    /// Whether everything is as it was sent; if not, what is wrong.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        if self.missing == 0 && self.wrong == 0 {
            return Ok(());
        }
        let mut text = format!("{} records lost, {} wrong", self.missing, self.wrong);
        for complaint in &self.complaints {
            text.push_str("\n  ");
            text.push_str(complaint);
        }
        Err(text)
    }

    fn complain(&mut self, complaint: String) {
        self.wrong += 1;
        if self.complaints.len() < COMPLAINTS_SHOWN {
            self.complaints.push(complaint);
        }
    }
}

/// Whether a record came, as a place to say so.
fn slot(came: &mut [Vec<bool>], id: Id) -> Option<&mut bool> {
    came.get_mut(id.task as usize)?.get_mut(usize::try_from(id.number).ok()?)
}
