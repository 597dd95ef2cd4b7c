//! One address and what is known of it.

use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::crl::CertificateList;
use kasane_verify::revocation::Evidence;
use tokio::sync::watch;

use super::Failure;
use crate::error::FetchError;
use crate::http::Validators;

/// What is asked for: a CRL by its address, an OCSP answer by the responder's address and the
/// request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Crl(Arc<str>),
    Ocsp { uri: Arc<str>, request: Arc<[u8]> },
}

impl Key {
    pub(crate) fn uri(&self) -> &str {
        match self {
            Self::Crl(uri) | Self::Ocsp { uri, .. } => uri,
        }
    }

    /// Entry, key (in the map and in the order) and what allocations cost beside them.
    pub(super) fn overhead_bytes(&self) -> usize {
        let own = match self {
            Self::Crl(uri) => uri.len(),
            Self::Ocsp { uri, request } => uri.len() + request.len(),
        };
        768 + own
    }
}

/// A piece of evidence in the cache.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) evidence: Evidence,
    /// What it takes of the memory budget.
    pub(crate) bytes: usize,
    pub(crate) this_update: UnixTime,
    pub(crate) next_update: Option<UnixTime>,
    pub(crate) validators: Validators,
}

impl Kept {
    pub(super) fn is_current(&self, now: UnixTime) -> bool {
        self.this_update <= now && self.next_update.is_none_or(|next| now <= next)
    }

    /// Whether it was signed with that key, as far as was checked.
    pub(super) fn is_signed_by(&self, spki: &[u8]) -> bool {
        match &self.evidence {
            Evidence::Crl(crl) => crl.is_verified_by(spki),
            Evidence::Ocsp(_) => false,
        }
    }

    /// Whether it is an earlier edition of the same.
    pub(super) fn is_older_than(&self, other: &Self) -> bool {
        match (&self.evidence, &other.evidence) {
            (Evidence::Crl(own), Evidence::Crl(other)) => older(own.list(), other.list()),
            _ => self.this_update < other.this_update,
        }
    }

    pub(super) fn is_same(&self, evidence: &Evidence) -> bool {
        match (&self.evidence, evidence) {
            (Evidence::Crl(own), Evidence::Crl(other)) => Arc::ptr_eq(own, other),
            (Evidence::Ocsp(own), Evidence::Ocsp(other)) => Arc::ptr_eq(own, other),
            _ => false,
        }
    }
}

/// By number where both have one (RFC 5280 §5.2.3), else by date. Lists of different issuers or
/// kinds have nothing to do with each other.
fn older(own: &CertificateList<'_>, other: &CertificateList<'_>) -> bool {
    if !own.issuer().matches(&other.issuer())
        || own.base_number().is_some() != other.base_number().is_some()
    {
        return false;
    }
    match (own.number(), other.number()) {
        (Some(own), Some(other)) => order(own) < order(other),
        _ => own.this_update() < other.this_update(),
    }
}

/// Numbers are not negative: length and octets order them once leading zeros are gone.
fn order(number: &[u8]) -> (usize, &[u8]) {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    let number = number.get(zeros..).unwrap_or_default();
    (number.len(), number)
}

/// How a fetch ended: what is at hand then, the newest first.
pub(crate) type Outcome = Result<Vec<Evidence>, FetchError>;

/// A fetch under way, which others may wait for.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) number: u64,
    pub(super) outcome: watch::Receiver<Option<Outcome>>,
}

/// What is known of one address.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Its place in the order of use.
    pub(super) tick: u64,
    pub(super) used_at: UnixTime,
    /// What it takes of the memory budget.
    pub(super) bytes: usize,
    pub(super) flight: Option<Flight>,
    /// What came last and nobody has vouched for yet.
    pub(super) new: Option<Kept>,
    /// What was accepted last: signed by a key that was known, or used in a verified path.
    pub(super) good: Option<Kept>,
    /// The key that signed what was accepted last.
    pub(super) signer: Option<Arc<[u8]>>,
    /// Until when it need not be asked for again.
    pub(super) fresh_until: UnixTime,
    pub(super) failure: Option<Failure>,
}

impl Entry {
    pub(super) fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.new.iter().chain(&self.good)
    }

    pub(super) fn evidence(&self) -> Vec<Evidence> {
        self.kept().map(|it| it.evidence.clone()).collect()
    }

    pub(super) fn is_fresh(&self, now: UnixTime, longest_seconds: i64) -> bool {
        let seconds = self.fresh_until.seconds_since(now);
        // A clock that was set back does not make it fresh for years.
        self.kept().next().is_some() && seconds > 0 && seconds <= longest_seconds
    }

    /// Remembers the outcome of a fetch; `true` when the last good evidence is another one now.
    pub(super) fn install(
        &mut self,
        kept: Kept,
        signer: Option<&Arc<[u8]>>,
    ) -> Result<bool, FetchError> {
        let is_crl = matches!(kept.evidence, Evidence::Crl(_));
        let signer = signer.filter(|it| kept.is_signed_by(it));
        if let Some(good) = &self.good {
            let known = self.signer.as_ref().is_some_and(|it| good.is_signed_by(it));
            // RFC 5280 §5.2.3: numbers grow. A list that nobody signed does not count as newer
            // either, so a forged one cannot lock the next genuine one out.
            if kept.is_older_than(good) {
                return Err(if is_crl {
                    FetchError::CrlOlder
                } else {
                    FetchError::OcspOlder
                });
            }
            if is_crl && known && signer.is_none() {
                return Err(FetchError::CrlSignature);
            }
        }
        if let Some(signer) = signer {
            self.signer = Some(Arc::clone(signer));
            self.good = Some(kept);
            self.new = None;
            return Ok(true);
        }
        self.new = Some(kept);
        Ok(false)
    }

    /// Somebody vouches for a piece of evidence; `true` when it was not good before.
    pub(super) fn accept(&mut self, evidence: &Evidence, signer: Option<&Arc<[u8]>>) -> bool {
        if let (Some(signer), Some(good)) = (signer, &self.good)
            && good.is_same(evidence)
        {
            self.signer = Some(Arc::clone(signer));
        }
        match self.new.take() {
            Some(new) if new.is_same(evidence) => {
                self.signer = signer.map(Arc::clone);
                self.good = Some(new);
                true
            }
            other => {
                self.new = other;
                false
            }
        }
    }
}
