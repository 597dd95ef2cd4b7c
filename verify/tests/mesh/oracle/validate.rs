//! RFC 5280 §6.1 for one path. Names of variables are those of the RFC.

use std::collections::BTreeSet;

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Decode;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage,
    InhibitAnyPolicy, KeyUsage, KeyUsages, NameConstraints, PolicyConstraints, PolicyMappings,
    SubjectAltName, SubjectKeyIdentifier,
};

use super::policies::{assert_policies, intersect, map_policies};
use super::tree::{ANY_POLICY, Tree};
use super::{Anchor, Inputs, Path, Purpose, issuer, names, same_name, signature, subject};

/// The policies that come out (RFC 5280 §6.1.5 (g), §6.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PolicySet {
    Any,
    Only(BTreeSet<ObjectIdentifier>),
}

const ANY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

pub(super) fn validate(inputs: &Inputs, path: &Path) -> Result<PolicySet, &'static str> {
    let anchor = &inputs.anchors[path.anchor];
    let certificates: Vec<&Certificate> = path
        .intermediates
        .iter()
        .map(|index| &inputs.intermediates[*index])
        .chain([&inputs.end_entity])
        .collect();
    let n = certificates.len();

    // §6.1.2.
    let mut valid_policy_tree = Tree::new();
    let mut subtrees = names::State::default();
    let mut explicit_policy = if inputs.initial_explicit_policy {
        0
    } else {
        n + 1
    };
    let mut inhibit_any_policy = if inputs.initial_any_policy_inhibit {
        0
    } else {
        n + 1
    };
    let mut policy_mapping = if inputs.initial_policy_mapping_inhibit {
        0
    } else {
        n + 1
    };
    let mut max_path_length = n;
    if !anchor.bare {
        limits_of_anchor(inputs, anchor, &mut subtrees, &mut max_path_length)?;
    }

    let mut working_issuer = &anchor.certificate;
    for (index, certificate) in certificates.iter().enumerate() {
        let i = index + 1;
        let self_issued = same_name(subject(certificate), issuer(certificate));

        // §6.1.3 (a). (3), revocation, is not judged here.
        if !signature::verifies(certificate, working_issuer) {
            return Err("6.1.3 (a)(1): signature");
        }
        valid_at(inputs, certificate)?;
        if !same_name(issuer(certificate), subject(working_issuer)) {
            return Err("6.1.3 (a)(4): name chaining");
        }
        // (b), (c).
        if i == n || !self_issued {
            names::check(&subtrees, certificate)?;
        }
        // (d), (e).
        match extension::<CertificatePolicies>(certificate) {
            Some(policies) if !valid_policy_tree.is_null() => {
                let policies: Vec<_> = policies.0.iter().map(|it| it.policy_identifier).collect();
                let any_counts = inhibit_any_policy > 0 || (i < n && self_issued);
                assert_policies(&mut valid_policy_tree, i, &policies, any_counts);
            }
            Some(_) => {}
            None => valid_policy_tree.set_null(),
        }
        // (f).
        if explicit_policy == 0 && valid_policy_tree.is_null() {
            return Err("6.1.3 (f): no valid policy");
        }
        understood(certificate)?;
        for_purpose(inputs.purpose, certificate, i == n)?;
        if i == n {
            break;
        }

        // §6.1.4 (a), (b).
        if let Some(mappings) = extension::<PolicyMappings>(certificate) {
            let mappings: Vec<_> = mappings
                .0
                .iter()
                .map(|it| (it.issuer_domain_policy, it.subject_domain_policy))
                .collect();
            if mappings
                .iter()
                .any(|(a, b)| *a == ANY_POLICY || *b == ANY_POLICY)
            {
                return Err("6.1.4 (a): anyPolicy is mapped");
            }
            map_policies(&mut valid_policy_tree, i, &mappings, policy_mapping);
        }
        // (c) to (f).
        working_issuer = certificate;
        // (g).
        if let Some(constraints) = extension::<NameConstraints>(certificate) {
            constrain(&mut subtrees, constraints);
        }
        // (h).
        if !self_issued {
            explicit_policy = explicit_policy.saturating_sub(1);
            policy_mapping = policy_mapping.saturating_sub(1);
            inhibit_any_policy = inhibit_any_policy.saturating_sub(1);
        }
        // (i).
        if let Some(constraints) = extension::<PolicyConstraints>(certificate) {
            lower(&mut explicit_policy, constraints.require_explicit_policy);
            lower(&mut policy_mapping, constraints.inhibit_policy_mapping);
        }
        // (j).
        let inhibit = extension::<InhibitAnyPolicy>(certificate);
        lower(&mut inhibit_any_policy, inhibit.map(|it| it.0));
        // (k).
        let basic = extension::<BasicConstraints>(certificate);
        let basic = basic.filter(|it| it.ca).ok_or("6.1.4 (k): no CA")?;
        // (l).
        if !self_issued {
            max_path_length = max_path_length
                .checked_sub(1)
                .ok_or("6.1.4 (l): path length")?;
        }
        // (m).
        lower(
            &mut max_path_length,
            basic.path_len_constraint.map(u32::from),
        );
        // (n).
        signs_certificates(certificate)?;
    }

    // §6.1.5 (a), (b).
    explicit_policy = explicit_policy.saturating_sub(1);
    let constraints = extension::<PolicyConstraints>(&inputs.end_entity);
    if constraints.is_some_and(|it| it.require_explicit_policy == Some(0)) {
        explicit_policy = 0;
    }
    // (g).
    let set = intersect(&mut valid_policy_tree, n, &inputs.acceptable);
    if explicit_policy > 0 || !valid_policy_tree.is_null() {
        Ok(set)
    } else {
        Err("6.1.5 (g): no valid policy")
    }
}

/// RFC 5937 §4: what the certificate of an anchor says is an input of the validation.
fn limits_of_anchor(
    inputs: &Inputs,
    anchor: &Anchor,
    subtrees: &mut names::State,
    max_path_length: &mut usize,
) -> Result<(), &'static str> {
    let certificate = &anchor.certificate;
    valid_at(inputs, certificate)?;
    understood(certificate)?;
    signs_certificates(certificate)?;
    let basic = extension::<BasicConstraints>(certificate);
    let basic = basic.filter(|it| it.ca).ok_or("the anchor is no CA")?;
    lower(max_path_length, basic.path_len_constraint.map(u32::from));
    if let Some(constraints) = extension::<NameConstraints>(certificate) {
        constrain(subtrees, constraints);
    }
    Ok(())
}

fn extension<T: AssociatedOid + for<'a> Decode<'a>>(certificate: &Certificate) -> Option<T> {
    let found = certificate
        .tbs_certificate()
        .extensions()?
        .iter()
        .find(|extension| extension.extn_id == T::OID)?;
    Some(T::from_der(found.extn_value.as_bytes()).ok().unwrap())
}

/// §6.1.3 (a)(2).
fn valid_at(inputs: &Inputs, certificate: &Certificate) -> Result<(), &'static str> {
    let validity = certificate.tbs_certificate().validity();
    let from = validity.not_before.to_unix_duration().as_secs();
    let to = validity.not_after.to_unix_duration().as_secs();
    if (from..=to).contains(&inputs.at_seconds) {
        Ok(())
    } else {
        Err("6.1.3 (a)(2): validity")
    }
}

/// §6.1.4 (o), §6.1.5 (f): no critical extension is left unprocessed.
fn understood(certificate: &Certificate) -> Result<(), &'static str> {
    let processed = [
        AuthorityKeyIdentifier::OID,
        BasicConstraints::OID,
        CertificatePolicies::OID,
        ExtendedKeyUsage::OID,
        InhibitAnyPolicy::OID,
        KeyUsage::OID,
        NameConstraints::OID,
        PolicyConstraints::OID,
        PolicyMappings::OID,
        SubjectAltName::OID,
        SubjectKeyIdentifier::OID,
    ];
    let all = certificate.tbs_certificate().extensions();
    let unknown = all
        .into_iter()
        .flatten()
        .any(|it| it.critical && !processed.contains(&it.extn_id));
    if unknown {
        Err("6.1.4 (o): critical extension")
    } else {
        Ok(())
    }
}

/// §6.1.4 (n).
fn signs_certificates(certificate: &Certificate) -> Result<(), &'static str> {
    match extension::<KeyUsage>(certificate) {
        Some(usage) if !usage.0.contains(KeyUsages::KeyCertSign) => Err("6.1.4 (n): keyCertSign"),
        _ => Ok(()),
    }
}

/// §4.2.1.12: the purpose is listed, or nothing is; for CAs too, which the RFC leaves to us. The key
/// usage of the end entity is consistent with it.
fn for_purpose(
    purpose: Option<Purpose>,
    certificate: &Certificate,
    last: bool,
) -> Result<(), &'static str> {
    let Some(purpose) = purpose else {
        return Ok(());
    };
    let wanted = match purpose {
        Purpose::Client => CLIENT_AUTH,
        Purpose::Server => SERVER_AUTH,
    };
    if extension::<ExtendedKeyUsage>(certificate)
        .is_some_and(|usage| !usage.0.contains(&wanted) && !usage.0.contains(&ANY_USAGE))
    {
        return Err("4.2.1.12: extended key usage");
    }
    let Some(usage) = extension::<KeyUsage>(certificate).filter(|_| last) else {
        return Ok(());
    };
    let has = |bit| usage.0.contains(bit);
    let mut consistent = has(KeyUsages::DigitalSignature) || has(KeyUsages::KeyAgreement);
    consistent |= matches!(purpose, Purpose::Server) && has(KeyUsages::KeyEncipherment);
    if consistent {
        Ok(())
    } else {
        Err("4.2.1.12: key usage")
    }
}

/// §6.1.4 (g). An intersection of subtrees is kept as the list of what is intersected.
fn constrain(subtrees: &mut names::State, constraints: NameConstraints) {
    let bases = |trees: Option<Vec<x509_cert::ext::pkix::constraints::name::GeneralSubtree>>| {
        let trees = trees.into_iter().flatten();
        trees.map(|tree| tree.base).collect::<Vec<_>>()
    };
    subtrees
        .permitted
        .push(bases(constraints.permitted_subtrees));
    subtrees
        .excluded
        .extend(bases(constraints.excluded_subtrees));
}

fn lower(variable: &mut usize, limit: Option<u32>) {
    if let Some(limit) = limit {
        *variable = (*variable).min(limit.try_into().unwrap());
    }
}
