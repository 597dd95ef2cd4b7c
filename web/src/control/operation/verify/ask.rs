//! From the words of a request to a question.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::asn1::ObjectIdentifier;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::path::{ExpectedName, InitialPolicies, ProfileRule, Purpose};
use kasane_verify::revocation::{Evidence, Requirement, RevocationRules, Sources};

use super::unreadable;
use crate::control::{Problem, RevocationMode, RevocationSources, Verify, VerifyPurpose};

/// The evidence that comes with the request.
pub(super) fn evidence(question: &Verify) -> Result<Vec<Evidence>, Problem> {
    let der = |text: &String| {
        let decoded = STANDARD.decode(text);
        decoded.map_err(|_| Problem::argument("evidence is refused: it is not base64"))
    };
    let mut found = Vec::new();
    for text in &question.crls {
        let crl = IndexedCrl::from_der(der(text)?).map_err(|it| unreadable(it.code(), it))?;
        found.push(Evidence::Crl(crl.into()));
    }
    for text in &question.ocsp {
        found.push(Evidence::ocsp(&der(text)?).map_err(|it| unreadable(it.code(), it))?);
    }
    Ok(found)
}

pub(super) fn rules(mode: RevocationMode, question: &Verify) -> RevocationRules {
    let requirement = match mode {
        RevocationMode::HardFail => Requirement::HardFail,
        RevocationMode::SoftFail => Requirement::SoftFail,
        RevocationMode::Off => Requirement::DangerouslyUnchecked,
    };
    RevocationRules {
        sources: match question.sources {
            RevocationSources::OcspThenCrl => Sources::OcspThenCrl,
            RevocationSources::CrlThenOcsp => Sources::CrlThenOcsp,
            RevocationSources::Ocsp => Sources::OcspOnly,
            RevocationSources::Crl => Sources::CrlOnly,
        },
        emergency: question.emergency.clone(),
        ..RevocationRules::of_all(requirement)
    }
}

pub(super) fn names(question: &Verify) -> Result<Vec<ExpectedName<'_>>, Problem> {
    question.names.iter().map(|text| name(text)).collect()
}

fn name(text: &str) -> Result<ExpectedName<'_>, Problem> {
    let bad = |why: &str| Problem::argument(format!("name {text:?} is refused: {why}"));
    match text.split_once(':') {
        Some((_, "")) => Err(bad("it is empty")),
        Some(("dns", name)) => Ok(ExpectedName::Dns(name)),
        Some(("uri", name)) => Ok(ExpectedName::Uri(name)),
        Some(("email", name)) => Ok(ExpectedName::Mailbox(name)),
        Some(("ip", name)) => name
            .parse()
            .map(ExpectedName::Ip)
            .map_err(|_| bad("it is no IP address")),
        _ => Err(bad("write dns:HOST, ip:ADDRESS, uri:URI or email:MAILBOX")),
    }
}

pub(super) fn policies(question: &Verify) -> Result<InitialPolicies, Problem> {
    if question.policies.is_empty() {
        return Ok(InitialPolicies::default());
    }
    let oid = |text: &String| {
        ObjectIdentifier::new(text).map_err(|_| {
            let message = format!("policy {text:?} is refused: write it as 1.2.392.…");
            Problem::argument(message)
        })
    };
    let acceptable = question.policies.iter().map(oid);
    Ok(InitialPolicies::require(
        acceptable.collect::<Result<_, _>>()?,
    ))
}

pub(super) const fn profile(question: &Verify) -> ProfileRule {
    if question.profile {
        ProfileRule::Rfc5280
    } else {
        ProfileRule::Validation
    }
}

impl From<VerifyPurpose> for Purpose {
    fn from(purpose: VerifyPurpose) -> Self {
        match purpose {
            VerifyPurpose::Client => Self::ClientAuth,
            VerifyPurpose::Server => Self::ServerAuth,
            VerifyPurpose::Ocsp => Self::OcspSigning,
            VerifyPurpose::Any => Self::Any,
        }
    }
}
