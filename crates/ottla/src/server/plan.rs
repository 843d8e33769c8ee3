//! Which endpoints a server listens on and which it tells clients, settled before anything is bound.
//!
//! What was asked for in code comes first, then Kafka's `listeners`, `advertised.listeners`,
//! `listener.security.protocol.map` and `controller.listener.names`. A pure decision: nothing is bound here.

use std::collections::BTreeMap;

use ottla_transport::Address;

use super::endpoint::Endpoint;
use super::error::Error;

/// The one security protocol that is served.
const SERVED_PROTOCOL: &str = "PLAINTEXT";

/// Names that Kafka gives to protocols which are not served, so that a listener of that name asks for one.
const UNSERVED_PROTOCOLS: [&str; 3] = ["SSL", "SASL_PLAINTEXT", "SASL_SSL"];

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes<'a> {
    /// Listeners asked for in code; any of them sets `listeners` aside.
    pub(crate) listen: &'a [Endpoint],
    /// Advertised addresses asked for in code; any of them sets `advertised.listeners` aside.
    pub(crate) advertise: &'a [Endpoint],
    /// `listeners`, if it was given.
    pub(crate) listeners: Option<&'a str>,
    /// `advertised.listeners`, if it was given.
    pub(crate) advertised_listeners: Option<&'a str>,
    /// `listener.security.protocol.map`, if it was given.
    pub(crate) protocol_map: Option<&'a str>,
    /// `controller.listener.names`, if it was given: this node is its own controller and listens for none.
    pub(crate) controller_names: Option<&'a str>,
}

/// One listener to be: where it listens, and what clients are told if that is not the bound address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) endpoint: Endpoint,
    pub(crate) advertised: Option<Address>,
}

impl Wishes<'_> {
    /// The listeners to be, in order.
    pub(crate) fn settle(&self) -> Result<Vec<Planned>, Error> {
        let controllers = names(self.controller_names);
        let listen = match self.listen {
            [] => endpoints("listeners", self.listeners)?,
            listen => listen.to_vec(),
        };
        let listen: Vec<Endpoint> =
            listen.into_iter().filter(|endpoint| !controllers.contains(&endpoint.name)).collect();
        let advertise = match self.advertise {
            [] => endpoints("advertised.listeners", self.advertised_listeners)?,
            advertise => advertise.to_vec(),
        };
        let protocols = protocols(self.protocol_map)?;

        let mut planned: Vec<Planned> = Vec::with_capacity(listen.len());
        for endpoint in listen {
            served(&endpoint.name, protocols.as_ref())?;
            if planned.iter().any(|other| other.endpoint.name == endpoint.name) {
                return Err(Error::ListenerTwice { name: endpoint.name });
            }
            let is_unix = |endpoint: &Endpoint| matches!(endpoint.address, Address::Unix(_));
            if is_unix(&endpoint) && planned.iter().any(|other| is_unix(&other.endpoint)) {
                return Err(Error::UnixTwice { listener: endpoint });
            }
            let told = advertise.iter().find(|told| told.name == endpoint.name);
            if told.is_none_or(Endpoint::is_wildcard) && endpoint.is_wildcard() {
                return Err(Error::NotAdvertised { listener: endpoint });
            }
            planned.push(Planned { endpoint, advertised: told.map(|told| told.address.clone()) });
        }
        for told in advertise {
            let listens = planned.iter().any(|planned| planned.endpoint.name == told.name);
            if !listens && !controllers.contains(&told.name) {
                return Err(Error::AdvertisedUnknown { name: told.name });
            }
            if told.is_wildcard() {
                return Err(Error::NotAdvertised { listener: told });
            }
        }
        Ok(planned)
    }
}

/// The parts of a list that is separated by commas.
fn names(list: Option<&str>) -> Vec<String> {
    let parts = list.unwrap_or_default().split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn endpoints(key: &'static str, list: Option<&str>) -> Result<Vec<Endpoint>, Error> {
    let parse = |part: &String| part.parse().map_err(|source| Error::Endpoint { key, source });
    names(list).iter().map(parse).collect()
}

/// The protocol of each listener that the map names; `None` if there is no map.
fn protocols(map: Option<&str>) -> Result<Option<BTreeMap<String, String>>, Error> {
    let Some(map) = map else { return Ok(None) };
    let pair = |part: String| match part.split_once(':') {
        Some((name, protocol)) => Ok((name.trim().to_owned(), protocol.trim().to_owned())),
        None => Err(Error::ProtocolMap { part }),
    };
    names(Some(map)).into_iter().map(pair).collect::<Result<_, _>>().map(Some)
}

/// Whether a listener of this name can be served.
fn served(name: &str, protocols: Option<&BTreeMap<String, String>>) -> Result<(), Error> {
    let protocol = match protocols {
        Some(map) => {
            map.get(name).map(String::as_str).ok_or_else(|| Error::NoProtocol { name: name.to_owned() })?
        }
        None if UNSERVED_PROTOCOLS.contains(&name) => name,
        None => SERVED_PROTOCOL,
    };
    if protocol == SERVED_PROTOCOL {
        return Ok(());
    }
    Err(Error::ProtocolNotServed { name: name.to_owned(), protocol: protocol.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Vec<Endpoint> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn shown(planned: Result<Vec<Planned>, Error>) -> Vec<String> {
        let show = |planned: &Planned| match &planned.advertised {
            Some(told) => format!("{} as {told}", planned.endpoint),
            None => planned.endpoint.to_string(),
        };
        planned.map_or_else(|error| vec![error.to_string()], |planned| planned.iter().map(show).collect())
    }

    #[test]
    fn a_listener_is_told_as_it_is_unless_something_else_was_said() {
        let (listen, advertise) =
            (list(&["127.0.0.1:1", "OUT://0.0.0.0:2"]), list(&["OUT://kafka.example:9092"]));
        let wishes = Wishes { listen: &listen, advertise: &advertise, ..Wishes::default() };
        assert_eq!(
            shown(wishes.settle()),
            ["PLAINTEXT://127.0.0.1:1", "OUT://0.0.0.0:2 as kafka.example:9092"]
        );
    }

    #[test]
    fn every_interface_must_be_told_as_something_else() {
        for (listen, advertise) in
            [("0.0.0.0:1", vec![]), ("[::]:1", vec![]), ("0.0.0.0:1", vec!["0.0.0.0:1"])]
        {
            let (listen, advertise) = (list(&[listen]), list(&advertise));
            let wishes = Wishes { listen: &listen, advertise: &advertise, ..Wishes::default() };
            assert!(matches!(wishes.settle(), Err(Error::NotAdvertised { .. })), "{wishes:?}");
        }
    }

    #[test]
    fn the_listeners_of_kafkas_own_server_properties_are_taken() {
        let wishes = Wishes {
            listeners: Some("PLAINTEXT://:9092,CONTROLLER://:9093"),
            advertised_listeners: Some("PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"),
            protocol_map: Some("CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL"),
            controller_names: Some("CONTROLLER"),
            ..Wishes::default()
        };
        assert_eq!(shown(wishes.settle()), ["PLAINTEXT://0.0.0.0:9092 as localhost:9092"]);
    }

    #[test]
    fn what_was_asked_for_in_code_comes_first() {
        let listen = list(&["127.0.0.1:1"]);
        let wishes = Wishes { listen: &listen, listeners: Some("SSL://:9"), ..Wishes::default() };
        assert_eq!(shown(wishes.settle()), ["PLAINTEXT://127.0.0.1:1"]);
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_reason() {
        for (listen, advertise, map, reason) in [
            (vec!["127.0.0.1:1", "127.0.0.1:2"], vec![], None, "PLAINTEXT is listed twice"),
            (vec!["127.0.0.1:1"], vec!["OUT://a:1"], None, "no listener is named OUT"),
            (vec!["SSL://127.0.0.1:1"], vec![], None, "SSL, which is not served"),
            (vec!["IN://127.0.0.1:1"], vec![], Some("IN:SASL_SSL"), "SASL_SSL, which is not served"),
            (vec!["IN://127.0.0.1:1"], vec![], Some("OUT:PLAINTEXT"), "no security protocol for listener IN"),
            (vec!["IN://127.0.0.1:1"], vec![], Some("IN"), "NAME:PROTOCOL"),
        ] {
            let (listen, advertise) = (list(&listen), list(&advertise));
            let wishes =
                Wishes { listen: &listen, advertise: &advertise, protocol_map: map, ..Wishes::default() };
            let said = wishes.settle().unwrap_err().to_string();
            assert!(said.contains(reason), "{said}");
        }
    }
}
