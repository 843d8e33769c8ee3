//! Consumers in groups: who gets what, what is committed, and what happens when members and coordinators come and go.

#[path = "groups/world.rs"]
mod world;

#[path = "groups/commits.rs"]
mod commits;
#[path = "groups/faults.rs"]
mod faults;
#[path = "groups/rebalances.rs"]
mod rebalances;
