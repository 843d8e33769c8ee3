//! Reads a message by its table, and notes where each field lies.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem::size_of;

use bytes::Bytes;

use super::schema::{Field, Kind, Schema};
use super::tree::{Explained, Node, Trouble, Value};
use super::{batches, internal, unknown};
use crate::api::ApiKey;
use crate::header;
use crate::wire::{DecodeError, DecodeLimits, Reader, Str};

/// A walk through one frame.
pub(super) struct Walk<'l> {
    /// How many bytes stand before the frame.
    before: usize,
    frame_len: usize,
    limits: &'l DecodeLimits,
    /// Name of the topic whose fields are being read, if one was named.
    topic: Option<Str>,
    /// What went wrong inside of record data, which does not end the walk.
    inside: Option<Trouble>,
}

impl<'l> Walk<'l> {
    pub(super) fn new(frame: &Bytes, before: usize, limits: &'l DecodeLimits) -> Self {
        Self { before, frame_len: frame.len(), limits, topic: None, inside: None }
    }

    /// Where the reader stands, of all bytes that are explained.
    fn place(&self, r: &Reader<'_>) -> usize {
        self.before + r.position()
    }

    /// What ended the walk.
    pub(super) fn trouble(&self, r: &Reader<'_>, error: DecodeError) -> Option<Trouble> {
        Some(Trouble { at: self.place(r), what: error.to_string() })
    }

    /// Reads one field by `read`, and adds what it gives.
    fn scalar(
        &self,
        r: &mut Reader<'_>,
        out: &mut Vec<Node>,
        name: &'static str,
        doc: &'static str,
        read: impl FnOnce(&mut Reader<'_>) -> Result<Value, DecodeError>,
    ) -> Result<(), DecodeError> {
        let start = self.place(r);
        let value = read(r)?;
        out.push(Node::new(name, value).doc(doc).at(start..self.place(r)));
        Ok(())
    }

    /// The header of a request: API and version come of it.
    pub(super) fn request_header(
        &mut self,
        r: &mut Reader<'_>,
        out: &mut Vec<Node>,
    ) -> Result<(ApiKey, i16), DecodeError> {
        let (mut key, mut version) = (0, 0);
        self.scalar(r, out, "requestApiKey", "Key of the API.", |r| {
            key = r.i16("requestApiKey")?;
            Ok(Value::Int(key.into()))
        })?;
        let api = ApiKey::from_i16(key);
        if let (Some(node), Some(api)) = (out.last_mut(), api) {
            node.note = Some(api.name());
        }
        self.scalar(r, out, "requestApiVersion", "Version of the request, and so of its answer.", |r| {
            version = r.i16("requestApiVersion")?;
            Ok(Value::Int(version.into()))
        })?;
        self.scalar(r, out, "correlationId", "Number that the answer repeats.", |r| {
            Ok(Value::Int(r.i32("correlationId")?.into()))
        })?;
        let Some(api) = api else {
            return Err(DecodeError::UnknownApiKey { api_key: key, api_version: version });
        };
        self.scalar(r, out, "clientId", "Name that the client gives itself, for logs and quotas.", |r| {
            Ok(r.nullable_string("clientId")?.map_or(Value::Null, Value::Text))
        })?;
        r.set_flexible(api.is_flexible(version));
        self.tags(r, &[], version, out)?;
        Ok((api, version))
    }

    /// The header of a response.
    pub(super) fn response_header(
        &mut self,
        r: &mut Reader<'_>,
        api: ApiKey,
        version: i16,
        out: &mut Vec<Node>,
    ) -> Result<(), DecodeError> {
        self.scalar(r, out, "correlationId", "Number of the request that is answered.", |r| {
            Ok(Value::Int(r.i32("correlationId")?.into()))
        })?;
        r.set_flexible(header::has_response_tags(api, version));
        self.tags(r, &[], version, out)?;
        r.set_flexible(api.is_flexible(version));
        Ok(())
    }

    /// The whole of a message, and what is wrong with it.
    pub(super) fn body(
        mut self,
        part: &'static str,
        r: &mut Reader<'_>,
        api: ApiKey,
        schema: Option<&'static Schema>,
        version: i16,
    ) -> Explained {
        let Some(schema) = schema.filter(|schema| schema.versions.contains(&version)) else {
            let trouble = self.trouble(r, unknown(api, version));
            return Explained::new(format!("{part} of {api} v{version}"), Vec::new(), trouble);
        };
        let start = self.place(r);
        let mut fields = Vec::new();
        let result = self.fields(r, schema.fields, version, &mut fields);
        let trouble = match result {
            Err(error) => self.trouble(r, error),
            Ok(()) if r.remaining() > 0 => self.trouble(r, DecodeError::LeftOver { extra: r.remaining() }),
            Ok(()) => self.inside.take(),
        };
        let end = self.place(r).min(self.before + self.frame_len);
        let node = Node::new(part, Value::Struct(fields)).at(start..end);
        Explained::new(title(schema, version), alloc::vec![node], trouble)
    }

    /// The fields of a struct; those before an error are there.
    pub(super) fn fields(
        &mut self,
        r: &mut Reader<'_>,
        fields: &'static [Field],
        version: i16,
        out: &mut Vec<Node>,
    ) -> Result<(), DecodeError> {
        for field in fields.iter().filter(|field| field.is_in(version)) {
            self.field(r, field, version, false, out)?;
        }
        self.tags(r, fields, version, out)
    }

    /// The tagged fields of a struct.
    fn tags(
        &mut self,
        r: &mut Reader<'_>,
        fields: &'static [Field],
        version: i16,
        out: &mut Vec<Node>,
    ) -> Result<(), DecodeError> {
        let unknown =
            r.known_tags(|r, tag| match fields.iter().find(|field| field.has_tag(tag, version)) {
                Some(field) => self.field(r, field, version, true, out).map(|()| true),
                None => Ok(false),
            })?;
        if !unknown.is_empty() {
            let tags = unknown.as_slice().iter().map(|field| {
                let tag = Node::new("tag", Value::Int(field.tag.into()));
                let bytes = Node::new("bytes", Value::Bytes(field.data.clone()));
                Node::new("", Value::Struct(alloc::vec![tag, bytes]))
            });
            let doc = "Tagged fields that this release does not know.";
            out.push(Node::new(UNKNOWN_TAGS, Value::List(tags.collect())).doc(doc));
        }
        Ok(())
    }

    fn field(
        &mut self,
        r: &mut Reader<'_>,
        field: &'static Field,
        version: i16,
        tagged: bool,
        out: &mut Vec<Node>,
    ) -> Result<(), DecodeError> {
        let start = self.place(r);
        let mut value = None;
        let nullable = field.is_nullable(version);
        let result = match (&field.kind, nullable, tagged) {
            (Kind::Struct(_), true, true) if !r.is_tag_present(field.name)? => {
                value = Some(Value::Null);
                Ok(())
            }
            (Kind::Struct(_), true, true) => self.value(r, field, &field.kind, false, version, &mut value),
            (kind, ..) => self.value(r, field, kind, nullable, version, &mut value),
        };
        if let Some(value) = value {
            let node = Node::new(field.name, value).doc(field.doc).at(start..self.place(r));
            out.push(self.finished(node, field));
        }
        result
    }

    /// Adds to a field what is known of its value.
    fn finished(&mut self, mut node: Node, field: &'static Field) -> Node {
        match &node.value {
            Value::ErrorCode(code) => node.note = code.name(),
            Value::Text(name) if matches!(field.name, "topic" | "name") => self.topic = Some(name.clone()),
            Value::Int(key) if field.name == "apiKey" => {
                node.note = i16::try_from(*key).ok().and_then(ApiKey::from_i16).map(ApiKey::name);
            }
            Value::Bytes(bytes) => {
                let end = node.at.as_ref().map_or(0, |at| at.end);
                if let Some(schema) = field.holds {
                    node.content = internal::whole(schema, bytes, end - bytes.len(), self.limits);
                }
            }
            Value::Records(bytes) => {
                let end = node.at.as_ref().map_or(0, |at| at.end);
                let (batches, trouble) =
                    batches::explain(bytes, end - bytes.len(), self.topic.as_deref(), self.limits);
                node.content = batches;
                self.inside = self.inside.take().or(trouble);
            }
            _ => {}
        }
        node
    }

    /// A value; what was read of it before an error is in `out`.
    fn value(
        &mut self,
        r: &mut Reader<'_>,
        field: &'static Field,
        kind: &'static Kind,
        nullable: bool,
        version: i16,
        out: &mut Option<Value>,
    ) -> Result<(), DecodeError> {
        let name = field.name;
        let text = |text: Option<Str>| text.map_or(Value::Null, Value::Text);
        let bytes = |bytes: Option<Bytes>| bytes.map_or(Value::Null, Value::Bytes);
        *out = Some(match kind {
            Kind::Bool => Value::Bool(r.bool(name)?),
            Kind::Int8 => Value::Int(r.i8(name)?.into()),
            Kind::Int16 => Value::Int(r.i16(name)?.into()),
            Kind::Int32 => Value::Int(r.i32(name)?.into()),
            Kind::Int64 => Value::Int(r.i64(name)?),
            Kind::Uint16 => Value::Int(r.u16(name)?.into()),
            Kind::Uint32 => Value::Int(r.u32(name)?.into()),
            Kind::Float64 => Value::Float(r.f64(name)?),
            Kind::ErrorCode => Value::ErrorCode(r.error_code(name)?),
            Kind::Uuid => Value::Uuid(r.uuid(name)?),
            Kind::String if nullable => text(r.nullable_string(name)?),
            Kind::String => Value::Text(r.string(name)?),
            Kind::Bytes if nullable => bytes(r.nullable_bytes(name)?),
            Kind::Bytes => Value::Bytes(r.bytes(name)?),
            Kind::Records if nullable => r.nullable_bytes(name)?.map_or(Value::Null, Value::Records),
            Kind::Records => Value::Records(r.bytes(name)?),
            Kind::Struct(_) if nullable && !r.is_present(name)? => Value::Null,
            Kind::Struct(fields) => {
                let mut nodes = Vec::new();
                let result = self.fields(r, fields, version, &mut nodes);
                *out = Some(Value::Struct(nodes));
                return result;
            }
            Kind::Array(element) => {
                let mut nodes = Vec::new();
                let result = match r.array_len(name, size_of::<Node>())? {
                    Some((len, _)) => self.elements(r, field, element, len, version, &mut nodes),
                    None if nullable => {
                        *out = Some(Value::Null);
                        return Ok(());
                    }
                    None => return Err(DecodeError::UnexpectedNull { field: name }),
                };
                *out = Some(Value::List(nodes));
                return result;
            }
        });
        Ok(())
    }

    fn elements(
        &mut self,
        r: &mut Reader<'_>,
        field: &'static Field,
        kind: &'static Kind,
        len: usize,
        version: i16,
        out: &mut Vec<Node>,
    ) -> Result<(), DecodeError> {
        for _ in 0..len {
            let start = self.place(r);
            let mut value = None;
            let result = self.value(r, field, kind, false, version, &mut value);
            out.extend(value.map(|value| Node::new("", value).at(start..self.place(r))));
            result?;
        }
        Ok(())
    }
}

/// The name of what stands for tagged fields that are not known.
pub(super) const UNKNOWN_TAGS: &str = "unknownTaggedFields";

fn title(schema: &Schema, version: i16) -> String {
    format!("{} v{version}", schema.name)
}
