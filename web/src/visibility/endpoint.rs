//! Who answers for status.

use kasane_ca_core::urls::StatusUrls;
use serde::{Deserialize, Serialize};

use super::Edge;

/// The name of the service's own listener.
pub(super) const OWN: &str = "this service";

/// An address at which somebody answers for status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// What people call it.
    pub name: String,
    /// What the addresses in certificates begin with, there: `http://edge-1.kasane.example`.
    pub url: String,
    /// Whether it hands out CRLs as well.
    #[serde(default)]
    pub crls: bool,
}

impl Endpoint {
    /// The listener of this service, at its own address.
    #[must_use]
    pub fn own(address: std::net::SocketAddr) -> Self {
        let port = address.port();
        let host = match address.ip() {
            ip if !ip.is_unspecified() => address.to_string(),
            ip if ip.is_ipv6() => format!("[::1]:{port}"),
            _ => format!("127.0.0.1:{port}"),
        };
        Self {
            name: OWN.to_owned(),
            url: format!("http://{host}"),
            crls: true,
        }
    }

    /// What an address at which an edge is asked begins with: what stands before the path of OCSP.
    pub(super) fn base(url: &str) -> &str {
        let url = url.trim_end_matches('/');
        url.strip_suffix("/ocsp").unwrap_or(url)
    }

    /// # Errors
    /// What is wrong with it, and what to write.
    pub(super) fn check(&self) -> Result<(), String> {
        let printable = |c: char| c.is_ascii_graphic() || c == ' ';
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(printable) {
            return Err("a name is 1 to 64 printable ASCII characters".to_owned());
        }
        if self.name == OWN {
            return Err(format!("{OWN:?} is asked anyhow: remove it"));
        }
        match StatusUrls::new(&self.url) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Where this endpoint serves what certificates say is at `uri`.
    pub(super) fn place(&self, uri: &str) -> String {
        let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
        let path = rest.split_once('/').map_or("", |(_, path)| path);
        format!("{}/{path}", self.url)
    }
}

/// Those that are known, and the edges whose address somebody said. The former count where both have a
/// name or an address.
pub(super) fn with_enrolled(known: &[Endpoint], edges: &[Edge]) -> Vec<Endpoint> {
    let mut all = known.to_vec();
    for edge in edges.iter().filter(|edge| !edge.url.is_empty()) {
        let is_new = |it: &Endpoint| it.name != edge.name && it.url != edge.url;
        if all.iter().all(is_new) {
            all.push(Endpoint {
                name: edge.name.clone(),
                url: edge.url.clone(),
                // It hands out none.
                crls: false,
            });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_certificates_are_found_at_each_endpoint() {
        let own = Endpoint::own("0.0.0.0:8080".parse().unwrap());
        assert_eq!(own.url, "http://127.0.0.1:8080");
        assert_eq!(
            own.place("http://status.kasane.example/ocsp/issuing-rsa"),
            "http://127.0.0.1:8080/ocsp/issuing-rsa"
        );
        assert_eq!(
            own.place("http://status.kasane.example"),
            "http://127.0.0.1:8080/"
        );
        assert_eq!(
            Endpoint::own("[::]:80".parse().unwrap()).url,
            "http://[::1]:80"
        );
    }
}
