//! From a document to a profile: the one constructor.

use std::collections::BTreeMap;

use const_oid::ObjectIdentifier;
use kasane_verify::policy::Class;
use kasane_verify::{KeyAlgorithm, KeyFamily};

use super::config::ValidityConfig;
use super::content::{check_content, read_extensions, read_request};
use super::error::{ProfileError, ProfileFault, shorten};
use super::usage::{Fault, read_key_usage, read_purposes};
use super::{
    AuthorityInfo, CANARY, HostNames, Length, Profile, ProfileConfig, ProfileKind, SubjectForm,
    Validity,
};

const MAX_LIST: usize = 64;
const ALGORITHMS: &str = "rsa-2048, rsa-3072, rsa-4096, p-256, p-384";

impl Profile {
    /// Validates a document that was read from `file`, with its policies below `arc`.
    ///
    /// # Errors
    /// [`ProfileError`] with file, key and rule.
    pub fn new(
        file: &str,
        arc: ObjectIdentifier,
        config: ProfileConfig,
    ) -> Result<Self, ProfileError> {
        build(file, arc, config).map_err(|(key, fault)| ProfileError::new(file, key, fault))
    }
}

fn build(file: &str, arc: ObjectIdentifier, config: ProfileConfig) -> Result<Profile, Fault> {
    let kind = config.kind;
    check_name(file, &config.name)?;
    if (kind == ProfileKind::Canary) != (config.name == CANARY) {
        let rule = "there is one profile of canaries, and its name is canary";
        return fail("kind", ProfileFault::Kind { kind, rule });
    }
    check_lengths(&config)?;
    check_class(&config)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
    let unit = &config.organizational_unit;
    if unit.trim().is_empty() || unit.len() > 64 || !unit.chars().all(plain) {
        // RFC 5280 appendix A: ub-organizational-unit-name is 64.
        let rule = "OU is a category of 1 to 64 ASCII letters, digits, spaces and -";
        return fail("organizational_unit", ProfileFault::Empty { rule });
    }
    let key_algorithms = read_algorithms("key_algorithms", &config.key_algorithms)?;
    if key_algorithms.is_empty() {
        let rule = "a profile certifies at least one key algorithm";
        return fail("key_algorithms", ProfileFault::Empty { rule });
    }
    let import_key_algorithms =
        read_algorithms("import_key_algorithms", &config.import_key_algorithms)?;
    if !import_key_algorithms.is_empty() && !kind.is_ca() {
        let rule = "only CAs are imported";
        return fail("import_key_algorithms", ProfileFault::Kind { kind, rule });
    }
    let mut families: Vec<KeyFamily> = key_algorithms
        .iter()
        .chain(&import_key_algorithms)
        .map(|key| key.family())
        .collect();
    families.sort_unstable();
    families.dedup();
    check_issuing(&config, &families)?;
    let validity = read_validity(&config.validity, kind, config.class, &families)?;
    let key_usage = read_key_usage(&config.key_usage, kind, &families)?;
    let extended_key_usage = read_purposes(&config.extended_key_usage, kind)?;
    let own_policies = read_policies(&config, arc, &key_algorithms)?;
    let extensions = read_extensions(&config.extensions, kind)?;
    check_content(&config, &extensions)?;
    let request = read_request(config.request.as_ref(), kind)?;
    let asserted_policies = own_policies
        .iter()
        .map(|(key, oid)| (*key, vec![*oid]))
        .collect();
    Ok(Profile {
        file: file.to_owned(),
        name: config.name,
        kind,
        class: config.class,
        subject_form: config.subject,
        organizational_unit: config.organizational_unit,
        host_names: config.host_names,
        key_algorithms,
        import_key_algorithms,
        issuers: config.issuers,
        crl_shards: config.crl_shards,
        path_len: config.path_len,
        validity,
        key_usage,
        extended_key_usage,
        own_policies,
        asserted_policies,
        authority_info: AuthorityInfo {
            ca_issuers: config.authority_info.ca_issuers,
            ocsp: config.authority_info.ocsp,
        },
        extensions,
        name_constraints: config.name_constraints,
        request,
    })
}

pub(super) fn fail<T>(key: impl Into<String>, fault: ProfileFault) -> Result<T, Fault> {
    Err((key.into(), fault))
}

fn check_name(file: &str, name: &str) -> Result<(), Fault> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    if name != stem || name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return fail(
            "name",
            ProfileFault::Name {
                name: shorten(name),
            },
        );
    }
    Ok(())
}

fn check_lengths(config: &ProfileConfig) -> Result<(), Fault> {
    let constraints = config.name_constraints.as_ref();
    let lists = [
        ("key_algorithms", config.key_algorithms.len()),
        ("import_key_algorithms", config.import_key_algorithms.len()),
        ("issuers", config.issuers.len()),
        ("extended_key_usage", config.extended_key_usage.len()),
        ("policy_oids", config.policy_oids.len()),
        ("extensions", config.extensions.len()),
        ("request.ignored_extensions", {
            config
                .request
                .as_ref()
                .map_or(0, |request| request.ignored_extensions.len())
        }),
        (
            "name_constraints.permitted_dns",
            constraints.map_or(0, |c| c.permitted_dns.len()),
        ),
        ("name_constraints.permitted_uri_hosts", {
            constraints.map_or(0, |c| c.permitted_uri_hosts.len())
        }),
        ("name_constraints.permitted_directories", {
            constraints.map_or(0, |c| c.permitted_directories.len())
        }),
    ];
    match lists.into_iter().find(|(_, count)| *count > MAX_LIST) {
        Some((key, count)) => fail(
            key,
            ProfileFault::TooMany {
                count,
                limit: MAX_LIST,
            },
        ),
        None => Ok(()),
    }
}

/// The class, the subject's form and the kind say the same.
fn check_class(config: &ProfileConfig) -> Result<(), Fault> {
    let kind = config.kind;
    let classes_fit = match kind {
        ProfileKind::Root | ProfileKind::Issuing | ProfileKind::Cross => config.class == Class::Ca,
        ProfileKind::OcspSigner | ProfileKind::Canary => config.class == Class::Status,
        ProfileKind::EndEntity => !matches!(config.class, Class::Ca | Class::Status),
    };
    if !classes_fit {
        let rule = "CAs are of class ca, OCSP signers and canaries of class status, end entities of neither";
        return fail("class", ProfileFault::Kind { kind, rule });
    }
    let form = match config.class {
        Class::Ca => SubjectForm::Ca,
        Class::Status if kind == ProfileKind::Canary => SubjectForm::Canary,
        Class::Status => SubjectForm::OcspSigner,
        Class::Operator => SubjectForm::Operator,
        Class::Probe | Class::Server | Class::SystemClient => SubjectForm::System,
        Class::Terminal => SubjectForm::Facility,
    };
    if config.subject != form {
        let rule = "the subject's form follows from the class";
        return fail("subject", ProfileFault::Kind { kind, rule });
    }
    if config.host_names == HostNames::Identity && config.class != Class::SystemClient {
        let rule = "only system clients have a host name made from their identity; servers are found by registered ones";
        return fail("host_names", ProfileFault::Kind { kind, rule });
    }
    Ok(())
}

fn read_algorithms(key: &str, names: &[String]) -> Result<Vec<KeyAlgorithm>, Fault> {
    let mut algorithms = Vec::with_capacity(names.len());
    for name in names {
        let issued = |algorithm: &KeyAlgorithm| {
            matches!(
                *algorithm,
                KeyAlgorithm::P256
                    | KeyAlgorithm::P384
                    | KeyAlgorithm::RSA_2048
                    | KeyAlgorithm::RSA_3072
                    | KeyAlgorithm::RSA_4096
            )
        };
        match name.parse().ok().filter(issued) {
            Some(algorithm) if !algorithms.contains(&algorithm) => algorithms.push(algorithm),
            Some(_) => {
                return fail(
                    key,
                    ProfileFault::Duplicate {
                        name: shorten(name),
                    },
                );
            }
            None => {
                let fault = ProfileFault::Unknown {
                    text: shorten(name),
                    known: ALGORITHMS,
                };
                return fail(key, fault);
            }
        }
    }
    Ok(algorithms)
}

/// What only issuers have, and who issues.
fn check_issuing(config: &ProfileConfig, families: &[KeyFamily]) -> Result<(), Fault> {
    let kind = config.kind;
    if config.issuers.is_empty() != (kind == ProfileKind::Root) {
        let rule = "a root has no issuer, everything else has one";
        return fail("issuers", ProfileFault::Kind { kind, rule });
    }
    if config.path_len.is_some() != matches!(kind, ProfileKind::Issuing | ProfileKind::Cross) {
        let rule = "issuing CAs and cross-certificates bound the path below (RFC 5280 §4.2.1.9)";
        return fail("path_len", ProfileFault::Kind { kind, rule });
    }
    let issues = matches!(kind, ProfileKind::Root | ProfileKind::Issuing);
    match config.crl_shards {
        None if !issues => {}
        // The shard is chosen by the serial's last octet.
        Some(shards) if issues && shards.is_power_of_two() && shards <= 256 => {}
        _ => {
            let rule =
                "roots and issuing CAs have 1 to 256 CRL shards, a power of two; others none";
            return fail("crl_shards", ProfileFault::Kind { kind, rule });
        }
    }
    if issues && families.len() != 1 {
        let rule = "a hierarchy has keys of one family";
        return fail("key_algorithms", ProfileFault::Kind { kind, rule });
    }
    Ok(())
}

fn read_validity(
    config: &ValidityConfig,
    kind: ProfileKind,
    class: Class,
    families: &[KeyFamily],
) -> Result<Validity, Fault> {
    let wrong = |rule| fail("validity", ProfileFault::Validity { rule });
    let length = match (config.years, config.months, config.days, &config.until) {
        (Some(years @ 1..=25), None, None, None) => Length::Months(years * 12),
        (None, Some(months @ 1..=300), None, None) => Length::Months(months),
        (None, None, Some(days @ 1..=3660), None) => Length::Days(days),
        (None, None, None, Some(name)) => Length::Until(name.clone()),
        _ => {
            return wrong(
                "exactly one of years (1 to 25), months (1 to 300), days (1 to 3660), until",
            );
        }
    };
    let relative = !matches!(length, Length::Until(_));
    if config.cap.is_some() && !relative {
        return wrong("`until` is a date already: `cap` goes with years, months or days");
    }
    // RSA subscribers end with a date of the policy; OCSP signers with their CA.
    if families.contains(&KeyFamily::Rsa)
        && relative
        && config.cap.is_none()
        && class != Class::Status
    {
        return fail("validity.cap", ProfileFault::NoCap);
    }
    if let Some(rekey) = config.rekey_after_days {
        let shorter = matches!(length, Length::Days(days) if rekey >= 1 && rekey < days);
        if kind != ProfileKind::OcspSigner || !shorter {
            let rule = "OCSP signers with a validity in days get a new key before it ends";
            return fail("validity.rekey_after_days", ProfileFault::Validity { rule });
        }
    }
    Ok(Validity {
        length,
        cap: config.cap.clone(),
        rekey_after_days: config.rekey_after_days,
    })
}

fn read_policies(
    config: &ProfileConfig,
    arc: ObjectIdentifier,
    key_algorithms: &[KeyAlgorithm],
) -> Result<BTreeMap<KeyAlgorithm, ObjectIdentifier>, Fault> {
    let kind = config.kind;
    let mut policies = BTreeMap::new();
    for (name, suffix) in &config.policy_oids {
        let key = format!("policy_oids.{}", shorten(name));
        if kind.is_ca() {
            let rule = "a CA asserts the policies of what is below it and has none of its own";
            return fail(key, ProfileFault::Kind { kind, rule });
        }
        let Ok(algorithm) = name.parse::<KeyAlgorithm>() else {
            let fault = ProfileFault::Unknown {
                text: shorten(name),
                known: ALGORITHMS,
            };
            return fail(key, fault);
        };
        if !key_algorithms.contains(&algorithm) {
            return fail(key, ProfileFault::PolicyMismatch { algorithm });
        }
        let Ok(oid) = format!("{arc}.{suffix}").parse::<ObjectIdentifier>() else {
            return fail(
                key,
                ProfileFault::Oid {
                    text: shorten(suffix),
                },
            );
        };
        policies.insert(algorithm, oid);
    }
    let without = key_algorithms
        .iter()
        .find(|algorithm| !policies.contains_key(*algorithm));
    match without {
        Some(algorithm) if !kind.is_ca() => fail(
            "policy_oids",
            ProfileFault::PolicyMismatch {
                algorithm: *algorithm,
            },
        ),
        _ => Ok(policies),
    }
}
