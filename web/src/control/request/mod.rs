//! What can be asked. Serials are lower-case hex, certificates PEM, times RFC 3339.

mod device;
mod responder;
mod revocation;
mod verify;

pub use device::*;
pub use responder::*;
pub use revocation::*;
pub use verify::*;

use kasane_verify::{KeyAlgorithm, UnixTime};
use serde::{Deserialize, Serialize};

/// A command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Issue a certificate.
    Issue(Issue),
    /// Issue a certificate that follows another.
    Renew(Renew),
    /// Revoke a certificate.
    Revoke(Revoke),
    /// Revoke many certificates in one act.
    RevokeMany(Box<RevokeMany>),
    /// How far the act is that revokes many.
    MassRevocationProgress(MassRevocationProgress),
    /// Who answers for status.
    EndpointList(EndpointList),
    /// What whoever looks for revocations needs.
    VisibilityPlan(VisibilityPlan),
    /// What the canary measured.
    CanaryShow(CanaryShow),
    /// Show one certificate.
    Show(Show),
    /// List certificates.
    List(List),
    /// Verify a chain.
    Verify(Verify),
    /// Register a facility, or more terminals of it.
    FacilityAdd(FacilityAdd),
    /// List facilities.
    FacilityList(RegistrationList),
    /// Record what a terminal's hardware can do.
    FacilityTerminal(FacilityTerminal),
    /// Erase what is kept of a facility in the private log.
    FacilityForget(Forget),
    /// Register a server or a system client.
    SystemAdd(SystemAdd),
    /// List systems.
    SystemList(RegistrationList),
    /// Register a member of staff.
    OperatorAdd(OperatorAdd),
    /// List staff.
    OperatorList(RegistrationList),
    /// Erase what is kept of a member of staff in the private log.
    OperatorForget(Forget),
    /// Say that the clock is right and newer entries bear a wrong time.
    ClockAccept(ClockAccept),
    /// Rehash the whole ledger.
    LedgerVerify(LedgerVerify),
    /// Prove that an entry is in the ledger.
    LedgerProve(LedgerProve),
    /// Read entries.
    LedgerEntries(LedgerEntries),
    /// Publish CRLs.
    CrlPublish(CrlPublish),
    /// Take over a CRL of a CA whose key is elsewhere.
    CrlImport(CrlImport),
    /// End a CA and publish its final CRLs.
    CrlEnd(CrlEnd),
    /// List the newest CRLs.
    CrlList(CrlList),
    /// Show one CRL.
    CrlShow(CrlShow),
    /// Say what the policy decides.
    PolicyExplain(PolicyExplain),
    /// List the devices and their keys.
    DeviceList(DeviceList),
    /// Put a device back in service.
    DeviceEnable(DeviceEnable),
    /// Match the devices' logs to the ledger.
    DeviceReconcile(DeviceReconcile),
    /// Say that alarms about devices were looked at.
    AlarmAcknowledge(AlarmAcknowledge),
    /// The keys that the ledger knows.
    RecordedKeyList(RecordedKeyList),
    /// Enrol an edge responder, or give one a new token.
    ResponderEnrol(ResponderEnrol),
    /// List edge responders.
    ResponderList(ResponderList),
    /// End an edge responder.
    ResponderRemove(ResponderRemove),
}

/// Issue a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// The profile's name.
    pub profile: String,
    /// Whom it shall name: `facility/1312345679/1`, `system/portal/1`, `operator/hanako/1`.
    pub identity: String,
    /// The PKCS#10 request, PEM or DER, in base64.
    pub csr_base64: String,
    /// Asking again under the same key gives the same certificate.
    pub request_key: Option<String>,
}

/// Issue a certificate that follows another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renew {
    /// The serial of the certificate to follow.
    pub serial: String,
    /// Its issuer, when several used that serial.
    pub issuer: Option<String>,
    /// Another profile than the one before, as from RSA to ECC.
    pub profile: Option<String>,
    /// The PKCS#10 request, PEM or DER, in base64.
    pub csr_base64: String,
    /// Asking again under the same key gives the same certificate.
    pub request_key: Option<String>,
}

/// Revoke a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Its serial.
    pub serial: String,
    /// Its issuer, when several used that serial.
    pub issuer: Option<String>,
    /// `key-compromise`, `superseded`, …, or `unspecified`.
    pub reason: String,
    /// Since when the key was untrustworthy.
    pub invalidity_date: Option<UnixTime>,
}

/// Show one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Show {
    /// A serial, the name of a CA (`root-ecc`, `root-ecc-by-rsa`) or a subject (its newest).
    pub name: String,
    /// Its issuer, when several used that serial.
    pub issuer: Option<String>,
}

/// List certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Of this issuer only.
    pub issuer: Option<String>,
    /// Of this subject only: `facility/1312345679/1`; of all terminals: `facility/1312345679`.
    pub subject: Option<String>,
    /// In this state only.
    pub state: Option<CertificateState>,
    /// At most so many.
    pub limit: u32,
}

/// Where a certificate is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateState {
    /// About to be signed.
    Recorded,
    /// Issued, not revoked, not expired.
    Valid,
    /// Issued, not revoked, expired.
    Expired,
    /// Issued and revoked.
    Revoked,
    /// The device refused; the serial is burnt.
    Failed,
    /// The process ended between record and outcome; the serial is burnt and revoked.
    Abandoned,
}

/// Register a facility, or more terminals of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacilityAdd {
    /// The ten-digit code.
    pub code: String,
    /// Its terminals are 1 to this number.
    pub terminals: u16,
    /// Whom to reach; kept in the private log.
    pub contact: Option<String>,
}

/// List registrations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationList {
    /// At most so many.
    pub limit: u32,
    /// Whether the private log is read too.
    pub private: bool,
}

/// Record what a terminal's hardware can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacilityTerminal {
    /// The facility's code.
    pub code: String,
    /// The terminal's number.
    pub terminal: u16,
    /// Whether it can use elliptic-curve keys.
    pub ecc_capable: bool,
    /// Why that is believed.
    pub reason: String,
}

/// Erase what the private log keeps of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forget {
    /// The facility's code or the member of staff.
    pub name: String,
    /// Why it has to go.
    pub reason: String,
}

/// Say that the clock is right and newer entries bear a wrong time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockAccept {
    /// How the clock came to be wrong.
    pub reason: String,
}

/// Register a server or a system client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemAdd {
    /// Its identifier.
    pub name: String,
    /// The DNS names of its servers.
    pub dns_names: Vec<String>,
    /// Whether it may hold server certificates.
    pub server: bool,
    /// Whether it may hold client certificates.
    pub client: bool,
}

/// Register a member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorAdd {
    /// The identifier.
    pub name: String,
    /// Who that is; kept in the private log.
    pub person: Option<String>,
}

/// Rehash the whole ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerVerify {}

/// Prove that an entry is in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerProve {
    /// Which entry.
    pub what: Provable,
}

/// Something that a ledger entry stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provable {
    /// An entry.
    Index(u64),
    /// The record of a certificate: the bytes that were to be signed.
    Record(String),
    /// The outcome of a certificate: its signature.
    Outcome(String),
}

/// Read entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerEntries {
    /// The first index.
    pub from: u64,
    /// At most so many.
    pub limit: u32,
}

/// Say what the policy decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyExplain {
    /// The profile's name.
    pub profile: String,
    /// The subject's key; the profile's first when left out.
    pub key: Option<KeyAlgorithm>,
    /// When; now when left out.
    pub at: Option<UnixTime>,
    /// The end of validity asked for; the latest permitted when left out.
    pub not_after: Option<UnixTime>,
    /// The registration is recorded as incapable of ECC.
    pub ecc_incapable: bool,
}

/// Publish CRLs: those that are due, unless an issuer or all are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrlPublish {
    /// Of this issuer, due or not.
    pub issuer: Option<String>,
    /// Of this shard only.
    pub shard: Option<u32>,
    /// Every one, due or not.
    pub all: bool,
}

/// End a CA and publish its final CRLs: it signs nothing after them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrlEnd {
    /// The CA.
    pub issuer: String,
}

/// Take over a CRL of a CA whose key is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrlImport {
    /// Its issuer.
    pub issuer: String,
    /// The CRL, DER, in base64.
    pub crl_base64: String,
}

/// List the newest CRLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrlList {}

/// Show one CRL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrlShow {
    /// Its issuer.
    pub issuer: String,
    /// Its shard.
    pub shard: u32,
    /// The delta CRL instead of the full one.
    pub delta: bool,
}
