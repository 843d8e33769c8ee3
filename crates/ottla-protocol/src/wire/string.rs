//! A string that is a slice of the frame it came in.

use alloc::string::String;
use core::borrow::Borrow;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;
use core::str::Utf8Error;

use bytes::Bytes;

/// A UTF-8 string that shares the memory of the frame it was read from: cloning copies no bytes.
///
/// It compares, orders and hashes as the `str` it derefs to. Holding one keeps the whole frame in memory; what
/// outlives a request should be copied, with `as_str().to_owned()`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Str(Bytes);

impl Str {
    /// The empty string.
    pub const EMPTY: Self = Self(Bytes::new());

    /// A string that lives as long as the program, with nothing allocated.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self(Bytes::from_static(text.as_bytes()))
    }

    /// Checks that the bytes are UTF-8 and takes them as they are.
    ///
    /// # Errors
    /// The position of the first byte that is not UTF-8.
    pub fn from_utf8(bytes: Bytes) -> Result<Self, Utf8Error> {
        core::str::from_utf8(&bytes)?;
        Ok(Self(bytes))
    }

    /// The string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Every constructor checked, and checking again costs less than a line of unsafe would.
        core::str::from_utf8(&self.0).expect("a Str is checked when it is made")
    }

    /// The bytes of the string; costs nothing, unlike [`as_str`](Self::as_str), which checks them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The shared bytes themselves.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Deref for Str {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state); // as `str` does, because of `Borrow<str>`
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self(Bytes::from(text.into_bytes()))
    }
}

impl From<&String> for Str {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Str> for String {
    fn from(text: Str) -> Self {
        Self::from(text.as_str())
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<String> for Str {
    fn eq(&self, other: &String) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<Str> for str {
    fn eq(&self, other: &Str) -> bool {
        other == self
    }
}

impl PartialEq<Str> for &str {
    fn eq(&self, other: &Str) -> bool {
        other == *self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_string_shares_the_bytes_it_was_made_of() {
        let frame = Bytes::from(alloc::vec![b'o', b'r', b'd', b'e', b'r', b's']);
        let name = Str::from_utf8(frame.slice(0..6)).unwrap();
        assert_eq!(name.as_bytes().as_ptr(), frame.as_ptr());
        assert_eq!(name, "orders");
        assert_eq!(name.to_string(), "orders");
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_refused_with_their_position() {
        let refused = Str::from_utf8(Bytes::from_static(&[b'a', 0xff])).unwrap_err();
        assert_eq!(refused.valid_up_to(), 1);
    }

    #[test]
    fn order_is_that_of_str() {
        let mut names = [Str::from("b"), Str::from("ab"), Str::from("")];
        names.sort();
        assert_eq!(names, ["", "ab", "b"]);
    }
}
