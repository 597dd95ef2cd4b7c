//! Edge responders.

use std::fmt;

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

use super::CrlsPublished;

/// An edge responder was enrolled.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponderEnrolled {
    /// Its name.
    pub name: String,
    /// Its token: kept nowhere at the authority.
    pub token: String,
    /// The ledger's key, as a signed-note verifier key.
    pub ledger_key: String,
    /// Where CRLs and certificates are served.
    pub status_url: String,
}

/// Edge responders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responders {
    /// By name, removed ones too.
    pub responders: Vec<ResponderView>,
}

/// An edge responder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponderView {
    /// Its name.
    pub name: String,
    /// Where relying systems ask it; empty when it is not to be listed.
    pub url: String,
    /// When it was enrolled.
    pub enrolled: UnixTime,
    /// When it was removed.
    pub removed: Option<UnixTime>,
    /// When it last asked for entries, since the service began.
    pub seen: Option<UnixTime>,
    /// Entries that it did not have then.
    pub missing_entries: Option<u64>,
    /// Entries that it had then: those below this one.
    pub entries: Option<u64>,
    /// OCSP responses that it says it signed.
    pub signatures: u64,
}

/// An edge responder was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponderRemoved {
    /// Its name.
    pub name: String,
    /// Serials of its signers that were revoked.
    pub revoked: Vec<String>,
    /// The CRLs that name them.
    pub crls: Vec<CrlsPublished>,
}

/// Without the token.
impl fmt::Debug for ResponderEnrolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResponderEnrolled({})", self.name)
    }
}
