//! Simulators at the device's pace: two over one.

use std::sync::Arc;

use kasane_hsm::config::Access;
use kasane_hsm::device::{LogPage, Wrapping};
use kasane_hsm::pool::{LogSink, SinkError};
use kasane_hsm::{
    Device, DeviceIdentity, DeviceName, KeyBackend, KeyLabel, KeyRole, Pool, SigningKey,
};
use kasane_hsm_simulator::{Options, Pace, Simulator};
use kasane_verify::KeyAlgorithm;

use crate::measure::{paired, pool, time_of_many};
use crate::yubihsm_site::{device, set_up};

/// A simulator that takes a device's time and was set up for an authority.
pub(crate) fn paced() -> Simulator {
    let simulator = Simulator::start(Options {
        pace: Pace::Device,
        ..Options::default()
    })
    .unwrap();
    set_up(&simulator.url());
    simulator
}

pub(crate) fn two_over_one() {
    let (a, b) = (paced(), paced());
    let label = KeyLabel::new("issuing").unwrap();
    let (from, to) = (
        device("a", &a.url(), Access::Ceremony),
        device("b", &b.url(), Access::Ceremony),
    );
    from.generate(&label, KeyRole::IssuingCa, KeyAlgorithm::P384)
        .unwrap();
    let secret = [7; 32];
    let wrapping = |device: &dyn Device, act: &dyn Fn(&dyn Wrapping)| {
        let wrapping = device.wrapping().unwrap();
        wrapping.put_wrap_key(&secret).unwrap();
        act(wrapping);
    };
    wrapping(&from, &|from| {
        let key = from.export(&label).unwrap();
        wrapping(&to, &|to| {
            to.import(&key).unwrap();
        });
    });
    let signing = |simulators: &[(&str, &Simulator)]| {
        let devices = simulators.iter().map(|(name, simulator)| {
            Arc::new(device(name, &simulator.url(), Access::Signing)) as Arc<dyn Device>
        });
        drained(pool(devices.collect()))
    };
    let (one, two) = (signing(&[("a", &a)]), signing(&[("a", &a), ("b", &b)]));
    let key =
        |pool: &Pool| -> Arc<dyn SigningKey> { pool.open(&label, KeyRole::IssuingCa).unwrap() };
    let (of_one, of_two) = (key(&one), key(&two));
    let ratio = paired(
        5,
        || time_of_many(&*of_two, 8, 50),
        || time_of_many(&*of_one, 8, 50),
    );
    println!(
        "devices: throughput of 2 over 1 at the device's pace, P-384: {ratio:.3} (asked: at least 1.95)"
    );
}

/// With a sink for its logs: they hold 62 entries, and drains are a part of the price.
pub(crate) fn drained(pool: Arc<Pool>) -> Arc<Pool> {
    pool.set_log_sink(Arc::new(Nowhere));
    pool
}

struct Nowhere;

impl LogSink for Nowhere {
    fn store(
        &self,
        _device: &DeviceName,
        _identity: &DeviceIdentity,
        _page: &LogPage,
        _labels: &[(u16, KeyLabel)],
    ) -> Result<(), SinkError> {
        Ok(())
    }
}
