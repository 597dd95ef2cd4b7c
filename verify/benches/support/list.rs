//! A CRL of a million certificates.

use der::{Reader, SliceReader};
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, CryptoProvider, DigestAlgorithm};
use rcgen::{KeyPair, SigningKey};

use crate::hierarchy::Hierarchy;

/// Entries of the list.
pub(crate) const ENTRIES: u32 = 1_000_000;

/// A CRL of the intermediate: serial numbers of 20 octets, every tenth entry with a reason, 40 MB.
pub(crate) fn million(hierarchy: &Hierarchy, key: &KeyPair) -> Vec<u8> {
    let intermediate = Certificate::from_der(&hierarchy.intermediate).unwrap();
    let mut entries = Vec::with_capacity(42_000_000);
    for number in 0..ENTRIES {
        let mut entry = tlv(0x02, &serial(number));
        entry.extend(tlv(0x17, b"280501000000Z"));
        if number % 10 == 0 {
            entry.extend([0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1d, 21, 4, 3, 0x0a, 1, 4]);
        }
        entries.extend(tlv(0x30, &entry));
    }
    let algorithm = algorithm(&hierarchy.end_entity);
    let crl_number = [0x30, 10, 6, 3, 0x55, 0x1d, 20, 4, 3, 2, 1, 9];
    let tbs = tlv(
        0x30,
        &[
            &[2, 1, 1],
            algorithm,
            intermediate.subject().der(),
            &tlv(0x17, b"280501000000Z"),
            &tlv(0x17, b"280801000000Z"),
            &tlv(0x30, &entries),
            &tlv(0xa0, &tlv(0x30, &crl_number)),
        ]
        .concat(),
    );
    let signature = [&[0], &*key.sign(&tbs).unwrap()].concat();
    tlv(0x30, &[&tbs, algorithm, &tlv(0x03, &signature)].concat())
}

/// Content octets of the serial number of entry `number`.
pub(crate) fn serial(number: u32) -> Vec<u8> {
    let digest = AwsLc.digest(DigestAlgorithm::Sha256, &number.to_be_bytes());
    let mut serial: Vec<_> = digest.as_bytes().iter().copied().take(20).collect();
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    serial
}

/// The algorithm that the intermediate signs with, from a certificate that it signed.
fn algorithm(certificate: &[u8]) -> &[u8] {
    let mut reader = SliceReader::new(certificate).unwrap();
    reader
        .sequence(|body| -> der::Result<_> {
            body.tlv_bytes()?;
            let algorithm = body.tlv_bytes()?;
            body.tlv_bytes()?;
            Ok(algorithm)
        })
        .unwrap()
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ 0..0x80) => out.push(short),
        _ => {
            let octets = content.len().to_be_bytes();
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            out.push(0x80 | u8::try_from(octets.len() - zeros).unwrap());
            out.extend(octets.iter().skip(zeros));
        }
    }
    out.extend(content);
    out
}
