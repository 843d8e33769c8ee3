//! Bytes that are no Kafka requests: one clear line in the log, and the next client is served.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use ottla_transport::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::support::{World, ask, echo_service};

/// Keeps the lines of a log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                write!(self.0, "{}={value:?} ", field.name()).unwrap();
            }
        }
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn another_protocol_is_closed_with_one_line_and_the_next_client_is_served() {
    for (bytes, looks) in [
        (&b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], "looks like an HTTP request"),
        (b"POST / HTTP/1.1\r\n\r\n", "looks like an HTTP request"),
        (&[0x16, 0x03, 0x01, 0x00, 0xf4, 0x01, 0x00, 0x00], "looks like a TLS handshake"),
        (&[0x7f, 0xff, 0xff, 0xff], "2147483647 bytes exceeds socket.request.max.bytes of 104857600 bytes"),
        (&[0xff, 0xff, 0xff, 0xff], "negative size -1"),
        (&[0, 0, 0, 0], "0 bytes is too short for a request header"),
        (
            &[0, 0, 1, 0, 0x55, 0xaa, 0x55, 0xaa, 0, 0, 0, 0],
            "api key 21930, version 21930 is no Kafka request",
        ),
    ] {
        let log = Log::default();
        let _guard = tracing::subscriber::set_default(log.clone());
        let world = World::new(echo_service(), ServerConfig::default());
        let mut stream = world.dial().await;
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.is_empty());
        let client = world.client().await;
        assert_eq!(client.call(&ask("next"), 0).await.unwrap().0, "next");
        let lines = log.0.lock().unwrap().clone();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains(looks) && lines[0].contains("memory:server#1"), "{lines:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_bad_clients_is_not_a_flood_of_lines() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let world = World::new(echo_service(), ServerConfig::default());
    for _ in 0..200 {
        let mut stream = world.dial().await;
        stream.write_all(b"GET /").await.unwrap();
        let _ = stream.read(&mut [0]).await;
    }
    assert_eq!(log.0.lock().unwrap().len(), 20);
}
