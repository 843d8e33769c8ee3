//! The tables by which `explain` reads messages: the schemas as Rust data, documentation and all.

use super::schema::{Api, DataFile, Field, Kind, Message, Role, Struct, Versions};
use std::fmt::Write as _;

/// The text of `explain/tables.rs`: which table belongs to what.
pub(super) fn render_index(apis: &[Api], data: &[DataFile]) -> String {
    let mut text = format!("{HEAD}//! Which table belongs to which message.\n\n");
    let mut modules: Vec<_> = apis.iter().map(|api| &api.module).collect();
    modules.sort();
    text.push_str("mod data;\n");
    for module in modules {
        let _ = writeln!(text, "mod {module};");
    }
    text.push_str("\nuse super::schema::Schema;\nuse crate::api::ApiKey;\n\n");
    for (side, table) in [("request", "REQUEST"), ("response", "RESPONSE")] {
        let _ = writeln!(
            text,
            "/// The {side} of an API.\n\
             pub(super) fn {side}(api: ApiKey) -> Option<&'static Schema> {{\nSome(match api {{"
        );
        for api in apis {
            let _ = writeln!(text, "ApiKey::{} => &{}::{table},", api.name, api.module);
        }
        let _ = writeln!(text, "_ => return None,\n}})\n}}\n");
    }
    let mut coordinators: Vec<_> =
        data.iter().filter_map(|file| file.record.as_ref()).map(|(_, coordinator)| coordinator).collect();
    coordinators.dedup();
    for coordinator in coordinators {
        let _ = writeln!(
            text,
            "/// Key and value of a record of the {coordinator} coordinator, by its type.\n\
             pub(super) fn {coordinator}_record(record_type: i16) -> Option<(&'static Schema, &'static Schema)> {{\n\
             Some(match record_type {{"
        );
        for file in data {
            if let Some((record_type, of)) = &file.record
                && of == coordinator
                && let [key, value] = file.parts.as_slice()
            {
                let (key, value) = (constant(&key.message.body.name), constant(&value.message.body.name));
                let module = format!("data::{}", file.module);
                let _ = writeln!(text, "{record_type} => (&{module}::{key}, &{module}::{value}),");
            }
        }
        let _ = writeln!(text, "_ => return None,\n}})\n}}\n");
    }
    text.push_str(
        "/// A structure that is no message, by Kafka's name for it.\n\
         pub(super) fn structure(name: &str) -> Option<&'static Schema> {\nSome(match name {\n",
    );
    for file in data {
        for part in &file.parts {
            let name = &part.message.body.name;
            let _ = writeln!(text, "\"{name}\" => &data::{}::{},", file.module, constant(name));
        }
    }
    text.push_str("_ => return None,\n})\n}\n");
    text
}

/// The text of `explain/tables/data.rs`.
pub(super) fn render_data_index(data: &[DataFile]) -> String {
    let mut text = format!("{HEAD}//! The tables of structures that are no messages.\n\n");
    let mut modules: Vec<_> = data.iter().map(|file| &file.module).collect();
    modules.sort();
    for module in modules {
        let _ = writeln!(text, "pub(in crate::explain) mod {module};");
    }
    text
}

/// The text of `explain/tables/<api>.rs`.
pub(super) fn render(api: &Api) -> String {
    let mut code = String::new();
    for body in api.structs() {
        if body.name == api.request.body.name {
            schema(&mut code, "REQUEST", &api.request, "Nothing");
        } else if body.name == api.response.body.name {
            schema(&mut code, "RESPONSE", &api.response, "Nothing");
        } else {
            part(&mut code, body);
        }
    }
    format!("{HEAD}//! What the messages of `{}` are made of.\n\n{IMPORTS}{code}", api.name)
}

/// The text of `explain/tables/data/<structures>.rs`.
pub(super) fn render_data(file: &DataFile) -> String {
    let mut code = String::new();
    for body in file.structs() {
        match file.parts.iter().find(|part| part.message.body.name == body.name) {
            Some(of) => {
                let prefix = match of.role {
                    Role::Key(record_type) => format!("Type({record_type})"),
                    Role::Value | Role::Plain | Role::Lenient => "Version".to_owned(),
                    Role::Metadata(record_type) => format!("TypeAndVersion({record_type})"),
                };
                schema(&mut code, &constant(&body.name), &of.message, &prefix);
            }
            None => part(&mut code, body),
        }
    }
    format!("{HEAD}//! What the structures of `{}` are made of.\n\n{IMPORTS}{code}", file.name)
}

const HEAD: &str = "\
// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
";

const IMPORTS: &str = "use crate::explain::schema::{Field, Kind, Prefix, Schema};\n\n";

fn constant(name: &str) -> String {
    super::schema::snake(name).to_uppercase()
}

fn schema(code: &mut String, name: &str, message: &Message, prefix: &str) {
    let Message { versions, flexible, body, .. } = message;
    let flexible = flexible.map_or("None".to_owned(), |flexible| format!("Some({})", flexible.first));
    let _ = writeln!(
        code,
        "pub(in crate::explain) static {name}: Schema = Schema {{\n\
         name: \"{}\",\nversions: {}..={},\nflexible_from: {flexible},\nprefix: Prefix::{prefix},\nfields: &[\n{}],\n}};\n",
        body.name,
        versions.first,
        versions.last,
        fields(body)
    );
}

fn part(code: &mut String, body: &Struct) {
    let _ = writeln!(
        code,
        "/// `{}`.\nstatic {}: [Field; {}] = [\n{}];\n",
        body.name,
        constant(&body.name),
        body.fields.len(),
        fields(body)
    );
}

fn fields(body: &Struct) -> String {
    body.fields.iter().map(|field| self::field(body, field)).collect()
}

fn field(body: &Struct, field: &Field) -> String {
    let mut text = format!("Field {{\nname: \"{}\",\nkind: {},\n", camel(&field.name), kind(field));
    let range = |Versions { first, last }: Versions| match last {
        i16::MAX => format!("({first}, i16::MAX)"),
        last => format!("({first}, {last})"),
    };
    if !field.versions.covers(body.versions) {
        let _ = writeln!(text, "versions: {},", range(field.versions));
    }
    if let Some(nullable) = field.nullable {
        let _ = writeln!(text, "nullable: Some({}),", range(nullable));
    }
    if let Some((tag, Versions { first, last })) = field.tag {
        let last = if last == i16::MAX { "i16::MAX".to_owned() } else { last.to_string() };
        let _ = writeln!(text, "tag: Some(({tag}, {first}, {last})),");
    }
    if let Some((module, name)) = &field.holds {
        let _ = writeln!(text, "holds: Some(&crate::explain::tables::data::{module}::{}),", constant(name));
    }
    let doc = field.doc.join(" ").replace('\\', "\\\\").replace('"', "\\\"");
    let _ = writeln!(text, "doc: \"{}\",\n..Field::PLAIN\n}},", doc.trim());
    text
}

fn kind(field: &Field) -> String {
    match &field.kind {
        Kind::Scalar(kind) => format!("Kind::{}", scalar(kind)),
        Kind::ScalarArray(kind) => format!("Kind::Array(&Kind::{})", scalar(kind)),
        Kind::Struct(body) => format!("Kind::Struct(&{})", constant(&body.name)),
        Kind::StructArray(body) => format!("Kind::Array(&Kind::Struct(&{}))", constant(&body.name)),
    }
}

/// `error_code` as `ErrorCode`.
fn scalar(kind: &str) -> String {
    let camel = camel(kind);
    let mut letters = camel.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// `group_id` as `groupId`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut camel, part| {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel + letters.as_str()
    })
}
