//! How the configuration of a resource changes: what was asked for, applied to what is there, and checked.
//!
//! A pure decision, in the order and mostly in the words of Kafka. Whether the resource exists, and what becomes
//! of the result, is decided in `api::configs`.

use std::collections::BTreeMap;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;

use super::client_match::ClientMatch;
use super::definition::{Definition, Effect, InvalidValue, nearest};
use super::live::LiveConfig;
use super::resource::ResourceKind;
use super::{ConfigError, TopicConfig, group};

/// The values that were set for a resource, by key.
pub(crate) type Values = BTreeMap<String, String>;

/// What is to become of one key.
#[derive(Clone, Debug)]
pub(crate) struct Alteration {
    pub(crate) key: Str,
    /// A number of `IncrementalAlterConfigs`, which need not be known.
    pub(crate) operation: i8,
    pub(crate) value: Str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Set,
    Delete,
    Append,
    Subtract,
}

impl Operation {
    pub(crate) fn from_wire(code: i8) -> Option<Self> {
        Some(match code {
            0 => Self::Set,
            1 => Self::Delete,
            2 => Self::Append,
            3 => Self::Subtract,
            _ => return None,
        })
    }
}

/// Why a configuration stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AlterError {
    #[error("Unknown operations type {0}")]
    UnknownOperation(i8),
    #[error("Can't {} to key {key} because its type is not LIST.", .operation.to_uppercase())]
    NotAList { operation: &'static str, key: String },
    #[error("Config value {operation} is not allowed for config key: {key}")]
    NotABrokerList { operation: &'static str, key: String },
    #[error("Unknown config name: {0}")]
    UnknownBrokerList(String),
    #[error("Cannot update these configs dynamically: [{}]", .0.join(", "))]
    NotDynamic(Vec<&'static str>),
    #[error(
        "These security configs can be dynamically updated only per-listener using the listener prefix: [{}]",
        .0.join(", ")
    )]
    OnlyPerListener(Vec<&'static str>),
    #[error(
        "Cannot update these configs at default cluster level, broker id must be specified: [{}]",
        .0.join(", ")
    )]
    OnlyPerBroker(Vec<&'static str>),
    #[error("Unknown group config name: {0}")]
    UnknownGroupKey(String),
    #[error("Unknown client metrics configuration: {0}")]
    UnknownClientMetricsKey(String),
    #[error("Illegal client matching pattern: {0}")]
    ClientPattern(String),
    #[error("Invalid value {0} for interval.ms, interval must be between 100 and 3600000 (1 hour)")]
    PushInterval(i32),
    /// An illegal value, where Kafka takes that for a bad request: of brokers and of client metrics.
    #[error(transparent)]
    Illegal(InvalidValue),
    #[error(transparent)]
    Refused(#[from] ConfigError),
}

impl AlterError {
    /// The code that Kafka answers.
    pub(crate) fn error_code(&self) -> ErrorCode {
        match self {
            Self::UnknownOperation(_)
            | Self::NotDynamic(_)
            | Self::OnlyPerListener(_)
            | Self::OnlyPerBroker(_)
            | Self::UnknownClientMetricsKey(_)
            | Self::PushInterval(_)
            | Self::Illegal(_) => ErrorCode::INVALID_REQUEST,
            Self::NotAList { .. }
            | Self::NotABrokerList { .. }
            | Self::UnknownBrokerList(_)
            | Self::UnknownGroupKey(_)
            | Self::ClientPattern(_)
            | Self::Refused(_) => ErrorCode::INVALID_CONFIG,
        }
    }
}

/// What was asked for, put together and not yet checked.
#[derive(Debug)]
pub(crate) struct Draft {
    values: Values,
    set: Vec<(Str, String)>,
}

/// A resource whose configuration is to change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) kind: ResourceKind,
    /// Its name; for brokers the empty one stands for all of them.
    pub(crate) name: &'a str,
    /// What was set for it.
    pub(crate) values: &'a Values,
    /// The configuration of the broker, from which its values come where none is set.
    pub(crate) broker: &'a LiveConfig,
}

impl Target<'_> {
    /// Its values after these changes, one a key, for [`checked`](Self::checked).
    ///
    /// # Errors
    /// The first operation that is wrong.
    pub(crate) fn altered(&self, alterations: &[Alteration]) -> Result<Draft, AlterError> {
        let operations = alterations.iter().map(|one| {
            let operation = Operation::from_wire(one.operation);
            operation.ok_or(AlterError::UnknownOperation(one.operation)).map(|operation| (one, operation))
        });
        let operations: Vec<_> = operations.collect::<Result<_, _>>()?;
        let (mut values, mut set) = (self.values.clone(), Vec::with_capacity(operations.len()));
        for (Alteration { key, value, .. }, operation) in operations {
            let value = match operation {
                Operation::Delete => {
                    values.remove(key.as_str());
                    continue;
                }
                Operation::Set => value.to_string(),
                Operation::Append => {
                    let mut elements = self.elements(key, "append")?;
                    for element in value.split(',') {
                        if !elements.iter().any(|known| known == element) {
                            elements.push(element.to_owned());
                        }
                    }
                    elements.join(",")
                }
                Operation::Subtract => {
                    let mut elements = self.elements(key, "subtract")?;
                    for element in value.split(',') {
                        if let Some(place) = elements.iter().position(|known| known == element) {
                            elements.remove(place);
                        }
                    }
                    elements.join(",")
                }
            };
            set.push((key.clone(), value));
        }
        Ok(Draft { values, set })
    }

    /// These values alone, for [`checked`](Self::checked).
    pub(crate) fn replaced(wanted: &[(Str, Str)]) -> Draft {
        let set = wanted.iter().map(|(key, value)| (key.clone(), value.to_string())).collect();
        Draft { values: Values::new(), set }
    }

    /// The elements of a list, those of the default when none are set.
    fn elements(&self, key: &str, operation: &'static str) -> Result<Vec<String>, AlterError> {
        let definition = self.kind.key(key);
        // The lists of client metrics are no lists to Kafka either.
        let is_list = self.kind != ResourceKind::ClientMetrics && definition.is_some_and(Definition::is_list);
        if !is_list {
            let key = key.to_owned();
            return Err(match (self.kind, definition) {
                (ResourceKind::Broker, Some(_)) => AlterError::NotABrokerList { operation, key },
                (ResourceKind::Broker, None) => AlterError::UnknownBrokerList(key),
                _ => AlterError::NotAList { operation, key },
            });
        }
        let set = self.values.get(key).map(String::as_str);
        let value = set.or_else(|| definition?.default_value()).unwrap_or_default();
        Ok(value.split(',').filter(|element| !element.is_empty()).map(str::to_owned).collect())
    }

    /// The values of a draft, in the form in which they are kept.
    ///
    /// # Errors
    /// The first that is wrong with them.
    pub(crate) fn checked(&self, draft: Draft) -> Result<Values, AlterError> {
        let Draft { mut values, set } = draft;
        let mut known = Vec::with_capacity(set.len());
        for (key, value) in set {
            known.push((self.kind.key(&key).ok_or_else(|| self.unknown(&key))?, value));
        }
        if self.kind == ResourceKind::Broker {
            self.check_dynamic(&known)?;
        }
        for (definition, value) in known {
            let value = self.check_value(definition, &value)?;
            values.insert(definition.name().to_owned(), value);
        }
        match self.kind {
            ResourceKind::Topic => {
                let mut config = TopicConfig::new();
                for (key, value) in &values {
                    config.restore(key, value); // one that is not known contradicts nothing
                }
                config.check(self.broker)?;
            }
            ResourceKind::Broker => {
                let set = self.broker.with_values(self.name.is_empty(), &values);
                TopicConfig::new().check(&set)?;
                group::check_broker(&set)?;
            }
            ResourceKind::Group => group::check(&values, self.broker)?,
            ResourceKind::ClientMetrics => {}
        }
        Ok(values)
    }

    fn unknown(&self, key: &str) -> AlterError {
        let (name, nearest) = (key.to_owned(), nearest(self.kind.keys(), key));
        match self.kind {
            ResourceKind::Topic => ConfigError::UnknownTopicKey { name, nearest }.into(),
            ResourceKind::Broker => ConfigError::UnknownBrokerKey { name, nearest }.into(),
            ResourceKind::ClientMetrics => AlterError::UnknownClientMetricsKey(name),
            ResourceKind::Group => AlterError::UnknownGroupKey(name),
        }
    }

    /// Which keys can be set at all while the broker runs, and for whom.
    fn check_dynamic(&self, set: &[(&'static Definition, String)]) -> Result<(), AlterError> {
        let those = |which: fn(&Definition) -> bool| -> Vec<&'static str> {
            let those = set.iter().map(|(key, _)| *key).filter(|key| which(key));
            those.map(Definition::name).collect()
        };
        let refuse = |keys: Vec<_>, error: fn(Vec<&'static str>) -> AlterError| {
            if keys.is_empty() { Ok(()) } else { Err(error(keys)) }
        };
        refuse(those(|key| !key.is_dynamic()), AlterError::NotDynamic)?;
        refuse(those(Definition::is_per_listener), AlterError::OnlyPerListener)?;
        if self.name.is_empty() {
            refuse(those(Definition::is_per_broker), AlterError::OnlyPerBroker)?;
        }
        Ok(())
    }

    fn check_value(&self, key: &'static Definition, value: &str) -> Result<String, AlterError> {
        let checked = match (self.kind, key.check(value)) {
            (ResourceKind::Broker, Err(illegal @ InvalidValue::Illegal { .. })) => {
                return Err(AlterError::Illegal(illegal));
            }
            (ResourceKind::ClientMetrics, Err(InvalidValue::Illegal { name: "interval.ms", value, .. }))
                if let Ok(interval_ms) = value.parse() =>
            {
                return Err(AlterError::PushInterval(interval_ms));
            }
            (_, checked) => checked.map_err(ConfigError::from)?,
        };
        if (self.kind, key.name()) == (ResourceKind::ClientMetrics, "match") {
            ClientMatch::parse(&checked).map_err(AlterError::ClientPattern)?;
        }
        let now = self.broker.get(key.name());
        if self.kind == ResourceKind::Broker
            && matches!(key.effect(), Effect::Server)
            && now != Some(&checked)
        {
            return Err(ConfigError::InvalidValue(InvalidValue::Unfulfilled {
                name: key.name(),
                value: checked,
                why: "the listeners and their limits are set up when the server starts",
                accepted: now.unwrap_or("no value").to_owned(),
            })
            .into());
        }
        Ok(checked)
    }
}
