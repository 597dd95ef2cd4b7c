//! A second opinion: RFC 5280 §6.1 written down step by step, without any thought of speed. Every
//! simple path is enumerated and validated as a whole, with the policy *tree* of the RFC, and the
//! certificates are read with `x509-cert`.

mod names;
mod policies;
mod signature;
mod tree;
mod validate;

use const_oid::ObjectIdentifier;
use der::{Decode, Encode};
use x509_cert::Certificate;
use x509_cert::name::Name;

pub(crate) use self::names::same_name;
pub(crate) use self::validate::PolicySet;

/// Every reason for which a path can be refused.
pub(crate) const RULES: &[&str] = &[
    "6.1.3 (a)(1): signature",
    "6.1.3 (a)(2): validity",
    "6.1.3 (b): not permitted",
    "6.1.3 (c): excluded",
    "4.2.1.10: URI without host name",
    "4.2.1.10: a form that is not processed",
    "6.1.3 (f): no valid policy",
    "6.1.4 (a): anyPolicy is mapped",
    "6.1.4 (k): no CA",
    "6.1.4 (l): path length",
    "6.1.4 (n): keyCertSign",
    "6.1.4 (o): critical extension",
    "6.1.5 (g): no valid policy",
    "4.2.1.12: extended key usage",
    "4.2.1.12: key usage",
    "the anchor is no CA",
];

/// The inputs of RFC 5280 §6.1.1.
pub(crate) struct Inputs {
    pub(crate) anchors: Vec<Anchor>,
    /// In the order of the question.
    pub(crate) intermediates: Vec<Certificate>,
    pub(crate) end_entity: Certificate,
    pub(crate) at_seconds: u64,
    /// The key purpose; none for any.
    pub(crate) purpose: Option<Purpose>,
    /// user-initial-policy-set.
    pub(crate) acceptable: Vec<ObjectIdentifier>,
    pub(crate) initial_explicit_policy: bool,
    pub(crate) initial_policy_mapping_inhibit: bool,
    pub(crate) initial_any_policy_inhibit: bool,
}

pub(crate) struct Anchor {
    pub(crate) certificate: Certificate,
    /// Whether only its name and key count.
    pub(crate) bare: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Client,
    Server,
}

/// A prospective path: intermediates from the anchor down, and the anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) anchor: usize,
    pub(crate) intermediates: Vec<usize>,
}

impl Inputs {
    /// Each prospective path with what RFC 5280 §6.1 says of it.
    pub(crate) fn judge(&self) -> Vec<(Path, Result<PolicySet, &'static str>)> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
            .into_iter()
            .map(|path| {
                let verdict = validate::validate(self, &path);
                (path, verdict)
            })
            .collect()
    }

    /// Extends `upwards` (nearest to the end entity first) in every way.
    ///
    /// RFC 5280 §6.1: no certificate twice. RFC 4158 §2.4.2: no CA's certificate whose subject and
    /// key another CA's on the path has already, either.
    fn collect(&self, upwards: &mut Vec<usize>, paths: &mut Vec<Path>) {
        let top = upwards
            .last()
            .map_or(&self.end_entity, |index| &self.intermediates[*index]);
        for (anchor, candidate) in self.anchors.iter().enumerate() {
            if same_name(subject(&candidate.certificate), issuer(top)) {
                paths.push(Path {
                    anchor,
                    intermediates: upwards.iter().rev().copied().collect(),
                });
            }
        }
        for (index, candidate) in self.intermediates.iter().enumerate() {
            let repeated = upwards
                .iter()
                .map(|index| &self.intermediates[*index])
                .any(|other| {
                    same_name(subject(other), subject(candidate)) && key(other) == key(candidate)
                })
                || *candidate == self.end_entity;
            if !repeated && same_name(subject(candidate), issuer(top)) {
                upwards.push(index);
                self.collect(upwards, paths);
                upwards.pop();
            }
        }
    }
}

pub(crate) fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

fn subject(certificate: &Certificate) -> &Name {
    certificate.tbs_certificate().subject()
}

fn issuer(certificate: &Certificate) -> &Name {
    certificate.tbs_certificate().issuer()
}

/// DER of the `SubjectPublicKeyInfo`.
fn key(certificate: &Certificate) -> Vec<u8> {
    let info = certificate.tbs_certificate().subject_public_key_info();
    info.to_der().unwrap()
}
