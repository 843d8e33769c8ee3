//! The Rust module of one API, or of one file of other structures.
//!
//! Layout is left to rustfmt; what is written here is meant to read as if typed. How messages that are not hot are
//! read and written is in [`lean`].

mod lean;

use super::schema::{Api, Data, DataFile, Field, Kind, Message, Role, Struct, Versions};
use std::fmt::Write as _;

/// Width of documentation, marks and indentation not counted.
const DOC_WIDTH: usize = 100;

/// Documentation as comment lines of one width; an empty line parts paragraphs.
fn comment(mark: &str, doc: &[String]) -> String {
    let mut text = String::new();
    let mut line = String::new();
    for word in doc.iter().flat_map(|line| line.split(' ').chain(line.is_empty().then_some("\n"))) {
        let full = line.len() + word.len() >= DOC_WIDTH;
        if (full || word == "\n") && !line.is_empty() {
            let _ = writeln!(text, "{mark} {line}");
            line.clear();
        }
        match word {
            "" => {}
            "\n" => {
                let _ = writeln!(text, "{mark}");
            }
            word => {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(word);
            }
        }
    }
    let _ = writeln!(text, "{mark} {line}");
    text
}

/// The text of the module of an API.
pub(super) fn render(api: &Api) -> String {
    let mut code = String::new();
    for body in api.structs() {
        if body.name == api.request.body.name {
            top_level(&mut code, api, &api.request, Some(&api.response));
        } else if body.name == api.response.body.name {
            top_level(&mut code, api, &api.response, None);
        } else {
            nested(&mut code, body, api.is_hot);
        }
    }
    let mut doc = api.doc.clone();
    if let Some(first) = doc.first_mut() {
        *first = format!("`{}` (API key {}): {first}", api.name, api.key);
    }
    whole(&format!("schema/{}.txt", api.module), &doc, &code)
}

/// The text of the module of other structures.
pub(super) fn render_data(file: &DataFile) -> String {
    let mut code = String::new();
    for body in file.structs() {
        match file.parts.iter().find(|part| part.message.body.name == body.name) {
            Some(part) => data(&mut code, part),
            None => nested(&mut code, body, false),
        }
    }
    let mut doc = file.doc.clone();
    if let (Some(first), Some((record_type, coordinator))) = (doc.first_mut(), &file.record) {
        *first =
            format!("`{}` (record type {record_type} of the {coordinator} coordinator): {first}", file.name);
    }
    whole(&format!("schema/data/{}.txt", file.module), &doc, &code)
}

fn whole(source: &str, doc: &[String], code: &str) -> String {
    let mut text = format!(
        "// Generated from {source} by `cargo xtask codegen`: change that file and run it again.\n{}",
        comment("//!", doc)
    );
    text.push('\n');
    text.push_str(&imports(code));
    text.push_str(code);
    text
}

/// What makes a structure one of its kind: its name, its versions, how it is read and written.
fn data(code: &mut String, part: &Data) {
    let Message { versions, flexible, body, .. } = &part.message;
    let name = &body.name;
    definition(code, body);
    let versions = match part.role {
        Role::Key(record_type) => Versions { first: record_type, last: record_type },
        _ => *versions,
    };
    let flexible = match (part.role, flexible) {
        (Role::Key(_), _) | (_, None) => "None".to_owned(),
        (_, Some(flexible)) => format!("Some({})", flexible.first),
    };
    let more = match part.role {
        Role::Key(_) | Role::Value | Role::Plain => String::new(),
        Role::Lenient => "const READS_NEWER: bool = true;\n".to_owned(),
        Role::Metadata(record_type) => {
            format!("const PREFIX: Prefix = Prefix::TypeAndVersion({record_type});\n")
        }
    };
    if let Role::Key(record_type) = part.role {
        let _ = writeln!(
            code,
            "impl {name} {{\n/// Type of the record, which stands where other structures have their version.\n\
             pub const RECORD_TYPE: i16 = {record_type};\n}}\n"
        );
    }
    let Versions { first, last } = versions;
    let _ = writeln!(
        code,
        "impl Data for {name} {{\n\
         const NAME: &'static str = \"{name}\";\n\
         const VERSIONS: RangeInclusive<i16> = {first}..={last};\n\
         const FLEXIBLE_FROM: Option<i16> = {flexible};\n{more}\n\
         {LEAN_DECODE}}}\n\nimpl<F> Encode<F> for {name} {{\n{LEAN_ENCODE}}}\n",
    );
    let _ = writeln!(code, "impl {name} {{\n{}}}\n", lean::methods(body));
    setters(code, body);
}

/// How a message that is not hot is read, and written.
const LEAN_DECODE: &str = "\
fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
r.lean(version, Self::read)
}
";
const LEAN_ENCODE: &str = "\
fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
Self::check_version(version)?;
s.lean(version, &mut |s| self.write(s))
}
";

/// The `use` lines that the code needs.
fn imports(code: &str) -> String {
    let uses = |name: &str| {
        code.match_indices(name).any(|(at, _)| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
            !code[..at].ends_with(is_part) && !code[at + name.len()..].starts_with(is_part)
        })
    };
    let named = |path: &str, names: &[&str]| {
        let names: Vec<_> = names.iter().copied().filter(|name| uses(name)).collect();
        match names.as_slice() {
            [] => String::new(),
            [name] => format!("use {path}::{name};\n"),
            names => format!("use {path}::{{{}}};\n", names.join(", ")),
        }
    };
    let mut text = String::new();
    text.push_str(&named("alloc::vec", &["Vec"]));
    text.push_str("use core::ops::RangeInclusive;\n\n");
    if uses("Bytes") {
        text.push_str("use bytes::Bytes;\n\n");
    }
    text.push_str(&named("crate::api", &["ApiKey", "ErrorCode"]));
    text.push_str(&named(
        "crate::message",
        &["Data", "Encode", "Fill", "Message", "Prefix", "Request", "big_endian", "required", "setters"],
    ));
    text.push_str(&named(
        "crate::wire",
        &[
            "DecodeError",
            "EncodeError",
            "I32Array",
            "LeanReader",
            "LeanSink",
            "NoFile",
            "Reader",
            "Records",
            "Sink",
            "Str",
            "TaggedFields",
            "Uuid",
        ],
    ));
    text.push('\n');
    text
}

fn top_level(code: &mut String, api: &Api, message: &Message, response: Option<&Message>) {
    let body = &message.body;
    definition(code, body);
    let name = &body.name;
    let generic = body.is_generic();
    let (parameter, this) = if generic { ("<F>", format!("{name}<F>")) } else { ("", name.clone()) };
    let Versions { first, last } = message.versions;
    let flexible = match message.flexible {
        Some(flexible) => format!("Some({})", flexible.first),
        None => "None".to_owned(),
    };
    let unstable = match message.latest_unstable {
        true => "const LATEST_VERSION_UNSTABLE: bool = true;\n",
        false => "",
    };
    let throttle = match body.fields.iter().any(|field| field.name == "throttle_time_ms") {
        true => "\nfn throttle_time_ms(&self) -> i32 {\nself.throttle_time_ms\n}\n",
        false => "",
    };
    let version = if needs_version(body) { "version" } else { "_version" };
    let (decode, encode) = match api.is_hot {
        true => (
            format!(
                "fn decode(r: &mut Reader<'_>, {version}: i16) -> Result<Self, DecodeError> {{\n{}}}\n",
                decode(body)
            ),
            encode(body),
        ),
        false => (LEAN_DECODE.to_owned(), String::new()),
    };
    let _ = writeln!(
        code,
        "impl{parameter} Message for {this} {{\n\
         const API_KEY: ApiKey = ApiKey::{};\n\
         const VERSIONS: RangeInclusive<i16> = {first}..={last};\n\
         const FLEXIBLE_FROM: Option<i16> = {flexible};\n{unstable}\n{decode}{throttle}}}\n",
        api.name,
    );
    if api.is_hot {
        let (parameter, bound) = match (generic, body.is_memory_only()) {
            (false, true) => ("", ""),
            _ => ("<F>", "<F>"),
        };
        let _ = writeln!(
            code,
            "impl{parameter} Encode{parameter} for {this} {{\n\
             fn encode<S: Sink{bound}>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {{\n\
             Self::check_version(version)?;\n{encode}}}\n}}\n",
        );
    } else {
        let _ = writeln!(code, "impl<F> Encode<F> for {this} {{\n{LEAN_ENCODE}}}\n");
        let _ = writeln!(code, "impl {this} {{\n{}}}\n", lean::methods(body));
    }
    if let Some(response) = response {
        let _ = writeln!(code, "impl Request for {name} {{\ntype Response = {};\n}}\n", response.body.name);
    }
    setters(code, body);
}

fn nested(code: &mut String, body: &Struct, is_hot: bool) {
    let name = &body.name;
    if !is_hot {
        definition(code, body);
        let _ = writeln!(code, "impl {name} {{\n{}}}\n", lean::methods(body));
        setters(code, body);
        return;
    }
    fields(code, body, "");
    let (parameter, this) = match body.is_generic() {
        true => ("<F>", format!("{name}<F>")),
        false => ("", name.clone()),
    };
    let version = if needs_version(body) { "version" } else { "_version" };
    let bounds = match (body.is_generic(), body.is_memory_only()) {
        (true, _) => "<S: Sink<F>>",
        (false, true) => "<S: Sink>",
        (false, false) => "<F, S: Sink<F>>",
    };
    let _ = writeln!(
        code,
        "impl{parameter} Default for {this} {{\nfn default() -> Self {{\nSelf::DEFAULT\n}}\n}}\n\n\
         impl{parameter} Fill for {this} {{\nconst DEFAULT: Self = Self {{\n{}}};\n\n\
         fn fill(&mut self, r: &mut Reader<'_>, {version}: i16) -> Result<(), DecodeError> {{\n{}}}\n}}\n\n\
         impl{parameter} {this} {{\n\
         fn encode{bounds}(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {{\n{}}}\n}}\n",
        defaults(body),
        fill(body),
        encode(body)
    );
    setters(code, body);
}

/// Every field at its default.
fn defaults(body: &Struct) -> String {
    let mut code = String::new();
    for field in &body.fields {
        let default = match &field.kind {
            Kind::Struct(body) if field.nullable.is_none() => format!("{}::DEFAULT", body.name),
            _ => default_of(field),
        };
        let _ = writeln!(code, "{}: {default},", field.ident());
    }
    code.push_str("unknown_tags: TaggedFields::new(),\n");
    code
}

/// The struct itself, and its default.
fn definition(code: &mut String, body: &Struct) {
    let derived = !body.is_generic() && body.fields.iter().all(has_plain_default);
    fields(code, body, if derived { "Default, " } else { "" });
    if !derived {
        let (parameter, this) = match body.is_generic() {
            true => ("<F>", format!("{}<F>", body.name)),
            false => ("", body.name.clone()),
        };
        let _ = writeln!(code, "impl{parameter} Default for {this} {{\nfn default() -> Self {{\nSelf {{");
        for field in &body.fields {
            let _ = writeln!(code, "{}: {},", field.ident(), default_of(field));
        }
        let _ = writeln!(code, "unknown_tags: TaggedFields::new(),\n}}\n}}\n}}\n");
    }
}

/// The struct itself; `default` is derived as well.
fn fields(code: &mut String, body: &Struct, default: &str) {
    code.push_str(&comment("///", &body.doc));
    let float = body.all().iter().flat_map(|body| &body.fields).any(
        |field| matches!(&field.kind, Kind::Scalar(kind) | Kind::ScalarArray(kind) if kind == "float64"),
    );
    let eq = if float { "" } else { ", Eq" };
    let parameter = if body.is_generic() { "<F = NoFile>" } else { "" };
    let _ = writeln!(
        code,
        "#[derive(Clone, Debug, {default}PartialEq{eq})]\n#[non_exhaustive]\npub struct {}{parameter} {{",
        body.name
    );
    for field in &body.fields {
        let mut doc = field.doc.clone();
        doc.extend(remarks(body, field));
        code.push_str(&comment("///", &doc));
        let _ = writeln!(code, "pub {}: {},", field.ident(), type_of(field));
    }
    let _ = writeln!(
        code,
        "/// Tagged fields that this release does not know.\npub unknown_tags: TaggedFields,\n}}\n"
    );
}

/// Which versions have the field, and what it is when it is not said.
fn remarks(body: &Struct, field: &Field) -> Vec<String> {
    let mut remarks = Vec::new();
    if !field.versions.covers(body.versions) {
        let Versions { first, last } = field.versions;
        remarks.push(match (first <= body.versions.first, last >= body.versions.last) {
            (false, true) => format!("v{first}+"),
            (true, false) => format!("Until v{last}"),
            _ if first == last => format!("v{first} only"),
            _ => format!("v{first} to v{last}"),
        });
    }
    if let Some(nullable) = field.nullable
        && let Some(present) = field.versions.intersection(body.versions)
        && !nullable.covers(present)
    {
        remarks.push(format!("Null from v{} on", nullable.first));
    }
    if !has_plain_default(field)
        && let Some(default) = &field.default
    {
        remarks.push(format!("Default `{}`", literal(field, default)));
    }
    remarks.iter().map(|remark| format!("{remark}.")).collect()
}

fn setters(code: &mut String, body: &Struct) {
    if body.fields.is_empty() {
        return;
    }
    let parameter = if body.is_generic() { "<F>" } else { "" };
    let _ = writeln!(code, "setters! {{\n    {}{parameter} {{", body.name);
    for field in &body.fields {
        let kind = type_of(field);
        let into = matches!(kind.as_str(), "Str" | "I32Array" | "Bytes") || kind.starts_with("Records");
        let kind = if into { format!("impl Into<{kind}>") } else { kind };
        let _ = writeln!(code, "        with_{}({}: {kind});", field.name, field.ident());
    }
    let _ = writeln!(code, "    }}\n}}\n");
}

/// The Rust type of the field.
pub(super) fn type_of(field: &Field) -> String {
    let plain = match &field.kind {
        Kind::Scalar(kind) if kind == "records" && field.external => "Records<F>".to_owned(),
        Kind::Scalar(kind) => scalar(kind).to_owned(),
        Kind::ScalarArray(kind) if kind == "int32" => "I32Array".to_owned(),
        Kind::ScalarArray(kind) => format!("Vec<{}>", scalar(kind)),
        Kind::Struct(body) => struct_type(body),
        Kind::StructArray(body) => format!("Vec<{}>", struct_type(body)),
    };
    match field.nullable {
        Some(_) => format!("Option<{plain}>"),
        None => plain,
    }
}

fn struct_type(body: &Struct) -> String {
    match body.is_generic() {
        true => format!("{}<F>", body.name),
        false => body.name.clone(),
    }
}

fn scalar(kind: &str) -> &str {
    match kind {
        "int8" => "i8",
        "int16" => "i16",
        "int32" => "i32",
        "int64" => "i64",
        "uint16" => "u16",
        "uint32" => "u32",
        "float64" => "f64",
        "error_code" => "ErrorCode",
        "string" => "Str",
        "bytes" => "Bytes",
        "uuid" => "Uuid",
        "records" => "Records",
        other => other,
    }
}

/// The method of `Reader` and `Sink` for a scalar.
fn method(kind: &str) -> &str {
    match kind {
        "error_code" | "string" | "bytes" | "uuid" | "records" | "bool" => kind,
        other => scalar(other),
    }
}

/// Whether `Sink` takes the scalar by value and cannot fail on it.
fn is_fixed(kind: &str) -> bool {
    !matches!(kind, "string" | "bytes" | "records")
}

/// Whether the default is that of the Rust type.
fn has_plain_default(field: &Field) -> bool {
    if field.nullable.is_some() {
        return default_of(field) == "None";
    }
    matches!(field.default.as_deref(), None | Some("0" | "false" | "\"\""))
}

/// The default, as Rust.
fn default_of(field: &Field) -> String {
    let plain = match &field.kind {
        Kind::Scalar(kind) => match kind.as_str() {
            "bool" => "false",
            "string" => "Str::EMPTY",
            "bytes" => "Bytes::new()",
            "uuid" => "Uuid::ZERO",
            "error_code" => "ErrorCode::NONE",
            "records" => "Records::EMPTY",
            _ => "0",
        }
        .to_owned(),
        Kind::ScalarArray(kind) if kind == "int32" => "I32Array::new()".to_owned(),
        Kind::ScalarArray(_) | Kind::StructArray(_) => "Vec::new()".to_owned(),
        Kind::Struct(body) => format!("{}::default()", body.name),
    };
    let is_records = matches!(&field.kind, Kind::Scalar(kind) if kind == "records");
    match (field.default.as_deref(), field.nullable) {
        (Some("null"), _) => "None".to_owned(),
        (None, Some(_)) if is_records => "None".to_owned(), // as in Kafka's own classes
        (None, Some(_)) => format!("Some({plain})"),
        (None, None) => plain,
        (Some(default), Some(_)) => format!("Some({})", literal(field, default)),
        (Some(default), None) => literal(field, default),
    }
}

/// A default of the schema, as Rust.
fn literal(field: &Field, default: &str) -> String {
    match (&field.kind, default) {
        (_, "null") => "None".to_owned(),
        (Kind::Scalar(kind), "max") => format!("{}::MAX", scalar(kind)),
        (Kind::Scalar(kind), "min") => format!("{}::MIN", scalar(kind)),
        (Kind::Scalar(kind), "\"\"") if kind == "string" => "Str::EMPTY".to_owned(),
        (Kind::Scalar(kind), text) if kind == "string" => format!("Str::from_static({text})"),
        (Kind::Scalar(kind), number) if kind == "error_code" => format!("ErrorCode({number})"),
        (_, text) => text.to_owned(),
    }
}

/// A test, as Rust, for a value that is not the default.
fn is_set(field: &Field) -> String {
    let it = format!("self.{}", field.ident());
    if field.nullable.is_some() {
        return match default_of(field).as_str() {
            "None" => format!("{it}.is_some()"),
            "Some(Str::EMPTY)" | "Some(Vec::new())" | "Some(I32Array::new())" | "Some(Bytes::new())" => {
                format!("{it}.as_ref().is_none_or(|value| !value.is_empty())")
            }
            default => format!("{it} != {default}"),
        };
    }
    match (&field.kind, default_of(field).as_str()) {
        (Kind::Scalar(kind), "true") if kind == "bool" => format!("!{it}"),
        (Kind::Scalar(kind), _) if kind == "bool" => it,
        (Kind::Scalar(kind), "ErrorCode::NONE") if kind == "error_code" => format!("{it}.is_err()"),
        (_, "Str::EMPTY" | "Vec::new()" | "I32Array::new()" | "Bytes::new()" | "Records::EMPTY") => {
            format!("!{it}.is_empty()")
        }
        (_, default) => format!("{it} != {default}"),
    }
}

/// A test, as Rust, for the versions of a range; `None` if all that can occur are in it.
fn in_range(range: Versions, possible: Versions) -> Option<String> {
    match (range.first <= possible.first, range.last >= possible.last) {
        (true, true) => None,
        (false, true) => Some(format!("version >= {}", range.first)),
        (true, false) => Some(format!("version <= {}", range.last)),
        (false, false) if range.first == range.last => Some(format!("version == {}", range.first)),
        (false, false) => Some(format!("({}..={}).contains(&version)", range.first, range.last)),
    }
}

/// A test, as Rust, for the versions outside a range.
fn out_of_range(range: Versions) -> String {
    match range.last {
        i16::MAX => format!("version < {}", range.first),
        last => format!("!({}..={last}).contains(&version)", range.first),
    }
}

/// Whether reading the struct asks for the version.
fn needs_version(body: &Struct) -> bool {
    body.fields.iter().any(|field| {
        let possible = field.versions.intersection(body.versions);
        !field.versions.covers(body.versions)
            || field.tag.is_some_and(|(_, versions)| !versions.covers(body.versions))
            || field.nullable.zip(possible).is_some_and(|(nullable, possible)| {
                nullable.intersection(possible).is_some() && !nullable.covers(possible)
            })
            || field.body().is_some()
    })
}

fn decode(body: &Struct) -> String {
    let (tagged, plain): (Vec<_>, Vec<_>) = body.fields.iter().partition(|field| field.tag.is_some());
    let mut code = String::new();
    let open = if tagged.is_empty() { "Ok(Self {" } else { "let mut message = Self {" };
    let _ = writeln!(code, "{open}");
    for field in &plain {
        let _ = writeln!(code, "{}: {},", field.ident(), read_in_versions(body, field));
    }
    if tagged.is_empty() {
        let _ = writeln!(code, "unknown_tags: r.tags()?,\n}})");
        return code;
    }
    for field in &tagged {
        let _ = writeln!(code, "{}: {},", field.ident(), default_of(field));
    }
    let _ = writeln!(
        code,
        "unknown_tags: TaggedFields::new(),\n}};\n\
         message.unknown_tags = r.known_tags(|r, tag| {{\nmatch tag {{"
    );
    for field in &tagged {
        let Some((tag, versions)) = field.tag else { continue };
        let condition =
            in_range(versions, body.versions).map(|test| format!(" if {test}")).unwrap_or_default();
        let value = read(field, field.nullable.is_some());
        let _ = writeln!(code, "{tag}{condition} => message.{} = {value},", field.ident());
    }
    let _ = writeln!(code, "_ => return Ok(false),\n}}\nOk(true)\n}})?;\nOk(message)");
    code
}

/// Reads a struct to where it will stay, which holds its default. Read elsewhere and moved there, it would be stored in
/// small pieces and loaded in large ones, and the processor would have to wait for the stores.
fn fill(body: &Struct) -> String {
    let (tagged, plain): (Vec<_>, Vec<_>) = body.fields.iter().partition(|field| field.tag.is_some());
    let mut code = String::new();
    for field in plain {
        let is_i32_array = matches!(&field.kind, Kind::ScalarArray(kind) if kind == "int32");
        let in_place = match &field.kind {
            _ if field.nullable.is_some() => None,
            Kind::ScalarArray(_) if is_i32_array => {
                Some(format!("r.fill_i32_array(\"{}\", &mut self.{})?;", field.name, field.ident()))
            }
            Kind::Struct(_) => Some(format!("self.{}.fill(r, version)?;", field.ident())),
            _ => None,
        };
        let _ = match (in_place, in_range(field.versions, body.versions)) {
            (Some(read), None) => writeln!(code, "{read}"),
            (Some(read), Some(test)) => writeln!(code, "if {test} {{\n{read}\n}}"),
            (None, _) => writeln!(code, "self.{} = {};", field.ident(), read_in_versions(body, field)),
        };
    }
    if tagged.is_empty() {
        let _ = writeln!(code, "self.unknown_tags = r.tags()?;\nOk(())");
        return code;
    }
    let _ = writeln!(code, "self.unknown_tags = r.known_tags(|r, tag| {{\nmatch tag {{");
    for field in &tagged {
        let Some((tag, versions)) = field.tag else { continue };
        let condition =
            in_range(versions, body.versions).map(|test| format!(" if {test}")).unwrap_or_default();
        let value = read(field, field.nullable.is_some());
        let _ = writeln!(code, "{tag}{condition} => self.{} = {value},", field.ident());
    }
    let _ = writeln!(code, "_ => return Ok(false),\n}}\nOk(true)\n}})?;\nOk(())");
    code
}

/// Reads a field in the versions that have it, by what each of them allows.
fn read_in_versions(body: &Struct, field: &Field) -> String {
    runs(body, field, |nullable, wrapped| {
        let value = read(field, nullable);
        if wrapped { format!("Some({value})") } else { value }
    })
}

/// The value of a field by version; `read` is told whether null is possible, and if not, whether it is elsewhere, so
/// that the value must be wrapped.
fn runs(body: &Struct, field: &Field, read: impl Fn(bool, bool) -> String) -> String {
    let value_in = |version: i16| {
        if !field.versions.contains(version) {
            return default_of(field);
        }
        match field.nullable {
            Some(nullable) if nullable.contains(version) => read(true, false),
            Some(_) => read(false, true),
            None => read(false, false),
        }
    };
    // Runs of versions that are read alike, lowest first.
    let mut runs: Vec<(i16, i16, String)> = Vec::new();
    for version in body.versions.first..=body.versions.last {
        let value = value_in(version);
        match runs.last_mut() {
            Some((_, last, present)) if *present == value => *last = version,
            _ => runs.push((version, version, value)),
        }
    }
    match runs.as_slice() {
        [(_, _, value)] => value.clone(),
        [(_, last, low), (_, _, high)] if *high == default_of(field) => {
            format!("match version {{\n..={last} => {low},\n_ => {high},\n}}")
        }
        [(_, _, low), (first, last, middle), (_, _, high)] if low == high => {
            format!("match version {{\n{first}..={last} => {middle},\n_ => {high},\n}}")
        }
        [low, rest @ ..] => {
            let mut code = "match version {\n".to_owned();
            for (index, (first, last, value)) in rest.iter().enumerate().rev() {
                let pattern =
                    if index + 1 == rest.len() { format!("{first}..") } else { format!("{first}..={last}") };
                let _ = writeln!(code, "{pattern} => {value},");
            }
            let _ = write!(code, "_ => {},\n}}", low.2);
            code
        }
        [] => default_of(field),
    }
}

/// Reads a field.
fn read(field: &Field, nullable: bool) -> String {
    let name = &field.name;
    let null = if nullable { "nullable_" } else { "" };
    match &field.kind {
        Kind::Scalar(kind) => format!("r.{null}{}(\"{name}\")?", method(kind)),
        Kind::ScalarArray(kind) if kind == "int32" => format!("r.{null}i32_array(\"{name}\")?"),
        Kind::ScalarArray(kind) => format!("r.{null}array(\"{name}\", |r| r.{}(\"{name}\"))?", method(kind)),
        Kind::StructArray(_) => format!("r.{null}structs(\"{name}\", version)?"),
        Kind::Struct(body) => {
            let value =
                format!("{{\nlet mut value = {}::default();\nvalue.fill(r, version)?;\nvalue\n}}", body.name);
            match nullable {
                true => {
                    let is_present = presence(field);
                    format!(
                        "match r.{is_present}(\"{name}\")? {{\ntrue => Some({value}),\nfalse => None,\n}}"
                    )
                }
                false => value,
            }
        }
    }
}

/// The method that reads or writes whether a nullable struct is there.
fn presence(field: &Field) -> &'static str {
    match field.tag {
        Some(_) => "is_tag_present",
        None => "is_present",
    }
}

fn encode(body: &Struct) -> String {
    let (mut tagged, plain): (Vec<_>, Vec<_>) = body.fields.iter().partition(|field| field.tag.is_some());
    tagged.sort_by_key(|field| field.tag.map(|(tag, _)| tag));
    let mut code = String::new();
    let mut plain = plain.as_slice();
    while let [field, rest @ ..] = plain {
        let joined: Vec<_> = plain.iter().map_while(|field| as_number(body, field)).collect();
        if joined.len() > 1 {
            let len: usize = joined.iter().map(|(size, _)| size).sum();
            let values: Vec<_> = joined.iter().map(|(_, value)| value.as_str()).collect();
            let _ = writeln!(code, "s.put(big_endian!({len}; {}));", values.join(", "));
            plain = &plain[joined.len()..];
            continue;
        }
        plain = rest;
        let written = write_in_versions(body, field);
        let not_carried =
            format!("return Err(EncodeError::NotInVersion {{ field: \"{}\", version }});", field.name);
        let _ = match (in_range(field.versions, body.versions), field.ignorable) {
            (None, _) => writeln!(code, "{written}"),
            (Some(test), true) => writeln!(code, "if {test} {{\n{written}\n}}"),
            (Some(test), false) => {
                writeln!(code, "if {test} {{\n{written}\n}} else if {} {{\n{not_carried}\n}}", is_set(field))
            }
        };
    }
    if tagged.is_empty() {
        let _ = writeln!(code, "s.tags(&self.unknown_tags, version)");
        return code;
    }
    let _ = writeln!(code, "let mut known = TaggedFields::new();");
    for field in tagged {
        let Some((tag, versions)) = field.tag else { continue };
        let value = write(field, field.nullable.is_some());
        let value = match value.strip_suffix("?;") {
            Some(value) => value.to_owned(),
            None => format!("{{\n{value}\nOk(())\n}}"),
        };
        let push = format!("known.push_known({tag}, |s| {value})?;");
        let _ = match (in_range(versions, body.versions), field.ignorable) {
            (None, _) => writeln!(code, "if {} {{\n{push}\n}}", is_set(field)),
            (Some(test), true) => writeln!(code, "if {test} && {} {{\n{push}\n}}", is_set(field)),
            (Some(_), false) => writeln!(
                code,
                "if {} {{\nif {} {{\nreturn Err(EncodeError::NotInVersion {{ field: \"{}\", version }});\n}}\n{push}\n}}",
                is_set(field),
                out_of_range(versions),
                field.name
            ),
        };
    }
    let _ = writeln!(code, "s.known_tags(&known, &self.unknown_tags, version)");
    code
}

/// Size and value, as Rust, of a field that is a number in every version.
fn as_number(body: &Struct, field: &Field) -> Option<(usize, String)> {
    let it = format!("self.{}", field.ident());
    match &field.kind {
        Kind::Scalar(kind)
            if field.nullable.is_none() && in_range(field.versions, body.versions).is_none() =>
        {
            match kind.as_str() {
                "bool" => Some((1, format!("u8::from({it})"))),
                "int8" => Some((1, it)),
                "int16" | "uint16" => Some((2, it)),
                "error_code" => Some((2, format!("{it}.0"))),
                "int32" | "uint32" => Some((4, it)),
                "int64" | "float64" => Some((8, it)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Writes a field in the versions that have it, with null where they allow it.
fn write_in_versions(body: &Struct, field: &Field) -> String {
    let Some(nullable) = field.nullable else { return write(field, false) };
    let Some(possible) = field.versions.intersection(body.versions) else { return String::new() };
    match in_range(nullable, possible) {
        None => write(field, true),
        Some(_) if nullable.intersection(possible).is_none() => write(field, false),
        Some(test) => {
            format!("if {test} {{\n{}\n}} else {{\n{}\n}}", write(field, true), write(field, false))
        }
    }
}

/// Writes a field; one that may be null elsewhere is required where `nullable` is false.
fn write(field: &Field, nullable: bool) -> String {
    let (name, ident) = (&field.name, field.ident());
    let null = if nullable { "nullable_" } else { "" };
    let reference = match (field.nullable.is_some(), nullable) {
        (false, _) => format!("&self.{ident}"),
        (true, true) => format!("self.{ident}.as_ref()"),
        (true, false) => format!("required(\"{name}\", self.{ident}.as_ref(), version)?"),
    };
    let slice = if nullable { format!("self.{ident}.as_deref()") } else { reference.clone() };
    match &field.kind {
        Kind::Scalar(kind) if is_fixed(kind) => format!("s.{}(self.{ident});", method(kind)),
        Kind::Scalar(kind) => format!("s.{null}{}(\"{name}\", {reference})?;", method(kind)),
        Kind::ScalarArray(kind) if kind == "int32" => format!("s.{null}i32_array(\"{name}\", {reference})?;"),
        Kind::ScalarArray(kind) if is_fixed(kind) => format!(
            "s.{null}array(\"{name}\", {slice}, |s, value| {{\ns.{}(*value);\nOk(())\n}})?;",
            method(kind)
        ),
        Kind::ScalarArray(kind) => {
            format!("s.{null}array(\"{name}\", {slice}, |s, value| s.{}(\"{name}\", value))?;", method(kind))
        }
        Kind::StructArray(_) => {
            format!("s.{null}array(\"{name}\", {slice}, |s, value| value.encode(s, version))?;")
        }
        Kind::Struct(_) if nullable => format!(
            "s.{}(self.{ident}.is_some());\nif let Some(value) = &self.{ident} {{\nvalue.encode(s, version)?;\n}}",
            presence(field)
        ),
        Kind::Struct(_) if field.nullable.is_some() => format!("{reference}.encode(s, version)?;"),
        Kind::Struct(_) => format!("self.{ident}.encode(s, version)?;"),
    }
}
