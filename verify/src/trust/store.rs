//! What one relying system or agent has pinned and accepted.

use super::accepted::{self, Acceptance, Accepted, AcceptedDocument, Change, Kept};
use super::{AnchorBundle, Emergency, Fingerprint, Header, Kind, OfficerSet, Succession};
use super::{TrustDocument, TrustError, quorum};
use crate::UnixTime;
use crate::crypto::CryptoProvider;
use crate::policy::Timeline;

/// By how many seconds a clock may be behind the one that documents were made by.
pub const CLOCK_SKEW_SECONDS: i64 = 300;

/// The pinned officer set and the newest document of each kind. It only moves forward: no document
/// takes it back to an older number, and a failed [`TrustStore::accept`] changes nothing.
#[derive(Clone, Debug)]
pub struct TrustStore {
    pub(super) pin: Fingerprint,
    pub(super) officers: Option<Accepted<Succession>>,
    pub(super) policy: Option<Accepted<Timeline>>,
    pub(super) anchors: Option<Accepted<AnchorBundle>>,
    pub(super) emergency: Option<Accepted<Emergency>>,
}

/// Whether a document must still be current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiry {
    Enforced,
    /// One of a chain of rotations: its own end does not matter, the last one's does.
    Superseded,
}

impl TrustStore {
    /// Knows nothing but the officer set's fingerprint, from a letter or a configuration. The set
    /// itself is the first document it accepts.
    #[must_use]
    pub const fn first_contact(pin: Fingerprint) -> Self {
        Self {
            pin,
            officers: None,
            policy: None,
            anchors: None,
            emergency: None,
        }
    }

    /// The officer set that documents must be signed by.
    #[must_use]
    pub const fn pin(&self) -> Fingerprint {
        self.pin
    }

    /// The officers, once they are known.
    #[must_use]
    pub fn officers(&self) -> Option<&OfficerSet> {
        self.officers.as_ref().map(|it| it.content().set())
    }

    /// The document that names the officers.
    #[must_use]
    pub const fn succession(&self) -> Option<&Accepted<Succession>> {
        self.officers.as_ref()
    }

    /// The policy in force.
    #[must_use]
    pub const fn policy(&self) -> Option<&Accepted<Timeline>> {
        self.policy.as_ref()
    }

    /// The trust anchors in force.
    #[must_use]
    pub const fn anchors(&self) -> Option<&Accepted<AnchorBundle>> {
        self.anchors.as_ref()
    }

    /// The newest declaration, over or not: [`Emergency::applies`] says whether it holds.
    #[must_use]
    pub const fn emergency(&self) -> Option<&Accepted<Emergency>> {
        self.emergency.as_ref()
    }

    /// The number of the newest document of that kind.
    #[must_use]
    pub fn number(&self, kind: Kind) -> Option<u64> {
        let header = match kind {
            Kind::Officers => self.officers.as_ref().map(Accepted::header),
            Kind::Policy => self.policy.as_ref().map(Accepted::header),
            Kind::Anchors => self.anchors.as_ref().map(Accepted::header),
            Kind::Emergency => self.emergency.as_ref().map(Accepted::header),
        };
        header.map(|it| it.number)
    }

    /// Accepts a document at `now`, or says why not and stays as it was.
    ///
    /// # Errors
    /// One variant of [`TrustError`] per reason.
    pub fn accept(
        &mut self,
        document: &TrustDocument,
        now: UnixTime,
        crypto: &dyn CryptoProvider,
    ) -> Result<Acceptance, TrustError> {
        self.accept_with(document, now, Expiry::Enforced, crypto)
    }

    /// Accepts a chain of officer sets, each signed by the one before it and by itself, for one who
    /// was away while the officers changed. Sets older than the one held are passed over, and only the
    /// last must still be current. All or nothing; `None` when nothing was left to accept.
    ///
    /// # Errors
    /// As [`TrustStore::accept`], for the first that is refused.
    pub fn accept_rotations(
        &mut self,
        chain: &[TrustDocument],
        now: UnixTime,
        crypto: &dyn CryptoProvider,
    ) -> Result<Option<Acceptance>, TrustError> {
        let mut ahead = self.clone();
        let mut last = None;
        for document in chain {
            let kind = document.header().kind;
            if kind != Kind::Officers {
                return Err(TrustError::OtherKind {
                    expected: Kind::Officers,
                    found: kind,
                });
            }
            let held = ahead.number(Kind::Officers);
            if held.is_some_and(|held| document.header().number < held) {
                continue;
            }
            last = Some(ahead.accept_with(document, now, Expiry::Superseded, crypto)?);
        }
        // The last that was accepted, whatever stands behind it in the chain.
        if let Some(end) = &last {
            check_times(end.document.header(), now, Expiry::Enforced)?;
        }
        *self = ahead;
        Ok(last)
    }

    fn accept_with(
        &mut self,
        document: &TrustDocument,
        now: UnixTime,
        expiry: Expiry,
        crypto: &dyn CryptoProvider,
    ) -> Result<Acceptance, TrustError> {
        let (change, document) = match document.header().kind {
            Kind::Officers => {
                let (change, held) = self.replace_officers(document, now, expiry, crypto)?;
                (change, AcceptedDocument::Officers(held))
            }
            Kind::Policy => {
                self.check_governed(document, now, expiry)?;
                let (change, held) = replace(&mut self.policy, document, crypto)?;
                (change, AcceptedDocument::Policy(held))
            }
            Kind::Anchors => {
                self.check_governed(document, now, expiry)?;
                let (change, held) = replace(&mut self.anchors, document, crypto)?;
                (change, AcceptedDocument::Anchors(held))
            }
            Kind::Emergency => {
                self.check_governed(document, now, expiry)?;
                let (change, held) = replace(&mut self.emergency, document, crypto)?;
                (change, AcceptedDocument::Emergency(held))
            }
        };
        Ok(Acceptance { change, document })
    }

    /// Whether the officers who are known and current vouch for a document that is current too.
    fn check_governed(
        &self,
        document: &TrustDocument,
        now: UnixTime,
        expiry: Expiry,
    ) -> Result<(), TrustError> {
        let Some(known) = &self.officers else {
            return Err(TrustError::NoOfficerSet { pin: self.pin });
        };
        let set = known.content().set();
        document.check_domain(set.domain())?;
        document.check_signer(set)?;
        if known.is_expired(now) {
            let expires_at = known.header().expires_at;
            return Err(TrustError::OfficerSetExpired { expires_at, now });
        }
        quorum::check(document, [set])?;
        check_times(document.header(), now, expiry)
    }

    fn replace_officers(
        &mut self,
        document: &TrustDocument,
        now: UnixTime,
        expiry: Expiry,
        crypto: &dyn CryptoProvider,
    ) -> Result<(Change, Accepted<Succession>), TrustError> {
        if let Some(known) = self.officers() {
            document.check_domain(known.domain())?;
        }
        let offered: Accepted<Succession> = accepted::read(document.clone(), crypto)?;
        let (set, signer) = (offered.content().set(), offered.content().signing_set());
        let unknown = |found: &OfficerSet| TrustError::UnknownOfficerSet {
            expected: self.pin,
            found: found.fingerprint(),
        };
        // Without officers whom this store knows, nothing that the document says is believed.
        let hands_over = self.officers.is_some() && signer.fingerprint() == self.pin;
        if set.fingerprint() != self.pin && !hands_over {
            return Err(unknown(set));
        }
        quorum::check(document, [signer, set])?;
        check_times(document.header(), now, expiry)?;
        let (change, held) = match &self.officers {
            None => (Change::Replaced, offered),
            Some(held) => match order(held, &offered)? {
                Change::AlreadyHeld => (Change::AlreadyHeld, held.clone()),
                Change::Replaced => {
                    let expected = held.header().number.saturating_add(1);
                    let found = offered.header().number;
                    if found != expected {
                        return Err(TrustError::SkippedRotation { expected, found });
                    }
                    if !hands_over {
                        return Err(unknown(signer));
                    }
                    (Change::Replaced, offered)
                }
            },
        };
        self.pin = held.content().set().fingerprint();
        self.officers = Some(held.clone());
        Ok((change, held))
    }
}

/// Puts a document whose signatures and times are good into its place, unless that holds it already.
/// Its content is read before.
fn replace<T: Kept>(
    place: &mut Option<Accepted<T>>,
    document: &TrustDocument,
    crypto: &dyn CryptoProvider,
) -> Result<(Change, Accepted<T>), TrustError> {
    let offered = accepted::read(document.clone(), crypto)?;
    if let Some(held) = place
        && order(held, &offered)? == Change::AlreadyHeld
    {
        return Ok((Change::AlreadyHeld, held.clone()));
    }
    *place = Some(offered.clone());
    Ok((Change::Replaced, offered))
}

/// Whether the document is newer than what is held, or the same.
fn order<T>(held: &Accepted<T>, offered: &Accepted<T>) -> Result<Change, TrustError> {
    let header = offered.header();
    let (kind, found, accepted) = (header.kind, header.number, held.header().number);
    let fingerprint = offered.fingerprint;
    if found < accepted {
        Err(TrustError::Rollback {
            kind,
            accepted,
            found,
        })
    } else if found > accepted {
        Ok(Change::Replaced)
    } else if fingerprint == held.fingerprint {
        Ok(Change::AlreadyHeld)
    } else {
        Err(TrustError::Equivocation {
            kind,
            number: found,
            accepted: held.fingerprint,
            fingerprint,
        })
    }
}

fn check_times(header: &Header, now: UnixTime, expiry: Expiry) -> Result<(), TrustError> {
    let (issued_at, expires_at) = (header.issued_at, header.expires_at);
    if issued_at > now.plus_seconds(CLOCK_SKEW_SECONDS) {
        return Err(TrustError::NotYet { issued_at, now });
    }
    if now > expires_at && expiry == Expiry::Enforced {
        return Err(TrustError::Expired {
            kind: header.kind,
            expires_at,
            now,
        });
    }
    Ok(())
}
