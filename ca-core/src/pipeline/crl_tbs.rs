//! A `TBSCertList` on its way to the door.

use kasane_hsm::{KeyRole, Priority};
use kasane_ledger::Ledger;
use kasane_ledger_schema::{Blob, CrlRecorded, Event};
use kasane_verify::UnixTime;
use kasane_verify::time::DAY_SECONDS;

use super::{CrlOctets, SignerIdentity, ToBeSigned};
use crate::Error;
use crate::blob;
use crate::lint::{CrlFacts, ExpectedCrl, lint_crl};
use crate::signing::Product;

/// Everything that a CRL will say beside its entries, decided before a byte is built.
#[derive(Clone, Debug)]
pub struct CrlPlan {
    /// Who signs.
    pub signer: SignerIdentity,
    /// The shard.
    pub shard: u32,
    /// The CRL number; full and delta CRLs share the sequence (RFC 5280 §5.2.3).
    pub number: u64,
    /// The number before it, if there was one.
    pub previous_number: Option<u64>,
    /// The base's number, of a delta CRL (RFC 5280 §5.2.4).
    pub base_number: Option<u64>,
    /// thisUpdate.
    pub this_update: UnixTime,
    /// nextUpdate.
    pub next_update: UnixTime,
    /// The address in the issuing distribution point (RFC 5280 §5.2.5).
    pub idp_uri: Option<String>,
    /// Where its delta CRLs are (RFC 5280 §5.2.6); none in a delta CRL.
    pub freshest_crl_uris: Vec<String>,
    /// How many entries it lists.
    pub entries: u64,
    /// It lists what the ledger said before this index.
    pub as_of: u64,
    /// The present.
    pub now: UnixTime,
    /// Whether it carries a new revocation.
    pub priority: Priority,
}

impl CrlPlan {
    /// Whether it is the last list of an ended CA (see
    /// [`CrlVersion::is_final`](crate::projection::crl::CrlVersion::is_final)).
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.next_update == UnixTime::MAX
    }
}

/// From so many octets on the bytes become durable while they are linted.
const LARGE_BYTES: usize = 1 << 20;

/// A `TBSCertList` and what it was meant to be.
#[derive(Debug)]
pub struct CrlTbs {
    pub(super) plan: CrlPlan,
    pub(super) octets: CrlOctets,
    /// What the ledger calls the bytes, once they are durable.
    pub(super) stored: Option<Blob>,
}

impl CrlTbs {
    /// Bytes built from `plan`.
    #[must_use]
    pub const fn new(plan: CrlPlan, octets: CrlOctets) -> Self {
        Self {
            plan,
            octets,
            stored: None,
        }
    }

    /// Checks the bytes and makes them durable as a blob; nobody refers to it unless they pass.
    pub(super) fn check_and_store(&mut self, ledger: &Ledger) -> Result<(), Error> {
        let tbs = self.octets.tbs();
        let stored = if tbs.len() < LARGE_BYTES {
            self.check()?;
            blob::put(ledger, tbs)?
        } else {
            std::thread::scope(|scope| {
                let storing = scope.spawn(|| blob::put(ledger, tbs));
                let checked = self.check();
                let stored = storing
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                checked.and(stored)
            })?
        };
        self.stored = Some(stored);
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        let plan = &self.plan;
        let expected = ExpectedCrl {
            issuer_name_der: &plan.signer.subject_der,
            issuer_ski: &plan.signer.ski,
            signature_algorithm: plan.signer.signature_algorithm(),
            crl_number: plan.number,
            previous_crl_number: plan.previous_number,
            base_crl_number: plan.base_number,
            this_update: plan.this_update,
            next_update_max: if plan.is_final() {
                UnixTime::MAX
            } else {
                plan.now
                    .plus_seconds(longest_life_seconds(plan.signer.key_role))
            },
            is_final: plan.is_final(),
            idp_uri: plan.idp_uri.as_deref(),
            freshest_crl_uris: &plan.freshest_crl_uris,
            entry_count: usize::try_from(plan.entries).unwrap_or(usize::MAX),
            now: plan.now,
        };
        let facts = CrlFacts::decode(self.octets.tbs(), &expected)?;
        lint_crl(&facts).into_result::<&str>(&[])?;
        Ok(())
    }
}

/// The status plan: CRLs of roots live 190 days at most, those of issuing CAs 96 hours. Kept apart
/// from the publisher's schedule, so that the lint checks it.
const fn longest_life_seconds(role: KeyRole) -> i64 {
    match role {
        KeyRole::RootCa => 190 * DAY_SECONDS,
        _ => 96 * 3600,
    }
}

impl ToBeSigned for CrlTbs {
    fn der(&self) -> &[u8] {
        self.octets.tbs()
    }

    fn product(&self) -> Product {
        Product::Crl
    }

    fn signer(&self) -> &SignerIdentity {
        &self.plan.signer
    }

    fn priority(&self) -> Priority {
        self.plan.priority
    }

    fn record_event(&self, ledger: &Ledger) -> Result<Event, Error> {
        Ok(Event::CrlRecorded(CrlRecorded {
            issuer: self.plan.signer.name.clone(),
            shard: self.plan.shard,
            number: self.plan.number,
            this_update: self.plan.this_update.seconds(),
            next_update: self.plan.next_update.seconds(),
            entries: self.plan.entries,
            as_of: self.plan.as_of,
            tbs: match &self.stored {
                Some(stored) => stored.clone(),
                None => blob::put(ledger, self.octets.tbs())?,
            },
            base_number: self.plan.base_number,
        }))
    }
}
