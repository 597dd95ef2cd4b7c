//! Whether a CRL covers a certificate, and for which reasons (RFC 5280 §6.3.3 (b), (d)).

use crate::certificate::{
    Certificate, DistributionPoint, DistributionPointName, GeneralName, GeneralNames, ReasonFlags,
};
use crate::crl::{CertificateList, CertificateScope, IssuingDistributionPoint};
use crate::name::{Name, Rdn};
use crate::revocation::RevocationReason;

/// What is said of a CRL that has nothing to do with a certificate.
pub(super) const OTHER_ISSUER: &str = "it is of another issuer";

/// Most distribution points of a certificate, and names in a list of either side, that are looked
/// at. Real ones have one to four, and lists are compared pairwise; what is left out covers nothing.
const MAX_POINTS: usize = 16;
const MAX_NAMES: usize = 16;

/// A set of revocation reasons (`ReasonFlags`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reasons(u16);

impl Reasons {
    pub(super) const NONE: Self = Self(0);

    pub(super) fn all() -> Self {
        Self::of(None)
    }

    /// All when absent.
    pub(super) fn of(flags: Option<ReasonFlags>) -> Self {
        const NAMED: [RevocationReason; 8] = [
            RevocationReason::KeyCompromise,
            RevocationReason::CaCompromise,
            RevocationReason::AffiliationChanged,
            RevocationReason::Superseded,
            RevocationReason::CessationOfOperation,
            RevocationReason::CertificateHold,
            RevocationReason::PrivilegeWithdrawn,
            RevocationReason::AaCompromise,
        ];
        let set = NAMED.into_iter().enumerate();
        Self(set.fold(0, |bits, (index, reason)| {
            let covered = flags.is_none_or(|flags| flags.contains(reason));
            bits | (u16::from(covered) << index)
        }))
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Where a certificate says that its status is listed. Without distribution point, and after all of
/// them, CRLs of its issuer count that cover it (RFC 5280 §6.3.3, last paragraph).
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    Point(DistributionPoint<'a>),
    Issuer,
}

impl<'a> Place<'a> {
    /// Every place of a certificate, the implicit one last.
    pub(super) fn of(certificate: &Certificate<'a>) -> impl Iterator<Item = Self> + use<'a> {
        let points = certificate.extensions().crl_distribution_points;
        points
            .into_iter()
            .flat_map(|points| points.iter())
            .take(MAX_POINTS)
            .map(Self::Point)
            .chain(std::iter::once(Self::Issuer))
    }

    fn crl_issuer(&self) -> Option<GeneralNames<'a>> {
        match self {
            Self::Point(point) => point.crl_issuer,
            Self::Issuer => None,
        }
    }

    fn reasons(&self) -> Reasons {
        match self {
            Self::Point(point) => Reasons::of(point.reasons),
            Self::Issuer => Reasons::all(),
        }
    }

    /// The reasons for which `crl` speaks about `certificate` at this place; why not otherwise.
    pub(super) fn covered_by(
        &self,
        crl: &CertificateList<'_>,
        certificate: &Certificate<'_>,
    ) -> Result<Reasons, &'static str> {
        let idp = crl.issuing_distribution_point();
        // (b)(1)
        match self.crl_issuer() {
            Some(names) => {
                if !directory(names).any(|name| name.matches(&crl.issuer())) {
                    return Err("it is not of the CRL issuer that the certificate names");
                }
                if !idp.is_some_and(|idp| idp.indirect) {
                    return Err("it is of another issuer and does not say that it is indirect");
                }
            }
            None if !crl.issuer().matches(&certificate.issuer()) => {
                return Err(OTHER_ISSUER);
            }
            None => {}
        }
        let Some(idp) = idp else {
            return Ok(self.reasons());
        };
        // (b)(2)(ii) to (iv)
        match idp.scope {
            CertificateScope::EndEntities if certificate.is_ca() => {
                return Err("it covers end entities only");
            }
            CertificateScope::Authorities if !certificate.is_ca() => {
                return Err("it covers CAs only");
            }
            CertificateScope::Attributes => return Err("it covers attribute certificates only"),
            _ => {}
        }
        // (b)(2)(i)
        if !self.is_named_by(&idp, certificate) {
            return Err("it covers another distribution point");
        }
        // (d)
        Ok(self.reasons().and(Reasons::of(idp.reasons)))
    }

    /// (b)(2)(i): whether a CRL is for this place. Names relative to an issuer are completed with its
    /// name.
    pub(super) fn is_named_by(
        &self,
        idp: &IssuingDistributionPoint<'_>,
        certificate: &Certificate<'_>,
    ) -> bool {
        use DistributionPointName::{Full, RelativeToIssuer};
        let Some(theirs) = idp.name else {
            return true;
        };
        let issuer = certificate.issuer();
        let parents = || {
            let named = self.crl_issuer();
            named
                .into_iter()
                .flat_map(directory)
                .chain(named.is_none().then_some(issuer))
        };
        let is_full = |full: GeneralNames<'_>, last: &Rdn<'_>| {
            directory(full).any(|name| parents().any(|parent| name.is_child_of(&parent, last)))
        };
        let mine = match self {
            Self::Point(point) => point.name,
            Self::Issuer => None,
        };
        match (mine, theirs) {
            (Some(Full(mine)), Full(theirs)) => {
                first(mine).any(|a| first(theirs).any(|b| same(&a, &b)))
            }
            (Some(RelativeToIssuer(mine)), RelativeToIssuer(theirs)) => mine.matches(&theirs),
            (Some(Full(full)), RelativeToIssuer(last)) => is_full(full, &last),
            (Some(RelativeToIssuer(last)), Full(full)) => is_full(full, &last),
            // Without name of its own the point stands for the CRL issuer's.
            (None, Full(theirs)) => {
                directory(theirs).any(|name| parents().any(|parent| name.matches(&parent)))
            }
            (None, RelativeToIssuer(_)) => false,
        }
    }
}

fn first(names: GeneralNames<'_>) -> impl Iterator<Item = GeneralName<'_>> {
    names.iter().take(MAX_NAMES)
}

/// The distinguished names among general names.
pub(super) fn directory(names: GeneralNames<'_>) -> impl Iterator<Item = Name<'_>> {
    first(names).filter_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    })
}

fn same(left: &GeneralName<'_>, right: &GeneralName<'_>) -> bool {
    match (left, right) {
        (GeneralName::Directory(left), GeneralName::Directory(right)) => left.matches(right),
        _ => left == right,
    }
}
