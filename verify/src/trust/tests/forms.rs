use super::*;

#[test]
fn every_changed_octet_is_refused() {
    let [a, b] = people(["a", "b"]);
    let set = set(2, &[&a, &b]);
    let known = store(&set, &[&a, &b]);
    let succession = first(&set, &[&a, &b]);
    for document in [emergency(1, &set, &[&a, &b]), succession] {
        let length = document.to_der().unwrap().len();
        let accepts = |der: &[u8]| {
            let fresh = match document.header().kind {
                Kind::Officers => TrustStore::first_contact(set.fingerprint()),
                _ => known.clone(),
            };
            TrustDocument::from_der(der)
                .is_ok_and(|it| fresh.clone().accept(&it, now(), &AwsLc).is_ok())
        };
        assert!(accepts(&document.to_der().unwrap()));
        for index in 0..length {
            for mask in [0x01, 0x80] {
                let mut der = document.to_der().unwrap();
                der[index] ^= mask;
                assert!(!accepts(&der), "octet {index} xor {mask:#04x}");
            }
            assert!(
                !accepts(&document.to_der().unwrap()[..index]),
                "cut at {index}"
            );
        }
        let mut longer = document.to_der().unwrap();
        longer.push(0);
        assert!(!accepts(&longer));
    }
}

#[test]
fn text_form_is_read_back_and_may_hold_several() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let (one, two) = (first(&set, &[&a]), policy(1, &set, &[&a]));
    let text = format!(
        "letter\n{}\n{}",
        one.to_pem().unwrap(),
        two.to_pem().unwrap()
    );
    assert!(text.contains("-----BEGIN KASANE TRUST DOCUMENT-----\n"));
    assert_eq!(
        TrustDocument::read(text.as_bytes()),
        Ok(vec![one.clone(), two])
    );
    assert_eq!(TrustDocument::read(&one.to_der().unwrap()), Ok(vec![one]));
    assert_eq!(TrustDocument::read(b"").unwrap_err().code(), "pem.none");
    assert_eq!(TrustDocument::read(b"0123").unwrap_err().code(), "pem.none");
}

#[test]
fn other_versions_kinds_and_sizes_are_refused() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let document = emergency(1, &set, &[&a]);
    let wire = || -> wire::WireDocument { wire::read(&document.to_der().unwrap()).unwrap() };
    let code = |wire: &wire::WireDocument| {
        TrustDocument::from_der(&der::Encode::to_der(wire).unwrap())
            .unwrap_err()
            .code()
    };
    let mut newer = wire();
    newer.version = 2;
    assert_eq!(code(&newer), "trust.version");
    let changed = |change: &dyn Fn(&mut wire::WireStatement)| {
        let mut wire = wire();
        let mut statement: wire::WireStatement = wire::read(wire.statement.as_bytes()).unwrap();
        change(&mut statement);
        wire.statement = wire::octets(&der::Encode::to_der(&statement).unwrap()).unwrap();
        wire
    };
    assert_eq!(code(&changed(&|it| it.version = 0)), "trust.version");
    assert_eq!(code(&changed(&|it| it.kind = 9)), "trust.unknown_kind");
    assert_eq!(code(&changed(&|it| it.number = 0)), "trust.field");
    assert_eq!(
        code(&changed(&|it| it.domain = "Kasane".to_owned())),
        "trust.field"
    );
    let short = wire::octets(&[0; 31]).unwrap();
    assert_eq!(
        code(&changed(&|it| it.officer_set = short.clone())),
        "trust.field"
    );
    let backwards = |it: &mut wire::WireStatement| it.expires_at = it.issued_at.plus_seconds(-1);
    assert_eq!(code(&changed(&backwards)), "trust.lifetime");

    let mut crowded = wire();
    crowded.signatures = (0..=64)
        .map(|index| wire::WireSignature {
            officer: wire::octets(&[index; 32]).unwrap(),
            algorithm: SignatureAlgorithm::Ed25519.oid(),
            value: wire::octets(&[0; 64]).unwrap(),
        })
        .collect();
    assert_eq!(code(&crowded), "trust.too_many");
    crowded.signatures.truncate(64);
    assert!(TrustDocument::from_der(&der::Encode::to_der(&crowded).unwrap()).is_ok());
    crowded.signatures[5].value = wire::octets(&[0; 129]).unwrap();
    assert_eq!(code(&crowded), "trust.field");

    let long = TrustDocument::from_der(&vec![0x30; MAX_DOCUMENT_BYTES + 1]).unwrap_err();
    assert_eq!(long.code(), "trust.too_long");
    let mut content = OVERLAP_TIMELINE_TOML.to_owned();
    content.push_str(&"#".repeat(MAX_DOCUMENT_BYTES));
    let refused = TrustDocument::prepare(header(Kind::Policy, 1, &set), content.into(), &AwsLc);
    assert_eq!(refused.unwrap_err().code(), "trust.too_long");
}

#[test]
fn set_of_more_than_32_officers_is_refused() {
    let people: Vec<_> = (0..33).map(|_| Person::new("x")).collect();
    let officer = |(index, it): (usize, &Person)| {
        Officer::new(format!("officer {index}"), &it.spki(), &AwsLc).unwrap()
    };
    let mut officers: Vec<_> = people.iter().enumerate().map(officer).collect();
    let make = |officers| OfficerSet::new(domain("kasane.example"), 2, officers, &AwsLc);
    assert_eq!(make(officers.clone()).unwrap_err().code(), "trust.too_many");
    officers.pop();
    assert_eq!(make(officers).unwrap().officers().len(), 32);
}

#[test]
fn fingerprint_covers_network_threshold_names_and_keys_but_not_the_order() {
    let [a, b, c] = people(["a", "b", "c"]);
    let reference = set(2, &[&a, &b]).fingerprint();
    assert_eq!(set(2, &[&b, &a]).fingerprint(), reference);
    let renamed = Officer::new("A", &a.spki(), &AwsLc).unwrap();
    let renamed = OfficerSet::new(
        domain("kasane.example"),
        2,
        vec![renamed, b.officer()],
        &AwsLc,
    );
    for other in [
        set(1, &[&a, &b]),
        set(2, &[&a, &c]),
        set_of("other.example", 2, &[&a, &b]).unwrap(),
        renamed.unwrap(),
    ] {
        assert_ne!(other.fingerprint(), reference);
    }
}

#[test]
fn fingerprint_is_typed_as_it_is_printed() {
    let [a] = people(["a"]);
    let fingerprint = set(1, &[&a]).fingerprint();
    let printed = fingerprint.to_string();
    assert_eq!((printed.len(), printed.split(' ').count()), (79, 16));
    let hex = fingerprint.to_hex();
    for text in [
        printed.clone(),
        printed.to_uppercase(),
        printed.replace(' ', ":"),
        printed.replace(' ', "\n  "),
        hex.clone(),
    ] {
        assert_eq!(text.parse(), Ok(fingerprint), "{text}");
    }
    for text in ["", "zz", &hex[1..], &format!("{hex}0"), &" ".repeat(300)] {
        assert_eq!(
            text.parse::<Fingerprint>().unwrap_err().code(),
            "trust.field",
            "{text}"
        );
    }
}

#[test]
fn errors_speak_both_languages() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let mut store = store(&set, &[&a]);
    let error = store
        .accept(&policy(1, &set, &[]), now(), &AwsLc)
        .unwrap_err();
    let text = error.text();
    assert_eq!(
        text.en,
        "trust document refused: 0 officers have signed, 1 must"
    );
    assert_eq!(
        text.ja,
        "信頼文書を拒否しました：署名が足りません（1名中0名）"
    );
    let late = store
        .accept(&policy(1, &set, &[&a]), now().plus_days(-9), &AwsLc)
        .unwrap_err();
    assert!(
        late.text().ja.contains("2028-05-31 00:00:00 JST"),
        "{}",
        late.text().ja
    );
}

#[test]
fn resent_document_is_the_same() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let document = anchors(1, &set, &[&a]);
    assert_eq!(resent(&document, |_| {}), Ok(document));
}
