//! The tree that an explanation is.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;

use crate::api::ErrorCode;
use crate::wire::{Str, Uuid};

/// Bytes, explained.
///
/// As text, `{}` prints a line a field with the place of its first byte; `{:#}` says beside each what it means. It
/// serializes to what [`Node`] says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Explained {
    /// What the bytes are, such as `JoinGroupRequest v9`.
    pub title: String,
    /// The parts, such as `requestHeader` and `request`.
    pub parts: Vec<Node>,
    /// Why it ends early, if it does.
    pub trouble: Option<Trouble>,
}

/// Why an explanation ends before the bytes do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trouble {
    /// Place of the first byte that is not explained.
    pub at: usize,
    /// What is wrong there.
    pub what: String,
}

/// One field, and what is in it.
///
/// In JSON a struct is an object, its fields in their order, and a list an array. Numbers are numbers, ids and bytes are
/// base64 as in Kafka's own JSON. An error code is its number, and beside it stands its name: `errorCode` and
/// `errorCodeName`. What is known of bytes stands beside them as well: `metadata` and `metadataContent`. Record data is
/// an array of batches. Keys and values of records are text where they are; those that are not get names that say so, as
/// `keyBase64`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// Kafka's name of the field; empty for an element of a list.
    pub name: &'static str,
    /// What the field means; may be empty.
    pub doc: &'static str,
    /// Which bytes it is of those that were explained; `None` for what was compressed, or follows from other fields.
    pub at: Option<Range<usize>>,
    /// What it is.
    pub value: Value,
    /// The name that belongs to a number, such as that of an error code.
    pub note: Option<&'static str>,
    /// What is known of its bytes: fields, or batches.
    pub content: Vec<Node>,
}

/// What a field is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Null.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer of any size.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// An error code.
    ErrorCode(ErrorCode),
    /// A string.
    Text(Str),
    /// An id.
    Uuid(Uuid),
    /// Bytes; what is known of them is in [`Node::content`].
    Bytes(Bytes),
    /// Key or value of a record or of its header, which may be text.
    Payload(Bytes),
    /// Record data; its batches are in [`Node::content`].
    Records(Bytes),
    /// Elements without names.
    List(Vec<Node>),
    /// Fields.
    Struct(Vec<Node>),
}

/// An explanation has no part of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no {name} in {of}")]
#[non_exhaustive]
pub struct NoSuchPart {
    /// The name.
    pub name: String,
    /// Where it is not.
    pub of: String,
}

impl Explained {
    pub(super) fn new(title: String, parts: Vec<Node>, trouble: Option<Trouble>) -> Self {
        Self { title, parts, trouble }
    }

    /// The part of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, name: &str) -> Result<&Node, NoSuchPart> {
        find(&self.parts, name, &self.title)
    }

    /// Whether all bytes were explained.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.trouble.is_none()
    }
}

impl Node {
    pub(super) fn new(name: &'static str, value: Value) -> Self {
        Self { name, doc: "", at: None, value, note: None, content: Vec::new() }
    }

    pub(super) fn part(name: &'static str, fields: Vec<Self>) -> Self {
        let start = fields.iter().filter_map(|field| field.at.as_ref()).map(|at| at.start).min();
        let end = fields.iter().filter_map(|field| field.at.as_ref()).map(|at| at.end).max();
        let at = start.zip(end).map(|(start, end)| start..end);
        Self { at, ..Self::new(name, Value::Struct(fields)) }
    }

    pub(super) fn at(self, at: Range<usize>) -> Self {
        Self { at: Some(at), ..self }
    }

    pub(super) fn doc(self, doc: &'static str) -> Self {
        Self { doc, ..self }
    }

    /// The field of this name, of a struct or of the content of bytes.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, name: &str) -> Result<&Self, NoSuchPart> {
        match &self.value {
            Value::Struct(fields) => find(fields, name, self.name),
            _ => find(&self.content, name, self.name),
        }
    }

    /// The elements of a list, or the batches of record data; of other values none.
    #[must_use]
    pub fn elements(&self) -> &[Self] {
        match &self.value {
            Value::List(elements) => elements,
            Value::Records(_) => &self.content,
            _ => &[],
        }
    }
}

fn find<'a>(nodes: &'a [Node], name: &str, of: &str) -> Result<&'a Node, NoSuchPart> {
    let missing = || NoSuchPart { name: name.into(), of: of.into() };
    nodes.iter().find(|node| node.name == name).ok_or_else(missing)
}
