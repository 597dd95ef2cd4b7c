//! Key usage and purposes by their names in profiles.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280;
use der::flagset::FlagSet;
use kasane_verify::KeyFamily;
use x509_cert::ext::pkix::KeyUsages;

use super::error::{ProfileFault, shorten};
use super::{ProfileKind, config::KeyUsageConfig};

const USAGES: [(&str, KeyUsages); 9] = [
    ("digital-signature", KeyUsages::DigitalSignature),
    ("content-commitment", KeyUsages::NonRepudiation),
    ("key-encipherment", KeyUsages::KeyEncipherment),
    ("data-encipherment", KeyUsages::DataEncipherment),
    ("key-agreement", KeyUsages::KeyAgreement),
    ("key-cert-sign", KeyUsages::KeyCertSign),
    ("crl-sign", KeyUsages::CRLSign),
    ("encipher-only", KeyUsages::EncipherOnly),
    ("decipher-only", KeyUsages::DecipherOnly),
];

/// Asked for by no protocol. Below the enterprise number for documentation (RFC 5612), so that it
/// can never come to mean anything.
const ID_KP_CANARY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.7.2.1");

const PURPOSES: [(&str, ObjectIdentifier); 4] = [
    ("server-auth", rfc5280::ID_KP_SERVER_AUTH),
    ("client-auth", rfc5280::ID_KP_CLIENT_AUTH),
    ("ocsp-signing", rfc5280::ID_KP_OCSP_SIGNING),
    ("canary", ID_KP_CANARY),
];

/// Key usage of a profile, by the family of the subject's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyUsageTable {
    pub(super) ecc: FlagSet<KeyUsages>,
    pub(super) rsa: FlagSet<KeyUsages>,
}

/// The key of the document at fault, and what is wrong there.
pub(super) type Fault = (String, ProfileFault);

pub(super) fn read_key_usage(
    config: &KeyUsageConfig,
    kind: ProfileKind,
    families: &[KeyFamily],
) -> Result<KeyUsageTable, Fault> {
    let ecc = read_family("ecc", &config.ecc, KeyFamily::Ecc, kind, families)?;
    let rsa = read_family("rsa", &config.rsa, KeyFamily::Rsa, kind, families)?;
    Ok(KeyUsageTable { ecc, rsa })
}

fn read_family(
    family_name: &'static str,
    names: &[String],
    family: KeyFamily,
    kind: ProfileKind,
    families: &[KeyFamily],
) -> Result<FlagSet<KeyUsages>, Fault> {
    let key = format!("key_usage.{family_name}");
    let mut flags = FlagSet::default();
    for name in names {
        let Some((_, usage)) = USAGES.iter().find(|(known, _)| known == name) else {
            let known = "digital-signature, key-encipherment, key-cert-sign, crl-sign, …";
            return Err((
                key,
                ProfileFault::Unknown {
                    text: shorten(name),
                    known,
                },
            ));
        };
        flags |= *usage;
    }
    let served = families.contains(&family);
    if served == flags.is_empty() {
        let rule = if served {
            "each family of key_algorithms has a usage (RFC 5280 §4.2.1.3)"
        } else {
            "only families of key_algorithms have a usage"
        };
        return Err((key, ProfileFault::Empty { rule }));
    }
    let broken = |usage, rule| {
        Err((
            key.clone(),
            ProfileFault::KeyUsage {
                usage,
                family: family_name,
                rule,
            },
        ))
    };
    if family == KeyFamily::Ecc
        && (flags.contains(KeyUsages::KeyEncipherment)
            || flags.contains(KeyUsages::DataEncipherment))
    {
        return broken(
            "key-encipherment",
            "an EC key cannot encipher (RFC 5480 §3)",
        );
    }
    if family == KeyFamily::Rsa && flags.contains(KeyUsages::KeyAgreement) {
        return broken(
            "key-agreement",
            "an RSA key does not agree on keys (RFC 4055 §1.2)",
        );
    }
    if !served {
        return Ok(flags);
    }
    if kind.is_ca() {
        if flags != (KeyUsages::KeyCertSign | KeyUsages::CRLSign) {
            return broken(
                "key-cert-sign",
                "a CA key signs certificates and CRLs and nothing else (RFC 5280 §4.2.1.3)",
            );
        }
    } else if flags.contains(KeyUsages::KeyCertSign) || flags.contains(KeyUsages::CRLSign) {
        return broken(
            "key-cert-sign",
            "only CA keys sign certificates and CRLs (RFC 5280 §4.2.1.9)",
        );
    } else if !flags.contains(KeyUsages::DigitalSignature) {
        return broken(
            "digital-signature",
            "authentication needs it (RFC 8446 §4.4.2.2)",
        );
    }
    Ok(flags)
}

pub(super) fn read_purposes(
    names: &[String],
    kind: ProfileKind,
) -> Result<Vec<ObjectIdentifier>, Fault> {
    let key = "extended_key_usage";
    let mut purposes = Vec::with_capacity(names.len().min(PURPOSES.len()));
    for name in names {
        let Some((known, purpose)) = PURPOSES.iter().find(|(known, _)| known == name) else {
            let known = "server-auth, client-auth, ocsp-signing, canary";
            return Err((
                key.to_owned(),
                ProfileFault::Unknown {
                    text: shorten(name),
                    known,
                },
            ));
        };
        if purposes.contains(purpose) {
            let rule = "a purpose is named once";
            return Err((
                key.to_owned(),
                ProfileFault::Purpose {
                    purpose: known,
                    rule,
                },
            ));
        }
        purposes.push(*purpose);
    }
    let broken = |purpose, rule| Err((key.to_owned(), ProfileFault::Purpose { purpose, rule }));
    let signs_status = purposes.contains(&rfc5280::ID_KP_OCSP_SIGNING);
    match kind {
        ProfileKind::OcspSigner if purposes != [rfc5280::ID_KP_OCSP_SIGNING] => broken(
            "ocsp-signing",
            "an OCSP signer has it, alone (RFC 6960 §4.2.2.2)",
        ),
        ProfileKind::OcspSigner => Ok(purposes),
        _ if signs_status => broken(
            "ocsp-signing",
            "only delegated OCSP signers have it (RFC 6960 §4.2.2.2)",
        ),
        ProfileKind::Canary if purposes == [ID_KP_CANARY] => Ok(purposes),
        ProfileKind::Canary => broken("canary", "a canary has it, alone"),
        _ if purposes.contains(&ID_KP_CANARY) => broken("canary", "only canaries have it"),
        ProfileKind::Root | ProfileKind::Cross if !purposes.is_empty() => broken(
            "client-auth",
            "roots and cross-certificates serve every purpose of their tree",
        ),
        ProfileKind::Issuing | ProfileKind::EndEntity if purposes.is_empty() => broken(
            "client-auth",
            "issuing CAs and end entities say what they are for",
        ),
        _ => Ok(purposes),
    }
}
