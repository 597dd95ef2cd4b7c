//! What an act revoked counts before the rows of its certificates say so.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kasane_ca_core::authority::{Authority, MassSelection, MassStep, RevocationOrder, Status};
use kasane_ca_core::fail_point::{FailPoint, FailPoints};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::projection::certificate::Revocation;
use kasane_ca_core::projection::meta;
use kasane_ca_core::store::digest;
use kasane_ca_core::{Actor, Error};
use kasane_verify::revocation::RevocationReason;

use super::common::{self, Stopped, p384, parts, requester, terminal_order, world};
use super::{TERMINALS, all, of_profile, order, populate, revoked};

/// Longer than what is looked at meanwhile, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Holds an act where it is durable and its rows are not written.
struct Hold {
    reached: Mutex<Sender<()>>,
    go_on: Mutex<Receiver<()>>,
}

impl FailPoints for Hold {
    fn reached(&self, point: FailPoint) {
        if point == FailPoint::MassRevocationDone {
            self.reached.lock().unwrap().send(()).unwrap();
            // After a failure nobody lets it go on.
            let _failed = self.go_on.lock().unwrap().recv_timeout(PATIENCE);
        }
    }
}

/// An authority, its folder, and what holds its acts.
struct Held {
    authority: Arc<Authority>,
    folder: DataFolder,
    left: Stopped,
    reached: Receiver<()>,
    go_on: Sender<()>,
}

fn held(count: u64) -> Held {
    let world = world();
    populate(&world.authority, count, 0);
    let left = world.stopped();
    let folder = DataFolder::open(left.path.path()).unwrap();
    let ((send, reached), (go_on, receive)) = (channel(), channel());
    let mut parts = parts(&left.clock, &left.backend);
    parts.fail_points = Arc::new(Hold {
        reached: Mutex::new(send),
        go_on: Mutex::new(receive),
    });
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    Held {
        authority,
        folder,
        left,
        reached,
        go_on,
    }
}

fn by_itself(
    authority: &Authority,
    serial: &[u8],
    reason: RevocationReason,
) -> Result<Revocation, Error> {
    let order = RevocationOrder {
        issuer: TERMINALS,
        serial,
        reason: Some(reason),
        invalidity_date: None,
    };
    authority.revoke(&Actor::system(), &order)
}

fn listed(serials: &[Vec<u8>]) -> MassSelection {
    MassSelection {
        serials: Some(serials.iter().cloned().collect::<BTreeSet<_>>()),
        ..MassSelection::default()
    }
}

fn revocation(authority: &Authority, serial: &[u8]) -> Revocation {
    let found = authority.certificate(TERMINALS, serial).unwrap();
    found.row.revocation.unwrap()
}

#[test]
fn single_revocations_pass_an_act_whose_rows_are_not_written() {
    let Held {
        authority,
        folder,
        left,
        reached,
        go_on,
    } = held(5_000);
    let serials: Vec<_> = all(&authority).into_iter().map(|(it, _)| it).collect();
    let (others, chosen) = serials.split_at(100);
    let written = || meta::progress(authority.tables()).unwrap().revocations;
    let before = written();
    let worse = chosen.last().unwrap();
    let date = std::thread::scope(|scope| {
        let act = scope.spawn(|| {
            let order = order(listed(chosen));
            authority.revoke_many(&Actor::system(), &order, &mut |_| {})
        });
        reached.recv().unwrap();
        assert_eq!(written(), before, "no row is written yet");
        // The status, the certificate and the list of them say so all the same.
        assert_eq!(revoked(&authority), 4_900);
        let date = revocation(&authority, worse).date;
        for serial in chosen {
            let status = authority.status(TERMINALS, serial).unwrap();
            assert!(matches!(
                status,
                Status::Revoked {
                    reason: Some(4),
                    ..
                }
            ));
        }
        for serial in others {
            assert_eq!(authority.status(TERMINALS, serial).unwrap(), Status::Good);
        }
        // Neither revocations nor certificates wait.
        let other = by_itself(&authority, &others[0], RevocationReason::AffiliationChanged);
        assert!(other.is_ok());
        let order = terminal_order("terminal-ecc", 1, &p384());
        assert!(authority.issue(&requester(), order).is_ok());
        // What the act revoked is revoked, and may turn out to be worse: the date stays.
        let again = by_itself(&authority, &chosen[0], RevocationReason::Superseded);
        assert_eq!(again.unwrap_err().code(), "certificate.already-revoked");
        let compromised = by_itself(&authority, worse, RevocationReason::KeyCompromise).unwrap();
        assert_eq!((compromised.date, compromised.reason), (date, Some(1)));
        assert_eq!(written(), before + 2);
        go_on.send(()).unwrap();
        let done = act.join().unwrap().unwrap();
        assert_eq!(done.choice.certificates, 4_900);
        date
    });
    assert_eq!(written(), before + 4_901);
    let kept = revocation(&authority, worse);
    assert_eq!((kept.date, kept.reason), (date, Some(1)));
    assert_eq!(revocation(&authority, &chosen[0]).reason, Some(4));
    // In whichever order rows are written, the tables are the same.
    let now = digest(authority.tables()).unwrap();
    authority.stop(&folder).unwrap();
    drop((authority, folder));
    let world = left.without_store().start();
    assert_eq!(written_and_digest(&world.authority), (before + 4_901, now));
}

fn written_and_digest(authority: &Authority) -> (u64, [u8; 32]) {
    authority.spread_revocations().unwrap();
    let progress = meta::progress(authority.tables()).unwrap();
    (progress.revocations, digest(authority.tables()).unwrap())
}

#[test]
fn key_that_an_act_calls_compromised_is_certified_no_more_before_its_row_says_so() {
    let Held {
        authority,
        reached,
        go_on,
        ..
    } = held(10);
    let (mine, unhurt) = (p384(), p384());
    let issue = |number, key| {
        let order = terminal_order("terminal-ecc", number, key);
        authority.issue(&requester(), order)
    };
    let compromised = issue(1, &mine).unwrap();
    issue(2, &unhurt).unwrap();
    std::thread::scope(|scope| {
        let act = scope.spawn(|| {
            let mut order = order(listed(std::slice::from_ref(&compromised.serial)));
            order.reason = Some(RevocationReason::KeyCompromise);
            authority.revoke_many(&Actor::system(), &order, &mut |_| {})
        });
        reached.recv().unwrap();
        let refused = issue(1, &mine).unwrap_err();
        assert_eq!(refused.code(), Error::KeyCompromised.code());
        assert!(issue(2, &unhurt).is_ok());
        go_on.send(()).unwrap();
        act.join().unwrap().unwrap();
    });
    let refused = issue(1, &mine).unwrap_err();
    assert_eq!(refused.code(), Error::KeyCompromised.code());
}

#[test]
fn killed_act_counts_at_the_next_start_before_its_rows_are_written() {
    let Held {
        authority,
        folder,
        left,
        reached,
        go_on,
    } = held(3_000);
    let before = meta::progress(authority.tables()).unwrap().revocations;
    std::thread::scope(|scope| {
        let act = scope.spawn(|| {
            let order = order(of_profile("terminal-ecc"));
            let _ = authority.revoke_many(&Actor::system(), &order, &mut |_| {});
        });
        reached.recv().unwrap();
        // As a process leaves it that is killed here.
        let copied = tempfile::tempdir().unwrap();
        authority.tables().flush().unwrap();
        common::copy(left.path.path(), copied.path());
        let Stopped { clock, backend, .. } = &left;
        let world = common::start(copied, Arc::clone(clock), Arc::clone(backend));
        assert_eq!(revoked(&world.authority), 3_000);
        let (revocations, _) = written_and_digest(&world.authority);
        assert_eq!(revocations, before + 3_000);
        drop(world);
        go_on.send(()).unwrap();
        act.join().unwrap();
    });
    drop((authority, folder));
}

#[test]
fn what_is_revoked_while_others_are_chosen_keeps_its_reason_and_is_not_of_the_act() {
    let world = world();
    let authority = &world.authority;
    populate(authority, 500, 0);
    let serials: Vec<_> = all(authority).into_iter().map(|(it, _)| it).collect();
    let before = meta::progress(authority.tables()).unwrap().revocations;
    let mut meanwhile = 0;
    let mut revoke_one = |step| {
        if matches!(step, MassStep::Choosing { .. }) {
            by_itself(authority, &serials[7], RevocationReason::AffiliationChanged).unwrap();
            meanwhile += 1;
        }
    };
    let order = order(of_profile("terminal-ecc"));
    let done = authority
        .revoke_many(&Actor::system(), &order, &mut revoke_one)
        .unwrap();
    assert_eq!(meanwhile, 1);
    assert_eq!(
        (done.choice.certificates, done.choice.revoked_before),
        (499, 1)
    );
    assert_eq!(revocation(authority, &serials[7]).reason, Some(3));
    assert_eq!(written_and_digest(authority).0, before + 500);
}

#[test]
fn stop_ends_the_writing_of_an_act_and_nothing_else() {
    let Held {
        authority,
        folder,
        left,
        reached,
        go_on,
    } = held(2_000);
    // Nothing is left to be written: whoever makes a list goes on.
    let before = written_and_digest(&authority).0;
    std::thread::scope(|scope| {
        let act = scope.spawn(|| {
            let order = order(of_profile("terminal-ecc"));
            authority.revoke_many(&Actor::system(), &order, &mut |_| {})
        });
        reached.recv().unwrap();
        authority.stop_spreading();
        go_on.send(()).unwrap();
        // It is done, and only its rows are not.
        assert_eq!(act.join().unwrap().unwrap().choice.certificates, 2_000);
    });
    let refused = authority.spread_revocations().unwrap_err();
    assert_eq!(refused.code(), "authority.stopping");
    authority.stop(&folder).unwrap();
    drop((authority, folder));
    let world = left.start();
    let progress = meta::progress(world.authority.tables()).unwrap();
    assert_eq!(progress.revocations, before, "goes on where it was");
    assert_eq!(revoked(&world.authority), 2_000);
    assert_eq!(written_and_digest(&world.authority).0, before + 2_000);
    world.authority.stop_spreading();
    assert!(world.authority.spread_revocations().is_ok());
}
