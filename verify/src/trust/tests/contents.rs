use super::*;
use crate::test_support::{ca, client};

fn accept(
    document: &TrustDocument,
    set: &OfficerSet,
    signer: &Person,
) -> Result<Acceptance, TrustError> {
    store(set, &[signer]).accept(document, now(), &AwsLc)
}

/// A signed document whose content nobody checked when it was made.
fn unchecked(kind: Kind, set: &OfficerSet, content: &[u8], signer: &Person) -> TrustDocument {
    let good = match kind {
        Kind::Policy => policy(9, set, &[]),
        Kind::Anchors => anchors(9, set, &[]),
        _ => emergency(9, set, &[]),
    };
    let mut wire: wire::WireDocument = wire::read(&good.to_der().unwrap()).unwrap();
    let mut statement: wire::WireStatement = wire::read(wire.statement.as_bytes()).unwrap();
    statement.content = wire::octets(content).unwrap();
    wire.statement = wire::octets(&der::Encode::to_der(&statement).unwrap()).unwrap();
    let document = TrustDocument::from_der(&der::Encode::to_der(&wire).unwrap()).unwrap();
    sign(document, &[signer])
}

#[test]
fn accepted_policy_is_a_timeline_of_the_very_octets() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let accepted = accept(&policy(1, &set, &[&a]), &set, &a).unwrap();
    let AcceptedDocument::Policy(policy) = accepted.document else {
        panic!("no policy")
    };
    assert_eq!(policy.content().name(), "overlap-2027-2031");
    assert_eq!(
        policy.document().content_bytes(),
        OVERLAP_TIMELINE_TOML.as_bytes()
    );
}

#[test]
fn accepted_bundle_gives_the_anchors_of_a_date() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let until = now().plus_days(10);
    let ecc = Anchor::new(&Entity::new("ECC").self_signed(), "ECC root", None, &AwsLc).unwrap();
    let rsa = Anchor::new(
        &Entity::new("RSA").self_signed(),
        "RSA root",
        Some(until),
        &AwsLc,
    );
    let bundle = AnchorBundle::new(vec![ecc, rsa.unwrap()]).unwrap();
    let document = prepare(header(Kind::Anchors, 1, &set), bundle.to_der().unwrap());
    let accepted = accept(&sign(document, &[&a]), &set, &a).unwrap();
    let AcceptedDocument::Anchors(anchors) = accepted.document else {
        panic!("no anchors")
    };
    let names = |at| -> Vec<_> {
        anchors
            .content()
            .trusted_at(at)
            .iter()
            .map(|it| it.subject_text())
            .collect()
    };
    assert_eq!(names(until).len(), 2);
    assert_eq!(names(until.plus_seconds(1)).len(), 1);
    assert!(names(until.plus_seconds(1))[0].contains("ECC"));
    assert_eq!(anchors.content().anchors()[1].note(), "RSA root");
}

#[test]
fn signed_but_broken_content_never_replaces_what_is_good() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let mut store = store(&set, &[&a]);
    for document in [
        policy(1, &set, &[&a]),
        anchors(1, &set, &[&a]),
        emergency(1, &set, &[&a]),
    ] {
        store.accept(&document, now(), &AwsLc).unwrap();
    }
    let no_policy = OVERLAP_TIMELINE_TOML.replace("schema = 1", "schema = 7");
    for (kind, content, expected) in [
        (Kind::Policy, no_policy.as_bytes(), "policy.schema"),
        (Kind::Policy, &[0xff][..], "trust.policy_text"),
        (Kind::Policy, b"x", "policy.syntax"),
        (Kind::Anchors, b"x", "trust.malformed"),
        (Kind::Emergency, &[0x30, 0][..], "trust.malformed"),
    ] {
        let document = unchecked(kind, &set, content, &a);
        assert_eq!(code(store.accept(&document, now(), &AwsLc)), expected);
        assert_eq!(store.number(kind), Some(1));
    }
}

#[test]
fn what_is_no_ca_or_stands_twice_is_no_anchor() {
    let root = Entity::new("Root");
    let leaf = root.issue(&Entity::new("Leaf"), client);
    let refused = Anchor::new(&leaf, "leaf", None, &AwsLc).unwrap_err();
    assert_eq!(refused.code(), "trust.anchor_not_ca");
    let anchor = |der: &[u8]| Anchor::new(der, "root", None, &AwsLc).unwrap();
    // Another certificate of the same name and key.
    let again = root.issue(&root, ca(Some(3)));
    let refused = AnchorBundle::new(vec![anchor(&root.self_signed()), anchor(&again)]);
    assert_eq!(refused.unwrap_err().code(), "trust.duplicate_anchor");
    assert_eq!(
        AnchorBundle::new(Vec::new()).unwrap_err().code(),
        "trust.field"
    );
    let many = vec![anchor(&root.self_signed()); MAX_ANCHORS + 1];
    assert_eq!(
        AnchorBundle::new(many).unwrap_err().code(),
        "trust.too_many"
    );
    assert_eq!(
        Anchor::new(b"x", "x", None, &AwsLc).unwrap_err().code(),
        "certificate.malformed"
    );
}

#[test]
fn text_that_would_not_be_seen_as_it_is_written_is_refused() {
    let [a] = people(["a"]);
    let long = "x".repeat(129);
    for name in [
        "",
        "\u{1b}[2J",
        "a\nb",
        "Sato\u{202e}iroM",
        "\u{2067}a",
        &long,
    ] {
        let refused = Officer::new(name, &a.spki(), &AwsLc).unwrap_err();
        assert_eq!(refused.code(), "trust.field", "{name:?}");
    }
    assert!(Officer::new("佐藤 花子", &a.spki(), &AwsLc).is_ok());
}

#[test]
fn emergency_applies_in_its_area_and_period_to_the_second() {
    let [hokkaido, tokyo] = ["01", "13"].map(|it| it.parse::<Prefecture>().unwrap());
    let it = declaration("quake-1", "13,14".parse().unwrap());
    let (from, until) = (it.from(), it.until());
    for (place, at, expected) in [
        (Some(tokyo), from, true),
        (Some(tokyo), until, true),
        (Some(tokyo), from.plus_seconds(-1), false),
        (Some(tokyo), until.plus_seconds(1), false),
        (Some(hokkaido), from, false),
        (None, from, false),
    ] {
        assert_eq!(it.applies(place, at), expected, "{place:?} {at}");
    }
    let everywhere = declaration("quake-2", "all".parse().unwrap());
    assert!(everywhere.applies(None, from) && everywhere.applies(Some(hokkaido), from));
    assert_eq!(Prefecture::of_facility("1312345679"), Some(tokyo));
    for nowhere in ["4812345679", "0012345679", "", "1", "都道", "+1"] {
        assert_eq!(Prefecture::of_facility(nowhere), None, "{nowhere}");
    }
}

#[test]
fn emergency_is_bounded_and_names_its_area() {
    let reason = || Text {
        en: "flood".to_owned(),
        ja: "水害".to_owned(),
    };
    let make = |days: i64, seconds: i64| {
        let until = now().plus_days(days).plus_seconds(seconds);
        Emergency::new("flood", Area::WholeCountry, now(), until, reason()).map(drop)
    };
    assert_eq!(make(MAX_EMERGENCY_DAYS, 0), Ok(()));
    assert_eq!(
        make(MAX_EMERGENCY_DAYS, 1).unwrap_err().code(),
        "trust.emergency_period"
    );
    assert_eq!(make(0, -1).unwrap_err().code(), "trust.emergency_period");
    let nobody = Area::Prefectures(BTreeSet::new());
    let refused = Emergency::new("x", nobody, now(), now(), reason()).unwrap_err();
    assert_eq!(refused.code(), "trust.field");
    for area in ["", "0", "48", "13,", "13;14", "ALL", "013"] {
        assert!(area.parse::<Area>().is_err(), "{area}");
    }
    let silent = Text {
        en: "flood".to_owned(),
        ja: String::new(),
    };
    let refused = Emergency::new("x", Area::WholeCountry, now(), now(), silent).unwrap_err();
    assert_eq!(refused.code(), "trust.field");
    for id in ["", "A", "a b"] {
        assert!(
            Emergency::new(id, Area::WholeCountry, now(), now(), reason()).is_err(),
            "{id}"
        );
    }
}

#[test]
fn emergency_does_not_outlive_its_document() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let it = declaration("quake-1", Area::WholeCountry);
    let mut header = header(Kind::Emergency, 1, &set);
    header.expires_at = it.until();
    let content = it.to_der().unwrap();
    assert!(TrustDocument::prepare(header.clone(), content.clone(), &AwsLc).is_ok());
    header.expires_at = it.until().plus_seconds(-1);
    let refused = TrustDocument::prepare(header, content, &AwsLc).unwrap_err();
    assert_eq!(refused.code(), "trust.emergency_outlives_document");
}

#[test]
fn area_and_declaration_are_read_back() {
    for text in ["all", "01", "01,13,47"] {
        let area: Area = text.parse().unwrap();
        assert_eq!(area.to_string(), text);
        let it = declaration("quake-1", area);
        assert_eq!(Emergency::from_der(&it.to_der().unwrap()), Ok(it));
    }
    // Prefectures out of order, or beside the whole country.
    let mut wire: wire::WireEmergency =
        wire::read(&declaration("x", "01,13".parse().unwrap()).to_der().unwrap()).unwrap();
    let refused = |wire: &wire::WireEmergency| {
        Emergency::from_der(&der::Encode::to_der(wire).unwrap())
            .unwrap_err()
            .code()
    };
    wire.prefectures = vec![13, 1];
    assert_eq!(refused(&wire), "trust.field");
    wire.prefectures = vec![1, 1];
    assert_eq!(refused(&wire), "trust.field");
    wire.prefectures = vec![48];
    assert_eq!(refused(&wire), "trust.prefecture");
    wire.prefectures = vec![1];
    wire.whole_country = true;
    assert_eq!(refused(&wire), "trust.field");
    wire.prefectures = Vec::new();
    assert!(Emergency::from_der(&der::Encode::to_der(&wire).unwrap()).is_ok());
    wire.version = 2;
    assert_eq!(refused(&wire), "trust.version");
}
