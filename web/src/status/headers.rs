//! Answers that caches understand (RFC 9110, RFC 9111).

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, EXPIRES, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use kasane_verify::UnixTime;

/// A cache may keep an OCSP response so long, far below its nextUpdate: a revocation shall be seen
/// soon.
pub(super) const OCSP_SECONDS: i64 = 300;

/// The same, as nearly every response says it.
const OCSP_CACHE_CONTROL: &str = "max-age=300, public, no-transform, must-revalidate";

/// Fields of a response, those that hyper adds included.
const FIELDS: usize = 8;

/// A representation with its validators and its freshness.
pub(super) struct Representation {
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
    pub(super) validators: Validators,
    pub(super) max_age_seconds: i64,
    /// A cache may give it so many seconds longer while nobody here answers (RFC 5861 §4); 0 when it
    /// must not.
    pub(super) stale_seconds: i64,
    pub(super) now: UnixTime,
}

impl Representation {
    /// The whole, or 304 when the client has it already. The request's fields are used up: the
    /// response's take their room.
    pub(super) fn answer(self, mut request: HeaderMap) -> Response<Bytes> {
        // RFC 9110 §13: most requests have no condition.
        let is_conditional =
            request.contains_key(IF_NONE_MATCH) || request.contains_key(IF_MODIFIED_SINCE);
        if is_conditional && self.validators.are_known(&request) {
            request.clear();
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            self.write_validators(&mut request);
            *response.headers_mut() = request;
            return response;
        }
        self.whole(request)
    }

    /// The whole, whatever the client has: the answer to a POST.
    pub(super) fn whole(mut self, mut request: HeaderMap) -> Response<Bytes> {
        request.clear();
        request.reserve(FIELDS);
        let mut response = Response::new(std::mem::take(&mut self.body));
        request.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        request.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        self.write_validators(&mut request);
        *response.headers_mut() = request;
        response
    }

    /// Writes the validators, and until when they hold.
    fn write_validators(self, headers: &mut HeaderMap) {
        let max_age_seconds = self.max_age_seconds.max(0);
        let expires = expires_at(self.now.plus_seconds(max_age_seconds));
        for (name, value) in [
            (ETAG, self.validators.etag),
            (LAST_MODIFIED, self.validators.last_modified),
            (
                CACHE_CONTROL,
                cache_control(max_age_seconds, self.stale_seconds),
            ),
            (EXPIRES, expires),
        ] {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
    }
}

/// `ETag` and `Last-Modified` (RFC 9110 §8.8).
pub(super) struct Validators {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Validators {
    /// `etag` is opaque, without quotes; lower-case hex here.
    pub(super) fn of(etag: &str, last_modified: Option<UnixTime>) -> Self {
        Self {
            etag: HeaderValue::try_from(["\"", etag, "\""].concat()).ok(),
            last_modified: last_modified.and_then(http_date),
        }
    }

    /// Those that a response has already; copies no octets.
    pub(super) fn ready(validators: kasane_ocsp::Validators) -> Self {
        let value = |octets: Bytes| HeaderValue::from_maybe_shared(octets).ok();
        Self {
            etag: value(validators.etag),
            last_modified: value(validators.last_modified),
        }
    }

    fn are_known(&self, request: &HeaderMap) -> bool {
        let text = |value: &Option<HeaderValue>| {
            let value = value.as_ref().and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        let etag = text(&self.etag).unwrap_or_default();
        is_unchanged(request, &etag, text(&self.last_modified).as_deref())
    }
}

/// RFC 9919 §6.2 and RFC 9111 §5.2.2: nobody changes signed bytes, nobody serves stale ones but in
/// need, where that may be.
fn cache_control(max_age_seconds: i64, stale_seconds: i64) -> Option<HeaderValue> {
    let text = if stale_seconds > 0 {
        format!("max-age={max_age_seconds}, public, no-transform, stale-if-error={stale_seconds}")
    } else if max_age_seconds == OCSP_SECONDS {
        return Some(HeaderValue::from_static(OCSP_CACHE_CONTROL));
    } else {
        format!("max-age={max_age_seconds}, public, no-transform, must-revalidate")
    };
    HeaderValue::try_from(text).ok()
}

/// An answer that is nobody else's business.
pub(super) fn uncached(content_type: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = typed(content_type, body);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 404, briefly cacheable at no place: what is not there may come.
pub(super) fn not_found() -> Response<Body> {
    let mut response = uncached(
        "text/plain; charset=utf-8",
        Bytes::from_static(b"not found\n"),
    );
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// 429: the client asks for too much.
pub(super) fn too_many() -> Response<Body> {
    let text = Bytes::from_static(b"too many requests: ask again in a second\n");
    let mut response = uncached("text/plain; charset=utf-8", text);
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let second = HeaderValue::from_static("1");
    response.headers_mut().insert(RETRY_AFTER, second);
    response
}

fn typed(content_type: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// RFC 9110 §13.2.2: `If-None-Match` decides when it is there; `If-Modified-Since` is compared
/// octet by octet with what was sent, which needs no calendar.
fn is_unchanged(request: &HeaderMap, etag: &str, last_modified: Option<&str>) -> bool {
    if request.contains_key(IF_NONE_MATCH) {
        return request
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag);
    }
    let since = request
        .get(IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok());
    since.is_some() && since == last_modified
}

thread_local! {
    /// The last date that `Expires` said: the same for every response of a second.
    static EXPIRES_MEMO: RefCell<Option<(UnixTime, HeaderValue)>> = const { RefCell::new(None) };
}

/// [`http_date`], remembered.
fn expires_at(at: UnixTime) -> Option<HeaderValue> {
    EXPIRES_MEMO.with_borrow_mut(|memo| {
        if let Some((known, value)) = memo
            && *known == at
        {
            return Some(value.clone());
        }
        let value = http_date(at)?;
        *memo = Some((at, value.clone()));
        Some(value)
    })
}

/// IMF-fixdate (RFC 9110 §5.6.7). A `UnixTime` lies between 1970 and 9999, as the form does.
fn http_date(at: UnixTime) -> Option<HeaderValue> {
    let seconds = u64::try_from(at.seconds()).ok()?;
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    HeaderValue::try_from(httpdate::fmt_http_date(at)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_imf_fixdate() {
        // RFC 9110 §5.6.7 gives this one.
        let at = "1994-11-06T08:49:37Z".parse().unwrap();
        assert_eq!(http_date(at).unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
        let first = http_date(UnixTime::from_seconds(i64::MIN)).unwrap();
        assert_eq!(first, "Thu, 01 Jan 1970 00:00:00 GMT");
        let last = http_date(UnixTime::MAX).unwrap();
        assert_eq!(last, "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn age_of_ocsp_is_written_as_any_other() {
        for seconds in [0, 299, OCSP_SECONDS, 3_600] {
            let expected = format!("max-age={seconds}, public, no-transform, must-revalidate");
            assert_eq!(cache_control(seconds, 0).unwrap(), expected);
        }
        let expected = "max-age=300, public, no-transform, stale-if-error=60";
        assert_eq!(cache_control(300, 60).unwrap(), expected);
    }

    #[test]
    fn conditions_follow_their_order() {
        let with = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_str(value).unwrap());
            }
            is_unchanged(&headers, "\"abc\"", Some("Sun, 06 Nov 1994 08:49:37 GMT"))
        };
        assert!(!with(&[]));
        assert!(with(&[("if-none-match", "\"abc\"")]));
        assert!(with(&[("if-none-match", "\"x\", W/\"abc\"")]));
        assert!(with(&[("if-none-match", "\"x\""), ("if-none-match", "*")]));
        assert!(!with(&[("if-none-match", "abc")]));
        assert!(with(&[(
            "if-modified-since",
            "Sun, 06 Nov 1994 08:49:37 GMT"
        )]));
        assert!(!with(&[(
            "if-modified-since",
            "Sun, 06 Nov 1994 08:49:38 GMT"
        )]));
        // If-None-Match decides alone.
        assert!(!with(&[
            ("if-none-match", "\"x\""),
            ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")
        ]));
    }
}
