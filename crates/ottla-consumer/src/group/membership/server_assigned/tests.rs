//! A member at a coordinator that the test plays.

use super::*;

const TOPIC: Uuid = Uuid::from_u128(7);
const HERE: Presence = Presence::Here;

/// A member at a coordinator that this test plays.
struct Play {
    member: ServerAssigned,
    now: Instant,
    steps: Vec<Step>,
}

impl Play {
    fn new(instance: Option<&str>) -> Self {
        let second = Duration::from_secs(1);
        let rules = Rules {
            group_id: "g".into(),
            instance_id: instance.map(|name| Str::from(name.to_owned())),
            session_timeout: 45 * second,
            heartbeat_interval: 3 * second,
            max_poll_interval: 300 * second,
            request_timeout: 30 * second,
            assignors: Vec::new(),
            rack: Some("r".into()),
            backoff: Backoff::new(second / 10, second),
        };
        let now = Instant::now();
        let mut member = ServerAssigned::new(rules, Some("uniform".into()), Rng::new(1), now);
        member.subscribe(now, BTreeSet::from(["t".into()]));
        member.names([(TOPIC, "t".into())]);
        Self { member, now, steps: Vec::new() }
    }

    /// The heartbeat that is due now, if one is.
    fn beat(&mut self) -> Option<(Ticket, ConsumerGroupHeartbeatRequest)> {
        while let Some(step) = self.member.poll(self.now, HERE) {
            match step {
                Step::Find => self.member.found(self.now, Ok(NodeId(1))),
                Step::Send { ticket, ask: Ask::Assigning(request), .. } => return Some((ticket, *request)),
                step => self.steps.push(step),
            }
        }
        None
    }

    fn wait_for_beat(&mut self) -> (Ticket, ConsumerGroupHeartbeatRequest) {
        loop {
            if let Some(beat) = self.beat() {
                return beat;
            }
            self.now = self.member.poll_timeout(HERE).expect("something is due").max(self.now);
        }
    }

    fn answer(&mut self, ticket: Ticket, epoch: i32, assigned: Option<&[i32]>) {
        let mut answer = ConsumerGroupHeartbeatResponse::default();
        (answer.member_epoch, answer.heartbeat_interval_ms) = (epoch, 5_000);
        answer.assignment = assigned.map(|partitions| {
            let mut topic = TopicPartitions::default();
            (topic.topic_id, topic.partitions) = (TOPIC, I32Array::from(partitions.to_vec()));
            let mut assignment = Assignment::default();
            assignment.topic_partitions = vec![topic];
            assignment
        });
        self.member.answered(self.now, ticket, Ok(Answer::Assigning(answer)));
    }

    fn refuse(&mut self, ticket: Ticket, code: ErrorCode) {
        let mut answer = ConsumerGroupHeartbeatResponse::default();
        answer.error_code = code;
        self.member.answered(self.now, ticket, Ok(Answer::Assigning(answer)));
    }

    /// Joins and gets these partitions, and tells the coordinator that it has them.
    fn join(&mut self, partitions: &[i32]) {
        let (ticket, _) = self.wait_for_beat();
        self.answer(ticket, 1, Some(partitions));
        let (ticket, _) = self.wait_for_beat();
        self.answer(ticket, 1, None);
        self.steps.clear();
    }

    fn wait_for_failure(&mut self) {
        assert!(
            self.beat().is_none() && matches!(self.steps.last(), Some(Step::Fail(_))),
            "{:?}",
            self.steps
        );
    }

    fn owned(&self) -> Vec<i32> {
        self.member.owned.keys().map(|of| of.partition).collect()
    }
}

/// The partitions that a heartbeat says are owned.
fn said(request: &ConsumerGroupHeartbeatRequest) -> Option<Vec<i32>> {
    let topics = request.topic_partitions.as_ref()?;
    Some(topics.iter().flat_map(|topic| topic.partitions.iter().copied()).collect())
}

#[test]
fn the_first_heartbeat_tells_everything_and_the_next_ones_what_is_new() {
    let mut play = Play::new(None);
    let (ticket, first) = play.wait_for_beat();
    assert_eq!((first.member_epoch, first.rebalance_timeout_ms, said(&first)), (0, 300_000, Some(vec![])));
    assert_eq!(first.subscribed_topic_names, Some(vec!["t".into()]));
    assert_eq!((first.server_assignor, first.rack_id), (Some("uniform".into()), Some("r".into())));
    assert_eq!(first.member_id.len(), 22);
    play.answer(ticket, 1, Some(&[0, 2]));
    let (ticket, second) = play.beat().expect("what it has is told at once");
    assert_eq!((second.member_epoch, second.rebalance_timeout_ms, said(&second)), (1, -1, Some(vec![0, 2])));
    assert_eq!((second.subscribed_topic_names, second.server_assignor), (None, None));
    play.answer(ticket, 1, None);
    let before = play.now;
    let (_, third) = play.wait_for_beat();
    assert_eq!(play.now - before, Duration::from_secs(5), "the coordinator says how often");
    assert_eq!((said(&third), third.subscribed_topic_names), (None, None));
}

#[test]
fn after_an_answer_that_was_lost_everything_is_told_again() {
    let mut play = Play::new(None);
    play.join(&[0, 1]);
    let (ticket, _) = play.wait_for_beat();
    play.member.answered(play.now, ticket, Err(ottla_client::Error::UnknownNode(NodeId(1))));
    let (_, again) = play.wait_for_beat();
    assert_eq!((again.member_epoch, said(&again)), (1, Some(vec![0, 1])));
}

#[test]
fn what_is_taken_away_is_given_up_by_the_user_before_that_is_told() {
    let mut play = Play::new(None);
    play.join(&[0, 1]);
    let (ticket, _) = play.wait_for_beat();
    play.answer(ticket, 2, Some(&[1, 3]));
    let (ticket, during) = play.wait_for_beat();
    assert_eq!(said(&during), Some(vec![0, 1, 3]), "it has it still");
    let released = play.steps.iter().find_map(|step| match step {
        Step::Revoke(ticket, partitions) => Some((*ticket, partitions[0].partition)),
        _ => None,
    });
    let (revoked, index) = released.expect("something is given up");
    assert_eq!(index, 0);
    play.answer(ticket, 2, None);
    play.member.released(play.now, revoked);
    let (_, after) = play.beat().expect("it is told at once");
    assert_eq!((said(&after), play.owned()), (Some(vec![1, 3]), vec![1, 3]));
}

#[test]
fn who_loses_everything_joins_anew_as_somebody_else() {
    let fenced = |play: &mut Play| {
        let (ticket, _) = play.wait_for_beat();
        play.refuse(ticket, ErrorCode::FENCED_MEMBER_EPOCH);
    };
    let forgotten = |play: &mut Play| {
        let (ticket, _) = play.wait_for_beat();
        play.refuse(ticket, ErrorCode::UNKNOWN_MEMBER_ID);
    };
    // A coordinator that cannot be reached knows nothing of it, and commits may still be on their way there.
    let out_of_touch = |play: &mut Play| play.now += Duration::from_secs(45);
    let ways: [fn(&mut Play); 3] = [fenced, out_of_touch, forgotten];
    for (lose, leaves) in ways.into_iter().zip([true, true, false]) {
        let mut play = Play::new(None);
        play.join(&[0]);
        let before = play.member.member_id.clone();
        lose(&mut play);
        let (ticket, mut next) = play.beat().expect("at once");
        assert_eq!(play.member.identity(), None, "nobody commits under a name that is none");
        if leaves {
            assert_eq!((next.member_epoch, next.member_id), (LEAVING, before.clone()));
            play.refuse(ticket, ErrorCode::UNKNOWN_MEMBER_ID);
            (_, next) = play.beat().expect("whatever comes of it");
        }
        assert_eq!((next.member_epoch, said(&next)), (0, Some(vec![])));
        assert_ne!(next.member_id, before);
        assert!(matches!(play.steps.last(), Some(Step::Lose(lost)) if lost.len() == 1), "{:?}", play.steps);
    }
}

#[test]
fn who_comes_back_under_its_name_waits_until_it_is_free() {
    let mut play = Play::new(Some("i"));
    play.join(&[0]);
    play.now += Duration::from_secs(45);
    let (ticket, leaves) = play.beat().expect("it leaves");
    assert_eq!(leaves.member_epoch, LEAVING_FOR_A_WHILE);
    play.member.answered(play.now, ticket, Err(ottla_client::Error::UnknownNode(NodeId(1))));
    let (ticket, joins) = play.beat().expect("it comes back");
    play.refuse(ticket, ErrorCode::UNRELEASED_INSTANCE_ID);
    let (ticket, again) = play.wait_for_beat();
    assert_eq!((again.member_epoch, again.member_id), (0, joins.member_id));
    play.answer(ticket, 3, Some(&[0]));
    let (ticket, _) = play.wait_for_beat();
    // Who is told so as a member is another's double.
    play.refuse(ticket, ErrorCode::UNRELEASED_INSTANCE_ID);
    play.wait_for_failure();
}

#[test]
fn a_commit_of_an_old_epoch_waits_for_the_new_one() {
    let mut play = Play::new(None);
    play.join(&[0]);
    let verdict = play.member.commit_refused(play.now, 1, ErrorCode::STALE_MEMBER_EPOCH);
    assert_eq!((verdict, play.member.is_stable()), (Verdict::Later, false));
    let (ticket, _) = play.beat().expect("it is asked for at once");
    play.answer(ticket, 2, None);
    assert!(play.member.is_stable());
    let verdict = play.member.commit_refused(play.now, 1, ErrorCode::STALE_MEMBER_EPOCH);
    assert_eq!((verdict, play.member.is_stable()), (Verdict::Later, true), "an answer that was late");
}

#[test]
fn a_static_member_says_that_it_will_be_back() {
    for (instance, epoch) in [(None, LEAVING), (Some("i"), LEAVING_FOR_A_WHILE)] {
        let mut play = Play::new(instance);
        play.join(&[0]);
        play.member.leave();
        let (ticket, last) = play.beat().expect("it leaves at once");
        assert_eq!(last.member_epoch, epoch);
        play.answer(ticket, epoch, None);
        assert!(play.member.is_out());
        assert!(play.beat().is_none(), "there is nothing left to say");
    }
}

#[test]
fn what_has_no_name_yet_is_taken_once_it_has_one() {
    let mut play = Play::new(None);
    play.member.ids.clear();
    let (ticket, _) = play.wait_for_beat();
    play.answer(ticket, 1, Some(&[0]));
    assert_eq!(play.owned(), Vec::<i32>::new());
    play.member.names([(TOPIC, "t".into())]);
    assert_eq!(play.owned(), [0]);
}
