//! One direction of a connection: segments in any order, lost and repeated, become frames again.
//!
//! Where bytes are missing from the capture, the frames go on at the first segment behind them that begins with one:
//! clients and brokers write whole frames, so one soon does.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla::protocol::frame::FrameDecoder;

use super::FRAME_BYTES_MAX;
use super::tcp::Segment;

/// What may wait for bytes before it; with more, those are missing from the capture.
const WAITING_SEGMENTS_MAX: usize = 1_000;
const WAITING_BYTES_MAX: usize = 8 << 20;

/// One direction of a connection.
pub(super) struct Direction {
    /// Where it goes on; `None` as long as no segment is known to begin with a frame.
    next: Option<Place>,
    /// Segments that came too early, by the place of their first byte.
    waiting: BTreeMap<u64, Bytes>,
    waiting_bytes: usize,
    decoder: FrameDecoder,
}

/// A byte of a direction.
#[derive(Clone, Copy)]
struct Place {
    /// Its number, as it stands in segments.
    sequence: u32,
    /// How many bytes came before it.
    at: u64,
}

impl Place {
    fn after(self, bytes: usize) -> Self {
        let sequence = self.sequence.wrapping_add(u32::try_from(bytes).unwrap_or(0));
        Self { sequence, at: self.at + u64::try_from(bytes).unwrap_or(0) }
    }
}

impl Direction {
    pub(super) fn new() -> Self {
        let decoder = FrameDecoder::new(FRAME_BYTES_MAX);
        Self { next: None, waiting: BTreeMap::new(), waiting_bytes: 0, decoder }
    }

    /// Takes a segment in; gives how many bytes are missing before what can be read on, if some turn out to be.
    pub(super) fn take(&mut self, segment: &Segment, is_frame: impl Fn(&[u8]) -> bool) -> Option<u64> {
        let mut sequence = segment.sequence;
        if segment.begins || segment.accepts {
            // The beginning itself has a number, too.
            sequence = sequence.wrapping_add(1);
            self.next.get_or_insert(Place { sequence, at: 0 });
        }
        if segment.data.is_empty() {
            return None;
        }
        if self.next.is_none() && is_frame(&segment.data) {
            self.next = Some(Place { sequence, at: 0 });
        }
        let next = self.next?;
        let mut data = segment.data.clone();
        let ahead = i64::from(sequence.wrapping_sub(next.sequence).cast_signed());
        let at = match u64::try_from(ahead) {
            Ok(ahead) => next.at + ahead,
            Err(_) => {
                // Sent again, all of it or its beginning.
                let known = usize::try_from(-ahead).unwrap_or(usize::MAX);
                if known >= data.len() {
                    return None;
                }
                data = data.split_off(known);
                next.at
            }
        };
        if self.waiting.get(&at).is_none_or(|waiting| waiting.len() < data.len()) {
            self.waiting_bytes += data.len();
            let shorter = self.waiting.insert(at, data);
            self.waiting_bytes -= shorter.map_or(0, |shorter| shorter.len());
        }
        self.advance();
        let is_lost = self.waiting.len() > WAITING_SEGMENTS_MAX || self.waiting_bytes > WAITING_BYTES_MAX;
        if is_lost { self.skip(is_frame) } else { None }
    }

    /// Takes what waits for nothing any more.
    fn advance(&mut self) {
        while let Some(place) = self.next
            && let Some(first) = self.waiting.first_entry().filter(|first| *first.key() <= place.at)
        {
            let (at, data) = first.remove_entry();
            self.waiting_bytes -= data.len();
            let known = usize::try_from(place.at - at).unwrap_or(usize::MAX);
            if let Some(news) = data.get(known..) {
                self.decoder.read_buf().extend_from_slice(news);
                self.next = Some(place.after(news.len()));
            }
        }
    }

    /// Gives up what is missing, and goes on at what waits behind it; gives how much that is.
    pub(super) fn skip(&mut self, is_frame: impl Fn(&[u8]) -> bool) -> Option<u64> {
        let place = self.next?;
        let (first, _) = self.waiting.first_key_value()?;
        let missing = first - place.at;
        self.decoder = FrameDecoder::new(FRAME_BYTES_MAX);
        let begins = self.waiting.iter().find(|(_, data)| is_frame(data)).map(|(at, _)| *at);
        self.next = begins.map(|at| {
            let ahead = usize::try_from(at - place.at).unwrap_or(0);
            place.after(ahead)
        });
        self.waiting = begins.map_or_else(BTreeMap::new, |at| self.waiting.split_off(&at));
        self.waiting_bytes = self.waiting.values().map(Bytes::len).sum();
        self.advance();
        Some(missing)
    }

    /// The next frame; what is wrong if what comes is none, and then it is gone on at a segment that begins with one.
    pub(super) fn next_frame(&mut self) -> Result<Option<Bytes>, String> {
        self.decoder.next_frame().map_err(|error| {
            self.forget();
            error.to_string()
        })
    }

    /// The bytes of a frame whose end is not there yet.
    pub(super) fn begun(&mut self) -> &[u8] {
        self.decoder.read_buf()
    }

    /// How many bytes are held.
    pub(super) fn held(&self) -> usize {
        self.decoder.buffered() + self.waiting_bytes
    }

    /// Drops all that is held, and where it goes on.
    pub(super) fn forget(&mut self) {
        *self = Self::new();
    }
}
