//! Values of messages, whatever their type, and how they are shown.
//!
//! Requests are made of these and answers are read into them, by the schemas ([`super::wire`]) and with none of the
//! code that is under test.

use std::fmt;

/// A value of a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Uuid([u8; 16]),
    List(Vec<Value>),
    Struct(Vec<(String, Value)>),
    /// What each broker makes up for itself, by a name that both share: the id of a topic, of a producer, of a member.
    Symbol(String),
}

/// The id that is none.
pub(super) const ZERO: Value = Value::Uuid([0; 16]);

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn symbol(name: impl Into<String>) -> Self {
        Self::Symbol(name.into())
    }

    /// A struct of these fields.
    pub(super) fn fields<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Struct(fields.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// A field of a struct.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Struct(fields) => fields.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn field_mut(&mut self, name: &str) -> Option<&mut Self> {
        match self {
            Self::Struct(fields) => {
                fields.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Sets a field of a struct that has it.
    pub(super) fn set(&mut self, name: &str, value: Self) {
        if let Some(field) = self.field_mut(name) {
            *field = value;
        }
    }

    /// The elements of a list, none of anything else.
    pub(super) fn list(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    pub(super) fn list_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    pub(super) fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Every value in it, itself included, each with the name of the field that it is or is in.
    pub(super) fn walk_mut(&mut self, field: &str, visit: &mut dyn FnMut(&str, &mut Self)) {
        visit(field, self);
        match self {
            Self::List(elements) => elements.iter_mut().for_each(|one| one.walk_mut(field, visit)),
            Self::Struct(fields) => fields.iter_mut().for_each(|(name, value)| value.walk_mut(name, visit)),
            _ => {}
        }
    }
}

/// Close to JSON, so that it can be searched and compared by eye.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(text) if text.len() > 120 => {
                let shown: String = text.chars().take(40).collect();
                write!(f, "{shown:?}.. of {} bytes", text.len())
            }
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) => {
                write!(f, "{} bytes ", bytes.len())?;
                bytes.iter().take(64).try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Uuid(id) => id.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::List(elements) => {
                f.write_str("[")?;
                for (place, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if place == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Struct(fields) => {
                f.write_str("{")?;
                for (place, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if place == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
            Self::Symbol(name) => write!(f, "<{name}>"),
        }
    }
}
