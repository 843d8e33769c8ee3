//! The codecs of batch bodies, behind one face.

use alloc::vec::Vec;

use super::{BatchError, BuildError, Compression};

/// Appends `records`, packed, to `out`.
pub(super) fn pack(
    codec: Compression,
    _level: Option<i32>,
    _records: &[u8],
    _out: &mut Vec<u8>,
) -> Result<(), BuildError> {
    Err(BuildError::CodecNotEnabled { codec })
}

/// Unpacks a whole body, which must not come out larger than `limit`.
pub(super) fn unpack(codec: Compression, _body: &[u8], _limit: usize) -> Result<Vec<u8>, BatchError> {
    Err(BatchError::CodecNotEnabled { codec })
}
