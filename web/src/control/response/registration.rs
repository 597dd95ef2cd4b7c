//! Who may hold certificates.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

/// Something was noted in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// `facility`, `terminal`, `system`, `operator`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What happened to it: `registered`, `recorded`, `forgotten`.
    pub change: String,
    /// Ledger index of the entry.
    pub ledger_index: u64,
}

/// Facilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facilities {
    /// By code.
    pub facilities: Vec<FacilityView>,
    /// Whether there are more.
    pub more: bool,
}

/// A facility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacilityView {
    /// Its code.
    pub code: String,
    /// Its terminals are 1 to this number.
    pub terminals: u32,
    /// When it was registered.
    pub registered: UnixTime,
    /// Terminals whose hardware cannot use ECC.
    pub ecc_incapable: Vec<u32>,
    /// From the private log, when asked for.
    pub contacts: Vec<String>,
    /// Why the private log cannot be read, when it was asked for.
    pub unreadable: Option<String>,
}

/// Systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Systems {
    /// By name.
    pub systems: Vec<SystemView>,
    /// Whether there are more.
    pub more: bool,
}

/// A server or a system client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemView {
    /// Its identifier.
    pub name: String,
    /// The DNS names of its servers.
    pub dns_names: Vec<String>,
    /// Whether it may hold server certificates.
    pub server: bool,
    /// Whether it may hold client certificates.
    pub client: bool,
    /// When it was registered.
    pub registered: UnixTime,
}

/// Staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operators {
    /// By name.
    pub operators: Vec<OperatorView>,
    /// Whether there are more.
    pub more: bool,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorView {
    /// The identifier.
    pub name: String,
    /// When it was registered.
    pub registered: UnixTime,
    /// From the private log, when asked for.
    pub person: Vec<String>,
    /// Why the private log cannot be read, when it was asked for.
    pub unreadable: Option<String>,
}
