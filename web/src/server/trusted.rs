//! Clients that the operator knows: relying systems and proxies, which ask for many.

use std::num::{NonZeroU32, NonZeroUsize};

use super::{Client, Network};

/// How often something may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So often a second, in the long run.
    pub per_second: NonZeroU32,
    /// So often at once.
    pub burst: NonZeroU32,
}

/// What one address may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Connections at a time; none: as many as there are for all.
    pub connections: Option<NonZeroUsize>,
    /// Requests that need work; none: without limit.
    pub work: Option<Rate>,
}

/// Groups of trusted networks. Each address of theirs has its group's allowance for itself: the hosts
/// of an IPv6 network are not one client here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trusted {
    allowances: Vec<Allowance>,
    /// With the number of the group, the longest prefix first.
    networks: Vec<(Network, usize)>,
}

impl Trusted {
    /// Where networks overlap, the smaller one counts.
    pub fn new(groups: impl IntoIterator<Item = (Vec<Network>, Allowance)>) -> Self {
        let mut trusted = Self::default();
        for (number, (networks, allowance)) in groups.into_iter().enumerate() {
            trusted.allowances.push(allowance);
            let networks = networks.into_iter().map(|network| (network, number));
            trusted.networks.extend(networks);
        }
        let longest_first = |(network, _): &(Network, usize)| u8::MAX - network.prefix_bits();
        trusted.networks.sort_by_key(longest_first);
        trusted
    }

    /// The allowances, by number of the group.
    #[must_use]
    pub fn allowances(&self) -> &[Allowance] {
        &self.allowances
    }

    /// The number of the group that `client` belongs to.
    #[must_use]
    pub fn group_of(&self, client: Client) -> Option<usize> {
        let address = client.address();
        let found = self.networks.iter().find(|(it, _)| it.contains(address));
        found.map(|(_, number)| *number)
    }

    /// What `client` may take if it is trusted.
    #[must_use]
    pub fn allowance(&self, client: Client) -> Option<Allowance> {
        let number = self.group_of(client)?;
        self.allowances.get(number).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smallest_network_decides_whatever_the_order() {
        let network = |text: &str| text.parse::<Network>().unwrap();
        let groups = || {
            [
                (vec![network("10.0.0.0/8")], Allowance::default()),
                (
                    vec![network("10.1.0.0/16"), network("2001:db8::5")],
                    Allowance {
                        connections: NonZeroUsize::new(2),
                        work: None,
                    },
                ),
                (vec![network("0.0.0.0/1")], Allowance::default()),
            ]
        };
        let trusted = Trusted::new(groups());
        let of = |address: &str| trusted.group_of(Client::at(address.parse().unwrap()));
        assert_eq!(of("10.0.0.1"), Some(0));
        assert_eq!(of("10.1.0.1"), Some(1));
        assert_eq!(of("::ffff:10.1.0.1"), Some(1));
        assert_eq!(of("2001:db8::5"), Some(1));
        assert_eq!(of("11.0.0.1"), Some(2));
        assert_eq!(of("192.0.2.1"), None);
        // The same /64, another host.
        assert_eq!(of("2001:db8::6"), None);
        let near = Client::at([10, 1, 0, 1].into());
        let most = trusted.allowance(near).unwrap().connections;
        assert_eq!(most, NonZeroUsize::new(2));
        let turned = Trusted::new(groups().into_iter().rev());
        assert_eq!(turned.allowance(near), trusted.allowance(near));
    }
}
