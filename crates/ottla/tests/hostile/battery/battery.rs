//! The battery: bad input as data, each case with the answer that it must get.
//!
//! A case is bytes and an expectation, in words that compare: the error codes of each answer, then what became of
//! the connection. The same cases are played against ottla in `cargo test` and against ottla and a real Kafka
//! side by side in `cargo xtask differential`. How they are played is in [`playing`]; the cases are one module
//! per subject.

mod batches;
mod cluster;
mod configs;
mod consumers;
mod deleting;
mod describing;
mod fetching;
mod framing;
mod groups;
mod making;
mod offsets;
mod playing;
mod producers;
mod producing;
mod reasons;
mod shares;
mod summary;
mod topics;
mod versions;
mod world;

use ottla::protocol::Request;
use ottla::protocol::api::ApiKey;

pub(crate) use playing::Player;
pub(crate) use world::World;

/// What happens after the bytes of a case are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// A good request follows at once on the same connection, which shows whether it is still served.
    Probe,
    /// Nothing follows: the sender is slow, or has no more to say.
    Wait,
    /// The sender closes its side.
    HangUp,
}

/// How Kafka 4.3.1 differs, and why ottla does not do the same.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// What Kafka does; `*` for what changes from run to run.
    pub(crate) outcome: &'static str,
    /// Why ottla does something else.
    pub(crate) reason: &'static str,
}

/// One case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// The bytes to send.
    pub(crate) bytes: Vec<u8>,
    /// Whether they are sent one by one.
    pub(crate) slowly: bool,
    /// How the answers, in their order, are to be read.
    pub(crate) answers: Vec<(ApiKey, i16)>,
    pub(crate) then: Then,
    /// What must come of it: the answers' error codes, then `closed`, `silent` or nothing; `unanswered` where the
    /// good request was answered and the one before it was not.
    pub(crate) expected: &'static str,
    pub(crate) difference: Option<Difference>,
}

impl Case {
    fn new(name: impl Into<String>, expected: &'static str) -> Self {
        Self {
            name: name.into(),
            bytes: Vec::new(),
            slowly: false,
            answers: Vec::new(),
            then: Then::Probe,
            expected,
            difference: None,
        }
    }

    /// Sends a well-formed request, whatever it asks for.
    fn request<R: Request>(self, version: i16, request: &R) -> Self {
        let bytes = making::request(version, request);
        self.whole(R::API_KEY, version, &bytes)
    }

    /// Sends a frame of this API, version and body, with an ordinary header.
    fn body(self, api: ApiKey, version: i16, body: &[u8]) -> Self {
        let bytes = making::frame(api.to_i16(), version, api.is_flexible(version), body);
        self.whole(api, version, &bytes)
    }

    /// Sends a whole frame, whose answer is to be read in this version.
    fn whole(mut self, api: ApiKey, version: i16, bytes: &[u8]) -> Self {
        self.answers.push((api, version));
        self.raw(bytes)
    }

    /// Sends bytes that need not be a frame.
    fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn slowly(mut self) -> Self {
        self.slowly = true;
        self
    }

    fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    /// Says what Kafka does instead, and why ottla does not.
    fn kafka(mut self, outcome: &'static str, reason: &'static str) -> Self {
        self.difference = Some(Difference { outcome, reason });
        self
    }
}

/// Every case, for brokers that were prepared as this world says.
pub(crate) fn cases(world: &World) -> Vec<Case> {
    let mut cases = framing::cases();
    cases.extend(versions::cases());
    cases.extend(producing::cases(world));
    cases.extend(batches::cases());
    cases.extend(producers::cases(world));
    cases.extend(fetching::cases(world));
    cases.extend(offsets::cases());
    cases.extend(deleting::cases());
    cases.extend(topics::cases(world));
    cases.extend(configs::cases());
    cases.extend(describing::cases(world));
    cases.extend(cluster::cases());
    cases.extend(groups::cases(world));
    cases.extend(consumers::cases(world));
    cases.extend(shares::cases(world));
    cases
}
