//! What is trusted to begin with.

use std::sync::Arc;

use const_oid::ObjectIdentifier;

use crate::certificate::{BasicConstraints, Certificate, CertificateError, KeyUsage};
use crate::crypto::{CryptoError, CryptoProvider, PublicKey};
use crate::name::Name;
use crate::{UnixTime, oid};

/// A trust anchor (RFC 5280 §6.1.1 (d)) with its key parsed.
///
/// One made from a certificate also keeps to what that certificate says (RFC 5937): validity, CA,
/// key usage, path length and name constraints. Its own signature is never checked.
#[derive(Clone, Debug)]
pub struct TrustAnchor {
    subject: Box<[u8]>,
    spki: Box<[u8]>,
    key: Arc<dyn PublicKey>,
    pub(super) limits: Option<Limits>,
}

/// What the certificate of an anchor says.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) der: Box<[u8]>,
    pub(super) not_before: UnixTime,
    pub(super) not_after: UnixTime,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) key_id: Option<Box<[u8]>>,
    pub(super) unknown_critical: Option<ObjectIdentifier>,
    /// DER of the extension.
    pub(super) name_constraints: Option<Box<[u8]>>,
}

/// Why something cannot be an anchor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// The certificate cannot be read.
    #[error("cannot use trust anchor: {0}")]
    Certificate(#[from] CertificateError),
    /// The key cannot be used.
    #[error("cannot use trust anchor: {0}")]
    Key(#[from] CryptoError),
    /// The name is no DER name, or empty.
    #[error("cannot use trust anchor: its name is malformed or empty")]
    Name,
}

impl AnchorError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Certificate(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Name => "anchor.name",
        }
    }
}

impl TrustAnchor {
    /// From a certificate in DER.
    ///
    /// # Errors
    /// When the certificate or its key cannot be used.
    pub fn from_certificate(der: &[u8], crypto: &dyn CryptoProvider) -> Result<Self, AnchorError> {
        let certificate = Certificate::from_der(der)?;
        let mut anchor =
            Self::from_name_and_key(certificate.subject().der(), certificate.spki(), crypto)?;
        let extensions = certificate.extensions();
        let name_constraints = extensions
            .iter()
            .find(|it| *it.oid == oid::NAME_CONSTRAINTS);
        anchor.limits = Some(Limits {
            der: der.into(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            basic_constraints: extensions.basic_constraints,
            key_usage: extensions.key_usage,
            key_id: extensions.subject_key_id.map(Into::into),
            unknown_critical: extensions.unknown_critical.map(crate::certificate::owned),
            name_constraints: name_constraints.map(|it| it.value.into()),
        });
        Ok(anchor)
    }

    /// From a name (DER) and a key (DER of the SPKI), without limits.
    ///
    /// # Errors
    /// When the name is malformed or empty, or the key cannot be used.
    pub fn from_name_and_key(
        subject: &[u8],
        spki: &[u8],
        crypto: &dyn CryptoProvider,
    ) -> Result<Self, AnchorError> {
        let name = Name::from_der(subject).map_err(|_| AnchorError::Name)?;
        if name.is_empty() {
            return Err(AnchorError::Name);
        }
        let key = crypto.public_key(spki)?;
        Ok(Self {
            subject: subject.into(),
            spki: spki.into(),
            key,
            limits: None,
        })
    }

    /// The DER of its name.
    #[must_use]
    pub const fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// The DER of its key.
    #[must_use]
    pub const fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &dyn PublicKey {
        &*self.key
    }

    pub(crate) fn shared_key(&self) -> Arc<dyn PublicKey> {
        Arc::clone(&self.key)
    }

    /// The DER of its certificate, when it was made from one.
    #[must_use]
    pub fn certificate_der(&self) -> Option<&[u8]> {
        self.limits.as_ref().map(|limits| &*limits.der)
    }

    /// Its name in RFC 4514 form.
    #[must_use]
    pub fn subject_text(&self) -> String {
        self.subject()
            .map(|name| name.to_string())
            .unwrap_or_default()
    }

    /// The name, which was checked when the anchor was made.
    pub(crate) fn subject(&self) -> Option<Name<'_>> {
        Name::from_checked(&self.subject).ok()
    }

    /// First and last second of its certificate, if it has one.
    pub(crate) fn validity(&self) -> Option<(UnixTime, UnixTime)> {
        let limits = self.limits.as_ref()?;
        Some((limits.not_before, limits.not_after))
    }

    pub(crate) fn key_usage(&self) -> Option<KeyUsage> {
        self.limits.as_ref()?.key_usage
    }

    pub(crate) fn key_id(&self) -> Option<&[u8]> {
        self.limits.as_ref()?.key_id.as_deref()
    }
}
