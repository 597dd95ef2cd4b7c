//! Who is at the other end, as far as limits go.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use serde::Deserialize;

/// The part of an IPv6 address that names a network: whoever has one has all its addresses.
const IPV6_NETWORK: u128 = !(u64::MAX as u128);

/// A client: an IPv4 address, or the /64 network of an IPv6 one. Two addresses of such a network are the
/// same client.
#[derive(Clone, Copy, Debug)]
pub struct Client(IpAddr);

/// Whether limits for each client hold for this machine too. What comes from here is most likely a
/// proxy, which speaks for all its clients and has limits of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loopback {
    /// They do not.
    #[default]
    Exempt,
    /// They do.
    Limited,
}

/// The address that a listener gives with a connection.
pub trait ClientAddress {
    /// The client; none when there is no network between, as with a Unix socket.
    fn client(&self) -> Option<Client>;
}

impl Client {
    /// The client at `address`; an IPv4 address in IPv6 is the IPv4 address.
    #[must_use]
    pub const fn at(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> IpAddr {
        self.0
    }

    /// What makes it this client: the address, or the first one of its network.
    #[must_use]
    pub fn network(&self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & IPV6_NETWORK).into(),
        }
    }

    /// Whether limits hold for it.
    #[must_use]
    pub fn is_limited(&self, loopback: Loopback) -> bool {
        !self.0.is_loopback() || loopback == Loopback::Limited
    }
}

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        self.network() == other.network()
    }
}

impl Eq for Client {}

impl Hash for Client {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.network().hash(state);
    }
}

impl ClientAddress for SocketAddr {
    fn client(&self) -> Option<Client> {
        Some(Client::at(self.ip()))
    }
}

impl ClientAddress for tokio::net::unix::SocketAddr {
    fn client(&self) -> Option<Client> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Client {
        Client::at(address.parse().unwrap())
    }

    #[test]
    fn ipv6_network_is_one_client_and_an_ipv4_address_another() {
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn only_this_machine_may_be_exempt() {
        for (address, limited) in [
            ("127.0.0.1", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::2", true),
            ("192.0.2.1", true),
        ] {
            assert_eq!(
                at(address).is_limited(Loopback::Exempt),
                limited,
                "{address}"
            );
            assert!(at(address).is_limited(Loopback::Limited), "{address}");
        }
    }
}
