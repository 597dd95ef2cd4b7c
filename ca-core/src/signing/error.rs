//! Why the door let no signature out.

use kasane_hsm::{DeviceName, Disposition, KeyLabel, KeyRole};
use kasane_verify::SignatureAlgorithm;
use kasane_verify::crypto::CryptoError;

use super::Product;

/// Why the door let no signature out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The key may not sign such a thing.
    #[error("key {label} has the role {role} and may not sign a {}", product.as_str())]
    Role {
        /// The key.
        label: KeyLabel,
        /// Its role.
        role: KeyRole,
        /// What it was asked to sign.
        product: Product,
    },
    /// What is to be signed names another algorithm than the key's.
    #[error("key {label} signs with {expected}, but the bytes to be signed name {found}")]
    Algorithm {
        /// The key.
        label: KeyLabel,
        /// How the key signs.
        expected: SignatureAlgorithm,
        /// What the bytes say.
        found: SignatureAlgorithm,
    },
    /// The issuer's key is not here.
    #[error(
        "issuer {issuer}: its key is elsewhere; have it signed where the key is, and import what comes back"
    )]
    KeyElsewhere {
        /// The issuer.
        issuer: String,
    },
    /// The key holder failed.
    #[error(transparent)]
    Key(#[from] kasane_hsm::Error),
    /// The key holder gave a public key that cannot be used.
    #[error("key {label}: public key cannot be used: {source}")]
    PublicKey {
        /// The key.
        label: KeyLabel,
        /// Why.
        source: CryptoError,
    },
    /// The attempt is not covered by the ledger, so it was not made.
    #[error("key {label}: nothing was signed: {reason}")]
    NotReserved {
        /// The key.
        label: KeyLabel,
        /// Why not.
        reason: String,
    },
    /// The signature that came back does not verify: wrong key under the right label, or a fault.
    #[error(
        "key {label}: the signature that came back from device {device} does not verify; do not use that device until it is examined"
    )]
    SignatureWrong {
        /// The key.
        label: KeyLabel,
        /// The device that made it.
        device: DeviceName,
    },
}

impl SigningError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role { .. } => "signing.role",
            Self::Algorithm { .. } => "signing.algorithm",
            Self::KeyElsewhere { .. } => "signing.key-elsewhere",
            Self::Key(error) => error.code(),
            Self::PublicKey { .. } => "signing.public-key",
            Self::NotReserved { .. } => "signing.not-reserved",
            Self::SignatureWrong { .. } => "signing.signature-wrong",
        }
    }

    /// Whether another attempt may help.
    #[must_use]
    pub const fn may_be_tried_again(&self) -> bool {
        match self {
            Self::Key(error) => !matches!(error.disposition(), Disposition::Stop),
            // The door told the key to leave that device alone: another one may be right.
            Self::SignatureWrong { .. } => true,
            _ => false,
        }
    }

    /// Whether a device may have signed all the same: a further try is a further attempt then.
    #[must_use]
    pub const fn was_attempted(&self) -> bool {
        match self {
            Self::Key(error) => error.was_attempted(),
            Self::SignatureWrong { .. } => true,
            _ => false,
        }
    }

    /// Whether the next try goes to another device, which need not be waited for.
    #[must_use]
    pub const fn goes_elsewhere(&self) -> bool {
        match self {
            Self::Key(error) => matches!(error.disposition(), Disposition::OtherDevice),
            Self::SignatureWrong { .. } => true,
            _ => false,
        }
    }
}
