//! Whose authority this is, fixed by the ceremony.

use kasane_verify::UnixTime;
use kasane_verify::policy::Timeline;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::registration::{CheckDigit, Naming};
use crate::urls::StatusUrls;

/// How serious it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Software keys and the demonstration timeline are allowed, and said.
    Demo,
    /// HSM keys, the real timeline, TLS on every listener.
    Production,
}

/// Which timeline is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimelineChoice {
    /// The real one, shifted as a whole so that ECC opened the day before the ceremony.
    Demonstration,
    /// The real one.
    Real,
}

/// The `[authority]` table of a ceremony script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityConfig {
    /// `demo` or `production`.
    pub mode: Mode,
    /// Which timeline is in force.
    pub timeline: TimelineChoice,
    /// The log's origin: `kasane.example/ledger`.
    pub origin: String,
    /// The organisation named in every DN.
    pub organization: String,
    /// The domain that identities, status addresses and systems live under.
    pub operator_domain: String,
    /// Where status and certificates are fetched: `http://status.kasane.example`.
    pub status_url: String,
    /// Whether the check digit of facility codes is enforced.
    #[serde(default = "yes")]
    pub check_digit: bool,
}

/// The same, validated.
#[derive(Clone, Debug)]
pub struct Configuration {
    config: AuthorityConfig,
    /// How names are built.
    pub naming: Naming,
    /// The addresses that certificates carry.
    pub urls: StatusUrls,
}

impl Configuration {
    /// # Errors
    /// [`Error::BadArgument`], [`Error::Registration`] or [`Error::StatusUrl`] for the value that
    /// does not fit; [`Error::Mode`] when production asks for the demonstration timeline.
    pub fn new(config: AuthorityConfig) -> Result<Self, Error> {
        if config.mode == Mode::Production && config.timeline == TimelineChoice::Demonstration {
            return Err(Error::Mode {
                mode: "production".into(),
                reason: "the demonstration timeline is refused: write timeline = \"real\"".into(),
            });
        }
        // C2SP tlog-checkpoint: an origin is a line; keep it a schema-less URL.
        let origin = &config.origin;
        let fits = (3..=200).contains(&origin.len())
            && origin.bytes().all(|b| b.is_ascii_graphic() && b != b'+');
        if !fits {
            return Err(Error::BadArgument {
                what: "origin",
                reason: "use 3 to 200 printable ASCII characters without '+' and blanks, \
                         like kasane.example/ledger"
                    .into(),
            });
        }
        let naming = Naming::new(&config.organization, &config.operator_domain)?;
        let urls = StatusUrls::new(&config.status_url)?;
        Ok(Self {
            config,
            naming,
            urls,
        })
    }

    /// The table it was made from.
    #[must_use]
    pub const fn config(&self) -> &AuthorityConfig {
        &self.config
    }

    /// How serious it is.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.config.mode
    }

    /// Whether the check digit of facility codes is enforced.
    #[must_use]
    pub const fn check_digit(&self) -> CheckDigit {
        if self.config.check_digit {
            CheckDigit::Enforce
        } else {
            CheckDigit::Skip
        }
    }

    /// The timeline in force when the authority begins at `now`.
    #[must_use]
    pub fn timeline(&self, real: &Timeline, now: UnixTime) -> Timeline {
        match self.config.timeline {
            TimelineChoice::Real => real.clone(),
            TimelineChoice::Demonstration => real.demonstration(now),
        }
    }
}

impl Mode {
    /// The name in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Production => "production",
        }
    }
}

const fn yes() -> bool {
    true
}
