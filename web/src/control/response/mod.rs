//! What is answered. Serials are lower-case hex, certificates PEM, times RFC 3339.

mod certificate;
mod crl;
mod device;
mod ledger;
mod policy;
mod registration;
mod responder;
mod revocation;
mod verify;

pub use certificate::*;
pub use crl::*;
pub use device::*;
pub use ledger::*;
pub use policy::*;
pub use registration::*;
pub use responder::*;
pub use revocation::*;
pub use verify::*;

use serde::{Deserialize, Serialize};

use crate::canary::CanaryReport;

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// A certificate was issued, or had been under the same request key.
    Issued(IssuedCertificate),
    /// A certificate was revoked.
    Revoked(Revoked),
    /// Many certificates were revoked, or would be.
    RevokedMany(Box<RevokedMany>),
    /// How far the act is that revokes many.
    MassRevocation(MassRevocationView),
    /// Who answers for status.
    StatusEndpoints(StatusEndpoints),
    /// What whoever looks for revocations needs.
    VisibilityPlanned(Box<VisibilityPlanned>),
    /// What the canary measured.
    Canary(Box<CanaryReport>),
    /// One certificate.
    Certificate(Box<CertificateView>),
    /// Certificates.
    Certificates(Certificates),
    /// Whether a chain is trusted, and why.
    Verified(Box<VerifyReport>),
    /// Something was noted in the ledger.
    Noted(Noted),
    /// Facilities.
    Facilities(Facilities),
    /// Systems.
    Systems(Systems),
    /// Staff.
    Operators(Operators),
    /// The ledger is whole.
    LedgerReport(LedgerReport),
    /// A proof.
    Proof(Proof),
    /// Ledger entries.
    Entries(Entries),
    /// CRLs were published.
    CrlsPublished(CrlsPublished),
    /// A CRL was taken over.
    CrlImported(CrlImported),
    /// The newest CRLs.
    Crls(Crls),
    /// One CRL.
    Crl(CrlView),
    /// What the policy decides.
    Policy(PolicyExplained),
    /// Devices and their keys.
    Devices(Devices),
    /// A device is back in service; how it stands now.
    Device(Box<DeviceView>),
    /// The devices' logs, matched to the ledger.
    Reconciliation(Reconciliation),
    /// Alarms about devices were acknowledged.
    AlarmsAcknowledged(AlarmsAcknowledged),
    /// The keys that the ledger knows.
    RecordedKeys(RecordedKeys),
    /// An edge responder was enrolled.
    ResponderEnrolled(ResponderEnrolled),
    /// Edge responders.
    Responders(Responders),
    /// An edge responder was ended.
    ResponderRemoved(ResponderRemoved),
}
