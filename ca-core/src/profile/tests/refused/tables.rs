//! Extensions, addresses, issuers, policies, sizes.

use super::*;

#[test]
fn extensions() {
    let key_usage = "{ id = \"key-usage\", presence = \"required\", criticality = \"critical\", source = \"profile\" },";
    let twice = format!("{key_usage}\n  {key_usage}");
    refused(
        "terminal-ecc.toml",
        key_usage,
        &twice,
        "extensions.key-usage",
        "profile.duplicate_extension",
        "RFC 5280 §4.2",
    );
    let by_oid = key_usage.replace("key-usage", "2.5.29.15");
    refused(
        "terminal-ecc.toml",
        key_usage,
        &format!("{key_usage}\n  {by_oid}"),
        "extensions.2.5.29.15",
        "profile.duplicate_extension",
        "one of each",
    );
    refused(
        "terminal-ecc.toml",
        key_usage,
        "",
        "extensions",
        "profile.extension",
        "RFC 5280 §4.2.1.3",
    );
    refused(
        "terminal-ecc.toml",
        "id = \"key-usage\"",
        "id = \"1.2.3.4\"",
        "extensions.1.2.3.4",
        "profile.unknown",
        "1.2.3.4",
    );
    refused(
        "terminal-ecc.toml",
        "\"critical\"",
        "\"non-critical\"",
        "extensions.key-usage.criticality",
        "profile.extension",
        "RFC 5280 §4.2.1.3",
    );
    refused(
        "terminal-ecc.toml",
        "source = \"registration\"",
        "source = \"profile\"",
        "extensions.subject-alt-name.source",
        "profile.extension",
        "never the request",
    );
    refused(
        "terminal-ecc.toml",
        "\"when-available\"",
        "\"required\"",
        "extensions.related-certificate.presence",
        "profile.extension",
        "twin",
    );
    refused(
        "terminal-ecc.toml",
        key_usage,
        &key_usage.replace("key-usage", "basic-constraints"),
        "extensions.basic-constraints",
        "profile.extension",
        "only CAs",
    );
    refused(
        "ocsp-signer.toml",
        "{ id = \"ocsp-no-check\"",
        "{ id = \"authority-info-access\"",
        "extensions.authority-info-access",
        "profile.extension",
        "RFC 6960",
    );
    refused(
        "terminal-ecc.toml",
        "source = \"twin\"",
        "source = \"request\"",
        "{ id",
        "profile.syntax",
        "unknown variant",
    );
}

#[test]
fn addresses_constraints_and_requests() {
    refused(
        "issuing-rsa.toml",
        "ocsp = false",
        "ocsp = true",
        "authority_info.ocsp",
        "profile.kind",
        "no OCSP address",
    );
    refused(
        "terminal-ecc.toml",
        "ocsp = true",
        "ocsp = false",
        "authority_info",
        "profile.kind",
        "OCSP responder",
    );
    refused(
        "issuing-ecc-terminal.toml",
        "crl_shards = 16",
        "crl_shards = 12",
        "crl_shards",
        "profile.kind",
        "power of two",
    );
    refused(
        "issuing-ecc-terminal.toml",
        "crl_shards = 16",
        "crl_shards = 512",
        "crl_shards",
        "profile.kind",
        "power of two",
    );
    refused(
        "terminal-ecc.toml",
        "issuers =",
        "crl_shards = 16\nissuers =",
        "crl_shards",
        "profile.kind",
        "others none",
    );
    refused(
        "issuing-rsa.toml",
        "path_len = 0\n",
        "",
        "path_len",
        "profile.kind",
        "RFC 5280 §4.2.1.9",
    );
    refused(
        "issuing-ecc-server.toml",
        "[\"{operator}\"]",
        "[\"{company}\"]",
        "name_constraints",
        "profile.placeholder",
        "{operator}",
    );
    refused(
        "issuing-ecc-server.toml",
        "[\"{operator}\"]",
        "[]",
        "name_constraints",
        "profile.empty",
        "free",
    );
    refused(
        "issuing-ecc-server.toml",
        "  { id = \"name-constraints\", presence = \"required\", criticality = \"critical\", source = \"profile\" },\n",
        "",
        "name_constraints",
        "profile.kind",
        "go together",
    );
    refused(
        "terminal-ecc.toml",
        "\"sha-256\"",
        "\"sha-1\"",
        "request.digests",
        "profile.unknown",
        "sha-256",
    );
    refused(
        "terminal-ecc.toml",
        "1.3.6.1.4.1.311.*",
        "*",
        "request.ignored_extensions",
        "profile.oid",
        "object identifier",
    );
    refused(
        "root-ecc.toml",
        "[key_usage]",
        "[request]\ndigests = [\"sha-256\"]\n[key_usage]",
        "request",
        "profile.kind",
        "no request",
    );
}

#[test]
fn issuers_and_policies() {
    refused(
        "terminal-ecc.toml",
        "[\"issuing-ecc-terminal\"]",
        "[\"issuing-ecc\"]",
        "issuers",
        "profile.issuer",
        "no profile",
    );
    refused(
        "terminal-ecc.toml",
        "[\"issuing-ecc-terminal\"]",
        "[\"root-ecc\"]",
        "issuers",
        "profile.issuer",
        "roots sign CAs",
    );
    refused(
        "terminal-ecc.toml",
        "[\"issuing-ecc-terminal\"]",
        "[\"issuing-rsa\"]",
        "issuers",
        "profile.no_issuer",
        "own family",
    );
    refused(
        "terminal-ecc.toml",
        "issuers = [\"issuing-ecc-terminal\"]\n",
        "",
        "issuers",
        "profile.kind",
        "a root has no issuer",
    );
    refused(
        "terminal-p256.toml",
        "\"3.1\"",
        "\"2.1\"",
        "policy_oids.p-256",
        "profile.duplicate_policy",
        "terminal-ecc p-384",
    );
    refused(
        "terminal-ecc.toml",
        "p-384 = \"2.1\"",
        "p-256 = \"2.1\"",
        "policy_oids.p-256",
        "profile.policy_mismatch",
        "one policy per",
    );
    refused(
        "terminal-ecc.toml",
        "p-384 = \"2.1\"",
        "",
        "policy_oids",
        "profile.policy_mismatch",
        "p-384",
    );
    refused(
        "terminal-ecc.toml",
        "p-384 = \"2.1\"",
        "p-384 = \"2.x\"",
        "policy_oids.p-384",
        "profile.oid",
        "object identifier",
    );
    refused(
        "root-ecc.toml",
        "[key_usage]",
        "[policy_oids]\np-384 = \"1.9\"\n[key_usage]",
        "policy_oids.p-384",
        "profile.kind",
        "below it",
    );
}

#[test]
fn keys_that_the_policy_never_permits() {
    // A CA below 3,072 bits may be imported, never made.
    refused(
        "issuing-rsa.toml",
        "[\"rsa-3072\"]",
        "[\"rsa-3072\", \"rsa-2048\"]",
        "key_algorithms",
        "profile.never_permitted",
        "rsa-2048",
    );
}

#[test]
fn hostile_sizes() {
    let many = (0..70).map(|_| "\"p-384\"").collect::<Vec<_>>().join(", ");
    let to = format!("key_algorithms = [{many}]");
    refused(
        "terminal-ecc.toml",
        "key_algorithms = [\"p-384\"]",
        &to,
        "key_algorithms",
        "profile.too_many",
        "64",
    );
    let huge = "#".repeat(70_000);
    refused(
        "terminal-ecc.toml",
        "class =",
        &format!("{huge}\nclass ="),
        "document",
        "profile.too_many",
        "65536",
    );
    let files: Vec<String> = (0..200).map(|number| format!("p{number}.toml")).collect();
    let text = Profiles::embedded_files()[1].1;
    let error = Profiles::load(files.iter().map(|file| (file.as_str(), text))).unwrap_err();
    assert_eq!(error.code(), "profile.too_many");
    let twice = Profiles::embedded_files()
        .iter()
        .chain(&Profiles::embedded_files()[1..2]);
    assert_eq!(
        Profiles::load(twice.copied()).unwrap_err().code(),
        "profile.duplicate"
    );
}
