//! The test support that makes any message a version can carry, out of random bytes.

use super::schema::{Api, Field, Kind, Message, Struct, Versions, snake};
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

/// The text of `tests/messages/arbitrary/<api>.rs`.
pub(super) fn render(api: &Api) -> String {
    let mut text = format!(
        "{HEAD}//! Messages of `{}` out of random bytes.\n\n\
         use ottla_protocol::messages::{};\n\n\
         use crate::source::Source;\n\n",
        api.name, api.module
    );
    for message in [&api.request, &api.response] {
        for (depth, body) in message.body.all().into_iter().enumerate() {
            function(&mut text, api, body, depth == 0);
        }
    }
    text
}

const HEAD: &str = "\
// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
";

fn function(text: &mut String, api: &Api, body: &Struct, outermost: bool) {
    let path = format!("{}::{}", api.module, body.name);
    let mut lines = String::new();
    for field in &body.fields {
        let versions = field.tag.map_or(field.versions, |(_, versions)| versions);
        let value = format!("value.{} = {};", field.name, value(body, field));
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
