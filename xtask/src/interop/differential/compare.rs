//! What two answers differ in.

use super::client::Answer;
use super::value::Value;
use std::fmt::{self, Display};

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    /// Where in the answer: lists as `[]`, those of configurations with the key.
    pub(super) at: String,
    /// The keys of the lists on the way there, for who reads it.
    pub(super) of: String,
    pub(super) ottla: String,
    pub(super) kafka: String,
}

impl Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, of, ottla, kafka } = self;
        write!(f, "{at}: {ottla} | {kafka}")?;
        if of.is_empty() { Ok(()) } else { write!(f, "  (of {of})") }
    }
}

/// All differences of two answers to one request.
pub(super) fn differences(ottla: &Answer, kafka: &Answer) -> Vec<Difference> {
    let mut found = Vec::new();
    let start = Place { at: String::new(), of: String::new() };
    match (ottla, kafka) {
        (Answer::Body(ottla), Answer::Body(kafka)) => start.compare(ottla, kafka, &mut found),
        (ottla, kafka) if ottla != kafka => start.differ(ottla, kafka, &mut found),
        _ => {}
    }
    found
}

/// A place in both answers.
struct Place {
    at: String,
    of: String,
}

impl Place {
    fn compare(&self, ottla: &Value, kafka: &Value, found: &mut Vec<Difference>) {
        match (ottla, kafka) {
            (Value::Struct(ours), Value::Struct(theirs)) => {
                // Of what the one did and the other did not, more need not be said.
                if let (Some(our_code), Some(their_code)) =
                    (ottla.field("error_code"), kafka.field("error_code"))
                    && our_code != their_code
                {
                    return self.field("error_code").differ(our_code, their_code, found);
                }
                for (name, value) in ours {
                    match kafka.field(name) {
                        Some(other) => self.field(name).compare(value, other, found),
                        None => self.field(name).differ(value, &"missing", found),
                    }
                }
                for (name, value) in theirs.iter().filter(|(name, _)| ottla.field(name).is_none()) {
                    self.field(name).differ(&"missing", value, found);
                }
            }
            (Value::List(ours), Value::List(theirs)) => {
                if self.at.ends_with("configs") || ours.len() != theirs.len() {
                    self.compare_by_key(ours, theirs, found);
                } else {
                    for (ottla, kafka) in ours.iter().zip(theirs) {
                        self.element("", ottla).compare(ottla, kafka, found);
                    }
                }
            }
            (ottla, kafka) if ottla != kafka => self.differ(ottla, kafka, found),
            _ => {}
        }
    }

    /// What the one has and the other has not is said by its key.
    fn compare_by_key(&self, ours: &[Value], theirs: &[Value], found: &mut Vec<Difference>) {
        for value in ours {
            let place = self.element(&key(value), value);
            match theirs.iter().find(|other| key(other) == key(value)) {
                Some(other) => place.compare(value, other, found),
                None => place.differ(&"there", &"missing", found),
            }
        }
        for other in theirs.iter().filter(|other| ours.iter().all(|value| key(value) != key(other))) {
            self.element(&key(other), other).differ(&"missing", &"there", found);
        }
        if !self.at.ends_with("configs") && ours.len() != theirs.len() {
            self.field("length").differ(&ours.len(), &theirs.len(), found);
        }
    }

    fn field(&self, name: &str) -> Self {
        let at = if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) };
        Self { at, of: self.of.clone() }
    }

    fn element(&self, shown: &str, element: &Value) -> Self {
        let of = format!("{} {}", self.of, shortened(&key(element)));
        Self { at: format!("{}[{shown}]", self.at), of: of.trim_start().to_owned() }
    }

    fn differ(&self, ottla: &dyn Display, kafka: &dyn Display, found: &mut Vec<Difference>) {
        let Self { at, of } = self;
        let (ottla, kafka) = (ottla.to_string(), kafka.to_string());
        found.push(Difference { at: at.clone(), of: of.clone(), ottla, kafka });
    }
}

/// What an element of a list is called by.
fn key(element: &Value) -> String {
    const KEYS: [&str; 9] =
        ["name", "topic", "topic_id", "partition_index", "index", "group_id", "member_id", "key", "api_key"];
    let key = KEYS.iter().find_map(|key| element.field(key)).unwrap_or(element);
    key.as_text().map_or_else(|| key.to_string(), str::to_owned)
}

fn shortened(key: &str) -> String {
    key.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(index: i64, code: i64) -> Value {
        Value::fields([
            ("index", Value::Int(index)),
            ("error_code", Value::Int(code)),
            ("offset", Value::Int(code)),
        ])
    }

    fn body(partitions: Vec<Value>) -> Answer {
        let topic = Value::fields([("name", Value::text("a")), ("partitions", Value::List(partitions))]);
        Answer::Body(Value::fields([("topics", Value::List(vec![topic]))]))
    }

    fn shown(ottla: &Answer, kafka: &Answer) -> Vec<String> {
        differences(ottla, kafka).iter().map(Difference::to_string).collect()
    }

    #[test]
    fn equal_answers_differ_in_nothing() {
        let answer = body(vec![partition(0, 0), partition(1, 3)]);
        assert_eq!(shown(&answer, &answer), Vec::<String>::new());
        assert_eq!(shown(&Answer::Silence, &Answer::Silence), Vec::<String>::new());
    }

    #[test]
    fn a_difference_says_where_it_is_and_another_code_says_it_all() {
        let (ottla, kafka) =
            (body(vec![partition(0, 0), partition(1, 3)]), body(vec![partition(0, 0), partition(1, 6)]));
        assert_eq!(shown(&ottla, &kafka), ["topics[].partitions[].error_code: 3 | 6  (of a 1)"]);
    }

    #[test]
    fn what_is_missing_is_told_by_its_key() {
        let (ottla, kafka) = (body(vec![partition(0, 0), partition(1, 3)]), body(vec![partition(1, 3)]));
        let wanted = [
            "topics[].partitions[0]: there | missing  (of a 0)",
            "topics[].partitions.length: 2 | 1  (of a)",
        ];
        assert_eq!(shown(&ottla, &kafka), wanted);
        let closed = shown(&kafka, &Answer::Closed);
        assert!(closed.len() == 1 && closed[0].ends_with("| closed"), "{closed:?}");
    }
}
