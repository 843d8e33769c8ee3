//! The floor under a request's latency: as many bytes each way, through two sockets and nothing else.
//!
//! Blocking, both ends sleep in `read`, so the figure has the waking of two idle cores in it: no broker that sleeps between
//! requests can answer sooner. Spinning, neither ever sleeps: the best that two sockets can do.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use hdrhistogram::Histogram;

use crate::prepared::Failure;
use crate::{Figures, Load, micros, rates};

/// Bytes of a Produce request around the record's value, near enough.
const REQUEST_OVERHEAD: usize = 112;
/// Bytes of a Produce response, near enough.
const RESPONSE_BYTES: usize = 55;

/// Sends requests of the load's size one at a time, each after the echo of the one before.
pub(crate) fn run(load: &Load) -> Figures {
    let start = Instant::now();
    let latencies = blocking(load.size, load.records)?;
    let rates = rates(load, start.elapsed());
    Ok(format!("{rates} p50_us={:.1} p99_us={:.1}", micros(&latencies, 0.5), micros(&latencies, 0.99)))
}

/// Round trips between two ends that sleep until bytes are there.
pub(crate) fn blocking(size: usize, trips: u64) -> Result<Histogram<u64>, Failure> {
    round_trips(size, trips, false, |stream, buffer| stream.read_exact(buffer))
}

/// Round trips between two ends that look again until bytes are there.
pub(crate) fn spinning(size: usize, trips: u64) -> Result<Histogram<u64>, Failure> {
    round_trips(size, trips, true, |stream, mut buffer| {
        while !buffer.is_empty() {
            match stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => buffer = &mut buffer[read..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::hint::spin_loop(),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    })
}

fn round_trips(
    size: usize,
    trips: u64,
    is_nonblocking: bool,
    read: fn(&mut TcpStream, &mut [u8]) -> std::io::Result<()>,
) -> Result<Histogram<u64>, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, _) = listener.accept()?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    client.set_nonblocking(is_nonblocking)?;
    server.set_nonblocking(is_nonblocking)?;
    let request = vec![1_u8; size + REQUEST_OVERHEAD];
    let mut received = request.clone();
    // It ends when the client's end is dropped.
    let echo = std::thread::spawn(move || {
        while read(&mut server, &mut received).is_ok() && server.write_all(&[2; RESPONSE_BYTES]).is_ok() {}
    });
    let mut latencies = Histogram::<u64>::new(3)?;
    let mut response = [0_u8; RESPONSE_BYTES];
    for _ in 0..trips {
        let sent = Instant::now();
        client.write_all(&request)?;
        read(&mut client, &mut response)?;
        latencies.record(u64::try_from(sent.elapsed().as_nanos())?)?;
    }
    drop(client);
    echo.join().map_err(|_| "the echoing thread panicked")?;
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_waiting_measures_every_round_trip() {
        assert_eq!(blocking(100, 50).unwrap().len(), 50);
        assert_eq!(spinning(100, 50).unwrap().len(), 50);
    }
}
