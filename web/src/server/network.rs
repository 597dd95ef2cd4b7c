//! Ranges of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use ipnet::IpNet;

/// A range of addresses as RFC 4632 §3.1 writes it, `192.0.2.0/24` or `2001:db8::/48`; an address
/// alone is a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

/// Why a text names no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNetwork {
    /// What stands before the slash is no address.
    #[error("no address: write 192.0.2.0/24 or 2001:db8::/48")]
    Address,
    /// An IPv4 address in the form of an IPv6 one: clients are never seen so.
    #[error("an IPv4 address in IPv6: write it as {0}, with a prefix of at most 32 bits")]
    Mapped(Ipv4Addr),
    /// The prefix is no number, or too long.
    #[error("the prefix is 0 to {most} bits")]
    Prefix {
        /// The longest one.
        most: u8,
    },
    /// The address is not the first of the range.
    #[error("the address is not the first of its range: write {0}, or the address alone")]
    NotFirst(Network),
}

impl Network {
    /// How many bits all of its addresses have in common.
    #[must_use]
    pub fn prefix_bits(&self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether `address`, an IPv4 one as such, is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| BadNetwork::Address)?;
        if let IpAddr::V6(inside) = address
            && let Some(inside) = inside.to_ipv4_mapped()
        {
            return Err(BadNetwork::Mapped(inside));
        }
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            None => Some(most),
            Some(digits) => digits
                .parse()
                .ok()
                .filter(|bits: &u8| bits.to_string() == digits),
        };
        let network = prefix_bits.and_then(|bits| IpNet::new(address, bits).ok());
        let network = network.ok_or(BadNetwork::Prefix { most })?;
        if network.trunc() != network {
            return Err(BadNetwork::NotFirst(Self(network.trunc())));
        }
        Ok(Self(network))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_holds_what_its_prefix_says() {
        for (range, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.16/28", "192.0.2.31", "192.0.2.32"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("2001:db8::/48", "2001:db8:0:ffff::1", "2001:db8:1::"),
            ("2001:db8::5", "2001:db8::5", "2001:db8::4"),
            ("::/0", "ffff::", "192.0.2.1"),
        ] {
            let network: Network = range.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{range}");
            assert!(!network.contains(outside.parse().unwrap()), "{range}");
            let again: Network = network.to_string().parse().unwrap();
            assert_eq!(again, network);
        }
    }

    #[test]
    fn what_is_no_range_is_refused_with_what_to_write() {
        for (text, part) in [
            ("", "192.0.2.0/24"),
            ("proxy.example", "192.0.2.0/24"),
            ("192.0.2.0/33", "0 to 32"),
            ("192.0.2.0/", "0 to 32"),
            ("192.0.2.0/024", "0 to 32"),
            ("192.0.2.0/255.255.255.0", "0 to 32"),
            ("2001:db8::/129", "0 to 128"),
            ("192.0.2.7/24", "write 192.0.2.0/24"),
            ("2001:db8::1/64", "write 2001:db8::/64"),
            ("::ffff:192.0.2.0/120", "192.0.2.0"),
        ] {
            let refused = text.parse::<Network>().unwrap_err().to_string();
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }
}
