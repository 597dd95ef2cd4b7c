//! The bundle of trust anchors.

use der::Encode;

use super::TrustError;
use super::identifier::check_text;
use super::wire::{self, VERSION, WireAnchor, WireAnchorBundle, check_version};
use crate::UnixTime;
use crate::certificate::Certificate;
use crate::crypto::CryptoProvider;
use crate::path::TrustAnchor;

/// Most anchors of a bundle.
pub const MAX_ANCHORS: usize = 64;

const MAX_NOTE_BYTES: usize = 512;

/// An anchor and what the officers say of it.
#[derive(Clone, Debug)]
pub struct Anchor {
    anchor: TrustAnchor,
    certificate: Box<[u8]>,
    note: String,
    used_until: Option<UnixTime>,
}

/// Distinct anchors.
#[derive(Clone, Debug)]
pub struct AnchorBundle {
    anchors: Vec<Anchor>,
}

impl Anchor {
    /// From a CA certificate (DER), a note for people, and the last second at which it is an anchor,
    /// when that is to be before its own end.
    ///
    /// # Errors
    /// When the certificate cannot be an anchor, or is not a CA's.
    pub fn new(
        certificate: &[u8],
        note: impl Into<String>,
        used_until: Option<UnixTime>,
        crypto: &dyn CryptoProvider,
    ) -> Result<Self, TrustError> {
        let note = note.into();
        check_text("anchor note", &note, MAX_NOTE_BYTES)?;
        let anchor = TrustAnchor::from_certificate(certificate, crypto)?;
        let parsed =
            Certificate::from_der(certificate).map_err(|error| TrustError::Anchor(error.into()))?;
        // RFC 5280 §4.2.1.9: without the extension, or without its CA bit, the key signs no certificates.
        if !parsed
            .extensions()
            .basic_constraints
            .is_some_and(|it| it.ca)
        {
            return Err(TrustError::AnchorNotCa {
                subject: anchor.subject_text(),
            });
        }
        Ok(Self {
            anchor,
            certificate: certificate.into(),
            note,
            used_until,
        })
    }

    /// The anchor.
    #[must_use]
    pub const fn anchor(&self) -> &TrustAnchor {
        &self.anchor
    }

    /// The certificate (DER).
    #[must_use]
    pub const fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// What it is for, in the officers' words; nothing is decided by it.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// The last second at which it is an anchor, when that is before its own end.
    #[must_use]
    pub const fn used_until(&self) -> Option<UnixTime> {
        self.used_until
    }

    /// Whether it is an anchor at `at`, its own validity aside.
    #[must_use]
    pub fn is_used_at(&self, at: UnixTime) -> bool {
        self.used_until.is_none_or(|until| at <= until)
    }
}

impl AnchorBundle {
    /// A bundle of those, in that order.
    ///
    /// # Errors
    /// When there are none, too many, or one stands twice (the same name with the same key).
    pub fn new(anchors: Vec<Anchor>) -> Result<Self, TrustError> {
        check_count(anchors.len())?;
        for (index, it) in anchors.iter().enumerate() {
            let is_same = |other: &&Anchor| {
                other.anchor.spki() == it.anchor.spki()
                    && other.anchor.subject_der() == it.anchor.subject_der()
            };
            if anchors.iter().take(index).any(|other| is_same(&other)) {
                return Err(TrustError::DuplicateAnchor {
                    subject: it.anchor.subject_text(),
                });
            }
        }
        Ok(Self { anchors })
    }

    /// Each anchor with its notes.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// What a verifier starts from at `at`.
    #[must_use]
    pub fn trusted_at(&self, at: UnixTime) -> Vec<TrustAnchor> {
        let used = self.anchors.iter().filter(|it| it.is_used_at(at));
        used.map(|it| it.anchor.clone()).collect()
    }

    /// The content of a document.
    ///
    /// # Errors
    /// When something is too long for DER.
    pub fn to_der(&self) -> Result<Vec<u8>, TrustError> {
        let anchor = |it: &Anchor| -> Result<_, TrustError> {
            Ok(WireAnchor {
                certificate: wire::octets(&it.certificate)?,
                note: it.note.clone(),
                used_until: it.used_until,
            })
        };
        let wire = WireAnchorBundle {
            version: VERSION,
            anchors: self.anchors.iter().map(anchor).collect::<Result<_, _>>()?,
        };
        Ok(wire.to_der()?)
    }

    /// Reads the content of a document.
    ///
    /// # Errors
    /// As the constructors.
    pub fn from_der(der: &[u8], crypto: &dyn CryptoProvider) -> Result<Self, TrustError> {
        let wire: WireAnchorBundle = wire::read(der)?;
        check_version(wire.version)?;
        // Before any certificate is parsed.
        check_count(wire.anchors.len())?;
        let anchor =
            |it: WireAnchor| Anchor::new(it.certificate.as_bytes(), it.note, it.used_until, crypto);
        Self::new(
            wire.anchors
                .into_iter()
                .map(anchor)
                .collect::<Result<_, _>>()?,
        )
    }
}

const fn check_count(count: usize) -> Result<(), TrustError> {
    match count {
        0 => Err(TrustError::Field {
            field: "anchors",
            why: "a bundle names at least one",
        }),
        1..=MAX_ANCHORS => Ok(()),
        _ => Err(TrustError::TooMany {
            what: "anchors",
            count,
            limit: MAX_ANCHORS,
        }),
    }
}
