//! Trust documents: what relying systems and agents take from the authority's officers, and nobody
//! else: the officer set itself, the dated policy, the trust anchors, emergency declarations.
//!
//! One signed format for the four kinds. Officers are people with keys of their own, made in the
//! ceremony; their set is pinned by its [`Fingerprint`], so the documents do not rest on any
//! certificate of the CA that they govern. A [`TrustStore`] holds what one system has accepted and
//! only ever moves forward; what is signed but broken is refused before it replaces what is good.
//!
//! ```text
//! TrustDocument ::= SEQUENCE {
//!     version      INTEGER (1),
//!     statement    OCTET STRING,          -- DER of Statement
//!     signatures   SEQUENCE OF SEQUENCE { -- ascending by officer, each at most once
//!         officer      OCTET STRING,      -- SHA-256 of the officer's SubjectPublicKeyInfo
//!         algorithm    OBJECT IDENTIFIER,
//!         value        OCTET STRING } }
//!
//! Statement ::= SEQUENCE {
//!     version      INTEGER (1),
//!     kind         INTEGER,               -- officers 1, policy 2, anchors 3, emergency 4
//!     domain       UTF8String,            -- the network
//!     number       INTEGER,               -- only grows, for each kind
//!     issuedAt     GeneralizedTime,
//!     expiresAt    GeneralizedTime,       -- the last second
//!     officerSet   OCTET STRING,          -- fingerprint of the set that signs
//!     content      OCTET STRING }
//!
//! Succession ::= SEQUENCE {               -- content of officers
//!     version      INTEGER (1),
//!     set          OfficerSet,
//!     previous     [0] OfficerSet OPTIONAL }
//!
//! OfficerSet ::= SEQUENCE {
//!     version      INTEGER (1),
//!     domain       UTF8String,
//!     threshold    INTEGER,
//!     officers     SEQUENCE OF SEQUENCE { -- ascending by SHA-256 of the key
//!         name         UTF8String,
//!         key          OCTET STRING } }   -- DER SubjectPublicKeyInfo
//!
//! AnchorBundle ::= SEQUENCE {             -- content of anchors
//!     version      INTEGER (1),
//!     anchors      SEQUENCE OF SEQUENCE {
//!         certificate  OCTET STRING,      -- DER
//!         note         UTF8String,
//!         usedUntil    [0] GeneralizedTime OPTIONAL } }
//!
//! Emergency ::= SEQUENCE {                -- content of emergency
//!     version      INTEGER (1),
//!     id           UTF8String,
//!     wholeCountry BOOLEAN,
//!     prefectures  SEQUENCE OF INTEGER,   -- ascending; empty for the whole country
//!     from         GeneralizedTime,
//!     until        GeneralizedTime,       -- the last second
//!     reasonEn     UTF8String,
//!     reasonJa     UTF8String }
//! ```
//!
//! The content of a policy is the TOML of [`Timeline`](crate::policy::Timeline), octet by octet.
//! What is signed is `"kasane trust statement v1"`, a zero octet, and the statement; a fingerprint of
//! a set is the SHA-256 of `"kasane officer set v1"`, a zero octet, and the set.

mod accepted;
mod anchors;
mod content;
mod document;
mod emergency;
mod error;
mod identifier;
mod japanese;
mod kind;
mod officers;
mod quorum;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod wire;

pub use accepted::{Acceptance, Accepted, AcceptedDocument, Change};
pub use anchors::{Anchor, AnchorBundle, MAX_ANCHORS};
pub use content::Content;
pub use document::{Header, MAX_DOCUMENT_BYTES, OfficerSignature, PEM_LABEL, TrustDocument};
pub use emergency::{Area, Emergency, MAX_EMERGENCY_DAYS, Prefecture};
pub use error::TrustError;
pub use identifier::{DomainId, Fingerprint, KeyId};
pub use kind::Kind;
pub use officers::{MAX_OFFICERS, Officer, OfficerSet, Succession, officer_signature};
pub use quorum::Quorum;
pub use state::TrustState;
pub use store::{CLOCK_SKEW_SECONDS, TrustStore};
