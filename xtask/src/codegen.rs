//! `cargo xtask codegen [--check]`: writes the messages of `ottla-protocol` from its schemas.
//!
//! Here is which files are read and written. The form of a schema is in [`schema`], that of the code in
//! [`module`], [`index`], [`internal`], [`tables`] and [`arbitrary`].

mod arbitrary;
mod index;
mod internal;
mod module;
pub(crate) mod schema;
mod tables;

use crate::outcome::{Failure, Outcome};
use crate::workspace;
use schema::{Api, DataFile, Glossary};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Writes the generated modules; with `--check`, fails if the committed ones are not what would be written.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: cargo xtask codegen [--check]".into()),
    };
    let root = workspace::root();
    let mut stale = Vec::new();
    for (path, text) in generate(&root)? {
        if fs::read_to_string(&path).is_ok_and(|present| present == text) {
            continue;
        }
        if !check {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, text).map_err(|err| format!("{}: {err}", path.display()))?;
            println!("wrote {}", path.strip_prefix(&root).unwrap_or(&path).display());
        }
        stale.push(path);
    }
    match stale.as_slice() {
        [path, ..] if check => {
            Err(format!("{} is stale: run cargo xtask codegen and commit what it writes", path.display())
                .into())
        }
        _ => Ok(()),
    }
}

/// All schemas.
pub(crate) struct Schemas {
    /// By API key.
    pub(crate) apis: Vec<Api>,
    /// Structures that are no requests or responses: records by coordinator and type, then others by name.
    pub(crate) data: Vec<DataFile>,
}

/// Reads all schemas.
pub(crate) fn schemas(root: &Path) -> Outcome<Schemas> {
    let dir = root.join("crates/ottla-protocol/schema");
    let glossary = Glossary::parse(&read(&dir.join("glossary.txt"))?)?;
    let mut apis = each(&dir, |name, text| Api::parse(name, text, &glossary))?;
    apis.sort_by_key(|api| api.key);
    let mut data = each(&dir.join("data"), |name, text| DataFile::parse(name, text, &glossary))?;
    data.sort_by_key(|file| match &file.record {
        Some((record_type, coordinator)) => (0, coordinator.clone(), *record_type, String::new()),
        None => (1, String::new(), 0, file.name.clone()),
    });
    Ok(Schemas { apis, data })
}

/// What is made of each schema of a folder, of its name and text.
fn each<T>(dir: &Path, parse: impl Fn(&str, &str) -> Outcome<T>) -> Outcome<Vec<T>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).map_err(|err| format!("{}: {err}", dir.display()))? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if path.is_dir() || name == "glossary" {
            continue;
        }
        all.push(parse(name, &read(&path)?).map_err(|err| format!("{}: {err}", path.display()))?);
    }
    Ok(all)
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|err| format!("{}: {err}", path.display()).into())
}

/// Every generated file with its text.
fn generate(root: &Path) -> Outcome<Vec<(PathBuf, String)>> {
    let Schemas { apis, data } = schemas(root)?;
    let protocol = root.join("crates/ottla-protocol");
    let mut files = vec![
        (protocol.join("src/messages.rs"), index::render(&apis)),
        (protocol.join("src/internal.rs"), internal::render(&data)),
        (protocol.join("src/explain/tables.rs"), tables::render_index(&apis, &data)),
        (protocol.join("src/explain/tables/data.rs"), tables::render_data_index(&data)),
        (protocol.join("tests/messages/arbitrary.rs"), arbitrary::render_index(&apis)),
        (protocol.join("tests/messages/structures.rs"), arbitrary::render_data_index(&data)),
    ];
    for api in &apis {
        files.push((protocol.join(format!("src/messages/{}.rs", api.module)), module::render(api)));
        let support = protocol.join(format!("tests/messages/arbitrary/{}.rs", api.module));
        files.push((support, arbitrary::render(api)));
        let table = protocol.join(format!("src/explain/tables/{}.rs", api.module));
        files.push((table, tables::render(api)));
    }
    for file in &data {
        let path = protocol.join(format!("src/{}.rs", file.path().join("/")));
        files.push((path, module::render_data(file)));
        let support = protocol.join(format!("tests/messages/structures/{}.rs", file.module));
        files.push((support, arbitrary::render_data(file)));
        let table = protocol.join(format!("src/explain/tables/data/{}.rs", file.module));
        files.push((table, tables::render_data(file)));
    }
    for (_, text) in &mut files {
        *text = format(root, text)?;
    }
    Ok(files)
}

/// The text as rustfmt leaves it.
fn format(root: &Path, text: &str) -> Outcome<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|err| format!("rustfmt: {err}"))?;
    let Some(mut stdin) = child.stdin.take() else { return Err("rustfmt has no standard input".into()) };
    let text = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| Failure::from("writing to rustfmt failed"))??;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?),
        false => Err("rustfmt refused what was generated".into()),
    }
}
