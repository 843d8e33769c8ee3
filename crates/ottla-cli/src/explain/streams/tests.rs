//! Conversations that are cut, repeated, lost and begun before the capture.

use bytes::Bytes;

use super::*;

const CLIENT: &str = "10.0.0.1:40000";
const BROKER: &str = "10.0.0.2:9092";

fn framed(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], body].concat()
}

/// A `Heartbeat` v1 and its answer.
fn heartbeat(number: u8) -> (Vec<u8>, Vec<u8>) {
    let request =
        [&b"\0\x0c\0\x01\0\0\0"[..], &[number], b"\0\x02me\0\x07billing\0\0\0\x05\0\x03m-1"].concat();
    let answer = [&[0, 0, 0, number][..], &[0; 6]].concat();
    (framed(&request), framed(&answer))
}

/// One direction of a connection, and the number of its next byte.
struct Line {
    from: SocketAddr,
    to: SocketAddr,
    next: u32,
}

impl Line {
    fn pair(first: u32) -> (Self, Self) {
        let (client, broker) = (CLIENT.parse().unwrap(), BROKER.parse().unwrap());
        (Self { from: client, to: broker, next: first }, Self { from: broker, to: client, next: first ^ 77 })
    }

    fn segment(&mut self, data: &[u8]) -> Segment {
        let segment = Segment {
            from: self.from,
            to: self.to,
            sequence: self.next,
            begins: false,
            accepts: false,
            data: Bytes::copy_from_slice(data),
        };
        self.next = self.next.wrapping_add(u32::try_from(data.len()).unwrap());
        segment
    }

    fn begin(&mut self, accepts: bool) -> Segment {
        let segment = Segment { begins: !accepts, accepts, ..self.segment(&[]) };
        self.next = self.next.wrapping_add(1);
        segment
    }
}

fn said(told: &Told) -> String {
    match told {
        Told::Message { from, explained, .. } => {
            let side = if from.port() == 9092 { "broker" } else { "client" };
            let trouble = explained.trouble.as_ref().map_or("", |trouble| &trouble.what);
            format!("{side}: {}{trouble}", explained.title)
        }
        Told::Gap { bytes, .. } => format!("{bytes} missing"),
        Told::Broken { what, .. } => format!("broken: {what}"),
        Told::Unfinished { bytes, .. } => format!("{bytes} unfinished"),
    }
}

fn explained(segments: &[Segment]) -> Vec<String> {
    let mut streams = Streams::new(Vec::new());
    let mut told: Vec<_> = segments.iter().flat_map(|segment| streams.take(segment)).collect();
    told.extend(streams.end());
    told.iter().map(said).collect()
}

const REQUEST: &str = "client: HeartbeatRequest v1";
const ANSWER: &str = "broker: HeartbeatResponse v1";

#[test]
fn an_answer_is_explained_by_its_request_however_segments_are_cut_and_numbered() {
    let (request, answer) = heartbeat(7);
    for first in [0, 1_000, u32::MAX - 20] {
        for cut in 0..request.len() {
            let (mut client, mut broker) = Line::pair(first);
            let segments = [
                client.begin(false),
                broker.begin(true),
                client.segment(&request[..cut]),
                client.segment(&request[cut..]),
                broker.segment(&answer),
            ];
            assert_eq!(explained(&segments), [REQUEST, ANSWER], "cut at {cut}, first {first}");
        }
    }
}

#[test]
fn segments_may_come_in_any_order_and_more_than_once() {
    let (mut client, mut broker) = Line::pair(u32::MAX - 30);
    let mut segments = vec![client.begin(false), broker.begin(true)];
    let requests = [heartbeat(1).0, heartbeat(2).0].concat();
    let begun = client.next;
    for piece in requests.chunks(9) {
        segments.push(client.segment(piece));
    }
    // What is sent again may be cut elsewhere.
    client.next = begun;
    for piece in requests.chunks(14) {
        segments.push(client.segment(piece));
    }
    segments[2..].reverse();
    let answers = [heartbeat(1).1, heartbeat(2).1].concat();
    segments.push(broker.segment(&answers));
    segments.push(segments[1].clone());
    segments.push(segments[0].clone());
    assert_eq!(explained(&segments), [REQUEST, REQUEST, ANSWER, ANSWER]);
}

#[test]
fn bytes_that_the_capture_lacks_are_told_and_the_rest_is_explained() {
    let (mut client, mut broker) = Line::pair(5);
    let mut segments = vec![client.begin(false), broker.begin(true)];
    segments.push(client.segment(&heartbeat(1).0));
    let lost = client.segment(&heartbeat(2).0);
    segments.push(client.segment(&heartbeat(3).0));
    segments.push(broker.segment(&heartbeat(1).1));
    segments.push(broker.segment(&heartbeat(3).1));
    let missing = format!("{} missing", lost.data.len());
    // The last answer comes before it is known that nothing comes before the last request.
    let unseen = "broker: a responseit answers no request that was seen";
    assert_eq!(explained(&segments), [REQUEST, ANSWER, unseen, &missing, REQUEST]);
}

#[test]
fn what_is_missing_is_not_waited_for_forever() {
    let (mut client, _) = Line::pair(5);
    let mut streams = Streams::new(Vec::new());
    let mut told = Vec::new();
    told.extend(streams.take(&client.begin(false)));
    told.extend(streams.take(&client.segment(&heartbeat(1).0)));
    let lost = client.segment(b"lost");
    for _ in 0..1_100 {
        told.extend(streams.take(&client.segment(&heartbeat(2).0)));
    }
    assert_eq!(told.iter().map(said).filter(|said| said == REQUEST).count(), 1_101);
    assert_eq!(told.iter().map(said).filter(|said| said.contains("missing")).count(), 1);
    assert_eq!(lost.data.len(), 4);
    assert_eq!(streams.held, 0);
}

#[test]
fn a_conversation_that_began_before_the_capture_is_entered_at_a_frame() {
    let (mut client, mut broker) = Line::pair(900);
    let (request, answer) = heartbeat(1);
    let segments = [
        broker.segment(&answer[5..]),
        client.segment(&request[7..]),
        broker.segment(&heartbeat(2).1),
        client.segment(&heartbeat(3).0),
        broker.segment(&heartbeat(3).1),
    ];
    assert_eq!(explained(&segments), [REQUEST, ANSWER]);
}

#[test]
fn other_protocols_are_counted_and_left_alone() {
    let (mut client, mut broker) = Line::pair(900);
    let mut streams = Streams::new(Vec::new());
    for segment in [client.begin(false), broker.begin(true), client.segment(b"GET / HTTP/1.1\r\n\r\n")] {
        assert!(streams.take(&segment).is_empty());
    }
    assert!(streams.take(&broker.segment(&heartbeat(1).1)).is_empty());
    assert_eq!((streams.others(), streams.held), (1, 0));
    assert!(streams.end().is_empty());
}

#[test]
fn the_same_ports_may_carry_another_connection() {
    let (mut client, mut broker) = Line::pair(900);
    let (request, answer) = heartbeat(1);
    let mut segments = vec![client.begin(false), client.segment(&request[..5])];
    client.next = 70_000;
    segments.extend([client.begin(false), broker.begin(true), client.segment(&request)]);
    segments.push(broker.segment(&answer));
    assert_eq!(explained(&segments), [REQUEST, ANSWER]);
}

#[test]
fn only_connections_of_the_ports_asked_for_are_explained() {
    let (mut client, _) = Line::pair(900);
    let segments = [client.begin(false), client.segment(&heartbeat(1).0)];
    for (port, expected) in [(9_092, 1), (40_000, 0), (1, 0)] {
        let mut streams = Streams::new(vec![port]);
        let told: usize = segments.iter().map(|segment| streams.take(segment).len()).sum();
        assert_eq!(told, expected, "port {port}");
    }
}

#[test]
fn a_frame_that_goes_on_behind_the_capture_and_one_that_cannot_be_are_told() {
    let (mut client, _) = Line::pair(900);
    let request = heartbeat(1).0;
    let begin = [client.begin(false), client.segment(&request)];
    let cut = [&begin[..], &[client.segment(&request[..9])]].concat();
    assert_eq!(explained(&cut), [REQUEST, "9 unfinished"]);
    client.next = begin[1].sequence + u32::try_from(request.len()).unwrap();
    let wrong = [&begin[..], &[client.segment(b"\xff\xff\xff\xff"), client.segment(&request)]].concat();
    let told = explained(&wrong);
    assert!(told[1].starts_with("broken: ") && told.len() == 3, "{told:?}");
    assert_eq!(told[2], REQUEST);
}
