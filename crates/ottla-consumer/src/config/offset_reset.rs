//! Where to begin when there is no offset to begin with (`auto.offset.reset`).

use std::str::FromStr;
use std::time::Duration;

/// Where to go on when the position does not exist, or nothing is committed (`auto.offset.reset`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OffsetReset {
    /// `earliest`: at the first record that is still there.
    Earliest,
    /// `latest`: behind the last record.
    #[default]
    Latest,
    /// `by_duration:PnDTnHnMn.nS`: at the first record that is no older than this (KIP-1106).
    ByDuration(Duration),
    /// `none`: nowhere; the partition fails with [`Error::OutOfRange`](crate::Error::OutOfRange) or
    /// [`Error::NothingCommitted`](crate::Error::NothingCommitted) until a `seek`.
    None,
}

impl FromStr for OffsetReset {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const PROBLEM: &str = "must be earliest, latest, none or by_duration:PnDTnHnMn.nS";
        match text.to_ascii_lowercase().as_str() {
            "earliest" => Ok(Self::Earliest),
            "latest" => Ok(Self::Latest),
            "none" => Ok(Self::None),
            other => {
                let duration = other.strip_prefix("by_duration:").and_then(iso_duration);
                duration.map(Self::ByDuration).ok_or(PROBLEM)
            }
        }
    }
}

/// Reads a duration of ISO 8601, in days and less, as Java writes them; `text` is in lower case.
fn iso_duration(text: &str) -> Option<Duration> {
    let (days, time) = match text.strip_prefix('p')?.split_once('t') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (text.strip_prefix('p')?, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let mut total = Duration::ZERO;
    if !days.is_empty() {
        total = seconds(days.strip_suffix('d')?, 86_400)?;
    }
    let mut rest = time;
    for (unit, length) in [('h', 3_600), ('m', 60)] {
        if let Some((number, behind)) = rest.split_once(unit) {
            total = total.checked_add(seconds(number, length)?)?;
            rest = behind;
        }
    }
    if !rest.is_empty() {
        let number = rest.strip_suffix('s')?;
        let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
        if fraction.len() > 9 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let nanos = format!("{fraction:0<9}").parse().ok()?;
        total = total.checked_add(seconds(whole, 1)?)?.checked_add(Duration::from_nanos(nanos))?;
    }
    Some(total)
}

/// A whole number of units of so many seconds each.
fn seconds(number: &str, each: u64) -> Option<Duration> {
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    let number: u64 = is_number.then(|| number.parse().ok())??;
    Some(Duration::from_secs(number.checked_mul(each)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_java_reads_them() {
        for (text, ms) in [
            ("P1D", 86_400_000),
            ("PT1H", 3_600_000),
            ("PT15M", 900_000),
            ("PT20.345S", 20_345),
            ("P2DT3H4M5S", 183_845_000),
            ("pt0s", 0),
        ] {
            let reset: OffsetReset = format!("by_duration:{text}").parse().unwrap();
            assert_eq!(reset, OffsetReset::ByDuration(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "P", "PT", "P1DT", "1D", "PT1D", "P1H", "PT-1S", "PT1M1H", "PT1.0000000001S", "PTS"]
        {
            assert!(format!("by_duration:{text}").parse::<OffsetReset>().is_err(), "{text}");
        }
        assert!("sometime".parse::<OffsetReset>().is_err());
    }
}
