//! Random faults under load: every request ends, none is lost, none is answered wrongly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use kasane_verify::crypto::{AwsLc, CryptoProvider};
use proptest::prelude::*;

use super::fake::Fault;
use super::*;
use crate::pool::SystemMonotonicClock;

const FAULTS: [Fault; 7] = [
    Fault::Busy,
    Fault::Corrupt,
    Fault::KeyNotFound,
    Fault::LostSigned,
    Fault::LostUnsigned,
    Fault::Refused,
    Fault::Unreachable,
];

/// Quick pauses, so that thousands of faults fit into a test.
fn quick(seed: u64) -> PoolOptions {
    PoolOptions {
        first_pause: Duration::from_micros(200),
        first_rest: Duration::from_micros(500),
        longest_rest: Duration::from_millis(5),
        key_recheck: Duration::from_millis(1),
        jitter_seed: seed,
        ..PoolOptions::default()
    }
}

/// One round: callers that note an attempt before each call, and call again after any failure.
fn round(seed: u64, devices: usize, callers: usize, each: usize) {
    let keys = shared_keys();
    let names = ["a", "b", "c"];
    let fakes: Vec<_> = (0..devices)
        .map(|at| FakeDevice::with(names[at], &keys, 1 + at, Some(20)))
        .collect();
    let members = fakes.iter().enumerate().map(|(at, fake)| Member {
        device: Arc::new(fake.clone()),
        preference: u8::from(at == 2),
    });
    let clock = Arc::new(SystemMonotonicClock::new());
    let pool = Pool::new(members.collect(), quick(seed), clock).unwrap();
    pool.set_log_sink(Arc::new(Nowhere));
    let key = open(&pool);
    let public = AwsLc.public_key(&key.info().spki).unwrap();
    let released = AtomicUsize::new(0);
    thread::scope(|scope| {
        for caller in 0..callers {
            let (key, public, pool) = (&key, &public, &pool);
            let (fakes, released) = (&fakes, &released);
            scope.spawn(move || {
                let mut random = fastrand::Rng::with_seed(seed ^ (caller as u64) << 32);
                for number in 0..each {
                    if random.u8(..) < 40 {
                        let fake = &fakes[random.usize(..fakes.len())];
                        fake.script([FAULTS[random.usize(..FAULTS.len())]]);
                    }
                    let message = format!("{caller} {number}");
                    let mut attempts = 0;
                    let end = Instant::now() + FOREVER;
                    loop {
                        assert!(Instant::now() < end, "request {message} never ends");
                        attempts += 1;
                        let signature = match sign(&**key, message.as_bytes()) {
                            Ok(signature) => signature,
                            Err(Error::NoDevice { .. } | Error::KeyNotFound { .. }) => {
                                // Every device is quarantined or without the key: people help.
                                for fake in fakes {
                                    pool.enable(crate::Device::name(fake));
                                }
                                continue;
                            }
                            Err(error) => {
                                assert!(error.was_attempted(), "{error}");
                                continue;
                            }
                        };
                        let verified = public.verify(
                            SignatureAlgorithm::EcdsaSha256,
                            message.as_bytes(),
                            &signature.octets,
                        );
                        if verified.is_ok() {
                            released.fetch_add(1, Ordering::SeqCst);
                            break;
                        }
                        key.reject(&signature.device);
                    }
                    let signed: usize = fakes.iter().map(|it| it.signed(message.as_bytes())).sum();
                    assert!(
                        attempts >= signed,
                        "{attempts} attempts, {signed} signatures"
                    );
                    assert!(signed >= 1);
                }
            });
        }
    });
    assert_eq!(released.into_inner(), callers * each);
    let snapshot = pool.snapshot();
    assert!(snapshot.queued.is_empty());
    assert!(snapshot.devices.iter().all(|device| device.overdue == 0));
}

struct Nowhere;

impl crate::pool::LogSink for Nowhere {
    fn store(
        &self,
        _: &DeviceName,
        _: &crate::DeviceIdentity,
        _: &crate::device::LogPage,
        _: &[(u16, crate::KeyLabel)],
    ) -> Result<(), crate::pool::SinkError> {
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_faults_lose_no_request_and_attempts_cover_signatures(
        seed in any::<u64>(),
        devices in 2_usize..=3,
    ) {
        round(seed, devices, 16, 100);
    }
}
