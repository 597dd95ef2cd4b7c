//! `DIR/limits.toml`: what clients of the status listener may take, and who is trusted with more.

use std::collections::BTreeSet;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::ClientLimits;
use crate::BadSettings;
use crate::server::{Allowance, BadNetwork, Limits, Loopback, Network, Rate, Trusted};
use crate::settings_file;

/// Most groups, and most networks in all of them: each client is looked up among them.
const MAX_GROUPS: usize = 64;
const MAX_NETWORKS: usize = 1_024;

/// Where the numbers end.
const MAX_PER_SECOND: u32 = 1_000_000;
const MAX_CONNECTIONS: u32 = 65_536;

/// What clients may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Connections at a time of a client that is not trusted.
    pub connections_per_client: usize,
    /// Work of a client that is not trusted, and whether this machine is limited as well.
    pub work: ClientLimits,
    /// Relying systems and proxies.
    pub trusted: Arc<Trusted>,
}

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    clients: Everybody,
    #[serde(default)]
    trusted: Vec<Group>,
}

/// Who is not named: each IPv4 address, each IPv6 /64.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Everybody {
    connections: Option<u32>,
    work_per_second: Option<u32>,
    work_burst: Option<u32>,
    loopback: Option<Loopback>,
}

/// Systems of one kind; no number where there is no limit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// For people.
    name: String,
    networks: Vec<String>,
    connections: Option<u32>,
    work_per_second: Option<u32>,
    work_burst: Option<u32>,
}

/// The numbers of either.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    connections: Option<u32>,
    work_per_second: Option<u32>,
    /// Twice the rate if not given.
    work_burst: Option<u32>,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            connections_per_client: Limits::default().connections_per_client,
            work: ClientLimits::default(),
            trusted: Arc::default(),
        }
    }
}

impl LimitSettings {
    /// Where they are in a data folder.
    #[must_use]
    pub fn path(dir: &Path) -> PathBuf {
        dir.join("limits.toml")
    }

    /// Those of a data folder; the defaults when there are none.
    ///
    /// # Errors
    /// [`BadSettings`] for a file that cannot be read or says what cannot be done.
    pub fn load(dir: &Path) -> Result<Self, BadSettings> {
        let found = settings_file::load(&Self::path(dir), Self::from_toml)?;
        Ok(found.unwrap_or_default())
    }

    /// The limits of the listener, with these.
    #[must_use]
    pub const fn of_listener(&self, limits: Limits) -> Limits {
        Limits {
            connections_per_client: self.connections_per_client,
            loopback: self.work.loopback,
            ..limits
        }
    }

    fn from_toml(text: &str) -> Result<Self, String> {
        let document: Document = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut settings = Self::default();
        let clients = document.clients;
        let numbers = Numbers {
            connections: clients.connections,
            work_per_second: clients.work_per_second,
            work_burst: clients.work_burst,
        };
        let everybody = numbers.checked("[clients]")?;
        if let Some(most) = everybody.connections {
            settings.connections_per_client = most.get();
        }
        if let Some(Rate { per_second, burst }) = everybody.work {
            settings.work.per_second = per_second;
            settings.work.burst = burst;
        }
        settings.work.loopback = clients.loopback.unwrap_or_default();
        settings.trusted = Arc::new(trusted(document.trusted)?);
        Ok(settings)
    }
}

fn trusted(groups: Vec<Group>) -> Result<Trusted, String> {
    if groups.len() > MAX_GROUPS {
        return Err(format!("more than {MAX_GROUPS} groups of trusted networks"));
    }
    let (mut names, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut read = Vec::new();
    for group in groups {
        let place = format!("trusted {:?}", group.name);
        if !(1..=64).contains(&group.name.chars().count()) {
            return Err(format!("{place}: a name has 1 to 64 characters"));
        }
        if !names.insert(group.name.clone()) {
            return Err(format!("{place}: its name is there twice"));
        }
        if group.networks.is_empty() {
            return Err(format!("{place}: networks: name at least one"));
        }
        let mut networks = Vec::new();
        for text in &group.networks {
            let bad = |reason: String| format!("{place}: network {text:?}: {reason}");
            let network: Network = text
                .parse()
                .map_err(|error: BadNetwork| bad(error.to_string()))?;
            if network.prefix_bits() == 0 {
                return Err(bad("that is everybody: write it under [clients]".to_owned()));
            }
            if !seen.insert(network.to_string()) {
                return Err(bad("it is there twice".to_owned()));
            }
            networks.push(network);
        }
        let numbers = Numbers {
            connections: group.connections,
            work_per_second: group.work_per_second,
            work_burst: group.work_burst,
        };
        read.push((networks, numbers.checked(&place)?));
    }
    if seen.len() > MAX_NETWORKS {
        return Err(format!("more than {MAX_NETWORKS} trusted networks"));
    }
    Ok(Trusted::new(read))
}

impl Numbers {
    fn checked(self, place: &str) -> Result<Allowance, String> {
        let bounded = |name: &str, value: Option<u32>, most: u32| match value {
            None => Ok(None),
            Some(value) => match NonZeroU32::new(value).filter(|it| it.get() <= most) {
                Some(value) => Ok(Some(value)),
                None => Err(format!("{place}: {name}: write 1 to {most}")),
            },
        };
        let connections = bounded("connections", self.connections, MAX_CONNECTIONS)?;
        let per_second = bounded("work_per_second", self.work_per_second, MAX_PER_SECOND)?;
        let burst = bounded("work_burst", self.work_burst, MAX_PER_SECOND)?;
        let work = match (per_second, burst) {
            (Some(per_second), burst) => {
                let burst = burst.unwrap_or_else(|| per_second.saturating_add(per_second.get()));
                Some(Rate { per_second, burst })
            }
            (None, None) => None,
            (None, Some(_)) => {
                return Err(format!("{place}: work_burst: write work_per_second too"));
            }
        };
        let connections = connections
            .and_then(|most| NonZeroUsize::new(usize::try_from(most.get()).unwrap_or(usize::MAX)));
        Ok(Allowance { connections, work })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Client;

    #[test]
    fn limits_are_read_and_what_is_left_out_is_the_default() {
        let none = LimitSettings::load(Path::new("/nowhere")).unwrap();
        assert_eq!(none, LimitSettings::default());
        assert_eq!(LimitSettings::from_toml("").unwrap(), none);
        let text = "[clients]\nconnections = 16\nwork_per_second = 10\nloopback = \"limited\"\n\
                    [[trusted]]\nname = \"proxies\"\nnetworks = [\"192.0.2.0/28\", \"2001:db8::5\"]\n\
                    [[trusted]]\nname = \"portal\"\nnetworks = [\"198.51.100.7\"]\n\
                    connections = 32\nwork_per_second = 500\nwork_burst = 600\n";
        let settings = LimitSettings::from_toml(text).unwrap();
        let (work, limits) = (settings.work, settings.of_listener(Limits::default()));
        assert_eq!((work.per_second.get(), work.burst.get()), (10, 20));
        assert_eq!(limits.connections_per_client, 16);
        assert_eq!(limits.loopback, Loopback::Limited);
        assert_eq!(limits.connections, Limits::default().connections);
        let allowed = |address: &str| {
            let client = Client::at(address.parse().unwrap());
            settings.trusted.allowance(client)
        };
        assert_eq!(allowed("192.0.2.15"), Some(Allowance::default()));
        assert_eq!(allowed("2001:db8::5"), Some(Allowance::default()));
        assert_eq!(allowed("192.0.2.16"), None);
        let portal = allowed("198.51.100.7").unwrap();
        assert_eq!(portal.connections.map(NonZeroUsize::get), Some(32));
        let work = portal.work.unwrap();
        assert_eq!((work.per_second.get(), work.burst.get()), (500, 600));
    }

    #[test]
    fn limits_that_cannot_be_kept_are_refused_with_their_place() {
        let group = |name: &str, networks: &str, more: &str| {
            format!("[[trusted]]\nname = {name:?}\nnetworks = [{networks}]\n{more}\n")
        };
        let one = |more: &str| group("a", "\"192.0.2.1\"", more);
        for (text, part) in [
            ("[clients]\nconnections = 0".to_owned(), "1 to 65536"),
            ("[clients]\nwork_per_second = 0".to_owned(), "1 to 1000000"),
            ("[clients]\nwork_per_second = -1".to_owned(), "-1"),
            (
                "[clients]\nwork_burst = 5".to_owned(),
                "work_per_second too",
            ),
            ("[clients]\nloopback = \"off\"".to_owned(), "limited"),
            ("[clients]\nper_second = 5".to_owned(), "per_second"),
            ("[client]\nconnections = 5".to_owned(), "client"),
            (one("work_per_second = 9999999"), "1 to 1000000"),
            (one("work_per_secnd = 5"), "work_per_secnd"),
            (one("loopback = \"limited\""), "loopback"),
            (one("connections = 0"), "trusted \"a\": connections"),
            (one("") + &group("a", "\"192.0.2.2\"", ""), "twice"),
            (one("") + &group("b", "\"192.0.2.1/32\"", ""), "twice"),
            (group("", "\"192.0.2.1\"", ""), "1 to 64"),
            (group("a", "", ""), "at least one"),
            (group("a", "\"192.0.2.1/24\"", ""), "write 192.0.2.0/24"),
            (group("a", "\"proxy.example\"", ""), "no address"),
            (group("a", "\"0.0.0.0/0\"", ""), "everybody"),
            (group("a", "\"::/0\"", ""), "everybody"),
            ("[[trusted]]\nname = \"a\"\n".to_owned(), "networks"),
        ] {
            let refused = LimitSettings::from_toml(&text).unwrap_err();
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }
}
