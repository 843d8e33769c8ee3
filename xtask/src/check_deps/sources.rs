//! What every tracked file must look like: openings, sizes, names, and words that may not stand in it.

use crate::outcome::Outcome;
use crate::workspace::{self, Package};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines a file written by hand may have; near 300 is where to look for a second noun.
const LINES_MAX: usize = 1_000;

/// Module names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] =
    &["mod.rs", "util.rs", "utils.rs", "common.rs", "types.rs", "helpers.rs", "misc.rs"];

/// Text that may not stand in Rust code, with the reason. Cut in two so that this file does not name them.
const WORDS: &[(&str, &str, &str)] = &[
    ("todo", "!(", "unfinished code"),
    ("unimplemented", "!(", "unfinished code"),
    ("#[igno", "re", "a test that never runs"),
    ("allow(dead", "_code", "a blanket permission"),
    ("allow(unu", "sed", "a blanket permission"),
    ("allow(clippy", "::all", "a blanket permission"),
];

/// Folders that only exist on somebody's machine.
const MACHINE_PATHS: &[(&str, &str)] = &[("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/"), ("/fa", "rm/")];

/// Everything that is wrong with the tracked files, one line each.
pub(crate) fn check(packages: &[Package]) -> Outcome<Vec<String>> {
    let root = workspace::root();
    let mut wrong = Vec::new();
    for path in tracked(&root)? {
        let Ok(bytes) = fs::read(root.join(&path)) else { continue }; // removed, not yet committed
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if !path.starts_with(".ci") {
            wrong.extend(machine_paths(&path, &text));
        }
        if path.extension().is_some_and(|extension| extension == "rs") {
            wrong.extend(rust_file(&path, &text));
        }
    }
    for package in packages {
        wrong.extend(package_files(package, &root));
    }
    Ok(wrong)
}

/// Files under version control, and new ones that are not ignored.
fn tracked(root: &Path) -> Outcome<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        return Err("git ls-files failed: check-deps reads the tracked files of a clone".into());
    }
    let listing = String::from_utf8(output.stdout)?;
    Ok(listing.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect())
}

fn machine_paths(path: &Path, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if MACHINE_PATHS.iter().any(|(head, tail)| line.contains(&format!("{head}{tail}"))) {
            wrong.push(format!("{}:{}: a path of one machine", path.display(), number + 1));
        }
    }
    wrong
}

fn rust_file(path: &Path, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let shown = path.display();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if EMPTY_NAMES.contains(&name) {
        wrong.push(format!("{shown}: a module's name says what is inside"));
    }
    let lines = text.lines().count();
    if lines > LINES_MAX && !is_generated(text) {
        wrong.push(format!("{shown}: {lines} lines, {LINES_MAX} are allowed"));
    }
    let is_module = path.components().any(|part| part.as_os_str() == "src");
    if is_module && !opens_with_docs(text) {
        wrong.push(format!("{shown}: does not open with a `//!` paragraph"));
    }
    for (head, tail, reason) in WORDS {
        let word = format!("{head}{tail}");
        if let Some(number) = text.lines().position(|line| line.contains(&word)) {
            wrong.push(format!("{shown}:{}: {word} is {reason}", number + 1));
        }
    }
    if is_test(path) {
        for head in ["thread", "time"] {
            let word = format!("{head}::sleep(");
            if let Some(number) = text.lines().position(|line| line.contains(&word)) {
                wrong.push(format!("{shown}:{}: a test that sleeps", number + 1));
            }
        }
    }
    wrong
}

/// Whether the first line says that a task wrote the file.
fn is_generated(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains("cargo xtask codegen"))
}

fn opens_with_docs(text: &str) -> bool {
    text.lines()
        .find(|line| !line.is_empty() && (line.starts_with("//!") || !line.starts_with("//")))
        .is_some_and(|line| line.starts_with("//!"))
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
        || path.file_stem().is_some_and(|stem| stem.to_string_lossy().contains("tests"))
}

/// The files that every crate has, and the first promise of its root module.
fn package_files(package: &Package, root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let place = package.dir.strip_prefix(root).unwrap_or(&package.dir).display();
    if package.publishable {
        for file in ["README.md", "CHANGELOG.md"] {
            if fs::read_to_string(package.dir.join(file)).map_or(true, |text| text.trim().is_empty()) {
                wrong.push(format!("{place}: no {file}"));
            }
        }
        // A program may have a module that says why it does not hold to it, a library may not.
        let (source, promise) = match package.has_library {
            true => ("src/lib.rs", "#![forbid(unsafe_code)]"),
            false => ("src/main.rs", "#![deny(unsafe_code)]"),
        };
        let promises = fs::read_to_string(package.dir.join(source))
            .is_ok_and(|text| text.lines().any(|line| line.trim() == promise));
        if !promises {
            wrong.push(format!("{place}/{source}: does not say {promise}"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> usize {
        rust_file(Path::new(path), text).len()
    }

    #[test]
    fn a_module_without_an_opening_paragraph_is_found() {
        assert_eq!(complaints("crates/x/src/a.rs", "use std::fs;\n"), 1);
        assert_eq!(complaints("crates/x/src/a.rs", "// Licence.\n\n//! What lives here.\n"), 0);
    }

    #[test]
    fn only_generated_files_may_be_long() {
        let long = "//! Docs.\n".repeat(LINES_MAX + 1);
        assert_eq!(complaints("crates/x/src/a.rs", &long), 1);
        let generated = format!("// Written by `cargo xtask codegen`.\n{long}");
        assert_eq!(complaints("crates/x/src/a.rs", &generated), 0);
    }

    #[test]
    fn unfinished_code_and_sleeping_tests_are_found() {
        let text = format!("//! Docs.\nfn f() {{ {}{}) }}\n", "todo", "!(");
        assert_eq!(complaints("crates/x/src/a.rs", &text), 1);
        let text = format!("fn f() {{ {}{}1) }}\n", "thread", "::sleep(");
        assert_eq!(complaints("crates/x/tests/a.rs", &text), 1);
        assert_eq!(complaints("crates/x/src/a.rs", &format!("//! Docs.\n{text}")), 0);
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        let text = format!("see {}{}me\n", "/ho", "me/");
        assert_eq!(machine_paths(Path::new("README.md"), &text).len(), 1);
    }
}
