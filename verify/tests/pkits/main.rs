//! NIST's path validation test suite (PKITS), with its files from PyPI's `cryptography_vectors`,
//! which `./test` brings.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
#[path = "../support/skip.rs"]
mod skip;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use const_oid::ObjectIdentifier;
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{
    AcceptAll, InitialPolicies, PolicySet, Purpose, Question, TrustAnchor, VerifiedPath, Verifier,
};
use kasane_verify::revocation::{Evidence, RevocationRules};
use serde::Deserialize;

/// Where `./test` puts `certs/*.crt` and `crls/*.crl`, and then `complete`.
const FILES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/pkits");
const CASES: &str = include_str!("cases.toml");
/// An instant within the validity of everything that PKITS calls valid.
const AT: &str = "2011-04-15T00:00:00Z";
const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    title: String,
    valid: bool,
    end_entity: String,
    intermediates: Vec<String>,
    crls: Vec<String>,
    acceptable: Option<Vec<String>>,
    #[serde(default)]
    require_explicit: bool,
    #[serde(default)]
    inhibit_mapping: bool,
    #[serde(default)]
    inhibit_any: bool,
    policies: Option<Vec<String>>,
    #[serde(default)]
    needs_revocation: bool,
    exempt: Option<String>,
}

#[test]
fn every_case_ends_as_nist_expects() {
    let Some(cases) = cases() else { return };
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let why = outcome(case, judge(case, RevocationRules::default())).err()?;
            Some(format!("{} {}: {why}", case.id, case.title))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing but the CRLs speaks against these: without them, they are accepted.
#[test]
fn what_crls_refuse_is_refused_by_them_alone() {
    let Some(cases) = cases() else { return };
    let refused: Vec<_> = cases.iter().filter(|case| case.needs_revocation).collect();
    assert_eq!(refused.len(), 40);
    for case in refused {
        let verdict = judge(case, RevocationRules::dangerously_unchecked());
        assert!(verdict.is_ok(), "{} {}: {verdict:?}", case.id, case.title);
    }
}

/// Status that nobody states is not good.
#[test]
fn nothing_is_accepted_without_its_crls() {
    let Some(mut cases) = cases() else { return };
    for case in &mut cases {
        case.crls.clear();
        let verdict = judge(case, RevocationRules::default());
        assert!(verdict.is_err(), "{} {}", case.id, case.title);
    }
}

/// The table, or none after noting that it is left out.
fn cases() -> Option<Vec<Case>> {
    if Path::new(FILES).join("complete").exists() {
        let cases = toml::from_str::<Cases>(CASES).unwrap().case;
        assert_eq!(cases.len(), 201);
        return Some(cases);
    }
    skip::skip("PKITS: its files are not there (./test tools brings them from PyPI)");
    None
}

/// The verdict on a case. What cannot be read is no part of a path.
fn judge(case: &Case, rules: RevocationRules) -> Result<VerifiedPath, String> {
    let anchor = file("certs/TrustAnchorRootCertificate.crt");
    let anchors = [TrustAnchor::from_certificate(&anchor, &AwsLc).unwrap()];
    let evidence: Vec<_> = case
        .crls
        .iter()
        .filter_map(|name| IndexedCrl::from_der(file(&format!("crls/{name}.crl"))).ok())
        .map(|crl| Evidence::Crl(Arc::new(crl)))
        .collect();
    let end_entity = certificate(&case.end_entity);
    let intermediates: Vec<_> = case
        .intermediates
        .iter()
        .map(|name| certificate(name))
        .collect();
    let end_entity = Certificate::from_der(&end_entity).map_err(|error| error.to_string())?;
    let intermediates: Vec<_> = intermediates
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    let at: UnixTime = AT.parse().unwrap();
    let policies = InitialPolicies {
        acceptable: case.acceptable.as_deref().map(oids),
        require_explicit: case.require_explicit,
        inhibit_mapping: case.inhibit_mapping,
        inhibit_any: case.inhibit_any,
    };
    let question = Question::new(&end_entity, &intermediates, at, Purpose::Any)
        .with_policies(policies)
        .with_evidence(&evidence);
    Verifier::new(&AwsLc, &anchors, &AcceptAll)
        .with_revocation(rules)
        .verify(&question)
        .map_err(|error| error.to_string())
}

fn outcome(case: &Case, verdict: Result<VerifiedPath, String>) -> Result<(), String> {
    match verdict {
        Ok(_) if case.exempt.is_some() => Err("accepted, so it is exempt no more".to_owned()),
        Ok(_) if !case.valid => Err("accepted".to_owned()),
        Ok(path) => {
            let expected = case.policies.as_deref().map(oids).unwrap_or_default();
            match path.policies() {
                PolicySet::Any if expected == [ANY_POLICY] => Ok(()),
                PolicySet::Only(found)
                    if found.len() == expected.len()
                        && found.iter().all(|it| expected.contains(it)) =>
                {
                    Ok(())
                }
                other => Err(format!("policies {other:?}, not {expected:?}")),
            }
        }
        Err(_) if !case.valid || case.exempt.is_some() => Ok(()),
        Err(error) => Err(format!("refused: {error}")),
    }
}

fn certificate(name: &str) -> Vec<u8> {
    file(&format!("certs/{name}.crt"))
}

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(FILES).join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn oids(texts: &[String]) -> Vec<ObjectIdentifier> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}
