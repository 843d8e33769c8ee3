//! The format of Java's properties files, which Kafka's `server.properties` is written in.

use std::iter::Peekable;
use std::str::Chars;

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("line {0}: \\u wants four hexadecimal digits")]
    Unicode(usize),
}

/// The pairs of a file, in its order.
pub(crate) fn parse(text: &str) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    for (number, line) in logical_lines(text) {
        let mut rest = line.chars().peekable();
        let key = part(&mut rest, number, |c| matches!(c, '=' | ':') || is_space(c))?;
        skip(&mut rest);
        if rest.next_if(|c| matches!(c, '=' | ':')).is_some() {
            skip(&mut rest);
        }
        pairs.push((key, part(&mut rest, number, |_| false)?));
    }
    Ok(pairs)
}

/// Lines with what continues them, without comments and empty ones; each with the number of its first line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut logical: Vec<(usize, String)> = Vec::new();
    let mut continues = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start_matches(is_space);
        if !continues && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let backslashes = line.chars().rev().take_while(|c| *c == '\\').count();
        let goes_on = backslashes % 2 == 1;
        let content = if goes_on { line.strip_suffix('\\').unwrap_or(line) } else { line };
        match logical.last_mut() {
            Some((_, last)) if continues => last.push_str(content),
            _ => logical.push((index + 1, content.to_owned())),
        }
        continues = goes_on;
    }
    logical
}

/// Characters up to one that ends the part and was not escaped.
fn part(rest: &mut Peekable<Chars<'_>>, line: usize, ends: impl Fn(char) -> bool) -> Result<String, Problem> {
    let mut text = String::new();
    while let Some(c) = rest.next_if(|c| !ends(*c)) {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('t') => text.push('\t'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('f') => text.push('\u{c}'),
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                text.push(code.and_then(char::from_u32).ok_or(Problem::Unicode(line))?);
            }
            Some(other) => text.push(other),
            None => {}
        }
    }
    Ok(text)
}

fn skip(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| is_space(*c)).is_some() {}
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn all_three_separators_are_taken() {
        let text = "a=1\n b : 2 \nc 3\nd\ne==x\n";
        let wanted = [pair("a", "1"), pair("b", "2 "), pair("c", "3"), pair("d", ""), pair("e", "=x")];
        assert_eq!(pairs(text), wanted);
    }

    #[test]
    fn comments_and_empty_lines_say_nothing() {
        assert_eq!(pairs("# one\n\n  ! two\na=1 # not a comment\n"), [pair("a", "1 # not a comment")]);
    }

    #[test]
    fn a_line_goes_on_after_a_backslash() {
        assert_eq!(
            pairs("a=1,\\\n   2,\\\n# 3\nb=x\\\\\nc=y"),
            [pair("a", "1,2,# 3"), pair("b", "x\\"), pair("c", "y")]
        );
    }

    #[test]
    fn escapes_stand_for_characters() {
        assert_eq!(pairs("a\\=b = c\\td\\u0041"), [pair("a=b", "c\tdA")]);
        assert_eq!(parse("x=1\na=\\u00"), Err(Problem::Unicode(2)));
    }
}
