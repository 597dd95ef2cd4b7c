//! Who could have issued a certificate.

use std::rc::Rc;

use super::{Halt, Issuer, Search};

impl Search<'_, '_> {
    /// Who could have issued a certificate, the likeliest first.
    pub(super) fn issuers(&mut self, index: usize) -> Result<Rc<[Issuer]>, Halt> {
        if let Some(Some(known)) = self.memory.issuers.get(index) {
            return Ok(Rc::clone(known));
        }
        let child = self.certificate(index);
        let name = child.issuer();
        let wanted = child.extensions().authority_key_id.and_then(|it| it.key_id);
        let mut found = Vec::new();
        for (index, anchor) in self.verifier.anchors.iter().enumerate() {
            self.memory.meter.name(name.der().len())?;
            if anchor
                .subject()
                .is_some_and(|subject| subject.matches(&name))
            {
                let order = (key_id_order(wanted, anchor.key_id()), false, false);
                found.push((order, Issuer::Anchor(index)));
            }
        }
        for (offset, candidate) in self.question.intermediates.iter().enumerate() {
            self.memory.meter.name(name.der().len())?;
            if candidate.subject().matches(&name) {
                let at = self.question.at;
                let dated = at < candidate.not_before() || at > candidate.not_after();
                let key_id = key_id_order(wanted, candidate.extensions().subject_key_id);
                found.push(((key_id, true, dated), Issuer::Intermediate(offset + 1)));
            }
        }
        found.sort_by_key(|(order, _)| *order);
        let found: Rc<[Issuer]> = found.into_iter().map(|(_, issuer)| issuer).collect();
        if let Some(slot) = self.memory.issuers.get_mut(index) {
            *slot = Some(Rc::clone(&found));
        }
        Ok(found)
    }
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
