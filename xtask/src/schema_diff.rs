//! `cargo xtask schema-diff [--reference FOLDER]`: holds our schemas against Kafka's own message descriptions.
//!
//! Compared are key, versions, flexible versions, fields in order, types, nullability, tags, defaults and what is
//! ignorable; not the documentation, which is ours.

use crate::codegen::schema::{Api, Field, Kind, Message, Versions, snake};
use crate::codegen::schemas;
use crate::outcome::Outcome;
use crate::workspace;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Fails if a schema says anything else than the reference; skips, saying so, where there is no reference.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let reference = match arguments {
        [] => workspace::shared().join("reference/kafka-messages"),
        [flag, folder] if flag == "--reference" => PathBuf::from(folder),
        _ => return Err("usage: cargo xtask schema-diff [--reference FOLDER]".into()),
    };
    if !reference.is_dir() {
        println!("schema-diff: SKIPPED, there is no folder {}", reference.display());
        return Ok(());
    }
    let apis = schemas(&workspace::root())?;
    let mut differences = 0;
    for api in &apis {
        for (side, ours) in [("Request", &api.request), ("Response", &api.response)] {
            let theirs = load(&reference.join(format!("{}{side}.json", api.name)))?;
            for line in compare(&describe(api, ours), &describe_reference(&theirs)?) {
                println!("{}{side}: {line}", api.name);
                differences += 1;
            }
        }
        let request = load(&reference.join(format!("{}Request.json", api.name)))?;
        if request["latestVersionUnstable"].as_bool().unwrap_or(false) != api.request.latest_unstable {
            println!("{}Request: `latest unstable` differs", api.name);
            differences += 1;
        }
    }
    match differences {
        0 => {
            println!("schema-diff: {} APIs agree with {}", apis.len(), reference.display());
            Ok(())
        }
        count => Err(format!("{count} differences from {}", reference.display()).into()),
    }
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

fn describe(api: &Api, message: &Message) -> Vec<Line> {
    let mut lines = head(api.key.into(), &message.body.name, message.versions, message.flexible);
    for field in &message.body.fields {
        describe_field("", field, &mut lines);
    }
    lines
}

fn head(key: i64, name: &str, versions: Versions, flexible: Option<Versions>) -> Vec<Line> {
    let flexible = flexible.map_or("never".to_owned(), show);
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
        Kind::Struct(body) => body.name.clone(),
        Kind::StructArray(body) => format!("[]{}", body.name),
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
    let key = message["apiKey"].as_i64().ok_or("apiKey is missing")?;
    let versions = Versions::parse(text(message, "validVersions")?)?;
    let mut lines = head(key, text(message, "name")?, versions, flexible);
    let common = message["commonStructs"].as_array().cloned().unwrap_or_default();
    for field in message["fields"].as_array().into_iter().flatten() {
        describe_reference_field("", field, &common, &mut lines)?;
    }
    Ok(lines)
}

fn describe_reference_field(path: &str, field: &Value, common: &[Value], lines: &mut Vec<Line>) -> Outcome {
    let path = format!("{path}/{}", snake(text(field, "name")?));
    let kind = text(field, "type")?;
    let versions = Versions::parse(text(field, "versions")?)?;
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
    lines.push((path.clone(), fact(kind, versions, range("nullableVersions")?, tag, default, ignorable)));
    let element = kind.strip_prefix("[]").unwrap_or(kind);
    let shared = common.iter().find(|body| body["name"].as_str() == Some(element));
    let inner = field["fields"].as_array().or_else(|| shared.and_then(|body| body["fields"].as_array()));
    for field in inner.into_iter().flatten() {
        describe_reference_field(&path, field, common, lines)?;
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
