//! Whole writes and reads out of system calls that may do less than they were asked for.
//!
//! Both disks go through here: what the simulated one makes of a call that takes a part or is
//! interrupted is what the real one makes of it.

use std::io::{self, IoSlice};

use crate::planted;

/// The most parts that one `pwritev` takes (`IOV_MAX` on every Unix that is used).
const WRITE_PARTS_MAX: usize = 1024;

/// Writes all parts, however often `write` takes only some of the bytes or is interrupted.
pub(super) fn write_whole(
    parts: &[IoSlice<'_>],
    mut offset: u64,
    mut write: impl FnMut(&[IoSlice<'_>], u64) -> io::Result<usize>,
) -> io::Result<()> {
    let mut write_some = |parts: &[IoSlice<'_>], offset| loop {
        match write(parts, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    };
    for parts in parts.chunks(WRITE_PARTS_MAX) {
        let total: usize = parts.iter().map(|part| part.len()).sum();
        if total == 0 {
            continue;
        }
        let mut written = write_some(parts, offset)?;
        if written < total && !planted::is("short_write") {
            // Rare: a disk that is nearly full, or more than 2 GiB.
            let mut rest = parts.to_vec();
            let mut rest = &mut rest[..];
            let mut advance = written;
            while written < total {
                IoSlice::advance_slices(&mut rest, advance);
                advance = write_some(rest, offset + written as u64)?;
                written += advance;
            }
        }
        offset += total as u64;
    }
    Ok(())
}

/// Fills `buf` from its first `filled` bytes on, until it is full or the file ends; says how far.
pub(super) fn read_whole(
    buf: &mut [u8],
    mut filled: usize,
    offset: u64,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<usize> {
    while filled < buf.len() {
        match read(&mut buf[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes turns at being interrupted and doing a little.
    struct Grudging {
        bytes: Vec<u8>,
        calls: usize,
    }

    impl Grudging {
        fn turn(&mut self) -> io::Result<usize> {
            self.calls += 1;
            match self.calls % 3 {
                0 => Err(io::ErrorKind::Interrupted.into()),
                turn => Ok(turn * 2),
            }
        }

        fn write(&mut self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
            assert!(parts.len() <= WRITE_PARTS_MAX);
            assert_eq!(offset, self.bytes.len() as u64);
            let turn = self.turn()?;
            let before = self.bytes.len();
            self.bytes.extend(parts.iter().flat_map(|part| part.iter().copied()).take(turn));
            Ok(self.bytes.len() - before)
        }

        fn read(&mut self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            let at = usize::try_from(offset).unwrap();
            let len = self.turn()?.min(buf.len()).min(self.bytes.len() - at);
            buf[..len].copy_from_slice(&self.bytes[at..at + len]);
            Ok(len)
        }
    }

    #[test]
    fn a_write_is_whole_however_little_the_system_takes_at_a_time() {
        let numbers: Vec<Vec<u8>> = (0..3_000_u32).map(|n| n.to_string().into_bytes()).collect();
        let parts: Vec<IoSlice<'_>> = numbers.iter().map(|number| IoSlice::new(number)).collect();
        let mut system = Grudging { bytes: Vec::new(), calls: 0 };
        write_whole(&parts, 0, |parts, offset| system.write(parts, offset)).unwrap();
        assert_eq!(system.bytes, numbers.concat());
        write_whole(&[IoSlice::new(b""), IoSlice::new(b"")], 7, |_, _| panic!("nothing to write")).unwrap();
    }

    #[test]
    fn a_system_that_takes_nothing_is_an_error_and_not_an_endless_loop() {
        let error = write_whole(&[IoSlice::new(b"x")], 0, |_, _| Ok(0)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
        let error = write_whole(&[IoSlice::new(b"x")], 0, |_, _| Err(io::ErrorKind::StorageFull.into()));
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_read_is_whole_however_little_the_system_gives_at_a_time() {
        let mut system = Grudging { bytes: (0..=255).collect(), calls: 0 };
        let mut buf = vec![0; 300];
        buf[..2].copy_from_slice(b"ab");
        let filled = read_whole(&mut buf, 2, 8, |buf, offset| system.read(buf, offset)).unwrap();
        assert_eq!(filled, 248, "where the file ends");
        assert_eq!(buf[..2], *b"ab");
        assert_eq!(buf[2..248], (10..=255).collect::<Vec<u8>>());
    }
}
