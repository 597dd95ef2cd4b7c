//! Answers that caches understand (RFC 9110, RFC 9111).

use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, EXPIRES, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use kasane_verify::UnixTime;

/// A representation with its validators and its freshness.
pub(super) struct Representation<'a> {
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
    /// Opaque, without quotes; lower-case hex here.
    pub(super) etag: &'a str,
    pub(super) last_modified: Option<UnixTime>,
    pub(super) max_age_seconds: i64,
    pub(super) now: UnixTime,
}

impl Representation<'_> {
    /// The whole, or 304 when the client has it already.
    pub(super) fn answer(self, request: &HeaderMap) -> Response {
        let etag = format!("\"{}\"", self.etag);
        let last_modified = self.last_modified.map(http_date);
        let unchanged = is_unchanged(request, &etag, last_modified.as_deref());
        let mut response = if unchanged {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            typed(self.content_type, self.body)
        };
        let max_age_seconds = self.max_age_seconds.max(0);
        // RFC 5019 §6.2 and RFC 9111 §5.2.2: nobody changes signed bytes, nobody serves stale ones.
        let cache_control =
            format!("max-age={max_age_seconds}, public, no-transform, must-revalidate");
        let expires = http_date(self.now.plus_seconds(max_age_seconds));
        let headers = response.headers_mut();
        for (name, value) in [
            (ETAG, Some(etag)),
            (LAST_MODIFIED, last_modified),
            (CACHE_CONTROL, Some(cache_control)),
            (EXPIRES, Some(expires)),
        ] {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// An answer that is nobody else's business.
pub(super) fn uncached(content_type: &'static str, body: Bytes) -> Response {
    let mut response = typed(content_type, body);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 404, briefly cacheable at no place: what is not there may come.
pub(super) fn not_found() -> Response {
    let mut response = uncached(
        "text/plain; charset=utf-8",
        Bytes::from_static(b"not found\n"),
    );
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn typed(content_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
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

/// IMF-fixdate (RFC 9110 §5.6.7).
fn http_date(at: UnixTime) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let at = at.to_utc();
    let day = usize::from(at.weekday().number_days_from_monday());
    let month = usize::from(u8::from(at.month())).saturating_sub(1);
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        DAYS.get(day).copied().unwrap_or_default(),
        at.day(),
        MONTHS.get(month).copied().unwrap_or_default(),
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_imf_fixdate() {
        // RFC 9110 §5.6.7 gives this one.
        let at = "1994-11-06T08:49:37Z".parse().unwrap();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
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
