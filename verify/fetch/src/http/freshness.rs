//! What an answer says about its own age (RFC 9111).

use std::time::UNIX_EPOCH;

use hyper::HeaderMap;
use hyper::header::{AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderName, LAST_MODIFIED};
use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

/// Longest validator that is kept.
const MAX_VALIDATOR_BYTES: usize = 256;

/// What to ask with whether something changed (RFC 9110 §13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Validators {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

impl Validators {
    pub(crate) const fn is_none(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    pub(crate) fn len_bytes(&self) -> usize {
        let length = |it: &Option<String>| it.as_ref().map_or(0, String::capacity);
        length(&self.etag) + length(&self.last_modified)
    }
}

/// Freshness and validators of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Freshness {
    /// Seconds for which it may be used without asking; none when the server does not say.
    pub(crate) seconds: Option<i64>,
    pub(crate) validators: Validators,
}

impl Freshness {
    /// Of an answer that came at `now`.
    pub(crate) fn of(headers: &HeaderMap, now: UnixTime) -> Self {
        let mut seconds: Option<i64> = None;
        let mut at_once = false;
        let directives = headers
            .get_all(CACHE_CONTROL)
            .iter()
            .filter_map(|it| it.to_str().ok())
            .flat_map(|it| it.split(','))
            .take(32);
        for directive in directives {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-cache" | "no-store" => at_once = true,
                "max-age" => {
                    let value = value.trim().trim_matches('"');
                    // RFC 9111 §4.2.1: what cannot be read or contradicts itself is stale.
                    let value = value.parse::<u32>().map_or(0, i64::from);
                    seconds = Some(seconds.map_or(value, |other| other.min(value)));
                }
                _ => {}
            }
        }
        let age = headers
            .get(AGE)
            .and_then(|it| it.to_str().ok()?.trim().parse::<u32>().ok())
            .map_or(0, i64::from);
        Self {
            seconds: if at_once {
                Some(0)
            } else {
                seconds
                    .map(|it| it.saturating_sub(age).max(0))
                    .or_else(|| until_expiry(headers, age, now))
            },
            validators: Validators {
                etag: validator(headers, &ETAG),
                last_modified: validator(headers, &LAST_MODIFIED),
            },
        }
    }
}

/// Seconds until `Expires`; none when it is not there. What is no date has passed (RFC 9111 §5.3). Counted
/// from `Date`, so that a clock here that is behind makes nothing last longer than from there to `Expires`
/// (§4.2.1, §4.2.3).
fn until_expiry(headers: &HeaderMap, age: i64, now: UnixTime) -> Option<i64> {
    if !headers.contains_key(EXPIRES) {
        return None;
    }
    let Some(expires) = date(headers, &EXPIRES) else {
        return Some(0);
    };
    let answered = date(headers, &DATE).unwrap_or(now);
    let age = age.max(now.seconds_since(answered));
    let lifetime = expires.seconds_since(answered);
    Some(lifetime.saturating_sub(age).max(0))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<UnixTime> {
    let text = headers.get(name)?.to_str().ok()?;
    let at = httpdate::parse_http_date(text).ok()?;
    let seconds = at.duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok().map(UnixTime::from_seconds)
}

fn validator(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (!value.is_empty() && value.len() <= MAX_VALIDATOR_BYTES).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(pairs: &[(&'static str, &str)]) -> Option<i64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        Freshness::of(&headers, now()).seconds
    }

    fn now() -> UnixTime {
        "2028-06-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn max_age_counts_from_when_the_origin_answered() {
        assert_eq!(seconds(&[]), None);
        assert_eq!(
            seconds(&[("cache-control", "public, Max-Age=300")]),
            Some(300)
        );
        assert_eq!(
            seconds(&[("cache-control", "max-age=300"), ("age", "100")]),
            Some(200)
        );
        assert_eq!(
            seconds(&[("cache-control", "max-age=3"), ("age", "100")]),
            Some(0)
        );
        assert_eq!(
            seconds(&[
                ("cache-control", "max-age=300"),
                ("cache-control", "max-age=20")
            ]),
            Some(20)
        );
        for stale in [
            "no-store",
            "no-cache, max-age=300",
            "max-age=x",
            "max-age=-1",
        ] {
            assert_eq!(seconds(&[("cache-control", stale)]), Some(0), "{stale}");
        }
    }

    #[test]
    fn expires_counts_where_there_is_no_max_age() {
        let in_300 = "Thu, 01 Jun 2028 00:05:00 GMT";
        let expires = |more: &[(&'static str, &str)]| {
            let these = [("cache-control", "public"), ("expires", in_300)];
            seconds(&[&these[..], more].concat())
        };
        assert_eq!(expires(&[]), Some(300));
        assert_eq!(expires(&[("cache-control", "max-age=20")]), Some(20));
        assert_eq!(expires(&[("cache-control", "no-store")]), Some(0));
        assert_eq!(expires(&[("age", "100")]), Some(200));
        for (answered, expected) in [
            ("Thu, 01 Jun 2028 00:00:00 GMT", 300),
            // It was kept for a while: what has passed of its time does not come again.
            ("Wed, 31 May 2028 23:56:00 GMT", 300),
            // The clock here is behind the server's by a minute.
            ("Thu, 01 Jun 2028 00:01:00 GMT", 240),
            ("Thu, 01 Jun 2028 00:06:00 GMT", 0),
            ("yesterday", 300),
        ] {
            assert_eq!(expires(&[("date", answered)]), Some(expected), "{answered}");
        }
        for past in ["Wed, 31 May 2028 23:59:59 GMT", "0", ""] {
            assert_eq!(seconds(&[("expires", past)]), Some(0), "{past}");
        }
    }

    #[test]
    fn validators_of_odd_length_are_not_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("etag", "\"abc\"".parse().unwrap());
        headers.insert("last-modified", "x".repeat(1_000).parse().unwrap());
        let validators = Freshness::of(&headers, now()).validators;
        assert_eq!(validators.etag.as_deref(), Some("\"abc\""));
        assert_eq!(validators.last_modified, None);
    }
}
