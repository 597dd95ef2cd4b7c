use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Where status is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// Where.
    pub address: SocketAddr,
    /// How long after its acknowledgement a revocation may still be unknown here.
    pub visible_within: Duration,
}

impl Endpoint {
    /// Where what is acknowledged is known already.
    #[must_use]
    pub const fn origin(address: SocketAddr) -> Self {
        Self {
            address,
            visible_within: Duration::ZERO,
        }
    }

    pub(super) const fn is_origin(&self) -> bool {
        self.visible_within.is_zero()
    }

    /// Where it is known some time later.
    #[must_use]
    pub const fn follower(address: SocketAddr, visible_within: Duration) -> Self {
        Self {
            address,
            visible_within,
        }
    }
}

/// A time in which an endpoint may be silent: from before it was killed until it was ready again.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    /// Which of the endpoints.
    pub endpoint: usize,
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub until: Instant,
}

/// A question without an answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) endpoint: usize,
    pub(super) sent: Instant,
    pub(super) ended: Instant,
    pub(super) why: String,
}

impl Outage {
    /// Whether it is why there was no answer.
    pub(super) fn excuses(&self, failure: &Failure) -> bool {
        self.endpoint == failure.endpoint
            && failure.sent <= self.until
            && failure.ended >= self.from
    }
}
