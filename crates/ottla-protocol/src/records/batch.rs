//! One whole batch as received or stored, and the records in it.

use alloc::string::ToString;

use bytes::Bytes;

use super::{
    BATCH_HEADER_LEN, BatchError, BatchHeader, BuildError, Compression, RecordIter, builder::write_header,
    codec, crc32c, header,
};
use crate::wire::DecodeLimits;

/// One whole batch of format v2: the bytes as they came, and the fields of their header.
///
/// A `Batch` has a header that could be read and as many bytes as that header says. Nothing else
/// is known to be right: see [`Batch::crc_is_valid`] and `validate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    bytes: Bytes,
    header: BatchHeader,
}

impl Batch {
    /// The batch that is all of `bytes`.
    ///
    /// # Errors
    /// Those of [`BatchHeader::parse`], and [`BatchError::SizeMismatch`] when the header speaks of
    /// another number of bytes.
    pub fn parse(bytes: Bytes) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(&bytes)?;
        if header.size() != bytes.len() {
            return Err(BatchError::SizeMismatch { size: header.size(), actual: bytes.len() });
        }
        Ok(Self { bytes, header })
    }

    /// Cuts the first of several glued batches off `bytes`, nothing copied.
    ///
    /// `None` means that no whole batch is there: `bytes` is empty, or its end is cut off in the
    /// middle of a batch, as a fetch response may well be. `bytes` then stays as it is.
    ///
    /// # Errors
    /// Those of [`BatchHeader::parse`], the one for too few bytes aside.
    pub fn split_first(bytes: &mut Bytes) -> Result<Option<Self>, BatchError> {
        let header = match BatchHeader::parse(bytes) {
            Ok(header) => header,
            Err(BatchError::Truncated { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if header.size() > bytes.len() {
            return Ok(None);
        }
        Ok(Some(Self { bytes: bytes.split_to(header.size()), header }))
    }

    /// The fields of the header.
    pub const fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The bytes of the whole batch.
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The bytes of the whole batch, the view of them given up.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// The bytes behind the header: the records, packed as the attributes say.
    pub fn body(&self) -> Bytes {
        self.bytes.slice(BATCH_HEADER_LEN..)
    }

    /// What the checksum of these bytes is.
    pub fn computed_crc(&self) -> u32 {
        crc32c(&self.bytes[header::ATTRIBUTES_AT..])
    }

    /// Whether the checksum in the header is that of the bytes.
    pub fn crc_is_valid(&self) -> bool {
        self.computed_crc() == self.header.crc
    }

    /// The same batch in another codec: the same records, offsets, timestamps, sequences and producer, under a checksum
    /// of its own. `level` is the codec's own, its default unless given; `limit` bounds the records unpacked.
    ///
    /// # Errors
    /// [`BatchError::CrcMismatch`]: a broken batch must not get a checksum that says otherwise. Else those of
    /// [`records`](Self::records), also for the new codec.
    pub fn with_codec(
        &self,
        codec: Compression,
        level: Option<i32>,
        limit: usize,
    ) -> Result<Self, BatchError> {
        let computed = self.computed_crc();
        if computed != self.header.crc {
            return Err(BatchError::CrcMismatch { stored: self.header.crc, computed });
        }
        let before = self.header.attributes.compression()?;
        let records = codec::unpack(before, &self.bytes[BATCH_HEADER_LEN..], limit)?;
        let mut bytes = alloc::vec![0; BATCH_HEADER_LEN];
        let failed = |error: BuildError| match error {
            BuildError::CodecNotEnabled { codec } => BatchError::CodecNotEnabled { codec },
            error => BatchError::CorruptCompression { codec, reason: error.to_string().into() },
        };
        codec::pack(codec, level, &records, &mut bytes).map_err(failed)?;
        let attributes = self.header.attributes.with_compression(codec);
        write_header(BatchHeader { attributes, ..self.header }, &mut bytes).map_err(failed)?;
        Self::parse(bytes.into())
    }

    /// The records, unpacked when they are compressed and otherwise where they lie.
    ///
    /// The checksum is not looked at.
    ///
    /// # Errors
    /// [`BatchError::UnknownCompression`] and [`BatchError::CodecNotEnabled`] where the codec is not
    /// known or not in this build, [`BatchError::CorruptCompression`] and
    /// [`BatchError::DecompressedTooLarge`] where unpacking fails. Uncompressed batches never fail.
    pub fn records(&self, limits: &DecodeLimits) -> Result<BatchRecords, BatchError> {
        let data = match self.header.attributes.compression()? {
            Compression::None => self.body(),
            codec => {
                codec::unpack(codec, &self.bytes[BATCH_HEADER_LEN..], limits.decompressed_bytes_max)?.into()
            }
        };
        Ok(BatchRecords { data, header: self.header })
    }
}

/// The unpacked records of one batch, to be walked as often as one likes.
///
/// Records borrow from these bytes; `bytes().slice_ref(key)` makes an owned slice of one, at no copy.
#[derive(Clone, Debug)]
pub struct BatchRecords {
    data: Bytes,
    header: BatchHeader,
}

impl BatchRecords {
    /// The header of the batch that these records are from.
    pub const fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The records' bytes, one behind the other.
    pub const fn bytes(&self) -> &Bytes {
        &self.data
    }

    /// Walks the records.
    pub fn iter(&self) -> RecordIter<'_> {
        RecordIter::new(&self.header, &self.data)
    }
}

impl<'a> IntoIterator for &'a BatchRecords {
    type Item = <RecordIter<'a> as Iterator>::Item;
    type IntoIter = RecordIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
