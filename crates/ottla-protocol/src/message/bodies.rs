//! Makes the list of the APIs and the enums over all their messages, out of one line an API.
//!
//! The lines themselves are generated, in [`crate::messages`].

use alloc::boxed::Box;
use core::ops::RangeInclusive;

use super::{Encode, Message, Request};
use crate::api::ApiKey;
use crate::wire::{DecodeError, EncodeError, Reader, Sink};

/// `Api(request, response);` for each API, by key. A response with record data that may lie in a file has its `<F>`,
/// and a message that is much larger than most its `Box`, so that the enums stay small.
macro_rules! bodies {
    ($($api:ident($request:ty, $response:ty);)*) => {
        /// The APIs of this release, by key.
        pub const APIS: &[Api] = &[$(Api::of::<$request>(),)*];

        /// A request of any API.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum RequestBody {
            $(
                #[doc = concat!("A request of `", stringify!($api), "`.")]
                $api($request),
            )*
        }

        impl RequestBody {
            /// The API of the request.
            #[must_use]
            pub fn api_key(&self) -> ApiKey {
                match self {
                    $(Self::$api(_) => ApiKey::$api,)*
                }
            }

            /// Reads the body of a request; bytes left over are an error.
            ///
            /// # Errors
            /// An API or version that this release does not have, bytes that are not this message.
            pub fn decode(
                api: ApiKey,
                version: i16,
                body: &Bytes,
                limits: &DecodeLimits,
            ) -> Result<Self, DecodeError> {
                match api {
                    $(ApiKey::$api => <$request>::decode_whole(body, version, limits).map(Self::$api),)*
                    _ => Err(DecodeError::UnknownApiKey { api_key: api.to_i16(), api_version: version }),
                }
            }
        }

        impl Encode for RequestBody {
            fn encode<S: Sink>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
                match self {
                    $(Self::$api(message) => message.encode(s, version),)*
                }
            }
        }

        $(
            impl From<$request> for RequestBody {
                fn from(message: $request) -> Self {
                    Self::$api(message)
                }
            }
        )*

        /// A response of any API; `F` is what record data outside memory comes from.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum ResponseBody<F = NoFile> {
            $(
                #[doc = concat!("A response of `", stringify!($api), "`.")]
                $api($response),
            )*
        }

        impl<F> ResponseBody<F> {
            /// The API of the response.
            #[must_use]
            pub fn api_key(&self) -> ApiKey {
                match self {
                    $(Self::$api(_) => ApiKey::$api,)*
                }
            }

            /// Reads the body of a response; bytes left over are an error.
            ///
            /// # Errors
            /// An API or version that this release does not have, bytes that are not this message.
            pub fn decode(
                api: ApiKey,
                version: i16,
                body: &Bytes,
                limits: &DecodeLimits,
            ) -> Result<Self, DecodeError> {
                match api {
                    $(ApiKey::$api => <$response>::decode_whole(body, version, limits).map(Self::$api),)*
                    _ => Err(DecodeError::UnknownApiKey { api_key: api.to_i16(), api_version: version }),
                }
            }
        }

        impl<F> Encode<F> for ResponseBody<F> {
            fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
                match self {
                    $(Self::$api(message) => message.encode(s, version),)*
                }
            }
        }

        $(
            impl<F> From<$response> for ResponseBody<F> {
                fn from(message: $response) -> Self {
                    Self::$api(message)
                }
            }
        )*
    };
}
pub(crate) use bodies;

/// What `bodies` does for a message itself, for one that it was given in a box.
macro_rules! from_unboxed {
    ($body:ident $(<$f:ident>)?: $message:ty) => {
        impl $(<$f>)? From<$message> for $body $(<$f>)? {
            fn from(message: $message) -> Self {
                Self::from(Box::new(message))
            }
        }
    };
}
pub(crate) use from_unboxed;

impl<M: Message> Message for Box<M> {
    const API_KEY: ApiKey = M::API_KEY;
    const VERSIONS: RangeInclusive<i16> = M::VERSIONS;
    const FLEXIBLE_FROM: Option<i16> = M::FLEXIBLE_FROM;
    const LATEST_VERSION_UNSTABLE: bool = M::LATEST_VERSION_UNSTABLE;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        M::decode(r, version).map(Self::new)
    }

    fn throttle_time_ms(&self) -> i32 {
        M::throttle_time_ms(self)
    }
}

impl<F, M: Encode<F>> Encode<F> for Box<M> {
    fn encode<S: Sink<F>>(&self, sink: &mut S, version: i16) -> Result<(), EncodeError> {
        M::encode(self, sink, version)
    }
}

impl<R: Request> Request for Box<R> {
    type Response = R::Response;
}
