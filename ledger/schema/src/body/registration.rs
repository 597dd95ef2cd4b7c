//! Who may hold certificates. Nothing here names a person.

use der::Sequence;

/// A facility may hold certificates for its terminals, from 1 on.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct FacilityRegistered {
    /// The ten-digit code.
    pub code: String,
    /// How many terminals it has.
    pub terminals: u32,
}

/// What a terminal's hardware can do.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct TerminalCapability {
    /// The facility's code.
    pub facility: String,
    /// The terminal's number.
    pub terminal: u32,
    /// Whether it can use elliptic-curve keys.
    pub ecc_capable: bool,
    /// Why: model, firmware, report.
    pub reason: String,
}

/// A server or a system client may hold certificates.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SystemRegistered {
    /// Its identifier.
    pub name: String,
    /// The DNS names of its servers.
    pub dns_names: Vec<String>,
    /// Whether it may hold server certificates.
    pub server: bool,
    /// Whether it may hold client certificates.
    pub client: bool,
}

/// A member of staff may hold a certificate; who that is stands in the private log.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct OperatorRegistered {
    /// The identifier.
    pub name: String,
}
