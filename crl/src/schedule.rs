//! When which list is due.

use kasane_ca_core::Error;

const HOUR_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 86_400;

/// When lists are published. A delta CRL lives and is renewed like the full CRL of its issuer: a
/// system that insists on one loses nothing before it would lose the full CRL as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Seconds between the CRLs of an issuing CA when nothing is revoked.
    pub issuing_interval_seconds: i64,
    /// Seconds from thisUpdate to nextUpdate of an issuing CA's CRL.
    pub issuing_lifetime_seconds: i64,
    /// Seconds between the CRLs of a root when nothing is revoked.
    pub root_interval_seconds: i64,
    /// Seconds from thisUpdate to nextUpdate of a root's CRL.
    pub root_lifetime_seconds: i64,
    /// Revocations within so many seconds after a full CRL that a revocation caused share the next.
    pub full_pause_seconds: i64,
    /// The same for delta CRLs. A second less than what is promised: it is counted by a clock of whole
    /// seconds and looked at every now and then.
    pub delta_pause_seconds: i64,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            issuing_interval_seconds: 24 * HOUR_SECONDS,
            issuing_lifetime_seconds: 96 * HOUR_SECONDS,
            root_interval_seconds: 90 * DAY_SECONDS,
            root_lifetime_seconds: 190 * DAY_SECONDS,
            full_pause_seconds: 15 * 60,
            delta_pause_seconds: 9,
        }
    }
}

impl Schedule {
    /// Checks that each list is renewed before it ends, and that a revocation is in a full CRL
    /// within the hour.
    ///
    /// # Errors
    /// [`Error::BadArgument`] names the value.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |reason: &str| {
            Err(Error::BadArgument {
                what: "CRL schedule",
                reason: reason.to_owned(),
            })
        };
        let fits = |interval: i64, lifetime: i64| interval > 0 && interval < lifetime;
        if !fits(self.issuing_interval_seconds, self.issuing_lifetime_seconds) {
            return refuse("the interval of issuing CAs must be positive and below the lifetime");
        }
        if !fits(self.root_interval_seconds, self.root_lifetime_seconds) {
            return refuse("the interval of roots must be positive and below the lifetime");
        }
        let pause = 0..=HOUR_SECONDS;
        if !pause.contains(&self.full_pause_seconds) || !pause.contains(&self.delta_pause_seconds) {
            return refuse("a pause is 0 to 3600 seconds");
        }
        Ok(())
    }

    /// Seconds between two lists of an issuer when nothing is revoked.
    #[must_use]
    pub const fn interval_seconds(&self, is_root: bool) -> i64 {
        if is_root {
            self.root_interval_seconds
        } else {
            self.issuing_interval_seconds
        }
    }

    /// Seconds from thisUpdate to nextUpdate.
    #[must_use]
    pub const fn lifetime_seconds(&self, is_root: bool) -> i64 {
        if is_root {
            self.root_lifetime_seconds
        } else {
            self.issuing_lifetime_seconds
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedule_renews_before_the_end_and_within_the_hour() {
        assert!(Schedule::default().check().is_ok());
        for bad in [
            Schedule {
                issuing_interval_seconds: 96 * HOUR_SECONDS,
                ..Schedule::default()
            },
            Schedule {
                issuing_interval_seconds: 0,
                ..Schedule::default()
            },
            Schedule {
                root_lifetime_seconds: 90 * DAY_SECONDS,
                ..Schedule::default()
            },
            Schedule {
                full_pause_seconds: 3_601,
                ..Schedule::default()
            },
            Schedule {
                delta_pause_seconds: -1,
                ..Schedule::default()
            },
        ] {
            assert_eq!(bad.check().unwrap_err().code(), "argument.bad", "{bad:?}");
        }
    }
}
