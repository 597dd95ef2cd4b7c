//! Addresses that may be asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hyper::Uri;

use crate::config::{FetchConfig, Hosts};
use crate::error::{AddressError, FetchError};

/// Longest address; those in certificates have some dozens of octets.
const MAX_ADDRESS_BYTES: usize = 2_048;

/// An address that the configuration allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    uri: Uri,
    /// Lower case, without brackets and final dot.
    host: String,
    port: u16,
}

impl Target {
    pub(crate) fn parse(text: &str, config: &FetchConfig) -> Result<Self, AddressError> {
        if text.len() > MAX_ADDRESS_BYTES {
            return Err(AddressError::Malformed);
        }
        let uri: Uri = text.parse().map_err(|_| AddressError::Malformed)?;
        match uri.scheme_str() {
            Some(scheme) if scheme.eq_ignore_ascii_case("http") => {}
            Some(_) => return Err(AddressError::Scheme),
            None => return Err(AddressError::Malformed),
        }
        let authority = uri.authority().ok_or(AddressError::Malformed)?;
        if authority.as_str().contains('@') {
            return Err(AddressError::User);
        }
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            // `host:` and ports beyond 65535 are no port for `authority`.
            None if authority.as_str() != authority.host() => return Err(AddressError::Port),
            None => 80,
        };
        if !config.ports.contains(&port) {
            return Err(AddressError::Port);
        }
        let host = authority.host();
        let host = host.strip_prefix('[').unwrap_or(host);
        let host = host.strip_suffix(']').unwrap_or(host);
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if host.is_empty() {
            return Err(AddressError::Malformed);
        }
        let target = Self { uri, host, port };
        let allowed = match (&config.hosts, target.literal()) {
            (Hosts::DangerouslyAny, _) | (Hosts::Network, None) => true,
            (Hosts::Network, Some(address)) => is_of_network(address),
            (Hosts::Within(hosts), Some(address)) => {
                hosts.iter().any(|it| it.parse() == Ok(address))
            }
            (Hosts::Within(hosts), None) => hosts.iter().any(|it| target.is_within(it)),
        };
        if allowed {
            Ok(target)
        } else {
            Err(AddressError::Host)
        }
    }

    /// Where a redirect leads: a whole address, or a path on the same host.
    pub(crate) fn follow(&self, location: &str, config: &FetchConfig) -> Result<Self, FetchError> {
        if location.starts_with('/') && !location.starts_with("//") {
            let whole = format!("http://{}{location}", self.authority());
            return Ok(Self::parse(&whole, config)?);
        }
        if !location.contains("://") {
            return Err(FetchError::Redirect("its location is a relative path"));
        }
        Ok(Self::parse(location, config)?)
    }

    /// The IP address that stands in place of a name.
    pub(crate) fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Host and port in one way of writing.
    pub(crate) fn authority(&self) -> String {
        match self.literal() {
            Some(IpAddr::V6(address)) => format!("[{address}]:{}", self.port),
            _ => format!("{}:{}", self.host, self.port),
        }
    }

    /// What stands in the request line.
    pub(crate) fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", |it| it.as_str())
    }

    /// What stands in the Host field.
    pub(crate) fn host_field(&self) -> &str {
        self.uri.authority().map_or("", |it| it.as_str())
    }

    fn is_within(&self, allowed: &str) -> bool {
        let allowed = allowed.trim_matches('.').to_ascii_lowercase();
        !allowed.is_empty()
            && self
                .host
                .strip_suffix(&allowed)
                .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }
}

/// Whether an address is of the network, not of this machine or the wire it hangs on.
pub(crate) fn is_of_network(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(it) => {
            !(it.is_loopback()
                || it.is_link_local()
                || it.is_multicast()
                || it.is_broadcast()
                || it.octets().first() == Some(&0)
                || it == Ipv4Addr::UNSPECIFIED)
        }
        IpAddr::V6(it) => {
            !(it.is_loopback()
                || it.is_unspecified()
                || it.is_multicast()
                || it.is_unicast_link_local())
                && carried(it).is_none_or(|it| is_of_network(it.into()))
        }
    }
}

/// The IPv4 address that an IPv6 address stands for where a translator or a tunnel is: of NAT64
/// (RFC 6052 §2.1), of 6to4 (RFC 3056 §2), IPv4-compatible (RFC 4291 §2.5.5.1).
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] => {
            Some(of(high, low))
        }
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(hosts: Hosts) -> FetchConfig {
        FetchConfig {
            hosts,
            ..FetchConfig::default()
        }
    }

    #[test]
    fn addresses_behind_the_relying_system_are_refused() {
        use AddressError::*;
        let config = with(Hosts::Network);
        for (text, expected) in [
            ("http://status.kasane.example/crl/a/0.crl", None),
            ("HTTP://10.1.2.3:8080/a.crl", None),
            ("http://[fd00::1]/a.crl", None),
            ("https://status.kasane.example/a.crl", Some(Scheme)),
            ("ldap://directory.example/cn=CA", Some(Scheme)),
            ("file:///etc/passwd", Some(Malformed)),
            ("/a.crl", Some(Malformed)),
            ("status.kasane.example", Some(Malformed)),
            ("http://", Some(Malformed)),
            ("http://a b/", Some(Malformed)),
            ("http://user@host.example/", Some(User)),
            ("http://user:word@host.example/", Some(User)),
            ("http://host.example:22/", Some(Port)),
            ("http://host.example:/", Some(Port)),
            ("http://127.0.0.1/", Some(Host)),
            ("http://127.9.9.9/", Some(Host)),
            ("http://0.0.0.0/", Some(Host)),
            ("http://169.254.169.254/latest/meta-data", Some(Host)),
            ("http://224.0.0.1/", Some(Host)),
            ("http://[::1]/", Some(Host)),
            ("http://[::ffff:127.0.0.1]/", Some(Host)),
            ("http://[::127.0.0.1]/", Some(Host)),
            ("http://[64:ff9b::7f00:1]/", Some(Host)),
            ("http://[64:ff9b::a9fe:a9fe]/", Some(Host)),
            ("http://[2002:7f00:1::1]/", Some(Host)),
            ("http://[64:ff9b::a01:203]/", None),
            ("http://[2002:a01:203::1]/", None),
            ("http://[fe80::1]/", Some(Host)),
            ("http://[::]/", Some(Host)),
        ] {
            assert_eq!(Target::parse(text, &config).err(), expected, "{text}");
        }
        let long = format!("http://host.example/{}", "a".repeat(3_000));
        assert_eq!(Target::parse(&long, &config), Err(Malformed));
    }

    #[test]
    fn listed_hosts_stand_for_names_below_them() {
        let config = with(Hosts::Within(vec![
            "kasane.example".to_owned(),
            "127.0.0.1".to_owned(),
        ]));
        for (text, expected) in [
            ("http://kasane.example/", true),
            ("http://status.KASANE.example./", true),
            ("http://127.0.0.1/", true),
            ("http://notkasane.example/", false),
            ("http://kasane.example.evil.test/", false),
            ("http://127.0.0.2/", false),
            ("http://127.0.0.1.evil.test/", false),
        ] {
            assert_eq!(Target::parse(text, &config).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn redirects_are_held_to_the_same_rules() {
        let config = with(Hosts::Network);
        let from = Target::parse("http://a.example:8080/x?y", &config).unwrap();
        assert_eq!((from.path(), from.host_field()), ("/x?y", "a.example:8080"));
        let to = from.follow("/z", &config).unwrap();
        assert_eq!(
            (to.authority().as_str(), to.path()),
            ("a.example:8080", "/z")
        );
        assert!(from.follow("http://b.example/z", &config).is_ok());
        for (location, code) in [
            ("https://b.example/z", "fetch.address.scheme"),
            ("http://127.0.0.1/z", "fetch.address.host"),
            ("//b.example/z", "fetch.redirect"),
            ("z", "fetch.redirect"),
            ("", "fetch.redirect"),
        ] {
            let error = from.follow(location, &config).unwrap_err();
            assert_eq!(error.code(), code, "{location}");
        }
    }
}
