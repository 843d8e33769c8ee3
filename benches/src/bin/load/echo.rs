//! The floor under a request's latency: as many bytes each way, through two sockets and nothing else.
//!
//! Both ends block in `read`, so the figure is what the kernel and the waking of two idle cores cost on
//! this machine. No broker that sleeps between requests can answer sooner.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use hdrhistogram::Histogram;

use crate::{Figures, Load, micros, rates};

/// Bytes of a Produce request around the record's value, near enough.
const REQUEST_OVERHEAD: usize = 112;
/// Bytes of a Produce response, near enough.
const RESPONSE_BYTES: usize = 55;

/// Sends requests of the load's size one at a time, each after the echo of the one before.
pub(crate) fn run(load: &Load) -> Figures {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, _) = listener.accept()?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let request = vec![1_u8; load.size + REQUEST_OVERHEAD];
    let mut received = request.clone();
    // It ends when the client's end is dropped.
    let echo = std::thread::spawn(move || {
        while server.read_exact(&mut received).is_ok() && server.write_all(&[2; RESPONSE_BYTES]).is_ok() {}
    });
    let mut latencies = Histogram::<u64>::new(3)?;
    let mut response = [0_u8; RESPONSE_BYTES];
    let start = Instant::now();
    for _ in 0..load.records {
        let sent = Instant::now();
        client.write_all(&request)?;
        client.read_exact(&mut response)?;
        latencies.record(u64::try_from(sent.elapsed().as_nanos())?)?;
    }
    let elapsed = start.elapsed();
    drop(client);
    echo.join().map_err(|_| "the echoing thread panicked")?;
    Ok(format!(
        "{} p50_us={:.1} p99_us={:.1}",
        rates(load, elapsed),
        micros(&latencies, 0.5),
        micros(&latencies, 0.99)
    ))
}
