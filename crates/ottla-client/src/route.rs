//! Which of the connections to a broker carries something.

use crate::node::NodeId;
use crate::pool::Lane;

/// One of several connections to a broker.
///
/// A connection is read by one task and answered in order, so that it moves no more than one core can copy. Where that
/// is too little, partitions are spread over several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    /// The broker.
    pub node: NodeId,
    /// Which of its connections, from 0.
    pub connection: u16,
}

impl Route {
    /// Of so many connections to a broker, the first of those that carry the fewest. There is always one.
    #[must_use]
    pub fn least_used(node: NodeId, connections: u16, carried: impl Fn(Self) -> usize) -> Self {
        let others = (1..connections).map(|connection| Self { node, connection });
        let first = Self { node, connection: 0 };
        others.fold(first, |fewest, other| if carried(other) < carried(fewest) { other } else { fewest })
    }

    /// The lane that it is, if the first one is `first`.
    pub(crate) fn lane(self, first: Lane) -> Lane {
        match self.connection {
            0 => first,
            number => Lane::Records(number),
        }
    }
}
