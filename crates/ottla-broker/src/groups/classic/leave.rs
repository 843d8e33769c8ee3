//! `LeaveGroup`: members leave, by themselves or by an administrator's hand, one or many at once.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::leave_group::{
    LeaveGroupRequest, LeaveGroupResponse, MemberIdentity, MemberResponse,
};
use ottla_protocol::wire::Str;

use super::group::{Group, State};
use super::rebalance::Cause;
use super::turn::Turn;

/// The first version that names any number of members, static ones by their own names (KIP-345).
const MANY_FROM: i16 = 3;

impl Group {
    /// Lets members go.
    pub(super) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        version: i16,
        request: &LeaveGroupRequest,
    ) -> LeaveGroupResponse {
        let mut last = None;
        let response = answer(version, request, |identity| {
            let member_id = self.leave_one(turn, identity)?;
            last = Some((member_id, identity.reason.clone()));
            Ok(())
        });
        if let Some((member_id, reason)) = last {
            match self.state {
                State::Stable | State::CompletingRebalance(_) => {
                    let cause = Cause::new("members leave", &member_id).with_reason(reason.as_ref());
                    self.prepare_rebalance(turn, cause);
                }
                State::PreparingRebalance(_) => self.maybe_complete_join(turn),
                State::Empty => {}
            }
        }
        response
    }

    fn leave_one(&mut self, turn: &mut Turn<'_>, identity: &MemberIdentity) -> Result<Str, ErrorCode> {
        let instance_id = identity.group_instance_id.as_ref();
        let member_id = if identity.member_id.is_empty() {
            let member_id = instance_id.and_then(|instance_id| self.instances.get(instance_id));
            member_id.cloned().ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?
        } else {
            if !self.pending.contains(&identity.member_id) {
                self.check_member(&identity.member_id, instance_id)?;
            }
            identity.member_id.clone()
        };
        self.remove(turn, &member_id);
        Ok(member_id)
    }
}

/// What is answered when there is no such group.
pub(super) fn unknown_group(version: i16, request: &LeaveGroupRequest) -> LeaveGroupResponse {
    answer(version, request, |_| Err(ErrorCode::UNKNOWN_MEMBER_ID))
}

/// The answer for all who are named, in the shape of the version.
pub(in crate::groups) fn answer(
    version: i16,
    request: &LeaveGroupRequest,
    mut each: impl FnMut(&MemberIdentity) -> Result<(), ErrorCode>,
) -> LeaveGroupResponse {
    if version < MANY_FROM {
        let only = MemberIdentity::default().with_member_id(request.member_id.clone());
        return LeaveGroupResponse::default().with_error_code(each(&only).err().unwrap_or(ErrorCode::NONE));
    }
    let members = request.members.iter().map(|identity| {
        MemberResponse::default()
            .with_member_id(identity.member_id.clone())
            .with_group_instance_id(identity.group_instance_id.clone())
            .with_error_code(each(identity).err().unwrap_or(ErrorCode::NONE))
    });
    let members: Vec<_> = members.collect();
    LeaveGroupResponse::default().with_members(members)
}
