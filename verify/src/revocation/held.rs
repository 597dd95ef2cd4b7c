//! CRLs that are kept at hand.

use std::sync::{Arc, PoisonError, RwLock};

use super::{Evidence, EvidenceSource, RevocationRequest};
use crate::crl::IndexedCrl;
use crate::name::Name;

/// A set of CRLs that somebody else keeps up to date, and that verifications read while they run:
/// the evidence source of a system that loads CRLs from files or by a schedule.
#[derive(Debug, Default)]
pub struct HeldCrls {
    crls: RwLock<Arc<[Arc<IndexedCrl>]>>,
}

impl HeldCrls {
    /// A set of these.
    #[must_use]
    pub fn new(crls: impl Into<Arc<[Arc<IndexedCrl>]>>) -> Self {
        Self {
            crls: RwLock::new(crls.into()),
        }
    }

    /// Puts others in the place of all; verifications under way go on with those they have. A CRL
    /// that stays should be the same `Arc`: its signature was checked already.
    pub fn replace(&self, crls: impl Into<Arc<[Arc<IndexedCrl>]>>) {
        let new = crls.into();
        *self.crls.write().unwrap_or_else(PoisonError::into_inner) = new;
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Arc<[Arc<IndexedCrl>]> {
        Arc::clone(&self.crls.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl EvidenceSource for HeldCrls {
    /// The CRLs of the certificate's issuer and of the issuers that its distribution points name.
    fn evidence(&self, request: &RevocationRequest) -> Vec<Evidence> {
        let named = request.crls.iter().map(|it| it.issuer.as_slice());
        let wanted: Vec<_> = std::iter::once(request.issuer.as_slice())
            .chain(named)
            .filter_map(|der| Name::from_der(der).ok())
            .collect();
        self.all()
            .iter()
            .filter(|crl| wanted.iter().any(|it| crl.list().issuer().matches(it)))
            .map(|crl| Evidence::Crl(Arc::clone(crl)))
            .collect()
    }
}
