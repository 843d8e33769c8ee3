//! The codec in which a topic wants its batches (`compression.type`), where it is not that of the producer.

use ottla_protocol::records::{Batch, Compression};
use ottla_protocol::wire::DecodeLimits;

use crate::config::TopicSettings;

/// The batch in the codec that the topic asks for. A batch that is too large already, is broken, or cannot be unpacked is
/// left as it is: the log, which looks at it next, says what is wrong.
pub(super) fn recompressed(batch: Batch, settings: &TopicSettings) -> Batch {
    let Some(codec) = settings.compression else { return batch };
    let is_so = batch.header().attributes.compression() == Ok(codec);
    let size_max = usize::try_from(settings.max_message_bytes).unwrap_or_default();
    if is_so || batch.bytes().len() > size_max {
        return batch;
    }
    let level = match codec {
        Compression::Gzip => settings.gzip_level,
        Compression::Zstd => Some(settings.zstd_level),
        _ => None,
    };
    batch.with_codec(codec, level, DecodeLimits::default().decompressed_bytes_max).unwrap_or(batch)
}
