//! The test support that makes any message a version can carry, out of random bytes.

use super::schema::{Api, DataFile, Field, Kind, Message, Struct, Versions, snake};
use std::fmt::Write as _;

/// The text of `tests/messages/arbitrary.rs`: the choice by API.
pub(super) fn render_index(apis: &[Api]) -> String {
    let mut text = format!(
        "{HEAD}//! Any message that a version can carry, made out of random bytes by [`Source`].\n\n\
         use ottla_protocol::ApiKey;\n\
         use ottla_protocol::messages::{{RequestBody, ResponseBody}};\n\n\
         use super::source::Source;\n\n"
    );
    let mut modules: Vec<_> = apis.iter().map(|api| &api.module).collect();
    modules.sort();
    for module in modules {
        let _ = writeln!(text, "mod {module};");
    }
    for (side, body, pick) in [
        ("request", "RequestBody", (|api| &api.request) as fn(&Api) -> &Message),
        ("response", "ResponseBody", |api| &api.response),
    ] {
        let _ = writeln!(
            text,
            "\n/// Any {side} of this API that the version can carry.\n\
             pub(crate) fn {side}(s: &mut Source<'_>, api: ApiKey, version: i16) -> {body} {{\nmatch api {{"
        );
        for api in apis {
            let function = snake(&pick(api).body.name);
            let _ = writeln!(text, "ApiKey::{} => {}::{function}(s, version).into(),", api.name, api.module);
        }
        let _ = writeln!(text, "other => panic!(\"{{other}} has no messages\"),\n}}\n}}\n");
    }
    text
}

/// The text of `tests/messages/structures.rs`: the walk over all structures that are no messages.
pub(super) fn render_data_index(data: &[DataFile]) -> String {
    let mut text = format!(
        "{HEAD}//! Any structure that is no message, made out of random bytes by [`Source`](super::source::Source).\n\n\
         use super::data::Visitor;\n\n"
    );
    let mut modules: Vec<_> = data.iter().map(|file| &file.module).collect();
    modules.sort();
    for module in modules {
        let _ = writeln!(text, "mod {module};");
    }
    let _ = writeln!(
        text,
        "\n/// Shows the visitor every one of them.\npub(crate) fn visit(visitor: &mut impl Visitor) {{"
    );
    for file in data {
        for part in &file.parts {
            let function = snake(&part.message.body.name);
            let _ = writeln!(text, "visitor.visit({}::{function});", file.module);
        }
    }
    let _ = writeln!(text, "}}");
    text
}

/// The text of `tests/messages/structures/<data>.rs`.
pub(super) fn render_data(file: &DataFile) -> String {
    let path = file.path().join("::");
    let mut text = format!(
        "{HEAD}//! Structures of `{}` out of random bytes.\n\n\
         use ottla_protocol::{path};\n\n\
         use crate::source::Source;\n\n",
        file.name
    );
    for body in file.structs() {
        let outermost = file.parts.iter().any(|part| part.message.body.name == body.name);
        function(&mut text, &file.module, body, outermost);
    }
    text
}

/// The text of `tests/messages/arbitrary/<api>.rs`.
pub(super) fn render(api: &Api) -> String {
    let mut text = format!(
        "{HEAD}//! Messages of `{}` out of random bytes.\n\n\
         use ottla_protocol::messages::{};\n\n\
         use crate::source::Source;\n\n",
        api.name, api.module
    );
    for body in api.structs() {
        let outermost = [&api.request, &api.response].iter().any(|message| message.body.name == body.name);
        function(&mut text, &api.module, body, outermost);
    }
    text
}

const HEAD: &str = "\
// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
";

fn function(text: &mut String, module: &str, body: &Struct, outermost: bool) {
    let path = format!("{module}::{}", body.name);
    let mut lines = String::new();
    for field in &body.fields {
        let versions = field.tag.map_or(field.versions, |(_, versions)| versions);
        let value = format!("value.{} = {};", field.ident(), value(body, field));
        let _ = match test(versions, body.versions) {
            None => writeln!(lines, "{value}"),
            Some(test) => writeln!(lines, "if {test} {{\n{value}\n}}"),
        };
    }
    let used = ["version <", "version >", "&version", ", version)"].iter().any(|form| lines.contains(form));
    let version = if used { "version" } else { "_version" };
    let public = if outermost { "pub(crate) " } else { "" };
    let _ = writeln!(
        text,
        "{public}fn {}(s: &mut Source<'_>, {version}: i16) -> {path} {{\n\
         let mut value = {path}::default();\n{lines}value.unknown_tags = s.tags();\nvalue\n}}\n",
        snake(&body.name)
    );
}

fn value(body: &Struct, field: &Field) -> String {
    let plain = match &field.kind {
        Kind::Scalar(kind) => format!("s.{kind}(\"{}\")", field.name),
        Kind::ScalarArray(kind) if kind == "int32" => {
            format!("s.array(|s| s.int32(\"{}\")).into()", field.name)
        }
        Kind::ScalarArray(kind) => format!("s.array(|s| s.{kind}(\"{}\"))", field.name),
        Kind::Struct(inner) => format!("{}(s, version)", snake(&inner.name)),
        Kind::StructArray(inner) => format!("s.array(|s| {}(s, version))", snake(&inner.name)),
    };
    let Some(nullable) = field.nullable else { return plain };
    let possible = field.versions.intersection(body.versions).unwrap_or(body.versions);
    let test = match nullable.intersection(possible) {
        None => "false".to_owned(),
        Some(_) => test(nullable, possible).unwrap_or_else(|| "true".to_owned()),
    };
    format!("s.nullable({test}, |s| {plain})")
}

fn test(range: Versions, possible: Versions) -> Option<String> {
    match (range.first <= possible.first, range.last >= possible.last) {
        (true, true) => None,
        (false, true) => Some(format!("version >= {}", range.first)),
        (true, false) => Some(format!("version <= {}", range.last)),
        (false, false) => Some(format!("({}..={}).contains(&version)", range.first, range.last)),
    }
}
