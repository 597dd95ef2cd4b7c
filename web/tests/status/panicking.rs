//! A fault of the program while it answers.

use std::sync::Arc;

use kasane_ca_core::authority::{OcspSigner, Status};
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::projection::StatusChanges;
use kasane_ca_core::signing::SigningError;
use kasane_ca_core::status_source::StatusSource;
use kasane_ca_core::{Authority, Error};
use kasane_hsm::KeyLabel;
use kasane_ocsp::Responder;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::ocsp::CertStatus;
use kasane_verify::{SignatureAlgorithm, UnixTime};
use kasane_web::server::Limits;
use kasane_web::status::ClientLimits;

use crate::endpoints::{OCSP, OCSP_TYPE, issue, request, status};
use crate::server::Server;

/// A serial number that is too much.
const UNLUCKY: [u8; 16] = [13; 16];

/// The authority, but for one serial number.
struct Panicking(Arc<Authority>);

impl StatusSource for Panicking {
    fn now(&self) -> UnixTime {
        self.0.now()
    }

    fn known_as_of(&self, now: UnixTime) -> Option<UnixTime> {
        self.0.known_as_of(now)
    }

    fn crypto(&self) -> &dyn CryptoProvider {
        StatusSource::crypto(&*self.0)
    }

    fn issuers(&self) -> Vec<Arc<Issuer>> {
        StatusSource::issuers(&*self.0)
    }

    fn issuer(&self, name: &str) -> Result<Arc<Issuer>, Error> {
        StatusSource::issuer(&*self.0, name)
    }

    fn status(&self, issuer: &str, serial: &[u8]) -> Result<Status, Error> {
        assert_ne!(serial, UNLUCKY, "as meant");
        StatusSource::status(&*self.0, issuer, serial)
    }

    fn status_changes(&self) -> &StatusChanges {
        StatusSource::status_changes(&*self.0)
    }

    fn ocsp_signers(&self, issuer: &str) -> Result<Vec<OcspSigner>, Error> {
        StatusSource::ocsp_signers(&*self.0, issuer)
    }

    fn ocsp_signer_history(&self, issuer: &str) -> Result<Vec<(String, i64)>, Error> {
        StatusSource::ocsp_signer_history(&*self.0, issuer)
    }

    fn rekey_after_days(&self) -> Option<i64> {
        StatusSource::rekey_after_days(&*self.0)
    }

    fn order_signer(
        &self,
        issuer: &Issuer,
        label: &KeyLabel,
        window_seconds: i64,
    ) -> Result<(Vec<u8>, UnixTime), Error> {
        StatusSource::order_signer(&*self.0, issuer, label, window_seconds)
    }

    fn sign_ocsp_response(
        &self,
        label: &KeyLabel,
        algorithm: SignatureAlgorithm,
        response_data: &[u8],
    ) -> Result<Vec<u8>, SigningError> {
        StatusSource::sign_ocsp_response(&*self.0, label, algorithm, response_data)
    }
}

#[test]
fn question_that_ends_in_a_panic_is_answered_internal_error_and_the_next_one_as_ever() {
    let server = Server::start_on(Limits::default(), ClientLimits::default(), |authority| {
        Responder::new(Arc::new(Panicking(Arc::clone(authority))))
    });
    let unlucky = request(&server, &UNLUCKY, None);
    let answer = server.send("POST", OCSP, &[OCSP_TYPE], &unlucky);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/ocsp-response");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.body, [0x30, 3, 0x0a, 1, 2]);
    let asked = request(&server, &issue(&server), None);
    let answer = server.send("POST", OCSP, &[OCSP_TYPE], &asked);
    assert_eq!(status(&answer.body), CertStatus::GOOD);
}
