//! Durations as `P1DT2H3M4.5S`, the way in which Java reads them.
//!
//! Only days and what is shorter; each number has a sign of its own, and so has the whole.

use std::time::Duration;

const SECOND: i128 = 1_000_000_000;

/// The parts in the order in which they come, each with its length in nanoseconds.
const TIMES: [(u8, i128); 3] = [(b'H', 3600 * SECOND), (b'M', 60 * SECOND), (b'S', SECOND)];

/// Reads a duration that is not below zero.
pub(crate) fn iso_duration(text: &str) -> Option<Duration> {
    let nanos = signed(text)?;
    let seconds = u64::try_from(nanos / SECOND).ok()?;
    Some(Duration::new(seconds, u32::try_from(nanos % SECOND).ok()?))
}

fn signed(text: &str) -> Option<i128> {
    let upper = text.to_ascii_uppercase();
    let (is_negative, rest) = match upper.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let rest = rest.strip_prefix(b"P")?;
    let (days, time) = match rest.iter().position(|byte| *byte == b'T') {
        Some(place) => (&rest[..place], Some(&rest[place + 1..])),
        None => (rest, None),
    };
    let mut total = 0i128;
    if !days.is_empty() {
        total += whole(days.strip_suffix(b"D")?)?.checked_mul(86_400 * SECOND)?;
    }
    match time {
        Some([]) => return None,
        Some(time) => total = total.checked_add(times(time)?)?,
        None if days.is_empty() => return None,
        None => {}
    }
    Some(if is_negative { -total } else { total })
}

fn times(mut rest: &[u8]) -> Option<i128> {
    let mut total = 0i128;
    for (unit, nanos) in TIMES {
        let Some(end) = rest.iter().position(|byte| *byte == unit) else { continue };
        let number = &rest[..end];
        let of_part = match number.iter().position(|byte| matches!(byte, b'.' | b',')) {
            Some(dot) if unit == b'S' => with_fraction(&number[..dot], &number[dot + 1..])?,
            _ => whole(number)?.checked_mul(nanos)?,
        };
        total = total.checked_add(of_part)?;
        rest = &rest[end + 1..];
    }
    rest.is_empty().then_some(total)
}

/// Seconds with up to nine digits behind the dot, which have the sign of those before it.
fn with_fraction(seconds: &[u8], fraction: &[u8]) -> Option<i128> {
    if fraction.len() > 9 || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let scale = 10i128.pow(u32::try_from(9 - fraction.len()).ok()?);
    let nanos = fraction.iter().fold(0i128, |sum, digit| sum * 10 + i128::from(digit - b'0')) * scale;
    let whole = whole(seconds)?.checked_mul(SECOND)?;
    Some(if seconds.starts_with(b"-") { whole - nanos } else { whole + nanos })
}

fn whole(text: &[u8]) -> Option<i128> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse::<i64>().ok().map(i128::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Kafka 4.3.1 takes.
    #[test]
    fn durations_are_read_as_java_does() {
        let read = [
            ("PT0S", Duration::ZERO),
            ("P1D", Duration::from_secs(86_400)),
            ("pt1h", Duration::from_secs(3_600)),
            ("+PT5S", Duration::from_secs(5)),
            ("P1DT2H3.5S", Duration::from_millis(86_400_000 + 7_200_000 + 3_500)),
            ("PT-1H+61M", Duration::from_secs(60)),
            ("-PT-1.25S", Duration::from_millis(1_250)),
            ("PT1.S", Duration::from_secs(1)),
        ];
        for (text, expected) in read {
            assert_eq!(iso_duration(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_java_does_not_read_or_lies_before_zero_is_no_duration() {
        let refused = [
            "",
            "P",
            "PT",
            "P1DT",
            "PT1M1H",
            "PT1.5H",
            "PT,5S",
            "PT0.1234567891S",
            "-PT1H",
            "PT-1H",
            "xx",
            "1D",
            "P1W",
            "P1",
            "PTS",
            "PT1",
            "P99999999999999999999D",
            "PT5S ",
            "PTü",
        ];
        for text in refused {
            assert_eq!(iso_duration(text), None, "{text}");
        }
    }
}
