//! The network's dates, to the second: 2030-12-31T14:59:59Z is the last of 2030 in Japan.

use kasane_verify::UnixTime;
use kasane_verify::path::{DatedPolicy, Position, Purpose, Reason};
use kasane_verify::policy::{Class, Mode, Timeline};

use crate::chain::Chain;
use crate::chain::Key::{self, P256, P384, Rsa2048, Rsa3072};

/// What is expected: accepted, accepted with a warning about a place, or refused at a place, by rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Accepted,
    Warned(Position, &'static str),
    Refused(Position, &'static str),
}

use Expected::{Accepted, Refused, Warned};

const END: Position = Position::EndEntity;
const ISSUING: Position = Position::Intermediate(0);
const ROOT: Position = Position::Anchor(0);

// Anchor, issuing CA, end entity.
const RSA: [Key; 3] = [Rsa3072, Rsa3072, Rsa2048];
const IMPORTED_RSA: [Key; 3] = [Rsa2048, Rsa2048, Rsa2048];
const ECC: [Key; 3] = [P384, P384, P256];
const ECC_FROM_RSA_ROOT: [Key; 3] = [Rsa3072, P384, P256];
const ECC_FROM_SMALL_RSA_ROOT: [Key; 3] = [Rsa2048, P384, P256];
const ECC_FROM_SMALL_RSA_CA: [Key; 3] = [P384, Rsa2048, P256];
const RSA_FROM_ECC_ROOT: [Key; 3] = [P384, Rsa3072, Rsa2048];

/// Last second before a date of Japan's calendar, and the date's first second.
const BEFORE_2027: &str = "2026-12-31T14:59:59Z";
const IN_2027: &str = "2026-12-31T15:00:00Z";
const BEFORE_JULY_2030: &str = "2030-06-30T14:59:59Z";
const IN_JULY_2030: &str = "2030-06-30T15:00:00Z";
const BEFORE_2031: &str = "2030-12-31T14:59:59Z";
const IN_2031: &str = "2030-12-31T15:00:00Z";
const BEFORE_APRIL_2031: &str = "2031-03-31T14:59:59Z";
const IN_APRIL_2031: &str = "2031-03-31T15:00:00Z";

type Row = (&'static [Key; 3], &'static str, Expected);

fn check(rows: &[Row], class: Class, mode: Mode, purpose: Purpose) {
    let timeline = Timeline::overlap().unwrap();
    for (keys, at, expected) in rows {
        let chain = Chain::new(*keys);
        let what = format!("{keys:?} of {class} at {at}, {mode:?}");
        let policy = DatedPolicy::new(&timeline, class, mode);
        assert_eq!(
            verdict(&chain, &policy, at, purpose),
            said(expected),
            "{what}"
        );
        // The same a year later with every date a year later.
        let moved = timeline.shifted(365);
        let at: UnixTime = at.parse().unwrap();
        let mode = match mode {
            Mode::Online => Mode::Online,
            Mode::Historical { proven } => Mode::Historical {
                proven: proven.map(|at| at.plus_days(365)),
            },
        };
        let policy = DatedPolicy::new(&moved, class, mode);
        let at = at.plus_days(365).to_string();
        assert_eq!(
            verdict(&chain, &policy, &at, purpose),
            said(expected),
            "{what}, moved"
        );
    }
}

/// Places and rules in one form.
type Said = Result<Vec<(Position, String)>, (Position, String)>;

fn said(expected: &Expected) -> Said {
    match expected {
        Accepted => Ok(Vec::new()),
        Warned(place, rule) => Ok(vec![(*place, (*rule).to_owned())]),
        Refused(place, rule) => Err((*place, (*rule).to_owned())),
    }
}

fn verdict(chain: &Chain, policy: &DatedPolicy<'_>, at: &str, purpose: Purpose) -> Said {
    match chain.verify(policy, at, purpose) {
        Ok(path) => Ok(path
            .warnings()
            .iter()
            .map(|warning| (warning.position, warning.notice.code.clone()))
            .collect()),
        Err(error) => match *error.reason {
            Reason::Policy(notice) => Err((error.position, notice.code)),
            other => panic!("{other}"),
        },
    }
}

const SUBSCRIBERS: [(Class, Purpose); 3] = [
    (Class::Terminal, Purpose::ClientAuth),
    (Class::SystemClient, Purpose::ClientAuth),
    (Class::Server, Purpose::ServerAuth),
];

#[test]
fn rsa_end_entities_end_with_2030_and_are_warned_about_from_july() {
    let mut rows = Vec::new();
    for keys in [&RSA, &RSA_FROM_ECC_ROOT, &IMPORTED_RSA] {
        rows.extend([
            (keys, BEFORE_2027, Accepted),
            (keys, BEFORE_JULY_2030, Accepted),
            (keys, IN_JULY_2030, Warned(END, "rsa-warned")),
            (keys, BEFORE_2031, Warned(END, "rsa-warned")),
            (keys, IN_2031, Refused(END, "ecc-only")),
            (keys, IN_APRIL_2031, Refused(END, "rsa-refused")),
        ]);
    }
    for (class, purpose) in SUBSCRIBERS {
        check(&rows, class, Mode::Online, purpose);
    }
}

#[test]
fn ecc_end_entities_begin_with_2027_and_do_not_end() {
    let rows: &[Row] = &[
        (&ECC, BEFORE_2027, Refused(END, "no-rule")),
        (&ECC, IN_2027, Accepted),
        (&ECC, IN_JULY_2030, Accepted),
        (&ECC, BEFORE_2031, Accepted),
        (&ECC, IN_2031, Accepted),
        (&ECC, IN_APRIL_2031, Accepted),
        (&ECC, "2035-12-31T15:00:00Z", Accepted),
    ];
    for (class, purpose) in SUBSCRIBERS {
        check(rows, class, Mode::Online, purpose);
    }
}

#[test]
fn rsa_cas_and_anchors_end_by_their_size() {
    let rows: &[Row] = &[
        (&ECC_FROM_RSA_ROOT, BEFORE_2031, Accepted),
        (&ECC_FROM_RSA_ROOT, IN_2031, Accepted),
        (&ECC_FROM_RSA_ROOT, BEFORE_APRIL_2031, Accepted),
        // The issuing CA's key is ECC, but the signature over it is not.
        (
            &ECC_FROM_RSA_ROOT,
            IN_APRIL_2031,
            Refused(ISSUING, "rsa-signatures-refused"),
        ),
        (&ECC_FROM_SMALL_RSA_ROOT, BEFORE_2031, Accepted),
        (
            &ECC_FROM_SMALL_RSA_ROOT,
            IN_2031,
            Refused(ROOT, "rsa-2048-refused"),
        ),
        (&ECC_FROM_SMALL_RSA_CA, BEFORE_2031, Accepted),
        (
            &ECC_FROM_SMALL_RSA_CA,
            IN_2031,
            Refused(ISSUING, "rsa-2048-refused"),
        ),
    ];
    for (class, purpose) in SUBSCRIBERS {
        check(rows, class, Mode::Online, purpose);
    }
}

/// An RSA CA says of its certificates what became of them until its own end.
#[test]
fn status_of_rsa_cas_outlives_what_else_they_do() {
    let mut rows = Vec::new();
    for keys in [&RSA, &IMPORTED_RSA] {
        rows.extend([
            (keys, IN_JULY_2030, Accepted),
            (keys, BEFORE_2031, Accepted),
            (keys, IN_2031, Accepted),
            (keys, BEFORE_APRIL_2031, Accepted),
            (keys, IN_APRIL_2031, Refused(END, "rsa-refused")),
        ]);
    }
    rows.extend([
        (&ECC, BEFORE_2027, Accepted),
        (&ECC, IN_APRIL_2031, Accepted),
    ]);
    check(&rows, Class::Status, Mode::Online, Purpose::OcspSigning);
    // Whatever end entities are expected: the path of an OCSP signer is one of status.
    check(&rows, Class::Terminal, Mode::Online, Purpose::OcspSigning);
    // And a CRL's signer, which has no purpose of its own.
    check(&rows, Class::Status, Mode::Online, Purpose::Any);
}

#[test]
fn staff_of_the_authority_are_ecc_only() {
    let rows: &[Row] = &[
        (&ECC, BEFORE_2027, Accepted),
        (&ECC, IN_2031, Accepted),
        (&RSA, BEFORE_2027, Refused(END, "no-rule")),
        (&RSA, BEFORE_2031, Refused(END, "no-rule")),
    ];
    for class in [Class::Operator, Class::Probe] {
        check(rows, class, Mode::Online, Purpose::ClientAuth);
    }
}

#[test]
fn past_rsa_signatures_count_with_a_proof_of_their_time() {
    let proven = |at: &str| Mode::Historical {
        proven: Some(at.parse().unwrap()),
    };
    let unproven: &[Row] = &[
        (&IMPORTED_RSA, BEFORE_2031, Accepted),
        (
            &IMPORTED_RSA,
            IN_2031,
            Refused(END, "historical-rsa-if-proven"),
        ),
        (&RSA, IN_2031, Refused(END, "historical-rsa-if-proven")),
        (&ECC, BEFORE_2027, Accepted),
        (&ECC, "2040-01-01", Accepted),
        (&ECC_FROM_RSA_ROOT, BEFORE_APRIL_2031, Accepted),
        (
            &ECC_FROM_RSA_ROOT,
            IN_APRIL_2031,
            Refused(ISSUING, "historical-rsa-signatures-if-proven"),
        ),
        (
            &ECC_FROM_SMALL_RSA_ROOT,
            IN_2031,
            Refused(ROOT, "historical-rsa-2048-ca-if-proven"),
        ),
    ];
    let before_2031: &[Row] = &[
        (&IMPORTED_RSA, IN_2031, Accepted),
        (&IMPORTED_RSA, "2040-01-01", Accepted),
        (&RSA, "2040-01-01", Accepted),
        (&ECC_FROM_SMALL_RSA_ROOT, "2040-01-01", Accepted),
    ];
    let in_2031: &[Row] = &[
        (
            &IMPORTED_RSA,
            IN_2031,
            Refused(END, "historical-rsa-if-proven"),
        ),
        (&RSA, "2040-01-01", Refused(END, "historical-rsa-if-proven")),
        (&ECC_FROM_RSA_ROOT, "2040-01-01", Accepted),
        (
            &ECC_FROM_SMALL_RSA_ROOT,
            "2040-01-01",
            Refused(ROOT, "historical-rsa-2048-ca-if-proven"),
        ),
    ];
    let before_april: &[Row] = &[(&ECC_FROM_RSA_ROOT, "2040-01-01", Accepted)];
    let in_april: &[Row] = &[(
        &ECC_FROM_RSA_ROOT,
        "2040-01-01",
        Refused(ISSUING, "historical-rsa-signatures-if-proven"),
    )];
    for (class, purpose) in SUBSCRIBERS {
        for (rows, mode) in [
            (unproven, Mode::Historical { proven: None }),
            (before_2031, proven(BEFORE_2031)),
            (in_2031, proven(IN_2031)),
            (before_april, proven(BEFORE_APRIL_2031)),
            (in_april, proven(IN_APRIL_2031)),
        ] {
            check(rows, class, mode, purpose);
        }
    }
}

/// RFC 5280 §4.1.2.5: from notBefore through notAfter, inclusive, at every place of the path.
#[test]
fn validity_includes_its_first_and_last_second() {
    use kasane_verify::path::AcceptAll;
    for place in 0..3 {
        let chain = Chain::with(&ECC, |here, params| {
            if here == place {
                params.not_before = rcgen::date_time_ymd(2028, 1, 1);
                params.not_after = rcgen::date_time_ymd(2029, 1, 1);
            }
        });
        let where_expected = [ROOT, ISSUING, END][place];
        for (at, code) in [
            ("2027-12-31T23:59:59Z", Some("path.not_yet_valid")),
            ("2028-01-01T00:00:00Z", None),
            ("2029-01-01T00:00:00Z", None),
            ("2029-01-01T00:00:01Z", Some("path.expired")),
        ] {
            let verdict = chain.verify(&AcceptAll, at, Purpose::ClientAuth);
            let found = verdict.as_ref().err().map(|it| (it.position, it.code()));
            assert_eq!(found, code.map(|code| (where_expected, code)), "{at}");
        }
    }
}
