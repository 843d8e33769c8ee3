//! Dates, times and durations as they are typed and shown.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A moment: a fixed one, or so long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Unix milliseconds.
    At(i64),
    /// So long before the command started.
    Ago(Back),
}

impl Moment {
    /// It in Unix milliseconds, if it is `now`.
    pub(crate) fn at(self, now: i64) -> i64 {
        match self {
            Self::At(ms) => ms,
            Self::Ago(back) => back.before(now),
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(back) = text.strip_prefix('-') {
            return back.parse().map(Self::Ago);
        }
        if let Ok(ms) = text.parse::<i64>() {
            return Ok(Self::At(ms));
        }
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(Self::At(timestamp.as_millisecond()));
        }
        // Without a zone it is UTC, as Kafka's tools have it.
        let civil = text.parse::<DateTime>().ok().and_then(|civil| civil.to_zoned(TimeZone::UTC).ok());
        let unknown =
            || "expected a date and time such as 2026-11-22T06:00:00Z, or Unix milliseconds".to_owned();
        civil.map(|zoned| Self::At(zoned.timestamp().as_millisecond())).ok_or_else(unknown)
    }
}

/// Unix milliseconds of now.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A span of time before something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Back(Duration);

impl Back {
    /// How long it is.
    pub(crate) fn duration(self) -> Duration {
        self.0
    }

    /// The moment this long before `now`, in Unix milliseconds.
    pub(crate) fn before(self, now: i64) -> i64 {
        i64::try_from(self.0.as_millis()).map_or(0, |back| now.saturating_sub(back).max(0))
    }
}

impl FromStr for Back {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || "expected a duration such as P1DT2H, PT90M, 90m or 1h 30m".to_owned();
        let span: Span = text.parse().map_err(|_| unknown())?;
        let exact = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| unknown())?;
        Duration::try_from(exact).map(Self).map_err(|_| unknown())
    }
}

/// Unix milliseconds as date and time, in UTC; the number itself where there is no such date.
pub(crate) fn shown(ms: i64) -> String {
    match Timestamp::from_duration(SignedDuration::from_millis(ms)) {
        Ok(timestamp) => format!("{timestamp:.3}"),
        Err(_) => ms.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_a_zone_are_utc() {
        let at = |text: &str| text.parse::<Moment>().unwrap().at(0);
        assert_eq!(at("1970-01-02T00:00:00"), 86_400_000);
        assert_eq!(at("1970-01-02T00:00:00.250Z"), 86_400_250);
        assert_eq!(at("1970-01-02T01:00:00+01:00"), 86_400_000);
        assert_eq!(at("1970-01-02"), 86_400_000);
        assert_eq!(at("12"), 12);
        assert!("yesterday".parse::<Moment>().is_err());
    }

    #[test]
    fn durations_go_back_from_now_and_not_beyond_the_first_moment() {
        let ago = |text: &str| text.parse::<Moment>().unwrap().at(90_000_000);
        assert_eq!(ago("-P1D"), 3_600_000);
        assert_eq!(ago("-PT1M"), 89_940_000);
        assert_eq!(ago("-1h 30m"), 84_600_000);
        assert_eq!(ago("-500ms"), 89_999_500);
        assert_eq!(ago("-30d"), 0);
        assert!("-1h".parse::<Back>().is_err(), "a duration is not negative");
    }

    #[test]
    fn a_moment_is_shown_as_it_may_be_typed() {
        assert_eq!(shown(86_400_250), "1970-01-02T00:00:00.250Z");
        assert_eq!(shown(i64::MAX), i64::MAX.to_string());
    }
}
