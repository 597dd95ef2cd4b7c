//! For when answers speak while many certificates are being revoked.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

mod common;

use std::sync::{Arc, Mutex, OnceLock};

use common::{p384, parts, requester, terminal_order, world};
use kasane_ca_core::Actor;
use kasane_ca_core::authority::{Authority, MassRevocationOrder, MassSelection, MassStep};
use kasane_ca_core::fail_point::{FailPoint, FailPoints};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::status_source::StatusSource;
use kasane_verify::UnixTime;
use kasane_verify::revocation::RevocationReason;

/// Asks for when answers speak, and edges are told, when an act is chosen and when it is done.
#[derive(Default)]
struct Asking {
    authority: OnceLock<Arc<Authority>>,
    heard: Mutex<Vec<[UnixTime; 2]>>,
}

impl FailPoints for Asking {
    fn reached(&self, point: FailPoint) {
        let Some(authority) = self.authority.get() else {
            return;
        };
        if !point.as_str().starts_with("mass-revocation") {
            return;
        }
        let as_of = authority.known_as_of(authority.now()).unwrap();
        if point == FailPoint::MassRevocationChosen {
            assert_eq!(
                uncovered(authority),
                0,
                "wait for the checkpoint over the act"
            );
        }
        let page = authority.feed_page(0, false, 1).unwrap();
        self.heard.lock().unwrap().push([as_of, page.time]);
    }
}

/// Entries that an edge is given and no checkpoint covers.
fn uncovered(authority: &Authority) -> usize {
    let covered = authority.ledger().checkpoint_size().unwrap();
    let page = authority.feed_page(covered, false, 1 << 20).unwrap();
    page.entries.len()
}

#[test]
fn answers_and_pages_speak_for_the_time_before_an_act_until_it_is_done() {
    let stopped = world().stopped();
    let clock = Arc::clone(&stopped.clock);
    let folder = DataFolder::open(stopped.path.path()).unwrap();
    let asking = Arc::new(Asking::default());
    let mut parts = parts(&clock, &stopped.backend);
    parts.fail_points = Arc::clone(&asking) as Arc<dyn FailPoints>;
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    assert!(asking.authority.set(Arc::clone(&authority)).is_ok());
    let issued = terminal_order("terminal-ecc", 1, &p384());
    authority.issue(&requester(), issued).unwrap();
    assert!(uncovered(&authority) > 0);
    let mut order = MassRevocationOrder {
        selection: MassSelection {
            profile: Some("terminal-ecc".to_owned()),
            ..MassSelection::default()
        },
        reason: Some(RevocationReason::Superseded),
        invalidity_date: None,
        confirmed: Some(7),
        approvals: Vec::new(),
    };
    let revoke = |order: &MassRevocationOrder, report: &mut dyn FnMut(MassStep)| {
        authority.revoke_many(&Actor::system(), order, report)
    };
    // One that is refused leaves nothing behind.
    let refused = revoke(&order, &mut |_| {}).unwrap_err();
    assert_eq!(refused.code(), "revocation.count-differs");
    let before = authority.now();
    assert_eq!(authority.known_as_of(before), Some(before));
    // To choose takes its time, in which nothing is revoked yet: the act is dated after it.
    let begun = before.plus_seconds(40);
    let mut choosing = |step| {
        if matches!(step, MassStep::Choosing { .. }) {
            clock.set(begun);
        }
    };
    order.confirmed = Some(1);
    let done = revoke(&order, &mut choosing).unwrap();
    assert_eq!((done.date, done.choice.certificates), (begun, 1));
    let heard = asking.heard.lock().unwrap().clone();
    assert_eq!(heard, [[begun.plus_seconds(-1); 2], [begun; 2], [begun; 2]]);
}
