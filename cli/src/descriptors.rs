//! How many files and connections the process may have open.

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
}
