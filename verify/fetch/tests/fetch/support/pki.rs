//! A CA that is its own anchor, and what it signs.

use std::sync::OnceLock;

use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{
    BasicOcspResponse, CertId, CertStatus, ResponderId, ResponseData, SingleResponse, Version,
};
use kasane_verify::path::TrustAnchor;
use kasane_verify::{SignatureAlgorithm, UnixTime};
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    SerialNumber, SigningKey, date_time_ymd,
};

use super::start;

const DAY: i64 = 86_400;

/// The CA.
pub(crate) struct Pki {
    key: KeyPair,
    der: Vec<u8>,
}

/// Where a certificate says that its status is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    pub(crate) crls: Vec<String>,
    pub(crate) deltas: Vec<String>,
    pub(crate) ocsp: Vec<String>,
}

impl Places {
    pub(crate) fn crl(uri: String) -> Self {
        Self {
            crls: vec![uri],
            ..Self::default()
        }
    }

    pub(crate) fn ocsp(uri: String) -> Self {
        Self {
            ocsp: vec![uri],
            ..Self::default()
        }
    }
}

/// What a CRL says.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) number: u16,
    /// Of the complete CRL that a delta is based on.
    pub(crate) base: Option<u16>,
    pub(crate) this_update: UnixTime,
    pub(crate) next_update: UnixTime,
    pub(crate) revoked: Vec<u64>,
}

impl List {
    /// Of the first second of a test, good for four days.
    pub(crate) fn new(number: u16) -> Self {
        Self {
            number,
            base: None,
            this_update: start(),
            next_update: start().plus_seconds(4 * DAY),
            revoked: Vec::new(),
        }
    }

    pub(crate) fn revoking(mut self, serials: impl IntoIterator<Item = u64>) -> Self {
        self.revoked.extend(serials);
        self
    }

    pub(crate) fn delta_of(mut self, base: u16) -> Self {
        self.base = Some(base);
        self
    }

    pub(crate) fn from(mut self, this_update: UnixTime) -> Self {
        self.this_update = this_update;
        self.next_update = this_update.plus_seconds(4 * DAY);
        self
    }
}

impl Pki {
    pub(crate) fn new() -> Self {
        // One key for all tests: making certificates is not what takes time here.
        static KEY: OnceLock<Vec<u8>> = OnceLock::new();
        let pkcs8 = KEY.get_or_init(|| KeyPair::generate().unwrap().serialize_der());
        Self::of(KeyPair::try_from(pkcs8.as_slice()).unwrap())
    }

    /// The same name with another key.
    pub(crate) fn impostor() -> Self {
        Self::of(KeyPair::generate().unwrap())
    }

    fn of(key: KeyPair) -> Self {
        let der = params().self_signed(&key).unwrap().der().to_vec();
        Self { key, der }
    }

    pub(crate) fn anchor(&self) -> TrustAnchor {
        TrustAnchor::from_certificate(&self.der, &AwsLc).unwrap()
    }

    /// A client's certificate.
    pub(crate) fn leaf(&self, serial: u64, places: &Places) -> Vec<u8> {
        let mut leaf = CertificateParams::default();
        leaf.distinguished_name = name(&format!("terminal {serial}"));
        leaf.not_before = date_time_ymd(2027, 1, 1);
        leaf.not_after = date_time_ymd(2031, 1, 1);
        leaf.serial_number = Some(SerialNumber::from(serial));
        leaf.use_authority_key_identifier_extension = true;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        leaf.crl_distribution_points = places
            .crls
            .iter()
            .map(|uri| CrlDistributionPoint {
                uris: vec![uri.clone()],
            })
            .collect();
        if !places.ocsp.is_empty() {
            let responders = places.ocsp.iter().flat_map(|uri| {
                let method = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1].to_vec();
                tlv(0x30, &[method, tlv(0x86, uri.as_bytes())].concat())
            });
            leaf.custom_extensions
                .push(CustomExtension::from_oid_content(
                    &[1, 3, 6, 1, 5, 5, 7, 1, 1],
                    tlv(0x30, &responders.collect::<Vec<_>>()),
                ));
        }
        if !places.deltas.is_empty() {
            let uris = places.deltas.iter().flat_map(|it| tlv(0x86, it.as_bytes()));
            let point = tlv(0xa0, &tlv(0xa0, &uris.collect::<Vec<_>>()));
            leaf.custom_extensions
                .push(CustomExtension::from_oid_content(
                    &[2, 5, 29, 46],
                    tlv(0x30, &tlv(0x30, &point)),
                ));
        }
        static KEY: OnceLock<KeyPair> = OnceLock::new();
        let key = KEY.get_or_init(|| KeyPair::generate().unwrap());
        let signed = leaf.signed_by(key, &Issuer::new(params(), &self.key));
        signed.unwrap().der().to_vec()
    }

    /// A CRL in DER, written out by hand: nothing here knows deltas.
    pub(crate) fn crl(&self, list: &List) -> Vec<u8> {
        let entries: Vec<u8> = list
            .revoked
            .iter()
            .flat_map(|serial| {
                let date = time(list.this_update);
                tlv(0x30, &[integer(*serial), date].concat())
            })
            .collect();
        let mut extensions = extension(20, false, &integer(list.number.into()));
        if let Some(base) = list.base {
            extensions.extend(extension(27, true, &integer(base.into())));
        }
        let mut body = integer(1);
        body.extend(ECDSA_SHA256);
        body.extend(Certificate::from_der(&self.der).unwrap().subject().der());
        body.extend(time(list.this_update));
        body.extend(time(list.next_update));
        if !entries.is_empty() {
            body.extend(tlv(0x30, &entries));
        }
        body.extend(tlv(0xa0, &tlv(0x30, &extensions)));
        let tbs = tlv(0x30, &body);
        let signature = [&[0][..], &self.key.sign(&tbs).unwrap()].concat();
        tlv(
            0x30,
            &[tbs, ECDSA_SHA256.to_vec(), tlv(3, &signature)].concat(),
        )
    }

    /// An OCSP response for two days.
    pub(crate) fn ocsp(&self, serial: u64, status: CertStatus, this_update: UnixTime) -> Vec<u8> {
        self.ocsp_for(self, serial, status, this_update)
    }

    /// An OCSP response about a certificate of `issuer`, whoever this is.
    pub(crate) fn ocsp_for(
        &self,
        issuer: &Self,
        serial: u64,
        status: CertStatus,
        this_update: UnixTime,
    ) -> Vec<u8> {
        let own = Certificate::from_der(&issuer.der).unwrap();
        let serial = integer(serial);
        let digest = DigestAlgorithm::Sha1;
        let name = own.subject();
        let cert_id = CertId::new(&AwsLc, digest, name.der(), own.spki(), &serial[2..]);
        let data = ResponseData {
            version: Version::V1,
            responder_id: ResponderId::by_key(&AwsLc, own.spki()).unwrap(),
            produced_at: this_update,
            responses: vec![SingleResponse {
                cert_id: cert_id.unwrap(),
                cert_status: status,
                this_update,
                next_update: Some(this_update.plus_seconds(2 * DAY)),
                single_extensions: None,
            }],
            response_extensions: None,
        };
        let tbs = data.encode_der().unwrap();
        let signature = self.key.sign(&tbs).unwrap();
        let algorithm = SignatureAlgorithm::EcdsaSha256;
        BasicOcspResponse::assemble(&tbs, algorithm, &signature, &[]).unwrap()
    }
}

const ECDSA_SHA256: [u8; 12] = [0x30, 0x0a, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("Root");
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2036, 1, 1);
    params.key_identifier_method = KeyIdMethod::Sha256;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

fn extension(number: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut body = vec![6, 3, 0x55, 0x1d, number];
    if critical {
        body.extend([1, 1, 0xff]);
    }
    body.extend(tlv(4, value));
    tlv(0x30, &body)
}

fn integer(value: u64) -> Vec<u8> {
    let octets = value.to_be_bytes();
    let zeros = octets.iter().take_while(|it| **it == 0).count().min(7);
    let mut content = octets[zeros..].to_vec();
    if content[0] >= 0x80 {
        content.insert(0, 0);
    }
    tlv(2, &content)
}

fn time(at: UnixTime) -> Vec<u8> {
    let at = at.to_utc();
    let text = format!(
        "{:02}{:02}{:02}{:02}{:02}{:02}Z",
        at.year() % 100,
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    tlv(0x17, text.as_bytes())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut tlv = vec![tag];
    match length {
        0..0x80 => tlv.push(u8::try_from(length).unwrap()),
        _ => {
            let octets = length.to_be_bytes();
            let zeros = octets.iter().take_while(|it| **it == 0).count();
            tlv.push(0x80 | u8::try_from(octets.len() - zeros).unwrap());
            tlv.extend(&octets[zeros..]);
        }
    }
    tlv.extend(content);
    tlv
}
