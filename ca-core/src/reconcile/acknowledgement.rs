//! That people have looked at an alarm.

use serde::{Deserialize, Serialize};

/// Who acknowledged an alarm, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The ledger index of the entry that says so.
    pub index: u64,
    /// The time of that entry, seconds since the epoch.
    pub time: i64,
    /// Who: the actor of that entry.
    pub actor: String,
    /// What was found, and why nothing is left to be done.
    pub reason: String,
}
