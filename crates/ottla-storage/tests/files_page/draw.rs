//! Bytes as a table: where a field stands, how it is stored, what it is called and what it says.

use std::fmt::{Display, Write as _};

/// Bytes in one line of a drawing.
const ACROSS: usize = 8;

/// The drawing of one file, which is made from its first byte to its last.
pub(crate) struct Drawing<'a> {
    bytes: &'a [u8],
    at: usize,
    lines: String,
}

impl<'a> Drawing<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, lines: String::new() }
    }

    /// Where the next field stands.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Whether there are bytes left.
    pub(crate) fn has_more(&self) -> bool {
        self.at < self.bytes.len()
    }

    /// The bytes from one place to another.
    pub(crate) fn between(&self, from: usize, to: usize) -> &'a [u8] {
        &self.bytes[from..to]
    }

    /// A line between fields.
    pub(crate) fn title(&mut self, title: impl Display) {
        if !self.lines.is_empty() {
            self.lines.push('\n');
        }
        writeln!(self.lines, "{title}").unwrap();
    }

    /// Draws the next bytes as one field.
    pub(crate) fn field(&mut self, len: usize, name: &str, says: impl Display) -> &'a [u8] {
        let field = &self.bytes[self.at..self.at + len];
        for (row, part) in (0..).zip(field.chunks(ACROSS)) {
            let hex = part.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
            let at = self.at + row * ACROSS;
            let line = match row {
                0 => format!("{at:4}  {hex:<23}  {name:<20}  {says}"),
                _ => format!("{at:4}  {hex}"),
            };
            writeln!(self.lines, "{}", line.trim_end()).unwrap();
        }
        self.at += len;
        field
    }

    /// A whole number, big-endian and signed.
    pub(crate) fn number(&mut self, len: usize, name: &str, says: impl Display) -> i64 {
        let value = signed(&self.bytes[self.at..self.at + len]);
        self.field(len, name, format!("{value:<6} {says}"));
        value
    }

    /// A whole number of as many bytes as it needs: zigzag, then seven bits a byte, the lowest first.
    pub(crate) fn varint(&mut self, name: &str, says: impl Display) -> i64 {
        let len = 1 + self.bytes[self.at..].iter().position(|byte| *byte < 0x80).unwrap();
        let bytes = &self.bytes[self.at..self.at + len];
        let zigzag = bytes.iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
        let value = (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed();
        self.field(len, name, format!("{value:<6} {says}"));
        value
    }

    /// Bytes behind their length, which is a varint; none at all for -1.
    pub(crate) fn sized(&mut self, name: &str) {
        let len = self.varint(&format!("{name}_length"), "");
        if let Ok(len @ 1..) = usize::try_from(len) {
            let bytes = &self.bytes[self.at..self.at + len];
            let is_text = bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
            let text = String::from_utf8_lossy(bytes);
            self.field(len, name, if is_text { format!("{text:?}") } else { String::new() });
        }
    }

    /// The drawing, which must be of all the bytes.
    pub(crate) fn whole(self) -> String {
        assert_eq!(self.at, self.bytes.len(), "the layout ends before the file");
        self.lines.trim_end().to_owned() + "\n"
    }
}

fn signed(bytes: &[u8]) -> i64 {
    let start = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(start, |value, byte| value << 8 | i64::from(*byte))
}
