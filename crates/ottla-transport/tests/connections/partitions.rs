//! Networks that are partitioned, one way or both, and links that take their time for each byte.

use std::time::Duration;

use ottla_env::Rng;
use ottla_transport::{Address, Connector, Listener, MemoryNetwork, NetworkFaults, Stream, Way};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};

const LONG: Duration = Duration::from_secs(3_600);

async fn connected(network: &MemoryNetwork) -> (Address, Stream, Stream) {
    let address: Address = "broker:1".parse().unwrap();
    let mut listener = network.listen(address.clone()).unwrap();
    let client = network.connect(&address).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (address, client, server)
}

async fn arrives(from: &mut Stream, to: &mut Stream) -> bool {
    from.write_all(b"x").await.unwrap();
    timeout(LONG, to.read_u8()).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn what_goes_the_other_way_arrives_and_the_rest_once_it_is_released() {
    let network = MemoryNetwork::perfect();
    let (address, mut client, mut server) = connected(&network).await;
    network.hold(&address, Way::FromListener);
    assert!(arrives(&mut client, &mut server).await, "a request gets through");
    assert!(!arrives(&mut server, &mut client).await, "its answer does not");
    assert!(timeout(LONG, network.connect(&address)).await.is_err(), "and nobody connects");
    drop(server);
    assert!(timeout(LONG, client.read_u8()).await.is_err(), "nor is the end of the connection seen");

    network.release(&address);
    assert_eq!(client.read_u8().await.unwrap(), b'x');
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0, "it has ended");
}

#[tokio::test(start_paused = true)]
async fn who_waits_to_connect_or_to_read_goes_on_when_a_partition_ends() {
    let network = MemoryNetwork::perfect();
    let (address, mut client, mut server) = connected(&network).await;
    network.hold(&address, Way::Both);
    client.write_all(b"x").await.unwrap();
    let read = tokio::spawn(async move { server.read_u8().await.unwrap() });
    let connect = {
        let (network, address) = (network.clone(), address.clone());
        tokio::spawn(async move { network.connect(&address).await.is_ok() })
    };
    sleep(LONG).await;
    assert!(!read.is_finished() && !connect.is_finished());
    network.release(&address);
    assert_eq!(read.await.unwrap(), b'x');
    // The listener is gone with its test's helper, so that this is refused: but it is told.
    assert!(!connect.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_slow_link_takes_its_time_for_each_byte() {
    let faults = NetworkFaults { bytes_per_second: Some(1_000), ..NetworkFaults::default() };
    let network = MemoryNetwork::new(faults, Rng::new(1));
    let (_, mut client, mut server) = connected(&network).await;
    let began = Instant::now();
    for _ in 0..4 {
        client.write_all(&[7; 500]).await.unwrap();
    }
    server.read_exact(&mut [0; 2_000]).await.unwrap();
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(2) && took < Duration::from_millis(2_100), "{took:?}");
}
