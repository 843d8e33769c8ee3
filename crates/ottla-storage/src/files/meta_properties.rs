//! `meta.properties`: whose data folder this is.
//!
//! ```text
//! node.id=1
//! directory.id=AuuYXWgwQrCOnywCTsBAHA
//! version=1
//! cluster.id=MkU3OEVBNTcwNTJENDM2Qk
//! ```
//!
//! ottla puts a checksum of all that follows before them, in a comment: `#crc32c=1c291ca3`. A file without one,
//! as Kafka writes it, is believed as it is.
//!
//! The format is that of Java's `Properties`: comments, escapes, `=` or `:` between key and value.

use std::collections::BTreeMap;
use std::fmt::Write;

use ottla_protocol::records::crc32c;

use super::{Damage, number, text};

const VERSION: i64 = 1;
/// What stands before the checksum.
const CHECKSUM: &str = "#crc32c=";

/// What `meta.properties` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    /// `cluster.id`: the cluster that the folder belongs to.
    pub cluster_id: String,
    /// `node.id`: the node of it.
    pub node_id: i32,
    /// `directory.id`: the folder itself (KIP-858). Folders formatted before Kafka 3.7 have none.
    pub directory_id: Option<String>,
}

impl MetaProperties {
    /// Name of the file.
    pub const FILE: &'static str = "meta.properties";

    /// Reads the file's bytes. Keys that it does not know are passed over.
    ///
    /// # Errors
    /// [`Damage`]. Version 0, of Kafka with ZooKeeper, is not supported.
    pub fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
        let text = text(bytes)?;
        if let Some(sealed) = text.strip_prefix(CHECKSUM) {
            let (checksum, rest) =
                sealed.split_once('\n').ok_or(Damage::Truncated { missing: "the properties" })?;
            if checksum != format!("{:08x}", crc32c(rest.as_bytes())) {
                return Err(Damage::Checksum);
            }
        }
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim_start();
            if content.is_empty() || content.starts_with(['#', '!']) {
                continue;
            }
            let (key, value) = property(content).ok_or(Damage::Line { line, expected: "`key=value`" })?;
            found.insert(key, (line, value));
        }
        let mut take = |key| found.remove(key).filter(|(_, value)| !value.is_empty());
        let (line, version) = take("version").ok_or(Damage::Truncated { missing: "version" })?;
        match number(version.trim()) {
            Some(VERSION) => {}
            Some(found) => return Err(Damage::Version { found, expected: VERSION }),
            None => return Err(Damage::Line { line, expected: "the version" }),
        }
        let (_, cluster_id) = take("cluster.id").ok_or(Damage::Truncated { missing: "cluster.id" })?;
        let (line, node_id) = take("node.id").ok_or(Damage::Truncated { missing: "node.id" })?;
        let node_id = number(node_id.trim()).filter(|id| *id >= 0);
        Ok(Self {
            cluster_id,
            node_id: node_id.ok_or(Damage::Line { line, expected: "a node id of 0 or more" })?,
            directory_id: take("directory.id").map(|(_, id)| id),
        })
    }

    /// The file's bytes. It has no date in it, so the same properties are always the same bytes.
    pub fn format(&self) -> Vec<u8> {
        let mut text = format!("version={VERSION}\nnode.id={}\n", self.node_id);
        let ids = [("cluster.id", Some(&self.cluster_id)), ("directory.id", self.directory_id.as_ref())];
        for (key, id) in ids {
            if let Some(id) = id {
                writeln!(text, "{key}={}", escape(id)).expect("a string takes everything");
            }
        }
        format!("{CHECKSUM}{:08x}\n{text}", crc32c(text.as_bytes())).into_bytes()
    }
}

/// Key and value of one line, without their escapes.
fn property(line: &str) -> Option<(String, String)> {
    let (mut key, mut value) = (String::new(), String::new());
    let mut chars = line.chars();
    let separator = loop {
        match chars.next()? {
            '\\' => key.push(unescape(&mut chars)?),
            c if matches!(c, '=' | ':') || c.is_ascii_whitespace() => break c,
            c => key.push(c),
        }
    };
    let mut rest = chars.as_str().trim_start();
    if separator.is_ascii_whitespace() {
        // The separator proper may still come.
        rest = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
    }
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        value.push(if c == '\\' { unescape(&mut chars)? } else { c });
    }
    Some((key, value))
}

/// The character that follows a backslash, or that it and what follows it stand for.
fn unescape(chars: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'f' => '\u{c}',
        'u' => {
            let digits = chars.as_str().get(..4)?;
            *chars = chars.as_str()[4..].chars();
            let unit = u16::from_str_radix(digits, 16).ok()?;
            if !(0xd800..0xdc00).contains(&unit) {
                return char::from_u32(u32::from(unit));
            }
            // Java writes what lies above U+FFFF as two.
            let low = chars.as_str().strip_prefix("\\u")?.get(..4)?;
            *chars = chars.as_str()[6..].chars();
            let pair = [unit, u16::from_str_radix(low, 16).ok()?];
            char::decode_utf16(pair).next()?.ok()?
        }
        c => c,
    })
}

/// A value as Java writes it.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for (index, c) in value.chars().enumerate() {
        match c {
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\u{c}' => escaped.push_str("\\f"),
            ' ' if index == 0 => escaped.push_str("\\ "),
            '\\' | '=' | ':' | '#' | '!' => escaped.extend(['\\', c]),
            ' '..='~' => escaped.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(escaped, "\\u{unit:04X}").expect("a string takes everything");
                }
            }
        }
    }
    escaped
}
