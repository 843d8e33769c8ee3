//! The states of records in runs, as they are written, and how a change is laid over what was.
//!
//! What the states mean is in [`super::partition`].

use std::collections::BTreeMap;

/// Records of the same state: the last offset, the state and the deliveries, by the first offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StateBatches {
    runs: BTreeMap<i64, Run>,
}

/// A run of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    last: i64,
    /// Orders runs that overlap: who was delivered more often is the later, and who is nearer to its end.
    rank: (i16, i8),
}

/// A run of records in the same state, as all messages and records have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StateBatch {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// 0 available, 2 acknowledged, 4 archived.
    pub(crate) state: i8,
    /// How often the records were delivered.
    pub(crate) deliveries: i16,
}

impl StateBatches {
    /// The runs in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = StateBatch> + '_ {
        self.runs.iter().map(|(first, run)| StateBatch {
            first: *first,
            last: run.last,
            state: run.rank.1,
            deliveries: run.rank.0,
        })
    }

    /// Lays runs over these, and forgets what is below the start.
    #[must_use]
    pub(crate) fn merged(&self, batches: &[StateBatch], start: i64) -> Self {
        let mut merged = self.clone();
        for batch in batches.iter().filter(|batch| batch.first <= batch.last) {
            merged.lay(batch.first, batch.last, (batch.deliveries, batch.state));
        }
        if start > 0 {
            merged.split_at(start);
            merged.runs = merged.runs.split_off(&start);
        }
        merged.join();
        merged
    }

    fn lay(&mut self, first: i64, last: i64, rank: (i16, i8)) {
        self.split_at(first);
        if let Some(after) = last.checked_add(1) {
            self.split_at(after);
        }
        let mut at = first;
        let mut holes = Vec::new();
        for (begin, run) in self.runs.range_mut(first..=last) {
            if at < *begin {
                holes.push((at, begin - 1));
            }
            run.rank = run.rank.max(rank);
            at = run.last.saturating_add(1);
        }
        if at <= last && at > i64::MIN {
            holes.push((at, last));
        }
        for (first, last) in holes {
            self.runs.insert(first, Run { last, rank });
        }
    }

    /// Makes an offset the first of its run.
    fn split_at(&mut self, offset: i64) {
        if let Some((_, run)) = self.runs.range_mut(..offset).next_back()
            && run.last >= offset
        {
            let second = Run { last: run.last, rank: run.rank };
            run.last = offset - 1;
            self.runs.insert(offset, second);
        }
    }

    /// Joins neighbours of the same state.
    fn join(&mut self) {
        let mut joined: Vec<(i64, Run)> = Vec::with_capacity(self.runs.len());
        for (first, run) in std::mem::take(&mut self.runs) {
            match joined.last_mut() {
                Some((_, before)) if before.rank == run.rank && before.last.checked_add(1) == Some(first) => {
                    before.last = run.last;
                }
                _ => joined.push((first, run)),
            }
        }
        self.runs = joined.into_iter().collect();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_batch() -> impl Strategy<Value = StateBatch> {
        (0..40i64, 0..12i64, prop::sample::select(vec![0i8, 2, 4]), 0..4i16).prop_map(
            |(first, more, state, deliveries)| StateBatch { first, last: first + more, state, deliveries },
        )
    }

    proptest! {
        #[test]
        fn runs_are_what_each_record_by_itself_comes_to(
            changes in prop::collection::vec((prop::collection::vec(any_batch(), 0..5), 0..30i64), 0..8)
        ) {
            let mut runs = StateBatches::default();
            let mut records = BTreeMap::<i64, (i16, i8)>::new();
            for (batches, start) in changes {
                runs = runs.merged(&batches, start);
                for batch in batches {
                    for offset in batch.first..=batch.last {
                        let rank = (batch.deliveries, batch.state);
                        let now = records.entry(offset).or_insert(rank);
                        *now = (*now).max(rank);
                    }
                }
                records = records.split_off(&start);
                let each: BTreeMap<_, _> = runs
                    .iter()
                    .flat_map(|run| (run.first..=run.last).map(move |at| (at, (run.deliveries, run.state))))
                    .collect();
                prop_assert_eq!(&each, &records);
                let all: Vec<_> = runs.iter().collect();
                for pair in all.windows(2) {
                    let joins = pair[0].last + 1 == pair[1].first
                        && (pair[0].state, pair[0].deliveries) == (pair[1].state, pair[1].deliveries);
                    prop_assert!(pair[0].last < pair[1].first && !joins);
                }
            }
        }
    }
}
