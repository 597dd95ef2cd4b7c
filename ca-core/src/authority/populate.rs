//! A population for measuring: entries through the production encoders, one precomputed signature.
//!
//! Its certificates say everything that real ones say, but their signatures verify nothing: only a
//! demonstration authority takes them.

use std::ops::ControlFlow;

use der::asn1::OctetString;
use kasane_ledger_schema::{CertificateIssued, CertificateRevoked, Event};
use kasane_verify::UnixTime;
use kasane_verify::policy::{Act, Circumstances};

use super::Authority;
use crate::configuration::Mode;
use crate::key_quality::CheckedKey;
use crate::pipeline::{CertificateTbs, RequestIdentity, ToBeSigned};
use crate::registration::{Holder, Identity, TerminalNumber};
use crate::{Actor, Error, journal};

/// Certificates of one batch.
const BATCH: u64 = 500;

/// Stands in for every signature: the length of a P-384 one.
const SIGNATURE_BYTES: usize = 103;

/// What to fill in.
#[derive(Clone, Debug)]
pub struct Population<'a> {
    /// The profile's name.
    pub profile: &'a str,
    /// How many certificates.
    pub count: u64,
    /// Every so many is revoked; 0 revokes none.
    pub revoke_every: u64,
    /// The key that every certificate names.
    pub key: &'a CheckedKey,
    /// Holds terminals 1 to 9,999, which are named in turn.
    pub holder: &'a Holder,
}

impl Authority {
    /// Appends the population; `progress` gets the number done and may end it.
    ///
    /// # Errors
    /// [`Error::Mode`] in production; errors of building and appending.
    pub fn populate(
        &self,
        population: &Population<'_>,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        if self.configuration.mode() != Mode::Demo {
            return Err(Error::Mode {
                mode: self.configuration.mode().as_str().into(),
                reason: "a population has no valid signatures".into(),
            });
        }
        let mut done = 0;
        while done < population.count {
            let count = BATCH.min(population.count - done);
            let now = self.now();
            let events = self.population_events(population, now, done, count)?;
            journal::append(&self.ledger, &Actor::system(), now, events)?;
            done += count;
            if progress(done).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn population_events(
        &self,
        population: &Population<'_>,
        now: UnixTime,
        first: u64,
        count: u64,
    ) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        let base = self.ledger.size();
        let mut revoked = Vec::new();
        for offset in 0..count {
            let tbs = self.population_tbs(population, first + offset)?;
            let record = base + 2 * offset;
            let event = tbs.record_event(&self.ledger)?;
            if let Event::CertificateRecorded(recorded) = &event
                && population.revoke_every > 0
                && (first + offset).is_multiple_of(population.revoke_every)
            {
                revoked.push((recorded.issuer.clone(), recorded.serial.clone()));
            }
            events.push(event);
            let signature = OctetString::new(vec![0x30; SIGNATURE_BYTES])?;
            events.push(CertificateIssued { record, signature }.into());
        }
        for (issuer, serial) in revoked {
            let revocation_date = now.seconds();
            let (reason, invalidity_date) = (Some(4), None);
            let body = CertificateRevoked {
                issuer,
                serial,
                revocation_date,
                reason,
                invalidity_date,
            };
            events.push(body.into());
        }
        Ok(events)
    }

    fn population_tbs(
        &self,
        population: &Population<'_>,
        number: u64,
    ) -> Result<CertificateTbs, Error> {
        let profile = self.profile(population.profile)?;
        let terminal = TerminalNumber::new(u16::try_from(number % 9_999 + 1).unwrap_or(1))?;
        let identity = Identity::new(population.holder.clone(), terminal);
        let naming = &self.configuration.naming;
        let names = RequestIdentity {
            subject_ref: identity.to_string(),
            subject: naming.subject(&identity, profile.organizational_unit())?,
            subject_alt_names: naming.subject_alt_names(&identity, &[])?,
        };
        let circumstances = Circumstances::default();
        let mut plan = self.subscriber_plan(
            profile,
            &names,
            population.key,
            Act::IssueNew,
            &circumstances,
        )?;
        plan.requester = "population".into();
        CertificateTbs::build(plan, profile, &self.configuration, &self.timeline)
    }
}
