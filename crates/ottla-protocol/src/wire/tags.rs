//! Tagged fields that this release does not know (KIP-482).

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::Bytes;

/// Tagged fields that a newer peer sent: kept, and written back where they were.
///
/// Empty, which is the rule, it allocates nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::box_collection, reason = "one word, not three, in every struct of every message")]
pub struct TaggedFields(Option<Box<Vec<TaggedField>>>);

/// One tagged field, unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedField {
    /// Its number.
    pub tag: u32,
    /// Its bytes.
    pub data: Bytes,
}

impl TaggedFields {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self(None)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// The fields, in rising order of their tags.
    #[must_use]
    pub fn as_slice(&self) -> &[TaggedField] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Sets one field; a field of the same tag is replaced.
    pub fn set(&mut self, tag: u32, data: Bytes) {
        let fields = self.0.get_or_insert_default();
        match fields.binary_search_by_key(&tag, |field| field.tag) {
            Ok(index) => fields[index].data = data,
            Err(index) => fields.insert(index, TaggedField { tag, data }),
        }
    }

    /// The bytes of one field.
    #[must_use]
    pub fn get(&self, tag: u32) -> Option<&Bytes> {
        let fields = self.as_slice();
        fields.binary_search_by_key(&tag, |field| field.tag).ok().map(|index| &fields[index].data)
    }

    /// Adds a field whose tag is above all others, as the reader meets them.
    pub(super) fn push(&mut self, tag: u32, data: Bytes) {
        self.0.get_or_insert_default().push(TaggedField { tag, data });
    }
}
