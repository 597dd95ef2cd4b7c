//! Name constraints with placeholders for what configuration decides.

use serde::{Deserialize, Serialize};

/// Permitted subtrees of an issuing CA (RFC 5280 §4.2.1.10). `{operator}` is the operator's domain,
/// `{organization}` the O of its names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameConstraintsConfig {
    /// dNSName domains, each with what is below it.
    pub permitted_dns: Vec<String>,
    /// Hosts of URIs, exact; with a leading dot, what is below.
    pub permitted_uri_hosts: Vec<String>,
    /// Where subject names begin.
    pub permitted_directories: Vec<DirectoryBase>,
}

/// The first attributes of permitted subjects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryBase {
    /// C, two letters.
    pub country: String,
    /// O.
    pub organization: String,
}

impl NameConstraintsConfig {
    /// The constraints with the placeholders filled.
    #[must_use]
    pub fn resolve(&self, operator: &str, organization: &str) -> Self {
        let fill = |text: &String| {
            text.replace("{operator}", operator)
                .replace("{organization}", organization)
        };
        Self {
            permitted_dns: self.permitted_dns.iter().map(fill).collect(),
            permitted_uri_hosts: self.permitted_uri_hosts.iter().map(fill).collect(),
            permitted_directories: self
                .permitted_directories
                .iter()
                .map(|base| DirectoryBase {
                    country: base.country.clone(),
                    organization: fill(&base.organization),
                })
                .collect(),
        }
    }

    /// The first text that has an unknown placeholder or characters that hosts do not have.
    pub(super) fn first_bad_text(&self) -> Option<&str> {
        let host = |text: &str| {
            let bare = text.replace("{operator}", "x");
            !bare.is_empty()
                && bare
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-')
        };
        let hosts = self.permitted_dns.iter().chain(&self.permitted_uri_hosts);
        if let Some(bad) = hosts.map(String::as_str).find(|text| !host(text)) {
            return Some(bad);
        }
        self.permitted_directories.iter().find_map(|base| {
            let country =
                base.country.len() == 2 && base.country.chars().all(|c| c.is_ascii_uppercase());
            let organization = base.organization.replace("{organization}", "x");
            if !country {
                return Some(base.country.as_str());
            }
            (organization.is_empty() || organization.contains(['{', '}']))
                .then_some(base.organization.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_unknown_ones_found() {
        let mut config = NameConstraintsConfig {
            permitted_dns: vec!["{operator}".to_owned()],
            permitted_uri_hosts: vec!["id.{operator}".to_owned()],
            permitted_directories: vec![DirectoryBase {
                country: "JP".to_owned(),
                organization: "{organization}".to_owned(),
            }],
        };
        assert_eq!(config.first_bad_text(), None);
        let resolved = config.resolve("kasane.example", "Kasane");
        assert_eq!(resolved.permitted_uri_hosts, ["id.kasane.example"]);
        assert_eq!(resolved.permitted_directories[0].organization, "Kasane");
        config.permitted_dns.push("{domain}".to_owned());
        assert_eq!(config.first_bad_text(), Some("{domain}"));
    }
}
