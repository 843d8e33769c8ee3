//! What a broker without any fault can show is never found fault with: random histories of one that is a few vectors.
#![expect(clippy::unwrap_used, reason = "what the tests share fails as the tests do")]

use std::collections::BTreeMap;

use ottla_check::{
    Committed, End, Fault, History, How, Isolation, Partition, Read, Topic, Watermarks, What, check,
};
use proptest::prelude::*;

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0) % bound
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What stands at an offset.
enum Slot {
    Plain(String),
    Of(String, String),
    Marker,
}

const PARTITIONS: usize = 3;
const GROUP: &str = "g";
const SHARE: &str = "s";

struct World {
    dice: Dice,
    history: History,
    at: u64,
    logs: Vec<Vec<Slot>>,
    /// Of each transaction: whether it has ended, and how.
    transactions: BTreeMap<String, Option<End>>,
    /// The open one of each producer, with the partitions that it wrote to.
    open: BTreeMap<usize, (String, Vec<usize>)>,
    /// Answers that are still to be told.
    answers: Vec<What>,
    readers: BTreeMap<(usize, usize), usize>,
    /// Who of the group has which partition, where it stands there, and what the group has committed and done.
    owners: Vec<Option<usize>>,
    positions: Vec<usize>,
    done: Vec<i64>,
    committed: Vec<i64>,
    generation: i32,
    /// Of each record of the share group: how often it was delivered, until when it is held, whether it is done.
    shared: BTreeMap<(usize, usize), (u16, u64, bool)>,
    values: usize,
}

fn place(partition: usize) -> (String, i32) {
    (if partition == 0 { "plain".to_owned() } else { "t".to_owned() }, i32::try_from(partition).unwrap())
}

fn offset(index: usize) -> i64 {
    i64::try_from(index).unwrap()
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            dice: Dice(seed | 1),
            history: History::new(),
            at: 0,
            logs: (0..PARTITIONS).map(|_| Vec::new()).collect(),
            transactions: BTreeMap::new(),
            open: BTreeMap::new(),
            answers: Vec::new(),
            readers: BTreeMap::new(),
            owners: vec![None; PARTITIONS],
            positions: vec![0; PARTITIONS],
            done: vec![0; PARTITIONS],
            committed: vec![0; PARTITIONS],
            generation: 0,
            shared: BTreeMap::new(),
            values: 0,
        };
        world.push(What::Topic { topic: "plain".to_owned(), kind: Topic::Dense });
        let topics = vec!["plain".to_owned(), "t".to_owned()];
        world.push(What::ShareGroup { group: SHARE.to_owned(), topics, delivery_limit: None, lock: None });
        world
    }

    fn push(&mut self, what: What) {
        self.at += self.dice.below(3) as u64;
        self.history.push(self.at, what);
    }

    /// Where who reads what is committed has to stop.
    fn stable(&self, partition: usize) -> usize {
        let log = &self.logs[partition];
        let is_open = |slot: &Slot| matches!(slot, Slot::Of(name, _) if self.transactions[name].is_none());
        log.iter().position(is_open).unwrap_or(log.len())
    }

    fn read(&self, partition: usize, from: usize, to: usize, isolation: Isolation) -> Vec<Read> {
        let slots = self.logs[partition].iter().enumerate().take(to).skip(from);
        let visible = slots.filter_map(|(index, slot)| {
            let value = match slot {
                Slot::Plain(value) => value,
                Slot::Of(name, value)
                    if isolation == Isolation::ReadUncommitted
                        || self.transactions[name] == Some(End::Commit) =>
                {
                    value
                }
                _ => return None,
            };
            Some(Read { offset: offset(index), value: value.clone() })
        });
        visible.collect()
    }

    fn step(&mut self) {
        match self.dice.below(13) {
            0..=2 => self.send(),
            3 => self.begin(),
            4 => self.end(),
            5..=6 => self.poll(),
            7 => self.ends(),
            8 => self.rebalance(),
            9..=10 => self.work(),
            11 => self.share(),
            _ => self.answer(),
        }
        if self.dice.chance(2) {
            self.push(What::Fault { kind: Fault::Cut });
        }
    }

    fn answer(&mut self) {
        if !self.answers.is_empty() {
            let which = self.dice.below(self.answers.len());
            let answer = self.answers.swap_remove(which);
            self.push(answer);
        }
    }

    fn send(&mut self) {
        let producer = self.dice.below(3);
        let transaction = self.open.get(&producer).map(|(name, _)| name.clone());
        let partition = match transaction {
            Some(_) => 1 + self.dice.below(PARTITIONS - 1),
            None => self.dice.below(PARTITIONS),
        };
        let op = self.history.op();
        self.values += 1;
        let value = format!("v{}", self.values);
        let (topic, index) = place(partition);
        self.push(What::Send {
            op,
            who: format!("p{producer}"),
            topic,
            partition: index,
            value: value.clone(),
            acks: ottla_check::Acks::All,
            idempotent: true,
            transaction: transaction.clone(),
        });
        if self.dice.chance(5) && transaction.is_none() {
            return self.answers.push(What::fail(op, "refused"));
        }
        let at = offset(self.logs[partition].len());
        self.logs[partition].push(match &transaction {
            Some(name) => Slot::Of(name.clone(), value),
            None => Slot::Plain(value),
        });
        if let Some((_, partitions)) = self.open.get_mut(&producer) {
            partitions.push(partition);
        }
        let doubt = self.dice.chance(10);
        self.answers.push(if doubt { What::info(op, "cut") } else { What::sent(op, Some(at)) });
    }

    fn begin(&mut self) {
        let producer = self.dice.below(3);
        if !self.open.contains_key(&producer) {
            let transaction = format!("x{}", self.transactions.len());
            self.transactions.insert(transaction.clone(), None);
            self.open.insert(producer, (transaction.clone(), Vec::new()));
            self.push(What::Begin { who: format!("p{producer}"), transaction });
        }
    }

    fn end(&mut self) {
        let producer = self.dice.below(3);
        let Some((transaction, partitions)) = self.open.remove(&producer) else { return };
        let how = if self.dice.chance(60) { End::Commit } else { End::Abort };
        let op = self.history.op();
        let who = format!("p{producer}");
        self.push(What::End { op, who, transaction: transaction.clone(), how });
        let mut ended = how;
        let doubt = self.dice.chance(20);
        if doubt && how == End::Commit && self.dice.chance(50) {
            ended = End::Abort; // it never came there, and its time ran out
        }
        self.transactions.insert(transaction, Some(ended));
        for partition in 1..PARTITIONS {
            if partitions.contains(&partition) {
                self.logs[partition].push(Slot::Marker);
            }
        }
        self.answers.push(if doubt { What::info(op, "cut") } else { What::ok(op) });
    }

    fn poll(&mut self) {
        let (reader, partition) = (self.dice.below(4), self.dice.below(PARTITIONS));
        let isolation = if reader < 2 { Isolation::ReadCommitted } else { Isolation::ReadUncommitted };
        let end = match isolation {
            Isolation::ReadCommitted => self.stable(partition),
            Isolation::ReadUncommitted => self.logs[partition].len(),
        };
        let who = format!("r{reader}");
        let (topic, index) = place(partition);
        if self.dice.chance(5) || !self.readers.contains_key(&(reader, partition)) {
            let from = self.dice.below(end + 1);
            self.readers.insert((reader, partition), from);
            let seek = What::Seek {
                who: who.clone(),
                topic: topic.clone(),
                partition: index,
                offset: Some(offset(from)),
            };
            self.push(seek);
        }
        let from = self.readers[&(reader, partition)];
        let to = from.max(end.min(from + self.dice.below(5)));
        self.readers.insert((reader, partition), to);
        let records = self.read(partition, from, to, isolation);
        self.push(What::Poll {
            who,
            topic,
            partition: index,
            records,
            isolation,
            group: None,
            transaction: None,
        });
    }

    fn ends(&mut self) {
        let (op, partition) = (self.history.op(), self.dice.below(PARTITIONS));
        self.push(What::Ends { op, who: "w".to_owned() });
        let (topic, index) = place(partition);
        let (stable, end) = (offset(self.stable(partition)), offset(self.logs[partition].len()));
        let told =
            Watermarks { topic, partition: index, start: Some(0), stable: Some(stable), end: Some(end) };
        let mut ok = What::ok(op);
        if let What::Ok { ends, .. } = &mut ok {
            ends.push(told);
        }
        self.push(ok);
    }

    fn rebalance(&mut self) {
        for partition in 0..PARTITIONS {
            if let Some(owner) = self.owners[partition].take() {
                let (topic, index) = place(partition);
                let (who, partitions) = (format!("m{owner}"), vec![Partition::new(topic, index)]);
                self.push(What::Revoked { who, group: GROUP.to_owned(), partitions });
            }
        }
        self.generation += 1;
        for partition in 0..PARTITIONS {
            let owner = self.dice.below(3);
            self.owners[partition] = Some(owner);
            self.positions[partition] = usize::try_from(self.committed[partition]).unwrap();
            let (topic, index) = place(partition);
            self.push(What::Assigned {
                who: format!("m{owner}"),
                group: GROUP.to_owned(),
                generation: Some(self.generation),
                instance: None,
                partitions: vec![Partition::new(topic, index)],
            });
        }
    }

    fn work(&mut self) {
        let partition = self.dice.below(PARTITIONS);
        let Some(owner) = self.owners[partition] else { return };
        let (who, (topic, index)) = (format!("m{owner}"), place(partition));
        let isolation = Isolation::ReadCommitted;
        let from = self.positions[partition];
        let to = from.max(self.stable(partition).min(from + 1 + self.dice.below(4)));
        self.positions[partition] = to;
        let records = self.read(partition, from, to, isolation);
        self.push(What::Poll {
            who: who.clone(),
            topic: topic.clone(),
            partition: index,
            records,
            isolation,
            group: Some(GROUP.to_owned()),
            transaction: None,
        });
        self.done[partition] = self.done[partition].max(offset(to));
        let next = offset(to);
        let group = GROUP.to_owned();
        self.push(What::Handled { who: who.clone(), group, topic: topic.clone(), partition: index, next });
        if self.dice.chance(60) {
            let op = self.history.op();
            let offsets = vec![Committed { topic, partition: index, offset: next }];
            let generation = Some(self.generation);
            let group = GROUP.to_owned();
            self.push(What::Commit { op, who, group, generation, transaction: None, offsets });
            self.committed[partition] = next;
            self.push(What::ok(op));
        }
        if self.dice.chance(30) {
            let op = self.history.op();
            self.push(What::Committed { op, who: "w".to_owned(), group: GROUP.to_owned() });
            let mut ok = What::ok(op);
            if let What::Ok { offsets, .. } = &mut ok {
                for (partition, offset) in self.committed.iter().enumerate() {
                    let (topic, partition) = place(partition);
                    offsets.push(Committed { topic, partition, offset: *offset });
                }
            }
            self.push(ok);
        }
    }

    fn share(&mut self) {
        let partition = self.dice.below(PARTITIONS);
        for index in 0..self.stable(partition) {
            self.share_one(partition, index, 40);
        }
    }

    fn share_one(&mut self, partition: usize, index: usize, percent: usize) {
        let (count, until, is_done) = self.shared.get(&(partition, index)).copied().unwrap_or_default();
        if is_done || until > self.at || !self.dice.chance(percent) {
            return;
        }
        let (who, (topic, at)) = (format!("c{}", self.dice.below(3)), place(partition));
        let (first, last) = (offset(index), offset(index));
        let (count, until) = (count + 1, self.at + 20);
        let group = SHARE.to_owned();
        self.push(What::Acquired {
            who: who.clone(),
            group: group.clone(),
            topic: topic.clone(),
            partition: at,
            first,
            last,
            count,
            until,
        });
        let mut now = (count, until, false);
        if self.dice.chance(70) {
            let how = [How::Accept, How::Release, How::Reject][self.dice.below(3)];
            let op = self.history.op();
            self.push(What::Acknowledge { op, who, group, topic, partition: at, first, last, how });
            self.push(What::ok(op));
            now = (count, 0, how != How::Release);
        }
        self.shared.insert((partition, index), now);
    }

    /// Everything comes to its end, and is read once more.
    fn settle(mut self) -> History {
        for producer in 0..3 {
            while self.open.contains_key(&producer) {
                self.end();
            }
        }
        while !self.answers.is_empty() {
            self.answer();
        }
        for partition in 0..PARTITIONS {
            for index in 0..self.logs[partition].len() {
                while !self.shared.contains_key(&(partition, index)) {
                    self.share_one(partition, index, 100);
                }
            }
        }
        self.push(What::Settled {});
        self.push(What::Audit { who: "last".to_owned() });
        for partition in 0..PARTITIONS {
            let isolation = Isolation::ReadCommitted;
            let records = self.read(partition, 0, self.logs[partition].len(), isolation);
            let (topic, partition) = place(partition);
            let who = "last".to_owned();
            self.push(What::Poll {
                who,
                topic,
                partition,
                records,
                isolation,
                group: None,
                transaction: None,
            });
        }
        self.history
    }
}

proptest! {
    #[test]
    fn a_broker_without_fault_is_not_found_fault_with(seed: u64, steps in 0_usize..600) {
        let mut world = World::new(seed);
        for _ in 0..steps {
            world.step();
        }
        let history = world.settle();
        let report = check(&history);
        prop_assert!(report.is_clean(), "{}\n{}", history.write(), report);
        prop_assert_eq!(History::read(&history.write()).unwrap(), history);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(\\{\"at\":[0-9]{1,3},\"type\":\"(send|ok|poll|settled|audit)\"(,\"(op|who|offset|records|x)\":([0-9]{1,20}|\"[a-z]*\"|\\[\\]))*\\}\n|.*\n){0,8}") {
        if let Ok(history) = History::read(&text) {
            check(&history);
        }
    }
}

#[test]
fn a_line_that_is_no_event_is_told_with_its_number() {
    for (line, says) in [
        ("{}", "at"),
        (r#"{"at":-1,"type":"settled"}"#, "at"),
        (r#"{"at":1,"type":"sent"}"#, "unknown variant `sent`"),
        (r#"{"at":1,"type":"ok","op":1,"offest":3}"#, "unknown field `offest`"),
        (r#"{"at":1,"type":"audit"}"#, "missing field `who`"),
    ] {
        let text = format!("# a history\n\n{line}\n");
        let error = History::read(&text).unwrap_err().to_string();
        assert!(error.starts_with("line 3: ") && error.contains(says), "{error}");
    }
}
