//! Where bytes to explain come from: a file, standard input, or digits on the command line.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::hex;
use crate::failure::Failure;

/// The longest text of hexadecimal digits that is read; all of it is held.
const TEXT_BYTES_MAX: usize = 256 << 20;

/// How much is looked at to tell text from other bytes.
const LOOK_BYTES: usize = 4 << 10;

/// Bytes to explain, of which the first may have been looked at.
pub(super) struct Source {
    head: Vec<u8>,
    rest: Box<dyn Read + Send>,
    path: Option<PathBuf>,
    /// How many bytes of the head were read already.
    taken: usize,
}

impl Source {
    /// Opens what the words of the command line say.
    pub(super) fn open(input: &[String]) -> Result<Self, Failure> {
        let of_reader = |rest, path| Ok(Self { head: Vec::new(), rest, path, taken: 0 });
        match input {
            [] => of_reader(Box::new(std::io::stdin()), None),
            [name] if name == "-" => of_reader(Box::new(std::io::stdin()), None),
            [name] if Path::new(name).exists() => {
                let path = PathBuf::from(name);
                let file = File::open(&path).and_then(|file| match file.metadata()?.is_dir() {
                    true => Err(std::io::ErrorKind::IsADirectory.into()),
                    false => Ok(file),
                });
                let file = file.map_err(|source| Failure::File { path: path.clone(), source })?;
                of_reader(Box::new(file), Some(path))
            }
            digits => {
                let text = digits.join(" ");
                let bytes = hex::parse(&text).map_err(|_| Failure::NeitherFileNorHex(text))?;
                Ok(Self::of_bytes(bytes, None))
            }
        }
    }

    /// Bytes that are all there.
    pub(super) fn of_bytes(bytes: Vec<u8>, path: Option<PathBuf>) -> Self {
        Self { head: bytes, rest: Box::new(std::io::empty()), path, taken: 0 }
    }

    /// The first bytes: as many as asked for, unless there are fewer.
    pub(super) fn look(&mut self, count: usize) -> Result<&[u8], Failure> {
        if let Some(missing) = count.checked_sub(self.head.len()) {
            let missing = u64::try_from(missing).unwrap_or(u64::MAX);
            let read = self.rest.by_ref().take(missing).read_to_end(&mut self.head);
            read.map_err(|source| failed(self.path.as_deref(), source))?;
        }
        Ok(&self.head[..count.min(self.head.len())])
    }

    /// All bytes, if there are no more than so many.
    pub(super) fn into_bytes(mut self, limit: usize) -> Result<Bytes, Failure> {
        if self.look(limit + 1)?.len() > limit {
            return Err(Failure::TooMuchToExplain { limit });
        }
        Ok(self.head.into())
    }

    /// What hexadecimal digits stand for, if the bytes are text; and otherwise the bytes.
    pub(super) fn undump(mut self) -> Result<Self, Failure> {
        let head = self.look(LOOK_BYTES)?;
        let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        if head.is_empty() || !head.iter().all(is_text) {
            return Ok(self);
        }
        let path = self.path.clone();
        let text = self.into_bytes(TEXT_BYTES_MAX)?;
        let bytes = hex::parse(&String::from_utf8_lossy(&text))?;
        Ok(Self::of_bytes(bytes, path))
    }

    /// The topic that a file belongs to: segments lie in a folder that is named by topic and partition.
    pub(super) fn topic(&self) -> Option<String> {
        let path = std::fs::canonicalize(self.path.as_deref()?).ok()?;
        let (topic, partition) = path.parent()?.file_name()?.to_str()?.rsplit_once('-')?;
        partition.parse::<u32>().ok().map(|_| topic.to_owned())
    }

    /// Reads on from the first byte that was not read so far: up to `count` bytes, fewer only at the end.
    pub(super) fn read_up_to(&mut self, count: usize) -> Result<Vec<u8>, Failure> {
        let ready = &self.head[self.taken..];
        let mut bytes = ready[..count.min(ready.len())].to_vec();
        self.taken += bytes.len();
        if self.taken == self.head.len() {
            (self.head, self.taken) = (Vec::new(), 0);
        }
        let missing = u64::try_from(count - bytes.len()).unwrap_or(u64::MAX);
        let read = self.rest.by_ref().take(missing).read_to_end(&mut bytes);
        read.map_err(|source| failed(self.path.as_deref(), source))?;
        Ok(bytes)
    }

    /// All bytes, one after the other.
    pub(super) fn into_reader(self) -> impl Read + Send {
        Cursor::new(self.head).chain(self.rest)
    }
}

fn failed(path: Option<&Path>, source: std::io::Error) -> Failure {
    match path {
        Some(path) => Failure::File { path: path.to_owned(), source },
        None => Failure::Input(source),
    }
}
