//! Which clients a subscription to metrics is about: `client_software_name=librdkafka,client_id=orders-.*`.
//!
//! Kafka's form and words (KIP-714). What is known of a client is in [`crate::telemetry`].

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};

/// Bytes that one compiled expression may take.
const EXPRESSION_BYTES_MAX: usize = 1 << 20;

/// What is known of a client, by the names that expressions go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Attribute {
    InstanceId,
    ClientId,
    SoftwareName,
    SoftwareVersion,
    SourceAddress,
    SourcePort,
}

impl Attribute {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "client_instance_id" => Self::InstanceId,
            "client_id" => Self::ClientId,
            "client_software_name" => Self::SoftwareName,
            "client_software_version" => Self::SoftwareVersion,
            "client_source_address" => Self::SourceAddress,
            "client_source_port" => Self::SourcePort,
            _ => return None,
        })
    }
}

/// Expressions that a client has to match, all of them; none are matched by every client.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientMatch {
    expressions: BTreeMap<Attribute, Regex>,
}

impl ClientMatch {
    /// Reads a list of expressions. Of two for the same attribute the last holds.
    ///
    /// # Errors
    /// The element that is no expression.
    pub(crate) fn parse(list: &str) -> Result<Self, String> {
        let mut expressions = BTreeMap::new();
        for element in list.split(',').filter(|_| !list.is_empty()) {
            let (attribute, expression) = read(element).ok_or_else(|| element.to_owned())?;
            expressions.insert(attribute, expression);
        }
        Ok(Self { expressions })
    }

    /// Whether a client is meant, of which this is known.
    pub(crate) fn matches<'a>(&self, known: impl Fn(Attribute) -> &'a str) -> bool {
        self.expressions.iter().all(|(attribute, expression)| expression.is_match(known(*attribute)))
    }
}

fn read(element: &str) -> Option<(Attribute, Regex)> {
    // Java splits so: what ends with the sign has nothing behind it.
    let (name, expression) = element.trim_end_matches('=').split_once('=')?;
    if expression.contains('=') {
        return None;
    }
    let whole = format!("^(?:{})$", expression.trim());
    let regex = RegexBuilder::new(&whole).size_limit(EXPRESSION_BYTES_MAX).build().ok()?;
    Some((Attribute::parse(name.trim())?, regex))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(attribute: Attribute) -> &'static str {
        match attribute {
            Attribute::ClientId => "orders-7",
            Attribute::SoftwareName => "apache-kafka-java",
            Attribute::SoftwareVersion => "4.3.1",
            _ => "",
        }
    }

    #[test]
    fn a_client_has_to_match_every_expression_from_end_to_end() {
        let matches = |list: &str| ClientMatch::parse(list).unwrap().matches(client);
        assert!(matches(""));
        assert!(matches("client_id=orders-.*"));
        assert!(matches(" client_id = orders-[0-9]+ ,client_software_version=4[.].*"));
        assert!(!matches("client_id=orders"));
        assert!(!matches("client_id=rders-7"));
        assert!(!matches("client_id=orders-.*,client_software_name=librdkafka"));
        assert!(!matches("client_source_port=9092"));
        assert!(matches("client_id=other,client_id=orders-7"), "the last holds");
        assert!(matches("client_id=a|orders-7"), "an alternative is a whole one");
    }

    /// What Kafka 4.3.1 refuses.
    #[test]
    fn what_is_no_expression_is_refused() {
        let refused = [
            "foo",
            "foo=bar",
            "client_id=[",
            "client_id=a=b",
            "client_id=",
            "=x",
            "client_id=a,x",
            "=",
            "client_id=*",
        ];
        for list in refused {
            assert!(ClientMatch::parse(list).is_err(), "{list}");
        }
        assert!(ClientMatch::parse("client_id=a=").is_ok());
        let huge = format!("client_id={}", "(a{1000}){1000}");
        assert!(ClientMatch::parse(&huge).is_err());
    }
}
