//! What the tests share: simulators that were set up as production devices are, and their clients.

use std::net::SocketAddr;
use std::time::Duration;

use kasane_hsm::config::{Access, ForeignKey, YubiHsmConfig};
use kasane_hsm::yubihsm::provision::{self, Commissioned};
use kasane_hsm::{
    Device, Error, KeyBackend, KeyLabel, KeyRole, Priority, SignRequest, Signature, SigningKey,
    YubiHsmDevice,
};
use kasane_hsm_simulator::{ControlAddress, Options, Simulator};
use kasane_verify::crypto::{AwsLc, CryptoProvider};

use crate::yubihsm_site::{self, Passwords, open, set_up};

pub(crate) use crate::yubihsm_site::{AUDIT, SIGNING, config, default_login, place, plan};

/// Long enough for two busy cores.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A simulator in a thread, and how it is told to misbehave.
pub(crate) struct Site {
    pub(crate) simulator: Simulator,
}

impl Site {
    /// As it leaves the factory.
    pub(crate) fn fresh() -> Self {
        Self::with(Options::default())
    }

    /// With other options.
    pub(crate) fn with(options: Options) -> Self {
        let simulator = Simulator::start(Options {
            control: Some(ControlAddress::Port(SocketAddr::from(([127, 0, 0, 1], 0)))),
            ..options
        })
        .unwrap();
        Self { simulator }
    }

    /// Set up for an authority.
    pub(crate) fn commissioned() -> Self {
        let site = Self::fresh();
        set_up(&site.simulator.url());
        site
    }

    pub(crate) fn commission(&self) -> Result<Commissioned, Error> {
        provision::commission(&place(&self.simulator.url()), &default_login(), &plan())
    }

    pub(crate) fn device(&self, access: Access) -> YubiHsmDevice {
        yubihsm_site::device("hsm-a", &self.simulator.url(), access)
    }

    /// Asks for misbehaviour, in the simulator's JSON.
    pub(crate) fn misbehave(&self, wish: &str) {
        let mut answer = agent()
            .post(format!("{}/misbehave", self.control()))
            .send(wish)
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status(), 200, "{wish}: {text}");
    }

    /// What the simulator tells about itself.
    pub(crate) fn status(&self) -> serde_json::Value {
        let mut answer = agent()
            .get(format!("{}/status", self.control()))
            .call()
            .unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// How many commands of that code were executed.
    pub(crate) fn executed(&self, code: u8) -> u64 {
        let status = self.status();
        let counters = &status["counters"];
        let by_code = counters.get("commands").unwrap_or(counters);
        by_code
            .get(code.to_string())
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0)
    }

    fn control(&self) -> String {
        match &self.simulator.listening().control {
            Some(ControlAddress::Port(address)) => format!("http://{address}"),
            other => panic!("{other:?}"),
        }
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::new_with_config(
        ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .proxy(None)
            .build(),
    )
}

pub(crate) fn device(config: &YubiHsmConfig, access: Access) -> YubiHsmDevice {
    device_with(config, &[], access).unwrap()
}

pub(crate) fn device_with(
    config: &YubiHsmConfig,
    keys: &[ForeignKey],
    access: Access,
) -> Result<YubiHsmDevice, Error> {
    open("hsm-a", config, keys, access, &Passwords)
}

pub(crate) fn label(text: &str) -> KeyLabel {
    KeyLabel::new(text).unwrap()
}

/// Makes a key in a ceremony and opens it for `access`.
pub(crate) fn signing_key(
    site: &Site,
    text: &str,
    role: KeyRole,
    algorithm: kasane_verify::KeyAlgorithm,
) -> (YubiHsmDevice, std::sync::Arc<dyn SigningKey>) {
    site.device(Access::Ceremony)
        .generate(&label(text), role, algorithm)
        .unwrap();
    let device = site.device(Access::Signing);
    let key = device.open(&label(text), role).unwrap();
    (device, key)
}

/// Signs with the algorithm of the key.
pub(crate) fn sign(key: &dyn SigningKey, message: &[u8]) -> Result<Signature, Error> {
    sign_within(key, message, PATIENCE)
}

pub(crate) fn sign_within(
    key: &dyn SigningKey,
    message: &[u8],
    deadline: Duration,
) -> Result<Signature, Error> {
    key.sign(&SignRequest {
        algorithm: key.info().algorithm.default_signature(),
        message,
        priority: Priority::Issuance,
        deadline,
    })
}

/// Signs, and sees that the signature verifies.
pub(crate) fn sign_well(key: &dyn SigningKey, message: &[u8]) {
    let signature = sign(key, message).unwrap();
    let info = key.info();
    AwsLc
        .verify(
            info.algorithm.default_signature(),
            &info.spki,
            message,
            &signature.octets,
        )
        .unwrap();
    assert_eq!(signature.device.as_str(), "hsm-a");
}

/// Drains the log of a device.
pub(crate) fn drain(device: &YubiHsmDevice) -> Vec<kasane_hsm::device::LogEntry> {
    let log = device.command_log().unwrap();
    let page = log.read().unwrap();
    if let Some(last) = page.entries.last() {
        log.acknowledge(last.number).unwrap();
    }
    page.entries
}
