//! Serves a broker that asks its clients for their metrics (KIP-714), and prints what they push.
//!
//! ```sh
//! cargo run --example client_metrics 127.0.0.1:9092 # then run any client of Kafka 3.7 or later against it
//! ```

use std::sync::Arc;

use ottla::Server;
use ottla::broker::telemetry::Push;
use ottla::client::{Client, Config};
use ottla::protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};

/// The number of subscriptions to metrics among the kinds of configurations.
const CLIENT_METRICS: i8 = 16;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9092".to_owned());
    let server =
        Server::builder().in_memory().listen(address.parse()?).telemetry(Arc::new(print)).start().await?;

    // Every client, every metric, once a second: what `kafka-client-metrics.sh --alter` would ask for.
    let client = Client::connect(Config::new(server.bootstrap())).await?;
    let keys = [("metrics", "*"), ("interval.ms", "1000")];
    let keys =
        keys.map(|(key, value)| AlterableConfig::default().with_name(key).with_value(Some(value.into())));
    let subscription = AlterConfigsResource::default()
        .with_resource_type(CLIENT_METRICS)
        .with_resource_name("everything")
        .with_configs(keys.to_vec());
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![subscription]);
    client.call_any(&request).await?;
    client.close().await;
    println!("listening on {}", server.bootstrap());

    tokio::signal::ctrl_c().await?;
    server.shutdown().await?;
    Ok(())
}

fn print(push: Push) {
    let client = push.client();
    println!("{} {} {}", client.software_name(), client.software_version(), client.client_id());
    match push.points() {
        Ok(points) => points.iter().for_each(|point| {
            println!("  {} {:?} = {:?}", point.name, point.attributes, point.value);
        }),
        Err(error) => println!("  {error}"),
    }
}
