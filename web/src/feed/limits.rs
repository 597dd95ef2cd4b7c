//! What the feed lets others take of it.

use std::num::NonZeroU32;
use std::time::Duration;

use super::wire::MAX_WAIT_MS;
use crate::server::{ClientLimits, Limits, Loopback};

/// Limits of the feed. Strangers may connect; enrolled edges may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedLimits {
    /// Those of the listener.
    pub server: Limits,
    /// Connections that one client may begin: each costs a handshake, in which the feed's key signs.
    pub handshakes: ClientLimits,
    /// How long a handshake may take.
    pub handshake: Duration,
    /// How long a request's body may take. It is read only once the edge is known.
    pub body: Duration,
    /// How long a page may take, the wait for something new included.
    pub page: Duration,
    /// How long an order may take: a device's deadline, and a checkpoint's. The client waits a little
    /// longer.
    pub order: Duration,
}

impl Default for FeedLimits {
    fn default() -> Self {
        Self {
            server: Limits {
                connections: 512,
                // An edge has one for pages and another for an order; some edges share an address.
                connections_per_client: 32,
                strangers: Some(256),
                ..Limits::default()
            },
            handshakes: ClientLimits {
                per_second: NonZeroU32::MIN.saturating_add(19),
                burst: NonZeroU32::MIN.saturating_add(99),
                loopback: Loopback::Exempt,
            },
            handshake: Duration::from_secs(5),
            body: Duration::from_secs(10),
            page: Duration::from_millis(MAX_WAIT_MS) + Duration::from_secs(10),
            order: Duration::from_secs(70),
        }
    }
}
