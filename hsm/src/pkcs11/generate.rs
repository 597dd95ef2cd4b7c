//! Making a key pair on the token.
//!
//! PKCS#11 has no "make unless it exists". So a label is looked for before and after: whoever finds
//! a second key of the label after making their own destroys *their own*, never another's, which
//! may have been handed out already. Two makers that see each other at the same moment would both
//! give up, so the one whose public key is the smaller (all makers see the same two) waits a little
//! for the other to go, and keeps its key if it does. A maker that saw no other has finished before
//! the other began to look, so the other sees it and does not see it go. However many take part, at
//! most one succeeds, and no key that was reported as made is destroyed.

use std::thread;
use std::time::{Duration, Instant};

use const_oid::db::{rfc5912, rfc8410};
use cryptoki::error::{Error as CallError, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use der::Encode;
use der::asn1::PrintableStringRef;
use kasane_verify::KeyAlgorithm;

use super::codes::{self, Meaning};
use super::fault::Fault;
use super::objects::{self, KeyObject};
use super::public_key::EDWARDS25519;
use super::token::{Lane, Token};
use crate::{Disposition, Error, KeyLabel, KeyRole};

/// How long a maker waits for a rival to go, and how often it looks.
const RIVAL: (Duration, Duration) = (Duration::from_secs(3), Duration::from_millis(20));

/// RFC 8017: 65537.
const PUBLIC_EXPONENT: [u8; 3] = [1, 0, 1];

impl Token {
    /// Makes a key; see the module.
    pub(super) fn make(
        &self,
        lane: &Lane<'_>,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyObject, Fault> {
        if self.is_taken(lane, label)? {
            return Err(self.exists(label).into());
        }
        let (public, private) = self.make_pair(lane, label, role, algorithm)?;
        let kept = self
            .check_protection(lane, private, algorithm)
            .and_then(|()| lane.describe_key(private, objects::id_of(role, label), label, role))
            .and_then(|key| {
                if key.info.algorithm != algorithm {
                    return Err(self.refuse("made a key of another kind").into());
                }
                self.outlast_rivals(lane, &key)?;
                Ok(key)
            });
        if kept.is_err() {
            for object in [private, public] {
                if let Err(error) = lane.session.destroy_object(object) {
                    tracing::warn!(
                        key_backend = %self.describe(), key = %label, %error,
                        "a key that was refused could not be destroyed"
                    );
                }
            }
        }
        kept
    }

    /// Whether any object has the label, or the ID that a key of the label has in any role.
    fn is_taken(&self, lane: &Lane<'_>, label: &KeyLabel) -> Result<bool, Fault> {
        if self.foreign.iter().any(|key| key.label == *label) {
            return Ok(true);
        }
        let mut templates = vec![Attribute::Label(label.as_str().as_bytes().to_vec())];
        templates.extend(KeyRole::ALL.map(|role| Attribute::Id(objects::id_of(role, label))));
        for template in templates {
            for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
                if !objects::find(&lane.session, class, vec![template.clone()])?.is_empty() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn make_pair(
        &self,
        lane: &Lane<'_>,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<(ObjectHandle, ObjectHandle), Fault> {
        let unsupported = || self.algorithm_unsupported(algorithm);
        let ways = ways(algorithm).ok_or_else(unsupported)?;
        let mut last = None;
        for (mechanism, of_kind) in ways {
            if !lane
                .connection
                .mechanisms
                .contains(&mechanism.mechanism_type())
            {
                continue;
            }
            let mut public = public_template(label, role);
            public.extend(of_kind);
            let private = private_template(label, role, algorithm);
            match lane
                .session
                .generate_key_pair(&mechanism, &public, &private)
            {
                Ok(pair) => return Ok(pair),
                // Some know a curve by the other of its names only.
                Err(CallError::Pkcs11(code, function)) if is_about_parameters(code) => {
                    last = Some((code, function));
                }
                Err(error) => return Err(error.into()),
            }
        }
        match last {
            Some((code, function)) if codes::verdict(code).meaning != Meaning::Unsupported => {
                Err(CallError::Pkcs11(code, function).into())
            }
            _ => Err(unsupported().into()),
        }
    }

    /// A token may overlook what a template asks: then the key does not stay.
    fn check_protection(
        &self,
        lane: &Lane<'_>,
        private: ObjectHandle,
        algorithm: KeyAlgorithm,
    ) -> Result<(), Fault> {
        let wanted: Vec<_> = private_template_flags(algorithm);
        let types: Vec<_> = wanted.iter().map(Attribute::attribute_type).collect();
        let has = lane.session.get_attributes(private, &types)?;
        let must = [AttributeType::Sensitive, AttributeType::Extractable];
        for flag in &wanted {
            let told = has
                .iter()
                .find(|it| it.attribute_type() == flag.attribute_type());
            let fits = match told {
                Some(told) => told == flag,
                None => !must.contains(&flag.attribute_type()),
            };
            if !fits {
                return Err(self
                    .refuse("made a key that could leave it or do more than sign")
                    .into());
            }
        }
        Ok(())
    }

    fn outlast_rivals(&self, lane: &Lane<'_>, key: &KeyObject) -> Result<(), Fault> {
        let label = &key.info.label;
        let patience = Instant::now() + RIVAL.0;
        loop {
            let mut rivals = Vec::new();
            for (handle, role) in lane.own_handles(label)? {
                if handle == key.handle {
                    continue;
                }
                // One that cannot be described may be half made or half destroyed.
                match lane.describe_key(handle, objects::id_of(role, label), label, role) {
                    Ok(rival) => rivals.push(Some(rival.info.spki)),
                    Err(_) => rivals.push(None),
                }
            }
            if rivals.is_empty() {
                return Ok(());
            }
            let is_first = rivals.iter().flatten().all(|rival| key.info.spki < *rival);
            if !is_first || Instant::now() >= patience {
                return Err(self.exists(label).into());
            }
            thread::sleep(RIVAL.1);
        }
    }

    fn exists(&self, label: &KeyLabel) -> Error {
        Error::KeyExists {
            label: label.clone(),
            backend: self.describe(),
        }
    }

    pub(super) fn algorithm_unsupported(&self, algorithm: KeyAlgorithm) -> Error {
        Error::KeyAlgorithmUnsupported {
            backend: self.describe(),
            algorithm,
        }
    }

    fn refuse(&self, reason: &str) -> Error {
        Error::Device {
            backend: self.describe(),
            operation: "generate",
            reason: format!("the token {reason}; it was destroyed"),
            disposition: Disposition::Stop,
        }
    }
}

/// Mechanisms that make such a key, each with the attributes that it needs; the usual one first.
fn ways(algorithm: KeyAlgorithm) -> Option<Vec<(Mechanism<'static>, Vec<Attribute>)>> {
    let curve = |oid: const_oid::ObjectIdentifier| oid.to_der().ok().map(Attribute::EcParams);
    match algorithm {
        KeyAlgorithm::Rsa { bits } if matches!(bits, 2048 | 3072 | 4096) => Some(vec![(
            Mechanism::RsaPkcsKeyPairGen,
            vec![
                Attribute::ModulusBits(u64::from(bits).into()),
                Attribute::PublicExponent(PUBLIC_EXPONENT.to_vec()),
            ],
        )]),
        KeyAlgorithm::P256 => Some(vec![(
            Mechanism::EccKeyPairGen,
            vec![curve(rfc5912::SECP_256_R_1)?],
        )]),
        KeyAlgorithm::P384 => Some(vec![(
            Mechanism::EccKeyPairGen,
            vec![curve(rfc5912::SECP_384_R_1)?],
        )]),
        KeyAlgorithm::Ed25519 => {
            let name = PrintableStringRef::new(EDWARDS25519).ok()?.to_der().ok()?;
            Some(vec![
                (
                    Mechanism::EccEdwardsKeyPairGen,
                    vec![curve(rfc8410::ID_ED_25519)?],
                ),
                (
                    Mechanism::EccEdwardsKeyPairGen,
                    vec![Attribute::EcParams(name)],
                ),
            ])
        }
        KeyAlgorithm::P521 | KeyAlgorithm::Rsa { .. } => None,
    }
}

const fn is_about_parameters(code: RvError) -> bool {
    matches!(
        code,
        RvError::DomainParamsInvalid
            | RvError::CurveNotSupported
            | RvError::AttributeValueInvalid
            | RvError::MechanismParamInvalid
            | RvError::MechanismInvalid
            | RvError::KeySizeRange
    )
}

fn public_template(label: &KeyLabel, role: KeyRole) -> Vec<Attribute> {
    vec![
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Verify(true),
        Attribute::Label(label.as_str().as_bytes().to_vec()),
        Attribute::Id(objects::id_of(role, label)),
    ]
}

fn private_template(label: &KeyLabel, role: KeyRole, algorithm: KeyAlgorithm) -> Vec<Attribute> {
    let mut template = vec![
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Label(label.as_str().as_bytes().to_vec()),
        Attribute::Id(objects::id_of(role, label)),
    ];
    template.extend(private_template_flags(algorithm));
    template
}

/// Signs, and nothing else; never leaves.
fn private_template_flags(algorithm: KeyAlgorithm) -> Vec<Attribute> {
    let mut flags = vec![
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ];
    flags.extend(match algorithm {
        KeyAlgorithm::Rsa { .. } => {
            vec![Attribute::Decrypt(false), Attribute::Unwrap(false)]
        }
        _ => vec![Attribute::Derive(false)],
    });
    flags
}
