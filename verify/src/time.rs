//! Instants in whole seconds, and the calendar of the network: Japan Standard Time.

use std::fmt;
use std::str::FromStr;

use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Japan Standard Time, nine hours ahead of UTC, no daylight saving.
pub const JST_OFFSET_SECONDS: i64 = 9 * 3600;

/// Seconds in a civil day.
pub const DAY_SECONDS: i64 = 86_400;

/// 9999-12-31T23:59:59Z, the last instant a certificate can name (RFC 5280 §4.1.2.5).
const LAST_SECOND: i64 = 253_402_300_799;

/// An instant: whole seconds since 1970-01-01T00:00:00Z, within the years 0 to 9999.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

/// Why a text is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a time: write 2027-04-01 (midnight in Japan), 2027-04-01T09:00:00+09:00, \
     2027-04-01T00:00:00Z or '2027-04-01 09:00:00 JST'"
)]
pub struct ParseTimeError {
    text: String,
}

impl UnixTime {
    /// The last instant that X.509 can name.
    pub const MAX: Self = Self(LAST_SECOND);

    /// From seconds since the epoch; clamped to what a certificate can express.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        if seconds > LAST_SECOND {
            Self(LAST_SECOND)
        } else if seconds < 0 {
            Self(0)
        } else {
            Self(seconds)
        }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Later by `seconds` (earlier when negative), clamped.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_seconds(self.0.saturating_add(seconds))
    }

    /// Later by whole days of 86,400 seconds.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(DAY_SECONDS))
    }

    /// The same clock time in Japan, `months` later; a day the month lacks becomes its last day.
    #[must_use]
    pub fn plus_months_jst(self, months: u32) -> Self {
        let local = self.in_jst();
        let zero_based = u64::from(u8::from(local.month())) - 1 + u64::from(months);
        let year = local
            .year()
            .saturating_add(i32::try_from(zero_based / 12).unwrap_or(i32::MAX));
        let month_number = u8::try_from(zero_based % 12).unwrap_or(0) + 1;
        let Ok(month) = Month::try_from(month_number) else {
            return Self::MAX;
        };
        let day = local.day().min(month.length(year));
        match Date::from_calendar_date(year, month, day) {
            Ok(date) => Self::from_seconds(
                PrimitiveDateTime::new(date, local.time())
                    .assume_utc()
                    .unix_timestamp()
                    - JST_OFFSET_SECONDS,
            ),
            Err(_) => Self::MAX,
        }
    }

    /// Whole seconds from `earlier` to `self`; negative when `self` is first.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The start of this instant's day in Japan.
    #[must_use]
    pub const fn start_of_day_jst(self) -> Self {
        let local = self.0 + JST_OFFSET_SECONDS;
        Self::from_seconds(local - local.rem_euclid(DAY_SECONDS) - JST_OFFSET_SECONDS)
    }

    /// `2027-04-01 09:00:00 JST`, for people.
    #[must_use]
    pub fn to_jst_string(self) -> String {
        let t = self.in_jst();
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02} JST",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }

    /// The civil date and time in UTC.
    #[must_use]
    pub fn to_utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The civil date and time in Japan, carried in a value whose offset is nominally UTC.
    fn in_jst(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.saturating_add(JST_OFFSET_SECONDS))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// RFC 3339 in UTC: `2027-03-31T15:00:00Z`.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.to_utc();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }
}

/// A bare date is midnight in Japan; otherwise RFC 3339, or a civil time followed by `JST` or `UTC`.
impl FromStr for UnixTime {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.trim()).ok_or_else(|| ParseTimeError {
            text: text.chars().take(64).collect(),
        })
    }
}

impl serde::Serialize for UnixTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for UnixTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn parse(text: &str) -> Option<UnixTime> {
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    if let Ok(t) = OffsetDateTime::parse(text, &Rfc3339) {
        return checked(t.unix_timestamp());
    }
    let (civil, offset_seconds) = if let Some(civil) = text.strip_suffix("JST") {
        (civil.trim_end(), JST_OFFSET_SECONDS)
    } else if let Some(civil) = text.strip_suffix("UTC").or_else(|| text.strip_suffix('Z')) {
        (civil.trim_end(), 0)
    } else {
        (text, JST_OFFSET_SECONDS)
    };
    let (date, clock) = match civil.split_once([' ', 'T']) {
        Some((date, clock)) => (date, parse_clock(clock)?),
        None => (civil, Time::MIDNIGHT),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    let utc = PrimitiveDateTime::new(date, clock)
        .assume_offset(UtcOffset::UTC)
        .unix_timestamp();
    checked(utc - offset_seconds)
}

fn parse_clock(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let hour = parts.next()?.parse().ok()?;
    let minute = parts.next()?.parse().ok()?;
    let second = parts.next().map_or(Some(0), |s| s.parse().ok())?;
    if parts.next().is_some() {
        return None;
    }
    Time::from_hms(hour, minute, second).ok()
}

fn checked(seconds: i64) -> Option<UnixTime> {
    (0..=LAST_SECOND)
        .contains(&seconds)
        .then_some(UnixTime(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> UnixTime {
        text.parse().unwrap()
    }

    #[test]
    fn bare_date_is_midnight_in_japan() {
        assert_eq!(t("2027-04-01"), t("2027-03-31T15:00:00Z"));
        assert_eq!(
            t("2030-12-31T14:59:59Z").to_jst_string(),
            "2030-12-31 23:59:59 JST"
        );
    }

    #[test]
    fn japanese_and_universal_forms_agree() {
        for text in [
            "2027-04-01T09:00:00+09:00",
            "2027-04-01 09:00:00 JST",
            "2027-04-01 00:00 UTC",
        ] {
            assert_eq!(t(text).to_string(), "2027-04-01T00:00:00Z", "{text}");
        }
    }

    #[test]
    fn months_are_counted_on_the_japanese_calendar() {
        // 2026-11-30 23:30 in Japan is still the 30th; three months later February ends on the 28th.
        assert_eq!(
            t("2026-11-30 23:30 JST").plus_months_jst(3),
            t("2027-02-28 23:30 JST")
        );
        assert_eq!(t("2027-04-01").plus_months_jst(39), t("2030-07-01"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "2027-13-01",
            "2027-02-30",
            "27-1-1",
            "now",
            "2027-04-01T25:00:00Z",
            "9",
        ] {
            assert!(text.parse::<UnixTime>().is_err(), "{text}");
        }
    }
}
