//! Attestations as a device makes them, and as a forger would like them.

use std::str::FromStr;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use der::asn1::{BitString, OctetString, Uint, Utf8StringRef};
use der::{Decode, Encode};
use kasane_verify::crypto::AwsLc;
use spki::{
    AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SubjectPublicKeyInfoOwned,
};
use x509_cert::TbsCertificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;

use sha2::{Digest, Sha256};

use super::*;

const ARC: const_oid::ObjectIdentifier =
    const_oid::ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4");
const DEVICE: u64 = 7_654_321;

/// A key with the name that certificates give it.
struct Signer {
    key: EcdsaKeyPair,
    name: &'static str,
}

/// What goes into a certificate.
struct Contents {
    issuer: Name,
    subject: Name,
    extensions: Vec<Extension>,
}

#[derive(Clone)]
struct Said {
    serial: u64,
    origin: u8,
    label: &'static str,
    left_out: Option<u32>,
}

impl Signer {
    #[expect(clippy::disallowed_methods, reason = "a test's keys are random")]
    fn new(name: &'static str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, &random).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, pkcs8.as_ref()).unwrap();
        Self { key, name }
    }

    fn spki(&self) -> Vec<u8> {
        SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned {
                oid: const_oid::ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
                parameters: Some(der::Any::from(const_oid::ObjectIdentifier::new_unwrap(
                    "1.3.132.0.34",
                ))),
            },
            subject_public_key: BitString::from_bytes(self.key.public_key().as_ref()).unwrap(),
        }
        .to_der()
        .unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "a test's signatures are random")]
    fn certify(&self, of: &Self, extensions: Vec<Extension>) -> Vec<u8> {
        let contents = Contents {
            issuer: Name::from_str(self.name).unwrap(),
            subject: Name::from_str(of.name).unwrap(),
            extensions,
        };
        // Ended at once: a device has no clock, so nobody asks.
        let validity = Validity::from_now(std::time::Duration::from_secs(0)).unwrap();
        let spki = SubjectPublicKeyInfoOwned::from_der(&of.spki()).unwrap();
        let serial = SerialNumber::from(7_u32);
        let mut builder = CertificateBuilder::new(contents, serial, validity, spki).unwrap();
        let tbs = builder.finalize(self).unwrap();
        let signature = self.key.sign(&SystemRandom::new(), &tbs).unwrap();
        let signature = BitString::from_bytes(signature.as_ref()).unwrap();
        builder.assemble(signature, self).unwrap().to_der().unwrap()
    }
}

impl BuilderProfile for Contents {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: spki::SubjectPublicKeyInfoRef<'_>,
        _: spki::SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        Ok(self.extensions.clone())
    }
}

impl DynSignatureAlgorithmIdentifier for Signer {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        Ok(AlgorithmIdentifierOwned {
            oid: const_oid::ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"),
            parameters: None,
        })
    }
}

impl signature::Keypair for Signer {
    type VerifyingKey = Public;

    fn verifying_key(&self) -> Public {
        Public(self.spki())
    }
}

#[derive(Clone)]
struct Public(Vec<u8>);

impl EncodePublicKey for Public {
    fn to_public_key_der(&self) -> spki::Result<der::Document> {
        Ok(der::Document::from_der(&self.0)?)
    }
}

fn extension(arc: u32, value: Vec<u8>) -> Extension {
    Extension {
        extn_id: ARC.push_arc(arc).unwrap(),
        critical: false,
        extn_value: OctetString::new(value).unwrap(),
    }
}

fn number(value: u64) -> Vec<u8> {
    Uint::new(&value.to_be_bytes()).unwrap().to_der().unwrap()
}

fn bits(octets: &[u8]) -> Vec<u8> {
    BitString::from_bytes(octets).unwrap().to_der().unwrap()
}

impl Said {
    const fn about(label: &'static str) -> Self {
        Self {
            serial: DEVICE,
            origin: 0x01,
            label,
            left_out: None,
        }
    }

    fn extensions(&self) -> Vec<Extension> {
        let firmware = OctetString::new(vec![2, 4, 1]).unwrap().to_der().unwrap();
        let capabilities = (1_u64 << 0x10 | 1 << 5).to_be_bytes();
        let label = Utf8StringRef::new(self.label).unwrap().to_der().unwrap();
        let all = [
            (1, firmware),
            (2, number(self.serial)),
            (3, bits(&[self.origin])),
            (4, bits(&[0, 1])),
            (5, bits(&capabilities)),
            (6, number(0x1234)),
            (9, label),
        ];
        all.into_iter()
            .filter(|(arc, _)| Some(*arc) != self.left_out)
            .map(|(arc, value)| extension(arc, value))
            .collect()
    }
}

/// Root, device and key, and the device's certificate.
struct Chain {
    device: Signer,
    key: Signer,
    root_certificate: Vec<u8>,
    device_certificate: Vec<u8>,
}

fn chain_of(root: &'static str) -> Chain {
    let root = Signer::new(root);
    let device = Signer::new("CN=YubiHSM Attestation (7654321)");
    let key = Signer::new("CN=YubiHSM Attestation id:0x1234");
    Chain {
        root_certificate: root.certify(&root, vec![extension(1, vec![4, 0])]),
        device_certificate: root.certify(&device, vec![extension(2, number(DEVICE))]),
        device,
        key,
    }
}

impl Chain {
    fn attestation(&self, said: &Said) -> Vec<u8> {
        let statement = self.device.certify(&self.key, said.extensions());
        [statement, self.device_certificate.clone()].concat()
    }

    fn verify(&self, attestation: &[u8]) -> Result<AttestationFacts, AttestationError> {
        let attested = Attested {
            label: "root-ecc",
            spki: &self.key.spki(),
            serial: Some(DEVICE),
        };
        let roots = [self.root_certificate.clone()];
        verify(attestation, &roots, &AwsLc, &attested)
    }
}

#[test]
fn attestation_of_a_generated_key_is_believed_up_to_the_root() {
    let chain = chain_of("CN=Yubico YubiHSM Root CA");
    let attestation = chain.attestation(&Said::about("root-ecc"));
    let facts = chain.verify(&attestation).unwrap();
    assert_eq!(facts.firmware, [2, 4, 1]);
    assert_eq!(facts.serial, DEVICE);
    assert_eq!(facts.object_id, 0x1234);
    assert_eq!(facts.domains, 1);
    assert!(facts.exportable_under_wrap);
    assert!(facts.origin.was_generated() && !facts.origin.came_wrapped());
    assert!(!facts.simulator);
    assert_eq!(
        facts.root_sha256,
        hex::encode(Sha256::digest(&chain.root_certificate))
    );
    assert!(
        facts
            .capability_names()
            .contains(&"exportable-under-wrap".to_owned())
    );
    // The root may stand in the attestation as well.
    let with_root = [attestation, chain.root_certificate.clone()].concat();
    assert_eq!(chain.verify(&with_root).unwrap(), facts);
}

#[test]
fn key_that_came_wrapped_from_where_it_was_generated_is_believed() {
    let chain = chain_of("CN=Root");
    let said = Said {
        origin: 0x11,
        ..Said::about("root-ecc")
    };
    let facts = chain.verify(&chain.attestation(&said)).unwrap();
    assert!(facts.origin.came_wrapped());
}

#[test]
fn simulator_is_reported_as_one() {
    let chain = chain_of("CN=KASANE SIMULATOR ATTESTATION ROOT");
    let attestation = chain.attestation(&Said::about("root-ecc"));
    assert!(chain.verify(&attestation).unwrap().simulator);
}

#[test]
fn imported_key_other_label_and_other_device_are_refused() {
    let chain = chain_of("CN=Root");
    for origin in [0x02, 0x12, 0x03, 0x10, 0x00] {
        let said = Said {
            origin,
            ..Said::about("root-ecc")
        };
        let error = chain.verify(&chain.attestation(&said)).unwrap_err();
        assert_eq!(error, AttestationError::NotGenerated { origin });
    }
    let said = Said::about("root-rsa");
    let error = chain.verify(&chain.attestation(&said)).unwrap_err();
    assert_eq!(error.code(), "attestation.label");
    let said = Said {
        serial: 1,
        ..Said::about("root-ecc")
    };
    let error = chain.verify(&chain.attestation(&said)).unwrap_err();
    assert_eq!(error.code(), "attestation.serial");
}

#[test]
fn other_key_is_refused() {
    let mut chain = chain_of("CN=Root");
    let attestation = chain.attestation(&Said::about("root-ecc"));
    chain.key = Signer::new("CN=other");
    let error = chain.verify(&attestation).unwrap_err();
    assert_eq!(error, AttestationError::OtherKey);
}

#[test]
fn attested_key_cannot_attest() {
    let chain = chain_of("CN=Root");
    // A key that the device holds, and may sign with, makes a statement about a key of software.
    let helper = Signer::new("CN=YubiHSM Attestation (7654321)");
    let true_statement = chain
        .device
        .certify(&helper, Said::about("helper").extensions());
    let forged = helper.certify(&chain.key, Said::about("root-ecc").extensions());
    let attestation = [forged, true_statement, chain.device_certificate.clone()].concat();
    let error = chain.verify(&attestation).unwrap_err();
    assert_eq!(error, AttestationError::NotAttestationKey { position: 1 });
}

#[test]
fn other_root_and_bad_signatures_are_refused() {
    let chain = chain_of("CN=Root");
    let attestation = chain.attestation(&Said::about("root-ecc"));
    // The same name, another key.
    let other = chain_of("CN=Root");
    let error = Chain {
        key: chain.key,
        ..other
    }
    .verify(&attestation)
    .unwrap_err();
    assert_eq!(error.code(), "attestation.unknown-root");

    let chain = chain_of("CN=Root");
    let statement = chain
        .device
        .certify(&chain.key, Said::about("root-ecc").extensions());
    let mut bad = statement.clone();
    *bad.last_mut().unwrap() ^= 1;
    let attestation = [bad, chain.device_certificate.clone()].concat();
    let error = chain.verify(&attestation).unwrap_err();
    assert_eq!(error.code(), "attestation.signature");
    // Without what leads to the root.
    let error = chain.verify(&statement).unwrap_err();
    assert_eq!(error.code(), "attestation.unknown-root");
}

#[test]
fn every_fact_is_needed() {
    let chain = chain_of("CN=Root");
    for arc in [1, 2, 3, 4, 5, 6, 9] {
        let said = Said {
            left_out: Some(arc),
            ..Said::about("root-ecc")
        };
        let error = chain.verify(&chain.attestation(&said)).unwrap_err();
        assert_eq!(error.code(), "attestation.fact", "{arc}");
    }
}

#[test]
fn lengths_are_bounded() {
    let chain = chain_of("CN=Root");
    let attestation = chain.attestation(&Said::about("root-ecc"));
    assert_eq!(chain.verify(&[]).unwrap_err(), AttestationError::Empty);
    let cut = &attestation[..attestation.len() - 1];
    assert_eq!(
        chain.verify(cut).unwrap_err().code(),
        "attestation.malformed"
    );
    let many = attestation.repeat(5);
    assert_eq!(
        chain.verify(&many).unwrap_err().code(),
        "attestation.too-many"
    );
    let long = vec![0x30; MAX_ATTESTATION_BYTES + 1];
    assert_eq!(
        chain.verify(&long).unwrap_err().code(),
        "attestation.too-long"
    );
}
