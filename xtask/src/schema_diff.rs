//! `cargo xtask schema-diff [--reference FOLDER]`: holds our schemas against Kafka's own message descriptions.
//!
//! Compared are key, versions, flexible versions, fields in order, types, nullability, tags, defaults and what is
//! ignorable; not the documentation, which is ours. Every API that a broker's listener serves must be there, and
//! every record.

use crate::codegen::schema::{Field, Kind, Message, Role, Versions, snake};
use crate::codegen::{Schemas, schemas};
use crate::outcome::Outcome;
use crate::workspace;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Fails if a schema says anything else than the reference; skips, saying so, where there is no reference.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let reference = match arguments {
        [] => workspace::shared().join("reference"),
        [flag, folder] if flag == "--reference" => PathBuf::from(folder),
        _ => return Err("usage: cargo xtask schema-diff [--reference FOLDER]".into()),
    };
    if !reference.is_dir() {
        println!("schema-diff: SKIPPED, there is no folder {}", reference.display());
        return Ok(());
    }
    let Schemas { apis, data } = schemas(&workspace::root())?;
    let theirs = Reference::load(&reference)?;
    let mut differences = Vec::new();
    let mut compared = Vec::new();
    for api in &apis {
        for message in [&api.request, &api.response] {
            let key = Some(api.key.into());
            differences.extend(theirs.compare(key, message)?);
            compared.push(message.body.name.as_str());
        }
    }
    for file in &data {
        for part in &file.parts {
            let key = match (part.role, &file.record) {
                (Role::Metadata(record_type), _) => Some(record_type.into()),
                (_, Some((record_type, _))) => Some((*record_type).into()),
                _ => None,
            };
            differences.extend(theirs.compare(key, &part.message)?);
            compared.push(part.message.body.name.as_str());
        }
    }
    let missing = theirs.required.iter().filter(|name| !compared.contains(&name.as_str()));
    differences.extend(missing.map(|name| format!("{name} is missing")));
    for line in &differences {
        println!("{line}");
    }
    match differences.len() {
        0 => {
            let count = compared.len() - 2 * apis.len();
            let folder = reference.display();
            println!("schema-diff: {} APIs and {count} other structures agree with {folder}", apis.len());
            Ok(())
        }
        count => Err(format!("{count} differences from {}", reference.display()).into()),
    }
}

/// Kafka's own descriptions.
struct Reference {
    by_name: BTreeMap<String, Value>,
    /// What we must have: the APIs of brokers' listeners, and every record.
    required: Vec<String>,
}

impl Reference {
    fn load(folder: &Path) -> Outcome<Self> {
        let mut reference = Self { by_name: BTreeMap::new(), required: Vec::new() };
        for entry in fs::read_dir(folder.join("kafka-messages"))? {
            let path = entry?.path();
            if let Some(name) = json_name(&path) {
                let message = load(&path)?;
                let listeners = message["listeners"].as_array().cloned().unwrap_or_default();
                if listeners.iter().any(|listener| listener.as_str() == Some("broker")) {
                    reference.required.push(name.clone());
                    reference.required.push(name.replace("Request", "Response"));
                }
                reference.by_name.insert(name, message);
            }
        }
        for coordinator in fs::read_dir(folder.join("kafka-records"))? {
            let coordinator = coordinator?.path();
            for entry in fs::read_dir(&coordinator).into_iter().flatten() {
                let path = entry?.path();
                if let Some(name) = json_name(&path) {
                    reference.required.push(name.clone());
                    reference.by_name.insert(name, load(&path)?);
                }
            }
        }
        reference.required.sort();
        Ok(reference)
    }

    /// What differs in one message.
    fn compare(&self, key: Option<i64>, ours: &Message) -> Outcome<Vec<String>> {
        let name = &ours.body.name;
        let theirs = self.by_name.get(name).ok_or_else(|| format!("the reference has no {name}"))?;
        let lines = compare(&describe(key, ours), &describe_reference(theirs)?);
        Ok(lines.iter().map(|line| format!("{name}: {line}")).collect())
    }
}

/// The name of a message, of a path to its description.
fn json_name(path: &Path) -> Option<String> {
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    path.file_stem().filter(|_| is_json).and_then(|stem| stem.to_str()).map(str::to_owned)
}

/// One line of a message: where it is, and what it is.
type Line = (String, String);

fn compare(ours: &[Line], theirs: &[Line]) -> Vec<String> {
    let mut differences = Vec::new();
    for (path, fact) in ours {
        match theirs.iter().find(|(other, _)| other == path) {
            None => differences.push(format!("{path} is ours alone")),
            Some((_, other)) if other != fact => {
                differences.push(format!("{path}\n  ours   {fact}\n  theirs {other}"));
            }
            Some(_) => {}
        }
    }
    for (path, _) in theirs {
        if !ours.iter().any(|(other, _)| other == path) {
            differences.push(format!("{path} is theirs alone"));
        }
    }
    let order = |lines: &[Line]| lines.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    if differences.is_empty() && order(ours) != order(theirs) {
        differences.push("the order of the fields differs".to_owned());
    }
    differences
}

fn describe(key: Option<i64>, message: &Message) -> Vec<Line> {
    let mut lines = head(key, &message.body.name, message.versions, message.flexible);
    let unstable = message.latest_unstable && message.body.name.ends_with("Request");
    lines.push(("latest unstable".to_owned(), unstable.to_string()));
    for field in &message.body.fields {
        describe_field("", field, &mut lines);
    }
    lines
}

fn head(key: Option<i64>, name: &str, versions: Versions, flexible: Option<Versions>) -> Vec<Line> {
    let flexible = flexible.map_or("never".to_owned(), show);
    let key = key.map_or("none".to_owned(), |key| key.to_string());
    vec![("message".to_owned(), format!("{name} key {key} versions {} flexible {flexible}", show(versions)))]
}

fn show(versions: Versions) -> String {
    match versions.last {
        i16::MAX => format!("{}+", versions.first),
        last => format!("{}-{last}", versions.first),
    }
}

fn describe_field(path: &str, field: &Field, lines: &mut Vec<Line>) {
    let path = format!("{path}/{}", field.name);
    let scalar = |kind: &str| if kind == "error_code" { "int16".to_owned() } else { kind.to_owned() };
    let kind = match &field.kind {
        Kind::Scalar(kind) => scalar(kind),
        Kind::ScalarArray(kind) => format!("[]{}", scalar(kind)),
        Kind::Struct(body) => body.kafka_name.as_ref().unwrap_or(&body.name).clone(),
        Kind::StructArray(body) => format!("[]{}", body.kafka_name.as_ref().unwrap_or(&body.name)),
    };
    let default = match (field.default.as_deref(), kind.as_str()) {
        (None, _) => None,
        (Some("max"), kind) => Some(bounds(kind).1.to_string()),
        (Some("min"), kind) => Some(bounds(kind).0.to_string()),
        (Some(text), _) => Some(text.to_owned()),
    };
    lines.push((
        path.clone(),
        fact(&kind, field.versions, field.nullable, field.tag, default, field.ignorable),
    ));
    for inner in field.body().iter().flat_map(|body| &body.fields) {
        describe_field(&path, inner, lines);
    }
}

fn fact(
    kind: &str,
    versions: Versions,
    nullable: Option<Versions>,
    tag: Option<(u32, Versions)>,
    default: Option<String>,
    ignorable: bool,
) -> String {
    let nullable = nullable.map_or("never".to_owned(), show);
    let tag = tag.map_or("none".to_owned(), |(tag, versions)| format!("{tag} {}", show(versions)));
    let plain = match kind {
        "bool" => "false",
        _ if kind.starts_with("int") || kind.starts_with("uint") || kind == "float64" => "0",
        _ => "",
    };
    let default = default.unwrap_or_else(|| plain.to_owned());
    format!("{kind} {} null {nullable} tag {tag} default `{default}` ignorable {ignorable}", show(versions))
}

/// The bounds of an integer type.
fn bounds(kind: &str) -> (i64, i64) {
    match kind {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

/// Reads JSON in which whole lines may be comments.
fn load(path: &Path) -> Outcome<Value> {
    let text = fs::read_to_string(path).map_err(|err| format!("{}: {err}", path.display()))?;
    let lines: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    serde_json::from_str(&lines.join("\n")).map_err(|err| format!("{}: {err}", path.display()).into())
}

fn describe_reference(message: &Value) -> Outcome<Vec<Line>> {
    let flexible = match text(message, "flexibleVersions")? {
        "none" => None,
        versions => Some(Versions::parse(versions)?),
    };
    let key = message["apiKey"].as_i64();
    let versions = Versions::parse(text(message, "validVersions")?)?;
    let mut lines = head(key, text(message, "name")?, versions, flexible);
    let unstable = message["latestVersionUnstable"].as_bool().unwrap_or(false);
    lines.push(("latest unstable".to_owned(), unstable.to_string()));
    let common = message["commonStructs"].as_array().cloned().unwrap_or_default();
    for field in message["fields"].as_array().into_iter().flatten() {
        describe_reference_field("", field, versions, &common, &mut lines)?;
    }
    Ok(lines)
}

/// One field and what is inside it; `possible` are the versions in which the struct around it occurs.
fn describe_reference_field(
    path: &str,
    field: &Value,
    possible: Versions,
    common: &[Value],
    lines: &mut Vec<Line>,
) -> Outcome {
    let path = format!("{path}/{}", snake(text(field, "name")?));
    let kind = text(field, "type")?;
    // One that is only ever tagged may say it once.
    let versions = text(field, "versions").or_else(|_| text(field, "taggedVersions"))?;
    let versions = Versions::parse(versions)?;
    // What only versions had that are gone is of no concern.
    let Some(possible) = versions.intersection(possible) else { return Ok(()) };
    let range = |name: &str| field[name].as_str().map(Versions::parse).transpose();
    let tag = match (field["tag"].as_u64(), range("taggedVersions")?) {
        (Some(tag), Some(versions)) => Some((u32::try_from(tag)?, versions)),
        _ => None,
    };
    let default =
        match &field["default"] {
            Value::Null => None,
            Value::String(text) => Some(text.strip_prefix("0x").map_or(Ok(text.clone()), |hex| {
                i64::from_str_radix(hex, 16).map(|number| number.to_string())
            })?),
            other => Some(other.to_string()),
        };
    let ignorable = field["ignorable"].as_bool().unwrap_or(false);
    let nullable = range("nullableVersions")?.filter(|null| null.intersection(possible).is_some());
    lines.push((path.clone(), fact(kind, versions, nullable, tag, default, ignorable)));
    let element = kind.strip_prefix("[]").unwrap_or(kind);
    let shared = common.iter().find(|body| body["name"].as_str() == Some(element));
    let inner = field["fields"].as_array().or_else(|| shared.and_then(|body| body["fields"].as_array()));
    for field in inner.into_iter().flatten() {
        describe_reference_field(&path, field, possible, common, lines)?;
    }
    Ok(())
}

fn text<'a>(value: &'a Value, name: &str) -> Outcome<&'a str> {
    value[name].as_str().ok_or_else(|| format!("{name} is missing").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(fact: &str) -> Vec<Line> {
        vec![("/a".to_owned(), fact.to_owned()), ("/b".to_owned(), "int8".to_owned())]
    }

    #[test]
    fn what_differs_is_named() {
        assert!(compare(&lines("int8"), &lines("int8")).is_empty());
        assert_eq!(compare(&lines("int8"), &lines("int16")).len(), 1);
        assert_eq!(compare(&lines("int8"), &lines("int8")[..1]), ["/b is ours alone"]);
        assert_eq!(compare(&lines("int8")[1..], &lines("int8")), ["/a is theirs alone"]);
        let swapped: Vec<_> = lines("int8").into_iter().rev().collect();
        assert_eq!(compare(&lines("int8"), &swapped), ["the order of the fields differs"]);
    }
}
