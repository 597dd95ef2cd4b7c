//! `GET /ca/{name}.cer`: certificates of CAs and cross-certificates (RFC 5280 §4.2.2.1, RFC 2585).

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use kasane_ca_core::{Authority, Error};
use kasane_verify::UnixTime;
use kasane_verify::crypto::DigestAlgorithm;

use super::address::Address;
use super::headers::{Representation, Validators, not_found};
use super::{StatusState, is_name};
use crate::server::Client;

const FRESH_SECONDS: i64 = 3_600;

/// A certificate stays what it is; another one may take the name of a cross-certificate.
const STALE_SECONDS: i64 = 30 * 86_400;

/// The certificate, DER.
pub(super) async fn fetch(
    State(state): State<StatusState>,
    client: Option<Extension<Client>>,
    Address(file): Address<String>,
    headers: HeaderMap,
) -> Response {
    let Some(name) = file
        .strip_suffix(".cer")
        .filter(|name| is_name(name))
        .map(str::to_owned)
    else {
        return not_found();
    };
    if let Some(response) = state.put_off(client) {
        return response;
    }
    let authority = std::sync::Arc::clone(&state.authority);
    let now = authority.now();
    let found = state.blocking(move || {
        let der = find(&authority, &name, now)?;
        Ok::<_, Error>(der.map(|der| {
            let digest = authority.crypto().digest(DigestAlgorithm::Sha256, &der);
            (hex::encode(digest), der)
        }))
    });
    match found.await {
        Ok(Ok(Some((etag, der)))) => Representation {
            content_type: "application/pkix-cert",
            body: der.into(),
            validators: Validators::of(&etag, None),
            max_age_seconds: FRESH_SECONDS,
            stale_seconds: STALE_SECONDS,
            now,
        }
        .answer(headers)
        .map(Body::from),
        Ok(Ok(None)) => not_found(),
        Ok(Err(error)) => {
            tracing::error!(code = error.code(), %error, "CA certificate cannot be read");
            unavailable()
        }
        Err(response) => response,
    }
}

/// An issuer's own certificate, else the newest live cross-certificate of that name.
fn find(authority: &Authority, name: &str, now: UnixTime) -> Result<Option<Vec<u8>>, Error> {
    if let Ok(issuer) = authority.issuer(name) {
        return Ok(Some(issuer.certificate_der.clone()));
    }
    let certificates = authority.certificates_of(&format!("ca/{name}"))?;
    let Some((key, _)) = certificates.into_iter().rfind(|(_, row)| row.is_live(now)) else {
        return Ok(None);
    };
    Ok(authority.certificate(&key.issuer, &key.serial)?.der)
}

fn unavailable() -> Response {
    let text = Bytes::from_static(b"temporarily unavailable\n");
    let mut response = super::headers::uncached("text/plain; charset=utf-8", text);
    *response.status_mut() = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    response
}
