//! The authority: everything it knows and may do, behind one handle.

mod alarms;
mod attested;
mod authorize;
mod begin;
mod canary;
mod certificates;
mod crl;
mod crl_read;
mod device_alarm;
mod device_log;
mod devices;
mod documents;
mod end;
mod feed;
mod import;
mod import_check;
mod import_crl;
mod import_error;
mod issue;
mod issue_ca;
mod issuers;
mod journal;
mod keys;
mod mass_revocation;
mod notary;
mod ocsp_signer;
mod open;
mod planned;
mod populate;
mod prepare;
mod private;
mod reason;
mod reconcile;
mod recorded_configuration;
mod recorded_signers;
mod recovery;
mod register;
mod renew;
mod request_certificate;
mod responders;
mod revoke;
mod room;
mod service;
mod status;
mod status_source;
mod time;

use std::collections::BTreeMap;
use std::sync::Arc;

use kasane_ledger::Ledger;
use kasane_verify::UnixTime;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::policy::Timeline;
use parking_lot::{Mutex, RwLock};

use crate::ceremony::Planned;
use crate::clock::Clock;
use crate::configuration::Configuration;
use crate::fail_point::FailPoints;
use crate::issuer::Issuer;
use crate::key_quality::WeakKeys;
use crate::ledger_head::LedgerHead;
use crate::pipeline::InFlight;
use crate::private_log::SubjectKeys;
use crate::profile::Profiles;
use crate::projection::{Spreader, StatusChanges};
use crate::random::RandomSource;
use crate::signing::{LedgerKey, SigningDoor};
use crate::store::Tables;

pub use alarms::AcknowledgedAlarms;
pub use begin::Documents;
pub use canary::CanaryKey;
pub use certificates::CertificateDetail;
pub use crl::{CrlKind, CrlLifetime, CrlOrder, CrlPair};
pub use devices::{AcceptedHistory, Devices};
pub use import::{CertificateImport, Imported};
pub use import_crl::ImportedCrl;
pub use import_error::ImportError;
pub use issue::IssueOrder;
pub use issue_ca::{CaCertificateOrder, CaSubject};
pub use keys::OcspSigner;
pub use mass_revocation::{
    Facilities, MassChoice, MassRevocationOrder, MassRevoked, MassSelection, MassStep,
    SampleCertificate,
};
pub use ocsp_signer::OcspSignerOrder;
pub use open::{GoOn, LEDGER_KEY_LABEL, Parts, Progress};
pub use populate::Population;
pub use reconcile::DeviceAction;
pub use recorded_signers::RecordedSigner;
pub use recovery::Recovered;
pub use request_certificate::{CertificationRequest, RequestOrder};
pub use responders::{ResponderSignerOrder, responder_token_sha256};
pub use revoke::{RevocationOrder, parse_reason, reason_name};
pub use status::Status;
pub(crate) use status::status_of;

/// Everything the authority knows and may do. Shared between threads by `Arc`.
pub struct Authority {
    configuration: Configuration,
    timeline: Timeline,
    profiles: Profiles,
    ledger: Ledger,
    ledger_key: LedgerKey,
    tables: Arc<dyn Tables>,
    door: Arc<SigningDoor>,
    crypto: Arc<dyn CryptoProvider>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn RandomSource>,
    fail_points: Arc<dyn FailPoints>,
    weak_keys: WeakKeys,
    subject_keys: SubjectKeys,
    issuers: RwLock<BTreeMap<String, Arc<Issuer>>>,
    /// Request keys, CRL series and registrations that are being worked on.
    in_flight: InFlight,
    /// The plan of the ceremony that is being held.
    planned: RwLock<Option<Arc<Planned>>>,
    /// Whether the disks have room.
    room: room::Room,
    /// The newest checkpoint, noted beside the ledger.
    head: LedgerHead,
    devices: Devices,
    /// Writes for the door, which knows it weakly.
    notary: Arc<notary::Notary>,
    /// Held while a checkpoint is made: its signature is reserved before.
    checkpointing: Mutex<()>,
    /// Held while a page of a device's log is stored.
    device_logs: Mutex<()>,
    /// Read while a certificate is recorded, written while a CA is ended.
    ending: RwLock<()>,
    /// Held while alarms are raised.
    raising: Mutex<()>,
    /// Held while devices are reconciled. Whoever stores a log never waits for it.
    reconciling: Mutex<()>,
    /// Held for reading by who revokes one certificate, for writing by who revokes many.
    revoking: RwLock<()>,
    /// Held by who revokes many, from the choice on.
    acting: Mutex<()>,
    /// Does what acts leave to be done.
    spreader: Spreader,
    /// When the mass revocation began that is being recorded and taken up by the projection.
    acting_since: Mutex<Option<UnixTime>>,
    /// Why nothing may be issued, once integrity is in doubt.
    stopped: RwLock<Option<String>>,
    /// Counts what changes in certificates' status.
    status_changes: Arc<StatusChanges>,
}

impl Authority {
    /// The present.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Whose authority this is.
    #[must_use]
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The dated policy in force, shifted if this is a demonstration.
    #[must_use]
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The profiles in force.
    #[must_use]
    pub const fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The ledger.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The ledger's key.
    #[must_use]
    pub const fn ledger_key(&self) -> &LedgerKey {
        &self.ledger_key
    }

    /// The projection.
    #[must_use]
    pub fn tables(&self) -> &dyn Tables {
        &*self.tables
    }

    /// The one door to the keys.
    #[must_use]
    pub fn door(&self) -> &Arc<SigningDoor> {
        &self.door
    }

    /// What verifies signatures.
    #[must_use]
    pub fn crypto(&self) -> &dyn CryptoProvider {
        &*self.crypto
    }

    /// What keys are known to be weak.
    #[must_use]
    pub const fn weak_keys(&self) -> &WeakKeys {
        &self.weak_keys
    }

    /// Randomness.
    #[must_use]
    pub fn random(&self) -> &dyn RandomSource {
        &*self.random
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authority({})", self.configuration.config().origin)
    }
}
