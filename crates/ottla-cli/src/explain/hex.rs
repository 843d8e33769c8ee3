//! Bytes that are typed or printed as hexadecimal digits: plainly, or as `xxd`, `hexdump -C` and `tcpdump -x` do.

/// Why a text is no bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("line {line}: {word:?} is no whole number of bytes in hexadecimal digits")]
    Word { line: usize, word: String },
    #[error("line {line} repeats the one before it up to byte {until}, of {limit} that are read at most")]
    Repeats { line: usize, until: usize, limit: usize },
    #[error("there are no hexadecimal digits")]
    None,
}

/// How many bytes a dump may stand for, whose lines may repeat.
const BYTES_MAX: usize = 256 << 20;

/// How much of a wrong word is shown.
const WORD_CHARS_MAX: usize = 40;

/// The bytes that a text stands for.
pub(super) fn parse(text: &str) -> Result<Vec<u8>, Problem> {
    let mut dump = Dump::default();
    for (index, line) in text.lines().enumerate() {
        dump.take(line.trim(), index + 1)?;
    }
    if dump.bytes.is_empty() { Err(Problem::None) } else { Ok(dump.bytes) }
}

#[derive(Default)]
struct Dump {
    bytes: Vec<u8>,
    /// Bytes of the last line, for a `*` that repeats it.
    last: Vec<u8>,
    repeats: bool,
    /// Whether lines begin with an offset.
    has_offsets: bool,
}

impl Dump {
    fn take(&mut self, line: &str, number: usize) -> Result<(), Problem> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line == "*" {
            self.repeats = true;
            return Ok(());
        }
        let (offset, digits) = split_offset(line, self.has_offsets);
        self.has_offsets |= offset.is_some();
        if let (true, Some(until)) = (std::mem::take(&mut self.repeats), offset) {
            if until > BYTES_MAX {
                return Err(Problem::Repeats { line: number, until, limit: BYTES_MAX });
            }
            while self.bytes.len() < until && !self.last.is_empty() {
                self.bytes.extend_from_slice(&self.last);
            }
        }
        self.last = bytes_of(digits).map_err(|word| {
            let word = word.chars().take(WORD_CHARS_MAX).collect();
            Problem::Word { line: number, word }
        })?;
        self.bytes.extend_from_slice(&self.last);
        Ok(())
    }
}

/// The offset that a line begins with, if it does, and its digits, without the text that may stand behind.
fn split_offset(line: &str, expected: bool) -> (Option<usize>, &str) {
    if let Some((head, rest)) = line.split_once(':') {
        let head = head.strip_prefix("0x").unwrap_or(head);
        if head.len() >= 4
            && let Ok(offset) = usize::from_str_radix(head, 16)
        {
            let rest = rest.trim_start();
            // Two spaces end the digits.
            return (Some(offset), rest.split_once("  ").map_or(rest, |(digits, _)| digits));
        }
    }
    let (head, rest) = line.split_once("  ").unwrap_or((line, ""));
    if head.len() >= 7
        && (expected || rest.contains('|'))
        && let Ok(offset) = usize::from_str_radix(head, 16)
    {
        return (Some(offset), rest.split_once('|').map_or(rest, |(digits, _)| digits));
    }
    (None, line)
}

/// The bytes of words, or the word that is none.
fn bytes_of(digits: &str) -> Result<Vec<u8>, &str> {
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for word in digits.split(|c: char| c.is_whitespace() || matches!(c, ',' | ':')) {
        let is_prefixed = word.starts_with("\\x") || word.starts_with("0x");
        let bare = if is_prefixed { word.replace("\\x", "").replace("0x", "") } else { word.to_owned() };
        if !bare.len().is_multiple_of(2) {
            return Err(word);
        }
        for pair in bare.as_bytes().chunks_exact(2) {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            bytes.push(digit(pair[0]).ok_or(word)? << 4 | digit(pair[1]).ok_or(word)?);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_however_they_are_parted() {
        for text in [
            "00120003",
            "0012 0003",
            "00:12:00:03",
            "0x00, 0x12, 0x00, 0x03",
            r"\x00\x12\x00\x03",
            "00 12\n00 03\n",
        ] {
            assert_eq!(parse(text).unwrap(), [0, 0x12, 0, 3], "{text}");
        }
        assert_eq!(parse("# a comment\n0012"), Ok(vec![0, 0x12]));
    }

    #[test]
    fn dumps_are_read_without_their_offsets_and_texts() {
        let xxd = "00000000: 0012 0003 6162 6364 6566 6768 696a 6b6c  ....abcdefghijkl\n00000010: 0a                                       .\n";
        let tcpdump = "\t0x0000:  0012 0003 6162 6364 6566 6768 696a 6b6c  ....abcdefghijkl\n\t0x0010:  0a                                       .\n";
        let hexdump = "00000000  00 12 00 03 61 62 63 64  65 66 67 68 69 6a 6b 6c  |....abcdefghijkl|\n00000010  0a                                                |.|\n00000011\n";
        for dump in [xxd, tcpdump, hexdump] {
            assert_eq!(parse(dump).unwrap(), b"\x00\x12\x00\x03abcdefghijkl\n", "{dump}");
        }
        let repeated = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000030  01                                                |.|\n00000031\n";
        let mut zeros = vec![0; 0x30];
        zeros.push(1);
        assert_eq!(parse(repeated).unwrap(), zeros);
    }

    #[test]
    fn what_is_wrong_in_a_text_is_named() {
        assert_eq!(parse("*"), Err(Problem::None));
        assert_eq!(parse(""), Err(Problem::None));
        for (text, line, word) in
            [("hello", 1, "hello"), ("001", 1, "001"), ("00 1", 1, "1"), ("00\n11 {\"a\":1}", 2, "{\"a\"")]
        {
            let word = word.to_owned();
            assert_eq!(parse(text), Err(Problem::Word { line, word }), "{text}");
        }
        let endless =
            "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\nffffffff0\n";
        assert!(matches!(parse(endless), Err(Problem::Repeats { line: 3, .. })), "{:?}", parse(endless));
    }
}
