//! Random faults, crashes and rogue signatures.

use proptest::prelude::*;

use crate::device::{Fault, OURS};
use crate::world::{ISSUING, OCSP, key, world};

#[derive(Clone, Copy, Debug)]
enum Step {
    Issue(Option<Fault>),
    Answer(Option<Fault>),
    Checkpoint(Option<Fault>),
    Drain { acknowledge: bool },
    Reconcile { later: bool },
    Crash,
    Restart,
    Count,
    Rogue,
}

fn fault(executed: bool) -> BoxedStrategy<Option<Fault>> {
    let mut faults = vec![
        None,
        Some(Fault::AnswerLost),
        Some(Fault::Busy),
        Some(Fault::WrongKey),
    ];
    if !executed {
        faults.extend([Some(Fault::CommandLost), Some(Fault::Refused)]);
    }
    prop::sample::select(faults).boxed()
}

fn step(with_rogues: bool) -> BoxedStrategy<Step> {
    let common = prop_oneof![
        4 => fault(with_rogues).prop_map(Step::Issue),
        3 => fault(with_rogues).prop_map(Step::Answer),
        2 => fault(with_rogues).prop_map(Step::Checkpoint),
        2 => any::<bool>().prop_map(|acknowledge| Step::Drain { acknowledge }),
        1 => any::<bool>().prop_map(|later| Step::Reconcile { later }),
        1 => Just(Step::Crash),
        1 => Just(Step::Restart),
        1 => Just(Step::Count),
    ];
    if with_rogues {
        prop_oneof![6 => common, 1 => Just(Step::Rogue)].boxed()
    } else {
        common.boxed()
    }
}

/// Runs the steps; the number of rogue signatures and the alarms of signatures that nobody asked
/// for.
fn run(steps: &[Step]) -> (usize, usize) {
    let mut world = world();
    let mut rogues = 0;
    for step in steps {
        match *step {
            Step::Issue(fault) => {
                world.device.fail_next(fault);
                world.issue().unwrap();
            }
            Step::Answer(fault) => {
                world.device.fail_next(fault);
                world.answer_ocsp().ok();
            }
            Step::Checkpoint(fault) => {
                world.device.fail_next(fault);
                world.authority.checkpoint().ok();
            }
            Step::Drain { acknowledge } => world.device.drain(acknowledge).unwrap(),
            Step::Reconcile { later } => {
                if later {
                    let now = world.authority.now();
                    world.clock.set(now.plus_seconds(600));
                }
                world.reconcile();
            }
            Step::Crash => world = world.crash(),
            Step::Restart => world = world.restart(),
            Step::Count => world.authority.note_signatures().unwrap(),
            Step::Rogue => {
                world.device.rogue(0x56, world.device.id(ISSUING), OURS);
                rogues += 1;
            }
        }
    }
    let report = world.reconcile();
    let expected = ["wrong-signature", "signature-without-attempt"];
    for alarm in &report.alarms {
        assert!(expected.contains(&alarm.alarm.as_str()), "{alarm:?}");
    }
    let found = report
        .alarms
        .iter()
        .filter(|alarm| alarm.alarm == "signature-without-attempt")
        .count();
    let ocsp = key(&report, OCSP);
    assert!(ocsp.device_signatures.unwrap_or(0) <= ocsp.attempts);
    (rogues, found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn faults_and_crashes_are_never_taken_for_rogue_signatures(
        steps in prop::collection::vec(step(false), 1..40)
    ) {
        let (_, found) = run(&steps);
        prop_assert_eq!(found, 0);
    }

    #[test]
    fn every_rogue_signature_is_found(
        steps in prop::collection::vec(step(true), 1..40)
    ) {
        let (rogues, found) = run(&steps);
        prop_assert_eq!(found, rogues);
    }
}
