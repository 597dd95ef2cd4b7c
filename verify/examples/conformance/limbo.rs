//! Documents in the schema of x509-limbo.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use const_oid::ObjectIdentifier;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::path::{
    AcceptAll, ExpectedName, InitialPolicies, KeyUsageRule, PolicySet, ProfileRule, Purpose,
    Question, TrustAnchor, VerifiedPath, Verifier,
};
use kasane_verify::revocation::{Evidence, Requirement, RevocationRules};
use kasane_verify::{UnixTime, pem};
use serde::Deserialize;

use crate::provider::Provider;
use crate::report::{Outcome, Report};

#[derive(Deserialize)]
struct Document {
    testcases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    validation_kind: String,
    #[serde(default)]
    trusted_certs: Vec<String>,
    #[serde(default)]
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    #[serde(default)]
    extended_key_usage: Vec<String>,
    expected_result: String,
    expected_peer_name: Option<PeerName>,
    #[serde(default)]
    expected_peer_names: Vec<PeerName>,
    max_chain_depth: Option<u32>,
    #[serde(default)]
    crls: Vec<String>,
    #[serde(default)]
    x_ext: Extra,
}

#[derive(Deserialize)]
struct PeerName {
    kind: String,
    value: String,
}

/// What the schema cannot say.
#[derive(Default, Deserialize)]
struct Extra {
    initial_policy_set: Option<Vec<String>>,
    #[serde(default)]
    initial_explicit_policy: bool,
    #[serde(default)]
    initial_policy_mapping_inhibit: bool,
    #[serde(default)]
    initial_inhibit_any_policy: bool,
    user_constrained_policy_set: Option<Vec<String>>,
    #[serde(default)]
    revocation_required: bool,
    key_purpose: Option<String>,
    last_cert_trust: Option<String>,
    min_path_len: Option<usize>,
}

pub(crate) fn run(file: &Path, provider: Provider, report: &mut Report) -> Result<(), String> {
    let text =
        std::fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let document: Document = serde_json::from_slice(&text).map_err(|error| {
        format!(
            "{} is not in the schema of x509-limbo: {error}",
            file.display()
        )
    })?;
    for case in &document.testcases {
        report.case(&case.id, || {
            let (actual, reason) = match judge(case, crypto_for(case, provider)) {
                Ok(path) => ("SUCCESS", path),
                Err(reason) => ("FAILURE", reason),
            };
            Outcome {
                id: case.id.clone(),
                expected: case.expected_result.clone(),
                actual: actual.to_owned(),
                reason,
            }
        });
    }
    Ok(())
}

/// The path's facts, or why there is none.
fn judge(case: &Case, crypto: &dyn CryptoProvider) -> Result<String, String> {
    let extra = &case.x_ext;
    // BoringSSL's anchors without constraints are a name and a key (RFC 5280 §6.1.1 (d)).
    let plain_anchors = extra.last_cert_trust.as_deref() == Some("TRUSTED_ANCHOR");
    let mut anchors = Vec::new();
    for der in ders(&case.trusted_certs)? {
        // An anchor that cannot be used is none.
        anchors.extend(anchor(&der, plain_anchors, crypto));
    }
    let intermediates = ders(&case.untrusted_intermediates)?;
    let intermediates: Vec<_> = intermediates
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    let leaf = der(&case.peer_certificate)?;
    let leaf = Certificate::from_der(&leaf).map_err(|error| error.to_string())?;
    let evidence = evidence(&case.crls);
    let addresses = addresses(case)?;
    let mut question = Question::new(&leaf, &intermediates, at(case)?, purpose(case)?)
        .with_policies(policies(extra)?)
        .with_evidence(&evidence);
    question.names = names(case, &addresses)?;
    question.max_path_length = case.max_chain_depth;
    // The suites leave key usage to the protocol unless they name one.
    question.key_usage = KeyUsageRule::DangerouslyAny;
    question.profile = profile(&case.id);
    // Who brings CRLs wants them to decide.
    let requirement = if extra.revocation_required || !case.crls.is_empty() {
        Requirement::HardFail
    } else {
        Requirement::DangerouslyUnchecked
    };
    let rules = RevocationRules::of_all(requirement);
    let verifier = Verifier::new(crypto, &anchors, &AcceptAll).with_revocation(rules);
    let path = verifier
        .verify(&question)
        .map_err(|error| format!("{error} [{}]", error.code()))?;
    check(&path, extra)
}

/// What a found path must be besides found.
fn check(path: &VerifiedPath, extra: &Extra) -> Result<String, String> {
    // The expected length counts the anchor.
    let length = path.positions().len() + 1;
    if extra.min_path_len.is_some_and(|least| length < least) {
        return Err(format!("the path has {length} certificates only"));
    }
    if let Some(expected) = &extra.user_constrained_policy_set {
        let mut found = match path.policies() {
            PolicySet::Any => vec![ANY_POLICY.to_owned()],
            PolicySet::Only(policies) => policies.iter().map(ToString::to_string).collect(),
        };
        let mut expected = expected.clone();
        found.sort();
        expected.sort();
        if found != expected {
            return Err(format!("valid policies {found:?}, expected {expected:?}"));
        }
    }
    Ok(format!("{length} certificates"))
}

const ANY_POLICY: &str = "2.5.29.32.0";

fn anchor(der: &[u8], plain: bool, crypto: &dyn CryptoProvider) -> Option<TrustAnchor> {
    if plain {
        let certificate = Certificate::from_der(der).ok()?;
        let subject = certificate.subject().der();
        return TrustAnchor::from_name_and_key(subject, certificate.spki(), crypto).ok();
    }
    TrustAnchor::from_certificate(der, crypto).ok()
}

/// x509test is signed with SHA-1 throughout.
fn crypto_for(case: &Case, provider: Provider) -> &'static dyn CryptoProvider {
    if case.id.starts_with("x509test::") {
        provider.with_sha1()
    } else {
        provider.crypto()
    }
}

/// x509-limbo's own cases of RFC 5280 ask for the profile that CAs must keep to.
fn profile(id: &str) -> ProfileRule {
    let strict = ["rfc5280::", "crl::"];
    if strict.iter().any(|group| id.starts_with(group)) {
        ProfileRule::Rfc5280
    } else {
        ProfileRule::Validation
    }
}

fn purpose(case: &Case) -> Result<Purpose, String> {
    match (
        case.x_ext.key_purpose.as_deref(),
        case.extended_key_usage.as_slice(),
    ) {
        (Some("ANY_EKU"), _) => return Ok(Purpose::Any),
        (Some("SERVER_AUTH"), _) => return Ok(Purpose::ServerAuth),
        (Some("CLIENT_AUTH"), _) => return Ok(Purpose::ClientAuth),
        (Some(other), _) => return Err(format!("unknown key_purpose {other}")),
        (None, []) => {}
        (None, [only]) if only == "serverAuth" => return Ok(Purpose::ServerAuth),
        (None, [only]) if only == "clientAuth" => return Ok(Purpose::ClientAuth),
        (None, other) => return Err(format!("unknown extended_key_usage {other:?}")),
    }
    // PKITS and the name constraint suites have no purpose: their certificates have no EKU.
    match case.validation_kind.as_str() {
        "SERVER" => Ok(Purpose::ServerAuth),
        "CLIENT" => Ok(Purpose::ClientAuth),
        other => Err(format!("unknown validation_kind {other}")),
    }
}

fn policies(extra: &Extra) -> Result<InitialPolicies, String> {
    let acceptable = extra.initial_policy_set.as_ref().map(|set| {
        let parsed = set.iter().map(|text| text.parse::<ObjectIdentifier>());
        parsed.collect::<Result<Vec<_>, _>>()
    });
    Ok(InitialPolicies {
        acceptable: acceptable.transpose().map_err(|error| error.to_string())?,
        require_explicit: extra.initial_explicit_policy,
        inhibit_mapping: extra.initial_policy_mapping_inhibit,
        inhibit_any: extra.initial_inhibit_any_policy,
    })
}

/// The CRLs that can be read; one that cannot is no evidence.
fn evidence(pems: &[String]) -> Vec<Evidence> {
    let crls = pems
        .iter()
        .filter_map(|text| pem::crls(text.as_bytes()).ok());
    crls.flatten()
        .filter_map(|der| IndexedCrl::from_der(der).ok())
        .map(|crl| Evidence::Crl(Arc::new(crl)))
        .collect()
}

fn peers(case: &Case) -> impl Iterator<Item = &PeerName> {
    case.expected_peer_name
        .iter()
        .chain(&case.expected_peer_names)
}

fn addresses(case: &Case) -> Result<Vec<IpAddr>, String> {
    peers(case)
        .filter(|peer| peer.kind == "IP")
        .map(|peer| {
            peer.value
                .parse()
                .map_err(|_| format!("no address: {}", peer.value))
        })
        .collect()
}

fn names<'c>(case: &'c Case, addresses: &[IpAddr]) -> Result<Vec<ExpectedName<'c>>, String> {
    let mut addresses = addresses.iter();
    peers(case)
        .map(|peer| match peer.kind.as_str() {
            "DNS" => Ok(ExpectedName::Dns(&peer.value)),
            "RFC822" => Ok(ExpectedName::Mailbox(&peer.value)),
            "IP" => addresses
                .next()
                .map(|it| ExpectedName::Ip(*it))
                .ok_or_else(String::new),
            other => Err(format!("unknown kind of peer name {other}")),
        })
        .collect()
}

/// Without a time of its own a case is judged now.
#[expect(
    clippy::disallowed_methods,
    reason = "the suite says: at the time of running"
)]
fn at(case: &Case) -> Result<UnixTime, String> {
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;
    let at = match &case.validation_time {
        None => OffsetDateTime::from(std::time::SystemTime::now()),
        Some(text) => OffsetDateTime::parse(text, &Rfc3339)
            .map_err(|error| format!("validation_time {text}: {error}"))?,
    };
    Ok(UnixTime::from_seconds(at.unix_timestamp()))
}

fn ders(pems: &[String]) -> Result<Vec<Vec<u8>>, String> {
    pems.iter().map(|text| der(text)).collect()
}

fn der(text: &str) -> Result<Vec<u8>, String> {
    let mut found = pem::certificates(text.as_bytes()).map_err(|error| error.to_string())?;
    Ok(found.swap_remove(0))
}
