//! How a simulator is set up.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use crate::fault::{Misbehaviour, Pace};

/// The smallest serial number of a simulator. Devices' numbers are far below it.
pub const FIRST_SERIAL: u32 = 4_000_000_000;

/// A firmware version.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Firmware(pub u8, pub u8, pub u8);

impl Firmware {
    /// Major, minor, patch.
    #[must_use]
    pub const fn octets(self) -> [u8; 3] {
        [self.0, self.1, self.2]
    }

    /// Whether commands are logged before anybody asks for it: up to 2.3.0.
    #[must_use]
    pub fn logs_by_default(self) -> bool {
        self < Self(2, 3, 1)
    }

    /// Octets of the longest message.
    #[must_use]
    pub fn message_limit(self) -> usize {
        if self >= Self(2, 4, 0) { 3136 } else { 2048 }
    }
}

impl Default for Firmware {
    fn default() -> Self {
        Self(2, 4, 0)
    }
}

impl std::str::FromStr for Firmware {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no firmware version: write three numbers, as 2.4.0");
        let mut parts = text.split('.').map(str::parse);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None) => {
                Ok(Self(major, minor, patch))
            }
            _ => Err(wrong()),
        }
    }
}

/// Where misbehaviour is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ControlAddress {
    /// A port of this computer.
    Port(SocketAddr),
    /// A socket file, for its owner only.
    Socket(PathBuf),
}

impl std::str::FromStr for ControlAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("an address or a path is missing".into());
        }
        Ok(text
            .parse()
            .map_or_else(|_| Self::Socket(text.into()), Self::Port))
    }
}

/// All settings. The default listens on a free port, keeps nothing and behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the connector listens; a loopback address.
    pub listen: SocketAddr,
    /// Where misbehaviour is asked for, if anywhere.
    pub control: Option<ControlAddress>,
    /// Where everything is kept; without it, nothing outlives the process.
    pub state: Option<PathBuf>,
    /// The serial number of a new state, from [`FIRST_SERIAL`]; a random one by default.
    pub serial: Option<u32>,
    /// The firmware that is played.
    pub firmware: Firmware,
    /// The password of authentication key 1 after a reset.
    pub initial_password: String,
    /// Silence after which a session ends.
    pub session_timeout: Duration,
    /// How long commands take.
    pub pace: Pace,
    /// Misbehaviour from the start.
    pub misbehaviour: Vec<Misbehaviour>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control: None,
            state: None,
            serial: None,
            firmware: Firmware::default(),
            initial_password: "password".into(),
            session_timeout: Duration::from_secs(30),
            pace: Pace::None,
            misbehaviour: Vec::new(),
        }
    }
}
