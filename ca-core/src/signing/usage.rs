//! Attempts of one key that are not recorded one by one.

use kasane_hsm::KeyRole;
use parking_lot::{Mutex, MutexGuard};

/// Attempts of one key, since this process began.
#[derive(Debug)]
pub(crate) struct Usage {
    role: KeyRole,
    counts: Mutex<Counts>,
    /// Held by whoever writes counts to the ledger.
    writing: Mutex<()>,
}

#[derive(Debug)]
struct Counts {
    /// Attempts made, or about to be.
    made: u64,
    /// Of those: counted in the ledger.
    noted: u64,
    /// The most that may be made.
    allowed: u64,
    /// Nothing was reserved in this process yet.
    fresh: bool,
}

/// The right to write one key's counts to the ledger.
pub(crate) struct Writing<'u> {
    usage: &'u Usage,
    _one: MutexGuard<'u, ()>,
}

impl Usage {
    /// Nothing yet. `limited`: each attempt must be reserved first.
    pub(super) fn new(role: KeyRole, limited: bool) -> Self {
        let counts = Counts {
            made: 0,
            noted: 0,
            allowed: if limited { 0 } else { u64::MAX },
            fresh: true,
        };
        Self {
            role,
            counts: Mutex::new(counts),
            writing: Mutex::new(()),
        }
    }

    /// The key's role.
    pub(crate) const fn role(&self) -> KeyRole {
        self.role
    }

    /// Takes one attempt of those that are reserved; false if there is none.
    pub(super) fn take(&self) -> bool {
        let mut counts = self.counts.lock();
        let room = counts.made < counts.allowed;
        if room {
            counts.made += 1;
        }
        room
    }

    /// The attempt was not made.
    pub(super) fn give_back(&self) {
        let mut counts = self.counts.lock();
        counts.made = counts.made.saturating_sub(1);
    }

    /// Waits for other writers.
    pub(crate) fn writing(&self) -> Writing<'_> {
        Writing {
            usage: self,
            _one: self.writing.lock(),
        }
    }
}

impl Writing<'_> {
    /// Whether attempts are left.
    pub(crate) fn has_room(&self) -> bool {
        let counts = self.usage.counts.lock();
        counts.made < counts.allowed
    }

    /// Whether nothing was reserved in this process yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.usage.counts.lock().fresh
    }

    /// Attempts made, and how many of them the ledger does not know.
    pub(crate) fn made(&self) -> (u64, u64) {
        let counts = self.usage.counts.lock();
        (counts.made, counts.made.saturating_sub(counts.noted))
    }

    /// Ends what was reserved; the rest is given back once the ledger says so. Attempts made, and
    /// how many of them the ledger does not know.
    pub(crate) fn close(&self) -> (u64, u64) {
        let mut counts = self.usage.counts.lock();
        counts.allowed = counts.made;
        (counts.made, counts.made.saturating_sub(counts.noted))
    }

    /// The ledger knows of `made` attempts.
    pub(crate) fn noted(&self, made: u64) {
        let mut counts = self.usage.counts.lock();
        counts.noted = counts.noted.max(made);
    }

    /// The ledger allows `count` attempts beyond `made`.
    pub(crate) fn granted(&self, made: u64, count: u64) {
        let mut counts = self.usage.counts.lock();
        counts.noted = counts.noted.max(made);
        counts.allowed = made.saturating_add(count);
        counts.fresh = false;
    }
}
