//! What is signed, and which keys may sign it.

use kasane_hsm::KeyRole;

/// A kind of thing that the authority signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// The certificate of a CA: a root's own, an issuing CA's, a cross-certificate.
    CaCertificate,
    /// The certificate of a subscriber or of an OCSP signer.
    EndEntityCertificate,
    /// A CRL, full or delta.
    Crl,
    /// An OCSP response.
    OcspResponse,
    /// A checkpoint of the ledger.
    Checkpoint,
    /// A request for a certificate of the key's own, to a CA whose keys are elsewhere.
    CertificationRequest,
}

impl Product {
    /// Every product.
    pub const ALL: [Self; 6] = [
        Self::CaCertificate,
        Self::EndEntityCertificate,
        Self::Crl,
        Self::OcspResponse,
        Self::Checkpoint,
        Self::CertificationRequest,
    ];

    /// Whether a key of `role` may sign it. Roots sign CA certificates, CRLs and requests
    /// only.
    #[must_use]
    pub const fn may_be_signed_by(self, role: KeyRole) -> bool {
        match role {
            KeyRole::RootCa => {
                matches!(
                    self,
                    Self::CaCertificate | Self::Crl | Self::CertificationRequest
                )
            }
            KeyRole::IssuingCa => matches!(
                self,
                Self::EndEntityCertificate | Self::Crl | Self::CertificationRequest
            ),
            // A request too: a signer at an edge asks for its certificate.
            KeyRole::OcspResponder => {
                matches!(self, Self::OcspResponse | Self::CertificationRequest)
            }
            KeyRole::Ledger => matches!(self, Self::Checkpoint),
            // Officers govern the authority: nothing of its own is theirs to sign.
            KeyRole::Officer => false,
        }
    }

    /// What a key of `role` signs without a record of its own.
    pub(crate) const fn unrecorded(role: KeyRole) -> Self {
        match role {
            KeyRole::Ledger => Self::Checkpoint,
            _ => Self::OcspResponse,
        }
    }

    /// The name in logs and in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CaCertificate => "ca-certificate",
            Self::EndEntityCertificate => "end-entity-certificate",
            Self::Crl => "crl",
            Self::OcspResponse => "ocsp-response",
            Self::Checkpoint => "checkpoint",
            Self::CertificationRequest => "certification-request",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_product_has_exactly_the_roles_of_the_design() {
        let allowed: Vec<_> = Product::ALL
            .into_iter()
            .flat_map(|product| KeyRole::ALL.into_iter().map(move |role| (product, role)))
            .filter(|(product, role)| product.may_be_signed_by(*role))
            .collect();
        assert_eq!(
            allowed,
            [
                (Product::CaCertificate, KeyRole::RootCa),
                (Product::EndEntityCertificate, KeyRole::IssuingCa),
                (Product::Crl, KeyRole::RootCa),
                (Product::Crl, KeyRole::IssuingCa),
                (Product::OcspResponse, KeyRole::OcspResponder),
                (Product::Checkpoint, KeyRole::Ledger),
                (Product::CertificationRequest, KeyRole::RootCa),
                (Product::CertificationRequest, KeyRole::IssuingCa),
                (Product::CertificationRequest, KeyRole::OcspResponder),
            ]
        );
    }
}
