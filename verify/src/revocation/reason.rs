//! Why a certificate was revoked.

use std::fmt;

use der::Enumerated;

/// `CRLReason` (RFC 5280 §5.3.1), shared by CRLs and OCSP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumerated)]
#[repr(u32)]
pub enum RevocationReason {
    /// No reason is given; CRLs leave the extension out instead.
    Unspecified = 0,
    /// The subject's private key is known or suspected to be in other hands.
    KeyCompromise = 1,
    /// A CA's private key is known or suspected to be in other hands.
    CaCompromise = 2,
    /// The subject's name or other information has changed.
    AffiliationChanged = 3,
    /// Another certificate replaces this one.
    Superseded = 4,
    /// The certificate is no longer needed.
    CessationOfOperation = 5,
    /// Suspended for now.
    CertificateHold = 6,
    /// Only in delta CRLs: the hold is over, or the certificate has expired.
    RemoveFromCrl = 8,
    /// A privilege in the certificate was withdrawn.
    PrivilegeWithdrawn = 9,
    /// An attribute authority's key is known or suspected to be in other hands.
    AaCompromise = 10,
}

impl RevocationReason {
    /// Every reason, in the order of its number.
    pub const ALL: [Self; 10] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::RemoveFromCrl,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// The number in the encoding; seven is unused.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::RemoveFromCrl => 8,
            Self::PrivilegeWithdrawn => 9,
            Self::AaCompromise => 10,
        }
    }

    /// The reason with that number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.number() == number)
    }

    /// The identifier in the ASN.1 module.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
