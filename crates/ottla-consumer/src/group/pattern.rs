//! Subscribing to all topics whose names match.

use std::fmt;
use std::sync::Arc;

/// Which topics are meant.
#[derive(Clone)]
pub(crate) struct Pattern(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl Pattern {
    pub(crate) fn new(matches: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(matches))
    }

    pub(crate) fn matches(&self, topic: &str) -> bool {
        (self.0)(topic)
    }

    /// Whether two are the same, and not just alike.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pattern")
    }
}
