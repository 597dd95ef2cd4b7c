//! Keys, usages, purposes, validity.

use super::*;

#[test]
fn text_that_is_no_profile() {
    refused(
        "terminal-ecc.toml",
        "class =",
        "colour = 1\nclass =",
        "colour",
        "profile.syntax",
        "unknown field",
    );
    refused(
        "terminal-ecc.toml",
        "months = 39",
        "months = \"39\"",
        "months",
        "profile.syntax",
        "invalid type",
    );
    refused(
        "terminal-ecc.toml",
        "months = 39",
        "months = -1",
        "months",
        "profile.syntax",
        "invalid value",
    );
    refused(
        "terminal-ecc.toml",
        "class = \"terminal\"",
        "class = \"ship\"",
        "class",
        "profile.syntax",
        "unknown variant",
    );
    refused(
        "terminal-ecc.toml",
        "name = \"terminal-ecc\"\n",
        "",
        "name",
        "profile.syntax",
        "missing field",
    );
    refused(
        "common.toml",
        "policy_oid_arc",
        "arc",
        "arc",
        "profile.syntax",
        "unknown field",
    );
    refused(
        "common.toml",
        "1.3.6.1.4.1.32473.7.1",
        "one.two",
        "policy_oid_arc",
        "profile.oid",
        "object identifier",
    );
    refused(
        "terminal-ecc.toml",
        "name = \"terminal-ecc\"",
        "name = \"terminal\"",
        "name",
        "profile.name",
        "file's name",
    );
}

#[test]
fn keys_and_subjects() {
    let algorithms = "key_algorithms = [\"p-384\"]";
    for bad in ["p-521", "ed25519", "rsa-1024", "rsa-2047", "P-384"] {
        let to = format!("key_algorithms = [\"{bad}\"]");
        refused(
            "terminal-ecc.toml",
            algorithms,
            &to,
            "key_algorithms",
            "profile.unknown",
            "use one of",
        );
    }
    let none = "key_algorithms = []";
    refused(
        "terminal-ecc.toml",
        algorithms,
        none,
        "key_algorithms",
        "profile.empty",
        "at least one",
    );
    let import = "key_algorithms = [\"p-384\"]\nimport_key_algorithms = [\"p-256\"]";
    refused(
        "terminal-ecc.toml",
        algorithms,
        import,
        "import_key_algorithms",
        "profile.kind",
        "only CAs",
    );
    refused(
        "terminal-ecc.toml",
        "\"facility\"",
        "\"operator\"",
        "subject",
        "profile.kind",
        "class",
    );
    refused(
        "server-ecc.toml",
        "class =",
        "host_names = \"identity\"\nclass =",
        "host_names",
        "profile.kind",
        "system clients",
    );
    refused(
        "terminal-ecc.toml",
        "class = \"terminal\"",
        "class = \"ca\"",
        "class",
        "profile.kind",
        "class ca",
    );
    refused(
        "terminal-ecc.toml",
        "\"Terminals\"",
        "\"端末\"",
        "organizational_unit",
        "profile.empty",
        "ASCII",
    );
}

#[test]
fn key_usage_and_purposes() {
    refused(
        "terminal-ecc.toml",
        "ecc = [\"digital-signature\"]",
        "ecc = [\"digital-signature\", \"key-encipherment\"]",
        "key_usage.ecc",
        "profile.key_usage",
        "RFC 5480",
    );
    refused(
        "terminal-rsa.toml",
        "rsa = [\"digital-signature\"]",
        "rsa = [\"key-agreement\"]",
        "key_usage.rsa",
        "profile.key_usage",
        "RFC 4055",
    );
    refused(
        "terminal-rsa.toml",
        "rsa = [\"digital-signature\"]",
        "rsa = [\"crl-sign\"]",
        "key_usage.rsa",
        "profile.key_usage",
        "only CA keys",
    );
    refused(
        "terminal-rsa.toml",
        "rsa = [\"digital-signature\"]",
        "ecc = [\"digital-signature\"]",
        "key_usage.ecc",
        "profile.empty",
        "families",
    );
    refused(
        "terminal-rsa.toml",
        "rsa = [\"digital-signature\"]",
        "rsa = [\"signing\"]",
        "key_usage.rsa",
        "profile.unknown",
        "digital-signature",
    );
    refused(
        "issuing-rsa.toml",
        "\"crl-sign\"",
        "\"digital-signature\"",
        "key_usage.rsa",
        "profile.key_usage",
        "nothing else",
    );
    let purposes = "extended_key_usage = [\"client-auth\"]";
    refused(
        "terminal-ecc.toml",
        purposes,
        "extended_key_usage = [\"ocsp-signing\"]",
        "extended_key_usage",
        "profile.purpose",
        "RFC 6960",
    );
    refused(
        "issuing-ecc-terminal.toml",
        purposes,
        "extended_key_usage = [\"client-auth\", \"ocsp-signing\"]",
        "extended_key_usage",
        "profile.purpose",
        "only delegated OCSP signers",
    );
    refused(
        "ocsp-signer.toml",
        "extended_key_usage = [\"ocsp-signing\"]",
        "extended_key_usage = [\"ocsp-signing\", \"client-auth\"]",
        "extended_key_usage",
        "profile.purpose",
        "alone",
    );
    refused(
        "terminal-ecc.toml",
        purposes,
        "extended_key_usage = [\"code-signing\"]",
        "extended_key_usage",
        "profile.unknown",
        "client-auth",
    );
    refused(
        "terminal-ecc.toml",
        purposes,
        "",
        "extended_key_usage",
        "profile.purpose",
        "what they are for",
    );
    refused(
        "terminal-ecc.toml",
        purposes,
        "extended_key_usage = [\"server-auth\"]",
        "issuers",
        "profile.issuer",
        "purposes",
    );
}

#[test]
fn validity_and_its_cap() {
    refused(
        "terminal-rsa.toml",
        "cap = \"rsa-end-entity-cap\"\n",
        "",
        "validity.cap",
        "profile.no_cap",
        "RSA without a cap",
    );
    refused(
        "terminal-rsa.toml",
        "rsa-end-entity-cap",
        "rsa-cap",
        "validity.cap",
        "profile.unknown_date",
        "[dates]",
    );
    refused(
        "cross.toml",
        "rsa-ca-end",
        "rsa-over",
        "validity.until",
        "profile.unknown_date",
        "[dates]",
    );
    refused(
        "terminal-ecc.toml",
        "months = 39",
        "months = 39\ndays = 1",
        "validity",
        "profile.validity",
        "exactly one",
    );
    refused(
        "terminal-ecc.toml",
        "months = 39",
        "months = 0",
        "validity",
        "profile.validity",
        "exactly one",
    );
    refused(
        "terminal-ecc.toml",
        "months = 39",
        "years = 4000000000",
        "validity",
        "profile.validity",
        "exactly one",
    );
    refused(
        "root-rsa.toml",
        "until = \"rsa-ca-end\"",
        "until = \"rsa-ca-end\"\ncap = \"rsa-ca-end\"",
        "validity",
        "profile.validity",
        "date already",
    );
    refused(
        "ocsp-signer.toml",
        "rekey_after_days = 30",
        "rekey_after_days = 45",
        "validity.rekey_after_days",
        "profile.validity",
        "new key",
    );
    // Longer than any issuer made at the same time.
    refused(
        "terminal-ecc.toml",
        "months = 39",
        "years = 11",
        "validity",
        "profile.outlives_issuer",
        "no certificate outlives",
    );
    refused(
        "issuing-ecc-operator.toml",
        "years = 6",
        "years = 16",
        "validity",
        "profile.outlives_issuer",
        "root-ecc",
    );
    // An issuer that ends before its leaves.
    let early = error("issuing-rsa.toml", "rsa-ca-end", "rsa-issuance-ends");
    assert_eq!(
        (early.code(), early.key.as_str()),
        ("profile.outlives_issuer", "validity")
    );
}
