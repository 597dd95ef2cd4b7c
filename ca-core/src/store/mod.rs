//! Where the projection of the ledger lives: named tables of ordered keys.
//!
//! Nothing here is the truth. A backend may lose everything at any time; the projection is then
//! rebuilt from the ledger.

mod digest;
mod error;
mod memory;
mod sled_store;
mod write_behind;
mod write_set;

pub use digest::digest;
pub use error::StoreError;
pub use memory::MemoryTables;
pub use sled_store::SledTables;
pub use write_behind::WriteBehind;
pub use write_set::WriteSet;

/// The tables. Each has one owner module under `projection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// Issuer and serial → the certificate's state.
    Certificates,
    /// Issuer and shard → the newest CRL and delta CRL.
    Crls,
    /// Kind and name → the document in force.
    Documents,
    /// Facility code → registration.
    Facilities,
    /// Issuer name → certificate and configuration.
    Issuers,
    /// Label → key.
    Keys,
    /// Counters and the index of the next entry to apply.
    Meta,
    /// Issuer → its OCSP signers.
    OcspSigners,
    /// Record index → what waits for an outcome.
    OpenRecords,
    /// Operator identifier → registration.
    Operators,
    /// Subject → its records in the private log.
    Private,
    /// Requester and request key → record.
    RequestKeys,
    /// Issuer, shard and serial → revocation.
    Revocations,
    /// SHA-256 of a key → whose it is.
    SubjectKeys,
    /// Subject and record → certificate.
    Subjects,
    /// System name → registration.
    Systems,
    /// Facility and terminal → capability.
    Terminals,
    /// Label → what the ledger says of the key's signatures.
    KeyAccounts,
    /// Serial number → what the ledger says of the device.
    DeviceAccounts,
    /// Position → something that does not fit.
    Findings,
    /// Name → request to a CA whose keys are elsewhere.
    CertificationRequests,
    /// Name → edge responder.
    Responders,
    /// Edge responder and record → an OCSP signer whose key is there.
    ResponderSigners,
    /// Index → an act that revoked many certificates.
    MassRevocations,
    /// Issuer, shard, ledger index and serial → revocation.
    NewRevocations,
    /// Issuer, act and last serial → certificates that the act revoked, whose rows do not say so yet.
    UnspreadRevocations,
}

impl Table {
    /// Every table, in the order of the digest.
    pub const ALL: [Self; 26] = [
        Self::Certificates,
        Self::Crls,
        Self::Documents,
        Self::Facilities,
        Self::Issuers,
        Self::Keys,
        Self::Meta,
        Self::OcspSigners,
        Self::OpenRecords,
        Self::Operators,
        Self::Private,
        Self::RequestKeys,
        Self::Revocations,
        Self::SubjectKeys,
        Self::Subjects,
        Self::Systems,
        Self::Terminals,
        Self::KeyAccounts,
        Self::DeviceAccounts,
        Self::Findings,
        Self::CertificationRequests,
        Self::Responders,
        Self::ResponderSigners,
        Self::MassRevocations,
        Self::NewRevocations,
        Self::UnspreadRevocations,
    ];

    /// The number that begins its keys in a backend with one key space. Never used again.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name, for people and the digest.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certificates => "certificates",
            Self::Crls => "crls",
            Self::Documents => "documents",
            Self::Facilities => "facilities",
            Self::Issuers => "issuers",
            Self::Keys => "keys",
            Self::Meta => "meta",
            Self::OcspSigners => "ocsp_signers",
            Self::OpenRecords => "open_records",
            Self::Operators => "operators",
            Self::Private => "private",
            Self::RequestKeys => "request_keys",
            Self::Revocations => "revocations",
            Self::SubjectKeys => "subject_keys",
            Self::Subjects => "subjects",
            Self::Systems => "systems",
            Self::Terminals => "terminals",
            Self::KeyAccounts => "key_accounts",
            Self::DeviceAccounts => "device_accounts",
            Self::Findings => "findings",
            Self::CertificationRequests => "certification_requests",
            Self::Responders => "responders",
            Self::ResponderSigners => "responder_signers",
            Self::MassRevocations => "mass_revocations",
            Self::NewRevocations => "new_revocations",
            Self::UnspreadRevocations => "unspread_revocations",
        }
    }
}

/// What a scan calls with each key and value; `false` ends the scan.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> bool + 'a;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// A backend of the projection.
///
/// One writer at a time (the ledger's committer, or a spreader), any number of readers. `commit` is all or nothing, also when
/// the process is killed, and visible to readers when it returns. Durability is not asked for.
pub trait Tables: Send + Sync {
    /// The value under `key`.
    ///
    /// # Errors
    /// [`StoreError`] when the backend cannot be read.
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits the pairs whose key begins with `prefix` and is at least `from`, in key order.
    ///
    /// # Errors
    /// [`StoreError`] when the backend cannot be read.
    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError>;

    /// The first pair whose key begins with `prefix` and is at least `from`.
    ///
    /// # Errors
    /// [`StoreError`] when the backend cannot be read.
    fn first(&self, table: Table, prefix: &[u8], from: &[u8]) -> Result<Option<Pair>, StoreError> {
        let mut found = None;
        self.scan(table, prefix, from, &mut |key, value| {
            found = Some((key.to_vec(), value.to_vec()));
            false
        })?;
        Ok(found)
    }

    /// Waits until many writes can be taken without anybody waiting for them. For work that nobody waits
    /// for.
    fn wait_for_room(&self) {}

    /// Applies every write.
    ///
    /// # Errors
    /// [`StoreError`] when the backend cannot be written.
    fn commit(&self, writes: WriteSet) -> Result<(), StoreError>;

    /// Removes everything.
    ///
    /// # Errors
    /// [`StoreError`] when the backend cannot be written.
    fn wipe(&self) -> Result<(), StoreError>;

    /// Hands everything to the operating system, before a clean stop.
    ///
    /// # Errors
    /// [`StoreError`] when the backend cannot be written.
    fn flush(&self) -> Result<(), StoreError>;
}
