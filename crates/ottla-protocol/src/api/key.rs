//! The numbers of the APIs, and which of their versions are flexible.

use core::fmt;

macro_rules! flexible_from {
    (never) => {
        None
    };
    ($version:literal) => {
        Some($version)
    };
}

/// One line an API: its name, its number, its first flexible version.
macro_rules! api_keys {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $flexible:tt;)*) => {
        /// An API of Kafka 4.3, named as Kafka names it; which ones are served here is in [`crate::messages`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(i16)]
        pub enum ApiKey {
            $($(#[$doc])* $name = $key,)*
        }

        impl ApiKey {
            /// All of them, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The API of this number.
            #[must_use]
            pub const fn from_i16(key: i16) -> Option<Self> {
                match key {
                    $($key => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Its name, such as `Produce`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// Its first version with compact lengths and tagged fields (KIP-482), if it has one.
            #[must_use]
            pub const fn flexible_from(self) -> Option<i16> {
                match self {
                    $(Self::$name => flexible_from!($flexible),)*
                }
            }
        }
    };
}

impl ApiKey {
    /// Its number.
    #[must_use]
    pub const fn to_i16(self) -> i16 {
        self as i16
    }

    /// Whether this version has compact lengths and tagged fields.
    #[must_use]
    pub const fn is_flexible(self, version: i16) -> bool {
        match self.flexible_from() {
            Some(first) => version >= first,
            None => false,
        }
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl From<ApiKey> for i16 {
    fn from(key: ApiKey) -> Self {
        key.to_i16()
    }
}

api_keys! {
    /// Appends record batches.
    Produce = 0, 9;
    /// Reads record batches.
    Fetch = 1, 12;
    /// Asks for the ends of partitions, or for offsets by time.
    ListOffsets = 2, 6;
    /// Asks for brokers, topics and partition leaders.
    Metadata = 3, 9;
    /// Leadership orders of ZooKeeper days; gone since Kafka 4.0.
    LeaderAndIsr = 4, 2;
    /// Replica orders of ZooKeeper days; gone since Kafka 4.0.
    StopReplica = 5, 2;
    /// Metadata pushes of ZooKeeper days; gone since Kafka 4.0.
    UpdateMetadata = 6, 6;
    /// Shutdown notice of ZooKeeper days; gone since Kafka 4.0.
    ControlledShutdown = 7, 3;
    /// Stores a group's offsets.
    OffsetCommit = 8, 8;
    /// Reads a group's offsets.
    OffsetFetch = 9, 6;
    /// Asks which broker coordinates a group or transaction.
    FindCoordinator = 10, 3;
    /// Joins a classic group.
    JoinGroup = 11, 6;
    /// Tells the coordinator that a classic member is alive.
    Heartbeat = 12, 4;
    /// Leaves a classic group.
    LeaveGroup = 13, 4;
    /// Hands out the assignment of a classic group.
    SyncGroup = 14, 4;
    /// Describes classic groups.
    DescribeGroups = 15, 5;
    /// Lists all groups.
    ListGroups = 16, 3;
    /// Chooses a SASL mechanism.
    SaslHandshake = 17, never;
    /// Asks which versions of which APIs are served.
    ApiVersions = 18, 3;
    /// Creates topics.
    CreateTopics = 19, 5;
    /// Deletes topics.
    DeleteTopics = 20, 4;
    /// Deletes records before an offset.
    DeleteRecords = 21, 2;
    /// Asks for a producer id and epoch.
    InitProducerId = 22, 2;
    /// Asks where the records of a leader epoch end.
    OffsetForLeaderEpoch = 23, 4;
    /// Adds partitions to a transaction.
    AddPartitionsToTxn = 24, 3;
    /// Adds a group's offsets to a transaction.
    AddOffsetsToTxn = 25, 3;
    /// Commits or aborts a transaction.
    EndTxn = 26, 3;
    /// Writes the end of a transaction into partitions; between brokers.
    WriteTxnMarkers = 27, 1;
    /// Stores a group's offsets within a transaction.
    TxnOffsetCommit = 28, 3;
    /// Lists access rules.
    DescribeAcls = 29, 2;
    /// Adds access rules.
    CreateAcls = 30, 2;
    /// Removes access rules.
    DeleteAcls = 31, 2;
    /// Reads configuration.
    DescribeConfigs = 32, 4;
    /// Replaces configuration.
    AlterConfigs = 33, 2;
    /// Moves replicas between folders.
    AlterReplicaLogDirs = 34, 2;
    /// Describes log folders.
    DescribeLogDirs = 35, 2;
    /// Carries SASL tokens.
    SaslAuthenticate = 36, 2;
    /// Adds partitions to topics.
    CreatePartitions = 37, 2;
    /// Makes a delegation token.
    CreateDelegationToken = 38, 2;
    /// Renews a delegation token.
    RenewDelegationToken = 39, 2;
    /// Ends a delegation token.
    ExpireDelegationToken = 40, 2;
    /// Describes delegation tokens.
    DescribeDelegationToken = 41, 2;
    /// Deletes groups.
    DeleteGroups = 42, 2;
    /// Elects leaders.
    ElectLeaders = 43, 2;
    /// Changes single configuration values.
    IncrementalAlterConfigs = 44, 1;
    /// Moves replicas between brokers.
    AlterPartitionReassignments = 45, 0;
    /// Lists replica moves that go on.
    ListPartitionReassignments = 46, 0;
    /// Deletes a group's offsets.
    OffsetDelete = 47, never;
    /// Reads client quotas.
    DescribeClientQuotas = 48, 1;
    /// Changes client quotas.
    AlterClientQuotas = 49, 1;
    /// Lists SCRAM users.
    DescribeUserScramCredentials = 50, 0;
    /// Changes SCRAM users.
    AlterUserScramCredentials = 51, 0;
    /// Asks for a vote; between controllers.
    Vote = 52, 0;
    /// Announces a leader; between controllers.
    BeginQuorumEpoch = 53, 1;
    /// Announces that a leader steps down; between controllers.
    EndQuorumEpoch = 54, 1;
    /// Describes the quorum of controllers.
    DescribeQuorum = 55, 0;
    /// Changes the in-sync replicas; broker to controller.
    AlterPartition = 56, 0;
    /// Changes finalized features.
    UpdateFeatures = 57, 0;
    /// Forwards a request; broker to controller.
    Envelope = 58, 0;
    /// Reads a metadata snapshot; between controllers.
    FetchSnapshot = 59, 0;
    /// Describes the cluster.
    DescribeCluster = 60, 0;
    /// Describes producers that write to partitions.
    DescribeProducers = 61, 0;
    /// Registers a broker; broker to controller.
    BrokerRegistration = 62, 0;
    /// Tells the controller that a broker is alive.
    BrokerHeartbeat = 63, 0;
    /// Removes a broker.
    UnregisterBroker = 64, 0;
    /// Describes transactions.
    DescribeTransactions = 65, 0;
    /// Lists transactions.
    ListTransactions = 66, 0;
    /// Asks for a block of producer ids; broker to controller.
    AllocateProducerIds = 67, 0;
    /// Joins, keeps alive or leaves a KIP-848 group.
    ConsumerGroupHeartbeat = 68, 0;
    /// Describes KIP-848 groups.
    ConsumerGroupDescribe = 69, 0;
    /// Registers a controller; between controllers.
    ControllerRegistration = 70, 0;
    /// Asks which client metrics are wanted.
    GetTelemetrySubscriptions = 71, 0;
    /// Delivers client metrics.
    PushTelemetry = 72, 0;
    /// Reports where replicas lie; broker to controller.
    AssignReplicasToDirs = 73, 0;
    /// Lists resources that have configuration.
    ListConfigResources = 74, 0;
    /// Describes partitions of topics, page by page.
    DescribeTopicPartitions = 75, 0;
    /// Joins, keeps alive or leaves a share group.
    ShareGroupHeartbeat = 76, 0;
    /// Describes share groups.
    ShareGroupDescribe = 77, 0;
    /// Reads record batches as a share group.
    ShareFetch = 78, 0;
    /// Acknowledges records of a share group.
    ShareAcknowledge = 79, 0;
    /// Adds a controller to the quorum.
    AddRaftVoter = 80, 0;
    /// Removes a controller from the quorum.
    RemoveRaftVoter = 81, 0;
    /// Updates a controller of the quorum.
    UpdateRaftVoter = 82, 0;
    /// Starts the stored state of a share group; between brokers.
    InitializeShareGroupState = 83, 0;
    /// Reads the stored state of a share group; between brokers.
    ReadShareGroupState = 84, 0;
    /// Writes the stored state of a share group; between brokers.
    WriteShareGroupState = 85, 0;
    /// Deletes the stored state of a share group; between brokers.
    DeleteShareGroupState = 86, 0;
    /// Reads a summary of the stored state of a share group; between brokers.
    ReadShareGroupStateSummary = 87, 0;
    /// Joins, keeps alive or leaves a streams group.
    StreamsGroupHeartbeat = 88, 0;
    /// Describes streams groups.
    StreamsGroupDescribe = 89, 0;
    /// Reads a share group's start offsets.
    DescribeShareGroupOffsets = 90, 0;
    /// Changes a share group's start offsets.
    AlterShareGroupOffsets = 91, 0;
    /// Deletes a share group's offsets.
    DeleteShareGroupOffsets = 92, 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_those_of_kafka() {
        assert_eq!(ApiKey::from_i16(18), Some(ApiKey::ApiVersions));
        assert_eq!(ApiKey::DescribeCluster.to_i16(), 60);
        assert_eq!(ApiKey::DescribeCluster.name(), "DescribeCluster");
        assert_eq!(ApiKey::from_i16(-1), None);
        assert_eq!(ApiKey::from_i16(93), None);
        for key in ApiKey::ALL {
            assert_eq!(ApiKey::from_i16(key.to_i16()), Some(*key));
        }
    }

    #[test]
    fn two_apis_never_became_flexible() {
        let never: alloc::vec::Vec<_> =
            ApiKey::ALL.iter().copied().filter(|key| key.flexible_from().is_none()).collect();
        assert_eq!(never, [ApiKey::SaslHandshake, ApiKey::OffsetDelete]);
        assert!(ApiKey::Metadata.is_flexible(9));
        assert!(!ApiKey::Metadata.is_flexible(8));
    }
}
