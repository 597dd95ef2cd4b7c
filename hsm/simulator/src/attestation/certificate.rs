//! Building and signing.

use std::str::FromStr;

use aws_lc_rs::digest::{self, SHA256};
use der::{
    Decode, Document, Encode,
    asn1::{BitString, GeneralizedTime, ObjectIdentifier, UtcTime},
};
use signature::Keypair;
use spki::{
    AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef,
};
use x509_cert::{
    Certificate, TbsCertificate,
    builder::{Builder, CertificateBuilder, profile::BuilderProfile},
    ext::Extension,
    name::Name,
    serial_number::SerialNumber,
    time::{Time, Validity},
};

use super::extension;
use crate::{
    key::AsymmetricKey, object::ObjectInfo, options::Firmware, protocol::Algorithm, random,
};

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The key that a certificate is about, and where it lives.
pub struct AttestedObject<'a> {
    /// Its description.
    pub info: &'a ObjectInfo,
    /// The key.
    pub key: &'a AsymmetricKey,
    /// The device's firmware.
    pub firmware: Firmware,
    /// The device's serial number.
    pub serial: u32,
}

/// The certificate of SIGN ATTESTATION CERTIFICATE: issuer and dates of the attesting certificate,
/// a random serial number of 16 octets, and the extensions (YubiHSM Core Concepts, "Attestation").
///
/// # Errors
/// The attesting certificate is none, or its key cannot sign.
pub fn attest(
    object: &AttestedObject<'_>,
    attesting_key: &AsymmetricKey,
    attesting_certificate: &[u8],
) -> Result<Vec<u8>, x509_cert::builder::Error> {
    let attesting = Certificate::from_der(attesting_certificate)?;
    let tbs = attesting.tbs_certificate();
    let mut extensions = extension::of_device(object.firmware, object.serial)?;
    extensions.extend(extension::of_object(object)?);
    build(&Plan {
        issuer: tbs.subject().clone(),
        subject: Name::from_str(&format!(
            "CN=YubiHSM Attestation id:0x{:04x}",
            object.info.key.id
        ))?,
        validity: *tbs.validity(),
        key: object.key,
        signer: attesting_key,
        extensions,
    })
}

pub(super) struct Plan<'a> {
    pub(super) issuer: Name,
    pub(super) subject: Name,
    pub(super) validity: Validity,
    pub(super) key: &'a AsymmetricKey,
    pub(super) signer: &'a AsymmetricKey,
    pub(super) extensions: Vec<Extension>,
}

pub(super) fn build(plan: &Plan<'_>) -> Result<Vec<u8>, x509_cert::builder::Error> {
    let spki = SubjectPublicKeyInfoOwned::from_der(&subject_public_key_info(plan.key)?)?;
    let mut serial = random::array::<16>().map_err(|_| signature::Error::new())?;
    // Positive and of 16 octets.
    serial[0] = serial[0] & 0x7f | 0x40;
    let signer = PublicHalf(plan.signer);
    let mut builder = CertificateBuilder::new(
        Contents(plan),
        SerialNumber::new(&serial)?,
        plan.validity,
        spki,
    )?;
    let tbs = builder.finalize(&signer)?;
    let digest = digest::digest(&SHA256, &tbs);
    let signature = match plan.signer {
        AsymmetricKey::Rsa(_) => plan.signer.sign_pkcs1(digest.as_ref()),
        _ => plan.signer.sign_ecdsa(digest.as_ref()),
    }
    .map_err(|_| signature::Error::new())?;
    let certificate = builder.assemble(BitString::from_bytes(&signature)?, &signer)?;
    Ok(certificate.to_der()?)
}

/// 2017 to 2071: a device's own certificate has dates that nobody should ever meet.
pub(super) fn device_validity() -> der::Result<Validity> {
    let date = |year| der::DateTime::new(year, 1, 1, 0, 0, 0);
    Ok(Validity::new(
        Time::UtcTime(UtcTime::from_date_time(date(2017)?)?),
        Time::GeneralTime(GeneralizedTime::from_date_time(date(2071)?)),
    ))
}

/// The public key as X.509 has it.
fn subject_public_key_info(key: &AsymmetricKey) -> der::Result<Vec<u8>> {
    let public = key.public_key();
    let (algorithm, bits) = match key.algorithm() {
        Algorithm::Ed25519 => (identifier(ED25519, None), public),
        Algorithm::Rsa2048 | Algorithm::Rsa3072 | Algorithm::Rsa4096 => (
            identifier(RSA_ENCRYPTION, Some(der::Any::null())),
            RsaPublicKey {
                modulus: der::asn1::UintRef::new(&public)?,
                exponent: 65_537,
            }
            .to_der()?,
        ),
        curve => (
            identifier(EC_PUBLIC_KEY, Some(der::Any::from(curve_identifier(curve)))),
            [&[4], public.as_slice()].concat(),
        ),
    };
    SubjectPublicKeyInfoOwned {
        algorithm,
        subject_public_key: BitString::from_bytes(&bits)?,
    }
    .to_der()
}

/// RFC 8017 appendix A.1.1.
#[derive(der::Sequence)]
struct RsaPublicKey<'a> {
    modulus: der::asn1::UintRef<'a>,
    exponent: u32,
}

const fn curve_identifier(algorithm: Algorithm) -> ObjectIdentifier {
    match algorithm {
        Algorithm::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        Algorithm::P521 => ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        _ => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
    }
}

const fn identifier(
    oid: ObjectIdentifier,
    parameters: Option<der::Any>,
) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters }
}

/// Names and extensions, as they are.
struct Contents<'a>(&'a Plan<'a>);

impl BuilderProfile for Contents<'_> {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.0.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.subject.clone()
    }

    fn build_extensions(
        &self,
        _subject: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        _tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        Ok(self.0.extensions.clone())
    }
}

/// The builder asks a signer for its key and algorithm only.
struct PublicHalf<'a>(&'a AsymmetricKey);

#[derive(Clone)]
struct PublicKeyDer(Vec<u8>);

impl Keypair for PublicHalf<'_> {
    type VerifyingKey = PublicKeyDer;

    fn verifying_key(&self) -> PublicKeyDer {
        PublicKeyDer(subject_public_key_info(self.0).unwrap_or_default())
    }
}

impl EncodePublicKey for PublicKeyDer {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(self.0.as_slice())?)
    }
}

impl DynSignatureAlgorithmIdentifier for PublicHalf<'_> {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        Ok(match self.0 {
            AsymmetricKey::Rsa(_) => identifier(SHA256_WITH_RSA, Some(der::Any::null())),
            _ => identifier(ECDSA_WITH_SHA256, None),
        })
    }
}
