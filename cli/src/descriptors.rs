//! How many files and connections the process may have open.

use kasane_web::feed::FeedLimits;
use kasane_web::server::Limits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is open beside connections: the ledger, the store, devices, the runtime, what they open for a
/// moment.
const BESIDE: u64 = 512;

/// The usual limits of a listener for status, with as many connections as there are descriptors for.
/// Makes room for them first.
pub(crate) fn status_limits() -> Limits {
    let usual = Limits::default();
    Limits {
        connections: make_room(usual.connections),
        ..usual
    }
}

/// The same for a listener of status and a feed beside it: who floods one leaves the other its own.
pub(crate) fn limits_with_feed() -> (Limits, FeedLimits) {
    let (status, feed) = (Limits::default(), FeedLimits::default());
    let wanted = status.connections + feed.server.connections;
    let (for_status, for_feed) = shared(make_room(wanted), wanted, feed.server.connections);
    let status = Limits {
        connections: for_status,
        ..status
    };
    let server = Limits {
        connections: for_feed,
        strangers: feed.server.strangers.map(|it| it.min(for_feed.div_ceil(2))),
        ..feed.server
    };
    (status, FeedLimits { server, ..feed })
}

/// `room` of `wanted` connections for status and for the feed, in proportion; at least one each.
fn shared(room: usize, wanted: usize, feed: usize) -> (usize, usize) {
    let for_feed = (room.saturating_mul(feed) / wanted.max(1)).max(1);
    (room.saturating_sub(for_feed).max(1), for_feed)
}

/// Raises the process's own limit, which is 1,024 on many systems, as far as `connections` need and the
/// administrator's limit allows; as many of them as fit then. Without that, a flood of connections would
/// leave no descriptor for the ledger.
fn make_room(connections: usize) -> usize {
    let wanted = u64::try_from(connections)
        .unwrap_or(u64::MAX)
        .saturating_add(BESIDE);
    let limit = getrlimit(Resource::Nofile);
    // None is without limit.
    let current = limit.current.unwrap_or(u64::MAX);
    if current >= wanted {
        return connections;
    }
    let raised = wanted.min(limit.maximum.unwrap_or(u64::MAX));
    let new = Rlimit {
        current: Some(raised),
        maximum: limit.maximum,
    };
    let current = match setrlimit(Resource::Nofile, new) {
        Ok(()) => raised,
        Err(_) => current,
    };
    let fitting = usize::try_from(fitting(current)).unwrap_or(usize::MAX);
    if fitting < connections {
        tracing::warn!(
            descriptors = current,
            connections = fitting,
            "fewer connections at a time than usual: raise the limit of open files (LimitNOFILE)"
        );
    }
    fitting.min(connections)
}

/// Connections under a limit of that many descriptors; half of them where there are few.
fn fitting(descriptors: u64) -> u64 {
    descriptors
        .saturating_sub(BESIDE)
        .max(descriptors.min(BESIDE * 2) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_the_rest() {
        for (descriptors, connections) in [(256, 128), (1_024, 512), (1_500, 988), (2_560, 2_048)] {
            assert_eq!(fitting(descriptors), connections, "{descriptors}");
        }
    }

    #[test]
    fn feed_and_status_share_the_descriptors_in_proportion() {
        assert_eq!(shared(2_560, 2_560, 512), (2_048, 512));
        assert_eq!(shared(512, 2_560, 512), (410, 102));
        assert_eq!(shared(1, 2_560, 512), (1, 1));
    }
}
