//! What a client that pushes metrics may do when: soft state of each, decided without a clock.
//!
//! As in Kafka: a client asks for its subscription, pushes once at any time after, and then at intervals; it may ask
//! again before its time when it was told that what it pushes is not what is wanted. A client whose connection is
//! gone, or that says nothing for three intervals, is forgotten; so is the one that was silent longest, when there
//! are too many.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::push_telemetry::PushTelemetryRequest;
use ottla_protocol::records::Compression;
use ottla_protocol::wire::Uuid;

use super::Client;
use super::subscriptions::{Subscriptions, Wanted};

/// Clients that are remembered at once.
const INSTANCES_MAX: usize = 16_384;

/// How long a client is remembered at least.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Ids that no client has: none, and that of the metadata.
const RESERVED: [Uuid; 2] = [Uuid::ZERO, Uuid::from_u128(1)];

/// The clients.
#[derive(Debug)]
pub(crate) struct Instances {
    bytes_max: usize,
    subscriptions: Subscriptions,
    all: BTreeMap<[u8; 16], Instance>,
    /// Those by when they were last heard of, oldest first.
    order: BTreeMap<u64, [u8; 16]>,
    turn: u64,
}

#[derive(Debug)]
struct Instance {
    client: Arc<Client>,
    /// The connection on which it was first heard of.
    connection: Weak<()>,
    version: u64,
    wanted: Wanted,
    last_get: Option<Instant>,
    last_push: Option<Instant>,
    is_terminating: bool,
    last_error: ErrorCode,
    turn: u64,
    forgotten_at: Instant,
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) id: Uuid,
    /// What is known of it, once that is needed.
    pub(crate) client: &'a dyn Fn() -> Client,
    pub(crate) connection: &'a Arc<()>,
    pub(crate) now: Instant,
}

impl Instances {
    pub(crate) fn new(bytes_max: i32) -> Self {
        Self {
            bytes_max: usize::try_from(bytes_max).unwrap_or_default(),
            subscriptions: Subscriptions::default(),
            all: BTreeMap::new(),
            order: BTreeMap::new(),
            turn: 0,
        }
    }

    /// The version of the subscriptions that are known here.
    pub(crate) fn version(&self) -> u64 {
        self.subscriptions.version
    }

    /// Takes over other subscriptions: each client begins anew when it is next heard of.
    pub(crate) fn subscribe(&mut self, subscriptions: Subscriptions) {
        self.subscriptions = subscriptions;
    }

    /// Whether a client with this id is known, or none may have it.
    pub(crate) fn is_taken(&self, id: Uuid) -> bool {
        RESERVED.contains(&id) || self.all.contains_key(&id.0)
    }

    /// What a client is to push.
    ///
    /// # Errors
    /// `THROTTLING_QUOTA_EXCEEDED` when it asks before its time.
    pub(crate) fn get(&mut self, asking: Asking<'_>) -> Result<Wanted, ErrorCode> {
        let instance = self.instance(asking);
        let last = instance.last_get.max(instance.last_push);
        let in_time = is_over(last, instance.wanted.interval(), asking.now);
        if in_time {
            instance.last_get = Some(asking.now);
        }
        let was_sent_back = [ErrorCode::UNKNOWN_SUBSCRIPTION_ID, ErrorCode::UNSUPPORTED_COMPRESSION_TYPE];
        if !in_time && !was_sent_back.contains(&instance.last_error) {
            return Err(ErrorCode::THROTTLING_QUOTA_EXCEEDED);
        }
        instance.last_error = ErrorCode::NONE;
        Ok(instance.wanted.clone())
    }

    /// Who pushes, and in which codec, if it may.
    ///
    /// # Errors
    /// The code that it is answered.
    pub(crate) fn push(
        &mut self,
        asking: Asking<'_>,
        request: &PushTelemetryRequest,
    ) -> Result<(Arc<Client>, Compression), ErrorCode> {
        if RESERVED.contains(&asking.id) {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        let bytes_max = self.bytes_max;
        let instance = self.instance(asking);
        let checked = instance.check(request, asking.now, bytes_max);
        instance.is_terminating = request.terminating;
        instance.last_error = checked.err().unwrap_or(ErrorCode::NONE);
        checked.map(|codec| (Arc::clone(&instance.client), codec))
    }

    /// Notes that what a client pushed could not be read.
    pub(crate) fn failed(&mut self, id: Uuid, code: ErrorCode) {
        if let Some(instance) = self.all.get_mut(&id.0) {
            instance.last_error = code;
        }
    }

    /// The client, as it was known or as it is from now on.
    fn instance(&mut self, asking: Asking<'_>) -> &mut Instance {
        let Asking { id, now, .. } = asking;
        self.turn += 1;
        let before = self.all.remove(&id.0);
        if let Some(before) = &before {
            self.order.remove(&before.turn);
        }
        self.forget(now);
        let is_known = |known: &Instance| known.connection.strong_count() > 0 && now < known.forgotten_at;
        let mut instance = match before.filter(is_known) {
            Some(known) if known.version == self.subscriptions.version => known,
            Some(known) => Instance::new(known.client, asking, &self.subscriptions),
            None => Instance::new(Arc::new((asking.client)()), asking, &self.subscriptions),
        };
        instance.turn = self.turn;
        instance.forgotten_at = now + REMEMBERED.max(instance.wanted.interval() * 3);
        self.order.insert(self.turn, id.0);
        self.all.entry(id.0).insert_entry(instance).into_mut()
    }

    /// Forgets who was silent for too long, and makes room for one more.
    fn forget(&mut self, now: Instant) {
        while let Some((turn, id)) = self.order.first_key_value().map(|(turn, id)| (*turn, *id)) {
            let is_over = self.all.get(&id).is_none_or(|oldest| now >= oldest.forgotten_at);
            if !is_over && self.all.len() < INSTANCES_MAX {
                return;
            }
            self.order.remove(&turn);
            self.all.remove(&id);
        }
    }
}

impl Instance {
    fn new(client: Arc<Client>, asking: Asking<'_>, subscriptions: &Subscriptions) -> Self {
        Self {
            connection: Arc::downgrade(asking.connection),
            version: subscriptions.version,
            wanted: subscriptions.of(asking.id, &client),
            client,
            last_get: None,
            last_push: None,
            is_terminating: false,
            last_error: ErrorCode::NONE,
            turn: 0,
            forgotten_at: asking.now,
        }
    }

    fn check(
        &mut self,
        request: &PushTelemetryRequest,
        now: Instant,
        bytes_max: usize,
    ) -> Result<Compression, ErrorCode> {
        if self.is_terminating {
            return Err(ErrorCode::INVALID_REQUEST); // it said that it would say no more
        }
        // The first push after a question comes when the client likes: clients spread their pushes.
        let in_time = self.last_get > self.last_push || is_over(self.last_push, self.wanted.interval(), now);
        if in_time {
            self.last_push = Some(now);
        } else if !request.terminating {
            return Err(ErrorCode::THROTTLING_QUOTA_EXCEEDED);
        }
        if request.subscription_id != self.wanted.id {
            return Err(ErrorCode::UNKNOWN_SUBSCRIPTION_ID);
        }
        let codec = u8::try_from(request.compression_type).ok().and_then(Compression::from_id);
        let Some(codec) = codec.filter(|codec| codec.is_enabled()) else {
            return Err(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE);
        };
        if request.metrics.len() > bytes_max {
            return Err(ErrorCode::TELEMETRY_TOO_LARGE);
        }
        Ok(codec)
    }
}

/// Whether so much time has passed since then, if there was a then.
fn is_over(since: Option<Instant>, time: Duration, now: Instant) -> bool {
    since.is_none_or(|since| now.saturating_duration_since(since) >= time)
}
