//! Bad input against the whole stack: each case gets the answer that it must get, and the next client is served.
//!
//! The cases are data, in `battery`; `cargo xtask differential` plays the same against a real Kafka. Over the
//! memory transport time is paused, so that silence takes none.
#![expect(clippy::expect_used, reason = "what the tests share fails as the tests do")]

#[path = "battery/battery.rs"]
mod battery;
mod served;

use std::sync::Arc;
use std::time::Duration;

use battery::Player;
use ottla::Server;
use ottla::transport::{Address, TcpConnector};
use served::Bystander;

/// Silence, where time is paused: less than any deadline of a server.
const PATIENCE: Duration = Duration::from_secs(5);

/// Plays every case, and looks after each whether another client, and a new one, are served.
async fn play_all(player: &Player) {
    let world = player.prepare().await.expect("the broker is prepared");
    let mut bystander = Bystander::new(player).await;
    let mut wrong = Vec::new();
    for case in battery::cases(&world) {
        let outcome = player.play(&case).await;
        if outcome != case.expected {
            wrong.push(format!("{}: {outcome}, not {}", case.name, case.expected));
        }
        bystander.is_served(player, &case.name).await;
    }
    assert!(wrong.is_empty(), "{} cases went wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn every_case_gets_its_answer_in_memory() {
    let server = Server::builder().in_memory().start().await.expect("a server");
    play_all(&Player::new(server.connector(), server.in_process_address().clone(), PATIENCE)).await;
    server.shutdown().await.expect("a clean end");
}

#[tokio::test]
async fn every_case_gets_its_answer_over_tcp() {
    let folder = tempfile::tempdir().expect("a folder");
    let endpoint = "127.0.0.1:0".parse().expect("an endpoint");
    let server = Server::builder().data(folder.path()).listen(endpoint).start().await.expect("a server");
    let address: Address = server.bootstrap().parse().expect("an address");
    // Few cases end in silence, and this is how long each of those takes.
    play_all(&Player::new(Arc::new(TcpConnector), address, Duration::from_secs(1))).await;
    server.shutdown().await.expect("a clean end");
}

#[tokio::test(start_paused = true)]
async fn no_name_is_given_to_two_cases() {
    let server = Server::builder().in_memory().start().await.expect("a server");
    let player = Player::new(server.connector(), server.in_process_address().clone(), PATIENCE);
    let world = player.prepare().await.expect("the broker is prepared");
    let cases = battery::cases(&world);
    let names: std::collections::BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len());
    // A difference that is none, or that nobody can explain, has no place in the table.
    for case in &cases {
        if let Some(difference) = &case.difference {
            assert_ne!(difference.outcome, case.expected, "{}", case.name);
            assert!(!difference.reason.is_empty(), "{}", case.name);
        }
    }
}
