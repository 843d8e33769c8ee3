//! What a configuration key is: its type, default, legal values, and what ottla makes of it.
//!
//! The keys themselves are the rows of `broker.keys`, `topic.keys` and their like beside this file. Which values were
//! given, and where an effective value comes from, is decided in [`super`].

use std::sync::LazyLock;

use ottla_protocol::records::Compression;

use super::group::ShareReset;

/// The type of a configuration value, as `DescribeConfigs` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueType {
    /// `true` or `false`.
    Boolean,
    /// Any text.
    String,
    /// A signed number of 32 bits.
    Int,
    /// A signed number of 16 bits.
    Short,
    /// A signed number of 64 bits.
    Long,
    /// A floating point number.
    Double,
    /// Texts separated by commas.
    List,
    /// The name of a Java class.
    Class,
    /// A text that is never shown.
    Password,
}

impl ValueType {
    /// The number of this type in `DescribeConfigs` v3 and later.
    pub fn wire_code(self) -> i8 {
        match self {
            Self::Boolean => 1,
            Self::String => 2,
            Self::Int => 3,
            Self::Short => 4,
            Self::Long => 5,
            Self::Double => 6,
            Self::List => 7,
            Self::Class => 8,
            Self::Password => 9,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "boolean" => Self::Boolean,
            "string" => Self::String,
            "int" => Self::Int,
            "short" => Self::Short,
            "long" => Self::Long,
            "double" => Self::Double,
            "list" => Self::List,
            "class" => Self::Class,
            "password" => Self::Password,
            _ => return None,
        })
    }
}

/// What ottla does with the values of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// The broker core acts on every legal value.
    Acts,
    /// The server that puts the core on listeners acts on it.
    Server,
    /// Every legal value is fulfilled, because one node has nothing for it to act on.
    Any(&'static str),
    /// Only these values are fulfilled.
    Only(Vec<&'static str>, &'static str),
    /// A list of at most one element is fulfilled.
    Single(&'static str),
    /// The broker core acts on lists with this element.
    With(&'static str, &'static str),
    /// The server acts on numbers above 0, and on -1, which leaves it to the system.
    Size(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
enum Valid {
    Anything,
    Range {
        min: f64,
        max: f64,
        min_text: &'static str,
        max_text: &'static str,
    },
    GzipLevel,
    OneOf(Vec<&'static str>),
    /// `*`, or replicas as `partition:broker`.
    Replicas,
    /// Where a share group begins.
    ShareReset,
    /// A list, no element of which is empty.
    NoEmptyElement,
    /// Numbers of connections, each as `address:number`.
    AddressCounts,
}

/// One configuration key.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    name: &'static str,
    value_type: ValueType,
    default: Option<&'static str>,
    valid: Valid,
    flags: &'static str,
    effect: Effect,
    documentation: &'static str,
}

impl Definition {
    /// The key, as Kafka spells it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The type of its values.
    pub fn value_type(&self) -> ValueType {
        self.value_type
    }

    /// The value that holds when none is given; `None` when that is no value at all.
    pub fn default_value(&self) -> Option<&'static str> {
        self.default
    }

    /// Whether Kafka changes it without a restart.
    pub fn is_dynamic(&self) -> bool {
        self.flags.contains('d')
    }

    /// Whether it can be set only for one broker, not for all of them at once.
    pub fn is_per_broker(&self) -> bool {
        self.flags.contains('n')
    }

    /// Whether Kafka changes it without a restart only for one listener.
    pub fn is_per_listener(&self) -> bool {
        self.flags.contains('l')
    }

    /// Whether its values are lists.
    pub fn is_list(&self) -> bool {
        self.value_type == ValueType::List
    }

    /// Whether it is internal to Kafka: accepted, yet not listed.
    pub fn is_internal(&self) -> bool {
        self.flags.contains('i')
    }

    /// Whether its value is a secret, and so never shown.
    pub fn is_sensitive(&self) -> bool {
        self.value_type == ValueType::Password
    }

    /// What ottla does with its values.
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// What the key says, in a sentence.
    pub fn documentation(&self) -> &'static str {
        self.documentation
    }

    /// Checks a value and returns it in the form in which it is kept.
    ///
    /// # Errors
    /// [`InvalidValue::Illegal`] for a value that Kafka refuses too, in Kafka's words;
    /// [`InvalidValue::Unfulfilled`] for one whose meaning this broker cannot fulfil.
    pub fn check(&self, value: &str) -> Result<String, InvalidValue> {
        let value = match self.value_type {
            ValueType::Password => value,
            _ => value.trim(),
        };
        let illegal = |shown: &str, reason: String| InvalidValue::Illegal {
            name: self.name,
            value: if self.is_sensitive() { "[hidden]".to_owned() } else { shown.to_owned() },
            reason,
        };
        let number = |kind: &str| illegal(value, format!("Not a number of type {kind}"));
        let kept = match self.value_type {
            ValueType::Boolean => match value.to_ascii_lowercase().as_str() {
                known @ ("true" | "false") => known.to_owned(),
                _ => return Err(illegal(value, "Expected value to be either true or false".into())),
            },
            ValueType::Int => value.parse::<i32>().map_err(|_| number("INT"))?.to_string(),
            ValueType::Short => value.parse::<i16>().map_err(|_| number("SHORT"))?.to_string(),
            ValueType::Long => value.parse::<i64>().map_err(|_| number("LONG"))?.to_string(),
            ValueType::Double => {
                let parsed = value.parse::<f64>().ok().filter(|parsed| parsed.is_finite());
                // Exponents as Java writes them.
                format!("{:?}", parsed.ok_or_else(|| number("DOUBLE"))?).replace('e', "E")
            }
            ValueType::List => {
                let mut elements: Vec<&str> = Vec::new();
                for element in value.split(',').map(str::trim) {
                    // Said twice, a choice is still one choice.
                    if !(matches!(self.valid, Valid::OneOf(_)) && elements.contains(&element)) {
                        elements.push(element);
                    }
                }
                elements.join(",")
            }
            ValueType::String | ValueType::Class | ValueType::Password => value.to_owned(),
        };
        self.check_valid(&kept).map_err(|reason| match self.valid {
            // So Kafka writes a list that is wrong as a whole.
            Valid::Replicas => illegal(&format!("[{}]", kept.replace(',', ", ")), reason),
            _ => illegal(&kept, reason),
        })?;
        self.check_effect(&kept)?;
        Ok(kept)
    }

    fn check_valid(&self, value: &str) -> Result<(), String> {
        match &self.valid {
            Valid::Anything => Ok(()),
            Valid::Range { min, max, min_text, max_text } => {
                // Every bound in the tables is a whole number below 2^53, so that comparing as f64 is exact.
                let number: f64 = value.parse().unwrap_or(f64::NAN);
                if number < *min {
                    Err(format!("Value must be at least {min_text}"))
                } else if number > *max {
                    Err(format!("Value must be no more than {max_text}"))
                } else {
                    Ok(())
                }
            }
            Valid::ShareReset if ShareReset::parse(value).is_some() => Ok(()),
            Valid::ShareReset => Err(format!(
                "Invalid value `{value}` for configuration {}. The value must be either 'earliest', 'latest' or of \
                 the format 'by_duration:<PnDTnHnMn.nS>'.",
                self.name
            )),
            Valid::NoEmptyElement if value.is_empty() || value.split(',').all(|one| !one.is_empty()) => {
                Ok(())
            }
            Valid::NoEmptyElement => Err(format!("Configuration '{}' values must not be empty.", self.name)),
            Valid::AddressCounts => match super::address_counts(value).all(|one| one.is_some()) {
                true => Ok(()),
                false => Err("Expected a list of address:number, the numbers not below 0".to_owned()),
            },
            Valid::GzipLevel => match value.parse::<i32>() {
                Ok(-1 | 1..=9) => Ok(()),
                _ => Err("Value must be between 1 and 9 or equal to -1".to_owned()),
            },
            Valid::Replicas => {
                let is_replica = |text: &str| {
                    text.is_empty()
                        || text.split_once(':').is_some_and(|(partition, broker)| {
                            [partition, broker]
                                .iter()
                                .all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
                        })
                };
                if value == "*" || value.split(',').all(is_replica) {
                    return Ok(());
                }
                Err(format!(
                    "{} must be the literal '*' or a list of replicas in the following format: \
                     [partitionId]:[brokerId],[partitionId]:[brokerId],...",
                    self.name
                ))
            }
            Valid::OneOf(known) => {
                let is_list = self.value_type == ValueType::List;
                let mut elements = if is_list { value.split(',') } else { value.split('\0') };
                let legal = (is_list && value.is_empty())
                    || elements.all(|e| {
                        known.iter().any(|k| k.eq_ignore_ascii_case(e))
                            && (known.contains(&e) || self.case_blind())
                    });
                if legal { Ok(()) } else { Err(format!("String must be one of: {}", known.join(", "))) }
            }
        }
    }

    fn case_blind(&self) -> bool {
        matches!(self.name, "group.consumer.migration.policy" | "sasl.oauthbearer.assertion.algorithm")
    }

    fn check_effect(&self, value: &str) -> Result<(), InvalidValue> {
        if self.name == "compression.type"
            && Compression::from_name(value).is_some_and(|codec| !codec.is_enabled())
            || self.name.ends_with(".topic.compression.codec")
                && value.parse().ok().and_then(Compression::from_id).is_some_and(|codec| !codec.is_enabled())
        {
            return Err(InvalidValue::Unfulfilled {
                name: self.name,
                value: value.to_owned(),
                why: "this build has no such codec",
                accepted: "a codec that it has, or none".to_owned(),
            });
        }
        let (fulfilled, why, accepted) = match &self.effect {
            Effect::Acts | Effect::Server | Effect::Any(_) => return Ok(()),
            Effect::Only(accepted, why) => (accepted.contains(&value), why, accepted.join(" or ")),
            Effect::Single(why) => (!value.contains(','), why, "a list of one".to_owned()),
            Effect::With(needed, why) => {
                (value.split(',').any(|element| element == *needed), why, format!("a list with {needed}"))
            }
            Effect::Size(why) => {
                let fulfilled = value.parse::<i64>().is_ok_and(|size| size > 0 || size == -1);
                (fulfilled, why, "a number above 0, or -1".to_owned())
            }
        };
        if fulfilled {
            return Ok(());
        }
        Err(InvalidValue::Unfulfilled {
            name: self.name,
            value: if self.is_sensitive() { "[hidden]".to_owned() } else { value.to_owned() },
            why,
            accepted,
        })
    }

    /// Reads one row of a table of keys.
    fn parse(row: &'static str) -> Option<Self> {
        let mut cells = row.splitn(7, '|').map(str::trim);
        let name = cells.next()?;
        let value_type = ValueType::parse(cells.next()?)?;
        let default = match cells.next()? {
            "null" | "<none>" => None,
            value => Some(value),
        };
        let valid = Valid::parse(cells.next()?)?;
        let flags = cells.next()?;
        let effect = Effect::parse(cells.next()?, default)?;
        Some(Self { name, value_type, default, valid, flags, effect, documentation: cells.next()? })
    }
}

impl Valid {
    fn parse(cell: &'static str) -> Option<Self> {
        if cell == "-" {
            return Some(Self::Anything);
        }
        if cell == "replicas" {
            return Some(Self::Replicas);
        }
        if cell == "reset" {
            return Some(Self::ShareReset);
        }
        if cell == "address counts" {
            return Some(Self::AddressCounts);
        }
        if cell == "no empty" {
            return Some(Self::NoEmptyElement);
        }
        if cell == "1..9 or -1" {
            return Some(Self::GzipLevel);
        }
        if let Some(known) = cell.strip_prefix("in ") {
            return Some(Self::OneOf(known.split(',').collect()));
        }
        let (min_text, max_text) = match cell.strip_prefix(">=") {
            Some(min) => (min, "inf"),
            None => cell.split_once("..")?,
        };
        Some(Self::Range { min: min_text.parse().ok()?, max: max_text.parse().ok()?, min_text, max_text })
    }
}

impl Effect {
    fn parse(cell: &'static str, default: Option<&'static str>) -> Option<Self> {
        let (kind, why) = cell.split_once(':').unwrap_or((cell, ""));
        Some(match kind {
            "acts" => Self::Acts,
            "server" => Self::Server,
            "any" => Self::Any(why),
            "single" => Self::Single(why),
            "size" => Self::Size(why),
            "default" => Self::Only(default.into_iter().collect(), why),
            _ if kind.starts_with("with ") => Self::With(kind.strip_prefix("with ")?, why),
            _ => Self::Only(kind.strip_prefix("only ")?.split(',').filter(|v| *v != "null").collect(), why),
        })
    }
}

/// Why a value was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidValue {
    /// The value is not legal for the key; the words are Kafka's.
    #[error("Invalid value {value} for configuration {name}: {reason}")]
    Illegal {
        /// The key.
        name: &'static str,
        /// The refused value, hidden when it is a secret.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The value is legal, but its meaning is not fulfilled here.
    #[error("{name}={value} cannot be fulfilled: {why}; accepted: {}", if accepted.is_empty() { "no value" } else { accepted })]
    Unfulfilled {
        /// The key.
        name: &'static str,
        /// The refused value, hidden when it is a secret.
        value: String,
        /// Why not.
        why: &'static str,
        /// The values that would be.
        accepted: String,
    },
}

/// All keys of a broker, in alphabetical order.
pub fn broker_definitions() -> &'static [Definition] {
    static KEYS: LazyLock<Vec<Definition>> = LazyLock::new(|| parse_table(include_str!("broker.keys")));
    &KEYS
}

/// All keys of a topic, in alphabetical order.
pub fn topic_definitions() -> &'static [Definition] {
    static KEYS: LazyLock<Vec<Definition>> = LazyLock::new(|| parse_table(include_str!("topic.keys")));
    &KEYS
}

/// All keys of a group, in alphabetical order.
pub(crate) fn group_definitions() -> &'static [Definition] {
    static KEYS: LazyLock<Vec<Definition>> = LazyLock::new(|| parse_table(include_str!("group.keys")));
    &KEYS
}

/// All keys of a subscription to metrics of clients, in alphabetical order.
pub(crate) fn client_metrics_definitions() -> &'static [Definition] {
    static KEYS: LazyLock<Vec<Definition>> =
        LazyLock::new(|| parse_table(include_str!("client-metrics.keys")));
    &KEYS
}

/// The definition of one key of an alphabetical table.
pub(crate) fn find(table: &'static [Definition], name: &str) -> Option<&'static Definition> {
    table.binary_search_by(|d| d.name.cmp(name)).ok().map(|index| &table[index])
}

/// The key of a table that is nearest to a misspelt one, if any is near.
pub(crate) fn nearest(table: &'static [Definition], name: &str) -> Option<&'static str> {
    let (distance, nearest) = table.iter().map(|d| (edit_distance(name, d.name), d.name)).min()?;
    (distance <= (name.len() / 3).max(2)).then_some(nearest)
}

fn parse_table(table: &'static str) -> Vec<Definition> {
    let rows = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|row| Definition::parse(row).expect("a test reads every row of the tables")).collect()
}

/// Levenshtein's distance, over bytes, of two short texts.
fn edit_distance(a: &str, b: &str) -> usize {
    let b = b.as_bytes();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().take(256).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_in_order_and_its_default_is_fulfilled() {
        let tables =
            [broker_definitions(), topic_definitions(), group_definitions(), client_metrics_definitions()];
        for (table, least) in tables.into_iter().zip([340, 34, 17, 3]) {
            assert!(table.len() >= least);
            assert!(table.windows(2).all(|pair| pair[0].name < pair[1].name));
            for key in table {
                assert!(!key.documentation.is_empty(), "{} says nothing", key.name);
                if let Some(default) = key.default {
                    assert_eq!(key.check(default).as_deref(), Ok(default), "{}", key.name);
                }
            }
        }
    }

    #[test]
    fn a_key_meant_is_found_from_a_key_misspelt() {
        assert_eq!(nearest(topic_definitions(), "retention.mss"), Some("retention.ms"));
        assert_eq!(nearest(topic_definitions(), "max.mesage.bytes"), Some("max.message.bytes"));
        assert_eq!(nearest(topic_definitions(), "foo"), None);
    }

    /// The words were seen on Kafka 4.3.1, in answers to `CreateTopics`.
    #[test]
    fn an_illegal_value_is_refused_in_the_words_of_kafka() {
        let refusal = |name: &str, value: &str| {
            find(topic_definitions(), name).unwrap().check(value).unwrap_err().to_string()
        };
        assert_eq!(
            refusal("segment.bytes", "abc"),
            "Invalid value abc for configuration segment.bytes: Not a number of type INT"
        );
        assert_eq!(
            refusal("segment.bytes", "1"),
            "Invalid value 1 for configuration segment.bytes: Value must be at least 1048576"
        );
        assert_eq!(
            refusal("min.cleanable.dirty.ratio", "2"),
            "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1"
        );
        assert_eq!(
            refusal("cleanup.policy", "foo"),
            "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete"
        );
        assert_eq!(
            refusal("preallocate", "yes"),
            "Invalid value yes for configuration preallocate: Expected value to be either true or false"
        );
    }

    #[test]
    fn a_value_that_would_be_ignored_is_refused_with_its_reason() {
        let remote = find(topic_definitions(), "remote.storage.enable").unwrap();
        assert_eq!(remote.check(" FALSE ").as_deref(), Ok("false"));
        let refused = remote.check("true").unwrap_err().to_string();
        assert!(refused.contains("remote.storage.enable=true"), "{refused}");
        assert!(refused.contains("accepted: false"), "{refused}");
    }

    #[test]
    fn every_refusal_of_a_legal_value_says_key_value_and_reason() {
        let tables = [broker_definitions(), topic_definitions(), group_definitions()];
        let mut refusals = 0;
        for key in tables.into_iter().flatten() {
            let (Effect::Only(_, why) | Effect::Single(why) | Effect::Size(why) | Effect::With(_, why)) =
                key.effect()
            else {
                continue;
            };
            let other = match &key.valid {
                Valid::OneOf(known) => {
                    known.iter().find(|one| Some(**one) != key.default).expect("two to choose from")
                }
                Valid::Range { max_text, .. } if *max_text != "inf" => max_text,
                _ if key.value_type == ValueType::Boolean && key.default == Some("true") => "false",
                _ if key.value_type == ValueType::Boolean => "true",
                _ if matches!(key.effect(), Effect::Size(_)) => "0",
                _ if key.value_type == ValueType::List => "one,two",
                _ if key.value_type == ValueType::Double => "7.0",
                _ => "7",
            };
            let refused = key.check(other).expect_err(key.name);
            assert!(matches!(refused, InvalidValue::Unfulfilled { .. }), "{refused}");
            let shown = if key.is_sensitive() { "[hidden]" } else { other };
            let words = format!("{}={shown} cannot be fulfilled: {why}; accepted: ", key.name);
            assert!(refused.to_string().starts_with(&words) && !why.is_empty(), "{refused}");
            refusals += 1;
        }
        assert!(refusals > 100, "{refusals}");
    }

    #[test]
    fn a_secret_is_not_shown_in_a_refusal() {
        let password = find(broker_definitions(), "ssl.key.password").unwrap();
        assert!(!password.check("hunter2").unwrap_err().to_string().contains("hunter2"));
    }
}
