//! What must be true of inputs and outputs: each input has exactly one output, and outputs keep the order of inputs.

use std::collections::HashMap;

use crate::Failure;

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) value: String,
}

/// What stands in an output between the input and the transaction that made it.
const BY: &str = " made by ";

/// The output of an input. Two tries are told from each other by their transactions.
pub(crate) fn output_of(input: &str, transaction: &str) -> String {
    format!("{input}{BY}{transaction}")
}

/// How many findings are told.
const TOLD: usize = 10;

/// Fails unless each input has its output, once and in order. Both are in the order of their partitions.
pub(crate) fn exactly_once(inputs: &[Seen], outputs: &[Seen]) -> Result<(), Failure> {
    let mut left: HashMap<&str, (&Seen, Option<&Seen>)> = HashMap::new();
    let mut problems = Vec::new();
    for input in inputs {
        if left.insert(&input.value, (input, None)).is_some() {
            problems.push(format!("the input {} is there twice", input.value));
        }
    }
    // Up to where each partition of inputs has come, in each partition of outputs.
    let mut come: HashMap<(i32, i32), i64> = HashMap::new();
    for output in outputs {
        let of = output.value.split_once(BY).map(|(of, _)| of);
        let Some((input, first)) = of.and_then(|of| left.get_mut(of)) else {
            problems.push(format!("{output:?} was made of nothing"));
            continue;
        };
        match first {
            Some(first) => problems.push(format!("{input:?} has two outputs: {first:?}, {output:?}")),
            None => *first = Some(output),
        }
        let before = come.insert((output.partition, input.partition), input.offset);
        if before.is_some_and(|before| before > input.offset) {
            problems.push(format!("{output:?} is behind the output of a later input, {before:?}"));
        }
    }
    let mut missing: Vec<&Seen> =
        left.values().filter(|(_, first)| first.is_none()).map(|(input, _)| *input).collect();
    missing.sort();
    problems.extend(missing.iter().map(|input| format!("{input:?} has no output")));
    if problems.is_empty() {
        return Ok(());
    }
    let (count, told) = (problems.len(), problems[..problems.len().min(TOLD)].join("\n"));
    Err(format!("{count} problems with {} inputs and {} outputs:\n{told}", inputs.len(), outputs.len())
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(values: &[String]) -> Vec<Seen> {
        let one = |(offset, value): (i64, &String)| Seen { partition: 0, offset, value: value.clone() };
        (0..).zip(values).map(one).collect()
    }

    fn said(outputs: &[&str]) -> String {
        let inputs = seen(&["a".to_owned(), "b".to_owned(), "c".to_owned()]);
        let made: Vec<String> = outputs.iter().map(|of| output_of(of, "t1")).collect();
        exactly_once(&inputs, &seen(&made)).err().map(|failure| failure.to_string()).unwrap_or_default()
    }

    #[test]
    fn one_output_for_each_input_in_order_is_what_is_wanted() {
        assert_eq!(said(&["a", "b", "c"]), "");
    }

    #[test]
    fn what_is_missing_doubled_strange_or_out_of_order_is_told() {
        assert!(said(&["a", "c"]).contains(r#"value: "b" } has no output"#));
        assert!(said(&["a", "b", "b", "c"]).contains("has two outputs"));
        assert!(said(&["a", "b", "c", "d"]).contains("was made of nothing"));
        assert!(said(&["b", "a", "c"]).contains("is behind the output of a later input"));
    }
}
