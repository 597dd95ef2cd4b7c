//! A quarantine outlives the process: it is told when a pool begins, and only people end it.

use super::*;
use crate::RecordedQuarantine;
use crate::pool::{DeviceState, QuarantineCause};

fn recorded(device: &str, serial: &str) -> RecordedQuarantine {
    RecordedQuarantine {
        device: device.to_owned(),
        serial: serial.to_owned(),
        reason: "its signature did not verify".to_owned(),
    }
}

fn quarantined(pool: &Pool) -> Vec<String> {
    let devices = pool.snapshot().devices;
    let locked =
        |it: &&crate::pool::DeviceSnapshot| matches!(it.state, DeviceState::Quarantined { .. });
    let names = devices.iter().filter(locked).map(|it| it.name.to_string());
    names.collect()
}

#[test]
fn device_is_known_again_by_its_serial_number_whatever_it_is_called() {
    let keys = shared_keys();
    // A fake's serial number is its name.
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let pool = pool_of(&[(&a, 0), (&b, 0)], PoolOptions::default(), &clock());
    let heard = Heard::on(&pool);
    // What was called `a` then is `b` now, and something else is called `a`.
    pool.quarantine_recorded(&[recorded("a", "b")]);
    assert_eq!(quarantined(&pool), ["b"]);
    let key = open(&pool);
    for _ in 0..4 {
        assert_eq!(sign(&*key, b"m").unwrap().device, name("a"));
    }
    assert!(b.asked().is_empty());
    assert!(matches!(
        heard.0.lock()[..],
        [Alarm::Quarantined {
            cause: QuarantineCause::OnRecord,
            ..
        }]
    ));
}

#[test]
fn device_that_does_not_answer_or_had_no_serial_number_is_known_by_its_name() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let pool = pool_of(&[(&a, 0), (&b, 0)], PoolOptions::default(), &clock());
    a.give_no_identity();
    pool.quarantine_recorded(&[recorded("a", "another"), recorded("b", "")]);
    assert_eq!(quarantined(&pool), ["a", "b"]);
}

#[test]
fn people_bring_it_back() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    pool.quarantine_recorded(&[recorded("a", "a")]);
    assert!(matches!(
        pool.open(&label(), KeyRole::IssuingCa),
        Err(Error::NoDevice { .. })
    ));
    pool.enable(&name("a"));
    eventually("in service", || {
        pool.snapshot().devices[0].state == DeviceState::InService
    });
    sign(&*open(&pool), b"m").unwrap();
}
