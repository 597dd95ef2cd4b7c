//! How far an act is that revokes many, asked while it runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use kasane_ca_core::Requester;
use kasane_ca_core::authority::Parts;
use kasane_ca_core::clock::{Clock, ManualClock};
use kasane_ca_core::fail_point::{FailPoint, FailPoints};
use kasane_hsm::InMemoryBackend;
use kasane_verify::UnixTime;
use parking_lot::Mutex;

use super::world::{World, manual_clock, parts};
use crate::control::*;

/// Asks how far the act is whenever the authority looks at its clock or passes a fail point: every step
/// has such a moment, however fast it is.
struct Witness {
    clock: ManualClock,
    /// Whom it asks, while it is to ask.
    context: Mutex<Option<Context>>,
    seen: Mutex<Vec<MassRevocationView>>,
}

impl Witness {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: manual_clock(),
            context: Mutex::default(),
            seen: Mutex::default(),
        })
    }

    fn look(&self) {
        let context = self.context.lock().clone();
        if let Some(context) = context {
            let view = progress(&context);
            if view.step.is_some() {
                self.seen.lock().push(view);
            }
        }
    }
}

impl Clock for Witness {
    fn now(&self) -> UnixTime {
        self.look();
        self.clock.now()
    }
}

impl FailPoints for Witness {
    fn reached(&self, _point: FailPoint) {
        self.look();
    }
}

fn progress(context: &Context) -> MassRevocationView {
    let question = Request::MassRevocationProgress(MassRevocationProgress {});
    match dispatch(context, question, &Requester::local_user(1000)).unwrap() {
        Response::MassRevocation(view) => view,
        other => panic!("{other:?}"),
    }
}

fn revoke_all(world: &World, confirmed: u64) -> Result<Response, Problem> {
    world.ask(Request::RevokeMany(Box::new(RevokeMany {
        profile: Some("terminal-ecc".into()),
        reason: "superseded".into(),
        confirmed: Some(confirmed),
        ..RevokeMany::default()
    })))
}

#[test]
fn each_step_of_a_mass_revocation_is_told_while_it_runs_and_none_when_it_is_over() {
    let witness = Witness::new();
    let world = World::of(Parts {
        clock: Arc::clone(&witness) as Arc<dyn Clock>,
        fail_points: Arc::clone(&witness) as Arc<dyn FailPoints>,
        ..parts(&Arc::new(InMemoryBackend::new()))
    });
    let serials = [1, 2].map(|terminal| world.issue(terminal).serial);
    *witness.context.lock() = Some(world.context.clone());
    revoke_all(&world, 2).unwrap();
    *witness.context.lock() = None;
    let seen = std::mem::take(&mut *witness.seen.lock());
    let mut steps: Vec<_> = seen.iter().map(|it| it.step.as_deref().unwrap()).collect();
    steps.dedup();
    assert_eq!(
        steps,
        ["choosing", "revoking", "writing", "publishing"],
        "{seen:?}"
    );
    let told = |step: &str| {
        let of_it = seen.iter().filter(|it| it.step.as_deref() == Some(step));
        of_it.map(|it| (it.done, it.total)).collect::<Vec<_>>()
    };
    // Others are looked at as well.
    let (looked_at, total) = told("choosing")[0];
    assert!(looked_at == total && total >= 2, "{seen:?}");
    assert!(told("revoking").iter().all(|it| *it == (0, 2)), "{seen:?}");
    assert_eq!(told("writing").last(), Some(&(2, 2)));
    // The shard of sixteen is the last digit.
    let shards: BTreeSet<_> = serials.iter().map(|it| it.chars().next_back()).collect();
    assert_eq!(told("publishing")[0], (0, shards.len() as u64));
    assert_eq!(progress(&world.context), MassRevocationView::default());
}

#[test]
fn refused_mass_revocation_leaves_nothing_to_tell() {
    let world = World::new();
    world.issue(1);
    assert_eq!(progress(&world.context), MassRevocationView::default());
    let refused = revoke_all(&world, 2).unwrap_err();
    assert_eq!(refused.code, "revocation.count-differs");
    assert_eq!(progress(&world.context), MassRevocationView::default());
}
