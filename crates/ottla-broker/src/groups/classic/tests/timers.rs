//! The deadlines against a map of all of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::groups::classic::timers::Timers;

#[derive(Clone, Debug)]
enum Step {
    Set(u8, u64),
    Cancel(u8),
    Pass(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..6u8, 0..50u64).prop_map(|(name, after)| Step::Set(name, after)),
        1 => (0..6u8).prop_map(Step::Cancel),
        2 => (0..20u64).prop_map(Step::Pass),
    ]
}

proptest! {
    #[test]
    fn what_is_due_comes_once_and_nothing_else_does(steps in prop::collection::vec(any_step(), 1..80)) {
        let mut now = Instant::now();
        let mut timers = Timers::default();
        let mut model: BTreeMap<u8, Instant> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Set(name, after) => {
                    timers.set(name, now + Duration::from_millis(after));
                    model.insert(name, now + Duration::from_millis(after));
                }
                Step::Cancel(name) => {
                    timers.cancel(&name);
                    model.remove(&name);
                }
                Step::Pass(time) => {
                    now += Duration::from_millis(time);
                    let mut due: Vec<u8> = std::iter::from_fn(|| timers.pop(now)).collect();
                    due.sort_unstable();
                    let expected: Vec<u8> = model.extract_if(.., |_, at| *at <= now).map(|(name, _)| name).collect();
                    prop_assert_eq!(due, expected);
                    prop_assert!(timers.first().is_none_or(|first| first > now));
                }
            }
            prop_assert!((0..6u8).all(|name| timers.contains(&name) == model.contains_key(&name)));
            match model.values().min() {
                Some(earliest) => prop_assert!(timers.first().is_some_and(|first| first <= *earliest)),
                None => prop_assert_eq!(timers.first(), None),
            }
        }
    }
}
