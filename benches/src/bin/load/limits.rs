//! What the machine can do, with no broker in the way: loopback, `sendfile`, the page cache, the disk, memory, CRC-32C.
//!
//! Each limit is looked for with the fewest steps that user space can take: large writes out of a buffer that stays
//! in the cache, and for the round trip two threads that never sleep.

use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use ottla_protocol::records::crc32c;
use rustix::fs::sendfile;

use crate::prepared::Failure;
use crate::{Figures, Load, echo, echoes, micros};

/// How long each limit is looked at.
const WATCHED: Duration = Duration::from_millis(400);
/// How much is given to the kernel at once.
const CHUNK_BYTES: usize = 256 << 10;
/// What is sent out of a file, over and over; it stays in the page cache.
const FILE_BYTES: usize = 64 << 20;
/// More than the caches hold.
const COPIED_BYTES: usize = 128 << 20;
/// What each writer puts into the page cache.
const WRITTEN_BYTES: usize = 256 << 20;
/// A small append: a batch of one record of 100 bytes.
const APPENDED_BYTES: usize = 176;
const ROUND_TRIPS: u64 = 20_000;
const APPENDS: u64 = 300;
/// Requests under way where many are, one on each connection.
const IN_FLIGHT: u64 = 64;
const ROUND_TRIPS_EACH: u64 = 4_000;
/// Threads that are tried on each end, up to this many.
const THREADS_MAX: usize = 3;
/// Streams where several are looked at, as many as the load has partitions.
const STREAMS: usize = 4;

/// Measures every limit; files are made in the folder of the load, and removed.
pub(crate) fn run(load: &Load) -> Figures {
    let mut line = String::new();
    let mut say = |key: &str, value: f64| line.push_str(&format!("{key}={value:.4} "));
    say("loopback_mb_per_s", streams(1, send_memory)?);
    say("loopback_4_mb_per_s", streams(STREAMS, send_memory)?);
    let folder = load.folder.as_path();
    let path = folder.join("limits.bin");
    std::fs::write(&path, vec![7; FILE_BYTES])?;
    say("sendfile_mb_per_s", streams(1, |stream, end| send_file(stream, end, &path))?);
    say("sendfile_4_mb_per_s", streams(STREAMS, |stream, end| send_file(stream, end, &path))?);
    std::fs::remove_file(&path)?;
    let trips = echo::spinning(100, ROUND_TRIPS)?;
    say("round_trip_p50_us", micros(&trips, 0.5));
    say("round_trip_per_s", 1e6 / mean_us(&trips));
    let waking = echo::blocking(100, ROUND_TRIPS)?;
    say("waking_round_trip_p50_us", micros(&waking, 0.5));
    let (rate, p50_us) = many_round_trips()?;
    say("round_trips_64_k_per_s", rate / 1e3);
    say("round_trips_64_p50_us", p50_us);
    say("page_cache_mb_per_s", page_cache(folder, 1)?);
    say("page_cache_4_mb_per_s", page_cache(folder, STREAMS)?);
    let appends = appends(folder)?;
    say("fdatasync_p50_us", micros(&appends, 0.5));
    say("fdatasync_per_s", 1e6 / mean_us(&appends));
    say("fdatasync_64_k_per_s", shared_syncs(folder)? / 1e3);
    let (copied, summed) = (memcpy(), checksum());
    say("memcpy_mb_per_s", copied);
    say("crc32c_mb_per_s", summed);
    // The least that a broker can do with a gigabyte: out of a socket, over it with a checksum, into the page cache.
    say("copies_and_crc_s_per_gb", 1e3 * (2.0 / copied + 1.0 / summed));
    Ok(line)
}

fn mean_us(latencies: &Histogram<u64>) -> f64 {
    latencies.mean() / 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a rate, to a few digits")]
fn megabytes_per_s(bytes: usize, elapsed: Duration) -> f64 {
    bytes as f64 / 1e6 / elapsed.as_secs_f64()
}

/// The most that 64 connections with a request in flight each get answered in a second, and the median of these:
/// threads are worth it while there are cores for them, and as many on one end as on the other do best.
fn many_round_trips() -> Result<(f64, f64), Failure> {
    let mut best = (0.0, f64::INFINITY);
    for threads in 1..=THREADS_MAX {
        let (stopwatch, latencies) = echoes::exchange(IN_FLIGHT, ROUND_TRIPS_EACH, 100, threads, threads)?;
        #[expect(clippy::cast_precision_loss, reason = "a rate, to a few digits")]
        let rate = latencies.len() as f64 / stopwatch.elapsed().as_secs_f64();
        if rate > best.0 {
            best = (rate, micros(&latencies, 0.5));
        }
    }
    Ok(best)
}

/// What so many streams move together over the loopback, each from a thread to another.
fn streams(
    count: usize,
    send: impl Fn(TcpStream, Instant) -> Result<(), Failure> + Sync,
) -> Result<f64, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut ends = Vec::new();
    for _ in 0..count {
        let client = TcpStream::connect(listener.local_addr()?)?;
        ends.push((client, listener.accept()?.0));
    }
    let (start, send) = (Instant::now(), &send);
    std::thread::scope(|scope| {
        let mut receivers = Vec::new();
        let mut senders = Vec::new();
        for (client, server) in ends {
            senders.push(scope.spawn(move || send(server, start + WATCHED)));
            receivers.push(scope.spawn(move || receive(client)));
        }
        let mut bytes = 0;
        for receiver in receivers {
            bytes += receiver.join().map_err(|_| "a receiving thread panicked")??;
        }
        for sender in senders {
            sender.join().map_err(|_| "a sending thread panicked")??;
        }
        Ok(megabytes_per_s(bytes, start.elapsed()))
    })
}

fn receive(mut stream: TcpStream) -> Result<usize, Failure> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut bytes = 0;
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(bytes),
            read => bytes += read,
        }
    }
}

fn send_memory(mut stream: TcpStream, end: Instant) -> Result<(), Failure> {
    let chunk = vec![7; CHUNK_BYTES];
    while Instant::now() < end {
        stream.write_all(&chunk)?;
    }
    Ok(())
}

fn send_file(stream: TcpStream, end: Instant, path: &Path) -> Result<(), Failure> {
    let file = File::open(path)?;
    let mut offset = 0;
    while Instant::now() < end {
        sendfile(&stream, &file, Some(&mut offset), CHUNK_BYTES)?;
        offset %= FILE_BYTES as u64;
    }
    Ok(())
}

/// What so many writers append to new files, each to its own, without a sync.
fn page_cache(folder: &Path, writers: usize) -> Result<f64, Failure> {
    let paths: Vec<_> = (0..writers).map(|writer| folder.join(format!("limits-{writer}.bin"))).collect();
    let start = Instant::now();
    std::thread::scope(|scope| {
        let threads: Vec<_> = paths.iter().map(|path| scope.spawn(move || fill(path))).collect();
        for thread in threads {
            thread.join().map_err(|_| "a writing thread panicked")??;
        }
        Ok::<_, Failure>(())
    })?;
    let rate = megabytes_per_s(writers * WRITTEN_BYTES, start.elapsed());
    paths.iter().try_for_each(std::fs::remove_file)?;
    Ok(rate)
}

fn fill(path: &Path) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    let chunk = vec![7; CHUNK_BYTES];
    (0..WRITTEN_BYTES / CHUNK_BYTES).try_for_each(|_| file.write_all(&chunk))
}

/// Small appends to one file, each on stable storage before the next begins.
fn appends(folder: &Path) -> Result<Histogram<u64>, Failure> {
    let path = folder.join("limits.log");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let mut latencies = Histogram::new(3)?;
    for _ in 0..APPENDS {
        let start = Instant::now();
        file.write_all(&[7; APPENDED_BYTES])?;
        file.sync_data()?;
        latencies.record(u64::try_from(start.elapsed().as_nanos())?)?;
    }
    std::fs::remove_file(&path)?;
    Ok(latencies)
}

/// Small appends a second when 64 are under way: a file for each of four partitions, and all that wait for one are in its
/// next sync.
fn shared_syncs(folder: &Path) -> Result<f64, Failure> {
    let paths: Vec<_> = (0..STREAMS).map(|file| folder.join(format!("limits-{file}.log"))).collect();
    let together = usize::try_from(IN_FLIGHT)? / STREAMS;
    let start = Instant::now();
    std::thread::scope(|scope| {
        let threads: Vec<_> = paths
            .iter()
            .map(|path| {
                scope.spawn(move || {
                    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
                    (0..APPENDS).try_for_each(|_| {
                        file.write_all(&vec![7; APPENDED_BYTES * together])?;
                        file.sync_data()
                    })
                })
            })
            .collect();
        for thread in threads {
            thread.join().map_err(|_| "a syncing thread panicked")??;
        }
        Ok::<_, Failure>(())
    })?;
    let elapsed = start.elapsed();
    paths.iter().try_for_each(std::fs::remove_file)?;
    #[expect(clippy::cast_precision_loss, reason = "a rate, to a few digits")]
    Ok((APPENDS * IN_FLIGHT) as f64 / elapsed.as_secs_f64())
}

/// A copy from memory to memory, neither of them in the cache.
fn memcpy() -> f64 {
    let from = vec![7_u8; COPIED_BYTES];
    let mut to = vec![1_u8; COPIED_BYTES];
    repeated(COPIED_BYTES, || black_box(&mut to).copy_from_slice(black_box(&from)))
}

/// The checksum of batches, over bytes that are in the cache.
fn checksum() -> f64 {
    let bytes = vec![7_u8; CHUNK_BYTES];
    repeated(CHUNK_BYTES, || {
        black_box(crc32c(black_box(&bytes)));
    })
}

/// Megabytes a second of work on so many bytes.
fn repeated(bytes: usize, mut work: impl FnMut()) -> f64 {
    let (start, mut turns) = (Instant::now(), 0);
    while start.elapsed() < WATCHED {
        work();
        turns += 1;
    }
    megabytes_per_s(turns * bytes, start.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_sent_until_the_end_is_received_and_counted() {
        let sent = |mut stream: TcpStream, _: Instant| Ok(stream.write_all(&[1; 100_000])?);
        let start = Instant::now();
        let rate = streams(3, sent).unwrap();
        assert!(rate >= megabytes_per_s(300_000, start.elapsed()), "{rate} MB/s");
        let failed = streams(2, |_, _| Err("no".into()));
        assert!(failed.is_err());
    }

    #[test]
    fn files_of_the_measurement_do_not_stay() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(appends(folder.path()).unwrap().len(), APPENDS);
        assert!(shared_syncs(folder.path()).unwrap() > 0.0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
