//! Listing what has a configuration.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::messages::list_config_resources::ListConfigResourcesRequest;

use crate::harness::{End, Kit, text};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const LOGGERS: i8 = 8;
const METRICS: i8 = 16;
const GROUP: i8 = 32;

/// Sets a key, or deletes it where there is no value.
async fn set(kit: &mut Kit, kind: i8, name: &str, key: &str, value: Option<&str>) {
    let mut config = AlterableConfig::default();
    config.name = text(key);
    config.config_operation = i8::from(value.is_none());
    config.value = value.map(text);
    let mut resource = AlterConfigsResource::default();
    resource.resource_type = kind;
    resource.resource_name = text(name);
    resource.configs = vec![config];
    let mut request = IncrementalAlterConfigsRequest::default();
    request.resources = vec![resource];
    let answer = kit.call(1, &request).await.responses.remove(0);
    assert_eq!(answer.error_code, ErrorCode::NONE, "{:?}", answer.error_message);
}

fn list(kit: &mut Kit, version: i16, kinds: &[i8]) -> Result<Vec<(i8, String)>, ErrorCode> {
    let mut request = ListConfigResourcesRequest::default();
    request.resource_types = kinds.to_vec();
    let response = kit.call_now(version, &request);
    let listed = response.config_resources.iter();
    let listed = listed.map(|one| (one.resource_type, one.resource_name.to_string())).collect();
    if response.error_code.is_none() { Ok(listed) } else { Err(response.error_code) }
}

#[tokio::test(start_paused = true)]
async fn what_has_a_configuration_is_listed_by_its_kind() {
    let mut kit = Kit::new().await;
    kit.create("b", 1, &[]).await;
    kit.create("a", 1, &[("retention.ms", "-1")]).await;
    set(&mut kit, METRICS, "m", "interval.ms", Some("1000")).await;
    set(&mut kit, GROUP, "g2", "share.isolation.level", Some("read_committed")).await;
    set(&mut kit, GROUP, "g1", "consumer.session.timeout.ms", Some("45000")).await;
    set(&mut kit, GROUP, "gone", "consumer.session.timeout.ms", Some("45000")).await;
    set(&mut kit, GROUP, "gone", "consumer.session.timeout.ms", None).await;
    let named =
        |kind: i8, names: &[&str]| names.iter().map(|name| (kind, (*name).to_owned())).collect::<Vec<_>>();
    for end in [None, Some(End::Kill)] {
        if let Some(end) = end {
            kit = kit.reopened(end).await;
        }
        assert_eq!(list(&mut kit, 1, &[GROUP]), Ok(named(GROUP, &["g1", "g2"])));
        assert_eq!(list(&mut kit, 1, &[METRICS]), Ok(named(METRICS, &["m"])));
        assert_eq!(list(&mut kit, 1, &[BROKER, BROKER]), Ok(named(BROKER, &["1"])));
        assert_eq!(list(&mut kit, 1, &[TOPIC]), Ok(named(TOPIC, &["a", "b"])));
        assert_eq!(list(&mut kit, 1, &[LOGGERS]), Ok(vec![]));
        let all = [
            named(GROUP, &["g1", "g2"]),
            named(METRICS, &["m"]),
            named(BROKER, &["1"]),
            named(TOPIC, &["a", "b"]),
        ];
        assert_eq!(list(&mut kit, 1, &[]), Ok(all.concat()));
        assert_eq!(list(&mut kit, 0, &[]), Ok(named(METRICS, &["m"])), "the first version knows no other");
    }
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_nobody_knows_spoils_the_request() {
    let mut kit = Kit::new().await;
    for kinds in [&[0][..], &[1], &[99], &[-1], &[BROKER, 99]] {
        assert_eq!(list(&mut kit, 1, kinds), Err(ErrorCode::UNSUPPORTED_VERSION), "{kinds:?}");
    }
}
