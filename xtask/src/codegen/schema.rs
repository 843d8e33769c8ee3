//! The schemas of messages: their form, and the model they are read into.
//!
//! ```text
//! api Heartbeat 12
//! | What the API is for; becomes the opening paragraph of its module.
//!
//! request HeartbeatRequest 0-4 flexible 4+
//! | What the message is; further indented lines are its fields, in wire order.
//!   group_id: string 0+
//!   | What the field is. Left out, the glossary says it.
//!   members: []Member 3+ null 3+ default null ignorable
//!     | What a member is.
//!     name: string 3+
//!   hint: int32 4+ tag 0 4+ default -1
//! ```
//!
//! Field and struct names are Kafka's, field names in snake case. After the type come the versions that have the
//! field, then, as they apply: `null` and the versions that allow it, `tag` with number and versions, `default`,
//! `ignorable` (dropped without complaint where a version cannot carry it), `external` (records that may be a file range).
//! `latest unstable` after a message's versions says that Kafka serves the last one only when asked to.

use crate::outcome::Outcome;
use std::collections::BTreeMap;

/// Documentation of what recurs: by field name, or by struct name.
pub(crate) struct Glossary(BTreeMap<String, Vec<String>>);

/// One API: its two messages.
pub(crate) struct Api {
    pub(crate) name: String,
    pub(crate) module: String,
    pub(crate) key: i16,
    pub(crate) doc: Vec<String>,
    pub(crate) request: Message,
    pub(crate) response: Message,
}

/// A request or response.
pub(crate) struct Message {
    pub(crate) versions: Versions,
    pub(crate) flexible: Option<Versions>,
    pub(crate) latest_unstable: bool,
    pub(crate) body: Struct,
}

/// A message or a part of one.
#[derive(Clone)]
pub(crate) struct Struct {
    pub(crate) name: String,
    pub(crate) doc: Vec<String>,
    /// Versions of the message in which this struct can occur.
    pub(crate) versions: Versions,
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) doc: Vec<String>,
    pub(crate) kind: Kind,
    pub(crate) versions: Versions,
    pub(crate) nullable: Option<Versions>,
    pub(crate) tag: Option<(u32, Versions)>,
    pub(crate) default: Option<String>,
    pub(crate) ignorable: bool,
    pub(crate) external: bool,
}

#[derive(Clone)]
pub(crate) enum Kind {
    /// A type of the protocol, by its name in the schema.
    Scalar(String),
    Struct(Struct),
    ScalarArray(String),
    StructArray(Struct),
}

/// The scalar types of a schema.
const SCALARS: &[&str] = &[
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint16",
    "uint32",
    "float64",
    "error_code",
    "string",
    "bytes",
    "uuid",
    "records",
];

/// A range of versions, both ends included.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) first: i16,
    pub(crate) last: i16,
}

impl Versions {
    /// Reads `3+`, `3-7` or `3`.
    pub(crate) fn parse(text: &str) -> Outcome<Self> {
        let number = |text: &str| text.parse::<i16>().map_err(|_| format!("not a version: {text}"));
        if let Some(first) = text.strip_suffix('+') {
            return Ok(Self { first: number(first)?, last: i16::MAX });
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Ok(Self { first: number(first)?, last: number(last)? })
    }

    pub(crate) fn intersection(self, other: Self) -> Option<Self> {
        let both = Self { first: self.first.max(other.first), last: self.last.min(other.last) };
        (both.first <= both.last).then_some(both)
    }

    pub(crate) fn covers(self, other: Self) -> bool {
        self.first <= other.first && self.last >= other.last
    }

    pub(crate) fn contains(self, version: i16) -> bool {
        (self.first..=self.last).contains(&version)
    }
}

impl Field {
    /// The struct inside, if there is one.
    pub(crate) fn body(&self) -> Option<&Struct> {
        match &self.kind {
            Kind::Struct(body) | Kind::StructArray(body) => Some(body),
            Kind::Scalar(_) | Kind::ScalarArray(_) => None,
        }
    }
}

impl Struct {
    /// Whether record data in it may be a range of a file.
    pub(crate) fn is_generic(&self) -> bool {
        self.fields.iter().any(|field| field.external || field.body().is_some_and(Self::is_generic))
    }

    /// Whether it holds record data that is always in memory.
    pub(crate) fn is_memory_only(&self) -> bool {
        self.fields.iter().any(|field| {
            matches!(&field.kind, Kind::Scalar(kind) if kind == "records") && !field.external
                || field.body().is_some_and(Self::is_memory_only)
        })
    }

    /// This struct and all within it, outermost first.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        for body in self.fields.iter().filter_map(Field::body) {
            all.extend(body.all());
        }
        all
    }
}

/// `GroupId` and `timeoutMs` as `group_id` and `timeout_ms`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (index, character) in name.char_indices() {
        if character.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

impl Glossary {
    /// Reads entries of a name on a line of its own and its `|` lines.
    pub(crate) fn parse(text: &str) -> Outcome<Self> {
        let mut entries = BTreeMap::new();
        let mut lines = Lines::new(text);
        while let Some(name) = lines.next_at(0) {
            let doc = lines.doc(0);
            if doc.is_empty() {
                return Err(lines.error(&format!("{name} has no text")));
            }
            if entries.insert(name.to_owned(), doc).is_some() {
                return Err(lines.error(&format!("{name} stands here twice")));
            }
        }
        lines.end()?;
        Ok(Self(entries))
    }

    fn fill(&self, name: &str, doc: Vec<String>) -> Outcome<Vec<String>> {
        match (doc.is_empty(), self.0.get(name)) {
            (false, _) => Ok(doc),
            (true, Some(entry)) => Ok(entry.clone()),
            (true, None) => {
                Err(format!("{name} has no documentation, neither here nor in the glossary").into())
            }
        }
    }
}

impl Api {
    pub(crate) fn parse(module: &str, text: &str, glossary: &Glossary) -> Outcome<Self> {
        let mut lines = Lines::new(text);
        let first = lines.next_at(0).unwrap_or_default().to_owned();
        let ["api", name, key] = words(&first)[..] else {
            return Err(lines.error("the first line is: api Name key"));
        };
        let doc = lines.doc(0);
        if snake(name) != module {
            return Err(lines.error(&format!("{name} belongs in {}.txt", snake(name))));
        }
        let key = key.parse()?;
        let request = Message::parse("request", &mut lines, glossary)?;
        let response = Message::parse("response", &mut lines, glossary)?;
        lines.end()?;
        let mut names: Vec<_> =
            request.body.all().into_iter().chain(response.body.all()).map(|body| &body.name).collect();
        names.sort();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("two structs are named {}", twice[0]).into());
        }
        Ok(Self { name: name.to_owned(), module: module.to_owned(), key, doc, request, response })
    }
}

impl Message {
    fn parse(side: &str, lines: &mut Lines<'_>, glossary: &Glossary) -> Outcome<Self> {
        let line = lines.next_at(0).unwrap_or_default().to_owned();
        let words = words(&line);
        let [found, name, versions, "flexible", flexible, ref rest @ ..] = words[..] else {
            return Err(lines.error(&format!("here stands: {side} Name versions flexible versions")));
        };
        if found != side {
            return Err(lines.error(&format!("a {side} is expected here")));
        }
        let latest_unstable = match rest {
            [] => false,
            ["latest", "unstable"] => true,
            _ => return Err(lines.error("unknown words after the versions")),
        };
        let versions = Versions::parse(versions)?;
        let flexible = match flexible {
            "never" => None,
            flexible => Some(Versions::parse(flexible)?),
        };
        let doc = glossary.fill(name, lines.doc(0))?;
        let fields = fields(lines, 1, versions, glossary)?;
        Ok(Self {
            versions,
            flexible,
            latest_unstable,
            body: Struct { name: name.to_owned(), doc, versions, fields },
        })
    }
}

/// Fields at one depth, and what is inside them.
fn fields(
    lines: &mut Lines<'_>,
    depth: usize,
    versions: Versions,
    glossary: &Glossary,
) -> Outcome<Vec<Field>> {
    let mut fields = Vec::new();
    while let Some(line) = lines.next_at(depth) {
        let line = line.to_owned();
        let Some((name, rest)) = line.split_once(": ") else {
            return Err(lines.error("a field is: name: type versions"));
        };
        let words = words(rest);
        let [kind, own, ref options @ ..] = words[..] else {
            return Err(lines.error("a field is: name: type versions"));
        };
        let own = Versions::parse(own)?;
        let Some(possible) = own.intersection(versions) else {
            return Err(lines.error(&format!("no version of the message carries {name}")));
        };
        let doc = glossary.fill(name, lines.doc(depth))?;
        let (element, is_array) = kind.strip_prefix("[]").map_or((kind, false), |element| (element, true));
        let kind = if SCALARS.contains(&element) {
            match is_array {
                true => Kind::ScalarArray(element.to_owned()),
                false => Kind::Scalar(element.to_owned()),
            }
        } else {
            let doc = glossary.fill(element, lines.doc(depth + 1))?;
            let body = Struct {
                name: element.to_owned(),
                doc,
                versions: possible,
                fields: self::fields(lines, depth + 1, possible, glossary)?,
            };
            match is_array {
                true => Kind::StructArray(body),
                false => Kind::Struct(body),
            }
        };
        let mut field = Field {
            name: name.to_owned(),
            doc,
            kind,
            versions: own,
            nullable: None,
            tag: None,
            default: None,
            ignorable: false,
            external: false,
        };
        let mut options = options.iter().copied();
        while let Some(option) = options.next() {
            let mut argument = || options.next().ok_or_else(|| format!("{option} needs an argument"));
            match option {
                "null" => field.nullable = Some(Versions::parse(argument()?)?),
                "tag" => field.tag = Some((argument()?.parse()?, Versions::parse(argument()?)?)),
                "default" => field.default = Some(argument()?.to_owned()),
                "ignorable" => field.ignorable = true,
                "external" => field.external = true,
                _ => return Err(lines.error(&format!("unknown word {option}"))),
            }
        }
        fields.push(field);
    }
    Ok(fields)
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// The lines of a schema, with their depth.
struct Lines<'a> {
    lines: std::iter::Peekable<Box<dyn Iterator<Item = (usize, usize, &'a str)> + 'a>>,
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let lines = text.lines().enumerate().filter_map(|(index, line)| {
            let content = line.trim_start();
            let depth = (line.len() - content.len()) / 2;
            (!content.is_empty() && !content.starts_with('#')).then_some((index + 1, depth, content))
        });
        let lines: Box<dyn Iterator<Item = _>> = Box::new(lines);
        Self { lines: lines.peekable(), number: 0 }
    }

    /// The next line that is no documentation, if it stands at this depth.
    fn next_at(&mut self, depth: usize) -> Option<&'a str> {
        let (number, _, content) =
            self.lines.next_if(|(_, at, content)| *at == depth && !content.starts_with('|'))?;
        self.number = number;
        Some(content)
    }

    /// The documentation that follows at this depth.
    fn doc(&mut self, depth: usize) -> Vec<String> {
        let mut doc = Vec::new();
        while let Some((_, _, content)) =
            self.lines.next_if(|(_, at, content)| *at == depth && content.starts_with('|'))
        {
            doc.push(content[1..].trim().to_owned());
        }
        doc
    }

    fn end(&mut self) -> Outcome {
        match self.lines.next() {
            None => Ok(()),
            Some((number, _, content)) => Err(format!("line {number}: not expected here: {content}").into()),
        }
    }

    fn error(&self, message: &str) -> crate::outcome::Failure {
        format!("line {}: {message}", self.number).into()
    }
}
