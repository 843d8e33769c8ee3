//! When to ask for metadata, and for which topics.
//!
//! A state machine with neither network nor clock: needs, answers and failures go in, "ask now for
//! these topics" or "nothing before then" comes out. What an answer says is taken in by `cluster`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ottla_env::Rng;
use ottla_protocol::wire::Str;

use crate::backoff::Backoff;

/// What to do about metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask for these topics, and report the outcome.
    Ask(Question),
    /// Nothing to do before this moment, unless a need is reported.
    Wait(Instant),
}

/// Why somebody wants to know of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// To work with it: a broker may create what is not there.
    Use,
    /// To know what is there: asking changes nothing.
    Look,
}

/// The topics that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Question {
    /// Those that somebody works with.
    pub used: Vec<Str>,
    /// Those that are only looked at, and so not created.
    pub looked_at: Vec<Str>,
}

/// How many are interested in a topic.
#[derive(Debug, Default)]
struct Holders {
    users: usize,
    lookers: usize,
}

impl Holders {
    fn of(&mut self, interest: Interest) -> &mut usize {
        match interest {
            Interest::Use => &mut self.users,
            Interest::Look => &mut self.lookers,
        }
    }
}

/// Decides on refreshes: one at a time, when needed, and when the last answer is too old.
#[derive(Debug)]
pub(crate) struct Refresh {
    topics: BTreeMap<Str, Holders>,
    max_age: Duration,
    backoff: Backoff,
    wanted: bool,
    asking: bool,
    answered_at: Option<Instant>,
    not_before: Option<Instant>,
}

impl Refresh {
    pub(crate) fn new(max_age: Duration, backoff: Backoff) -> Self {
        Self {
            topics: BTreeMap::new(),
            max_age,
            backoff,
            wanted: true,
            asking: false,
            answered_at: None,
            not_before: None,
        }
    }

    /// Somebody needs news: a topic is not known, or a leader turned out to be wrong.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// Asks for `topic` too from now on. Each call is undone by one [`forget`](Self::forget).
    pub(crate) fn keep(&mut self, topic: &Str, interest: Interest) {
        let holders = self.topics.entry(topic.clone()).or_default();
        // The first who works with a topic may want it created, whoever looked at it before.
        let is_known = holders.users > 0 || (interest == Interest::Look && holders.lookers > 0);
        self.wanted |= !is_known;
        *holders.of(interest) += 1;
    }

    /// Undoes one [`keep`](Self::keep); says whether nobody is interested any more.
    pub(crate) fn forget(&mut self, topic: &str, interest: Interest) -> bool {
        let Some(holders) = self.topics.get_mut(topic) else { return false };
        *holders.of(interest) -= 1;
        if holders.users == 0 && holders.lookers == 0 {
            self.topics.remove(topic);
            return true;
        }
        false
    }

    fn question(&self) -> Question {
        let mut question = Question::default();
        for (topic, holders) in &self.topics {
            let topics = if holders.users > 0 { &mut question.used } else { &mut question.looked_at };
            topics.push(topic.clone());
        }
        question
    }

    /// What to do at `now`. After [`Step::Ask`], the next step is decided by its outcome.
    pub(crate) fn poll(&mut self, now: Instant) -> Step {
        let far = now + self.max_age.max(Duration::from_secs(1));
        if self.asking {
            return Step::Wait(far);
        }
        let due = match self.answered_at {
            Some(answered) if !self.wanted => answered + self.max_age,
            _ => now,
        };
        let due = self.not_before.map_or(due, |not_before| due.max(not_before));
        if due > now {
            return Step::Wait(due);
        }
        self.wanted = false;
        self.asking = true;
        Step::Ask(self.question())
    }

    /// The answer came. The next question waits for a moment even if it is wanted, because an answer
    /// that did not help will not help a millisecond later either.
    pub(crate) fn answered(&mut self, now: Instant, rng: &mut Rng, satisfied: bool) {
        self.asking = false;
        self.answered_at = Some(now);
        if satisfied {
            self.backoff.reset();
            self.not_before = None;
        } else {
            self.wanted = true;
            self.not_before = Some(now + self.backoff.next_wait(rng));
        }
    }

    /// No broker answered.
    pub(crate) fn failed(&mut self, now: Instant, rng: &mut Rng) {
        self.asking = false;
        self.wanted = true;
        self.not_before = Some(now + self.backoff.next_wait(rng));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_secs(300);

    fn refresh() -> (Refresh, Rng, Instant) {
        let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        (Refresh::new(AGE, backoff), Rng::new(1), Instant::now())
    }

    fn used(topic: &'static str) -> Question {
        Question { used: vec![Str::from(topic)], looked_at: Vec::new() }
    }

    fn asks(step: &Step) -> bool {
        matches!(step, Step::Ask(_))
    }

    #[test]
    fn the_first_thing_is_to_ask_and_there_is_one_question_at_a_time() {
        let (mut refresh, mut rng, now) = refresh();
        assert_eq!(refresh.poll(now), Step::Ask(Question::default()));
        refresh.want();
        assert!(!asks(&refresh.poll(now)));
        refresh.answered(now, &mut rng, true);
        assert!(asks(&refresh.poll(now)), "what was wanted during a question is asked after it");
    }

    #[test]
    fn an_answer_is_good_until_it_is_too_old() {
        let (mut refresh, mut rng, now) = refresh();
        refresh.poll(now);
        refresh.answered(now, &mut rng, true);
        assert_eq!(refresh.poll(now), Step::Wait(now + AGE));
        assert!(asks(&refresh.poll(now + AGE)));
    }

    #[test]
    fn a_new_topic_is_asked_for_at_once_and_for_as_long_as_somebody_needs_it() {
        let (mut refresh, mut rng, now) = refresh();
        refresh.poll(now);
        refresh.answered(now, &mut rng, true);
        refresh.keep(&Str::from("t"), Interest::Use);
        assert_eq!(refresh.poll(now), Step::Ask(used("t")));
        refresh.answered(now, &mut rng, true);
        refresh.keep(&Str::from("t"), Interest::Use);
        assert!(!asks(&refresh.poll(now)), "it is known already");
        assert!(!refresh.forget("t", Interest::Use));
        assert!(refresh.forget("t", Interest::Use));
        refresh.want();
        assert_eq!(refresh.poll(now), Step::Ask(Question::default()));
    }

    #[test]
    fn what_is_looked_at_is_asked_for_apart_until_somebody_uses_it() {
        let (mut refresh, mut rng, now) = refresh();
        let t = Str::from("t");
        refresh.keep(&t, Interest::Look);
        let looked_at = Question { used: Vec::new(), looked_at: vec![t.clone()] };
        assert_eq!(refresh.poll(now), Step::Ask(looked_at.clone()));
        refresh.answered(now, &mut rng, true);
        refresh.keep(&t, Interest::Look);
        assert!(!asks(&refresh.poll(now)), "it is known already");
        refresh.keep(&t, Interest::Use);
        assert_eq!(refresh.poll(now), Step::Ask(used("t")));
        refresh.answered(now, &mut rng, true);
        assert!(!refresh.forget("t", Interest::Use));
        refresh.want();
        assert_eq!(refresh.poll(now), Step::Ask(looked_at));
        refresh.answered(now, &mut rng, true);
        assert!(!refresh.forget("t", Interest::Look));
        assert!(refresh.forget("t", Interest::Look));
    }

    #[test]
    fn failures_and_answers_that_do_not_help_are_spaced_out() {
        let (mut refresh, mut rng, mut now) = refresh();
        let mut waits = Vec::new();
        for round in 0..6 {
            assert!(asks(&refresh.poll(now)));
            if round % 2 == 0 {
                refresh.failed(now, &mut rng)
            } else {
                refresh.answered(now, &mut rng, false)
            }
            refresh.want();
            let Step::Wait(until) = refresh.poll(now) else { panic!("asked again at once") };
            waits.push(until - now);
            now = until;
        }
        assert!(waits[0] < waits[2] && waits[2] < waits[4], "{waits:?}");
        assert!(waits[5] <= Duration::from_millis(1_200));
    }
}
