//! How the device is reached: over `yubihsm-connector`, or by USB.

mod announced;
mod exchange;
mod followed;
mod follower;
mod frame;
mod peer;
mod relay;
mod request;
mod upstream;
mod word;

use std::sync::Arc;
use std::time::{Duration, Instant};

use yubihsm::{Connector, Credentials, HttpConfig};

use self::relay::Relay;
use self::upstream::Upstream;

pub use self::announced::Announced;
pub(super) use self::exchange::Seen;
pub(super) use self::word::Word;

/// Time of a USB transfer. Fixed when the device is opened, so it has to suffice for the longest
/// command but a key's generation, whose lost answer is looked up again.
#[cfg(feature = "usb")]
const USB_TRANSFER: Duration = Duration::from_secs(18);

/// The way to one device.
pub(super) enum Link {
    Http {
        connector: Connector,
        relay: Relay,
    },
    #[cfg(feature = "usb")]
    Usb {
        connector: Connector,
        config: yubihsm::UsbConfig,
    },
}

impl Link {
    /// Checks the address. Nothing is asked of the device yet.
    pub(super) fn new(connector: &str, serial: Option<u32>) -> Result<Self, String> {
        if connector == "usb" {
            return Self::usb(serial);
        }
        let upstream = Upstream::new(connector)?;
        let relay = Relay::start(upstream)
            .map_err(|error| format!("no relay on this machine's loopback: {error}"))?;
        let connector = to_relay(&relay);
        Ok(Self::Http { connector, relay })
    }

    #[cfg(feature = "usb")]
    fn usb(serial: Option<u32>) -> Result<Self, String> {
        let serial = serial
            .map(|serial| format!("{serial:010}").parse())
            .transpose()
            .map_err(|_| "the serial number is none of a YubiHSM".to_owned())?;
        let config = yubihsm::UsbConfig {
            serial,
            timeout_ms: u64::try_from(USB_TRANSFER.as_millis()).unwrap_or(u64::MAX),
        };
        Ok(Self::Usb {
            connector: Connector::usb(&config),
            config,
        })
    }

    #[cfg(not(feature = "usb"))]
    fn usb(_serial: Option<u32>) -> Result<Self, String> {
        Err("this program was built without USB; use yubihsm-connector".to_owned())
    }

    /// What a client is made with.
    pub(super) fn connector(&self) -> Connector {
        match self {
            Self::Http { connector, .. } => connector.clone(),
            #[cfg(feature = "usb")]
            Self::Usb { connector, .. } => connector.clone(),
        }
    }

    /// After the crate has panicked its connector is of no use: the locks in it are poisoned.
    pub(super) fn renew(&mut self) {
        match self {
            Self::Http { connector, relay } => *connector = to_relay(relay),
            #[cfg(feature = "usb")]
            Self::Usb { connector, config } => *connector = Connector::usb(config),
        }
    }

    /// Where it leads, for people.
    pub(super) fn place(&self) -> &str {
        match self {
            Self::Http { relay, .. } => relay.upstream().address(),
            #[cfg(feature = "usb")]
            Self::Usb { .. } => "USB",
        }
    }

    /// A call begins. By USB its deadline binds only the wait for the device.
    pub(super) fn begin_call(&self, deadline: Instant) {
        match self {
            Self::Http { relay, .. } => relay.exchange().begin_call(deadline),
            #[cfg(feature = "usb")]
            Self::Usb { .. } => {}
        }
    }

    /// How far the call's last exchange came. USB tells nothing.
    pub(super) fn seen(&self) -> Option<Seen> {
        match self {
            Self::Http { relay, .. } => Some(relay.exchange().seen()),
            #[cfg(feature = "usb")]
            Self::Usb { .. } => None,
        }
    }

    /// Sessions of this credential are to be closed one day. By USB none can be.
    pub(super) fn follow(&self, credentials: &Credentials) {
        match self {
            Self::Http { relay, .. } => relay.follower().know(credentials),
            #[cfg(feature = "usb")]
            Self::Usb { .. } => {}
        }
    }

    /// Closes a session that was opened over this link. Whether the device says, inside of the
    /// session, that it is closed. Nobody may be sending a command.
    pub(super) fn close(&self, session: u8, limit: Duration) -> bool {
        match self {
            Self::Http { relay, .. } => {
                let closing = relay.follower().take(session);
                closing.is_some_and(|closing| {
                    let answer = relay.upstream().command(&closing.frame, limit);
                    answer.is_ok_and(|answer| answer == closing.answer)
                })
            }
            #[cfg(feature = "usb")]
            Self::Usb { .. } => false,
        }
    }

    /// What the device says of itself to anybody; `None` if it says nothing, or by USB.
    pub(super) fn announced(&self, limit: Duration) -> Option<Announced> {
        match self {
            Self::Http { relay, .. } => Announced::over(relay.upstream(), limit),
            #[cfg(feature = "usb")]
            Self::Usb { .. } => None,
        }
    }

    /// Waits until an exchange that was given up has ended.
    pub(super) fn wait_until_idle(&self, deadline: Instant) {
        match self {
            Self::Http { relay, .. } => relay.exchange().wait_until_idle(deadline),
            #[cfg(feature = "usb")]
            Self::Usb { .. } => {}
        }
    }

    /// Whom to ask about the connector, also while a command is under way.
    pub(super) fn word(&self) -> Word {
        match self {
            Self::Http { relay, .. } => Word::of(Some(Arc::clone(relay.upstream()))),
            #[cfg(feature = "usb")]
            Self::Usb { .. } => Word::of(None),
        }
    }
}

fn to_relay(relay: &Relay) -> Connector {
    Connector::http(&HttpConfig {
        addr: relay.address().ip().to_string(),
        port: relay.address().port(),
        ..HttpConfig::default()
    })
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link({})", self.place())
    }
}
