// Generated from schema/describe_cluster.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeCluster` (API key 60): the brokers of a cluster, its id and its controller.
//!
//! Flexible from the first version. v1 tells brokers from controllers (KIP-919); v2 adds fenced brokers
//! (KIP-1073).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks who makes up the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeClusterRequest {
    /// Whether to say what the client may do to the cluster.
    pub include_cluster_authorized_operations: bool,
    /// Which nodes to list: 1 brokers, 2 controllers. v1+. Default `1`.
    pub endpoint_type: i8,
    /// Whether to list brokers that are registered but may not serve. v2+.
    pub include_fenced_brokers: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeClusterRequest {
    fn default() -> Self {
        Self {
            include_cluster_authorized_operations: false,
            endpoint_type: 1,
            include_fenced_brokers: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for DescribeClusterRequest {
    const API_KEY: ApiKey = ApiKey::DescribeCluster;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeClusterRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeClusterRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            include_cluster_authorized_operations: r.bool("include_cluster_authorized_operations"),
            endpoint_type: match r.version {
                1.. => r.i8("endpoint_type"),
                _ => 1,
            },
            include_fenced_brokers: match r.version {
                2.. => r.bool("include_fenced_brokers"),
                _ => false,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.bool(self.include_cluster_authorized_operations);
        if s.version >= 1 {
            s.i8(self.endpoint_type);
        } else if self.endpoint_type != 1 {
            s.not_in_version("endpoint_type");
        }
        if s.version >= 2 {
            s.bool(self.include_fenced_brokers);
        } else if self.include_fenced_brokers {
            s.not_in_version("include_fenced_brokers");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeClusterRequest {
    type Response = DescribeClusterResponse;
}

setters! {
    DescribeClusterRequest {
        with_include_cluster_authorized_operations(include_cluster_authorized_operations: bool);
        with_endpoint_type(endpoint_type: i8);
        with_include_fenced_brokers(include_fenced_brokers: bool);
    }
}

/// Who makes up the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeClusterResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Which nodes are listed: 1 brokers, 2 controllers. v1+. Default `1`.
    pub endpoint_type: i8,
    /// Id of the cluster.
    pub cluster_id: Str,
    /// Node to send administrative requests to; -1 if there is none at the moment. Default `-1`.
    pub controller_id: i32,
    /// The nodes.
    pub brokers: Vec<DescribeClusterBroker>,
    /// What the client may do to the cluster, a bit an operation; the default stands for "not asked".
    /// Default `i32::MIN`.
    pub cluster_authorized_operations: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeClusterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: None,
            endpoint_type: 1,
            cluster_id: Str::EMPTY,
            controller_id: -1,
            brokers: Vec::new(),
            cluster_authorized_operations: i32::MIN,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for DescribeClusterResponse {
    const API_KEY: ApiKey = ApiKey::DescribeCluster;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeClusterResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeClusterResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            endpoint_type: match r.version {
                1.. => r.i8("endpoint_type"),
                _ => 1,
            },
            cluster_id: r.string("cluster_id"),
            controller_id: r.i32("controller_id"),
            brokers: r.array("brokers", DescribeClusterBroker::read),
            cluster_authorized_operations: r.i32("cluster_authorized_operations"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        if s.version >= 1 {
            s.i8(self.endpoint_type);
        } else if self.endpoint_type != 1 {
            s.not_in_version("endpoint_type");
        }
        s.string("cluster_id", &self.cluster_id);
        s.i32(self.controller_id);
        s.array("brokers", &self.brokers, DescribeClusterBroker::write);
        s.i32(self.cluster_authorized_operations);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeClusterResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_endpoint_type(endpoint_type: i8);
        with_cluster_id(cluster_id: impl Into<Str>);
        with_controller_id(controller_id: i32);
        with_brokers(brokers: Vec<DescribeClusterBroker>);
        with_cluster_authorized_operations(cluster_authorized_operations: i32);
    }
}

/// One node, and where it is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeClusterBroker {
    /// Id of the node.
    pub broker_id: i32,
    /// Host name or address under which clients reach the broker.
    pub host: Str,
    /// Port under which clients reach the broker.
    pub port: i32,
    /// Rack or zone of the broker; null if it was given none.
    pub rack: Option<Str>,
    /// Whether it is registered but may not serve. v2+.
    pub is_fenced: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribeClusterBroker {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            broker_id: r.i32("broker_id"),
            host: r.string("host"),
            port: r.i32("port"),
            rack: r.nullable_string("rack"),
            is_fenced: match r.version {
                2.. => r.bool("is_fenced"),
                _ => false,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.broker_id);
        s.string("host", &self.host);
        s.i32(self.port);
        s.nullable_string("rack", self.rack.as_ref());
        if s.version >= 2 {
            s.bool(self.is_fenced);
        } else if self.is_fenced {
            s.not_in_version("is_fenced");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeClusterBroker {
        with_broker_id(broker_id: i32);
        with_host(host: impl Into<Str>);
        with_port(port: i32);
        with_rack(rack: Option<Str>);
        with_is_fenced(is_fenced: bool);
    }
}
