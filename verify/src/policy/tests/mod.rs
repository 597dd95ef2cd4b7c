//! The policy of the overlap at its boundaries.

mod acceptance;
mod issuance;
mod properties;
mod refused;
mod whole;

use std::sync::LazyLock;

use super::*;
use crate::{KeyAlgorithm, SignatureAlgorithm, UnixTime};

const SUBSCRIBERS: [Class; 3] = [Class::Server, Class::SystemClient, Class::Terminal];
const RSA_SIGNATURE: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1Sha256;
const ECC_SIGNATURE: SignatureAlgorithm = SignatureAlgorithm::EcdsaSha384;

fn overlap() -> &'static Timeline {
    static OVERLAP: LazyLock<Timeline> = LazyLock::new(|| Timeline::overlap().unwrap());
    &OVERLAP
}

fn t(text: &str) -> UnixTime {
    text.parse().unwrap()
}

fn incapable() -> Circumstances {
    Circumstances {
        ecc_incapable: true,
        break_glass: None,
    }
}

fn break_glass(approvers: &[&str], reason: &str) -> Circumstances {
    let approvers = approvers.iter().map(|name| (*name).to_owned()).collect();
    let break_glass = Some(BreakGlass {
        approvers,
        reason: reason.to_owned(),
    });
    Circumstances {
        ecc_incapable: false,
        break_glass,
    }
}

/// An RSA terminal for 30 days.
fn rsa_terminal(act: Act, now: &str, circumstances: Circumstances) -> IssuanceQuestion {
    IssuanceQuestion {
        class: Class::Terminal,
        act,
        key: KeyAlgorithm::RSA_2048,
        signature: RSA_SIGNATURE,
        now: t(now),
        not_after: t(now).plus_days(30).plus_seconds(-1),
        circumstances,
    }
}

fn ecc(class: Class, now: &str) -> IssuanceQuestion {
    IssuanceQuestion {
        class,
        act: Act::IssueNew,
        key: KeyAlgorithm::P384,
        signature: ECC_SIGNATURE,
        now: t(now),
        not_after: t(now).plus_days(30),
        circumstances: Circumstances::default(),
    }
}

fn online(class: Class, key: KeyAlgorithm, at: &str) -> AcceptanceQuestion {
    let signature = match key {
        KeyAlgorithm::Rsa { .. } => RSA_SIGNATURE,
        _ => ECC_SIGNATURE,
    };
    let position = if class == Class::Ca {
        Position::Intermediate
    } else {
        Position::EndEntity
    };
    AcceptanceQuestion {
        class,
        position,
        key,
        signature,
        at: t(at),
        mode: Mode::Online,
    }
}

fn verdict(question: AcceptanceQuestion) -> AcceptanceVerdict {
    overlap().acceptance(&question).verdict
}

fn decided(question: &IssuanceQuestion) -> (bool, String) {
    let timeline = overlap();
    let decision = timeline.issuance(question);
    (decision.is_permitted(), decision.rule.to_string())
}
