//! Whether a range of a file can be sent without waiting for its disk.
//!
//! `sendfile` has no way to say "not now": a range that is not in memory blocks the thread, and with
//! it every connection that the thread serves.

use std::io::IoSliceMut;
use std::os::fd::BorrowedFd;

use rustix::io::{Errno, ReadWriteFlags, preadv2};

/// Whether the first and the last byte of a range are in memory, and so probably all between.
///
/// Where the file system cannot tell, the answer is yes.
pub(crate) fn holds(file: BorrowedFd<'_>, offset: u64, len: usize) -> bool {
    let last = offset + (len as u64).saturating_sub(1);
    is_cached(file, offset) && is_cached(file, last)
}

fn is_cached(file: BorrowedFd<'_>, offset: u64) -> bool {
    let mut byte = [0];
    let read = preadv2(file, &mut [IoSliceMut::new(&mut byte)], offset, ReadWriteFlags::NOWAIT);
    read != Err(Errno::AGAIN)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn what_was_just_written_is_held_and_the_end_of_a_file_is_no_reason_to_wait() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[1; 100_000]).unwrap();
        assert!(holds(file.as_fd(), 0, 100_000));
        assert!(holds(file.as_fd(), 50_000, 100_000));
    }
}
