//! Admin calls against a scripted cluster: where they go, what they try again, what they say.

mod groups;
mod topics;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::api_versions::{ApiVersion, ApiVersionsResponse};
use ottla_protocol::messages::{RequestBody, ResponseBody};

use crate::node::NodeId;
use crate::scripted::{Reply, ScriptedCluster};
use crate::{Admin, Client, Error, TopicPartition};

async fn admin(cluster: &ScriptedCluster) -> Admin {
    Client::connect(cluster.config()).await.unwrap().admin()
}

fn at(topic: &'static str, partition: i32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

fn asked(cluster: &ScriptedCluster, api: ApiKey) -> usize {
    cluster.requests().iter().filter(|(_, asked)| *asked == api).count()
}

fn code<T: std::fmt::Debug>(outcome: &Result<T, Error>) -> ErrorCode {
    outcome.as_ref().unwrap_err().code().unwrap_or(ErrorCode::NONE)
}

/// Brokers that serve these APIs alone, up to these versions.
fn serve_only(cluster: &ScriptedCluster, apis: &'static [(ApiKey, i16)]) {
    cluster.script(move |_, request| match request {
        RequestBody::ApiVersions(_) => Some(Reply::Answer(serving(apis))),
        _ => None,
    });
}

/// That these APIs are served, up to these versions.
fn serving(apis: &[(ApiKey, i16)]) -> ResponseBody {
    let served = |(key, max): &(ApiKey, i16)| {
        let mut api = ApiVersion::default();
        (api.api_key, api.min_version, api.max_version) = ((*key).into(), 0, *max);
        api
    };
    let mut answer = ApiVersionsResponse::default();
    answer.api_keys = apis.iter().map(served).collect();
    answer.into()
}

#[tokio::test(start_paused = true)]
async fn what_a_broker_does_not_serve_is_said_so() {
    let cluster = ScriptedCluster::start(1);
    serve_only(&cluster, &[(ApiKey::Metadata, 5)]);
    let admin = admin(&cluster).await;
    let refused = admin.describe_log_dirs([NodeId(1)]).await.remove(&NodeId(1)).unwrap().unwrap_err();
    assert!(matches!(refused, Error::Unsupported { api: ApiKey::DescribeLogDirs, .. }), "{refused}");
    assert_eq!(asked(&cluster, ApiKey::DescribeLogDirs), 0);
}
