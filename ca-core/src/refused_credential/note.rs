//! What is noted of one credential, and what follows from it.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

use super::source::Source;

/// Refusals in a row after which a changed file gives no further try.
const MAX_REFUSALS: u32 = 2;

/// Tries without a clear answer after which there is no further one.
const MAX_OPEN_TRIES: u32 = 2;

/// What is noted of one credential that is not known to be right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    /// Where it came from, for people.
    pub(super) source: String,
    /// What tells whether its file has changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stamp: Option<String>,
    /// Times in a row that the device refused it.
    pub(super) refusals: u32,
    /// The last time, in seconds since 1970, and the device's words.
    pub(super) refused_at: i64,
    pub(super) reason: String,
    /// Tries that have begun and that no clear answer has ended.
    pub(super) open_tries: u32,
}

impl Note {
    /// Why a credential from `source` is not shown to `device`, with what to do.
    pub(super) fn hindrance(&self, source: &Source, device: &str) -> Option<String> {
        let correction = source.correction();
        let enable = format!("'kasane hsm enable {device}' has it tried once");
        if self.open_tries >= MAX_OPEN_TRIES {
            return Some(format!(
                "it was shown to the device {} times without a clear answer, and is not tried now; \
                 see that it is right and the device well, then {enable}",
                self.open_tries
            ));
        }
        if self.refusals == 0 {
            return None;
        }
        let seen = format!(
            "it was refused at {} ({}) and is not tried now",
            UnixTime::from_seconds(self.refused_at),
            self.reason
        );
        if self.refusals >= MAX_REFUSALS {
            return Some(format!(
                "{seen}: that was refusal {} in a row; {correction}, then {enable}",
                self.refusals
            ));
        }
        let unchanged = source.stamp.is_none() || source.stamp == self.stamp;
        unchanged.then(|| match source.stamp {
            Some(_) => format!("{seen}; {correction}, or {enable} more as it is"),
            None => format!("{seen}; {correction}, then {enable}"),
        })
    }

    /// Nothing stands against it.
    pub(super) const fn is_empty(&self) -> bool {
        self.refusals == 0 && self.open_tries == 0
    }

    pub(super) const fn begin(&mut self) {
        self.open_tries = self.open_tries.saturating_add(1);
    }

    /// As if it had not begun.
    pub(super) const fn take_back(&mut self) {
        self.open_tries = self.open_tries.saturating_sub(1);
    }

    pub(super) fn refuse(&mut self, source: &Source, now: UnixTime, reason: &str) {
        self.source = source.to_string();
        self.stamp.clone_from(&source.stamp);
        self.refusals = self.refusals.saturating_add(1);
        self.refused_at = now.seconds();
        reason.clone_into(&mut self.reason);
        self.open_tries = 0;
    }
}
