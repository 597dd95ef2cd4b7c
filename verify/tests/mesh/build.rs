//! From a case to certificates in DER.

use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, CryptoProvider};
use kasane_verify::path::TrustAnchor;

use crate::der::{TRUE, bit_string, integer, list, named_bits, oid, sequence, tlv};
use crate::keys::key;
use crate::spec::{
    Anchor, Basic, CLIENT, Case, Constraints, General, Issued, KeyId, Names, Party, Policies,
    Policy, Signature, Spelling, Traits, Usage, Validity,
};

/// The instant of every question.
pub(crate) const AT: &str = "2028-06-01T00:00:00Z";

/// The certificates of a case in DER.
pub(crate) struct Built {
    pub(crate) anchors: Vec<Vec<u8>>,
    pub(crate) intermediates: Vec<Vec<u8>>,
    pub(crate) end_entity: Vec<u8>,
}

impl Built {
    pub(crate) fn new(case: &Case) -> Self {
        let mut serial = 0;
        let mut build = |issued: &Issued| {
            serial += 1;
            certificate(serial, issued)
        };
        Self {
            anchors: case
                .anchors
                .iter()
                .map(|anchor| {
                    build(&Issued {
                        issuer: anchor.party,
                        subject: anchor.party,
                        traits: anchor.traits.clone(),
                    })
                })
                .collect(),
            intermediates: case.intermediates.iter().map(&mut build).collect(),
            end_entity: build(&case.end_entity),
        }
    }

    pub(crate) fn trust(&self, anchors: &[Anchor]) -> Vec<TrustAnchor> {
        self.trust_by(anchors, &AwsLc)
    }

    pub(crate) fn trust_by(
        &self,
        anchors: &[Anchor],
        crypto: &dyn CryptoProvider,
    ) -> Vec<TrustAnchor> {
        let pairs = self.anchors.iter().zip(anchors);
        pairs
            .map(|(der, anchor)| {
                if anchor.bare {
                    let certificate = Certificate::from_der(der).unwrap();
                    let name = certificate.subject();
                    TrustAnchor::from_name_and_key(name.der(), certificate.spki(), crypto).unwrap()
                } else {
                    TrustAnchor::from_certificate(der, crypto).unwrap()
                }
            })
            .collect()
    }
}

fn certificate(serial: u32, issued: &Issued) -> Vec<u8> {
    let traits = &issued.traits;
    let (issuer, subject) = (
        key(issued.issuer.key_number()),
        key(issued.subject.key_number()),
    );
    let signer = match traits.signature {
        Signature::OtherKey => key(issued.issuer.key_number() + 1),
        Signature::Sound | Signature::Broken => issuer,
    };
    let extensions = extensions(issued.issuer, issued.subject, traits);
    let extensions = if extensions.is_empty() {
        Vec::new()
    } else {
        tlv(0xa3, &list(extensions))
    };
    let tbs = sequence(&[
        &tlv(0xa0, &integer(2, 2)),
        &integer(2, serial),
        &signer.algorithm,
        &name(issued.issuer, traits.spelling, &Names::default()),
        &validity(traits.validity),
        &name(issued.subject, traits.spelling, &traits.names),
        &subject.spki,
        &extensions,
    ]);
    let mut signature = signer.sign(&tbs);
    if traits.signature == Signature::Broken {
        *signature.last_mut().unwrap() ^= 1;
    }
    sequence(&[&tbs, &signer.algorithm, &bit_string(&signature)])
}

fn validity(validity: Validity) -> Vec<u8> {
    let (from, to) = match validity {
        Validity::Good => ("200101000000Z", "491231235959Z"),
        Validity::Expired => ("270101000000Z", "280531235959Z"),
        Validity::Future => ("280601000001Z", "310101000000Z"),
        Validity::Ends => ("270101000000Z", "280601000000Z"),
        Validity::Begins => ("280601000000Z", "310101000000Z"),
    };
    sequence(&[&tlv(0x17, from.as_bytes()), &tlv(0x17, to.as_bytes())])
}

/// The organizational unit of a CA; the client's is the first.
pub(crate) const UNITS: [&str; 2] = ["North Wing", "South Wing"];

fn name(party: Party, spelling: Spelling, more: &Names) -> Vec<u8> {
    if more.empty_subject {
        return sequence(&[]);
    }
    let common = if party.name == CLIENT {
        "client 7".to_owned()
    } else {
        format!("CA {}", party.name)
    };
    let mut rdns = vec![
        attribute("2.5.4.6", 0x13, "JP"),
        text("2.5.4.10", spelling, "Mesh Works"),
        text("2.5.4.11", spelling, UNITS[party.name % 2]),
        text("2.5.4.3", spelling, &common),
    ];
    if let Some(mailbox) = more.subject_mailbox {
        rdns.push(attribute("1.2.840.113549.1.9.1", 0x16, mailbox));
    }
    list(rdns)
}

fn text(kind: &str, spelling: Spelling, text: &str) -> Vec<u8> {
    match spelling {
        Spelling::Utf8 => attribute(kind, 0x0c, text),
        Spelling::Printable => attribute(kind, 0x13, text),
        Spelling::Shouting => attribute(kind, 0x13, &text.to_uppercase()),
        Spelling::Spaced => attribute(kind, 0x0c, &format!(" {} ", text.replace(' ', "   "))),
    }
}

fn attribute(kind: &str, tag: u8, text: &str) -> Vec<u8> {
    tlv(0x31, &sequence(&[&oid(kind), &tlv(tag, text.as_bytes())]))
}

fn extensions(issuer: Party, subject: Party, traits: &Traits) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let id = |kind, party: Party| match kind {
        KeyId::Absent => None,
        KeyId::Right => Some(key(party.key_number()).id()),
        KeyId::Wrong => Some(vec![7; 20]),
    };
    if let Some(id) = id(traits.subject_key_id, subject) {
        all.push(extension("2.5.29.14", false, &tlv(4, &id)));
    }
    if let Some(id) = id(traits.authority_key_id, issuer) {
        all.push(extension("2.5.29.35", false, &sequence(&[&tlv(0x80, &id)])));
    }
    let basic = match traits.basic {
        Basic::Absent => None,
        Basic::NotCa => Some(sequence(&[])),
        Basic::Ca => Some(sequence(&[&TRUE])),
        Basic::Limited(limit) => Some(sequence(&[&TRUE, &integer(2, limit.into())])),
    };
    all.extend(basic.map(|value| extension("2.5.29.19", true, &value)));
    if !traits.key_usage.is_empty() {
        all.push(extension("2.5.29.15", true, &named_bits(&traits.key_usage)));
    }
    if !traits.extended_key_usage.is_empty() {
        let purposes = traits.extended_key_usage.iter().map(|usage| {
            oid(match usage {
                Usage::Server => "1.3.6.1.5.5.7.3.1",
                Usage::Client => "1.3.6.1.5.5.7.3.2",
                Usage::Ocsp => "1.3.6.1.5.5.7.3.9",
                Usage::Any => "2.5.29.37.0",
            })
        });
        all.push(extension("2.5.29.37", false, &list(purposes)));
    }
    if let Some(critical) = traits.unknown {
        all.push(extension("1.3.6.1.4.1.32473.1", critical, &[5, 0]));
    }
    if !traits.names.alternative.is_empty() {
        let names = list(traits.names.alternative.iter().map(|name| general(*name)));
        all.push(extension("2.5.29.17", traits.names.empty_subject, &names));
    }
    all.extend(constraints(&traits.constraints));
    all.extend(policies(&traits.policies));
    all
}

fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &TRUE } else { &[] };
    sequence(&[&oid(id), critical, &tlv(4, value)])
}

fn general(name: General) -> Vec<u8> {
    match name {
        General::Mail(text) => tlv(0x81, text.as_bytes()),
        General::Dns(text) => tlv(0x82, text.as_bytes()),
        General::Directory(unit) => {
            let mut rdns = vec![
                attribute("2.5.4.6", 0x13, "JP"),
                attribute("2.5.4.10", 0x0c, "Mesh Works"),
            ];
            rdns.extend(unit.map(|unit| attribute("2.5.4.11", 0x0c, unit)));
            tlv(0xa4, &list(rdns))
        }
        General::Uri(text) => tlv(0x86, text.as_bytes()),
        General::Ip(octets) => tlv(0x87, octets),
        General::Registered(id) => {
            let id = const_oid::ObjectIdentifier::new_unwrap(id);
            tlv(0x88, id.as_bytes())
        }
    }
}

fn constraints(constraints: &Constraints) -> Option<Vec<u8>> {
    let subtrees = |tag, bases: &[General]| {
        let trees: Vec<u8> = bases
            .iter()
            .flat_map(|base| sequence(&[&general(*base)]))
            .collect();
        if trees.is_empty() {
            Vec::new()
        } else {
            tlv(tag, &trees)
        }
    };
    let value = [
        subtrees(0xa0, &constraints.permitted),
        subtrees(0xa1, &constraints.excluded),
    ]
    .concat();
    (!value.is_empty()).then(|| extension("2.5.29.30", true, &tlv(0x30, &value)))
}

pub(crate) fn policy_oid(policy: Policy) -> String {
    match policy {
        0 => "2.5.29.32.0".to_owned(),
        other => format!("1.3.6.1.4.1.32473.2.{other}"),
    }
}

fn policies(policies: &Policies) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let critical = policies.critical;
    if !policies.asserted.is_empty() {
        let value = list(
            policies
                .asserted
                .iter()
                .map(|it| list([oid(&policy_oid(*it))])),
        );
        all.push(extension("2.5.29.32", critical, &value));
    }
    if !policies.mappings.is_empty() {
        let value = list(policies.mappings.iter().map(|(issuer, subject)| {
            list([oid(&policy_oid(*issuer)), oid(&policy_oid(*subject))])
        }));
        all.push(extension("2.5.29.33", critical, &value));
    }
    let counts = [
        (0x80, policies.require_explicit),
        (0x81, policies.inhibit_mapping),
    ];
    let value: Vec<u8> = counts
        .into_iter()
        .filter_map(|(tag, count)| count.map(|count| integer(tag, count.into())))
        .flatten()
        .collect();
    if !value.is_empty() {
        all.push(extension("2.5.29.36", true, &tlv(0x30, &value)));
    }
    if let Some(count) = policies.inhibit_any {
        all.push(extension("2.5.29.54", true, &integer(2, count.into())));
    }
    all
}
