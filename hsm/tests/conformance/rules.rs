//! The rules.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kasane_hsm::device::LogPage;
use kasane_hsm::pool::{DeviceState, LogSink, SinkError};
use kasane_hsm::{
    DeviceIdentity, DeviceName, KeyBackend, KeyLabel, KeyRole, Priority, SignRequest,
};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};

use crate::world::{
    PATIENCE, SHORT, Through, Trouble, World, issuing_key, label, make, pool, sign, sign_at_last,
    sign_within,
};

pub(crate) fn each_algorithm_signs_and_verifies(world: &dyn World, through: Through) {
    let maker = world.maker();
    for (number, algorithm) in world.algorithms().into_iter().enumerate() {
        let label = label(&format!("key-{number}"));
        let made = maker
            .generate(&label, KeyRole::IssuingCa, algorithm)
            .unwrap();
        let backend = through.backend(world.device());
        let key = backend.open(&label, KeyRole::IssuingCa).unwrap();
        assert_eq!(*key.info(), made);
        // Nothing, little, and more than one command of a device may carry.
        for length in [0, 1, 100, 100_000] {
            sign(&*key, &vec![7; length]).unwrap();
        }
    }
}

pub(crate) fn concurrent_use_mixes_nothing_up(world: &dyn World, through: Through) {
    let maker = world.maker();
    for text in ["one", "two"] {
        maker
            .generate(&label(text), KeyRole::IssuingCa, KeyAlgorithm::P256)
            .unwrap();
    }
    let backend = through.backend(world.device());
    let keys = ["one", "two"].map(|it| backend.open(&label(it), KeyRole::IssuingCa).unwrap());
    // The log of a device is small: less than it holds.
    thread::scope(|scope| {
        for caller in 0..8 {
            let key = &keys[caller % 2];
            scope.spawn(move || {
                for number in 0..3 {
                    sign(&**key, format!("{caller} {number}").as_bytes()).unwrap();
                }
            });
        }
    });
}

pub(crate) fn role_is_refused_across_kinds(world: &dyn World, through: Through) {
    let (backend, key) = issuing_key(world, through);
    for role in KeyRole::ALL {
        let opened = backend.open(&label("issuing"), role);
        if role == KeyRole::IssuingCa {
            opened.unwrap();
        } else {
            let error = opened.unwrap_err();
            assert_eq!(error.code(), "key.role-mismatch", "{role}: {error}");
        }
    }
    sign(&*key, b"m").unwrap();
}

pub(crate) fn label_names_one_key(world: &dyn World, through: Through) {
    let (backend, key) = issuing_key(world, through);
    let maker = through.backend(world.maker());
    let again = maker.generate(&label("issuing"), KeyRole::IssuingCa, KeyAlgorithm::P256);
    assert_eq!(again.unwrap_err().code(), "key.exists");
    let missing = backend.open(&label("missing"), KeyRole::IssuingCa);
    assert_eq!(missing.unwrap_err().code(), "key.not-found");
    let listed = backend.keys().unwrap();
    assert_eq!(listed, [key.info().clone()]);
}

pub(crate) fn signature_of_another_algorithm_is_refused_unasked(
    world: &dyn World,
    through: Through,
) {
    let (_backend, key) = issuing_key(world, through);
    for algorithm in [
        SignatureAlgorithm::EcdsaSha384,
        SignatureAlgorithm::RsaPkcs1Sha256,
        SignatureAlgorithm::Ed25519,
    ] {
        let error = key
            .sign(&SignRequest {
                algorithm,
                message: b"m",
                priority: Priority::Issuance,
                deadline: PATIENCE,
            })
            .unwrap_err();
        assert_eq!(error.code(), "key.signature-unsupported", "{error}");
        assert!(!error.was_attempted());
    }
    sign(&*key, b"m").unwrap();
}

pub(crate) fn lost_session_needs_no_restart(world: &dyn World, through: Through) {
    let (_backend, key) = issuing_key(world, through);
    for _ in 0..3 {
        sign(&*key, b"m").unwrap();
        if !world.inflict(Trouble::LostSession) {
            return;
        }
        sign_at_last(&*key, b"m");
    }
}

pub(crate) fn removed_device_is_unreachable_and_serves_when_it_is_back(
    world: &dyn World,
    through: Through,
) {
    let (_backend, key) = issuing_key(world, through);
    sign(&*key, b"m").unwrap();
    if !world.inflict(Trouble::Removed) {
        return;
    }
    // A request that was on its way may be lost with the connection.
    sign_within(&*key, b"m", SHORT).unwrap_err();
    for _ in 0..3 {
        let error = sign_within(&*key, b"m", SHORT).unwrap_err();
        match through {
            Through::Bare => {
                assert_eq!(error.code(), "device.unreachable", "{error}");
                assert!(!error.was_attempted());
            }
            // It waited for the device until the deadline, at which the driver may have been
            // looking for the token: then nothing is certain.
            Through::Pool => assert_eq!(error.code(), "key.timed-out", "{error}"),
        }
    }
    world.heal();
    sign_at_last(&*key, b"m");
}

pub(crate) fn lost_answer_is_an_attempt(world: &dyn World, through: Through) {
    let (_backend, key) = issuing_key(world, through);
    sign(&*key, b"m").unwrap();
    if !world.inflict(Trouble::LostAnswer) {
        return;
    }
    let error = sign(&*key, b"m").unwrap_err();
    assert!(error.was_attempted(), "{error}");
    sign_at_last(&*key, b"m");
}

pub(crate) fn deadline_is_kept_by_a_slow_device(world: &dyn World, through: Through) {
    let (_backend, key) = issuing_key(world, through);
    let unasked = sign_within(&*key, b"m", Duration::ZERO).unwrap_err();
    assert!(!unasked.was_attempted(), "{unasked}");
    sign(&*key, b"m").unwrap();
    // Where a driver cannot be interrupted, the pool is what keeps the deadline.
    if (through == Through::Bare && !world.is_interruptible()) || !world.inflict(Trouble::Slow) {
        return;
    }
    let error = sign_within(&*key, b"m", SHORT).unwrap_err();
    assert_eq!(error.code(), "key.timed-out", "{error}");
    assert!(error.was_attempted());
    world.heal();
    sign_at_last(&*key, b"m");
}

pub(crate) fn full_log_is_said_and_ends_with_a_drain(world: &dyn World, through: Through) {
    make(world);
    let device = world.device();
    match through {
        Through::Bare => {
            let key = device.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
            if !world.inflict(Trouble::FullLog) {
                return;
            }
            let error = sign(&*key, b"m").unwrap_err();
            assert_eq!(error.code(), "device.log-full", "{error}");
            assert!(!error.was_attempted());
            let log = device.command_log().unwrap();
            let last = log.read().unwrap().entries.last().copied().unwrap();
            log.acknowledge(last.number).unwrap();
            sign(&*key, b"m").unwrap();
        }
        Through::Pool => {
            let pool = pool(device);
            let key = pool.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
            if !world.inflict(Trouble::FullLog) {
                return;
            }
            let sink = Arc::new(Sink::default());
            pool.set_log_sink(Arc::<Sink>::clone(&sink));
            // More than the log holds.
            for _ in 0..100 {
                sign(&*key, b"m").unwrap();
            }
            let drained = pool.drain_now();
            assert!(drained.iter().all(|(_, it)| it.is_ok()), "{drained:?}");
            let stored = sink.0.lock();
            let entries: Vec<_> = stored.iter().flatten().collect();
            assert!(entries.len() >= 100);
            let mut pairs = entries.windows(2);
            assert!(pairs.all(|pair| pair[1].follows(pair[0])));
        }
    }
}

pub(crate) fn wrong_credential_is_tried_once(world: &dyn World, through: Through) {
    make(world);
    // Whoever is logged in already is not asked for a credential.
    world.restart();
    let before = world.tries();
    match (world.impostor(), through) {
        // Found out before a device was asked.
        (Err(error), _) => assert_eq!(error.code(), "key.cannot-decrypt", "{error}"),
        (Ok(impostor), Through::Bare) => {
            for _ in 0..5 {
                let refused = impostor.open(&label("issuing"), KeyRole::IssuingCa);
                let error = refused.unwrap_err();
                assert_eq!(error.code(), "device.wrong-credential", "{error}");
                assert!(!error.was_attempted());
            }
        }
        (Ok(impostor), Through::Pool) => {
            let pool = pool(impostor);
            let refused = pool.open(&label("issuing"), KeyRole::IssuingCa);
            let error = refused.unwrap_err();
            assert_eq!(error.code(), "device.wrong-credential", "{error}");
            for _ in 0..4 {
                let refused = pool.open(&label("issuing"), KeyRole::IssuingCa);
                assert_eq!(refused.unwrap_err().code(), "device.none");
            }
            let state = &pool.snapshot().devices[0].state;
            assert!(matches!(state, DeviceState::Disabled { .. }), "{state:?}");
        }
    }
    if let (Some(before), Some(after)) = (before, world.tries()) {
        assert_eq!(after - before, 1);
    }
    // The right one still works: nothing was locked.
    let device = world.device();
    let key = device.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
    sign(&*key, b"m").unwrap();
}

pub(crate) fn keys_outlive_a_restart(world: &dyn World, through: Through) {
    let (_backend, key) = issuing_key(world, through);
    let before = key.info().clone();
    sign(&*key, b"m").unwrap();
    world.restart();
    let backend = through.backend(world.device());
    let opened = backend.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
    assert_eq!(*opened.info(), before);
    sign(&*opened, b"m").unwrap();
    // Who had it open before finds it again.
    sign_at_last(&*key, b"m");
}

/// Keeps pages.
#[derive(Default)]
struct Sink(parking_lot::Mutex<Vec<Vec<kasane_hsm::device::LogEntry>>>);

impl LogSink for Sink {
    fn store(
        &self,
        _device: &DeviceName,
        _identity: &DeviceIdentity,
        page: &LogPage,
        _labels: &[(u16, KeyLabel)],
    ) -> Result<(), SinkError> {
        self.0.lock().push(page.entries.clone());
        Ok(())
    }
}
