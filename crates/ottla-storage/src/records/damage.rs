//! Where a reader can go on behind a damaged batch.
//!
//! That a batch is damaged was found out by the read that answered so; its segment remembers where the next good one starts.

use std::io;
use std::sync::Arc;

use ottla_protocol::records::{BATCH_HEADER_LEN, BatchHeader};

use crate::error::ReadError;
use crate::lock::lock;
use crate::log::Core;
use crate::offset::Offset;
use crate::read::ReadOptions;
use crate::segment::Suffix;

impl Core {
    /// The first offset behind the damaged batch that holds `offset`; `None` when none does.
    pub(super) async fn behind_damage(self: &Arc<Self>, offset: i64) -> Result<Option<i64>, ReadError> {
        let log = crate::log::Log::new(Arc::clone(self));
        let position = match log.read(Offset(offset), ReadOptions::default()).await {
            Err(ReadError::Corrupt { position, .. }) => position,
            Err(error) => return Err(error),
            Ok(_) => return Ok(None),
        };
        let (segment, next_base) = {
            let state = lock(&self.state);
            let Some((_, segment)) = state.segments.range(..=offset).next_back() else { return Ok(None) };
            let next = state.segments.range(offset + 1..).next().map(|(base, _)| *base);
            (Arc::clone(segment), next.map_or(state.visible.offset, |next| next.min(state.visible.offset)))
        };
        let good = segment.state().bad_until(position);
        let failed =
            |source: io::Error| ReadError::Io { path: segment.path(Suffix::Log), source: Arc::new(source) };
        if let Some(good) = good {
            let file = segment.file().map_err(failed)?;
            let head = file.read_at(u64::from(good), BATCH_HEADER_LEN).bytes().await.map_err(failed)?;
            if let Ok(header) = BatchHeader::parse(&head)
                && header.base_offset > offset
                && header.base_offset < next_base
            {
                return Ok(Some(header.base_offset));
            }
        }
        Ok(Some(next_base.max(offset + 1)))
    }
}
