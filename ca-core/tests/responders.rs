//! Edge responders: orders of signers, and removals beside them.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use common::{CrashAt, Stopped, p384, parts, request, world};
use kasane_ca_core::authority::{Authority, ResponderSignerOrder, Status};
use kasane_ca_core::fail_point::{FailPoint, FailPoints};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::pipeline::Issued;
use kasane_ca_core::projection::certificate::CertificateKey;
use kasane_ca_core::projection::responder;
use kasane_ca_core::{Actor, Error};

const TERMINALS: &str = "issuing-ecc-terminal";
const EDGE: &str = "edge-1";

/// The authority of every test, with other fail points.
fn authority(fail_points: Arc<dyn FailPoints>) -> (Arc<Authority>, DataFolder, Stopped) {
    let stopped = world().stopped();
    let folder = DataFolder::open(stopped.path.path()).unwrap();
    let mut parts = parts(&stopped.clock, &stopped.backend);
    parts.fail_points = fail_points;
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    (authority, folder, stopped)
}

fn enrol(authority: &Authority) {
    authority
        .enrol_responder(&Actor::system(), EDGE, "")
        .unwrap();
}

fn order(authority: &Authority) -> Result<Issued, Error> {
    let request = request(&p384());
    let order = ResponderSignerOrder {
        issuer: TERMINALS,
        key_label: "ocsp-1",
        window_seconds: 172_800,
        request: request.der(),
    };
    authority.issue_responder_signer(EDGE, &order)
}

fn remove(authority: &Authority) -> Result<Vec<CertificateKey>, Error> {
    authority.remove_responder(&Actor::system(), EDGE, "it was stolen")
}

fn is_revoked(authority: &Authority, serial: &[u8]) -> bool {
    let status = authority.status(TERMINALS, serial).unwrap();
    matches!(status, Status::Revoked { .. })
}

/// Removes the edge while its order is being signed.
#[derive(Default)]
struct RemovesMeanwhile {
    authority: OnceLock<Arc<Authority>>,
    removing: Mutex<Option<JoinHandle<Vec<CertificateKey>>>>,
}

impl FailPoints for RemovesMeanwhile {
    fn reached(&self, point: FailPoint) {
        if point != FailPoint::AuthoritySigned {
            return;
        }
        let Some(authority) = self.authority.get() else {
            return;
        };
        let authority = Arc::clone(authority);
        let removal = std::thread::spawn(move || remove(&authority).unwrap());
        // It has the time to end, and must not take it.
        let end = Instant::now() + Duration::from_secs(1);
        while !removal.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        *self.removing.lock().unwrap() = Some(removal);
    }
}

#[test]
fn removal_waits_for_an_order_under_way_and_revokes_what_it_gave() {
    let meanwhile = Arc::new(RemovesMeanwhile::default());
    let (authority, _folder, _path) = authority(Arc::clone(&meanwhile) as Arc<dyn FailPoints>);
    enrol(&authority);
    assert!(meanwhile.authority.set(Arc::clone(&authority)).is_ok());
    let issued = order(&authority).unwrap();
    let removal = meanwhile.removing.lock().unwrap().take().unwrap();
    let revoked = removal.join().unwrap();
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].serial, issued.serial);
    assert!(is_revoked(&authority, &issued.serial));
    // And nothing more is given.
    assert_eq!(order(&authority).unwrap_err().code(), "responder.unknown");
    let signers = responder::signers(authority.tables(), EDGE).unwrap();
    assert_eq!(signers.len(), 1);
}

#[test]
fn removal_that_was_interrupted_is_gone_on_with() {
    let crashing = Arc::new(CrashAt(FailPoint::ResponderRemoved));
    let (authority, folder, stopped) = authority(crashing);
    enrol(&authority);
    let signers: Vec<_> = (0..3).map(|_| order(&authority).unwrap().serial).collect();
    let crashed = catch_unwind(AssertUnwindSafe(|| remove(&authority)));
    assert!(crashed.is_err());
    drop((authority, folder));
    let world = stopped.start();
    let authority = &world.authority;
    // Its end is on record, and its signers still answer.
    let row = responder::find(authority.tables(), EDGE).unwrap().unwrap();
    assert!(row.removed.is_some());
    assert_eq!(order(authority).unwrap_err().code(), "responder.unknown");
    assert!(!signers.iter().any(|serial| is_revoked(authority, serial)));
    let size = authority.ledger().size();
    assert_eq!(remove(authority).unwrap().len(), 3);
    assert!(signers.iter().all(|serial| is_revoked(authority, serial)));
    // It was not removed twice.
    assert_eq!(authority.ledger().size(), size + 3);
    assert_eq!(remove(authority).unwrap_err().code(), "responder.unknown");
}
