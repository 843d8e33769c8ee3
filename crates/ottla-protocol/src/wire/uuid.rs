//! Kafka's 16-byte ids and their text form.

use core::fmt;
use core::str::FromStr;

/// A 16-byte id, such as that of a topic (KIP-516).
///
/// Its text form is Kafka's: 22 characters of url-safe base64 without padding.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Characters of the text form: 128 bits, six a character.
const TEXT_LEN: usize = 22;

impl Uuid {
    /// The id that stands for "none".
    pub const ZERO: Self = Self([0; 16]);

    /// Whether this is the id that stands for "none".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// The bytes, as on the wire.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The id of the bytes of this number, first byte highest.
    #[must_use]
    pub const fn from_u128(value: u128) -> Self {
        Self(value.to_be_bytes())
    }

    /// The id as a number, first byte highest.
    #[must_use]
    pub const fn as_u128(&self) -> u128 {
        u128::from_be_bytes(self.0)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.as_u128();
        let mut text = [0u8; TEXT_LEN];
        for (index, out) in text.iter_mut().enumerate() {
            // The last character holds the two bits that are left, filled up with zeros.
            let six = match 122usize.checked_sub(index * 6) {
                Some(shift) => (bits >> shift) & 63,
                None => (bits << 4) & 63,
            };
            *out = ALPHABET[usize::try_from(six).unwrap_or(0) & 63];
        }
        f.pad(core::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uuid({self})")
    }
}

/// A text that is no id: not 22 characters of url-safe base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a Kafka id: 22 characters of A-Z, a-z, 0-9, - and _ are needed")]
pub struct ParseUuidError;

impl FromStr for Uuid {
    type Err = ParseUuidError;

    fn from_str(text: &str) -> Result<Self, ParseUuidError> {
        if text.len() != TEXT_LEN {
            return Err(ParseUuidError);
        }
        let mut bits: u128 = 0;
        for (index, character) in text.bytes().enumerate() {
            let six: u128 = match character {
                b'A'..=b'Z' => u128::from(character - b'A'),
                b'a'..=b'z' => u128::from(character - b'a') + 26,
                b'0'..=b'9' => u128::from(character - b'0') + 52,
                b'-' => 62,
                b'_' => 63,
                _ => return Err(ParseUuidError),
            };
            bits |= match 122usize.checked_sub(index * 6) {
                Some(shift) => six << shift,
                None if six & 15 == 0 => six >> 4,
                None => return Err(ParseUuidError), // bits that no id has
            };
        }
        Ok(Self::from_u128(bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn text_is_that_of_kafka() {
        // org.apache.kafka.common.Uuid.ONE_UUID and METADATA_TOPIC_ID of Kafka.
        assert_eq!(Uuid::from_u128(1).to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!(Uuid::ZERO.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(Uuid::from_u128(u128::MAX).to_string(), "_____________________w");
    }

    #[test]
    fn text_is_read_back() {
        for bits in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0f1e_2d3c_4b5a_6978] {
            let id = Uuid::from_u128(bits);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA+A", "AAAAAAAAAAAAAAAAAAAAAB"] {
            assert_eq!(text.parse::<Uuid>(), Err(ParseUuidError), "{text}");
        }
    }
}
