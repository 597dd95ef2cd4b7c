//! From the document to the extension table, what fills it, and the rules for requests.

use super::build::fail;
use super::config::{ExtensionConfig, RequestConfig};
use super::error::{ProfileFault, shorten};
use super::extension::Place;
use super::usage::Fault;
use super::{Digest, ExtensionRow, ExtensionTable, IgnoredCsrExtensions, KnownExtension};
use super::{OidPattern, Presence, ProfileConfig, ProfileKind, RequestRules, Source};

pub(super) fn read_extensions(
    configs: &[ExtensionConfig],
    kind: ProfileKind,
) -> Result<ExtensionTable, Fault> {
    let mut table = ExtensionTable::default();
    for config in configs {
        let key = format!("extensions.{}", shorten(&config.id));
        let Some(extension) = KnownExtension::parse(&config.id) else {
            let known = "the extensions of RFC 5280, ocsp-no-check, related-certificate";
            return fail(
                key,
                ProfileFault::Unknown {
                    text: shorten(&config.id),
                    known,
                },
            );
        };
        let broken = |part: &str, rule| {
            let fault = ProfileFault::Extension {
                extension: extension.as_str(),
                rule,
            };
            fail(format!("{key}{part}"), fault)
        };
        if table.has(extension) {
            let fault = ProfileFault::DuplicateExtension {
                extension: extension.as_str(),
            };
            return fail(key, fault);
        }
        let (place, rule) = extension.place(kind);
        if place == Place::MustNot {
            return broken("", rule);
        }
        let (criticality, rule) = extension.criticality();
        if config.criticality != criticality {
            return broken(".criticality", rule);
        }
        if config.source != extension.source() {
            return broken(
                ".source",
                "its content has one right source, and never the request",
            );
        }
        let twin = extension.source() == Source::Twin;
        if (config.presence == Presence::WhenAvailable) != twin {
            return broken(
                ".presence",
                "only what depends on a twin is there when available",
            );
        }
        let ExtensionConfig {
            presence,
            criticality,
            source,
            ..
        } = *config;
        table.rows.push(ExtensionRow {
            extension,
            presence,
            criticality,
            source,
        });
    }
    for extension in KnownExtension::ALL {
        let (place, rule) = extension.place(kind);
        if place == Place::Must && !table.has(extension) {
            let fault = ProfileFault::Extension {
                extension: extension.as_str(),
                rule,
            };
            return fail("extensions", fault);
        }
    }
    Ok(table)
}

/// The table and what fills it say the same.
pub(super) fn check_content(config: &ProfileConfig, table: &ExtensionTable) -> Result<(), Fault> {
    let kind = config.kind;
    let info = config.authority_info;
    if kind.is_ca() && info.ocsp {
        let rule = "CA certificates carry a CDP and no OCSP address: roots only sign CRLs";
        return fail("authority_info.ocsp", ProfileFault::Kind { kind, rule });
    }
    let is_asked_about = matches!(kind, ProfileKind::EndEntity | ProfileKind::Canary);
    if is_asked_about && !(info.ca_issuers && info.ocsp) {
        let rule = "end entities and canaries say where their issuer and its OCSP responder are";
        return fail("authority_info", ProfileFault::Kind { kind, rule });
    }
    if table.has(KnownExtension::AuthorityInfoAccess) != (info.ca_issuers || info.ocsp) {
        let rule = "the extension is there when it has an address (RFC 5280 §4.2.2.1)";
        return fail("authority_info", ProfileFault::Kind { kind, rule });
    }
    if table.has(KnownExtension::NameConstraints) != config.name_constraints.is_some() {
        let rule = "the extension and [name_constraints] go together (RFC 5280 §4.2.1.10)";
        return fail("name_constraints", ProfileFault::Kind { kind, rule });
    }
    let Some(constraints) = &config.name_constraints else {
        return Ok(());
    };
    if let Some(bad) = constraints.first_bad_text() {
        return fail(
            "name_constraints",
            ProfileFault::Placeholder { text: shorten(bad) },
        );
    }
    if constraints.permitted_dns.is_empty()
        || constraints.permitted_uri_hosts.is_empty()
        || constraints.permitted_directories.is_empty()
    {
        // A form that is not named is not constrained at all (RFC 5280 §4.2.1.10).
        let rule = "each of dns, uri_hosts and directories is bounded: a form without is free";
        return fail("name_constraints", ProfileFault::Empty { rule });
    }
    Ok(())
}

pub(super) fn read_request(
    config: Option<&RequestConfig>,
    kind: ProfileKind,
) -> Result<RequestRules, Fault> {
    let Some(config) = config else {
        if kind == ProfileKind::EndEntity {
            let rule = "end entities ask with a request: say which digests prove possession";
            return fail("request", ProfileFault::Kind { kind, rule });
        }
        return Ok(RequestRules::default());
    };
    if kind != ProfileKind::EndEntity {
        let rule = "keys of CAs, signers and canaries are made here: no request is taken";
        return fail("request", ProfileFault::Kind { kind, rule });
    }
    if config.digests.is_empty() {
        let rule = "at least one digest proves possession";
        return fail("request.digests", ProfileFault::Empty { rule });
    }
    let mut rules = RequestRules::default();
    for name in &config.digests {
        let Some(digest) = Digest::parse(name) else {
            let known = "sha-256, sha-384, sha-512";
            let fault = ProfileFault::Unknown {
                text: shorten(name),
                known,
            };
            return fail("request.digests", fault);
        };
        if !rules.digests.contains(&digest) {
            rules.digests.push(digest);
        }
    }
    let mut patterns = Vec::with_capacity(config.ignored_extensions.len());
    for text in &config.ignored_extensions {
        let Some(pattern) = OidPattern::parse(text) else {
            let fault = ProfileFault::Oid {
                text: shorten(text),
            };
            return fail("request.ignored_extensions", fault);
        };
        patterns.push(pattern);
    }
    rules.ignored = IgnoredCsrExtensions { patterns };
    Ok(rules)
}
