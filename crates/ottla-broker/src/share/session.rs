//! Share sessions: which partitions a member of a group fetches, so that it need not name them each time.
//!
//! A session is known by its group and member, and counts its requests. There are so many at most: it ends with its
//! connection at the latest, and none makes room for another.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;

/// The epoch of a request that begins a session.
pub(crate) const INITIAL_EPOCH: i32 = 0;
/// The epoch of a request that ends it.
pub(crate) const FINAL_EPOCH: i32 = -1;
/// Bytes of a member's id, which is a UUID in one of its forms.
pub(crate) const MEMBER_ID_LENGTH_MAX: usize = 36;

/// A partition, by its topic's id.
pub(crate) type Place = ([u8; 16], i32);

#[derive(Debug)]
struct ShareSession {
    epoch: i32,
    partitions: Vec<Place>,
    /// The same, to be looked up.
    known: BTreeSet<Place>,
    /// The connection that it was begun on.
    connection: u64,
}

/// All share sessions.
#[derive(Debug, Default)]
pub(crate) struct ShareSessions {
    sessions: BTreeMap<(Str, Str), ShareSession>,
}

impl ShareSessions {
    /// Begins a session, in place of the one before.
    pub(crate) fn begin(
        &mut self,
        (group, member): (&Str, &Str),
        connection: u64,
        partitions: Vec<Place>,
        sessions_max: usize,
    ) -> Result<(), ErrorCode> {
        let key = (group.clone(), member.clone());
        self.sessions.remove(&key);
        if self.sessions.len() >= sessions_max {
            return Err(ErrorCode::SHARE_SESSION_LIMIT_REACHED);
        }
        let mut session =
            ShareSession { epoch: 1, partitions: Vec::new(), known: BTreeSet::new(), connection };
        session.add(partitions);
        self.sessions.insert(key, session);
        Ok(())
    }

    /// Goes on with a session; returns what it fetches from now on, a partition first that was not first before.
    pub(crate) fn go_on(
        &mut self,
        (group, member): (&Str, &Str),
        epoch: i32,
        added: Vec<Place>,
        forgotten: &[Place],
    ) -> Result<Vec<Place>, ErrorCode> {
        let session = self
            .sessions
            .get_mut(&(group.clone(), member.clone()))
            .ok_or(ErrorCode::SHARE_SESSION_NOT_FOUND)?;
        if session.epoch != epoch {
            return Err(ErrorCode::INVALID_SHARE_SESSION_EPOCH);
        }
        session.add(added);
        if forgotten.iter().any(|place| session.known.remove(place)) {
            forgotten.iter().for_each(|place| _ = session.known.remove(place));
            session.partitions.retain(|place| session.known.contains(place));
        }
        session.epoch = if epoch == i32::MAX { 1 } else { epoch + 1 };
        if !session.partitions.is_empty() {
            session.partitions.rotate_left(1);
        }
        Ok(session.partitions.clone())
    }

    /// Whose sessions were begun on a connection: by group and member.
    pub(crate) fn of_connection(&self, connection: u64) -> Vec<(Str, Str)> {
        let of_it = self.sessions.iter().filter(|(_, session)| session.connection == connection);
        of_it.map(|(key, _)| key.clone()).collect()
    }

    /// Whether there is a session.
    pub(crate) fn contains(&self, group: &Str, member: &Str) -> bool {
        self.sessions.contains_key(&(group.clone(), member.clone()))
    }

    /// Ends a session; returns what it fetched.
    pub(crate) fn remove(&mut self, group: &Str, member: &Str) -> Option<Vec<Place>> {
        Some(self.sessions.remove(&(group.clone(), member.clone()))?.partitions)
    }
}

impl ShareSession {
    fn add(&mut self, places: Vec<Place>) {
        for place in places {
            if self.known.insert(place) {
                self.partitions.push(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> (Str, Str) {
        (Str::from("g"), Str::from("m"))
    }

    #[test]
    fn a_session_counts_its_requests() {
        let (group, member) = names();
        let mut sessions = ShareSessions::default();
        let of = |sessions: &mut ShareSessions, epoch| {
            sessions.go_on((&group, &member), epoch, Vec::new(), &[]).map(|places| places.len())
        };
        assert_eq!(of(&mut sessions, 1), Err(ErrorCode::SHARE_SESSION_NOT_FOUND));
        sessions.begin((&group, &member), 0, vec![([1; 16], 0), ([1; 16], 1), ([1; 16], 0)], 9).unwrap();
        assert_eq!(of(&mut sessions, 2), Err(ErrorCode::INVALID_SHARE_SESSION_EPOCH));
        assert_eq!(of(&mut sessions, 1), Ok(2));
        assert_eq!(of(&mut sessions, 1), Err(ErrorCode::INVALID_SHARE_SESSION_EPOCH));
        assert_eq!(of(&mut sessions, 2), Ok(2));
    }

    #[test]
    fn no_session_makes_room_for_another() {
        let (group, member) = names();
        let mut sessions = ShareSessions::default();
        sessions.begin((&group, &member), 0, Vec::new(), 1).unwrap();
        let other = Str::from("n");
        let full = Err(ErrorCode::SHARE_SESSION_LIMIT_REACHED);
        assert_eq!(sessions.begin((&group, &other), 0, Vec::new(), 1), full);
        assert_eq!(sessions.begin((&group, &member), 0, Vec::new(), 1), Ok(()), "in place of its own");
        sessions.remove(&group, &member);
        assert_eq!(sessions.begin((&group, &other), 0, Vec::new(), 1), Ok(()));
    }
}
