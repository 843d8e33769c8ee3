//! A few bytes from a stranger cost a few bytes of memory: no length is believed before its bytes are there.
//!
//! A test binary of its own, because it counts what the whole process allocates.
#![expect(unsafe_code, reason = "only a global allocator can count allocations")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use bytes::Bytes;
use ottla_protocol::frame::FrameDecoder;
use ottla_protocol::header;
use ottla_protocol::messages::{APIS, RequestBody, ResponseBody};
use ottla_protocol::wire::{DecodeLimits, NoFile};

struct Counting;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

fn count(size: usize) {
    // While a thread ends its counter is gone, and so is the test that looks at it.
    let _ = ALLOCATED.try_with(|allocated| allocated.set(allocated.get() + size));
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the promises that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the promises that `System` asks for.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: the caller keeps the promises that `System` asks for.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the promises that `System` asks for.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// All bytes that this thread allocated meanwhile, freed or not.
fn allocated(work: impl FnOnce()) -> usize {
    let before = ALLOCATED.get();
    work();
    ALLOCATED.get() - before
}

const LIMITS: DecodeLimits = DecodeLimits::DEFAULT;

/// Eight bytes, and most of what a liar would write into them.
fn hostile_bytes() -> Vec<Bytes> {
    let interesting = [0x00, 0x01, 0x02, 0x08, 0x7f, 0x80, 0xff];
    let mut all = vec![Bytes::from_static(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff])];
    for first in interesting {
        for second in interesting {
            for rest in interesting {
                all.push(Bytes::from(vec![first, second, rest, rest, rest, rest, rest, rest]));
                all.push(Bytes::from(vec![0, 0, 0, 0, first, second, rest, rest]));
                all.push(Bytes::from(vec![0, 0, first, second, rest, 0, 0, rest]));
            }
        }
    }
    all
}

#[test]
fn eight_hostile_bytes_allocate_less_than_a_kibibyte() {
    for body in hostile_bytes() {
        for api in APIS {
            for version in api.versions.clone() {
                let request = allocated(|| drop(RequestBody::decode(api.key, version, &body, &LIMITS)));
                assert!(request < 1024, "{} v{version} request: {request} bytes for {body:?}", api.key);
                let response = allocated(|| {
                    drop(ResponseBody::<NoFile>::decode(api.key, version, &body, &LIMITS));
                });
                assert!(response < 1024, "{} v{version} response: {response} bytes for {body:?}", api.key);
            }
        }
        let header = allocated(|| drop(header::decode_request(body.clone(), &LIMITS)));
        assert!(header < 1024, "header: {header} bytes for {body:?}");
    }
}

#[test]
fn a_large_body_of_lies_allocates_a_small_multiple_of_itself() {
    let mut body = vec![0xff, 0xff, 0xff, 0x07]; // a compact length of 16 million, more than follows
    body.extend(vec![0x7f; 100_000]);
    let body = Bytes::from(body);
    for api in APIS {
        for version in api.versions.clone() {
            let bytes = allocated(|| drop(RequestBody::decode(api.key, version, &body, &LIMITS)));
            assert!(bytes < 40 * body.len(), "{} v{version}: {bytes} bytes", api.key);
        }
    }
}

#[test]
fn an_announced_frame_allocates_little_before_it_arrives() {
    let bytes = allocated(|| {
        let mut frames = FrameDecoder::new(100 * 1024 * 1024);
        frames.read_buf().extend_from_slice(&(90 * 1024 * 1024_u32).to_be_bytes());
        assert_eq!(frames.next_frame(), Ok(None));
        let _ = frames.read_buf();
    });
    assert!(bytes < 128 * 1024, "{bytes} bytes");
}
