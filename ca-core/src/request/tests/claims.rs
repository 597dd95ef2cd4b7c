//! Claims against the registration.

use const_oid::db::rfc4519;
use der::asn1::{BmpString, PrintableStringRef, SetOfVec, TeletexStringRef, Utf8StringRef};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{RdnSequence, RelativeDistinguishedName};

use super::*;
use crate::registration::{CheckDigit, Identity, Naming};

fn registered() -> (Name, Vec<GeneralName>) {
    let naming = Naming::new("機構 Kasane", "kasane.example").unwrap();
    let identity = Identity::parse("facility/1312345679/1", CheckDigit::Enforce).unwrap();
    (
        naming.subject(&identity, "medical").unwrap(),
        naming.subject_alt_names(&identity, &[]).unwrap(),
    )
}

fn utf8(text: &str) -> Any {
    Any::from(Utf8StringRef::new(text).unwrap())
}

fn name(parts: &[(ObjectIdentifier, Any)]) -> Name {
    let mut rdns = RdnSequence::default();
    for (oid, value) in parts {
        let attribute = AttributeTypeAndValue {
            oid: *oid,
            value: value.clone(),
        };
        rdns.push(RelativeDistinguishedName::from(
            SetOfVec::from_iter([attribute]).unwrap(),
        ));
    }
    Name::hazmat_from_rdn_sequence(rdns)
}

/// C, O, OU and CN as registered, with one value replaced.
fn subject_with(place: usize, value: Any) -> Name {
    let mut parts = [
        (rfc4519::COUNTRY_NAME, utf8("JP")),
        (rfc4519::ORGANIZATION_NAME, utf8("機構 Kasane")),
        (rfc4519::ORGANIZATIONAL_UNIT_NAME, utf8("medical")),
        (rfc4519::COMMON_NAME, utf8("1312345679-1")),
    ];
    parts[place].1 = value;
    name(&parts)
}

fn check_subject(claimed: &Name) -> Result<(), RequestError> {
    let draft = Draft {
        subject: claimed.to_der().unwrap(),
        ..Draft::new()
    };
    draft.parse().unwrap().check_subject(&registered().0)
}

#[test]
fn empty_or_registered_subject_is_fine() {
    let printable = |text| Any::from(PrintableStringRef::new(text).unwrap());
    let bmp = Any::encode_from(&BmpString::from_utf8("機構 Kasane").unwrap()).unwrap();
    for claimed in [
        Name::default(),
        registered().0,
        subject_with(0, utf8("jp")),
        subject_with(1, utf8("機構  KASANE ")),
        subject_with(1, bmp),
        subject_with(2, printable("Medical")),
        subject_with(3, printable("1312345679-1")),
    ] {
        check_subject(&claimed).unwrap();
    }
}

#[test]
fn any_other_subject_is_refused() {
    let (registered, _) = registered();
    let parts: Vec<_> = registered
        .iter()
        .map(|a| (a.oid, a.value.clone()))
        .collect();
    let reversed: Vec<_> = parts.iter().rev().cloned().collect();
    let longer = [parts.clone(), vec![parts[3].clone()]].concat();
    let teletex = Any::from(TeletexStringRef::new("1312345679-1").unwrap());
    let joined = {
        let both = parts[2..].iter().map(|(oid, value)| AttributeTypeAndValue {
            oid: *oid,
            value: value.clone(),
        });
        let mut rdns = RdnSequence::default();
        for part in registered.iter_rdn().take(2) {
            rdns.push(part.clone());
        }
        rdns.push(RelativeDistinguishedName::from(
            SetOfVec::from_iter(both).unwrap(),
        ));
        Name::hazmat_from_rdn_sequence(rdns)
    };
    for claimed in [
        subject_with(3, utf8("1312345679-2")),
        subject_with(3, utf8("131234 5679-1")),
        subject_with(3, utf8("")),
        subject_with(2, utf8("dental")),
        subject_with(3, teletex),
        name(&parts[..3]),
        name(&parts[3..]),
        name(&reversed),
        name(&longer),
        joined,
    ] {
        let refused = check_subject(&claimed).unwrap_err();
        assert_eq!(refused.code(), "csr.subject-mismatch", "{claimed}");
    }
}

#[test]
fn requested_names_must_be_registered() {
    let naming = Naming::new("Kasane", "kasane.example").unwrap();
    let identity = Identity::parse("system/portal/1", CheckDigit::Enforce).unwrap();
    let hosts = ["www.kasane.example", "api.kasane.example"].map(|text| {
        crate::registration::DnsName::parse(text, crate::registration::Wildcard::Refuse).unwrap()
    });
    let registered = naming.subject_alt_names(&identity, &hosts).unwrap();
    let check = |names: &[GeneralName]| {
        let request = Draft::with_names(names).parse().unwrap();
        request
            .check_extensions(&registered, |_| false)
            .map(|ignored| ignored.len())
    };
    for fine in [
        registered.clone(),
        vec![dns("API.kasane.example")],
        vec![uri("https://id.kasane.example/system/portal/1")],
    ] {
        assert_eq!(check(&fine), Ok(0));
    }
    for foreign in [
        dns("mail.kasane.example"),
        dns("*.kasane.example"),
        uri("https://id.kasane.example/system/portal/2"),
        uri("https://ID.kasane.example/system/portal/1"),
        uri("www.kasane.example"),
        GeneralName::IpAddress(OctetString::new([192, 0, 2, 1]).unwrap()),
        GeneralName::DirectoryName(Name::default()),
    ] {
        let refused = check(&[dns("www.kasane.example"), foreign.clone()]).unwrap_err();
        assert_eq!(refused.code(), "csr.name-mismatch", "{foreign:?}");
    }
}

#[test]
fn names_are_compared_even_when_the_profile_ignores_them() {
    let request = Draft::with_names(&[dns("evil.example.jp")])
        .parse()
        .unwrap();
    let refused = request
        .check_extensions(&registered().1, |_| true)
        .unwrap_err();
    assert_eq!(refused.code(), "csr.name-mismatch");
}

#[test]
fn extensions_are_ignored_by_the_profile_or_refused() {
    let template = oid("1.3.6.1.4.1.311.20.2");
    let key_usage = oid("2.5.29.15");
    let request = Draft::with_extensions(&[
        extension(template, &[0x1e, 0x00]),
        extension(key_usage, &[]),
    ])
    .parse()
    .unwrap();
    let check = |harmless: &[ObjectIdentifier]| {
        request.check_extensions(&registered().1, |oid| harmless.contains(oid))
    };
    assert_eq!(check(&[template, key_usage]), Ok(vec![template, key_usage]));
    assert_eq!(
        check(&[template]),
        Err(RequestError::UnknownExtension { oid: key_usage })
    );
    assert_eq!(check(&[]).unwrap_err().code(), "csr.extension-unknown");
    assert_eq!(request.extensions()[0].value, [0x1e, 0x00]);
}
