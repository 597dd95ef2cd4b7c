use super::*;
use der::Encode;
use std::str::FromStr;

fn name(text: &str) -> Vec<u8> {
    x509_cert::name::Name::from_str(text)
        .unwrap()
        .to_der()
        .unwrap()
}

/// A name of one common name with that string type.
fn typed(tag: u8, text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let mut der = vec![0x30, length + 11, 0x31, length + 9, 0x30, length + 7];
    der.extend_from_slice(&[6, 3, 0x55, 4, 3, tag, length]);
    der.extend_from_slice(text.as_bytes());
    der
}

#[test]
fn printed_as_rfc_4514_last_component_first() {
    let der = name("CN=1312345678-1,OU=Terminals,O=Example,C=JP");
    assert_eq!(
        Name::from_der(&der).unwrap().to_string(),
        "CN=1312345678-1,OU=Terminals,O=Example,C=JP"
    );
    let der = typed(0x0c, " #a,b\u{7}\u{202e}");
    assert_eq!(
        Name::from_der(&der).unwrap().to_string(),
        "CN=\\ #a\\,b\\07\\e2\\80\\ae"
    );
}

#[test]
fn case_and_white_space_are_folded_across_string_types() {
    let one = typed(0x13, "Root  CA ");
    let other = typed(0x0c, "root ca");
    let (one, other) = (
        Name::from_der(&one).unwrap(),
        Name::from_der(&other).unwrap(),
    );
    assert!(one.matches(&other));
    let third = typed(0x0c, "rootca");
    assert!(!one.matches(&Name::from_der(&third).unwrap()));
}

#[test]
fn names_beyond_ascii_are_compared_as_rfc_4518_prepares_them() {
    // A BMPString of four letters, a precomposed and a combining accent, half and full width.
    let bmp = typed(0x1e, "\0R\0o\0o\0t");
    for (left, right, equal) in [
        (typed(0x0c, "\u{c9}"), typed(0x0c, "\u{e9}"), true),
        (typed(0x0c, "\u{e9}"), typed(0x0c, "e\u{301}"), true),
        (typed(0x0c, "\u{ff76}"), typed(0x0c, "\u{30ab}"), true),
        (typed(0x0c, "\u{ff21}"), typed(0x13, "a"), true),
        (
            typed(0x0c, " \u{533b}  \u{7642} "),
            typed(0x0c, "\u{533b} \u{7642}"),
            true,
        ),
        (bmp.clone(), typed(0x13, "ROOT"), true),
        (bmp, typed(0x13, "ROO"), false),
        (typed(0x0c, "\u{e9}"), typed(0x0c, "e"), false),
        // What a TeletexString's octet means is not certain.
        (typed(0x14, "A"), typed(0x14, "a"), false),
    ] {
        let [one, other] = [&left, &right].map(|der| Name::from_der(der).unwrap());
        assert_eq!(one.matches(&other), equal, "{one} and {other}");
    }
}

#[test]
fn multi_valued_component_is_a_set() {
    let one = name("CN=a+OU=b,C=JP");
    let other = name("OU=B+CN=A,C=JP");
    let twice = name("CN=a+CN=a,C=JP");
    let [one, other, twice] = [&one, &other, &twice].map(|der| Name::from_der(der).unwrap());
    assert!(one.matches(&other));
    assert!(!one.matches(&twice));
}

#[test]
fn prefix_is_within_and_longer_is_not() {
    let base = name("O=Example,C=JP");
    let below = name("CN=x,O=EXAMPLE,C=JP");
    let [base, below] = [&base, &below].map(|der| Name::from_der(der).unwrap());
    assert!(below.is_within(&base));
    assert!(!base.is_within(&below));
}

#[test]
fn empty_component_is_refused() {
    assert!(Name::from_der(&[0x30, 2, 0x31, 0]).is_err());
    assert!(Name::from_der(&[0x30, 0]).unwrap().is_empty());
}

#[test]
fn relative_component_completes_the_issuer() {
    let (base, full) = (name("O=Example,C=JP"), name("CN=Shard 3,O=Example,C=JP"));
    let longer = name("CN=x,CN=Shard 3,O=Example,C=JP");
    let [base, full, longer] = [&base, &full, &longer].map(|der| Name::from_der(der).unwrap());
    let last = full.rdns().last().unwrap();
    assert!(full.is_child_of(&base, &last));
    assert!(!longer.is_child_of(&base, &last));
    assert!(!base.is_child_of(&base, &last));
    assert!(Rdn::read_content(&[]).is_err());
}
