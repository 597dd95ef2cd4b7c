//! Requests made by rcgen, and odd ones put together octet by octet.

mod armour;
mod claims;
mod form;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
use const_oid::db::rfc5912;
use der::asn1::{Any, BitString, OctetString};
use der::{Encode, Tag};
use rcgen::{CertificateParams, DnType, KeyPair as TerminalKey};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;

use super::*;

/// The parts of a request, each free to be wrong; signed over whatever they become.
struct Draft {
    key: EcdsaKeyPair,
    version: u8,
    subject: Vec<u8>,
    spki: Vec<u8>,
    attributes: Option<Vec<Vec<u8>>>,
    algorithm: AlgorithmIdentifierOwned,
}

impl Draft {
    fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
        let der: PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
        Self {
            version: 0,
            subject: Name::default().to_der().unwrap(),
            spki: der.as_ref().to_vec(),
            attributes: Some(Vec::new()),
            algorithm: AlgorithmIdentifierOwned {
                oid: rfc5912::ECDSA_WITH_SHA_384,
                parameters: None,
            },
            key,
        }
    }

    fn with_attributes(attributes: Vec<Vec<u8>>) -> Self {
        Self {
            attributes: Some(attributes),
            ..Self::new()
        }
    }

    fn with_extensions(extensions: &[Extension]) -> Self {
        Self::with_attributes(vec![extension_request(extensions)])
    }

    fn with_names(names: &[GeneralName]) -> Self {
        let value = names.to_vec().to_der().unwrap();
        Self::with_extensions(&[extension(ID_CE_SUBJECT_ALT_NAME, &value)])
    }

    fn info(&self) -> Vec<u8> {
        let attributes = self.attributes.as_ref().map(|list| {
            tlv(
                Tag::ContextSpecific {
                    constructed: true,
                    number: der::TagNumber(0),
                },
                &list.concat(),
            )
        });
        tlv(
            Tag::Sequence,
            &[
                self.version.to_der().unwrap(),
                self.subject.clone(),
                self.spki.clone(),
                attributes.unwrap_or_default(),
            ]
            .concat(),
        )
    }

    #[expect(clippy::disallowed_methods, reason = "the terminal's key of a test")]
    fn der(&self) -> Vec<u8> {
        let info = self.info();
        let signature = self.key.sign(&SystemRandom::new(), &info).unwrap();
        let signature = BitString::from_bytes(signature.as_ref())
            .unwrap()
            .to_der()
            .unwrap();
        tlv(
            Tag::Sequence,
            &[info, self.algorithm.to_der().unwrap(), signature].concat(),
        )
    }

    fn parse(&self) -> Result<EnrolmentRequest, RequestError> {
        parse(&self.der())
    }

    fn code(&self) -> &'static str {
        self.parse().unwrap_err().code()
    }
}

fn parse(input: &[u8]) -> Result<EnrolmentRequest, RequestError> {
    EnrolmentRequest::parse(input, &WeakKeys::default())
}

fn code(input: &[u8]) -> &'static str {
    parse(input).unwrap_err().code()
}

fn tlv(tag: Tag, content: &[u8]) -> Vec<u8> {
    Any::new(tag, content).unwrap().to_der().unwrap()
}

fn attribute(oid: ObjectIdentifier, values: &[u8]) -> Vec<u8> {
    tlv(
        Tag::Sequence,
        &[oid.to_der().unwrap(), tlv(Tag::Set, values)].concat(),
    )
}

fn extension_request(extensions: &[Extension]) -> Vec<u8> {
    attribute(
        rfc5912::ID_EXTENSION_REQ,
        &extensions.to_vec().to_der().unwrap(),
    )
}

fn extension(oid: ObjectIdentifier, value: &[u8]) -> Extension {
    Extension {
        extn_id: oid,
        critical: false,
        extn_value: OctetString::new(value).unwrap(),
    }
}

fn dns(text: &str) -> GeneralName {
    GeneralName::DnsName(der::asn1::Ia5String::new(text).unwrap())
}

fn uri(text: &str) -> GeneralName {
    GeneralName::UniformResourceIdentifier(der::asn1::Ia5String::new(text).unwrap())
}

fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

fn terminal_request(key: &TerminalKey) -> rcgen::CertificateSigningRequest {
    let mut params = CertificateParams::new(vec!["a.example.jp".to_owned()]).unwrap();
    params.distinguished_name.remove(DnType::CommonName);
    params
        .distinguished_name
        .push(DnType::CommonName, "1312345679-1");
    params.serialize_request(key).unwrap()
}
