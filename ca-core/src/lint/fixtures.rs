//! Valid certificates of every role, in parts, so that a test can change one and look again.

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5280, rfc5912, rfc6960};
use der::asn1::{BitString, Ia5String, Null, OctetString, UtcTime};
use der::{Any, Encode};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm, UnixTime};
use sha2::{Digest, Sha256};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints,
    CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage, FreshestCrl, KeyUsage, KeyUsages,
    NameConstraints, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::ext::pkix::{certpolicy::PolicyInformation, constraints::name::GeneralSubtree};

use super::certificate_facts::ID_PE_RELATED_CERT;
use super::{
    CertificateFacts, CertificateLint, CertificateRole, Expected, ExpectedExtension, Outcome,
    RelatedCertificate,
};

/// Under the arc for documentation (RFC 5612).
const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.1");

/// The base point of P-384 (SEC 2 §2.5.1), uncompressed.
const P384_POINT: &str = "04\
    aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7\
    3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f";

/// A product of two random primes of 1,024 bits that nobody kept.
const RSA_MODULUS: &str = "00\
    e7db64f461eb1e4152938cd8dc7ddf272f63c930b92cee7db6faac86dabfd37b773c46286e6fd17ecec3e2cd5a909cbb\
    bd7ff6a070a9cab8ec87a74469ea427004a769d15a0f1f749089b56ae3ffaac11199609fc0da27b7201268aef80b4d6f\
    5b34d78c56d3da9f1824eebc93b71802ea5275e85ed0c2393312b07924fd45ccb37b1062bc0c355922da14a6248cc612\
    188ac6b36772f54d932c74f0abdb7e66a9570713b870101d9d0233692289960151594474b148c56a0a6a41b6f1293905\
    fdcedd8ceb1222249cc0ac9aef0e7e8562e9006a9aabe2688abd9d89224de1c8c72289d1a65234353e9dc834fb61108d\
    a0b12ef19a376e885fcc47338297b107";

pub(super) struct FixtureExtension {
    pub(super) oid: ObjectIdentifier,
    /// `None` leaves the field out, as DER does for FALSE.
    pub(super) critical: Option<bool>,
    pub(super) value: Vec<u8>,
}

/// The parts of a `TBSCertificate`, each in DER unless said otherwise, and what is expected of it.
pub(super) struct CertificateFixture {
    pub(super) version: Option<u8>,
    /// Content octets.
    pub(super) serial: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) not_before: Vec<u8>,
    pub(super) not_after: Vec<u8>,
    pub(super) subject: Vec<u8>,
    pub(super) spki: Vec<u8>,
    pub(super) unique_identifiers: Vec<u8>,
    pub(super) extensions: Vec<FixtureExtension>,
    pub(super) expected: ExpectedFixture,
}

/// [`Expected`] with everything owned.
pub(super) struct ExpectedFixture {
    pub(super) role: CertificateRole,
    pub(super) issuer_name: Vec<u8>,
    pub(super) issuer_ski: Option<Vec<u8>>,
    pub(super) issuer_not_after: Option<UnixTime>,
    pub(super) subject: Vec<u8>,
    pub(super) subject_ski: Option<Vec<u8>>,
    pub(super) serial: Vec<u8>,
    pub(super) spki: Vec<u8>,
    pub(super) key_algorithm: KeyAlgorithm,
    pub(super) signature_algorithm: SignatureAlgorithm,
    pub(super) key_usage: KeyUsage,
    pub(super) extended_key_usage: Vec<ObjectIdentifier>,
    pub(super) policy_oids: Vec<ObjectIdentifier>,
    pub(super) path_len: Option<u8>,
    pub(super) subject_alt_names: Vec<GeneralName>,
    pub(super) extensions: Vec<ExpectedExtension>,
    pub(super) not_before_earliest: UnixTime,
    pub(super) not_after_cap: Option<UnixTime>,
    pub(super) max_validity_seconds: i64,
    pub(super) cdp_uris: Vec<String>,
    pub(super) freshest_crl_uris: Vec<String>,
    pub(super) ocsp_uris: Vec<String>,
    pub(super) ca_issuer_uris: Vec<String>,
    pub(super) now: UnixTime,
}

impl ExpectedFixture {
    pub(super) fn borrow(&self) -> Expected<'_> {
        Expected {
            role: self.role,
            profile: "fixture",
            issuer_name_der: &self.issuer_name,
            issuer_ski: self.issuer_ski.as_deref(),
            issuer_not_after: self.issuer_not_after,
            subject_der: &self.subject,
            subject_ski: self.subject_ski.as_deref(),
            serial: &self.serial,
            spki_der: &self.spki,
            key_algorithm: self.key_algorithm,
            signature_algorithm: self.signature_algorithm,
            key_usage: self.key_usage,
            extended_key_usage: &self.extended_key_usage,
            policy_oids: &self.policy_oids,
            path_len: self.path_len,
            subject_alt_names: &self.subject_alt_names,
            extensions: &self.extensions,
            not_before_earliest: self.not_before_earliest,
            not_after_cap: self.not_after_cap,
            max_validity_seconds: self.max_validity_seconds,
            cdp_uris: &self.cdp_uris,
            freshest_crl_uris: &self.freshest_crl_uris,
            ocsp_uris: &self.ocsp_uris,
            ca_issuer_uris: &self.ca_issuer_uris,
            now: self.now,
        }
    }
}

impl CertificateFixture {
    /// An ECC terminal with an RSA twin.
    pub(super) fn terminal() -> Self {
        let expected = expected(
            CertificateRole::EndEntity,
            name("Kasane Issuing ECC Terminal"),
            terminal_name("1312345678-1"),
            p384_spki(),
            39,
        );
        Self::build(ExpectedFixture {
            key_usage: usage(KeyUsages::DigitalSignature),
            extended_key_usage: vec![rfc5280::ID_KP_CLIENT_AUTH],
            subject_alt_names: vec![uri_name("https://id.kasane.example/facility/1312345678/1")],
            cdp_uris: uris("http://crl.kasane.example/issuing-ecc-terminal/3.crl"),
            freshest_crl_uris: uris("http://crl.kasane.example/issuing-ecc-terminal/3-delta.crl"),
            ocsp_uris: uris("http://ocsp.kasane.example/issuing-ecc-terminal"),
            ca_issuer_uris: uris("http://pki.kasane.example/issuing-ecc-terminal.cer"),
            extensions: vec![
                row(rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER, false, true),
                row(rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER, false, true),
                row(rfc5280::ID_CE_KEY_USAGE, true, true),
                row(rfc5280::ID_CE_EXT_KEY_USAGE, false, true),
                row(rfc5280::ID_CE_CERTIFICATE_POLICIES, false, true),
                row(rfc5280::ID_CE_SUBJECT_ALT_NAME, false, true),
                row(rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS, false, true),
                row(rfc5280::ID_CE_FRESHEST_CRL, false, true),
                row(rfc5280::ID_PE_AUTHORITY_INFO_ACCESS, false, true),
                row(ID_PE_RELATED_CERT, false, false),
            ],
            ..expected
        })
    }

    /// An RSA terminal, from the RSA side.
    pub(super) fn terminal_rsa() -> Self {
        let mut expected = Self::terminal().expected;
        expected.issuer_name = name("Kasane Issuing RSA");
        expected.spki = rsa_spki(&rsa_modulus(), &[1, 0, 1]);
        expected.key_algorithm = KeyAlgorithm::RSA_2048;
        expected.signature_algorithm = SignatureAlgorithm::RsaPkcs1Sha256;
        expected
            .extensions
            .retain(|row| row.oid != ID_PE_RELATED_CERT);
        Self::build(expected)
    }

    /// An ECC server with a name in DNS.
    pub(super) fn server() -> Self {
        let mut expected = Self::terminal().expected;
        expected.issuer_name = name("Kasane Issuing ECC Server");
        expected.subject = terminal_name("eligibility-1");
        expected.extended_key_usage = vec![rfc5280::ID_KP_SERVER_AUTH];
        expected.subject_alt_names = vec![
            uri_name("https://id.kasane.example/system/eligibility/1"),
            GeneralName::DnsName(Ia5String::new("eligibility.kasane.example").unwrap()),
        ];
        expected
            .extensions
            .retain(|row| row.oid != ID_PE_RELATED_CERT);
        expected.max_validity_seconds = 199 * 86_400;
        Self::build(expected)
    }

    /// The issuing CA for servers, with name constraints.
    pub(super) fn issuing() -> Self {
        let expected = expected(
            CertificateRole::Issuing,
            name("Kasane Root ECC"),
            name("Kasane Issuing ECC Server"),
            p384_spki(),
            120,
        );
        Self::build(ExpectedFixture {
            key_usage: KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            extended_key_usage: vec![rfc5280::ID_KP_SERVER_AUTH, rfc5280::ID_KP_CLIENT_AUTH],
            path_len: Some(0),
            cdp_uris: uris("http://crl.kasane.example/root-ecc.crl"),
            ca_issuer_uris: uris("http://pki.kasane.example/root-ecc.cer"),
            extensions: vec![
                row(rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER, false, true),
                row(rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER, false, true),
                row(rfc5280::ID_CE_BASIC_CONSTRAINTS, true, true),
                row(rfc5280::ID_CE_KEY_USAGE, true, true),
                row(rfc5280::ID_CE_EXT_KEY_USAGE, false, true),
                row(rfc5280::ID_CE_CERTIFICATE_POLICIES, false, true),
                row(rfc5280::ID_CE_NAME_CONSTRAINTS, true, true),
                row(rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS, false, true),
                row(rfc5280::ID_PE_AUTHORITY_INFO_ACCESS, false, true),
            ],
            ..expected
        })
    }

    /// The ECC root, which ends after 2049.
    pub(super) fn root() -> Self {
        let subject = name("Kasane Root ECC");
        let mut expected = expected(
            CertificateRole::Root,
            subject.clone(),
            subject,
            p384_spki(),
            300,
        );
        expected.issuer_ski = None;
        expected.issuer_not_after = None;
        expected.policy_oids = Vec::new();
        Self::build(ExpectedFixture {
            key_usage: KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            extensions: vec![
                row(rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER, false, true),
                row(rfc5280::ID_CE_BASIC_CONSTRAINTS, true, true),
                row(rfc5280::ID_CE_KEY_USAGE, true, true),
            ],
            ..expected
        })
    }

    /// The RSA root's key, whose identifier was made another way, under the ECC root.
    pub(super) fn cross() -> Self {
        let mut expected = Self::issuing().expected;
        expected.role = CertificateRole::Cross;
        expected.subject = name("Kasane Root RSA");
        expected.subject_ski = Some(vec![0x5a; 20]);
        expected.spki = rsa_spki(&rsa_modulus(), &[1, 0, 1]);
        expected.key_algorithm = KeyAlgorithm::RSA_2048;
        expected.path_len = Some(1);
        expected.extended_key_usage = Vec::new();
        expected
            .policy_oids
            .push(ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.2"));
        expected.extensions.retain(|row| {
            row.oid != rfc5280::ID_CE_NAME_CONSTRAINTS && row.oid != rfc5280::ID_CE_EXT_KEY_USAGE
        });
        Self::build(expected)
    }

    /// A delegated OCSP signer.
    pub(super) fn ocsp_signer() -> Self {
        let expected = expected(
            CertificateRole::OcspSigner,
            name("Kasane Issuing ECC Terminal"),
            name("Kasane OCSP ECC Terminal 1"),
            p384_spki(),
            1,
        );
        Self::build(ExpectedFixture {
            key_usage: usage(KeyUsages::DigitalSignature),
            extended_key_usage: vec![rfc5280::ID_KP_OCSP_SIGNING],
            extensions: vec![
                row(rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER, false, true),
                row(rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER, false, true),
                row(rfc5280::ID_CE_KEY_USAGE, true, true),
                row(rfc5280::ID_CE_EXT_KEY_USAGE, false, true),
                row(rfc5280::ID_CE_CERTIFICATE_POLICIES, false, true),
                row(rfc6960::ID_PKIX_OCSP_NOCHECK, false, true),
            ],
            ..expected
        })
    }

    /// One of each role.
    pub(super) fn all() -> Vec<(&'static str, Self)> {
        vec![
            ("terminal", Self::terminal()),
            ("terminal_rsa", Self::terminal_rsa()),
            ("server", Self::server()),
            ("issuing", Self::issuing()),
            ("root", Self::root()),
            ("cross", Self::cross()),
            ("ocsp_signer", Self::ocsp_signer()),
        ]
    }

    /// A certificate that is just what is expected.
    fn build(expected: ExpectedFixture) -> Self {
        let not_after = expected.now.plus_seconds(expected.max_validity_seconds - 1);
        let mut fixture = Self {
            version: Some(2),
            serial: expected.serial.clone(),
            signature: algorithm(expected.signature_algorithm),
            issuer: expected.issuer_name.clone(),
            not_before: time(expected.now),
            not_after: time(not_after),
            subject: expected.subject.clone(),
            spki: expected.spki.clone(),
            unique_identifiers: Vec::new(),
            extensions: Vec::new(),
            expected,
        };
        for row in fixture.expected.extensions.clone() {
            let value = fixture.value_of(row.oid);
            fixture.extensions.push(FixtureExtension {
                oid: row.oid,
                critical: row.critical.then_some(true),
                value,
            });
        }
        fixture
    }

    fn value_of(&self, oid: ObjectIdentifier) -> Vec<u8> {
        let expected = &self.expected;
        match oid {
            rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER => AuthorityKeyIdentifier {
                key_identifier: expected.issuer_ski.as_deref().map(octets),
                ..Default::default()
            }
            .to_der(),
            rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER => {
                let ski = expected
                    .subject_ski
                    .clone()
                    .unwrap_or_else(|| ski_of(&self.spki));
                SubjectKeyIdentifier(octets(&ski)).to_der()
            }
            rfc5280::ID_CE_KEY_USAGE => expected.key_usage.to_der(),
            rfc5280::ID_CE_EXT_KEY_USAGE => {
                ExtendedKeyUsage(expected.extended_key_usage.clone()).to_der()
            }
            rfc5280::ID_CE_CERTIFICATE_POLICIES => policies(&expected.policy_oids).to_der(),
            rfc5280::ID_CE_SUBJECT_ALT_NAME => {
                SubjectAltName(expected.subject_alt_names.clone()).to_der()
            }
            rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS => {
                CrlDistributionPoints(points(&expected.cdp_uris)).to_der()
            }
            rfc5280::ID_CE_FRESHEST_CRL => {
                FreshestCrl(points(&expected.freshest_crl_uris)).to_der()
            }
            rfc5280::ID_PE_AUTHORITY_INFO_ACCESS => {
                access(&expected.ocsp_uris, &expected.ca_issuer_uris).to_der()
            }
            rfc5280::ID_CE_BASIC_CONSTRAINTS => BasicConstraints {
                ca: true,
                path_len_constraint: expected.path_len,
            }
            .to_der(),
            rfc5280::ID_CE_NAME_CONSTRAINTS => NameConstraints {
                permitted_subtrees: Some(vec![GeneralSubtree {
                    base: GeneralName::DnsName(Ia5String::new("kasane.example").unwrap()),
                    minimum: 0,
                    maximum: None,
                }]),
                excluded_subtrees: None,
            }
            .to_der(),
            rfc6960::ID_PKIX_OCSP_NOCHECK => Null.to_der(),
            ID_PE_RELATED_CERT => RelatedCertificate {
                hash_algorithm: AlgorithmIdentifierOwned {
                    oid: rfc5912::ID_SHA_384,
                    parameters: None,
                },
                hash_value: octets(&[0x11; 48]),
            }
            .to_der(),
            other => panic!("the fixture cannot make {other}"),
        }
        .unwrap()
    }

    /// Puts an extension in, or in place of the one that is there, with its criticality kept.
    pub(super) fn set(&mut self, oid: ObjectIdentifier, value: &impl Encode) {
        self.set_raw(oid, value.to_der().unwrap());
    }

    /// The same with bytes that may be anything.
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

    /// The to-be-signed bytes.
    pub(super) fn tbs_der(&self) -> Vec<u8> {
        let version = self
            .version
            .map_or_else(Vec::new, |v| tlv(0xa0, &tlv(0x02, &[v])));
        let validity = tlv(0x30, &[&self.not_before[..], &self.not_after].concat());
        let extensions = if self.extensions.is_empty() {
            Vec::new()
        } else {
            tlv(0xa3, &extensions_der(&self.extensions))
        };
        let parts: [&[u8]; 9] = [
            &version,
            &tlv(0x02, &self.serial),
            &self.signature,
            &self.issuer,
            &validity,
            &self.subject,
            &self.spki,
            &self.unique_identifiers,
            &extensions,
        ];
        tlv(0x30, &parts.concat())
    }

    pub(super) fn outcome(&self, lint: &CertificateLint) -> Outcome {
        let der = self.tbs_der();
        let expected = self.expected.borrow();
        (lint.check)(&CertificateFacts::decode(&der, &expected).unwrap())
    }

    pub(super) fn assert_passes(&self, lint: &CertificateLint) {
        assert_eq!(self.outcome(lint), Outcome::Pass, "{}", lint.name);
    }

    pub(super) fn assert_not_applicable(&self, lint: &CertificateLint) {
        assert_eq!(self.outcome(lint), Outcome::NotApplicable, "{}", lint.name);
    }

    pub(super) fn assert_fails(&self, lint: &CertificateLint, reason_part: &str) {
        match self.outcome(lint) {
            Outcome::Fail(reason) if reason.contains(reason_part) => {}
            other => panic!("{}: wanted {reason_part:?}, got {other:?}", lint.name),
        }
    }
}

fn expected(
    role: CertificateRole,
    issuer_name: Vec<u8>,
    subject: Vec<u8>,
    spki: Vec<u8>,
    months: u32,
) -> ExpectedFixture {
    let now: UnixTime = "2027-05-01T00:00:00Z".parse().unwrap();
    let end = now.plus_months_jst(months);
    ExpectedFixture {
        role,
        issuer_name,
        issuer_ski: Some(vec![0xa1; 20]),
        issuer_not_after: Some(end.plus_days(365)),
        subject,
        subject_ski: None,
        serial: (1..=16).map(|octet| octet * 7).collect(),
        spki,
        key_algorithm: KeyAlgorithm::P384,
        signature_algorithm: SignatureAlgorithm::EcdsaSha384,
        key_usage: usage(KeyUsages::DigitalSignature),
        extended_key_usage: Vec::new(),
        policy_oids: vec![POLICY],
        path_len: None,
        subject_alt_names: Vec::new(),
        extensions: Vec::new(),
        not_before_earliest: now.plus_seconds(-3600),
        not_after_cap: Some(end.plus_days(30)),
        max_validity_seconds: end.seconds_since(now),
        cdp_uris: Vec::new(),
        freshest_crl_uris: Vec::new(),
        ocsp_uris: Vec::new(),
        ca_issuer_uris: Vec::new(),
        now,
    }
}

const fn row(oid: ObjectIdentifier, critical: bool, required: bool) -> ExpectedExtension {
    ExpectedExtension {
        oid,
        critical,
        required,
    }
}

pub(super) fn usage(usage: KeyUsages) -> KeyUsage {
    KeyUsage(usage.into())
}

pub(super) fn uris(uri: &str) -> Vec<String> {
    vec![uri.to_owned()]
}

pub(super) fn uri_name(uri: &str) -> GeneralName {
    GeneralName::UniformResourceIdentifier(Ia5String::new(uri).unwrap())
}

pub(super) fn octets(bytes: &[u8]) -> OctetString {
    OctetString::new(bytes).unwrap()
}

pub(super) fn policies(oids: &[ObjectIdentifier]) -> CertificatePolicies {
    let information = |oid: &ObjectIdentifier| PolicyInformation {
        policy_identifier: *oid,
        policy_qualifiers: None,
    };
    CertificatePolicies(oids.iter().map(information).collect())
}

/// One distribution point for each address.
pub(super) fn points(uris: &[String]) -> Vec<DistributionPoint> {
    let point = |uri: &String| DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![uri_name(uri)])),
        reasons: None,
        crl_issuer: None,
    };
    uris.iter().map(point).collect()
}

pub(super) fn access(ocsp: &[String], ca_issuers: &[String]) -> AuthorityInfoAccessSyntax {
    let describe = |method: ObjectIdentifier, uri: &String| AccessDescription {
        access_method: method,
        access_location: uri_name(uri),
    };
    let ocsp = ocsp.iter().map(|uri| describe(rfc5280::ID_AD_OCSP, uri));
    let ca_issuers = ca_issuers
        .iter()
        .map(|uri| describe(rfc5280::ID_AD_CA_ISSUERS, uri));
    AuthorityInfoAccessSyntax(ocsp.chain(ca_issuers).collect())
}

/// `AlgorithmIdentifier` of a signature, right in its parameters.
pub(super) fn algorithm(signature: SignatureAlgorithm) -> Vec<u8> {
    let parameters = signature.has_null_parameter().then(Any::null);
    AlgorithmIdentifierOwned {
        oid: signature.oid(),
        parameters,
    }
    .to_der()
    .unwrap()
}

pub(super) fn time(at: UnixTime) -> Vec<u8> {
    let since = std::time::Duration::from_secs(at.seconds().unsigned_abs());
    UtcTime::from_unix_duration(since).map_or_else(
        |_| {
            der::asn1::GeneralizedTime::from_unix_duration(since)
                .unwrap()
                .to_der()
                .unwrap()
        },
        |utc| utc.to_der().unwrap(),
    )
}

/// `C=JP, O=Kasane, CN=…`.
pub(super) fn name(common_name: &str) -> Vec<u8> {
    let country = rdn(rfc4519_country(), 0x13, b"JP");
    let organization = rdn(ObjectIdentifier::new_unwrap("2.5.4.10"), 0x0c, b"Kasane");
    let common_name = rdn(
        ObjectIdentifier::new_unwrap("2.5.4.3"),
        0x0c,
        common_name.as_bytes(),
    );
    tlv(0x30, &[country, organization, common_name].concat())
}

/// `C=JP, O=Kasane, OU=medical, CN=…`.
pub(super) fn terminal_name(common_name: &str) -> Vec<u8> {
    let country = rdn(rfc4519_country(), 0x13, b"JP");
    let organization = rdn(ObjectIdentifier::new_unwrap("2.5.4.10"), 0x0c, b"Kasane");
    let unit = rdn(ObjectIdentifier::new_unwrap("2.5.4.11"), 0x0c, b"medical");
    let common_name = rdn(
        ObjectIdentifier::new_unwrap("2.5.4.3"),
        0x0c,
        common_name.as_bytes(),
    );
    tlv(0x30, &[country, organization, unit, common_name].concat())
}

const fn rfc4519_country() -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap("2.5.4.6")
}

/// One relative distinguished name of one attribute.
pub(super) fn rdn(oid: ObjectIdentifier, string_tag: u8, value: &[u8]) -> Vec<u8> {
    let pair = [oid.to_der().unwrap(), tlv(string_tag, value)].concat();
    tlv(0x31, &tlv(0x30, &pair))
}

pub(super) fn p384_spki() -> Vec<u8> {
    ec_spki(rfc5912::SECP_384_R_1, &hex::decode(P384_POINT).unwrap())
}

pub(super) fn ec_spki(curve: ObjectIdentifier, point: &[u8]) -> Vec<u8> {
    spki_of(
        rfc5912::ID_EC_PUBLIC_KEY,
        Some(Any::encode_from(&curve).unwrap()),
        point,
    )
}

pub(super) fn spki_of(oid: ObjectIdentifier, parameters: Option<Any>, key: &[u8]) -> Vec<u8> {
    SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned { oid, parameters },
        subject_public_key: BitString::from_bytes(key).unwrap(),
    }
    .to_der()
    .unwrap()
}

/// Content octets of the modulus, with the leading zero octet.
pub(super) fn rsa_modulus() -> Vec<u8> {
    hex::decode(RSA_MODULUS).unwrap()
}

pub(super) fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = tlv(0x30, &[tlv(0x02, modulus), tlv(0x02, exponent)].concat());
    spki_of(rfc5912::RSA_ENCRYPTION, Some(Any::null()), &key)
}

/// RFC 7093 §2 method 1, for the fixtures' own use.
fn ski_of(spki: &[u8]) -> Vec<u8> {
    use der::Decode as _;
    let spki = SubjectPublicKeyInfoOwned::from_der(spki).unwrap();
    Sha256::digest(spki.subject_public_key.raw_bytes())[..20].to_vec()
}

pub(super) fn extensions_der(extensions: &[FixtureExtension]) -> Vec<u8> {
    let list: Vec<u8> = extensions
        .iter()
        .flat_map(|extension| {
            let critical = match extension.critical {
                None => Vec::new(),
                Some(true) => tlv(0x01, &[0xff]),
                Some(false) => tlv(0x01, &[0]),
            };
            let oid = extension.oid.to_der().unwrap();
            tlv(0x30, &[oid, critical, tlv(0x04, &extension.value)].concat())
        })
        .collect();
    tlv(0x30, &list)
}

/// Tag, shortest length, value.
pub(super) fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap();
    let mut der = vec![tag];
    if length < 0x80 {
        der.push(u8::try_from(length).unwrap());
    } else {
        let octets: Vec<u8> = length
            .to_be_bytes()
            .into_iter()
            .skip_while(|o| *o == 0)
            .collect();
        der.push(0x80 | u8::try_from(octets.len()).unwrap());
        der.extend(octets);
    }
    der.extend(value);
    der
}
