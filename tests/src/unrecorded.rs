//! Certificates that a CA's key signed and that the authority knows nothing of.

use std::fs;
use std::time::Duration;

use kasane_ca_core::random::{RandomSource, SystemRandom};
use kasane_hsm::{KeyBackend, KeyLabel, KeyRole, Priority, SignRequest};
use kasane_verify::SignatureAlgorithm;
use x509_cert::Certificate;
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Decode, EncodePem};

use crate::bad_request::tlv;
use crate::sample::{Sample, SampleCertificate};

impl Sample {
    /// A copy of a certificate with another serial number, signed by its issuer's key behind the
    /// authority's back: what somebody would make who came to use that key. It keeps the original's
    /// private key.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn unrecorded(&self, original: &SampleCertificate) -> SampleCertificate {
        self.unrecorded_with(original, &[], &[])
    }

    /// The same with other octets, as many, in the place of some that it has.
    ///
    /// # Panics
    /// When it cannot be made, or the original has no such octets.
    #[must_use]
    pub fn unrecorded_with(
        &self,
        original: &SampleCertificate,
        octets: &[u8],
        others: &[u8],
    ) -> SampleCertificate {
        let mut serial = original.serial.clone();
        let last = serial.len() - 8;
        SystemRandom.fill(&mut serial[last..]).unwrap();
        // SEQUENCE { tbsCertificate, signatureAlgorithm, signature }: each with two octets of length or more.
        let [tbs, algorithm, _] = parts_of(&original.der);
        let mut tbs = tbs.to_vec();
        replace(&mut tbs, &original.serial, &serial);
        if !octets.is_empty() {
            replace(&mut tbs, octets, others);
        }
        let label = KeyLabel::new(original.issuer.clone()).unwrap();
        let key = self.backend.open(&label, KeyRole::IssuingCa).unwrap();
        let signature = key
            .sign(&SignRequest {
                algorithm: if original.issuer.contains("rsa") {
                    SignatureAlgorithm::RsaPkcs1Sha256
                } else {
                    SignatureAlgorithm::EcdsaSha384
                },
                message: &tbs,
                priority: Priority::Bulk,
                deadline: Duration::from_secs(60),
            })
            .unwrap();
        let mut bits = vec![0];
        bits.extend(signature.octets);
        let der = tlv(0x30, &[&tbs, algorithm, &tlv(0x03, &bits)].concat());
        let name = format!("unrecorded-{}", hex::encode(&serial));
        let pem = self.folder.join(format!("{name}.pem"));
        let text = Certificate::from_der(&der)
            .unwrap()
            .to_pem(LineEnding::LF)
            .unwrap();
        fs::write(&pem, text).unwrap();
        SampleCertificate {
            name,
            serial,
            der,
            pem,
            ..original.clone()
        }
    }
}

/// Puts `others` in the place of the first `octets`.
fn replace(within: &mut [u8], octets: &[u8], others: &[u8]) {
    let mut windows = within.windows(octets.len());
    let at = windows.position(|window| window == octets).unwrap();
    within[at..at + octets.len()].copy_from_slice(others);
}

/// The three elements of a certificate, headers included.
fn parts_of(der: &[u8]) -> [&[u8]; 3] {
    let mut rest = &der[header(der).0..];
    [(); 3].map(|()| {
        let (before, content) = header(rest);
        let (part, after) = rest.split_at(before + content);
        rest = after;
        part
    })
}

/// Octets of an element's header and of its content.
fn header(der: &[u8]) -> (usize, usize) {
    let first = usize::from(der[1]);
    if first < 0x80 {
        return (2, first);
    }
    let octets = first - 0x80;
    let length = der[2..2 + octets]
        .iter()
        .fold(0, |length, octet| length << 8 | usize::from(*octet));
    (2 + octets, length)
}
