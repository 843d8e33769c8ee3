//! What `ottla consume` prints for a record: a text with places for its parts.

use std::str::FromStr;

use crate::moments;
use crate::record::Content;

/// Why a format is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("%{0} stands for nothing; there are %t %p %o %T %d %k %v %s %K %V %S %h %%")]
    Place(char),
    #[error("ends in a single %")]
    Unfinished,
    #[error("\\{0} stands for nothing; there are \\n \\t \\r \\\\ \\xNN")]
    Escape(String),
}

/// A format, read once and filled in for every record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    Topic,
    Partition,
    Offset,
    Timestamp,
    Date,
    Key,
    KeyLength,
    Value,
    ValueLength,
    Headers,
}

impl FromStr for Format {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            // A backslash goes with what it escapes, so that \% is no place.
            let part = match c {
                '\\' => {
                    plain.push(c);
                    plain.extend(rest.next());
                    continue;
                }
                '%' => match rest.next().ok_or(Problem::Unfinished)? {
                    '%' => {
                        plain.push('%');
                        continue;
                    }
                    place => part(place).ok_or(Problem::Place(place))?,
                },
                _ => {
                    plain.push(c);
                    continue;
                }
            };
            push(&mut parts, &mut plain)?;
            parts.push(part);
        }
        push(&mut parts, &mut plain)?;
        Ok(Self { parts })
    }
}

fn part(place: char) -> Option<Part> {
    Some(match place {
        't' => Part::Topic,
        'p' => Part::Partition,
        'o' => Part::Offset,
        'T' => Part::Timestamp,
        'd' => Part::Date,
        'k' => Part::Key,
        'K' => Part::KeyLength,
        'v' | 's' => Part::Value,
        'V' | 'S' => Part::ValueLength,
        'h' => Part::Headers,
        _ => return None,
    })
}

fn push(parts: &mut Vec<Part>, plain: &mut String) -> Result<(), Problem> {
    if !plain.is_empty() {
        parts.push(Part::Text(unescape(plain)?));
        plain.clear();
    }
    Ok(())
}

/// What `\n`, `\t`, `\r`, `\\` and `\xNN` in a text stand for, and the rest of it.
pub(crate) fn unescape(text: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        bytes.push(match rest.next() {
            Some('n') => b'\n',
            Some('t') => b'\t',
            Some('r') => b'\r',
            Some('\\') => b'\\',
            Some('x') => {
                let digits: String = rest.by_ref().take(2).collect();
                let byte = u8::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 2);
                byte.ok_or_else(|| Problem::Escape(format!("x{digits}")))?
            }
            other => return Err(Problem::Escape(other.map(String::from).unwrap_or_default())),
        });
    }
    Ok(bytes)
}

impl Format {
    /// Whether it shows headers, so that they have to be read.
    pub(crate) fn shows_headers(&self) -> bool {
        self.parts.contains(&Part::Headers)
    }

    /// Whether what it prints ends in `end` whatever the record is.
    pub(crate) fn ends_in(&self, end: &[u8]) -> bool {
        matches!(self.parts.last(), Some(Part::Text(text)) if text.ends_with(end))
    }

    /// Appends what is shown of a record; `null` stands for a key or value that is none.
    pub(crate) fn fill(&self, content: &Content<'_>, null: &[u8], line: &mut Vec<u8>) {
        let length =
            |bytes: Option<&[u8]>| bytes.map_or_else(|| "-1".to_owned(), |bytes| bytes.len().to_string());
        for part in &self.parts {
            match part {
                Part::Text(text) => line.extend_from_slice(text),
                Part::Topic => line.extend_from_slice(content.topic.as_bytes()),
                Part::Partition => line.extend_from_slice(content.partition.to_string().as_bytes()),
                Part::Offset => line.extend_from_slice(content.offset.to_string().as_bytes()),
                Part::Timestamp => line.extend_from_slice(content.timestamp.to_string().as_bytes()),
                Part::Date => line.extend_from_slice(moments::shown(content.timestamp).as_bytes()),
                Part::Key => line.extend_from_slice(content.key.unwrap_or(null)),
                Part::KeyLength => line.extend_from_slice(length(content.key).as_bytes()),
                Part::Value => line.extend_from_slice(content.value.unwrap_or(null)),
                Part::ValueLength => line.extend_from_slice(length(content.value).as_bytes()),
                Part::Headers => {
                    for (index, (name, value)) in content.headers.iter().enumerate() {
                        if index > 0 {
                            line.push(b',');
                        }
                        line.extend_from_slice(name);
                        line.push(b'=');
                        line.extend_from_slice(value.unwrap_or(null));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(format: &str, content: &Content<'_>) -> String {
        let mut line = Vec::new();
        format.parse::<Format>().unwrap().fill(content, b"", &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn every_place_is_filled() {
        let content = Content {
            topic: "t",
            partition: 1,
            offset: 2,
            timestamp: 3,
            key: Some(b"k"),
            value: Some(b"value"),
            headers: vec![(b"a", Some(b"1")), (b"b", None)],
            ..Content::default()
        };
        assert_eq!(filled("%t-%p-%o-%T-%k-%v-%s-%h%%\\t.", &content), "t-1-2-3-k-value-value-a=1,b=%\t.");
        assert_eq!(filled("%K %V %S %d", &content), "1 5 5 1970-01-01T00:00:00.003Z");
        assert_eq!(filled("%k|%v|%K", &Content::default()), "||-1");
        assert_eq!(filled("\\x41\\\\%o", &content), "A\\2");
    }

    #[test]
    fn what_stands_for_nothing_is_refused() {
        let refused = |text: &str| text.parse::<Format>().unwrap_err();
        assert_eq!(refused("%x"), Problem::Place('x'));
        assert_eq!(refused("a%"), Problem::Unfinished);
        assert_eq!(refused("\\q"), Problem::Escape("q".to_owned()));
        assert_eq!(refused("\\x4"), Problem::Escape("x4".to_owned()));
        assert_eq!(refused("a\\"), Problem::Escape(String::new()));
    }

    #[test]
    fn a_format_knows_what_it_ends_in() {
        let ends = |text: &str| text.parse::<Format>().unwrap().ends_in(b"\n");
        assert!(ends("%v\\n") && !ends("%v") && !ends("\\n%v"));
    }
}
