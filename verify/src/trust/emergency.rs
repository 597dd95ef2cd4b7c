//! Emergency declarations: after a disaster, revocation status may be out of reach for a while.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use der::Encode;

use super::TrustError;
use super::identifier::check_text;
use super::wire::{self, VERSION, WireEmergency, check_version};
use crate::UnixTime;
use crate::policy::Text;
use crate::time::DAY_SECONDS;

/// Longest period of a declaration, in days. A longer emergency is declared again.
pub const MAX_EMERGENCY_DAYS: i64 = 30;

const MAX_REASON_BYTES: usize = 2048;

/// One of the 47 prefectures by its code (JIS X 0401): the first two digits of a facility code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefecture(u8);

/// Where a declaration holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Area {
    /// Everywhere, and for those who are in no prefecture, such as networked systems.
    WholeCountry,
    /// In those prefectures.
    Prefectures(BTreeSet<Prefecture>),
}

/// A declaration. It relaxes one thing: that revocation status is *unavailable* may be tolerated,
/// and is reported. What is known to be revoked stays refused.
///
/// The newest declaration stands alone: it names every area concerned, and one whose period is over
/// withdraws what was declared before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    id: String,
    area: Area,
    from: UnixTime,
    until: UnixTime,
    reason: Text,
}

impl Prefecture {
    /// # Errors
    /// [`TrustError::Prefecture`] unless it is 1 to 47.
    pub const fn new(code: u8) -> Result<Self, TrustError> {
        match code {
            1..=47 => Ok(Self(code)),
            found => Err(TrustError::Prefecture { found }),
        }
    }

    /// The code, 1 to 47.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.0
    }

    /// Where the facility of that code is: its first two digits.
    #[must_use]
    pub fn of_facility(code: &str) -> Option<Self> {
        code.get(..2)?.parse().ok()
    }
}

impl Area {
    /// Whether it covers `place`; `None` is nowhere in particular.
    #[must_use]
    pub fn covers(&self, place: Option<Prefecture>) -> bool {
        match self {
            Self::WholeCountry => true,
            Self::Prefectures(named) => place.is_some_and(|place| named.contains(&place)),
        }
    }
}

impl Emergency {
    /// A declaration for `area` from the second `from` to the second `until`.
    ///
    /// # Errors
    /// When the period is empty or longer than [`MAX_EMERGENCY_DAYS`], no prefecture is named, or a
    /// text does not fit.
    pub fn new(
        id: impl Into<String>,
        area: Area,
        from: UnixTime,
        until: UnixTime,
        reason: Text,
    ) -> Result<Self, TrustError> {
        let id = id.into();
        let fits = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        if !(1..=64).contains(&id.len()) || !id.bytes().all(fits) {
            return Err(TrustError::Field {
                field: "emergency id",
                why: "use 1 to 64 of a-z, 0-9 and '-'",
            });
        }
        if matches!(&area, Area::Prefectures(named) if named.is_empty()) {
            return Err(TrustError::Field {
                field: "area",
                why: "it names no prefecture",
            });
        }
        let length_seconds = until.seconds_since(from);
        if !(0..=MAX_EMERGENCY_DAYS * DAY_SECONDS).contains(&length_seconds) {
            return Err(TrustError::EmergencyPeriod { from, until });
        }
        check_text("reason", &reason.en, MAX_REASON_BYTES)?;
        check_text("reason", &reason.ja, MAX_REASON_BYTES)?;
        Ok(Self {
            id,
            area,
            from,
            until,
            reason,
        })
    }

    /// Whether unavailable revocation status may be tolerated for one who is at `place` (`None`:
    /// nowhere in particular) at the time `at`.
    #[must_use]
    pub fn applies(&self, place: Option<Prefecture>, at: UnixTime) -> bool {
        self.from <= at && at <= self.until && self.area.covers(place)
    }

    /// The name that reports give.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it holds.
    #[must_use]
    pub const fn area(&self) -> &Area {
        &self.area
    }

    /// The first second.
    #[must_use]
    pub const fn from(&self) -> UnixTime {
        self.from
    }

    /// The last second.
    #[must_use]
    pub const fn until(&self) -> UnixTime {
        self.until
    }

    /// Why, for people.
    #[must_use]
    pub const fn reason(&self) -> &Text {
        &self.reason
    }

    /// The content of a document.
    ///
    /// # Errors
    /// When something is too long for DER.
    pub fn to_der(&self) -> Result<Vec<u8>, TrustError> {
        let (whole_country, prefectures) = match &self.area {
            Area::WholeCountry => (true, Vec::new()),
            Area::Prefectures(named) => (false, named.iter().map(|it| it.0).collect()),
        };
        let wire = WireEmergency {
            version: VERSION,
            id: self.id.clone(),
            whole_country,
            prefectures,
            from: self.from,
            until: self.until,
            reason_en: self.reason.en.clone(),
            reason_ja: self.reason.ja.clone(),
        };
        Ok(wire.to_der()?)
    }

    /// Reads the content of a document.
    ///
    /// # Errors
    /// As [`Emergency::new`].
    pub fn from_der(der: &[u8]) -> Result<Self, TrustError> {
        let wire: WireEmergency = wire::read(der)?;
        check_version(wire.version)?;
        let named = wire.prefectures.iter().copied().map(Prefecture::new);
        let named = named.collect::<Result<Vec<_>, _>>()?;
        let ascending = named.array_windows().all(|[a, b]| a < b);
        let area = match wire.whole_country {
            true if named.is_empty() => Area::WholeCountry,
            false if ascending => Area::Prefectures(named.into_iter().collect()),
            _ => {
                return Err(TrustError::Field {
                    field: "area",
                    why: "it is the whole country, or prefectures in ascending order",
                });
            }
        };
        let reason = Text {
            en: wire.reason_en,
            ja: wire.reason_ja,
        };
        Self::new(wire.id, area, wire.from, wire.until, reason)
    }
}

/// Two digits.
impl fmt::Display for Prefecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// `all`, or codes with commas between them.
impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WholeCountry => f.write_str("all"),
            Self::Prefectures(named) => {
                for (index, it) in named.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{it}")?;
                }
                Ok(())
            }
        }
    }
}

impl FromStr for Prefecture {
    type Err = TrustError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
        let code = text.parse().ok().filter(|_| digits);
        code.ok_or(TrustError::Field {
            field: "prefecture",
            why: "use 01 to 47",
        })
        .and_then(Self::new)
    }
}

impl FromStr for Area {
    type Err = TrustError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::WholeCountry);
        }
        let named = text.split(',').take(48).map(|it| it.trim().parse());
        Ok(Self::Prefectures(named.collect::<Result<_, _>>()?))
    }
}
