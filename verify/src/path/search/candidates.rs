//! Who could have issued a certificate.

use super::memory::Candidates;
use super::{Halt, Issuer, Search};
use crate::KeyFamily;
use crate::certificate::Certificate;
use crate::spki::PublicKeyInfo;

/// The likeliest first: by key identifier, anchors before intermediates, kind of key, validity. No
/// signature is spent on it.
type Order = (u8, bool, bool, bool);

impl Search<'_, '_> {
    /// Who could have issued a certificate, the likeliest first: a stretch of `Memory::pool`.
    pub(super) fn issuers(&mut self, index: usize) -> Result<Candidates, Halt> {
        if let Some(Some(known)) = self.memory.issuers.get(index) {
            return Ok(*known);
        }
        let child = self.certificate(index);
        let name = child.issuer();
        let cost = name.der().len();
        let start = self.memory.pool.len();
        for (index, anchor) in self.verifier.anchors.iter().enumerate() {
            self.memory.meter.name(cost)?;
            if anchor
                .subject()
                .is_some_and(|subject| subject.matches(&name))
            {
                self.memory.pool.push(Issuer::Anchor(index));
            }
        }
        for (offset, candidate) in self.question.intermediates.iter().enumerate() {
            self.memory.meter.name(cost)?;
            if candidate.subject().matches(&name) {
                self.memory.pool.push(Issuer::Intermediate(offset + 1));
            }
        }
        let end = self.memory.pool.len();
        if end - start > 1 {
            let mut pool = std::mem::take(&mut self.memory.pool);
            if let Some(found) = pool.get_mut(start..end) {
                found.sort_by_cached_key(|issuer| self.order(child, *issuer));
            }
            self.memory.pool = pool;
        }
        let found = Candidates { start, end };
        if let Some(slot) = self.memory.issuers.get_mut(index) {
            *slot = Some(found);
        }
        Ok(found)
    }

    fn order(&self, child: &Certificate<'_>, issuer: Issuer) -> Order {
        let wanted = child.extensions().authority_key_id.and_then(|it| it.key_id);
        let signed = child.signature_algorithm().ok().map(|it| it.family());
        match issuer {
            Issuer::Anchor(index) => {
                let anchor = self.verifier.anchors.get(index);
                let key_id = anchor.and_then(|it| it.key_id());
                let family = anchor.map(|it| it.key().algorithm().family());
                (
                    key_id_order(wanted, key_id),
                    false,
                    other(signed, family),
                    false,
                )
            }
            Issuer::Intermediate(index) => {
                let candidate = self.certificate(index);
                let at = self.question.at;
                let dated = at < candidate.not_before() || at > candidate.not_after();
                let key_id = candidate.extensions().subject_key_id;
                let key = PublicKeyInfo::from_der(candidate.spki()).ok();
                let family = key.map(|it| it.algorithm().family());
                (
                    key_id_order(wanted, key_id),
                    true,
                    other(signed, family),
                    dated,
                )
            }
        }
    }
}

/// Whether a key of that family cannot have made the signature.
fn other(signed: Option<KeyFamily>, key: Option<KeyFamily>) -> bool {
    signed.is_none() || signed != key
}

/// Equal key identifiers first, then those that say nothing; differing ones last, because they are
/// a hint and no proof (RFC 5280 §4.2.1.1).
fn key_id_order(wanted: Option<&[u8]>, found: Option<&[u8]>) -> u8 {
    match (wanted, found) {
        (Some(wanted), Some(found)) if wanted == found => 0,
        (Some(_), Some(_)) => 2,
        _ => 1,
    }
}
