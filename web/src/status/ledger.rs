//! The public ledger, read-only (C2SP tlog-tiles). Journal, private log and blobs are not served.

use std::io::ErrorKind;
use std::path::PathBuf;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::StatusState;
use super::address::Address;
use super::headers::{not_found, uncached};
use crate::server::Client;

/// Levels of a tree whose size fits 64 bits, eight bits a level.
const MAX_LEVEL: u8 = 7;

/// Elements of a tile number that fits 64 bits, three digits each.
const MAX_ELEMENTS: usize = 7;

/// `GET /ledger/checkpoint`.
pub(super) async fn checkpoint(
    State(state): State<StatusState>,
    client: Option<Extension<Client>>,
) -> Response {
    let path = state.ledger.join("checkpoint");
    match read(&state, client, path).await {
        Ok(body) => uncached("text/plain; charset=utf-8", body),
        Err(response) => response,
    }
}

/// `GET /ledger/tile/…`: hash tiles and entry bundles, full and partial.
pub(super) async fn tile(
    State(state): State<StatusState>,
    client: Option<Extension<Client>>,
    Address(path): Address<String>,
) -> Response {
    if !is_tile(&path) {
        return not_found();
    }
    let body = match read(&state, client, state.ledger.join("tile").join(&path)).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    let mut response = uncached("application/octet-stream", body);
    // Written once and never changed, partial ones too: their width is in their name.
    let forever = HeaderValue::from_static("max-age=31536000, public, immutable, no-transform");
    response.headers_mut().insert(CACHE_CONTROL, forever);
    response
}

/// The file, in pieces: an entry bundle has up to 256 entries of 65,535 octets.
async fn read(
    state: &StatusState,
    client: Option<Extension<Client>>,
    path: PathBuf,
) -> Result<Body, Response> {
    if let Some(response) = state.put_off(client) {
        return Err(response);
    }
    match state.files.open(&path).await {
        Ok(file) => Ok(Body::new(file)),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
            ) =>
        {
            Err(not_found())
        }
        Err(error) => {
            tracing::error!(%error, "ledger file cannot be read");
            Err(StatusCode::SERVICE_UNAVAILABLE.into_response())
        }
    }
}

/// `<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`, and nothing else: no such path leaves the folder.
fn is_tile(path: &str) -> bool {
    let Some((level, number)) = path.split_once('/') else {
        return false;
    };
    let known = level == "entries"
        || level
            .parse()
            .is_ok_and(|n: u8| n <= MAX_LEVEL && n.to_string() == level);
    let (number, width) = match number.split_once(".p/") {
        Some((number, width)) => (number, Some(width)),
        None => (number, None),
    };
    let partial = width.is_none_or(|width| {
        width
            .parse()
            .is_ok_and(|n: u8| n > 0 && n.to_string() == width)
    });
    let elements: Vec<_> = number.split('/').take(MAX_ELEMENTS + 1).collect();
    let is_digits = |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
    known
        && partial
        && elements.len() <= MAX_ELEMENTS
        && elements.split_last().is_some_and(|(last, front)| {
            is_digits(last)
                && front
                    .iter()
                    .all(|text| text.strip_prefix('x').is_some_and(is_digits))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tile_paths_reach_the_disk() {
        for good in [
            "0/000",
            "1/000.p/17",
            "0/x001/x234/067",
            "entries/999",
            "entries/x001/000.p/255",
        ] {
            assert!(is_tile(good), "{good}");
        }
        for bad in [
            "",
            "0",
            "0/",
            "/0/000",
            "0/../000",
            "../journal/000000000000",
            "entries/..",
            "0/000/",
            "0/0000",
            "0/00a",
            "00/000",
            "8/000",
            "+1/000",
            "0/x000",
            "0/001/x002",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/01",
            "0/000.p/",
            "0/000.p/1/2",
            "private/000",
            "0/x000/x000/x000/x000/x000/x000/x000/000",
            "entries/%2e%2e",
            "0/000\0",
        ] {
            assert!(!is_tile(bad), "{bad}");
        }
    }
}
