//! How a share group is shown.

use ottla_protocol::messages::list_groups::ListedGroup;
use ottla_protocol::messages::share_group_describe as messages;
use ottla_protocol::wire::{Str, Uuid};

use super::{ShareGroup, ShareGroups, Topics};

const KIND: &str = "share";

impl ShareGroup {
    /// As Kafka calls it.
    fn state(&self) -> &'static str {
        if self.members.is_empty() { "Empty" } else { "Stable" }
    }
}

impl ShareGroups {
    /// The groups in a list.
    pub(crate) fn list(&self) -> impl Iterator<Item = ListedGroup> + '_ {
        self.groups.iter().map(|(id, group)| {
            ListedGroup::default()
                .with_group_id(id.clone())
                .with_protocol_type(KIND)
                .with_group_state(group.state())
                .with_group_type(KIND)
        })
    }

    /// A group with its members.
    pub(crate) fn describe(&self, id: &Str, topics: &impl Topics) -> Option<messages::DescribedGroup> {
        let group = self.groups.get(id)?;
        let members = group.members.iter().map(|(member, about)| {
            let current = group.current.get(member).cloned().unwrap_or_default();
            let assigned = current.assigned.iter().filter_map(|(topic, partitions)| {
                let mut assigned = messages::TopicPartitions::default();
                assigned.topic_id = Uuid(*topic);
                assigned.topic_name = topics.name(Uuid(*topic))?;
                assigned.partitions = partitions.iter().copied().collect::<Vec<_>>().into();
                Some(assigned)
            });
            let mut assignment = messages::Assignment::default();
            assignment.topic_partitions = assigned.collect();
            let mut described = messages::Member::default();
            described.member_id = member.clone();
            described.rack_id = about.rack.clone();
            described.member_epoch = current.epoch;
            described.client_id = about.client_id.clone();
            described.client_host = about.client_host.clone();
            described.subscribed_topic_names = about.subscribed.clone();
            described.assignment = assignment;
            described
        });
        let mut described = messages::DescribedGroup::default();
        described.members = members.collect();
        described.group_id = id.clone();
        described.group_state = Str::from_static(group.state());
        described.group_epoch = group.epoch;
        described.assignment_epoch = group.target_epoch;
        described.assignor_name = Str::from_static("simple");
        Some(described)
    }
}
