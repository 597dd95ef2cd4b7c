//! The whole is DER.

use der::{Decode, Encode};
use x509_cert::certificate::Rfc5280;
use x509_cert::crl::TbsCertList;

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_der_canonical",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1, X.690 §10, §11",
    description: "the bytes are DER; a short list is also read and encoded again by an independent decoder",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    if let Some(extension) = facts.extensions.iter().find(|e| e.has_explicit_default) {
        return Outcome::fail(format!("{} writes critical FALSE out", extension.oid));
    }
    if !facts.non_canonical_extensions.is_empty() {
        return Outcome::fail(format!(
            "not DER: {}",
            text::oids(&facts.non_canonical_extensions)
        ));
    }
    if let Some(note) = facts
        .entries
        .as_ref()
        .and_then(|entries| entries.non_canonical.as_ref())
    {
        return Outcome::fail(note.reason.clone());
    }
    if facts.tbs_der.len() > DECODED_BYTES_MAX {
        return Outcome::Pass;
    }
    match TbsCertList::<Rfc5280>::from_der(facts.tbs_der).and_then(|list| list.to_der()) {
        Err(error) => Outcome::fail(format!("cannot be read: {error}")),
        Ok(again) => Outcome::require(again == facts.tbs_der, || {
            format!(
                "{} octets become {} when encoded again",
                facts.tbs_der.len(),
                again.len()
            )
        }),
    }
}

/// The independent decoder copies every entry several times over; long lists are left to the one
/// pass, which has looked at each of their octets.
const DECODED_BYTES_MAX: usize = 1 << 18;

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_CRL_NUMBER, ID_CE_ISSUING_DISTRIBUTION_POINT};

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn list_is_der_in_whole_and_in_its_entries() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        CrlFixture::root().assert_passes(&LINT);
        fixture.entry(1).extensions[0].critical = Some(false);
        fixture.assert_fails(&LINT, "entry 1");
        let mut fixture = CrlFixture::shard();
        fixture.entry(0).serial.insert(0, 0);
        fixture.assert_fails(&LINT, "leading octet");
        let mut fixture = CrlFixture::shard();
        fixture.set_critical(ID_CE_CRL_NUMBER, Some(false));
        fixture.assert_fails(&LINT, "critical FALSE");
        // onlyContainsUserCerts FALSE written out.
        fixture.set_critical(ID_CE_CRL_NUMBER, None);
        fixture.set_raw(ID_CE_ISSUING_DISTRIBUTION_POINT, vec![0x30, 3, 0x81, 1, 0]);
        fixture.assert_fails(&LINT, "2.5.29.28");
    }

    #[test]
    fn independent_decoder_sees_what_the_pass_does_not() {
        let mut fixture = CrlFixture::shard();
        fixture.version = None;
        fixture.assert_fails(&LINT, "cannot be read");
    }
}
