//! Bytes that are no frames, frames that are no requests, and requests cut and glued in odd places.

use bytes::BufMut;
use ottla::protocol::api::ApiKey;
use ottla::protocol::messages::api_versions::ApiVersionsRequest;

use super::making::{announced, frame, put_header, request, sized, written};
use super::reasons::{NULL_IS_MINUS_ONE, TAGS_RISE};
use super::{Case, Then};

const MIB: i32 = 1024 * 1024;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = sizes();
    cases.extend(strangers());
    cases.extend(headers());
    cases.extend(pieces());
    cases
}

fn sizes() -> Vec<Case> {
    let mut cases: Vec<Case> = (0..8_usize)
        .map(|size| {
            let zeros = announced(i32::try_from(size).unwrap_or(0), &[0; 8][..size]);
            Case::new(format!("a frame of {size} bytes"), "closed").raw(&zeros)
        })
        .collect();
    cases.extend([
        Case::new("a size of -1", "closed").raw(&announced(-1, &[])),
        Case::new("a size of i32::MIN", "closed").raw(&announced(i32::MIN, &[])),
        Case::new("a size of i32::MAX", "closed").raw(&announced(i32::MAX, &[])),
        Case::new("a size of 100 MiB and one byte", "closed").raw(&announced(100 * MIB + 1, &[])),
        Case::new("a size of 100 MiB, then silence", "silent")
            .raw(&announced(100 * MIB, &[]))
            .then(Then::Wait),
        Case::new("a size of 90 MiB, then silence", "silent").raw(&announced(90 * MIB, &[])).then(Then::Wait),
        Case::new("a size of 90 MiB and a header, then silence", "silent")
            .raw(&announced(90 * MIB, &written(|b| put_header(b, 3, 12, 7))))
            .then(Then::Wait),
        Case::new("half a size, then silence", "silent").raw(&[0, 0]).then(Then::Wait),
        Case::new("half a size, then the end", "closed").raw(&[0, 0]).then(Then::HangUp),
        Case::new("nothing, then the end", "closed").then(Then::HangUp),
        Case::new("half a request, then the end", "closed")
            .raw(&request(3, &ApiVersionsRequest::default())[..12])
            .then(Then::HangUp),
        Case::new("a request with one byte missing, then the end", "closed")
            .raw(&announced(100, &written(|b| put_header(b, 3, 12, 7))))
            .then(Then::HangUp),
    ]);
    cases
}

fn strangers() -> Vec<Case> {
    let hello = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0x5a, 0xa5, 0x17, 0x2b, 0x99];
    let noise: Vec<u8> =
        (0..4096_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0] ^ 0x5a).collect();
    vec![
        Case::new("an HTTP request", "closed").raw(b"GET / HTTP/1.1\r\nHost: kafka\r\n\r\n"),
        Case::new("an HTTP/2 preface", "closed").raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Case::new("a TLS ClientHello", "closed").raw(&hello),
        Case::new("an SSH banner", "closed").raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
        Case::new("noise", "closed").raw(&noise),
        Case::new("noise in a frame", "closed").raw(&sized(&noise)),
        Case::new("zeros", "closed").raw(&[0; 256]),
    ]
}

fn headers() -> Vec<Case> {
    let api_versions = |header: &dyn Fn(&mut Vec<u8>)| {
        sized(&written(|b| {
            b.put_i16(ApiKey::ApiVersions.to_i16());
            b.put_i16(0);
            b.put_i32(7);
            header(b);
        }))
    };
    let whole = |name: &str, expected, header: &dyn Fn(&mut Vec<u8>)| {
        Case::new(name, expected).whole(ApiKey::ApiVersions, 0, &api_versions(header))
    };
    let flexible = |name: &str, expected, tags: &[u8]| {
        let bytes = sized(&written(|b| {
            put_header(b, 18, 3, 7);
            b.put_slice(tags);
            b.put_slice(&[5, b't', b'e', b's', b't', 2, b'1', 0]);
        }));
        Case::new(name, expected).whole(ApiKey::ApiVersions, 3, &bytes)
    };
    vec![
        whole("a null client id", "NONE", &|b| b.put_i16(-1)),
        whole("an empty client id", "NONE", &|b| b.put_i16(0)),
        whole("a client id of 32,767 bytes", "NONE", &|b| {
            b.put_i16(i16::MAX);
            b.put_slice(&[b'c'; 32_767]);
        }),
        whole("a client id of -2 bytes", "closed", &|b| b.put_i16(-2)).kafka("NONE", NULL_IS_MINUS_ONE),
        whole("a client id longer than its frame", "closed", &|b| {
            b.put_i16(100);
            b.put_slice(b"short");
        }),
        whole("a client id that is not UTF-8", "NONE", &|b| {
            b.put_i16(3);
            b.put_slice(&[0xff, 0xfe, 0x80]);
        }),
        whole("a header without its client id", "closed", &|_| {}),
        flexible("a header with an unknown tag", "NONE", &[1, 9, 2, 0xaa, 0xbb]),
        flexible("a header with a tag longer than its frame", "closed", &[1, 9, 100, 0xaa]),
        flexible("a header with the same tag twice", "closed", &[2, 9, 1, 0xaa, 9, 1, 0xbb])
            .kafka("NONE", TAGS_RISE),
        flexible("a header with tags out of order", "closed", &[2, 9, 1, 0xaa, 3, 1, 0xbb])
            .kafka("NONE", TAGS_RISE),
        flexible("a header with 2^31-1 tags", "closed", &[0xff, 0xff, 0xff, 0xff, 0x07]),
        flexible("a header with a varint of ten bytes", "closed", &[0xff; 10]),
    ]
}

fn pieces() -> Vec<Case> {
    let sound = request(
        3,
        &ApiVersionsRequest::default().with_client_software_name("test").with_client_software_version("1"),
    );
    let glued = [&sound[..], &sound, &sound].concat();
    let then_noise = [&sound[..], &[0xff; 16]].concat();
    vec![
        Case::new("a request byte by byte", "NONE").whole(ApiKey::ApiVersions, 3, &sound).slowly(),
        Case::new("three requests glued together", "NONE; NONE; NONE")
            .whole(ApiKey::ApiVersions, 3, &[])
            .whole(ApiKey::ApiVersions, 3, &[])
            .whole(ApiKey::ApiVersions, 3, &glued),
        Case::new("three requests byte by byte", "NONE; NONE; NONE")
            .whole(ApiKey::ApiVersions, 3, &[])
            .whole(ApiKey::ApiVersions, 3, &[])
            .whole(ApiKey::ApiVersions, 3, &glued)
            .slowly(),
        Case::new("a request, then a negative size", "NONE; closed").whole(
            ApiKey::ApiVersions,
            3,
            &then_noise,
        ),
        Case::new("a request, then an unknown one", "NONE; closed").whole(
            ApiKey::ApiVersions,
            3,
            &[&sound[..], &frame(9_999, 0, false, &[])].concat(),
        ),
        Case::new("a request, then half of one, then the end", "NONE; closed")
            .whole(ApiKey::ApiVersions, 3, &[&sound[..], &sound[..9]].concat())
            .then(Then::HangUp),
    ]
}
