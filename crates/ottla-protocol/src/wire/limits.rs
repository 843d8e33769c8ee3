//! How much memory bytes from a peer may cost.

/// Bounds on what one decoded message, and the batches in it, may take.
///
/// The size of a frame is bounded where frames are cut, in [`FrameDecoder`](crate::frame::FrameDecoder).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeLimits {
    /// Memory that all array elements of one message may take, in bytes. Default 256 MiB.
    ///
    /// An element takes more memory than wire: an empty string is one byte there and 32 here. Without this bound
    /// a frame of 100 MiB could become gigabytes.
    pub elements_bytes_max: usize,
    /// What one compressed batch may decompress to, in bytes. Default 100 MiB.
    pub decompressed_bytes_max: usize,
}

impl DecodeLimits {
    /// The defaults.
    pub const DEFAULT: Self =
        Self { elements_bytes_max: 256 * 1024 * 1024, decompressed_bytes_max: 100 * 1024 * 1024 };

    /// Sets [`elements_bytes_max`](Self::elements_bytes_max).
    #[must_use]
    pub const fn with_elements_bytes_max(mut self, bytes: usize) -> Self {
        self.elements_bytes_max = bytes;
        self
    }

    /// Sets [`decompressed_bytes_max`](Self::decompressed_bytes_max).
    #[must_use]
    pub const fn with_decompressed_bytes_max(mut self, bytes: usize) -> Self {
        self.decompressed_bytes_max = bytes;
        self
    }
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
