//! Calls `explain` of the messages' fuzz functions, which `cargo test` runs over the committed corpus too.
#![no_main]

#[path = "../../tests/messages/fuzz_messages.rs"]
#[expect(dead_code, reason = "each target calls one function of the file")]
mod fuzz_messages;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_messages::explain(data));
