//! `messages.rs`: the list of the APIs, and the enums over all their messages.

use super::schema::{Api, Message};
use std::fmt::Write as _;

/// The text of the module.
pub(super) fn render(apis: &[Api]) -> String {
    let mut text = String::from(HEAD);
    let mut modules: Vec<_> = apis.iter().map(|api| &api.module).collect();
    modules.sort();
    for module in modules {
        let _ = writeln!(text, "pub mod {module};");
    }
    text.push_str(IMPORTS);
    for api in apis {
        let _ = writeln!(
            text,
            "use self::{}::{{{}, {}}};",
            api.module, api.request.body.name, api.response.body.name
        );
    }
    text.push_str(KNOWN);
    for api in apis {
        let generic = if api.response.body.is_generic() { "<F>" } else { "" };
        let in_enum = |message: &Message| match message.boxed {
            true => format!("Box<{}>", message.body.name),
            false => message.body.name.clone(),
        };
        let (request, response) = (in_enum(&api.request), in_enum(&api.response));
        let _ = writeln!(text, "    {}({request}, {response}{generic});", api.name);
    }
    text.push_str("}\n\n");
    for (body, pick) in [
        ("RequestBody", (|api| &api.request) as fn(&Api) -> &Message),
        ("ResponseBody<F>", |api| &api.response),
    ] {
        for message in apis.iter().map(pick).filter(|message| message.boxed) {
            let _ = writeln!(text, "from_unboxed!({body}: {});", message.body.name);
        }
    }
    text
}

const HEAD: &str = "\
// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! The messages of the protocol, one module an API, and enums over all of them.
//!
//! Struct and field names are Kafka's own. What the fields mean to a broker or client is decided elsewhere; here
//! is how they lie in bytes. Every struct keeps tagged fields that this release does not know.

";

const IMPORTS: &str = "
use alloc::boxed::Box;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::header::RequestHeader;
use crate::message::bodies::{bodies, from_unboxed};
use crate::message::{Encode, Message, Request};
use crate::wire::{DecodeError, DecodeLimits, EncodeError, NoFile, Sink};

";

const KNOWN: &str = "
/// An API of this release.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Api {
    /// Its key.
    pub key: ApiKey,
    /// The versions that can be decoded and encoded.
    pub versions: RangeInclusive<i16>,
    /// Those of them that Kafka serves without being told to serve unstable ones.
    pub stable_versions: RangeInclusive<i16>,
}

impl Api {
    const fn of<R: Request>() -> Self {
        // The header of a message depends on its API alone, so the two must agree on what is flexible.
        assert!(
            matches!((R::FLEXIBLE_FROM, R::API_KEY.flexible_from()), (Some(a), Some(b)) if a == b)
                || (R::FLEXIBLE_FROM.is_none() && R::API_KEY.flexible_from().is_none())
        );
        let last = *R::VERSIONS.end() - R::LATEST_VERSION_UNSTABLE as i16;
        Self { key: R::API_KEY, versions: R::VERSIONS, stable_versions: *R::VERSIONS.start()..=last }
    }
}

/// Reads the body of a request that follows its header; bytes left over are an error.
///
/// # Errors
/// An API or version that this release does not have, bytes that are not this message.
pub fn decode_request_body(
    header: &RequestHeader,
    body: &Bytes,
    limits: &DecodeLimits,
) -> Result<RequestBody, DecodeError> {
    match ApiKey::from_i16(header.api_key) {
        Some(api) => RequestBody::decode(api, header.api_version, body, limits),
        None => Err(DecodeError::UnknownApiKey { api_key: header.api_key, api_version: header.api_version }),
    }
}

bodies! {
";
