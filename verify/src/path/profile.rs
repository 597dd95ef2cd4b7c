//! What RFC 5280 §4 asks of CAs, where validation (§6) accepts what they made. Asked for by
//! [`super::ProfileRule::Rfc5280`].

use super::Reason;
use crate::certificate::{Certificate, GeneralName, Subtrees};
use crate::oid;

type Verdict = Result<(), Reason>;

const fn broken(text: &'static str, text_ja: &'static str, rule: &'static str) -> Verdict {
    Err(Reason::Profile {
        text,
        text_ja,
        rule,
    })
}

/// An intermediate.
pub(super) fn authority(certificate: &Certificate<'_>) -> Verdict {
    any(certificate)?;
    ca(certificate)
}

/// The end entity, which may be a CA.
pub(super) fn end_entity(certificate: &Certificate<'_>) -> Verdict {
    any(certificate)?;
    if certificate.is_ca() {
        return ca(certificate);
    }
    let extensions = certificate.extensions();
    if extensions.name_constraints.is_some() {
        return broken(
            "it has name constraints and is no CA",
            "CAではないのに名前制約があります",
            "RFC 5280 §4.2.1.10",
        );
    }
    if extensions
        .key_usage
        .is_some_and(|usage| usage.key_cert_sign())
    {
        return broken(
            "its key usage has keyCertSign and it is no CA",
            "CAではないのに鍵用途にkeyCertSignがあります",
            "RFC 5280 §4.2.1.3",
        );
    }
    Ok(())
}

/// An anchor's certificate. What cannot be read was refused when the anchor was made.
pub(super) fn anchor(der: &[u8]) -> Verdict {
    match Certificate::from_der(der) {
        Ok(certificate) => authority(&certificate),
        Err(_) => Ok(()),
    }
}

fn any(certificate: &Certificate<'_>) -> Verdict {
    let extensions = certificate.extensions();
    // §4.1.2.2: positive.
    if certificate.serial() == [0] || certificate.serial().first().is_some_and(|it| *it >= 0x80) {
        return broken(
            "its serial number is not positive",
            "シリアル番号が正の数ではありません",
            "RFC 5280 §4.1.2.2",
        );
    }
    let has_key_id = extensions
        .authority_key_id
        .is_some_and(|it| it.key_id.is_some());
    if !has_key_id && !certificate.is_self_issued() {
        return broken(
            "it does not name its issuer's key (authorityKeyIdentifier)",
            "発行者の鍵識別子（authorityKeyIdentifier）がありません",
            "RFC 5280 §4.2.1.1",
        );
    }
    for (oid, rule) in [
        (oid::AUTHORITY_KEY_IDENTIFIER, "RFC 5280 §4.2.1.1"),
        (oid::SUBJECT_KEY_IDENTIFIER, "RFC 5280 §4.2.1.2"),
        (oid::AUTHORITY_INFO_ACCESS, "RFC 5280 §4.2.2.1"),
        (oid::FRESHEST_CRL, "RFC 5280 §4.2.1.15"),
    ] {
        if extensions.is_critical(oid) {
            return broken(
                "an extension is critical that must not be",
                "クリティカルにしてはならない拡張がクリティカルです",
                rule,
            );
        }
    }
    for (oid, rule) in [
        (oid::NAME_CONSTRAINTS, "RFC 5280 §4.2.1.10"),
        (oid::POLICY_CONSTRAINTS, "RFC 5280 §4.2.1.11"),
        (oid::INHIBIT_ANY_POLICY, "RFC 5280 §4.2.1.14"),
    ] {
        let present = extensions.iter().any(|it| *it.oid == oid);
        if present && !extensions.is_critical(oid) {
            return broken(
                "an extension is not critical that must be",
                "クリティカルでなければならない拡張がクリティカルではありません",
                rule,
            );
        }
    }
    let named = extensions.subject_alt_name.is_some();
    if certificate.subject().is_empty() && !(named && extensions.is_critical(oid::SUBJECT_ALT_NAME))
    {
        return broken(
            "its subject is empty and its subject alternative name is not critical",
            "主体者名が空なのに主体者別名がクリティカルではありません",
            "RFC 5280 §4.1.2.6",
        );
    }
    Ok(())
}

fn ca(certificate: &Certificate<'_>) -> Verdict {
    let extensions = certificate.extensions();
    if extensions.subject_key_id.is_none() {
        return broken(
            "it is a CA and does not name its key (subjectKeyIdentifier)",
            "CAなのに鍵識別子（subjectKeyIdentifier）がありません",
            "RFC 5280 §4.2.1.2",
        );
    }
    if extensions.basic_constraints.is_some() && !extensions.is_critical(oid::BASIC_CONSTRAINTS) {
        return broken(
            "it is a CA and its basic constraints are not critical",
            "CAなのに基本制約がクリティカルではありません",
            "RFC 5280 §4.2.1.9",
        );
    }
    let dotted = |trees: Option<Subtrees<'_>>| {
        trees.is_some_and(|trees| {
            let mut bases = trees.iter();
            bases.any(|base| matches!(base, GeneralName::Dns(name) if name.starts_with('.')))
        })
    };
    if let Some(constraints) = extensions.name_constraints
        && (dotted(constraints.permitted) || dotted(constraints.excluded))
    {
        return broken(
            "it constrains host names with a leading dot",
            "ホスト名の制約がドットで始まっています",
            "RFC 5280 §4.2.1.10",
        );
    }
    if certificate.subject().is_empty() {
        return broken(
            "it is a CA and its subject is empty",
            "CAなのに主体者名が空です",
            "RFC 5280 §4.1.2.6",
        );
    }
    Ok(())
}
