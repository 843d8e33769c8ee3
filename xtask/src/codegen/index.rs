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
    text.push_str(SERVED);
    for api in apis {
        let request = &api.request.body.name;
        let _ = writeln!(text, "Api::of::<{request}>(),");
    }
    text.push_str("];\n\n");
    requests(&mut text, apis);
    responses(&mut text, apis);
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
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::header::RequestHeader;
use crate::message::{Encode, Message, Request};
use crate::wire::{DecodeError, DecodeLimits, EncodeError, NoFile, Sink};

";

const SERVED: &str = "
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

/// The APIs of this release, by key.
pub const APIS: &[Api] = &[
";

fn requests(text: &mut String, apis: &[Api]) {
    let variants = variants(apis, |api| &api.request, false);
    let _ = writeln!(
        text,
        "/// A request of any API. Not `non_exhaustive`: who serves requests should hear of a new one.\n\
         #[derive(Clone, Debug, PartialEq, Eq)]\npub enum RequestBody {{\n{variants}}}\n\n\
         impl RequestBody {{\n\
         /// The API of the request.\n#[must_use]\npub fn api_key(&self) -> ApiKey {{\nmatch self {{\n{keys}}}\n}}\n\n\
         /// Reads the body of a request; bytes left over are an error.\n///\n\
         /// # Errors\n/// An API or version that this release does not have, bytes that are not this message.\n\
         pub fn decode(api: ApiKey, version: i16, body: &Bytes, limits: &DecodeLimits) -> Result<Self, DecodeError> {{\n\
         Ok(match api {{\n{decode}_ => return Err(DecodeError::UnknownApiKey {{ api_key: api.to_i16(), api_version: version }}),\n}})\n}}\n}}\n\n\
         impl Encode for RequestBody {{\n\
         fn encode<S: Sink>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {{\nmatch self {{\n{encode}}}\n}}\n}}\n\n\
         {from}\
         /// Reads the body of a request that follows its header; bytes left over are an error.\n///\n\
         /// # Errors\n/// An API or version that this release does not have, bytes that are not this message.\n\
         pub fn decode_request_body(header: &RequestHeader, body: &Bytes, limits: &DecodeLimits) -> Result<RequestBody, DecodeError> {{\n\
         match ApiKey::from_i16(header.api_key) {{\n\
         Some(api) => RequestBody::decode(api, header.api_version, body, limits),\n\
         None => Err(DecodeError::UnknownApiKey {{ api_key: header.api_key, api_version: header.api_version }}),\n}}\n}}\n",
        keys = each(apis, |api| format!("Self::{0}(_) => ApiKey::{0},", api.name)),
        decode = each(apis, |api| format!(
            "ApiKey::{0} => Self::{0}({1}::decode_whole(body, version, limits)?),",
            api.name, api.request.body.name
        )),
        encode = each(apis, |api| format!("Self::{}(message) => message.encode(s, version),", api.name)),
        from = each(apis, |api| format!(
            "impl From<{0}> for RequestBody {{\nfn from(message: {0}) -> Self {{\nSelf::{1}(message)\n}}\n}}\n",
            api.request.body.name, api.name
        )),
    );
}

fn responses(text: &mut String, apis: &[Api]) {
    let variants = variants(apis, |api| &api.response, true);
    let _ = writeln!(
        text,
        "/// A response of any API; `F` is what record data outside memory comes from.\n\
         #[derive(Clone, Debug, PartialEq, Eq)]\npub enum ResponseBody<F = NoFile> {{\n{variants}}}\n\n\
         impl<F> ResponseBody<F> {{\n\
         /// The API of the response.\n#[must_use]\npub fn api_key(&self) -> ApiKey {{\nmatch self {{\n{keys}}}\n}}\n\n\
         /// Reads the body of a response; bytes left over are an error.\n///\n\
         /// # Errors\n/// An API or version that this release does not have, bytes that are not this message.\n\
         pub fn decode(api: ApiKey, version: i16, body: &Bytes, limits: &DecodeLimits) -> Result<Self, DecodeError> {{\n\
         Ok(match api {{\n{decode}_ => return Err(DecodeError::UnknownApiKey {{ api_key: api.to_i16(), api_version: version }}),\n}})\n}}\n}}\n\n\
         impl<F> Encode<F> for ResponseBody<F> {{\n\
         fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {{\nmatch self {{\n{encode}}}\n}}\n}}\n\n\
         {from}",
        keys = each(apis, |api| format!("Self::{0}(_) => ApiKey::{0},", api.name)),
        decode = each(apis, |api| format!(
            "ApiKey::{0} => Self::{0}({1}::decode_whole(body, version, limits)?),",
            api.name, api.response.body.name
        )),
        encode = each(apis, |api| format!("Self::{}(message) => message.encode(s, version),", api.name)),
        from = each(apis, |api| {
            let this = type_of(&api.response, true);
            format!(
                "impl<F> From<{this}> for ResponseBody<F> {{\nfn from(message: {this}) -> Self {{\nSelf::{}(message)\n}}\n}}\n",
                api.name
            )
        }),
    );
}

fn variants(apis: &[Api], message: impl Fn(&Api) -> &Message, generic: bool) -> String {
    each(apis, |api| {
        let message = message(api);
        format!("/// [`{}`].\n{}({}),", message.body.name, api.name, type_of(message, generic))
    })
}

fn type_of(message: &Message, generic: bool) -> String {
    match generic && message.body.is_generic() {
        true => format!("{}<F>", message.body.name),
        false => message.body.name.clone(),
    }
}

fn each(apis: &[Api], line: impl Fn(&Api) -> String) -> String {
    apis.iter().map(|api| line(api) + "\n").collect()
}
