//! What must fit before the authority is started.

use std::net::SocketAddr;
use std::sync::Arc;

use kasane_ca_core::Authority;
use kasane_ca_core::folder::DataFolder;
use kasane_web::control::{ExitClass, Problem};
use kasane_web::feed::{FeedKey, FeedLimits, FeedListener};
use kasane_web::status::LimitSettings;
use kasane_web::visibility::RevocationSettings;
use tokio::net::TcpSocket;

use super::Options;
use crate::client_limits;
use crate::descriptors;
use crate::responder::feed_key;
use crate::starting::Front;

/// Where status is served when the recorded address names no port of this machine.
const DEFAULT_LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);
/// Connections that wait to be accepted; the system's own bound is kept too.
const BACKLOG: u32 = 1024;

/// Settings, the addresses, and a listener for status that answers. A start may take minutes: what is wrong
/// with these is told before it.
pub(crate) struct Prepared {
    pub(super) settings: RevocationSettings,
    /// What clients of status may take.
    pub(super) limits: LimitSettings,
    pub(super) feed: Option<ReservedFeed>,
    pub(super) feed_limits: FeedLimits,
    pub(super) front: Front,
}

/// The address of the feed, found free. Edges are refused until it listens, as by an authority that is not
/// there, and come again.
pub(super) struct ReservedFeed {
    address: SocketAddr,
    key: FeedKey,
    port: TcpSocket,
}

impl Prepared {
    /// For a service on `folder`.
    pub(crate) fn new(folder: &DataFolder, options: &Options) -> Result<Self, Problem> {
        let settings = RevocationSettings::load(folder.path()).map_err(|error| {
            Problem::new(ExitClass::Refused, "revocation.settings", error.to_string())
        })?;
        let limits = client_limits::load(folder.path())?;
        let feed = options
            .feed
            .map(|address| ReservedFeed::new(address, folder))
            .transpose()?;
        let listen = options
            .listen
            .map_or_else(|| recorded_address(folder), Ok)?;
        let (status_limits, feed_limits) = if feed.is_some() {
            descriptors::limits_with_feed()
        } else {
            (descriptors::status_limits(), FeedLimits::default())
        };
        let front = Front::bind(
            listen,
            limits.of_listener(status_limits),
            Arc::clone(&limits.trusted),
        )?;
        Ok(Self {
            settings,
            limits,
            feed,
            feed_limits,
            front,
        })
    }
}

impl ReservedFeed {
    fn new(address: SocketAddr, folder: &DataFolder) -> Result<Self, Problem> {
        let key = feed_key::of(folder.path())?;
        let reserve = || {
            let port = match address {
                SocketAddr::V4(_) => TcpSocket::new_v4(),
                SocketAddr::V6(_) => TcpSocket::new_v6(),
            }?;
            // What an earlier service left in TIME-WAIT is in nobody's way.
            port.set_reuseaddr(true)?;
            port.bind(address)?;
            Ok((port.local_addr()?, port))
        };
        let (address, port) = reserve().map_err(|error| not_bound(address, &error))?;
        Ok(Self { address, key, port })
    }

    /// Takes edges from here on; called inside the runtime that serves them.
    pub(super) fn listen(self, limits: FeedLimits) -> Result<FeedListener, Problem> {
        let Self { address, key, port } = self;
        port.listen(BACKLOG)
            .and_then(|listener| FeedListener::new(listener, &key, limits))
            .map_err(|error| not_bound(address, &error))
    }
}

fn not_bound(address: SocketAddr, error: &std::io::Error) -> Problem {
    let message =
        format!("listening on {address} failed: {error}; choose another address with --feed");
    Problem::new(ExitClass::Environment, "service.listen", message)
}

/// The recorded status address when it is one of this machine, which a demonstration's is.
fn recorded_address(folder: &DataFolder) -> Result<SocketAddr, Problem> {
    let recorded = Authority::recorded_configuration(folder)?.status_url;
    let address = recorded
        .strip_prefix("http://")
        .and_then(|host| host.parse::<SocketAddr>().ok())
        .filter(|address| address.ip().is_loopback());
    Ok(address.unwrap_or_else(|| DEFAULT_LISTEN.into()))
}
