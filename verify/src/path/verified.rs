//! What is known once a path was accepted.

use super::{Notice, PolicySet, Position, Purpose, SubjectIdentity};
use crate::certificate::Certificate;
use crate::revocation::{Basis, StatusUsed, Tolerance};
use crate::{KeyAlgorithm, KeyFamily, UnixTime};

/// A path that passed every check. Only [`super::Verifier`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedPath {
    pub(super) positions: Vec<Position>,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) anchor: usize,
    pub(super) policies: PolicySet,
    pub(super) purpose: Purpose,
    pub(super) identity: Option<String>,
    pub(super) key: KeyAlgorithm,
    pub(super) at: UnixTime,
    pub(super) phase: Option<String>,
    pub(super) warnings: Vec<Warning>,
    pub(super) statuses: Vec<StatusUsed>,
}

/// Something the dated policy wants reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Which certificate.
    pub position: Position,
    /// Its subject in RFC 4514 form.
    pub subject: String,
    /// Why.
    pub notice: Notice,
}

impl VerifiedPath {
    /// Places in the question, end entity first, anchor left out.
    #[must_use]
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// The certificates in DER, end entity first, anchor left out.
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// Index of the anchor in the verifier.
    #[must_use]
    pub const fn anchor(&self) -> usize {
        self.anchor
    }

    /// The policies that are valid for the path (RFC 5280 §6.1.6).
    #[must_use]
    pub const fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// What the path was verified for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The URI that names the facility, system or person: the only URI of the end entity's subject
    /// alternative name, or none.
    #[must_use]
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    /// The same in parts, when it is written as this network writes identities.
    #[must_use]
    pub fn subject_identity(&self) -> Option<SubjectIdentity> {
        SubjectIdentity::from_uri(self.identity()?)
    }

    /// The end entity's key.
    #[must_use]
    pub const fn key(&self) -> KeyAlgorithm {
        self.key
    }

    /// Which hierarchy the end entity's key belongs to.
    #[must_use]
    pub const fn key_family(&self) -> KeyFamily {
        self.key.family()
    }

    /// The instant the path was judged at.
    #[must_use]
    pub const fn at(&self) -> UnixTime {
        self.at
    }

    /// The phase of the dated policy at that instant; none without dated policy.
    #[must_use]
    pub fn phase(&self) -> Option<&str> {
        self.phase.as_deref()
    }

    /// How the status of each certificate was established, from the anchor down; certificates whose
    /// status was not looked at are left out.
    #[must_use]
    pub fn statuses(&self) -> &[StatusUsed] {
        &self.statuses
    }

    /// The certificates whose status nobody could state, and why that was put up with. Relying
    /// systems report them.
    pub fn tolerated(&self) -> impl Iterator<Item = (Position, &Tolerance)> {
        self.statuses.iter().filter_map(|it| match &it.basis {
            Basis::Unavailable(tolerance) => Some((it.position, tolerance)),
            _ => None,
        })
    }

    /// What the dated policy wants reported.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// The only URI of a certificate, if there is exactly one.
pub(super) fn identity(certificate: &Certificate<'_>) -> Option<String> {
    let mut uris = certificate.subject_uris();
    match (uris.next(), uris.next()) {
        (Some(uri), None) => Some(uri.to_owned()),
        _ => None,
    }
}
