//! From batch to batch through the file of a segment.
//!
//! A walk reads headers or whole batches and says where one is damaged. What follows from damage
//! (cut, keep, answer an error) is decided by recovery and by the readers.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::records::{BATCH_HEADER_LEN, Batch, BatchHeader, MAGIC_V2, magic_of};

use crate::disk::File;

/// The largest batch that a log takes or believes to find, in bytes. It bounds the memory that a
/// damaged length can claim.
pub(crate) const BATCH_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Bytes read at once when only headers are wanted: batches are often larger than this.
pub(crate) const HEADERS_AHEAD: usize = 4 * 1024;
/// Bytes read at once when all of the data is wanted.
pub(crate) const DATA_AHEAD: usize = 1024 * 1024;

/// Batches that follow one that skips offsets, and are looked at before it is believed.
const WRITTEN_AT_ONCE: usize = 64;

/// What a walk comes upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next<T> {
    /// A batch that is whole; the walk is past it now.
    Found(T),
    /// Bytes that are no batch; the walk stays before them.
    Bad,
    /// The end.
    End,
}

/// A walk through the bytes of a segment, from a position where a batch starts.
#[derive(Debug)]
pub(crate) struct Walk {
    file: Arc<dyn File>,
    position: u32,
    end: u32,
    ahead: usize,
    window: Bytes,
    window_at: u32,
    /// Places where damage is known to begin, and where it ends.
    bad: BTreeMap<u32, u32>,
    /// Nobody is expected to want the bytes again.
    once: bool,
    /// Bytes at each position that somebody else is going to read.
    followed_by: usize,
}

impl Walk {
    /// A walk from `position` to `end`, reading `ahead` bytes at once.
    pub(crate) fn new(file: Arc<dyn File>, position: u32, end: u32, ahead: usize) -> Self {
        Self {
            file,
            position,
            end,
            ahead,
            window: Bytes::new(),
            window_at: position,
            bad: BTreeMap::new(),
            once: false,
            followed_by: 0,
        }
    }

    /// The same, of bytes that nobody is expected to want again.
    pub(crate) fn read_once(mut self) -> Self {
        self.once = true;
        self
    }

    /// The same, which tells the disk that somebody is going to read so many bytes from where it reads.
    pub(crate) fn followed_by(mut self, bytes: usize) -> Self {
        self.followed_by = bytes;
        self
    }

    /// The same, with another end, reading other amounts at once. What it holds stays.
    pub(crate) fn onward(mut self, end: u32, ahead: usize) -> Self {
        (self.end, self.ahead, self.followed_by) = (end, ahead, 0);
        self
    }

    /// The same, which takes nothing at these places for a batch: the header of a damaged one may be whole, or lie.
    pub(crate) fn avoiding(mut self, bad: BTreeMap<u32, u32>) -> Self {
        self.bad = bad;
        self
    }

    /// Where the next batch starts.
    pub(crate) fn position(&self) -> u32 {
        self.position
    }

    /// Goes on from another place.
    pub(crate) fn jump(&mut self, position: u32) {
        self.position = position;
    }

    /// The next header. Its batch lies within the end; its body is not looked at.
    pub(crate) async fn next_header(&mut self) -> io::Result<Next<BatchHeader>> {
        let next = self.peek_header().await?;
        if let Next::Found(header) = &next {
            self.position += len_u32(header.size());
        }
        Ok(next)
    }

    /// The next batch, its checksum right.
    pub(crate) async fn next_batch(&mut self) -> io::Result<Next<Batch>> {
        let header = match self.peek_header().await? {
            Next::Found(header) => header,
            Next::Bad => return Ok(Next::Bad),
            Next::End => return Ok(Next::End),
        };
        let len = header.size();
        let mut bytes = self.bytes(len).await?;
        if bytes.len() < len {
            return Ok(Next::Bad);
        }
        match Batch::split_first(&mut bytes) {
            Ok(Some(batch)) if batch.crc_is_valid() => {
                self.position += len_u32(len);
                Ok(Next::Found(batch))
            }
            _ => Ok(Next::Bad),
        }
    }

    /// The next header, if its offsets have their place: from `next_offset` on and below `bound`.
    /// With `whole` its checksum is right, too.
    ///
    /// No checksum covers the offset of a batch, and a device may write one over others. One that skips offsets, as
    /// compaction leaves them, is believed unless what stands behind it goes on from lower ones.
    pub(crate) async fn next_in_order(
        &mut self,
        next_offset: i64,
        bound: i64,
        whole: bool,
    ) -> io::Result<Next<BatchHeader>> {
        let position = self.position;
        let next = match whole {
            false => self.next_header().await?,
            true => match self.next_batch().await? {
                Next::Found(batch) => Next::Found(*batch.header()),
                Next::Bad => Next::Bad,
                Next::End => Next::End,
            },
        };
        let Next::Found(header) = next else { return Ok(next) };
        let mut fits = header.base_offset >= next_offset && header.last_offset() < bound;
        if fits && header.base_offset > next_offset {
            fits = !self.goes_back(next_offset, header.last_offset()).await?;
        }
        if !fits {
            self.position = position;
            return Ok(Next::Bad);
        }
        Ok(Next::Found(header))
    }

    /// Whether batches from `least` up to `last` stand behind one that ends at `last`: at once, behind others of the same
    /// write, or behind what is left of those that it was written over.
    async fn goes_back(&mut self, least: i64, mut last: i64) -> io::Result<bool> {
        // Most often this says it, and was read already. What is lower still was never written here: its own header is damaged.
        if let Next::Found(behind) = self.peek_header().await?
            && behind.base_offset >= least
            && behind.base_offset != last + 1
        {
            return Ok(behind.base_offset <= last);
        }
        let mut walk = Self::new(Arc::clone(&self.file), self.position, self.end, HEADERS_AHEAD);
        walk = walk.avoiding(self.bad.clone());
        for _ in 0..WRITTEN_AT_ONCE {
            let position = walk.position;
            match walk.next_header().await? {
                Next::Found(behind) if behind.base_offset == last + 1 => last = behind.last_offset(),
                Next::Found(behind) if behind.base_offset >= least => return Ok(behind.base_offset <= last),
                Next::End => break,
                Next::Found(_) | Next::Bad => {
                    let next = next_whole(&self.file, position + 1, self.end, least).await?;
                    return Ok(next.is_some_and(|(_, next)| next.base_offset <= last));
                }
            }
        }
        Ok(false)
    }

    /// Whether what comes next goes on from this offset, or is the end.
    pub(crate) async fn goes_on_from(&mut self, next_offset: i64) -> io::Result<bool> {
        Ok(match self.peek_header().await? {
            Next::Found(header) => header.base_offset == next_offset,
            Next::Bad => false,
            Next::End => true,
        })
    }

    async fn peek_header(&mut self) -> io::Result<Next<BatchHeader>> {
        if self.position >= self.end {
            return Ok(Next::End);
        }
        if self.bad.contains_key(&self.position) {
            return Ok(Next::Bad);
        }
        let bytes = self.bytes(BATCH_HEADER_LEN).await?;
        let Ok(header) = BatchHeader::parse(&bytes) else { return Ok(Next::Bad) };
        let fits = header.size() <= BATCH_BYTES_MAX
            && header.size() <= (self.end - self.position) as usize
            && header.base_offset >= 0
            && header.last_offset_delta >= 0
            && header.base_offset.checked_add(i64::from(header.last_offset_delta) + 1).is_some();
        Ok(if fits { Next::Found(header) } else { Next::Bad })
    }

    /// `len` bytes at the position; fewer where the end or the end of the file comes first.
    async fn bytes(&mut self, len: usize) -> io::Result<Bytes> {
        let left = (self.end - self.position) as usize;
        let len = len.min(left);
        let held = self.held(len);
        if held.len() == len {
            return Ok(held);
        }
        let ahead = len.max(self.ahead).min(left);
        let at = u64::from(self.position);
        let read = match self.followed_by {
            _ if self.once => self.file.read_once(at, ahead),
            0 => self.file.read_at(at, ahead),
            more => self.file.read_before(at, ahead, more),
        };
        self.window = read.bytes().await?;
        self.window_at = self.position;
        Ok(self.held(len))
    }

    /// As much of `len` bytes at the position as the window holds.
    fn held(&self, len: usize) -> Bytes {
        let Some(from) = self.position.checked_sub(self.window_at) else { return Bytes::new() };
        let from = (from as usize).min(self.window.len());
        let to = (from + len).min(self.window.len());
        self.window.slice(from..to)
    }
}

/// Where the next whole batch starts that goes on from `offset` or later, behind bytes that are
/// none.
///
/// A batch that a device wrote to the wrong place is whole, and not part of the log there: one that skips offsets and
/// is followed by lower ones is passed over.
pub(crate) async fn next_good(
    file: &Arc<dyn File>,
    bad: u32,
    len: u32,
    offset: i64,
) -> io::Result<Option<u32>> {
    let mut found = next_whole(file, bad + 1, len, offset).await?;
    loop {
        let Some((position, header)) = found else { return Ok(None) };
        if header.base_offset == offset {
            return Ok(Some(position));
        }
        let (mut end, mut last) = (position + len_u32(header.size()), header.last_offset());
        let mut walk = Walk::new(Arc::clone(file), end, len, DATA_AHEAD);
        let mut lower = None;
        // As many batches as one write may have had.
        for _ in 0..WRITTEN_AT_ONCE {
            match walk.next_batch().await? {
                Next::End => break,
                Next::Found(behind) if behind.header().base_offset > last => {
                    (end, last) = (walk.position(), behind.header().last_offset());
                }
                Next::Found(_) | Next::Bad => {
                    let next = next_whole(file, end, len, offset).await?;
                    lower = next.filter(|(_, next)| next.base_offset <= last);
                    break;
                }
            }
        }
        if lower.is_none() {
            return Ok(Some(position));
        }
        found = lower;
    }
}

/// The first whole batch from `position` on whose offsets can follow `offset`.
async fn next_whole(
    file: &Arc<dyn File>,
    position: u32,
    len: u32,
    offset: i64,
) -> io::Result<Option<(u32, BatchHeader)>> {
    let mut window_at = position;
    while window_at < len {
        let want = (DATA_AHEAD + BATCH_HEADER_LEN).min((len - window_at) as usize);
        let window = file.read_at(u64::from(window_at), want).bytes().await?;
        if window.len() < BATCH_HEADER_LEN {
            return Ok(None);
        }
        for at in 0..=window.len() - BATCH_HEADER_LEN {
            let bytes = &window[at..];
            if magic_of(bytes) != Some(MAGIC_V2) {
                continue;
            }
            let plausible = BatchHeader::parse(bytes).is_ok_and(|header| {
                header.base_offset >= offset
                    && header.last_offset_delta >= 0
                    && header.records_count >= 0
                    && header.base_offset - offset < 1 << 40
            });
            if plausible {
                let position = window_at + u32::try_from(at).unwrap_or(u32::MAX);
                let mut walk = Walk::new(Arc::clone(file), position, len, DATA_AHEAD);
                if let Next::Found(batch) = walk.next_batch().await? {
                    return Ok(Some((position, *batch.header())));
                }
            }
        }
        let step = window.len() - BATCH_HEADER_LEN + 1;
        window_at = window_at.saturating_add(u32::try_from(step).unwrap_or(u32::MAX));
    }
    Ok(None)
}

/// A length that was held against a segment, whose positions are `u32`.
pub(crate) fn len_u32(len: usize) -> u32 {
    u32::try_from(len).expect("a batch within a segment is shorter than 4 GiB")
}
