//! Whole chains: an octet of settings, then concatenated DER, the end entity first and the only
//! anchor last. Whatever strangers send, the order of their certificates and the way of asking
//! change no verdict.
#![no_main]

#[path = "../shared/split.rs"]
mod split;

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{
    AcceptAll, InitialPolicies, PathError, Purpose, Question, TrustAnchor, VerifiedPath, Verifier,
};
use kasane_verify::revocation::RevocationRules;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((settings, rest)) = data.split_first() else { return };
    let is_set = |bit: u8| settings & (1 << bit) != 0;
    let blocks = split::split(rest);
    let Some((anchor, blocks)) = blocks.split_last() else { return };
    let mut certificates: Vec<_> =
        blocks.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    let anchor = if is_set(0) {
        let Ok(certificate) = Certificate::from_der(anchor) else { return };
        let name = certificate.subject().der();
        TrustAnchor::from_name_and_key(name, certificate.spki(), &AwsLc).ok()
    } else {
        TrustAnchor::from_certificate(anchor, &AwsLc).ok()
    };
    let Some(anchor) = anchor else { return };
    let anchors = [anchor];
    if certificates.is_empty() {
        return;
    }
    let end_entity = certificates.remove(0);
    let policies = InitialPolicies {
        acceptable: is_set(1).then(|| {
            let asserted = end_entity.extensions().certificate_policies;
            let first = asserted.iter().flat_map(|it| it.iter()).next();
            first.and_then(|it| it.to_string().parse().ok()).into_iter().collect()
        }),
        require_explicit: is_set(2),
        inhibit_mapping: is_set(3),
        inhibit_any: is_set(4),
    };
    let purpose = if is_set(5) { Purpose::ClientAuth } else { Purpose::Any };
    let at = UnixTime::from_seconds(1_843_430_400);
    let verifier = Verifier::new(&AwsLc, &anchors, &AcceptAll)
        .with_revocation(RevocationRules::dangerously_unchecked());
    let ask = |intermediates: &[Certificate<'_>], explained: bool| {
        let question = Question::new(&end_entity, intermediates, at, purpose)
            .with_policies(policies.clone());
        if explained {
            verifier.explain(&question, None).result
        } else {
            verifier.verify(&question)
        }
    };
    let first = ask(&certificates, false);
    same(&first, &ask(&certificates, true));
    certificates.reverse();
    same(&first, &ask(&certificates, false));
});

/// One verdict, unless the work that was allowed ran out on the way.
fn same(one: &Result<VerifiedPath, PathError>, other: &Result<VerifiedPath, PathError>) {
    let ended = |verdict: &Result<VerifiedPath, PathError>| {
        verdict.as_ref().err().is_none_or(|error| error.code() != "path.budget")
    };
    assert!(!ended(one) || !ended(other) || one.is_ok() == other.is_ok());
}
