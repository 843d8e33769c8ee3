//! `ottla cluster`: the brokers of a cluster, what they hold and what they serve.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ottla::client::{Admin, ClusterDescription, Lane, LogDir, Node, NodeId, Topic};
use ottla::protocol::ApiKey;
use serde_json::json;

use crate::arguments::DescribeCluster;
use crate::client;
use crate::failure::{Failure, Failures};
use crate::output::{Table, or_dash, print, print_json};

/// What a broker has.
#[derive(Debug, Default)]
struct Holdings {
    leads: usize,
    copies: usize,
    /// Bytes of all logs; `None` from brokers that do not tell.
    bytes: Option<u64>,
}

pub(crate) async fn run(words: DescribeCluster) -> Result<(), Failure> {
    let (admin, client) = client::admin_and_client(&words.cluster).await?;
    let cluster = admin.describe_cluster().await?;
    if words.versions {
        return versions(&client, &cluster, words.shown.json).await;
    }
    let holdings = holdings(&admin, &cluster).await?;
    if words.shown.json {
        print_json(&as_json(&cluster, &holdings))
    } else {
        print(&shown(&cluster, &holdings))
    }
}

async fn holdings(
    admin: &Admin,
    cluster: &ClusterDescription,
) -> Result<BTreeMap<NodeId, Holdings>, Failure> {
    let mut holdings = BTreeMap::<NodeId, Holdings>::new();
    let topics: Vec<Topic> = admin.list_topics().await?;
    for partition in topics.iter().flat_map(|topic| &topic.partitions) {
        if let Some(leader) = partition.leader {
            holdings.entry(leader).or_default().leads += 1;
        }
        for node in &partition.replicas {
            holdings.entry(*node).or_default().copies += 1;
        }
    }
    for (node, folders) in admin.describe_log_dirs(cluster.nodes.iter().map(|node| node.id)).await {
        // A broker that does not tell is no reason not to show the others.
        let Ok(folders) = folders else { continue };
        let bytes = |folder: &LogDir| folder.replicas.values().map(|replica| replica.size_bytes).sum::<u64>();
        holdings.entry(node).or_default().bytes = Some(folders.iter().map(bytes).sum());
    }
    Ok(holdings)
}

fn shown(cluster: &ClusterDescription, holdings: &BTreeMap<NodeId, Holdings>) -> String {
    let mut table = Table::new(&["BROKER", "ADDRESS", "RACK", "LEADS", "COPIES", "BYTES", ""]);
    for node in &cluster.nodes {
        let of = holdings.get(&node.id);
        let controller = if cluster.controller == Some(node.id) { "controller" } else { "" };
        table.row([
            node.id.to_string(),
            node.address().to_string(),
            or_dash(node.rack.as_deref()),
            of.map_or(0, |of| of.leads).to_string(),
            of.map_or(0, |of| of.copies).to_string(),
            or_dash(of.and_then(|of| of.bytes)),
            controller.to_owned(),
        ]);
    }
    format!("cluster {}\n{table}", or_dash(cluster.id.as_deref()))
}

fn as_json(cluster: &ClusterDescription, holdings: &BTreeMap<NodeId, Holdings>) -> serde_json::Value {
    let broker = |node: &Node| {
        let of = holdings.get(&node.id);
        json!({
            "broker": node.id.0,
            "address": node.address().to_string(),
            "rack": node.rack.as_deref(),
            "leads": of.map_or(0, |of| of.leads),
            "copies": of.map_or(0, |of| of.copies),
            "bytes": of.and_then(|of| of.bytes),
        })
    };
    json!({
        "cluster": cluster.id.as_deref(),
        "controller": cluster.controller.map(|node| node.0),
        "brokers": cluster.nodes.iter().map(broker).collect::<Vec<_>>(),
    })
}

/// The APIs that each broker serves, and the version that this client would speak.
async fn versions(
    client: &ottla::client::Client,
    cluster: &ClusterDescription,
    json: bool,
) -> Result<(), Failure> {
    let mut failures = Failures::default();
    let (mut text, mut brokers) = (String::new(), Vec::new());
    for node in &cluster.nodes {
        let Some(connection) = failures.well(client.connection(node.id, Lane::Calls).await) else { continue };
        let mut table = Table::new(&["KEY", "API", "VERSIONS"]);
        let mut apis = Vec::new();
        for (key, versions) in connection.served().iter() {
            let name = ApiKey::from_i16(key).map(ApiKey::name);
            if json {
                apis.push(json!({ "key": key, "api": name, "min": versions.start(), "max": versions.end() }));
            } else {
                let range = format!("{} to {}", versions.start(), versions.end());
                table.row([key.to_string(), or_dash(name), range]);
            }
        }
        brokers.push(json!({ "broker": node.id.0, "address": node.address().to_string(), "apis": apis }));
        // Writing to a text does not fail.
        let _ = writeln!(text, "broker {} at {}\n{table}", node.id, node.address());
    }
    if json {
        print_json(&brokers)?
    } else {
        print(text.trim_start())?
    }
    failures.end()
}
