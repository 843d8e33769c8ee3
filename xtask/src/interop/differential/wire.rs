//! Requests written and answers read by the schemas.
//!
//! A second reading of the protocol, which shares nothing with the generated code: where that misread a schema, the
//! two brokers' answers differ, or one of them does not answer.

use super::value::Value;
use crate::codegen::schema::{Api, Field, Kind, Message, Struct};
use crate::outcome::Outcome;
use std::collections::BTreeMap;

/// What each broker made up, by the names that both share.
pub(super) type Names = BTreeMap<String, Value>;

/// `ApiVersions` is answered without tags in its header, so that a client of any age can read it.
const API_VERSIONS: i16 = 18;

/// A whole request, its size first.
pub(super) fn request(
    api: &Api,
    version: i16,
    correlation_id: i32,
    body: &Value,
    names: &Names,
) -> Outcome<Vec<u8>> {
    let flexible = is_flexible(&api.request, version);
    let mut out = Writer { bytes: vec![0; 4], version, flexible, names };
    out.bytes.extend(api.key.to_be_bytes());
    out.bytes.extend(version.to_be_bytes());
    out.bytes.extend(correlation_id.to_be_bytes());
    out.bytes.extend(12_i16.to_be_bytes());
    out.bytes.extend(b"differential");
    if flexible {
        out.bytes.push(0);
    }
    out.fields(&api.request.body, body)?;
    let size = u32::try_from(out.bytes.len() - 4)?;
    out.bytes[..4].copy_from_slice(&size.to_be_bytes());
    Ok(out.bytes)
}

/// The body of an answer, whose size is taken off.
pub(super) fn response(api: &Api, version: i16, correlation_id: i32, frame: &[u8]) -> Outcome<Value> {
    // Of a version that it does not know a broker answers in the form of the first.
    let version = if api.key == API_VERSIONS && version > api.response.versions.last { 0 } else { version };
    let flexible = is_flexible(&api.response, version);
    let mut from = Reader { rest: frame, version, flexible };
    if from.int(4)? != i64::from(correlation_id) {
        return Err("an answer to another request".into());
    }
    if flexible && api.key != API_VERSIONS {
        from.tags(&[])?;
    }
    let value = from.body(&api.response.body)?;
    if from.rest.is_empty() {
        Ok(value)
    } else {
        Err(format!("{} bytes are left over after {value}", from.rest.len()).into())
    }
}

fn is_flexible(message: &Message, version: i16) -> bool {
    // Also beyond the last version that is known.
    message.flexible.is_some_and(|versions| versions.first <= version)
}

fn is_nullable(field: &Field, version: i16) -> bool {
    field.nullable.is_some_and(|versions| versions.contains(version))
}

struct Writer<'a> {
    bytes: Vec<u8>,
    version: i16,
    flexible: bool,
    names: &'a Names,
}

impl Writer<'_> {
    fn fields(&mut self, body: &Struct, value: &Value) -> Outcome {
        let version = self.version;
        for field in body.fields.iter().filter(|field| field.versions.contains(version)) {
            if field.tag.as_ref().is_some_and(|(_, versions)| versions.contains(self.version)) {
                continue; // left at its default
            }
            let value = value.field(&field.name).ok_or_else(|| format!("no {} in {value}", field.name))?;
            self.field(field, value).map_err(|error| format!("{}: {error}", field.name))?;
        }
        if self.flexible {
            self.bytes.push(0);
        }
        Ok(())
    }

    fn field(&mut self, field: &Field, value: &Value) -> Outcome {
        match (&field.kind, value) {
            (Kind::Scalar(kind), value) => self.scalar(kind, value),
            (Kind::Struct(body), value) => {
                if is_nullable(field, self.version) {
                    self.bytes.push(if *value == Value::Null { 0xff } else { 1 });
                }
                if *value == Value::Null { Ok(()) } else { self.fields(body, value) }
            }
            (_, Value::Null) => {
                self.length(None, 4);
                Ok(())
            }
            (Kind::ScalarArray(kind), Value::List(elements)) => {
                self.length(Some(elements.len()), 4);
                elements.iter().try_for_each(|element| self.scalar(kind, element))
            }
            (Kind::StructArray(body), Value::List(elements)) => {
                self.length(Some(elements.len()), 4);
                elements.iter().try_for_each(|element| self.fields(body, element))
            }
            (_, other) => Err(format!("not a list: {other}").into()),
        }
    }

    fn scalar(&mut self, kind: &str, value: &Value) -> Outcome {
        let resolved = match value {
            Value::Symbol(name) => self.names.get(name).cloned().unwrap_or_else(|| unresolved(kind, name)),
            value => value.clone(),
        };
        match (kind, resolved) {
            ("bool", Value::Bool(value)) => self.bytes.push(u8::from(value)),
            ("float64", Value::Float(value)) => self.bytes.extend(value.to_be_bytes()),
            ("uuid", Value::Uuid(id)) => self.bytes.extend(id),
            ("string", Value::Text(text)) => self.sized(Some(text.as_bytes()), 2),
            ("string", Value::Null) => self.sized(None, 2),
            ("bytes" | "records", Value::Bytes(bytes)) => self.sized(Some(&bytes), 4),
            ("bytes" | "records", Value::Null) => self.sized(None, 4),
            (kind, Value::Int(value)) => {
                let width = width(kind).ok_or_else(|| format!("a number for {kind}"))?;
                self.bytes.extend(&value.to_be_bytes()[8 - width..]);
            }
            (kind, other) => return Err(format!("{other} for {kind}").into()),
        }
        Ok(())
    }

    fn sized(&mut self, bytes: Option<&[u8]>, width: usize) {
        self.length(bytes.map(<[u8]>::len), width);
        self.bytes.extend(bytes.unwrap_or_default());
    }

    /// A length, one more than it is where that is compact, so that null has a number too.
    fn length(&mut self, length: Option<usize>, width: usize) {
        if !self.flexible {
            let length = length.map_or(-1, |length| i64::try_from(length).unwrap_or(i64::MAX));
            return self.bytes.extend(&length.to_be_bytes()[8 - width..]);
        }
        let mut rest = length.map_or(0, |length| length + 1);
        while rest >= 0x80 {
            self.bytes.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
            rest >>= 7;
        }
        self.bytes.push(u8::try_from(rest).unwrap_or_default());
    }
}

/// What stands for an id that the broker has not made up: nobody has it, and no other name the same.
fn unresolved(kind: &str, name: &str) -> Value {
    match kind {
        "uuid" => {
            let mut id = [0x55_u8; 16];
            for (place, byte) in name.bytes().enumerate() {
                id[place % 16] = byte.wrapping_add(id[place % 16].rotate_left(3));
            }
            Value::Uuid(id)
        }
        "string" => Value::text("a member that there is not"),
        _ => Value::Int(0x5555),
    }
}

fn width(kind: &str) -> Option<usize> {
    Some(match kind {
        "int8" => 1,
        "int16" | "uint16" | "error_code" => 2,
        "int32" | "uint32" => 4,
        "int64" => 8,
        _ => return None,
    })
}

struct Reader<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Outcome<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("the answer ends early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn int(&mut self, width: usize) -> Outcome<i64> {
        let bytes = self.take(width)?;
        let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
        Ok(bytes.iter().fold(if negative { -1 } else { 0 }, |number, byte| (number << 8) | i64::from(*byte)))
    }

    fn varint(&mut self) -> Outcome<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number without end".into())
    }

    fn length(&mut self, width: usize) -> Outcome<Option<usize>> {
        if self.flexible {
            return Ok(self.varint()?.checked_sub(1));
        }
        Ok(usize::try_from(self.int(width)?).ok())
    }

    fn body(&mut self, body: &Struct) -> Outcome<Value> {
        let mut fields = Vec::new();
        let version = self.version;
        for field in body.fields.iter().filter(|field| field.versions.contains(version)) {
            if field.tag.as_ref().is_none_or(|(_, versions)| !versions.contains(self.version)) {
                let value = self.field(field).map_err(|error| format!("{}: {error}", field.name))?;
                fields.push((field.name.clone(), value));
            }
        }
        if self.flexible {
            fields.extend(self.tags(&body.fields)?);
        }
        Ok(Value::Struct(fields))
    }

    fn tags(&mut self, known: &[Field]) -> Outcome<Vec<(String, Value)>> {
        let mut fields = Vec::new();
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let length = self.varint()?;
            let bytes = self.take(length)?;
            let is_it =
                |field: &&Field| field.tag.is_some_and(|(known, _)| usize::try_from(known) == Ok(tag));
            fields.push(match known.iter().find(is_it) {
                Some(field) => {
                    let mut inner = Reader { rest: bytes, ..*self };
                    (field.name.clone(), inner.field(field)?)
                }
                None => (format!("tag {tag}"), Value::Bytes(bytes.to_vec())),
            });
        }
        Ok(fields)
    }

    fn field(&mut self, field: &Field) -> Outcome<Value> {
        match &field.kind {
            Kind::Scalar(kind) => self.scalar(kind),
            Kind::Struct(_) if is_nullable(field, self.version) && self.int(1)? < 0 => Ok(Value::Null),
            Kind::Struct(body) => self.body(body),
            Kind::ScalarArray(kind) => self.array(|from| from.scalar(kind)),
            Kind::StructArray(body) => self.array(|from| from.body(body)),
        }
    }

    fn array(&mut self, mut element: impl FnMut(&mut Self) -> Outcome<Value>) -> Outcome<Value> {
        let Some(count) = self.length(4)? else { return Ok(Value::Null) };
        Ok(Value::List((0..count).map(|_| element(self)).collect::<Outcome<_>>()?))
    }

    fn scalar(&mut self, kind: &str) -> Outcome<Value> {
        Ok(match kind {
            "bool" => Value::Bool(self.int(1)? != 0),
            "float64" => Value::Float(f64::from_be_bytes(self.take(8)?.try_into()?)),
            "uuid" => Value::Uuid(self.take(16)?.try_into()?),
            "string" => match self.length(2)? {
                Some(length) => Value::Text(String::from_utf8(self.take(length)?.to_vec())?),
                None => Value::Null,
            },
            "bytes" | "records" => match self.length(4)? {
                Some(length) => Value::Bytes(self.take(length)?.to_vec()),
                None => Value::Null,
            },
            kind => Value::Int(self.int(width(kind).ok_or_else(|| format!("an unknown type {kind}"))?)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen;
    use crate::workspace;

    fn api(name: &str) -> Api {
        codegen::schemas(&workspace::root()).unwrap().apis.into_iter().find(|api| api.name == name).unwrap()
    }

    #[test]
    fn a_request_is_written_as_the_protocol_has_it() {
        let body = Value::fields([
            ("group_id", Value::text("g")),
            ("generation_id", Value::Int(7)),
            ("member_id", Value::symbol("me")),
            ("group_instance_id", Value::Null),
        ]);
        let names = Names::from([("me".to_owned(), Value::text("m"))]);
        let head = |version: u8| [&[0, 12, 0, version, 0, 0, 0, 9, 0, 12][..], b"differential"].concat();
        let old = [head(0), [&[0, 1][..], b"g", &[0, 0, 0, 7], &[0, 1], b"m"].concat()].concat();
        let new = [head(4), [&[0, 2][..], b"g", &[0, 0, 0, 7], &[2], b"m", &[0, 0]].concat()].concat();
        for (version, wanted) in [(0, old), (4, new)] {
            let size = u32::try_from(wanted.len()).unwrap().to_be_bytes();
            let written = request(&api("Heartbeat"), version, 9, &body, &names).unwrap();
            assert_eq!(written, [&size[..], &wanted].concat(), "v{version}");
        }
    }

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let heartbeat = api("Heartbeat");
        let frame = [0, 0, 0, 9, 0, 0, 0, 0, 5, 0, 25, 0];
        let wanted = Value::fields([("throttle_time_ms", Value::Int(5)), ("error_code", Value::Int(25))]);
        assert_eq!(response(&heartbeat, 4, 9, &frame).unwrap(), wanted);
        assert!(response(&heartbeat, 4, 8, &frame).is_err(), "another request's");
        assert!(response(&heartbeat, 4, 9, &frame[..frame.len() - 1]).is_err());
        assert!(response(&heartbeat, 4, 9, &[&frame[..], &[0]].concat()).is_err());
    }

    #[test]
    fn names_that_stand_for_nothing_are_different_ids() {
        let ids =
            ["id of a", "id of b", "id of my.dots", "id of my_dots"].map(|name| unresolved("uuid", name));
        assert!(ids.iter().all(|id| ids.iter().filter(|other| *other == id).count() == 1));
    }
}
