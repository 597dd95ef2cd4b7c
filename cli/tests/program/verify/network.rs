//! A hierarchy of its own with its evidence, as a relying system gets it: files only. Its certificates
//! are valid from 2026 to June 2031, its CRLs and OCSP responses around
//! 2028-06-01.

use std::path::PathBuf;
use std::process::Output;

use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{
    BasicOcspResponse, CertId, CertStatus, ResponderId, ResponseData, SingleResponse, Version,
};
use kasane_verify::{SignatureAlgorithm, UnixTime};
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    PublicKeyData, SanType, SerialNumber, SigningKey, date_time_ymd,
};
use serde_json::Value;

use crate::world::{World, refusal_of, said};

pub(super) const AT: &str = "2028-06-01T00:00:00Z";
pub(super) const IDENTITY: &str = "https://id.kasane.example/facility/1312345679/1";

/// A name with a key.
pub(super) struct Entity {
    name: DistinguishedName,
    pub(super) key: KeyPair,
}

impl Entity {
    pub(super) fn new(common_name: &str) -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        Self::with_key(common_name, key)
    }

    pub(super) fn rsa(common_name: &str) -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        Self::with_key(common_name, key)
    }

    fn with_key(common_name: &str, key: KeyPair) -> Self {
        let mut name = DistinguishedName::new();
        name.push(DnType::OrganizationName, "Example");
        name.push(DnType::CommonName, common_name);
        Self { name, key }
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        let mut own = CertificateParams::default();
        own.distinguished_name = self.name.clone();
        own.key_identifier_method = KeyIdMethod::Sha256;
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Issuer::new(own, &self.key)
    }

    fn issue(
        &self,
        subject: &Self,
        serial: u64,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = subject.name.clone();
        params.key_identifier_method = KeyIdMethod::Sha256;
        params.use_authority_key_identifier_extension = true;
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2031, 6, 1);
        params.serial_number = Some(SerialNumber::from(serial));
        change(&mut params);
        let signed = params.signed_by(&subject.key, &self.issuer()).unwrap();
        signed.der().to_vec()
    }

    pub(super) fn ca(
        &self,
        subject: &Self,
        serial: u64,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Vec<u8> {
        self.issue(subject, serial, |params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            params.crl_distribution_points = vec![CrlDistributionPoint {
                uris: vec![format!("http://status.example/ca-{serial}.crl")],
            }];
            change(params);
        })
    }

    pub(super) fn root(&self) -> Vec<u8> {
        self.ca(self, 1, |params| params.crl_distribution_points.clear())
    }

    pub(super) fn terminal(
        &self,
        subject: &Self,
        serial: u64,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Vec<u8> {
        self.issue(subject, serial, |params| {
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            params.subject_alt_names = vec![
                SanType::URI(IDENTITY.try_into().unwrap()),
                SanType::DnsName("terminal.kasane.example".try_into().unwrap()),
                SanType::IpAddress("192.0.2.7".parse().unwrap()),
            ];
            params.crl_distribution_points = vec![CrlDistributionPoint {
                uris: vec!["http://status.example/terminals.crl".to_owned()],
            }];
            params.custom_extensions = vec![ocsp_at("http://status.example/ocsp")];
            change(params);
        })
    }

    /// A CRL over that serial number, of 2028-05-30 to 2028-06-03.
    pub(super) fn crl(&self, revoked: u64) -> Vec<u8> {
        self.crl_at(revoked, AT.parse().unwrap())
    }

    /// A CRL of two days before `at` to two days after.
    pub(super) fn crl_at(&self, revoked: u64, at: UnixTime) -> Vec<u8> {
        let entry = rcgen::RevokedCertParams {
            serial_number: SerialNumber::from(revoked),
            revocation_time: at.plus_days(-31).to_utc(),
            reason_code: Some(rcgen::RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let params = rcgen::CertificateRevocationListParams {
            this_update: at.plus_days(-2).to_utc(),
            next_update: at.plus_days(2).to_utc(),
            crl_number: SerialNumber::from(300_u64),
            issuing_distribution_point: None,
            revoked_certs: vec![entry],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer()).unwrap().der().to_vec()
    }

    /// A response of this CA itself.
    pub(super) fn ocsp(&self, certificate: &[u8], status: CertStatus) -> Vec<u8> {
        let certificate = Certificate::from_der(certificate).unwrap();
        let spki = self.key.subject_public_key_info();
        let (name, serial) = (certificate.issuer().der(), certificate.serial());
        let now: UnixTime = AT.parse().unwrap();
        let single = SingleResponse {
            cert_id: CertId::new(&AwsLc, DigestAlgorithm::Sha1, name, &spki, serial).unwrap(),
            cert_status: status,
            this_update: now.plus_seconds(-3600),
            next_update: Some(now.plus_seconds(3600)),
            single_extensions: None,
        };
        let data = ResponseData {
            version: Version::V1,
            responder_id: ResponderId::by_key(&AwsLc, &spki).unwrap(),
            produced_at: now.plus_seconds(-3600),
            responses: vec![single],
            response_extensions: None,
        };
        let tbs = data.encode_der().unwrap();
        let signature = self.key.sign(&tbs).unwrap();
        let algorithm = SignatureAlgorithm::EcdsaSha384;
        BasicOcspResponse::assemble(&tbs, algorithm, &signature, &[]).unwrap()
    }
}

/// Authority information access with one OCSP responder.
fn ocsp_at(uri: &str) -> CustomExtension {
    let tlv = |tag: u8, content: &[u8]| {
        let length = u8::try_from(content.len()).unwrap();
        [&[tag, length], content].concat()
    };
    let method = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1];
    let description = tlv(0x30, &[&method[..], &tlv(0x86, uri.as_bytes())].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], tlv(0x30, &description))
}

pub(super) fn pem(label: &str, ders: &[Vec<u8>]) -> String {
    let block = |der| der::pem::encode_string(label, der::pem::LineEnding::LF, der).unwrap();
    ders.iter().map(|der| block(der)).collect()
}

/// Root, issuing CA and terminal, in files of a place without data folder.
pub(super) struct Network {
    pub(super) world: World,
    pub(super) root: Entity,
    pub(super) issuing: Entity,
    pub(super) issuing_der: Vec<u8>,
    pub(super) terminal_der: Vec<u8>,
}

impl Network {
    pub(super) fn new() -> Self {
        Self::of(World::empty(), &Entity::new("terminal-1"))
    }

    pub(super) fn of(world: World, terminal: &Entity) -> Self {
        let (root, issuing) = (Entity::new("Root"), Entity::new("Issuing"));
        let issuing_der = root.ca(&issuing, 11, |_| {});
        let terminal_der = issuing.terminal(terminal, 21, |_| {});
        let network = Self {
            world,
            root,
            issuing,
            issuing_der,
            terminal_der,
        };
        network.certificates("root.pem", &[network.root.root()]);
        network.chain(&[&network.terminal_der, &network.issuing_der]);
        network
    }

    pub(super) fn chain(&self, ders: &[&[u8]]) {
        let ders: Vec<_> = ders.iter().map(|it| it.to_vec()).collect();
        self.certificates("chain.pem", &ders);
    }

    pub(super) fn certificates(&self, name: &str, ders: &[Vec<u8>]) {
        self.write(name, pem("CERTIFICATE", ders));
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.world.file(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// CRLs of both CAs that name neither certificate.
    pub(super) fn good_crls(&self) {
        self.write("root.crl", self.root.crl(999));
        self.write("issuing.crl", self.issuing.crl(999));
    }

    /// `verify @chain.pem --anchors @root.pem` and more; `@` stands for the folder. At [`AT`] unless
    /// the words say another time.
    pub(super) fn words(&self, more: &str) -> Vec<String> {
        let folder = self.world.file("");
        let folder = folder.to_str().unwrap();
        let at = if more.contains("--at ") {
            ""
        } else {
            "--at 2028-06-01T00:00:00Z"
        };
        format!("verify @chain.pem --anchors @root.pem {at} {more}")
            .split_whitespace()
            .map(|word| word.replace('@', folder))
            .collect()
    }

    pub(super) fn verified(&self, more: &str) -> Value {
        self.world.json(self.words(more))
    }

    pub(super) fn text(&self, more: &str) -> String {
        self.world.text(self.words(more))
    }

    pub(super) fn output(&self, more: &str) -> Output {
        self.world.run(self.words(more))
    }

    pub(super) fn refusal(&self, more: &str) -> (i32, String) {
        self.world.refusal(self.words(more))
    }

    /// The whole JSON of a refusal with exit code 1.
    pub(super) fn refused(&self, more: &str) -> Value {
        let output = self.world.command(self.words(more)).arg("--json").output();
        let output = output.unwrap();
        assert_eq!(refusal_of(&output).0, 1, "{}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}
