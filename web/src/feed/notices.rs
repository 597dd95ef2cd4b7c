//! What strangers cause is told once in a while, not once for each.

use kasane_verify::UnixTime;
use parking_lot::Mutex;

/// Seconds between two lines about the same.
const PAUSE_SECONDS: i64 = 60;

/// When something was last told.
#[derive(Debug, Default)]
pub(super) struct Notice(Mutex<Told>);

#[derive(Clone, Copy, Debug, Default)]
struct Told {
    at: Option<UnixTime>,
    /// So many were kept back since.
    untold: u64,
}

impl Notice {
    /// Whether it is to be told now, and how many were not since the last.
    pub(super) fn due(&self, now: UnixTime) -> Option<u64> {
        let mut told = self.0.lock();
        // A clock that was set back makes no silence.
        let is_recent = told
            .at
            .is_some_and(|at| at <= now && now.seconds_since(at) < PAUSE_SECONDS);
        if is_recent {
            told.untold += 1;
            return None;
        }
        let untold = told.untold;
        *told = Told {
            at: Some(now),
            untold: 0,
        };
        Some(untold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_cause_is_one_line_a_minute_with_what_was_left_out() {
        let notice = Notice::default();
        let due = |seconds| notice.due(UnixTime::from_seconds(seconds));
        assert_eq!(due(100), Some(0));
        assert_eq!(due(159), None);
        assert_eq!(due(159), None);
        assert_eq!(due(160), Some(2));
        // Set back.
        assert_eq!(due(50), Some(0));
    }
}
