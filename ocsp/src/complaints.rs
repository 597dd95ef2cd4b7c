//! What goes wrong with every request is told once in a while, not once for each: requests come by the
//! thousand, and a log that they fill says nothing.

use std::collections::HashMap;

use kasane_verify::UnixTime;
use parking_lot::Mutex;

/// Seconds between two lines about the same.
const PAUSE_SECONDS: i64 = 10;

/// A kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Complaint {
    /// The store lags behind the ledger.
    Lags,
    /// Nobody may sign for the issuer now.
    NoSigner,
    /// Nobody here signs for the issuer any more, or ever did.
    NotAnswered,
    /// A key does not sign.
    NotSigned,
    /// A key does not sign, and an older response is given.
    NotRenewed,
    /// Anything else.
    Failed,
}

/// What was told when. As many entries as there are issuers and kinds.
#[derive(Debug, Default)]
pub(crate) struct Complaints(Mutex<HashMap<(Complaint, String), Told>>);

#[derive(Clone, Copy, Debug)]
struct Told {
    at: UnixTime,
    /// So many were kept back since.
    untold: u64,
}

impl Complaints {
    /// Whether `complaint` about `issuer` was never told: nothing about it will change.
    pub(crate) fn is_first(&self, complaint: Complaint, issuer: &str) -> bool {
        let told = Told {
            at: UnixTime::MAX,
            untold: 0,
        };
        let before = self.0.lock().insert((complaint, issuer.to_owned()), told);
        before.is_none()
    }

    /// Whether `complaint` about `issuer` is to be told now, and how many like it were not since
    /// the last.
    pub(crate) fn due(&self, complaint: Complaint, issuer: &str, now: UnixTime) -> Option<u64> {
        let mut told = self.0.lock();
        let known = told.get_mut(&(complaint, issuer.to_owned()));
        // A clock that was set back makes no silence.
        let is_recent = |it: &Told| it.at <= now && now.seconds_since(it.at) < PAUSE_SECONDS;
        match known {
            Some(it) if is_recent(it) => {
                it.untold += 1;
                None
            }
            Some(it) => {
                let untold = it.untold;
                *it = Told { at: now, untold: 0 };
                Some(untold)
            }
            None => {
                let first = Told { at: now, untold: 0 };
                told.insert((complaint, issuer.to_owned()), first);
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_changes_is_told_once_of_each_issuer() {
        let complaints = Complaints::default();
        let is_first = |issuer| complaints.is_first(Complaint::NotAnswered, issuer);
        assert_eq!(
            ["a", "a", "b", "a", "b"].map(is_first),
            [true, false, true, false, false]
        );
    }

    #[test]
    fn same_trouble_is_told_every_ten_seconds_with_what_was_left_out() {
        let complaints = Complaints::default();
        let due = |issuer, seconds| {
            let now = UnixTime::from_seconds(seconds);
            complaints.due(Complaint::NoSigner, issuer, now)
        };
        assert_eq!(due("a", 100), Some(0));
        assert_eq!(due("a", 100), None);
        assert_eq!(due("a", 109), None);
        assert_eq!(due("b", 109), Some(0));
        assert_eq!(due("a", 110), Some(2));
        assert_eq!(due("a", 111), None);
        // Set back.
        assert_eq!(due("a", 50), Some(1));
        let now = UnixTime::from_seconds(50);
        assert_eq!(complaints.due(Complaint::Lags, "a", now), Some(0));
    }
}
