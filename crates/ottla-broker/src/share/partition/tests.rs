//! The runs against a model that knows each record by itself.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Model {
    Free(i16),
    Held(usize, Instant, i16),
    Done,
}

#[derive(Clone, Debug)]
enum Step {
    Acquire { member: usize, records: i64, mode: Mode },
    Say { member: usize, first: i64, more: i64, kind: Kind, is_durable: bool },
    Leave { member: usize },
    Wait { seconds: u64 },
    Start { by: i64 },
}

fn any_step() -> impl Strategy<Value = Step> {
    let kind = prop::sample::select(vec![Kind::Gap, Kind::Accept, Kind::Release, Kind::Reject, Kind::Renew]);
    prop_oneof![
        4 => (0..3usize, 1..9i64, prop::sample::select(vec![Mode::Batches, Mode::Records]))
            .prop_map(|(member, records, mode)| Step::Acquire { member, records, mode }),
        6 => (0..3usize, 0..40i64, 0..6i64, kind, prop::bool::weighted(0.8)).prop_map(
            |(member, first, more, kind, is_durable)| Step::Say { member, first, more, kind, is_durable }
        ),
        1 => (0..3usize).prop_map(|member| Step::Leave { member }),
        1 => (1..40u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => (0..3i64).prop_map(|by| Step::Start { by }),
    ]
}

fn terms() -> Terms {
    Terms { lock: Duration::from_secs(30), deliveries_max: 3, locks_max: 12, renews: true }
}

fn model_of(partition: &SharePartition, members: &[Str]) -> BTreeMap<i64, Model> {
    let place = |member: &Str| members.iter().position(|other| other == member).unwrap();
    let mut all = BTreeMap::new();
    for (first, run) in &partition.runs {
        for offset in *first..=run.last {
            let one = match &run.state {
                State::Available => Model::Free(run.deliveries),
                State::Acquired { member, until } => Model::Held(place(member), *until, run.deliveries),
                State::Acknowledged | State::Archived => Model::Done,
                State::Changing { .. } => panic!("nothing is pending between two steps"),
            };
            all.insert(offset, one);
        }
    }
    all
}

proptest! {
    #[test]
    fn runs_are_what_each_record_by_itself_comes_to(steps in prop::collection::vec(any_step(), 0..60)) {
        let members: Vec<Str> = ["a", "b", "c"].map(Str::from).into();
        let terms = terms();
        let batches: Vec<(i64, i64)> = (0..20).map(|batch| (batch * 4, batch * 4 + 3)).collect();
        let mut now = Instant::now();
        let mut partition = SharePartition::new(0, &StateBatches::default());
        let mut model = BTreeMap::<i64, Model>::new();
        let mut start = 0i64;
        let mut end = 0i64;
        // What was written, as the share coordinator would keep it.
        let mut written = StateBatches::default();
        let mut accepted = std::collections::BTreeSet::new();
        let mut keep = |change: &Option<Change>| {
            if let Some(change) = change {
                written = written.merged(&change.batches, change.start_offset);
            }
            written.clone()
        };
        let mut kept = StateBatches::default();
        for step in steps {
            match step {
                Step::Acquire { member, records, mode } => {
                    let Some(from) = partition.next_offset(&terms) else { continue };
                    let read: Vec<_> = batches.iter().copied().filter(|(_, last)| *last >= from).take(2).collect();
                    let demand = Demand { records_max: records, batch_size: 2, mode };
                    let got = partition.acquire(now, &members[member], from, &read, demand, &terms);
                    let mut count = 0;
                    for run in &got {
                        for offset in run.first..=run.last {
                            count += 1;
                            let deliveries = match model.get(&offset) {
                                None => 0,
                                Some(Model::Free(deliveries)) => *deliveries,
                                other => return Err(TestCaseError::fail(format!("{offset} is {other:?}"))),
                            };
                            prop_assert_eq!(run.deliveries, deliveries + 1);
                            prop_assert!(!accepted.contains(&offset), "{} was accepted", offset);
                            model.insert(offset, Model::Held(member, now + terms.lock, deliveries + 1));
                            end = end.max(offset + 1);
                        }
                    }
                    prop_assert!(!read.is_empty() && count >= 1 || read.is_empty());
                    prop_assert!(mode == Mode::Batches || count <= records);
                }
                Step::Say { member, first, more, kind, is_durable } => {
                    let last = first + more;
                    let is_right = last < start
                        || (last < end && (first.max(start)..=last).all(|offset| {
                            matches!(model.get(&offset), Some(Model::Held(of, until, _)) if *of == member && *until > now)
                        }));
                    let said = [Said { first, last, kind }];
                    let outcome = partition.acknowledge(now, &members[member], &said, &terms);
                    prop_assert_eq!(outcome.is_ok(), is_right);
                    let Ok(change) = outcome else { continue };
                    let Some(change) = change else {
                        for offset in first.max(start)..=last {
                            if let Some(Model::Held(_, until, _)) = model.get_mut(&offset) {
                                *until = now + terms.lock;
                            }
                        }
                        continue;
                    };
                    partition.settle(change.id, is_durable);
                    if !is_durable {
                        continue;
                    }
                    kept = keep(&Some(change));
                    for offset in first.max(start)..=last {
                        let Some(Model::Held(_, _, deliveries)) = model.get(&offset).cloned() else { continue };
                        if kind == Kind::Accept {
                            accepted.insert(offset);
                        }
                        let is_free = kind == Kind::Release && deliveries < terms.deliveries_max;
                        model.insert(offset, if is_free { Model::Free(deliveries) } else { Model::Done });
                    }
                }
                Step::Leave { member } => {
                    let change = partition.release(&members[member], &terms);
                    kept = keep(&change);
                    if let Some(change) = change {
                        partition.settle(change.id, true);
                    }
                    for one in model.values_mut() {
                        if let Model::Held(of, _, deliveries) = *one && of == member {
                            *one = if deliveries < terms.deliveries_max { Model::Free(deliveries) } else { Model::Done };
                        }
                    }
                }
                Step::Wait { seconds } => {
                    now += Duration::from_secs(seconds);
                    let change = partition.expire(now, &terms);
                    kept = keep(&change);
                    if let Some(change) = change {
                        partition.settle(change.id, true);
                    }
                    for one in model.values_mut() {
                        if let Model::Held(_, until, deliveries) = *one && until <= now {
                            *one = if deliveries < terms.deliveries_max { Model::Free(deliveries) } else { Model::Done };
                        }
                    }
                }
                Step::Start { by } => {
                    start += by;
                    partition.move_start(start);
                    end = end.max(start);
                    model = model.split_off(&start);
                }
            }
            while let Some((offset, Model::Done)) = model.first_key_value() && *offset == start {
                start += 1;
                model.pop_first();
            }
            prop_assert_eq!(&model_of(&partition, &members), &model);
            prop_assert_eq!((partition.start(), partition.end), (start, end.max(start)));
            // A start anew hands out nothing that was accepted.
            let mut anew = SharePartition::new(0, &kept);
            let read: Vec<_> = batches.clone();
            let demand = Demand { records_max: 1_000, batch_size: 0, mode: Mode::Records };
            let all = Terms { locks_max: 1_000, ..terms };
            for run in anew.acquire(now, &members[0], 0, &read, demand, &all) {
                prop_assert!((run.first..=run.last).all(|offset| offset < start || !accepted.contains(&offset)));
            }
        }
    }
}

#[test]
fn what_is_given_up_is_so_once_that_is_durable() {
    let (terms, member, now) = (terms(), Str::from("m"), Instant::now());
    let mut partition = SharePartition::new(0, &StateBatches::default());
    let demand = Demand { records_max: 9, batch_size: 0, mode: Mode::Records };
    let mut at = now;
    for deliveries in 1..=terms.deliveries_max {
        let run = Acquired { first: 0, last: 0, deliveries };
        assert_eq!(partition.acquire(at, &member, 0, &[(0, 0)], demand, &terms), [run]);
        at += terms.lock;
        let change = partition.expire(at, &terms).unwrap();
        partition.settle(change.id, deliveries < terms.deliveries_max);
    }
    let said = [Said { first: 0, last: 0, kind: Kind::Accept }];
    let late = partition.acknowledge(at, &member, &said, &terms);
    assert_eq!(late, Err(NOT_ACQUIRED), "nothing says that it is done with");
    assert_eq!((partition.start(), partition.next_deadline()), (0, Some(at)), "it is to be given up again");
    let change = partition.expire(at, &terms).unwrap();
    partition.settle(change.id, true);
    assert_eq!((partition.start(), partition.next_deadline()), (1, None));
    assert_eq!(partition.acknowledge(at, &member, &said, &terms), Ok(None));
}

#[test]
fn of_a_record_that_is_let_go_nothing_more_is_said() {
    let (terms, member, now) = (terms(), Str::from("m"), Instant::now());
    let mut partition = SharePartition::new(0, &StateBatches::default());
    let demand = Demand { records_max: 9, batch_size: 0, mode: Mode::Records };
    partition.acquire(now, &member, 0, &[(0, 3)], demand, &terms);
    let say = |partition: &mut SharePartition, said: &[(i64, i64, Kind)]| {
        let said: Vec<_> =
            said.iter().map(|(first, last, kind)| Said { first: *first, last: *last, kind: *kind }).collect();
        partition.acknowledge(now, &member, &said, &terms).map(|change| change.map(|change| change.id))
    };
    for again in [Kind::Accept, Kind::Release, Kind::Renew] {
        let twice = [(0, 2, Kind::Accept), (2, 2, again)];
        assert_eq!(say(&mut partition, &twice), Err(NOT_ACQUIRED), "{again:?}");
        let released = [(0, 2, Kind::Renew), (2, 2, Kind::Release), (2, 2, again)];
        assert_eq!(say(&mut partition, &released), Err(NOT_ACQUIRED), "{again:?}");
    }
    let renewed = [(0, 0, Kind::Renew), (0, 0, Kind::Renew), (0, 1, Kind::Accept), (2, 3, Kind::Release)];
    assert!(say(&mut partition, &renewed).unwrap().is_some(), "nothing of what was refused has held");
}

/// Hands out what there is, and says which records with how many deliveries.
fn hand_out(
    partition: &mut SharePartition,
    now: Instant,
    records_max: i64,
    terms: &Terms,
) -> Vec<(i64, i64, i16)> {
    let demand = Demand { records_max, batch_size: 0, mode: Mode::Batches };
    let from = partition.next_offset(terms).unwrap();
    let read: Vec<_> = [(0, 7), (8, 11)].into_iter().filter(|(_, last)| *last >= from).collect();
    let got = partition.acquire(now, &Str::from("m"), from, &read, demand, terms);
    got.into_iter().map(|run| (run.first, run.last, run.deliveries)).collect()
}

#[test]
fn what_was_delivered_often_is_handed_out_by_itself_and_in_ever_smaller_portions() {
    let (terms, mut now) = (Terms { deliveries_max: 5, ..terms() }, Instant::now());
    let mut partition = SharePartition::new(0, &StateBatches::default());
    let back = |partition: &mut SharePartition, now: &mut Instant| {
        *now += terms.lock;
        if let Some(change) = partition.expire(*now, &terms) {
            partition.settle(change.id, true);
        }
    };
    assert_eq!(hand_out(&mut partition, now, 8, &terms), [(0, 7, 1)]);
    back(&mut partition, &mut now);
    assert_eq!(
        hand_out(&mut partition, now, 9, &terms),
        [(0, 7, 2), (8, 11, 1)],
        "others are handed out with it"
    );
    back(&mut partition, &mut now);
    assert_eq!(hand_out(&mut partition, now, 9, &terms), [(0, 7, 3), (8, 11, 2)]);
    back(&mut partition, &mut now);
    // Half of eight, and no others with them.
    assert_eq!(hand_out(&mut partition, now, 9, &terms), [(0, 3, 4)]);
    assert_eq!(hand_out(&mut partition, now, 9, &terms), [(4, 7, 4)]);
    assert_eq!(hand_out(&mut partition, now, 9, &terms), [(8, 11, 3)]);
    back(&mut partition, &mut now);
    // The last delivery of each, alone.
    for offset in 0..8 {
        assert_eq!(hand_out(&mut partition, now, 9, &terms), [(offset, offset, 5)]);
    }
    assert_eq!(hand_out(&mut partition, now, 9, &terms), [(8, 9, 4)], "half of four");
    back(&mut partition, &mut now);
    assert_eq!(partition.start(), 8, "what was delivered five times is given up");
    assert_eq!(hand_out(&mut partition, now, 9, &terms), [(8, 8, 5)]);
    assert_eq!(hand_out(&mut partition, now, 9, &terms), [(9, 9, 5)]);
    assert_eq!(hand_out(&mut partition, now, 9, &terms), [(10, 11, 4)]);
}

#[test]
fn what_may_be_delivered_twice_is_never_handed_out_apart() {
    let (terms, mut now) = (Terms { deliveries_max: 2, ..terms() }, Instant::now());
    let mut partition = SharePartition::new(0, &StateBatches::default());
    for deliveries in 1..=2 {
        assert_eq!(hand_out(&mut partition, now, 8, &terms), [(0, 7, deliveries)]);
        now += terms.lock;
        let change = partition.expire(now, &terms).unwrap();
        partition.settle(change.id, true);
    }
    assert_eq!(partition.start(), 8);
}
