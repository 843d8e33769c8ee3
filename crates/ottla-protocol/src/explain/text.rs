//! A tree as text: a line a field.

use core::fmt::{self, Write as _};

use super::json::text;
use super::tree::{Explained, Node, Value};

/// How many bytes are printed of those that are no text.
const HEX_BYTES_MAX: usize = 32;
/// In which column the meaning of a field begins.
const DOC_COLUMN: usize = 60;

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for part in &self.parts {
            line(f, part, 0)?;
        }
        match &self.trouble {
            Some(trouble) => writeln!(f, "{:>6}  ! {}", trouble.at, trouble.what),
            None => Ok(()),
        }
    }
}

/// Counts what is written through it.
struct Counted<'a, 'f> {
    to: &'a mut fmt::Formatter<'f>,
    written: usize,
}

impl fmt::Write for Counted<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.written += text.chars().count();
        self.to.write_str(text)
    }
}

fn line(f: &mut fmt::Formatter<'_>, node: &Node, depth: usize) -> fmt::Result {
    let docs = f.alternate();
    let mut out = Counted { to: f, written: 0 };
    match &node.at {
        Some(at) => write!(out, "{:>6}  ", at.start)?,
        None => write!(out, "{:8}", "")?,
    }
    write!(out, "{:indent$}", "", indent = 2 * depth)?;
    match node.name {
        "" => out.write_str("-")?,
        name => write!(out, "{name}:")?,
    }
    value(&mut out, node)?;
    if docs && !node.doc.is_empty() {
        let gap = DOC_COLUMN.saturating_sub(out.written).max(2);
        write!(out, "{:gap$}{}", "", node.doc)?;
    }
    out.write_str("\n")?;
    let inside = match &node.value {
        Value::List(nodes) | Value::Struct(nodes) => nodes,
        _ => &node.content,
    };
    inside.iter().try_for_each(|node| line(f, node, depth + 1))
}

fn value(out: &mut Counted<'_, '_>, node: &Node) -> fmt::Result {
    match &node.value {
        Value::Null => out.write_str(" null")?,
        Value::Bool(value) => write!(out, " {value}")?,
        Value::Int(value) => write!(out, " {value}")?,
        Value::Float(value) => write!(out, " {value}")?,
        Value::ErrorCode(code) => write!(out, " {}", code.0)?,
        Value::Text(text) => write!(out, " {:?}", text.as_str())?,
        Value::Uuid(id) => write!(out, " {id}")?,
        Value::Bytes(bytes) => hex(out, bytes)?,
        Value::Payload(bytes) => match text(bytes) {
            Some(text) => write!(out, " {text:?}")?,
            None => hex(out, bytes)?,
        },
        Value::Records(bytes) => write!(out, " {} bytes", bytes.len())?,
        Value::List(elements) if elements.is_empty() => out.write_str(" none")?,
        Value::List(_) | Value::Struct(_) => {}
    }
    match node.note {
        Some(note) => write!(out, " ({note})"),
        None => Ok(()),
    }
}

fn hex(out: &mut Counted<'_, '_>, bytes: &[u8]) -> fmt::Result {
    write!(out, " {} bytes", bytes.len())?;
    for (index, byte) in bytes.iter().take(HEX_BYTES_MAX).enumerate() {
        write!(out, "{}{byte:02x}", if index == 0 { ": " } else { "" })?;
    }
    if bytes.len() > HEX_BYTES_MAX {
        out.write_str("...")?;
    }
    Ok(())
}
