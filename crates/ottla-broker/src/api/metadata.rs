//! `Metadata` (key 3): the brokers, and who leads which partition.
//!
//! An unknown topic is created when the request allows it and `auto.create.topics.enable` says so, and is
//! described in the same answer; Kafka answers `UNKNOWN_TOPIC_OR_PARTITION` once and the topic the next time.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker,
    MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::FileRange;

use super::{Handling, create_topics};
use crate::aside;
use crate::broker::{Core, Session};
use crate::directory::Topic;
use crate::topic_name;

/// What may be done with a topic, as a bit set: everything, while there is no access control.
pub(super) const TOPIC_OPERATIONS: i32 = 3576;
/// What may be done with the cluster, as a bit set: everything, while there is no access control.
pub(super) const CLUSTER_OPERATIONS: i32 = 8096;

/// What a request asks of topics.
enum Asked {
    All,
    Names(Vec<Str>),
    Ids(Vec<Uuid>),
}

/// Describes the cluster, and creates topics if it may.
pub(crate) fn handle(
    core: &Arc<Core>,
    session: &Session,
    version: i16,
    request: MetadataRequest,
) -> Handling {
    if missing(core, version, &request).is_empty() {
        return create_and_describe(core, session, version, &request);
    }
    let session = session.clone();
    aside::handle(core, move |core| create_and_describe(core, &session, version, &request))
}

/// The topics that are asked for, are not there, and are to be created.
fn missing(core: &Core, version: i16, request: &MetadataRequest) -> Vec<Str> {
    if !request.allow_auto_topic_creation || !core.auto_create_topics {
        return Vec::new();
    }
    match asked(version, request.topics.as_deref()) {
        Ok(Asked::Names(names)) => names.into_iter().filter(|name| may_be_created(core, name)).collect(),
        _ => Vec::new(),
    }
}

fn create_and_describe(
    core: &Arc<Core>,
    session: &Session,
    version: i16,
    request: &MetadataRequest,
) -> Handling {
    let view = View {
        core: Arc::clone(core),
        listener: session.clone(),
        version,
        authorized: Authorized::of(request),
    };
    let asked = match asked(version, request.topics.as_deref()) {
        Ok(asked) => asked,
        Err(topics) => return Handling::respond(refused(topics)),
    };
    let missing = missing(core, version, request);
    if !missing.is_empty() {
        match create_topics::create_missing(core, &missing) {
            Ok(end) if !core.journal.is_published(end) => {
                let core = Arc::clone(core);
                return Handling::later(async move {
                    if let Err(code) = core.journal.published(end).await {
                        tracing::warn!(%code, "topics could not be created");
                    }
                    view.describe(asked)
                });
            }
            Ok(_) => {}
            Err(code) => tracing::warn!(%code, "topics could not be created"),
        }
    }
    Handling::respond(view.describe(asked))
}

/// The answer to an ill-formed question, which tells nothing else, as in Kafka.
fn refused(topics: Vec<MetadataResponseTopic>) -> ResponseBody<FileRange> {
    let mut response = MetadataResponse::default();
    response.topics = topics;
    response.error_code = ErrorCode::INVALID_REQUEST; // from version 13 on
    ResponseBody::Metadata(response)
}

fn may_be_created(core: &Core, name: &str) -> bool {
    topic_name::validate(name).is_ok()
        && !topic_name::is_reserved(name)
        && core.directory.by_name(name).is_none()
}

/// What is asked, or the topics with which an ill-formed question is answered.
fn asked(version: i16, topics: Option<&[MetadataRequestTopic]>) -> Result<Asked, Vec<MetadataResponseTopic>> {
    let Some(topics) = topics else { return Ok(Asked::All) };
    if topics.is_empty() && version == 0 {
        return Ok(Asked::All);
    }
    let ill_formed = |topic: &MetadataRequestTopic| {
        let mut answer = MetadataResponseTopic::default();
        answer.error_code = ErrorCode::INVALID_REQUEST;
        answer.name = Some(topic.name.clone().unwrap_or_default());
        answer.topic_id = topic.topic_id;
        answer
    };
    let ids: Vec<_> = topics.iter().map(|topic| topic.topic_id).filter(|id| !id.is_zero()).collect();
    // Ids have a place in the request since v10 and a meaning since v12.
    if (version < 12 && !ids.is_empty())
        || (ids.is_empty() && topics.iter().any(|topic| topic.name.is_none()))
    {
        return Err(topics.iter().map(ill_formed).collect());
    }
    if !ids.is_empty() {
        let mut seen = BTreeSet::new();
        return Ok(Asked::Ids(ids.into_iter().filter(|id| seen.insert(id.0)).collect()));
    }
    let mut seen = BTreeSet::new();
    let names = topics.iter().filter_map(|topic| topic.name.clone());
    Ok(Asked::Names(names.filter(|name| seen.insert(name.clone())).collect()))
}

#[derive(Clone, Copy)]
struct Authorized {
    cluster: bool,
    topics: bool,
}

impl Authorized {
    fn of(request: &MetadataRequest) -> Self {
        Self {
            cluster: request.include_cluster_authorized_operations,
            topics: request.include_topic_authorized_operations,
        }
    }
}

/// The cluster as one client sees it.
struct View {
    core: Arc<Core>,
    listener: Session,
    version: i16,
    authorized: Authorized,
}

impl View {
    fn describe(&self, asked: Asked) -> ResponseBody<FileRange> {
        let topics = match asked {
            Asked::All => self.core.directory.all().iter().map(|topic| self.topic(topic)).collect(),
            Asked::Names(names) => names.into_iter().map(|name| self.by_name(name)).collect(),
            Asked::Ids(ids) => ids.into_iter().map(|id| self.by_id(id)).collect(),
        };
        self.respond(topics)
    }

    fn respond(&self, topics: Vec<MetadataResponseTopic>) -> ResponseBody<FileRange> {
        let mut response = MetadataResponse::default();
        if let Some(endpoint) = self.core.advertised(&self.listener) {
            let mut broker = MetadataResponseBroker::default();
            broker.node_id = self.core.node_id;
            broker.host = endpoint.host.clone();
            broker.port = i32::from(endpoint.port);
            broker.rack = self.core.rack.clone();
            response.brokers.push(broker);
        }
        response.cluster_id = Some(self.core.cluster_id.clone());
        response.controller_id = self.core.node_id;
        if self.authorized.cluster {
            response.cluster_authorized_operations = CLUSTER_OPERATIONS;
        }
        response.topics = topics;
        ResponseBody::Metadata(response)
    }

    fn by_name(&self, name: Str) -> MetadataResponseTopic {
        if let Some(topic) = self.core.directory.by_name(&name) {
            return self.topic(&topic);
        }
        let mut answer = MetadataResponseTopic::default();
        answer.error_code = match topic_name::validate(&name) {
            Ok(()) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            Err(_) => ErrorCode::INVALID_TOPIC_EXCEPTION,
        };
        answer.is_internal = topic_name::is_internal(&name);
        if self.authorized.topics {
            answer.topic_authorized_operations = TOPIC_OPERATIONS; // also of what does not exist, as Kafka
        }
        answer.name = Some(name);
        answer
    }

    fn by_id(&self, id: Uuid) -> MetadataResponseTopic {
        if let Some(topic) = self.core.directory.by_id(id) {
            return self.topic(&topic);
        }
        let mut answer = MetadataResponseTopic::default();
        answer.error_code = ErrorCode::UNKNOWN_TOPIC_ID;
        answer.name = None;
        answer.topic_id = id;
        answer
    }

    fn topic(&self, topic: &Topic) -> MetadataResponseTopic {
        let mut answer = MetadataResponseTopic::default();
        answer.name = Some(topic.name.clone());
        answer.topic_id = topic.id;
        answer.is_internal = topic_name::is_internal(&topic.name);
        if self.authorized.topics {
            answer.topic_authorized_operations = TOPIC_OPERATIONS;
        }
        let reachable = self.core.advertised(&self.listener).is_some();
        let node = self.core.node_id;
        let partitions = topic.partitions().zip(0..).map(|(partition, index)| {
            let mut answer = MetadataResponsePartition::default();
            answer.partition_index = index;
            answer.replica_nodes = [node].into();
            answer.leader_epoch = partition.map_or(0, |partition| partition.leader_epoch());
            match partition {
                None => {
                    answer.error_code = ErrorCode::LEADER_NOT_AVAILABLE;
                    answer.leader_id = -1;
                    answer.offline_replicas = [node].into();
                }
                Some(_) => {
                    answer.leader_id = if reachable { node } else { -1 };
                    answer.isr_nodes = [node].into();
                    // Kafka says so of a leader that has no listener of the client's name.
                    answer.error_code = match (reachable, self.version) {
                        (true, _) => ErrorCode::NONE,
                        (false, ..6) => ErrorCode::LEADER_NOT_AVAILABLE,
                        (false, _) => ErrorCode::LISTENER_NOT_FOUND,
                    };
                }
            }
            answer
        });
        answer.partitions = partitions.collect();
        answer
    }
}
