//! What the embedded profiles say.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280;
use kasane_verify::SignatureAlgorithm;
use kasane_verify::policy::{Act, BreakGlass, Circumstances, Class};

use super::*;

const NAMES: [&str; 17] = [
    "canary",
    "cross",
    "issuing-ecc-operator",
    "issuing-ecc-server",
    "issuing-ecc-terminal",
    "issuing-rsa",
    "ocsp-signer",
    "operator",
    "root-ecc",
    "root-rsa",
    "server-ecc",
    "server-rsa",
    "system-client-ecc",
    "system-client-rsa",
    "terminal-ecc",
    "terminal-p256",
    "terminal-rsa",
];

#[test]
fn embedded_profiles_are_complete_and_fit_the_policy_of_the_overlap() {
    let names: Vec<&str> = embedded().iter().map(Profile::name).collect();
    assert_eq!(names, NAMES);
    embedded().check(overlap()).unwrap();
    embedded()
        .check(&overlap().demonstration(t("2026-11-20")))
        .unwrap();
}

#[test]
fn embedded_and_folder_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in Profiles::embedded_files() {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    std::fs::write(folder.path().join("README.md"), "not a profile").unwrap();
    let loaded = Profiles::load_dir(folder.path()).unwrap();
    assert_eq!(format!("{loaded:?}"), format!("{:?}", embedded()));
    std::fs::remove_file(folder.path().join("common.toml")).unwrap();
    assert_eq!(
        Profiles::load_dir(folder.path()).unwrap_err().code(),
        "profile.missing"
    );
    let gone = Profiles::load_dir(&folder.path().join("nowhere")).unwrap_err();
    assert_eq!(gone.code(), "profile.unreadable");
}

#[test]
fn ca_certificates_carry_a_cdp_and_no_ocsp_address() {
    for profile in embedded().iter().filter(|profile| profile.is_ca()) {
        assert!(!profile.authority_info().ocsp, "{}", profile.name());
        let below_an_anchor = profile.kind() != ProfileKind::Root;
        assert_eq!(
            profile.crl_distribution(),
            below_an_anchor,
            "{}",
            profile.name()
        );
        assert_eq!(profile.authority_info().ca_issuers, below_an_anchor);
        assert!(!profile.freshest_crl());
    }
}

#[test]
fn end_entities_say_where_status_and_issuer_are() {
    for profile in embedded()
        .iter()
        .filter(|p| p.kind() == ProfileKind::EndEntity)
    {
        assert!(
            profile.crl_distribution() && profile.freshest_crl(),
            "{}",
            profile.name()
        );
        assert_eq!(
            profile.authority_info(),
            AuthorityInfo {
                ca_issuers: true,
                ocsp: true
            }
        );
        assert!(
            profile
                .extensions()
                .row(rfc5280::ID_CE_BASIC_CONSTRAINTS)
                .is_none()
        );
        assert_eq!(profile.path_len(), None);
    }
}

#[test]
fn ocsp_signers_have_nocheck_and_no_addresses() {
    let signer = profile("ocsp-signer");
    assert!(signer.extensions().has(KnownExtension::OcspNoCheck));
    assert!(!signer.crl_distribution());
    assert_eq!(signer.authority_info(), AuthorityInfo::default());
    assert_eq!(signer.extended_key_usage(), [rfc5280::ID_KP_OCSP_SIGNING]);
    assert_eq!(signer.validity().rekey_after_days(), Some(30));
}

#[test]
fn ecc_issuers_shard_their_crls_and_rsa_issuers_do_not() {
    for (name, shards) in [
        ("issuing-ecc-terminal", Some(16)),
        ("issuing-ecc-server", Some(16)),
        ("issuing-ecc-operator", Some(16)),
        ("issuing-rsa", Some(1)),
        ("root-ecc", Some(1)),
        ("cross", None),
        ("terminal-ecc", None),
    ] {
        assert_eq!(profile(name).crl_shards(), shards, "{name}");
    }
}

#[test]
fn key_usage_depends_on_the_algorithm() {
    let server = profile("server-rsa").key_usage(KeyAlgorithm::RSA_2048);
    assert!(server.digital_signature() && server.key_encipherment());
    for profile in embedded().iter() {
        for key in profile.key_algorithms() {
            let usage = profile.key_usage(*key);
            assert_eq!(usage.key_cert_sign(), profile.is_ca(), "{}", profile.name());
            assert_eq!(
                usage.digital_signature(),
                !profile.is_ca(),
                "{}",
                profile.name()
            );
        }
        let ecc = profile.key_usage(KeyAlgorithm::P384);
        assert!(!ecc.key_encipherment(), "{}", profile.name());
    }
}

#[test]
fn each_profile_and_algorithm_has_a_policy_of_its_own() {
    let arc = embedded().policy_oid_arc();
    let mut seen = std::collections::BTreeSet::new();
    for profile in embedded().iter().filter(|profile| !profile.is_ca()) {
        for key in profile.key_algorithms() {
            let oid = profile.policy_oid(*key).unwrap();
            assert!(
                oid.starts_with(arc) && seen.insert(oid),
                "{} {key}",
                profile.name()
            );
            assert_eq!(profile.policy_oids(*key), [oid]);
            let (owner, algorithm) = embedded().policy_owner(oid).unwrap();
            assert_eq!((owner.name(), algorithm), (profile.name(), *key));
        }
    }
    assert_eq!(seen.len(), 14);
}

#[test]
fn cas_assert_the_policies_below_them_and_never_those_of_the_other_family() {
    let oids = |name: &str, key: KeyAlgorithm| -> Vec<ObjectIdentifier> {
        vec![profile(name).policy_oid(key).unwrap()]
    };
    let mut below_terminal = oids("terminal-ecc", KeyAlgorithm::P384);
    below_terminal.extend(oids("terminal-p256", KeyAlgorithm::P256));
    below_terminal.extend(oids("ocsp-signer", KeyAlgorithm::P384));
    let issuing = profile("issuing-ecc-terminal");
    assert_eq!(issuing.policy_oids(KeyAlgorithm::P384), below_terminal);
    assert_eq!(issuing.policy_oid(KeyAlgorithm::P384), None);
    assert!(
        profile("root-rsa")
            .policy_oids(KeyAlgorithm::RSA_4096)
            .is_empty()
    );
    for (name, key) in [
        ("cross", KeyAlgorithm::P384),
        ("cross", KeyAlgorithm::RSA_4096),
        ("cross", KeyAlgorithm::RSA_2048),
        ("issuing-rsa", KeyAlgorithm::RSA_3072),
        ("issuing-rsa", KeyAlgorithm::RSA_2048),
        ("issuing-ecc-server", KeyAlgorithm::P384),
    ] {
        let asserted = profile(name).policy_oids(key);
        assert!(!asserted.is_empty(), "{name} {key}");
        for oid in asserted {
            let (_, algorithm) = embedded().policy_owner(*oid).unwrap();
            assert_eq!(algorithm.family(), key.family(), "{name} {key} {oid}");
        }
    }
    let tree = profile("cross").policy_oids(KeyAlgorithm::P384);
    assert!(below_terminal.iter().all(|oid| tree.contains(oid)));
}

#[test]
fn issuers_are_of_the_keys_family_except_across() {
    let issuers = |name: &str, key| -> Vec<&str> {
        embedded()
            .issuers_for(profile(name), key)
            .map(Profile::name)
            .collect()
    };
    assert_eq!(
        issuers("terminal-ecc", KeyAlgorithm::P384),
        ["issuing-ecc-terminal"]
    );
    assert_eq!(
        issuers("system-client-ecc", KeyAlgorithm::P384),
        ["issuing-ecc-server"]
    );
    assert_eq!(
        issuers("ocsp-signer", KeyAlgorithm::RSA_3072),
        ["issuing-rsa"]
    );
    assert_eq!(issuers("cross", KeyAlgorithm::P384), ["root-rsa"]);
    assert_eq!(issuers("cross", KeyAlgorithm::RSA_4096), ["root-ecc"]);
}

#[test]
fn subscribers_below_constrained_dns_names_have_a_host_name() {
    let mut constrained = Vec::new();
    for profile in embedded()
        .iter()
        .filter(|it| it.kind() == ProfileKind::EndEntity)
    {
        let issuers = profile.key_algorithms().iter();
        let mut constraints = issuers
            .flat_map(|key| embedded().issuers_for(profile, *key))
            .filter_map(Profile::name_constraints);
        if constraints.any(|it| !it.permitted_dns.is_empty()) {
            let registered = profile.class() == Class::Server;
            let made = profile.host_names() == HostNames::Identity;
            assert!(registered != made, "{}", profile.name());
            constrained.push(profile.name());
        }
    }
    assert_eq!(constrained, ["server-ecc", "system-client-ecc"]);
}

#[test]
fn only_what_windows_adds_to_requests_is_ignored() {
    let terminal = profile("terminal-ecc");
    let ignored = |oid: &str| {
        terminal
            .ignored_csr_extensions()
            .matches(oid.parse().unwrap())
    };
    assert!(ignored("1.3.6.1.4.1.311.20.2") && ignored("1.3.6.1.4.1.311.21.7"));
    assert!(!ignored("2.5.29.17") && !ignored("2.5.29.15") && !ignored("1.3.6.1.4.1.3111.1"));
    assert!(terminal.request().accepts(SignatureAlgorithm::EcdsaSha256));
    assert!(!terminal.request().accepts(SignatureAlgorithm::Ed25519));
    assert!(
        !profile("issuing-rsa")
            .request()
            .accepts(SignatureAlgorithm::RsaPkcs1Sha256)
    );
}

#[test]
fn only_terminals_of_the_new_hierarchy_name_a_twin() {
    for profile in embedded().iter() {
        let row = profile.extensions().row(RELATED_CERTIFICATE_OID);
        let expected = matches!(profile.name(), "terminal-ecc" | "terminal-p256");
        assert_eq!(row.is_some(), expected, "{}", profile.name());
        if let Some(row) = row {
            assert_eq!(
                (row.presence, row.source),
                (Presence::WhenAvailable, Source::Twin)
            );
            assert!(!row.is_critical());
        }
    }
}

#[test]
fn servers_are_held_to_the_operators_names() {
    let constraints = profile("issuing-ecc-server").name_constraints().unwrap();
    let resolved = constraints.resolve("kasane.example", "Kasane Network");
    assert_eq!(resolved.permitted_dns, ["kasane.example"]);
    assert_eq!(resolved.permitted_uri_hosts, ["id.kasane.example"]);
    let row = profile("issuing-ecc-server")
        .extensions()
        .row(rfc5280::ID_CE_NAME_CONSTRAINTS);
    assert!(row.unwrap().is_critical());
}

#[test]
fn the_last_second_is_part_of_the_validity() {
    let not_after = |name: &str, now: &str| {
        profile(name)
            .validity()
            .not_after(t(now), overlap())
            .map(|end| end.to_jst_string())
    };
    let ends = |name, now, end: &str| assert_eq!(not_after(name, now).unwrap(), end, "{name}");
    ends(
        "terminal-ecc",
        "2027-04-01 09:00 JST",
        "2030-07-01 08:59:59 JST",
    );
    ends(
        "terminal-ecc",
        "2027-11-30 10:00 JST",
        "2031-02-28 09:59:59 JST",
    );
    ends("server-ecc", "2027-04-01", "2027-10-16 23:59:59 JST");
    ends("root-ecc", "2026-11-20", "2041-11-19 23:59:59 JST");
    ends("root-rsa", "2026-11-20", "2031-03-31 23:59:59 JST");
    ends(
        "issuing-ecc-operator",
        "2026-11-20",
        "2032-11-19 23:59:59 JST",
    );
    // The cap is applied when signing.
    ends("terminal-rsa", "2027-09-30", "2030-12-29 23:59:59 JST");
    ends("terminal-rsa", "2027-10-03", "2030-12-31 23:59:59 JST");
    ends(
        "terminal-rsa",
        "2030-12-31 23:59:59 JST",
        "2030-12-31 23:59:59 JST",
    );
    let over = not_after("terminal-rsa", "2030-12-31T15:00:00Z").unwrap_err();
    assert_eq!(over.code(), "validity.over");
}

#[test]
fn policy_break_glass_and_issuer_shorten_a_validity() {
    let approved = Circumstances {
        ecc_incapable: false,
        break_glass: Some(BreakGlass {
            approvers: vec!["sato".to_owned(), "suzuki".to_owned()],
            reason: "no ECC hardware until May".to_owned(),
        }),
    };
    let now = t("2029-05-01");
    let mut question = NotAfterQuestion {
        act: Act::Renew,
        key: KeyAlgorithm::RSA_2048,
        signature: SignatureAlgorithm::RsaPkcs1Sha256,
        now,
        issuer_not_after: None,
        circumstances: &approved,
    };
    let terminal = profile("terminal-rsa");
    let ninety_days = now.plus_days(90).plus_seconds(-1);
    assert_eq!(
        terminal.not_after(&question, overlap()).unwrap(),
        ninety_days
    );
    question.issuer_not_after = Some(now.plus_days(10));
    assert_eq!(
        terminal.not_after(&question, overlap()).unwrap(),
        now.plus_days(10)
    );
    // A signer of RSA status ends with its CA even if the issuer's end is not at hand.
    let plain = Circumstances::default();
    let late = NotAfterQuestion {
        now: t("2031-03-01"),
        issuer_not_after: None,
        circumstances: &plain,
        ..question
    };
    let end = profile("ocsp-signer").not_after(&late, overlap()).unwrap();
    assert_eq!(end, t("2031-03-31T14:59:59Z"));
}
