//! What a fetcher may do, and how much of everything.

use std::path::PathBuf;
use std::time::Duration;

use kasane_verify::crl::MAX_CRL_BYTES;
use kasane_verify::ocsp::MAX_RESPONSE_BYTES;

/// Which hosts may be asked. Addresses come from certificates whose issuer was verified, and still a
/// CA may be wrong or its customer clever: nothing behind the relying system itself is reachable by
/// default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hosts {
    /// Every host, unless its address is loopback, link-local, multicast or unspecified. Private
    /// addresses count: closed networks are made of them.
    #[default]
    Network,
    /// These hosts, and names below them, whatever their addresses: `kasane.example` stands for
    /// itself and `status.kasane.example`; an IP address for itself.
    Within(Vec<String>),
    /// Every host and address. For tests.
    DangerouslyAny,
}

/// What is asked first when a certificate names both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// OCSP; CRLs when it fails or is not accepted (RFC 9919 §3.1).
    #[default]
    OcspFirst,
    /// CRLs; OCSP when they fail or are not accepted. For rules with
    /// [`Sources::CrlThenOcsp`](kasane_verify::revocation::Sources::CrlThenOcsp).
    CrlFirst,
}

/// What a [`Fetcher`](crate::Fetcher) may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchConfig {
    /// Which hosts may be asked.
    pub hosts: Hosts,
    /// Which ports may be asked.
    pub ports: Vec<u16>,
    /// What is asked first.
    pub preference: Preference,
    /// Octets that the cache and what is being read may take together. A list that was evicted
    /// while a caller holds it lives as long as the caller holds it, and is not counted.
    pub memory_bytes: usize,
    /// Longest CRL.
    pub crl_bytes: usize,
    /// Longest OCSP response.
    pub ocsp_bytes: usize,
    /// How long a connection may take, name look-up included.
    pub connect_timeout: Duration,
    /// How long an OCSP answer may take in all, redirects included.
    pub ocsp_timeout: Duration,
    /// How long a CRL may take in all, redirects included.
    pub crl_timeout: Duration,
    /// How long one verification may wait in all.
    pub verification_timeout: Duration,
    /// How long one verification waits for news of what it could do without: usable evidence whose
    /// time to be asked for again has come. The fetch goes on for those after it.
    pub patience: Duration,
    /// Requests to one host at a time.
    pub host_requests: usize,
    /// Requests at a time.
    pub requests: usize,
    /// Fetches under way or waiting for their turn; further ones are refused.
    pub flights: usize,
    /// Seconds for which evidence is not asked for again, whatever the server says.
    pub fresh_floor_seconds: i64,
    /// Seconds after which evidence is asked for again, whatever the server says.
    pub fresh_ceiling_seconds: i64,
    /// Seconds that a failure is remembered; doubled with every further one.
    pub backoff_first_seconds: i64,
    /// Most seconds that a failure is remembered.
    pub backoff_longest_seconds: i64,
    /// Seconds after its last use for which a CRL is kept fresh in the background.
    pub refresh_idle_seconds: i64,
    /// How often the background looks for CRLs to refresh.
    pub refresh_interval: Duration,
    /// CRLs refreshed at a time in the background.
    pub refreshes: usize,
    /// Folder in which the last good CRLs outlive a restart. Made when it is missing; it belongs to
    /// one fetcher.
    pub folder: Option<PathBuf>,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            hosts: Hosts::default(),
            ports: vec![80, 8080],
            preference: Preference::default(),
            memory_bytes: 256 << 20,
            crl_bytes: 64 << 20,
            ocsp_bytes: MAX_RESPONSE_BYTES,
            connect_timeout: Duration::from_secs(3),
            ocsp_timeout: Duration::from_secs(5),
            crl_timeout: Duration::from_secs(30),
            verification_timeout: Duration::from_secs(10),
            patience: Duration::from_secs(2),
            host_requests: 8,
            requests: 64,
            flights: 4_096,
            fresh_floor_seconds: 10,
            fresh_ceiling_seconds: 3_600,
            backoff_first_seconds: 5,
            backoff_longest_seconds: 300,
            refresh_idle_seconds: 7 * 24 * 3_600,
            refresh_interval: Duration::from_secs(15),
            refreshes: 4,
            folder: None,
        }
    }
}

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A number outside its bounds.
    #[error("fetch configuration is refused: {field} is {value}, it must be {bounds}")]
    Bounds {
        /// Which.
        field: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        bounds: &'static str,
    },
    /// A host that is none.
    #[error("fetch configuration is refused: {0:?} is no host name or IP address")]
    Host(String),
    /// Fetches need a runtime to run on.
    #[error("fetcher cannot start: it must be made within a tokio runtime")]
    NoRuntime,
    /// The folder of last good CRLs.
    #[error("fetcher cannot use folder {folder}: {reason}; make it writable or leave it out")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        reason: String,
    },
}

impl ConfigError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Bounds { .. } => "fetch.config.bounds",
            Self::Host(_) => "fetch.config.host",
            Self::NoRuntime => "fetch.config.no_runtime",
            Self::Folder { .. } => "fetch.config.folder",
        }
    }
}

impl FetchConfig {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let bounds = |fits: bool, field, value: &dyn ToString, bounds| {
            if fits {
                return Ok(());
            }
            let value = value.to_string();
            Err(ConfigError::Bounds {
                field,
                value,
                bounds,
            })
        };
        if let Hosts::Within(hosts) = &self.hosts {
            for host in hosts {
                let fits = !host.is_empty()
                    && host.len() <= 253
                    && host
                        .bytes()
                        .all(|it| it.is_ascii_alphanumeric() || b"-._:".contains(&it));
                if !fits {
                    return Err(ConfigError::Host(host.chars().take(64).collect()));
                }
            }
        }
        bounds(
            (1_024..=MAX_CRL_BYTES).contains(&self.crl_bytes),
            "crl_bytes",
            &self.crl_bytes,
            "1 KiB to 256 MiB",
        )?;
        bounds(
            (1_024..=MAX_RESPONSE_BYTES).contains(&self.ocsp_bytes),
            "ocsp_bytes",
            &self.ocsp_bytes,
            "1 to 64 KiB",
        )?;
        // The last good list stays until its successor is read and indexed.
        bounds(
            self.memory_bytes / 3 >= self.crl_bytes && self.memory_bytes >= 1 << 20,
            "memory_bytes",
            &self.memory_bytes,
            "at least 1 MiB and three times crl_bytes",
        )?;
        for (field, value) in [
            ("host_requests", self.host_requests),
            ("requests", self.requests),
            ("flights", self.flights),
            ("refreshes", self.refreshes),
        ] {
            bounds((1..=65_536).contains(&value), field, &value, "1 to 65536")?;
        }
        for (field, value) in [
            ("fresh_floor_seconds", self.fresh_floor_seconds),
            ("fresh_ceiling_seconds", self.fresh_ceiling_seconds),
            ("backoff_first_seconds", self.backoff_first_seconds),
            ("backoff_longest_seconds", self.backoff_longest_seconds),
            ("refresh_idle_seconds", self.refresh_idle_seconds),
        ] {
            let fits = (0..=366 * 86_400).contains(&value);
            bounds(fits, field, &value, "0 seconds to a year")?;
        }
        bounds(
            self.fresh_floor_seconds <= self.fresh_ceiling_seconds,
            "fresh_floor_seconds",
            &self.fresh_floor_seconds,
            "at most fresh_ceiling_seconds",
        )?;
        let longest = Duration::from_secs(3_600);
        for (field, value) in [
            ("connect_timeout", self.connect_timeout),
            ("ocsp_timeout", self.ocsp_timeout),
            ("crl_timeout", self.crl_timeout),
            ("verification_timeout", self.verification_timeout),
            ("refresh_interval", self.refresh_interval),
        ] {
            let fits = !value.is_zero() && value <= longest;
            let shown = format!("{value:?}");
            bounds(fits, field, &shown, "above zero, at most an hour")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_is_accepted_and_nonsense_is_named() {
        assert_eq!(FetchConfig::default().check(), Ok(()));
        let refused = |change: fn(&mut FetchConfig)| {
            let mut config = FetchConfig::default();
            change(&mut config);
            config.check().unwrap_err().to_string()
        };
        assert!(refused(|it| it.memory_bytes = it.crl_bytes * 2).contains("memory_bytes"));
        assert!(refused(|it| it.crl_bytes = usize::MAX).contains("crl_bytes"));
        assert!(refused(|it| it.requests = 0).contains("requests"));
        assert!(refused(|it| it.fresh_floor_seconds = -1).contains("fresh_floor_seconds"));
        assert!(refused(|it| it.fresh_ceiling_seconds = 1).contains("fresh_floor_seconds"));
        assert!(refused(|it| it.crl_timeout = Duration::ZERO).contains("crl_timeout"));
        assert!(refused(|it| it.hosts = Hosts::Within(vec!["http://a".into()])).contains("host"));
    }
}
