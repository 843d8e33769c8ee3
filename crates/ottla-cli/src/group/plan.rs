//! Where a partition of a group is reset to: a decision on numbers alone.

use crate::arguments::ResetTo;

/// What is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// The first record.
    First,
    /// Behind the last record.
    End,
    /// Where the group is.
    Current,
    /// This offset.
    Offset(i64),
    /// The first record that is as late as this, in Unix milliseconds.
    Time(i64),
    /// So many records on, or back.
    Shift(i64),
}

impl Aim {
    /// What the words say, if it is `now`.
    pub(super) fn of(words: &ResetTo, now: i64) -> Self {
        // The command line has exactly one of them.
        match words {
            ResetTo { to_latest: true, .. } => Self::End,
            ResetTo { to_current: true, .. } => Self::Current,
            ResetTo { to_offset: Some(offset), .. } => Self::Offset(*offset),
            ResetTo { to_datetime: Some(moment), .. } => Self::Time(moment.at(now)),
            ResetTo { by_duration: Some(back), .. } => Self::Time(back.before(now)),
            ResetTo { shift_by: Some(by), .. } => Self::Shift(*by),
            ResetTo { .. } => Self::First,
        }
    }
}

/// What is known of a partition.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub(super) first: i64,
    pub(super) end: i64,
    /// Where the group is.
    pub(super) current: Option<i64>,
    /// The first record that is late enough, if that was asked for and there is one.
    pub(super) at_time: Option<i64>,
}

/// What becomes of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planned {
    /// It is set here.
    To(i64),
    /// It is set here, because what was wanted is not between the first record and the end.
    Within { to: i64, wanted: i64 },
    /// It stays as it is: there is nothing to count from.
    NothingToShift,
}

/// Where a partition is to go on.
pub(super) fn plan(aim: Aim, known: Known) -> Planned {
    let within = |wanted: i64| {
        // A partition that lost records has its end before where a group was.
        let to = wanted.min(known.end).max(known.first);
        if to == wanted { Planned::To(to) } else { Planned::Within { to, wanted } }
    };
    match aim {
        Aim::First => Planned::To(known.first),
        Aim::End => Planned::To(known.end),
        Aim::Current => Planned::To(known.current.unwrap_or(known.end)),
        Aim::Offset(offset) => within(offset),
        Aim::Time(_) => Planned::To(known.at_time.unwrap_or(known.end)),
        Aim::Shift(by) => match known.current {
            Some(current) => within(current.saturating_add(by)),
            None => Planned::NothingToShift,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known = Known { first: 10, end: 50, current: Some(30), at_time: Some(20) };

    #[test]
    fn each_aim_is_met() {
        assert_eq!(plan(Aim::First, KNOWN), Planned::To(10));
        assert_eq!(plan(Aim::End, KNOWN), Planned::To(50));
        assert_eq!(plan(Aim::Current, KNOWN), Planned::To(30));
        assert_eq!(plan(Aim::Offset(11), KNOWN), Planned::To(11));
        assert_eq!(plan(Aim::Time(7), KNOWN), Planned::To(20));
        assert_eq!(plan(Aim::Shift(-5), KNOWN), Planned::To(25));
    }

    #[test]
    fn nothing_is_set_where_there_is_no_record() {
        assert_eq!(plan(Aim::Offset(3), KNOWN), Planned::Within { to: 10, wanted: 3 });
        assert_eq!(plan(Aim::Offset(51), KNOWN), Planned::Within { to: 50, wanted: 51 });
        assert_eq!(plan(Aim::Shift(-1_000), KNOWN), Planned::Within { to: 10, wanted: -970 });
        assert_eq!(plan(Aim::Shift(i64::MAX), KNOWN), Planned::Within { to: 50, wanted: i64::MAX });
    }

    #[test]
    fn where_nothing_was_committed_the_end_is_as_far_as_one_can_be() {
        let fresh = Known { current: None, at_time: None, ..KNOWN };
        assert_eq!(plan(Aim::Current, fresh), Planned::To(50));
        assert_eq!(plan(Aim::Time(7), fresh), Planned::To(50));
        assert_eq!(plan(Aim::Shift(1), fresh), Planned::NothingToShift);
    }
}
