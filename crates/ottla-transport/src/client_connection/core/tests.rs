//! The client's core without a connection: answers in, waiters out.

use proptest::prelude::*;

use super::*;

const TIMEOUT: Duration = Duration::from_secs(30);

fn start() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "any moment will do, and there is no other way to get one")]
    Instant::now()
}

/// A frame with its size prefix that answers request `id` with `body`.
fn answer(id: i32, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 4).unwrap();
    [&size.to_be_bytes()[..], &id.to_be_bytes(), body].concat()
}

/// A core with requests 0, 1, 2... of ten bytes each in flight, waited for by their numbers.
fn core(in_flight: i32) -> Core<i32> {
    let mut core = Core::new(1_000);
    for id in 0..in_flight {
        core.send(start(), id, 10, TIMEOUT, id);
    }
    core
}

proptest! {
    #[test]
    fn the_same_answers_come_out_however_bytes_are_cut(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..20),
        cuts in proptest::collection::vec(1_usize..200, 1..20),
    ) {
        let mut core = core(i32::try_from(bodies.len()).unwrap());
        let stream: Vec<u8> = (0..).zip(&bodies).flat_map(|(id, body)| answer(id, body)).collect();
        let mut answers = Vec::new();
        let (mut rest, mut cuts) = (&stream[..], cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
            rest = after;
            core.read_buf().extend_from_slice(piece);
            while let Some(answer) = core.poll_response().unwrap() {
                answers.push(answer);
            }
        }
        prop_assert_eq!(answers.len(), bodies.len());
        for ((id, (waiter, frame)), body) in (0..).zip(&answers).zip(&bodies) {
            prop_assert_eq!(*waiter, id);
            prop_assert_eq!(&frame[4..], &body[..]);
        }
        prop_assert!(core.is_idle(|_| true) == bodies.is_empty(), "nothing was written yet");
    }

    #[test]
    fn any_bytes_are_answers_or_the_end(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let mut core = core(3);
        core.read_buf().extend_from_slice(&bytes);
        while let Ok(Some(_)) = core.poll_response() {}
    }
}

#[test]
fn an_answer_out_of_turn_is_final() {
    let mut two = core(2);
    two.read_buf().extend_from_slice(&answer(1, b"x"));
    let error = two.poll_response().unwrap_err();
    assert!(matches!(error, Disconnect::WrongCorrelationId { expected: 0, actual: 1 }), "{error}");

    let mut none = core(0);
    none.read_buf().extend_from_slice(&answer(0, b"x"));
    assert!(matches!(none.poll_response().unwrap_err(), Disconnect::Unrequested));

    let mut short = core(1);
    short.read_buf().extend_from_slice(&[0, 0, 0, 2, 0, 0]);
    assert!(matches!(short.poll_response().unwrap_err(), Disconnect::AnswerTooShort { size: 2 }));

    let mut large = core(1);
    large.read_buf().extend_from_slice(&[0, 1, 0, 0]);
    assert!(matches!(large.poll_response().unwrap_err(), Disconnect::Frame(_)));
}

#[test]
fn the_first_deadline_ends_all_and_only_its_own_requests_are_out_of_time() {
    let mut core = Core::new(1_000);
    let now = start();
    core.send(now, 0, 10, Duration::from_secs(9), "long");
    core.send(now, 1, 10, Duration::from_secs(3), "short");
    assert_eq!(core.poll_timeout(), Some(now + Duration::from_secs(3)));
    assert_eq!(core.handle_timeout(now + Duration::from_secs(2)), Ok(()));
    let late = now + Duration::from_secs(3);
    assert_eq!(core.handle_timeout(late), Err(TimedOut { after: Duration::from_secs(3) }));
    let given_up: Vec<_> = core.give_up(Some(late)).map(|(waiter, _, expired)| (waiter, expired)).collect();
    assert_eq!(given_up, [("long", None), ("short", Some(Duration::from_secs(3)))]);
    assert_eq!(core.poll_timeout(), None);
}

#[test]
fn a_deadline_that_was_met_moves_on() {
    let mut core = core(1);
    core.read_buf().extend_from_slice(&answer(0, b""));
    assert!(core.poll_response().unwrap().is_some());
    core.send(start() + TIMEOUT, 1, 10, TIMEOUT, 1);
    let first = core.poll_timeout().unwrap();
    core.handle_timeout(first).unwrap();
    assert!(core.poll_timeout().unwrap() > first);
}

#[test]
fn what_was_never_written_was_surely_not_sent() {
    for (written, expected) in
        [(10, [Sent::Perhaps, Sent::No, Sent::No]), (11, [Sent::Perhaps, Sent::Perhaps, Sent::No])]
    {
        let mut core = core(3);
        core.handle_write(written);
        let sent: Vec<_> = core.give_up(None).map(|(_, sent, _)| sent).collect();
        assert_eq!(sent, expected);
    }
}

#[test]
fn a_request_without_an_answer_is_done_when_it_is_written() {
    let mut core = core(1);
    core.send_oneway(5);
    core.send_oneway(5);
    assert_eq!(core.handle_write(14), 0);
    assert_eq!(core.handle_write(15), 1);
    assert_eq!(core.handle_write(20), 1);
    assert_eq!(core.handle_write(20), 0);
}
