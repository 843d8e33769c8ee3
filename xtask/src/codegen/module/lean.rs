//! How structs of messages that are not hot are read and written: with `LeanReader` and `LeanSink`, which keep the
//! first error, so that a field is a call and nothing more.

use super::{default_of, in_range, is_fixed, is_set, method, out_of_range, presence, runs};
use crate::codegen::schema::{Field, Kind, Struct};
use std::fmt::Write as _;

/// The methods of the struct that read and write it.
pub(super) fn methods(body: &Struct) -> String {
    format!(
        "fn read(r: &mut LeanReader<'_, '_>) -> Self {{\n{}}}\n\n\
         fn write(&self, s: &mut LeanSink) {{\n{}}}\n",
        read_struct(body),
        write_struct(body)
    )
}

fn read_struct(body: &Struct) -> String {
    let (tagged, plain): (Vec<_>, Vec<_>) = body.fields.iter().partition(|field| field.tag.is_some());
    let mut code = String::from(if tagged.is_empty() { "Self {" } else { "let mut message = Self {" });
    code.push('\n');
    for field in &plain {
        let _ = writeln!(code, "{}: {},", field.ident(), read_in_versions(body, field));
    }
    if tagged.is_empty() {
        let _ = writeln!(code, "unknown_tags: r.tags(),\n}}");
        return code;
    }
    for field in &tagged {
        let _ = writeln!(code, "{}: {},", field.ident(), default_of(field));
    }
    let _ = writeln!(
        code,
        "unknown_tags: TaggedFields::new(),\n}};\n\
         message.unknown_tags = r.known_tags(&mut |r, tag| {{\nmatch tag {{"
    );
    for field in &tagged {
        let Some((tag, versions)) = field.tag else { continue };
        let condition = in_range(versions, body.versions)
            .map(|test| format!(" if {}", of("r", &test)))
            .unwrap_or_default();
        let value = read(field, field.nullable.is_some());
        let _ = writeln!(code, "{tag}{condition} => message.{} = {value},", field.ident());
    }
    let _ = writeln!(code, "_ => return false,\n}}\ntrue\n}});\nmessage");
    code
}

/// Where a test names the version, that of the reader or sink.
fn of(owner: &str, test: &str) -> String {
    test.replace("version", &format!("{owner}.version"))
}

fn read_in_versions(body: &Struct, field: &Field) -> String {
    let runs = runs(body, field, |nullable, wrapped| {
        let value = read(field, nullable);
        if wrapped { format!("Some({value})") } else { value }
    });
    runs.replacen("match version", "match r.version", 1)
}

fn read(field: &Field, nullable: bool) -> String {
    let name = &field.name;
    let null = if nullable { "nullable_" } else { "" };
    match &field.kind {
        Kind::Scalar(kind) => format!("r.{null}{}(\"{name}\")", method(kind)),
        Kind::ScalarArray(kind) if kind == "int32" => format!("r.{null}i32_array(\"{name}\")"),
        Kind::ScalarArray(kind) => format!("r.{null}array(\"{name}\", |r| r.{}(\"{name}\"))", method(kind)),
        Kind::StructArray(body) => format!("r.{null}array(\"{name}\", {}::read)", body.name),
        Kind::Struct(body) if nullable => {
            format!("r.{}(\"{name}\").then(|| {}::read(r))", presence(field), body.name)
        }
        Kind::Struct(body) => format!("{}::read(r)", body.name),
    }
}

fn write_struct(body: &Struct) -> String {
    let (mut tagged, plain): (Vec<_>, Vec<_>) = body.fields.iter().partition(|field| field.tag.is_some());
    tagged.sort_by_key(|field| field.tag.map(|(tag, _)| tag));
    let mut code = String::new();
    for field in plain {
        let written = write_in_versions(body, field);
        let _ = match (in_range(field.versions, body.versions), field.ignorable) {
            (None, _) => writeln!(code, "{written}"),
            (Some(test), true) => writeln!(code, "if {} {{\n{written}\n}}", of("s", &test)),
            (Some(test), false) => writeln!(
                code,
                "if {} {{\n{written}\n}} else if {} {{\ns.not_in_version(\"{}\");\n}}",
                of("s", &test),
                is_set(field),
                field.name
            ),
        };
    }
    if tagged.is_empty() {
        let _ = writeln!(code, "s.tags(&self.unknown_tags);");
        return code;
    }
    let _ = writeln!(code, "let mut known = TaggedFields::new();");
    for field in tagged {
        let Some((tag, versions)) = field.tag else { continue };
        let value = write(field, field.nullable.is_some());
        let push = format!("s.tag(&mut known, {tag}, &mut |s| {{\n{value}\n}});");
        let set = is_set(field);
        let _ = match (in_range(versions, body.versions), field.ignorable) {
            (None, _) => writeln!(code, "if {set} {{\n{push}\n}}"),
            (Some(test), true) => writeln!(code, "if {} && {set} {{\n{push}\n}}", of("s", &test)),
            (Some(_), false) => writeln!(
                code,
                "if {set} {{\nif {} {{\ns.not_in_version(\"{}\");\n}} else {{\n{push}\n}}\n}}",
                of("s", &out_of_range(versions)),
                field.name
            ),
        };
    }
    let _ = writeln!(code, "s.known_tags(&known, &self.unknown_tags);");
    code
}

/// Writes a field in the versions that have it, with null where they allow it.
fn write_in_versions(body: &Struct, field: &Field) -> String {
    let Some(nullable) = field.nullable else { return write(field, false) };
    let Some(possible) = field.versions.intersection(body.versions) else { return String::new() };
    match in_range(nullable, possible) {
        None => write(field, true),
        Some(_) if nullable.intersection(possible).is_none() => write(field, false),
        Some(test) => format!(
            "if {} {{\n{}\n}} else {{\n{}\n}}",
            of("s", &test),
            write(field, true),
            write(field, false)
        ),
    }
}

/// Writes a field; one that may be null elsewhere is required where `nullable` is false.
fn write(field: &Field, nullable: bool) -> String {
    let (name, ident) = (&field.name, field.ident());
    if field.nullable.is_some() && !nullable {
        let write = match &field.kind {
            Kind::Scalar(kind) => format!("LeanSink::{}", method(kind)),
            Kind::ScalarArray(kind) if kind == "int32" => "LeanSink::i32_array".to_owned(),
            Kind::ScalarArray(_) | Kind::StructArray(_) => {
                format!("|s, field, value| s.array(field, value, {})", element(field))
            }
            Kind::Struct(_) => "|s, _, value| value.write(s)".to_owned(),
        };
        return format!("s.required(\"{name}\", self.{ident}.as_ref(), {write});");
    }
    let null = if nullable { "nullable_" } else { "" };
    let (reference, slice) = match nullable {
        true => (format!("self.{ident}.as_ref()"), format!("self.{ident}.as_deref()")),
        false => (format!("&self.{ident}"), format!("&self.{ident}")),
    };
    match &field.kind {
        Kind::Scalar(kind) if is_fixed(kind) => format!("s.{}(self.{ident});", method(kind)),
        Kind::Scalar(kind) => format!("s.{null}{}(\"{name}\", {reference});", method(kind)),
        Kind::ScalarArray(kind) if kind == "int32" => format!("s.{null}i32_array(\"{name}\", {reference});"),
        Kind::ScalarArray(_) | Kind::StructArray(_) => {
            format!("s.{null}array(\"{name}\", {slice}, {});", element(field))
        }
        Kind::Struct(_) if nullable => format!(
            "s.{}(self.{ident}.is_some());\nif let Some(value) = &self.{ident} {{\nvalue.write(s);\n}}",
            presence(field)
        ),
        Kind::Struct(_) => format!("self.{ident}.write(s);"),
    }
}

/// What writes an element of an array.
fn element(field: &Field) -> String {
    match &field.kind {
        Kind::StructArray(body) => format!("{}::write", body.name),
        Kind::ScalarArray(kind) if is_fixed(kind) => format!("|value, s| s.{}(*value)", method(kind)),
        Kind::ScalarArray(kind) => format!("|value, s| s.{}(\"{}\", value)", method(kind), field.name),
        Kind::Scalar(_) | Kind::Struct(_) => String::new(),
    }
}
