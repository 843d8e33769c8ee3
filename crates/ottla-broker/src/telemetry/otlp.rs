//! Measured values out of `MetricsData` of OTLP v1: as much of Protocol Buffers as that takes.
//!
//! Borrowed from the payload, and bounded by it; fields that are not known are skipped, as the format has it.

/// One measured value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Point<'a> {
    /// The name of the metric, such as `org.apache.kafka.producer.record.send.total`.
    pub name: &'a str,
    /// Its unit, where the client names one.
    pub unit: &'a str,
    /// How values of this metric follow each other.
    pub kind: PointKind,
    /// What the value is about, such as a node or a topic. Only texts, which are all that Kafka's clients have.
    pub attributes: Vec<(&'a str, &'a str)>,
    /// When it began to be counted, in nanoseconds since the epoch of Unix; 0 where that is not said.
    pub start_unix_nanos: u64,
    /// When it was measured, likewise.
    pub unix_nanos: u64,
    /// The value.
    pub value: Number,
}

/// How values of a metric follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PointKind {
    /// Each stands for itself.
    Gauge,
    /// They add up.
    Sum {
        /// Whether each is what came on top of the one before, and not the whole since the start.
        is_delta: bool,
        /// Whether they only ever grow.
        is_monotonic: bool,
    },
}

/// A measured number.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Number {
    /// A whole one.
    Int(i64),
    /// Any other.
    Double(f64),
}

impl Number {
    /// The number as a floating point one, which need not be exact.
    #[expect(clippy::cast_precision_loss, reason = "who asks for it takes it")]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Double(value) => value,
        }
    }
}

/// The metrics that a client pushed are not OTLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("metrics are malformed: {0}")]
pub struct MalformedMetrics(&'static str);

/// Values of one push that are read.
const POINTS_MAX: usize = 100_000;

/// All values of gauges and sums.
pub(super) fn points(payload: &[u8]) -> Result<Vec<Point<'_>>, MalformedMetrics> {
    let mut points = Vec::new();
    for resource in messages(payload, 1) {
        for scope in messages(resource?, 2) {
            for metric in messages(scope?, 2) {
                read_metric(metric?, &mut points)?;
            }
        }
    }
    Ok(points)
}

fn read_metric<'a>(metric: &'a [u8], points: &mut Vec<Point<'a>>) -> Result<(), MalformedMetrics> {
    let (mut name, mut unit) = ("", "");
    for field in Fields(metric) {
        match field? {
            (1, Wire::Bytes(bytes)) => name = text(bytes)?,
            (3, Wire::Bytes(bytes)) => unit = text(bytes)?,
            _ => {}
        }
    }
    for field in Fields(metric) {
        let (kind, data) = match field? {
            (5, Wire::Bytes(data)) => (PointKind::Gauge, data),
            (7, Wire::Bytes(data)) => (sum(data)?, data),
            _ => continue,
        };
        for point in messages(data, 1) {
            if points.len() == POINTS_MAX {
                return Err(MalformedMetrics("more than 100,000 values"));
            }
            if let Some(point) = read_point(name, unit, kind, point?)? {
                points.push(point);
            }
        }
    }
    Ok(())
}

fn sum(data: &[u8]) -> Result<PointKind, MalformedMetrics> {
    const DELTA: u64 = 1;
    let (mut is_delta, mut is_monotonic) = (false, false);
    for field in Fields(data) {
        match field? {
            (2, Wire::Varint(temporality)) => is_delta = temporality == DELTA,
            (3, Wire::Varint(flag)) => is_monotonic = flag != 0,
            _ => {}
        }
    }
    Ok(PointKind::Sum { is_delta, is_monotonic })
}

/// A value; `None` for one that was not measured.
fn read_point<'a>(
    name: &'a str,
    unit: &'a str,
    kind: PointKind,
    point: &'a [u8],
) -> Result<Option<Point<'a>>, MalformedMetrics> {
    let mut attributes = Vec::new();
    let (mut start_unix_nanos, mut unix_nanos, mut value) = (0, 0, None);
    for field in Fields(point) {
        match field? {
            (2, Wire::Fixed64(nanos)) => start_unix_nanos = nanos,
            (3, Wire::Fixed64(nanos)) => unix_nanos = nanos,
            (4, Wire::Fixed64(bits)) => value = Some(Number::Double(f64::from_bits(bits))),
            (6, Wire::Fixed64(bits)) => value = Some(Number::Int(bits.cast_signed())),
            (7, Wire::Bytes(pair)) => attributes.extend(attribute(pair)?),
            _ => {}
        }
    }
    Ok(value.map(|value| Point { name, unit, kind, attributes, start_unix_nanos, unix_nanos, value }))
}

fn attribute(pair: &[u8]) -> Result<Option<(&str, &str)>, MalformedMetrics> {
    let (mut key, mut value) = ("", None);
    for field in Fields(pair) {
        match field? {
            (1, Wire::Bytes(bytes)) => key = text(bytes)?,
            (2, Wire::Bytes(any)) => {
                for field in Fields(any) {
                    if let (1, Wire::Bytes(bytes)) = field? {
                        value = Some(text(bytes)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(value.map(|value| (key, value)))
}

fn text(bytes: &[u8]) -> Result<&str, MalformedMetrics> {
    std::str::from_utf8(bytes).map_err(|_| MalformedMetrics("a text is not UTF-8"))
}

/// The messages in one field of another.
fn messages(message: &[u8], number: u64) -> impl Iterator<Item = Result<&[u8], MalformedMetrics>> {
    Fields(message).filter_map(move |field| match field {
        Ok((found, Wire::Bytes(bytes))) if found == number => Some(Ok(bytes)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    })
}

/// The value of a field, as the format writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wire<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32,
}

/// The fields of a message, with their numbers. After an error there are none.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Wire<'a>), MalformedMetrics>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn read(&mut self) -> Result<(u64, Wire<'a>), MalformedMetrics> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => {
                let bytes = self.take(8)?.try_into().map_err(|_| MalformedMetrics("a number ends early"))?;
                Wire::Fixed64(u64::from_le_bytes(bytes))
            }
            2 => {
                let length = self.varint()?;
                let length =
                    usize::try_from(length).map_err(|_| MalformedMetrics("a length is no length"))?;
                Wire::Bytes(self.take(length)?)
            }
            5 => {
                self.take(4)?;
                Wire::Fixed32
            }
            _ => return Err(MalformedMetrics("a field is of a type that there is not")),
        };
        Ok((tag >> 3, value))
    }

    fn varint(&mut self) -> Result<u64, MalformedMetrics> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(MalformedMetrics("a number ends early"))?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(MalformedMetrics("a number has more than ten bytes"))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], MalformedMetrics> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(MalformedMetrics("a field ends early"))?;
        self.0 = rest;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tagged(number: u8, wire: u8) -> Vec<u8> {
        vec![number << 3 | wire]
    }

    fn bytes(number: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        [tagged(number, 2), vec![length], content.to_vec()].concat()
    }

    fn fixed(number: u8, value: u64) -> Vec<u8> {
        [tagged(number, 1), value.to_le_bytes().to_vec()].concat()
    }

    fn attribute(key: &str, value: &str) -> Vec<u8> {
        bytes(7, &[bytes(1, key.as_bytes()), bytes(2, &bytes(1, value.as_bytes()))].concat())
    }

    fn data(metrics: &[Vec<u8>]) -> Vec<u8> {
        let metrics: Vec<u8> = metrics.iter().flat_map(|metric| bytes(2, metric)).collect();
        bytes(1, &bytes(2, &metrics))
    }

    fn sample() -> Vec<u8> {
        let gauge = [fixed(3, 20), fixed(4, 1.5f64.to_bits()), attribute("node", "1")].concat();
        let gauge = [bytes(1, b"a.gauge"), bytes(5, &bytes(1, &gauge))].concat();
        let sum = [fixed(2, 10), fixed(3, 20), fixed(6, (-3i64).cast_unsigned())].concat();
        let sum = [bytes(1, &sum), tagged(2, 0), vec![1], tagged(3, 0), vec![1]].concat();
        let sum = [bytes(7, &sum), bytes(3, b"ms"), bytes(1, b"a.sum")].concat();
        let histogram = [bytes(1, b"a.histogram"), bytes(9, &bytes(1, &fixed(3, 7)))].concat();
        data(&[gauge, sum, histogram])
    }

    #[test]
    fn gauges_and_sums_are_read_and_other_kinds_skipped() {
        let sample = sample();
        let points = points(&sample).unwrap();
        let gauge = Point {
            name: "a.gauge",
            unit: "",
            kind: PointKind::Gauge,
            attributes: vec![("node", "1")],
            start_unix_nanos: 0,
            unix_nanos: 20,
            value: Number::Double(1.5),
        };
        let sum = Point {
            name: "a.sum",
            unit: "ms",
            kind: PointKind::Sum { is_delta: true, is_monotonic: true },
            attributes: vec![],
            start_unix_nanos: 10,
            unix_nanos: 20,
            value: Number::Int(-3),
        };
        assert_eq!(points, [gauge, sum]);
        assert!((points[1].value.to_f64() + 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_cut_short_is_malformed_and_nothing_is_no_metrics() {
        assert_eq!(points(&[]), Ok(vec![]));
        let sample = sample();
        for end in 1..sample.len() {
            assert!(points(&sample[..end]).is_err(), "{end} of {}", sample.len());
        }
        assert!(points(&[0xff; 11]).is_err());
        assert!(points(&bytes(1, &bytes(2, &bytes(2, &bytes(1, &[0xff]))))).is_err(), "a name of no text");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(payload: Vec<u8>) {
            let _ = points(&payload);
        }

        #[test]
        fn a_changed_byte_is_read_or_refused(place in 0usize..100, byte: u8) {
            let mut sample = sample();
            let place = place % sample.len();
            sample[place] = byte;
            let _ = points(&sample);
        }
    }
}
