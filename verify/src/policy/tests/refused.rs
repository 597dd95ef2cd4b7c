//! Documents that must be refused, each made from the good one by one change.

use super::*;

/// The code and the place of the refusal after replacing `from` by `to`, which must occur.
fn refusal(from: &str, to: &str) -> (&'static str, String) {
    assert!(OVERLAP_TIMELINE_TOML.contains(from), "{from}");
    let error = Timeline::from_toml(&OVERLAP_TIMELINE_TOML.replacen(from, to, 1)).unwrap_err();
    assert!(error.to_string().contains(&error.key));
    (error.code(), error.key)
}

/// As [`refusal`], with the fields of one rule replaced.
fn rule_refusal(rule: &str, from: &str, to: &str) -> (&'static str, String) {
    let marker = format!("id = \"{rule}\"\n");
    let start = OVERLAP_TIMELINE_TOML.rfind(&marker).unwrap();
    let (head, tail) = OVERLAP_TIMELINE_TOML.split_at(start);
    assert!(tail.contains(from), "{from}");
    let text = format!("{head}{}", tail.replacen(from, to, 1));
    let error = Timeline::from_toml(&text).unwrap_err();
    (error.code(), error.key)
}

fn at(key: &str, code: &'static str) -> (&'static str, String) {
    (code, key.to_owned())
}

#[test]
fn text_that_is_no_policy() {
    assert_eq!(Timeline::from_toml("").unwrap_err().code(), "policy.syntax");
    assert_eq!(
        refusal("schema = 1", "schema = 1\ncolour = 3"),
        at("colour", "policy.syntax")
    );
    assert_eq!(
        refusal("serial = 1", "serial = \"one\""),
        at("serial", "policy.syntax")
    );
    assert_eq!(
        refusal("\"2027-04-01\"", "\"2027-13-01\"").0,
        "policy.syntax"
    );
    assert_eq!(refusal("\"renew\"", "\"revive\"").0, "policy.syntax");
    assert_eq!(
        refusal("schema = 1", "schema = 2"),
        at("schema", "policy.schema")
    );
    let huge = "#".repeat(300_000);
    assert_eq!(
        Timeline::from_toml(&huge).unwrap_err().code(),
        "policy.too_many"
    );
}

#[test]
fn unknown_and_repeated_names() {
    let unknown = rule_refusal("rsa-warned", "from = \"rsa-warned\"", "from = \"someday\"");
    assert_eq!(unknown, at("rules.rsa-warned.from", "policy.unknown_date"));
    let cap = rule_refusal(
        "rsa-ca-cap",
        "not_after = \"rsa-ca-end\"",
        "not_after = \"never\"",
    );
    assert_eq!(cap, at("rules.rsa-ca-cap.not_after", "policy.unknown_date"));
    let demo = refusal(
        "demonstration_date = \"ecc-issuance-opens\"",
        "demonstration_date = \"x\"",
    );
    assert_eq!(demo, at("demonstration_date", "policy.unknown_date"));
    let twice = rule_refusal("rsa-warned", "id = \"rsa-warned\"", "id = \"ecc-only\"");
    assert_eq!(twice, at("rules.ecc-only.id", "policy.duplicate"));
    let reserved = rule_refusal("rsa-warned", "id = \"rsa-warned\"", "id = \"no-rule\"");
    assert_eq!(reserved.0, "policy.duplicate");
    assert_eq!(
        rule_refusal("rsa-warned", "id = \"rsa-warned\"", "id = \"A b\"").0,
        "policy.name"
    );
    let selector = rule_refusal("rsa-2048-refused", "rsa<3072", "rsa<many");
    assert_eq!(
        selector,
        at("rules.rsa-2048-refused.keys", "policy.selector")
    );
    assert_eq!(
        refusal("\"ecdsa-sha512\"", "\"ecdsa-sha1\"").0,
        "policy.selector"
    );
}

#[test]
fn dates_out_of_order() {
    let moved = refusal("rsa-warned = \"2030-07-01\"", "rsa-warned = \"2029-01-01\"");
    assert_eq!(moved, at("phases.rsa-warned.from", "policy.out_of_order"));
    let equal = refusal("rsa-warned = \"2030-07-01\"", "rsa-warned = \"2030-10-01\"");
    assert_eq!(
        equal,
        at("phases.rsa-issuance-ended.from", "policy.out_of_order")
    );
}

#[test]
fn fields_that_do_not_go_together() {
    let cases = [
        (
            "rsa-warned",
            "effect = \"warn\"",
            "effect = \"cap\"",
            "effect",
        ),
        (
            "rsa-issuance",
            "effect = \"permit\"",
            "effect = \"warn\"",
            "effect",
        ),
        (
            "rsa-accepted",
            "effect = \"permit\"",
            "effect = \"permit\"\nonly_if = \"break-glass\"",
            "only_if",
        ),
        (
            "rsa-issuance",
            "effect = \"permit\"",
            "effect = \"permit\"\nproven_before = \"ecc-only\"",
            "proven_before",
        ),
        (
            "rsa-issuance",
            "effect = \"permit\"",
            "effect = \"permit\"\nnot_after = \"ecc-only\"",
            "not_after",
        ),
        (
            "rsa-issuance",
            "effect = \"permit\"",
            "effect = \"permit\"\nmax_days = 3",
            "max_days",
        ),
        (
            "rsa-ca-cap",
            "not_after = \"rsa-ca-end\"\n",
            "",
            "not_after",
        ),
        (
            "rsa-issuance",
            "keys = [\"rsa>=2048\"]",
            "signatures = [\"rsa\"]",
            "signatures",
        ),
        (
            "rsa-accepted",
            "effect = ",
            "signatures = [\"rsa\"]\neffect = ",
            "signatures",
        ),
    ];
    for (rule, from, to, field) in cases {
        let expected = at(&format!("rules.{rule}.{field}"), "policy.combination");
        assert_eq!(rule_refusal(rule, from, to), expected, "{to}");
    }
    let nobody = rule_refusal("rsa-warned", "keys = [\"rsa>=2048\"]", "keys = []");
    assert_eq!(nobody, at("rules.rsa-warned.keys", "policy.empty"));
    let why = rule_refusal(
        "rsa-issuance-ends",
        "RSA issuance to subscribers has ended",
        " ",
    );
    assert_eq!(why, at("rules.rsa-issuance-ends.reason", "policy.empty"));
}

#[test]
fn break_glass_beyond_its_bounds() {
    for (from, to, field) in [
        ("max_days = 90", "max_days = 91", "max_days"),
        ("max_days = 90", "", "max_days"),
        ("approvers = 2", "approvers = 1", "approvers"),
    ] {
        let expected = at(
            &format!("rules.rsa-break-glass.{field}"),
            "policy.out_of_bounds",
        );
        assert_eq!(rule_refusal("rsa-break-glass", from, to), expected);
    }
}

#[test]
fn two_rules_that_answer_one_question() {
    let both = rule_refusal(
        "rsa-renewal-if-incapable",
        "acts = [\"renew\"]",
        "acts = [\"renew\", \"issue-new\"]",
    );
    assert_eq!(
        both,
        at("rules.rsa-renewal-if-incapable.from", "policy.ambiguous")
    );
}

#[test]
fn a_live_class_without_a_verifier() {
    let early = refusal(
        "verifiers-accept-ecc = \"2027-01-01\"",
        "verifiers-accept-ecc = \"2027-05-01\"",
    );
    // The phases fall out of order first, so the rule alone is moved.
    assert_eq!(early.0, "policy.out_of_order");
    let early = rule_refusal(
        "verifiers-accept-ecc",
        "from = \"verifiers-accept-ecc\"",
        "from = \"rsa-cap-begins\"",
    );
    assert_eq!(early, at("rules.ecc-issuance-opens", "policy.no_verifier"));
    let probe = rule_refusal(
        "ecc-infrastructure-accepted",
        "\"operator\", \"probe\"]",
        "\"operator\"]",
    );
    assert_eq!(probe, at("rules.operator-issuance", "policy.no_verifier"));
}

#[test]
fn an_rsa_leaf_that_outlives_its_issuer() {
    let late = refusal("\"2030-12-31T14:59:59Z\"", "\"2031-03-31T15:00:00Z\"");
    assert_eq!(
        late,
        at(
            "rules.rsa-end-entity-cap.not_after",
            "policy.cap_after_acceptance"
        )
    );
    // The CA ends a second before its leaves may.
    let short = refusal("\"2031-03-31T14:59:59Z\"", "\"2030-12-31T14:59:58Z\"");
    assert_eq!(
        short,
        at("rules.rsa-end-entity-cap", "policy.outlives_issuer")
    );
    let uncapped = rule_refusal(
        "rsa-end-entity-cap",
        "\"server\", \"system-client\", \"terminal\"",
        "\"server\", \"system-client\"",
    );
    assert_eq!(uncapped, at("rules.rsa-issuance", "policy.no_cap"));
}

#[test]
fn status_that_ends_before_the_last_expiry() {
    // Status of RSA is capped with the end entities, while the RSA CA lives on.
    let capped = OVERLAP_TIMELINE_TOML.replace(
        "classes = [\"ca\", \"status\"]\nacts = [\"cap\"]",
        "classes = [\"ca\"]\nacts = [\"cap\"]",
    ) + "
[[rules]]
id = \"early-status-cap\"
from = \"beginning\"
classes = [\"status\"]
acts = [\"cap\"]
keys = [\"rsa\"]
effect = \"cap\"
not_after = \"rsa-end-entity-cap\"
reason = { en = \"too early\", ja = \"早すぎる\" }
";
    let error = Timeline::from_toml(&capped).unwrap_err();
    assert_eq!(error.code(), "policy.status_ends");
    assert!(
        error.to_string().contains("2030-12-31T15:00:00Z"),
        "{error}"
    );
    let unsigned = rule_refusal(
        "rsa-ca-issuance-ends",
        "from = \"rsa-refused\"",
        "from = \"rsa-warned\"",
    );
    assert_eq!(unsigned, at("rules (class status)", "policy.status_ends"));
    let foreign = rule_refusal("status-issuance", "\"p-384\", ", "");
    assert_eq!(foreign, at("rules (class status)", "policy.status_ends"));
}

#[test]
fn errors_name_the_place_and_the_rule() {
    let text = OVERLAP_TIMELINE_TOML.replace("max_days = 90", "max_days = 365");
    let error = Timeline::from_toml(&text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "policy refused at rules.rsa-break-glass.max_days: 365 is out of bounds: break-glass lasts \
         1 to 90 days"
    );
}
