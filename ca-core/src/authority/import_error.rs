//! Why something that was made elsewhere is not taken over.

use kasane_verify::UnixTime;
use kasane_verify::certificate::CertificateError;
use kasane_verify::crl::CrlError;

/// Why something that was made elsewhere is not taken over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// No certificate.
    #[error("import of {name}: it is no certificate: {source}")]
    Certificate {
        /// What it was to be called.
        name: String,
        /// Why it cannot be read.
        source: CertificateError,
    },
    /// Not the one that was reviewed.
    #[error("import of {name}: its SHA-256 is {found}, but {expected} was reviewed")]
    Digest {
        /// What it was to be called.
        name: String,
        /// What it is.
        found: String,
        /// What was written.
        expected: String,
    },
    /// A property that a CA of that profile must have.
    #[error("import of {name} under profile {profile}: {reason}")]
    Profile {
        /// What it was to be called.
        name: String,
        /// The profile.
        profile: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// Signed by nobody who is known.
    #[error(
        "import of {name}: {issuer} signed it, and no CA of that name and key is known here; import that one first"
    )]
    IssuerUnknown {
        /// What it was to be called.
        name: String,
        /// Who signed.
        issuer: String,
    },
    /// Signed by a key that was made here, and not by this authority.
    #[error(
        "import of {name}: the key {label}, which was made here, signed it without an entry in the ledger; treat it as misused: revoke what it certifies and find out who used it"
    )]
    SignedHere {
        /// What it was to be called.
        name: String,
        /// The key's label.
        label: String,
    },
    /// Not valid now.
    #[error("import of {name}: it is valid from {not_before} to {not_after}, not at {now}")]
    Validity {
        /// What it was to be called.
        name: String,
        /// Its beginning.
        not_before: UnixTime,
        /// Its end.
        not_after: UnixTime,
        /// The present.
        now: UnixTime,
    },
    /// The key here is another one.
    #[error(
        "import of {name}: the key {label} here is another than the certificate's (SHA-256 of the SPKI here {here}, in the certificate {there})"
    )]
    OtherKey {
        /// What it was to be called.
        name: String,
        /// The label.
        label: String,
        /// Hash of the key here.
        here: String,
        /// Hash of the certificate's key.
        there: String,
    },
    /// A request was made here, and this certificate is no answer to it.
    #[error("import of {name}: it is no answer to the request made here: {reason}")]
    NotAsRequested {
        /// What it was to be called.
        name: String,
        /// What differs.
        reason: &'static str,
    },
    /// No CRL.
    #[error("import of a CRL of {issuer}: it is no CRL: {source}")]
    Crl {
        /// Whose it was to be.
        issuer: String,
        /// Why it cannot be read.
        source: CrlError,
    },
    /// A CRL that must not be published.
    #[error("import of a CRL of {issuer}: {reason}")]
    CrlContent {
        /// Whose it was to be.
        issuer: String,
        /// What does not fit.
        reason: String,
    },
    /// An older CRL than the one that is published.
    #[error("import of a CRL of {issuer}: its number is {found}, and {last} was used already")]
    CrlNumber {
        /// Whose it is.
        issuer: String,
        /// Its number.
        found: u64,
        /// The highest before.
        last: u64,
    },
}

impl ImportError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Certificate { .. } => "import.certificate",
            Self::Digest { .. } => "import.digest",
            Self::Profile { .. } => "import.profile",
            Self::IssuerUnknown { .. } => "import.issuer-unknown",
            Self::SignedHere { .. } => "import.signed-here",
            Self::Validity { .. } => "import.validity",
            Self::OtherKey { .. } => "import.other-key",
            Self::NotAsRequested { .. } => "import.not-as-requested",
            Self::Crl { .. } => "import.crl",
            Self::CrlContent { .. } => "import.crl-content",
            Self::CrlNumber { .. } => "import.crl-number",
        }
    }
}
