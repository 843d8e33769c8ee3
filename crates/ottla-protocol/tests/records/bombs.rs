//! Bodies that unpack to far more than they are, or say that they do.

use ottla_protocol::records::{
    Attributes, Batch, BatchBuilder, BatchError, BatchHeader, BatchOptions, Compression, ValidateRules,
    crc32c, validate,
};
use ottla_protocol::wire::DecodeLimits;

const MIB: usize = 1 << 20;

fn limits() -> DecodeLimits {
    DecodeLimits::DEFAULT.with_decompressed_bytes_max(MIB)
}

fn codecs() -> impl Iterator<Item = Compression> {
    Compression::ALL.into_iter().filter(|codec| codec.is_enabled() && *codec != Compression::None)
}

/// A batch of one record around this body, with the right checksum.
fn batch(codec: Compression, body: &[u8]) -> Batch {
    let header = BatchHeader {
        attributes: Attributes::default().with_compression(codec),
        batch_length: i32::try_from(49 + body.len()).expect("bodies here are short"),
        records_count: 1,
        ..BatchHeader::default()
    };
    let mut bytes = [&header.to_bytes()[..], body].concat();
    let crc = crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    Batch::parse(bytes.into()).expect("the header is ours")
}

fn refused(batch: &Batch) -> BatchError {
    let rules = ValidateRules::default().with_limits(limits());
    let invalid = validate(batch, &rules).expect_err("it is a bomb");
    let error = batch.records(&limits()).expect_err("it is a bomb");
    assert!(matches!(invalid.error_code().0, 10 | -1), "{invalid}");
    error
}

#[test]
fn real_bombs_stop_at_the_ceiling() {
    for codec in codecs() {
        let options = BatchOptions::default().with_compression(codec, None).with_limits(64 * MIB, 64 * MIB);
        let mut builder = BatchBuilder::new(options);
        builder.try_append(0, None, Some(&vec![0; 32 * MIB]), &[]).expect("there is room");
        let bomb = Batch::parse(builder.build().expect("zeros are packed")).expect("the batch is ours");
        assert!(bomb.bytes().len() < 2 * MIB, "{codec}");
        let rules = ValidateRules::default().with_limits(limits()).with_message_bytes_max(usize::MAX);
        assert_eq!(validate(&bomb, &rules).expect_err("it is a bomb").error_code().0, 10, "{codec}");
        assert_eq!(
            bomb.records(&limits()).expect_err("it is a bomb"),
            BatchError::DecompressedTooLarge { codec, limit: MIB }
        );
    }
}

#[test]
fn output_up_to_the_ceiling_is_let_through() {
    for codec in codecs() {
        let options = BatchOptions::default().with_compression(codec, None).with_limits(4 * MIB, 4 * MIB);
        let mut builder = BatchBuilder::new(options);
        builder.try_append(0, None, Some(&vec![7; MIB - 100]), &[]).expect("there is room");
        let len = builder.uncompressed_len() - 61;
        let batch = Batch::parse(builder.build().expect("it is packed")).expect("the batch is ours");
        assert!(batch.records(&limits().with_decompressed_bytes_max(len)).is_ok(), "{codec}");
        assert_eq!(
            batch.records(&limits().with_decompressed_bytes_max(len - 1)).map(drop),
            Err(BatchError::DecompressedTooLarge { codec, limit: len - 1 })
        );
    }
}

#[test]
fn snappy_that_claims_gigabytes_is_not_believed() {
    if !Compression::Snappy.is_enabled() {
        return;
    }
    let claims = |block: &[u8]| {
        let mut body = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01".to_vec();
        body.extend_from_slice(&u32::try_from(block.len()).expect("short").to_be_bytes());
        body.extend_from_slice(block);
        body
    };
    for body in [
        claims(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]), // four GiB in six bytes, framed
        vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0x00],      // and bare
        b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\x7f\xff\xff\xff\x00".to_vec(), // a block of two GiB
        b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\xff\xff\xff\xff\x00".to_vec(), // a negative one
        b"\x82SNAPPY\0\0\0".to_vec(),                  // half a header
    ] {
        assert!(matches!(refused(&batch(Compression::Snappy, &body)), BatchError::CorruptCompression { .. }));
    }
}

#[test]
fn lz4_that_claims_gigabytes_is_not_believed() {
    if !Compression::Lz4.is_enabled() {
        return;
    }
    // A content size of 2^63 with the header checksum wrong or right, a block beyond its limit, a block beyond the end.
    for body in [
        &b"\x04\x22\x4d\x18\x68\x70\xff\xff\xff\xff\xff\xff\xff\x7f\x00\x01\x00\x00\x00\x00"[..],
        b"\x04\x22\x4d\x18\x60\x40\x82\xff\xff\xff\x7f\x00",
        b"\x04\x22\x4d\x18\x60\x40\x82\x00\x01\x00\x00\x00",
        b"\x04\x22\x4d\x18\x60\x40\x82",
        b"\x04\x22\x4d\x18\x40\x40\xc0\x00\x00\x00\x00",
    ] {
        assert!(matches!(refused(&batch(Compression::Lz4, body)), BatchError::CorruptCompression { .. }));
    }
}

#[test]
fn zstd_that_claims_terabytes_is_not_believed() {
    if !Compression::Zstd.is_enabled() {
        return;
    }
    // Frame headers: a content size of 2^62 in one segment, and a window beyond what the library takes.
    for body in [
        &b"\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x00\x00\x40\x01\x00\x00"[..],
        b"\x28\xb5\x2f\xfd\x00\xff\x01\x00\x00",
        b"\x28\xb5\x2f\xfd\x00",
    ] {
        assert!(matches!(refused(&batch(Compression::Zstd, body)), BatchError::CorruptCompression { .. }));
    }
}

#[test]
fn gzip_that_is_cut_off_or_lies_about_its_length_is_not_believed() {
    if !Compression::Gzip.is_enabled() {
        return;
    }
    let mut builder = BatchBuilder::new(BatchOptions::default().with_compression(Compression::Gzip, None));
    builder.try_append(0, None, Some(b"value"), &[]).expect("there is room");
    let good = Batch::parse(builder.build().expect("it is packed")).expect("the batch is ours").body();
    for len in 1..good.len() {
        let error = refused(&batch(Compression::Gzip, &good[..len]));
        assert!(matches!(error, BatchError::CorruptCompression { .. }), "{len}: {error}");
    }
    let mut lying = good.to_vec();
    *lying.last_mut().expect("it is not empty") = 0x7f;
    assert!(matches!(refused(&batch(Compression::Gzip, &lying)), BatchError::CorruptCompression { .. }));
}
