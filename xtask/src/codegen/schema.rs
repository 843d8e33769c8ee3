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
//! `ignorable` (dropped without complaint where a version cannot carry it), `external` (records that may be a file range),
//! `holds` and the module and name of the structure that the bytes are in groups of consumers.
//! `latest unstable` after a message's versions says that Kafka serves the last one only when asked to; `boxed` that
//! the message is so large that the enums over all messages hold it in a box. A struct that
//! occurs again, in the other message too, is described where it occurs first. `as Name` after a struct's type gives it
//! another name in Rust, where both messages use one name for different things.
//!
//! `hot` after the key of an API has its messages read and written as fast as can be; others take less code.
//!
//! Beside the APIs there are files of other structures, with other first lines and sections:
//!
//! ```text
//! record GroupMetadata 2 of group           a record of an internal topic, its type, and who coordinates it
//! key GroupMetadataKey 0 flexible never
//! value GroupMetadataValue 0-4 flexible 4+
//!
//! data ConsumerProtocol                     structures that are bytes of other messages, or lie in files
//! data ConsumerProtocolAssignment 0-3 flexible never lenient    (a newer version is read as the last known one)
//! metadata RemoteLogSegmentMetadataRecord 0 flexible 0+ type 0
//! ```

use crate::outcome::Outcome;
use std::collections::BTreeMap;

/// Documentation of what recurs: by field name, or by struct name.
pub(crate) struct Glossary(BTreeMap<String, Vec<String>>);

/// One API: its two messages.
pub(crate) struct Api {
    pub(crate) name: String,
    pub(crate) module: String,
    pub(crate) key: i16,
    /// Whether its messages are read and written as fast as can be; others in as little code as can be.
    pub(crate) is_hot: bool,
    pub(crate) doc: Vec<String>,
    pub(crate) request: Message,
    pub(crate) response: Message,
}

/// A file of structures that are no requests or responses.
pub(crate) struct DataFile {
    pub(crate) name: String,
    pub(crate) module: String,
    pub(crate) doc: Vec<String>,
    /// Type and coordinator, if it is a record of an internal topic: a key and a value.
    pub(crate) record: Option<(i16, String)>,
    /// Whether it is of concern to brokers alone.
    pub(crate) is_internal: bool,
    pub(crate) parts: Vec<Data>,
}

/// A structure that is no request or response.
pub(crate) struct Data {
    pub(crate) role: Role,
    pub(crate) message: Message,
}

/// What a structure is, which decides what stands before its fields.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The key of a record: its type stands before it.
    Key(i16),
    /// The value of a record: its version stands before it.
    Value,
    /// Bytes within a message or a file: their version stands before them.
    Plain,
    /// The same, and a version that is not known yet is read as the last known one.
    Lenient,
    /// A record of which type and version stand before the fields.
    Metadata(i16),
}

/// A request, a response or another structure.
pub(crate) struct Message {
    pub(crate) versions: Versions,
    pub(crate) flexible: Option<Versions>,
    pub(crate) latest_unstable: bool,
    /// Whether the enums over all messages hold it in a box.
    pub(crate) boxed: bool,
    pub(crate) body: Struct,
}

/// A message or a part of one.
#[derive(Clone)]
pub(crate) struct Struct {
    pub(crate) name: String,
    /// Kafka's name for it, if it is another.
    pub(crate) kafka_name: Option<String>,
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
    /// Module and name of the structure that the bytes are in groups of consumers.
    pub(crate) holds: Option<(String, String)>,
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
    /// Its name in Rust: no keyword.
    pub(crate) fn ident(&self) -> String {
        match self.name.as_str() {
            "match" => format!("{}_", self.name),
            name => name.to_owned(),
        }
    }

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

    /// This struct and all within it, outermost first, each once.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let mut all: Vec<&Self> = vec![self];
        for body in self.fields.iter().filter_map(Field::body).flat_map(Self::all) {
            if !all.iter().any(|other| other.name == body.name) {
                all.push(body);
            }
        }
        all
    }

    /// In which versions each struct within occurs, wherever it does.
    fn occurrences(&self, versions: Versions, found: &mut BTreeMap<String, Versions>) {
        found
            .entry(self.name.clone())
            .and_modify(|all| {
                *all = Versions { first: all.first.min(versions.first), last: all.last.max(versions.last) };
            })
            .or_insert(versions);
        for field in &self.fields {
            if let (Some(body), Some(versions)) = (field.body(), field.versions.intersection(versions)) {
                body.occurrences(versions, found);
            }
        }
    }

    fn set_versions(&mut self, found: &BTreeMap<String, Versions>) {
        if let Some(versions) = found.get(&self.name) {
            self.versions = *versions;
        }
        for field in &mut self.fields {
            if let Kind::Struct(body) | Kind::StructArray(body) = &mut field.kind {
                body.set_versions(found);
            }
        }
    }
}

/// A struct can occur in several places: it is written once, for the versions of all of them.
fn agree_on_versions(messages: &mut [&mut Message]) {
    let mut found = BTreeMap::new();
    for message in &mut *messages {
        message.body.occurrences(message.versions, &mut found);
    }
    for message in messages {
        message.body.set_versions(&found);
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
        let (name, key, is_hot) = match words(&first)[..] {
            ["api", name, key] => (name, key, false),
            ["api", name, key, "hot"] => (name, key, true),
            _ => return Err(lines.error("the first line is: api Name key")),
        };
        let doc = lines.doc(0);
        if snake(name) != module {
            return Err(lines.error(&format!("{name} belongs in {}.txt", snake(name))));
        }
        let key = key.parse()?;
        let mut parser = Parser { lines, glossary, structs: BTreeMap::new() };
        let mut request = parser.message("request")?;
        let mut response = parser.message("response")?;
        parser.lines.end()?;
        agree_on_versions(&mut [&mut request, &mut response]);
        Ok(Self { name: name.to_owned(), module: module.to_owned(), key, is_hot, doc, request, response })
    }

    /// Every struct of the two messages, once.
    pub(crate) fn structs(&self) -> Vec<&Struct> {
        let mut all = self.request.body.all();
        for body in self.response.body.all() {
            if !all.iter().any(|other| other.name == body.name) {
                all.push(body);
            }
        }
        all
    }
}

impl DataFile {
    pub(crate) fn parse(module: &str, text: &str, glossary: &Glossary) -> Outcome<Self> {
        let mut lines = Lines::new(text);
        let first = lines.next_at(0).unwrap_or_default().to_owned();
        let (name, record, is_internal) = match words(&first)[..] {
            ["record", name, record_type, "of", coordinator] => {
                (name, Some((record_type.parse::<i16>()?, coordinator.to_owned())), true)
            }
            ["data", name] => (name, None, false),
            ["data", name, "internal"] => (name, None, true),
            _ => return Err(lines.error("the first line is: record Name type of coordinator, or: data Name")),
        };
        let doc = lines.doc(0);
        if snake(name) != module {
            return Err(lines.error(&format!("{name} belongs in {}.txt", snake(name))));
        }
        let mut parser = Parser { lines, glossary, structs: BTreeMap::new() };
        let mut parts = Vec::new();
        if let Some((record_type, _)) = &record {
            parts.push(Data { role: Role::Key(*record_type), message: parser.message("key")? });
            parts.push(Data { role: Role::Value, message: parser.message("value")? });
        } else {
            while let Some(part) = parser.data()? {
                parts.push(part);
            }
        }
        parser.lines.end()?;
        agree_on_versions(&mut parts.iter_mut().map(|part| &mut part.message).collect::<Vec<_>>());
        Ok(Self { name: name.to_owned(), module: module.to_owned(), doc, record, is_internal, parts })
    }

    /// The module in which it stands, from the root of the crate.
    pub(crate) fn path(&self) -> Vec<&str> {
        let folder = self.is_internal.then_some("internal");
        folder.into_iter().chain([self.module.as_str()]).collect()
    }

    /// Every struct in it, once.
    pub(crate) fn structs(&self) -> Vec<&Struct> {
        let mut all: Vec<&Struct> = Vec::new();
        for body in self.parts.iter().flat_map(|part| part.message.body.all()) {
            if !all.iter().any(|other| other.name == body.name) {
                all.push(body);
            }
        }
        all
    }
}

/// Reads the messages of one file.
struct Parser<'a> {
    lines: Lines<'a>,
    glossary: &'a Glossary,
    /// The structs met so far.
    structs: BTreeMap<String, Struct>,
}

impl Parser<'_> {
    fn data(&mut self) -> Outcome<Option<Data>> {
        let Some((_, _, line)) = self.lines.lines.peek() else { return Ok(None) };
        let words = words(line);
        let role = match words[..] {
            ["metadata", .., "type", record_type] => Role::Metadata(record_type.parse()?),
            ["data", .., "lenient"] => Role::Lenient,
            _ => Role::Plain,
        };
        let side = if matches!(role, Role::Metadata(_)) { "metadata" } else { "data" };
        Ok(Some(Data { role, message: self.message(side)? }))
    }

    fn message(&mut self, side: &str) -> Outcome<Message> {
        let line = self.lines.next_at(0).unwrap_or_default().to_owned();
        let words = words(&line);
        let [found, name, versions, "flexible", flexible, ref rest @ ..] = words[..] else {
            return Err(self.lines.error(&format!("here stands: {side} Name versions flexible versions")));
        };
        if found != side {
            return Err(self.lines.error(&format!("a {side} is expected here")));
        }
        let (latest_unstable, boxed) = match (side, rest) {
            (_, []) | ("data", ["lenient"]) | ("metadata", ["type", _]) => (false, false),
            ("request" | "response", ["latest", "unstable"]) => (true, false),
            ("request" | "response", ["boxed"]) => (false, true),
            _ => return Err(self.lines.error("unknown words after the versions")),
        };
        let versions = Versions::parse(versions)?;
        let flexible = match flexible {
            "never" => None,
            flexible => Some(Versions::parse(flexible)?),
        };
        let doc = self.glossary.fill(name, self.lines.doc(0))?;
        let fields = self.fields(1, versions)?;
        let body = Struct { name: name.to_owned(), kafka_name: None, doc, versions, fields };
        if self.structs.insert(name.to_owned(), body.clone()).is_some() {
            return Err(self.lines.error(&format!("a second {name}")));
        }
        Ok(Message { versions, flexible, latest_unstable, boxed, body })
    }

    /// Fields at one depth, and what is inside them.
    fn fields(&mut self, depth: usize, versions: Versions) -> Outcome<Vec<Field>> {
        let mut fields = Vec::new();
        while let Some(line) = self.lines.next_at(depth) {
            fields.push(self.field(line, depth, versions)?);
        }
        Ok(fields)
    }

    fn field(&mut self, line: &str, depth: usize, versions: Versions) -> Outcome<Field> {
        let Some((name, rest)) = line.split_once(": ") else {
            return Err(self.lines.error("a field is: name: type versions"));
        };
        let words = words(rest);
        let [kind, own, ref options @ ..] = words[..] else {
            return Err(self.lines.error("a field is: name: type versions"));
        };
        let own = Versions::parse(own)?;
        let Some(possible) = own.intersection(versions) else {
            return Err(self.lines.error(&format!("no version of the message carries {name}")));
        };
        let mut field = Field {
            name: name.to_owned(),
            doc: Vec::new(),
            kind: Kind::Scalar(String::new()),
            versions: own,
            nullable: None,
            tag: None,
            default: None,
            ignorable: false,
            external: false,
            holds: None,
        };
        let mut rust_name = None;
        let mut options = options.iter().copied();
        while let Some(option) = options.next() {
            let mut argument = || options.next().ok_or_else(|| format!("{option} needs an argument"));
            match option {
                "null" => field.nullable = Some(Versions::parse(argument()?)?),
                "tag" => field.tag = Some((argument()?.parse()?, Versions::parse(argument()?)?)),
                "default" => field.default = Some(argument()?.to_owned()),
                "ignorable" => field.ignorable = true,
                "external" => field.external = true,
                "holds" => {
                    let (module, name) =
                        argument()?.split_once('/').ok_or("holds says: module/Structure".to_owned())?;
                    field.holds = Some((module.to_owned(), name.to_owned()));
                }
                "as" => rust_name = Some(argument()?.to_owned()),
                _ => return Err(self.lines.error(&format!("unknown word {option}"))),
            }
        }
        field.doc = self.glossary.fill(name, self.lines.doc(depth))?;
        let (element, is_array) = kind.strip_prefix("[]").map_or((kind, false), |element| (element, true));
        field.kind = match (SCALARS.contains(&element), is_array) {
            (true, true) => Kind::ScalarArray(element.to_owned()),
            (true, false) => Kind::Scalar(element.to_owned()),
            (false, true) => Kind::StructArray(self.body(element, rust_name, depth + 1, possible)?),
            (false, false) => Kind::Struct(self.body(element, rust_name, depth + 1, possible)?),
        };
        Ok(field)
    }

    /// The struct of a field: described here, or earlier.
    fn body(
        &mut self,
        kafka_name: &str,
        rust_name: Option<String>,
        depth: usize,
        versions: Versions,
    ) -> Outcome<Struct> {
        let name = rust_name.clone().unwrap_or_else(|| kafka_name.to_owned());
        let is_described = self.lines.lines.peek().is_some_and(|(_, at, _)| *at == depth);
        match (self.structs.get(&name), is_described) {
            (Some(known), false) => return Ok(known.clone()),
            (Some(_), true) => return Err(self.lines.error(&format!("{name} is described twice"))),
            (None, _) => {}
        }
        let doc = self.glossary.fill(&name, self.lines.doc(depth))?;
        let fields = self.fields(depth, versions)?;
        let kafka_name = rust_name.map(|_| kafka_name.to_owned());
        let body = Struct { name: name.clone(), kafka_name, doc, versions, fields };
        self.structs.insert(name, body.clone());
        Ok(body)
    }
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
