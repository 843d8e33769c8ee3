//! `internal.rs`: the list of the internal records, and the enums over those of each coordinator.

use super::schema::DataFile;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The text of the module.
pub(super) fn render(files: &[DataFile]) -> String {
    let mut text = String::from(HEAD);
    let mut modules: Vec<_> = files.iter().filter(|file| file.is_internal).map(|file| &file.module).collect();
    modules.sort();
    for module in modules {
        let _ = writeln!(text, "pub mod {module};");
    }
    text.push_str("\nuse bytes::Bytes;\n\n");
    for file in files.iter().filter(|file| file.is_internal) {
        let names: Vec<_> = file.parts.iter().map(|part| part.message.body.name.as_str()).collect();
        let _ = match names.as_slice() {
            [name] => writeln!(text, "pub use self::{}::{name};", file.module),
            names => writeln!(text, "pub use self::{}::{{{}}};", file.module, names.join(", ")),
        };
    }
    text.push_str("use crate::message::Data;\nuse crate::wire::{DecodeError, EncodeError};\n\n");
    let mut coordinators: BTreeMap<&str, Vec<&DataFile>> = BTreeMap::new();
    for file in files {
        if let Some((_, coordinator)) = &file.record {
            coordinators.entry(coordinator).or_default().push(file);
        }
    }
    for (coordinator, files) in coordinators {
        enums(&mut text, coordinator, &files);
    }
    text
}

const HEAD: &str = "\
// Generated from schema/data/ by `cargo xtask codegen`: change the schemas and run it again.
//! What brokers write for themselves: the records of internal topics, and what lies beside the log.
//!
//! The key of a record begins with its type, the value with its version. An enum over all keys, and one over all
//! values, reads what a topic holds. Struct and field names are Kafka's own, and so are the bytes.

";

/// The enums over the keys and the values of one coordinator.
fn enums(text: &mut String, coordinator: &str, files: &[&DataFile]) {
    let each = |line: &dyn Fn(&str) -> String| -> String {
        files.iter().map(|file| line(&file.name) + "\n").collect()
    };
    let mut letters = coordinator.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let prefix: String = first.into_iter().chain(letters).collect::<String>() + "Coordinator";
    for (side, what) in [("Key", "key"), ("Value", "value")] {
        let name = format!("{prefix}{side}");
        let _ = writeln!(
            text,
            "/// The {what} of any record of the {coordinator} coordinator.\n\
             #[derive(Clone, Debug, PartialEq, Eq)]\n#[non_exhaustive]\npub enum {name} {{\n{}}}\n",
            each(&|record| format!("/// [`{record}{side}`].\n{record}({record}{side}),"))
        );
        let _ = writeln!(
            text,
            "impl {name} {{\n/// Type of the record.\n#[must_use]\n\
             pub fn record_type(&self) -> i16 {{\nmatch self {{\n{}}}\n}}\n",
            each(&|record| format!("Self::{record}(_) => {record}Key::RECORD_TYPE,"))
        );
        let _ = match side {
            "Key" => writeln!(
                text,
                "/// Reads a key, of whatever type it says to be.\n///\n\
                 /// # Errors\n/// [`DecodeError::UnknownRecordType`], bytes that are not this key.\n\
                 pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {{\n\
                 let record_type = bytes.first_chunk().map(|bytes| i16::from_be_bytes(*bytes));\n\
                 match record_type {{\n{}\
                 Some(record_type) => Err(DecodeError::UnknownRecordType {{ record_type }}),\n\
                 None => Err(DecodeError::Truncated {{ field: \"record type\", needed: 2, remaining: bytes.len() }}),\n}}\n}}\n\n\
                 /// The bytes of the key, its type first.\n///\n/// # Errors\n/// A string that is too long.\n\
                 pub fn encode(&self) -> Result<Bytes, EncodeError> {{\nmatch self {{\n{}}}\n}}\n}}\n",
                each(&|record| format!(
                    "Some({record}Key::RECORD_TYPE) => Ok(Self::{record}({record}Key::decode_versioned(bytes)?)),"
                )),
                each(&|record| format!(
                    "Self::{record}(key) => key.encode_versioned({record}Key::RECORD_TYPE),"
                )),
            ),
            _ => writeln!(
                text,
                "/// Reads the value of a record whose key is of this type; a record without a value deletes, and has none.\n///\n\
                 /// # Errors\n/// [`DecodeError::UnknownRecordType`], bytes that are not this value.\n\
                 pub fn decode(record_type: i16, bytes: &Bytes) -> Result<Self, DecodeError> {{\n\
                 match record_type {{\n{}\
                 record_type => Err(DecodeError::UnknownRecordType {{ record_type }}),\n}}\n}}\n\n\
                 /// The bytes of the value in a version, the version first.\n///\n\
                 /// # Errors\n/// A version that the value does not have, a field that the version cannot carry.\n\
                 pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {{\nmatch self {{\n{}}}\n}}\n}}\n",
                each(&|record| format!(
                    "{record}Key::RECORD_TYPE => Ok(Self::{record}({record}Value::decode_versioned(bytes)?)),"
                )),
                each(&|record| format!("Self::{record}(value) => value.encode_versioned(version),")),
            ),
        };
    }
}
