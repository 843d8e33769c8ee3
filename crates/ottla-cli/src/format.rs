//! What `ottla consume` prints for a record: a text with places for its parts.

/// Why a format is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("%{0} stands for nothing; there are %t %p %o %T %k %v %h %%")]
    Place(char),
    #[error("ends in a single %")]
    Unfinished,
}

/// A format, read once and filled in for every record.
#[derive(Debug)]
pub(crate) struct Format {
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq)]
enum Part {
    Text(String),
    Topic,
    Partition,
    Offset,
    Timestamp,
    Key,
    Value,
    Headers,
}

/// What a record says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: Vec<(&'a [u8], Option<&'a [u8]>)>,
}

impl Format {
    /// Reads a format; `\n` and `\t` stand for a new line and a tab.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let part = match (c, rest.as_str().chars().next()) {
                ('%', None) => return Err(Problem::Unfinished),
                ('%', Some('%')) => {
                    plain.push('%');
                    rest.next();
                    continue;
                }
                ('%', Some(place)) => match place {
                    't' => Part::Topic,
                    'p' => Part::Partition,
                    'o' => Part::Offset,
                    'T' => Part::Timestamp,
                    'k' => Part::Key,
                    'v' => Part::Value,
                    'h' => Part::Headers,
                    other => return Err(Problem::Place(other)),
                },
                ('\\', Some(escaped @ ('n' | 't' | '\\'))) => {
                    plain.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        _ => '\\',
                    });
                    rest.next();
                    continue;
                }
                (c, _) => {
                    plain.push(c);
                    continue;
                }
            };
            rest.next();
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(part);
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    /// Whether it shows headers, so that they have to be read.
    pub(crate) fn shows_headers(&self) -> bool {
        self.parts.contains(&Part::Headers)
    }

    /// Appends a record's line. Keys and values are written as they are; none is written as nothing.
    pub(crate) fn fill(&self, content: &Content<'_>, line: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(text) => line.extend_from_slice(text.as_bytes()),
                Part::Topic => line.extend_from_slice(content.topic.as_bytes()),
                Part::Partition => line.extend_from_slice(content.partition.to_string().as_bytes()),
                Part::Offset => line.extend_from_slice(content.offset.to_string().as_bytes()),
                Part::Timestamp => line.extend_from_slice(content.timestamp.to_string().as_bytes()),
                Part::Key => line.extend_from_slice(content.key.unwrap_or_default()),
                Part::Value => line.extend_from_slice(content.value.unwrap_or_default()),
                Part::Headers => {
                    for (index, (name, value)) in content.headers.iter().enumerate() {
                        if index > 0 {
                            line.push(b',');
                        }
                        line.extend_from_slice(name);
                        line.push(b'=');
                        line.extend_from_slice(value.unwrap_or_default());
                    }
                }
            }
        }
        line.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(format: &str, content: &Content<'_>) -> String {
        let mut line = Vec::new();
        Format::parse(format).unwrap().fill(content, &mut line);
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
            value: Some(b"v"),
            headers: vec![(b"a", Some(b"1")), (b"b", None)],
        };
        assert_eq!(filled("%t-%p-%o-%T-%k-%v-%h%%\\t.", &content), "t-1-2-3-k-v-a=1,b=%\t.\n");
        assert_eq!(filled("%k|%v", &Content::default()), "|\n");
    }

    #[test]
    fn what_stands_for_nothing_is_refused() {
        assert_eq!(Format::parse("%x").unwrap_err(), Problem::Place('x'));
        assert_eq!(Format::parse("a%").unwrap_err(), Problem::Unfinished);
    }
}
