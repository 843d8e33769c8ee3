//! Record data as a message carries it: bytes, or pieces some of which are still in a file.
//!
//! What is inside the bytes is the business of [`crate::records`].

use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};

/// A piece of what is to be written to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk<F = NoFile> {
    /// Bytes in memory.
    Bytes(Bytes),
    /// Bytes that the writer takes from elsewhere, such as a range of a file through `sendfile`.
    External {
        /// How many bytes there are.
        len: usize,
        /// Where they are.
        source: F,
    },
}

impl<F> Chunk<F> {
    /// How many bytes are written for it.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::External { len, .. } => *len,
        }
    }

    /// Whether nothing is written for it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<F> From<Bytes> for Chunk<F> {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

/// The source of messages whose data is all in memory; no value of it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoFile {}

/// The record data of one partition in a message: whole batches, one after the other, unread.
#[derive(Clone, Debug)]
pub enum Records<F = NoFile> {
    /// In one piece, as it is when decoded.
    Bytes(Bytes),
    /// In several, as a log answers a read.
    Chunks(Vec<Chunk<F>>),
}

impl<F> Records<F> {
    /// No data.
    pub const EMPTY: Self = Self::Bytes(Bytes::new());

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Chunks(chunks) => chunks.iter().map(Chunk::len).sum(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, if all of them are in memory and in one piece.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Chunks(chunks) => match chunks.as_slice() {
                [Chunk::Bytes(bytes)] => Some(bytes),
                _ => None,
            },
        }
    }

    /// The same data, with every external source made into another.
    #[must_use]
    pub fn map_source<G>(self, mut map: impl FnMut(F) -> G) -> Records<G> {
        match self {
            Self::Bytes(bytes) => Records::Bytes(bytes),
            Self::Chunks(chunks) => Records::Chunks(
                chunks
                    .into_iter()
                    .map(|chunk| match chunk {
                        Chunk::Bytes(bytes) => Chunk::Bytes(bytes),
                        Chunk::External { len, source } => Chunk::External { len, source: map(source) },
                    })
                    .collect(),
            ),
        }
    }
}

impl Records<NoFile> {
    /// The bytes in one piece; copies only if they are in several.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Chunks(chunks) => match chunks.as_slice() {
                [] => Bytes::new(),
                [Chunk::Bytes(bytes)] => bytes.clone(),
                chunks => {
                    let mut all = BytesMut::with_capacity(chunks.iter().map(Chunk::len).sum());
                    for chunk in chunks {
                        match chunk {
                            Chunk::Bytes(bytes) => all.extend_from_slice(bytes),
                            Chunk::External { source, .. } => match *source {},
                        }
                    }
                    all.freeze()
                }
            },
        }
    }

    /// The bytes in one piece; copies only if they are in several.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Chunks(_) => self.to_bytes(),
        }
    }
}

impl<F> Default for Records<F> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<F> From<Bytes> for Records<F> {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl<F> From<Vec<u8>> for Records<F> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Bytes::from(bytes))
    }
}

/// Equal if the same bytes are written for both, however they are cut; external pieces by their sources.
impl<F: PartialEq> PartialEq for Records<F> {
    fn eq(&self, other: &Self) -> bool {
        fn chunks<F>(records: &Records<F>) -> impl Iterator<Item = Piece<'_, F>> {
            let (one, many): (Option<&Bytes>, &[Chunk<F>]) = match records {
                Records::Bytes(bytes) => (Some(bytes), &[]),
                Records::Chunks(chunks) => (None, chunks),
            };
            one.into_iter().map(|bytes| Piece::Memory(bytes)).chain(many.iter().map(|chunk| match chunk {
                Chunk::Bytes(bytes) => Piece::Memory(bytes),
                Chunk::External { len, source } => Piece::External(*len, source),
            }))
        }
        let (mut left, mut right) = (chunks(self), chunks(other));
        let (mut a, mut b) = (left.next(), right.next());
        loop {
            match (&mut a, &mut b) {
                (Some(Piece::Memory([])), _) => a = left.next(),
                (_, Some(Piece::Memory([]))) => b = right.next(),
                (None, None) => return true,
                (Some(Piece::Memory(x)), Some(Piece::Memory(y))) => {
                    let common = x.len().min(y.len());
                    if x[..common] != y[..common] {
                        return false;
                    }
                    *x = &x[common..];
                    *y = &y[common..];
                }
                (Some(Piece::External(xn, x)), Some(Piece::External(yn, y))) => {
                    if xn != yn || x != y {
                        return false;
                    }
                    (a, b) = (left.next(), right.next());
                }
                _ => return false,
            }
        }
    }
}

impl<F: Eq> Eq for Records<F> {}

enum Piece<'a, F> {
    Memory(&'a [u8]),
    External(usize, &'a F),
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn records_are_equal_however_they_are_cut() {
        let whole: Records<u8> = Records::from(Bytes::from_static(b"abcdef"));
        let cut = Records::Chunks(vec![
            Chunk::Bytes(Bytes::from_static(b"ab")),
            Chunk::Bytes(Bytes::new()),
            Chunk::Bytes(Bytes::from_static(b"cdef")),
        ]);
        assert_eq!(whole, cut);
        assert_ne!(whole, Records::Chunks(vec![Chunk::External { len: 6, source: 1 }]));
        assert_eq!(cut.len(), 6);
        assert_eq!(Records::<NoFile>::EMPTY, Records::Chunks(vec![]));
    }
}
