//! What a device, or whoever answers in its place, says of a key.
#![no_main]

use kasane_ca_core::attestation::{self, Attested};
use kasane_verify::crypto::AwsLc;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let read = attestation::read(data);
    let attested = Attested {
        label: "root-rsa",
        spki: &[],
        serial: None,
    };
    // As its own root, so that signatures are looked at as well.
    let roots = [data.to_vec()];
    let verified = attestation::verify(data, &roots, &AwsLc, &attested);
    assert!(read.is_ok() || verified.is_err());
});
