//! The simulator, behind the real protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kasane_hsm::config::{Access, Credential, CredentialSource};
use kasane_hsm::{Device, Error};
use kasane_hsm_simulator::{ControlAddress, Options, Simulator};
use kasane_verify::KeyAlgorithm;
use parking_lot::Mutex;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::world::{Trouble, World};
use crate::yubihsm_site::{config, device, open, set_up};

/// SIGN ECDSA of the device's commands.
const SIGN_ECDSA: u8 = 0x56;
/// CREATE SESSION of the device's commands.
const CREATE_SESSION: &str = "3";

pub(crate) struct Simulated {
    folder: TempDir,
    running: Mutex<Option<Simulator>>,
}

impl Simulated {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let simulator = start(&folder, any);
        set_up(&simulator.url());
        let it = Self {
            folder,
            running: Mutex::new(Some(simulator)),
        };
        it.drain();
        it
    }

    fn with<T>(&self, act: impl FnOnce(&Simulator) -> T) -> T {
        act(self.running.lock().as_ref().unwrap())
    }

    fn url(&self) -> String {
        self.with(Simulator::url)
    }

    fn control(&self) -> String {
        self.with(|simulator| match &simulator.listening().control {
            Some(ControlAddress::Port(address)) => format!("http://{address}"),
            other => panic!("{other:?}"),
        })
    }

    fn misbehave(&self, wish: &str) {
        ureq::post(format!("{}/misbehave", self.control()))
            .config()
            .proxy(None)
            .build()
            .send(wish)
            .unwrap();
    }

    /// Setting up and making keys fill the log too.
    fn drain(&self) {
        let device = device("hsm-a", &self.url(), Access::Audit);
        let log = device.command_log().unwrap();
        if let Some(last) = log.read().unwrap().entries.last() {
            log.acknowledge(last.number).unwrap();
        }
    }
}

fn start(folder: &TempDir, listen: SocketAddr) -> Simulator {
    Simulator::start(Options {
        listen,
        control: Some(ControlAddress::Port(SocketAddr::from(([127, 0, 0, 1], 0)))),
        state: Some(folder.path().to_owned()),
        ..Options::default()
    })
    .unwrap()
}

impl World for Simulated {
    fn maker(&self) -> Arc<dyn Device> {
        self.drain();
        Arc::new(device("hsm-a", &self.url(), Access::Ceremony))
    }

    fn device(&self) -> Arc<dyn Device> {
        self.drain();
        Arc::new(device("hsm-a", &self.url(), Access::Signing))
    }

    fn impostor(&self) -> Result<Arc<dyn Device>, Error> {
        let config = config(&self.url());
        Ok(Arc::new(open(
            "hsm-b",
            &config,
            &[],
            Access::Signing,
            &Wrong,
        )?))
    }

    fn tries(&self) -> Option<usize> {
        let status = ureq::get(format!("{}/status", self.control()))
            .config()
            .proxy(None)
            .build()
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        let counters = &status["counters"];
        let by_code = counters.get("commands").unwrap_or(counters);
        let count = by_code.get(CREATE_SESSION)?.as_u64()?;
        Some(usize::try_from(count).unwrap())
    }

    fn is_interruptible(&self) -> bool {
        true
    }

    fn algorithms(&self) -> Vec<KeyAlgorithm> {
        vec![
            KeyAlgorithm::Rsa { bits: 2048 },
            KeyAlgorithm::Rsa { bits: 3072 },
            KeyAlgorithm::P256,
            KeyAlgorithm::P384,
        ]
    }

    fn inflict(&self, trouble: Trouble) -> bool {
        let wish = match trouble {
            Trouble::FullLog => r#"{"do": "fill_log"}"#.to_owned(),
            Trouble::LostAnswer => {
                format!(r#"{{"do": "lose_answer", "command": {SIGN_ECDSA}, "count": 1}}"#)
            }
            Trouble::LostSession => r#"{"do": "drop_sessions"}"#.to_owned(),
            Trouble::Removed => r#"{"do": "go_away", "milliseconds": 3600000}"#.to_owned(),
            Trouble::Slow => format!(
                r#"{{"do": "delay", "milliseconds": {}, "command": {SIGN_ECDSA}, "count": 1}}"#,
                Duration::from_secs(2).as_millis()
            ),
        };
        self.misbehave(&wish);
        true
    }

    fn heal(&self) {
        self.misbehave(r#"{"do": "behave"}"#);
    }

    fn restart(&self) {
        let mut running = self.running.lock();
        let simulator = running.take().unwrap();
        let listen = simulator.listening().connector;
        simulator.stop();
        *running = Some(start(&self.folder, listen));
    }
}

struct Wrong;

impl CredentialSource for Wrong {
    fn resolve(&self, _: &Credential, _: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(Zeroizing::new(b"this is not the password".to_vec()))
    }
}
