use der::{Decode, Encode};
use proptest::prelude::*;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use super::*;

fn code_of<T: std::fmt::Debug>(result: Result<T, RegistrationError>) -> &'static str {
    result.unwrap_err().code()
}

fn naming() -> Naming {
    Naming::new("医療情報基盤・診療報酬審査支払機構", "kasane.example").unwrap()
}

fn identity(text: &str) -> Identity {
    Identity::parse(text, CheckDigit::Enforce).unwrap()
}

#[test]
fn check_digit_follows_the_written_rule() {
    // 1 3 1 2 3 4 5 6 7, weights from the right 2 1 2 1 …: 14 6 10 4 6 2 2 3 2, digits summed 31.
    assert_eq!(FacilityCode::check_digit("131234567"), Some(9));
    assert_eq!(FacilityCode::check_digit("010000000"), Some(9));
    assert_eq!(FacilityCode::check_digit("000000000"), Some(0));
    assert_eq!(FacilityCode::check_digit("13123456"), None);
    assert_eq!(FacilityCode::check_digit("13123456x"), None);
}

#[test]
fn each_fault_of_a_facility_code_has_its_own_error() {
    let parse = |text| FacilityCode::parse(text, CheckDigit::Enforce);
    for text in [
        "",
        "131234567",
        "13123456799",
        "13123a5679",
        "１312345679",
        "+312345679",
    ] {
        assert_eq!(code_of(parse(text)), "facility.bad-code", "{text}");
    }
    assert_eq!(code_of(parse("0012345679")), "facility.bad-prefecture");
    assert_eq!(code_of(parse("4812345679")), "facility.bad-prefecture");
    assert_eq!(code_of(parse("1322345679")), "facility.bad-fee-table");
    assert_eq!(code_of(parse("1312345670")), "facility.bad-check-digit");
    assert!(FacilityCode::parse("1312345670", CheckDigit::Skip).is_ok());
    let code = FacilityCode::with_check_digit("474123456").unwrap();
    assert_eq!(
        (code.prefecture(), code.category()),
        (47, FacilityCategory::Pharmacy)
    );
}

#[test]
fn identifiers_and_numbers_keep_to_their_alphabet() {
    for text in ["ab", "a-1", "0123456789-0123456789-0123456789"] {
        assert_eq!(text.parse::<Identifier>().unwrap().as_str(), text);
    }
    for text in [
        "",
        "a",
        "Ab",
        "a_b",
        "a/b",
        "a.b",
        "é1",
        "0123456789-0123456789-0123456789x",
    ] {
        assert_eq!(
            code_of(text.parse::<Identifier>()),
            "identity.bad-identifier",
            "{text}"
        );
    }
    for text in ["1", "9999"] {
        assert_eq!(text.parse::<TerminalNumber>().unwrap().to_string(), text);
    }
    for text in ["", "0", "01", "+1", "-1", "10000", "1 ", "70000", "１"] {
        assert_eq!(
            code_of(text.parse::<TerminalNumber>()),
            "identity.bad-number",
            "{text}"
        );
    }
    assert_eq!(
        code_of("1234567".parse::<InsurerCode>()),
        "insurer.bad-code"
    );
    assert_eq!(
        code_of("12345a".parse::<MunicipalityCode>()),
        "municipality.bad-code"
    );
}

#[test]
fn malformed_identities_are_refused() {
    let parse = |text| code_of(Identity::parse(text, CheckDigit::Enforce));
    assert_eq!(parse("facility/1312345679"), "identity.bad-form");
    assert_eq!(parse("facility/1312345679/1/"), "identity.bad-form");
    assert_eq!(parse("Facility/1312345679/1"), "identity.unknown-kind");
    assert_eq!(parse("facility/1312345670/1"), "facility.bad-check-digit");
    assert_eq!(parse("vendor/a b/1"), "identity.bad-identifier");
}

#[test]
fn subject_has_the_exact_string_types_and_order() {
    let subject = naming()
        .subject(&identity("facility/1312345679/12"), "medical")
        .unwrap();
    let parts: Vec<_> = subject
        .iter()
        .map(|a| {
            (
                a.oid.to_string(),
                a.value.header().tag(),
                a.value.value().to_vec(),
            )
        })
        .collect();
    let expected = [
        ("2.5.4.6", der::Tag::PrintableString, "JP"),
        (
            "2.5.4.10",
            der::Tag::Utf8String,
            "医療情報基盤・診療報酬審査支払機構",
        ),
        ("2.5.4.11", der::Tag::Utf8String, "medical"),
        ("2.5.4.3", der::Tag::Utf8String, "1312345679-12"),
    ];
    for (part, (oid, tag, text)) in parts.iter().zip(expected) {
        assert_eq!(*part, (oid.to_owned(), tag, text.as_bytes().to_vec()));
    }
    assert_eq!((parts.len(), subject.len()), (4, 4));
    assert_eq!(Name::from_der(&subject.to_der().unwrap()).unwrap(), subject);
}

#[test]
fn subject_alt_names_are_the_uri_and_the_registered_hosts() {
    let host = DnsName::parse("www.kasane.example", Wildcard::Refuse).unwrap();
    let names = naming()
        .subject_alt_names(&identity("system/portal/1"), &[host])
        .unwrap();
    let texts: Vec<_> = names
        .iter()
        .map(|name| match name {
            GeneralName::UniformResourceIdentifier(text) => format!("uri {}", text.as_str()),
            GeneralName::DnsName(text) => format!("dns {}", text.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        texts,
        [
            "uri https://id.kasane.example/system/portal/1",
            "dns www.kasane.example"
        ]
    );
}

#[test]
fn identity_host_is_a_name_below_the_host_of_the_uri() {
    let host = |text| naming().identity_host(&identity(text));
    let of = |text| host(text).map(|host| host.to_string());
    assert_eq!(
        of("system/batch/12").as_deref(),
        Some("batch-12.id.kasane.example")
    );
    // No label begins with a hyphen: nobody takes such a common name for a host either.
    assert_eq!(of("system/-batch/1"), None);
    let operator = ["a".repeat(60).as_str(); 4].join(".");
    let long = Naming::new("O", &operator).unwrap();
    assert_eq!(long.identity_host(&identity("system/batch/1")), None);
}

#[test]
fn uri_of_another_host_is_refused() {
    let read = |uri| naming().parse_uri(uri, CheckDigit::Enforce);
    assert!(read("https://id.kasane.example/vendor/acme/3").is_ok());
    for uri in [
        "https://id.kasane.example.org/vendor/acme/3",
        "http://id.kasane.example/vendor/acme/3",
        "https://id.kasane.example:443/vendor/acme/3",
    ] {
        assert_eq!(code_of(read(uri)), "identity.foreign-uri", "{uri}");
    }
    assert_eq!(
        code_of(read("https://id.kasane.example/vendor/acme/3?x")),
        "identity.bad-number"
    );
}

#[test]
fn organizations_that_no_subject_can_carry_are_refused() {
    for text in ["", " a", "a\u{0}b", &"あ".repeat(65)] {
        assert_eq!(
            code_of(Naming::new(text, "kasane.example")),
            "name.bad-organization"
        );
    }
    assert_eq!(
        code_of(Naming::new("ok", "Kasane.example")),
        "name.bad-dns-name"
    );
}

#[test]
fn host_names_are_lower_case_ldh() {
    let long_label = format!("{}.jp", "a".repeat(64));
    let long_name = format!("{}jp", "a.".repeat(126));
    for text in [
        "",
        "jp",
        "A.jp",
        "a..jp",
        "-a.jp",
        "a-.jp",
        "a_b.jp",
        "a.jp.",
        "*.a.jp",
        "a.*.jp",
        "a b.jp",
        "日本.jp",
        "192.0.2.1",
        ".a.jp",
        &long_label,
        &long_name,
    ] {
        let result = DnsName::parse(text, Wildcard::Refuse);
        assert_eq!(code_of(result), "name.bad-dns-name", "{text}");
    }
    for text in ["a.jp", "xn--wgv71a.jp", "1.2.3.4a.jp"] {
        assert_eq!(
            DnsName::parse(text, Wildcard::Refuse).unwrap().as_str(),
            text
        );
    }
    assert!(
        DnsName::parse("*.a.jp", Wildcard::Allow)
            .unwrap()
            .is_wildcard()
    );
    for text in ["*a.jp", "a.*.jp", "*.*.jp", "*.jp", "*"] {
        assert!(DnsName::parse(text, Wildcard::Allow).is_err(), "{text}");
    }
}

#[test]
fn systems_without_use_or_name_are_refused() {
    let name: Identifier = "portal".parse().unwrap();
    let host = |text: &str| DnsName::parse(text, Wildcard::Refuse).unwrap();
    let register =
        |hosts, server, client| SystemRegistration::new(name.clone(), hosts, server, client);
    assert_eq!(
        code_of(register(vec![host("a.jp")], false, false)),
        "system.without-use"
    );
    assert_eq!(
        code_of(register(vec![], true, true)),
        "system.server-without-name"
    );
    let twice = vec![host("a.jp"), host("b.jp"), host("a.jp")];
    assert_eq!(
        code_of(register(twice, true, false)),
        "system.duplicate-name"
    );
    let many = (0..33).map(|i| host(&format!("h{i}.jp"))).collect();
    assert_eq!(
        code_of(register(many, true, false)),
        "system.too-many-names"
    );
    let system = register(vec![], false, true).unwrap();
    assert_eq!(
        system.identity(TerminalNumber::FIRST).to_string(),
        "system/portal/1"
    );
}

fn any_facility_code() -> impl Strategy<Value = FacilityCode> {
    (
        1u8..=47,
        prop::sample::select(vec![1u8, 3, 4, 6]),
        0u32..1_000_000,
    )
        .prop_map(|(prefecture, table, facility)| {
            FacilityCode::with_check_digit(&format!("{prefecture:02}{table}{facility:06}")).unwrap()
        })
}

fn any_holder() -> impl Strategy<Value = Holder> {
    let identifier = || "[a-z0-9-]{2,32}".prop_map(|text| text.parse::<Identifier>().unwrap());
    prop_oneof![
        any_facility_code().prop_map(Holder::Facility),
        "[0-9]{8}".prop_map(|text| Holder::Insurer(text.parse().unwrap())),
        "[0-9]{6}".prop_map(|text| Holder::Municipality(text.parse().unwrap())),
        identifier().prop_map(Holder::Fire),
        identifier().prop_map(Holder::Vendor),
        identifier().prop_map(Holder::System),
        identifier().prop_map(Holder::Operator),
    ]
}

proptest! {
    #[test]
    fn identities_and_uris_are_read_back(holder in any_holder(), number in 1u16..=9999) {
        let identity = Identity::new(holder, TerminalNumber::new(number).unwrap());
        prop_assert_eq!(&Identity::parse(&identity.to_string(), CheckDigit::Enforce).unwrap(), &identity);
        let uri = naming().uri(&identity);
        prop_assert_eq!(&naming().parse_uri(&uri, CheckDigit::Enforce).unwrap(), &identity);
    }

    #[test]
    fn different_identities_have_different_subjects_or_categories(
        a in any_holder(), b in any_holder(), m in 1u16..=9999, n in 1u16..=9999,
    ) {
        let a = Identity::new(a, TerminalNumber::new(m).unwrap());
        let b = Identity::new(b, TerminalNumber::new(n).unwrap());
        let subject = |identity| naming().subject(identity, "medical").unwrap().to_der().unwrap();
        prop_assert_eq!(a == b, subject(&a) == subject(&b));
    }

    #[test]
    fn one_wrong_digit_is_always_noticed(
        code in any_facility_code(), place in 0usize..10, shift in 1u8..10,
    ) {
        let mut digits = code.as_str().as_bytes().to_vec();
        digits[place] = b'0' + (digits[place] - b'0' + shift) % 10;
        let text = String::from_utf8(digits).unwrap();
        prop_assert!(FacilityCode::parse(&text, CheckDigit::Enforce).is_err());
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,80}") {
        let _ = Identity::parse(&text, CheckDigit::Enforce);
        let _ = DnsName::parse(&text, Wildcard::Allow);
        let _ = naming().parse_uri(&text, CheckDigit::Skip);
    }
}
