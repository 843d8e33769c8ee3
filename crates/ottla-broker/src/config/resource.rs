//! What a configuration belongs to: a topic, a broker, a subscription to client metrics, or a group.
//!
//! Its keys are in [`super::definition`]; how its values change is in [`super::alter`].

use super::definition::{self, Definition};

/// What a configuration belongs to, as requests number it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ResourceKind {
    Topic,
    Broker,
    ClientMetrics,
    Group,
}

impl ResourceKind {
    /// The kind of this number, if it has configurations here.
    pub(crate) fn from_wire(code: i8) -> Option<Self> {
        [Self::Topic, Self::Broker, Self::ClientMetrics, Self::Group]
            .into_iter()
            .find(|kind| kind.wire_code() == code)
    }

    pub(crate) fn wire_code(self) -> i8 {
        match self {
            Self::Topic => 2,
            Self::Broker => 4,
            Self::ClientMetrics => 16,
            Self::Group => 32,
        }
    }

    /// All keys that it has, in alphabetical order.
    pub(crate) fn keys(self) -> &'static [Definition] {
        match self {
            Self::Topic => definition::topic_definitions(),
            Self::Broker => definition::broker_definitions(),
            Self::ClientMetrics => definition::client_metrics_definitions(),
            Self::Group => definition::group_definitions(),
        }
    }

    /// The key of this name.
    pub(crate) fn key(self, name: &str) -> Option<&'static Definition> {
        definition::find(self.keys(), name)
    }
}
