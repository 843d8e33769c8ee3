//! Connecting to the cluster that the words of a command name.

use ottla::client::{Admin, Client, Config, Property};

use crate::arguments::Cluster;
use crate::failure::Failure;

/// What brokers are told that this client is called, unless a setting says otherwise.
const CLIENT_ID: &str = "ottla-cli";

/// A client's own settings, taken from text by their keys.
pub(crate) trait Settings {
    /// Sets the name that brokers are told.
    fn named(self, client_id: &str) -> Self;

    /// Sets one setting; says whether there is one of that key.
    fn set(&mut self, key: &str, value: &str) -> Result<Property, ottla::client::ConfigError>;
}

impl Settings for Config {
    fn named(self, client_id: &str) -> Self {
        self.with_client_id(client_id)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<Property, ottla::client::ConfigError> {
        Self::set(self, key, value)
    }
}

impl Settings for ottla::producer::Config {
    fn named(self, client_id: &str) -> Self {
        self.with_client_id(client_id)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<Property, ottla::client::ConfigError> {
        Self::set(self, key, value)
    }
}

impl Settings for ottla::consumer::Config {
    fn named(self, client_id: &str) -> Self {
        self.with_client_id(client_id)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<Property, ottla::client::ConfigError> {
        Self::set(self, key, value)
    }
}

/// The settings of a client: the command's own, and then those of `--set`, which win.
pub(crate) fn settings<S: Settings>(config: S, own: &[(&str, &str)], words: &Cluster) -> Result<S, Failure> {
    let mut config = config.named(CLIENT_ID);
    let given = words.set.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    for (key, value) in own.iter().copied().chain(given) {
        if config.set(key, value)? == Property::Unknown {
            return Err(Failure::UnknownSetting(key.to_owned()));
        }
    }
    Ok(config)
}

/// A client for admin calls.
pub(crate) async fn admin(words: &Cluster) -> Result<Admin, Failure> {
    let config = settings(Config::new(&words.bootstrap), &[], words)?;
    Ok(Client::connect(config).await?.admin())
}

/// As [`admin`], with the client underneath.
pub(crate) async fn admin_and_client(words: &Cluster) -> Result<(Admin, Client), Failure> {
    let config = settings(Config::new(&words.bootstrap), &[], words)?;
    let client = Client::connect(config).await?;
    Ok((client.admin(), client))
}
