//! What messages are made of, as data: the form of the generated tables.
//!
//! They say what the generated code of [`crate::messages`] does, from the same schemas, with the documentation of each
//! field. Reading bytes by them is [`super::walk`].

use core::ops::RangeInclusive;

/// A message, or another structure with versions.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Kafka's name for it.
    pub(crate) name: &'static str,
    pub(crate) versions: RangeInclusive<i16>,
    pub(crate) flexible_from: Option<i16>,
    pub(crate) prefix: Prefix,
    pub(crate) fields: &'static [Field],
}

impl Schema {
    pub(crate) fn is_flexible(&self, version: i16) -> bool {
        self.flexible_from.is_some_and(|first| version >= first)
    }
}

/// What stands before the fields.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Prefix {
    /// Nothing: the header of the message says what it is.
    Nothing,
    /// The type of a record, in its key.
    Type(i16),
    /// The version.
    Version,
    /// Type and version, as unsigned varints.
    TypeAndVersion(i16),
}

/// A field of a struct.
#[derive(Debug)]
pub(crate) struct Field {
    /// Kafka's name, as its own JSON has it.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// First and last version with the field.
    pub(crate) versions: (i16, i16),
    /// First and last version in which it may be null.
    pub(crate) nullable: Option<(i16, i16)>,
    /// Its tag, with the first and last version in which it is a tagged field.
    pub(crate) tag: Option<(u32, i16, i16)>,
    /// What its bytes are in groups of consumers.
    pub(crate) holds: Option<&'static Schema>,
    /// What the field means.
    pub(crate) doc: &'static str,
}

impl Field {
    /// A field of all versions that is never null, to be changed from.
    pub(crate) const PLAIN: Self = Self {
        name: "",
        kind: Kind::Int8,
        versions: (0, i16::MAX),
        nullable: None,
        tag: None,
        holds: None,
        doc: "",
    };

    /// Whether the field stands among the others in this version, not in the tagged ones.
    pub(crate) fn is_in(&self, version: i16) -> bool {
        self.tag.is_none() && (self.versions.0..=self.versions.1).contains(&version)
    }

    pub(crate) fn has_tag(&self, tag: u32, version: i16) -> bool {
        self.tag.is_some_and(|(own, first, last)| own == tag && (first..=last).contains(&version))
    }

    pub(crate) fn is_nullable(&self, version: i16) -> bool {
        self.nullable.is_some_and(|(first, last)| (first..=last).contains(&version))
    }
}

/// The type of a field.
#[derive(Debug)]
pub(crate) enum Kind {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint16,
    Uint32,
    Float64,
    ErrorCode,
    String,
    Bytes,
    Uuid,
    Records,
    Struct(&'static [Field]),
    Array(&'static Kind),
}
