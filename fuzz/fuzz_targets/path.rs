//! Path building among strangers' certificates: concatenated DER, the first the end entity, all of
//! them anchors as well.
#![no_main]

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{AcceptAll, Purpose, Question, TrustAnchor, Verifier};
use kasane_verify::revocation::RevocationRules;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let blocks = split(data);
    let certificates: Vec<_> =
        blocks.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    let anchors: Vec<_> = certificates
        .iter()
        .skip(1)
        .filter_map(|it| TrustAnchor::from_certificate(it.der(), &AwsLc).ok())
        .collect();
    let Some((end_entity, intermediates)) = certificates.split_first() else { return };
    let at = UnixTime::from_seconds(1_795_000_000);
    for purpose in [Purpose::ClientAuth, Purpose::Any] {
        let question = Question::new(end_entity, intermediates, at, purpose);
        let verifier = Verifier::new(&AwsLc, &anchors, &AcceptAll)
            .with_revocation(RevocationRules::dangerously_unchecked());
        let _ = verifier.verify(&question);
    }
});

/// Cuts at what looks like the outermost SEQUENCE of a certificate.
fn split(mut data: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    while let [0x30, 0x82, high, low, ..] = data {
        let length = 4 + usize::from(u16::from_be_bytes([*high, *low]));
        let Some((block, rest)) = data.split_at_checked(length) else { break };
        blocks.push(block);
        data = rest;
    }
    blocks
}
