//! A valid sharded CRL, in parts, so that a test can change one and look again.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280;
use der::Encode;
use der::asn1::Uint;
use kasane_verify::{SignatureAlgorithm, UnixTime};
use x509_cert::ext::pkix::name::DistributionPointName;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, FreshestCrl, IssuingDistributionPoint};

use super::fixtures::{
    FixtureExtension, algorithm, extensions_der, name, octets, points, time, tlv, uri_name, uris,
};
use super::{CrlFacts, CrlLint, ExpectedCrl, Outcome};

const SHARD_URI: &str = "http://crl.kasane.example/issuing-ecc-terminal/3.crl";

/// One entry; everything but the serial number in DER.
pub(super) struct EntryFixture {
    /// Content octets.
    pub(super) serial: Vec<u8>,
    pub(super) revocation_date: Vec<u8>,
    pub(super) extensions: Vec<FixtureExtension>,
}

/// The parts of a `TBSCertList`, each in DER unless said otherwise, and what is expected of it.
pub(super) struct CrlFixture {
    pub(super) version: Option<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) this_update: Vec<u8>,
    /// Empty when absent.
    pub(super) next_update: Vec<u8>,
    /// `None` leaves the list out.
    pub(super) entries: Option<Vec<EntryFixture>>,
    pub(super) extensions: Vec<FixtureExtension>,
    pub(super) expected: ExpectedCrlFixture,
}

/// [`ExpectedCrl`] with everything owned.
pub(super) struct ExpectedCrlFixture {
    pub(super) issuer_name: Vec<u8>,
    pub(super) issuer_ski: Vec<u8>,
    pub(super) signature_algorithm: SignatureAlgorithm,
    pub(super) crl_number: u64,
    pub(super) previous_crl_number: Option<u64>,
    pub(super) base_crl_number: Option<u64>,
    pub(super) this_update: UnixTime,
    pub(super) next_update_max: UnixTime,
    pub(super) is_final: bool,
    pub(super) idp_uri: Option<String>,
    pub(super) freshest_crl_uris: Vec<String>,
    pub(super) entry_count: usize,
    pub(super) now: UnixTime,
}

impl CrlFixture {
    /// A complete CRL of one shard with three entries.
    pub(super) fn shard() -> Self {
        let now: UnixTime = "2027-05-01T00:00:00Z".parse().unwrap();
        let expected = ExpectedCrlFixture {
            issuer_name: name("Kasane Issuing ECC Terminal"),
            issuer_ski: vec![0xa1; 20],
            signature_algorithm: SignatureAlgorithm::EcdsaSha384,
            crl_number: 300,
            previous_crl_number: Some(299),
            base_crl_number: None,
            this_update: now,
            next_update_max: now.plus_days(4),
            is_final: false,
            idp_uri: Some(SHARD_URI.to_owned()),
            freshest_crl_uris: uris("http://crl.kasane.example/issuing-ecc-terminal/3-delta.crl"),
            entry_count: 3,
            now,
        };
        let mut fixture = Self {
            version: Some(1),
            signature: algorithm(expected.signature_algorithm),
            issuer: expected.issuer_name.clone(),
            this_update: time(expected.this_update),
            next_update: time(expected.next_update_max),
            entries: Some(vec![
                EntryFixture::new(0x11, now.plus_days(-3), None),
                EntryFixture::new(0x12, now.plus_days(-2), Some(1)),
                EntryFixture::new(0x13, now, Some(4)),
            ]),
            extensions: Vec::new(),
            expected,
        };
        let aki = AuthorityKeyIdentifier {
            key_identifier: Some(octets(&fixture.expected.issuer_ski)),
            ..Default::default()
        };
        fixture.set(rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER, &aki);
        fixture.set(rfc5280::ID_CE_CRL_NUMBER, &Uint::try_from(300_u64).unwrap());
        fixture.set(rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT, &idp(SHARD_URI));
        fixture.set_critical(rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT, Some(true));
        let freshest = FreshestCrl(points(&fixture.expected.freshest_crl_uris));
        fixture.set(rfc5280::ID_CE_FRESHEST_CRL, &freshest);
        fixture
    }

    /// The delta CRL of the same shard, from base 290, with a certificate that came back.
    pub(super) fn delta() -> Self {
        let mut fixture = Self::shard();
        fixture.expected.base_crl_number = Some(290);
        fixture.expected.freshest_crl_uris = Vec::new();
        fixture.remove(rfc5280::ID_CE_FRESHEST_CRL);
        fixture.set(
            rfc5280::ID_CE_DELTA_CRL_INDICATOR,
            &Uint::try_from(290_u64).unwrap(),
        );
        fixture.set_critical(rfc5280::ID_CE_DELTA_CRL_INDICATOR, Some(true));
        fixture
    }

    /// A complete CRL of all that a root signed, with nothing revoked.
    pub(super) fn root() -> Self {
        let mut fixture = Self::shard();
        fixture.entries = None;
        fixture.expected.entry_count = 0;
        fixture.expected.idp_uri = None;
        fixture.expected.previous_crl_number = None;
        fixture.expected.freshest_crl_uris = Vec::new();
        fixture.remove(rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT);
        fixture.remove(rfc5280::ID_CE_FRESHEST_CRL);
        fixture
    }

    /// The last list of an ended CA.
    pub(super) fn last() -> Self {
        let mut fixture = Self::shard();
        fixture.expected.is_final = true;
        fixture.expected.next_update_max = UnixTime::MAX;
        fixture.next_update = time(UnixTime::MAX);
        fixture.expected.freshest_crl_uris = Vec::new();
        fixture.remove(rfc5280::ID_CE_FRESHEST_CRL);
        fixture
    }

    /// One of each kind.
    pub(super) fn all() -> Vec<(&'static str, Self)> {
        vec![
            ("shard", Self::shard()),
            ("delta", Self::delta()),
            ("root", Self::root()),
            ("last", Self::last()),
        ]
    }

    pub(super) fn set(&mut self, oid: ObjectIdentifier, value: &impl Encode) {
        self.set_raw(oid, value.to_der().unwrap());
    }

    pub(super) fn set_raw(&mut self, oid: ObjectIdentifier, value: Vec<u8>) {
        match self
            .extensions
            .iter_mut()
            .find(|extension| extension.oid == oid)
        {
            Some(extension) => extension.value = value,
            None => self.extensions.push(FixtureExtension {
                oid,
                critical: None,
                value,
            }),
        }
    }

    pub(super) fn set_critical(&mut self, oid: ObjectIdentifier, critical: Option<bool>) {
        let extension = self
            .extensions
            .iter_mut()
            .find(|extension| extension.oid == oid);
        extension.unwrap().critical = critical;
    }

    pub(super) fn remove(&mut self, oid: ObjectIdentifier) {
        let before = self.extensions.len();
        self.extensions.retain(|extension| extension.oid != oid);
        assert!(self.extensions.len() < before, "{oid} was not there");
    }

    /// The entry at `index`.
    pub(super) fn entry(&mut self, index: usize) -> &mut EntryFixture {
        &mut self.entries.as_mut().unwrap()[index]
    }

    /// The to-be-signed bytes.
    pub(super) fn tbs_der(&self) -> Vec<u8> {
        let version = self
            .version
            .map_or_else(Vec::new, |version| tlv(0x02, &[version]));
        let entries = self.entries.as_ref().map_or_else(Vec::new, |entries| {
            tlv(
                0x30,
                &entries
                    .iter()
                    .flat_map(EntryFixture::der)
                    .collect::<Vec<u8>>(),
            )
        });
        let extensions = if self.extensions.is_empty() {
            Vec::new()
        } else {
            tlv(0xa0, &extensions_der(&self.extensions))
        };
        let parts: [&[u8]; 7] = [
            &version,
            &self.signature,
            &self.issuer,
            &self.this_update,
            &self.next_update,
            &entries,
            &extensions,
        ];
        tlv(0x30, &parts.concat())
    }

    pub(super) fn outcome(&self, lint: &CrlLint) -> Outcome {
        let der = self.tbs_der();
        let expected = self.expected.borrow();
        (lint.check)(&CrlFacts::decode(&der, &expected).unwrap())
    }

    pub(super) fn assert_passes(&self, lint: &CrlLint) {
        assert_eq!(self.outcome(lint), Outcome::Pass, "{}", lint.name);
    }

    pub(super) fn assert_not_applicable(&self, lint: &CrlLint) {
        assert_eq!(self.outcome(lint), Outcome::NotApplicable, "{}", lint.name);
    }

    pub(super) fn assert_fails(&self, lint: &CrlLint, reason_part: &str) {
        match self.outcome(lint) {
            Outcome::Fail(reason) if reason.contains(reason_part) => {}
            other => panic!("{}: wanted {reason_part:?}, got {other:?}", lint.name),
        }
    }
}

impl EntryFixture {
    /// An entry whose serial number ends in `last`.
    pub(super) fn new(last: u8, revoked: UnixTime, reason: Option<u8>) -> Self {
        let mut serial = vec![0x23; 16];
        serial[15] = last;
        let mut entry = Self {
            serial,
            revocation_date: time(revoked),
            extensions: Vec::new(),
        };
        if let Some(reason) = reason {
            entry.set(rfc5280::ID_CE_CRL_REASONS, vec![0x0a, 1, reason]);
        }
        entry
    }

    /// Puts an extension in, or in place of the one that is there.
    pub(super) fn set(&mut self, oid: ObjectIdentifier, value: Vec<u8>) {
        self.extensions.retain(|extension| extension.oid != oid);
        self.extensions.push(FixtureExtension {
            oid,
            critical: None,
            value,
        });
    }

    fn der(&self) -> Vec<u8> {
        let extensions = if self.extensions.is_empty() {
            Vec::new()
        } else {
            extensions_der(&self.extensions)
        };
        tlv(
            0x30,
            &[
                tlv(0x02, &self.serial),
                self.revocation_date.clone(),
                extensions,
            ]
            .concat(),
        )
    }
}

impl ExpectedCrlFixture {
    pub(super) fn borrow(&self) -> ExpectedCrl<'_> {
        ExpectedCrl {
            issuer_name_der: &self.issuer_name,
            issuer_ski: &self.issuer_ski,
            signature_algorithm: self.signature_algorithm,
            crl_number: self.crl_number,
            previous_crl_number: self.previous_crl_number,
            base_crl_number: self.base_crl_number,
            this_update: self.this_update,
            next_update_max: self.next_update_max,
            is_final: self.is_final,
            idp_uri: self.idp_uri.as_deref(),
            freshest_crl_uris: &self.freshest_crl_uris,
            entry_count: self.entry_count,
            now: self.now,
        }
    }
}

/// An issuing distribution point with one address and nothing else.
pub(super) fn idp(uri: &str) -> IssuingDistributionPoint {
    IssuingDistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![uri_name(uri)])),
        only_contains_user_certs: false,
        only_contains_ca_certs: false,
        only_some_reasons: None,
        indirect_crl: false,
        only_contains_attribute_certs: false,
    }
}
