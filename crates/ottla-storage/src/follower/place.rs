//! Where in which file a follower goes on.
//!
//! The owner gives its files new names while they are read, so that nothing that a folder shows is trusted alone. A file that is
//! open stays what it was: segments are never changed where a sync has covered them, only replaced as a
//! whole or taken away. Where one ends, the next is looked for by the offset that has to come. While the folder has
//! a `.swap` file, or lists differently when it is asked again, segments are being replaced, and the follower waits.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use ottla_protocol::records::BatchHeader;
use ottla_protocol::wire::Uuid;

use super::{Follower, failed, len_of};
use crate::disk::wait::block_on;
use crate::disk::{File, OpenMode};
use crate::error::ReadError;
use crate::files::{Loaded, PartitionMetadata, load};
use crate::segment::walk::{DATA_AHEAD, HEADERS_AHEAD, Next, Walk, next_good};
use crate::segment::{Stage, Suffix, file_name, parse_file_name};

/// How often the folder is looked at again before the follower waits.
const TRIES: usize = 8;

/// A place between two batches.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: Arc<dyn File>,
    pub(super) path: PathBuf,
    /// In the file, in bytes.
    pub(super) position: u32,
    /// Everything before the place is below this offset, everything behind it is not.
    pub(super) offset: i64,
}

impl Place {
    /// Whether a batch may stand here, in a log that is synced up to `end`.
    pub(super) fn fits(&self, header: &BatchHeader, end: i64) -> bool {
        header.base_offset >= self.offset
            && header.last_offset_delta >= 0
            && header.base_offset < end
            && header.next_offset() <= end
    }
}

impl Follower {
    /// The place of the batch that holds the next offset, or of the first behind it. `None` while it cannot be said.
    pub(super) fn find(&mut self) -> Result<Option<Place>, ReadError> {
        let mut tries = 0;
        while tries < TRIES && self.next < self.end {
            let Some(bases) = self.segments()? else { return Ok(None) };
            let behind = bases.partition_point(|base| *base <= self.next);
            let Some(base) = behind.checked_sub(1).map(|index| bases[index]) else {
                // The oldest are taken away first, and only below the start.
                return bases.first().map_or(Ok(None), |first| Err(self.out_of_range(*first)));
            };
            let path = self.dir.join(file_name(base, Suffix::Log));
            let file = match self.disk.open(&path, OpenMode::Read) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    tries += 1;
                    continue;
                }
                opened => opened.map_err(failed(&path))?,
            };
            let place = Place { file, path: path.clone(), position: 0, offset: base };
            if let Some(place) = self.walk(place).map_err(failed(&path))? {
                return Ok(Some(place));
            }
            // What compaction has left ends before it.
            match bases.get(behind) {
                Some(following) => self.next = *following,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Goes to the next offset in the file of a segment; `None` when it ends before.
    fn walk(&self, start: Place) -> io::Result<Option<Place>> {
        let len = len_of(&start.file)?;
        let mut place = start.clone();
        let mut walk = Walk::new(Arc::clone(&start.file), 0, len, HEADERS_AHEAD);
        while place.offset < self.end {
            match block_on(walk.next_in_order(place.offset, self.end, false))? {
                Next::Found(header) if header.last_offset() >= self.next => return Ok(Some(place)),
                Next::Found(header) => place.offset = header.next_offset(),
                Next::End => return Ok(None),
                // Or the header before it has lied: from here on nothing is believed without its checksum.
                Next::Bad => return self.walk_whole(start, len),
            }
            place.position = walk.position();
        }
        Ok(None)
    }

    /// [`walk`](Self::walk) through a file that is damaged.
    fn walk_whole(&self, mut place: Place, len: u32) -> io::Result<Option<Place>> {
        let mut walk = Walk::new(Arc::clone(&place.file), 0, len, DATA_AHEAD);
        while place.offset < self.end {
            match block_on(walk.next_in_order(place.offset, self.end, true))? {
                Next::Found(header) if header.last_offset() >= self.next => return Ok(Some(place)),
                Next::Found(header) => place.offset = header.next_offset(),
                Next::End => return Ok(None),
                Next::Bad => {
                    let good = block_on(next_good(&place.file, place.position, len, place.offset))?;
                    walk.jump(good.unwrap_or(len));
                    match block_on(walk.next_in_order(place.offset, self.end, true))? {
                        Next::Found(header) if header.base_offset <= self.next => {
                            walk.jump(good.unwrap_or(len));
                            place.offset = header.base_offset;
                        }
                        // The offset was in what is damaged.
                        Next::Found(_) | Next::Bad | Next::End => return Ok(Some(place)),
                    }
                }
            }
            place.position = walk.position();
        }
        Ok(None)
    }

    /// The base offsets of all segments, in order. `None` while they are being replaced, and before there are any.
    pub(super) fn segments(&mut self) -> Result<Option<Vec<i64>>, ReadError> {
        if self.is_another()? {
            return Err(ReadError::Gone(self.name.clone()));
        }
        let mut last = None;
        for _ in 0..TRIES {
            let dir = self.dir.clone();
            match self.list().map_err(failed(&dir))? {
                None | Some((_, true)) => return Ok(None),
                Some((bases, false)) if last.as_ref() == Some(&bases) => return Ok(Some(bases)),
                Some((bases, false)) => last = Some(bases),
            }
        }
        Ok(None)
    }

    /// What the folder shows: the base offsets of segments, and whether some are being replaced.
    pub(super) fn list(&self) -> io::Result<Option<(Vec<i64>, bool)>> {
        let entries = match self.disk.list(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            listed => listed?,
        };
        let is_replacing = entries.iter().any(|entry| entry.name.ends_with(Stage::Swap.as_str()));
        let bases = entries.iter().filter_map(|entry| match parse_file_name(&entry.name) {
            Some((base, Suffix::Log)) => Some(base),
            _ => None,
        });
        Ok(Some((bases.collect(), is_replacing)))
    }

    /// Whether the log that is followed was removed. Takes note of which one it is.
    pub(super) fn is_another(&mut self) -> Result<bool, ReadError> {
        let path = self.dir.join(PartitionMetadata::FILE);
        let found = load(self.disk.as_ref(), &path, PartitionMetadata::parse).map_err(failed(&path))?;
        match (found, self.topic_id) {
            (Loaded::Whole(PartitionMetadata { topic_id }), None) => {
                self.topic_id = Some(topic_id).filter(|id| *id != Uuid::ZERO);
                Ok(false)
            }
            (Loaded::Whole(PartitionMetadata { topic_id }), Some(known)) => {
                Ok(topic_id != known && topic_id != Uuid::ZERO)
            }
            (Loaded::Missing, known) => {
                let dir = self.dir.clone();
                Ok(known.is_some() && self.list().map_err(failed(&dir))?.is_none())
            }
            (Loaded::Damaged(_), _) => Ok(false),
        }
    }
}
