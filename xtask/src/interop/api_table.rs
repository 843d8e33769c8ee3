//! The APIs that Kafka 4.3.1 advertises, as `BrokerApiVersionsCommand` prints them, and those of them that ottla does not.

use std::collections::BTreeMap;

/// Every API that a broker of Kafka 4.3.1 advertises to clients, with its versions.
const KAFKA: &[(&str, &str)] = &[
    ("Produce(0)", "0 to 13"),
    ("Fetch(1)", "4 to 18"),
    ("ListOffsets(2)", "1 to 11"),
    ("Metadata(3)", "0 to 13"),
    ("OffsetCommit(8)", "2 to 10"),
    ("OffsetFetch(9)", "1 to 10"),
    ("FindCoordinator(10)", "0 to 6"),
    ("JoinGroup(11)", "0 to 9"),
    ("Heartbeat(12)", "0 to 4"),
    ("LeaveGroup(13)", "0 to 5"),
    ("SyncGroup(14)", "0 to 5"),
    ("DescribeGroups(15)", "0 to 6"),
    ("ListGroups(16)", "0 to 5"),
    ("SaslHandshake(17)", "0 to 1"),
    ("ApiVersions(18)", "0 to 4"),
    ("CreateTopics(19)", "2 to 7"),
    ("DeleteTopics(20)", "1 to 6"),
    ("DeleteRecords(21)", "0 to 2"),
    ("InitProducerId(22)", "0 to 5"),
    ("OffsetForLeaderEpoch(23)", "2 to 4"),
    ("AddPartitionsToTxn(24)", "0 to 5"),
    ("AddOffsetsToTxn(25)", "0 to 4"),
    ("EndTxn(26)", "0 to 5"),
    ("WriteTxnMarkers(27)", "1 to 2"),
    ("TxnOffsetCommit(28)", "0 to 5"),
    ("DescribeAcls(29)", "1 to 3"),
    ("CreateAcls(30)", "1 to 3"),
    ("DeleteAcls(31)", "1 to 3"),
    ("DescribeConfigs(32)", "1 to 4"),
    ("AlterConfigs(33)", "0 to 2"),
    ("AlterReplicaLogDirs(34)", "1 to 2"),
    ("DescribeLogDirs(35)", "1 to 5"),
    ("SaslAuthenticate(36)", "0 to 2"),
    ("CreatePartitions(37)", "0 to 3"),
    ("CreateDelegationToken(38)", "1 to 3"),
    ("RenewDelegationToken(39)", "1 to 2"),
    ("ExpireDelegationToken(40)", "1 to 2"),
    ("DescribeDelegationToken(41)", "1 to 3"),
    ("DeleteGroups(42)", "0 to 2"),
    ("ElectLeaders(43)", "0 to 2"),
    ("IncrementalAlterConfigs(44)", "0 to 1"),
    ("AlterPartitionReassignments(45)", "0 to 1"),
    ("ListPartitionReassignments(46)", "0"),
    ("OffsetDelete(47)", "0"),
    ("DescribeClientQuotas(48)", "0 to 1"),
    ("AlterClientQuotas(49)", "0 to 1"),
    ("DescribeUserScramCredentials(50)", "0"),
    ("AlterUserScramCredentials(51)", "0"),
    ("DescribeQuorum(55)", "0 to 2"),
    ("UpdateFeatures(57)", "0 to 2"),
    ("DescribeCluster(60)", "0 to 2"),
    ("DescribeProducers(61)", "0"),
    ("UnregisterBroker(64)", "0"),
    ("DescribeTransactions(65)", "0"),
    ("ListTransactions(66)", "0 to 2"),
    ("ConsumerGroupHeartbeat(68)", "0 to 1"),
    ("ConsumerGroupDescribe(69)", "0 to 1"),
    ("ListConfigResources(74)", "0 to 1"),
    ("DescribeTopicPartitions(75)", "0"),
    ("ShareGroupHeartbeat(76)", "1"),
    ("ShareGroupDescribe(77)", "1"),
    ("ShareFetch(78)", "1 to 2"),
    ("ShareAcknowledge(79)", "1 to 2"),
    ("AddRaftVoter(80)", "0 to 1"),
    ("RemoveRaftVoter(81)", "0"),
    ("InitializeShareGroupState(83)", "0"),
    ("ReadShareGroupState(84)", "0"),
    ("WriteShareGroupState(85)", "0 to 1"),
    ("DeleteShareGroupState(86)", "0"),
    ("ReadShareGroupStateSummary(87)", "0 to 1"),
    ("StreamsGroupHeartbeat(88)", "0"),
    ("StreamsGroupDescribe(89)", "0"),
    ("DescribeShareGroupOffsets(90)", "0 to 1"),
    ("AlterShareGroupOffsets(91)", "0"),
    ("DeleteShareGroupOffsets(92)", "0"),
];

/// Those that belong to what ottla does not have: security, quotas, delegation tokens, streams groups, voters of a quorum.
const LEFT_OUT: &[&str] = &[
    "SaslHandshake(17)",
    "DescribeAcls(29)",
    "CreateAcls(30)",
    "DeleteAcls(31)",
    "SaslAuthenticate(36)",
    "CreateDelegationToken(38)",
    "RenewDelegationToken(39)",
    "ExpireDelegationToken(40)",
    "DescribeDelegationToken(41)",
    "DescribeClientQuotas(48)",
    "AlterClientQuotas(49)",
    "DescribeUserScramCredentials(50)",
    "AlterUserScramCredentials(51)",
    "AddRaftVoter(80)",
    "RemoveRaftVoter(81)",
    "StreamsGroupHeartbeat(88)",
    "StreamsGroupDescribe(89)",
];

/// What Kafka 4.3.1 advertises.
pub(super) fn of_kafka() -> BTreeMap<String, String> {
    KAFKA.iter().map(|(api, versions)| ((*api).to_owned(), (*versions).to_owned())).collect()
}

/// What ottla advertises: the same but for what is listed here.
pub(super) fn of_ottla() -> BTreeMap<String, String> {
    let mut apis = of_kafka();
    apis.retain(|api, _| !LEFT_OUT.contains(&api.as_str()));
    apis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_once_and_known_to_kafka() {
        assert!(LEFT_OUT.iter().all(|api| KAFKA.iter().any(|(known, _)| known == api)));
        assert_eq!(of_ottla().len(), KAFKA.len() - LEFT_OUT.len());
    }
}
