//! Many at once: connections that announce far more than they send.

use std::sync::Arc;
use std::time::Duration;

use ottla::Server;
use ottla::transport::{Address, TcpConnector};
use tokio::io::AsyncWriteExt;

use crate::battery::Player;
use crate::served::Bystander;

/// What brought down the service of a broker with 384 MiB of heap: 64 times 90 MiB, of which nothing follows.
const CONNECTIONS: usize = 64;
const ANNOUNCED: i32 = 90 << 20;
/// Of all that is announced, 5.6 GiB, this much may show in the memory of the process.
const GROWTH_MAX: u64 = 256 << 20;

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
async fn sixty_four_announcements_of_90_mib_cost_nothing_and_others_are_served() {
    let endpoint = "127.0.0.1:0".parse().expect("an endpoint");
    let server = Server::builder().in_memory().listen(endpoint).start().await.expect("a server");
    let address: Address = server.bootstrap().parse().expect("an address");
    let player = Player::new(Arc::new(TcpConnector), address, Duration::from_secs(5));
    let mut bystander = Bystander::new(&player).await;
    bystander.is_served(&player, "nothing").await;

    let before = data_bytes();
    let mut crowd = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = player.connect().await.expect("a connection");
        stream.write_all(&announcement()).await.expect("a few bytes");
        stream.flush().await.expect("a few bytes");
        crowd.push(stream);
    }
    for _ in 0..10 {
        bystander.is_served(&player, "64 announcements").await;
    }
    // A request that is not small either.
    bystander.produces(&player, 600_000, "64 announcements").await;
    if let (Some(before), Some(after)) = (before, data_bytes()) {
        assert!(after.saturating_sub(before) < GROWTH_MAX, "{before} bytes became {after}");
    }
    drop(crowd);
    bystander.is_served(&player, "the crowd had gone").await;
    server.shutdown().await.expect("a clean end");
}
