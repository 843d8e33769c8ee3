//! Many connections that announce far more than they send: they cost no memory, and hold nobody up.
//!
//! It stands alone in its process, whose memory it looks at.

use std::time::{Duration, Instant};

use ottla::Server;
use ottla::producer::{Config, Producer};
use ottla::transport::{Address, Connector, TcpConnector};
use tokio::io::AsyncWriteExt;

/// What brought down the service of a broker with 384 MiB of heap: 64 times 90 MiB, of which nothing follows.
const CONNECTIONS: usize = 64;
const ANNOUNCED: i32 = 90 << 20;
/// Of all that is announced, 5.6 GiB, this much may show in the memory of the process.
const GROWTH_MAX: u64 = 256 << 20;
/// Less than the time after which a connection that stalls is closed.
const PATIENCE: Duration = Duration::from_secs(5);

/// The start of a `Produce` v3 of 90 MiB.
fn announcement() -> Vec<u8> {
    let mut bytes = ANNOUNCED.to_be_bytes().to_vec();
    bytes.extend([0, 0, 0, 3, 0, 0, 0, 7, 0xff, 0xff]);
    bytes
}

/// Private writable memory of this process, reserved or touched; `None` where the system does not tell.
fn data_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[tokio::test]
async fn sixty_four_announcements_of_90_mib_cost_nothing_and_hold_nobody_up() {
    let endpoint = "127.0.0.1:0".parse().unwrap();
    let server = Server::builder().in_memory().listen(endpoint).start().await.unwrap();
    let address: Address = server.bootstrap().parse().unwrap();
    let known = Producer::new(Config::new(server.bootstrap())).await.unwrap();
    known.send("orders", "key", vec![7; 600_000]).await.unwrap();

    let before = data_bytes();
    let mut crowd = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpConnector.connect(&address).await.unwrap();
        stream.write_all(&announcement()).await.unwrap();
        stream.flush().await.unwrap();
        crowd.push(stream);
    }
    let began = Instant::now();
    for _ in 0..10 {
        known.send("orders", "key", vec![7; 600_000]).await.unwrap();
        let new = Producer::new(Config::new(server.bootstrap())).await.unwrap();
        new.send("orders", "key", vec![7; 600_000]).await.unwrap();
        new.close().await;
    }
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    if let (Some(before), Some(after)) = (before, data_bytes()) {
        assert!(after.saturating_sub(before) < GROWTH_MAX, "{before} bytes became {after}");
    }
    drop(crowd);
    known.send("orders", "key", "still served").await.unwrap();
    known.close().await;
    server.shutdown().await.unwrap();
}
