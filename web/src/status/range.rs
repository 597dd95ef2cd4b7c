//! Parts of a representation (RFC 9110 §14): a large CRL is fetched on where its transfer broke.

use axum::body::Bytes;
use axum::http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, EXPIRES, IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_range_header::{EndPosition, StartPosition, parse_range_header};

/// What of a representation is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// First and last octet, both included.
    Octets(usize, usize),
    /// It begins behind the end.
    Unsatisfiable,
}

/// Answers a request for a part out of the `whole` answer, which is 200 with `etag` (opaque, without
/// quotes). A client may ask for one range; several are answered with the whole, as §14.2 permits.
pub(super) fn part_of(
    mut whole: Response<Bytes>,
    etag: &str,
    method: &Method,
    request: &HeaderMap,
) -> Response<Bytes> {
    if whole.status() != StatusCode::OK {
        return whole;
    }
    let headers = whole.headers_mut();
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let length = whole.body().len();
    let (status, content_range, body) = match asked(method, request, etag, length) {
        Part::Whole => return whole,
        Part::Octets(first, last) => (
            StatusCode::PARTIAL_CONTENT,
            format!("bytes {first}-{last}/{length}"),
            whole.body().slice(first..=last),
        ),
        Part::Unsatisfiable => (
            StatusCode::RANGE_NOT_SATISFIABLE,
            format!("bytes */{length}"),
            Bytes::new(),
        ),
    };
    *whole.status_mut() = status;
    *whole.body_mut() = body;
    if status == StatusCode::RANGE_NOT_SATISFIABLE {
        // Of one client's question only: what was said of the list is not said of this.
        let headers = whole.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.remove(EXPIRES);
    }
    if let Ok(value) = HeaderValue::try_from(content_range) {
        whole.headers_mut().insert(CONTENT_RANGE, value);
    }
    whole
}

fn asked(method: &Method, request: &HeaderMap, etag: &str, length: usize) -> Part {
    // §14.2: ranges are defined for GET only.
    let Some(value) = request.get(RANGE).filter(|_| *method == Method::GET) else {
        return Part::Whole;
    };
    if let Some(condition) = request.get(IF_RANGE)
        && !is_same(condition, etag)
    {
        return Part::Whole;
    }
    // §14.2: what is no range is as if it were not there.
    let Some(ranges) = value
        .to_str()
        .ok()
        .and_then(|value| parse_range_header(value).ok())
    else {
        return Part::Whole;
    };
    let [range] = ranges.ranges.as_slice() else {
        return Part::Whole;
    };
    let length = length as u64;
    let (first, last) = match (range.start, range.end) {
        // §14.1.2: a suffix longer than the whole is the whole; reversed positions are no range.
        (StartPosition::FromLast(count), _) => (length.saturating_sub(count), u64::MAX),
        (StartPosition::Index(first), EndPosition::LastByte) => (first, u64::MAX),
        (StartPosition::Index(first), EndPosition::Index(last)) if first > last => {
            return Part::Whole;
        }
        (StartPosition::Index(first), EndPosition::Index(last)) => (first, last),
    };
    let last = last.min(length.saturating_sub(1));
    match (usize::try_from(first), usize::try_from(last)) {
        (Ok(first), Ok(last)) if first <= last && length > 0 => Part::Octets(first, last),
        _ => Part::Unsatisfiable,
    }
}

/// §13.1.5: strong comparison. A date never counts: two lists may be of one second.
fn is_same(condition: &HeaderValue, etag: &str) -> bool {
    let octets = condition.as_bytes();
    let inside = octets
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    inside == Some(etag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(range: &str, condition: Option<&str>, length: usize) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
        if let Some(condition) = condition {
            headers.insert(IF_RANGE, HeaderValue::from_str(condition).unwrap());
        }
        asked(&Method::GET, &headers, "abc", length)
    }

    #[test]
    fn one_range_is_given_as_far_as_there_is_something() {
        assert_eq!(part("bytes=0-0", None, 10), Part::Octets(0, 0));
        assert_eq!(part("bytes=2-5", None, 10), Part::Octets(2, 5));
        assert_eq!(part("bytes=2-", None, 10), Part::Octets(2, 9));
        assert_eq!(part("bytes=2-99", None, 10), Part::Octets(2, 9));
        assert_eq!(part("bytes=-3", None, 10), Part::Octets(7, 9));
        assert_eq!(part("bytes=-99", None, 10), Part::Octets(0, 9));
    }

    #[test]
    fn range_behind_the_end_cannot_be_satisfied() {
        assert_eq!(part("bytes=10-", None, 10), Part::Unsatisfiable);
        assert_eq!(part("bytes=10-12", None, 10), Part::Unsatisfiable);
        assert_eq!(part("bytes=0-", None, 0), Part::Unsatisfiable);
        let most = format!("bytes={}-", u64::MAX);
        assert_eq!(part(&most, None, 10), Part::Unsatisfiable);
    }

    #[test]
    fn what_is_no_single_range_gets_the_whole() {
        for range in [
            "bytes=5-2",
            "bytes=-0",
            "bytes=",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "lines=0-1",
            "bytes 0-1",
            "bytes=18446744073709551616-",
        ] {
            assert_eq!(part(range, None, 10), Part::Whole, "{range}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static("bytes=0-1"));
        assert_eq!(asked(&Method::HEAD, &headers, "abc", 10), Part::Whole);
    }

    #[test]
    fn condition_wants_the_same_version_for_sure() {
        let with = |condition| part("bytes=2-5", Some(condition), 10);
        assert_eq!(with("\"abc\""), Part::Octets(2, 5));
        assert_eq!(with("\"abd\""), Part::Whole);
        assert_eq!(with("W/\"abc\""), Part::Whole);
        assert_eq!(with("Sun, 06 Nov 1994 08:49:37 GMT"), Part::Whole);
    }
}
