//! What callers supply, and what was used of it.

use std::sync::Arc;

use crate::UnixTime;
use crate::crl::IndexedCrl;
use crate::ocsp::{Nonce, OcspError, OcspResponse};
use crate::path::Position;

/// Evidence about the status of certificates. Trusted in nothing until it is checked.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// A complete or delta CRL; shared, so that it is parsed and its signature checked once.
    Crl(Arc<IndexedCrl>),
    /// An OCSP response.
    Ocsp(Arc<OcspEvidence>),
}

/// An OCSP response, and the nonce that it must repeat.
#[derive(Clone, Debug)]
pub struct OcspEvidence {
    /// The response.
    pub response: OcspResponse,
    /// The nonce that was sent, if one was.
    pub nonce: Option<Nonce>,
}

impl Evidence {
    /// Reads an OCSP response.
    ///
    /// # Errors
    /// As [`OcspResponse::parse`].
    pub fn ocsp(der: &[u8]) -> Result<Self, OcspError> {
        Self::ocsp_with_nonce(der, None)
    }

    /// Reads an OCSP response to a request with a nonce.
    ///
    /// # Errors
    /// As [`OcspResponse::parse`].
    pub fn ocsp_with_nonce(der: &[u8], nonce: Option<Nonce>) -> Result<Self, OcspError> {
        let response = OcspResponse::parse(der)?;
        Ok(Self::Ocsp(Arc::new(OcspEvidence { response, nonce })))
    }
}

/// Evidence at hand, such as a cache. Called while a path is being verified: it must not wait.
pub trait EvidenceSource: Send + Sync {
    /// Evidence that may answer `request`. Asked again while the answer does not suffice; nothing
    /// means that there is no more.
    fn evidence(&self, request: &super::RevocationRequest) -> Vec<Evidence>;
}

/// How the status of a certificate of the path was established.
#[derive(Clone, Debug)]
pub struct StatusUsed {
    /// Which certificate.
    pub position: Position,
    /// By what.
    pub basis: Basis,
}

/// What a status rests on.
#[derive(Clone, Debug)]
pub enum Basis {
    /// A CRL, and the delta CRL that brings it up to date.
    Crl {
        /// The complete CRL.
        complete: Arc<IndexedCrl>,
        /// Its delta.
        delta: Option<Arc<IndexedCrl>>,
    },
    /// An OCSP response.
    Ocsp {
        /// When it was signed.
        produced_at: UnixTime,
        /// When the status was known.
        this_update: UnixTime,
        /// When there will be news at the latest.
        next_update: Option<UnixTime>,
    },
    /// Its issuer says that it need not be checked (`id-pkix-ocsp-nocheck`).
    NoCheck,
    /// No evidence could be had, and the rules put up with that.
    Unavailable(Tolerance),
}

/// Why missing evidence was put up with. To be reported by the relying system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// [`super::Requirement::SoftFail`].
    SoftFail,
    /// A declared emergency, by its name.
    Emergency(String),
}
