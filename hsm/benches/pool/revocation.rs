//! How long a revocation's CRL waits for its signature behind a full queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kasane_hsm::config::Access;
use kasane_hsm::{Device, DeviceName, KeyBackend, KeyLabel, KeyRole, Priority};
use kasane_verify::KeyAlgorithm;

use crate::devices::{drained, paced};
use crate::measure::{pool, sign};
use crate::yubihsm_site::device;

/// Issuances that wait at any time.
const WAITING: usize = 1_000;
/// CRLs of each family.
const CRLS: usize = 100;

pub(crate) fn behind_a_queue() {
    let simulator = paced();
    let maker = device("a", &simulator.url(), Access::Ceremony);
    let families = [
        ("rsa", KeyAlgorithm::Rsa { bits: 3072 }),
        ("ecc", KeyAlgorithm::P384),
    ];
    let labels = families.map(|(text, algorithm)| {
        let label = KeyLabel::new(text).unwrap();
        maker
            .generate(&label, KeyRole::IssuingCa, algorithm)
            .unwrap();
        label
    });
    let serving: Arc<dyn Device> = Arc::new(device("a", &simulator.url(), Access::Signing));
    let pool = drained(pool(vec![serving]));
    let keys = labels
        .each_ref()
        .map(|label| pool.open(label, KeyRole::IssuingCa).unwrap());
    let ends = AtomicBool::new(false);
    let waits = thread::scope(|scope| {
        for number in 0..=WAITING {
            // Both families wait, mixed.
            let (key, ends) = (&keys[number % 2], &ends);
            let issue = move || {
                while !ends.load(Ordering::SeqCst) {
                    let _ = key.sign(&kasane_hsm::SignRequest {
                        algorithm: key.info().algorithm.default_signature(),
                        message: b"a certificate",
                        priority: Priority::Issuance,
                        deadline: Duration::from_secs(if ends.load(Ordering::SeqCst) {
                            0
                        } else {
                            300
                        }),
                    });
                }
            };
            thread::Builder::new()
                .stack_size(128 * 1024)
                .spawn_scoped(scope, issue)
                .unwrap();
        }
        while pool.snapshot().queued.get(&Priority::Issuance) < Some(&WAITING) {
            thread::sleep(Duration::from_millis(1));
        }
        let mut pause = fastrand::Rng::with_seed(7);
        let waits = keys.each_ref().map(|key| {
            let mut waits: Vec<Duration> = (0..CRLS)
                .map(|_| {
                    // Anywhere within the command in flight.
                    thread::sleep(Duration::from_millis(pause.u64(0..600)));
                    let begun = Instant::now();
                    sign(&**key, Priority::Revocation);
                    begun.elapsed()
                })
                .collect();
            waits.sort();
            waits
        });
        let snapshot = pool.snapshot();
        let seen = snapshot.device(&DeviceName::new("a").unwrap()).unwrap();
        let longest = |label: &KeyLabel| seen.keys[label].service.longest;
        let in_flight = labels.iter().map(longest).max().unwrap();
        let waiting = snapshot.queued[&Priority::Issuance];
        for ((label, waits), (_, algorithm)) in labels.iter().zip(&waits).zip(families) {
            let at = |part: usize| waits[(waits.len() * part).div_ceil(100) - 1];
            println!(
                "revocation: CRL by {algorithm} behind {waiting} issuances: median {:?}, 99th percentile {:?}; longest command {in_flight:?} and its own {:?}: bound {:?}",
                at(50),
                at(99),
                longest(label),
                in_flight + longest(label),
            );
        }
        ends.store(true, Ordering::SeqCst);
        // Whoever waits is told to go.
        drop(pool);
        waits
    });
    drop(waits);
}
