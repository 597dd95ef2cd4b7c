//! For rustls 0.23: verifiers of the peer's certificate, and resolvers of an own one of each kind.
//!
//! rustls asks while it shakes hands, so nothing here waits: evidence of revocation status comes
//! from the stapled OCSP response and from an
//! [`EvidenceSource`](crate::revocation::EvidenceSource), such as
//! [`HeldCrls`](crate::revocation::HeldCrls), that answers from what it has.
//! Time comes from rustls' own time provider. Signatures of the handshake itself are checked by the
//! `CryptoProvider` of rustls that the caller brings; those of certificates by ours.
//!
//! **Resumed sessions are not judged anew**: rustls then shows no verifier the certificate. Where a
//! certificate may be revoked, or a key may end, between two connections, call
//! [`refuse_resumption`] on the server's configuration, and set `Resumption::disabled()` on a
//! client's.
//!
//! ```
//! # use std::sync::Arc;
//! # use kasane_verify::crypto::AwsLc;
//! # use kasane_verify::path::{SharedDatedPolicy, TrustAnchor};
//! # use kasane_verify::policy::{Class, Timeline};
//! # use kasane_verify::revocation::EvidenceSource;
//! # use kasane_verify::rustls::{ClientVerifier, Trust};
//! # fn verifier(
//! #     anchors: Vec<TrustAnchor>,
//! #     crls: Arc<dyn EvidenceSource>,
//! #     provider: &rustls::crypto::CryptoProvider,
//! # ) -> Result<ClientVerifier, Box<dyn std::error::Error>> {
//! let timeline = Arc::new(Timeline::overlap()?);
//! let policy = Arc::new(SharedDatedPolicy::online(timeline, Class::Terminal));
//! let trust = Trust::new(Arc::new(AwsLc), anchors, policy, provider).with_evidence(crls);
//! let verifier = ClientVerifier::new(trust);
//! # Ok(verifier)
//! # }
//! ```

mod client_verifier;
mod dual;
mod error;
mod observer;
mod server_verifier;
mod trust;

#[cfg(test)]
mod tests;

pub use client_verifier::{ClientVerifier, refuse_resumption};
pub use dual::{DualCertificate, DualCertificateError};
pub use error::path_error;
pub use observer::Observer;
pub use server_verifier::ServerVerifier;
pub use trust::Trust;
