//! What the producer and the consumer of this workspace are made of besides the public API.
//!
//! Not part of that API: whatever stands here may change with any release, and the clients are
//! released together with it. Only re-exports and the settings' macro live here.

pub use crate::brokers::{BrokerEvent, Brokers};
pub use crate::closing::{CloseOnDrop, Closing};
pub use crate::directory::Directory;
pub use crate::lock::lock;
pub use crate::pass_on_client_settings;
pub use crate::route::Route;

/// Gives a config whose field `client` is an [`ottla_client::Config`](crate::Config) the beginnings
/// that every client's config has.
#[doc(hidden)]
#[macro_export]
macro_rules! pass_on_client_settings {
    () => {
        /// Kafka's defaults, for the cluster of these bootstrap servers.
        pub fn new(bootstrap_servers: impl AsRef<str>) -> Self {
            Self::with_client($crate::Config::new(bootstrap_servers))
        }

        /// Sets `client.id`.
        #[must_use]
        pub fn with_client_id(mut self, client_id: impl Into<String>) -> Self {
            self.client = self.client.with_client_id(client_id);
            self
        }

        /// Sets what makes the streams: TCP by default, an in-memory network in tests.
        #[must_use]
        pub fn with_connector(mut self, connector: ::std::sync::Arc<dyn $crate::Connector>) -> Self {
            self.client = self.client.with_connector(connector);
            self
        }

        /// Sets clock, seeds and spawning.
        #[must_use]
        pub fn with_env(mut self, env: ::ottla_env::Env) -> Self {
            self.client = self.client.with_env(env);
            self
        }
    };
}
