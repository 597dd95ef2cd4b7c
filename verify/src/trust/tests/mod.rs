//! Fixtures: officers with keys, and documents that they sign.

mod contents;
mod forms;
mod properties;
mod quorums;
mod rotation;
mod state;
mod versions;

use std::collections::BTreeSet;

use rcgen::{KeyPair, PublicKeyData, SigningKey};

use super::*;
use crate::crypto::AwsLc;
use crate::policy::{OVERLAP_TIMELINE_TOML, Text};
use crate::test_support::Entity;
use crate::{SignatureAlgorithm, UnixTime};

/// An officer and their private key.
struct Person {
    name: &'static str,
    key: KeyPair,
}

impl Person {
    fn new(name: &'static str) -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        Self { name, key }
    }

    fn with_key(name: &'static str, key: KeyPair) -> Self {
        Self { name, key }
    }

    fn spki(&self) -> Vec<u8> {
        self.key.subject_public_key_info()
    }

    fn id(&self) -> KeyId {
        KeyId::of(&self.spki(), &AwsLc)
    }

    fn officer(&self) -> Officer {
        Officer::new(self.name, &self.spki(), &AwsLc).unwrap()
    }
}

fn people<const N: usize>(names: [&'static str; N]) -> [Person; N] {
    names.map(Person::new)
}

fn domain(name: &str) -> DomainId {
    DomainId::new(name).unwrap()
}

fn set(threshold: usize, officers: &[&Person]) -> OfficerSet {
    set_of("kasane.example", threshold, officers).unwrap()
}

fn set_of(network: &str, threshold: usize, officers: &[&Person]) -> Result<OfficerSet, TrustError> {
    let officers = officers.iter().map(|it| it.officer()).collect();
    OfficerSet::new(domain(network), threshold, officers, &AwsLc)
}

fn now() -> UnixTime {
    "2028-06-01".parse().unwrap()
}

fn header(kind: Kind, number: u64, signer: &OfficerSet) -> Header {
    Header {
        kind,
        domain: signer.domain().clone(),
        number,
        issued_at: now().plus_days(-1),
        expires_at: now().plus_days(60),
        officer_set: signer.fingerprint(),
    }
}

fn sign(mut document: TrustDocument, signers: &[&Person]) -> TrustDocument {
    for it in signers {
        let value = it.key.sign(&document.to_be_signed()).unwrap();
        document.add_signature(&it.spki(), value, &AwsLc).unwrap();
    }
    document
}

fn prepare(header: Header, content: Vec<u8>) -> TrustDocument {
    TrustDocument::prepare(header, content, &AwsLc).unwrap()
}

fn first(set: &OfficerSet, signers: &[&Person]) -> TrustDocument {
    let content = Succession::first(set.clone()).to_der().unwrap();
    sign(prepare(header(Kind::Officers, 1, set), content), signers)
}

fn rotation(
    number: u64,
    previous: &OfficerSet,
    set: &OfficerSet,
    signers: &[&Person],
) -> TrustDocument {
    let content = Succession::rotation(previous.clone(), set.clone());
    let content = content.unwrap().to_der().unwrap();
    sign(
        prepare(header(Kind::Officers, number, previous), content),
        signers,
    )
}

fn policy(number: u64, set: &OfficerSet, signers: &[&Person]) -> TrustDocument {
    let content = OVERLAP_TIMELINE_TOML.as_bytes().to_vec();
    sign(prepare(header(Kind::Policy, number, set), content), signers)
}

fn declaration(id: &str, area: Area) -> Emergency {
    let reason = Text {
        en: "earthquake".to_owned(),
        ja: "地震".to_owned(),
    };
    Emergency::new(id, area, now(), now().plus_days(7), reason).unwrap()
}

fn emergency(number: u64, set: &OfficerSet, signers: &[&Person]) -> TrustDocument {
    let content = declaration("quake-1", Area::WholeCountry).to_der().unwrap();
    sign(
        prepare(header(Kind::Emergency, number, set), content),
        signers,
    )
}

fn anchors(number: u64, set: &OfficerSet, signers: &[&Person]) -> TrustDocument {
    let anchor = |name| Anchor::new(&Entity::new(name).self_signed(), name, None, &AwsLc).unwrap();
    let bundle = AnchorBundle::new(vec![anchor("Root ECC"), anchor("Root RSA")]).unwrap();
    sign(
        prepare(header(Kind::Anchors, number, set), bundle.to_der().unwrap()),
        signers,
    )
}

/// A store that knows the set.
fn store(set: &OfficerSet, signers: &[&Person]) -> TrustStore {
    let mut store = TrustStore::first_contact(set.fingerprint());
    store.accept(&first(set, signers), now(), &AwsLc).unwrap();
    store
}

fn code(result: Result<Acceptance, TrustError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "accepted")
}

/// The same document as somebody else would send it: through its DER, changed by `change`.
fn resent(
    document: &TrustDocument,
    change: impl FnOnce(&mut Vec<u8>),
) -> Result<TrustDocument, TrustError> {
    let mut der = document.to_der().unwrap();
    change(&mut der);
    TrustDocument::from_der(&der)
}
