//! Many certificates revoked in one act.
//!
//! The act is one batch of the ledger: an entry that says what is done, and entries that name the
//! certificates, some three thousand each. A crash leaves all of them or none. The projection takes them in as
//! they are, from where on they count; the rows of certificates and lists follow, and nobody waits for that
//! but lists.

mod choice;
mod cover;
mod sample;
mod selection;
mod spread;

use std::collections::BTreeSet;

use der::asn1::OctetString;
use kasane_ledger::{Batch, MAX_BATCH_BYTES};
use kasane_ledger_schema::{Approval, Event, MassRevocation, MassRevocationPart};
use kasane_verify::UnixTime;
use kasane_verify::revocation::RevocationReason;
use parking_lot::Mutex;

use super::Authority;
use super::revoke::{check_invalidity_date, stated};
use crate::fail_point::FailPoint;
use crate::projection::mass_revocation::{NO_PARTS, chain};
use crate::{Actor, Error};

pub use choice::MassChoice;
pub use sample::SampleCertificate;
pub use selection::{Facilities, MassSelection};

/// Octets of serial numbers in one entry, their framing included: an entry holds 65,535.
const PART_BYTES: usize = 60_000;

/// What a revoked certificate takes on disk beside the journal, at most: in tiles and bundles, and two
/// rows of the store, which keeps old pages for a while.
const BYTES_PER_CERTIFICATE: u64 = 2_048;

/// What is asked.
#[derive(Clone, Debug)]
pub struct MassRevocationOrder {
    /// Which certificates.
    pub selection: MassSelection,
    /// Why; none is stated when unspecified.
    pub reason: Option<RevocationReason>,
    /// Since when the keys were untrustworthy.
    pub invalidity_date: Option<UnixTime>,
    /// The number of certificates that somebody saw and confirmed; none to take what is found. Where the
    /// selection says when they were counted, those that were revoked or expired since are forgiven.
    pub confirmed: Option<u64>,
    /// Who approved it. Nobody has to, yet.
    pub approvals: Vec<Approval>,
}

/// How far an act is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MassStep {
    /// Certificates are looked at.
    Choosing {
        /// So many were.
        seen: u64,
        /// Of so many.
        total: u64,
    },
    /// They are revoked, all at once.
    Recording {
        /// So many.
        certificates: u64,
    },
    /// They are revoked, and are brought into the rows that lists are made from.
    Writing {
        /// So many.
        certificates: u64,
    },
}

/// What was done.
#[derive(Clone, Debug)]
pub struct MassRevoked {
    /// The ledger index of the act; none when there was nothing left to revoke.
    pub index: Option<u64>,
    /// When.
    pub date: UnixTime,
    /// What was found; its certificates are revoked.
    pub choice: MassChoice,
    /// Issuer and shard of the CRLs that will tell.
    pub shards: BTreeSet<(String, u32)>,
}

impl Authority {
    /// Revokes every certificate of a selection. From the moment it is recorded, OCSP says so of each, and a
    /// checkpoint covers it; when this returns, so do the rows that lists are made from.
    ///
    /// One act at a time; a revocation of one certificate comes before it or after it, and does not wait
    /// for the rows.
    ///
    /// # Errors
    /// As [`choose_revocations`](Self::choose_revocations); [`Error::CountDiffers`] when another number
    /// was confirmed; [`Error::DiskFull`] when it might not fit; [`Error::BadArgument`] for reason and
    /// date, and for more than fit one act. Nothing is revoked then.
    pub fn revoke_many(
        &self,
        actor: &Actor,
        order: &MassRevocationOrder,
        report: &mut dyn FnMut(MassStep),
    ) -> Result<MassRevoked, Error> {
        self.ensure_running()?;
        let reason = stated(order.reason)?;
        let _one_act = self.acting.lock();
        self.spread_revocations()?;
        check_invalidity_date(order.invalidity_date, self.now())?;
        let mut choice = self.choose_revocations(&order.selection, &mut |seen, total| {
            report(MassStep::Choosing { seen, total });
        })?;
        // The long part of it, while others are revoked.
        let mut content = self.content_of(&choice)?;
        let alone = self.revoking.write();
        if self.leave_out_revoked_since(&mut choice, &content.shards)? {
            drop(content);
            content = self.content_of(&choice)?;
        }
        if let Some(confirmed) = order.confirmed.filter(|it| !choice.is_confirmed_by(*it)) {
            let found = choice.certificates;
            return Err(Error::CountDiffers { confirmed, found });
        }
        // From here on no answer speaks for a time at which these were revoked, before they are.
        let acting = self.act();
        let date = acting.since;
        let mut done = MassRevoked {
            index: None,
            date,
            shards: content.shards,
            choice,
        };
        if done.choice.certificates == 0 {
            return Ok(done);
        }
        let act = MassRevocation {
            selection: order.selection.describe(),
            parts: content.number,
            certificates: done.choice.certificates,
            revoked_before: done.choice.revoked_before,
            revocation_date: date.seconds(),
            parts_sha256: OctetString::new(content.sha256)?,
            approvals: order.approvals.clone(),
            reason: reason.map(RevocationReason::number),
            invalidity_date: order.invalidity_date.map(UnixTime::seconds),
        };
        let mut entries = self.encode(actor, vec![act.into()])?;
        for part in content.parts {
            entries.extend(self.encode(actor, vec![Event::MassRevocationPart(part)])?);
        }
        self.ensure_fits(&entries, done.choice.certificates)?;
        report(MassStep::Recording {
            certificates: done.choice.certificates,
        });
        self.fail_points.reached(FailPoint::MassRevocationChosen);
        let batch = Batch {
            entries,
            private: Vec::new(),
        };
        let appended = self.append_covered(batch, alone, acting)?;
        done.index = Some(appended.first_index);
        self.fail_points.reached(FailPoint::MassRevocationDone);
        report(MassStep::Writing {
            certificates: done.choice.certificates,
        });
        if let Err(error) = self.spread_revocations() {
            // They are revoked. Lists say what is wrong, or go on with it after a start.
            tracing::warn!(code = error.code(), %error, "what an act revoked is not written for lists yet");
        }
        self.fail_points.reached(FailPoint::MassRevocationWritten);
        Ok(done)
    }

    /// Begins an act now.
    fn act(&self) -> Acting<'_> {
        let mut acting_since = self.acting_since.lock();
        let since = self.now();
        *acting_since = Some(since);
        Acting {
            acting_since: &self.acting_since,
            since,
        }
    }

    fn content_of(&self, choice: &MassChoice) -> Result<Content, Error> {
        let mut content = Content {
            parts: Vec::new(),
            number: 0,
            sha256: NO_PARTS,
            shards: self.shards_of(choice)?,
        };
        for (issuer, serials) in &choice.by_issuer {
            content.add(issuer, serials)?;
        }
        Ok(content)
    }

    fn shards_of(&self, choice: &MassChoice) -> Result<BTreeSet<(String, u32)>, Error> {
        let mut shards = BTreeSet::new();
        for (name, serials) in &choice.by_issuer {
            let issuer = self.issuer(name)?;
            let of: BTreeSet<u32> = serials.iter().map(|it| issuer.shard_of(it)).collect();
            shards.extend(of.into_iter().map(|shard| (name.clone(), shard)));
        }
        Ok(shards)
    }

    /// # Errors
    /// [`Error::BadArgument`] for more than a batch holds, [`Error::DiskFull`].
    fn ensure_fits(&self, entries: &[Vec<u8>], certificates: u64) -> Result<(), Error> {
        let bytes: u64 = entries.iter().map(|entry| entry.len() as u64 + 64).sum();
        if bytes > MAX_BATCH_BYTES {
            return Err(Error::BadArgument {
                what: "selection",
                reason: format!(
                    "{certificates} certificates are more than one act holds: choose by issuer or \
                     facilities, and revoke them in several"
                ),
            });
        }
        let needed = certificates.saturating_mul(BYTES_PER_CERTIFICATE);
        self.room.check_for(bytes.saturating_add(needed))
    }
}

/// While it is there, answers speak for the time before.
struct Acting<'a> {
    acting_since: &'a Mutex<Option<UnixTime>>,
    since: UnixTime,
}

impl Drop for Acting<'_> {
    fn drop(&mut self) {
        *self.acting_since.lock() = None;
    }
}

/// The entries that name the certificates.
struct Content {
    parts: Vec<MassRevocationPart>,
    number: u32,
    sha256: [u8; 32],
    /// Issuer and shard of the lists that will tell.
    shards: BTreeSet<(String, u32)>,
}

impl Content {
    fn add(&mut self, issuer: &str, serials: &[Vec<u8>]) -> Result<(), der::Error> {
        let mut rest = serials;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fit = rest.iter().take_while(|serial| {
                // Tag and length.
                bytes += serial.len() + 2;
                bytes <= PART_BYTES
            });
            let (now, later) = rest.split_at(fit.count().max(1));
            rest = later;
            let serials = now.iter().map(|serial| OctetString::new(serial.clone()));
            self.number += 1;
            let part = MassRevocationPart {
                number: self.number,
                issuer: issuer.to_owned(),
                serials: serials.collect::<Result<_, _>>()?,
            };
            self.sha256 = chain(&self.sha256, &part)?;
            self.parts.push(part);
        }
        Ok(())
    }
}
