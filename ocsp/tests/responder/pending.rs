//! What is said while a certificate is being signed.

use std::sync::{Arc, Mutex, OnceLock};

use kasane_ca_core::authority::Authority;
use kasane_ca_core::fail_point::{FailPoint, FailPoints};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::projection::certificate::{self, State};
use kasane_ocsp::{Cacheable, Responder};
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::{CertId, CertStatus, OcspRequest};

use crate::common::{Stopped, p384, parts, requester, terminal_order, world};
use crate::scene::{TERMINALS, statuses};

/// Asks for every certificate that waits for its outcome, at each step of the pipeline.
#[derive(Default)]
struct Curious {
    responder: OnceLock<(Arc<Authority>, Responder)>,
    heard: Mutex<Vec<(Vec<CertStatus>, Option<Cacheable>)>>,
}

impl FailPoints for Curious {
    fn reached(&self, point: FailPoint) {
        let Some((authority, responder)) = self.responder.get() else {
            return;
        };
        if !matches!(point, FailPoint::Recorded | FailPoint::Signed) {
            return;
        }
        let mut waiting = Vec::new();
        certificate::scan(authority.tables(), TERMINALS, &mut |key, row| {
            if row.state == State::Recorded {
                waiting.push(key.serial);
            }
            true
        })
        .unwrap();
        let issuer = authority.issuer(TERMINALS).unwrap();
        for serial in waiting {
            let id = CertId::new(
                authority.crypto(),
                DigestAlgorithm::Sha256,
                &issuer.signer.subject_der,
                &issuer.spki,
                &serial,
            )
            .unwrap();
            let asked = OcspRequest::new(vec![id], None)
                .unwrap()
                .encode_der()
                .unwrap();
            let response = responder.respond(Some(TERMINALS), &asked, authority.now());
            let heard = (statuses(&response), response.cacheable);
            self.heard.lock().unwrap().push(heard);
        }
    }
}

#[test]
fn certificate_being_signed_is_unknown_and_kept_by_nobody() {
    let Stopped {
        clock,
        backend,
        path,
    } = world().stopped();
    let curious = Arc::new(Curious::default());
    let folder = DataFolder::open(path.path()).unwrap();
    let mut parts = parts(&clock, &backend);
    parts.fail_points = Arc::clone(&curious) as Arc<dyn FailPoints>;
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    let responder = Responder::new(Arc::clone(&authority));
    assert!(
        curious
            .responder
            .set((Arc::clone(&authority), responder))
            .is_ok()
    );
    let order = terminal_order("terminal-ecc", 1, &p384());
    authority.issue(&requester(), order).unwrap();
    let unknown = || (vec![CertStatus::UNKNOWN], None);
    assert_eq!(*curious.heard.lock().unwrap(), [unknown(), unknown()]);
}
