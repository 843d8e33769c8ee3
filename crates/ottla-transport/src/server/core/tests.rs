//! The server's core without a server: bytes in, requests out.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn start() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "any moment will do, and there is no other way to get one")]
    Instant::now()
}

fn core(config: &ServerConfig) -> Core {
    Core::new(config, start())
}

/// A frame with its size prefix: API key, version 0, correlation id 0, body.
fn framed(api_key: u8, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + HEADER_BYTES_MIN).unwrap();
    [&size.to_be_bytes()[..], &[0, api_key, 0, 0, 0, 0, 0, 0], body].concat()
}

/// Feeds bytes as a shell would: reading only while the core wants it, granting what it asks for.
fn feed(core: &mut Core, mut bytes: &[u8], mut cut: impl FnMut() -> usize, requests: &mut Vec<Bytes>) {
    while !bytes.is_empty() {
        while let Some(request) = core.poll_request(|_| false).unwrap() {
            requests.push(request);
        }
        if core.wanted_bytes().is_some() {
            core.grant(false, start());
        }
        assert!(core.wants_read(), "bytes are left, and nothing is waited for");
        let room = {
            let buf = core.read_buf();
            buf.capacity() - buf.len()
        };
        assert!(room > 0, "a read without room");
        let count = cut().clamp(1, room).min(bytes.len());
        core.read_buf().extend_from_slice(&bytes[..count]);
        bytes = &bytes[count..];
        core.handle_read(count, start());
    }
    while let Some(request) = core.poll_request(|_| false).unwrap() {
        requests.push(request);
    }
}

/// Sizes of bodies: mostly small, some around and above what needs the budget.
fn any_body_size() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0_usize..300, 1 => FREE_BYTES - 20..FREE_BYTES + 20, 1 => 0_usize..400_000]
}

proptest! {
    #[test]
    fn the_same_requests_come_out_however_bytes_are_cut(
        sizes in proptest::collection::vec(any_body_size(), 0..12),
        cuts in proptest::collection::vec(prop_oneof![1_usize..20, 1_usize..100_000], 1..20),
    ) {
        let bodies: Vec<Vec<u8>> = sizes.iter().enumerate().map(|(index, &size)| {
            (0..size).map(|at| u8::try_from((at * 31 + index) % 251).unwrap()).collect()
        }).collect();
        let stream: Vec<u8> = bodies.iter().flat_map(|body| framed(3, body)).collect();
        let mut core = core(&ServerConfig::default());
        let mut requests = Vec::new();
        let mut cuts = cuts.into_iter().cycle();
        feed(&mut core, &stream, || cuts.next().unwrap(), &mut requests);
        prop_assert_eq!(requests.len(), bodies.len());
        for (request, body) in requests.iter().zip(&bodies) {
            prop_assert_eq!(&request[HEADER_BYTES_MIN..], &body[..]);
        }
    }

    #[test]
    fn any_bytes_are_requests_or_a_violation_and_cost_what_they_weigh(
        bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
        plausible in any::<bool>(),
    ) {
        let mut core = core(&ServerConfig::default());
        let mut bytes = bytes;
        if plausible && bytes.len() > 5 {
            // The size of something large, and the start of a header.
            bytes[..5].copy_from_slice(&[0, 0x10, 0, 0, 0]);
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() && core.wants_read() {
            let buf = core.read_buf();
            prop_assert!(buf.capacity() <= FREE_BYTES + READ_BYTES_MIN, "{} bytes reserved", buf.capacity());
            let count = (buf.capacity() - buf.len()).min(rest.len());
            buf.extend_from_slice(&rest[..count]);
            rest = &rest[count..];
            core.handle_read(count, start());
            loop {
                match core.poll_request(|_| true) {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => return Ok(()),
                }
            }
        }
    }
}

#[test]
fn an_announced_size_reserves_only_what_arrived_earns() {
    let mut core = core(&ServerConfig::default());
    let size = 90_u32 << 20;
    core.read_buf().extend_from_slice(&size.to_be_bytes());
    core.read_buf().extend_from_slice(&[0, 3, 0, 0, 0, 0, 0, 0]);
    core.handle_read(12, start());
    assert!(core.poll_request(|_| false).unwrap().is_none());
    assert_eq!(core.wanted_bytes(), None);
    assert!(core.read_buf().capacity() <= 2 * READ_BYTES_MIN);
    let arrived = vec![0; 1 << 20];
    core.read_buf().extend_from_slice(&arrived);
    core.handle_read(arrived.len(), start());
    // A few times what arrived, and the same until it is given.
    assert_eq!(core.wanted_bytes(), Some(4 * (arrived.len() + 8)));
    assert_eq!(core.wanted_bytes(), Some(4 * (arrived.len() + 8)));
    core.grant(false, start());
    assert_eq!(core.wanted_bytes(), None);
    assert!(core.read_buf().capacity() <= 5 << 20, "{}", core.read_buf().capacity());
}

#[test]
fn reading_a_large_request_stops_at_64_kib_until_the_budget_grants_it() {
    let mut core = core(&ServerConfig::default());
    let stream = framed(0, &vec![1; 1 << 20]);
    let mut rest = &stream[..];
    while core.wants_read() {
        let buf = core.read_buf();
        let count = (buf.capacity() - buf.len()).min(rest.len());
        buf.extend_from_slice(&rest[..count]);
        rest = &rest[count..];
        core.handle_read(count, start());
        assert!(core.poll_request(|_| false).unwrap().is_none());
    }
    assert!(stream.len() - rest.len() <= FREE_BYTES + PREFIX_BYTES);
    assert!(core.wanted_bytes().is_some());
    core.grant(false, start());
    let mut requests = Vec::new();
    feed(&mut core, rest, || usize::MAX, &mut requests);
    assert_eq!(requests.len(), 1);
}

/// Reads `bytes`, which fit, in one go.
fn read(core: &mut Core, bytes: &[u8], now: Instant) {
    core.read_buf().extend_from_slice(bytes);
    core.handle_read(bytes.len(), now);
}

#[test]
fn only_requests_that_overlap_are_called_before_earlier_ones_are_answered() {
    let overlaps = |frame: &[u8]| frame[1] == 0;
    let mut core = core(&ServerConfig::default());
    let stream = [framed(0, b"a"), framed(0, b"b"), framed(3, b"c"), framed(0, b"d")].concat();
    read(&mut core, &stream, start());
    assert!(core.poll_request(overlaps).unwrap().is_some());
    core.handle_pending(true, true);
    assert!(core.poll_request(overlaps).unwrap().is_some());
    core.handle_pending(true, true);
    assert!(core.poll_request(overlaps).unwrap().is_none(), "c waits for a and b");
    core.handle_answer(start());
    assert!(core.poll_request(overlaps).unwrap().is_none(), "c waits for b");
    core.handle_answer(start());
    assert!(core.poll_request(overlaps).unwrap().is_some());
    core.handle_pending(false, true);
    assert!(core.poll_request(overlaps).unwrap().is_none(), "d waits for c, which lets nothing overlap");
    core.handle_answer(start());
    assert!(core.poll_request(overlaps).unwrap().is_some());
}

#[test]
fn no_more_than_the_limit_are_in_flight() {
    let mut core = core(&ServerConfig::default().with_in_flight_max(2));
    read(&mut core, &framed(0, b"a").repeat(3), start());
    for _ in 0..2 {
        assert!(core.poll_request(|_| true).unwrap().is_some());
        core.handle_pending(true, true);
    }
    assert!(core.poll_request(|_| true).unwrap().is_none());
    core.handle_answer(start());
    assert!(core.poll_request(|_| true).unwrap().is_some());
}

#[test]
fn past_the_budget_requests_are_taken_one_at_a_time() {
    let mut core = core(&ServerConfig::default());
    read(&mut core, &framed(0, b"a").repeat(2), start());
    assert!(core.poll_request(|_| true).unwrap().is_some());
    core.handle_pending(true, false);
    assert!(core.poll_request(|_| true).unwrap().is_none());
    core.handle_answer(start());
    assert!(core.poll_request(|_| true).unwrap().is_some());
}

#[test]
fn requests_wait_while_answers_pile_up() {
    let mut core = core(&ServerConfig::default());
    read(&mut core, &framed(0, b"a"), start());
    core.handle_unwritten(UNWRITTEN_BYTES_MAX);
    assert!(core.poll_request(|_| true).unwrap().is_none());
    core.handle_write(0, 0, 0, start());
    assert!(core.poll_request(|_| true).unwrap().is_some());
}

#[test]
fn time_counts_against_the_client_only_while_it_is_waited_for() {
    let config = ServerConfig::default();
    let opened = start();
    let mut core = Core::new(&config, opened);
    let after = |seconds| opened + Duration::from_secs(seconds);
    assert_eq!(core.poll_timeout(), Some(after(10)));
    assert_eq!(core.handle_timeout(after(10)), Err(Expired::FirstRequest(Duration::from_secs(10))));

    // A whole request, and a part of the next.
    read(&mut core, &framed(3, b"first"), after(1));
    assert!(core.poll_request(|_| false).unwrap().is_some());
    core.handle_pending(false, true);
    read(&mut core, &framed(3, b"second")[..7], after(2));
    assert!(core.poll_request(|_| false).unwrap().is_none());
    assert_eq!(core.poll_timeout(), Some(after(32)));
    assert_eq!(core.handle_timeout(after(32)), Err(Expired::Frame(Duration::from_secs(30))));

    // The rest comes; the first still waits here, and that is nobody's fault.
    read(&mut core, &framed(3, b"second")[7..], after(31));
    assert!(core.poll_request(|_| false).unwrap().is_none());
    assert_eq!(core.handle_timeout(after(100_000)), Ok(()));
    core.handle_answer(after(100_000));
    assert!(core.poll_request(|_| false).unwrap().is_some());
    assert_eq!(core.handle_timeout(after(100_000 + 599)), Ok(()));
    assert_eq!(core.handle_timeout(after(100_000 + 600)), Err(Expired::Idle(Duration::from_secs(600))));
}

#[test]
fn a_client_that_takes_no_answers_expires_and_one_that_takes_some_does_not() {
    let opened = start();
    let mut core = Core::new(&ServerConfig::default(), opened);
    let after = |seconds| opened + Duration::from_secs(seconds);
    read(&mut core, &framed(3, b"first"), opened);
    assert!(core.poll_request(|_| false).unwrap().is_some());
    core.handle_write(1_000, 1_000, 0, after(0));
    core.handle_write(900, 900, 100, after(59));
    assert_eq!(core.handle_timeout(after(118)), Ok(()));
    core.handle_write(900, 900, 100, after(118));
    assert_eq!(core.handle_timeout(after(119)), Err(Expired::Write(Duration::from_secs(60))));
    core.handle_write(0, 0, 1_000, after(119));
    assert_eq!(core.handle_timeout(after(120)), Ok(()));
}

#[test]
fn a_quiet_connection_holds_no_buffer() {
    let opened = start();
    let mut core = Core::new(&ServerConfig::default(), opened);
    assert!(core.holds_no_buffer());
    read(&mut core, &framed(3, b"first"), opened);
    drop(core.poll_request(|_| false).unwrap());
    assert_eq!(core.poll_timeout(), Some(opened + Duration::from_secs(1)));
    core.handle_timeout(opened + Duration::from_secs(1)).unwrap();
    assert!(core.holds_no_buffer());
}

#[test]
fn after_the_end_of_the_stream_whole_requests_are_called_and_parts_are_not() {
    let mut core = core(&ServerConfig::default());
    read(&mut core, &[framed(0, b"a"), framed(3, b"b"), framed(0, b"c")[..9].to_vec()].concat(), start());
    assert!(core.poll_request(|_| false).unwrap().is_some());
    core.handle_pending(false, true);
    assert!(core.poll_request(|_| false).unwrap().is_none());
    core.handle_read(0, start());
    assert!(!core.is_finished(), "b was received in full");
    core.handle_answer(start());
    assert!(core.poll_request(|_| false).unwrap().is_some());
    assert!(core.poll_request(|_| false).unwrap().is_none());
    assert!(core.is_finished());
}

#[test]
fn bytes_of_another_protocol_are_named() {
    for (bytes, looks) in [
        (&b"GET / HTTP/1.1\r\n"[..], "looks like an HTTP request"),
        (b"PRI * HTTP/2.0\r\n", "looks like an HTTP request"),
        (&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01], "looks like a TLS handshake"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "looks like an SSH client"),
        (&[0xff, 0xff, 0xff, 0xfe], "negative size -2"),
        (&[0x06, 0x40, 0x00, 0x01], "104857601 bytes exceeds socket.request.max.bytes of 104857600 bytes"),
        (&[0, 0, 0, 7], "7 bytes is too short"),
        (&[0, 0, 0, 40, 0x7f, 0xff, 0, 0, 0, 0, 0, 0], "api key 32767, version 0 is no Kafka request"),
    ] {
        let mut core = core(&ServerConfig::default());
        read(&mut core, bytes, start());
        let violation = core.poll_request(|_| false).unwrap_err().to_string();
        assert!(violation.contains(looks), "{violation}");
    }
    // Also where their size would be allowed.
    let mut core = core(&ServerConfig::default().with_frame_bytes_max(usize::MAX));
    read(&mut core, b"GET /", start());
    assert!(core.poll_request(|_| false).is_err());
}

#[test]
fn a_client_that_sends_large_requests_has_the_next_one_read_into_one_buffer() {
    let mut core = core(&ServerConfig::default());
    let stream = framed(0, &vec![1; 1 << 20]);
    let mut requests = Vec::new();
    feed(&mut core, &stream, || usize::MAX, &mut requests);
    let (start, rest) = stream.split_at(1_000);
    feed(&mut core, start, || usize::MAX, &mut requests);
    let (next, rest) = rest.split_at(1);
    feed(&mut core, next, || usize::MAX, &mut requests);
    let at = core.inbound.bytes().as_ptr();
    feed(&mut core, rest, || usize::MAX, &mut requests);
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].as_ptr(), at);
}
