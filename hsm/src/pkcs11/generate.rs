//! Making a key pair on the token.
//!
//! PKCS#11 has no "make unless it exists". So a label is looked for before and after: whoever finds
//! another key of the label after making their own destroys *their own*, never another's, which may
//! have been handed out already. Two makers that see each other would both give up, so the one whose
//! public key is the smaller (both see the same two) waits a little for the other to go, and keeps
//! its key if it does. A maker that saw no other had finished before the other began, so the other
//! sees it, and does not see it go. However many take part, at most one succeeds, and no key that
//! was reported as made is destroyed.

use std::thread;
use std::time::{Duration, Instant};

use const_oid::db::{rfc5912, rfc8410};
use cryptoki::error::{Error as CallError, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use der::Encode;
use der::asn1::PrintableStringRef;
use kasane_verify::KeyAlgorithm;

use super::codes::{self, Meaning};
use super::fault::Fault;
use super::objects::{self, KeyObject};
use super::public_key::{self, EDWARDS25519};
use super::token::{Lane, Token};
use crate::{Disposition, Error, KeyInfo, KeyLabel, KeyRole};

/// How long a maker waits for a rival to go, and how often it looks.
const RIVAL: (Duration, Duration) = (Duration::from_secs(3), Duration::from_millis(20));

/// A key that cannot leave, and signs.
const ESSENTIAL: [Attribute; 3] = [
    Attribute::Sensitive(true),
    Attribute::Extractable(false),
    Attribute::Sign(true),
];

/// And does nothing else.
const FURTHER: [Attribute; 4] = [
    Attribute::Decrypt(false),
    Attribute::SignRecover(false),
    Attribute::Unwrap(false),
    Attribute::Derive(false),
];

/// RFC 8017: 65537.
const PUBLIC_EXPONENT: [u8; 3] = [1, 0, 1];

#[derive(Clone, Copy, Debug)]
struct Pair {
    public: ObjectHandle,
    private: ObjectHandle,
}

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
        let pair = self.make_pair(lane, label, role, algorithm)?;
        let kept = self.check_made(lane, pair, label, role, algorithm);
        if kept.is_err() {
            for object in [pair.private, pair.public] {
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

    fn check_made(
        &self,
        lane: &Lane<'_>,
        pair: Pair,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyObject, Fault> {
        self.check_protection(lane, pair.private)?;
        // From this public object: rivals have the same label and ID.
        let (made, spki) = public_key::of_public(&lane.session, pair.public, label)?;
        if made != algorithm {
            return Err(self.refuse("made a key of another kind").into());
        }
        self.outlast_rivals(lane, pair, label, &spki)?;
        Ok(KeyObject {
            handle: pair.private,
            id: objects::id_of(role, label),
            info: KeyInfo {
                label: label.clone(),
                role,
                algorithm,
                spki,
            },
        })
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
    ) -> Result<Pair, Fault> {
        let unsupported = || self.algorithm_unsupported(algorithm);
        let ways = ways(algorithm).ok_or_else(unsupported)?;
        let mut last = None;
        // Some tokens refuse a template that names what is false by itself, and some know a curve by
        // one of its names only. What was made is looked at in any case.
        for flags in [
            &[ESSENTIAL.as_slice(), &FURTHER].concat(),
            ESSENTIAL.as_slice(),
        ] {
            for (mechanism, of_kind) in &ways {
                if !lane
                    .connection
                    .mechanisms
                    .contains(&mechanism.mechanism_type())
                {
                    continue;
                }
                let public = [&public_template(label, role), of_kind.as_slice()].concat();
                let private = [&private_template(label, role), flags].concat();
                match lane.session.generate_key_pair(mechanism, &public, &private) {
                    Ok((public, private)) => return Ok(Pair { public, private }),
                    Err(CallError::Pkcs11(code, function)) if is_about_parameters(code) => {
                        last = Some((code, function));
                    }
                    Err(error) => return Err(error.into()),
                }
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
    fn check_protection(&self, lane: &Lane<'_>, private: ObjectHandle) -> Result<(), Fault> {
        let asked = [ESSENTIAL.as_slice(), &FURTHER].concat();
        let types: Vec<_> = asked.iter().map(Attribute::attribute_type).collect();
        let told = lane.session.get_attributes(private, &types)?;
        let fits = |flag: &Attribute| {
            told.iter()
                .find(|it| it.attribute_type() == flag.attribute_type())
                .map(|it| it == flag)
        };
        if ESSENTIAL.iter().all(|flag| fits(flag) == Some(true))
            && FURTHER.iter().all(|flag| fits(flag) != Some(false))
        {
            Ok(())
        } else {
            Err(self
                .refuse("made a key that could leave it or do more than sign")
                .into())
        }
    }

    fn outlast_rivals(
        &self,
        lane: &Lane<'_>,
        pair: Pair,
        label: &KeyLabel,
        spki: &[u8],
    ) -> Result<(), Fault> {
        let patience = Instant::now() + RIVAL.0;
        let others = |class, own| {
            let template = vec![Attribute::Label(label.as_str().as_bytes().to_vec())];
            let mut handles = objects::find(&lane.session, class, template)?;
            handles.retain(|handle| *handle != own);
            Ok::<_, Fault>(handles)
        };
        loop {
            let public = others(ObjectClass::PUBLIC_KEY, pair.public)?;
            let private = others(ObjectClass::PRIVATE_KEY, pair.private)?;
            if public.is_empty() && private.is_empty() {
                return Ok(());
            }
            // One that cannot be read is half made or half destroyed: the next look will tell.
            let is_first = public
                .into_iter()
                .filter_map(|rival| public_key::of_public(&lane.session, rival, label).ok())
                .all(|(_, rival)| *spki < *rival);
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

    fn algorithm_unsupported(&self, algorithm: KeyAlgorithm) -> Error {
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
            | RvError::AttributeTypeInvalid
            | RvError::AttributeReadOnly
            | RvError::TemplateInconsistent
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

fn private_template(label: &KeyLabel, role: KeyRole) -> Vec<Attribute> {
    vec![
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Label(label.as_str().as_bytes().to_vec()),
        Attribute::Id(objects::id_of(role, label)),
    ]
}
